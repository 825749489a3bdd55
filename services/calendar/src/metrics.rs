//! The calendar's instruments.

/// Counts what became of appointments: `held`, `confirmed`, `rescheduled`, `amended`, `cancelled`, `released`, and `taken` for a
/// wish that came too late.
pub fn appointment(outcome: &'static str) {
    metrics::counter!("appointments_total", "outcome" => outcome).increment(1);
}
