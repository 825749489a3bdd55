//! Days named in a message, counted from the moment it was sent.

mod relative;
mod weekdays;

use dealer::Language;
use jiff::civil::{Date, Weekday};
use jiff::{ToSpan, Zoned};

use super::day_words::{self, Part, day_of, is, month, number, ordinal, weekday};
use super::text::{Gap, Mark, Text};
use super::words::{self, Role};

/// A day named in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DateMention {
    pub from: usize,
    pub to: usize,
    pub date: Date,
    /// The part of the day named with it: "vanmiddag", "zaterdagochtend".
    pub part: Option<Part>,
    /// Named by the day of the week alone.
    pub weekday: Option<Weekday>,
    /// Monday of the week named with it: "volgende week dinsdag".
    pub week: Option<Date>,
    /// In weeks or months from now: a day about then.
    pub about: bool,
    /// Over, or said to be.
    pub past: bool,
}

impl DateMention {
    fn new(from: usize, to: usize, date: Date) -> Self {
        Self { from, to, date, part: None, weekday: None, week: None, about: false, past: false }
    }
}

/// Every day named, in order; their tokens are marked. Days in the past are left out.
pub(super) fn find(text: &mut Text<'_>, at: &Zoned, language: Language, offered: u32) -> Vec<DateMention> {
    let offered = usize::try_from(offered).unwrap_or(usize::MAX);
    let mut found: Vec<DateMention> = Vec::new();
    let mut token = 0;
    while token < text.len() {
        let named = Reader { text, today: at.date(), language, offered }.at(token);
        let Some(named) = named else {
            token += 1;
            continue;
        };
        text.mark(named.from, named.to, Mark::Date);
        token = named.to;
        if named.past {
            continue;
        }
        match found.last_mut() {
            Some(last) if completes(text, language, last, &named) => {
                last.to = named.to;
                last.date = named.date;
            }
            _ => found.push(named),
        }
    }
    found
}

/// "zaterdag 14 maart": the date says more than the day.
pub(super) fn completes(text: &Text<'_>, language: Language, day: &DateMention, date: &DateMention) -> bool {
    let between = text.word(day.to);
    date.from <= day.to + 1
        && date.weekday.is_none()
        && text.same_sentence(day.from, date.from)
        && (day.to == date.from
            || ["prep", "article"].iter().any(|kind| is(language, Role::Links, between, kind)))
}

/// An ordinal up to here counts cars or slots more often than days: "doe de 3e maar".
const LOWEST: i8 = 5;

/// Reads the day named at a token.
pub(super) struct Reader<'a, 't> {
    pub text: &'a Text<'t>,
    pub today: Date,
    pub language: Language,
    /// How many numbered slots are on offer.
    pub offered: usize,
}

impl Reader<'_, '_> {
    /// The day named from this token on.
    pub fn at(&self, at: usize) -> Option<DateMention> {
        // "24/7" is no day.
        if !self.text.free(at) || self.phrase(Role::DayWords, at).is_some_and(|(_, value)| value == "never") {
            return None;
        }
        let mut named = self
            .relative_word(at)
            .or_else(|| self.iso(at))
            .or_else(|| self.day_and_month(at))
            .or_else(|| self.month_and_day(at))
            .or_else(|| self.figures(at))
            .or_else(|| self.after_some_time(at))
            .or_else(|| self.week_and_weekday(at))
            .or_else(|| self.weekday(at))
            .or_else(|| self.day_alone(at))?;
        if self.is_said_to_be_past(&named) {
            named.past = true;
            if named.weekday.is_some() && named.date > self.today {
                named.date = named.date.saturating_sub(7.days());
            }
        }
        named.past |= named.date < self.today;
        Some(named)
    }

    fn is(&self, role: Role, at: usize, value: &str) -> bool {
        is(self.language, role, self.text.word(at), value)
    }

    fn is_before(&self, role: Role, at: usize, back: usize, value: &str) -> bool {
        is(self.language, role, self.text.before(at, back), value)
    }

    fn phrase(&self, role: Role, at: usize) -> Option<(usize, &'static str)> {
        words::phrase(self.language, role, self.text, at)
    }

    fn is_said_to_be_past(&self, named: &DateMention) -> bool {
        let before = |back| self.is_before(Role::NearDays, named.from, back, "past");
        let week = self.is_before(Role::Units, named.from, 1, "days");
        let after = self.phrase(Role::NearDays, named.to).is_some_and(|(_, value)| value == "past after");
        before(1)
            || (before(2) && !week && self.text.same_clause(named.from.saturating_sub(2), named.from))
            || after
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

    fn iso(&self, at: usize) -> Option<DateMention> {
        let year = self.year(at)?;
        let parts = self.text.gap(at + 1).is(Gap::HYPHEN) && self.text.gap(at + 2).is(Gap::HYPHEN);
        let month = self.text.word(at + 1).parse().ok()?;
        let day = self.text.word(at + 2).parse().ok()?;
        let date = Date::new(year, month, day).ok()?;
        parts.then_some(DateMention::new(at, at + 3, date))
    }

    fn day_and_month(&self, at: usize) -> Option<DateMention> {
        let word = self.text.word(at);
        let day = match day_of(self.language, word) {
            Some((day, _)) => day,
            None => ordinal(self.language, word)?,
        };
        let of = usize::from(self.is(Role::Ordinals, at + 1, "of"));
        let month = month(self.language, self.text.word(at + 1 + of))?;
        if !self.text.same_sentence(at, at + 1 + of) && !self.text.gap(at + 1).has(Gap::DOT) {
            return None;
        }
        let year = self.year(at + 2 + of).filter(|_| self.text.gap(at + 2 + of).is(Gap::SPACE));
        let date = self.next(day, month, year)?;
        Some(DateMention::new(at, at + 2 + of + usize::from(year.is_some()), date))
    }

    fn month_and_day(&self, at: usize) -> Option<DateMention> {
        let month = month(self.language, self.text.word(at))?;
        let the = usize::from(self.is(Role::Ordinals, at + 1, "article"));
        let (day, _) = day_of(self.language, self.text.word(at + 1 + the))?;
        if !self.text.same_clause(at, at + 1 + the) {
            return None;
        }
        let after = at + 2 + the;
        let counts =
            self.phrase(Role::HourUnits, after).is_some() || self.is(Role::Counted, after, "counted");
        let year = self.year(after);
        let date = self.next(day, month, year)?;
        (!counts).then_some(DateMention::new(at, after + usize::from(year.is_some()), date))
    }

    /// `15-4`, `15/4`, `15.4.`, `15-04-2026`.
    fn figures(&self, at: usize) -> Option<DateMention> {
        let (day, ordinal) = day_of(self.language, self.text.word(at))?;
        let gap = self.text.gap(at + 1);
        let dotted = gap.is(Gap::DOT);
        if ordinal || !(gap.is(Gap::HYPHEN) || gap.is(Gap::SLASH) || dotted) {
            return None;
        }
        let word = self.text.word(at + 1);
        let month: i8 = word.parse().ok().filter(|month| (1..=12).contains(month))?;
        let third = self.text.gap(at + 2);
        let year = (third.is(gap)).then(|| self.short_year(at + 2)).flatten();
        let stands_for_time =
            self.phrase(Role::HourUnits, at + 2).is_some() || self.is(Role::Counted, at + 2, "counted");
        let counted = words::value(self.language, Role::HourPrefixes, self.text.before(at, 1))
            .is_some_and(|value| !value.contains("span"));
        if year.is_none() && (stands_for_time || counted) {
            return None;
        }
        let stop = third.has(Gap::DOT) && self.is_said_to_be_a_day(at);
        if dotted && year.is_none() && !stop {
            return None;
        }
        let date = self.next(day, month, year)?;
        if year.is_none() && gap.is(Gap::HYPHEN) && self.is_of_another_day(at, date) {
            return None;
        }
        Some(DateMention::new(at, at + 2 + usize::from(year.is_some()), date))
    }

    /// "Thurs 2-4", when the second of April is no Thursday: hours.
    fn is_of_another_day(&self, at: usize, date: Date) -> bool {
        let word = self.text.before(at, 1);
        let short = || {
            words::value(self.language, Role::ShortWeekdays, word)
                .and_then(day_words::short_weekday)
                .map(|(day, _)| day)
        };
        let day = weekday(self.language, word).map(|(day, _)| day).or_else(short);
        day.is_some_and(|day| day != date.weekday())
    }

    /// Whether "15.4." is a day and no amount at the end of a sentence: by a word before it, or in German.
    fn is_said_to_be_a_day(&self, at: usize) -> bool {
        let dated = self.is_before(Role::Links, at, 1, "prep")
            || self.is_before(Role::Ordinals, at, 1, "article")
            || weekday(self.language, self.text.before(at, 1)).is_some();
        dated || self.language == Language::De && at + 2 < self.text.len()
    }

    fn short_year(&self, at: usize) -> Option<i16> {
        self.year(at).or_else(|| {
            let word = self.text.word(at);
            let year: i16 = word.parse().ok()?;
            (word.len() == 2 && (20..60).contains(&year)).then_some(2000 + year)
        })
    }

    /// "de 20e", "the 15th", "am 15.", "de 2e van de maand": the next such day. With slots on offer a low ordinal is
    /// one of them.
    fn day_alone(&self, at: usize) -> Option<DateMention> {
        let (day, ordinal) = day_of(self.language, self.text.word(at))?;
        let of_month = self.phrase(Role::Ordinals, at + 1).filter(|(_, value)| *value == "month");
        let article = self.is_before(Role::Ordinals, at, 1, "article");
        let dated = self.is_before(Role::Ordinals, at, 1, "date");
        let german = !ordinal
            && self.language == Language::De
            && (article || dated)
            && self.text.gap(at + 1).has(Gap::DOT)
            && number(self.language, self.text.word(at + 1)).is_none();
        let introduced = article && self.is_before(Role::Ordinals, at, 2, "date");
        let low = day <= LOWEST && !german && !(introduced || dated && !article);
        let numbered = usize::try_from(day).is_ok_and(|day| day <= self.offered) || low;
        let counted = self.is(Role::Ordinals, at + 1, "noun");
        let day_said = german || (ordinal && (article || dated));
        if !(day_said && !counted && !numbered || of_month.is_some() && (ordinal || article)) {
            return None;
        }
        let date = self.next_day_of_month(day)?;
        Some(DateMention::new(at, of_month.map_or(at + 1, |(to, _)| to), date))
    }

    fn next_day_of_month(&self, day: i8) -> Option<Date> {
        let first = self.today.first_of_month();
        (0..3).find_map(|months| {
            let month = first.checked_add(months.months()).ok()?;
            Date::new(month.year(), month.month(), day).ok().filter(|date| *date > self.today)
        })
    }
}

/// The day of the calendar week (Monday to Sunday) that `any` lies in.
pub(super) fn in_week(any: Date, day: Weekday) -> Option<Date> {
    let monday = any.checked_sub(i32::from(any.weekday().to_monday_zero_offset()).days()).ok()?;
    monday.checked_add(i32::from(day.to_monday_zero_offset()).days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(text: &str) -> Vec<String> {
        // 2026-03-11 is a Wednesday.
        let at: Zoned = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        let mut text = Text::new(text);
        let language = crate::reading::language::detect(&text);
        find(&mut text, &at, language, 0).iter().map(|mention| mention.date.to_string()).collect()
    }

    #[test]
    fn days_count_from_the_moment_of_the_message() {
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
            ("Freitag, den 20. März", "2026-03-20"),
        ] {
            assert_eq!(dates(text), [expected], "{text}");
        }
    }

    #[test]
    fn past_days_greetings_and_vague_weeks_are_none() {
        for text in [
            "afgelopen zaterdag",
            "vorige week woensdag",
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
            assert_eq!(dates(text), Vec::<String>::new(), "{text}");
        }
    }
}
