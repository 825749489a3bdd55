//! The conversation: what messages mean, what is answered, and what is done about it.
//!
//! Pure parts first: [`understanding`] reads a message, [`dealer`] says who answers, [`agents`] turns one
//! turn's messages into a [`agents::TurnOutcome`], [`eval`] measures the understanding.

pub mod agents;
pub mod dealer;
pub mod eval;
pub mod replies;
pub mod understanding;
