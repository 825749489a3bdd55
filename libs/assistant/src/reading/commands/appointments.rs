//! Appointments: moving, calling off, keeping, asking about one, and wishing for one.

use jiff::tz::TimeZone;

use super::deeds::{self, Deed};
use super::phrases::{Cue, Hit};
use super::scan::Clause;
use super::{Draft, Reader, cars, choice_words, fields, picks, practical, whens, which};
use crate::command::{CarRef, Command, Practical};
use crate::reading::moments::{MomentMention, wish};
use crate::state::{Asked, Topic};
use crate::when::{Days, When};
use crate::wishes::Wishes;

/// Reads a clause about an appointment that stands, or that the customer takes to stand.
pub(super) fn standing(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    let stands = reader.has_appointment();
    let returns = has(Cue::Returns) && !has(Cue::Cancel);
    if has(Cue::Cancelling) && (clause.question() || clause.condition) && !has(Cue::NotCancel) && !returns {
        let draft = reader.draft(clause, Command::Practical(Practical::Cancelling));
        return vec![draft.instead_of("cancel", "it is asked, not wanted")];
    }
    if clause.condition && stands && reader.any(clause, &[Cue::Cancel, Cue::CancelMaybe]) {
        let draft = reader.draft(clause, Command::Practical(Practical::Cancelling));
        return vec![draft.instead_of("cancel", "it stands under a condition")];
    }
    let answered = which::answered(reader, clause);
    if !answered.is_empty() {
        return answered;
    }
    if stands && has(Cue::Waver) && !clause.question() {
        return vec![wavers(reader, clause).instead_of("cancel", "it is not sure yet")];
    }
    let asks = has(Cue::AskAppointment) && !has(Cue::Hours) && !has(Cue::Move);
    if let Some(draft) = hour_asked(reader, clause) {
        return vec![draft];
    }
    if asks
        && (stands || !has(Cue::WhenFree) || has(Cue::MyAppointment))
        && !(has(Cue::Available) && reader.scan.moments_in(clause).next().is_none())
    {
        return vec![reader.draft(clause, Command::AskAppointment)];
    }
    if has(Cue::Keep) && (stands || reader.has_offer()) && !has(Cue::OtherCar) {
        return vec![reader.draft(clause, Command::Keep)];
    }
    let moves = has(Cue::Move) && !has(Cue::NotMove);
    if stands && has(Cue::Late) && !moves && !reader.any(clause, &[Cue::CannotCome, Cue::Cancel]) {
        let draft = reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) });
        return vec![draft.instead_of("move", "a little late is no other moment")];
    }
    let cancels = cancel(reader, clause);
    if !cancels.is_empty() {
        return cancels;
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
    let told = deeds::of(reader, clause, Cue::Told) == Deed::Told && deeds::is_long_over(reader, clause);
    if told && !moves && !clause.question() {
        return vec![reader.draft(clause, Command::Keep)];
    }
    change(reader, clause, before).into_iter().collect()
}

/// "Is 14 uur ook nog vrij?" beside an appointment asks for that hour, and not after a car.
fn hour_asked(reader: &Reader<'_>, clause: &Clause) -> Option<Draft> {
    let when = whens::of(reader, clause);
    let asks = clause.question() && reader.has(clause, Cue::Available) && !reader.has(clause, Cue::Hours);
    let beside = reader.has_appointment() && !reader.has_offer() && cars::refs(reader, clause).is_empty();
    if !(asks && beside && when.time().is_some()) {
        return None;
    }
    let command = if whens::is_for_another(reader, clause) {
        Command::Drive { car: None, when }
    } else {
        Command::Moment(when)
    };
    Some(reader.draft(clause, command))
}

/// Calling off: a draft for each appointment that is meant.
fn cancel(reader: &Reader<'_>, clause: &Clause) -> Vec<Draft> {
    let Some(draft) = one_cancel(reader, clause) else { return Vec::new() };
    let Command::Cancel { from } = &draft.command else { return vec![draft] };
    if which::is_for_another_car(reader, clause) {
        return vec![draft.doubtful()];
    }
    let pointed = which::pointed(reader, clause);
    if !from.is_empty() || pointed.is_empty() {
        return vec![draft];
    }
    pointed.into_iter().map(|from| Draft { command: Command::Cancel { from }, ..draft.clone() }).collect()
}

fn one_cancel(reader: &Reader<'_>, clause: &Clause) -> Option<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    let stands = reader.has_appointment();
    if has(Cue::NotCancel) {
        return None;
    }
    let deed = deeds::of(reader, clause, Cue::Cancel);
    let asked = clause.question() && (clause.opens() || !has(Cue::Others));
    if has(Cue::Cancel) && stands && matches!(deed, Deed::Told | Deed::Perhaps) && !asked {
        return Some(not_done(reader, clause, deed).instead_of("cancel", "it is told of, or not sure yet"));
    }
    if has(Cue::Past) {
        return None;
    }
    let from = whens::of(reader, clause);
    let draft = reader.draft(clause, Command::Cancel { from });
    if has(Cue::Cancel) {
        let plain = !has(Cue::Doubt)
            && (!clause.question() || has(Cue::Polite))
            && deed == Deed::Wanted
            && !is_denied(reader, clause);
        if stands || !reader.has_offer() {
            return Some(if plain { draft } else { draft.doubtful() });
        }
        if deed != Deed::Wanted {
            return None;
        }
        // Moments on offer and nothing that stands: the offer is refused.
        return Some(reader.draft(clause, Command::No).instead_of("cancel", "no appointment stands"));
    }
    let other_wish = reader.any(clause, &[Cue::Move, Cue::Feature, Cue::CannotCome])
        || practical::is_asked(reader, clause);
    let told = deeds::is_told(reader, clause);
    let maybe = has(Cue::CancelMaybe) && stands && !other_wish && !clause.question() && !told;
    // "Lukt niet, kan het vrijdag?" is a change.
    let change_follows = reader.next(clause).is_some_and(|next| {
        reader.scan.moments_in(next).next().is_some()
            || reader.has(next, Cue::Move)
            || reader.has(next, Cue::TooEarly)
    });
    (maybe && !change_follows && !reader.has_offer()).then(|| draft.doubtful())
}

/// "Annuleren hoeft niet": a denial that is no part of "ik kom niet".
fn is_denied(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.scan.hits_of(clause, Cue::Not).any(|not| !reader.scan.covers(Cue::Cancel, not.from))
}

/// "Ik red het misschien niet": whether it stays, moves or is called off is asked.
fn wavers(reader: &Reader<'_>, clause: &Clause) -> Draft {
    reader.draft(clause, Command::Move { to: When::default(), from: When::default() }).doubtful()
}

/// A deed that is told of, or may come: what is long over or was only thought of changes nothing, the rest is asked about.
fn not_done(reader: &Reader<'_>, clause: &Clause, deed: Deed) -> Draft {
    if deed == Deed::Told && deeds::is_long_over(reader, clause) {
        return reader.draft(clause, Command::Keep);
    }
    wavers(reader, clause)
}

/// Another moment for an appointment that stands.
fn change(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Option<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    let strong = has(Cue::Move) && !has(Cue::NotMove);
    let sooner = reader.any(clause, &[Cue::TooEarly, Cue::TooLate, Cue::MoveWeak]) && !has(Cue::Available);
    let moves = strong || (sooner && !has(Cue::NotMove) && weakly(reader, clause));
    let cannot = has(Cue::CannotCome) && !has(Cue::NotCancel);
    if reader.has_offer() && reader.state.moving.is_none() && !strong && !cannot {
        return None;
    }
    if reader.has_offer() && reader.state.moving.is_some() && picks::points(reader, clause) {
        return None;
    }
    let goes_on = before.iter().any(|draft| matches!(draft.command, Command::Move { .. }));
    let (to, mut from) = split(reader, clause);
    if from.is_empty()
        && let [pointed] = which::pointed(reader, clause).as_slice()
    {
        from = pointed.clone();
    }
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
    let deed = deeds::of(reader, clause, Cue::Move);
    let asked = clause.question() && (clause.opens() || !has(Cue::Others));
    if moves && deed == Deed::Told && !asked {
        return Some(not_done(reader, clause, deed).instead_of("move", "it is told of"));
    }
    let said = !When { not_days: Vec::new(), ..to.clone() }.is_empty();
    let (hour, replaces) = (to.time().is_some(), !from.is_empty());
    let draft = reader.draft(clause, Command::Move { to, from });
    // "Uurtje later kan ook" wishes nothing yet, "ik eet liever om 6 uur" perhaps nothing here.
    let wished = reader.any(clause, &[Cue::Wants, Cue::Polite, Cue::CourtesyIf]);
    let too = has(Cue::Also) && (clause.question() || !wished);
    let elsewhere = hour && !choice_words::are_all(reader, clause);
    let elsewhere = elsewhere || whens::is_small_figure(reader, clause);
    let weakly = !strong && !cannot && (too && !replaces || elsewhere);
    let doubtful =
        has(Cue::Doubt) || weakly || (moves && deed != Deed::Wanted) || (cannot && !said && !moves);
    Some(if doubtful { draft.doubtful() } else { draft })
}

/// Whether "eerder", "later" or "in plaats van" speaks of an appointment: in few words or with a moment, and of nothing else.
fn weakly(reader: &Reader<'_>, clause: &Clause) -> bool {
    let else_where =
        [Cue::TradeIn, Cue::Finance, Cue::Complaint, Cue::Workshop, Cue::Past, Cue::Buy, Cue::Price];
    let short = clause.to - clause.from <= WEAK_WORDS;
    let several = reader.state.appointments.len() > 1;
    let no_car = cars::refs(reader, clause).iter().all(|car| several && car.described.is_empty());
    short && !reader.any(clause, &else_where) && no_car
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
pub(super) fn drive(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    // "I look car for work" looks for one.
    let looks = |hit: Hit| {
        reader.scan.hits_of(clause, Cue::Search).any(|search| search.from <= hit.from && hit.to <= search.to)
    };
    let drives = reader.scan.hits_of(clause, Cue::Drive).any(|hit| !looks(hit));
    let visits = has(Cue::Visit);
    let asks_when = has(Cue::WhenFree) && clause.question();
    let when = whens::of(reader, clause);
    let named = cars::refs(reader, clause);
    // "De Golf zaterdag?": a car and a day are a visit.
    let car_and_moment = !named.is_empty() && !when.is_empty() && !fields::is_asked(reader, clause);
    let leaves = has(Cue::Leave) && !drives;
    if !(drives || visits || asks_when || car_and_moment) || has(Cue::Past) || leaves {
        return Vec::new();
    }
    if asks_who_drives(reader, clause) && when.is_empty() && named.is_empty() {
        return vec![
            reader
                .draft(clause, Command::AskColleague { question: reader.sentence(clause) })
                .instead_of("drive", "it is asked who may drive"),
        ];
    }
    // "Mostly motorway driving" tells what the car is for.
    if has(Cue::Roads) && when.is_empty() && named.is_empty() {
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
    if named.is_empty() {
        return wished_drive(reader, clause, when);
    }
    let named = without_corrected(reader, clause, named);
    let whens = whens::each(reader, clause, named.len()).unwrap_or_else(|| vec![when; named.len()]);
    let drafts = named
        .into_iter()
        .zip(whens)
        .map(|(car, when)| reader.draft(clause, Command::Drive { car: Some(car), when }));
    drafts.collect()
}

/// A drive with no car named: "need a test drive, any automatic under 17k" is shown some before anything is talked about.
fn wished_drive(reader: &Reader<'_>, clause: &Clause, when: When) -> Vec<Draft> {
    let state = reader.state;
    let nothing_yet = state.focus.is_empty() && state.shown.is_empty() && state.missing_car.is_none();
    let wishes = cars::wishes(reader, clause);
    let drive = reader.draft(clause, Command::Drive { car: None, when });
    let sought = Wishes { purpose: None, order: None, ..wishes.clone() };
    if !nothing_yet || sought.is_empty() || reader.has_appointment() || reader.has_offer() {
        return vec![drive];
    }
    vec![reader.draft(clause, Command::Show(wishes)), drive]
}

/// "Mogen wij beiden een stuk rijden?" of a drive that stands.
fn asks_who_drives(reader: &Reader<'_>, clause: &Clause) -> bool {
    let who = reader.any(clause, &[Cue::Both, Cue::Others]) && !reader.has(clause, Cue::WantsToo);
    reader.has_appointment() && clause.question() && who
}

/// "De Mini, eh bedoel die Fiat": of the cars of one clause those named after it was taken back.
fn without_corrected(reader: &Reader<'_>, clause: &Clause, mut named: Vec<CarRef>) -> Vec<CarRef> {
    let Some(correction) = reader.scan.hits_of(clause, Cue::Correction).last() else { return named };
    let before = reader.scan.cars_in(clause).filter(|car| car.from < correction.from).count();
    let all = reader.scan.cars_in(clause).count();
    if before > 0 && before < all && named.len() == all {
        named.drain(..before);
    }
    named
}

/// Whether the customer speaks of themselves wanting it: "kan ik", "wij willen".
fn wants(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.any(clause, &[Cue::Visit, Cue::Wants])
}
