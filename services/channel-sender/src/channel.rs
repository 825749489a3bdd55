//! What the sender asks of a channel, and what a channel can answer.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use model::{ContactAddress, ConversationId, Source, Timestamp};
use twilio::errors::Class;

use crate::domain::Content;

/// One message on its way out, at one attempt.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Our id of the message.
    pub message_id: String,
    /// Counts the attempts of this message from 1.
    pub attempt: i64,
    /// Who gets it.
    pub contact: ContactAddress,
    /// What it carries.
    pub content: Content,
    /// The conversation, where the caller named it by our id; any other spelling may hold a phone number.
    pub conversation: Option<ConversationId>,
    /// W3C trace context that callbacks of this attempt continue.
    pub traceparent: Option<String>,
}

/// A message as the provider has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's id.
    pub sid: String,
    /// The provider's word for how far it is.
    pub status: String,
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took the message.
    Accepted(Accepted),
    /// The provider answered that it did not.
    Refused(Failure),
    /// The request never reached the provider: always safe to repeat. Says why.
    NotReached(&'static str),
    /// No answer, or one that leaves open whether the message was taken; nothing is repeated before that is settled. Says why.
    Ambiguous(&'static str),
}

/// An answer that says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What we do about it.
    pub class: Class,
    /// HTTP status of the answer.
    pub http_status: u16,
    /// The provider's error code, where it gave one.
    pub code: Option<u32>,
    /// How long the provider asks us to wait.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for Failure {
    /// A sentence for people, with nothing of the message in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code}: {}", twilio::errors::explain(code).meaning),
            None => write!(f, "http status {} without an error code", self.http_status),
        }
    }
}

/// Which messages of the provider's log to look at.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Who they went to.
    pub contact: ContactAddress,
    /// The earliest moment one of them can have been made.
    pub since: Timestamp,
}

/// A message of the provider's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The provider's id.
    pub sid: String,
    /// The provider's word for how far it is.
    pub status: String,
    /// Its text.
    pub body: String,
    /// How many media it has.
    pub media: u32,
    /// When the provider made it, to the second; `None` where the log does not say.
    pub created_at: Option<Timestamp>,
    /// True for messages that went out over the API.
    pub is_outbound: bool,
}

/// What the provider knows of one message now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderState {
    /// The provider's word for how far it is.
    pub status: String,
    /// Its error code, when it failed.
    pub error_code: Option<u32>,
    /// Decimal text, negative for a charge; `None` while it is not known.
    pub price: Option<String>,
    /// Currency of the price.
    pub price_unit: Option<String>,
}

/// The provider could not be asked, or did not give an answer that can be read.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The request failed on its way.
    #[error("the provider could not be asked")]
    Transport(#[from] reqwest::Error),
    /// The provider refused to answer.
    #[error("the provider answered with http status {0}")]
    Status(u16),
    /// The answer is not what the provider's interface promises.
    #[error("the provider's answer cannot be read: {0}")]
    Unreadable(&'static str),
}

/// A way out to the customer.
pub trait Channel: Send + Sync {
    /// Which channel this is.
    fn source(&self) -> Source;

    /// The sender whose rate is bounded, as it stands in the key of the rate window.
    fn sender(&self) -> &str;

    /// True when the channel can reach this contact at all.
    fn reaches(&self, contact: &ContactAddress) -> bool;

    /// Sends one message. Not idempotent: a repeated call may send it twice.
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome>;

    /// Reads the provider's log of what went out to a contact, oldest first.
    fn log<'a>(&'a self, lookup: &'a Lookup) -> BoxFuture<'a, Result<Vec<Logged>, AskError>>;

    /// Asks the provider how far one message is; `None` when it does not know it.
    fn fetch<'a>(&'a self, sid: &'a str) -> BoxFuture<'a, Result<Option<ProviderState>, AskError>>;
}

/// The channels that are configured.
#[derive(Clone, Default)]
pub struct Channels(HashMap<Source, Arc<dyn Channel>>);

impl Channels {
    /// These channels, each under its own source.
    pub fn new(channels: impl IntoIterator<Item = Arc<dyn Channel>>) -> Self {
        Self(channels.into_iter().map(|channel| (channel.source(), channel)).collect())
    }

    /// The channel of a source, if it is configured.
    pub fn get(&self, source: Source) -> Option<&Arc<dyn Channel>> {
        self.0.get(&source)
    }

    /// The channels, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Channel>> {
        self.0.values()
    }
}

/// Why a source cannot be answered, and what mends it where something does.
pub const fn missing_configuration(source: Source) -> &'static str {
    match source {
        Source::Twilio => "set TWILIO_ACCOUNT_SID and TWILIO_WHATSAPP_NUMBER",
        Source::Waha | Source::Chatwoot => "the channel is not available in this version",
    }
}
