//! Ranges of days: "volgende week", "dit weekend", "begin december".

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::atoms::{Atom, Source};
use crate::reading::dates::in_week;
use crate::reading::day_words::{is, month, number};
use crate::reading::words::Role;
use crate::when::{Days, When};

/// The range of days named at a token.
pub(super) fn at(source: Source<'_, '_>, at: usize) -> Option<Atom> {
    let (to, value) = source.phrase(Role::Spans, at)?;
    let mut said = value.split(' ');
    let (kind, count) = (said.next()?, said.next().unwrap_or_default());
    let part = said.next().unwrap_or_default();
    if kind == "part" {
        let (to, days) = part_of_month(source, to, count)?;
        return Some(Atom { from: at, to, when: on(vec![days]), ..Atom::default() });
    }
    let count: i32 = count.parse().unwrap_or(0);
    let today = source.today;
    let range = match kind {
        // "binnen 5 werkdagen" is a length of time, "prettig weekend" a farewell.
        "weekdays"
            if number(source.language, source.text.before(at, 1)).is_some_and(|number| !number.article) =>
        {
            return None;
        }
        "weekend" if is(source.language, Role::Greetings, source.text.before(at, 1), "before") => {
            return None;
        }
        "week" => week(today, count, part)?,
        "weekend" => weekend(today, count)?,
        "weekdays" => return Some(Atom { from: at, to, when: on(weekdays(today)), ..Atom::default() }),
        "days" => day_range(today, count, part.parse().unwrap_or(count))?,
        "month" => whole_month(today.first_of_month().checked_add(count.months()).ok()?, today),
        _ => return None,
    };
    let named = (kind == "week").then(|| monday(today, count)).flatten();
    let over = count < 0;
    Some(Atom { from: at, to, when: on(vec![range]), week: named, past: over, ..Atom::default() })
}

fn on(days: Vec<Days>) -> When {
    When { days, ..When::default() }
}

fn monday(today: Date, weeks: i32) -> Option<Date> {
    in_week(today.checked_add((7 * weeks).days()).ok()?, Weekday::Monday)
}

/// The week so many weeks from this one, or a part of it, from today on.
fn week(today: Date, count: i32, part: &str) -> Option<Days> {
    let monday = monday(today, count)?;
    let day = |days: i32| monday.checked_add(days.days()).ok();
    let (first, last) = match part {
        "start" => (day(0)?, day(2)?),
        "middle" => (day(1)?, day(3)?),
        "end" => (day(3)?, day(4)?),
        _ => (day(0)?, day(6)?),
    };
    if count != 0 {
        return Some(Days { first, last });
    }
    if last < today {
        // On Saturday "eind van de week" is that of the next one.
        return week(today, 1, part);
    }
    let from = if part == "later" { today.tomorrow().ok()?.min(last) } else { today };
    Some(Days { first: first.max(from), last })
}

fn weekend(today: Date, count: i32) -> Option<Days> {
    let monday = monday(today, count)?;
    let first = monday.checked_add(5.days()).ok()?;
    let last = monday.checked_add(6.days()).ok()?;
    Some(Days { first: if count == 0 { first.max(today) } else { first }, last })
}

/// Monday to Friday, of this week and the next.
fn weekdays(today: Date) -> Vec<Days> {
    (0..2)
        .filter_map(|count| {
            let monday = monday(today, count)?;
            let last = monday.checked_add(4.days()).ok()?;
            (last >= today).then_some(Days { first: monday.max(today), last })
        })
        .collect()
}

fn day_range(today: Date, first: i32, last: i32) -> Option<Days> {
    Some(Days { first: today.checked_add(first.days()).ok()?, last: today.checked_add(last.days()).ok()? })
}

fn whole_month(first: Date, today: Date) -> Days {
    let last = first.last_of_month();
    Days { first: if last >= today { first.max(today) } else { first }, last }
}

/// "begin december", "eind van november", "in january".
fn part_of_month(source: Source<'_, '_>, at: usize, part: &str) -> Option<(usize, Days)> {
    let of = usize::from(is(source.language, Role::Links, source.text.word(at), "prep"));
    let month = month(source.language, source.text.word(at + of))?;
    let year = source.today.year() + i16::from(month < source.today.month());
    let first = Date::new(year, month, 1).ok()?;
    let day = |day: i8| Date::new(year, month, day).ok();
    let days = match part {
        "start" => Days { first, last: day(10)? },
        "middle" => Days { first: day(11)?, last: day(20)? },
        "end" => Days { first: day(21)?, last: first.last_of_month() },
        _ => whole_month(first, source.today),
    };
    (days.last >= source.today)
        .then_some((at + of + 1, Days { first: days.first.max(source.today), last: days.last }))
}

/// The calendar week of a day, from today on.
pub(super) fn week_of(date: Date, today: Date) -> Vec<Days> {
    let monday = in_week(date, Weekday::Monday);
    let sunday = in_week(date, Weekday::Sunday);
    match (monday, sunday) {
        (Some(first), Some(last)) => vec![Days { first: first.max(today), last }],
        _ => vec![Days::on(date)],
    }
}

/// The days on one side of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    After,
    From,
    Before,
}

impl Beyond {
    /// Reads `days after`, `days from` or `days before`.
    pub fn parse(value: &str) -> Option<Self> {
        match value {
            "days after" => Some(Self::After),
            "days from" => Some(Self::From),
            "days before" => Some(Self::Before),
            _ => None,
        }
    }

    /// The days meant, to the end of the week that was named with the day, or for a week.
    pub fn days(self, day: Date, week: Option<Date>, today: Date) -> Option<Days> {
        let end = week.and_then(|week| in_week(week, Weekday::Sunday)).filter(|end| *end > day);
        let last = end.or_else(|| day.checked_add(7.days()).ok())?;
        let days = match self {
            Self::After => Days { first: day.tomorrow().ok()?, last },
            Self::From => Days { first: day, last },
            Self::Before => Days { first: week.unwrap_or(today).max(today), last: day.yesterday().ok()? },
        };
        (days.first <= days.last).then_some(days)
    }
}
