//! Words and phrases as data: one file per language and role, under `words/`.
//!
//! A line is `phrase = value`, or several phrases of one value: `phrase, other phrase = value`; a phrase alone has the
//! value "". Phrases are spelt as [`super::text::fold`] leaves them; `#` opens a comment. A new role is one line in the
//! list below and a file for each language.

use std::sync::LazyLock;

use dealer::Language;

use super::quick::QuickMap;
use super::text::{Gap, Text};

/// Longer words are in no table, and not looked up.
const LONGEST_WORD: usize = 40;

/// The phrases of one role in one language.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// By first word; of one first word the longest phrase first.
    phrases: QuickMap<&'static str, Vec<Phrase>>,
}

#[derive(Debug)]
struct Phrase {
    rest: Vec<&'static str>,
    value: &'static str,
}

impl Table {
    fn new(file: &'static str) -> Self {
        let mut phrases: QuickMap<&'static str, Vec<Phrase>> = QuickMap::default();
        for line in file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (names, value) = line.split_once('=').unwrap_or((line, ""));
            for name in names.split(',') {
                let mut words = name.split_whitespace();
                if let Some(first) = words.next() {
                    let phrase = Phrase { rest: words.collect(), value: value.trim() };
                    phrases.entry(first).or_default().push(phrase);
                }
            }
        }
        for of_word in phrases.values_mut() {
            of_word.sort_by_key(|phrase| std::cmp::Reverse(phrase.rest.len()));
        }
        Self { phrases }
    }

    /// The value of one word.
    pub fn get(&self, word: &str) -> Option<&'static str> {
        if word.len() > LONGEST_WORD {
            return None;
        }
        self.phrases.get(word)?.iter().find(|phrase| phrase.rest.is_empty()).map(|phrase| phrase.value)
    }

    /// Every value of one word.
    pub fn values(&self, word: &str) -> impl Iterator<Item = &'static str> {
        let of_word = if word.len() <= LONGEST_WORD { self.phrases.get(word) } else { None };
        of_word.into_iter().flatten().filter(|phrase| phrase.rest.is_empty()).map(|phrase| phrase.value)
    }

    /// Whether one word has this value, whatever else it has.
    pub fn is(&self, word: &str, value: &str) -> bool {
        word.len() <= LONGEST_WORD
            && self.phrases.get(word).is_some_and(|phrases| {
                phrases.iter().any(|phrase| phrase.rest.is_empty() && phrase.value == value)
            })
    }

    /// The longest phrase that starts at a token, within its sentence: the token after it and its value.
    pub fn at(&self, text: &Text<'_>, at: usize) -> Option<(usize, &'static str)> {
        self.starting(text, at).next().map(|phrase| (at + 1 + phrase.rest.len(), phrase.value))
    }

    /// The token after the longest phrase of this value that starts at a token, within its sentence.
    pub fn at_as(&self, text: &Text<'_>, at: usize, value: &str) -> Option<usize> {
        let phrase = self.starting(text, at).find(|phrase| phrase.value == value)?;
        Some(at + 1 + phrase.rest.len())
    }

    /// The phrases that start at a token, the longest first.
    fn starting(&self, text: &Text<'_>, at: usize) -> impl Iterator<Item = &Phrase> {
        let of_word = Some(text.word(at))
            .filter(|word| word.len() <= LONGEST_WORD)
            .and_then(|first| self.phrases.get(first))
            .map_or(&[][..], Vec::as_slice);
        of_word.iter().filter(move |phrase| {
            phrase
                .rest
                .iter()
                .zip(at + 1..)
                .all(|(word, at)| text.word(at) == *word && at < text.len() && !text.gap(at).has(Gap::STOP))
        })
    }
}

/// The words of one role in every language.
#[derive(Debug)]
struct Tables {
    by_language: [Table; 3],
    /// The first words of all phrases, with the values of those that are one word: most words of a message are in no table
    /// at all.
    known: Values,
}

impl Tables {
    fn new(by_language: [Table; 3]) -> Self {
        let mut known = Values::default();
        for (word, phrases) in by_language.iter().flat_map(|table| &table.phrases) {
            let values = known.entry(*word).or_default();
            for phrase in phrases.iter().filter(|phrase| phrase.rest.is_empty()) {
                if !values.contains(&phrase.value) {
                    values.push(phrase.value);
                }
            }
        }
        Self { by_language, known }
    }

    fn know(&self, word: &str) -> bool {
        word.len() <= LONGEST_WORD && self.known.contains_key(word)
    }

    fn own_first(&self, language: Language) -> impl Iterator<Item = &Table> {
        let others = Language::ALL.into_iter().filter(move |other| *other != language);
        std::iter::once(language).chain(others).map(|language| &self.by_language[column(language)])
    }
}

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident => $file:literal,)*) => {
        /// What the words of a file are for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Role {
            $($(#[$doc])* $role,)*
        }

        impl Role {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$role,)*];
        }

        fn tables(role: Role) -> &'static Tables {
            match role {
                $(Role::$role => {
                    static TABLES: LazyLock<Tables> = LazyLock::new(|| {
                        Tables::new([
                            Table::new(include_str!(concat!("words/nl/", $file, ".txt"))),
                            Table::new(include_str!(concat!("words/en/", $file, ".txt"))),
                            Table::new(include_str!(concat!("words/de/", $file, ".txt"))),
                        ])
                    });
                    &TABLES
                })*
            }
        }
    };
}

roles! {
    /// What a figure is of and what it limits: `max = most`.
    Amounts => "amounts",
    /// What stands around the name of a car: `mijn = articles`.
    Cars => "cars",
    /// What tells a trade-in, and the moment an appointment is moved from: `inruilen = trade_in`.
    Asides => "asides",
    /// Whose car is meant: `mijn = possessives`.
    Owners => "owners",
    /// Properties of a car: `zwart = black`; `own` ones only where the whole message is in that language.
    Properties => "properties",
    /// What stands around the word of a property that says none: `ramen = parts`.
    PropertyContext => "property_context",
    /// What is wished, ruled out, corrected or only asked: `geen = negations`.
    Wishes => "wishes",
    /// What announces a licence plate: `kenteken = plate`.
    Plates => "plates",
    /// Number words: `twee = 2`, and what multiplies them.
    NumberParts => "number_parts",
    /// Everyday words, which tell the language and are names of nothing.
    Everyday => "everyday",
    /// Endings that few words of the other languages have.
    Endings => "endings",
    /// Days of the week: `maandag = mon`.
    Weekdays => "weekdays",
    /// Their short forms: `ma = mon ?`.
    ShortWeekdays => "short_weekdays",
    /// Months: `mei = 5`.
    Months => "months",
    /// Days counted from today: `morgenmiddag = 1 12:00-18:00`.
    DayWords => "day_words",
    /// Parts of a day as hours: `middag = 12:00-18:00`.
    DayParts => "day_parts",
    /// Ranges of days: `volgende week = week 1`.
    Spans => "spans",
    /// Moments counted from another: `zelfde tijd = same_time`.
    Relative => "relative",
    /// What a word asks after that names no thing: "zuiniger" is what a car uses.
    Things => "things",
    /// Words before an hour: `rond = around`.
    HourPrefixes => "hour_prefixes",
    /// Words after an hour: `uur = hour`.
    HourUnits => "hour_units",
    /// Small numbers: `drie = 3`.
    Numbers => "numbers",
    /// Minutes to and past the hour: `kwart voor = -15`.
    ToHour => "to_hour",
    /// What makes a figure a length of time: `duurt = before`.
    Lengths => "lengths",
    /// Units of lengths of time: `uurtje = 60 minutes`.
    Units => "units",
    /// What figures count that are no hours.
    Counted => "counted",
    /// Small words between moments: `of = or`.
    Links => "links",
    /// How moments are refused: `lukt niet = after`.
    Refusals => "refusals",
    /// What makes "morgen" a greeting: `goede = before`.
    Greetings => "greetings",
    /// Which of the days of a name is meant: `afgelopen = past`.
    NearDays => "near_days",
    /// Days of a month: `derde = 3`.
    Ordinals => "ordinals",
    /// What takes back a moment: `ah nee = correction`.
    Corrections => "corrections",
    /// The moment an appointment is moved away from: `van = of`.
    Away => "away",
    /// What says by itself that no more messages are wanted: `stop = stop`, and courtesies beside it.
    OptOut => "opt_out",
    /// How a slot on offer is picked: `tweede = 2`.
    Choice => "choice",
    /// What stands around a customer's name: `mijn naam is = strong`.
    Names => "names",
    /// Words that say nothing beside a moment.
    MomentFillers => "moment_fillers",
    /// Days by name: `boxing day = 12-26`.
    Holidays => "holidays",
    /// What an hour bounds: `weer weg = leave`.
    Bounds => "bounds",
    /// What shifts a moment by a length: `naar achteren = later after`.
    Shifts => "shifts",
    /// What tells, beside an appointment, that a bare figure is another hour for it: `liever = other`.
    OtherHours => "other_hours",
    /// A place in a list told from its end: `voorlaatste = -2`.
    Places => "places",
}

/// Values by single word.
type Values = QuickMap<&'static str, Vec<&'static str>>;

/// Every single word of a role in a language with its value.
pub(super) fn words(language: Language, role: Role) -> impl Iterator<Item = (&'static str, &'static str)> {
    table(language, role).phrases.iter().flat_map(|(word, phrases)| {
        phrases.iter().filter(|phrase| phrase.rest.is_empty()).map(|phrase| (*word, phrase.value))
    })
}

/// Whether a word has this value in any language.
pub(super) fn is(role: Role, word: &str, value: &str) -> bool {
    word.len() <= LONGEST_WORD && tables(role).known.get(word).is_some_and(|values| values.contains(&value))
}

/// The words of a role that have one value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag(pub Role, pub &'static str);

impl Tag {
    /// Whether this is one of them, in any language.
    pub fn contains(self, word: &str) -> bool {
        is(self.0, word, self.1)
    }
}

const fn column(language: Language) -> usize {
    match language {
        Language::Nl => 0,
        Language::En => 1,
        Language::De => 2,
    }
}

/// The words of a role in a language.
pub(super) fn table(language: Language, role: Role) -> &'static Table {
    &tables(role).by_language[column(language)]
}

/// The value of one word in whatever language has it, `language` first.
pub(super) fn value(language: Language, role: Role, word: &str) -> Option<&'static str> {
    let tables = tables(role);
    if !tables.know(word) {
        return None;
    }
    tables.own_first(language).find_map(|table| table.get(word))
}

/// The value of one word in one language alone.
pub(super) fn own_value(language: Language, role: Role, word: &str) -> Option<&'static str> {
    tables(role).by_language[column(language)].get(word)
}

/// The longest phrase at a token in whatever language has it; of equally long ones that of `language`.
pub(super) fn phrase(
    language: Language,
    role: Role,
    text: &Text<'_>,
    at: usize,
) -> Option<(usize, &'static str)> {
    let tables = tables(role);
    if !tables.know(text.word(at)) {
        return None;
    }
    let mut best: Option<(usize, &'static str)> = None;
    for table in tables.own_first(language) {
        if let Some((to, value)) = table.at(text, at)
            && best.is_none_or(|(longest, _)| to > longest)
        {
            best = Some((to, value));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::text::squeeze;

    #[test]
    fn every_file_holds_folded_phrases_and_none_twice() {
        for role in Role::ALL {
            for language in Language::ALL {
                let table = table(language, *role);
                for (first, phrases) in &table.phrases {
                    for (at, phrase) in phrases.iter().enumerate() {
                        let words = std::iter::once(first).chain(&phrase.rest);
                        for word in words {
                            assert_eq!(squeeze(word), **word, "{language} {role:?}");
                        }
                        let again = phrases[..at]
                            .iter()
                            .any(|other| other.rest == phrase.rest && other.value == phrase.value);
                        assert!(!again, "{language} {role:?}: {first} {:?} twice", phrase.rest);
                    }
                }
            }
        }
    }

    #[test]
    fn the_longest_phrase_wins_and_none_goes_beyond_its_sentence() {
        let table = Table::new("# days\nvolgende, komende = next\nvolgende week = week\n");
        assert_eq!(table.at(&Text::new("volgende week graag"), 0), Some((2, "week")));
        assert_eq!(table.at(&Text::new("Volgende. Week"), 0), Some((1, "next")));
        assert_eq!((table.get("komende"), table.get("week")), (Some("next"), None));
    }
}
