//! Words for days, months, days of the month and parts of the day.

use dealer::Language;
use jiff::civil::{Time, Weekday};

use super::words::{self, Role};

/// A part of a day: the hours from, and until (not included).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Part {
    pub from: Option<Time>,
    pub until: Option<Time>,
}

impl Part {
    /// Reads `12:00-18:00`, `-12:00` or `17:00-`.
    pub fn parse(value: &str) -> Option<Self> {
        let (from, until) = value.split_once('-')?;
        let part = Self { from: clock(from), until: clock(until) };
        (part != Self::default()).then_some(part)
    }

    /// Whether it tells morning hours from later ones.
    pub fn tells_half(self) -> bool {
        let noon = Time::constant(12, 0, 0, 0);
        self.until.is_some_and(|until| until <= noon) || self.from.is_some_and(|from| from >= noon)
    }

    /// Whether an hour from 12 on lies in it: "3 uur 's middags" is 15:00, "10 uur" beside "middag" stays.
    pub fn holds_afternoon(self, hour: u16) -> bool {
        let time = time_of(hour * 60);
        self.from.is_some_and(|from| time >= Some(from)) && self.until.is_none_or(|until| time < Some(until))
    }
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// The time so many minutes after midnight.
pub(super) fn time_of(minutes: u16) -> Option<Time> {
    Time::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()
}

fn weekday_of(value: &str) -> Option<Weekday> {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let at = NAMES.iter().position(|name| *name == value)?;
    Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()
}

/// Names of days have this many letters at least and at most.
const NAME_LENGTHS: std::ops::RangeInclusive<usize> = 5..=11;

/// A day of the week by its name, with the part of the day that its end names: "zaterdagochtend".
pub(super) fn weekday(language: Language, word: &str) -> Option<(Weekday, Option<Part>)> {
    if let Some(value) = words::value(language, Role::Weekdays, word) {
        return Some((weekday_of(value)?, None));
    }
    if let Some(day) = misspelt_weekday(language, word) {
        return Some((day, None));
    }
    NAME_LENGTHS.filter(|length| word.is_char_boundary(*length)).find_map(|length| {
        let (name, end) = word.split_at_checked(length).filter(|(_, end)| !end.is_empty())?;
        let day = weekday_of(words::value(language, Role::Weekdays, name)?)?;
        match end {
            "s" | "e" | "en" | "je" => Some((day, None)),
            _ => Some((day, Some(part(language, end).or_else(|| part(language, end.strip_suffix('s')?))?))),
        }
    })
}

/// "vrijdga", "zaterdaag": the name of a day with two letters in each other's place, or with one too many.
fn misspelt_weekday(language: Language, word: &str) -> Option<Weekday> {
    const LENGTHS: std::ops::RangeInclusive<usize> = 6..=12;
    let letters = word.as_bytes();
    let like_a_day = |end: &[u8]| end.contains(&b'a') && (end.contains(&b'g') || end.contains(&b'y'));
    if !word.is_ascii() || !LENGTHS.contains(&letters.len()) || !like_a_day(&letters[letters.len() - 4..]) {
        return None;
    }
    let named = |word: &str| weekday_of(words::value(language, Role::Weekdays, word)?);
    let swapped = |at: usize| {
        let mut letters = word.as_bytes().to_vec();
        letters.swap(at, at + 1);
        named(std::str::from_utf8(&letters).ok()?)
    };
    let shorter = |at: usize| named(&format!("{}{}", &word[..at], &word[at + 1..]));
    (0..letters.len() - 1).find_map(swapped).or_else(|| (1..letters.len() - 1).find_map(shorter))
}

/// The part of a day that one word names, also at the end of the name of a day.
pub(super) fn part(language: Language, word: &str) -> Option<Part> {
    Part::parse(words::value(language, Role::DayParts, word)?.split(' ').next()?)
}

/// How sure the short name of a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    Alone,
    WithFigure,
    WithUnit,
    WithDate,
}

/// Reads the value of a short name: `thu`, `thu ?`, `thu ?u`, `thu ??`.
pub(super) fn short_weekday(value: &str) -> Option<(Weekday, Sure)> {
    let (day, sure) = value.split_once(' ').unwrap_or((value, ""));
    let sure = match sure {
        "" => Sure::Alone,
        "?" => Sure::WithFigure,
        "?u" => Sure::WithUnit,
        _ => Sure::WithDate,
    };
    Some((weekday_of(day)?, sure))
}

pub(super) fn month(language: Language, word: &str) -> Option<i8> {
    words::value(language, Role::Months, word)?.parse().ok()
}

/// The day of a month in figures: "15", "15e", "15th"; and whether it is an ordinal.
pub(super) fn day_of(language: Language, word: &str) -> Option<(i8, bool)> {
    let end = word.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(word.len());
    let (digits, suffix) = word.split_at(end);
    let day: i8 = digits.parse().ok().filter(|day| (1..=31).contains(day))?;
    match suffix {
        "" => Some((day, false)),
        _ => is(language, Role::Ordinals, suffix, "ending").then_some((day, true)),
    }
}

/// A day of a month in words, before a month.
pub(super) fn ordinal(language: Language, word: &str) -> Option<i8> {
    let day = words::value(language, Role::Ordinals, word).and_then(|value| value.parse().ok());
    day.or_else(|| i8::try_from(number(language, word).filter(|number| !number.article)?.value).ok())
        .filter(|day| (1..=31).contains(day))
}

/// A small number in figures or words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub value: u16,
    /// Also an article: "een", "a".
    pub article: bool,
    /// Said of hours only: "vijven".
    pub hour: bool,
}

/// The number a word says, up to 999.
pub(super) fn number(language: Language, word: &str) -> Option<Number> {
    if word.len() <= 3
        && let Ok(value) = word.parse()
    {
        return Some(Number { value, article: false, hour: false });
    }
    let said = words::value(language, Role::Numbers, word)?;
    let (value, kind) = said.split_once(' ').unwrap_or((said, ""));
    Some(Number { value: value.parse().ok()?, article: kind == "article", hour: kind == "hour" })
}

/// Whether one of the values of a word is this.
pub(super) fn is(language: Language, role: Role, word: &str, value: &str) -> bool {
    words::value(language, role, word).is_some_and(|values| values.split(' ').any(|one| one == value))
}
