//! The dealer's calendar: free slots from opening hours, holds and appointments; one slot is never sold twice.
//!
//! Start at [`build`], or at `slots.rs` (which moments can be booked) and `calendar.rs` (what happens to an appointment).

mod calendar;
mod config;
mod domain;
mod error;
mod fields;
mod grpc;
mod metrics;
mod privacy;
mod release;
mod service;
mod slots;
mod store;

pub use config::Config;
pub use error::Error;
pub use service::{Deps, Service, build};
pub use store::MIGRATIONS;
