//! A status callback: from Twilio's parameters to the row that delivery-status keeps.

use std::time::Duration;

use model::{MessageId, Timestamp};
use proto::delivery::v1::RecordStatusRequest;
use telemetry::mask;
use twilio::MessageStatus;

use super::message::message_sid;
use super::pairs::Pairs;
use crate::problem::FieldError;

/// What of a callback is kept beside the status itself. Every name is of a fact about the message; addresses,
/// names and bodies are not in the list, and what Twilio adds tomorrow is left out until it is known to be harmless.
const KEPT: &[&str] = &[
    "MessageSid",
    "SmsSid",
    "MessageStatus",
    "SmsStatus",
    "AccountSid",
    "MessagingServiceSid",
    "ApiVersion",
    "ErrorCode",
    "ErrorMessage",
    "EventType",
    "ChannelInstallSid",
    "ChannelPrefix",
    "ChannelStatusMessage",
    "RawDlrDoneDate",
];

/// Callbacks of a message older than this start a trace of their own, linked to the message's.
const TRACE_CONTINUED_FOR: Duration = Duration::from_hours(24);

/// What the callback's address says about the send: ours to believe only because the signature covers the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendReference {
    /// Our id of the message, `m`.
    pub message_id: Option<MessageId>,
    /// The number of the attempt, `a`; 0 when it is not named.
    pub attempt: u32,
    /// The W3C traceparent of the send, `t`.
    pub traceparent: Option<String>,
}

impl SendReference {
    /// Reads the query of a callback whose signature has been verified.
    pub fn from_verified_query(query: &str) -> Self {
        let mut reference = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "m" => reference.message_id = value.parse().ok(),
                "a" => reference.attempt = value.parse().unwrap_or(0),
                "t" => reference.traceparent = Some(value.into_owned()),
                _ => {}
            }
        }
        reference
    }

    /// Whether the message is recent enough for the callback to be part of its trace; its id tells when it was made.
    pub fn continues_trace(&self, now: Timestamp) -> bool {
        let Some(made_at) = self.message_id.as_ref().and_then(made_at) else { return true };
        now.since(made_at) <= TRACE_CONTINUED_FOR
    }
}

/// The moment a UUID of version 7 carries in its first 48 bits (RFC 9562, section 5.7).
fn made_at(id: &MessageId) -> Option<Timestamp> {
    let (high, low) = (id.as_str().get(..8)?, id.as_str().get(9..13)?);
    let millis = i64::from_str_radix(&format!("{high}{low}"), 16).ok()?;
    Some(Timestamp::from_millis(millis))
}

/// Reads a status callback, or names every field that is wrong.
pub fn parse(pairs: &Pairs<'_>, reference: &SendReference) -> Result<RecordStatusRequest, Vec<FieldError>> {
    let mut errors = Vec::new();
    let sid = message_sid(pairs).map_err(|error| errors.push(error)).ok();
    let status = status(pairs).map_err(|error| errors.push(error)).ok();
    let error_code = error_code(pairs).map_err(|error| errors.push(error)).ok();
    let (Some(message_sid), Some(status), Some(error_code)) = (sid, status, error_code) else {
        return Err(errors);
    };
    let error_message = pairs.filled("ErrorMessage").or_else(|| pairs.filled("ChannelStatusMessage"));
    Ok(RecordStatusRequest {
        message_sid,
        status: status.as_str().to_owned(),
        error_code,
        error_message: mask::free_text(error_message.unwrap_or_default()),
        provider_payload: payload(pairs),
        message_id: reference.message_id.map(String::from).unwrap_or_default(),
        attempt: reference.attempt,
        org_id: crate::ORG_ID.to_owned(),
        provider: "twilio".to_owned(),
    })
}

fn status(pairs: &Pairs<'_>) -> Result<MessageStatus, FieldError> {
    let word = pairs
        .filled("MessageStatus")
        .or_else(|| pairs.filled("SmsStatus"))
        .ok_or_else(|| FieldError::new("MessageStatus", "is missing: send the status of the message"))?;
    word.trim()
        .parse()
        .map_err(|error: twilio::status::UnknownStatus| FieldError::new("MessageStatus", error.to_string()))
}

fn error_code(pairs: &Pairs<'_>) -> Result<i32, FieldError> {
    let Some(code) = pairs.filled("ErrorCode") else { return Ok(0) };
    match code.trim().parse() {
        Ok(code) if code >= 0 => Ok(code),
        _ => Err(FieldError::new("ErrorCode", "must be a whole number such as 63016")),
    }
}

fn payload(pairs: &Pairs<'_>) -> String {
    let kept = pairs.as_slice().iter().filter(|(name, _)| KEPT.contains(&&**name));
    let object: serde_json::Map<String, serde_json::Value> = kept
        .map(|(name, value)| {
            let somebody_elses_words = matches!(&**name, "ErrorMessage" | "ChannelStatusMessage");
            let value = if somebody_elses_words { mask::free_text(value) } else { value.to_string() };
            (name.to_string(), value.into())
        })
        .collect();
    serde_json::Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Clock, Ids, TestClock};

    const UNDELIVERED: &str = "ChannelPrefix=whatsapp&MessageStatus=undelivered&To=whatsapp%3A%2B5511999990000\
        &From=whatsapp%3A%2B14155238886&MessageSid=SM00000000000000000000000000000002&ErrorCode=63016\
        &ChannelToAddress=%2B551199999XXXX&Body=hallo&ChannelStatusMessage=131047";

    fn read(form: &str) -> Result<RecordStatusRequest, Vec<FieldError>> {
        parse(&Pairs::from_form(form.as_bytes()), &SendReference::default())
    }

    #[test]
    fn a_callback_becomes_a_row_without_addresses_or_words() {
        let row = read(UNDELIVERED).unwrap();
        assert_eq!((row.status.as_str(), row.error_code), ("undelivered", 63016));
        assert_eq!(row.error_message, "131047");
        assert_eq!(row.provider, "twilio");
        let payload: serde_json::Value = serde_json::from_str(&row.provider_payload).unwrap();
        assert_eq!(payload["ChannelStatusMessage"], "131047");
        for private in ["5511999990000", "14155238886", "XXXX", "hallo"] {
            assert!(!row.provider_payload.contains(private), "{private}");
        }
    }

    #[test]
    fn the_query_names_message_attempt_and_trace() {
        let id: MessageId = Ids::seeded(1).next();
        let reference = SendReference::from_verified_query(&format!("m={id}&a=2&t=00-ab-cd-01&x=1"));
        assert_eq!(reference.message_id, Some(id));
        assert_eq!((reference.attempt, reference.traceparent.as_deref()), (2, Some("00-ab-cd-01")));
        let row = parse(&Pairs::from_form(UNDELIVERED.as_bytes()), &reference).unwrap();
        assert_eq!((row.message_id, row.attempt), (id.to_string(), 2));
        assert_eq!(SendReference::from_verified_query("m=nonsense&a=-1"), SendReference::default());
    }

    #[test]
    fn the_trace_is_continued_for_a_day_after_the_message_was_made() {
        let clock = TestClock::default();
        let id: MessageId = Ids::random(clock.shared()).next();
        let reference = SendReference { message_id: Some(id), ..SendReference::default() };
        assert!(reference.continues_trace(clock.now() + Duration::from_hours(24)));
        assert!(!reference.continues_trace(clock.now() + Duration::from_hours(25)));
        assert!(SendReference::default().continues_trace(clock.now()));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let fields = |form: &str| read(form).unwrap_err().iter().map(|error| error.field).collect::<Vec<_>>();
        assert_eq!(fields(""), ["MessageSid", "MessageStatus"]);
        assert_eq!(fields(&UNDELIVERED.replace("=undelivered", "=gone")), ["MessageStatus"]);
        assert_eq!(fields(&UNDELIVERED.replace("63016", "many")), ["ErrorCode"]);
    }
}
