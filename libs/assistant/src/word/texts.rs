//! Reply texts by name; a dealer may override each.

use std::collections::HashMap;
use std::sync::LazyLock;

use dealer::{Dealer, Language};

use super::Voice;

type Table = HashMap<&'static str, String>;

static TABLES: LazyLock<[Table; 3]> = LazyLock::new(|| {
    [include_str!("nl.txt"), include_str!("en.txt"), include_str!("de.txt")].map(|file| {
        let mut table = Table::new();
        for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (name, text) = line.split_once(" = ").unwrap_or((line, ""));
            table.insert(name, text.replace("\\n", "\n"));
        }
        table
    })
});

const fn column(language: Language) -> usize {
    match language {
        Language::Nl => 0,
        Language::En => 1,
        Language::De => 2,
    }
}

/// The text called `name` as it ships; empty when there is none.
pub(super) fn shipped(language: Language, name: &str) -> &'static str {
    TABLES[column(language)].get(name).map_or("", String::as_str)
}

/// The texts of one dealer in one voice.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    dealer: &'a Dealer,
    voice: Voice,
}

impl<'a> Texts<'a> {
    /// The texts `dealer` uses in this voice.
    pub const fn new(dealer: &'a Dealer, voice: Voice) -> Self {
        Self { dealer, voice }
    }

    /// The language of these texts.
    pub const fn language(self) -> Language {
        self.voice.language
    }

    /// The text called `name` with its `{placeholders}` filled in and its `{je|u}` chosen.
    pub fn say(self, name: &str, values: &[(&str, &str)]) -> String {
        let own = self.dealer.texts.get(&self.voice.language).and_then(|texts| texts.get(name));
        let text = own.map_or_else(|| shipped(self.voice.language, name), String::as_str);
        fill(text, values, self.voice.formal)
    }

    /// A text of the dealer's own table, with its `{je|u}` chosen.
    pub fn own(self, text: &str) -> String {
        fill(text, &[], self.voice.formal)
    }
}

/// A piece of a text.
enum Run<'t> {
    /// Said as it stands.
    Words(&'t str),
    /// Filled in.
    Placeholder(&'t str),
    /// Said to whom says *je*, or to whom says *u*.
    Either(&'t str, &'t str),
}

/// The runs of a text; a brace without its partner is an ordinary letter.
fn runs(text: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some((before, (inside, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        runs.push(Run::Words(before));
        runs.push(match inside.split_once('|') {
            Some((informal, formal)) => Run::Either(informal, formal),
            None => Run::Placeholder(inside),
        });
        rest = after;
    }
    runs.push(Run::Words(rest));
    runs
}

/// One pass over the text, so that a value that looks like a placeholder stays as it is.
fn fill(text: &str, values: &[(&str, &str)], formal: bool) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    for run in runs(text) {
        filled.push_str(match run {
            Run::Words(words) => words,
            Run::Either(informal, said) => {
                if formal {
                    said
                } else {
                    informal
                }
            }
            Run::Placeholder(name) => {
                values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
            }
        });
    }
    filled
}

fn placeholders(text: &str) -> Vec<&str> {
    let runs = runs(text).into_iter();
    runs.filter_map(|run| if let Run::Placeholder(name) = run { Some(name) } else { None }).collect()
}

/// Whether `text` may stand in for the text called `name`; else what is wrong with it.
pub fn check_override(name: &str, text: &str) -> Result<(), String> {
    let Some(own) = TABLES[0].get(name) else {
        let mut known: Vec<&str> = TABLES[0].keys().copied().collect();
        known.sort_unstable();
        return Err(format!("is no text; choose from {}", known.join(", ")));
    };
    if text.matches('{').count() != text.matches('}').count() {
        return Err("has a brace without its partner; write {x} or {je|u}".to_owned());
    }
    let allowed = placeholders(own);
    match placeholders(text).into_iter().find(|name| !allowed.contains(name)) {
        Some(unknown) if allowed.is_empty() => Err(format!("{{{unknown}}} has no value here, nothing has")),
        Some(unknown) => Err(format!("{{{unknown}}} has no value here; {{{}}} has", allowed.join("}, {"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_same_texts_with_the_same_placeholders() {
        for (name, text) in &TABLES[0] {
            for language in [Language::En, Language::De] {
                let other =
                    TABLES[column(language)].get(name).unwrap_or_else(|| panic!("{language} lacks {name}"));
                let (mut ours, mut theirs) = (placeholders(text), placeholders(other));
                ours.sort_unstable();
                theirs.sort_unstable();
                assert_eq!(ours, theirs, "{language} {name}");
            }
        }
        assert!(TABLES.iter().all(|table| table.len() == TABLES[0].len()));
    }

    #[test]
    fn no_text_asks_twice() {
        for (table, name, text) in TABLES
            .iter()
            .enumerate()
            .flat_map(|(table, texts)| texts.iter().map(move |(name, text)| (table, name, text)))
        {
            assert!(text.matches('?').count() <= 1, "{table} {name}");
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "{table} {name}");
        }
    }

    #[test]
    fn a_value_is_never_read_as_a_placeholder() {
        let values = [("name", "{car}"), ("car", "Polo")];
        assert_eq!(fill("Dag {name}, {car}", &values, false), "Dag {car}, Polo");
        assert_eq!(fill("Dag {name", &values, false), "Dag {name");
    }

    #[test]
    fn who_says_u_is_spoken_to_with_u() {
        assert_eq!(fill("Past het {je|u}?", &[], false), "Past het je?");
        assert_eq!(fill("Past het {je|u}?", &[], true), "Past het u?");
        assert_eq!(fill("Neem{| u} {x}", &[("x", "plaats")], true), "Neem u plaats");
    }

    #[test]
    fn an_override_must_name_a_text_and_use_its_placeholders() {
        assert!(check_override("thanks", "Graag!").is_ok());
        assert!(check_override("thanks", "Graag, {je|u} bent welkom!").is_ok());
        assert!(check_override("thank", "Graag!").unwrap_err().starts_with("is no text"));
        assert!(check_override("thanks", "Graag {price}!").unwrap_err().contains("{price} has no value"));
        assert!(check_override("thanks", "Graag {je|u!").unwrap_err().contains("partner"));
    }
}
