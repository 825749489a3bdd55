//! Which of several appointments is meant: by its car, its day or hour, its place among them, or all of them.

use jiff::civil::DateTime;

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader, cars, picks};
use crate::command::Command;
use crate::state::{Appointment, Asked};
use crate::stock;
use crate::when::When;

/// The exact moments of the appointments that a clause points at by car, place or "allebei"; none where it does not say.
pub(super) fn pointed(reader: &Reader<'_>, clause: &Clause) -> Vec<When> {
    let stand = &reader.state.appointments;
    if stand.len() < 2 || reader.has(clause, Cue::OneOf) {
        return Vec::new();
    }
    if reader.has(clause, Cue::Both) {
        return stand.iter().map(|one| exact(reader, one)).collect();
    }
    let by_car = by_car(reader, clause);
    let meant = if by_car.is_empty() { by_place(reader, clause).into_iter().collect() } else { by_car };
    meant.into_iter().map(|one| exact(reader, one)).collect()
}

fn exact(reader: &Reader<'_>, appointment: &Appointment) -> When {
    When::at(start(reader, appointment))
}

fn start(reader: &Reader<'_>, appointment: &Appointment) -> DateTime {
    appointment.slot.start.to_zoned(reader.now.time_zone().clone()).datetime()
}

fn by_car<'r>(reader: &Reader<'r>, clause: &Clause) -> Vec<&'r Appointment> {
    let inventory = &reader.knowledge.inventory;
    let named = cars::refs(reader, clause);
    let is_meant = |one: &&Appointment| {
        let car = one.car_id.as_deref().and_then(|id| inventory.get(id));
        car.is_some_and(|car| named.iter().any(|named| stock::is_as_described(car, &named.described)))
    };
    reader.state.appointments.iter().filter(is_meant).collect()
}

/// Whether a clause names a car, and no appointment that stands is for it.
pub(super) fn is_for_another_car(reader: &Reader<'_>, clause: &Clause) -> bool {
    let names_a_car = reader.scan.cars_in(clause).next().is_some();
    reader.has_appointment() && names_a_car && by_car(reader, clause).is_empty()
}

/// "De eerste", "die andere": the other one is the one that was not spoken of last.
fn by_place<'r>(reader: &Reader<'r>, clause: &Clause) -> Option<&'r Appointment> {
    let stand = &reader.state.appointments;
    let answers = matches!(reader.state.asked, Some(Asked::WhichAppointment { .. }));
    let numbers = picks::numbers(reader, clause, stand.len());
    let number = match (picks::place(reader, clause), numbers.as_slice()) {
        (Some(place), _) => place,
        (None, [number]) if answers || reader.has(clause, Cue::SlotNoun) => *number,
        _ => return None,
    };
    match number {
        -1 => stand.last(),
        number => usize::try_from(number - 1).ok().and_then(|at| stand.get(at)),
    }
}

/// The answer to "which appointment?": by its car, its place in the list, or all of them.
pub(super) fn answered(reader: &Reader<'_>, clause: &Clause) -> Vec<Draft> {
    let Some(Asked::WhichAppointment { to }) = &reader.state.asked else { return Vec::new() };
    if clause.question() || reader.any(clause, &[Cue::Keep, Cue::NotCancel, Cue::NotMove]) {
        return Vec::new();
    }
    let command = |from: When| match to {
        Some(to) => Command::Move { to: to.clone(), from },
        None => Command::Cancel { from },
    };
    pointed(reader, clause).into_iter().map(|from| reader.draft(clause, command(from))).collect()
}
