//! Understanding a message by rules: deterministic, offline, well under a millisecond.
//!
//! [`read`] makes commands of a whole turn, clause by clause; [`analyze`] gives the contract's view of one message. The words
//! they know stand in tables beside the code: makes and models in `gazetteer.txt`, phrases of several words in
//! `phrases/<language>/<idea>.txt` (what a clause says, and in `topics.txt` what a message is about), and single words by what they
//! are for in `words/<language>/<role>.txt`. The README of this crate says where a new one goes. [`topics`] weighs them.

#[cfg(test)]
mod acceptance;
mod amount_words;
mod amounts;
mod analysis;
mod analyze;
mod cars;
mod choice;
mod claims;
mod commands;
mod contact;
mod dates;
mod day_words;
mod entities;
mod gazetteer;
mod given_names;
mod language;
mod lexicon;
mod moments;
mod names;
mod numbers;
mod ownership;
mod phrases;
mod plain;
mod properties;
mod quick;
mod text;
mod times;
pub mod topics;
mod wishes;
mod words;

pub use crate::command::Reading;
pub use analysis::{Analysis, Entities, Intent, Sentiment};
pub use analyze::{Context, analyze, explain};
pub use claims::{Named, is_everyday, is_given_name, named_cars};
pub use commands::{Urgent, is_urgent, looks_unfinished, read};
pub use dealer::{Language, UnknownWord};
pub use gazetteer::Gazetteer;
pub use topics::{Likely, Model};

/// What the ingress writes where a message has no words.
const WITHOUT_WORDS: [&str; 3] =
    ["[Media message - no text]", "[Location message - no text]", "[Message - no text]"];

/// The customer's own words in a message as it is kept: nothing where the ingress put a marker in their place.
pub fn words_of(body: &str) -> &str {
    if WITHOUT_WORDS.contains(&body.trim()) { "" } else { body }
}

/// The language a text is in, when its words tell; a name or a number does not.
pub fn language_of(text: &str) -> Option<Language> {
    language::spoken(&text::Text::new(text))
}

/// Whether a message picks one of a numbered list and says no more: "2", "doe maar de tweede".
pub fn picks_by_number(text: &str) -> bool {
    choice::find(&text::Text::new(text), LONGEST_LIST).is_some()
}

/// No list is longer than this.
const LONGEST_LIST: u32 = 9;

/// Whether a message corrects what was said before it: "of nee toch een Polo".
pub fn is_correction(text: &str) -> bool {
    wishes::opens_with_correction(&text::Text::new(text))
}

/// What a word of a customer's asks after, as a noun: "zuiniger" after what a car uses. Any other word is its own.
pub(crate) fn noun_for(language: dealer::Language, word: &str) -> String {
    words::own_value(language, words::Role::Things, &crate::guard::folded(word)).unwrap_or(word).to_owned()
}
