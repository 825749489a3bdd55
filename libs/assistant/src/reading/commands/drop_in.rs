//! Coming by without an appointment: now, soon, or just to look round.
//!
//! Who names no car wants no test drive: they are welcome, and hear until when the dealer is open. With a car in talk,
//! coming now asks for its first free moment.

use dealer::PracticalTopic;
use jiff::ToSpan;

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader, cars, practical, whens};
use crate::command::{Command, Practical};
use crate::state::{Asked, Topic};
use crate::when::{Days, Hours, When};

/// Who comes now is there within so many minutes.
const NOW_MINUTES: i64 = 150;

/// Reads a clause that announces a visit, or asks for one.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    let others =
        [Cue::Past, Cue::CannotCome, Cue::Cancel, Cue::Late, Cue::Others, Cue::Workshop, Cue::TradeIn];
    if reader.has_appointment() || clause.condition || reader.any(clause, &others) {
        return Vec::new();
    }
    let of_another_matter = practical::is_asked(reader, clause) && !has(Cue::WalkIn);
    if of_another_matter || reader.any(clause, &[Cue::Address, Cue::Route]) {
        return Vec::new();
    }
    let named = cars::refs(reader, clause).iter().any(|car| !car.described.is_empty());
    if has(Cue::Browse) && !named {
        return welcome(reader, clause);
    }
    if has(Cue::Coming) && !has(Cue::Leave) {
        return coming(reader, clause, named);
    }
    let visits =
        has(Cue::Visit) && !reader.any(clause, &[Cue::Drive, Cue::Move, Cue::MoveWeak, Cue::WhenFree]);
    if visits && !named && is_for_no_car(reader) && !names_an_hour(reader, clause) {
        return welcome(reader, clause);
    }
    Vec::new()
}

/// "Ik kom er nu aan": for the car in talk its first moment, else welcome.
fn coming(reader: &Reader<'_>, clause: &Clause, named: bool) -> Vec<Draft> {
    let of_a_car = named || !reader.state.focus.is_empty();
    if !of_a_car && !is_for_no_car(reader) {
        return Vec::new();
    }
    let said = whens::of(reader, clause);
    if !of_a_car {
        return welcome(reader, clause);
    }
    let when = if said.days.is_empty() && said.hours == Hours::Any { now(reader) } else { said };
    let car = cars::refs(reader, clause).into_iter().next();
    vec![reader.draft(clause, Command::Drive { car, when })]
}

/// Today, from now on.
fn now(reader: &Reader<'_>) -> When {
    let from = reader.now.datetime();
    let until = from.saturating_add(NOW_MINUTES.minutes());
    let until = (until.date() == from.date()).then(|| until.time());
    let hours = Hours::Between { from: Some(from.time()), until };
    When { days: vec![Days::on(from.date())], hours, ..When::default() }
}

/// That who comes by is welcome, and until when.
fn welcome(reader: &Reader<'_>, clause: &Clause) -> Vec<Draft> {
    let today = reader.has(clause, Cue::Coming) && reader.scan.moments_in(clause).next().is_none();
    let hours = if today { Practical::HoursOn(reader.now.date()) } else { practical::hours(reader, clause) };
    [Practical::Topic(PracticalTopic::WalkIn), hours]
        .map(|practical| reader.draft(clause, Command::Practical(practical)))
        .to_vec()
}

/// No car is spoken of, and nothing else that somebody would come for.
fn is_for_no_car(reader: &Reader<'_>) -> bool {
    let state = reader.state;
    let talk = state.focus.is_empty() && state.shown.is_empty() && state.missing_car.is_none();
    let topic = matches!(state.topic, Topic::None | Topic::Cars);
    let asked = matches!(
        state.asked,
        Some(
            Asked::AnyCar { .. }
                | Asked::WhichCar { .. }
                | Asked::Drive
                | Asked::When
                | Asked::WhichAppointment { .. }
        )
    );
    let here = !reader.scan.cars.is_empty() || reader.scan.anywhere(Cue::Drive);
    talk && topic && !asked && !here && !reader.has_offer()
}

/// Who names an hour wants an appointment.
fn names_an_hour(reader: &Reader<'_>, clause: &Clause) -> bool {
    let when = whens::of(reader, clause);
    matches!(when.hours, Hours::At(_)) || when.relative.is_some()
}
