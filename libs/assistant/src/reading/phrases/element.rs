//! The parts a phrase is written in.

use crate::reading::quick::QuickMap;
use crate::reading::text::{Mark, squeeze};

/// The number of a word in a table.
pub(super) type WordId = u32;

/// A word no phrase knows.
pub(super) const UNKNOWN: WordId = WordId::MAX;

/// The words of a table, by number: words are compared a thousand times for each that is read.
#[derive(Debug, Default)]
pub(super) struct Words {
    ids: QuickMap<String, WordId>,
}

impl Words {
    /// The number of a word of a phrase.
    fn add(&mut self, word: String) -> WordId {
        let next = WordId::try_from(self.ids.len()).unwrap_or(UNKNOWN);
        *self.ids.entry(word).or_insert(next)
    }

    /// The number of a word that was read.
    pub fn id(&self, word: &str) -> WordId {
        self.ids.get(word).copied().unwrap_or(UNKNOWN)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.ids.keys().map(String::as_str)
    }
}

/// A part of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    Word(WordId),
    Beginning(String),
    Ending(String),
    Part(String),
    Either(Either),
    Sequence(Vec<Element>),
    Maybe(Box<Element>),
    Not(Box<Element>),
    NotBefore(Box<Element>),
    Upto(usize),
    Start,
    End,
    MessageStart,
    MessageEnd,
    Asked,
    NotAsked,
    Found(What),
}

/// Alternatives: what may have several words comes first, so that the longest is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Either {
    pub others: Vec<Element>,
    /// Single words, in order.
    pub words: Vec<WordId>,
}

impl Either {
    fn of(elements: impl Iterator<Item = Element>) -> Self {
        let mut either = Self { others: Vec::new(), words: Vec::new() };
        for element in elements {
            match element {
                Element::Word(word) => either.words.push(word),
                other => either.others.push(other),
            }
        }
        either.words.sort_unstable();
        either.words.dedup();
        either
    }
}

/// Something that was found in the text before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Mark(Mark),
    Moment,
    Number,
    Property,
}

impl Element {
    /// Whether it stands between words.
    pub fn takes_nothing(&self) -> bool {
        matches!(
            self,
            Self::Start
                | Self::MessageStart
                | Self::Asked
                | Self::NotAsked
                | Self::Not(_)
                | Self::NotBefore(_)
        )
    }
}

/// The element written so; names of alternatives are spelt out.
pub(super) fn element(text: &str, words: &mut Words) -> Element {
    match text {
        "^" => return Element::Start,
        "$" => return Element::End,
        "^^" => return Element::MessageStart,
        "$$" => return Element::MessageEnd,
        "??" => return Element::Asked,
        "?!" => return Element::NotAsked,
        _ => {}
    }
    if let Some(rest) = text.strip_prefix('~') {
        return Element::Upto(rest.parse().unwrap_or(1));
    }
    for (sign, wrap) in [
        ('?', Element::Maybe as fn(Box<Element>) -> Element),
        ('!', Element::Not as fn(Box<Element>) -> Element),
        ('/', Element::NotBefore as fn(Box<Element>) -> Element),
    ] {
        if let Some(rest) = text.strip_prefix(sign) {
            return wrap(Box::new(element(rest, words)));
        }
    }
    let mut several = |sign| -> Vec<_> {
        text.split(sign).filter(|one| !one.is_empty()).map(|one| element(one, words)).collect()
    };
    if text.contains('|') {
        return Element::Either(Either::of(several('|').into_iter()));
    }
    if text.contains('_') {
        return Element::Sequence(several('_'));
    }
    if let Some(what) = what(text) {
        return Element::Found(what);
    }
    let key = squeeze(text);
    match (text.starts_with('*'), text.ends_with('*')) {
        (true, true) => Element::Part(key),
        (true, false) => Element::Ending(key),
        (false, true) => Element::Beginning(key),
        (false, false) => Element::Word(words.add(key)),
    }
}

fn what(text: &str) -> Option<What> {
    Some(match text {
        "<car>" => What::Mark(Mark::Car),
        "<date>" => What::Mark(Mark::Date),
        "<time>" => What::Mark(Mark::Time),
        "<money>" => What::Mark(Mark::Money),
        "<km>" => What::Mark(Mark::Distance),
        "<year>" => What::Mark(Mark::Year),
        "<plate>" => What::Mark(Mark::Plate),
        "<name>" => What::Mark(Mark::Name),
        "<moment>" => What::Moment,
        "<num>" => What::Number,
        "<property>" => What::Property,
        _ => return None,
    })
}
