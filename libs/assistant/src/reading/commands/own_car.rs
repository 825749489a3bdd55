//! The customer's own car: to trade in, or for the workshop.

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader, cars, whens};
use crate::command::{Command, OwnCar};
use crate::reading::amounts::Kind;
use crate::reading::text::Mark;
use crate::state::{Asked, Topic};

/// "Bj. 2012" ends no thought, whatever the full stop says.
const NEAR_SENTENCES: usize = 2;

/// So few words name the car that was meant.
const SHORT: usize = 5;

/// No odometer that a customer tells of stands lower, and no figure below is one.
const LEAST_KM: f64 = 1000.0;
const MOST_KM: f64 = 900_000.0;

/// What a clause says of the customer's own car; `whole` when every car named is theirs.
pub(super) fn own(reader: &Reader<'_>, clause: &Clause, whole: bool) -> OwnCar {
    let scan = reader.scan;
    let in_clause = |from: usize| (clause.from..clause.to).contains(&from);
    let car = scan.cars_in(clause).find(|car| cars::is_own(reader, car) || whole);
    let mileage =
        scan.amounts_in(clause).find(|amount| amount.kind == Kind::Mileage).map(|amount| amount.value);
    let year = scan.amounts_in(clause).find(|amount| amount.kind == Kind::Year).map(|amount| amount.value);
    OwnCar {
        make: car.and_then(|car| car.make.clone()),
        model: car.and_then(|car| car.model.clone()),
        plate: scan.plate.as_ref().filter(|plate| in_clause(plate.from)).map(|plate| plate.value.clone()),
        mileage_km: mileage,
        year,
    }
}

/// A figure alone that can be an odometer's: "118.000".
fn odometer(reader: &Reader<'_>, clause: &Clause) -> Option<i32> {
    let number = reader.scan.numbers.iter().find(|number| {
        (clause.from..clause.to).contains(&number.from)
            && (LEAST_KM..MOST_KM).contains(&number.value)
            && !matches!(
                reader.scan.text.tokens[number.from].mark,
                Mark::Date | Mark::Time | Mark::Plate | Mark::Car | Mark::Year
            )
    })?;
    Some(number.whole())
}

/// Reads a clause about the customer's own car.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    // "Hebben jullie winterbanden liggen voor een Picanto?": no car is looked for.
    if has(Cue::Parts) {
        let when = whens::of(reader, clause);
        return vec![reader.draft(clause, Command::Workshop { own: own(reader, clause, true), when })];
    }
    // "Ok graag een offerte": of the workshop's work.
    if reader.state.topic == Topic::Workshop
        && has(Cue::Request)
        && reader.scan.cars_in(clause).next().is_none()
    {
        return vec![reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) })];
    }
    // "Kan ik daar mijn auto kwijt?" looks for a place to park.
    let parks = clause.question() && has(Cue::Parking);
    if has(Cue::TradeIn) && !has(Cue::NotTradeIn) && !parks {
        // "Wat is de Meriva nog waard?": no possessive, and still theirs.
        let theirs = !has(Cue::OwnCar)
            && reader
                .scan
                .cars_in(clause)
                .all(|car| car.model.is_some() && car.model == reader.state.trade_in.model);
        let mut drafts = vec![reader.draft(clause, Command::TradeIn(own(reader, clause, theirs)))];
        // "Mijn Polo inruilen op die Golf": the other one is wanted.
        let wanted = if theirs { Vec::new() } else { cars::refs(reader, clause) };
        if let Some(car) = wanted.into_iter().find(|car| car.described.names_a_car()) {
            drafts.push(reader.draft(clause, Command::Tell { cars: vec![car], fields: Vec::new() }));
        }
        return drafts;
    }
    // "Wat kost de Trafic zonder inruil?" asks a price.
    let asks_else = clause.question() && reader.any(clause, &[Cue::Price, Cue::Discount, Cue::FeatureAsked]);
    if asks_else && has(Cue::NotTradeIn) {
        return Vec::new();
    }
    if has(Cue::NotTradeIn) && has(Cue::TradeIn) && !has(Cue::Bid) {
        return vec![reader.draft(clause, Command::No).instead_of("trade_in", "it is refused")];
    }
    if let Some(draft) = told_before(reader, clause) {
        return vec![draft];
    }
    if tells_of_it(reader, clause) {
        return vec![reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) })];
    }
    // "Kleine deuk achter, airco doet het niet": what is wrong with a car to trade in is for who values it.
    let to_trade =
        reader.state.topic == Topic::TradeIn && !reader.any(clause, &[Cue::Visit, Cue::WhenFree, Cue::Drive]);
    if has(Cue::Workshop) && to_trade && whens::of(reader, clause).is_empty() && !clause.question() {
        return vec![reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) })];
    }
    let of_sale = (has(Cue::NotWorkshop) || has(Cue::Subject)) && !has(Cue::OwnCar) && !has(Cue::WhenFree);
    if let Some(draft) = in_the_workshop(reader, clause) {
        return vec![draft];
    }
    if has(Cue::Workshop) && !of_sale {
        let when = whens::of(reader, clause);
        let adds = own(reader, clause, true) != OwnCar::default() || !when.is_empty();
        if reader.state.topic == Topic::Workshop && clause.question() && !adds {
            return vec![reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) })];
        }
        return vec![reader.draft(clause, Command::Workshop { own: own(reader, clause, true), when })];
    }
    details(reader, clause, before).into_iter().collect()
}

/// "De Up is wit, er zit een kras op": more of the car that is offered in exchange, for who values it.
fn tells_of_it(reader: &Reader<'_>, clause: &Clause) -> bool {
    let theirs = &reader.state.trade_in.model;
    let named = theirs.is_some() && reader.scan.cars_in(clause).any(|car| car.model == *theirs);
    let others = [Cue::Search, Cue::Drive, Cue::Visit, Cue::Buy, Cue::Bid, Cue::Price, Cue::TradeIn];
    let facts = gives_facts(reader, clause);
    named && !clause.question() && !facts && !reader.any(clause, &others)
}

/// A plate or a figure, that the record of the customer's car takes.
fn gives_facts(reader: &Reader<'_>, clause: &Clause) -> bool {
    let plate =
        reader.scan.plate.as_ref().is_some_and(|plate| (clause.from..clause.to).contains(&plate.from));
    plate || reader.scan.amounts_in(clause).next().is_some()
}

/// "Kan ik er nog mee rijden?", "wanneer hebben jullie tijd?", while the talk is about the workshop and no car for sale.
fn in_the_workshop(reader: &Reader<'_>, clause: &Clause) -> Option<Draft> {
    let others = reader.scan.cars_in(clause).next().is_some() || reader.has(clause, Cue::Search);
    if reader.state.topic != Topic::Workshop || !reader.state.focus.is_empty() || others {
        return None;
    }
    let when = whens::of(reader, clause);
    let visits = reader.has(clause, Cue::Visit) && !reader.has_appointment();
    if visits || (reader.has(clause, Cue::WhenFree) && when.is_empty()) {
        return Some(reader.draft(clause, Command::Workshop { own: OwnCar::default(), when }));
    }
    let drives = reader.has(clause, Cue::Drive) && clause.question() && when.is_empty();
    drives.then(|| reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) }))
}

/// "Mijn Corsa (2014, 120.000 km) ruil ik dan in": the customer's car, named before the word that it is traded in, or with
/// facts that nobody tells of a car for sale.
fn told_before(reader: &Reader<'_>, clause: &Clause) -> Option<Draft> {
    let scan = reader.scan;
    let sentence: Vec<&Clause> = scan.clauses.iter().filter(|one| one.sentence == clause.sentence).collect();
    // "Ich hab noch einen Fabia, 140.000 km, den würd ich in Zahlung geben": the only car of its sentence.
    let traded_later = !reader.any(clause, &[Cue::Search, Cue::Drive, Cue::Available])
        && !cars::names_definite(reader, clause)
        && scan.cars.len() == 1
        && scan.clauses.iter().any(|one| {
            let near = (1..=NEAR_SENTENCES).contains(&(one.sentence + 1).saturating_sub(clause.sentence));
            one.from > clause.from && near && reader.has(one, Cue::TradeIn)
        });
    let own_car = scan.cars_in(clause).find(|car| cars::is_possessed(reader, clause, car) || traded_later)?;
    let later = |cue: Cue| sentence.iter().any(|one| one.from >= clause.from && reader.has(one, cue));
    if sentence
        .iter()
        .any(|one| reader.any(one, &[Cue::Workshop, Cue::Complaint, Cue::Sensitive, Cue::NotTradeIn]))
        || reader.state.topic == Topic::Workshop
    {
        return None;
    }
    let plate = scan.plate.as_ref().is_some_and(|plate| plate.from >= own_car.to);
    let driven = sentence
        .iter()
        .filter(|one| one.from >= clause.from)
        .flat_map(|one| scan.amounts_in(one))
        .any(|amount| amount.kind == Kind::Mileage && amount.from >= own_car.to);
    (later(Cue::TradeIn) || traded_later || (!clause.question() && (plate || driven)))
        .then(|| reader.draft(clause, Command::TradeIn(own(reader, clause, traded_later))))
}

/// Plate, mileage or year of a car spoken of before.
fn details(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Option<Draft> {
    let last = before
        .iter()
        .rev()
        .find(|draft| matches!(draft.command, Command::TradeIn(_) | Command::Workshop { .. }));
    let asked = matches!(reader.state.asked, Some(Asked::OwnCar));
    let topic = match (last.map(|draft| &draft.command), reader.state.topic) {
        (Some(Command::Workshop { .. }), _) => Topic::Workshop,
        (Some(_), _) => Topic::TradeIn,
        (None, topic @ (Topic::Workshop | Topic::TradeIn)) => topic,
        (None, _) if asked => Topic::TradeIn,
        (None, _) => return None,
    };
    let in_workshop = last.is_some_and(|draft| matches!(draft.command, Command::Workshop { .. }));
    let one_more = last.is_some()
        && !cars::names_definite(reader, clause)
        && !reader.any(clause, &[Cue::Search, Cue::Drive]);
    // "Een Kia Picanto": which car it is that does not start.
    let named_now = topic == Topic::Workshop
        && reader.state.workshop.model.is_none()
        && clause.to - clause.from <= SHORT
        && !cars::names_definite(reader, clause);
    let mut own = own(reader, clause, asked || in_workshop || one_more || named_now);
    if own.mileage_km.is_none() && (asked || last.is_some()) && own.plate.is_none() {
        own.mileage_km = odometer(reader, clause).filter(|_| !clause.question());
    }
    let asks = if last.is_some() { clause.opens() } else { clause.question() };
    let speaks_of_another = asks || reader.any(clause, &[Cue::Search, Cue::Drive, Cue::Bid]);
    if own == OwnCar::default() || speaks_of_another {
        // "Kan ik langskomen?" after the trouble told is no test drive.
        let visit =
            last.is_some() && topic == Topic::Workshop && reader.any(clause, &[Cue::Visit, Cue::WhenFree]);
        let when = whens::of(reader, clause);
        return visit.then(|| reader.draft(clause, Command::Workshop { own: OwnCar::default(), when }));
    }
    let when = whens::of(reader, clause);
    let command =
        if topic == Topic::Workshop { Command::Workshop { own, when } } else { Command::TradeIn(own) };
    Some(reader.draft(clause, command))
}
