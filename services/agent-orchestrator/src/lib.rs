//! The conversation: what messages mean, what is answered, and what is done about it.
//!
//! Pure parts first: [`understanding`] reads a message, [`dealer`] says who answers, [`agents`] turns one
//! turn's messages into a [`agents::TurnOutcome`], [`eval`] measures the understanding.

mod config;
mod error;
mod handoff;
mod outgoing;
mod rpc;
mod service;
mod store;
mod submit;
mod turn;

pub mod agents;
pub mod dealer;
pub mod eval;
pub mod replies;
pub mod understanding;

pub use config::Config;
pub use error::Error;
pub use service::{Deps, Service, build};
pub use store::MIGRATIONS;
