//! The dealer's CRM: contacts, what was said with them, how warm a lead they are, and deals.
//!
//! Start at [`build`], or at `scoring.rs` (from signals to a lead's status) and `crm.rs` (what recording does).

mod config;
mod crm;
mod domain;
mod error;
mod fields;
mod grpc;
mod metrics;
mod privacy;
mod scoring;
mod service;
mod store;

pub use config::Config;
pub use error::Error;
pub use service::{Deps, Service, build};
pub use store::MIGRATIONS;
