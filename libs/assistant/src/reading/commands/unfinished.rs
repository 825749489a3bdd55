//! Whether a message has not come to its end: "kan ik ma", "heb je nog die", or only "hoi".

use super::phrases::{Cue, Hit, Place, search};
use crate::reading::text::{Text, Token};

/// Why a message waits for its rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It breaks off.
    Fragment,
    /// It only greets.
    Greeting,
}

/// A longer piece is a sentence of its own.
const LONGEST_PIECE: usize = 6;

fn hits(text: &Text<'_>) -> Vec<Hit> {
    let whole = 0..text.len();
    let place = Place { text, properties: &[], within: whole.clone(), message: whole, question: false };
    let mut hits = Vec::new();
    search(&place, &mut hits);
    hits
}

/// Why a message should wait for its rest, when it should.
pub(super) fn waits(message: &str) -> Option<Why> {
    let message = message.trim();
    if message.ends_with(',') {
        return Some(Why::Fragment);
    }
    if message.is_empty() || message.ends_with(['.', '!', '?']) {
        return None;
    }
    let text = Text::new(message);
    if text.len() == 0 || text.len() > 12 || text.tokens.iter().all(Token::is_number) {
        return None;
    }
    let hits = hits(&text);
    let all = |cue: Cue| {
        (0..text.len()).all(|at| hits.iter().any(|hit| hit.cue == cue && (hit.from..hit.to).contains(&at)))
    };
    if all(Cue::Greet) {
        return Some(Why::Greeting);
    }
    if all(Cue::Yes) || all(Cue::No) || hits.iter().any(|hit| hit.cue == Cue::OptOut) {
        return None;
    }
    let dangles = hits.iter().any(|hit| hit.cue == Cue::Dangling && hit.to == text.len());
    dangles.then_some(Why::Fragment)
}

/// Whether a message reads as a piece of the sentence before it.
pub(super) fn is_fragment(message: &str) -> bool {
    const OPENERS: [Cue; 10] = [
        Cue::Greet,
        Cue::Yes,
        Cue::No,
        Cue::Thanks,
        Cue::Wh,
        Cue::Question,
        Cue::OptOut,
        Cue::Human,
        Cue::Correction,
        Cue::Small,
    ];
    let text = Text::new(message);
    let Some(first) = text.tokens.first() else { return false };
    !first.capital
        && text.len() <= LONGEST_PIECE
        && !hits(&text).iter().any(|hit| hit.from == 0 && OPENERS.contains(&hit.cue))
}
