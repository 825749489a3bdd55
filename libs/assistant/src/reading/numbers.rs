//! Figures and number words: `15.000`, `12,5k`, `zes en een half duizend`, `zwanzigtausend`.

use super::text::{Gap, Text, Words};

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

const THOUSAND: Words = Words(
    "k mille mil duizend duizendeuro ruggen rug tausend tsd tausender thousand grand dzd kilo tausen dui",
);

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
        && matches!(next(0), "en" | "and" | "und")
        && matches!((next(1), next(2)), ("een" | "n" | "a" | "ein", "half" | "halve" | "halb"))
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

const UNITS: &[(&str, f64)] = &[
    ("twee", 2.0),
    ("drie", 3.0),
    ("vier", 4.0),
    ("vijf", 5.0),
    ("zes", 6.0),
    ("zeven", 7.0),
    ("acht", 8.0),
    ("negen", 9.0),
    ("tien", 10.0),
    ("elf", 11.0),
    ("twaalf", 12.0),
    ("dertien", 13.0),
    ("veertien", 14.0),
    ("vijftien", 15.0),
    ("zestien", 16.0),
    ("zeventien", 17.0),
    ("achttien", 18.0),
    ("negentien", 19.0),
    ("anderhalf", 1.5),
    ("anderhalve", 1.5),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("thirteen", 13.0),
    ("fourteen", 14.0),
    ("fifteen", 15.0),
    ("sixteen", 16.0),
    ("seventeen", 17.0),
    ("eighteen", 18.0),
    ("nineteen", 19.0),
    ("zwei", 2.0),
    ("zwo", 2.0),
    ("drei", 3.0),
    ("funf", 5.0),
    ("fuenf", 5.0),
    ("sechs", 6.0),
    ("sieben", 7.0),
    ("neun", 9.0),
    ("zehn", 10.0),
    ("zwolf", 12.0),
    ("zwoelf", 12.0),
    ("dreizehn", 13.0),
    ("vierzehn", 14.0),
    ("funfzehn", 15.0),
    ("sechzehn", 16.0),
    ("siebzehn", 17.0),
    ("achtzehn", 18.0),
    ("neunzehn", 19.0),
    ("anderthalb", 1.5),
    ("viere", 4.0),
    ("drieen", 3.0),
    ("tweeen", 2.0),
    ("vijven", 5.0),
    ("zessen", 6.0),
];

const TENS: &[(&str, f64)] = &[
    ("twintig", 20.0),
    ("dertig", 30.0),
    ("veertig", 40.0),
    ("vijftig", 50.0),
    ("zestig", 60.0),
    ("zeventig", 70.0),
    ("tachtig", 80.0),
    ("negentig", 90.0),
    ("honderd", 100.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("seventy", 70.0),
    ("eighty", 80.0),
    ("ninety", 90.0),
    ("hundred", 100.0),
    ("zwanzig", 20.0),
    ("dreissig", 30.0),
    ("vierzig", 40.0),
    ("funfzig", 50.0),
    ("sechzig", 60.0),
    ("siebzig", 70.0),
    ("achtzig", 80.0),
    ("neunzig", 90.0),
    ("hundert", 100.0),
];

fn look_up(table: &[(&str, f64)], word: &str) -> Option<f64> {
    table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

/// The value of a number word; "een" and its like are articles far more often and have none.
pub(super) fn value_of(word: &str) -> Option<f64> {
    if word.len() < 3 || word.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    for thousand in ["duizend", "tausend"] {
        if word == thousand {
            return Some(1000.0);
        }
        if let Some(left) = word.strip_suffix(thousand) {
            return below_thousand(left).map(|value| value * 1000.0);
        }
    }
    below_thousand(word)
}

fn below_thousand(word: &str) -> Option<f64> {
    if let Some(value) = look_up(UNITS, word).or_else(|| look_up(TENS, word)) {
        return Some(value);
    }
    for hundred in ["honderd", "hundert"] {
        if let Some((left, right)) = word.split_once(hundred) {
            let left = if left.is_empty() { 1.0 } else { look_up(UNITS, left)? };
            let right = if right.is_empty() { 0.0 } else { below_thousand(right)? };
            return Some(left * 100.0 + right);
        }
    }
    let (ten, tens) = TENS.iter().find(|(name, _)| word.ends_with(name))?;
    let unit = word.strip_suffix(ten)?;
    let unit = unit.strip_suffix("en").or_else(|| unit.strip_suffix("und"))?;
    let unit = if matches!(unit, "een" | "ein") { 1.0 } else { look_up(UNITS, unit)? };
    Some(tens + unit)
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
