//! Buying, bidding, a call or a trade-in that is only spoken of: not wanted, asked about, past, or somebody else's.

use super::deeds::{self, Deed};
use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader};
use crate::command::{Command, Plain, Reason};
use crate::state::Asked;

/// Takes such wishes out of the turn: a question goes to a colleague, what is refused is let be.
pub(super) fn without(reader: &Reader<'_>, drafts: Vec<Draft>) -> Vec<Draft> {
    let several = drafts.len() > 1;
    let mut out = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let Some(because) = spoken_of(reader, &draft) else {
            out.push(draft);
            continue;
        };
        if let Some(instead) = instead(reader, &draft, several) {
            let name = draft.command.name();
            out.push(Draft { command: instead, plain: Plain::Clear, ..draft }.instead_of(name, because));
        }
    }
    out
}

/// "Ik ga hem niet kopen", "ich wurde gestern schon angerufen": nothing else was read of it, and nothing is to be done.
pub(super) fn unread(reader: &Reader<'_>) -> Option<Draft> {
    let says_so = |clause: &&Clause| {
        !clause.question() && reader.any(clause, &[Cue::Unwanted, Cue::Dropped, Cue::Done, Cue::NotBuy])
    };
    let clause = reader.scan.clauses.iter().find(says_so)?;
    let nothing_open = !is_open(reader) && !reader.has_appointment();
    // "Ik had vorige week gebeld": more of what a colleague looks into already.
    let adds = reader.has(clause, Cue::Done) && !reader.state.promises.is_empty();
    let command =
        if adds { Command::AskColleague { question: reader.sentence(clause) } } else { Command::No };
    nothing_open.then(|| reader.draft(clause, command))
}

/// Moments are on offer, or a question awaits a yes.
fn is_open(reader: &Reader<'_>) -> bool {
    reader.has_offer() || reader.state.asked.as_ref().is_some_and(Asked::awaits_yes)
}

/// What is done instead; nothing where something else is said as well.
fn instead(reader: &Reader<'_>, draft: &Draft, several: bool) -> Option<Command> {
    let clause = reader.scan.clauses.get(draft.clause)?;
    if clause.question() {
        return Some(Command::AskColleague { question: reader.sentence(clause) });
    }
    match (several, is_open(reader) || reader.has_appointment()) {
        (true, _) => None,
        (false, true) => Some(Command::AskColleague { question: reader.sentence(clause) }),
        (false, false) => Some(Command::No),
    }
}

/// Why a wish is only spoken of; `None` when it is meant.
fn spoken_of(reader: &Reader<'_>, draft: &Draft) -> Option<&'static str> {
    let deed = match &draft.command {
        Command::Buy { reserve: false, .. } => Cue::Buy,
        Command::Buy { reserve: true, .. } => Cue::Reserve,
        Command::Bid { .. } => Cue::Bid,
        Command::Discount { .. } => Cue::Discount,
        Command::CallBack { .. } => Cue::CallBack,
        Command::TradeIn(_) => Cue::TradeIn,
        Command::HandOver(Reason::HumanRequested) => Cue::Human,
        _ => return None,
    };
    let clause = reader.scan.clauses.get(draft.clause)?;
    let in_sentence = |cue: Cue| of_sentence(reader, clause).any(|one| reader.has(one, cue));
    let wants_all_the_same = reader.has(clause, Cue::Human) && deed == Cue::Human;
    let of_a_car = matches!(deed, Cue::Buy | Cue::Reserve | Cue::Bid);
    if reader.has(clause, Cue::Obliged) && clause.question() {
        return Some("it is asked whether one has to");
    }
    if reader.has(clause, Cue::Unwanted) && !wants_all_the_same {
        return Some("it is not wanted");
    }
    if of_a_car && in_sentence(Cue::Dropped) {
        return Some("it is not wanted any more");
    }
    if reader.has(clause, Cue::Done) {
        return Some("it was done before, or by somebody else");
    }
    let bids_of_others = deed == Cue::Bid && deeds::of(reader, clause, deed) == Deed::Others;
    bids_of_others.then_some("it is somebody else's")
}

fn of_sentence<'r>(reader: &'r Reader<'_>, clause: &Clause) -> impl Iterator<Item = &'r Clause> {
    let sentence = clause.sentence;
    reader.scan.clauses.iter().filter(move |one| one.sentence == sentence)
}
