//! A turn as a graph of small agents over one [`TurnState`]: Router, Extraction, Booking, Conversation, CRM,
//! Escalation.
//!
//! Start at [`Graph::run`]. The outside world is behind [`Agenda`] and [`Crm`]; [`offer_guard`] stands between
//! every reply and the customer.

mod agreement;
mod backend;
mod booking;
mod conversation;
mod crm;
mod escalation;
mod extraction;
mod graph;
mod memory;
pub mod offer_guard;
mod ports;
mod router;
mod slots;
mod state;
#[cfg(test)]
mod tests;

pub use backend::{Backend, Draft, Rules};
pub use crm::{CrmUpdate, Signals};
pub use graph::Graph;
pub use memory::{Appointment, IDLE_AFTER, Lead, Memory, MemoryError, PastTurn, Question};
pub use ports::{Agenda, Booking, Crm, FreeSlot, Hold, LeadScore, LeadStatus, PortError};
pub use state::{
    BookingAction, ContactFacts, FollowUp, Item, Media, Reason, TurnInput, TurnMessage, TurnOutcome,
    TurnState,
};
