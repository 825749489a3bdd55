//! Years of build, said outright or as an age.

use jiff::Zoned;

use super::{Amount, Kind, Limit, Reading};
use crate::reading::amount_words::{DISTANCE, EURO, MONTH, YEAR_BEFORE};
use crate::reading::text::{Gap, Mark};

impl Reading<'_, '_> {
    /// "max 5 jaar oud", "niet ouder dan 4 jaar", "jonger dan 3 jaar".
    pub(super) fn age(&self, at: &Zoned) -> Option<Amount> {
        let number = self.number;
        let unit = self.word_after(0);
        if !number.is_whole()
            || !(1.0..=30.0).contains(&number.value)
            || !matches!(
                unit,
                "jaar" | "jaartjes" | "years" | "year" | "yrs" | "jahre" | "jahr" | "jahren" | "jr"
            )
        {
            return None;
        }
        let old = matches!(self.word_after(1), "oud" | "old" | "alt" | "jong" | "oude");
        let compared = (1..=5).any(|back| {
            matches!(
                self.text.before(number.from, back),
                "ouder"
                    | "jonger"
                    | "older"
                    | "younger"
                    | "newer"
                    | "alter"
                    | "aelter"
                    | "junger"
                    | "nieuwer"
                    | "juenger"
            )
        });
        if !(old || compared) {
            return None;
        }
        let year = i32::from(at.year()) - number.whole();
        let older_wanted = (1..=3).any(|back| {
            matches!(self.text.before(number.from, back), "minimaal" | "minstens" | "mindestens" | "least")
        });
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
            && matches!(before, "bj" | "bouwjaar" | "baujahr" | "ez")
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
        if EURO.contains(&next) || DISTANCE.contains(next) || MONTH.contains(next) {
            return None;
        }
        let value = number.whole() + if short { 2000 } else { 0 };
        let after = (next, self.word_after(1));
        let newer = matches!(
            after,
            (
                "of" | "or" | "oder" | "en" | "and" | "und",
                "nieuwer"
                    | "jonger"
                    | "later"
                    | "newer"
                    | "younger"
                    | "neuer"
                    | "junger"
                    | "juenger"
                    | "spater"
                    | "hoger"
                    | "up"
                    | "recenter"
                    | "above"
                    | "hoher"
            ) | ("nieuwer" | "newer" | "onwards" | "plus" | "onward" | "upwards", _)
        );
        let older = matches!(after, ("of" | "or" | "oder", "ouder" | "older" | "alter" | "eerder"));
        let cue = |back: usize| self.text.before(number.from, back);
        let cued = |words: &[&str], most: usize| (1..=most).any(|back| words.contains(&cue(back)));
        let (first, second) = self.pair();
        let limit = if newer || first {
            Limit::Least
        } else if second || older {
            Limit::Most
        } else if cued(&["ouder", "older", "alter"], 3) {
            if cued(&["niet", "not", "nicht", "geen", "no", "kein"], 5) { Limit::Least } else { Limit::Most }
        } else if cued(
            &[
                "vanaf",
                "ab",
                "na",
                "after",
                "nach",
                "minimaal",
                "min",
                "minstens",
                "mindestens",
                "jonger",
                "newer",
                "nieuwer",
                "least",
                "since",
                "sinds",
                "starting",
            ],
            3,
        ) {
            Limit::Least
        } else if cued(&["tot", "voor", "before", "vor", "until", "bis", "max", "maximaal"], 2) {
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
