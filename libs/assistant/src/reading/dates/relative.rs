//! Days told from today: "morgen", "over twee weken".

use dealer::Language;
use jiff::ToSpan;

use super::{DateMention, Reader, in_week};
use crate::reading::day_words::{Part, number, weekday};
use crate::reading::text::Gap;
use crate::reading::words::{self, Role};

/// Lengths of time beyond this many days or months are those of a loan, and no wish.
const DAYS: i32 = 190;
const MONTHS: i32 = 6;

impl Reader<'_, '_> {
    pub(super) fn relative_word(&self, at: usize) -> Option<DateMention> {
        let (mut to, value) = self.phrase(Role::DayWords, at)?;
        let (days, more) = value.split_once(' ').unwrap_or((value, ""));
        let mut days: i32 = days.parse().ok()?;
        if more == "?" && !self.is_a_day(at) {
            return None;
        }
        if let Some((end, weeks)) = self.weeks_later(to, at) {
            to = end;
            days += 7 * weeks;
        }
        let mut named = DateMention::new(at, to, self.today.checked_add(days.days()).ok()?);
        named.part = Part::parse(more);
        Some(named)
    }

    /// "over een week", said after a day: the token after it, and how many weeks.
    pub(super) fn weeks_later(&self, at: usize, day: usize) -> Option<(usize, i32)> {
        let (to, value) = self.phrase(Role::NearDays, at)?;
        match value {
            "week" => Some((to, 1)),
            "week week" => Some((to, 2)),
            // "Friday week", but not "vrijdag week 12".
            "week name" => {
                let english = words::table(Language::En, Role::Weekdays).get(self.text.word(day)).is_some();
                (english && self.text.gap(at).is(Gap::SPACE)).then_some((to, 1))
            }
            _ => None,
        }
    }

    /// "Morgen!" greets, "goede morgen" too, "am Morgen" is a part of the day; "morgen?" and "Morgen, 10 uur" are days.
    fn is_a_day(&self, at: usize) -> bool {
        if self.is_before(Role::Greetings, at, 1, "before") {
            return false;
        }
        if at > 0 {
            return true;
        }
        let gap = self.text.gap(1);
        if self.text.len() == 1 {
            return gap.has(Gap::QUESTION) || self.offered > 0;
        }
        if self.is(Role::Greetings, 1, "after") {
            return false;
        }
        let stopped = gap.has(Gap::STOP) && !gap.has(Gap::QUESTION);
        let hour_next = number(self.language, self.text.word(1)).is_some_and(|number| !number.article)
            || self.is(Role::HourPrefixes, 1, "at")
            || self.is(Role::HourPrefixes, 1, "around")
            || self.phrase(Role::ToHour, 1).is_some();
        !stopped && (!gap.has(Gap::COMMA) || hour_next)
    }

    /// "over twee weken", "in 3 days", "in zwei Wochen".
    pub(super) fn after_some_time(&self, at: usize) -> Option<DateMention> {
        if !self.is(Role::Lengths, at, "in") {
            return None;
        }
        let about = usize::from(
            self.is(Role::HourPrefixes, at + 1, "around")
                && number(self.language, self.text.word(at + 2)).is_some(),
        );
        let count = number(self.language, self.text.word(at + 1 + about))?.value;
        let count = i32::from(count);
        let (mut to, unit) = self.phrase(Role::Units, at + 2 + about)?;
        let (size, unit) = unit.split_once(' ')?;
        let size: i32 = size.parse().ok()?;
        let date = match unit {
            "days" if (1..=DAYS).contains(&(count * size)) => self.today.checked_add((count * size).days()),
            "months" if (1..=MONTHS).contains(&(count * size)) => {
                self.today.checked_add((count * size).months())
            }
            _ => return None,
        };
        let date = date.ok()?;
        to += usize::from(self.is(Role::Lengths, to, "time"));
        let mut named = DateMention::new(at, to, date);
        named.about = unit == "months" || size > 1;
        // "over twee weken op dinsdag" is the Tuesday of that week.
        let op = usize::from(self.is(Role::Links, to, "prep"));
        if named.about
            && let Some((day, part)) = weekday(self.language, self.text.word(to + op))
        {
            let date = in_week(date, day)?;
            let week = in_week(date, jiff::civil::Weekday::Monday);
            return Some(DateMention {
                to: to + op + 1,
                date,
                part,
                about: false,
                weekday: Some(day),
                week,
                ..named
            });
        }
        Some(named)
    }
}
