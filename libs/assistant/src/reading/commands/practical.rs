//! Practical questions, and questions that nothing here answers.

use dealer::PracticalTopic;

use super::phrases::Cue;
use super::scan::{Asks, Clause, Scan};
use super::{Draft, Reader, cars, whens};
use crate::command::{Command, Field, Practical};
use crate::reading::moments::Known;
use crate::reading::text::Mark;
use crate::state::Topic;

const TOPICS: [(Cue, PracticalTopic); 22] = [
    (Cue::Pets, PracticalTopic::Pets),
    (Cue::DrivingAge, PracticalTopic::DrivingAge),
    (Cue::Licence, PracticalTopic::Licence),
    (Cue::Papers, PracticalTopic::Papers),
    (Cue::Companions, PracticalTopic::Companions),
    (Cue::Children, PracticalTopic::Children),
    (Cue::Warranty, PracticalTopic::Warranty),
    (Cue::DriveLength, PracticalTopic::DriveLength),
    (Cue::Deposit, PracticalTopic::Deposit),
    (Cue::Delivery, PracticalTopic::Delivery),
    (Cue::Export, PracticalTopic::Export),
    (Cue::Payment, PracticalTopic::Payment),
    (Cue::Parking, PracticalTopic::Parking),
    (Cue::Route, PracticalTopic::Route),
    (Cue::Insurance, PracticalTopic::Insurance),
    (Cue::Returns, PracticalTopic::Returns),
    (Cue::Charging, PracticalTopic::Charging),
    (Cue::WalkIn, PracticalTopic::WalkIn),
    (Cue::WorkshopHours, PracticalTopic::WorkshopHours),
    (Cue::TestDriveRules, PracticalTopic::TestDriveRules),
    (Cue::Jobs, PracticalTopic::Jobs),
    (Cue::Privacy, PracticalTopic::Privacy),
];

/// A day alone, with a word or two about it.
const BARE_DAY: usize = 3;

/// Topics that are raised by telling as well: "mijn vrouw komt mee".
const TOLD: [Cue; 3] = [Cue::Companions, Cue::Pets, Cue::Licence];

fn topic(reader: &Reader<'_>, clause: &Clause) -> Option<PracticalTopic> {
    let found = TOPICS.iter().find(|(cue, _)| {
        // "Mijn dochter heeft net haar rijbewijs" tells what kind of car is looked for.
        // "Wat betaal ik voor de Up met garantie?" asks its price.
        let priced = reader.has(clause, Cue::Price)
            && reader.scan.cars_in(clause).next().is_some()
            && matches!(cue, Cue::Payment | Cue::Warranty | Cue::Delivery);
        let beginner = *cue == Cue::Licence && reader.has(clause, Cue::SmallCar);
        let of_the_way = *cue == Cue::DriveLength && is_of_the_way(reader, clause);
        reader.has(clause, *cue)
            && !of_the_way
            && !beginner
            && !priced
            && (clause.question() || (TOLD.contains(cue) && !reader.has(clause, Cue::Search)))
    });
    found.map(|(_, topic)| *topic)
}

/// "Ik kom uit Zwolle, hoe lang is dat rijden": how far it is, and not how long a test drive takes.
fn is_of_the_way(reader: &Reader<'_>, clause: &Clause) -> bool {
    let comes_from = |one: &Clause| one.sentence == clause.sentence && reader.has(one, Cue::Origin);
    reader.has(clause, Cue::DriveLength) && reader.scan.clauses.iter().any(comes_from)
}

/// Whether a clause asks something practical.
pub(super) fn is_asked(reader: &Reader<'_>, clause: &Clause) -> bool {
    topic(reader, clause).is_some()
}

/// Topics that are asked in the words of a test drive, and wish none.
const AROUND_A_DRIVE: [PracticalTopic; 6] = [
    PracticalTopic::DrivingAge,
    PracticalTopic::DriveLength,
    PracticalTopic::Pets,
    PracticalTopic::Children,
    PracticalTopic::WalkIn,
    PracticalTopic::Payment,
];

/// "Muss ich volljährig sein für ne Probefahrt?", "kan de hond mee op proefrit?": what is asked about a drive wishes none, while
/// no car and no moment is named for it.
pub(super) fn around_a_drive(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let asked = topic(reader, clause).filter(|topic| clause.question() && AROUND_A_DRIVE.contains(topic));
    let names_a_drive =
        reader.scan.moments_in(clause).next().is_some() || reader.scan.cars_in(clause).next().is_some();
    // An age is asked whatever car it is for.
    let of_any_car =
        asked == Some(PracticalTopic::DrivingAge) && reader.scan.moments_in(clause).next().is_none();
    match asked {
        Some(topic) if !names_a_drive || of_any_car => {
            vec![reader.draft(clause, Command::Practical(Practical::Topic(topic)))]
        }
        _ => Vec::new(),
    }
}

/// "En voor de auto die ik inlever?" behind a question about papers asks the same of the other car, and offers none.
pub(super) fn same_papers(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let adds = clause.asks == Asks::ByMark
        && reader.scan.covers(Cue::And, clause.from)
        && reader.any(clause, &[Cue::TradeIn, Cue::Buy])
        && reader.scan.cars_in(clause).next().is_none();
    let papers_before = || {
        let turns = reader.state.turns.last();
        turns.is_some_and(|last| {
            let scan = Scan::new(&last.customer, reader.now, Known::default(), &reader.knowledge.gazetteer);
            scan.clauses.iter().any(|one| one.question() && scan.has(one, Cue::Papers))
        })
    };
    if !adds || !papers_before() {
        return Vec::new();
    }
    vec![reader.draft(clause, Command::Practical(Practical::Topic(PracticalTopic::Papers)))]
}

/// Reads a practical question.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let has = |cue: Cue| reader.has(clause, cue);
    // "En zondag?" behind moments on offer wishes one.
    let of_a_visit = reader.has_offer() || reader.has_appointment() || reader.state.asked.is_some();
    if of_a_visit && clause.to - clause.from <= BARE_DAY && reader.scan.moments_in(clause).next().is_some() {
        return Vec::new();
    }
    // "In 2 hours" asks for no opening hours.
    let within = |at: usize| reader.scan.moments_in(clause).any(|said| (said.from..said.to).contains(&at));
    let hours_asked = reader.scan.hits_of(clause, Cue::Hours).any(|hit| !within(hit.from));
    let practical = if is_of_the_way(reader, clause) {
        Practical::Address
    } else if has(Cue::WorkshopHours) {
        Practical::Topic(PracticalTopic::WorkshopHours)
    } else if hours_asked && clause.question() && !has(Cue::Feature) {
        hours(reader, clause)
    } else if has(Cue::Address) && clause.question() {
        Practical::Address
    } else if let Some(topic) = topic(reader, clause) {
        Practical::Topic(topic)
    } else if hours_asked || has(Cue::Address) {
        if hours_asked { hours(reader, clause) } else { Practical::Address }
    } else if reader.state.topic == Topic::Price && has(Cue::Payment) {
        return vec![reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) })];
    } else {
        return Vec::new();
    };
    let mut drafts = vec![reader.draft(clause, Command::Practical(practical))];
    drafts.extend(named_first(reader, clause, practical).map(|tell| reader.draft(clause, tell)));
    if practical == Practical::Topic(PracticalTopic::Licence) && from_abroad(reader, clause) {
        // The dealer's text does not know every country.
        drafts.push(reader.draft(clause, Command::AskColleague { question: reader.sentence(clause) }));
    }
    drafts
}

/// Opening hours: of the day that is named, else of the week.
pub(super) fn hours(reader: &Reader<'_>, clause: &Clause) -> Practical {
    let when = whens::of(reader, clause);
    let today = when.soon || reader.has(clause, Cue::OpenNow);
    let soon = today.then(|| reader.now.date());
    when.day().or(soon).map_or(Practical::Hours, Practical::HoursOn)
}

/// What is asked about a car, and not about the dealer.
const OF_A_CAR: [PracticalTopic; 7] = [
    PracticalTopic::Warranty,
    PracticalTopic::Delivery,
    PracticalTopic::Export,
    PracticalTopic::Payment,
    PracticalTopic::Deposit,
    PracticalTopic::Returns,
    PracticalTopic::Insurance,
];

/// "Is there a warranty on the Fiesta?": a car that is named for the first time is the one in talk from now on, and there.
fn named_first(reader: &Reader<'_>, clause: &Clause, practical: Practical) -> Option<Command> {
    let Practical::Topic(topic) = practical else { return None };
    let named = cars::refs(reader, clause);
    let [car] = named.as_slice() else { return None };
    let definite = cars::names_definite(reader, clause) && car.described.names_a_car();
    let found = crate::stock::resolve(car, reader.state, &reader.knowledge.dealer.inventory);
    let crate::stock::Resolved::One(one) = found else { return None };
    let new = !reader.state.focus.contains(&one.id);
    (OF_A_CAR.contains(&topic) && definite && new)
        .then(|| Command::Tell { cars: named, fields: vec![Field::Available] })
}

/// Whether a clause names a country or a nationality: a word with a capital inside the sentence that is no name known here.
fn from_abroad(reader: &Reader<'_>, clause: &Clause) -> bool {
    let tokens = &reader.scan.text.tokens[clause.from..clause.to];
    let capital =
        tokens.iter().skip(1).any(|token| token.capital && token.mark == Mark::None && token.norm.len() > 3);
    reader.has(clause, Cue::Foreign) || (capital && reader.scan.language != Some(dealer::Language::De))
}

/// Reads what nothing else did: a question goes to a colleague, in the customer's words.
pub(super) fn unread(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    if reader.has(clause, Cue::ThatOk) && before.iter().any(|draft| same_sentence(reader, draft, clause)) {
        return Vec::new();
    }
    let alone = reader.scan.clauses.iter().filter(|one| one.sentence == clause.sentence).count() == 1;
    let nothing_read = !before.iter().any(|draft| same_sentence(reader, draft, clause))
        && reader.next(clause).is_none_or(|next| next.sentence != clause.sentence);
    let by_mark_only = clause.question() && !clause.opens() && !alone && !nothing_read;
    let indifferent = reader.has(clause, Cue::NoMatter) && !before.is_empty();
    let gives_address = (clause.from..clause.to).any(|at| reader.scan.text.tokens[at].mark == Mark::Address);
    // "Was ist, wenn …": the rest of the sentence says what.
    let opening = !alone && clause.to - clause.from <= 2;
    if by_mark_only || indifferent || gives_address || opening {
        return Vec::new();
    }
    // "Plate NX-210-B. Small scratch on the rear door": what is told beside it is for who values the car.
    let only_own = before.iter().all(|draft| matches!(draft.command, Command::TradeIn(_) | Command::Greet));
    let about_own = matches!(reader.state.topic, Topic::TradeIn | Topic::Finance | Topic::Workshop)
        && (before.is_empty() || (reader.state.topic == Topic::TradeIn && only_own))
        && clause.to - clause.from >= 4;
    if !(clause.question() || reader.has(clause, Cue::Request) || about_own) || clause.to - clause.from < 2 {
        return Vec::new();
    }
    let question = reader.sentence(clause);
    let already = before.iter().any(
        |draft| matches!(&draft.command, Command::AskColleague { question: asked } if *asked == question),
    );
    if already {
        return Vec::new();
    }
    vec![reader.draft(clause, Command::AskColleague { question })]
}

fn same_sentence(reader: &Reader<'_>, draft: &Draft, clause: &Clause) -> bool {
    reader.scan.clauses.get(draft.clause).is_some_and(|one| one.sentence == clause.sentence)
}
