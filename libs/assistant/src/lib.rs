//! The assistant: what messages mean, what is answered, and what is to be done about it. Text in, effects and a reply
//! out: no database, no gRPC, no service.
//!
//! - [`reading`] understands a message by rules.
//! - [`Knowledge`] is the dealer who answers, with the names of his cars as customers write them; [`stock`] searches
//!   the cars.
//! - [`agents`] turns one turn's messages into a [`agents::TurnOutcome`]; the calendar and the CRM stand behind
//!   [`agents::Agenda`] and [`agents::Crm`].
//! - [`replies`] holds the words, in Dutch, English and German.
//! - [`eval`] measures the reading on labelled messages.

mod knowledge;

pub mod agents;
pub mod eval;
pub mod reading;
pub mod replies;
pub mod stock;

pub use dealer::Language;
pub use knowledge::Knowledge;
