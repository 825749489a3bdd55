//! The customer's own car: to trade in, or for the workshop.

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader, cars, whens};
use crate::command::{Command, OwnCar};
use crate::reading::amounts::Kind;
use crate::reading::text::Mark;
use crate::state::{Asked, Topic};

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
    if has(Cue::TradeIn) && !has(Cue::NotTradeIn) {
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
    if has(Cue::NotTradeIn) && has(Cue::TradeIn) && !has(Cue::Bid) {
        return vec![reader.draft(clause, Command::No).instead_of("trade_in", "it is refused")];
    }
    let of_sale = (has(Cue::NotWorkshop) || has(Cue::Subject)) && !has(Cue::OwnCar);
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
    let mut own = own(reader, clause, asked || in_workshop || one_more);
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
