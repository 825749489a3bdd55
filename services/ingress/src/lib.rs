//! Takes webhooks in: verifies that the provider sent them, reads them, and hands them over before it answers.
//!
//! Start at [`build`]. A request meets `server` (connections), `routes` (paths), `webhook` (what all webhooks share)
//! and then its provider's module: `twilio` holds the signature, the inbound message and the status
//! callback. `peers` is dedup-lock, which may be away, and `audit` what waits for the orchestrator. Nothing is
//! stored here: an event is kept by the service behind, or its sender is told that it is not.

mod audit;
mod config;
mod error;
mod local_limit;
mod metrics;
mod peers;
mod problem;
mod proxy;
mod routes;
mod server;
mod service;
mod twilio;
mod webhook;

pub use config::{Config, SignatureMode};
pub use error::Error;
pub use proxy::{Cidr, InvalidCidr, TrustedProxies};
pub use service::{Deps, Service, build};

use service::App;

/// The organisation of every event while none are configured.
const ORG_ID: &str = "default";
