//! What a conversation remembers between turns.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::crm::Signals;
use super::ports::FreeSlot;
use crate::reading::{Entities, Language};

/// A conversation without messages for this long starts fresh.
pub const IDLE_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How many past turns are kept.
const TURNS_KEPT: usize = 6;

/// An appointment of this customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The calendar's id.
    pub id: String,
    /// When.
    pub slot: FreeSlot,
    /// Inventory id of the car, when one is meant.
    pub car_id: Option<String>,
}

/// One past turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastTurn {
    /// What the customer wrote.
    pub customer: String,
    /// What was answered.
    pub reply: String,
}

/// A question that yes answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Would you like a test drive?
    TestDrive,
    /// Shall a colleague have a look?
    Colleague,
}

/// What is known of the lead; outlives an idle day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Lead {
    /// Signals seen so far.
    pub signals: Signals,
    /// The customer's name as they gave it.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number, E.164.
    pub phone: Option<String>,
    /// The appointment that stands.
    pub appointment: Option<Appointment>,
}

/// Memory of one conversation, kept as JSON beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Version of this form; see [`Memory::VERSION`].
    pub version: u32,
    /// Moment of the last turn.
    pub updated_at: Option<Timestamp>,
    /// Language of the conversation.
    pub language: Option<Language>,
    /// The customer was told that this is an automated assistant.
    pub introduced: bool,
    /// Wishes gathered so far.
    pub wishes: Entities,
    /// Cars last shown, by inventory id, first is the one talked about.
    pub shown: Vec<String>,
    /// Slots on offer, number 1 first.
    pub offered: Vec<FreeSlot>,
    /// A slot chosen that waits for the customer's name.
    pub waiting_for_name: Option<FreeSlot>,
    /// The slots on offer are to move the appointment that stands.
    pub moving: bool,
    /// The question the last reply asked, while it has no answer.
    pub asked: Option<Question>,
    /// Messages not understood, in a row.
    pub misunderstood: u32,
    /// The last few turns, oldest first.
    pub turns: Vec<PastTurn>,
    /// What outlives an idle day.
    pub lead: Lead,
}

/// What every version of memory begins with.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    version: u32,
}

/// Memory that this version cannot read.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// Not the JSON it should be.
    #[error("memory is not readable")]
    Json(#[from] serde_json::Error),
    /// Written by a later version of this program.
    #[error("memory has version {0}, newer than this program knows")]
    Newer(u32),
}

impl Memory {
    /// The version written now.
    pub const VERSION: u32 = 1;

    /// Reads what [`Memory::to_json`] wrote; an empty text is a new conversation.
    pub fn from_json(text: &str) -> Result<Self, MemoryError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        // The version first: what a later one wrote may not even have this form.
        let Written { version } = serde_json::from_str(text)?;
        if version > Self::VERSION {
            return Err(MemoryError::Newer(version));
        }
        Ok(serde_json::from_str(text)?)
    }

    /// The form kept in the database.
    pub fn to_json(&self) -> String {
        let current = Self { version: Self::VERSION, ..self.clone() };
        serde_json::to_string(&current).expect("memory holds only text, numbers and lists")
    }

    /// Forgets all but the lead when the conversation has been idle for [`IDLE_AFTER`].
    #[must_use]
    pub fn fresh_if_idle(self, now: Timestamp) -> Self {
        match self.updated_at {
            Some(last) if now.duration_since(last) >= IDLE_AFTER => {
                Self { lead: self.lead, language: self.language, ..Self::default() }
            }
            _ => self,
        }
    }

    /// Adds a turn, letting the oldest go.
    pub fn remember(&mut self, turn: PastTurn) {
        self.turns.push(turn);
        let surplus = self.turns.len().saturating_sub(TURNS_KEPT);
        self.turns.drain(..surplus);
    }
}
