//! Why a message is taken to be about something.

use super::model::{Outputs, Sum};
use super::{Facts, features, rules};
use crate::reading::analysis::Intent;
use crate::reading::text::Text;

/// So many intents are explained.
const INTENTS: usize = 3;

/// So many reasons are given for each.
const REASONS: usize = 8;

/// One of the likeliest intents of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Likely {
    /// The intent.
    pub intent: Intent,
    /// How likely it is, from 0 to 1.
    pub probability: f32,
    /// What speaks for it most, or against it where the weight is below 0: "word annuleren", "link cancel appointment".
    pub because: Vec<(String, f32)>,
}

/// The likeliest intents of the tokens from `from` to before `to`, with what tells them.
pub(in crate::reading) fn explain(text: &Text<'_>, from: usize, to: usize, facts: Facts<'_>) -> Vec<Likely> {
    let found = rules::weigh(text, from, to, facts);
    let features = features::gather_named(text, from, to, facts, &found);
    let mut sum = Sum::default();
    features.weighed(|key, value| facts.model.add(key, value, &mut sum));
    let Outputs { intents, .. } = sum.outputs();
    let mut likely: Vec<(Intent, f32)> = Intent::ALL.into_iter().zip(intents).collect();
    likely.sort_by(|left, right| right.1.total_cmp(&left.1));
    likely.truncate(INTENTS);
    let because = |intent: Intent| {
        let mut reasons: Vec<(String, f32)> = Vec::new();
        features.named(|key, name, value| {
            let weight = facts.model.says(key, value, intent);
            if weight != 0.0 {
                reasons.push((name.to_owned(), weight));
            }
        });
        reasons.sort_by(|left, right| right.1.abs().total_cmp(&left.1.abs()));
        reasons.truncate(REASONS);
        reasons
    };
    likely
        .into_iter()
        .map(|(intent, probability)| Likely { intent, probability, because: because(intent) })
        .collect()
}
