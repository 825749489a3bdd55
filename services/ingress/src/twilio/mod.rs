//! Twilio's webhooks: inbound messages and status callbacks.

mod callback;
mod inbound;
mod message;
mod pairs;
mod status;
mod verify;

pub use callback::{CALLBACKS_AT_A_TIME, callback};
pub use inbound::inbound;
pub use verify::Verifier;

/// How Twilio's messages are labelled in metrics.
const SOURCE: &str = "twilio";
/// How Twilio's status callbacks are labelled in metrics.
const CALLBACK_SOURCE: &str = "twilio_status";
