//! The sections of `dealer.toml` that only the agents read; the shared ones are read by the `dealer` library.

use std::collections::BTreeMap;

use ::dealer::{DealerError, Source};
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use crate::understanding::Language;

/// `dealer.toml` after every value was checked.
pub(super) struct Settings {
    /// What other services read of it, too.
    pub shared: ::dealer::Dealer,
    pub name: String,
    pub address: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub website: Option<String>,
    pub languages: Vec<Language>,
    pub inventory_csv: String,
    pub templates: BTreeMap<String, String>,
    pub texts: BTreeMap<Language, BTreeMap<String, String>>,
}

/// Every section there is: an unknown one is a typing error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    dealer: RawDealer,
    #[serde(rename = "hours")]
    _hours: Option<IgnoredAny>,
    #[serde(rename = "booking")]
    _booking: Option<IgnoredAny>,
    #[serde(rename = "scoring")]
    _scoring: Option<IgnoredAny>,
    inventory: RawInventory,
    #[serde(default)]
    templates: BTreeMap<String, String>,
    #[serde(default)]
    texts: BTreeMap<String, BTreeMap<String, Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDealer {
    name: Spanned<String>,
    address: Spanned<String>,
    phone: Option<String>,
    email: Option<String>,
    website: Option<String>,
    #[serde(rename = "timezone")]
    _timezone: Option<IgnoredAny>,
    languages: Spanned<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInventory {
    csv: Spanned<String>,
}

/// Reads and checks the text of `dealer.toml`.
pub(super) fn parse(name: &str, text: &str) -> Result<Settings, DealerError> {
    let shared = ::dealer::Dealer::parse(name, text)?;
    let source = Source { name, text };
    let raw: Raw = toml::from_str(text).map_err(|error| source.malformed(&error))?;
    let dealer = raw.dealer;
    Ok(Settings {
        shared,
        name: source.filled("dealer.name", dealer.name)?,
        address: source.filled("dealer.address", dealer.address)?,
        phone: dealer.phone,
        email: dealer.email,
        website: dealer.website,
        languages: languages(source, &dealer.languages)?,
        inventory_csv: source.filled("inventory.csv", raw.inventory.csv)?,
        templates: raw.templates,
        texts: texts(source, raw.texts)?,
    })
}

fn languages(source: Source<'_>, raw: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<Language>, DealerError> {
    let languages: Vec<Language> = raw
        .get_ref()
        .iter()
        .map(|word| {
            word.get_ref().parse().map_err(|_| {
                let problem = format!("{:?} is not a language; choose from nl, en, de", word.get_ref());
                source.wrong("dealer.languages", &word.span(), problem)
            })
        })
        .collect::<Result<_, _>>()?;
    if languages.is_empty() {
        return Err(source.wrong("dealer.languages", &raw.span(), "names no language; write at least one"));
    }
    Ok(languages)
}

fn texts(
    source: Source<'_>,
    raw: BTreeMap<String, BTreeMap<String, Spanned<String>>>,
) -> Result<BTreeMap<Language, BTreeMap<String, String>>, DealerError> {
    let mut texts = BTreeMap::new();
    for (word, overrides) in raw {
        let span = overrides.values().next().map_or(0..0, Spanned::span);
        let language: Language = word.parse().map_err(|_| {
            source.wrong(&format!("texts.{word}"), &span, "is not a language; choose from nl, en, de")
        })?;
        let mut texts_of_language = BTreeMap::new();
        for (name, text) in overrides {
            let field = format!("texts.{word}.{name}");
            crate::replies::check_override(&name, text.get_ref())
                .map_err(|problem| source.wrong(&field, &text.span(), problem))?;
            texts_of_language.insert(name, text.into_inner());
        }
        texts.insert(language, texts_of_language);
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"[dealer]
name = "A"
address = "B 1"
timezone = "Europe/Amsterdam"
languages = ["nl"]

[hours]
monday = ["09:00-12:00", "13:00-18:00"]
closed_days = ["2026-12-25"]

[inventory]
csv = "inventory.csv"
"#;

    fn error_of(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from));
        let text = GOOD.replace(from, to);
        parse("dealer.toml", &text).err().expect("the text is wrong").to_string()
    }

    #[test]
    fn a_good_file_reads_with_defaults_for_what_it_leaves_out() {
        let settings = parse("dealer.toml", GOOD).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(settings.shared, ::dealer::Dealer::parse("dealer.toml", GOOD).unwrap());
        assert_eq!(settings.name, "A");
        assert!(settings.templates.is_empty() && settings.texts.is_empty());
    }

    #[test]
    fn errors_name_the_line_and_the_field() {
        assert_eq!(
            error_of("Europe/Amsterdam", "Europe/Harderwijk"),
            "dealer.toml line 4: dealer.timezone: write an IANA name such as \"Europe/Amsterdam\""
        );
        assert_eq!(
            error_of(r#"["nl"]"#, r#"["nl", "fr"]"#),
            "dealer.toml line 5: dealer.languages: \"fr\" is not a language; choose from nl, en, de"
        );
        assert!(error_of("address = ", "adress = ").starts_with("dealer.toml line 3: adress: unknown field"));
        assert!(error_of("name = \"A\"", "name = 7").starts_with("dealer.toml line 2: name: invalid type"));
        assert!(
            error_of("name = \"A\"", "name = \"\"").starts_with("dealer.toml line 2: dealer.name: is empty")
        );
        assert!(
            error_of("[inventory]", "[inventry]").starts_with("dealer.toml line 11: [inventry]: unknown")
        );
        assert!(
            error_of("[inventory]", "[scoring]\ncars = 3\n[inventory]")
                .starts_with("dealer.toml line 12: scoring.cars: is no signal")
        );
        assert!(
            error_of("[inventory]", "[texts.nl]\nthank = \"Graag\"\n[inventory]")
                .starts_with("dealer.toml line 12: texts.nl.thank: is no text")
        );
    }
}
