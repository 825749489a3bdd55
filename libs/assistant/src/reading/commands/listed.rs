//! Cars of the list just shown.

use super::scan::Clause;
use super::{Draft, Reader, picks};
use crate::command::{CarRef, Command, Field, Pick};
use crate::state::Asked;
use crate::wishes::{Order, Wishes};

/// The cars last shown, when a question compares without naming any.
pub(super) fn listed(reader: &Reader<'_>) -> Vec<CarRef> {
    match reader.state.shown.len() {
        shown @ 2..=5 => {
            (1..).take(shown).map(|place| CarRef { place: Some(place), ..CarRef::default() }).collect()
        }
        _ => Vec::new(),
    }
}

/// "Welcher davon ist ein Diesel?", "welke heeft het minst gelopen?": the one of the list that is so.
pub(super) fn among_listed(reader: &Reader<'_>, wishes: &Wishes) -> Option<Vec<CarRef>> {
    let tells = wishes.order.is_some()
        || wishes.transmission.is_some()
        || !(wishes.fuels.is_empty() && wishes.bodies.is_empty() && wishes.colors.is_empty());
    let listed = reader.state.shown.len() > 1 && tells && !wishes.names_a_car();
    listed.then(|| vec![CarRef { described: wishes.clone(), pointing: true, ..CarRef::default() }])
}

/// Whether an order is all that is wished.
pub(super) fn is_superlative(wishes: &Wishes) -> bool {
    wishes.order.is_some() && Wishes { order: None, ..wishes.clone() }.is_empty()
}

/// What an order is by.
pub(super) const fn asked_by(order: Order) -> Field {
    match order {
        Order::Cheapest | Order::Dearest | Order::NearLimit => Field::Price,
        Order::Newest => Field::Year,
        Order::FewestKilometres => Field::Mileage,
    }
}

/// A number where it was asked which car.
pub(super) fn numbered(reader: &Reader<'_>, clause: &Clause) -> Option<Draft> {
    let Some(Asked::WhichCar { cars, .. }) = &reader.state.asked else { return None };
    if reader.has_offer() {
        return None;
    }
    let numbers = picks::numbers(reader, clause, cars.len());
    let short = clause.to - clause.from <= 6 && reader.scan.cars_in(clause).next().is_none();
    match numbers.as_slice() {
        [number] if short && !clause.question() => {
            Some(reader.draft(clause, Command::Pick(Pick::Number(*number))))
        }
        _ => None,
    }
}
