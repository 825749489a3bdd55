//! What a message, or one clause of it, is about: a probability per intent.
//!
//! Phrases (`phrases/<language>/topics.txt`) and what was found in the text give `rules`; these, the words and their letters are
//! the `features` a linear `model` weighs. The model is trained by `train` from the labelled messages in the
//! repository and shipped as a file beside this one; it says on request what it rests on.

pub(super) mod concepts;
mod explain;
pub(super) mod features;
mod labelled;
pub(super) mod model;
pub(super) mod phrases;
mod rules;
pub mod train;

use self::phrases::Found;
use super::analysis::Intent;
use super::text::Text;
use dealer::Language;

pub use explain::Likely;
pub(super) use explain::explain;
pub(crate) use labelled::Labelled;
pub use model::Model;

/// What is known besides the words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    /// How many numbered slots the assistant has just offered.
    pub offered_slots: u32,
    /// What weighs the features.
    pub model: &'a Model,
}

impl Default for Facts<'_> {
    fn default() -> Self {
        Self { offered_slots: 0, model: Model::builtin() }
    }
}

/// How likely each reading of some words is.
#[derive(Debug, Clone)]
pub(super) struct Scores {
    intents: [f32; Intent::ALL.len()],
    languages: [f32; Language::ALL.len()],
    escalate: f32,
    /// The phrases found, for what the model does not tell: mood and urgency.
    pub found: Found,
}

impl Scores {
    /// The likeliest intent with its probability.
    pub fn best(&self) -> (Intent, f32) {
        self.best_of(Intent::ALL)
    }

    /// The likeliest intent but one.
    pub fn best_but(&self, not: Intent) -> (Intent, f32) {
        self.best_of(Intent::ALL.into_iter().filter(|intent| *intent != not))
    }

    fn best_of(&self, intents: impl IntoIterator<Item = Intent>) -> (Intent, f32) {
        intents
            .into_iter()
            .map(|intent| (intent, self.of(intent)))
            .fold((Intent::Other, f32::MIN), |best, next| if next.1 > best.1 { next } else { best })
    }

    /// The probability of one intent; all of them add up to 1.
    pub fn of(&self, intent: Intent) -> f32 {
        self.intents[intent as usize]
    }

    /// The probability that a person must see this.
    pub fn escalate(&self) -> f32 {
        self.escalate
    }

    /// The likeliest language with its probability.
    pub fn language(&self) -> (Language, f32) {
        Language::ALL
            .into_iter()
            .zip(self.languages)
            .fold((Language::Nl, f32::MIN), |best, next| if next.1 > best.1 { next } else { best })
    }
}

/// Weighs the tokens from `from` to before `to`: a whole message or one clause of it. Cars, days, amounts and the like
/// must have been looked for before, and typing errors mended.
pub(super) fn scores(text: &Text<'_>, from: usize, to: usize, facts: Facts<'_>) -> Scores {
    let to = to.min(text.len());
    let found = rules::weigh(text, from, to, facts);
    let mut sum = model::Sum::default();
    features::gather(text, from, to, facts, &found)
        .weighed(|key, value| facts.model.add(key, value, &mut sum));
    let outputs = sum.outputs();
    Scores { intents: outputs.intents, languages: outputs.languages, escalate: outputs.escalate, found }
}
