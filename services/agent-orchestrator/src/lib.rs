//! The conversation: every message is kept, what waits is answered in turns, and what was decided is carried out.
//!
//! What a message means and what is answered is decided by the [`assistant`]; here it runs under lease, lock and fence,
//! and what it comes to is committed whole.

mod config;
mod error;
mod handoff;
mod keys;
mod knowledge;
mod outgoing;
mod rpc;
mod service;
mod store;
mod submit;
mod tasks;
mod turn;

pub use config::Config;
pub use error::Error;
pub use service::{Deps, Service, build};
pub use store::MIGRATIONS;
