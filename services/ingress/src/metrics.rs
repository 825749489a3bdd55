//! What the ingress counts, named once.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

/// What became of a webhook. Each is counted as received, and then once as one of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It arrived.
    Received,
    /// It was kept.
    Queued,
    /// It was known already.
    Duplicate,
    /// Its sender sends too much.
    RateLimited,
    /// It is malformed, unsigned, or not for us.
    Invalid,
    /// It could not be kept.
    Error,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Duplicate => "duplicate",
            Self::RateLimited => "rate_limited",
            Self::Invalid => "invalid",
            Self::Error => "error",
        }
    }
}

/// Counts a webhook of a source under what became of it.
pub fn webhook(source: &'static str, outcome: Outcome) {
    counter!("webhook_requests_total", "source" => source, "status" => outcome.as_str()).increment(1);
}

/// Counts a webhook whose signature is missing or wrong.
pub fn signature_error(source: &'static str) {
    counter!("webhook_signature_errors_total", "source" => source).increment(1);
}

/// Notes how long a webhook took, from its headers to its answer.
pub fn webhook_duration(source: &'static str, duration: Duration) {
    histogram!("webhook_duration_seconds", "source" => source).record(duration.as_secs_f64());
}

/// Shows whether the ingress works without dedup-lock at the moment.
pub fn dedup_lock_away(away: bool) {
    gauge!("ingress_dedup_lock_away").set(if away { 1.0 } else { 0.0 });
}

/// Counts audit events that were given up because the orchestrator was away for too long.
pub fn audit_event_lost() {
    counter!("ingress_audit_events_lost_total").increment(1);
}
