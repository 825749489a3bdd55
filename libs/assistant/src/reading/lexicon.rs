//! Words that are spelt as they should be, so that nothing is mended about them.

use std::sync::LazyLock;

use super::gazetteer::{one_error_apart, one_left_out};
use super::quick::{QuickMap, QuickSet};
use super::{given_names, language, properties, topics};

/// Shorter words are not mended.
const MEND_FROM: usize = 6;

/// Nor are longer ones: hardly a word known is as long.
const MEND_TO: usize = 24;

static KNOWN: LazyLock<QuickSet<String>> = LazyLock::new(|| {
    let phrases = super::commands::phrase_words();
    language::common_words()
        .chain(properties::words())
        .chain(topics::phrases::words())
        .chain(phrases)
        .chain(topics::concepts::words())
        .map(str::to_owned)
        .collect()
});

/// Known words by what they are with one letter left out.
static MISSPELT: LazyLock<QuickMap<String, Vec<&'static str>>> = LazyLock::new(|| {
    let mut misspelt: QuickMap<String, Vec<&'static str>> = QuickMap::default();
    for word in KNOWN.iter().filter(|word| word.len() >= MEND_FROM && word.is_ascii()) {
        for variant in one_left_out(word) {
            misspelt.entry(variant).or_default().push(word);
        }
    }
    for words in misspelt.values_mut() {
        words.sort_unstable();
        words.dedup();
    }
    misspelt
});

/// Whether `word` is an everyday word, a property of a car or a word that tells an intent.
pub(super) fn is_known(word: &str) -> bool {
    KNOWN.contains(word)
}

/// The known word itself, as it is kept.
pub(super) fn known(word: &str) -> Option<&'static str> {
    KNOWN.get(word).map(String::as_str)
}

/// The known word that an unknown one is with one typing error, when just one fits.
pub(super) fn mended(word: &str) -> Option<&'static str> {
    if !(MEND_FROM..=MEND_TO).contains(&word.len())
        || is_known(word)
        || given_names::has(word)
        || !word.bytes().all(|byte| byte.is_ascii_lowercase())
    {
        return None;
    }
    let mut found: Option<&'static str> = None;
    for variant in one_left_out(word) {
        for known in MISSPELT.get(&variant).into_iter().flatten() {
            if known.as_bytes()[0] == word.as_bytes()[0] && one_error_apart(word, known) {
                match found {
                    Some(other) if other != *known => return None,
                    _ => found = Some(known),
                }
            }
        }
    }
    found
}
