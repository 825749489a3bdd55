//! Times of day named in a message.

mod bare;
mod range;
mod written;

use dealer::Language;

use super::day_words::{Part, is, number, part, weekday};
use super::text::{Gap, Mark, Text};
use super::words::{self, Role};

/// A time named in one place, in minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeMention {
    /// The first of the words that say how near it is meant: "rond", "vanaf".
    pub start: usize,
    /// The hour itself.
    pub from: usize,
    pub to: usize,
    pub minutes: u16,
    /// The end of a range of hours.
    pub until: Option<u16>,
    pub near: Near,
    /// A figure and no more: what stands around it makes it an hour.
    pub lone: bool,
}

/// How near to an hour is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Near {
    #[default]
    At,
    Around,
    From,
    Until,
    Between,
}

/// The words before an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Prefix {
    near: Near,
    /// They stand before other figures more often.
    doubtful: bool,
    /// They may open a range only ("van 2 tot 4"), or a range as well ("from 2 to 4").
    opens_range: bool,
    only_range: bool,
}

impl Prefix {
    fn parse(value: &str) -> Self {
        let has = |word: &str| value.split(' ').any(|one| one == word);
        let near = match value.split(' ').next() {
            Some("around") => Near::Around,
            Some("from") => Near::From,
            Some("until") => Near::Until,
            Some("between") => Near::Between,
            _ => Near::At,
        };
        Self {
            near,
            doubtful: has("doubtful"),
            opens_range: near == Near::Between || has("span"),
            only_range: near == Near::Between || value == "span",
        }
    }

    /// "na ongeveer 2", "om een uur of vier": what the nearer words say counts, but for a limit.
    const fn then(self, nearer: Self) -> Self {
        match self.near {
            Near::From | Near::Until => Self { doubtful: false, ..self },
            _ => nearer,
        }
    }
}

/// Every time named, in order; their tokens are marked.
pub(super) fn find(text: &mut Text<'_>, language: Language) -> Vec<TimeMention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some(mention) = (Clock { text, language }).at(at) else {
            at += 1;
            continue;
        };
        text.mark(mention.from, mention.to, Mark::Time);
        at = mention.to;
        found.push(mention);
    }
    found
}

/// Reads the hour named at a token.
#[derive(Clone, Copy)]
pub(super) struct Clock<'a, 't> {
    pub text: &'a Text<'t>,
    pub language: Language,
}

impl Clock<'_, '_> {
    /// The hour named from this token on, with the words before it that say how near it is meant.
    pub fn at(self, at: usize) -> Option<TimeMention> {
        if !self.text.free(at) {
            return None;
        }
        if let Some((from, prefix)) = self.prefix(at)
            && let Some(mention) = self.after_prefix(from, prefix)
        {
            return Some(TimeMention { start: at, ..mention });
        }
        self.open_range(at).or_else(|| self.expression(at, None))
    }

    fn after_prefix(self, from: usize, prefix: Prefix) -> Option<TimeMention> {
        if prefix.opens_range
            && let Some(range) = self.range(from, prefix.near == Near::Between)
        {
            return Some(range);
        }
        if prefix.only_range {
            return None;
        }
        let mention = self.expression(from, Some(prefix))?;
        let near = if prefix.near == Near::At { mention.near } else { prefix.near };
        Some(TimeMention { near, ..mention })
    }

    fn phrase(self, role: Role, at: usize) -> Option<(usize, &'static str)> {
        words::phrase(self.language, role, self.text, at)
    }

    fn is(self, role: Role, at: usize, value: &str) -> bool {
        is(self.language, role, self.text.word(at), value)
    }

    fn is_before(self, role: Role, at: usize, value: &str) -> bool {
        is(self.language, role, self.text.before(at, 1), value)
    }

    /// The words before an hour that start here: the token after them, and what they say.
    fn prefix(self, at: usize) -> Option<(usize, Prefix)> {
        let (mut to, value) =
            self.phrase(Role::HourPrefixes, at).filter(|(_, value)| !value.ends_with(" after"))?;
        let mut prefix = Prefix::parse(value);
        for _ in 0..2 {
            let Some((end, nearer)) = self.phrase(Role::HourPrefixes, to) else { break };
            if self.text.gap(to).has(Gap::STOP) {
                break;
            }
            (to, prefix) = (end, prefix.then(Prefix::parse(nearer)));
        }
        // "15 uur past, 14 niet": nothing opens an hour beyond a comma.
        let broken = self.text.gap(to).has(Gap::STOP) || self.text.gap(to).has(Gap::COMMA);
        (to < self.text.len() && !broken).then_some((to, prefix))
    }

    fn expression(self, at: usize, prefix: Option<Prefix>) -> Option<TimeMention> {
        if !self.text.free(at) {
            return None;
        }
        self.by_minutes(at, prefix)
            .or_else(|| self.written(at, prefix))
            .or_else(|| self.with_unit(at, prefix))
            .or_else(|| self.bare(at, prefix))
    }

    /// The hour that a word says: figures or a number word.
    fn hour_word(self, at: usize) -> Option<u16> {
        if !self.text.free(at) {
            return None;
        }
        let value = number(self.language, self.text.word(at))?.value;
        (value <= 24).then_some(value)
    }

    fn mention(from: usize, to: usize, hour: u16, minute: u16) -> Option<TimeMention> {
        (hour < 24 && minute < 60).then_some(TimeMention {
            start: from,
            from,
            to,
            minutes: hour * 60 + minute,
            until: None,
            near: Near::At,
            lone: false,
        })
    }

    /// An hour as people say it: without a word for the morning, one to seven are in the afternoon.
    fn said(self, from: usize, to: usize, hour: u16, minute: u16) -> Option<TimeMention> {
        let hour = match self.part_of_day(from, to) {
            Some(part) if hour < 12 && part.holds_afternoon(hour + 12) => hour + 12,
            None if (1..=6).contains(&hour) || (hour, minute) == (7, 0) => hour + 12,
            _ => hour,
        };
        Self::mention(from, to, hour, minute)
    }

    /// The part of the day that the words near an hour tell.
    fn part_of_day(self, from: usize, to: usize) -> Option<Part> {
        let sentence = self.text.tokens.get(from)?.sentence;
        // The nearest counts: "van vanmiddag naar vanavond 7 uur".
        let near =
            (0..5).flat_map(|away| [from.checked_sub(away + 1), (away < 4).then_some(to + away)]).flatten();
        near.filter(|at| self.text.tokens.get(*at).is_some_and(|token| token.sentence == sentence))
            .find_map(|at| self.part_near(at).filter(|part| part.tells_half()))
    }

    /// The part of a day named at a token, by whatever word.
    fn part_near(self, at: usize) -> Option<Part> {
        let word = self.text.word(at);
        if let Some((_, value)) = self.phrase(Role::DayWords, at)
            && let Some((_, part)) = value.split_once(' ')
        {
            return Part::parse(part);
        }
        if let Some((_, part)) = weekday(self.language, word) {
            return part;
        }
        if words::value(self.language, Role::DayParts, word).is_some_and(|value| value.ends_with("glued"))
            || self.greets(at)
        {
            return None;
        }
        let (_, value) = self.phrase(Role::DayParts, at)?;
        Part::parse(value.split(' ').next()?).or_else(|| part(self.language, word))
    }

    /// "goede middag", "fijne avond", "Morning!": a greeting, no part of a day.
    pub fn greets(self, at: usize) -> bool {
        let gap = self.text.gap(1);
        let stopped = gap.has(Gap::COMMA) || gap.has(Gap::STOP) && !gap.has(Gap::QUESTION);
        let greets = stopped || self.is(Role::Greetings, 1, "after");
        let alone = at == 0 && greets && self.is(Role::Greetings, 0, "alone");
        alone
            || self.is_before(Role::Greetings, at, "before")
                && !self.is_before(Role::Greetings, at, "article")
                && self.phrase(Role::DayParts, at).is_some_and(|(to, _)| to == at + 1)
    }

    /// "half 3", "kwart over 3", "quarter to four", "5 voor half 4", "noon".
    fn by_minutes(self, at: usize, prefix: Option<Prefix>) -> Option<TimeMention> {
        if let Some((to, value)) = self.phrase(Role::ToHour, at) {
            if let Some((hour, minute)) = value.split_once(':') {
                return Self::mention(at, to, hour.parse().ok()?, minute.parse().ok()?);
            }
            // "between 10 to 2"
            let range = prefix.is_some_and(|prefix| prefix.opens_range) && self.text.tokens[at].is_number();
            let hour = self.hour_word(to).filter(|hour| (1..=12).contains(hour) && !range);
            if let Some(hour) = hour.filter(|_| !self.counts(to) && !self.text.gap(to).has(Gap::STOP)) {
                let end = to + 1 + usize::from(self.is(Role::HourUnits, to + 1, "hour"));
                return self.beside(at, end, hour, value);
            }
        }
        self.glued_half(at)
    }

    /// "half3", "halfdrie".
    fn glued_half(self, at: usize) -> Option<TimeMention> {
        let word = self.text.word(at);
        let (half, hour) = word.split_at_checked(4).filter(|(_, hour)| !hour.is_empty())?;
        let value = words::value(self.language, Role::ToHour, half)?;
        let hour = number(self.language, hour).filter(|hour| (1..=12).contains(&hour.value))?;
        self.beside(at, at + 1, hour.value, value)
    }

    /// As said before a full hour: so many minutes from it, or about it. "Half two" is half past for some who write English
    /// and half to for others, so it is about that hour for both.
    fn beside(self, from: usize, to: usize, hour: u16, value: &str) -> Option<TimeMention> {
        if value == "around" {
            let mention = self.said(from, to, hour, 0)?;
            return Some(TimeMention { near: Near::Around, ..mention });
        }
        self.shifted(from, to, hour, value.parse().ok()?)
    }

    /// So many minutes from a full hour.
    fn shifted(self, from: usize, to: usize, hour: u16, minutes: i16) -> Option<TimeMention> {
        let total = (hour * 60).checked_add_signed(minutes)?;
        let hour = total / 60;
        self.said(from, to, if hour == 0 { 12 } else { hour }, total % 60)
    }

    /// Whether the figure at `at` counts what stands after it, or is part of a longer one.
    fn counts(self, at: usize) -> bool {
        let gap = self.text.gap(at + 1);
        let more = at + 1 < self.text.len();
        let next = self.text.word(at + 1);
        let counted = more
            && !gap.has(Gap::STOP)
            && !gap.has(Gap::COMMA)
            && self.phrase(Role::Counted, at + 1).is_some();
        let digits = next.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        let joined =
            gap.is(Gap::DOT) || gap.is(Gap::COMMA) && digits || gap.is(Gap::HYPHEN) || gap.is(Gap::SLASH);
        let end = self.text.tokens.get(at).map_or(0, |token| token.end);
        let raw = self.text.raw.get(end..).unwrap_or_default();
        counted
            || more && joined
            || self.text.gap(at).has(Gap::EURO)
            || raw.starts_with('%')
            || raw.trim_start().starts_with('€')
    }
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
            ("om 7", "19:00"),
            ("half 8", "07:30"),
            ("na 17u", "17:00"),
            ("vanaf 13.00", "13:00"),
            ("14u30", "14:30"),
            ("een uur of vier", "16:00"),
            ("rond 4", "16:00"),
            ("11:15", "11:15"),
            ("om 7 uur 's avonds", "19:00"),
            ("om 6 uur 's ochtends", "06:00"),
            ("half1", "12:30"),
            ("goede middag, om 9 uur", "09:00"),
        ] {
            assert_eq!(times(text, Language::Nl), [expected], "{text}");
        }
        for (text, expected) in [
            ("half past two", "14:30"),
            ("half three", "15:00"),
            ("at 1500 hrs", "15:00"),
            ("Saturday 1430h", "14:30"),
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
            ("viertel elf", "10:15"),
            ("drei viertel vier", "15:45"),
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
            "2 uur rijden",
            "duurt 1 uur",
            "na 2 jaar",
            "we komen met 2",
            "om 15%",
        ] {
            assert_eq!(times(text, Language::Nl), Vec::<String>::new(), "{text}");
        }
    }
}
