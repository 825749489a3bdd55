//! Days named in a message, counted from the moment it was sent.

mod relative;
mod weekdays;

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan, Zoned};

use super::day_words::{day_of, month, ordinal};
use super::text::{Gap, Mark, Text};

/// A day named in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DateMention {
    pub from: usize,
    pub to: usize,
    pub date: Date,
    /// Said with "today" in some form.
    pub today: bool,
}

/// Every day named, in order; their tokens are marked. Days in the past are left out.
pub(super) fn find(text: &mut Text<'_>, at: &Zoned, offered: u32) -> Vec<DateMention> {
    let today = at.date();
    let mut found: Vec<DateMention> = Vec::new();
    let mut token = 0;
    while token < text.len() {
        let named = if text.free(token) { Reader { text, today, offered }.at(token) } else { None };
        let Some((from, to, date, is_today)) = named else {
            token += 1;
            continue;
        };
        text.mark(from, to, Mark::Date);
        if !is_past(text, from) && date >= today {
            match found.last_mut() {
                // "zaterdag 14 maart": the date says more than the day.
                Some(last)
                    if from <= last.to + 1
                        && text.same_sentence(last.from, from)
                        && beside(text, last.to, from) =>
                {
                    last.to = to;
                    last.date = date;
                }
                _ => found.push(DateMention { from, to, date, today: is_today }),
            }
        }
        token = to;
    }
    found
}

fn beside(text: &Text<'_>, end: usize, start: usize) -> bool {
    end == start || matches!(text.word(end), "de" | "den" | "the" | "dem" | "d" | "am" | "op")
}

fn is_past(text: &Text<'_>, from: usize) -> bool {
    const PAST: &[&str] = &[
        "afgelopen",
        "vorige",
        "verleden",
        "laatst",
        "last",
        "letzten",
        "letzte",
        "letzter",
        "letztem",
        "previous",
        "past",
        "sinds",
        "since",
        "seit",
        "vergangenen",
        "jongstleden",
        "vorigen",
        "jl",
    ];
    PAST.contains(&text.before(from, 1))
        || (PAST.contains(&text.before(from, 2)) && text.before(from, 1) != "week")
}

struct Reader<'a, 't> {
    text: &'a Text<'t>,
    today: Date,
    offered: u32,
}

type Named = (usize, usize, Date, bool);

impl Reader<'_, '_> {
    fn at(&self, at: usize) -> Option<Named> {
        self.iso(at)
            .or_else(|| self.day_and_month(at))
            .or_else(|| self.month_and_day(at))
            .or_else(|| self.figures(at))
            .or_else(|| self.relative_word(at))
            .or_else(|| self.after_some_time(at))
            .or_else(|| self.weekday(at))
            .or_else(|| self.day_alone(at))
    }

    /// The next day with this month and day, in `year` when one is named.
    fn next(&self, day: i8, month: i8, year: Option<i16>) -> Option<Date> {
        if let Some(year) = year {
            return Date::new(year, month, day).ok();
        }
        let this_year = Date::new(self.today.year(), month, day).ok();
        match this_year {
            Some(date) if date >= self.today => Some(date),
            _ => Date::new(self.today.year() + 1, month, day).ok(),
        }
    }

    fn year(&self, at: usize) -> Option<i16> {
        let word = self.text.word(at);
        let year: i16 = word.parse().ok()?;
        (word.len() == 4 && (2000..2100).contains(&year)).then_some(year)
    }

    fn iso(&self, at: usize) -> Option<Named> {
        let year = self.year(at)?;
        let parts = self.text.gap(at + 1).is(Gap::HYPHEN) && self.text.gap(at + 2).is(Gap::HYPHEN);
        let month = self.text.word(at + 1).parse().ok()?;
        let day = self.text.word(at + 2).parse().ok()?;
        let date = Date::new(year, month, day).ok()?;
        parts.then_some((at, at + 3, date, false))
    }

    fn day_and_month(&self, at: usize) -> Option<Named> {
        let word = self.text.word(at);
        let day = match day_of(word) {
            Some((day, _)) => day,
            None => ordinal(word)?,
        };
        let of = usize::from(matches!(self.text.word(at + 1), "of" | "van" | "e" | "ste" | "de"));
        let month = month(self.text.word(at + 1 + of))?;
        if !self.text.same_sentence(at, at + 1 + of) && !self.text.gap(at + 1).has(Gap::DOT) {
            return None;
        }
        let year = self.year(at + 2 + of).filter(|_| self.text.gap(at + 2 + of).is(Gap::SPACE));
        let date = self.next(day, month, year)?;
        Some((at, at + 2 + of + usize::from(year.is_some()), date, false))
    }

    fn month_and_day(&self, at: usize) -> Option<Named> {
        let month = month(self.text.word(at))?;
        let the = usize::from(self.text.word(at + 1) == "the");
        let (day, _) = day_of(self.text.word(at + 1 + the))?;
        if !self.text.same_clause(at, at + 1 + the) {
            return None;
        }
        let after = at + 2 + the;
        let counts = matches!(self.text.word(after), "uur" | "uhr" | "u" | "pm" | "am" | "euro" | "personen");
        let year = self.year(after);
        let date = self.next(day, month, year)?;
        (!counts).then_some((at, after + usize::from(year.is_some()), date, false))
    }

    /// `15-4`, `15/4`, `15.4.`, `15-04-2026`.
    fn figures(&self, at: usize) -> Option<Named> {
        let (day, ordinal) = day_of(self.text.word(at))?;
        let gap = self.text.gap(at + 1);
        let dotted = gap.is(Gap::DOT);
        if ordinal || !(gap.is(Gap::HYPHEN) || gap.is(Gap::SLASH) || dotted) {
            return None;
        }
        let word = self.text.word(at + 1);
        let month: i8 = word.parse().ok().filter(|month| (1..=12).contains(month))?;
        let third = self.text.gap(at + 2);
        let year = (third.is(gap)).then(|| self.short_year(at + 2)).flatten();
        let stands_for_time = matches!(
            self.text.word(at + 2),
            "uur" | "u" | "uhr" | "h" | "jaar" | "personen" | "km" | "weken" | "dagen"
        );
        let counted =
            matches!(self.text.before(at, 1), "tussen" | "om" | "between" | "um" | "at" | "rond" | "na");
        if year.is_none() && (stands_for_time || counted) {
            return None;
        }
        if dotted
            && year.is_none()
            && !(third.has(Gap::DOT)
                && !third.is(Gap::STOP)
                && (word.len() == 1 || month <= 12)
                && !ends_sentence(self.text, at + 2))
        {
            return None;
        }
        let date = self.next(day, month, year)?;
        Some((at, at + 2 + usize::from(year.is_some()), date, false))
    }

    fn short_year(&self, at: usize) -> Option<i16> {
        self.year(at).or_else(|| {
            let word = self.text.word(at);
            let year: i16 = word.parse().ok()?;
            (word.len() == 2 && (20..60).contains(&year)).then_some(2000 + year)
        })
    }

    /// "de 20e", "the 15th", "am 15.": the next such day.
    fn day_alone(&self, at: usize) -> Option<Named> {
        let (day, ordinal) = day_of(self.text.word(at))?;
        let before = self.text.before(at, 1);
        let german = before == "am" && self.text.gap(at + 1).has(Gap::DOT);
        let dated =
            ordinal && matches!(before, "de" | "the" | "den" | "op" | "naar" | "van" | "dag" | "on" | "to");
        let offered = i8::try_from(self.offered).unwrap_or(i8::MAX);
        let counted = matches!(
            self.text.word(at + 1),
            "optie"
                | "option"
                | "auto"
                | "car"
                | "slot"
                | "tijd"
                | "keer"
                | "hands"
                | "time"
                | "eigenaar"
                | "owner"
        );
        if !(german || dated)
            || day <= offered
            || counted
            || (dated && day <= 2 && !matches!(self.text.before(at, 2), "op" | "on" | "naar"))
        {
            return None;
        }
        let mut date = Date::new(self.today.year(), self.today.month(), 1).ok()?;
        for _ in 0..3 {
            if let Ok(candidate) = Date::new(date.year(), date.month(), day)
                && candidate > self.today
            {
                return Some((at, at + 1, candidate, false));
            }
            date = date.checked_add(1.month()).ok()?;
        }
        None
    }
}

fn ends_sentence(text: &Text<'_>, at: usize) -> bool {
    at >= text.len()
        && !matches!(
            text.before(at, 3),
            "am" | "op"
                | "om"
                | "montag"
                | "dienstag"
                | "mittwoch"
                | "donnerstag"
                | "freitag"
                | "samstag"
                | "den"
                | "dem"
        )
}

/// The day of the calendar week (Monday to Sunday) that `any` lies in.
fn in_week(any: Date, day: Weekday) -> Option<Date> {
    let monday = any.checked_sub(i32::from(any.weekday().to_monday_zero_offset()).days()).ok()?;
    monday.checked_add(i32::from(day.to_monday_zero_offset()).days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_the_moment_of_the_message() {
        // 2026-03-11 is a Wednesday.
        let at: Zoned = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        for (text, expected) in [
            ("kan het morgen", "2026-03-12"),
            ("overmorgen dan", "2026-03-13"),
            ("zaterdag", "2026-03-14"),
            ("zaterdagmiddag", "2026-03-14"),
            ("woensdag", "2026-03-18"),
            ("volgende week dinsdag", "2026-03-17"),
            ("dinsdag volgende week", "2026-03-17"),
            ("next week Friday", "2026-03-20"),
            ("over twee weken", "2026-03-25"),
            ("in 3 days", "2026-03-14"),
            ("in zwei Wochen", "2026-03-25"),
            ("15 april", "2026-04-15"),
            ("op 15-4", "2026-04-15"),
            ("15/04/2026", "2026-04-15"),
            ("am 15.4. bitte", "2026-04-15"),
            ("April 15th", "2026-04-15"),
            ("10 maart", "2027-03-10"),
            ("op de 20e", "2026-03-20"),
            ("zaterdag 14 maart", "2026-03-14"),
            ("za 14 maart om 10", "2026-03-14"),
            ("Samstag in einer Woche", "2026-03-21"),
            ("the day after tomorrow", "2026-03-13"),
            ("heute noch", "2026-03-11"),
        ] {
            let found = find(&mut Text::new(text), &at, 0);
            let dates: Vec<String> = found.iter().map(|mention| mention.date.to_string()).collect();
            assert_eq!(dates, [expected], "{text}");
        }
    }

    #[test]
    fn past_days_greetings_and_vague_weeks_are_none() {
        let at: Zoned = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        for text in [
            "afgelopen zaterdag",
            "Goedemorgen",
            "guten Morgen",
            "Morgen, is de Polo er nog?",
            "deze week",
            "het weekend",
            "om 13.30 uur",
            "do you have",
            "so 3 cars",
            "10-12 uur",
        ] {
            assert_eq!(find(&mut Text::new(text), &at, 0), [], "{text}");
        }
    }
}
