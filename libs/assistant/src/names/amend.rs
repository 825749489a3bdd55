//! A name said once more: in full, or in another spelling.

use super::{LISTS, bare};

/// Of so many letters one may differ where a word is the same name in another spelling.
const LETTERS_PER_ERROR: usize = 3;

/// The words of a name that are no particles, folded.
fn own_words(name: &str) -> Vec<String> {
    name.split_whitespace()
        .map(bare)
        .filter(|word| !word.is_empty() && !LISTS.particle.contains(word) && !LISTS.title.contains(word))
        .collect()
}

/// How many letters are to be changed, added or left out to make one word of the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, char) in left.chars().enumerate() {
        let mut corner = at;
        row[0] = at + 1;
        for to in 0..right.len() {
            let changed = corner + usize::from(char != right[to]);
            corner = row[to + 1];
            row[to + 1] = changed.min(row[to] + 1).min(row[to + 1] + 1);
        }
    }
    row[right.len()]
}

/// A word with letters that sound alike made one: "Dijk" and "Dyk", "Ralph" and "Ralf", "Schmidt" and "Smit".
fn as_it_sounds(word: &str) -> String {
    const ALIKE: [(&str, &str); 7] =
        [("ij", "y"), ("ph", "f"), ("th", "t"), ("dt", "t"), ("ck", "k"), ("c", "k"), ("tz", "z")];
    ALIKE.into_iter().fold(word.to_owned(), |word, (written, said)| word.replace(written, said))
}

/// Whether two folded words are one name in two spellings.
fn are_alike(left: &str, right: &str) -> bool {
    let (left, right) = (as_it_sounds(left), as_it_sounds(right));
    let longer = left.chars().count().max(right.chars().count());
    distance(&left, &right) * LETTERS_PER_ERROR <= longer
}

/// Whether a name holds another one said before it, in full or in another spelling: "Berlin, Frank Berlin".
pub(crate) fn repeats(before: &str, later: &str) -> bool {
    let (before, later) = (own_words(before), own_words(later));
    let held = |word: &String| later.iter().any(|other| are_alike(word, other));
    !before.is_empty() && before.len() <= later.len() && before.iter().all(held)
}

/// Whether something said is a known name, or a part of it, in another spelling.
pub(crate) fn resembles(known: &str, said: &str) -> bool {
    let (known, said) = (own_words(known), own_words(said));
    let held = |word: &String| known.iter().any(|other| are_alike(word, other));
    !said.is_empty() && said.iter().any(held)
}

/// A known name with what was said about it: one word of it in another spelling changes this word alone.
pub(crate) fn amended(known: &str, said: &str) -> String {
    let own = own_words(said);
    let words: Vec<&str> = known.split_whitespace().collect();
    let [only] = own.as_slice() else { return said.to_owned() };
    if own_words(known).len() < 2 {
        return said.to_owned();
    }
    let folded: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let nearest = (0..words.len())
        .filter(|at| !LISTS.particle.contains(&folded[*at]) && are_alike(&folded[*at], only))
        .min_by_key(|at| distance(&folded[*at], only));
    let Some(at) = nearest else { return said.to_owned() };
    let particles = |word: &&String| LISTS.particle.contains(*word);
    let before = match said.split_whitespace().count() {
        1 => at,
        _ => at - folded[..at].iter().rev().take_while(particles).count(),
    };
    let parts = words[..before].iter().copied().chain([said]).chain(words[at + 1..].iter().copied());
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_in_another_spelling_changes_this_word() {
        for (known, said, name) in [
            ("Marit Oosterbam", "Oosterbaan", "Marit Oosterbaan"),
            ("Jenifer Holt", "Jennifer", "Jennifer Holt"),
            ("Karel van Dijk", "van Dyk", "Karel van Dyk"),
            ("Karel van Dijk", "Dyk", "Karel van Dyk"),
            ("Jan de Vries", "Jan", "Jan de Vries"),
            ("Jenifer Holt", "Jennifer Holt", "Jennifer Holt"),
            ("Jan de Vries", "Petra", "Petra"),
            ("Jan", "Jaap", "Jaap"),
            ("Jan de Vries", "Petra de Vries", "Petra de Vries"),
        ] {
            assert_eq!(amended(known, said), name, "{known}: {said}");
        }
    }

    #[test]
    fn a_name_said_in_full_repeats_the_part_before_it() {
        assert!(repeats("Berlin", "Frank Berlin"));
        assert!(repeats("Schulz", "Schultz"));
        assert!(!repeats("Frank Berlin", "Petra"));
        assert!(!repeats("Frank Berlin", "Berlin"));
    }

    #[test]
    fn what_is_no_part_of_a_name_does_not_resemble_it() {
        assert!(resembles("Jenifer Holt", "Jennifer Holt"));
        assert!(resembles("Marit Oosterbam", "Oosterbaan"));
        assert!(!resembles("Marit Oosterbam", "Golf"));
    }
}
