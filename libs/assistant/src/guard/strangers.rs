//! Words that strangers chose: whether they claim anything.

use super::Violation;
use super::lists::LISTS;
use super::tokens::{Token, plain, tokens, undisguised};
use crate::Knowledge;
use crate::reading::named_cars;

/// Whether a customer's words may be repeated in the middle of our own: they name no amount, make no promise, and are no link.
pub fn may_repeat(words: &str) -> bool {
    let (text, tokens) = read(words);
    let small = |token: &Token| !token.has_digit() || token.norm.len() <= 3;
    claims_nothing(words).is_ok() && tokens.iter().all(small) && undisguised(&text, &tokens).is_ok()
}

fn read(words: &str) -> (String, Vec<Token>) {
    let text = plain(words);
    let tokens = tokens(&text);
    (text, tokens)
}

/// Refuses words that name an amount, a rate or a promise, or hold a link.
pub(crate) fn claims_nothing(words: &str) -> Result<(), Violation> {
    let (text, tokens) = read(words);
    link(&text)?;
    if text.contains(['%', '{', '}', '<', '>', '|', '\n']) {
        return Err(Violation::Disguised);
    }
    if text.contains(['€', '$', '£', '¥', '₿']) {
        return Err(Violation::Amount(text));
    }
    // A name may be of another alphabet, but not of two at once.
    if text.chars().any(|char| char.is_ascii_alphabetic()) {
        undisguised(&text, &tokens)?;
    }
    for (at, token) in tokens.iter().enumerate() {
        let found =
            |lists: &[&super::lists::Phrases]| lists.iter().any(|list| list.length_at(&tokens, at) > 0);
        let word = || token.norm.clone();
        if found(&[&LISTS.euro, &LISTS.currency]) && !is_given_name(&tokens) {
            return Err(Violation::Amount(word()));
        }
        if found(&[&LISTS.number]) {
            return Err(Violation::Figure(word()));
        }
        if found(&[&LISTS.rate]) {
            return Err(Violation::Rate(word()));
        }
        if found(&[&LISTS.promise]) {
            return Err(Violation::Promise(word()));
        }
        if found(&[&LISTS.leak]) {
            return Err(Violation::Leak(word()));
        }
        if token.is_digits() && token.norm.len() > 3 {
            return Err(Violation::Figure(word()));
        }
    }
    Ok(())
}

/// "Frank van den Berg", "Mark", "Penny Lane": without a number before it the word is a name, not money.
fn is_given_name(tokens: &[Token]) -> bool {
    tokens.len() <= 6
        && !tokens.iter().any(|token| token.norm == "a")
        && tokens.iter().all(|token| !token.has_digit() && LISTS.small_number(&token.norm).is_none())
        && !tokens.iter().any(|token| LISTS.euro.has(&token.norm))
}

/// Refuses what looks like an address on the web.
pub(super) fn link(text: &str) -> Result<(), Violation> {
    let is_link = |word: &str| {
        let word = word.trim_matches(|char: char| !char.is_alphanumeric());
        let lower = word.to_lowercase();
        let domain = lower.split(['/', '?', '#', ':']).next().unwrap_or_default();
        let labels: Vec<&str> = domain.split('.').collect();
        let ends = labels.last().is_some_and(|last| {
            (2..=6).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
        let named = labels.iter().all(|label| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        lower.contains("://")
            || lower.starts_with("www.")
            || word.contains('@')
            || (labels.len() > 1 && ends && named && labels[0].len() > 1)
    };
    // "H.J." and "o.a." have one letter before the dot; a sentence that ends without a blank is refused with the links.
    if text.split_whitespace().any(is_link) { Err(Violation::Link) } else { Ok(()) }
}

/// Whether the words name a make or a model.
pub(crate) fn names_a_car(words: &str, knowledge: &Knowledge) -> bool {
    !named_cars(words, &knowledge.gazetteer).is_empty()
}

/// Longest name of a car or a plate that is repeated.
const LONGEST_CAR: usize = 48;

/// Make, model or plate, and nothing else: figures only as part of a name.
pub(super) fn names_only_a_car(words: &str, knowledge: &Knowledge) -> Result<(), Violation> {
    let (text, tokens) = read(words);
    undisguised(&text, &tokens)?;
    link(&text)?;
    if text.chars().count() > LONGEST_CAR || text.contains(['€', '$', '£', '%', '{', '\n', '!', '?', ','])
    {
        return Err(Violation::Figure(text));
    }
    let named = named_cars(&text, &knowledge.gazetteer);
    let within =
        |token: &Token| named.iter().any(|car| car.words.start <= token.start && token.end <= car.words.end);
    for (at, token) in tokens.iter().enumerate() {
        let lists = [&LISTS.promise, &LISTS.euro, &LISTS.currency, &LISTS.rate, &LISTS.leak];
        if !within(token) && lists.iter().any(|list| list.length_at(&tokens, at) > 0) {
            return Err(Violation::Promise(token.norm.clone()));
        }
        // A figure that no known name explains may be a plate or a trim, never a price.
        if token.is_digits() && token.norm.len() > 3 && !within(token) {
            return Err(Violation::Figure(token.norm.clone()));
        }
    }
    Ok(())
}
