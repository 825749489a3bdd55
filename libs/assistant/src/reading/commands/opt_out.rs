//! No more messages, and messages again. Only unmistakable words are plain; everything else is a question back, or nothing.

use super::deeds::{self, Deed};
use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader};
use crate::command::Command;
use crate::state::Asked;

/// Reads a clause about messages themselves.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, before: &[Draft]) -> Vec<Draft> {
    if reader.has(clause, Cue::OptIn) {
        return vec![reader.draft(clause, Command::OptIn)];
    }
    let ordinary = reader.has(clause, Cue::NoOptOut);
    let draft = reader.draft(clause, Command::OptOut);
    if reader.has(clause, Cue::OptOut) && !ordinary {
        return vec![if is_wanted_now(reader, clause) { draft } else { draft.doubtful() }];
    }
    let maybe = reader.has(clause, Cue::OptOutMaybe) && !ordinary && !reader.has_appointment();
    let already = before.iter().any(|draft| draft.command == Command::OptOut);
    if maybe && !already && !matches!(reader.state.asked, Some(Asked::OptIn)) {
        return vec![draft.doubtful()];
    }
    Vec::new()
}

/// "Hoe meld ik me af", "als jullie spammen, stop dan", "mijn zus wil geen berichten meer" want nothing now, or not for
/// who writes.
fn is_wanted_now(reader: &Reader<'_>, clause: &Clause) -> bool {
    let asks_how = clause.opens() && reader.has(clause, Cue::Wh);
    let later = clause.condition || reader.has(clause, Cue::NotWantedNow);
    !asks_how && !later && deeds::of(reader, clause, Cue::OptOut) == Deed::Wanted
}
