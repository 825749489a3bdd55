//! Appointments and what may happen to them. No I/O.

use std::fmt;
use std::time::Duration;

use model::{AppointmentId, ContactAddress, Timestamp};

use crate::slots::{NoSlot, Slot};

/// How long a hold keeps its slot.
pub const HOLD_TTL: Duration = Duration::from_mins(2);

/// Where an appointment is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The slot is kept for a moment, until confirmed.
    Held,
    /// A hold that ran out; it can still be confirmed while nobody else has the slot.
    Released,
    /// Agreed.
    Confirmed,
    /// Agreed, and moved since.
    Rescheduled,
    /// Given up for another one that took its place.
    Replaced,
    /// Called off.
    Cancelled,
    /// It took place.
    Completed,
    /// The customer did not come.
    NoShow,
}

impl Status {
    /// Those with a word of their own in SQL.
    const ALL: [Self; 7] = [
        Self::Held,
        Self::Released,
        Self::Confirmed,
        Self::Rescheduled,
        Self::Cancelled,
        Self::Completed,
        Self::NoShow,
    ];

    /// The word in SQL and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Released => "released",
            Self::Confirmed => "confirmed",
            // A row says by what it was replaced; to whoever counts rows it is an appointment that moved.
            Self::Rescheduled | Self::Replaced => "rescheduled",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
        }
    }

    /// Reads the word; `None` for one this version does not know.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Agreed with the customer and still to come, as far as is known.
    pub const fn is_agreed(self) -> bool {
        matches!(self, Self::Confirmed | Self::Rescheduled)
    }
}

/// An appointment or a hold.
#[derive(Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Names it.
    pub id: AppointmentId,
    /// When it is.
    pub slot: Slot,
    /// Where it is in its life; see [`Appointment::status_at`].
    pub status: Status,
    /// When a hold runs out; for other states it has no meaning.
    pub hold_expires_at: Timestamp,
    /// The car or person it needs; empty is the showroom.
    pub resource: String,
    /// Whose it is, and what about.
    pub details: Details,
    /// The appointment it takes the place of, once it is confirmed.
    pub replaces: Option<AppointmentId>,
    /// The appointment that took its place.
    pub replaced_by: Option<AppointmentId>,
}

/// Whose appointment it is and what it is about.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// The customer's address.
    pub contact: Option<ContactAddress>,
    /// The customer's name.
    pub contact_name: String,
    /// For people: `Proefrit Volkswagen Golf`.
    pub subject: String,
    /// The conversation it was made in, as the caller spells it.
    pub conversation_id: String,
}

impl Appointment {
    /// The status at a moment: a hold is over when its time is, whether or not its row says so yet.
    pub fn status_at(&self, now: Timestamp) -> Status {
        if self.status == Status::Held && self.hold_expires_at <= now {
            Status::Released
        } else {
            self.status
        }
    }
}

impl fmt::Debug for Appointment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Appointment({}, {}, {:?})", self.id, self.status.as_str(), self.slot)
    }
}

/// A caller's right to act in a conversation.
#[derive(Clone, PartialEq, Eq)]
pub struct Fence {
    /// The conversation, as the caller spells it.
    pub conversation_id: String,
    /// The lock's token; higher is newer.
    pub token: i64,
}

/// A wish to take a slot.
#[derive(Clone)]
pub struct Booking {
    /// The same key makes one appointment, however often it is asked.
    pub idempotency_key: String,
    /// When it should start.
    pub start: Timestamp,
    /// The car or person it needs; empty is the showroom.
    pub resource: String,
    /// Whose it is, and what about.
    pub details: Details,
    /// A hold that runs out unless confirmed, instead of an appointment.
    pub hold: bool,
    /// The contact's appointment that is given up when this one is confirmed.
    pub replaces: Option<AppointmentId>,
    /// Checked where the caller acts inside a turn.
    pub fence: Option<Fence>,
}

/// Why the state of things forbids a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No slot starts then.
    #[error("{}", no_slot(*.0))]
    NoSlot(NoSlot),
    /// Somebody else has the slot.
    #[error("the slot is taken; choose another from ListAvailableSlots")]
    Taken,
    /// A newer caller has acted in this conversation.
    #[error("fencing_token is lower than one seen for this conversation; the turn has moved on")]
    Stale,
    /// There is no such appointment.
    #[error("there is no appointment with this appointment_id")]
    NotFound,
    /// What is to be replaced is nobody's, or somebody else's.
    #[error("replaces must be an appointment of the same contact")]
    NothingToReplace,
    /// The appointment is over, so it cannot be confirmed or changed.
    #[error("the appointment is over, called off or given up ({}); book a new one", .0.as_str())]
    Ended(Status),
    /// The hold ran out and the slot is gone.
    #[error("the hold ran out and the slot went to somebody else; book another slot")]
    HoldLost,
    /// The hold ran out and its slot has begun.
    #[error("the hold ran out and the slot has begun; book another slot")]
    HoldTooLate,
}

fn no_slot(why: NoSlot) -> &'static str {
    match why {
        NoSlot::Closed => "start is outside the dealer's hours; choose a slot from ListAvailableSlots",
        NoSlot::BetweenSlots => "start must be the start of a slot as ListAvailableSlots gives it",
        NoSlot::TooSoon => "start is past or sooner than the dealer's notice; choose a later slot",
        NoSlot::TooFar => "start is later than the dealer plans ahead; choose an earlier slot",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("HELD"), None);
    }

    #[test]
    fn a_hold_is_over_when_its_time_is() {
        let ids = model::Ids::seeded(1);
        let start = Timestamp::from_seconds(10_000);
        let hold = Appointment {
            id: ids.next(),
            slot: Slot { start, end: start + Duration::from_hours(1) },
            status: Status::Held,
            hold_expires_at: Timestamp::from_seconds(120),
            resource: String::new(),
            details: Details::default(),
            replaces: None,
            replaced_by: None,
        };
        assert_eq!(hold.status_at(Timestamp::from_seconds(119)), Status::Held);
        assert_eq!(hold.status_at(Timestamp::from_seconds(120)), Status::Released);
        let confirmed = Appointment { status: Status::Confirmed, ..hold };
        assert_eq!(confirmed.status_at(Timestamp::from_seconds(120)), Status::Confirmed);
    }
}
