//! Figures and number words: `15.000`, `12,5k`, `zes en een half duizend`, `zwanzigtausend`.

use std::sync::LazyLock;

use dealer::Language;

use super::text::{Gap, Text};
use super::words::{self, Role, Tag, table};

/// A number found in the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    /// First token.
    pub from: usize,
    /// Token after the last.
    pub to: usize,
    pub value: f64,
    /// Letters glued to the digits: `km`, `u`, `pm`.
    pub suffix: String,
    /// Digits after the decimal sign, as written: `13.30` has `30`.
    pub decimals: Option<String>,
    /// Multiplied by a thousand by a word or letter: `k`, `mille`.
    pub thousands: bool,
    /// Written with a separator between thousands.
    pub grouped: bool,
    /// Written in digits.
    pub digits: bool,
}

impl Number {
    /// The value as a whole number.
    pub fn whole(&self) -> i32 {
        rounded(self.value)
    }

    pub fn is_whole(&self) -> bool {
        self.decimals.is_none() && !self.thousands && (self.value - self.value.round()).abs() < f64::EPSILON
    }
}

/// The nearest whole number, not below 0.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the range first")]
pub(super) fn rounded(value: f64) -> i32 {
    value.round().clamp(0.0, f64::from(i32::MAX)) as i32
}

const THOUSAND: Tag = Tag(Role::NumberParts, "thousand");

/// Every number of the text, in order.
pub(super) fn find(text: &Text<'_>) -> Vec<Number> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if let Some(number) = digits(text, at).or_else(|| word(text, at)) {
            at = number.to;
            found.push(number);
        } else {
            at += 1;
        }
    }
    found
}

fn split_suffix(token: &str) -> Option<(&str, &str)> {
    let end = token.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(token.len());
    let (number, suffix) = token.split_at(end);
    (!number.is_empty() && number.len() <= 9 && suffix.bytes().all(|byte| byte.is_ascii_alphabetic()))
        .then_some((number, suffix))
}

fn digits(text: &Text<'_>, from: usize) -> Option<Number> {
    let (first, mut suffix) = split_suffix(text.word(from))?;
    let mut written = first.to_owned();
    let mut to = from + 1;
    let mut grouped = false;
    let mut decimals = None;
    while suffix.is_empty() && to < text.len() {
        let gap = text.gap(to);
        let tight = gap.is(Gap::DOT) || gap.is(Gap::COMMA) || gap.is(Gap::QUOTE);
        let Some((next, next_suffix)) = split_suffix(text.word(to)) else { break };
        let group = next.len() == 3 && written.len() <= 6 && (grouped || written.len() <= 3);
        let spaced =
            gap.is(Gap::SPACE) && next_suffix.is_empty() && next.ends_with("00") && written.len() <= 3;
        if group && written != "0" && (tight || spaced) {
            written.push_str(next);
            grouped = true;
        } else if (gap.is(Gap::DOT) || gap.is(Gap::COMMA)) && next.len() <= 2 {
            decimals = Some(next.to_owned());
        } else {
            break;
        }
        suffix = next_suffix;
        to += 1;
        if decimals.is_some() {
            break;
        }
    }
    let mut value: f64 = written.parse().ok()?;
    if let Some(decimals) = &decimals {
        value = format!("{written}.{decimals}").parse().ok()?;
    }
    let number = Number {
        from,
        to,
        value,
        suffix: suffix.to_owned(),
        decimals,
        thousands: false,
        grouped,
        digits: true,
    };
    Some(multiplied(text, number))
}

fn word(text: &Text<'_>, from: usize) -> Option<Number> {
    let value = value_of(text.word(from))?;
    let number = Number {
        from,
        to: from + 1,
        value,
        suffix: String::new(),
        decimals: None,
        thousands: value >= 1000.0,
        grouped: false,
        digits: false,
    };
    Some(multiplied(text, number))
}

/// Applies what follows a number: "en een half", "duizend", "k".
fn multiplied(text: &Text<'_>, mut number: Number) -> Number {
    let next = |offset: usize| text.word(number.to + offset);
    if number.suffix.is_empty()
        && says(next(0), "and")
        && says(next(1), "half_article")
        && says(next(2), "half")
        && number.value < 100.0
    {
        number.value += 0.5;
        number.to += 3;
    }
    if THOUSAND.contains(number.suffix.as_str()) {
        number.suffix.clear();
        scale(&mut number);
    } else if number.suffix.is_empty()
        && THOUSAND.contains(text.word(number.to))
        && number.value < 1000.0
        && !text.gap(number.to).has(Gap::STOP)
    {
        number.to += 1;
        scale(&mut number);
    }
    number
}

fn scale(number: &mut Number) {
    number.value *= 1000.0;
    number.thousands = true;
    number.decimals = None;
}

fn says(word: &str, value: &str) -> bool {
    words::is(Role::NumberParts, word, value)
}

/// The words of one value: they are looked for within longer ones.
fn parts(value: &str) -> Vec<&'static str> {
    Language::ALL
        .into_iter()
        .flat_map(|language| words::words(language, Role::NumberParts))
        .filter(|(_, found)| *found == value)
        .map(|(word, _)| word)
        .collect()
}

static THOUSANDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| parts("thousand_part"));
static HUNDREDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| parts("hundred_part"));
static JOINTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| parts("joint"));

/// The value of a number that is one word.
fn look_up(word: &str) -> Option<f64> {
    Language::ALL.into_iter().find_map(|language| {
        table(language, Role::NumberParts).values(word).find_map(|value| value.parse().ok())
    })
}

/// The shortest and the longest word for a number of tens: "forty", "siebzig", "negentig".
const TENS: std::ops::RangeInclusive<usize> = 5..=9;

/// Longer words are no number.
const LONGEST: usize = 40;

/// The value of a number word; "een" and its like are articles far more often and have none.
pub(super) fn value_of(word: &str) -> Option<f64> {
    if !(3..=LONGEST).contains(&word.len()) || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    for thousand in THOUSANDS.iter() {
        match word.strip_suffix(thousand) {
            Some("") => return Some(1000.0),
            Some(left) => return below_thousand(left).map(|value| value * 1000.0),
            None => {}
        }
    }
    below_thousand(word)
}

fn below_thousand(word: &str) -> Option<f64> {
    if let Some(value) = look_up(word) {
        return Some(value);
    }
    for hundred in HUNDREDS.iter() {
        if let Some((left, right)) = word.split_once(hundred) {
            let left = if left.is_empty() { 1.0 } else { look_up(left)? };
            let right = if right.is_empty() { 0.0 } else { below_thousand(right)? };
            return Some(left * 100.0 + right);
        }
    }
    // "vijfentwintig": a unit, a joint, the tens.
    TENS.filter_map(|length| word.len().checked_sub(length).and_then(|at| word.split_at_checked(at)))
        .find_map(|(front, tens)| {
            let tens = look_up(tens).filter(|tens| (20.0..100.0).contains(tens))?;
            let unit = JOINTS.iter().find_map(|joint| front.strip_suffix(joint))?;
            let unit = if says(unit, "one") { 1.0 } else { look_up(unit)? };
            Some(tens + unit)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<f64> {
        find(&Text::new(text)).into_iter().map(|number| number.value).collect()
    }

    #[test]
    fn figures_and_number_words_have_one_value() {
        for (text, value) in [
            ("15.000", 15_000.0),
            ("15 000", 15_000.0),
            ("14,500", 14_500.0),
            ("12,5k", 12_500.0),
            ("20k", 20_000.0),
            ("20 mille", 20_000.0),
            ("zes en een half duizend", 6_500.0),
            ("twintigduizend", 20_000.0),
            ("vijfentwintig duizend", 25_000.0),
            ("zwanzigtausend", 20_000.0),
            ("fünfundzwanzigtausend", 25_000.0),
            ("twelve grand", 12_000.0),
            ("driehonderdvijftig", 350.0),
            ("1.250.000", 1_250_000.0),
        ] {
            assert_eq!(values(text), [value], "{text}");
        }
    }

    #[test]
    fn articles_are_no_numbers() {
        assert!(values("een golf of a polo").is_empty());
    }
}
