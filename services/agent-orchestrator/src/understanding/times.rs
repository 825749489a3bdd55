//! Times of day named in a message.

use super::analysis::Language;
use super::numbers;
use super::text::{Gap, Mark, Text, Words};

/// A time named in one place, in minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeMention {
    pub from: usize,
    pub to: usize,
    pub minutes: u16,
}

/// The part of the day that the words around a time tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Morning,
    Later,
    Unsaid,
}

const MORNING: &[&str] = &[
    "ochtend",
    "ochtends",
    "morgens",
    "morning",
    "vormittag",
    "vormittags",
    "fruh",
    "vanochtend",
    "morgenochtend",
    "vroeg",
    "voormiddag",
    "vanmorgen",
    "mornings",
    "am",
];
const LATER: Words = Words(
    "middag middags avond avonds vanmiddag vanavond afternoon evening tonight nachmittag nachmittags \
    abend abends morgenmiddag morgenavond namiddag zaterdagmiddag vrijdagmiddag pm",
);

/// Words after which a bare figure is a time.
const BEFORE_TIME: Words = Words(
    "om rond tegen omstreeks at around um gegen vanaf after ab rondom approx circa na nach about tussen \
    before from ca by",
);

/// Every time named, in order; their tokens are marked.
pub(super) fn find(text: &mut Text<'_>, language: Language) -> Vec<TimeMention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let named = if text.free(at) { time_at(text, at, language) } else { None };
        let Some(mention) = named else {
            at += 1;
            continue;
        };
        text.mark(mention.from, mention.to, Mark::Time);
        at = mention.to;
        found.push(mention);
    }
    found
}

fn time_at(text: &Text<'_>, at: usize, language: Language) -> Option<TimeMention> {
    half(text, at, language)
        .or_else(|| quarter(text, at))
        .or_else(|| minutes_past(text, at))
        .or_else(|| clock(text, at))
        .or_else(|| hour_with_word(text, at))
        .or_else(|| noon(text, at))
        .or_else(|| bare_hour(text, at))
}

/// The hour that a word says: figures or a number word.
fn hour_word(text: &Text<'_>, at: usize) -> Option<u16> {
    if !text.free(at) {
        return None;
    }
    let word = text.word(at);
    let hour = match word {
        "een" | "1" | "one" | "eins" | "ein" => 1,
        _ if word.bytes().all(|byte| byte.is_ascii_digit()) => word.parse().ok()?,
        _ => {
            let value = numbers::value_of(word).filter(|value| *value <= 24.0 && value.fract() == 0.0)?;
            u16::try_from(numbers::rounded(value)).ok()?
        }
    };
    (hour <= 24).then_some(hour)
}

fn at_hour(text: &Text<'_>, from: usize, to: usize, hour: u16, minute: u16) -> Option<TimeMention> {
    // An hour said in the day: without a word for the morning, one to half past six are in the afternoon.
    let part = part_of_day(text, from, to);
    let hour = match part {
        Part::Later if hour < 12 && !(hour == 11 && minute > 0) => hour + 12,
        Part::Unsaid if (1..=6).contains(&hour) => hour + 12,
        _ => hour,
    };
    (hour < 24 && minute < 60).then_some(TimeMention { from, to, minutes: hour * 60 + minute })
}

fn part_of_day(text: &Text<'_>, from: usize, to: usize) -> Part {
    let sentence = text.tokens[from].sentence;
    let near = text.tokens.iter().enumerate().filter(|(at, token)| {
        token.sentence == sentence && (*at + 5 >= from && *at < to + 4) && !(from..to).contains(at)
    });
    for (_, token) in near {
        let word = token.norm.as_str();
        if LATER.contains(word)
            || word.ends_with("middag") && word != "voormiddag"
            || word.ends_with("avond")
            || word.ends_with("nachmittag")
        {
            return Part::Later;
        }
        if MORNING[..13].contains(&word) || word.ends_with("ochtend") || word.ends_with("vormittag") {
            return Part::Morning;
        }
    }
    Part::Unsaid
}

/// "half 3" is 2:30; in English "half three" is 3:30.
fn half(text: &Text<'_>, at: usize, language: Language) -> Option<TimeMention> {
    let word = text.word(at);
    if let Some(digits) = word.strip_prefix("half").filter(|rest| !rest.is_empty()) {
        let hour = digits
            .parse::<u16>()
            .ok()
            .or_else(|| numbers::value_of(digits).and_then(|v| u16::try_from(numbers::rounded(v)).ok()))?;
        return (1..=12).contains(&hour).then(|| at_hour(text, at, at + 1, before_hour(hour), 30)).flatten();
    }
    if !matches!(word, "half" | "halb" | "halluf" | "hallef") {
        return None;
    }
    if text.word(at + 1) == "past" {
        return at_hour(text, at, at + 3, hour_word(text, at + 2)?, 30);
    }
    let hour = hour_word(text, at + 1).filter(|hour| (1..=12).contains(hour))?;
    let to = at + 2 + usize::from(matches!(text.word(at + 2), "uur" | "uhr"));
    if matches!(text.word(at + 2), "jaar" | "ton" | "maanden" | "km" | "duizend") {
        return None;
    }
    let hour = if language == Language::En { hour } else { before_hour(hour) };
    at_hour(text, at, to, hour, 30)
}

const fn before_hour(hour: u16) -> u16 {
    if hour == 1 { 12 } else { hour - 1 }
}

/// "kwart over 3", "quarter to four", "Viertel nach drei", "dreiviertel vier".
fn quarter(text: &Text<'_>, at: usize) -> Option<TimeMention> {
    let start = at + usize::from(text.word(at) == "a");
    let word = text.word(start);
    if word == "dreiviertel" {
        return at_hour(text, at, start + 2, before_hour(hour_word(text, start + 1)?), 45);
    }
    if !matches!(word, "kwart" | "quarter" | "viertel" | "kwartier") {
        return None;
    }
    past_or_to(text, at, start + 1, 15)
}

/// "tien over 3", "10 past two", "5 voor half 4".
fn minutes_past(text: &Text<'_>, at: usize) -> Option<TimeMention> {
    let minutes = hour_word(text, at).filter(|minutes| matches!(minutes, 5 | 10 | 20 | 25))?;
    let unit = usize::from(matches!(text.word(at + 1), "minuten" | "minutes" | "min"));
    past_or_to(text, at, at + 1 + unit, minutes)
}

fn past_or_to(text: &Text<'_>, from: usize, at: usize, minutes: u16) -> Option<TimeMention> {
    let before = match text.word(at) {
        "over" | "past" | "na" | "nach" | "uber" => false,
        "voor" | "to" | "vor" | "before" => true,
        _ => return None,
    };
    let half = matches!(text.word(at + 1), "half" | "halb");
    let hour = hour_word(text, at + 1 + usize::from(half)).filter(|hour| (1..=12).contains(hour))?;
    let to = at + 2 + usize::from(half);
    if matches!(text.word(to), "mille" | "k" | "euro" | "dagen" | "weken" | "jaar") {
        return None;
    }
    let base = if half { before_hour(hour) * 60 + 30 } else { hour * 60 };
    let total = if before { base.checked_sub(minutes)? } else { base + minutes };
    let hour = total / 60;
    at_hour(text, from, to, if hour == 0 { 12 } else { hour }, total % 60)
}

/// "14:30", "14.30 uur", "14u30", "2:30 pm".
fn clock(text: &Text<'_>, at: usize) -> Option<TimeMention> {
    let word = text.word(at);
    if let Some((hour, minute)) = word.split_once(['u', 'h'])
        && minute.len() == 2
    {
        return written(text, at, at + 1, hour.parse().ok()?, minute.parse().ok()?);
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

fn written(text: &Text<'_>, from: usize, to: usize, hour: u16, minute: u16) -> Option<TimeMention> {
    let _ = text;
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
        "pm" | "p" => written(text, from, to, if hour < 12 { hour + 12 } else { hour }, minute),
        "am" | "a" => written(text, from, to, if hour == 12 { 0 } else { hour }, minute),
        // Two digits for the hour are meant as written.
        _ if text.word(from).len() == 2 => written(text, from, to, hour, minute),
        _ => at_hour(text, from, to, hour, minute),
    }
}

/// "4 uur", "17u", "14 Uhr 30", "3 o'clock", "2pm", "een uur of vier".
fn hour_with_word(text: &Text<'_>, at: usize) -> Option<TimeMention> {
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
                return written(text, at, to + 1, hour, minute);
            }
            at_hour(text, at, to, hour, 0)
        }
        "o" if text.word(to) == "clock" => at_hour(text, at, to + 1, hour, 0),
        _ => None,
    }
}

fn noon(text: &Text<'_>, at: usize) -> Option<TimeMention> {
    let word = text.word(at);
    let before = text.before(at, 1);
    let noon = match word {
        "noon" | "midday" => before != "after",
        "mittags" => true,
        "mittag" => matches!(before, "gegen" | "um"),
        _ => false,
    };
    noon.then_some(TimeMention { from: at, to: at + 1, minutes: 720 })
}

/// "om 3", "after 5", "zaterdag 11": a figure where a time is expected.
fn bare_hour(text: &Text<'_>, at: usize) -> Option<TimeMention> {
    let hour = hour_word(text, at).filter(|hour| (1..=20).contains(hour))?;
    let figure = text.tokens[at].is_number();
    let before = text.before(at, 1);
    let next = text.word(at + 1);
    let next_gap = text.gap(at + 1);
    if matches!(before, "een" | "ein")
        || text.word(at) == "een"
        || text.word(at) == "ein"
        || text.word(at) == "one"
    {
        return None;
    }
    let counted = !next_gap.has(Gap::STOP)
        && !next_gap.has(Gap::COMMA)
        && at + 1 < text.len()
        && matches!(
            next,
            "euro"
                | "eur"
                | "km"
                | "k"
                | "mille"
                | "jaar"
                | "weken"
                | "week"
                | "dagen"
                | "dag"
                | "maanden"
                | "years"
                | "weeks"
                | "days"
                | "wochen"
                | "tage"
                | "tagen"
                | "jahre"
                | "jahren"
                | "minuten"
                | "minutes"
                | "ruggen"
                | "duizend"
                | "personen"
                | "deuren"
                | "deurs"
                | "procent"
                | "percent"
                | "grand"
                | "tausend"
                | "thousand"
                | "months"
                | "month"
                | "monate"
                | "stuks"
                | "autos"
                | "cars"
                | "keer"
                | "km's"
                | "kilometer"
                | "rijden"
        );
    let joined = next_gap.is(Gap::DOT)
        || next_gap.is(Gap::HYPHEN)
        || next_gap.is(Gap::SLASH)
        || text.gap(at).has(Gap::EURO)
        || text.raw[text.tokens[at].end..].starts_with('%');
    if counted || (joined && at + 1 < text.len()) {
        return None;
    }
    // A number word needs a preposition of time; digits may follow a vaguer one.
    let sure = matches!(before, "om" | "um" | "at" | "rond" | "tegen" | "gegen" | "around");
    let introduced = BEFORE_TIME.contains(before) && (figure || sure);
    let dated = figure
        && hour >= 8
        && at > 0
        && text.tokens[at - 1].mark == Mark::Date
        && text.gap(at).is_close()
        && !(text.gap(at).has(Gap::COMMA));
    let dated_small = figure
        && at > 0
        && text.tokens[at - 1].mark == Mark::Date
        && at + 1 == text.len()
        && hour <= 7
        && text.gap(at).is(Gap::SPACE);
    (introduced || dated || dated_small).then(|| at_hour(text, at, at + 1, hour, 0)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(text: &str, language: Language) -> Vec<String> {
        find(&mut Text::new(text), language)
            .into_iter()
            .map(|time| format!("{:02}:{:02}", time.minutes / 60, time.minutes % 60))
            .collect()
    }

    #[test]
    fn times_are_read_as_said_in_the_day() {
        for (text, expected) in [
            ("half 3", "14:30"),
            ("om half elf", "10:30"),
            ("kwart over 3", "15:15"),
            ("kwart voor 4", "15:45"),
            ("tien over half 4", "15:40"),
            ("om 10 uur", "10:00"),
            ("om 4", "16:00"),
            ("na 17u", "17:00"),
            ("vanaf 13.00", "13:00"),
            ("14u30", "14:30"),
            ("een uur of vier", "16:00"),
            ("rond 4", "16:00"),
            ("11:15", "11:15"),
            ("om 7 uur 's avonds", "19:00"),
            ("om 6 uur 's ochtends", "06:00"),
        ] {
            assert_eq!(times(text, Language::Nl), [expected], "{text}");
        }
        for (text, expected) in [
            ("half past two", "14:30"),
            ("at 3", "15:00"),
            ("2pm", "14:00"),
            ("10 am", "10:00"),
            ("around noon", "12:00"),
            ("quarter to four", "15:45"),
            ("3 o'clock", "15:00"),
        ] {
            assert_eq!(times(text, Language::En), [expected], "{text}");
        }
        for (text, expected) in [
            ("um halb drei", "14:30"),
            ("um 14 Uhr", "14:00"),
            ("14 Uhr 30", "14:30"),
            ("Viertel nach drei", "15:15"),
            ("gegen 16 Uhr", "16:00"),
        ] {
            assert_eq!(times(text, Language::De), [expected], "{text}");
        }
    }

    #[test]
    fn amounts_and_lengths_of_time_are_no_times() {
        for text in [
            "over 2 uur",
            "15.000 euro",
            "rond 15k",
            "max 16k",
            "6 en een half duizend",
            "doe 3 maar",
            "5 deurs",
            "12.50 euro",
        ] {
            assert_eq!(times(text, Language::Nl), Vec::<String>::new(), "{text}");
        }
    }
}
