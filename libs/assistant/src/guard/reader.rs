//! Reads words against facts: whatever they assert must be accounted for.
//!
//! A text is read sentence by sentence. First the known phrases and cars are found, then every figure, day and hour that is
//! left, then what is promised. A figure that nothing accounts for refuses the text.

mod cars;
mod figures;
mod moments;
mod promises;

use dealer::Language;
use jiff::Zoned;

use super::Violation;
use super::facts::Facts;
use super::lists::LISTS;
use super::strangers::link;
use super::tokens::{Token, plain, tokens, undisguised};
use crate::Knowledge;
use cars::Mention;
use moments::Saying;

/// A reply longer than this is none.
const LONGEST: usize = 4_000;

/// Reads words and refuses what no fact accounts for.
pub(super) fn read(
    words: &str,
    facts: &Facts<'_>,
    language: Language,
    knowledge: &Knowledge,
    now: &Zoned,
) -> Result<(), Violation> {
    let text = plain(words);
    if text.len() > LONGEST || text.contains(['{', '}', '<', '>', '`', '\\']) {
        return Err(Violation::Disguised);
    }
    let mut carried = Mention::None;
    let mut last_day = None;
    for sentence in sentences(&text) {
        let mut reading = Reading {
            text: sentence,
            tokens: tokens(sentence),
            known: Vec::new(),
            paid: 0,
            mentions: Vec::new(),
            carried: carried.clone(),
            facts,
            language,
            knowledge,
            now,
        };
        reading.known = vec![false; reading.tokens.len()];
        last_day = reading.read(last_day)?;
        carried = reading.mentions.pop().map_or(reading.carried, |(_, mention)| mention);
    }
    Ok(())
}

/// One sentence while it is read.
struct Reading<'r, 'f> {
    text: &'r str,
    tokens: Vec<Token>,
    /// What each token is accounted for by a fact.
    known: Vec<bool>,
    /// Amounts accounted for.
    paid: usize,
    /// Cars named, with the token they begin at.
    mentions: Vec<(usize, Mention)>,
    /// The car spoken of before this sentence.
    carried: Mention,
    facts: &'r Facts<'f>,
    language: Language,
    knowledge: &'r Knowledge,
    now: &'r Zoned,
}

impl Reading<'_, '_> {
    fn read(&mut self, last_day: Option<Saying>) -> Result<Option<Saying>, Violation> {
        self.phrases();
        self.unlinked()?;
        undisguised(self.text, &self.tokens)?;
        self.cars()?;
        let day = self.moments(last_day)?;
        self.figures()?;
        self.promises()?;
        self.ordinary()?;
        Ok(day)
    }

    /// Whether so many are told of. One is an article as well.
    fn counts(&self, value: u16) -> bool {
        value == 1 || [self.facts.listed, self.facts.cars.len()].contains(&usize::from(value))
    }

    /// No word but those of our own text of the same, and ordinary ones.
    fn ordinary(&self) -> Result<(), Violation> {
        let ours = |word: &str| {
            // "automaten" is as good as "automaat", "handgeschakelde" as "handgeschakeld".
            let near = |known: &String| {
                word.len() > 6
                    && known.len() > 5
                    && word.starts_with(known.as_str())
                    && word.len() <= known.len() + 2
            };
            self.facts.words.contains(word)
                || LISTS.is_ordinary(word, self.language)
                || LISTS.hour.has(word)
                || self.facts.words.iter().any(near)
        };
        for (at, token) in self.tokens.iter().enumerate().filter(|(at, _)| self.free(*at)) {
            let word = token.norm.as_str();
            if LISTS.small_number(word).is_some_and(|value| !self.counts(value)) {
                return Err(Violation::Figure(word.to_owned()));
            }
            if !ours(word) && !self.harmless(at) {
                return Err(Violation::Word(word.to_owned()));
            }
        }
        Ok(())
    }

    /// Accounts for what may be repeated as it stands.
    fn phrases(&mut self) {
        for at in 0..self.tokens.len() {
            let found =
                self.facts.phrases.iter().filter(|phrase| self.stands(phrase, at)).map(Vec::len).max();
            let phone = self.phone_at(at);
            self.account(at, found.unwrap_or(0).max(phone));
        }
    }

    fn stands(&self, phrase: &[Token], at: usize) -> bool {
        let words = self.tokens.get(at..at + phrase.len());
        words.is_some_and(|words| words.iter().zip(phrase).all(|(word, known)| word.norm == known.norm))
    }

    /// How many tokens from `at` spell the dealer's number.
    fn phone_at(&self, at: usize) -> usize {
        let mut digits = String::new();
        for (count, token) in
            self.tokens[at..].iter().take_while(|token| token.is_digits()).enumerate().take(8)
        {
            digits.push_str(&token.norm);
            if self.facts.phones.contains(&digits) {
                return count + 1;
            }
        }
        0
    }

    fn account(&mut self, at: usize, count: usize) {
        for known in self.known.iter_mut().skip(at).take(count) {
            *known = true;
        }
    }

    /// No address on the web but the dealer's own.
    fn unlinked(&self) -> Result<(), Violation> {
        let unknown = |range: (usize, usize)| {
            self.tokens
                .iter()
                .zip(&self.known)
                .any(|(token, known)| !known && token.start >= range.0 && token.end <= range.1)
        };
        for word in self.text.split_whitespace() {
            let start = word.as_ptr().addr() - self.text.as_ptr().addr();
            if unknown((start, start + word.len())) {
                link(word)?;
            }
        }
        Ok(())
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.norm.as_str())
    }

    fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |at| self.word(at))
    }

    /// What stands before the token at `at`; behind the last one, what ends the sentence.
    fn gap(&self, at: usize) -> &str {
        match self.tokens.get(at) {
            Some(token) => &token.gap,
            None => self.tokens.last().map_or("", |last| self.text.get(last.end..).unwrap_or_default()),
        }
    }

    fn free(&self, at: usize) -> bool {
        self.known.get(at).is_some_and(|known| !known)
    }

    /// Whether the sentence denies, or only tells a wish.
    fn is_vain(&self) -> bool {
        [&LISTS.denial, &LISTS.closed, &LISTS.wish].iter().any(|list| list.any(&self.tokens))
    }
}

/// Lines, and within them sentences. The dot of an ordinal ("8. Dezember") and of an abbreviation ends none.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut from = 0;
        for (at, char) in line.char_indices() {
            let end = at + char.len_utf8();
            let before = line[..at].chars().next_back();
            let ends = match char {
                '!' | '?' => true,
                '.' => before.is_some_and(|before| !before.is_ascii_digit()) && begins_anew(&line[end..]),
                _ => false,
            };
            if ends {
                found.push(&line[from..end]);
                from = end;
            }
        }
        found.push(&line[from..]);
    }
    found.retain(|sentence| !sentence.trim().is_empty());
    found
}

fn begins_anew(rest: &str) -> bool {
    let mut chars = rest.chars();
    chars.next().is_some_and(char::is_whitespace)
        && chars.find(|char| !char.is_whitespace()).is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinal_ends_no_sentence() {
        assert_eq!(
            sentences("Am Mittwoch, 9. Dezember geht es. Passt das? Ja!\n1. heute"),
            ["Am Mittwoch, 9. Dezember geht es.", " Passt das?", " Ja!", "1. heute"]
        );
    }
}
