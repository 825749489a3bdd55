//! The CRM agent: what a turn tells about the lead.

use crate::act::Done;
use crate::command::{Command, Reading};
use crate::crm::{CrmUpdate, Signals};
use crate::reading::{Entities, Intent};
use crate::turn::{Effect, TurnInput};
use crate::wishes::Wishes;

/// Gathers the turn's signals into the lead's and makes the update.
pub(crate) fn update(reading: &Reading, done: &Done, input: &TurnInput) -> CrmUpdate {
    let state = &done.state;
    let mut signals = state.signals;
    for read in &reading.commands {
        signals = with(signals, &read.command);
    }
    for analysis in &reading.analyses {
        signals.urgency |= analysis.entities.urgency == Some(true);
    }
    signals.car |= state.wishes.names_a_car() || !state.focus.is_empty();
    signals.budget |= state.wishes.price_max_eur.is_some() || state.wishes.month_max_eur.is_some();
    let reachable = state.email.is_some() || state.phone.is_some() || input.contact.has_phone;
    signals.contact_details |=
        state.name.is_some() && reachable || state.email.is_some() || state.phone.is_some();
    let intent = reading.analyses.iter().map(|analysis| analysis.intent).min().unwrap_or_default();
    let mut entities = entities(&state.wishes);
    entities.name.clone_from(&state.name);
    entities.email.clone_from(&state.email);
    entities.phone.clone_from(&state.phone);
    entities.urgency = signals.urgency.then_some(true);
    entities.trade_in_make.clone_from(&state.trade_in.make);
    entities.trade_in_model.clone_from(&state.trade_in.model);
    CrmUpdate {
        idempotency_key: input.turn_id.clone(),
        intent,
        language: done.language,
        summary: summary(intent, &entities, done),
        entities,
        signals,
    }
}

const fn with(mut signals: Signals, command: &Command) -> Signals {
    match command {
        Command::Drive { .. } | Command::Pick(_) => signals.test_drive = true,
        Command::TradeIn(_) => signals.trade_in = true,
        Command::Finance { .. } => signals.financing = true,
        Command::Buy { .. } | Command::Bid { .. } => signals.buying = true,
        _ => {}
    }
    signals
}

/// The wishes by the contract's names, the first where several would do.
fn entities(wishes: &Wishes) -> Entities {
    let model = wishes.models.first();
    Entities {
        make: model.map(|model| model.make.clone()).or_else(|| wishes.make.clone()),
        model: model.map(|model| model.model.clone()),
        price_min_eur: wishes.price_min_eur,
        price_max_eur: wishes.price_max_eur,
        month_max_eur: wishes.month_max_eur,
        year_min: wishes.year_min,
        year_max: wishes.year_max,
        mileage_max_km: wishes.mileage_max_km,
        fuel: wishes.fuels.first().cloned(),
        transmission: wishes.transmission.clone(),
        body_type: wishes.bodies.first().cloned(),
        color: wishes.colors.first().cloned(),
        ..Entities::default()
    }
}

fn summary(intent: Intent, entities: &Entities, done: &Done) -> String {
    let car = [entities.make.as_deref(), entities.model.as_deref()];
    let car = car.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let what = intent.as_str().trim_start_matches("INTENT_").to_lowercase().replace('_', " ");
    let acts = done.effects.iter().fold(String::new(), |acts, effect| {
        acts + match effect {
            Effect::Confirm { .. } => ", appointment confirmed",
            Effect::Cancel { .. } => ", appointment cancelled",
            Effect::OptOut => ", opted out",
            Effect::OptIn => ", opted in",
            Effect::Amend { .. } | Effect::OpenTask(_) => "",
        }
    });
    if car.is_empty() { format!("{what}{acts}") } else { format!("{what}: {car}{acts}") }
}
