//! What every part of Proefrit that speaks to Twilio, or plays Twilio, agrees on.
//!
//! Start at [`signature`] for the webhook signature, [`TwilioAccount`] for the settings, [`errors`] for what an
//! error code means for us, and [`status`] for the words of a message's life and their order. Nothing here does I/O.

pub mod account;
pub mod errors;
pub mod signature;
pub mod status;

pub use account::{Credentials, PublicBaseUrl, SenderNumber, TwilioAccount};
pub use signature::Algorithm;
pub use status::MessageStatus;
