//! Years of build, said outright or as an age.

use jiff::Zoned;

use super::{Amount, Kind, Limit, Reading};
use crate::reading::amount_words::{DISTANCE, EURO, MONTH, YEAR_BEFORE};
use crate::reading::text::{Gap, Mark};
use crate::reading::words::{Role, is};

impl Reading<'_, '_> {
    /// "max 5 jaar oud", "niet ouder dan 4 jaar", "jonger dan 3 jaar".
    pub(super) fn age(&self, at: &Zoned) -> Option<Amount> {
        let number = self.number;
        let unit = self.word_after(0);
        if !number.is_whole() || !(1.0..=30.0).contains(&number.value) || !is(Role::Amounts, unit, "years") {
            return None;
        }
        let old = is(Role::Amounts, self.word_after(1), "old");
        let compared =
            (1..=5).any(|back| is(Role::Amounts, self.text.before(number.from, back), "compares_age"));
        if !(old || compared) {
            return None;
        }
        let year = i32::from(at.year()) - number.whole();
        let older_wanted =
            (1..=3).any(|back| is(Role::Amounts, self.text.before(number.from, back), "at_least"));
        let limit = if older_wanted { Limit::Most } else { Limit::Least };
        Some(self.amount(number.to + 1 + usize::from(old), Kind::Year, (limit, true), year))
    }

    pub(super) fn year(&self, at: &Zoned) -> Option<Amount> {
        let number = self.number;
        let written = self.text.word(number.from);
        let this_year = f64::from(at.year());
        let before = self.text.before(number.from, 1);
        let short = written.len() == 2
            && number.digits
            && is(Role::Amounts, before, "build_year")
            && number.value <= 40.0;
        let full = written.len() == 4
            && number.digits
            && number.to == number.from + 1
            && (1980.0..=this_year + 1.0).contains(&number.value);
        if !(short || full)
            || !number.suffix.is_empty()
            || number.grouped
            || self.text.gap(number.from).has(Gap::EURO)
        {
            return None;
        }
        let next = self.word_after(0);
        if EURO.contains(next) || DISTANCE.contains(next) || MONTH.contains(next) {
            return None;
        }
        let value = number.whole() + if short { 2000 } else { 0 };
        let after = (next, self.word_after(1));
        let says = |word: &str, value: &str| is(Role::Amounts, word, value);
        let newer = (says(after.0, "or_and") && says(after.1, "newer")) || says(after.0, "newer_alone");
        let older = says(after.0, "or") && says(after.1, "older_after");
        let cue = |back: usize| self.text.before(number.from, back);
        let cued = |value: &str, most: usize| (1..=most).any(|back| says(cue(back), value));
        let (first, second) = self.pair();
        let limit = if newer || first {
            Limit::Least
        } else if second || older {
            Limit::Most
        } else if cued("older_before", 3) {
            if cued("no", 5) { Limit::Least } else { Limit::Most }
        } else if cued("newer_before", 3) {
            Limit::Least
        } else if cued("older_until", 2) {
            Limit::Most
        } else if cue(1) == "from" && self.word_after(0) == "onwards" {
            Limit::Least
        } else {
            Limit::Both
        };
        let after_car = number.from > 0 && self.text.tokens[number.from - 1].mark == Mark::Car;
        let near_car = self.text.tokens.iter().any(|token| token.mark == Mark::Car) && number.value > 2000.0;
        let plain = YEAR_BEFORE.contains(before) || limit != Limit::Both || after_car || near_car;
        plain.then(|| self.amount(number.to, Kind::Year, (limit, limit != Limit::Both), value))
    }
}
