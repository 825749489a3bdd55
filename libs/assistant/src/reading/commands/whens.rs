//! Moments of a clause, put together.

use jiff::Zoned;
use jiff::civil::{Date, DateTime};

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader};
use crate::command::Command;
use crate::reading::moments::{MomentMention, wish};
use crate::state::State;
use crate::when::{Days, Relative, When};

/// When the slots on offer start, in the dealer's time zone.
pub(super) fn starts(state: &State, now: &Zoned) -> Vec<DateTime> {
    let zone = now.time_zone();
    state.offered.iter().map(|slot| slot.start.to_zoned(zone.clone()).datetime()).collect()
}

/// Everything a clause says of when: refused moments are excluded, past ones and those moved away from say nothing.
pub(super) fn of(reader: &Reader<'_>, clause: &Clause) -> When {
    let mentions: Vec<MomentMention> = reader.scan.moments_in(clause).cloned().collect();
    let mut when = wish(&mentions);
    // "Eerder, half 11": the hour says it all.
    if when.time().is_some() && matches!(when.relative, Some(Relative::Earlier(_) | Relative::Later(_))) {
        when.relative = None;
    }
    if when.days.is_empty()
        && reader.has(clause, Cue::AfterThat)
        && let Some(day) = only_day(reader)
    {
        when.days = vec![Days::on(day)];
    }
    if when.is_empty() && reader.has(clause, Cue::Now) {
        when = When { days: vec![Days::on(reader.now.date())], soon: true, ..When::default() };
    }
    when
}

/// The day on which every appointment of the customer is: what "daarna" counts from.
fn only_day(reader: &Reader<'_>) -> Option<Date> {
    let zone = reader.now.time_zone();
    let mut days = reader.state.appointments.iter().map(|one| one.slot.start.to_zoned(zone.clone()).date());
    let first = days.next()?;
    days.all(|day| day == first).then_some(first)
}

/// A moment without a word of what it is for.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    // "Ben iets later, 10 over 10": no other moment is wished.
    if reader.has_appointment() && reader.before(clause).is_some_and(|last| reader.has(last, Cue::Late)) {
        return Vec::new();
    }
    let when = of(reader, clause);
    // "Morning!" greets.
    let greets = reader.scan.moments_in(clause).all(|said| reader.scan.covers(Cue::Greet, said.from));
    if greets || when.is_empty() || reader.any(clause, &[Cue::Leave, Cue::Past]) {
        return Vec::new();
    }
    if is_near(reader, &when) && !reader.has_offer() {
        let draft = reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) });
        return vec![draft.instead_of("moment", "a few minutes are no other moment")];
    }
    // "Nee wacht, ik bedoel woensdag": what was just booked goes to another day.
    if clause.correction && reader.has_appointment() && !reader.has_offer() && when.day().is_some() {
        let relative = if when.time().is_none() { Some(Relative::SameTime) } else { when.relative };
        let to = When { relative, ..when };
        return vec![reader.draft(clause, Command::Move { to, from: When::default() })];
    }
    vec![reader.draft(clause, Command::Moment(when))]
}

/// Who comes so many minutes sooner or later needs no other appointment.
const NEAR_MINUTES: i64 = 15;

/// Whether an hour without a day lies within minutes of an appointment, though not on it.
pub(super) fn is_near(reader: &Reader<'_>, when: &When) -> bool {
    let Some(time) = when.time().filter(|_| when.days.is_empty()) else { return false };
    let zone = reader.now.time_zone();
    let minutes = |start: jiff::civil::Time| {
        (i64::from(start.hour()) - i64::from(time.hour())) * 60 + i64::from(start.minute())
            - i64::from(time.minute())
    };
    reader
        .state
        .appointments
        .iter()
        .map(|one| minutes(one.slot.start.to_zoned(zone.clone()).time()).abs())
        .any(|apart| (1..=NEAR_MINUTES).contains(&apart))
}
