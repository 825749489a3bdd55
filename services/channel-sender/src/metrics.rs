//! The instruments of this service, named once.

use std::time::Duration;

/// What became of an attempt, as the label has it.
#[derive(Clone, Copy, Debug)]
pub enum SendOutcome {
    /// The provider accepted it.
    Sent,
    /// Tried again soon.
    Retried,
    /// Tried again in minutes.
    Parked,
    /// Given up.
    Failed,
    /// Not allowed out at the moment of sending.
    Refused,
    /// Nobody knows yet.
    Unknown,
}

impl SendOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retried => "retried",
            Self::Parked => "parked",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// Counts what became of an attempt.
pub fn send(channel: &'static str, outcome: SendOutcome) {
    metrics::counter!("channel_sends_total", "channel" => channel, "outcome" => outcome.as_str())
        .increment(1);
}

/// Measures one request to the provider.
pub fn send_duration(channel: &'static str, took: Duration) {
    metrics::histogram!("channel_send_duration_seconds", "channel" => channel).record(took.as_secs_f64());
}

/// Counts a message that had to wait for its place in the rate window, or that the provider put off.
pub fn rate_limited(channel: &'static str) {
    metrics::counter!("channel_rate_limited_total", "channel" => channel).increment(1);
}

/// Measures the way from the customer's message to the provider's acceptance of the answer.
pub fn end_to_end(took: Duration) {
    metrics::histogram!("message_end_to_end_seconds").record(took.as_secs_f64());
}
