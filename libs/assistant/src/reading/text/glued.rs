//! A short day with its hour written on to it: "wo9u", "sat10am", "di14uhr".

use dealer::Language;

use super::{Gap, Token};
use crate::reading::words::{self, Role};

/// The day apart from the hour, each a token of its own.
pub(super) fn apart(token: Token) -> (Token, Option<Token>) {
    let Some(at) = hour_in(&token) else { return (token, None) };
    let (day, hour) = token.norm.split_at(at);
    let (day, hour) = (day.to_owned(), hour.to_owned());
    let second = Token {
        norm: hour,
        start: token.start + at,
        gap: Gap::SPACE,
        capital: false,
        upper: false,
        ..token.clone()
    };
    (Token { norm: day, end: token.start + at, ..token }, Some(second))
}

/// Where the hour begins in the name of a day with one behind it.
fn hour_in(token: &Token) -> Option<usize> {
    let at = token.norm.find(|char: char| char.is_ascii_digit())?;
    let (day, hour) = token.norm.split_at(at);
    let unit = hour.trim_start_matches(|char: char| char.is_ascii_digit());
    let said = |role: Role, word: &str| {
        Language::ALL.into_iter().any(|language| words::value(language, role, word).is_some())
    };
    let plain = day.len() > 1 && hour.len() - unit.len() <= 2 && token.end - token.start == token.norm.len();
    (plain && said(Role::ShortWeekdays, day) && said(Role::HourUnits, unit)).then_some(at)
}
