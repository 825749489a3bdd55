//! Phrases of several words: how they are written in the files of `phrases/`, and the search for them.
//!
//! A file holds one language and one idea. `[section]` says what the phrases below it tell, a line is one phrase, and
//! `@name = a|b` names alternatives that later phrases of that language use as `@name`. A phrase may begin with its weight, as `+6`
//! or `-8`. Elements stand apart by blanks:
//!
//! ```text
//! word        this word, folded        a|b        any of these           ?x    x or nothing
//! a_b         one and then the other, among alternatives
//! begin*      a word that begins so    *end       one that ends so       *mid* one that holds it
//! ~3          up to three words        !x         x does not follow      /x    x does not stand before
//! ^  $        start, end of a clause   ^^  $$     of the message         ??    only in a question    ?!  only outside one
//! <car> <date> <time> <moment> <money> <km> <year> <plate> <name> <num> <property>   something found before
//! ```
//!
//! A phrase never reaches beyond the [`Place`] it is looked for in. Whoever has phrases makes one table of them:
//! [`Phrases::of`] reads the files, [`Phrases::within`] finds what stands in a place.

mod element;
mod place;

use self::element::{Element, WordId, Words, element};
use self::place::Numbered;
pub(super) use self::place::Place;
use super::quick::QuickMap;

/// A phrase as it stands in its file.
#[derive(Debug)]
pub(super) struct Phrase<T> {
    /// What it tells, by its section.
    pub tells: T,
    /// How much it says; 1 where nothing stands.
    pub weight: f32,
    /// As it is written.
    pub written: &'static str,
    elements: Vec<Element>,
}

/// A table of phrases.
#[derive(Debug)]
pub(super) struct Phrases<T> {
    all: Vec<Phrase<T>>,
    words: Words,
    /// By the number of a word they may begin with.
    by_word: Vec<Vec<usize>>,
    by_beginning: QuickMap<String, Vec<usize>>,
    /// Those that may begin with something found: a car, a moment, a number.
    by_what: Vec<usize>,
    /// Those that are tried at every word.
    others: Vec<usize>,
}

/// Beginnings are looked up by so many letters.
const BEGINNING: usize = 3;

impl<T: Copy> Phrases<T> {
    /// Reads the files of each language; `section` knows what each section tells.
    pub fn of<F: AsRef<[&'static str]>>(
        languages: impl IntoIterator<Item = F>,
        section: impl Fn(&str) -> Option<T>,
    ) -> Self {
        let mut phrases = Self {
            all: Vec::new(),
            words: Words::default(),
            by_word: Vec::new(),
            by_beginning: QuickMap::default(),
            by_what: Vec::new(),
            others: Vec::new(),
        };
        for files in languages {
            let mut named: QuickMap<&str, String> = QuickMap::default();
            let mut tells = None;
            for line in files.as_ref().iter().flat_map(|file| file.lines()).map(str::trim) {
                if line.is_empty() || line.starts_with('#') {
                } else if let Some(name) = section_named(line) {
                    tells = section(name);
                } else if let Some((name, words)) = alternatives_named(line) {
                    named.insert(name, spelt_out(words, &named));
                } else if let Some(tells) = tells {
                    let (weight, written) = weighed(line);
                    let parts = written.split_whitespace();
                    let elements =
                        parts.map(|one| element(&spelt_out(one, &named), &mut phrases.words)).collect();
                    phrases.add(Phrase { tells, weight, written, elements });
                }
            }
        }
        phrases
    }

    /// Every phrase that stands in a place: its number, the phrase, its first token and the one after its last. One that can begin
    /// in several ways may come more than once.
    pub fn within<'p>(
        &'p self,
        place: &'p Place<'_>,
    ) -> impl Iterator<Item = (usize, &'p Phrase<T>, usize, usize)> {
        self.wanted(place, |_| true)
    }

    /// Those that tell what is wanted, likewise.
    pub fn wanted<'p>(
        &'p self,
        place: &'p Place<'_>,
        wanted: impl Fn(&T) -> bool,
    ) -> impl Iterator<Item = (usize, &'p Phrase<T>, usize, usize)> {
        let numbered = Numbered::new(place, &self.words);
        let mut found = Vec::new();
        for at in place.within.clone() {
            let by_word = usize::try_from(numbered.word(at)).ok().and_then(|word| self.by_word.get(word));
            let beginning = place.text.spelt(at).get(..BEGINNING).and_then(|key| self.by_beginning.get(key));
            let by_what = if place.may_be_found(at) { self.by_what.as_slice() } else { &[] };
            let candidates = by_word.into_iter().flatten().chain(beginning.into_iter().flatten());
            for &number in candidates.chain(by_what).chain(&self.others) {
                let phrase = &self.all[number];
                if wanted(&phrase.tells)
                    && let Some(to) = numbered.end_of(&phrase.elements, at)
                {
                    found.push((number, at, to));
                }
            }
        }
        found.into_iter().map(|(number, at, to)| (number, &self.all[number], at, to))
    }

    /// The phrase of a number that [`Phrases::within`] gave.
    pub fn get(&self, number: usize) -> Option<&Phrase<T>> {
        self.all.get(number)
    }

    /// Every phrase.
    #[cfg(test)]
    pub fn all(&self) -> impl Iterator<Item = &Phrase<T>> {
        self.all.iter()
    }

    /// Every whole word of the phrases, for knowing what is spelt right.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter()
    }

    fn add(&mut self, phrase: Phrase<T>) {
        let at = self.all.len();
        for element in &phrase.elements {
            match element {
                element if element.takes_nothing() => {}
                // What may be left out: the phrase may begin with it, or with what follows.
                Element::Maybe(element) => self.index(element, at),
                element => {
                    self.index(element, at);
                    break;
                }
            }
        }
        self.all.push(phrase);
    }

    fn index(&mut self, element: &Element, at: usize) {
        let list = match element {
            Element::Word(word) => return self.index_word(*word, at),
            Element::Beginning(word) if word.len() >= BEGINNING && word.is_char_boundary(BEGINNING) => {
                self.by_beginning.entry(word[..BEGINNING].to_owned()).or_default()
            }
            Element::Either(either) => {
                either.words.iter().for_each(|word| self.index_word(*word, at));
                either.others.iter().for_each(|element| self.index(element, at));
                return;
            }
            Element::Sequence(elements) => {
                if let Some(first) = elements.first() {
                    self.index(first, at);
                }
                return;
            }
            Element::Found(_) => &mut self.by_what,
            _ => &mut self.others,
        };
        note(list, at);
    }

    fn index_word(&mut self, word: WordId, at: usize) {
        let Ok(word) = usize::try_from(word) else { return };
        if self.by_word.len() <= word {
            self.by_word.resize_with(word + 1, Vec::new);
        }
        note(&mut self.by_word[word], at);
    }
}

/// Adds a number that is not the last already.
fn note(list: &mut Vec<usize>, at: usize) {
    if list.last() != Some(&at) {
        list.push(at);
    }
}

/// The name in `[name]`.
fn section_named(line: &str) -> Option<&str> {
    line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))
}

/// The name and the words of `@name = words`.
fn alternatives_named(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('@').and_then(|rest| rest.split_once(" = "))
}

/// The weight a line begins with, and its phrase.
fn weighed(line: &str) -> (f32, &str) {
    let weight = line.split_once(' ').filter(|(first, _)| first.starts_with(['+', '-']));
    match weight.and_then(|(first, rest)| Some((first.parse().ok()?, rest.trim_start()))) {
        Some(weighed) => weighed,
        None => (1.0, line),
    }
}

/// Puts named alternatives in place of their names.
fn spelt_out(text: &str, named: &QuickMap<&str, String>) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(|char: char| !char.is_ascii_lowercase() && char != '_').unwrap_or(rest.len());
        out.push_str(named.get(&rest[..end]).map_or("", String::as_str));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// What is wrong in a file of phrases, for the tests of those who have some: sections nobody knows, names not given before,
/// phrases outside of a section.
#[cfg(test)]
pub(super) fn mistakes(files: &[&str], is_section: impl Fn(&str) -> bool) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut named: Vec<&str> = Vec::new();
    let mut within = false;
    for line in files.iter().flat_map(|file| file.lines()).map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = section_named(line) {
            within = is_section(name);
            if !within {
                mistakes.push(format!("[{name}] is no section"));
            }
            continue;
        }
        let (given, used) = match alternatives_named(line) {
            Some((name, words)) => (Some(name), words),
            None => (None, line),
        };
        for rest in used.split('@').skip(1) {
            let end = rest.find(|char: char| !char.is_ascii_lowercase() && char != '_');
            let name = &rest[..end.unwrap_or(rest.len())];
            if !named.contains(&name) {
                mistakes.push(format!("@{name} is not given before {line:?}"));
            }
        }
        named.extend(given);
        if given.is_none() && !within {
            mistakes.push(format!("{line:?} stands in no section"));
        }
    }
    mistakes
}

#[cfg(test)]
mod tests;
