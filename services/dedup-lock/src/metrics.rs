//! Instruments, named once.

use std::time::Duration;

use metrics::{counter, histogram};

use crate::domain::Claim;

/// Counts a claim by its outcome: `claimed`, `in_progress` or `completed`.
pub fn claimed(claim: Claim) {
    counter!("dedup_claims_total", "outcome" => claim.as_str()).increment(1);
}

/// Counts an Acquire by its outcome, `granted` or `busy`, and how long it took.
pub fn acquired(granted: bool, waited: Duration) {
    let outcome = if granted { "granted" } else { "busy" };
    counter!("lock_acquires_total", "outcome" => outcome).increment(1);
    histogram!("lock_wait_seconds", "outcome" => outcome).record(waited);
}

/// Counts a lease that its holder wanted to renew and had lost.
pub fn lost() {
    counter!("lock_leases_lost_total").increment(1);
}

/// Counts a Take by its outcome: `allowed` or `refused`.
pub fn taken(allowed: bool) {
    let outcome = if allowed { "allowed" } else { "refused" };
    counter!("rate_limit_takes_total", "outcome" => outcome).increment(1);
}

/// Counts a call that failed because the store did.
pub fn store_failed() {
    counter!("coordination_store_errors_total").increment(1);
}
