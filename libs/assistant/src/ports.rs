//! What a turn asks of the outside world: it reads and holds, and changes nothing that stands.

use std::future::Future;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::crm::CrmUpdate;

/// Why a port gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// The other side could not be reached or did not answer in time: nothing is known to have happened.
    #[error("{port} could not be reached: {reason}")]
    Unreachable {
        /// Which port.
        port: &'static str,
        /// What went wrong, without customer data.
        reason: String,
    },
    /// The other side answered with an error.
    #[error("{port} refused: {reason}")]
    Refused {
        /// Which port.
        port: &'static str,
        /// What it said, without customer data.
        reason: String,
    },
    /// A newer worker holds this conversation: the turn must end without effect, not degrade.
    #[error("{port} refused a stale fencing token")]
    Stale {
        /// Which port.
        port: &'static str,
    },
}

impl PortError {
    /// Whether trying later can help without having used up a try.
    pub const fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

/// A free moment in the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FreeSlot {
    /// First moment.
    pub start: Timestamp,
    /// Moment after the last.
    pub end: Timestamp,
}

impl From<dealer::Slot> for FreeSlot {
    fn from(slot: dealer::Slot) -> Self {
        Self { start: slot.start, end: slot.end }
    }
}

/// What is to be held in the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The same key gives the same appointment, however often it is asked.
    pub idempotency_key: String,
    /// The slot.
    pub slot: FreeSlot,
    /// What the appointment is about, for people: "Proefrit Volkswagen Polo".
    pub subject: String,
    /// The car's inventory id, when one is meant.
    pub car_id: Option<String>,
    /// Whose appointment it is; `None` while no name is known.
    pub name: Option<String>,
    /// The appointment that this one takes the place of: it is given up when this one is confirmed, not before.
    pub replaces: Option<String>,
}

/// The calendar's answer to a wish for a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// The slot is this customer's.
    Held {
        /// The appointment made.
        appointment_id: String,
    },
    /// Somebody else was first.
    Taken,
}

/// The calendar. Every call is safe to repeat, and none changes an appointment that stands.
pub trait Agenda: Send + Sync {
    /// Every free slot that starts in `[from, to)`, earliest first.
    fn free_slots(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Future<Output = Result<Vec<FreeSlot>, PortError>> + Send;

    /// Holds a slot until it is confirmed or runs out.
    fn hold(&self, booking: &Booking) -> impl Future<Output = Result<Hold, PortError>> + Send;
}

/// How warm a lead is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LeadStatus {
    /// Just looking.
    Cold,
    /// Interested.
    Warm,
    /// About to buy.
    Hot,
}

/// What the CRM makes of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadScore {
    /// Points.
    pub score: u32,
    /// What the points mean.
    pub status: LeadStatus,
}

/// The CRM.
pub trait Crm: Send + Sync {
    /// Records one turn; repeating the same `idempotency_key` records nothing twice.
    fn record(&self, update: &CrmUpdate) -> impl Future<Output = Result<LeadScore, PortError>> + Send;
}
