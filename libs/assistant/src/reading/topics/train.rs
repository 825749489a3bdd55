//! Trains the model: logistic regression by adaptive gradient steps over labelled messages.
//!
//! The same examples and seed give the same bytes. `cargo run --release -p proefrit-assistant --example train` writes
//! the file that is shipped.

use std::collections::HashMap;
use std::path::Path;
use std::{fs, io};

use dealer::Language;
use jiff::Zoned;
use jiff::tz::TimeZone;

use super::labelled::Labelled;
use super::model::{Model, OUTPUTS, probabilities};
use super::{Facts, features, rules};
use crate::reading::Context;
use crate::reading::analysis::Intent;
use crate::reading::analyze::named;

/// Fully labelled messages the model is trained from, by their path in the crate.
pub const MESSAGES: [&str; 2] = ["labels/train.jsonl", "tests/labelled.jsonl"];

/// Where messages by topic stand: a file for each writer, its name beginning with the language.
pub const TOPICS: &str = "labels/topics";

/// The words and phrases the features are made of.
const WORDS: [&str; 6] = [
    "src/reading/phrases/nl/topics.txt",
    "src/reading/phrases/en/topics.txt",
    "src/reading/phrases/de/topics.txt",
    "src/reading/words/nl/concepts.txt",
    "src/reading/words/en/concepts.txt",
    "src/reading/words/de/concepts.txt",
];

/// A file the model rests on; it must be trained again when one of them changes.
#[derive(Debug)]
pub struct Source {
    /// Its path in the crate.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl Source {
    /// Every file the model rests on, in the crate at `root`: always in the same order.
    pub fn all(root: &Path) -> io::Result<Vec<Self>> {
        let mut topics = Vec::new();
        for file in fs::read_dir(root.join(TOPICS))? {
            topics.push(format!("{TOPICS}/{}", file?.file_name().to_string_lossy()));
        }
        topics.sort_unstable();
        MESSAGES
            .iter()
            .chain(&WORDS)
            .map(|path| (*path).to_owned())
            .chain(topics)
            .map(|path| Ok(Self { text: fs::read_to_string(root.join(&path))?, path }))
            .collect()
    }

    /// The messages by topic in it, with their language; none where it is another kind of file.
    pub fn by_topic(&self, at: &Zoned) -> Option<Vec<Example>> {
        let name = self.path.strip_prefix(TOPICS)?.trim_start_matches('/');
        let language = Language::ALL.into_iter().find(|language| name.starts_with(language.as_str()))?;
        Some(by_topic(&self.text, language, at))
    }
}

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
    /// How often every example is seen first, to find the features that matter.
    pub first_rounds: u32,
    /// Length of a step.
    pub step: f32,
    /// A feature must occur in this many examples.
    pub least: u32,
    /// So many features are kept.
    pub most: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 20_260_311, rounds: 14, first_rounds: 4, step: 0.04, least: 2, most: 128_000 }
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
    let rarities = rarities(&seen, settings.least);
    let (keys, first) = numbered(&seen, &rarities);
    let weights = fit(&first, keys.len(), settings.first_rounds, settings);
    let rarities = heaviest(&keys, &weights, &first, settings.most)
        .into_iter()
        .filter_map(|key| Some((key, *rarities.get(&key)?)))
        .collect();
    let (keys, seen) = numbered(&seen, &rarities);
    let weights = fit(&seen, keys.len(), settings.rounds, settings);
    let scaled = |(key, row): (u32, [f32; OUTPUTS])| {
        let rarity = rarities.get(&key).copied().unwrap_or_default();
        (key, row.map(|weight| weight * rarity))
    };
    let rows: Vec<(u32, [f32; OUTPUTS])> = keys.into_iter().zip(weights).map(scaled).collect();
    Model::pack(fingerprint, &rows)
}

/// How much more a feature says than one of every message: the logarithm of how rare it is. Those in fewer than `least`
/// examples are left out.
fn rarities(seen: &[Seen], least: u32) -> HashMap<u32, f32> {
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for example in seen {
        let mut keys: Vec<u32> = example.features.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            *counts.entry(key).or_default() += 1;
        }
    }
    let all = number(seen.len());
    counts
        .into_iter()
        .filter(|(_, count)| *count >= least)
        .map(|(key, count)| (key, (all / number(usize::try_from(count).unwrap_or(usize::MAX))).ln() / RARE))
        .collect()
}

/// The logarithm of the rarity of a feature that counts as it is.
const RARE: f32 = 5.0;

fn number(count: usize) -> f32 {
    u16::try_from(count).map_or(f32::from(u16::MAX), f32::from)
}

/// The features known, in order, and the examples with them by their place.
fn numbered(seen: &[Seen], rarities: &HashMap<u32, f32>) -> (Vec<u32>, Vec<Numbered>) {
    let mut keys: Vec<u32> = rarities.keys().copied().collect();
    keys.sort_unstable();
    let rows: HashMap<u32, usize> = keys.iter().enumerate().map(|(row, key)| (*key, row)).collect();
    let known = |(key, value): &(u32, f32)| Some((*rows.get(key)?, value * rarities.get(key)?));
    let seen = seen
        .iter()
        .map(|example| (example.features.iter().filter_map(known).collect(), example.targets))
        .collect();
    (keys, seen)
}

/// The `most` features that move the outputs furthest over all examples.
fn heaviest(keys: &[u32], weights: &[[f32; OUTPUTS]], seen: &[Numbered], most: usize) -> Vec<u32> {
    let mut moved = vec![0.0_f32; keys.len()];
    for (row, value) in seen.iter().flat_map(|(features, _)| features) {
        moved[*row] += value * value;
    }
    let mut ranked: Vec<(f32, u32)> = keys
        .iter()
        .zip(weights)
        .zip(moved)
        .map(|((key, row), moved)| (moved * row.iter().map(|weight| weight * weight).sum::<f32>(), *key))
        .collect();
    ranked.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    ranked.into_iter().take(most).map(|(_, key)| key).collect()
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
fn fit(seen: &[Numbered], rows: usize, rounds: u32, settings: Settings) -> Vec<[f32; OUTPUTS]> {
    let mut weights = vec![[0.0_f32; OUTPUTS]; rows];
    let mut squares = vec![[1e-3_f32; OUTPUTS]; rows];
    let mut order: Vec<usize> = (0..seen.len()).collect();
    let mut random = settings.seed | 1;
    for _ in 0..rounds {
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
                    let slope = error * value;
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

/// The examples in labelled messages, one JSON object a line.
pub fn labelled(lines: &str, timezone: &TimeZone) -> Result<Vec<Example>, serde_json::Error> {
    lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let Labelled { text, at, context, intent, language, should_escalate, entities: _ } =
                serde_json::from_str(line)?;
            let at = at.to_zoned(timezone.clone());
            Ok(Example { text, at, offered_slots: context.offered_slots, intent, language, should_escalate })
        })
        .collect()
}

/// The examples in a file of messages by topic, all of one language: `[TOPIC]`, then a message a line. `!` before one
/// says that a person must see it all the same, `@` that slots were on offer. Messages of an unknown topic are left out.
fn by_topic(lines: &str, language: Language, at: &Zoned) -> Vec<Example> {
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
    use super::*;

    #[test]
    fn the_model_shipped_is_trained_from_the_files_as_they_are() {
        let sources = Source::all(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert_eq!(
            Model::builtin().fingerprint(),
            fingerprint(sources.iter().map(|source| source.text.as_bytes())),
            "train again: cargo run --release -p proefrit-assistant --example train"
        );
    }

    #[test]
    fn every_file_by_topic_tells_its_language_and_holds_nothing_but_topics() {
        let at: Zoned = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        let sources = Source::all(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        for source in sources.iter().filter(|source| source.path.starts_with(TOPICS)) {
            let written = source.text.lines().filter(|line| {
                let line = line.trim();
                !line.is_empty() && !line.starts_with('#') && !line.starts_with('[')
            });
            assert_eq!(
                source.by_topic(&at).map(|examples| examples.len()),
                Some(written.count()),
                "{}",
                source.path
            );
        }
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
