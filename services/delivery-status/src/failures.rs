//! Failures that the provider told late, handed to the sender: it knows whether to repeat, give up or tell a person.

use serde::{Deserialize, Serialize};

/// The kind of the jobs, for people who look at dead letters.
pub const KIND: &str = "ReportFailureV1";

/// The job that waits until the sender has heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureReport {
    /// A message failed or was refused after it was accepted.
    V1 {
        /// Our id.
        message_id: String,
        /// The provider's code; 0 without one.
        error_code: u32,
    },
}
