//! Days of the week: "zaterdag", "dinsdag volgende week".

use jiff::ToSpan;
use jiff::civil::Weekday;

use super::{Named, Reader, in_week};
use crate::reading::day_words::{SHORT_WEEKDAYS, month, weekday};
use crate::reading::text::Gap;

impl Reader<'_, '_> {
    pub(super) fn weekday(&self, at: usize) -> Option<Named> {
        let word = self.text.word(at);
        let day = weekday(word).or_else(|| self.short_weekday(at))?;
        let mut from = at;
        let mut to = at + 1;
        let days_to = i32::from(self.today.weekday().until(day));
        let mut date = self.today.checked_add((if days_to == 0 { 7 } else { days_to }).days()).ok()?;
        // The next calendar week, said before or after the day.
        let next_week = self.today.checked_add(7.days()).ok()?;
        let before = (self.text.before(at, 2), self.text.before(at, 1));
        let before_op = (self.text.before(at, 3), self.text.before(at, 2));
        let linked = matches!(before.1, "op" | "on" | "am" | "de");
        if is_next_week(before) {
            from = at - 2;
            date = in_week(next_week, day)?;
        } else if linked && is_next_week(before_op) {
            from = at - 3;
            date = in_week(next_week, day)?;
        } else if is_next_week((self.text.word(to), self.text.word(to + 1))) {
            to += 2;
            date = in_week(next_week, day)?;
        } else if matches!(
            (self.text.word(to), self.text.word(to + 1)),
            ("in" | "of" | "van" | "der", "volgende" | "next" | "nachster" | "nachsten" | "komende" | "de")
        ) && self.text.word(to + 2).starts_with('w')
        {
            to += 3;
            date = in_week(next_week, day)?;
        } else if matches!(before, ("deze" | "this" | "diese", "week" | "woche")) {
            date = in_week(self.today, day)?;
        } else if matches!(
            (self.text.word(to), self.text.word(to + 1), self.text.word(to + 2)),
            ("over", "een" | "1", "week") | ("in", "einer", "woche") | ("a", "week", _)
        ) {
            to += if self.text.word(to) == "a" { 2 } else { 3 };
            date = date.checked_add(7.days()).ok()?;
        } else if self.text.word(to) == "week" && self.text.gap(to).is(Gap::SPACE) && word.ends_with("day") {
            to += 1;
            date = date.checked_add(7.days()).ok()?;
        }
        Some((from, to, date, false))
    }

    fn short_weekday(&self, at: usize) -> Option<Weekday> {
        let word = self.text.word(at);
        let (_, day, sure) = SHORT_WEEKDAYS.iter().find(|(short, _, _)| *short == word)?;
        let (next, before) = (self.text.word(at + 1), self.text.before(at, 1));
        let figure =
            next.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) && self.text.gap(at + 1).is_close();
        let month_after = month(self.text.word(at + 2)).is_some();
        let linked =
            matches!(before, "op" | "aanstaande" | "volgende" | "komende" | "as" | "next" | "this" | "on")
                || matches!(next, "ochtend" | "middag" | "avond" | "morgen" | "om");
        let doubtful = matches!(
            word,
            "zo" | "so" | "do" | "don" | "mo" | "vrij" | "ma" | "sun" | "sat" | "fr" | "sa" | "mi" | "di"
        );
        let fits = if doubtful && matches!(word, "zo" | "so") {
            figure
                && (month_after
                    || self.text.gap(at + 2).is(Gap::HYPHEN)
                    || self.text.gap(at + 2).is(Gap::SLASH))
        } else if doubtful && word == "do" {
            (figure && !matches!(next, "2" | "3" | "1" | "4")) || matches!(before, "op" | "aanstaande")
        } else {
            *sure || figure || linked
        };
        fits.then_some(*day)
    }
}

fn is_next_week((first, second): (&str, &str)) -> bool {
    matches!(
        (first, second),
        ("volgende" | "komende" | "volgnde" | "aankomende" | "next", "week")
            | ("nachste" | "naechste" | "nachster" | "kommende" | "kommender" | "kommenden", "woche")
    )
}
