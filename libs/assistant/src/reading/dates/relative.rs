//! Days told from today: "morgen", "over twee weken".

use jiff::ToSpan;

use super::{Named, Reader, in_week};
use crate::reading::day_words::weekday;
use crate::reading::numbers;
use crate::reading::text::Gap;

impl Reader<'_, '_> {
    pub(super) fn relative_word(&self, at: usize) -> Option<Named> {
        let word = self.text.word(at);
        let next = self.text.word(at + 1);
        let (days, to) = match word {
            "vandaag" | "vanmiddag" | "vanavond" | "vanochtend" | "vanmorgen" | "today" | "tonight"
            | "heute" | "vandaaag" | "vndaag" => (0, at + 1),
            "this" if matches!(next, "afternoon" | "evening" | "morning") => (0, at + 2),
            "day" if next == "after" && matches!(self.text.word(at + 2), "tomorrow" | "tmrw") => (2, at + 3),
            "tomorrow" | "tmrw" | "tomorow" | "tommorow" | "tommorrow" | "tmr" | "mrgn" | "morgenochtend"
            | "morgenmiddag" | "morgenavond" | "morgenvroeg" => (1, at + 1),
            "overmorgen" | "ubermorgen" | "uebermorgen" => (2, at + 1),
            "morgen" if self.morgen_is_a_day(at) => (1, at + 1),
            _ => return None,
        };
        let (days, to) = match (self.text.word(to), self.text.word(to + 1), self.text.word(to + 2)) {
            ("over", "een", "week") | ("in", "einer", "woche") => (days + 7, to + 3),
            ("week", _, _) if word == "tomorrow" || word == "today" => (days + 7, to + 1),
            _ => (days, to),
        };
        Some((at, to, self.today.checked_add(days.days()).ok()?, days == 0))
    }

    /// "Morgen!" greets, "goede morgen" too, "am Morgen" is a part of the day.
    fn morgen_is_a_day(&self, at: usize) -> bool {
        let before = self.text.before(at, 1);
        if matches!(
            before,
            "goede"
                | "goeden"
                | "goeie"
                | "guten"
                | "am"
                | "jeden"
                | "fijne"
                | "elke"
                | "de"
                | "schonen"
                | "iedere"
                | "gute"
        ) {
            return false;
        }
        let greets = at == 0
            && (self.text.len() == 1
                || self.text.gap(1).has(Gap::COMMA)
                || self.text.gap(1).has(Gap::STOP)
                || matches!(self.text.word(1), "zusammen" | "allemaal" | "allen"));
        !greets
    }

    /// "over twee weken", "in 3 days", "in zwei Wochen".
    pub(super) fn after_some_time(&self, at: usize) -> Option<Named> {
        if !matches!(self.text.word(at), "over" | "in") {
            return None;
        }
        let ca = usize::from(
            matches!(self.text.word(at + 1), "ca" | "ongeveer" | "about" | "circa" | "zon" | "een" | "ongev")
                && numbers::value_of(self.text.word(at + 2)).is_some(),
        );
        let word = self.text.word(at + 1 + ca);
        let count: i32 = match word {
            "een" | "n" | "1" | "a" | "one" | "einer" | "einem" | "ein" => 1,
            "paar" | "couple" => return None,
            _ => {
                let number = word.parse().ok().or_else(|| numbers::value_of(word).map(numbers::rounded));
                number.filter(|count| (1..=60).contains(count))?
            }
        };
        let mut to = at + 3 + ca;
        let unit = self.text.word(at + 2 + ca);
        if matches!((unit, self.text.word(to)), ("week" | "weken" | "weeks" | "wochen", "tijd" | "time")) {
            to += 1;
        }
        let date = match unit {
            "week" | "weken" | "weekjes" | "weekje" | "weeks" | "woche" | "wochen" => {
                self.today.checked_add((count * 7).days())
            }
            "dag" | "dagen" | "dagjes" | "day" | "days" | "tag" | "tagen" | "tage" => {
                self.today.checked_add(count.days())
            }
            "maand" | "maanden" | "month" | "months" | "monat" | "monaten" => {
                self.today.checked_add(count.months())
            }
            _ => return None,
        };
        let date = date.ok()?;
        // "over twee weken op dinsdag" is the Tuesday of that week.
        let op = usize::from(matches!(self.text.word(to), "op" | "on" | "am"));
        if let Some(day) = weekday(self.text.word(to + op)).filter(|_| unit.starts_with('w')) {
            return Some((at, to + op + 1, in_week(date, day)?, false));
        }
        Some((at, to, date, false))
    }
}
