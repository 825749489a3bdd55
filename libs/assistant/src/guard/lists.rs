//! The words the guard looks for, from `nl.txt`, `en.txt` and `de.txt` beside this file.
//!
//! A stranger may write in any language, so every list holds the words of all three; only short names of days are looked for in
//! the language of the reply.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use dealer::Language;
use jiff::civil::{Weekday, date};

use super::tokens::{Token, folded};
use crate::word;

/// Phrases, found by their first word.
#[derive(Debug, Default)]
pub(super) struct Phrases {
    by_first: HashMap<String, Vec<Vec<Pattern>>>,
    /// Those whose first word stands for several.
    open: Vec<Vec<Pattern>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Pattern {
    Word(String),
    Begins(String),
    Ends(String),
    Holds(String),
}

impl Pattern {
    fn of(word: &str) -> Self {
        let bare = folded(word.trim_matches('*'));
        match (word.starts_with('*'), word.ends_with('*')) {
            (false, false) => Self::Word(bare),
            (false, true) => Self::Begins(bare),
            (true, false) => Self::Ends(bare),
            (true, true) => Self::Holds(bare),
        }
    }

    fn fits(&self, word: &str) -> bool {
        match self {
            Self::Word(known) => word == known,
            Self::Begins(known) => word.starts_with(known.as_str()),
            Self::Ends(known) => word.ends_with(known.as_str()),
            Self::Holds(known) => word.contains(known.as_str()),
        }
    }
}

impl Phrases {
    fn add(&mut self, phrase: &str) {
        let patterns: Vec<Pattern> = phrase.split_whitespace().map(Pattern::of).collect();
        match patterns.first() {
            Some(Pattern::Word(first)) => self.by_first.entry(first.clone()).or_default().push(patterns),
            Some(_) => self.open.push(patterns),
            None => {}
        }
    }

    /// The length of the longest phrase that begins at `at`; 0 when none does.
    pub fn length_at(&self, tokens: &[Token], at: usize) -> usize {
        let Some(first) = tokens.get(at) else { return 0 };
        let known = self.by_first.get(&first.norm).into_iter().flatten().chain(&self.open);
        known
            .filter(|phrase| {
                let words = tokens.get(at..at + phrase.len());
                words
                    .is_some_and(|words| phrase.iter().zip(words).all(|(known, word)| known.fits(&word.norm)))
            })
            .map(Vec::len)
            .max()
            .unwrap_or(0)
    }

    /// Whether this one word is listed.
    pub fn has(&self, word: &str) -> bool {
        let single = |phrase: &Vec<Pattern>| phrase.len() == 1 && phrase[0].fits(word);
        self.by_first.get(word).is_some_and(|phrases| phrases.iter().any(single))
            || self.open.iter().any(single)
    }

    /// Whether any phrase stands in these words.
    pub fn any(&self, tokens: &[Token]) -> bool {
        (0..tokens.len()).any(|at| self.length_at(tokens, at) > 0)
    }
}

/// Every list.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub promise: Phrases,
    pub harmless: Phrases,
    pub denial: Phrases,
    pub no_denial: Phrases,
    pub but: Phrases,
    pub euro: Phrases,
    pub currency: Phrases,
    pub rate: Phrases,
    pub number: Phrases,
    pub distance: Phrases,
    pub morning: Phrases,
    pub hour: Phrases,
    pub before_time: Phrases,
    pub vague_moment: Phrases,
    pub wish: Phrases,
    pub closed: Phrases,
    pub people: Phrases,
    pub deed: Phrases,
    pub act: Phrases,
    pub leak: Phrases,
    pub article: Phrases,
    pub cost: Phrases,
    pub ordinal: Phrases,
    pub of_month: Phrases,
    pub assent: Phrases,
    /// Number words up to twelve.
    small_number: HashMap<String, u16>,
    /// Days from today.
    relative: HashMap<String, i64>,
    short_days: HashMap<(Language, String), Weekday>,
    /// Words a reply in this language may use freely.
    ordinary: HashSet<(Language, String)>,
    days: Vec<(String, Weekday)>,
    months: HashMap<String, i8>,
}

/// The lists as shipped.
pub(super) static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists::default();
    for (language, file) in [
        (Language::Nl, include_str!("nl.txt")),
        (Language::En, include_str!("en.txt")),
        (Language::De, include_str!("de.txt")),
    ] {
        lists.read(language, file);
        lists.name_days(language);
    }
    lists
});

impl Lists {
    fn read(&mut self, language: Language, file: &str) {
        let mut section = "";
        for line in file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
                section = name;
                continue;
            }
            let entries = line.split(',').map(str::trim).filter(|entry| !entry.is_empty());
            for (at, entry) in entries.enumerate() {
                self.add(language, section, at, entry);
            }
        }
    }

    fn add(&mut self, language: Language, section: &str, at: usize, entry: &str) {
        let phrases = match section {
            "promise" => &mut self.promise,
            "harmless" => &mut self.harmless,
            "denial" => &mut self.denial,
            "no_denial" => &mut self.no_denial,
            "but" => &mut self.but,
            "euro" => &mut self.euro,
            "currency" => &mut self.currency,
            "rate" => &mut self.rate,
            "number" => &mut self.number,
            "distance" => &mut self.distance,
            "morning" => &mut self.morning,
            "hour" => &mut self.hour,
            "before_time" => &mut self.before_time,
            "vague_moment" => &mut self.vague_moment,
            "wish" => &mut self.wish,
            "closed" => &mut self.closed,
            "people" => &mut self.people,
            "deed" => &mut self.deed,
            "act" => &mut self.act,
            "leak" => &mut self.leak,
            "article" => &mut self.article,
            "cost" => &mut self.cost,
            "ordinal" => &mut self.ordinal,
            "of_month" => &mut self.of_month,
            "assent" => &mut self.assent,
            _ => return self.add_value(language, section, at, entry),
        };
        phrases.add(entry);
    }

    fn add_value(&mut self, language: Language, section: &str, at: usize, entry: &str) {
        let words = entry.split('|').map(folded);
        let place = i8::try_from(at).unwrap_or_default();
        match section {
            "small_number" => {
                let value = u16::from(place.unsigned_abs()) + 1;
                self.small_number.extend(words.map(|word| (word, value)));
            }
            "short_days" => {
                if let Ok(day) = Weekday::from_monday_zero_offset(place) {
                    self.short_days.extend(words.map(|word| ((language, word), day)));
                }
            }
            "short_months" => self.months.extend(words.map(|word| (word, place + 1))),
            "ordinary" => self.ordinary.extend(words.map(|word| (language, word))),
            "relative" => {
                if let Some((word, days)) = entry.rsplit_once(' ') {
                    self.relative.insert(folded(word), days.parse().unwrap_or_default());
                }
            }
            _ => {}
        }
    }

    fn name_days(&mut self, language: Language) {
        for day in Weekday::Monday.cycle_forward().take(7) {
            self.days.push((folded(word::weekday(day, language)), day));
        }
        for month in 1..=12_i8 {
            let named = word::day(date(2024, month, 1), language);
            if let Some(name) = named.split_whitespace().last() {
                self.months.insert(folded(name), month);
            }
        }
    }

    /// The day of the week a word names: "zaterdag", "zaterdagmiddag", "Samstags".
    pub fn weekday(&self, word: &str) -> Option<Weekday> {
        self.days.iter().find(|(name, _)| word.starts_with(name.as_str())).map(|(_, day)| *day)
    }

    /// The same by a short name in this language: "za", "Sat".
    pub fn short_weekday(&self, word: &str, language: Language) -> Option<Weekday> {
        self.short_days.get(&(language, word.to_owned())).copied()
    }

    /// Whether a reply may use this word whatever it says.
    pub fn is_ordinary(&self, word: &str, language: Language) -> bool {
        self.ordinary.contains(&(language, word.to_owned()))
    }

    /// The month a word names.
    pub fn month(&self, word: &str) -> Option<i8> {
        self.months.get(word).copied()
    }

    /// How many days from today a word names.
    pub fn relative(&self, word: &str) -> Option<i64> {
        self.relative.get(word).copied()
    }

    /// The value of a number word up to twelve.
    pub fn small_number(&self, word: &str) -> Option<u16> {
        self.small_number.get(word).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::tokens::tokens;

    #[test]
    fn words_are_found_by_beginning_and_end() {
        let promises = |text: &str| LISTS.promise.any(&tokens(text));
        for text in [
            "extrakorting",
            "kortingscode",
            "het is van het huis",
            "legally binding",
            "Barrabatt",
            "Freebies",
        ] {
            assert!(promises(text), "{text}");
        }
        for text in ["de auto staat er", "sportief", "your car", "Ihr Auto"] {
            assert!(!promises(text), "{text}");
        }
    }

    #[test]
    fn days_months_and_numbers_have_their_values() {
        assert_eq!(LISTS.weekday("zaterdagmiddag"), Some(Weekday::Saturday));
        assert_eq!(LISTS.weekday("sonntag"), Some(Weekday::Sunday));
        assert_eq!(
            (LISTS.month("marz"), LISTS.month("december"), LISTS.month("okt")),
            (Some(3), Some(12), Some(10))
        );
        assert_eq!(LISTS.relative("ubermorgen"), Some(2));
        let numbers =
            ["een", "tien", "twelve", "ein", "eins", "zwei", "zwolf"].map(|word| LISTS.small_number(word));
        assert_eq!(numbers, [1, 10, 12, 1, 1, 2, 12].map(Some));
    }
}
