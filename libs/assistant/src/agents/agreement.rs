//! Agreement: what a bare "ja graag", a nod or a number means, which only the conversation so far can tell.
//!
//! It says yes to what is outstanding: slots on offer, else the question the last reply ended with. With nothing
//! outstanding it acknowledges what was arranged, and arranges nothing anew.

use super::memory::Question;
use super::state::TurnState;
use crate::reading::{Analysis, Entities, Intent, picks_by_number};
use crate::replies;

/// Words that agree by themselves.
const YES: [&str; 23] = [
    "ja",
    "yes",
    "jawohl",
    "graag",
    "please",
    "gerne",
    "gern",
    "oke",
    "ok",
    "okay",
    "prima",
    "sure",
    "jazeker",
    "zeker",
    "yep",
    "jep",
    "is",
    "akkoord",
    "oki",
    "natuurlijk",
    "klopt",
    "leuk",
    "doe",
];

/// Words that may follow them.
const AND_SO: [&str; 13] =
    ["maar", "bitte", "goed", "hoor", "dat", "fijn", "dan", "top", "super", "perfect", "mooi", "ik", "ook"];

/// Words with which a day is asked for rather than repeated.
const ASKS: [&str; 20] = [
    "kan", "kun", "kunnen", "mag", "wil", "willen", "zou", "graag", "liever", "ander", "andere", "could",
    "can", "may", "want", "rather", "kann", "darf", "lieber", "möchte",
];

/// Pictures that nod.
const NODS: &str = "👍👌✅🙏😊🙂😀😃😄😁🎉💪🤝❤";

/// Whether a text agrees and says no more: "ja graag", "yes please", "👍".
pub(super) fn agrees(text: &str) -> bool {
    let mut words =
        text.split(|char: char| !char.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase);
    match words.next() {
        Some(first) => {
            !text.contains(|char: char| char == '?' || char.is_numeric())
                && YES.contains(&first.as_str())
                && words.all(|word| YES.contains(&word.as_str()) || AND_SO.contains(&word.as_str()))
        }
        None => nods(text),
    }
}

/// A picture that nods, whatever its colour.
fn nods(text: &str) -> bool {
    let colour = |char: &char| char.is_whitespace() || matches!(char, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    let mut pictures = text.chars().filter(|char| !colour(char)).peekable();
    pictures.peek().is_some() && pictures.all(|char| NODS.contains(char))
}

/// Gives every such message the intent it has here. The question is answered by then, whatever the answer was.
pub(super) fn run(state: &mut TurnState) {
    for at in 0..state.items.len() {
        let text = state.input.messages[at].text.clone();
        let Some(intent) = state.items[at].analysis.as_ref().map(|analysis| analysis.intent) else {
            continue;
        };
        if matches!(intent, Intent::Other | Intent::Thanks) && agrees(&text) {
            let meant = meant(state, at, &text);
            if let Some((meant, analysis)) = meant.zip(state.items[at].analysis.as_mut()) {
                analysis.intent = meant;
                analysis.confidence = analysis.confidence.max(Analysis::LOW_CONFIDENCE);
                analysis.entities = Entities::default();
            }
        } else if intent == Intent::TestDriveRequest && repeats_the_appointment(state, at) {
            if let Some(analysis) = state.items[at].analysis.as_mut() {
                analysis.intent = Intent::Thanks;
            }
        } else if intent == Intent::Other && picks_by_number(&text) {
            pick_of_nothing(state, at);
        }
    }
    if state.items.iter().any(|item| item.analysis.is_some()) {
        state.memory.asked = None;
    }
}

/// What the agreement in item `at` comes to; `None` when nothing tells.
fn meant(state: &TurnState, at: usize, text: &str) -> Option<Intent> {
    let memory = &state.memory;
    let arranges = |intent: Intent| intent.is_about_booking();
    let said_before =
        state.items[..at].iter().any(|item| item.analysis.as_ref().is_some_and(|it| arranges(it.intent)));
    if said_before {
        // "2" and then "ja graag": the second nods at the first.
        return Some(Intent::Thanks);
    }
    if memory.waiting_for_name.is_some() {
        return None;
    }
    if !memory.offered.is_empty() {
        return Some(Intent::TestDriveRequest);
    }
    match memory.asked {
        Some(Question::TestDrive) => Some(Intent::TestDriveRequest),
        Some(Question::Colleague) => Some(Intent::HumanRequest),
        None => (memory.lead.appointment.is_some() || nods(text)).then_some(Intent::Thanks),
    }
}

/// "Dan kom ik morgen", "see you tomorrow": says the day that stands, and asks nothing.
fn repeats_the_appointment(state: &TurnState, at: usize) -> bool {
    let (Some(appointment), Some(analysis)) = (&state.memory.lead.appointment, &state.items[at].analysis)
    else {
        return false;
    };
    let text = state.input.messages[at].text.to_lowercase();
    let asks =
        text.contains('?') || text.split(|char: char| !char.is_alphabetic()).any(|word| ASKS.contains(&word));
    let start = state.local(appointment.slot.start);
    let Entities { preferred_date, preferred_time, .. } = &analysis.entities;
    let date = preferred_date.as_ref().is_some_and(|date| *date == start.date().to_string());
    let time = preferred_time.as_ref().is_none_or(|time| super::slots::clock(time) == Some(start.time()));
    let another_car = analysis.entities.make.is_some() || analysis.entities.model.is_some();
    state.memory.offered.is_empty() && date && time && !asks && !another_car
}

/// A number that picks a slot after the slots are gone: the appointment made of one stands.
fn pick_of_nothing(state: &mut TurnState, at: usize) {
    let Some(appointment) =
        state.memory.lead.appointment.as_ref().filter(|_| state.memory.offered.is_empty())
    else {
        return;
    };
    let when = state.local(appointment.slot.start);
    let moment = replies::moment(&when, state.language);
    state.items[at].answer = Some(state.texts().say("already_booked", &[("when", &moment)]));
    state.facts.slots.push(when);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_says_no_more_than_yes() {
        for text in
            ["ja", "Ja graag!", "yes please", "oke", "ok, doe maar", "is goed", "prima hoor", "👍🏽", "👍 🙏"]
        {
            assert!(agrees(text), "{text}");
        }
        for text in [
            "",
            "...",
            "ja vertel",
            "is dat zeker?",
            "yes, tell me",
            "ja 2",
            "nee",
            "2",
            "goed",
            "dat",
            "😡",
            "👎",
            "ja maar niet morgen",
        ] {
            assert!(!agrees(text), "{text}");
        }
    }
}
