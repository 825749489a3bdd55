//! Contacts, interactions and deals. No I/O.

use std::collections::BTreeMap;
use std::fmt;

use model::{ContactAddress, ContactId, Timestamp, id};

use crate::scoring::{LeadStatus, Score, Signals};

id!(
    /// Names a deal.
    DealId
);

/// The stage a deal starts in.
pub const FIRST_STAGE: &str = "open";

/// Facts of interest by name: make, model, `price_max_eur` …
pub type Interests = BTreeMap<String, String>;

/// What was said and learned in one turn.
#[derive(Clone)]
pub struct Interaction {
    /// The same key is recorded once.
    pub idempotency_key: String,
    /// The organisation it belongs to.
    pub org_id: String,
    /// Whose it is.
    pub address: ContactAddress,
    /// The contact's name; empty leaves the known one.
    pub name: String,
    /// The contact's e-mail address; empty leaves the known one.
    pub email: String,
    /// The conversation, as the caller spells it.
    pub conversation_id: String,
    /// chat, booking, handoff …
    pub kind: String,
    /// What it was mostly about.
    pub intent: String,
    /// One line for people.
    pub summary: String,
    /// What it told about the lead.
    pub signals: Signals,
    /// Facts of interest; later ones replace earlier ones of the same name.
    pub interests: Interests,
    /// When it took place.
    pub occurred_at: Timestamp,
}

/// What recording an interaction did; a repeat of the key is told the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The contact.
    pub contact_id: ContactId,
    /// This interaction was the contact's first.
    pub contact_created: bool,
    /// This interaction brought the contact's first signal.
    pub lead_created: bool,
    /// The score after it.
    pub points: u32,
    /// The status after it.
    pub status: LeadStatus,
}

/// A contact with its score.
#[derive(Clone)]
pub struct Contact {
    /// Names the contact.
    pub id: ContactId,
    /// Its address.
    pub address: ContactAddress,
    /// Its name, if known.
    pub name: String,
    /// Its e-mail address, if known.
    pub email: String,
    /// What is known to interest it.
    pub signals: Signals,
    /// What the weights made of the signals at the last interaction.
    pub score: Score,
    /// Facts of interest.
    pub interests: Interests,
    /// How many interactions were recorded.
    pub interactions: u32,
    /// When it was first recorded.
    pub created_at: Timestamp,
    /// When it was last recorded.
    pub updated_at: Timestamp,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({}, {:?}, {} points)", self.id, self.address, self.score.points)
    }
}

/// A wish to open a deal.
#[derive(Clone)]
pub struct NewDeal {
    /// The same key opens one deal.
    pub idempotency_key: String,
    /// Whose it is.
    pub address: ContactAddress,
    /// For people: `Volkswagen Golf`.
    pub name: String,
    /// Whole euros.
    pub amount_eur: i32,
}

/// A deal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// Names the deal.
    pub id: DealId,
    /// Whose it is.
    pub address: ContactAddress,
    /// For people.
    pub name: String,
    /// Whole euros.
    pub amount_eur: i32,
    /// How far it is; it starts as [`FIRST_STAGE`].
    pub stage: String,
    /// When it was opened.
    pub created_at: Timestamp,
}
