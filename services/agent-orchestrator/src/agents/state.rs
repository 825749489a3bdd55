//! What goes into a turn and what comes out.

use std::sync::Arc;

use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use super::crm::CrmUpdate;
use super::memory::Memory;
use super::ports::{Booking, FreeSlot, LeadScore};
use crate::dealer::Dealer;
use crate::understanding::Analysis;

/// What a message carries besides text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// A picture.
    Photo,
    /// A voice note or other sound.
    Voice,
    /// A film.
    Video,
    /// A file.
    Document,
    /// A place on the map.
    Location,
    /// A sticker.
    Sticker,
    /// Somebody's contact card.
    Contact,
    /// A pressed button or a picked list row; its text is the message's text.
    Button,
    /// An emoji put on an earlier message.
    Reaction,
}

impl Media {
    /// The kind that a MIME type stands for.
    pub fn from_content_type(content_type: &str) -> Self {
        let kind = content_type.split(['/', ';']).next().unwrap_or_default();
        match kind.trim().to_ascii_lowercase().as_str() {
            "image" if content_type.contains("webp") => Self::Sticker,
            "image" => Self::Photo,
            "audio" => Self::Voice,
            "video" => Self::Video,
            "text" if content_type.contains("vcard") => Self::Contact,
            _ => Self::Document,
        }
    }
}

/// One message of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnMessage {
    /// Our id of it.
    pub id: String,
    /// What was written; empty when there was only a medium.
    pub text: String,
    /// What came along.
    pub media: Vec<Media>,
    /// When it was sent.
    pub at: Timestamp,
}

/// What is known of the customer from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactFacts {
    /// The name on their `WhatsApp` profile or in the CRM.
    pub name: Option<String>,
    /// Whether a phone number of theirs is known.
    pub has_phone: bool,
}

/// One turn: what it starts with.
#[derive(Debug, Clone)]
pub struct TurnInput {
    /// The turn's durable id; every effect's key derives from it.
    pub turn_id: String,
    /// The messages frozen into the turn, in order of arrival.
    pub messages: Vec<TurnMessage>,
    /// What was remembered after the turn before.
    pub memory: Memory,
    /// The dealer as loaded now.
    pub dealer: Arc<Dealer>,
    /// The moment of the turn, in the dealer's time zone.
    pub now: Zoned,
    /// What is known of the customer.
    pub contact: ContactFacts,
    /// Answer without CRM and calendar when they fail, rather than failing the turn.
    pub degraded: bool,
}

/// What happened in the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingAction {
    /// Nothing.
    #[default]
    None,
    /// A slot is held and must be confirmed once the turn is committed.
    Held {
        /// What to confirm.
        appointment_id: String,
        /// When.
        slot: FreeSlot,
    },
    /// An appointment was moved.
    Rescheduled {
        /// Which.
        appointment_id: String,
        /// To when.
        slot: FreeSlot,
    },
    /// An appointment was called off.
    Cancelled {
        /// Which.
        appointment_id: String,
    },
}

/// Why a person should look at the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The customer asked for one.
    HumanRequested,
    /// The customer is unhappy.
    Complaint,
    /// Anger, a threat, an accident, a lawyer or the press.
    Sensitive,
    /// Two messages in a row were not understood.
    NotUnderstood,
    /// Something the customer needs could not be done now.
    Failure,
}

impl Reason {
    /// The word used as metric label and in audit rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HumanRequested => "human_requested",
            Self::Complaint => "complaint",
            Self::Sensitive => "sensitive",
            Self::NotUnderstood => "not_understood",
            Self::Failure => "failure",
        }
    }
}

/// Work that a degraded turn left undone, to be queued with its commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowUp {
    /// Record the turn in the CRM.
    RecordCrm(CrmUpdate),
    /// A person should offer the customer a time.
    OfferSlots,
    /// A person should make this appointment.
    Book(Booking),
    /// A person should move this appointment.
    Reschedule {
        /// Which.
        appointment_id: String,
    },
    /// Call this appointment off.
    Cancel {
        /// Which.
        appointment_id: String,
    },
}

/// What a turn comes to. Nothing of it is committed yet, but for what the ports already did.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnOutcome {
    /// What to send; `None` when silence is right.
    pub reply: Option<String>,
    /// What to remember.
    pub memory: Memory,
    /// What was, or must be, recorded in the CRM.
    pub crm: CrmUpdate,
    /// The CRM's answer, when there was one.
    pub lead: Option<LeadScore>,
    /// What happened in the calendar.
    pub booking: BookingAction,
    /// A person should take over.
    pub escalate: Option<Reason>,
    /// The customer wants no more messages.
    pub opt_out: bool,
    /// One per message of the turn.
    pub analyses: Vec<Analysis>,
    /// Work left undone.
    pub follow_ups: Vec<FollowUp>,
}
