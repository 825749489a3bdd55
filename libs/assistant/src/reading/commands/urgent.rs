//! What cannot wait for its turn: a plain opt-out or opt-in, and wishes for a person.

use super::phrases::{Cue, Hit, Place, is_apart, search_for};
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

/// The cues that tell.
fn matters(cue: Cue) -> bool {
    matches!(
        cue,
        Cue::Sensitive
            | Cue::Complaint
            | Cue::Harmless
            | Cue::Human
            | Cue::CallBack
            | Cue::Phone
            | Cue::OptIn
            | Cue::OptOut
            | Cue::NoOptOut
            | Cue::Condition
            | Cue::Subject
            | Cue::Hypothesis
    )
}

/// Whether a message is urgent, before its turn is read. Cheap; says nothing of what is only perhaps meant.
pub fn is_urgent(message: &str) -> Option<Urgent> {
    let text = Text::new(crate::reading::words_of(message));
    let mut urgent = None;
    let mut from = 0;
    while from < text.len() {
        let to = (from + 1..text.len()).find(|at| is_apart(&text, *at)).unwrap_or(text.len());
        let question = text.in_question(from);
        let mut hits: Vec<Hit> = Vec::new();
        let place =
            Place { text: &text, properties: &[], within: from..to, message: 0..text.len(), question };
        search_for(&place, matters, &mut hits);
        let has = |cue: Cue| hits.iter().any(|hit| hit.cue == cue);
        let harmless = has(Cue::Harmless) || (question && (has(Cue::Subject) || has(Cue::Hypothesis)));
        let grave = (has(Cue::Sensitive) || has(Cue::Complaint)) && !harmless;
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
