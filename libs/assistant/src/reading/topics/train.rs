//! Trains the model: logistic regression by adaptive gradient steps over labelled messages.
//!
//! The same examples and seed give the same bytes. `cargo run --release -p proefrit-assistant --example train` writes
//! the file that is shipped.

use std::collections::HashMap;

use dealer::Language;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::Deserialize;

use super::model::{Model, OUTPUTS, probabilities};
use super::{Facts, features, rules};
use crate::reading::Context;
use crate::reading::analysis::Intent;
use crate::reading::analyze::named;

/// The files the model rests on, by their path in the crate: what it is trained from, and the words its features are made
/// of. It must be trained again when one of them changes.
pub const FILES: [&str; 11] = [
    "labels/train.jsonl",
    "tests/labelled.jsonl",
    "labels/topics/nl.txt",
    "labels/topics/en.txt",
    "labels/topics/de.txt",
    "src/reading/patterns/nl.txt",
    "src/reading/patterns/en.txt",
    "src/reading/patterns/de.txt",
    "src/reading/words/nl/concepts.txt",
    "src/reading/words/en/concepts.txt",
    "src/reading/words/de/concepts.txt",
];

/// A message with what it should be understood as.
#[derive(Debug, Clone)]
pub struct Example {
    /// The message.
    pub text: String,
    /// When it was written.
    pub at: Zoned,
    /// How many slots were on offer.
    pub offered_slots: u32,
    /// What it wants.
    pub intent: Intent,
    /// Its language.
    pub language: Language,
    /// Whether a person must see it.
    pub should_escalate: bool,
}

/// How training goes about it.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Orders the examples; the same seed gives the same model.
    pub seed: u64,
    /// How often every example is seen.
    pub rounds: u32,
    /// Length of a step.
    pub step: f32,
    /// Pull of every weight towards nothing.
    pub decay: f32,
    /// A feature must occur in this many examples.
    pub least: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 20_260_311, rounds: 12, step: 0.04, decay: 0.0, least: 2 }
    }
}

/// An example as the model sees it.
struct Seen {
    features: Vec<(u32, f32)>,
    targets: [f32; OUTPUTS],
}

/// Trains on `examples`; `fingerprint` is noted in the model.
pub fn train(examples: &[Example], context: &Context<'_>, settings: Settings, fingerprint: u64) -> Model {
    let seen: Vec<Seen> = examples.iter().map(|example| see(example, context)).collect();
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for example in &seen {
        let mut keys: Vec<u32> = example.features.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            *counts.entry(key).or_default() += 1;
        }
    }
    let mut keys: Vec<u32> =
        counts.into_iter().filter(|(_, count)| *count >= settings.least).map(|(key, _)| key).collect();
    keys.sort_unstable();
    let rows: HashMap<u32, usize> = keys.iter().enumerate().map(|(row, key)| (*key, row)).collect();
    let seen: Vec<Numbered> = seen
        .into_iter()
        .map(|example| {
            let known = |(key, value): &(u32, f32)| rows.get(key).map(|row| (*row, *value));
            (example.features.iter().filter_map(known).collect(), example.targets)
        })
        .collect();
    let weights = fit(&seen, keys.len(), settings);
    let rows: Vec<(u32, [f32; OUTPUTS])> = keys.into_iter().zip(weights).collect();
    Model::pack(fingerprint, &rows)
}

fn see(example: &Example, context: &Context<'_>) -> Seen {
    let context = Context { offered_slots: example.offered_slots, ..*context };
    let named = named(&example.text, &example.at, &context);
    let facts = Facts { offered_slots: example.offered_slots, model: context.model };
    let to = named.text.len();
    let found = rules::weigh(&named.text, 0, to, facts);
    let mut seen = Vec::new();
    features::gather(&named.text, 0, to, facts, &found).weighed(|key, value| seen.push((key, value)));
    let mut targets = [0.0; OUTPUTS];
    targets[example.intent as usize] = 1.0;
    targets[Intent::ALL.len()] = if example.should_escalate { 1.0 } else { 0.0 };
    if let Some(place) = Language::ALL.iter().position(|language| *language == example.language) {
        targets[Intent::ALL.len() + 1 + place] = 1.0;
    }
    Seen { features: seen, targets }
}

/// An example with its features by their rows.
type Numbered = (Vec<(usize, f32)>, [f32; OUTPUTS]);

/// The weights after the last round.
fn fit(seen: &[Numbered], rows: usize, settings: Settings) -> Vec<[f32; OUTPUTS]> {
    let mut weights = vec![[0.0_f32; OUTPUTS]; rows];
    let mut squares = vec![[1e-3_f32; OUTPUTS]; rows];
    let mut order: Vec<usize> = (0..seen.len()).collect();
    let mut random = settings.seed | 1;
    for _ in 0..settings.rounds {
        shuffle(&mut order, &mut random);
        for &example in &order {
            let (features, targets) = &seen[example];
            let mut scores = [0.0_f32; OUTPUTS];
            for (row, value) in features {
                for (score, weight) in scores.iter_mut().zip(&weights[*row]) {
                    *score += value * weight;
                }
            }
            let errors = errors(&scores, targets);
            for (row, value) in features {
                for ((weight, square), error) in weights[*row].iter_mut().zip(&mut squares[*row]).zip(&errors)
                {
                    let slope = error * value + settings.decay * *weight;
                    *square += slope * slope;
                    *weight -= settings.step * slope / square.sqrt();
                }
            }
        }
    }
    weights
}

fn errors(scores: &[f32; OUTPUTS], targets: &[f32; OUTPUTS]) -> [f32; OUTPUTS] {
    let outputs = probabilities(scores);
    let all = outputs.intents.iter().chain([&outputs.escalate]).chain(&outputs.languages);
    let mut errors = [0.0; OUTPUTS];
    for ((error, probability), target) in errors.iter_mut().zip(all).zip(targets) {
        *error = probability - target;
    }
    errors
}

fn shuffle(order: &mut [usize], random: &mut u64) {
    for at in (1..order.len()).rev() {
        order.swap(at, below(random, at + 1));
    }
}

/// A number below `end`, by xorshift: mixed well enough, and the same everywhere.
fn below(random: &mut u64, end: usize) -> usize {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    usize::try_from(*random % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or_default()
}

/// A fingerprint of files: of the bytes they hold, in order.
pub fn fingerprint<'a>(files: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    files.into_iter().flatten().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[derive(Deserialize)]
struct Labelled {
    text: String,
    at: Timestamp,
    #[serde(default)]
    context: LabelledContext,
    intent: Intent,
    language: Language,
    should_escalate: bool,
}

#[derive(Default, Deserialize)]
struct LabelledContext {
    #[serde(default)]
    offered_slots: u32,
}

/// The examples in labelled messages, one JSON object a line.
pub fn labelled(lines: &str, timezone: &TimeZone) -> Result<Vec<Example>, serde_json::Error> {
    lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let Labelled { text, at, context, intent, language, should_escalate } =
                serde_json::from_str(line)?;
            let at = at.to_zoned(timezone.clone());
            Ok(Example { text, at, offered_slots: context.offered_slots, intent, language, should_escalate })
        })
        .collect()
}

/// The examples in a file of messages by topic, all of one language: `[TOPIC]`, then a message a line. `!` before one
/// says that a person must see it all the same, `@` that slots were on offer. Messages of an unknown topic are left out.
pub fn by_topic(lines: &str, language: Language, at: &Zoned) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut topic = None;
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            topic = format!("INTENT_{}", name.trim_end_matches(']')).parse::<Intent>().ok();
            continue;
        }
        let Some(intent) = topic else { continue };
        let text = line.trim_start_matches(['!', '@', ' ']);
        let marks = &line[..line.len() - text.len()];
        examples.push(Example {
            text: text.to_owned(),
            at: at.clone(),
            offered_slots: if marks.contains('@') { 4 } else { 0 },
            intent,
            language,
            should_escalate: marks.contains('!')
                || matches!(intent, Intent::HumanRequest | Intent::Complaint),
        });
    }
    examples
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_model_shipped_is_trained_from_the_files_as_they_are() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files: Vec<Vec<u8>> = FILES.iter().map(|file| std::fs::read(root.join(file)).unwrap()).collect();
        assert_eq!(
            Model::builtin().fingerprint(),
            fingerprint(files.iter().map(Vec::as_slice)),
            "train again: cargo run --release -p proefrit-assistant --example train"
        );
    }

    #[test]
    fn the_same_examples_and_seed_give_the_same_bytes() {
        let at: Zoned = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        let lines = "[OPT_OUT]\nstop\nstop sturen\n[GREETING]\nhoi\nhoi daar\n@ hoi\n[COMPLAINT]\nwat slecht\nheel slecht\n";
        let examples = by_topic(lines, Language::Nl, &at);
        assert_eq!(examples.len(), 7);
        assert!(examples[6].should_escalate && !examples[0].should_escalate);
        assert_eq!((examples[4].offered_slots, examples[3].offered_slots), (4, 0));
        let context = Context::default();
        let model = |seed| train(&examples, &context, Settings { seed, ..Settings::default() }, 7);
        assert_eq!(model(1).bytes(), model(1).bytes());
        assert_ne!(model(1).bytes(), model(2).bytes());
        let read = Model::read(model(1).bytes().to_vec().into()).unwrap();
        assert_eq!((read.fingerprint(), read.rows()), (7, model(1).rows()));
        assert!(Model::read(vec![0; 200].into()).is_none());
    }
}
