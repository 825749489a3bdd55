//! What goes into a turn and what comes out.

use std::sync::Arc;

use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use super::crm::CrmUpdate;
use super::memory::Memory;
use super::offer_guard::Facts;
use super::ports::{Booking, FreeSlot, LeadScore};
use crate::Knowledge;
use crate::reading::{Analysis, Entities, Language};
use crate::replies::Texts;

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
    /// The dealer as loaded now, with what is known of his cars.
    pub dealer: Arc<Knowledge>,
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
#[expect(clippy::large_enum_variant, reason = "at most one or two exist per degraded turn")]
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

/// One message on its way through the graph.
#[derive(Debug, Clone)]
pub struct Item {
    /// What was understood of its text; nothing when there was only a medium.
    pub analysis: Option<Analysis>,
    /// A later message of the turn took its place.
    pub superseded: bool,
    /// The wishes known once it was read.
    pub wishes: Entities,
    /// What is answered to it.
    pub answer: Option<String>,
}

/// What the agents hand on to each other.
#[derive(Debug, Clone)]
pub struct TurnState {
    /// What the turn started with.
    pub input: TurnInput,
    /// What will be remembered.
    pub memory: Memory,
    /// The language of the reply.
    pub language: Language,
    /// One per message.
    pub items: Vec<Item>,
    /// What happened in the calendar.
    pub booking: BookingAction,
    /// What the reply may claim.
    pub facts: Facts,
    /// The reply so far.
    pub reply: Option<String>,
    /// A person should take over.
    pub escalate: Option<Reason>,
    /// The customer wants no more messages.
    pub opt_out: bool,
    /// Work left undone.
    pub follow_ups: Vec<FollowUp>,
}

impl TurnState {
    /// The state a turn starts with: memory that was idle too long is fresh. Slots that have begun keep their number
    /// on the list the customer sees.
    pub fn new(input: TurnInput) -> Self {
        let now = input.now.timestamp();
        let mut memory = input.memory.clone().fresh_if_idle(now);
        if memory.lead.appointment.as_ref().is_some_and(|appointment| appointment.slot.end < now) {
            memory.lead.appointment = None;
        }
        let language = memory.language.unwrap_or_default();
        let facts = Facts::of(&input.dealer);
        Self {
            input,
            memory,
            language,
            items: Vec::new(),
            booking: BookingAction::None,
            facts,
            reply: None,
            escalate: None,
            opt_out: false,
            follow_ups: Vec::new(),
        }
    }

    /// The texts of the reply's language.
    pub fn texts(&self) -> Texts<'_> {
        Texts::new(&self.input.dealer, self.language)
    }

    /// A moment in the dealer's time zone.
    pub fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.input.dealer.timezone.clone())
    }

    /// The customer's name: as they gave it, else from their profile.
    pub fn customer_name(&self) -> Option<String> {
        let profile = self.input.contact.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        self.memory.lead.name.clone().or_else(|| profile.map(str::to_owned))
    }

    /// Asks for a person, unless a graver reason stands.
    pub fn ask_for_person(&mut self, reason: Reason) {
        self.escalate.get_or_insert(reason);
    }
}
