//! Understanding a message by rules: deterministic, offline, well under a millisecond.
//!
//! [`analyze`] is the whole of it. The words it knows stand in tables beside the code: makes and models in
//! `gazetteer.txt`, phrases per intent in `patterns/`, everyday words per language in `languages.txt`.

mod analysis;
mod cars;
mod gazetteer;
mod language;
mod lexicon;
mod numbers;
mod patterns;
mod text;
pub mod words;

pub use analysis::{Analysis, Entities, Intent, Language, Sentiment, UnknownWord};
pub use gazetteer::Gazetteer;
