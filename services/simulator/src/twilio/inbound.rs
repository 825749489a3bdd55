//! A customer writes: the message enters the log and its webhook is posted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ::twilio::MessageStatus;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::media::{message_type, sample};
use super::message::{API_VERSION, Direction, Message};
use super::post::{MAX_ANSWER, Posted, Signing, post};
use super::rules::{Draft, is_bsuid, is_e164, is_sid};
use super::twiml::{self, Reply};
use super::world::{PersonChange, Twilio, address};
use crate::faults::{Kind, Spot};
use crate::ledger::{Answer, What};

/// Copies of one webhook posted at the same time.
const COPIES_AT_ONCE: usize = 64;
/// Most copies of one webhook.
const MAX_COPIES: usize = 10_000;

/// What a customer writes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Who: `+31…`, with or without `whatsapp:`, or a business-scoped user id.
    pub from: String,
    /// Text.
    #[serde(default)]
    pub body: String,
    /// The sender's display name.
    #[serde(default = "default_profile_name")]
    pub profile_name: String,
    /// Media.
    #[serde(default)]
    pub media: Vec<WrittenMedia>,
    /// `MessageType`; follows from the media unless given.
    pub message_type: Option<String>,
    /// SID; a new one unless given.
    pub message_sid: Option<String>,
    /// How often the webhook is posted, at the same time; 1 unless given.
    pub copies: Option<usize>,
    /// Where it is posted, with Twilio's overrides in the fragment; the setting unless given.
    pub webhook_url: Option<String>,
    /// False: the message is in Twilio's log, but its webhook is lost.
    pub deliver: Option<bool>,
    /// How long ago it was written (`25h`); now unless given.
    pub age: Option<String>,
    /// How the webhook is signed: `valid`, `wrong` or `none`.
    #[serde(default)]
    pub signing: Signing,
    /// Further webhook parameters, which replace those of the same name (`ButtonPayload`, `Latitude`, …).
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

impl Written {
    /// A text, written now.
    pub fn text(from: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            body: body.into(),
            profile_name: default_profile_name(),
            media: Vec::new(),
            message_type: None,
            message_sid: None,
            copies: None,
            webhook_url: None,
            deliver: None,
            age: None,
            signing: Signing::Valid,
            fields: BTreeMap::new(),
        }
    }
}

/// A medium a customer sends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenMedia {
    /// Its type.
    pub content_type: String,
    /// Where it lies; the simulator serves it itself unless given.
    pub url: Option<String>,
    /// Its bytes; a sample unless given.
    pub base64: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The message's SID.
    pub message_sid: String,
    /// False when the SID was known already.
    pub is_new: bool,
    /// The first answer.
    #[serde(flatten)]
    pub first: Heard,
    /// Every answer, one per copy.
    pub deliveries: Vec<Heard>,
}

/// One answer to a webhook.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Heard {
    /// Status, tries and time.
    #[serde(flatten)]
    pub answer: Answer,
    /// The answer's body, TwiML when all is well.
    pub twiml: String,
    /// SIDs of the messages that the answer made.
    pub replies: Vec<String>,
}

fn default_profile_name() -> String {
    "Klant".to_owned()
}

/// Lets a customer write. Refused with a sentence when what is asked makes no sense.
pub async fn write(twilio: &Twilio, written: Written) -> Result<Outcome, String> {
    let from = address(&written.from);
    let bare = from.strip_prefix("whatsapp:").unwrap_or(&from);
    if !is_e164(bare) && !is_bsuid(bare) {
        return Err("from: expected +31612345678 or a business-scoped user id such as NL.1349".to_owned());
    }
    let sid = match &written.message_sid {
        Some(sid) if is_sid(sid, "SM") || is_sid(sid, "MM") => sid.clone(),
        Some(_) => return Err("message_sid: expected SM or MM and 32 hex digits".to_owned()),
        None => {
            let prefix = if written.media.is_empty() { "SM" } else { "MM" };
            format!("{prefix}{}", twilio.outside.ids.token())
        }
    };
    let copies = written.copies.unwrap_or(1);
    if copies > MAX_COPIES {
        return Err(format!("copies: at most {MAX_COPIES}"));
    }
    let age = written.age.as_deref().map(model::parse::duration).transpose();
    let age = age.map_err(|error| format!("age: {error}"))?.unwrap_or_default();
    let media = place_media(twilio, &sid, &written.media)?;
    let created = twilio.outside.now() - age;
    let message = Message {
        sid: sid.as_str().into(),
        direction: Direction::Inbound,
        from: from.as_str().into(),
        to: twilio.account.sender.as_str().into(),
        body: written.body.as_str().into(),
        seen_body: written.body.as_str().into(),
        media: media.iter().map(|(url, _)| url.as_str().into()).collect(),
        content_sid: None,
        messaging_service: twilio.account.messaging_service.as_deref().map(Into::into),
        status: MessageStatus::Received,
        error: None,
        created,
        sent: Some(created),
        delivered: None,
        read: None,
        updated: created,
        callback: None,
    };
    let (message_sid, customer) = (Arc::clone(&message.sid), Arc::clone(&message.from));
    let opt_out = opt_out_word(twilio, &written.body);
    let pairs = webhook_form(twilio, &message, &written, &media, opt_out);
    let is_new = twilio.receive(message);
    if let Some(word) = opt_out.filter(|word| *word != "HELP") {
        let change =
            PersonChange { address: from, opted_out: Some(word == "STOP"), ..PersonChange::default() };
        twilio.change_person(&change)?;
    }
    let rule = twilio.outside.strike(Spot::Inbound, &customer, &message_sid, None);
    let copies = match rule.as_ref().map(|rule| rule.kind) {
        _ if written.deliver == Some(false) => 0,
        Some(Kind::Drop) => 0,
        Some(Kind::Duplicate) => copies * 2,
        _ => copies,
    };
    if let Some(rule) = rule.filter(|rule| rule.kind == Kind::Delay) {
        tokio::time::sleep(Duration::from_millis(rule.millis.unwrap_or(1_000))).await;
    }
    let url = match &written.webhook_url {
        Some(url) => url.clone(),
        None => twilio.outside.setting(|settings| settings.webhook_url.clone()),
    };
    let deliveries: Vec<Heard> = stream::iter(0..copies)
        .map(|_| deliver(twilio, &url, &pairs, written.signing, &customer, &message_sid))
        .buffer_unordered(COPIES_AT_ONCE)
        .collect()
        .await;
    let first = deliveries.first().cloned().unwrap_or_default();
    Ok(Outcome { message_sid: sid, is_new, first, deliveries })
}

/// Puts media where they can be fetched; address and type of each.
fn place_media(twilio: &Twilio, sid: &str, media: &[WrittenMedia]) -> Result<Vec<(String, String)>, String> {
    media
        .iter()
        .map(|medium| {
            let content_type = medium.content_type.clone();
            if let Some(url) = &medium.url {
                return Ok((url.clone(), content_type));
            }
            let bytes = match &medium.base64 {
                Some(text) => {
                    STANDARD.decode(text).map_err(|_| "media: base64 cannot be decoded".to_owned())?
                }
                None => sample(&content_type),
            };
            let media_sid = twilio.add_media(content_type.clone(), bytes);
            let base = &twilio.outside.base_url;
            let account = &twilio.account.sid;
            Ok((
                format!("{base}/{API_VERSION}/Accounts/{account}/Messages/{sid}/Media/{media_sid}"),
                content_type,
            ))
        })
        .collect()
}

/// The webhook's form, as Twilio fills it; the caller's own fields replace those of the same name.
fn webhook_form(
    twilio: &Twilio,
    message: &Message,
    written: &Written,
    media: &[(String, String)],
    opt_out: Option<&'static str>,
) -> Vec<(String, String)> {
    let bare = message.from.strip_prefix("whatsapp:").unwrap_or(&message.from);
    let wa_id = bare.strip_prefix('+');
    let kind = written
        .message_type
        .as_deref()
        .unwrap_or_else(|| media.first().map_or("text", |(_, content_type)| message_type(content_type)));
    let metadata = json!({
        "type": "whatsapp",
        "data": { "context": { "ProfileName": written.profile_name, "WaId": wa_id } },
    });
    let (num_media, metadata) = (media.len().to_string(), metadata.to_string());
    let mut pairs = vec![
        ("SmsMessageSid", &*message.sid),
        ("NumMedia", &num_media),
        ("ProfileName", &written.profile_name),
        ("MessageType", kind),
        ("SmsSid", &message.sid),
        ("SmsStatus", "received"),
        ("Body", &written.body),
        ("To", &message.to),
        ("NumSegments", "1"),
        ("ReferralNumMedia", "0"),
        ("MessageSid", &message.sid),
        ("AccountSid", &twilio.account.sid),
        ("From", &message.from),
        ("ApiVersion", API_VERSION),
        ("ChannelMetadata", &metadata),
    ];
    pairs.push(wa_id.map_or(("ExternalUserId", &message.from), |wa_id| ("WaId", wa_id)));
    pairs.extend(message.messaging_service.as_deref().map(|service| ("MessagingServiceSid", service)));
    pairs.extend(opt_out.map(|word| ("OptOutType", word)));
    let mut form: BTreeMap<String, String> =
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for (at, (url, content_type)) in media.iter().enumerate() {
        form.insert(format!("MediaUrl{at}"), url.clone());
        form.insert(format!("MediaContentType{at}"), content_type.clone());
    }
    form.extend(written.fields.clone());
    form.into_iter().collect()
}

/// The keyword that Advanced Opt-Out would act on, where it is switched on: a lone word, nothing else.
fn opt_out_word(twilio: &Twilio, body: &str) -> Option<&'static str> {
    if !twilio.outside.setting(|settings| settings.advanced_opt_out) {
        return None;
    }
    match body.trim().to_ascii_uppercase().as_str() {
        "STOP" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" => Some("STOP"),
        "START" | "UNSTOP" => Some("START"),
        "HELP" | "INFO" => Some("HELP"),
        _ => None,
    }
}

/// Posts the webhook once and acts on its answer.
async fn deliver(
    twilio: &Twilio,
    url: &str,
    pairs: &[(String, String)],
    signing: Signing,
    customer: &Arc<str>,
    sid: &Arc<str>,
) -> Heard {
    let mut posted = post(&twilio.outside, &twilio.account, url, pairs, signing).await;
    let replies = match heard_replies(&posted) {
        Ok(replies) => replies,
        Err(problem) => {
            posted.answer.error = Some(problem.to_owned());
            Vec::new()
        }
    };
    twilio.outside.ledger.record(twilio.outside.now(), customer, sid, What::Webhook(posted.answer.clone()));
    let via = if posted.content_type == "text/plain" { "plain_text" } else { "twiml" };
    let mut sids = Vec::new();
    for reply in replies {
        let resource =
            twilio.accept(reply_draft(twilio, reply, customer), Direction::OutboundReply, via).await;
        sids.extend(resource["sid"].as_str().map(str::to_owned));
    }
    Heard { answer: posted.answer, twiml: posted.body, replies: sids }
}

/// The messages an answer makes. TwiML is read from XML and HTML; plain text is sent to the customer as it stands.
/// Source: <https://www.twilio.com/docs/api/twiml/sms/your_response>.
fn heard_replies(posted: &Posted) -> Result<Vec<Reply>, &'static str> {
    let answered_well = posted.answer.http_status.is_some_and(|status| (200..300).contains(&status));
    if !answered_well || posted.body.is_empty() {
        return Ok(Vec::new());
    }
    if posted.body.len() > MAX_ANSWER {
        return Err("11750: the TwiML is larger than 64 kB");
    }
    match posted.content_type.as_str() {
        "text/xml" | "application/xml" | "text/html" => {
            twiml::replies(&posted.body).map_err(|_| "12100: the TwiML cannot be read")
        }
        "text/plain" => Ok(vec![Reply { body: posted.body.clone(), ..Reply::default() }]),
        _ => Err("12300: the answer's Content-Type is missing or wrong"),
    }
}

fn reply_draft(twilio: &Twilio, reply: Reply, customer: &Arc<str>) -> Draft {
    let body: Arc<str> = reply.body.into();
    Draft {
        to: reply.to.map_or_else(|| Arc::clone(customer), |to| address(&to).into()),
        from: twilio.account.sender.as_str().into(),
        messaging_service: None,
        seen_body: Arc::clone(&body),
        body,
        media: reply.media.into_iter().map(Into::into).collect(),
        content_sid: None,
        lacks_variables: false,
        callback: reply.status_callback.map(Into::into),
    }
}
