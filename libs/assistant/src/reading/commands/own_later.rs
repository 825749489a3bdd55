//! What is said of the customer's own car after it was offered or brought: more for the task that stands, and no car from stock.

use super::own_car::own;
use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader, whens};
use crate::command::{Command, OwnCar};
use crate::reading::amounts::Kind;
use crate::state::Topic;
use crate::task::TaskKind;

/// What a clause wishes that tells nothing of the customer's own car.
const OTHERS: [Cue; 9] = [
    Cue::Search,
    Cue::Drive,
    Cue::Visit,
    Cue::Buy,
    Cue::Bid,
    Cue::Price,
    Cue::Discount,
    Cue::Else,
    Cue::NotTradeIn,
];

/// Reads a clause that adds to a trade-in or a workshop visit of before.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    let of_the_workshop = reader.state.topic == Topic::Workshop
        || before.last().is_some_and(|last| matches!(last.command, Command::Workshop { .. }));
    if of_the_workshop && asks_what_it_takes(reader, clause) {
        return vec![reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) })];
    }
    let Some(topic) = open_task(reader, clause) else {
        // "Wanneer is mijn auto klaar?" "Kenteken 5-TKX-81": of the car that a colleague was asked about.
        let adds = !reader.state.promises.is_empty()
            && reader.state.focus.is_empty()
            && !clause.question()
            && names_no_stock(reader, clause)
            && !reader.any(clause, &OTHERS);
        let question = reader.sentence(clause);
        return if adds {
            vec![reader.draft(clause, Command::AskColleague { question })]
        } else {
            Vec::new()
        };
    };
    let photo = reader.has(clause, Cue::PhotoSent);
    let adds = photo || names_theirs(reader, clause, topic) || gives_plate(reader, clause, topic);
    if clause.question() || (!photo && reader.any(clause, &OTHERS)) {
        return Vec::new();
    }
    // "De Up is wit, en er zit een kras op de bumper".
    let goes_on = before.last().is_some_and(|last| {
        let near = reader.scan.clauses.get(last.clause).is_some_and(|one| one.sentence == clause.sentence);
        near && matches!(last.command, Command::TradeIn(_))
    });
    if adds || (goes_on && tells_of_it(reader, clause)) {
        return vec![reader.draft(clause, to_task(reader, clause, topic))];
    }
    if reader.state.topic == Topic::TradeIn && tells_of_it(reader, clause) {
        return vec![reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) })];
    }
    Vec::new()
}

/// "Was kostet das ca.?", "how long does it take?": behind a wish for the workshop it is the workshop's to say.
fn asks_what_it_takes(reader: &Reader<'_>, clause: &Clause) -> bool {
    clause.question()
        && reader.scan.cars_in(clause).next().is_none()
        && reader.scan.moments_in(clause).next().is_none()
        && reader.any(clause, &[Cue::Price, Cue::DriveLength, Cue::Payment, Cue::Warranty, Cue::Deposit])
        && !reader.any(clause, &[Cue::Search, Cue::Drive])
}

/// The task for the customer's own car that a clause may add to: the one in talk, else the one that its words are of.
fn open_task(reader: &Reader<'_>, clause: &Clause) -> Option<Topic> {
    let promised = |kind: TaskKind| reader.state.promises.iter().any(|promise| promise.kind == kind);
    let open =
        [(Topic::TradeIn, promised(TaskKind::TradeIn)), (Topic::Workshop, promised(TaskKind::Workshop))];
    let is_open = |topic: Topic| open.iter().any(|(one, open)| *one == topic && *open);
    let named = open.iter().find(|(topic, open)| *open && names_theirs(reader, clause, *topic));
    named
        .map(|(topic, _)| *topic)
        .or_else(|| is_open(reader.state.topic).then_some(reader.state.topic))
        .or_else(|| open.iter().find(|(_, open)| *open).map(|(topic, _)| *topic))
}

/// What is known of the customer's car.
const fn known<'r>(reader: &Reader<'r>, topic: Topic) -> &'r OwnCar {
    match topic {
        Topic::Workshop => &reader.state.workshop,
        _ => &reader.state.trade_in,
    }
}

/// Whether a clause names the customer's car, and none that is for sale besides.
fn names_theirs(reader: &Reader<'_>, clause: &Clause, topic: Topic) -> bool {
    let theirs = &known(reader, topic).model;
    let mut cars = reader.scan.cars_in(clause).peekable();
    let dealt_in = |model: &str| {
        let focus = reader.state.focus.iter().filter_map(|id| reader.knowledge.dealer.inventory.get(id));
        focus.into_iter().any(|car| car.model.eq_ignore_ascii_case(model))
    };
    theirs.as_deref().is_some_and(|model| !dealt_in(model))
        && cars.peek().is_some()
        && cars.all(|car| car.model == *theirs)
}

/// Whether a plate is said that no car for sale has, while the customer's is not known.
fn gives_plate(reader: &Reader<'_>, clause: &Clause, topic: Topic) -> bool {
    known(reader, topic).plate.is_none() && names_no_stock(reader, clause)
}

/// Whether a plate stands in a clause that no car for sale has.
fn names_no_stock(reader: &Reader<'_>, clause: &Clause) -> bool {
    let Some(plate) = &reader.scan.plate else { return false };
    let in_stock = reader.knowledge.dealer.inventory.cars().iter().any(|car| {
        let letters = car.license_plate.iter().flat_map(|plate| plate.chars());
        let bare: String = letters.filter(char::is_ascii_alphanumeric).collect();
        bare.eq_ignore_ascii_case(&plate.value)
    });
    (clause.from..clause.to).contains(&plate.from) && !in_stock
}

/// What the clause says as an addition to the task.
fn to_task(reader: &Reader<'_>, clause: &Clause, topic: Topic) -> Command {
    let own = own(reader, clause, true);
    if topic == Topic::Workshop {
        Command::Workshop { own, when: whens::of(reader, clause) }
    } else {
        Command::TradeIn(own)
    }
}

/// "Er zit wel schade op de bumper", "het is trouwens een automaat": how the car is that is offered in exchange.
fn tells_of_it(reader: &Reader<'_>, clause: &Clause) -> bool {
    let scan = reader.scan;
    let described = scan.properties_in(clause).next().is_some()
        && scan.any(clause, &[Cue::Pronoun, Cue::Subject, Cue::TellsOf]);
    let limits = scan.amounts_in(clause).any(|amount| amount.kind == Kind::Price || amount.limited);
    let wished = scan.has(clause, Cue::Wish) && !scan.has(clause, Cue::TellsOf);
    (described || scan.any(clause, &[Cue::Feature, Cue::Damage]))
        && !limits
        && !wished
        && scan.cars_in(clause).next().is_none()
        && scan.moments_in(clause).next().is_none()
}
