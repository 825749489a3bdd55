//! Choosing among moments on offer, and refusing them.

use jiff::civil::{DateTime, Time};

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader, cars, choice_words, practical, whens};
use crate::command::{Command, Pick};
use crate::reading::moments::{MomentMention, wish};
use crate::reading::numbers::value_of;
use crate::reading::text::Mark;
use crate::reading::words::{self, Role};
use crate::when::{Hours, Relative, When};

const ORDINALS: [(Cue, i8); 6] =
    [(Cue::First, 1), (Cue::Second, 2), (Cue::Third, 3), (Cue::Fourth, 4), (Cue::Fifth, 5), (Cue::Last, -1)];

/// A place in a list, as an ordinal says it.
pub(super) fn place(reader: &Reader<'_>, clause: &Clause) -> Option<i8> {
    ORDINALS.into_iter().find(|(cue, _)| reader.has(clause, *cue)).map(|(_, place)| place)
}

/// Numbers a clause points at, by figures, words, circled figures or ordinals, none beyond `last`.
pub(super) fn numbers(reader: &Reader<'_>, clause: &Clause, last: usize) -> Vec<i8> {
    let scan = reader.scan;
    let mut found: Vec<i8> = Vec::new();
    for at in clause.from..clause.to {
        let word = &scan.text.tokens[at];
        let in_moment = scan.moments.iter().any(|said| (said.from..said.to).contains(&at));
        let taken = !matches!(word.mark, Mark::None | Mark::Date | Mark::Time) || in_moment;
        // "1.0 of 1.5": half of a figure is no number in a list.
        let part = scan
            .numbers
            .iter()
            .any(|number| number.to > number.from + 1 && (number.from..number.to).contains(&at));
        if taken || part || scan.covers(Cue::Counted, at) {
            continue;
        }
        let led = at > 0 && scan.covers(Cue::SlotNoun, at - 1);
        // "nummer één": an article everywhere else.
        let value = figure(&word.norm).or_else(|| (led && scan.covers(Cue::One, at)).then_some(1));
        if let Some(value) = value
            && usize::try_from(value).is_ok_and(|value| (1..=last).contains(&value))
        {
            found.push(value);
        }
    }
    let place_said = told_place(reader, clause, last);
    found.extend(place_said.as_ref().map(|(_, number)| *number));
    for (cue, place) in ORDINALS {
        let said = scan.hits_of(clause, cue).any(|hit| {
            !scan.covers(Cue::Counted, hit.from)
                && !scan.moments.iter().any(|said| (said.from..said.to).contains(&hit.from))
                && !place_said.as_ref().is_some_and(|(place, _)| place.contains(&hit.from))
        });
        if said && (place < 0 || usize::try_from(place).is_ok_and(|place| place <= last)) {
            found.push(place);
        }
    }
    let middle = scan.has(clause, Cue::Middle) && last % 2 == 1;
    found.extend(i8::try_from(last / 2 + 1).ok().filter(|_| middle));
    found.dedup();
    found
}

/// "De een na laatste", and of two "de latere": its tokens and its number.
fn told_place(reader: &Reader<'_>, clause: &Clause, last: usize) -> Option<(std::ops::Range<usize>, i8)> {
    let language = reader.scan.language.or(reader.state.language).unwrap_or_default();
    (clause.from..clause.to).find_map(|at| {
        let (to, value) = words::phrase(language, Role::Places, &reader.scan.text, at)?;
        let number = match value {
            "later" if last == 2 => 2,
            "earlier" if last == 2 => 1,
            back => i8::try_from(last).ok()?.checked_add(1 + back.parse::<i8>().ok()?)?,
        };
        (number >= 1 && to <= clause.to).then_some((at..to, number))
    })
}

/// "2", "②", "twee".
fn figure(word: &str) -> Option<i8> {
    const CIRCLED: [char; 9] = ['①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨'];
    if let Some(at) =
        word.chars().next().and_then(|first| CIRCLED.iter().position(|circled| *circled == first))
    {
        return i8::try_from(at + 1).ok();
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().ok();
    }
    let value = value_of(word)?;
    (value.fract() == 0.0 && value < 10.0)
        .then(|| i8::try_from(crate::reading::numbers::rounded(value)).ok())
        .flatten()
}

/// Whether a clause points at moments on offer.
pub(super) fn points(reader: &Reader<'_>, clause: &Clause) -> bool {
    !numbers(reader, clause, reader.state.offered.len()).is_empty()
        || offered(reader, &whens::of(reader, clause)).len() == 1
}

/// The numbers on offer that a wish suits, from 1.
fn offered(reader: &Reader<'_>, when: &When) -> Vec<usize> {
    if when.is_empty() || when.relative.is_some() {
        return Vec::new();
    }
    let starts = (1..).zip(&reader.state.offered);
    starts.filter(|(_, slot)| when.suits(start(reader, slot.start))).map(|(number, _)| number).collect()
}

fn start(reader: &Reader<'_>, at: jiff::Timestamp) -> DateTime {
    at.to_zoned(reader.now.time_zone().clone()).datetime()
}

/// When the slot of a number starts.
fn slot(reader: &Reader<'_>, number: i8) -> Option<DateTime> {
    let at = if number < 0 {
        reader.state.offered.len().checked_sub(1)?
    } else {
        usize::try_from(number - 1).ok()?
    };
    reader.state.offered.get(at).map(|slot| start(reader, slot.start))
}

/// Reads a clause with moments on offer.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    if !reader.has_offer() {
        return Vec::new();
    }
    let has = |cue: Cue| reader.has(clause, cue);
    let chosen = numbers(reader, clause, reader.state.offered.len());
    let when = whens::of(reader, clause);
    let of_cars = reader.scan.cars_in(clause).next().is_some();
    if chosen.is_empty() && when.is_empty() && has(Cue::NoMatterWhich) {
        let first = reader.draft(clause, Command::Pick(Pick::Number(1))).doubtful();
        return vec![first.instead_of("refuse_slots", "nothing is refused")];
    }
    if chosen.is_empty() && when.is_empty() {
        return refused_all(reader, clause).into_iter().collect();
    }
    // "11 uur voor de Audi": which car it is for is said.
    let pairs = reader.scan.cars_in(clause).count() > 1 && reader.scan.moments_in(clause).count() > 1;
    let hour_for_a_car = when.time().is_some() && reader.state.moving.is_none();
    if of_cars && (has(Cue::Drive) || when.is_empty() || pairs || hour_for_a_car) {
        return Vec::new();
    }
    if let Some(instead) = refused(reader, clause, &chosen, &when) {
        let draft =
            reader.draft(clause, Command::RefuseSlots { numbers: numbers_of(reader, &chosen), instead });
        return vec![draft.instead_of("pick", "it is refused")];
    }
    // "14 niet": all that is said is what does not suit.
    let nothing_wished = When { not_days: Vec::new(), not_hours: Vec::new(), ..when.clone() }.is_empty();
    if chosen.is_empty() && nothing_wished {
        let draft = reader.draft(clause, Command::RefuseSlots { numbers: Vec::new(), instead: when });
        return vec![draft.instead_of("moment", "it is refused")];
    }
    if let Some(instead) = asked_for(reader, clause, &chosen, &when) {
        let draft = reader.draft(clause, Command::RefuseSlots { numbers: Vec::new(), instead });
        return vec![draft.instead_of("pick", "it is asked")];
    }
    picked(reader, clause, &chosen, when).into_iter().collect()
}

fn numbers_of(reader: &Reader<'_>, chosen: &[i8]) -> Vec<u8> {
    let last = u8::try_from(reader.state.offered.len()).unwrap_or(u8::MAX);
    chosen.iter().map(|number| u8::try_from(*number).unwrap_or(last)).collect()
}

/// What would suit instead, when numbers or moments are refused.
fn refused(reader: &Reader<'_>, clause: &Clause, chosen: &[i8], when: &When) -> Option<When> {
    let has = |cue: Cue| reader.has(clause, cue);
    let said = when.time().or(when.not_hours.first().copied());
    let pointed = chosen.first().and_then(|number| slot(reader, *number)).map(DateTime::time).or(said);
    if has(Cue::Except) && !chosen.is_empty() {
        return Some(When::default());
    }
    let wished_hour = when.time().is_some() && !has(Cue::Refuse) && clause.question();
    if (has(Cue::TooEarly) || has(Cue::TooLate)) && wished_hour {
        return Some(when.clone());
    }
    if has(Cue::TooEarly) || has(Cue::TooLate) {
        return Some(beyond(pointed, has(Cue::TooEarly), when));
    }
    // "15 uur past, 14 niet": what is refused is known, and one that is offered suits.
    let other_suits = when.time().is_some()
        && !when.not_hours.is_empty()
        && !clause.question()
        && offered(reader, when).len() == 1;
    if !(has(Cue::Refuse) || has(Cue::CannotCome)) || has(Cue::ThatOk) || other_suits {
        return None;
    }
    if chosen.is_empty() {
        // "Liever niet om 11, wel om 14": what the finder already excludes stays as it is.
        return Some(excluded(reader, clause, when));
    }
    Some(When::default())
}

/// Later or earlier than a moment.
fn beyond(pointed: Option<Time>, later: bool, when: &When) -> When {
    let Some(time) = pointed else {
        let relative = if later { Relative::Later(None) } else { Relative::Earlier(None) };
        return When { relative: Some(relative), days: when.days.clone(), ..When::default() };
    };
    let hours = if later {
        Hours::Between { from: Some(time), until: None }
    } else {
        Hours::Between { from: None, until: Some(time) }
    };
    When { hours, not_hours: vec![time], ..When::default() }
}

/// The wish of a clause that refuses: what nothing else in it says is wished is excluded.
fn excluded(reader: &Reader<'_>, clause: &Clause, when: &When) -> When {
    let said: Vec<_> = reader.scan.moments_in(clause).cloned().collect();
    let told = said.iter().any(|one| one.negated) || said.len() > 1;
    if told {
        return when.clone();
    }
    wish(&said.into_iter().map(|one| MomentMention { negated: true, ..one }).collect::<Vec<_>>())
}

/// "Lukt niet", "geen van die tijden", "iets later": nothing on offer suits.
fn refused_all(reader: &Reader<'_>, clause: &Clause) -> Option<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    let other = practical::is_asked(reader, clause)
        || reader.any(clause, &[Cue::Feature, Cue::Finance, Cue::Drive, Cue::Discount, Cue::Bid, Cue::Price])
        || !cars::refs(reader, clause).is_empty();
    if other {
        return None;
    }
    let instead = if has(Cue::TooEarly) || has(Cue::TooLate) {
        beyond(None, has(Cue::TooEarly), &When::default())
    } else if reader.any(clause, &[Cue::Refuse, Cue::CancelMaybe])
        && (has(Cue::All) || !clause.question() || clause.to - clause.from <= 3)
    {
        When::default()
    } else if has(Cue::Also) && has(Cue::Move) {
        When { relative: Some(Relative::OtherDay), ..When::default() }
    } else {
        return None;
    };
    let draft = reader.draft(clause, Command::RefuseSlots { numbers: Vec::new(), instead });
    Some(draft.instead_of("no", "moments stand on offer"))
}

/// Another moment asked for: "kan het ook na 11:00?", "is nummer 3 ook mogelijk op donderdag?"
fn asked_for(reader: &Reader<'_>, clause: &Clause, chosen: &[i8], when: &When) -> Option<When> {
    if !clause.question() {
        return None;
    }
    if when.is_empty() {
        // "Is 2 nog vrij?" is shown what is free that day.
        let asked = reader.any(clause, &[Cue::Also, Cue::Available]);
        let start = chosen.first().filter(|_| asked).and_then(|number| slot(reader, *number))?;
        return Some(When::on(start.date()));
    }
    if reader.any(clause, &[Cue::WhenFree, Cue::Drive, Cue::Hours]) {
        return None;
    }
    if let Some(start) = chosen.first().and_then(|number| slot(reader, *number)) {
        let mut instead = when.clone();
        if instead.hours == Hours::Any {
            instead.hours = Hours::At(start.time());
        }
        return Some(instead);
    }
    let exact = when.time().is_some() && offered(reader, when).len() == 1;
    (reader.has(clause, Cue::Also) && !exact || when.time().is_none()).then(|| when.clone())
}

/// Whether a number in the list is also the hour of another moment on offer.
fn is_hour_too(reader: &Reader<'_>, number: i8) -> bool {
    let hour = if number < 8 { number + 12 } else { number };
    let is_own = |at: usize| usize::try_from(number).is_ok_and(|number| at + 1 == number);
    let mut starts = reader.state.offered.iter().map(|slot| start(reader, slot.start)).enumerate();
    number > 0 && starts.any(|(at, start)| !is_own(at) && start.hour() == hour && start.minute() == 0)
}

fn picked(reader: &Reader<'_>, clause: &Clause, chosen: &[i8], when: When) -> Option<Draft> {
    let mut ordinals = ORDINALS.map(|(cue, _)| cue).to_vec();
    ordinals.push(Cue::Middle);
    let told = told_place(reader, clause, reader.state.offered.len()).map(|(place, _)| place);
    if let [number] = chosen
        && (when.is_empty()
            || told.is_some()
            || reader.any(clause, &ordinals)
            || reader.has(clause, Cue::SlotNoun))
    {
        let is_number = |at: usize| {
            figure(&reader.scan.text.tokens[at].norm).is_some()
                || told.as_ref().is_some_and(|place| place.contains(&at))
                || ordinals.iter().any(|cue| reader.scan.covers(*cue, at))
        };
        let plain = |at: usize| {
            is_number(at)
                || matches!(reader.scan.text.tokens[at].mark, Mark::Date | Mark::Time)
                || choice_words::PLAIN.iter().any(|cue| reader.scan.covers(*cue, at))
        };
        let bare = (clause.from..clause.to).all(plain);
        // "Eerste eigenaar", "2 keer": what stands behind a number may say that it counts something.
        let ends_well = (clause.from..clause.to)
            .filter(|at| is_number(*at))
            .all(|at| at + 1 == clause.to || plain(at + 1));
        let place = (told.is_some() || reader.any(clause, &ordinals)) && clause.to - clause.from <= 6;
        let led =
            (place || reader.any(clause, &[Cue::Choose, Cue::SlotNoun])) && !clause.question() && ends_well;
        if !bare && !led {
            return None;
        }
        let draft = reader.draft(clause, Command::Pick(Pick::Number(*number)));
        // "I can just make 1" with 13:00 on offer.
        let either = is_hour_too(reader, *number) && !reader.has(clause, Cue::SlotNoun);
        let doubtful = either && (!bare || reader.has(clause, Cue::Fits));
        return Some(if doubtful { draft.doubtful() } else { draft });
    }
    if when.is_empty() || reader.any(clause, &[Cue::Leave, Cue::Past]) {
        return None;
    }
    let suits = offered(reader, &when);
    if reader.any(clause, &[Cue::Drive, Cue::WhenFree]) && suits.len() != 1 {
        return None;
    }
    let chooses = reader.any(clause, &[Cue::Choose, Cue::Fits]);
    let exact = when.time().is_some() && when.relative.is_none();
    let pick = !clause.question() && exact && (chooses || !suits.is_empty())
        || (!clause.question()
            && (chooses || is_told_by_day(reader, clause))
            && suits.len() == 1
            && when.day().is_some()
            && when.hours == Hours::Any)
        || (clause.question() && exact && !suits.is_empty() && !reader.has(clause, Cue::Also));
    let command = if pick { Command::Pick(Pick::Moment(when)) } else { Command::Moment(when) };
    Some(reader.draft(clause, command))
}

/// "Sat", when each moment on offer has a day of its own and nothing else is said.
fn is_told_by_day(reader: &Reader<'_>, clause: &Clause) -> bool {
    let mut days: Vec<_> = reader.state.offered.iter().map(|slot| start(reader, slot.start).date()).collect();
    let offered = days.len();
    days.dedup();
    let bare = reader.scan.moments_in(clause).all(|said| said.bare && !said.negated && !said.past);
    bare && days.len() == offered && choice_words::are_all(reader, clause) && !reader.has(clause, Cue::Also)
}
