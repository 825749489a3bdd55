//! The CRM agent: what a turn tells about the lead.

use serde::{Deserialize, Serialize};

use super::state::{BookingAction, TurnState};
use crate::reading::{Entities, Intent, Language};

/// What is known to interest the customer; points per signal are the CRM's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "seven independent signals, each a yes or no")]
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

/// Gathers the turn's signals into the lead's and makes the update.
pub(super) fn update(state: &mut TurnState) -> CrmUpdate {
    let mut signals = state.memory.lead.signals;
    for analysis in state.items.iter().filter_map(|item| item.analysis.as_ref()) {
        let entities = &analysis.entities;
        let wanted = !matches!(analysis.intent, Intent::ServiceRequest | Intent::Complaint);
        signals.car |= wanted && (entities.make.is_some() || entities.model.is_some());
        signals.budget |= entities.price_max_eur.is_some() || entities.month_max_eur.is_some();
        signals.urgency |= entities.urgency == Some(true);
        signals.test_drive |= matches!(analysis.intent, Intent::TestDriveRequest | Intent::BookingChoice);
        signals.trade_in |= analysis.intent == Intent::TradeIn || entities.trade_in_make.is_some();
        signals.financing |= analysis.intent == Intent::Financing || entities.month_max_eur.is_some();
    }
    let lead = &state.memory.lead;
    let reachable = lead.email.is_some() || lead.phone.is_some() || state.input.contact.has_phone;
    signals.contact_details |=
        lead.name.is_some() && reachable || lead.email.is_some() || lead.phone.is_some();
    state.memory.lead.signals = signals;
    let mut entities = state.memory.wishes.clone();
    entities.name.clone_from(&state.memory.lead.name);
    entities.email.clone_from(&state.memory.lead.email);
    entities.phone.clone_from(&state.memory.lead.phone);
    entities.urgency = signals.urgency.then_some(true);
    let intent = main_intent(state);
    CrmUpdate {
        idempotency_key: state.input.turn_id.clone(),
        intent,
        language: state.language,
        entities,
        signals,
        summary: summary(state, intent),
    }
}

/// What the turn was mostly about: the first in order of precedence that says something.
fn main_intent(state: &TurnState) -> Intent {
    let intents =
        state.items.iter().filter(|item| !item.superseded).filter_map(|item| item.analysis.as_ref());
    intents.map(|analysis| analysis.intent).min().unwrap_or_default()
}

fn summary(state: &TurnState, intent: Intent) -> String {
    let wishes = &state.memory.wishes;
    let car =
        [wishes.make.as_deref(), wishes.model.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let what = intent.as_str().trim_start_matches("INTENT_").to_lowercase().replace('_', " ");
    let booking = match &state.booking {
        BookingAction::None => "",
        BookingAction::Held { .. } => ", test drive booked",
        BookingAction::Rescheduled { .. } => ", appointment moved",
        BookingAction::Cancelled { .. } => ", appointment cancelled",
    };
    if car.is_empty() { format!("{what}{booking}") } else { format!("{what}: {car}{booking}") }
}
