//! One message as Twilio keeps it and shows it.

use std::sync::Arc;

use ::twilio::MessageStatus;
use ::twilio::errors::explain;
use model::Timestamp;
use serde_json::{Value, json};

/// Version in every resource's address.
pub const API_VERSION: &str = "2010-04-01";

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a customer.
    Inbound,
    /// To a customer, by the REST API.
    OutboundApi,
    /// To a customer, in the answer to a webhook.
    OutboundReply,
}

impl Direction {
    /// The word on Twilio's wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundReply => "outbound-reply",
        }
    }
}

/// One message in the log.
#[derive(Clone, Debug)]
pub struct Message {
    /// `SM…`, or `MM…` with media.
    pub sid: Arc<str>,
    /// Which way it goes.
    pub direction: Direction,
    /// Sender's address.
    pub from: Arc<str>,
    /// Recipient's address.
    pub to: Arc<str>,
    /// Text as the API shows it.
    pub body: Arc<str>,
    /// Text as the recipient sees it: WhatsApp drops it beside video, audio and documents.
    pub seen_body: Arc<str>,
    /// Addresses of its media.
    pub media: Vec<Arc<str>>,
    /// Template it was made from.
    pub content_sid: Option<Arc<str>>,
    /// Messaging Service it goes through.
    pub messaging_service: Option<Arc<str>>,
    /// Current status.
    pub status: MessageStatus,
    /// Why it failed.
    pub error: Option<u32>,
    /// When it was created, or written by the customer.
    pub created: Timestamp,
    /// When it was sent on to WhatsApp, or its webhook was posted.
    pub sent: Option<Timestamp>,
    /// When it reached the recipient's device.
    pub delivered: Option<Timestamp>,
    /// When it was read.
    pub read: Option<Timestamp>,
    /// When it last changed.
    pub updated: Timestamp,
    /// Where its statuses are told.
    pub callback: Option<Arc<str>>,
}

impl Message {
    /// The customer's address, whichever way the message goes.
    pub fn customer(&self) -> &Arc<str> {
        if self.direction == Direction::Inbound { &self.from } else { &self.to }
    }

    /// The moment by which the log is ordered and ranges of `DateSent` select.
    pub fn listed_at(&self) -> Timestamp {
        self.sent.unwrap_or(self.created)
    }

    /// Moves to `status` if that is further along; a callback out of order changes nothing. True when it moved.
    pub fn advance(&mut self, status: MessageStatus, error: Option<u32>, now: Timestamp) -> bool {
        match status {
            MessageStatus::Sent => self.sent = self.sent.or(Some(now)),
            MessageStatus::Delivered => self.delivered = self.delivered.or(Some(now)),
            MessageStatus::Read => self.read = self.read.or(Some(now)),
            _ => {}
        }
        let further = status.rank() > self.status.rank();
        if further {
            self.status = status;
            self.error = error;
            self.updated = now;
        }
        further
    }

    /// The resource as the API shows it.
    pub fn resource(&self, account: &str) -> Value {
        let uri = format!("/{API_VERSION}/Accounts/{account}/Messages/{}", self.sid);
        let unassigned = self.status == MessageStatus::Accepted && self.messaging_service.is_some();
        json!({
            "account_sid": account,
            "api_version": API_VERSION,
            "body": &*self.body,
            "date_created": rfc2822(self.created),
            "date_sent": self.sent.map(rfc2822),
            "date_updated": rfc2822(self.updated),
            "direction": self.direction.as_str(),
            "error_code": self.error,
            "error_message": self.error.map(|code| explain(code).meaning),
            "from": (!unassigned).then_some(&*self.from),
            "messaging_service_sid": self.messaging_service.as_deref(),
            "num_media": self.media.len().to_string(),
            "num_segments": if unassigned { "0" } else { "1" },
            "price": self.price(),
            "price_unit": self.price().map(|_| "USD"),
            "sid": &*self.sid,
            "status": self.status.as_str(),
            "subresource_uris": { "media": format!("{uri}/Media.json") },
            "to": &*self.to,
            "uri": format!("{uri}.json"),
        })
    }

    /// Charged after the fact: Twilio's fee for a message that went out or came in, its processing fee for a failed
    /// one, nothing for an undelivered one. Source: Twilio's WhatsApp pricing page, 2026.
    fn price(&self) -> Option<&'static str> {
        match self.status {
            MessageStatus::Delivered | MessageStatus::Read | MessageStatus::Received => Some("-0.00500"),
            MessageStatus::Failed => Some("-0.00100"),
            _ => None,
        }
    }
}

/// A moment as Twilio writes it: `Thu, 24 Aug 2023 05:01:45 +0000`.
fn rfc2822(moment: Timestamp) -> String {
    moment
        .to_jiff()
        .map_or_else(|_| String::new(), |moment| moment.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
}
