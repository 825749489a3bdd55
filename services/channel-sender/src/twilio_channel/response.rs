//! What Twilio's answers mean.

use std::time::Duration;

use jiff::fmt::rfc2822;
use model::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use twilio::errors::{Class, classify_response};

use crate::channel::{Accepted, Failure, Logged, Outcome, ProviderState};

/// A message as Twilio writes it; anything may be null
/// (<https://www.twilio.com/docs/messaging/api/message-resource>).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MessageResource {
    pub sid: Option<String>,
    pub status: Option<String>,
    pub body: Option<String>,
    pub num_media: Option<String>,
    pub direction: Option<String>,
    pub date_created: Option<String>,
    pub error_code: Option<u32>,
    pub price: Option<String>,
    pub price_unit: Option<String>,
}

impl MessageResource {
    /// The message as a row of the log; `None` without a sid.
    pub fn logged(self) -> Option<Logged> {
        Some(Logged {
            sid: self.sid?,
            status: self.status.unwrap_or_default(),
            body: self.body.unwrap_or_default(),
            media: self.num_media.and_then(|count| count.parse().ok()).unwrap_or(0),
            created_at: self.date_created.as_deref().and_then(moment),
            is_outbound: self.direction.is_none_or(|direction| direction.starts_with("outbound")),
        })
    }
}

impl From<MessageResource> for ProviderState {
    fn from(message: MessageResource) -> Self {
        Self {
            status: message.status.unwrap_or_default(),
            error_code: message.error_code,
            price: message.price,
            price_unit: message.price_unit,
        }
    }
}

/// Reads `Thu, 24 Aug 2023 05:01:45 +0000`.
fn moment(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|moment| Timestamp::from_jiff(moment.timestamp()))
}

/// The body of a refusal; the code may be missing and the body may be no JSON at all.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: Option<u32>,
}

/// Reads the answer to a create request.
pub(super) async fn outcome(answer: reqwest::Response) -> Outcome {
    let status = answer.status();
    let retry_after = retry_after(answer.headers());
    let Ok(body) = answer.bytes().await else {
        return if status.is_client_error() {
            refused(status.as_u16(), None, retry_after)
        } else {
            Outcome::Ambiguous("connection lost within the answer")
        };
    };
    if status.is_success() {
        let message: MessageResource = serde_json::from_slice(&body).unwrap_or_default();
        return match message.sid {
            Some(sid) => Outcome::Accepted(Accepted { sid, status: message.status.unwrap_or_default() }),
            None => Outcome::Ambiguous("accepted without a message id"),
        };
    }
    let refusal: Refusal = serde_json::from_slice(&body).unwrap_or_default();
    refused(status.as_u16(), refusal.code, retry_after)
}

fn refused(http_status: u16, code: Option<u32>, retry_after: Option<Duration>) -> Outcome {
    match classify_response(http_status, code) {
        Class::Ambiguous => Outcome::Ambiguous("server error"),
        // Only Twilio's own word says that a 503 was not processed; one from a proxy in between says nothing.
        Class::Retry if http_status >= 500 && code.is_none() => Outcome::Ambiguous("server error"),
        class => Outcome::Refused(Failure { class, http_status, code, retry_after }),
    }
}

/// Reads `Retry-After` in seconds; the form with a date is not used by Twilio.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(status: u16, body: &'static str) -> Outcome {
        let answer = http::Response::builder().status(status).header("retry-after", "7").body(body).unwrap();
        outcome(answer.into()).await
    }

    #[tokio::test]
    async fn each_answer_has_one_meaning() {
        let failure = |class, http_status, code| {
            Outcome::Refused(Failure { class, http_status, code, retry_after: Some(Duration::from_secs(7)) })
        };
        for (status, body, expected) in [
            (
                201,
                r#"{"sid":"SM1","status":"queued","price":null,"error_code":null}"#,
                Outcome::Accepted(Accepted { sid: "SM1".to_owned(), status: "queued".to_owned() }),
            ),
            (201, "{}", Outcome::Ambiguous("accepted without a message id")),
            (201, "<html>", Outcome::Ambiguous("accepted without a message id")),
            (429, r#"{"code":20429,"status":429}"#, failure(Class::Retry, 429, Some(20429))),
            (429, "slow down", failure(Class::Retry, 429, None)),
            (500, r#"{"code":20500}"#, Outcome::Ambiguous("server error")),
            (502, "<html>", Outcome::Ambiguous("server error")),
            (503, r#"{"code":20503}"#, failure(Class::Retry, 503, Some(20503))),
            (503, "<html>", Outcome::Ambiguous("server error")),
            (400, r#"{"code":21610}"#, failure(Class::OptOut, 400, Some(21610))),
            (400, r#"{"code":21211}"#, failure(Class::Recipient, 400, Some(21211))),
            (401, r#"{"code":20003}"#, failure(Class::Configuration, 401, Some(20003))),
            (400, "{}", failure(Class::Unknown, 400, None)),
            (301, "", failure(Class::Unknown, 301, None)),
        ] {
            assert_eq!(read(status, body).await, expected, "{status} {body}");
        }
    }

    #[test]
    fn a_logged_message_is_read_with_its_moment() {
        let json = r#"{"sid":"SM1","status":"sent","body":"Hoi","num_media":"1","direction":"outbound-api",
                       "date_created":"Thu, 24 Aug 2023 05:01:45 +0000","error_code":63016,"price":"-0.00750"}"#;
        let logged = serde_json::from_str::<MessageResource>(json).unwrap().logged().unwrap();
        assert_eq!((logged.media, logged.is_outbound), (1, true));
        assert_eq!(logged.created_at, Some(Timestamp::from_seconds(1_692_853_305)));
    }
}
