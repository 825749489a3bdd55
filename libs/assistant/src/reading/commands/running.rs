//! The customer's own running matter with the dealer: a car that was bought or brought, papers waited for, news wished of what
//! comes in. No record here tells of it, so that a colleague is told, once.

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader};
use crate::command::Command;

/// What is said of a car for sale, or of one to be traded in, is no running matter.
const OTHERS: [Cue; 4] = [Cue::TradeIn, Cue::Bid, Cue::OptOut, Cue::Human];

/// Reads a clause about a running matter, or one that goes on about it.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    let goes_on = before.last().is_some_and(|last| {
        last.instead_of.iter().any(|lost| lost.because == BECAUSE)
            && reader.scan.clauses.get(last.clause).is_some_and(|one| one.sentence == clause.sentence)
    });
    if !(goes_on || is_running(reader, clause) || wants_news(reader, clause)) {
        return Vec::new();
    }
    let question = reader.sentence(clause);
    vec![reader.draft(clause, Command::AskColleague { question }).instead_of("tell", BECAUSE)]
}

const BECAUSE: &str = "it is about what runs between the customer and the dealer";

/// Whether a clause speaks of a running matter.
pub(super) fn is_running(reader: &Reader<'_>, clause: &Clause) -> bool {
    let of_a_car_in_talk = || !reader.state.focus.is_empty() || reader.scan.cars_in(clause).next().is_some();
    let running =
        reader.has(clause, Cue::Running) || (reader.has(clause, Cue::Collects) && !of_a_car_in_talk());
    running && !reader.any(clause, &OTHERS)
}

/// "App me als er een automaat binnenkomt", "let me know if the price drops": no search now.
pub(super) fn wants_news(reader: &Reader<'_>, clause: &Clause) -> bool {
    let told = |one: &Clause| one.sentence == clause.sentence && reader.has(one, Cue::TellMe);
    // "Wanneer komt er een binnen?" asks when, "text me when one comes in" says when.
    let mut hits = reader.scan.hits_of(clause, Cue::ComesIn);
    let comes_in = hits.any(|hit| hit.from > clause.from || !clause.opens());
    comes_in && reader.scan.clauses.iter().any(told)
        || reader.has(clause, Cue::TellMe)
            && reader
                .next(clause)
                .is_some_and(|next| next.sentence == clause.sentence && reader.has(next, Cue::ComesIn))
}
