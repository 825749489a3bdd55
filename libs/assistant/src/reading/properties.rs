//! Fuel, gearbox, body and colour named in a message.

use dealer::Language;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::{Mark, Text, Words};
use super::words::{BODY_WORDS, COLOR_WORDS, FUEL_WORDS, Spellings, TRANSMISSION_WORDS};

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

static WORDS: LazyLock<HashMap<&'static str, (Property, &'static str)>> = LazyLock::new(|| {
    let tables: [(Property, &Spellings); 4] = [
        (Property::Color, COLOR_WORDS),
        (Property::Body, BODY_WORDS),
        (Property::Transmission, TRANSMISSION_WORDS),
        (Property::Fuel, FUEL_WORDS),
    ];
    let mut words = HashMap::new();
    for (property, table) in tables {
        for (value, spellings) in table {
            for spelling in spellings.split(' ') {
                words.insert(spelling, (property, *value));
            }
        }
    }
    words
});

/// What electric things and automatic things a car has that say nothing of its fuel or gearbox.
const PARTS: Words = Words(
    "ramen raam trekhaak stoelen stoel achterklep klep spiegels windows seats seat tailgate mirrors \
    sitze fenster heckklappe airco climate klimaatregeling klima lampen lights wissers rem handrem \
    fiets bike parking verwarming schuifdak step laadpaal spot bediening schuifdeuren koelbox problemen \
    storing incasso bericht reply mail antwoord parkeren gear transmissionfluid",
);

/// Words that say a colour or body only in one language.
fn belongs(word: &str, language: Language, property: Property) -> bool {
    match (word, property) {
        ("rot" | "rote", Property::Color) => language == Language::De,
        ("red", Property::Color) => language != Language::Nl,
        ("van" | "vans", Property::Body) => language == Language::En,
        ("bus", Property::Body) | ("gas", _) => language == Language::Nl,
        ("aut" | "automatisch" | "automatics", _) => language != Language::De || word != "aut",
        _ => true,
    }
}

/// Every property named, in order.
pub(super) fn find(text: &Text<'_>, words: &[&str], language: Language) -> Vec<PropertyMention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let named = if text.free(at) { property_at(text, words, at, language) } else { None };
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

fn property_at(text: &Text<'_>, words: &[&str], at: usize, language: Language) -> Option<PropertyMention> {
    let next = words.get(at + 1).copied().unwrap_or_default();
    let after = words.get(at + 2).copied().unwrap_or_default();
    let mention = |to: usize, property: Property, value: &'static str| {
        Some(PropertyMention { from: at, to, property, value })
    };
    match (words[at], next, after) {
        ("plug" | "plugin", "in", "hybrid" | "hybride" | "hybrides" | "hybriden") => {
            return mention(at + 3, Property::Fuel, "plug_in_hybrid");
        }
        ("plug" | "plugin" | "stekker", "in" | "hybrid" | "hybride", _) => {
            return mention(at + 2, Property::Fuel, "plug_in_hybrid");
        }
        ("mild", "hybrid" | "hybride", _) => return mention(at + 2, Property::Fuel, "hybrid"),
        ("op" | "auf", "gas", _) => return mention(at + 2, Property::Fuel, "lpg"),
        ("stick", "shift", _) => return mention(at + 2, Property::Transmission, "manual"),
        ("e", "auto", _) if text.gap(at + 1).is(super::text::Gap::HYPHEN) => {
            return mention(at + 2, Property::Fuel, "electric");
        }
        ("people", "carrier" | "mover", _) => return mention(at + 2, Property::Body, "mpv"),
        ("sports", "tourer", _) => return mention(at + 2, Property::Body, "estate"),
        ("c" | "volledig" | "volle", "elektrisch", _) => return mention(at + 2, Property::Fuel, "electric"),
        ("soft", "top", _) => return mention(at + 2, Property::Body, "convertible"),
        _ => {}
    }
    let word = words[at];
    let (property, value) = lookup(word)?;
    let about_a_part = matches!(value, "electric" | "automatic" | "manual") && PARTS.contains(next);
    let instead =
        (value == "manual" && matches!(next, "boek" | "book")) || (word == "orange" && next == "light");
    let station = word == "station"
        && matches!(
            text.before(at, 1),
            "het" | "the" | "ns" | "vanaf" | "bij" | "van" | "from" | "tank" | "naar"
        );
    let light = word == "rode" && next == "draad" || word == "blauwe" && next == "maandag";
    let driving_licence = matches!(word, "groene" | "grune") && matches!(next, "kaart" | "karte");
    let touring = word == "bus"
        && matches!(text.before(at, 1), "de" | "met" | "per")
        && !text.any(&["zoek", "bestelbus"]);
    if about_a_part
        || instead
        || station
        || light
        || driving_licence
        || touring
        || !belongs(word, language, property)
    {
        return None;
    }
    if text.tokens[at].mark != Mark::None {
        return None;
    }
    mention(at + 1, property, value)
}

/// Whether `word` says a property of a car.
pub(super) fn is_word(word: &str) -> bool {
    lookup(word).is_some()
}

fn lookup(word: &str) -> Option<(Property, &'static str)> {
    if let Some(found) = WORDS.get(word) {
        return Some(*found);
    }
    // "donkerblauw", "dunkelgrün", "hellgrau"
    let shade = ["donker", "licht", "dunkel", "hell", "mat", "metallic", "parelmoer", "fel", "knal"]
        .into_iter()
        .find_map(|shade| word.strip_prefix(shade))
        .and_then(|rest| WORDS.get(rest))
        .filter(|(property, _)| *property == Property::Color);
    if let Some(found) = shade {
        return Some(*found);
    }
    let compound = [
        ("automaat", Property::Transmission, "automatic"),
        ("automatik", Property::Transmission, "automatic"),
        ("cabrio", Property::Body, "convertible"),
        ("diesel", Property::Fuel, "diesel"),
        ("hybride", Property::Fuel, "hybrid"),
        ("kombi", Property::Body, "estate"),
    ];
    compound
        .into_iter()
        .find(|(beginning, _, _)| {
            word.starts_with(beginning) && word.len() <= beginning.len() + 5 && !word.contains("techniek")
        })
        .map(|(_, property, value)| (property, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, language: Language) -> Vec<&'static str> {
        let text = Text::new(text);
        let words: Vec<&str> = text.tokens.iter().map(|token| token.norm.as_str()).collect();
        find(&text, &words, language).into_iter().map(|mention| mention.value).collect()
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
