//! The dealer's calendar.

mod calendar;
mod config;
mod domain;
mod error;
mod metrics;
mod privacy;
mod release;
pub mod slots;
mod store;

pub use calendar::{Calendar, Page};
pub use config::Config;
pub use domain::{Appointment, Booking, Details, Fence, HOLD_TTL, Refusal, Status};
pub use error::Error;
