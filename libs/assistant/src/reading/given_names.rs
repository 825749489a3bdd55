//! Given names, by which a name is known where nothing around it says that it is one.
//!
//! The list is `given_names.txt`, one folded name a line: names of the Netherlands and the countries its customers or their parents
//! come from, taken from the person providers of the MIT-licensed `faker` and added to by hand. Many of them are words or
//! cars as well ("Jan", "Wil", "Mercedes", "Rose"), so that a name on the list is a hint where one may stand, and no proof.

use std::collections::HashSet;
use std::sync::LazyLock;

static GIVEN: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("given_names.txt").lines().collect());

/// Whether a word, folded, is a given name.
pub(super) fn has(word: &str) -> bool {
    GIVEN.contains(word)
}

#[cfg(test)]
mod tests {
    use super::has;

    #[test]
    fn names_of_many_origins_are_known_and_words_are_not() {
        assert!(
            ["sander", "sjaak", "lotte", "gisela", "mehmet", "fatima", "priya", "siobhan"]
                .into_iter()
                .all(has)
        );
        assert!(!["proefrit", "morgen", "kona", "spoed", "graag"].into_iter().any(has));
    }
}
