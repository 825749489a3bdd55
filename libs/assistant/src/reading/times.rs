//! Times of day named in a message.

mod bare;
mod written;

use dealer::Language;

use super::numbers;
use super::text::{Mark, Text, Words};

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
        .or_else(|| written::clock(text, at))
        .or_else(|| written::hour_with_word(text, at))
        .or_else(|| noon(text, at))
        .or_else(|| bare::bare_hour(text, at))
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
