//! Days of the week: "zaterdag", "dinsdag volgende week".

use dealer::Language;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::{DateMention, Reader, in_week};
use crate::reading::day_words::{self, Part, Sure, month, short_weekday};
use crate::reading::text::{Gap, Mark};
use crate::reading::words::{self, Role};

impl Reader<'_, '_> {
    /// "volgende week dinsdag", "deze week op vrijdag", "vorige week woensdag".
    pub(super) fn week_and_weekday(&self, at: usize) -> Option<DateMention> {
        let (to, week) = self.week(at)?;
        let linked = usize::from(
            self.is(Role::Links, to, "prep")
                || self.is(Role::Links, to, "article")
                || self.is(Role::Links, to, "join"),
        );
        let near = |at| (!self.text.gap(at).has(Gap::STOP)).then(|| self.name(at)).flatten();
        let (at_name, (day, part)) = match near(to) {
            Some(named) => (to, named),
            None => (to + 1, near(to + 1).filter(|_| linked == 1)?),
        };
        let mut named = DateMention::new(at, at_name + 1, in_week(week, day)?);
        (named.weekday, named.part, named.week) = (Some(day), part, in_week(week, Weekday::Monday));
        Some(named)
    }

    /// A week named as a whole: the token after it and a day of it.
    fn week(&self, at: usize) -> Option<(usize, Date)> {
        let (to, value) = self.phrase(Role::Spans, at)?;
        let weeks: i32 = value.strip_prefix("week ")?.split(' ').next()?.parse().ok()?;
        Some((to, self.today.checked_add((7 * weeks).days()).ok()?))
    }

    /// The name of a day, long or short.
    fn name(&self, at: usize) -> Option<(Weekday, Option<Part>)> {
        day_words::weekday(self.language, self.text.word(at)).or_else(|| Some((self.short(at)?, None)))
    }

    pub(super) fn weekday(&self, at: usize) -> Option<DateMention> {
        let coming = self.phrase(Role::NearDays, at).filter(|(_, value)| *value == "coming");
        // "a week on Tuesday", "two weeks from Friday"
        let ahead = self.phrase(Role::NearDays, at).and_then(|(to, value)| match value {
            "week before" => Some((to, 1)),
            "week week before" => Some((to, 2)),
            _ => None,
        });
        let start = ahead.or(coming.map(|(to, _)| (to, 0))).map_or(at, |(to, _)| to);
        let (day, mut part) = self.name(start)?;
        let days_to = i32::from(self.today.weekday().until(day));
        let weeks = ahead.map_or(0, |(_, weeks)| 7 * weeks);
        let days_to = weeks + if days_to == 0 { 7 } else { days_to };
        let date = self.today.checked_add(days_to.days()).ok()?;
        let mut named = DateMention::new(at, start + 1, date);
        named.weekday = Some(day);
        named.week = ahead.and_then(|_| in_week(date, Weekday::Monday));
        if part.is_none()
            && let Some((to, of_day)) = self.part_apart(start + 1)
        {
            (named.to, part) = (to, Some(of_day));
        }
        named.part = part;
        // The week, said after the day.
        let linked = self.is(Role::Links, named.to, "prep") || self.is(Role::Links, named.to, "article");
        let week = self.week(named.to).or_else(|| self.week(named.to + 1).filter(|_| linked));
        if let Some((to, week)) = week.filter(|_| !self.text.gap(named.to).has(Gap::STOP)) {
            (named.to, named.date) = (to, in_week(week, day)?);
            named.week = in_week(week, Weekday::Monday);
        } else if let Some((to, weeks)) = self.weeks_later(named.to, start) {
            (named.to, named.date) = (to, named.date.checked_add((7 * weeks).days()).ok()?);
            named.week = in_week(named.date, Weekday::Monday);
        }
        Some(named)
    }

    /// "zaterdag morgen", "Samstag Morgen": the morning of that day.
    fn part_apart(&self, at: usize) -> Option<(usize, Part)> {
        let value = words::value(self.language, Role::DayParts, self.text.word(at))?;
        let value = value.strip_suffix(" glued")?;
        (self.text.gap(at).is(Gap::SPACE)).then_some((at + 1, Part::parse(value)?))
    }

    fn short(&self, at: usize) -> Option<Weekday> {
        let own = words::table(self.language, Role::ShortWeekdays).at(self.text, at);
        let (to, value) = own.or_else(|| self.phrase(Role::ShortWeekdays, at))?;
        let (day, sure) = short_weekday(value).filter(|_| to == at + 1)?;
        let next = self.text.word(at + 1);
        let after_car = at.checked_sub(1).is_some_and(|at| self.text.tokens[at].mark == Mark::Car);
        let figure = next.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
            && self.text.gap(at + 1).is_close()
            && !self.is_decimal(at + 1);
        let dated = figure
            && (month(self.language, self.text.word(at + 2)).is_some()
                || self.text.gap(at + 2).is(Gap::HYPHEN)
                || self.text.gap(at + 2).is(Gap::SLASH));
        let hour = self.is_hour(at + 1, figure);
        // "Ibiza FR 1.0" is a variant, "Ibiza fr 10 uur" a day.
        let with_unit = self.has_unit(at + 1, figure);
        let linked =
            self.is_before(Role::Links, at, 1, "prep") || self.is_before(Role::NearDays, at, 1, "coming");
        let listed = self.is_listed(at);
        let alone = self.text.len() == 1;
        // "do 2" is English, or picks a slot.
        let clock = self.text.gap(at + 2).is(Gap::COLON);
        let range = self.text.gap(at + 2).is(Gap::HYPHEN);
        let low = next.len() == 1
            && next <= "4"
            && !(clock || range)
            && self.phrase(Role::HourUnits, at + 2).is_none();
        let fits = match sure {
            Sure::WithFigure if own.is_none() => hour || dated || listed || alone && self.offered > 0,
            Sure::Alone => !after_car || figure || hour,
            Sure::WithFigure => {
                let limited = self.is_limit(at + 1);
                !after_car && (figure && !low || hour || linked || listed || alone)
                    || limited
                    || dated
                    || with_unit
            }
            Sure::WithUnit => dated || with_unit && self.text.gap(at + 1).is(Gap::SPACE) && !self.is_free(at),
            Sure::WithDate => dated,
        };
        fits.then_some(day)
    }

    /// "Ben je vrij 9u", "morgen vrij 14u": the end of words that name no day, or said of a day named before.
    fn is_free(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.phrase(Role::ShortWeekdays, before));
        let day_before = || {
            let tokens = &self.text.tokens;
            tokens[..at].iter().any(|token| token.mark == Mark::Date && token.sentence == tokens[at].sentence)
        };
        before.is_some_and(|(to, value)| to > at && value == "none") || day_before()
    }

    /// Whether an hour or a part of the day starts here: "10 uur", "1pm", "om …", "middag".
    fn is_hour(&self, at: usize, figure: bool) -> bool {
        self.has_unit(at, figure)
            || self.is(Role::HourPrefixes, at, "at")
            || self.phrase(Role::DayParts, at).is_some()
    }

    /// "tussen 10 en 12", "na 2": a range of hours.
    fn is_limit(&self, at: usize) -> bool {
        self.phrase(Role::HourPrefixes, at).is_some_and(|(to, value)| {
            let limits = ["between", "from", "until"].iter().any(|kind| value.starts_with(kind));
            limits && day_words::number(self.language, self.text.word(to)).is_some_and(|said| !said.article)
        })
    }

    /// "10 uur", "1pm".
    fn has_unit(&self, at: usize, figure: bool) -> bool {
        let unit = self.text.word(at).trim_start_matches(|char: char| char.is_ascii_digit());
        let glued = words::value(self.language, Role::HourUnits, unit).is_some();
        let minutes = self.text.word(at + 1);
        let clock = self.text.gap(at + 1).is(Gap::COLON)
            || self.text.gap(at + 1).is(Gap::DOT)
                && (self.phrase(Role::HourUnits, at + 2).is_some()
                    || words::value(
                        self.language,
                        Role::HourUnits,
                        minutes.trim_start_matches(|char: char| char.is_ascii_digit()),
                    )
                    .is_some());
        figure && (glued || clock || self.phrase(Role::HourUnits, at + 1).is_some())
    }

    /// "1.5" after "FR" is an engine, "10.30" an hour.
    fn is_decimal(&self, at: usize) -> bool {
        self.text.gap(at + 1).is(Gap::DOT) && self.text.word(at + 1).len() == 1
    }

    /// "ma of di", "ma/di/wo": beside another short name.
    fn is_listed(&self, at: usize) -> bool {
        let name = |at: usize| {
            let word = self.text.word(at);
            words::value(self.language, Role::ShortWeekdays, word).is_some()
                || day_words::weekday(self.language, word).is_some()
        };
        // "di of wo" is too short to tell its language.
        let or = |at: usize| {
            Language::ALL.into_iter().any(|language| {
                matches!(words::table(language, Role::Links).get(self.text.word(at)), Some("or" | "and"))
            })
        };
        let slash = |at: usize| self.text.gap(at).is(Gap::SLASH) || self.text.gap(at).has(Gap::COMMA);
        name(at + 1) && slash(at + 1)
            || name(at + 2) && or(at + 1)
            || at >= 1 && name(at - 1) && slash(at)
            || at >= 2 && name(at - 2) && or(at - 1)
    }
}
