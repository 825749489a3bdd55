//! How the customer wants to be dealt with: in which language, without lists; and that an answer is awaited.

use dealer::Language;

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader};
use crate::command::Command;
use crate::state::Asked;

/// The languages, each by the phrases that wish for it.
const LANGUAGES: [(Cue, Language); 3] =
    [(Cue::SpeakNl, Language::Nl), (Cue::SpeakEn, Language::En), (Cue::SpeakDe, Language::De)];

/// Reads a clause about the manner of the conversation.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let spoken = LANGUAGES.iter().find(|(cue, _)| reader.has(clause, *cue));
    if let Some((_, language)) = spoken {
        return vec![reader.draft(clause, Command::Speak(*language))];
    }
    if only_lists_stop(reader, clause) {
        let because = "lists shall stop, and no messages";
        return vec![reader.draft(clause, Command::Close).instead_of("opt_out", because)];
    }
    let awaits_yes = reader.state.asked.as_ref().is_some_and(Asked::awaits_yes);
    if reader.has(clause, Cue::Awaits) && !awaits_yes && !clause.question() && !clause.condition {
        return vec![reader.draft(clause, Command::Close)];
    }
    Vec::new()
}

/// "Stop sending me lists": what shall stop is named, and it is not messages.
fn only_lists_stop(reader: &Reader<'_>, clause: &Clause) -> bool {
    let Some(lists) = reader.scan.hit(clause, Cue::NoLists) else { return false };
    let inside = |at: usize| (lists.from..lists.to).contains(&at);
    // "Stop sending me lists and messages" goes on behind the lists.
    reader.scan.hits_of(clause, Cue::OptOut).all(|hit| inside(hit.from) && hit.to <= lists.to)
        && reader.scan.hits_of(clause, Cue::OptOutMaybe).all(|hit| inside(hit.from))
}
