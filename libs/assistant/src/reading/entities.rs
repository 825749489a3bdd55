//! Which of the named things the customer wishes: the entities of an [`super::Analysis`].

use super::amounts::{Amount, Kind, Limit};
use super::analysis::{Entities, Intent};
use super::analyze::Named;
use super::ownership::{self, Whose};
use super::properties::Property;
use super::wishes;
use super::words::{Role, is};

/// The entities wished, given what the message wants done.
pub(super) fn wished(named: &Named<'_>, intent: Intent, urgent: bool) -> Entities {
    let mut entities = Entities {
        name: named.name.clone(),
        email: named.email.clone(),
        phone: named.phone.clone(),
        license_plate: named.plate.clone(),
        urgency: urgent.then_some(true),
        ..Entities::default()
    };
    cars(named, intent, &mut entities);
    let own_car_only =
        matches!(intent, Intent::ServiceRequest | Intent::Complaint | Intent::BookingCancel | Intent::OptOut);
    if !own_car_only {
        properties(named, intent, &mut entities);
        amounts(named, intent, &mut entities);
    }
    moments(named, intent, &mut entities);
    if intent == Intent::BookingChoice {
        pick(named, &mut entities);
    }
    entities
}

fn pick(named: &Named<'_>, entities: &mut Entities) {
    if entities.preferred_date.is_none() && entities.preferred_time.is_none() {
        entities.choice = named.choice;
    } else if named.choice.is_some()
        && (entities.preferred_date.is_none() || entities.preferred_time.is_none())
    {
        let text = &named.text;
        if (0..text.len()).any(|at| is(Role::Choice, text.word(at), "explicit")) {
            entities.choice = named.choice;
            entities.preferred_date = None;
            entities.preferred_time = None;
        }
    }
}

fn cars(named: &Named<'_>, intent: Intent, entities: &mut Entities) {
    let text = &named.text;
    let corrected = wishes::after_correction(text);
    let wished: Vec<_> =
        named.cars.iter().filter(|car| !wishes::is_negated(text, car.from)).cloned().collect();
    let speaks_of_trade = speaks_of_trade_in(named, intent);
    let (traded, wanted): (Vec<_>, Vec<_>) = wished
        .iter()
        .partition(|car| speaks_of_trade && ownership::whose(text, &wished, car) == Whose::TradedIn);
    let pick = |cars: &[&super::cars::CarMention]| {
        let after = cars.iter().find(|car| car.from >= corrected);
        after.or(cars.first()).map(|car| (car.make.clone(), car.model.clone()))
    };
    if let Some((make, model)) = pick(&wanted) {
        (entities.make, entities.model) = (make, model);
        // "een Volkswagen, liefst een Polo": the make alone first, the model later.
        if entities.model.is_none()
            && let Some(fuller) = wanted.iter().find(|car| car.make == entities.make && car.model.is_some())
        {
            entities.model.clone_from(&fuller.model);
        }
    }
    if let Some((make, model)) = pick(&traded) {
        (entities.trade_in_make, entities.trade_in_model) = (make, model);
    }
}

/// Whether the message brings a car to trade in, whatever else it wants.
fn speaks_of_trade_in(named: &Named<'_>, intent: Intent) -> bool {
    let text = &named.text;
    let trade_in = (0..text.len()).any(|at| {
        (is(Role::Asides, text.word(at), "trade_in") && !wishes::is_negated(text, at))
            || (is(Role::Asides, text.word(at), "trades")
                && is(Role::Asides, text.word(at + 1), "trades_after"))
            || (is(Role::Asides, text.word(at), "trades_into")
                && is(Role::Asides, text.word(at + 1), "trade_payment"))
            || (is(Role::Asides, text.word(at), "trade_verb")
                && is(Role::Asides, text.before(at, 1), "before_trade"))
    });
    intent == Intent::TradeIn || trade_in
}

fn properties(named: &Named<'_>, intent: Intent, entities: &mut Entities) {
    let text = &named.text;
    let corrected = wishes::after_correction(text);
    let wanted_from = (speaks_of_trade_in(named, intent)).then(|| ownership::wanted_from(text, &named.cars));
    let kept: Vec<_> = named
        .properties
        .iter()
        .filter(|mention| {
            !wishes::is_negated(text, mention.from) && !wishes::is_asked_about(text, mention.from)
        })
        .filter(|mention| match wanted_from {
            None => true,
            Some(None) => false,
            Some(Some((from, to))) => {
                (from..to).contains(&mention.from) && !of_traded_car(named, intent, mention.from)
            }
        })
        .collect();
    for (property, slot) in [
        (Property::Fuel, &mut entities.fuel),
        (Property::Transmission, &mut entities.transmission),
        (Property::Body, &mut entities.body_type),
        (Property::Color, &mut entities.color),
    ] {
        let mut of_kind = kept.iter().filter(|mention| mention.property == property);
        let first = of_kind.clone().next();
        let after = of_kind.find(|mention| mention.from >= corrected);
        *slot = after.or(first).map(|mention| mention.value.to_owned());
    }
}

/// Whether a property stands right beside the car that is traded in.
fn of_traded_car(named: &Named<'_>, intent: Intent, at: usize) -> bool {
    intent == Intent::TradeIn
        && named.cars.iter().any(|car| {
            ownership::whose(&named.text, &named.cars, car) == Whose::TradedIn
                && (car.to == at || at + 1 == car.from)
        })
}

fn amounts(named: &Named<'_>, intent: Intent, entities: &mut Entities) {
    let text = &named.text;
    let corrected = wishes::after_correction(text);
    let trade = speaks_of_trade_in(named, intent);
    let wanted_from = if trade { ownership::wanted_from(text, &named.cars) } else { Some((0, text.len())) };
    let kept: Vec<&Amount> = named
        .amounts
        .iter()
        .filter(|amount| {
            !trade
                || match wanted_from {
                    Some((from, to)) => {
                        (from..to).contains(&amount.from)
                            && (amount.limited
                                || matches!(amount.kind, Kind::Month)
                                || (amount.kind == Kind::Price && text.same_sentence(from, amount.from)))
                    }
                    None => amount.kind == Kind::Month,
                }
        })
        .collect();
    let corrected_kind =
        |kind: Kind| kept.iter().any(|amount| amount.kind == kind && amount.from >= corrected);
    for amount in kept.iter().filter(|amount| amount.from >= corrected || !corrected_kind(amount.kind)) {
        let value = Some(amount.value);
        match (amount.kind, amount.limit) {
            (Kind::Price, Limit::Least) => entities.price_min_eur = entities.price_min_eur.or(value),
            (Kind::Price, _) => entities.price_max_eur = entities.price_max_eur.or(value),
            (Kind::Month, _) => entities.month_max_eur = entities.month_max_eur.or(value),
            (Kind::Mileage, Limit::Least) => {}
            (Kind::Mileage, _) => entities.mileage_max_km = entities.mileage_max_km.or(value),
            (Kind::Year, Limit::Least) => entities.year_min = entities.year_min.or(value),
            (Kind::Year, Limit::Most) => entities.year_max = entities.year_max.or(value),
            (Kind::Year, Limit::Both) => {
                entities.year_min = entities.year_min.or(value);
                entities.year_max = entities.year_max.or(value);
            }
        }
    }
    if intent == Intent::PriceQuestion
        && !text.tokens.iter().any(|token| is(Role::Asides, &token.norm, "budget"))
    {
        // The figure of a price question is the asking price or a bid.
        entities.price_max_eur = None;
        entities.price_min_eur = None;
    }
}

fn moments(named: &Named<'_>, intent: Intent, entities: &mut Entities) {
    if matches!(
        intent,
        Intent::BookingCancel
            | Intent::Complaint
            | Intent::PracticalInfo
            | Intent::OptOut
            | Intent::Other
            | Intent::Thanks
    ) {
        return;
    }
    if intent == Intent::PriceQuestion || intent == Intent::Financing {
        return;
    }
    let text = &named.text;
    let corrected = wishes::after_correction(text);
    let change = intent == Intent::BookingChange;
    let usable = |from: usize| {
        let moved_away_from = change && is_old(named, from);
        !moved_away_from && !wishes::is_negated(text, from) && !is_refused(named, from)
    };
    let dates: Vec<_> = named.dates.iter().filter(|mention| usable(mention.from)).collect();
    let date = dates.iter().find(|mention| mention.from >= corrected).or(dates.first());
    let date = if change && dates.len() > 1 { dates.last() } else { date };
    entities.preferred_date = date.map(|mention| mention.date.to_string());
    let times: Vec<_> = named.times.iter().filter(|mention| usable(mention.from)).collect();
    let time = times.iter().find(|mention| mention.from >= corrected).or(times.first());
    let time = if change && times.len() > 1 { times.last() } else { time };
    entities.preferred_time =
        time.map(|mention| format!("{:02}:{:02}", mention.minutes / 60, mention.minutes % 60));
}

/// The day or time an appointment is moved away from.
fn is_old(named: &Named<'_>, from: usize) -> bool {
    let text = &named.text;
    let word = |back: usize| text.before(from, back);
    let moved_to = (1..=3).any(|back| is(Role::Asides, word(back), "towards"));
    if moved_to && !is(Role::Asides, word(1), "away") {
        return false;
    }
    let source = is(Role::Asides, word(1), "away_further") || is(Role::Asides, word(2), "away_before");
    let appointment = (1..=4).any(|back| is(Role::Asides, word(back), "appointment"))
        && !(1..=4).any(|back| is(Role::Asides, word(back), "moves_to"));
    source || appointment
}

/// "zaterdag lukt niet", "mijn afspraak van morgen": what is named there is not wished.
fn is_refused(named: &Named<'_>, at: usize) -> bool {
    named
        .moments
        .iter()
        .filter(|moment| moment.negated || moment.past || moment.away)
        .any(|moment| (moment.from..moment.to).contains(&at))
}
