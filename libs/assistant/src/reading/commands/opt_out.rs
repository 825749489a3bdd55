//! No more messages, and messages again. Only unmistakable words are plain; everything else is a question back, or nothing.

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
        return if clause.condition { Vec::new() } else { vec![draft] };
    }
    let maybe = reader.has(clause, Cue::OptOutMaybe) && !ordinary && !clause.condition;
    let already = before.iter().any(|draft| draft.command == Command::OptOut);
    if maybe && !already && !matches!(reader.state.asked, Some(Asked::OptIn)) {
        return vec![draft.doubtful()];
    }
    Vec::new()
}
