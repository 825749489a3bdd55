//! Router: what each message wants and in which language the turn is answered.

use super::agreement;
use super::backend::Backend;
use super::state::{Item, TurnState};
use crate::reading::{Intent, is_correction, language_of};

/// Understands every message and lets later corrections take the place of what they correct.
pub(super) async fn run(state: &mut TurnState, backend: &impl Backend) {
    let offered_slots = u32::try_from(state.memory.offered.len()).unwrap_or_default();
    for message in &state.input.messages {
        let text = message.text.trim();
        let analysis = if text.is_empty() {
            None
        } else {
            let context = state.input.dealer.context(offered_slots);
            let at = state.local(message.at);
            Some(backend.analyze(text, &at, &context).await)
        };
        let wishes = state.memory.wishes.clone();
        state.items.push(Item { analysis, superseded: false, wishes, answer: None });
    }
    supersede(state);
    choose_language(state);
    agreement::run(state);
}

/// A correction, or a second try at the same booking, replaces the message before it.
fn supersede(state: &mut TurnState) {
    for at in 1..state.items.len() {
        let intent = intent_of(&state.items[at]);
        let corrects = is_correction(&state.input.messages[at].text);
        let booking = intent.is_some_and(Intent::is_about_booking);
        for earlier in (0..at).rev() {
            let same = intent_of(&state.items[earlier]) == intent;
            let same_booking =
                booking && intent_of(&state.items[earlier]).is_some_and(Intent::is_about_booking);
            if (corrects && same) || same_booking {
                state.items[earlier].superseded = true;
                break;
            }
        }
    }
}

fn intent_of(item: &Item) -> Option<Intent> {
    item.analysis.as_ref().map(|analysis| analysis.intent)
}

/// The language of the last message that tells one; "2", "ok" and a name do not change it.
fn choose_language(state: &mut TurnState) {
    let spoken = state.input.messages.iter().zip(&state.items).rev().find_map(|(message, item)| {
        let telling = message.text.split_whitespace().count() >= 2 || state.memory.language.is_none();
        let analysis = item.analysis.as_ref().filter(|_| telling)?;
        language_of(&message.text).map(|_| analysis.language)
    });
    let language = spoken.or(state.memory.language).unwrap_or_default();
    state.language = state.input.dealer.answer_in(language);
    state.memory.language = spoken.map(|_| state.language).or(state.memory.language);
}
