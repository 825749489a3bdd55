//! What words are about, whatever their language: "annuleren", "call off" and "absagen" are all `cancel`.
//!
//! The words stand in `words/*/concepts.txt`: `word, begin*, two words, one * between = concept`. A `*` at the end of a word
//! stands for any ending, one that stands alone for any one word.

use std::sync::LazyLock;

use dealer::Language;

use crate::reading::language;
use crate::reading::quick::QuickMap;
use crate::reading::text::{Gap, Mark, Text, squeeze};

const FILES: [(Language, &str); 3] = [
    (Language::Nl, include_str!("../words/nl/concepts.txt")),
    (Language::En, include_str!("../words/en/concepts.txt")),
    (Language::De, include_str!("../words/de/concepts.txt")),
];

/// Shorter beginnings would fit too much.
const SHORTEST_BEGINNING: usize = 3;

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Word(String),
    Beginning(String),
    Any,
}

#[derive(Debug)]
struct Entry {
    /// The first word may go on.
    beginning: bool,
    rest: Vec<Part>,
    concept: &'static str,
    language: Language,
}

impl Entry {
    /// Whether its words may be meant in a text of a language: English ones stand in every language, Dutch and German ones
    /// are false friends ("tot" is until, or dead).
    fn may_be(&self, spoken: Option<Language>) -> bool {
        self.language == Language::En || spoken.is_none_or(|spoken| spoken == self.language)
    }
}

/// By the first word, or its beginning.
static ENTRIES: LazyLock<QuickMap<String, Vec<Entry>>> = LazyLock::new(|| {
    let mut entries: QuickMap<String, Vec<Entry>> = QuickMap::default();
    let lines = FILES.iter().flat_map(|(language, file)| file.lines().map(|line| (*language, line)));
    for (language, line) in lines.filter(|(_, line)| !line.starts_with('#')) {
        let Some((phrases, concept)) = line.split_once('=') else { continue };
        for phrase in phrases.split(',') {
            let mut parts = phrase.split_whitespace().flat_map(pieces);
            let (first, beginning) = match parts.next() {
                Some(Part::Word(word)) => (word, false),
                Some(Part::Beginning(word)) => (word, true),
                Some(Part::Any) | None => continue,
            };
            let entry = Entry { beginning, rest: parts.collect(), concept: concept.trim(), language };
            entries.entry(first).or_default().push(entry);
        }
    }
    entries
});

/// Every word that stands for itself, for knowing what is spelt right.
pub(in crate::reading) fn words() -> impl Iterator<Item = &'static str> {
    let own = ENTRIES.iter().filter(|(_, entries)| entries.iter().any(|entry| !entry.beginning));
    let further = ENTRIES.values().flatten().flat_map(|entry| &entry.rest).filter_map(|part| match part {
        Part::Word(word) => Some(word.as_str()),
        Part::Beginning(_) | Part::Any => None,
    });
    own.map(|(word, _)| word.as_str()).chain(further)
}

/// A word as it is tokenised: "all-in" is two.
fn pieces(word: &str) -> Vec<Part> {
    if word == "*" {
        return vec![Part::Any];
    }
    let beginning = word.ends_with('*');
    let mut pieces: Vec<Part> = word
        .trim_end_matches('*')
        .split(['-', '/', '&', '.'])
        .map(squeeze)
        .filter(|piece| !piece.is_empty())
        .map(Part::Word)
        .collect();
    if beginning && let Some(Part::Word(last)) = pieces.pop() {
        pieces.push(Part::Beginning(last));
    }
    pieces
}

/// What each word from `from` to before `to` is about: the place and the concept, in order, none twice at one place.
pub(super) fn find(text: &Text<'_>, from: usize, to: usize) -> Vec<(usize, &'static str)> {
    let spoken = language::spoken(text);
    let mut found: Vec<(usize, &'static str)> = Vec::new();
    for at in from..to {
        if !matches!(text.tokens[at].mark, Mark::None | Mark::Date | Mark::Time) {
            continue;
        }
        let word = text.spelt(at);
        let ends = word.char_indices().map(|(end, _)| end).skip(SHORTEST_BEGINNING).chain([word.len()]);
        for end in ends {
            let whole = end == word.len();
            for entry in ENTRIES.get(&word[..end]).into_iter().flatten() {
                let fits =
                    (whole || entry.beginning) && entry.may_be(spoken) && follows(text, &entry.rest, at, to);
                if fits
                    && !found
                        .iter()
                        .rev()
                        .take_while(|(place, _)| *place == at)
                        .any(|(_, it)| *it == entry.concept)
                {
                    found.push((at, entry.concept));
                }
            }
        }
    }
    found
}

fn follows(text: &Text<'_>, rest: &[Part], at: usize, to: usize) -> bool {
    rest.iter().zip(at + 1..).all(|(part, at)| {
        let word = text.spelt(at);
        let fits = match part {
            Part::Word(known) => word == known,
            Part::Beginning(known) => word.starts_with(known.as_str()),
            Part::Any => true,
        };
        at < to && fits && !text.gap(at).has(Gap::STOP)
    })
}
