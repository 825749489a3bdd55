//! Sends messages out: each exactly once in effect, in order per contact, at the rate the sender may use.
//!
//! A message is accepted in one commit with its job ([`service`]), and goes out by the worker (`worker`): a place in the
//! rate window (`rate`), an attempt written down, a request ([`channel`], [`twilio_channel`]), its outcome written down.
//! What follows from a failure is decided in [`decision`]; an attempt without an answer is settled by [`settlement`]
//! before anything is sent again. Start at [`build`].

pub mod channel;
pub mod config;
pub mod decision;
mod delivery;
pub mod domain;
pub mod error;
mod grpc;
mod jobs;
mod metrics;
mod notice;
mod rate;
mod run;
pub mod service;
pub mod settlement;
pub mod store;
pub mod text;
pub mod twilio_channel;
mod worker;

pub use config::Config;
pub use error::Error;
pub use run::{Deps, Service, build};
