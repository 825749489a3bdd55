//! What cannot wait for its turn: a plain opt-out or opt-in, and wishes for a person.

use super::phrases::{Cue, Hit, Place, is_apart, search};
use crate::reading::text::Text;

/// What is urgent about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgent {
    /// Wants no more messages, in plain words.
    OptOut,
    /// Wants messages again.
    OptIn,
    /// Wants a person, or must have one: an accident, a lawyer, anger.
    Person,
}

/// Whether a message is urgent, before its turn is read. Cheap; says nothing of what is only perhaps meant.
pub fn is_urgent(message: &str) -> Option<Urgent> {
    let text = Text::new(crate::reading::words_of(message));
    let words: Vec<String> = text.tokens.iter().map(|token| token.norm.clone()).collect();
    let properties = vec![false; words.len()];
    let mut urgent = None;
    let mut from = 0;
    while from < words.len() {
        let to = (from + 1..words.len()).find(|at| is_apart(&text, *at)).unwrap_or(words.len());
        let question = text.in_question(from);
        let mut hits: Vec<Hit> = Vec::new();
        search(&Place { text: &text, words: &words, properties: &properties, from, to, question }, &mut hits);
        let has = |cue: Cue| hits.iter().any(|hit| hit.cue == cue);
        let grave = (has(Cue::Sensitive) || has(Cue::Complaint)) && !(question && has(Cue::Subject));
        if has(Cue::OptIn) {
            return Some(Urgent::OptIn);
        }
        if has(Cue::OptOut) && !has(Cue::NoOptOut) && !has(Cue::Condition) {
            return Some(Urgent::OptOut);
        }
        if grave || has(Cue::Human) || (has(Cue::CallBack) && !has(Cue::Phone)) {
            urgent = Some(Urgent::Person);
        }
        from = to;
    }
    urgent
}
