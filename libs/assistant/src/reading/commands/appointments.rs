//! Appointments: moving, calling off, keeping, asking about one, and wishing for one.

use jiff::tz::TimeZone;

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader, cars, facts, picks, practical, whens};
use crate::command::{Command, Practical};
use crate::reading::moments::{MomentMention, wish};
use crate::state::{Asked, Topic};
use crate::stock::{self, Resolved};
use crate::when::{Days, When};

/// Reads a clause about an appointment that stands, or that the customer takes to stand.
pub(super) fn standing(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    let stands = reader.has_appointment();
    let returns = has(Cue::Returns) && !has(Cue::Cancel);
    if has(Cue::Cancelling) && (clause.question() || clause.condition) && !has(Cue::NotCancel) && !returns {
        let draft = reader.draft(clause, Command::Practical(Practical::Cancelling));
        return vec![draft.instead_of("cancel", "it is asked, not wanted")];
    }
    if clause.condition && reader.any(clause, &[Cue::Cancel, Cue::CancelMaybe]) {
        let draft = reader.draft(clause, Command::Practical(Practical::Cancelling));
        return vec![draft.instead_of("cancel", "it stands under a condition")];
    }
    if let Some(draft) = which(reader, clause) {
        return vec![draft];
    }
    let asks = has(Cue::AskAppointment) && !has(Cue::Hours) && !has(Cue::Move);
    if asks
        && (stands || !has(Cue::WhenFree))
        && !(has(Cue::Available) && reader.scan.moments_in(clause).next().is_none())
    {
        return vec![reader.draft(clause, Command::AskAppointment)];
    }
    if has(Cue::Keep) && (stands || reader.has_offer()) && !has(Cue::OtherCar) {
        return vec![reader.draft(clause, Command::Keep)];
    }
    if let Some(draft) = cancel(reader, clause) {
        return vec![draft];
    }
    if !stands {
        return Vec::new();
    }
    if has(Cue::OtherCar)
        && let Some(car) = cars::refs(reader, clause).into_iter().next()
        && !has(Cue::Compare)
        && !practical::is_asked(reader, clause)
    {
        return vec![reader.draft(clause, Command::OtherCar(car))];
    }
    let moves = has(Cue::Move) && !has(Cue::NotMove);
    if has(Cue::Late) && !moves && !has(Cue::CannotCome) {
        let draft = reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) });
        return vec![draft.instead_of("move", "a little late is no other moment")];
    }
    change(reader, clause, before).into_iter().collect()
}

/// The answer to "which appointment?": by its car or its place in the list.
fn which(reader: &Reader<'_>, clause: &Clause) -> Option<Draft> {
    let Some(Asked::WhichAppointment { to }) = &reader.state.asked else { return None };
    if clause.question() {
        return None;
    }
    let inventory = &reader.knowledge.inventory;
    let by_car = cars::refs(reader, clause).into_iter().find_map(|car| {
        match stock::resolve(&car, reader.state, inventory) {
            Resolved::One(car) => {
                reader.state.appointments.iter().find(|one| one.car_id.as_deref() == Some(&car.id))
            }
            _ => None,
        }
    });
    let stands = &reader.state.appointments;
    let numbers = picks::numbers(reader, clause, stands.len());
    let by_number = numbers.first().and_then(|number| match number {
        -1 => stands.last(),
        number => usize::try_from(number - 1).ok().and_then(|at| stands.get(at)),
    });
    let meant = by_car.or(by_number)?;
    let from = When::at(meant.slot.start.to_zoned(reader.now.time_zone().clone()).datetime());
    let command = match to {
        Some(to) => Command::Move { to: to.clone(), from },
        None => Command::Cancel { from },
    };
    Some(reader.draft(clause, command))
}

fn cancel(reader: &Reader<'_>, clause: &Clause) -> Option<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    let stands = reader.has_appointment();
    if has(Cue::NotCancel) || has(Cue::Past) {
        return None;
    }
    let from = whens::of(reader, clause);
    let draft = reader.draft(clause, Command::Cancel { from });
    if has(Cue::Cancel) {
        let plain = !has(Cue::Doubt) && (!clause.question() || has(Cue::Polite));
        if stands || !reader.has_offer() {
            return Some(if plain { draft } else { draft.doubtful() });
        }
        // Moments on offer and nothing that stands: the offer is refused.
        return Some(reader.draft(clause, Command::No).instead_of("cancel", "no appointment stands"));
    }
    let other_wish = reader.any(clause, &[Cue::Move, Cue::Feature, Cue::CannotCome])
        || practical::is_asked(reader, clause);
    let maybe = has(Cue::CancelMaybe) && stands && !other_wish && !clause.question();
    // "Lukt niet, kan het vrijdag?" is a change.
    let change_follows = reader.next(clause).is_some_and(|next| {
        reader.scan.moments_in(next).next().is_some()
            || reader.has(next, Cue::Move)
            || reader.has(next, Cue::TooEarly)
    });
    (maybe && !change_follows && !reader.has_offer()).then(|| draft.doubtful())
}

/// Another moment for an appointment that stands.
fn change(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Option<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    let strong = has(Cue::Move) && !has(Cue::NotMove);
    let sooner = reader.any(clause, &[Cue::TooEarly, Cue::TooLate, Cue::MoveWeak]) && !has(Cue::Available);
    let moves = strong || (sooner && !has(Cue::NotMove) && weakly(reader, clause));
    let cannot = has(Cue::CannotCome) && !has(Cue::NotCancel);
    if reader.has_offer() && reader.state.moving.is_none() && !moves && !cannot {
        return None;
    }
    if reader.has_offer() && reader.state.moving.is_some() && picks::points(reader, clause) {
        return None;
    }
    let goes_on = before.iter().any(|draft| matches!(draft.command, Command::Move { .. }));
    let (to, from) = split(reader, clause);
    let another_car = cars::refs(reader, clause).iter().any(|car| !car.described.is_empty()) && !moves;
    if !(moves || cannot) || another_car || (practical::is_asked(reader, clause) && to.is_empty()) {
        return None;
    }
    if moves
        && to.is_empty()
        && from.is_empty()
        && clause.question()
        && !goes_on
        && !has(Cue::Polite)
        && clause.condition
    {
        return None;
    }
    let said = !When { not_days: Vec::new(), ..to.clone() }.is_empty();
    let draft = reader.draft(clause, Command::Move { to, from });
    let doubtful = has(Cue::Doubt) || (cannot && !said && !moves);
    Some(if doubtful { draft.doubtful() } else { draft })
}

/// Whether "eerder", "later" or "in plaats van" speaks of an appointment: in few words or with a moment, and of nothing else.
fn weakly(reader: &Reader<'_>, clause: &Clause) -> bool {
    let else_where =
        [Cue::TradeIn, Cue::Finance, Cue::Complaint, Cue::Workshop, Cue::Past, Cue::Buy, Cue::Price];
    let short = clause.to - clause.from <= WEAK_WORDS;
    short && !reader.any(clause, &else_where) && cars::refs(reader, clause).is_empty()
}

/// Weak words for a change count in clauses no longer than this.
const WEAK_WORDS: usize = 10;

/// What a clause names of where an appointment goes and which one is meant.
fn split(reader: &Reader<'_>, clause: &Clause) -> (When, When) {
    let zone = reader.now.time_zone();
    let stand = |days: &[Days]| {
        let local = |start: jiff::Timestamp| start.to_zoned(TimeZone::clone(zone)).date();
        matches!(days, [one] if one.first == one.last
            && reader.state.appointments.iter().any(|appointment| local(appointment.slot.start) == one.first))
    };
    let mut wished = Vec::new();
    let mut left = Vec::new();
    let said: Vec<_> = reader.scan.moments_in(clause).collect();
    for one in &said {
        let refused = one.negated
            || one.away
            || (reader.scan.covers(Cue::CannotCome, one.from) && one.when.time().is_none());
        let others = said.iter().any(|other| !other.when.days.is_empty() && other.when.days != one.when.days);
        let counted = one.when.relative.is_some()
            || (stand(&one.when.days) && one.when.time().is_some() && !one.negated);
        if !one.negated && counted && stand(&one.when.days) && !others {
            // "De afspraak van dinsdag een uurtje later": the day tells which, the rest where to.
            left.push(MomentMention {
                when: When { days: one.when.days.clone(), ..When::default() },
                away: false,
                ..(*one).clone()
            });
            wished.push(MomentMention {
                when: When { days: Vec::new(), ..one.when.clone() },
                away: false,
                ..(*one).clone()
            });
        } else if refused || (stand(&one.when.days) && others && wished.is_empty()) {
            left.push(MomentMention { negated: false, away: false, ..(*one).clone() });
        } else {
            wished.push((*one).clone());
        }
    }
    let to = wish(&wished);
    let from = When { not_days: Vec::new(), not_hours: Vec::new(), ..wish(&left) };
    // "Ik kan zaterdag toch niet": another day it must be.
    let to = if to.is_empty() && from.time().is_none() && reader.has(clause, Cue::CannotCome) {
        let one = |days: &Days| (days.first == days.last).then_some(days.first);
        When { not_days: from.days.iter().filter_map(one).collect(), ..to }
    } else {
        to
    };
    (to, from)
}

/// Reads a wish to see or drive a car, or a question when that can be.
pub(super) fn drive(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    let drives = has(Cue::Drive);
    let visits = has(Cue::Visit);
    let asks_when = has(Cue::WhenFree) && clause.question();
    let when = whens::of(reader, clause);
    let named = cars::refs(reader, clause);
    // "De Golf zaterdag?": a car and a day are a visit.
    let car_and_moment = !named.is_empty() && !when.is_empty() && !facts::is_asked(reader, clause);
    let leaves = has(Cue::Leave) && !drives;
    if !(drives || visits || asks_when || car_and_moment) || has(Cue::Past) || leaves {
        return Vec::new();
    }
    let no_drive = reader
        .scan
        .hits_of(clause, Cue::Drive)
        .any(|drive| reader.scan.hits_of(clause, Cue::Not).any(|not| not.from + 1 == drive.from));
    if no_drive {
        return vec![reader.draft(clause, Command::No).instead_of("drive", "it is refused")];
    }
    let told = has(Cue::NotCancel) && practical::is_asked(reader, clause);
    if (has(Cue::Hours) || told) && !drives {
        return Vec::new();
    }
    if practical::is_asked(reader, clause) && when.is_empty() && (named.is_empty() || !wants(reader, clause))
    {
        return Vec::new();
    }
    let about_cars = matches!(reader.state.topic, Topic::Drive | Topic::Cars | Topic::Price)
        || !reader.state.focus.is_empty()
        || matches!(reader.state.asked, Some(Asked::Drive | Asked::When));
    let enough =
        drives || asks_when || !when.is_empty() || !named.is_empty() || (about_cars && clause.question());
    if !enough || (clause.condition && when.is_empty()) {
        return Vec::new();
    }
    let on_the_road = reader.any(clause, &[Cue::Fuel, Cue::Feature, Cue::FeatureAsked, Cue::Mileage])
        && when.is_empty()
        && !wants(reader, clause);
    if on_the_road {
        return Vec::new();
    }
    let _ = before;
    if named.is_empty() {
        return vec![reader.draft(clause, Command::Drive { car: None, when })];
    }
    let drafts = named
        .into_iter()
        .map(|car| reader.draft(clause, Command::Drive { car: Some(car), when: when.clone() }));
    drafts.collect()
}

/// Whether the customer speaks of themselves wanting it: "kan ik", "wij willen".
fn wants(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.any(clause, &[Cue::Visit, Cue::Wants])
}
