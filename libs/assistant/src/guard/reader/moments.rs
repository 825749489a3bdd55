//! Days and hours.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::super::Violation;
use super::super::lists::LISTS;
use super::super::tokens::Token;
use super::Reading;

/// A day as a text says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Saying {
    weekday: Option<Weekday>,
    day: Option<i8>,
    month: Option<i8>,
    year: Option<i16>,
    date: Option<Date>,
}

impl Saying {
    fn fits(&self, date: Date) -> bool {
        self.weekday.is_none_or(|weekday| date.weekday() == weekday)
            && self.day.is_none_or(|day| date.day() == day)
            && self.month.is_none_or(|month| date.month() == month)
            && self.year.is_none_or(|year| date.year() == year)
            && self.date.is_none_or(|same| date == same)
    }

    /// Both at once: "zaterdag" and "28 november".
    fn with(self, other: Self) -> Self {
        Self {
            weekday: self.weekday.or(other.weekday),
            day: self.day.or(other.day),
            month: self.month.or(other.month),
            year: self.year.or(other.year),
            date: self.date.or(other.date),
        }
    }
}

impl Reading<'_, '_> {
    /// Refuses every day and hour that no fact accounts for; the day spoken of last.
    pub(super) fn moments(&mut self, before: Option<Saying>) -> Result<Option<Saying>, Violation> {
        let vague = |at: usize| self.free(at) && LISTS.vague_moment.length_at(&self.tokens, at) > 0;
        if let Some(at) = (0..self.tokens.len()).find(|at| vague(*at)) {
            return Err(Violation::Moment(self.word(at).to_owned()));
        }
        let days = self.days();
        let times = self.times()?;
        let day_of = |at: usize| {
            let last = days.iter().rev().find(|(from, _)| *from < at);
            // "Om 10:00 op zaterdag"; of opening hours the day that follows may be another's: "om 9:00, en zondag dicht".
            let next = days.first().filter(|_| self.facts.hours.is_none());
            last.or(next).map(|(_, day)| *day).or(before)
        };
        for (at, day) in &days {
            if !self.may_say_day(*day) {
                return Err(Violation::Moment(self.word(*at).to_owned()));
            }
        }
        for (at, minutes) in times {
            if !self.may_say_time(day_of(at), minutes) {
                return Err(Violation::Moment(format!("{:02}:{:02}", minutes / 60, minutes % 60)));
            }
        }
        Ok(days.last().map(|(_, day)| *day).or(before))
    }

    fn may_say_day(&self, day: Saying) -> bool {
        let facts = self.facts;
        let any = |dates: &[Date]| dates.iter().any(|date| day.fits(*date));
        facts.moments.iter().any(|(date, _)| day.fits(*date))
            || facts.answered_on.is_some_and(|date| day.fits(date))
            || (any(&facts.days) && self.open_or_said_closed(day))
            || (any(&facts.vain_days) && self.is_vain())
            || (facts.hours.is_some() && self.open_or_said_closed(day))
    }

    /// A day is not told as open on which the dealer is closed.
    fn open_or_said_closed(&self, day: Saying) -> bool {
        let Some(hours) = self.facts.hours else { return false };
        let open = |date: &Date| day.fits(*date) && !hours.on(*date).is_empty();
        let soon = (0..21).map(|ahead| self.now.date().saturating_add(ahead.days()));
        soon.chain(self.facts.days.iter().copied()).any(|date| open(&date)) || self.is_vain()
    }

    fn may_say_time(&self, day: Option<Saying>, minutes: u16) -> bool {
        let facts = self.facts;
        let on_day = |date: Date| day.is_none_or(|day| day.fits(date));
        facts.moments.iter().any(|(date, at)| *at == minutes && on_day(*date))
            || (facts.vain_times.contains(&minutes) && self.is_vain())
            || self.is_opening_time(day, minutes)
    }

    fn is_opening_time(&self, day: Option<Saying>, minutes: u16) -> bool {
        let Some(hours) = self.facts.hours else { return false };
        let edge = |date: Date| {
            let ranges = hours.on(date).iter();
            ranges.flat_map(|range| [range.from_minute(), range.to_minute()]).any(|edge| edge == minutes)
        };
        let soon = (0..21).map(|ahead| self.now.date().saturating_add(ahead.days()));
        soon.chain(self.facts.days.iter().copied())
            .any(|date| day.is_none_or(|day| day.fits(date)) && edge(date))
    }

    /// Every day named, with the token it begins at; what belongs together is one.
    fn days(&mut self) -> Vec<(usize, Saying)> {
        let mut days: Vec<(usize, usize, Saying)> = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let Some((count, day)) = self.free(at).then(|| self.day_at(at)).flatten() else {
                at += 1;
                continue;
            };
            self.account(at, count);
            match days.last_mut() {
                Some((_, to, last)) if *to == at && self.beside(at) => {
                    *last = last.with(day);
                    *to = at + count;
                }
                _ => days.push((at, at + count, day)),
            }
            at += count;
        }
        days.into_iter().map(|(from, _, day)| (from, day)).collect()
    }

    /// Nothing but a blank or a comma stands before.
    fn beside(&self, at: usize) -> bool {
        self.gap(at).chars().all(|char| matches!(char, ' ' | ',' | '.' | '('))
    }

    /// A day named at `at`, and in how many words.
    fn day_at(&self, at: usize) -> Option<(usize, Saying)> {
        let word = self.word(at);
        let weekday = LISTS.weekday(word).or_else(|| {
            let followed = self.tokens.get(at + 1).is_some_and(Token::has_digit)
                || LISTS.before_time.has(self.word(at + 1));
            LISTS.short_weekday(word, self.language).filter(|_| followed && !self.is_trim(at))
        });
        if weekday.is_some() {
            return Some((1, Saying { weekday, ..Saying::default() }));
        }
        if let Some(days) = LISTS.relative(word) {
            let morning = at > 0 && LISTS.morning.length_at(&self.tokens, at - 1) == 2;
            let date = self.now.date().checked_add(days.days()).ok();
            return (!morning).then_some((1, Saying { date, ..Saying::default() }));
        }
        self.day_and_month(at).or_else(|| self.figures_of_day(at)).or_else(|| self.day_alone(at))
    }

    /// A short name of a day right behind a car is a trim: the Ibiza "FR".
    fn is_trim(&self, at: usize) -> bool {
        at > 0 && self.known[at - 1] && self.tokens[at].end - self.tokens[at].start == 2
    }

    /// "28 november", "28. November 2026", "28th of November", "November 28".
    fn day_and_month(&self, at: usize) -> Option<(usize, Saying)> {
        if let Some(day) = self.day_of_month(at) {
            let of = usize::from(LISTS.of_month.has(self.word(at + 1)));
            let month = LISTS.month(self.word(at + 1 + of))?;
            return Some(self.with_year(at, 2 + of, day, month));
        }
        let month = LISTS.month(self.word(at))?;
        let day = self.day_of_month(at + 1)?;
        Some(self.with_year(at, 2, day, month))
    }

    fn with_year(&self, at: usize, count: usize, day: i8, month: i8) -> (usize, Saying) {
        let word = self.word(at + count);
        let year = word.parse::<i16>().ok().filter(|_| word.len() == 4);
        let year = year.filter(|year| (self.now.year()..=self.now.year() + 2).contains(year));
        let saying = Saying { day: Some(day), month: Some(month), year, ..Saying::default() };
        (count + usize::from(year.is_some()), saying)
    }

    /// "28", "28e", "28th".
    fn day_of_month(&self, at: usize) -> Option<i8> {
        let word = self.word(at);
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let (number, ending) = word.split_at(digits);
        let day = number.parse().ok().filter(|day| (1..=31).contains(day))?;
        (ending.is_empty() || LISTS.ordinal.has(ending)).then_some(day)
    }

    /// "28-11", "28/11/2026", "28.11.", "2026-11-28".
    fn figures_of_day(&self, at: usize) -> Option<(usize, Saying)> {
        let part = |at: usize| self.word(at).parse::<i16>().ok();
        let small = |at: usize, most: i16| {
            part(at).filter(|part| (1..=most).contains(part)).and_then(|part| i8::try_from(part).ok())
        };
        let gap = self.gap(at + 1);
        if !matches!(gap, "-" | "/" | ".") {
            return None;
        }
        let same = self.gap(at + 2) == gap;
        if let (Some(year), Some(month), Some(day)) =
            (part(at).filter(|year| *year > 2000), small(at + 1, 12), small(at + 2, 31))
            && same
        {
            return Some((
                3,
                Saying { day: Some(day), month: Some(month), year: Some(year), ..Saying::default() },
            ));
        }
        let (day, month) = (small(at, 31)?, small(at + 1, 12)?);
        let year = part(at + 2).filter(|_| same).map(|year| if year < 100 { 2000 + year } else { year });
        // "10.12" may be an hour, "28-11" may not.
        let dotted_twice = gap != "." || self.gap(at + 2).starts_with('.');
        let count = 2 + usize::from(year.is_some());
        dotted_twice
            .then_some((count, Saying { day: Some(day), month: Some(month), year, ..Saying::default() }))
    }

    /// "de 28e", "the 28th".
    fn day_alone(&self, at: usize) -> Option<(usize, Saying)> {
        let named = !self.word(at).bytes().all(|byte| byte.is_ascii_digit());
        let day = self.day_of_month(at).filter(|_| named)?;
        Some((1, Saying { day: Some(day), ..Saying::default() }))
    }

    /// Every hour named, minutes after midnight, with its token.
    fn times(&mut self) -> Result<Vec<(usize, u16)>, Violation> {
        let mut times = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            match self.free(at).then(|| self.time_at(at)).flatten() {
                Some((count, minutes)) => {
                    self.account(at, count);
                    times.push((at, minutes));
                    at += count;
                }
                None if self.free(at) && self.is_hour_in_words(at) => {
                    return Err(Violation::Moment(self.word(at).to_owned()));
                }
                None => at += 1,
            }
        }
        Ok(times)
    }

    /// "10:00", "10.00 uur", "10u", "10 uur", "om 10", "3 pm".
    fn time_at(&self, at: usize) -> Option<(usize, u16)> {
        let word = self.word(at);
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let (number, ending) = word.split_at(digits);
        let hour: u16 = number.parse().ok().filter(|hour| *hour <= 24 && digits <= 2)?;
        if self.gap(at).contains(['€', '$', '£']) || LISTS.euro.has(self.word(at + 1)) {
            return None;
        }
        let minute = |text: &str| text.parse::<u16>().ok().filter(|minute| text.len() == 2 && *minute < 60);
        if !ending.is_empty() {
            let behind = ending.strip_prefix(['u', 'h']).and_then(minute);
            let hours = LISTS.hour.has(ending).then(|| half_day(hour, 0, ending));
            return hours.or(behind.map(|minute| hour * 60 + minute)).map(|minutes| (1, minutes));
        }
        let unit = |at: usize| {
            let unit = self.word(at);
            usize::from(LISTS.hour.has(unit))
        };
        let next = self.word(at + 1);
        let (clock, suffix) = next.split_at(next.bytes().take_while(u8::is_ascii_digit).count());
        if matches!(self.gap(at + 1), ":" | ".")
            && let Some(minute) = minute(clock)
            && (suffix.is_empty() || LISTS.hour.has(suffix))
        {
            let half = if suffix.is_empty() { self.word(at + 2) } else { suffix };
            return Some((
                2 + if suffix.is_empty() { unit(at + 2) } else { 0 },
                half_day(hour, minute, half),
            ));
        }
        if unit(at + 1) > 0 {
            return Some((2, half_day(hour, 0, next)));
        }
        let bare = LISTS.before_time.has(self.before(at))
            && !matches!(self.gap(at + 1), "." | "," | "-" | "/")
            && !next.bytes().all(|byte| byte.is_ascii_digit());
        let alone = next.is_empty() || !LISTS.distance.has(next);
        (bare && alone && (7..=20).contains(&hour)).then_some((1, hour * 60))
    }

    /// "tien uur", "three o'clock": hours are written in figures.
    fn is_hour_in_words(&self, at: usize) -> bool {
        let number = LISTS.small_number(self.word(at)).is_some();
        number && LISTS.hour.has(self.word(at + 1)) && LISTS.before_time.has(self.before(at))
    }
}

fn half_day(hour: u16, minute: u16, word: &str) -> u16 {
    let hour = match word {
        "pm" if hour < 12 => hour + 12,
        "am" if hour == 12 => 0,
        _ => hour,
    };
    hour * 60 + minute
}
