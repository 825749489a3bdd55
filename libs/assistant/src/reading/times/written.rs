//! Times in figures: on the clock, or an hour with its unit.

use super::{BEFORE_TIME, TimeMention, at_hour, hour_word};
use crate::reading::text::{Gap, Mark, Text};

/// "14:30", "14.30 uur", "14u30", "2:30 pm".
pub(super) fn clock(text: &Text<'_>, at: usize) -> Option<TimeMention> {
    let word = text.word(at);
    if let Some((hour, minute)) = word.split_once(['u', 'h'])
        && minute.len() == 2
    {
        return written(at, at + 1, hour.parse().ok()?, minute.parse().ok()?);
    }
    let hour: u16 = word.parse().ok().filter(|hour| *hour < 25 && word.len() <= 2)?;
    let gap = text.gap(at + 1);
    let next = text.word(at + 1);
    let split = next.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(next.len());
    let (digits, suffix) = next.split_at(split);
    let minute: u16 = digits.parse().ok().filter(|minute| digits.len() == 2 && *minute < 60)?;
    let unit = matches!(suffix, "u" | "h" | "uur" | "uhr" | "pm" | "am");
    let unit_next = matches!(text.word(at + 2), "uur" | "u" | "uhr" | "h" | "pm" | "am" | "p" | "a");
    let colon = gap.is(Gap::COLON);
    let dotted = gap.is(Gap::DOT)
        && (unit
            || unit_next
            || BEFORE_TIME.contains(text.before(at, 1))
            || digits == "00"
            || digits == "30"
            || digits == "15"
            || digits == "45"
            || text.tokens.get(at.wrapping_sub(1)).is_some_and(|token| token.mark == Mark::Date))
        && (suffix.is_empty() || unit)
        && !matches!(text.word(at + 2), "euro" | "km" | "mille" | "k" | "liter");
    // "15.000" has three digits, "12.50 euro" is money.
    if !(colon || dotted) || text.gap(at).has(Gap::EURO) || !(suffix.is_empty() || unit) {
        return None;
    }
    let mut to = at + 2;
    let mut meridiem = suffix;
    if unit_next {
        meridiem = text.word(to);
        to += 1;
        if matches!(meridiem, "p" | "a") && text.word(to) == "m" {
            to += 1;
        }
    }
    meridiem_time(text, at, to, hour, minute, meridiem)
}

fn written(from: usize, to: usize, hour: u16, minute: u16) -> Option<TimeMention> {
    (hour < 24 && minute < 60).then_some(TimeMention { from, to, minutes: hour * 60 + minute })
}

fn meridiem_time(
    text: &Text<'_>,
    from: usize,
    to: usize,
    hour: u16,
    minute: u16,
    word: &str,
) -> Option<TimeMention> {
    match word {
        "pm" | "p" => written(from, to, if hour < 12 { hour + 12 } else { hour }, minute),
        "am" | "a" => written(from, to, if hour == 12 { 0 } else { hour }, minute),
        // Two digits for the hour are meant as written.
        _ if text.word(from).len() == 2 => written(from, to, hour, minute),
        _ => at_hour(text, from, to, hour, minute),
    }
}

/// "4 uur", "17u", "14 Uhr 30", "3 o'clock", "2pm", "een uur of vier".
pub(super) fn hour_with_word(text: &Text<'_>, at: usize) -> Option<TimeMention> {
    if text.word(at) == "een" && matches!(text.word(at + 1), "uur" | "uurtje") && text.word(at + 2) == "of" {
        return at_hour(text, at, at + 4, hour_word(text, at + 3)?, 0);
    }
    let word = text.word(at);
    let split = word.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(word.len());
    let (digits, suffix) = word.split_at(split);
    let (hour, unit, to) = if !digits.is_empty() && !suffix.is_empty() {
        (digits.parse().ok().filter(|hour| *hour <= 24)?, suffix, at + 1)
    } else {
        let hour = hour_word(text, at)?;
        let unit = text.word(at + 1);
        if text.gap(at + 1).has(Gap::STOP) && unit != "uur" {
            return None;
        }
        (hour, unit, at + 2)
    };
    // "over 2 uur", "binnen een uur", "24 uur": a length of time.
    let length = matches!(
        text.before(at, 1),
        "over"
            | "in"
            | "binnen"
            | "within"
            | "per"
            | "ruim"
            | "elk"
            | "24"
            | "halve"
            | "iedere"
            | "half"
            | "al"
            | "for"
            | "duurt"
            | "paar"
    );
    if length || (hour == 24) {
        return None;
    }
    match unit {
        "pm" | "p" | "am" => {
            let to = to + usize::from(unit == "p" && text.word(to) == "m");
            (hour <= 12 || unit != "am").then(|| meridiem_time(text, at, to, hour, 0, unit)).flatten()
        }
        "a" if text.word(to) == "m" && text.gap(to).is(Gap::DOT) => {
            meridiem_time(text, at, to + 1, hour, 0, "a")
        }
        "uur" | "u" | "uhr" | "oclock" | "h" | "uurtje" | "uhrzeit" => {
            if digits.is_empty()
                && matches!(text.word(at), "een" | "ein")
                && !BEFORE_TIME.contains(text.before(at, 1))
            {
                return None;
            }
            if unit == "uhr"
                && let Some(minute) = text
                    .word(to)
                    .parse::<u16>()
                    .ok()
                    .filter(|minute| *minute < 60 && text.word(to).len() == 2)
                && text.gap(to).is(Gap::SPACE)
            {
                return written(at, to + 1, hour, minute);
            }
            at_hour(text, at, to, hour, 0)
        }
        "o" if text.word(to) == "clock" => at_hour(text, at, to + 1, hour, 0),
        _ => None,
    }
}
