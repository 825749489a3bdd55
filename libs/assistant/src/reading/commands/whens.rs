//! Moments of a clause, put together.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, Zoned};

use super::phrases::{Cue, Hit};
use super::scan::Clause;
use super::{Draft, Reader, choice_words};
use crate::command::{Command, Plain};
use crate::reading::moments::{MomentMention, wish};
use crate::reading::words::{self, Role};
use crate::state::{Asked, State};
use crate::when::{Days, Hours, Relative, When};

/// When the slots on offer start, in the dealer's time zone.
pub(super) fn offered(state: &State, now: &Zoned) -> Vec<DateTime> {
    state.offered.iter().map(|slot| local(slot.start, now)).collect()
}

/// When the appointments that stand start, likewise.
pub(super) fn standing(state: &State, now: &Zoned) -> Vec<DateTime> {
    state.appointments.iter().map(|one| local(one.slot.start, now)).collect()
}

fn local(start: Timestamp, now: &Zoned) -> DateTime {
    start.to_zoned(now.time_zone().clone()).datetime()
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
        let end = reader.state.appointments.last().map(|one| local(one.slot.end, reader.now).time());
        if let (Hours::Any, None, Some(end)) = (when.hours, when.relative, end) {
            when.hours = Hours::Between { from: Some(end), until: None };
        }
    }
    if when.hours == Hours::Any
        && reader.has(clause, Cue::RightAfter)
        && names_a_drive(reader, clause)
        && let Some(end) = reader.state.appointments.last().map(|one| one.slot.end)
    {
        let end = end.to_zoned(reader.now.time_zone().clone()).datetime();
        when = When { not_days: when.not_days, ..When::at(end) };
    }
    if when.is_empty() && reader.has(clause, Cue::Now) {
        when = When { days: vec![Days::on(reader.now.date())], soon: true, ..When::default() };
    }
    when
}

/// The moments of a clause one by one, when it names as many hours as cars: "om 11 uur de Audi en om 14 uur de Mercedes".
/// A day that is said once holds for all.
pub(super) fn each(reader: &Reader<'_>, clause: &Clause, cars: usize) -> Option<Vec<When>> {
    let said: Vec<&MomentMention> = reader.scan.moments_in(clause).collect();
    let of_hours = said.iter().filter(|one| one.when.time().is_some()).count();
    let definite = said.iter().all(|one| {
        let day_alone = one.when.hours == Hours::Any && one.when.day().is_some();
        !one.negated && !one.past && !one.away && (one.when.time().is_some() || day_alone)
    });
    if cars < 2 || of_hours != cars || !definite {
        return None;
    }
    let mut days = said.first().map(|one| one.when.days.clone()).unwrap_or_default();
    let mut whens = Vec::with_capacity(cars);
    for one in said {
        if !one.when.days.is_empty() {
            days.clone_from(&one.when.days);
        }
        if one.when.time().is_some() {
            whens.push(When { days: days.clone(), ..one.when.clone() });
        }
    }
    // "De Polo om 10 en de Golf om 11, vrijdag": a day said last holds for what was said before it.
    for when in &mut whens {
        if when.days.is_empty() {
            when.days.clone_from(&days);
        }
    }
    Some(whens)
}

/// "Seid ihr heute offen? Bin so um 11 da": an hour without a day is perhaps meant on the only day that the turn names.
pub(super) fn with_the_day_named(reader: &Reader<'_>, drafts: &mut [Draft]) {
    let wished = reader.scan.moments.iter().filter(|said| !said.negated && !said.past && !said.away);
    let mut days: Vec<Days> = wished.flat_map(|said| said.when.days.iter().copied()).collect();
    days.dedup();
    let [day] = days.as_slice() else { return };
    if day.first != day.last || reader.has_offer() || reader.has_appointment() {
        return;
    }
    for draft in drafts {
        if let Command::Drive { when, .. } | Command::Moment(when) = &mut draft.command
            && when.days.is_empty()
            && when.not_days.is_empty()
            && when.relative.is_none()
            && matches!(when.hours, Hours::At(_) | Hours::Around(_))
        {
            when.days = vec![*day];
            draft.plain = Plain::Doubtful;
        }
    }
}

/// Whether a sentence speaks of a car or a drive: "meteen daarna ook de Ibiza", not "meteen daarna moet ik weg".
fn names_a_drive(reader: &Reader<'_>, clause: &Clause) -> bool {
    let names = |one: &Clause| reader.scan.cars_in(one).next().is_some() || reader.has(one, Cue::Drive);
    reader.scan.clauses.iter().any(|one| one.sentence == clause.sentence && names(one))
}

/// The day on which every appointment of the customer is: what "daarna" counts from.
fn only_day(reader: &Reader<'_>) -> Option<Date> {
    let zone = reader.now.time_zone();
    let mut days = reader.state.appointments.iter().map(|one| one.slot.start.to_zoned(zone.clone()).date());
    let first = days.next()?;
    days.all(|day| day == first).then_some(first)
}

/// Why a moment beside an appointment wishes no other.
pub(super) const ASIDE: &str = "it is about something else";

/// A moment without a word of what it is for.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    // "Ben iets later, 10 over 10": no other moment is wished.
    if reader.has_appointment() && reader.before(clause).is_some_and(|last| reader.has(last, Cue::Late)) {
        return Vec::new();
    }
    let when = of(reader, clause);
    // "Morning!" greets.
    let greets = reader.scan.moments_in(clause).all(|said| reader.scan.covers(Cue::Greet, said.from));
    if greets || when.is_empty() || leaves(reader, clause) || reader.has(clause, Cue::Past) {
        return Vec::new();
    }
    // "Moet om 2 uur weer op kantoor zijn": what stands stays.
    let bounded = |said: &MomentMention| said.bound && said.when.days.is_empty();
    if reader.scan.moments_in(clause).next().is_some_and(bounded)
        && reader.has_appointment()
        && !reader.has_offer()
    {
        return vec![reader.draft(clause, Command::Keep).instead_of("moment", ASIDE)];
    }
    if is_near(reader, &when) && !reader.has_offer() {
        let draft = reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) });
        return vec![draft.instead_of("moment", "a few minutes are no other moment")];
    }
    if let Some(to) = corrected(reader, clause, &when) {
        let draft = reader.draft(clause, Command::Move { to, from: When::default() });
        return vec![if is_small_figure(reader, clause) { draft.doubtful() } else { draft }];
    }
    if is_for_another(reader, clause) {
        return vec![reader.draft(clause, Command::Drive { car: None, when })];
    }
    // "Zelfde tijd op vrijdag graag": of what stands.
    if reader.has_appointment()
        && !reader.has_offer()
        && when.relative == Some(Relative::SameTime)
        && when.day().is_some()
        && !clause.question()
        && choice_words::are_all(reader, clause)
    {
        return vec![reader.draft(clause, Command::Move { to: when, from: When::default() })];
    }
    if is_aside(reader, clause, &when) {
        return vec![reader.draft(clause, Command::Keep).instead_of("moment", ASIDE)];
    }
    vec![reader.draft(clause, Command::Moment(when))]
}

/// "Bis Donnerstag!" takes leave, "Donnerstag bis 11 Uhr" is a range.
fn leaves(reader: &Reader<'_>, clause: &Clause) -> bool {
    let ranges = |from: usize| {
        let ends_range = |said: &MomentMention| {
            said.from < from && from < said.to && matches!(said.when.hours, Hours::Between { .. })
        };
        reader.scan.moments_in(clause).any(ends_range)
    };
    let courtesy = |at: usize| {
        [Cue::Filler, Cue::Yes, Cue::Small, Cue::Thanks, Cue::Greet, Cue::And, Cue::Fits, Cue::Leave]
            .iter()
            .any(|cue| reader.scan.covers(*cue, at))
    };
    // "Ich arbeite bis 14 Uhr": what takes leave follows courtesies only.
    let led = |hit: Hit| {
        let ends_moment = reader.scan.moments_in(clause).any(|said| said.from == hit.from);
        !ends_moment || (clause.from..hit.from).all(courtesy)
    };
    reader.scan.hits_of(clause, Cue::Leave).any(|hit| !ranges(hit.from) && led(hit))
}

/// "Could you bring it forward an hour?", "schuif maar een week op": what stands is moved by a length.
pub(super) fn shifted(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let by_length = |relative| {
        matches!(
            relative,
            Some(Relative::DaysLater(_) | Relative::Later(Some(_)) | Relative::Earlier(Some(_)))
        )
    };
    let language = reader.scan.language.or(reader.state.language).unwrap_or_default();
    let says_shift = |said: &MomentMention| {
        (clause.from..said.to).any(|at| {
            words::phrase(language, Role::Shifts, &reader.scan.text, at)
                .is_some_and(|(_, value)| at >= said.from || value.ends_with(" before"))
        })
    };
    let moved = reader.scan.moments_in(clause).any(|said| by_length(said.when.relative) && says_shift(said));
    let late = reader.any(clause, &[Cue::Late, Cue::Past]);
    if !reader.has_appointment() || reader.has_offer() || !moved || late {
        return Vec::new();
    }
    let draft = reader.draft(clause, Command::Move { to: of(reader, clause), from: When::default() });
    vec![if clause.question() { draft.doubtful() } else { draft }]
}

/// "Om 14 uur moet ik alweer weg", "zaterdag ben ik jarig" beside an appointment: no other moment is wished.
fn is_aside(reader: &Reader<'_>, clause: &Clause, when: &When) -> bool {
    let wishes = [
        Cue::Wants,
        Cue::Move,
        Cue::MoveWeak,
        Cue::Refuse,
        Cue::CannotCome,
        Cue::TooEarly,
        Cue::TooLate,
        Cue::Fits,
        Cue::Choose,
        Cue::Visit,
        Cue::Correction,
        Cue::Mistake,
        Cue::Available,
    ];
    let positive = !when.days.is_empty() || when.time().is_some();
    reader.has_appointment()
        && !reader.has_offer()
        && reader
            .state
            .asked
            .as_ref()
            .is_none_or(|asked| matches!(asked, Asked::Name | Asked::NameProposed { .. }))
        && positive
        && !clause.question()
        && !reader.any(clause, &wishes)
        && !choice_words::are_all(reader, clause)
}

/// "Nee wacht, ik bedoel woensdag", "oeps, 15 uur moest het zijn", "3pm, not 11": where what was just booked goes.
fn corrected(reader: &Reader<'_>, clause: &Clause, when: &When) -> Option<When> {
    if !reader.has_appointment() || reader.has_offer() || clause.question() {
        return None;
    }
    let before = reader.before(clause).filter(|last| last.sentence == clause.sentence);
    let takes_back = reader.has(clause, Cue::Correction)
        || clause.correction
        || before.is_some_and(|last| last.to - last.from <= OPENING && reader.has(last, Cue::Mistake))
        || reader.has(clause, Cue::Mistake);
    let zone = reader.now.time_zone();
    let denied = reader.state.appointments.iter().any(|one| {
        let start = one.slot.start.to_zoned(zone.clone());
        when.not_hours.contains(&start.time()) || when.not_days.contains(&start.date())
    });
    let definite = when.day().is_some() || when.time().is_some();
    if !definite || !(takes_back || denied) {
        return None;
    }
    let relative = if when.time().is_none() { Some(Relative::SameTime) } else { when.relative };
    Some(When { relative, ..when.clone() })
}

/// A clause that opens a correction has no more words: "oh sorry, 15 uur bedoel ik".
const OPENING: usize = 3;

/// "Is 14 uur ook nog vrij? Mijn zoon wil ook": another drive, and no other moment for the one that stands.
pub(super) fn is_for_another(reader: &Reader<'_>, clause: &Clause) -> bool {
    let wants_too = |one: &Clause| reader.has(one, Cue::WantsToo);
    reader.has_appointment()
        && !reader.has_offer()
        && (wants_too(clause)
            || reader.next(clause).is_some_and(wants_too)
            || reader.before(clause).is_some_and(wants_too))
}

/// "Nee sorry 2" right after a booking: an hour, or the number of a list that is gone.
pub(super) fn is_small_figure(reader: &Reader<'_>, clause: &Clause) -> bool {
    const LAST: u8 = 6;
    let booked = matches!(reader.state.asked, Some(Asked::Name | Asked::NameProposed { .. }));
    let small = |said: &MomentMention| {
        said.to == said.from + 1
            && reader.scan.text.word(said.from).parse().is_ok_and(|value: u8| value <= LAST)
    };
    booked && reader.scan.moments_in(clause).any(small)
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
