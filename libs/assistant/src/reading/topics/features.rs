//! What the model looks at: words, pairs of words, runs of letters, phrases and things found, each under a key.

use super::phrases::{Found, Topic};
use super::{Facts, concepts, rules};
use crate::reading::analysis::Intent;
use crate::reading::text::{Gap, Mark, Text, cut};
use crate::reading::{language, properties};

/// Kinds of feature; each is weighed as a whole, so that a long message says no more than a short one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Pair,
    Letters,
    Phrase,
    Thing,
    Concept,
    Link,
    Run,
}

const KINDS: usize = 8;

/// How much the features of a kind weigh together, in the order of [`Kind`].
const SHARES: [f32; KINDS] = [1.2, 1.2, 0.9, 0.7, 1.0, 1.5, 0.9, 1.4];

/// The features of a stretch of text.
pub(in crate::reading) struct Features {
    keys: Vec<(u32, Kind, f32)>,
    names: Option<Vec<String>>,
}

impl Features {
    /// Gives every key with its value.
    pub fn weighed(&self, mut each: impl FnMut(u32, f32)) {
        let scales = self.scales();
        for (key, kind, value) in &self.keys {
            each(*key, value * scales[*kind as usize]);
        }
    }

    /// Gives every key with its name and value; only for features gathered by [`gather_named`].
    pub fn named(&self, mut each: impl FnMut(u32, &str, f32)) {
        let scales = self.scales();
        for ((key, kind, value), name) in self.keys.iter().zip(self.names.iter().flatten()) {
            each(*key, name, value * scales[*kind as usize]);
        }
    }

    /// Words, pairs and letters are scaled to one length; phrases and things count as they are.
    fn scales(&self) -> [f32; KINDS] {
        let mut squares = [0.0_f32; KINDS];
        for (_, kind, value) in &self.keys {
            squares[*kind as usize] += value * value;
        }
        let mut scales = SHARES;
        for kind in [Kind::Word, Kind::Pair, Kind::Letters, Kind::Concept, Kind::Link, Kind::Run] {
            let length = squares[kind as usize].sqrt();
            if length > 0.0 {
                scales[kind as usize] = SHARES[kind as usize] / length;
            }
        }
        scales
    }

    fn add(&mut self, kind: Kind, value: f32, parts: &[&str]) {
        self.keys.push((key(kind, parts), kind, value));
        if let Some(names) = &mut self.names {
            names.push(format!("{kind:?} {}", parts.join(" ")).to_lowercase());
        }
    }
}

/// The features of the tokens from `from` to before `to`.
pub(in crate::reading) fn gather(
    text: &Text<'_>,
    from: usize,
    to: usize,
    facts: Facts<'_>,
    found: &Found,
) -> Features {
    gathered(text, from, to, facts, found, None)
}

/// The same with their names, for people who ask why.
pub(in crate::reading) fn gather_named(
    text: &Text<'_>,
    from: usize,
    to: usize,
    facts: Facts<'_>,
    found: &Found,
) -> Features {
    gathered(text, from, to, facts, found, Some(Vec::new()))
}

fn gathered(
    text: &Text<'_>,
    from: usize,
    to: usize,
    facts: Facts<'_>,
    found: &Found,
    names: Option<Vec<String>>,
) -> Features {
    let mut features = Features { keys: Vec::with_capacity(64 + 16 * to.saturating_sub(from)), names };
    words(text, from, to, facts, &mut features);
    runs(text, from, to, &mut features);
    phrases(found, &mut features);
    things(text, from, to, facts, &mut features);
    about(text, from, to, facts, &mut features);
    features
}

/// What stands for a token: a name of a car says no more than that it is one.
fn face<'t>(text: &'t Text<'_>, at: usize) -> &'t str {
    match text.tokens[at].mark {
        Mark::None => {
            if text.tokens[at].is_number() {
                "0"
            } else {
                text.spelt(at)
            }
        }
        Mark::Car => "_car",
        Mark::Date => "_date",
        Mark::Time => "_time",
        Mark::Money => "_money",
        Mark::Distance => "_km",
        Mark::Year => "_year",
        Mark::Plate => "_plate",
        Mark::Address => "_address",
        Mark::Name => "_name",
    }
}

fn words(text: &Text<'_>, from: usize, to: usize, facts: Facts<'_>, features: &mut Features) {
    let mut before = "^";
    let mut before_that = "";
    let mut run = String::new();
    let offered = facts.offered_slots > 0;
    for at in from..to {
        let token = &text.tokens[at];
        let word = face(text, at);
        if word.starts_with('_') && word == before {
            continue;
        }
        features.add(Kind::Word, 1.0, &[word]);
        if offered {
            features.add(Kind::Word, 1.0, &["offered", word]);
        }
        if at > from && token.gap.has(Gap::STOP) {
            features.add(Kind::Pair, 1.0, &[before, "."]);
            (before_that, before) = ("", ".");
        }
        features.add(Kind::Pair, 1.0, &[before, word]);
        if !before_that.is_empty() {
            features.add(Kind::Pair, 0.7, &[before_that, "~", word]);
        }
        if token.mark == Mark::None && !token.is_number() {
            letters(word, &mut run, features);
        }
        (before_that, before) = (before, word);
    }
    features.add(Kind::Pair, 1.0, &[before, "$"]);
}

/// Shortest and longest run of letters of a word looked at, the ends of a word counting as one.
const LETTERS: std::ops::RangeInclusive<usize> = 3..=5;

fn letters(word: &str, run: &mut String, features: &mut Features) {
    run.clear();
    run.push('<');
    run.push_str(word);
    run.push('>');
    let places: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    for length in LETTERS {
        for ends in places.windows(length + 1) {
            if let [start, .., end] = ends {
                features.add(Kind::Letters, 1.0, &[&run[*start..*end]]);
            }
        }
    }
}

/// Shortest and longest run of signs looked at across words: "kan niet" tells more than its words do.
const RUNS: std::ops::RangeInclusive<usize> = 3..=6;

/// So much of a text is looked at sign by sign; nobody says more in one breath.
const RUN_BYTES: usize = 1024;

/// The signs of a text as they were typed, each run of them once.
fn runs(text: &Text<'_>, from: usize, to: usize, features: &mut Features) {
    let signs = signs(text, from, to);
    let places: Vec<usize> = signs.char_indices().map(|(at, _)| at).chain([signs.len()]).collect();
    let mut found: Vec<(u32, &str)> = RUNS
        .flat_map(|length| places.windows(length + 1))
        .filter_map(|ends| signs.get(*ends.first()?..*ends.last()?))
        .map(|run| (key(Kind::Run, &[run]), run))
        .collect();
    found.sort_unstable_by_key(|(key, _)| *key);
    found.dedup_by_key(|(key, _)| *key);
    for (_, run) in found {
        features.add(Kind::Run, 1.0, &[run]);
    }
}

/// The words from `from` to before `to` with what stands around them, in lower case, every figure a zero.
fn signs(text: &Text<'_>, from: usize, to: usize) -> String {
    let start = if from == 0 { 0 } else { text.tokens.get(from).map_or(text.raw.len(), |token| token.start) };
    let end = text.tokens.get(to).map_or(text.raw.len(), |token| token.start);
    let raw = cut(text.raw.get(start..end).unwrap_or_default().trim(), RUN_BYTES);
    let mut signs = String::with_capacity(raw.len() + 2);
    signs.push(' ');
    for sign in raw.chars().chain([' ']) {
        if sign.is_whitespace() {
            if !signs.ends_with(' ') {
                signs.push(' ');
            }
        } else if sign.is_ascii_digit() {
            signs.push('0');
        } else {
            signs.extend(sign.to_lowercase());
        }
    }
    signs
}

/// So far apart may two words stand that belong together.
const NEAR: usize = 5;

fn about(text: &Text<'_>, from: usize, to: usize, facts: Facts<'_>, features: &mut Features) {
    let mut found: Vec<(usize, &str)> = concepts::find(text, from, to);
    let marked = (from..to).filter_map(|at| {
        let face = face(text, at);
        face.starts_with('_').then_some((at, face))
    });
    found.extend(marked);
    found.sort_by_key(|(at, _)| *at);
    let mut seen: Vec<&str> = Vec::new();
    for (_, concept) in &found {
        if !seen.contains(concept) {
            seen.push(concept);
            features.add(Kind::Concept, 1.0, &[concept]);
            if facts.offered_slots > 0 {
                features.add(Kind::Concept, 1.0, &["offered", concept]);
            }
        }
    }
    for (place, (at, concept)) in found.iter().enumerate() {
        for (other_at, other) in &found[place + 1..] {
            if *other_at > at + NEAR {
                break;
            }
            if other_at > at {
                features.add(Kind::Link, 1.0, &[concept, other]);
            }
        }
    }
}

fn phrases(found: &Found, features: &mut Features) {
    for (topic, written) in found.phrases() {
        features.add(Kind::Phrase, 0.6, &[topic.name(), written]);
    }
    for topic in Intent::ALL.map(Topic::Intent).into_iter().chain(Topic::MOODS) {
        let weight = found.weight(topic);
        if weight != 0.0 && weight > -50.0 {
            features.add(Kind::Phrase, (weight / 5.0).clamp(-1.5, 1.5), &["sum", topic.name()]);
        }
    }
    features.add(Kind::Phrase, 0.8, &["rules", rules::pick(found).as_str()]);
}

fn things(text: &Text<'_>, from: usize, to: usize, facts: Facts<'_>, features: &mut Features) {
    let tokens = &text.tokens[from.min(to)..to];
    let has = |mark: Mark| tokens.iter().any(|token| token.mark == mark);
    let offered = if facts.offered_slots > 0 { "offered" } else { "" };
    for (mark, name) in [
        (Mark::Car, "car"),
        (Mark::Date, "date"),
        (Mark::Time, "time"),
        (Mark::Money, "money"),
        (Mark::Distance, "km"),
        (Mark::Year, "year"),
        (Mark::Plate, "plate"),
        (Mark::Address, "address"),
        (Mark::Name, "name"),
    ] {
        if has(mark) {
            features.add(Kind::Thing, 0.5, &[name]);
            if !offered.is_empty() {
                features.add(Kind::Thing, 0.5, &[offered, name]);
            }
        }
    }
    if (from..to).any(|at| text.free(at) && properties::is_word(text.spelt(at))) {
        features.add(Kind::Thing, 0.5, &["property"]);
    }
    if (from + 1..=to).any(|at| text.gap(at).has(Gap::QUESTION)) {
        features.add(Kind::Thing, 0.5, &["question", offered]);
    }
    if let Some(language) = language::spoken(text) {
        features.add(Kind::Thing, 1.0, &["language", language.as_str()]);
    }
    if !offered.is_empty() {
        features.add(Kind::Thing, 0.7, &[offered]);
    }
    let length = match tokens.len() {
        0 => "none",
        1 => "one",
        2 | 3 => "few",
        4..=7 => "some",
        8..=15 => "many",
        _ => "long",
    };
    features.add(Kind::Thing, 0.5, &["length", length, offered]);
}

/// The key of a feature: its parts hashed (FNV-1a), so that no table of names need be shipped.
fn key(kind: Kind, parts: &[&str]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut eat = |byte: u8| hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    eat(kind as u8);
    for part in parts {
        part.bytes().for_each(&mut eat);
        eat(0xff);
    }
    hash
}
