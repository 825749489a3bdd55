//! A name that is all of a message, though nothing asked for it: kept where it can only be a name.

use super::person_names::{is_full, is_given, is_initial, is_name, is_title};
use super::phrases::Cue;
use super::{Draft, Reader, answers};
use crate::command::{Command, Plain};
use crate::reading::text::{Gap, Mark};
use crate::reading::{given_names, lexicon};
use crate::state::Asked;

/// Shorter words without capital are mistyped more often than they are surnames.
const SURNAME: usize = 4;

/// "Ahmed", "P. Jansen": the whole message, in talk that a name was not given in yet.
pub(super) fn read(reader: &Reader<'_>) -> Option<Draft> {
    let to = reader.scan.text.len();
    let in_talk = !reader.state.turns.is_empty() && reader.state.name.is_none();
    (in_talk && says_nothing_else(reader) && is_surely_one(reader)).then(|| {
        let name = reader.scan.text.raw_of(0, to).to_owned();
        Draft { plain: Plain::Doubtful, ..answers::draft(reader, Command::Name(name), 0, to) }
    })
}

/// "Zal ik dat vastleggen?" "Stefan Maier": who answers with a name and nothing else agrees.
pub(super) fn agrees(reader: &Reader<'_>) -> Option<Draft> {
    let asked = matches!(reader.state.asked, Some(Asked::Book { .. }));
    let alone = asked && says_nothing_else(reader) && is_surely_one(reader);
    alone.then(|| answers::draft(reader, Command::Yes, 0, reader.scan.text.len()))
}

/// Words and full stops, and nothing that was found in them.
fn says_nothing_else(reader: &Reader<'_>) -> bool {
    let scan = reader.scan;
    let marks = |mark: Mark| matches!(mark, Mark::None | Mark::Name);
    let plain = scan.text.tokens.iter().all(|token| marks(token.mark) && token.mended.is_none());
    let ends = scan.text.tail.is(Gap::default()) || scan.text.tail.has(Gap::DOT);
    plain && ends && scan.properties.is_empty() && !scan.text.tail.has(Gap::QUESTION)
}

/// A given name that is no other word, or a given name, initials or a title with a surname.
fn is_surely_one(reader: &Reader<'_>) -> bool {
    let text = &reader.scan.text;
    let to = text.len();
    let (Some(first), Some(last)) = (text.tokens.first(), text.tokens.last()) else { return false };
    if !is_name(reader, 0, to, false) {
        return false;
    }
    if to == 1 {
        return is_given(first) && !lexicon::is_known(&first.norm);
    }
    // "Mark visser": a given name that is a word as well, and a surname that is none.
    let unknown = to == 2 && last.norm.len() >= SURNAME && !lexicon::is_known(&last.norm);
    let cued = reader.scan.hits.all().iter().any(|hit| hit.to == to && hit.cue != Cue::Filler);
    let opens = is_given(first) || is_initial(text, 0) || is_title(&first.norm) || first.norm.len() == 1;
    is_full(reader, 0, to) && opens || given_names::has(&first.norm) && unknown && !cued
}
