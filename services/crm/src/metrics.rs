//! The CRM's instruments.

use crate::scoring::LeadStatus;

/// Counts leads by the status they reach: once when they become a lead, and again at each change of status.
pub fn lead_reached(status: LeadStatus) {
    metrics::counter!("leads_total", "status" => status.as_str()).increment(1);
}
