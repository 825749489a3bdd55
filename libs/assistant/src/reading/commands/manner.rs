//! How somebody writes: u or je, Sie or du, and whether in a language the assistant speaks.

use super::phrases::Cue;
use super::scan::Scan;

/// Function words of languages that are not spoken here, one language a line.
const FOREIGN: &str = include_str!("../phrases/foreign.txt");

/// So many such words make a foreign text, when they are more than those of our own languages.
const LEAST: usize = 2;

/// Whether the customer says u or Sie, je or du, or neither.
pub(super) fn formal(scan: &Scan<'_>) -> Option<bool> {
    // English has one word for both.
    if scan.language == Some(dealer::Language::En) {
        return None;
    }
    let count = |cue: Cue| scan.hits.all().iter().filter(|hit| hit.cue == cue).count();
    // "Sie" with a capital inside a sentence is no "she".
    let sie = scan
        .text
        .tokens
        .iter()
        .filter(|token| token.capital && token.norm == "sie" && scan.language == Some(dealer::Language::De))
        .count();
    let (formal, familiar) = (count(Cue::Formal) + sie, count(Cue::Familiar));
    (formal + familiar > 0).then_some(formal >= familiar && formal > 0)
}

/// Whether a text is in a language that is not spoken here, by its script or its little words.
pub(super) fn is_foreign(scan: &Scan<'_>) -> bool {
    let letters = || scan.text.raw.chars().filter(|char| char.is_alphabetic()).take(400);
    let all = letters().count();
    let other_script =
        letters().filter(|char| *char > '\u{24f}' && !('\u{1e00}'..='\u{1eff}').contains(char)).count();
    if all >= 3 && other_script * 2 > all {
        return true;
    }
    let tokens = &scan.text.tokens;
    let ours = tokens.iter().filter(|token| crate::reading::lexicon::is_known(&token.norm)).count();
    FOREIGN.lines().filter(|line| !line.starts_with('#')).any(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let theirs = tokens.iter().filter(|token| words.contains(&token.norm.as_str())).count();
        let only_theirs = tokens
            .iter()
            .filter(|token| {
                words.contains(&token.norm.as_str()) && !crate::reading::lexicon::is_known(&token.norm)
            })
            .count();
        theirs >= LEAST && only_theirs >= LEAST && theirs * 2 > ours && theirs * 4 >= tokens.len()
    })
}
