//! Makes and models by every spelling known, the dealer's own inventory included.

use std::sync::LazyLock;

use super::quick::QuickMap;
use super::text::squeeze;

const TABLE: &str = include_str!("gazetteer.txt");

/// Shorter names are not looked for with a typing error in them.
const FUZZY_FROM: usize = 5;

/// Shorter words are not taken for a name with a typing error: too many ordinary words are near one.
const MEND_FROM: usize = 6;

/// Nor are longer ones: no name is as long.
const MEND_TO: usize = 24;

/// How much a spelling says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Names the car only beside its make.
    BesideMake,
    /// Needs a make, an article or a possessive before it.
    AfterArticle,
    /// Names the car wherever it stands.
    Alone,
}

#[derive(Debug, Clone)]
pub(super) struct ModelName {
    pub make: usize,
    pub name: String,
    pub strength: Strength,
}

/// Known makes and models.
#[derive(Debug, Clone)]
pub struct Gazetteer {
    makes: Vec<String>,
    by_make: QuickMap<String, (usize, Strength)>,
    by_model: QuickMap<String, Vec<ModelName>>,
    /// Names with one letter left out, to find one typing error.
    misspelt: QuickMap<String, Vec<String>>,
}

static BUILTIN: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::read);

impl Default for Gazetteer {
    fn default() -> Self {
        BUILTIN.clone()
    }
}

impl Gazetteer {
    /// The built-in table.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The built-in table with these makes and models added.
    pub fn with_cars<'a>(cars: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut gazetteer = BUILTIN.clone();
        for (make, model) in cars {
            let make = gazetteer.add_make(make, Strength::Alone);
            let key = squeeze(model);
            let known =
                gazetteer.by_model.get(&key).is_some_and(|names| names.iter().any(|name| name.make == make));
            if known {
                // What stands in the showroom is meant by its name alone, where that is no other word.
                gazetteer.strengthen(make, &key);
            } else {
                let digits = key.bytes().all(|byte| byte.is_ascii_digit());
                let short = key.len() < 3 || digits || super::language::is_common(&key);
                let strength = if short { Strength::AfterArticle } else { Strength::Alone };
                gazetteer.add_model(make, model, &key, strength);
            }
        }
        gazetteer.index_misspellings();
        gazetteer
    }

    fn strengthen(&mut self, make: usize, key: &str) {
        let ordinary = key.len() < 3
            || key.bytes().all(|byte| byte.is_ascii_digit())
            || super::language::is_common(key)
            || super::lexicon::is_known(key);
        for name in
            self.by_model.get_mut(key).into_iter().flatten().filter(|name| name.make == make && !ordinary)
        {
            name.strength = Strength::Alone;
        }
    }

    fn read() -> Self {
        let mut gazetteer = Self {
            makes: Vec::new(),
            by_make: QuickMap::default(),
            by_model: QuickMap::default(),
            misspelt: QuickMap::default(),
        };
        let mut make = 0;
        for line in TABLE.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix('[') {
                let (name, spellings) = rest.split_once(']').unwrap_or((rest, ""));
                let own = if spellings.split_whitespace().any(|word| strength(word).1 == squeeze(name)) {
                    None
                } else {
                    Some(name)
                };
                make = gazetteer.makes.len();
                gazetteer.makes.push(name.to_owned());
                for word in own.into_iter().chain(spellings.split_whitespace()) {
                    let (strength, key) = strength(word);
                    gazetteer.by_make.entry(key).or_insert((make, strength));
                }
            } else if !line.is_empty() && !line.starts_with("# ") {
                let (name, spellings) = line.split_once(" = ").unwrap_or((line, ""));
                let name_strength = strength(name).0;
                let name = name.trim_start_matches(['?', '!']);
                let own_key = squeeze(name);
                if !spellings.split_whitespace().any(|word| strength(word).1 == own_key) {
                    gazetteer.add_model(make, name, &own_key, name_strength);
                }
                for word in spellings.split_whitespace() {
                    let (strength, key) = strength(word);
                    gazetteer.add_model(make, name, &key, strength);
                }
            }
        }
        gazetteer.index_misspellings();
        gazetteer
    }

    fn add_make(&mut self, name: &str, strength: Strength) -> usize {
        let key = squeeze(name);
        if let Some((make, _)) = self.by_make.get(&key) {
            return *make;
        }
        self.makes.push(name.to_owned());
        let make = self.makes.len() - 1;
        self.by_make.insert(key, (make, strength));
        make
    }

    fn add_model(&mut self, make: usize, name: &str, key: &str, strength: Strength) {
        let names = self.by_model.entry(key.to_owned()).or_default();
        names.push(ModelName { make, name: name.to_owned(), strength });
    }

    fn index_misspellings(&mut self) {
        self.misspelt.clear();
        let by_make = self.by_make.iter().map(|(key, (make, strength))| (key, *strength, &self.makes[*make]));
        let by_model = self.by_model.iter().map(|(key, names)| (key, names[0].strength, &names[0].name));
        // A misspelling of a known misspelling is too far from the name.
        let names: Vec<String> = by_make
            .chain(by_model)
            .filter(|(key, strength, name)| *strength == Strength::Alone && **key == squeeze(name))
            .map(|(key, _, _)| key)
            .filter(|key| key.len() >= FUZZY_FROM && key.bytes().all(|byte| byte.is_ascii_lowercase()))
            .cloned()
            .collect();
        for name in names {
            for variant in one_left_out(&name) {
                let known = self.misspelt.entry(variant).or_default();
                if !known.contains(&name) {
                    known.push(name.clone());
                }
            }
        }
        for names in self.misspelt.values_mut() {
            names.sort();
        }
    }

    pub(super) fn make_name(&self, make: usize) -> &str {
        &self.makes[make]
    }

    pub(super) fn make(&self, key: &str) -> Option<(usize, Strength)> {
        self.by_make.get(key).copied()
    }

    /// The models spelt `key`.
    pub(super) fn models(&self, key: &str) -> &[ModelName] {
        self.by_model.get(key).map_or(&[], Vec::as_slice)
    }

    /// The known name that `word` is with one typing error, when there is just one such.
    pub(super) fn corrected(&self, word: &str) -> Option<&str> {
        if !(MEND_FROM..=MEND_TO).contains(&word.len()) || word.bytes().any(|byte| !byte.is_ascii_lowercase())
        {
            return None;
        }
        let mut found: Option<&str> = None;
        let exact = self.misspelt.get(word).into_iter().flatten();
        let others =
            one_left_out(word).into_iter().filter_map(|variant| self.misspelt.get(&variant)).flatten();
        for name in exact.chain(others) {
            if name.as_bytes()[0] == word.as_bytes()[0] && one_error_apart(word, name) {
                match found {
                    Some(other) if other != name => return None,
                    _ => found = Some(name),
                }
            }
        }
        found
    }
}

fn strength(word: &str) -> (Strength, String) {
    match word.as_bytes().first() {
        Some(b'?') => (Strength::AfterArticle, squeeze(&word[1..])),
        Some(b'!') => (Strength::BesideMake, squeeze(&word[1..])),
        _ => (Strength::Alone, squeeze(word)),
    }
}

/// `word` with each letter left out in turn, and whole.
pub(super) fn one_left_out(word: &str) -> Vec<String> {
    let mut variants = vec![word.to_owned()];
    for (at, char) in word.char_indices() {
        let mut variant = String::with_capacity(word.len());
        variant.push_str(&word[..at]);
        variant.push_str(&word[at + char.len_utf8()..]);
        variants.push(variant);
    }
    variants
}

/// Whether one letter was left out, added, changed or swapped with its neighbour.
pub(super) fn one_error_apart(word: &str, name: &str) -> bool {
    let (word, name) = (word.as_bytes(), name.as_bytes());
    if word.len().abs_diff(name.len()) > 1 {
        return false;
    }
    let same_start = word.iter().zip(name).take_while(|(left, right)| left == right).count();
    let (word, name) = (&word[same_start..], &name[same_start..]);
    let same_end = word.iter().rev().zip(name.iter().rev()).take_while(|(left, right)| left == right).count();
    match (&word[..word.len() - same_end], &name[..name.len() - same_end]) {
        ([] | [_], [] | [_]) => true,
        ([first, second], [other_first, other_second]) => first == other_second && second == other_first,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_mended_when_one_name_fits() {
        let names = Gazetteer::builtin();
        assert_eq!(names.corrected("tiguann"), Some("tiguan"));
        assert_eq!(names.corrected("mondoe"), Some("mondeo"));
        assert_eq!(names.corrected("garage"), None);
    }

    #[test]
    fn the_dealers_own_cars_are_known() {
        let names = Gazetteer::with_cars([("Spyker", "Venator"), ("Volkswagen", "Golf")]);
        let venator = &names.models("venator")[0];
        assert_eq!(names.make_name(venator.make), "Spyker");
        assert_eq!(names.models("golf").len(), 1);
    }
}
