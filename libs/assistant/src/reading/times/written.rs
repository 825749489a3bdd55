//! Times in figures: on the clock, or an hour with its unit.

use super::{Clock, Near, Prefix, TimeMention};
use crate::reading::day_words::number;
use crate::reading::text::{Gap, Mark};
use crate::reading::words::{self, Role};

impl Clock<'_, '_> {
    /// "14:30", "14.30 uur", "14u30", "2:30 pm".
    pub(super) fn written(self, at: usize, prefix: Option<Prefix>) -> Option<TimeMention> {
        let text = self.text;
        let word = text.word(at);
        if let Some(mention) = self.four_digits(at, prefix) {
            return Some(mention);
        }
        if let Some((hour, minute)) = word.split_once(['u', 'h'])
            && minute.len() == 2
        {
            return Self::mention(at, at + 1, hour.parse().ok()?, minute.parse().ok()?);
        }
        let hour: u16 = word.parse().ok().filter(|hour| *hour < 25 && word.len() <= 2)?;
        let gap = text.gap(at + 1);
        let next = text.word(at + 1);
        let split = next.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(next.len());
        let (digits, suffix) = next.split_at(split);
        let minute: u16 = digits.parse().ok().filter(|minute| digits.len() == 2 && *minute < 60)?;
        let glued = words::value(self.language, Role::HourUnits, suffix).filter(|unit| *unit != "around");
        let apart = self.phrase(Role::HourUnits, at + 2).filter(|(_, unit)| *unit != "around");
        let usual = matches!(minute, 0 | 15 | 30 | 45);
        let after_day = at.checked_sub(1).is_some_and(|at| text.tokens[at].mark == Mark::Date);
        let dotted = gap.is(Gap::DOT)
            && (glued.is_some() || apart.is_some() || prefix.is_some() || usual || after_day)
            && self.phrase(Role::Counted, at + 2).is_none();
        // "15.000" has three digits, "12.50 euro" is money.
        if !(gap.is(Gap::COLON) || dotted)
            || text.gap(at).has(Gap::EURO)
            || !(suffix.is_empty() || glued.is_some())
        {
            return None;
        }
        let (to, unit) = match apart.filter(|_| suffix.is_empty() && !text.gap(at + 2).has(Gap::STOP)) {
            Some((to, unit)) => (to, unit),
            None => (at + 2, glued.unwrap_or_default()),
        };
        self.by_unit(at, to, hour, minute, unit)
    }

    /// "1500 hrs", "1400u", "om 1600", "vrijdag 1600": without a word for hours only where nothing else is likely.
    fn four_digits(self, at: usize, prefix: Option<Prefix>) -> Option<TimeMention> {
        let text = self.text;
        let word = text.word(at);
        let (digits, suffix) = word.split_at_checked(4)?;
        let figures = digits.bytes().all(|byte| byte.is_ascii_digit());
        let hour: u16 = digits.get(..2).filter(|_| figures)?.parse().ok()?;
        let minute: u16 = digits.get(2..)?.parse().ok()?;
        let is_hour = |unit: &str| unit == "hour";
        if !suffix.is_empty() {
            let glued = words::value(self.language, Role::HourUnits, suffix).is_some_and(is_hour);
            return glued.then(|| Self::mention(at, at + 1, hour, minute)).flatten();
        }
        let unit = self.phrase(Role::HourUnits, at + 1).filter(|(_, unit)| is_hour(unit));
        if let Some((to, _)) = unit.filter(|_| !text.gap(at + 1).has(Gap::STOP)) {
            return Self::mention(at, to, hour, minute);
        }
        let after = |mark: Mark| at.checked_sub(1).is_some_and(|before| text.tokens[before].mark == mark);
        let said = prefix.is_some_and(|prefix| prefix.near == Near::At && !prefix.doubtful)
            || after(Mark::Date)
            || after(Mark::Car) && self.ends_clause(at + 1);
        let usual = (8..=18).contains(&hour) && matches!(minute, 0 | 15 | 30 | 45);
        (said && usual && self.near_day(at) && !self.counts(at))
            .then(|| Self::mention(at, at + 1, hour, minute))
            .flatten()
    }

    fn by_unit(self, from: usize, to: usize, hour: u16, minute: u16, unit: &str) -> Option<TimeMention> {
        match unit {
            "pm" => Self::mention(from, to, if hour < 12 { hour + 12 } else { hour }, minute),
            "am" => Self::mention(from, to, if hour == 12 { 0 } else { hour }, minute),
            // Two digits for the hour are meant as written.
            _ if minute > 0 && self.text.word(from).len() == 2 => Self::mention(from, to, hour, minute),
            _ if self.text.word(from).starts_with('0') => Self::mention(from, to, hour, minute),
            _ => self.said(from, to, hour, minute),
        }
    }

    /// "4 uur", "17u", "14 Uhr 30", "3 o'clock", "2pm".
    pub(super) fn with_unit(self, at: usize, prefix: Option<Prefix>) -> Option<TimeMention> {
        let text = self.text;
        let word = text.word(at);
        let split = word.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(word.len());
        let (digits, suffix) = word.split_at(split);
        let (hour, unit, to) = if !digits.is_empty() && !suffix.is_empty() {
            let hour = digits.parse().ok().filter(|hour| *hour < 24)?;
            (hour, words::value(self.language, Role::HourUnits, suffix)?, at + 1)
        } else {
            // "om een uur" is one o'clock, "voor een uur" a length of time.
            let takes_article = prefix.is_some_and(|prefix| prefix.near != Near::Until);
            let said = number(self.language, word)
                .filter(|said| !said.article || takes_article || digits == word)?;
            let (to, unit) = self.phrase(Role::HourUnits, at + 1)?;
            let hour = Some(said.value).filter(|hour| *hour < 24 && text.free(at))?;
            if text.gap(at + 1).has(Gap::STOP) {
                return None;
            }
            (hour, unit, to)
        };
        if self.is_length(at, to, prefix) || (unit == "am" && (hour > 12 || self.is_preposition(at + 1))) {
            return None;
        }
        if unit == "around" {
            return self.said(at, to, hour, 0).map(|mention| TimeMention { near: Near::Around, ..mention });
        }
        if unit == "hour"
            && text.word(to).len() == 2
            && text.gap(to).is(Gap::SPACE)
            && self.phrase(Role::Counted, to + 1).is_none()
            && let Some(minute) = text.word(to).parse().ok().filter(|minute| *minute < 60)
        {
            return Self::mention(at, to + 1, hour, minute);
        }
        self.by_unit(at, to, hour, 0, unit)
    }

    /// "um 3 am Montag": the German word, no meridiem.
    fn is_preposition(self, at: usize) -> bool {
        words::table(self.language, Role::Links).get(self.text.word(at)) == Some("prep")
    }

    /// "over 2 uur", "binnen een uur", "2 uur rijden": a length of time.
    fn is_length(self, at: usize, to: usize, prefix: Option<Prefix>) -> bool {
        let before = self.is_before(Role::Lengths, at, "in") || self.is_before(Role::Lengths, at, "before");
        let close = !self.text.gap(to).has(Gap::STOP) && !self.text.gap(to).has(Gap::COMMA);
        let after =
            close && ["after", "later", "earlier"].iter().any(|kind| self.is(Role::Lengths, to, kind));
        match prefix {
            None => before || after,
            Some(prefix) => prefix.doubtful && (before || after),
        }
    }
}
