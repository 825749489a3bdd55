//! What became of each message after the provider took it: an append-only log and its latest state.
//!
//! Start at [`build`]. [`domain`] holds the rules (which status wins, where a late one lies in time), [`store`] and
//! [`queries`] the tables, [`service`] the use cases, [`feed`] the live stream.

pub mod domain;
mod config;
mod error;
mod failures;
mod feed;
mod latency;
mod metrics;
mod queries;
mod service;
mod store;

pub use config::Config;
pub use error::Error;
