//! Phrases that tell an intent or a mood, matched over tokens.
//!
//! The tables in `patterns/*.txt` hold one phrase a line: a weight, then elements. `word` is itself, `word*` a
//! beginning, `*word` an ending, `*word*` a part, `(a|b*)` either, `?x` may be missing, `~3` at most three
//! words in between, `^` and `$` the ends of a sentence, `^^` and `$$` those of the message, `<car>`, `<date>`,
//! `<time>`, `<money>`, `<num>` what was found there. A phrase stays within its sentence.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::analysis::Intent;
use super::text::{Gap, Mark, Text};

const TABLES: &[&str] =
    &[include_str!("patterns/nl.txt"), include_str!("patterns/en.txt"), include_str!("patterns/de.txt")];

/// What a phrase tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    Intent(Intent),
    /// Anger, a threat, an accident, a lawyer, the press.
    Alarm,
    Urgent,
    Pleased,
    Displeased,
    /// Nothing the dealer sells: spam, a wrong number.
    Unrelated,
}

impl Topic {
    /// How many there are.
    const COUNT: usize = Intent::ALL.len() + 5;

    /// Every topic that is no intent.
    pub const MOODS: [Self; 5] =
        [Self::Alarm, Self::Urgent, Self::Pleased, Self::Displeased, Self::Unrelated];

    /// Its name, as it stands in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intent(intent) => intent.as_str().trim_start_matches("INTENT_"),
            Self::Alarm => "ALARM",
            Self::Urgent => "URGENT",
            Self::Pleased => "PLEASED",
            Self::Displeased => "DISPLEASED",
            Self::Unrelated => "OFF_TOPIC",
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Intent(intent) => intent as usize,
            Self::Alarm => Intent::ALL.len(),
            Self::Urgent => Intent::ALL.len() + 1,
            Self::Pleased => Intent::ALL.len() + 2,
            Self::Displeased => Intent::ALL.len() + 3,
            Self::Unrelated => Intent::ALL.len() + 4,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Element {
    Word(String),
    Beginning(String),
    Ending(String),
    Part(String),
    Either(Vec<Element>),
    Maybe(Box<Element>),
    Upto(usize),
    Marked(Mark),
    Number,
    SentenceStart,
    SentenceEnd,
    MessageStart,
    MessageEnd,
}

#[derive(Debug)]
struct Phrase {
    topic: Topic,
    written: &'static str,
    weight: f32,
    elements: Vec<Element>,
}

#[derive(Debug, Default)]
struct Phrases {
    all: Vec<Phrase>,
    by_word: HashMap<String, Vec<usize>>,
    by_beginning: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

/// Beginnings are looked up by so many of their letters.
const BEGINNING: usize = 3;

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    for table in TABLES {
        let mut topic = Topic::Unrelated;
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[') {
                topic = topic_of(name.trim_end_matches(']'));
                continue;
            }
            let (weight, elements) = line.split_once(' ').unwrap_or((line, ""));
            let weight = weight.parse().unwrap_or_else(|_| panic!("phrase {line:?} begins with no weight"));
            for spelt_out in spelt_out(elements) {
                phrases.add(Phrase {
                    topic,
                    written: elements,
                    weight,
                    elements: spelt_out.iter().map(|part| element(part)).collect(),
                });
            }
        }
    }
    phrases
});

fn topic_of(name: &str) -> Topic {
    match name {
        "ALARM" => Topic::Alarm,
        "URGENT" => Topic::Urgent,
        "PLEASED" => Topic::Pleased,
        "DISPLEASED" => Topic::Displeased,
        "OFF_TOPIC" => Topic::Unrelated,
        intent => {
            let name = format!("INTENT_{intent}");
            Topic::Intent(name.parse().unwrap_or_else(|_| panic!("{name} is no topic of phrases")))
        }
    }
}

/// The parts of a phrase; an alternative of several words makes a phrase of its own.
fn spelt_out(elements: &str) -> Vec<Vec<String>> {
    let mut phrases: Vec<Vec<String>> = vec![Vec::new()];
    for part in parts(elements) {
        let (inner, maybe) = match part.strip_suffix(")?") {
            Some(inner) => (inner.strip_prefix('('), true),
            None => (part.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')), false),
        };
        let mut choices: Vec<Vec<String>> = Vec::new();
        if let Some(inner) = inner {
            let (several, single): (Vec<&str>, Vec<&str>) = inner
                .split('|')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .partition(|word| word.contains(' '));
            if !single.is_empty() {
                let mark = if maybe { "?" } else { "" };
                choices.push(vec![format!("{mark}({})", single.join("|"))]);
            }
            choices.extend(several.iter().map(|words| words.split_whitespace().map(str::to_owned).collect()));
        } else {
            choices.push(vec![part.to_owned()]);
        }
        phrases = phrases
            .iter()
            .flat_map(|phrase| choices.iter().map(move |choice| [phrase.as_slice(), choice].concat()))
            .collect();
    }
    phrases
}

/// Splits at spaces outside brackets.
fn parts(elements: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    elements
        .split(move |char| {
            match char {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            char == ' ' && depth == 0
        })
        .filter(|part| !part.is_empty())
        .collect()
}

fn element(text: &str) -> Element {
    if let Some(rest) = text.strip_prefix('?') {
        return Element::Maybe(Box::new(element(rest)));
    }
    if let Some(rest) = text.strip_prefix('~') {
        return Element::Upto(rest.parse().unwrap_or(1));
    }
    if let Some(rest) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return Element::Either(rest.split('|').map(element).collect());
    }
    match text {
        "^" => return Element::SentenceStart,
        "$" => return Element::SentenceEnd,
        "^^" => return Element::MessageStart,
        "$$" => return Element::MessageEnd,
        "<car>" => return Element::Marked(Mark::Car),
        "<date>" => return Element::Marked(Mark::Date),
        "<time>" => return Element::Marked(Mark::Time),
        "<money>" => return Element::Marked(Mark::Money),
        "<num>" => return Element::Number,
        _ => {}
    }
    let key = super::text::squeeze(text);
    match (text.starts_with('*'), text.ends_with('*')) {
        (true, true) => Element::Part(key),
        (true, false) => Element::Ending(key),
        (false, true) => Element::Beginning(key),
        (false, false) => Element::Word(key),
    }
}

impl Phrases {
    fn add(&mut self, phrase: Phrase) {
        let at = self.all.len();
        let first = phrase
            .elements
            .iter()
            .find(|element| !matches!(element, Element::SentenceStart | Element::MessageStart))
            .cloned();
        match first {
            Some(Element::Either(either)) => either.iter().for_each(|element| self.index(element, at)),
            Some(element) => self.index(&element, at),
            None => self.others.push(at),
        }
        self.all.push(phrase);
    }

    fn index(&mut self, element: &Element, at: usize) {
        let list = match element {
            Element::Word(word) => self.by_word.entry(word.clone()).or_default(),
            Element::Beginning(word) if word.len() >= BEGINNING => {
                self.by_beginning.entry(word[..BEGINNING].to_owned()).or_default()
            }
            _ => &mut self.others,
        };
        if list.last() != Some(&at) {
            list.push(at);
        }
    }
}

/// Every word of the phrases, for knowing what is spelt right.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    fn gather(element: &'static Element, into: &mut Vec<&'static str>) {
        match element {
            Element::Word(word) | Element::Beginning(word) => into.push(word),
            Element::Either(either) => either.iter().for_each(|element| gather(element, into)),
            Element::Maybe(element) => gather(element, into),
            _ => {}
        }
    }
    let mut words = Vec::new();
    PHRASES.all.iter().flat_map(|phrase| &phrase.elements).for_each(|element| gather(element, &mut words));
    words.into_iter()
}

/// What phrases were found: the weight per topic, and which they were.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    weights: [f32; Topic::COUNT],
    hits: Vec<usize>,
}

impl Found {
    /// The weight for a topic; 0 when nothing speaks for it.
    pub fn weight(&self, topic: Topic) -> f32 {
        self.weights[topic.index()]
    }

    pub fn intent(&self, intent: Intent) -> f32 {
        self.weight(Topic::Intent(intent))
    }

    pub fn add(&mut self, intent: Intent, weight: f32) {
        self.weights[Topic::Intent(intent).index()] += weight;
    }

    /// The phrases found, as they are written in the tables.
    pub fn phrases(&self) -> impl Iterator<Item = (Topic, &'static str)> {
        let all = &PHRASES.all;
        self.hits.iter().map(|number| (all[*number].topic, all[*number].written))
    }
}

/// A second phrase for the same topic counts only so much.
const FURTHER: f32 = 0.25;

/// Looks for every phrase in the tokens from `from` to before `to`.
pub(super) fn search(text: &Text<'_>, from: usize, to: usize) -> Found {
    let phrases = &*PHRASES;
    let window = Window { text, from, to: to.min(text.len()) };
    let mut sums = [(0.0_f32, 0.0_f32, 0.0_f32); Topic::COUNT];
    let mut hits: Vec<usize> = Vec::new();
    for at in window.from..window.to {
        let word = text.spelt(at);
        let by_word = phrases.by_word.get(word).into_iter().flatten();
        let beginning =
            word.get(..BEGINNING).and_then(|key| phrases.by_beginning.get(key)).into_iter().flatten();
        for &number in by_word.chain(beginning).chain(&phrases.others) {
            let phrase = &phrases.all[number];
            if hits.contains(&number) || !window.matches(&phrase.elements, at, at) {
                continue;
            }
            hits.push(number);
            let (most, sum, least) = &mut sums[phrase.topic.index()];
            *most = most.max(phrase.weight);
            *sum += phrase.weight.max(0.0);
            *least += phrase.weight.min(0.0);
        }
    }
    let weights = sums.map(|(most, sum, least)| most + (sum - most) * FURTHER + least);
    Found { weights, hits }
}

/// The part of a text that is looked at.
struct Window<'a, 't> {
    text: &'a Text<'t>,
    from: usize,
    to: usize,
}

impl Window<'_, '_> {
    fn matches(&self, elements: &[Element], start: usize, at: usize) -> bool {
        let Some((first, rest)) = elements.split_first() else { return true };
        let text = self.text;
        let within = |at: usize| at < self.to && (at == start || text.same_sentence(start, at));
        match first {
            Element::SentenceStart => {
                let starts = at == self.from || text.gap(at).has(Gap::STOP);
                starts && self.matches(rest, start, at)
            }
            Element::MessageStart => at == self.from && self.matches(rest, start, at),
            Element::SentenceEnd => {
                let ends = at >= self.to || text.gap(at).has(Gap::STOP);
                ends && self.matches(rest, start, at)
            }
            Element::MessageEnd => at >= self.to && self.matches(rest, start, at),
            Element::Upto(most) => {
                for skipped in 0..=*most {
                    if skipped > 0 && !within(at + skipped - 1) {
                        return false;
                    }
                    if self.matches(rest, start, at + skipped) {
                        return true;
                    }
                }
                false
            }
            Element::Maybe(element) => {
                (within(at) && fits(text, element, at) && self.matches(rest, start, after(text, element, at)))
                    || self.matches(rest, start, at)
            }
            element => {
                within(at) && fits(text, element, at) && self.matches(rest, start, after(text, element, at))
            }
        }
    }
}

/// A marked stretch is one element however many words it has.
fn after(text: &Text<'_>, element: &Element, at: usize) -> usize {
    if let Element::Marked(mark) = element {
        let run = text.tokens[at..].iter().take_while(|token| token.mark == *mark).count();
        return at + run.max(1);
    }
    at + 1
}

fn fits(text: &Text<'_>, element: &Element, at: usize) -> bool {
    let word = text.spelt(at);
    match element {
        Element::Word(known) => word == known,
        Element::Beginning(known) => word.starts_with(known.as_str()),
        Element::Ending(known) => word.ends_with(known.as_str()),
        Element::Part(known) => word.contains(known.as_str()),
        Element::Either(either) => either.iter().any(|element| fits(text, element, at)),
        Element::Marked(mark) => text.tokens[at].mark == *mark,
        Element::Number => text.tokens[at].is_number() || super::numbers::value_of(word).is_some(),
        _ => false,
    }
}
