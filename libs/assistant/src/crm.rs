//! What a turn tells about the lead.

use dealer::Language;
use serde::{Deserialize, Serialize};

use crate::reading::{Entities, Intent};

/// What is known to interest the customer; points per signal are the CRM's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "eight independent signals, each a yes or no")]
pub struct Signals {
    /// A definite make or model.
    pub car: bool,
    /// A price or monthly limit.
    pub budget: bool,
    /// It must be soon.
    pub urgency: bool,
    /// Wants to see or drive a car.
    pub test_drive: bool,
    /// Has a car to trade in.
    pub trade_in: bool,
    /// Gave a name with an e-mail address or phone number.
    pub contact_details: bool,
    /// Asked about lease or a loan.
    pub financing: bool,
    /// Wants to buy, reserve or bid: hot whatever the points.
    pub buying: bool,
}

/// What one turn adds to the CRM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrmUpdate {
    /// The turn's id: recording it again changes nothing.
    pub idempotency_key: String,
    /// What this turn was mostly about.
    pub intent: Intent,
    /// The customer's language.
    pub language: Language,
    /// What is known by now, earlier turns included.
    pub entities: Entities,
    /// Signals known by now, earlier turns included.
    pub signals: Signals,
    /// One line for people, without the customer's own words.
    pub summary: String,
}
