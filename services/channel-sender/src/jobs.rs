//! What stands in the rows of the queues. A row may be read by a newer program than wrote it, so each carries its version.

use serde::{Deserialize, Serialize};

/// Kind of [`SendJob`], for people.
pub const SEND: &str = "send";
/// Kind of [`RegisterJob`], for people.
pub const REGISTER: &str = "register";

/// A message waits to be sent; lane: the contact's address.
#[derive(Debug, Serialize, Deserialize)]
pub enum SendJob {
    /// First version.
    V1 {
        /// The message or part.
        message_id: String,
    },
}

/// An accepted message waits to be made known to delivery-status; lane: the message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum RegisterJob {
    /// First version.
    V1(Registration),
}

/// What delivery-status is told of an accepted message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registration {
    /// The message or part.
    pub message_id: String,
    /// The organisation.
    pub org_id: String,
    /// The channel it left by.
    pub provider: String,
    /// The provider's id.
    pub message_sid: String,
    /// The provider's word for how far it was when it was accepted.
    pub status: String,
    /// The conversation, as the caller spelled it.
    pub conversation_id: String,
}
