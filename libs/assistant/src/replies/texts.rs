//! Reply texts by name; a dealer may override each.

use std::collections::HashMap;
use std::sync::LazyLock;

use dealer::{Dealer, Language};

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

/// The texts of one dealer in one language.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    dealer: &'a Dealer,
    language: Language,
}

impl<'a> Texts<'a> {
    /// The texts `dealer` uses in `language`.
    pub const fn new(dealer: &'a Dealer, language: Language) -> Self {
        Self { dealer, language }
    }

    /// The language of these texts.
    pub const fn language(self) -> Language {
        self.language
    }

    /// The text called `name` with its `{placeholders}` filled in.
    pub fn say(self, name: &str, values: &[(&str, &str)]) -> String {
        let own = self.dealer.texts.get(&self.language).and_then(|texts| texts.get(name));
        let text = own.or_else(|| TABLES[column(self.language)].get(name)).map_or("", String::as_str);
        fill(text, values)
    }
}

/// One pass over the text, so that a value that looks like a placeholder stays as it is.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn placeholders(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
}

/// Whether `text` may stand in for the text called `name`; else what is wrong with it.
pub fn check_override(name: &str, text: &str) -> Result<(), String> {
    let Some(own) = TABLES[0].get(name) else {
        let mut known: Vec<&str> = TABLES[0].keys().copied().collect();
        known.sort_unstable();
        return Err(format!("is no text; choose from {}", known.join(", ")));
    };
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
    fn a_value_is_never_read_as_a_placeholder() {
        assert_eq!(fill("Dag {name}, {car}", &[("name", "{car}"), ("car", "Polo")]), "Dag {car}, Polo");
    }

    #[test]
    fn an_override_must_name_a_text_and_use_its_placeholders() {
        assert!(check_override("thanks", "Graag!").is_ok());
        assert!(check_override("thank", "Graag!").unwrap_err().starts_with("is no text"));
        assert!(check_override("thanks", "Graag {price}!").unwrap_err().contains("{price} has no value"));
    }
}
