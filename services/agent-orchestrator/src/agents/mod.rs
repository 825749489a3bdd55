//! A turn as a graph of small agents: Router, Extraction, Booking, Conversation, CRM, Escalation.

mod crm;
mod memory;
mod ports;
mod state;

pub use crm::{CrmUpdate, Signals};
pub use memory::{Appointment, IDLE_AFTER, Lead, Memory, MemoryError, PastTurn};
pub use ports::{Agenda, Booking, Crm, FreeSlot, Hold, LeadScore, LeadStatus, PortError};
pub use state::{BookingAction, ContactFacts, FollowUp, Media, Reason, TurnInput, TurnMessage, TurnOutcome};
