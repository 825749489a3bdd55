//! What a clause asks of a car.

use super::phrases::{Cue, Hit};
use super::scan::{Clause, Scan};
use super::{Reader, cars, line};
use crate::command::Field;
use crate::reading::moments::Known;
use crate::reading::properties::Property;

const FIELDS: [(Cue, Field); 11] = [
    (Cue::Available, Field::Available),
    (Cue::Price, Field::Price),
    (Cue::Year, Field::Year),
    (Cue::Mileage, Field::Mileage),
    (Cue::Fuel, Field::Fuel),
    (Cue::Gearbox, Field::Gearbox),
    (Cue::Color, Field::Color),
    (Cue::Body, Field::Body),
    (Cue::Variant, Field::Variant),
    (Cue::Plate, Field::Plate),
    (Cue::Photos, Field::Photos),
];

/// What a clause asks of a car, in the order it is asked.
pub(super) fn fields(reader: &Reader<'_>, clause: &Clause) -> Vec<Field> {
    let scan = reader.scan;
    let mut found: Vec<(usize, Field)> = Vec::new();
    for (cue, field) in FIELDS {
        if let Some(hit) = scan.hit(clause, cue)
            && asks_for(reader, clause, cue)
            && !(cue == Cue::Plate && scan.plate.is_some())
        {
            found.push((hit.from, field));
        }
    }
    for (at, field) in properties_asked(reader, clause) {
        if found.iter().all(|(_, one)| *one != field) {
            found.push((at, field));
        }
    }
    if let Some(words) = feature(reader, clause) {
        found.push((words.0, Field::Other(words.1)));
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, field)| field).collect()
}

/// "Is dat een handbak?", "is der Kona ein Vollhybrid?": a property that a question about one car names asks for its kind.
fn properties_asked(reader: &Reader<'_>, clause: &Clause) -> Vec<(usize, Field)> {
    let scan = reader.scan;
    let of_one = clause.question() && scan.any(clause, &[Cue::Subject, Cue::Pronoun]);
    let others = [Cue::Search, Cue::Drive, Cue::Available, Cue::Buy, Cue::TradeIn];
    if !of_one || scan.any(clause, &others) {
        return Vec::new();
    }
    let asked = scan.properties_in(clause).filter(|property| {
        let of_a_car = scan.cars_in(clause).any(|car| car.from == property.to);
        !of_a_car && !cars::is_definite(reader, property.from)
    });
    asked
        .map(|property| {
            let field = match property.property {
                Property::Fuel => Field::Fuel,
                Property::Transmission => Field::Gearbox,
                Property::Color => Field::Color,
                Property::Body => Field::Body,
            };
            (property.from, field)
        })
        .collect()
}

/// Whether a question names what a car is: "der Clio Hybrid" asks nothing.
pub(super) const fn is_kind_of_car(field: &Field) -> bool {
    matches!(field, Field::Fuel | Field::Gearbox | Field::Body | Field::Color)
}

/// Whether a clause asks facts of a car.
pub(super) fn is_asked(reader: &Reader<'_>, clause: &Clause) -> bool {
    !fields(reader, clause).is_empty()
}

/// Whether a phrase of a field is not only a description: "is de grijze er nog?" asks no colour.
fn asks_for(reader: &Reader<'_>, clause: &Clause, cue: Cue) -> bool {
    let scan = reader.scan;
    if !matches!(cue, Cue::Fuel | Cue::Gearbox | Cue::Color | Cue::Body) {
        return true;
    }
    scan.hits_of(clause, cue).any(|hit| {
        let mut inside =
            scan.properties_in(clause).filter(|one| (hit.from..hit.to).contains(&one.from)).peekable();
        inside.peek().is_none() || inside.any(|one| cars::is_asked_about(reader, clause, one))
    })
}

/// What no record tells, in the customer's words: the thing where only it is named, else the whole question.
fn feature(reader: &Reader<'_>, clause: &Clause) -> Option<(usize, String)> {
    let scan = reader.scan;
    // "Wir kommen aus Leer" names a town; "wa mot ie kosten" asks no MOT: it is the verb of a question that is read already.
    let verb = |at: usize| scan.hits_of(clause, Cue::Price).any(|hit| hit.from + 1 == at && at + 1 < hit.to);
    let stands = |hit: &Hit| !scan.covers(Cue::Origin, hit.from) && !verb(hit.from);
    let things: Vec<_> = scan.hits_of(clause, Cue::Feature).filter(stands).collect();
    let asked: Vec<_> = scan.hits_of(clause, Cue::FeatureAsked).collect();
    let from = things.iter().chain(&asked).map(|hit| hit.from).min()?;
    let first = things.first();
    let last = things.last();
    let together = things.windows(2).all(|pair| matches!(pair, [one, two] if two.from <= one.to));
    // "Hoeveel eigenaren": the question adds nothing to the thing.
    let holds = |question: &Hit, thing: &Hit| question.from <= thing.from && thing.to <= question.to;
    let plain = asked.iter().all(|question| things.iter().any(|thing| holds(question, thing)));
    let words = match (first, last) {
        (Some(first), Some(last)) if together && plain => {
            scan.text.raw_of(first.from, last.to.max(first.to)).to_owned()
        }
        _ => as_question(asked_words(reader, clause)),
    };
    Some((from, line(&words)))
}

/// A question with its mark: it is no thing that a sentence could be about.
pub(super) fn as_question(words: &str) -> String {
    let words = words.trim_end_matches(['?', '!', '.']);
    format!("{words}?")
}

/// A question without the conjunction before it.
pub(super) fn asked_words<'r>(reader: &Reader<'r>, clause: &Clause) -> &'r str {
    let scan = reader.scan;
    let leads = |at: &usize| [Cue::And, Cue::Small, Cue::Filler].iter().any(|cue| scan.covers(*cue, *at));
    let first = clause.from + (clause.from..clause.to).take_while(leads).count();
    scan.text.raw_of(if first < clause.to { first } else { clause.from }, clause.to)
}

/// What was asked in the turn before: "en de Kuga?" asks the same of another car.
pub(super) fn asked_before(reader: &Reader<'_>) -> Vec<Field> {
    let Some(last) = reader.state.turns.last() else { return Vec::new() };
    let scan = Scan::new(&last.customer, reader.now, Known::default(), &reader.knowledge.gazetteer);
    let earlier = Reader { scan: &scan, ..*reader };
    let mut asked: Vec<Field> = Vec::new();
    for field in scan.clauses.iter().flat_map(|clause| fields(&earlier, clause)) {
        if !asked.contains(&field) {
            asked.push(field);
        }
    }
    asked
}
