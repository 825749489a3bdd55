//! Events and counters, as the control routes show them.

use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Something that happened outside.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Place in the order of events, from 1.
    pub seq: u64,
    /// Moment in microseconds since 1970, UTC.
    pub at_us: i64,
    /// The customer it is about, as `whatsapp:+31…`.
    pub address: Text,
    /// The message it is about.
    pub sid: Text,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened; `kind` on the wire.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// A customer wrote.
    Inbound {
        /// Text.
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<Text>,
        /// Number of media.
        media: usize,
    },
    /// The webhook of a customer's message was answered, or could not be.
    Webhook(Answer),
    /// A message to a customer was accepted.
    Message {
        /// Text as the customer sees it.
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<Text>,
        /// How it came: `api`, `twiml`, or `plain_text` (an answer that was no TwiML).
        via: &'static str,
        /// True when this customer was sent the very same text before.
        repeats_text: bool,
    },
    /// A message to a customer changed its status.
    Status {
        /// The new status.
        status: &'static str,
        /// Why, when it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        error_code: Option<u32>,
    },
    /// A status callback was answered, or could not be.
    Callback {
        /// The status told.
        status: &'static str,
        /// The answer.
        #[serde(flatten)]
        answer: Answer,
    },
    /// A request to send was refused.
    Refused {
        /// HTTP status.
        http_status: u16,
        /// Twilio's code.
        code: u32,
    },
    /// We showed the customer that we are typing, which marks the message as read.
    Typing,
    /// A scripted fault struck.
    Fault {
        /// Where.
        on: crate::faults::Spot,
        /// What.
        fault: crate::faults::Kind,
    },
}

/// Text that several places share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub Arc<str>);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// How a request of ours was answered.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Answer {
    /// HTTP status; none when nobody answered.
    pub http_status: Option<u16>,
    /// Tries made.
    pub attempts: u32,
    /// Time from the first try to the answer.
    pub duration_ms: u64,
    /// Why nobody answered, or what was wrong with the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        self.http_status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Exact counts since the start or the last reset.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counters {
    /// Messages that customers wrote.
    pub inbound: u64,
    /// Webhooks answered with 2xx.
    pub webhooks_ok: u64,
    /// Webhooks answered otherwise or not at all.
    pub webhooks_failed: u64,
    /// Messages to customers accepted.
    pub accepted: u64,
    /// Accepted messages whose text the same customer had been sent before, among the last 200,000 messages.
    pub repeated_texts: u64,
    /// Requests to send refused for what they ask or for coming too many at once; scripted faults count as faults.
    pub refused: u64,
    /// Messages that reached `sent`.
    pub sent: u64,
    /// Messages that reached `delivered`.
    pub delivered: u64,
    /// Messages that were read.
    pub read: u64,
    /// Messages that ended as failed or undelivered.
    pub failed: u64,
    /// Status callbacks answered with 2xx.
    pub callbacks_ok: u64,
    /// Status callbacks answered otherwise or not at all.
    pub callbacks_failed: u64,
    /// Typing indicators shown.
    pub typing: u64,
    /// Faults that struck.
    pub faults: u64,
}

/// Exact counts of one customer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CustomerCounters {
    /// Messages they wrote.
    pub inbound: u64,
    /// Messages to them that were accepted.
    pub accepted: u64,
    /// Of those, with a text they had been sent before.
    pub repeated_texts: u64,
    /// Of those, delivered.
    pub delivered: u64,
    /// Of those, read.
    pub read: u64,
    /// Of those, failed or undelivered.
    pub failed: u64,
}

impl What {
    /// The word that stands in `kind` on the wire.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Inbound { .. } => "inbound",
            Self::Webhook(_) => "webhook",
            Self::Message { .. } => "message",
            Self::Status { .. } => "status",
            Self::Callback { .. } => "callback",
            Self::Refused { .. } => "refused",
            Self::Typing => "typing",
            Self::Fault { .. } => "fault",
        }
    }
}
