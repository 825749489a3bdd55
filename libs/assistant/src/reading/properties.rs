//! Fuel, gearbox, body and colour named in a message.

use std::sync::LazyLock;

use dealer::Language;

use super::quick::QuickMap;
use super::text::{Mark, Text};
use super::words::{self, Role, Tag, is, table};

/// What a word says about a car.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Property {
    Fuel,
    Transmission,
    Body,
    Color,
}

/// A property named in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PropertyMention {
    pub from: usize,
    pub to: usize,
    pub property: Property,
    pub value: &'static str,
}

/// The property that a normal form is of.
fn kind(value: &str) -> Option<Property> {
    Some(match value {
        "plug_in_hybrid" | "hybrid" | "electric" | "diesel" | "petrol" | "lpg" => Property::Fuel,
        "automatic" | "manual" => Property::Transmission,
        "hatchback" | "estate" | "suv" | "sedan" | "mpv" | "convertible" | "coupe" | "van" => Property::Body,
        "black" | "white" | "grey" | "silver" | "blue" | "red" | "green" | "yellow" | "orange" | "brown"
        | "beige" => Property::Color,
        _ => return None,
    })
}

/// A word with what it says.
#[derive(Debug, Clone, Copy)]
struct Word {
    property: Property,
    value: &'static str,
    /// In messages of these languages only.
    only: Option<Language>,
}

impl Word {
    fn new(value: &'static str, language: Language) -> Option<Self> {
        let (form, own) = value.strip_suffix(" own").map_or((value, false), |form| (form, true));
        kind(form).map(|property| Self { property, value: form, only: own.then_some(language) })
    }

    fn belongs(self, language: Language) -> bool {
        self.only.is_none_or(|only| only == language)
    }
}

/// What is built of a property's word and says none: "elektrotechniek".
static TECHNOLOGY: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let words = Language::ALL.into_iter().flat_map(|language| words::words(language, Role::PropertyContext));
    words.filter(|(_, value)| *value == "technology").map(|(word, _)| word).collect()
});

/// Every word that says a property; of a word that several languages have, each.
static WORDS: LazyLock<QuickMap<&'static str, Vec<Word>>> = LazyLock::new(|| {
    let mut all: QuickMap<&'static str, Vec<Word>> = QuickMap::default();
    for language in Language::ALL {
        for (word, value) in words::words(language, Role::Properties) {
            all.entry(word).or_default().extend(Word::new(value, language));
        }
    }
    all.retain(|_, words| !words.is_empty());
    all
});

/// Beginnings of longer words that say a property: "automaatbak".
static BEGINNINGS: LazyLock<Vec<(&'static str, Word)>> = LazyLock::new(|| {
    Language::ALL
        .into_iter()
        .flat_map(|language| words::words(language, Role::Properties).map(move |found| (language, found)))
        .filter_map(|(language, (word, value))| {
            Some((word, Word::new(value.strip_suffix(" compound")?, language)?))
        })
        .collect()
});

/// What stands before a colour in one word: "donkerblauw".
static SHADES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    Language::ALL
        .into_iter()
        .flat_map(|language| words::words(language, Role::Properties))
        .filter(|(_, value)| *value == "shade")
        .map(|(word, _)| word)
        .collect()
});

/// Every word that says a property, for knowing what is spelt right.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    WORDS.keys().copied()
}

/// What electric things and automatic things a car has that say nothing of its fuel or gearbox.
const PARTS: Tag = Tag(Role::PropertyContext, "parts");

/// Every property named, in order.
pub(super) fn find(text: &Text<'_>, language: Language) -> Vec<PropertyMention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let named = if text.free(at) { property_at(text, at, language) } else { None };
        match named {
            Some(mention) => {
                at = mention.to;
                found.push(mention);
            }
            None => at += 1,
        }
    }
    found
}

fn property_at(text: &Text<'_>, at: usize, language: Language) -> Option<PropertyMention> {
    let next = text.spelt(at + 1);
    let mention = |to: usize, property: Property, value: &'static str| {
        Some(PropertyMention { from: at, to, property, value })
    };
    // "plug-in hybrid", "op gas", "people carrier"
    let phrase = Language::ALL
        .into_iter()
        .filter_map(|language| {
            let (to, value) = table(language, Role::Properties).at(text, at)?;
            Some((to, Word::new(value, language)?))
        })
        .filter(|(to, _)| *to > at + 1)
        .max_by_key(|(to, _)| *to);
    if let Some((to, word)) = phrase {
        return mention(to, word.property, word.value);
    }
    let word = text.spelt(at);
    let Word { property, value, .. } = *lookup(word)?.iter().find(|word| word.belongs(language))?;
    let about_a_part = matches!(value, "electric" | "automatic" | "manual") && PARTS.contains(next);
    let instead = (value == "manual" && is(Role::PropertyContext, next, "book"))
        || (is(Role::PropertyContext, word, "light_colour") && is(Role::PropertyContext, next, "light"));
    let station = word == "station" && is(Role::PropertyContext, text.before(at, 1), "before_station");
    let saying = [("thread_colour", "thread"), ("monday_colour", "monday")].iter().any(|(colour, what)| {
        is(Role::PropertyContext, word, colour) && is(Role::PropertyContext, next, what)
    });
    let driving_licence = (is(Role::PropertyContext, word, "plate_colour")
        && is(Role::PropertyContext, next, "after_plate_colour"))
        || (is(Role::PropertyContext, word, "verb_like_colour")
            && is(Role::PropertyContext, text.before(at, 1), "pronoun"))
        || (word == "weiss" && is(Role::PropertyContext, next, "after_weiss"))
        || (word == "wit" && text.before(at, 1) == "de" && text.tokens[at].capital)
        || (is(Role::PropertyContext, word, "automatic_word")
            && is(Role::PropertyContext, next, "after_automatic"));
    let touring = word == "bus"
        && is(Role::PropertyContext, text.before(at, 1), "before_bus")
        && !text.tokens.iter().any(|token| is(Role::PropertyContext, &token.norm, "seeks_bus"));
    if about_a_part || instead || station || saying || driving_licence || touring {
        return None;
    }
    if text.tokens[at].mark != Mark::None {
        return None;
    }
    mention(at + 1, property, value)
}

/// Whether `word` is a colour.
pub(super) fn is_color(word: &str) -> bool {
    lookup(word).is_some_and(|words| words.iter().any(|word| word.property == Property::Color))
}

/// Whether `word` says a property of a car.
pub(super) fn is_word(word: &str) -> bool {
    lookup(word).is_some()
}

/// Nor may a word be longer than its beginning by more than this.
const LONGEST_ENDING: usize = 5;

fn lookup(word: &str) -> Option<&'static [Word]> {
    if let Some(found) = WORDS.get(word) {
        return Some(found);
    }
    let of_color = |words: &&Vec<Word>| words.iter().any(|word| word.property == Property::Color);
    let shaded = SHADES.iter().find_map(|shade| word.strip_prefix(shade)).and_then(|rest| WORDS.get(rest));
    if let Some(found) = shaded.filter(of_color) {
        return Some(found);
    }
    BEGINNINGS
        .iter()
        .find(|(beginning, _)| {
            word.len() <= beginning.len() + LONGEST_ENDING
                && word.starts_with(beginning)
                && !TECHNOLOGY.iter().any(|part| word.contains(part))
        })
        .map(|(_, word)| std::slice::from_ref(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, language: Language) -> Vec<&'static str> {
        let text = Text::new(text);
        find(&text, language).into_iter().map(|mention| mention.value).collect()
    }

    #[test]
    fn properties_are_read_in_three_languages() {
        assert_eq!(
            values("donkerblauwe plug-in hybride stationwagen, automaat", Language::Nl),
            ["blue", "plug_in_hybrid", "estate", "automatic"]
        );
        assert_eq!(
            values("a white petrol estate, manual", Language::En),
            ["white", "petrol", "estate", "manual"]
        );
        assert_eq!(
            values("roter Kombi, Benziner mit Schaltgetriebe", Language::De),
            ["red", "estate", "petrol", "manual"]
        );
    }

    #[test]
    fn parts_and_prepositions_are_no_properties() {
        assert!(values("elektrische ramen en automatische airco van het station", Language::Nl).is_empty());
    }
}
