//! Extraction: what is known of the customer's wishes after each message.

use super::agreement::agrees;
use super::state::TurnState;
use crate::reading::{Entities, Intent};

/// Gathers wishes and contact details, later ones over earlier ones.
pub(super) fn run(state: &mut TurnState) {
    take_bare_name(state);
    let mut wishes = state.memory.wishes.clone();
    for at in 0..state.items.len() {
        let Some(analysis) = state.items[at].analysis.clone() else { continue };
        remember_contact(state, &analysis.entities);
        if !state.items[at].superseded && keeps_wishes(analysis.intent) {
            gather(&mut wishes, &analysis.entities);
        }
        state.items[at].wishes = wishes.clone();
    }
    state.memory.wishes = wishes;
}

/// A car in the workshop, in a complaint or in an appointment called off is not the wanted one.
const fn keeps_wishes(intent: Intent) -> bool {
    !matches!(
        intent,
        Intent::ServiceRequest | Intent::Complaint | Intent::BookingCancel | Intent::OptOut | Intent::Other
    )
}

fn gather(wishes: &mut Entities, later: &Entities) {
    let other_car = later.make.is_some() || later.model.is_some();
    if other_car {
        // Another car: the old model does not go with it, and what was unlike it may not either.
        wishes.make = None;
        wishes.model = None;
        if later.body_type.is_none() {
            wishes.body_type = None;
        }
        if later.year_min.is_some() || later.year_max.is_some() {
            wishes.year_min = None;
            wishes.year_max = None;
        }
    }
    let mut kept = later.clone();
    kept.choice = None;
    kept.preferred_date = None;
    kept.preferred_time = None;
    kept.name = None;
    kept.email = None;
    kept.phone = None;
    kept.urgency = None;
    wishes.overlay(&kept);
}

fn remember_contact(state: &mut TurnState, entities: &Entities) {
    let lead = &mut state.memory.lead;
    for (slot, value) in [
        (&mut lead.name, &entities.name),
        (&mut lead.email, &entities.email),
        (&mut lead.phone, &entities.phone),
    ] {
        if value.is_some() {
            slot.clone_from(value);
        }
    }
}

/// Asked for a name, people answer with just that; "Jeroen de Wit" wishes no white car then.
fn take_bare_name(state: &mut TurnState) {
    if state.memory.waiting_for_name.is_none() || state.memory.lead.name.is_some() {
        return;
    }
    for (message, item) in state.input.messages.iter().zip(&mut state.items) {
        let text = message.text.trim().trim_end_matches(['.', '!']);
        let plain = !text.is_empty()
            && !agrees(text)
            && text.split_whitespace().count() <= 4
            && text.chars().all(|char| char.is_alphabetic() || " -'’.".contains(char));
        let could_be = |intent| matches!(intent, Intent::Other | Intent::Greeting | Intent::CarInquiry);
        if let Some(analysis) = item.analysis.as_mut().filter(|analysis| plain && could_be(analysis.intent)) {
            let name = analysis.entities.name.take().unwrap_or_else(|| text.to_owned());
            analysis.intent = Intent::Other;
            analysis.entities = Entities { name: Some(name), ..Entities::default() };
        }
    }
}
