//! Prices and monthly payments.

use super::{Amount, Kind, Limit, Reading};
use crate::reading::amount_words::{EURO, MONTH, OTHER_MONEY};
use crate::reading::numbers;
use crate::reading::text::Gap;
use crate::reading::words::{Role, is};

impl Reading<'_, '_> {
    fn is_euro(&self) -> bool {
        self.text.gap(self.number.from).has(Gap::EURO)
            || EURO.contains(&self.number.suffix)
            || (self.number.suffix == "e" && self.number.value >= 100.0)
            || EURO.contains(self.word_after(0))
            || self.text.gap(self.number.to).has(Gap::EURO)
            || is(Role::Amounts, self.text.before(self.number.from, 1), "currency")
    }

    pub(super) fn other_money(&self) -> bool {
        self.is_euro() || self.number.thousands
    }

    fn monthly(&self) -> bool {
        let number = self.number;
        let near = |word: &str| MONTH.contains(word);
        let after = (0..4).any(|offset| {
            near(self.word_after(offset))
                && !(self.word_after(offset) == "pm" && !self.is_euro() && number.value <= 12.0)
        });
        let p_m = self.word_after(0) == "p" && self.word_after(1) == "m"
            || self.word_after(1) == "p" && self.word_after(2) == "m";
        let sentence = self.text.tokens[number.from].sentence;
        let near_month = self.months.partition_point(|month| month + 1 < sentence);
        let around = self.months.get(near_month).is_some_and(|month| *month <= sentence + 1);
        let lasting = is(Role::Amounts, self.word_after(0), "months");
        (after || p_m || around) && !lasting && number.value < 3000.0 && !number.thousands
    }

    pub(super) fn money(&self) -> Option<Amount> {
        let number = self.number;
        let suffix = number.suffix.as_str();
        if !(suffix.is_empty() || EURO.contains(suffix) || suffix == "e") {
            return None;
        }
        let (mut limit, limited) = self.limit();
        let (first, second) = self.pair();
        let mut value = number.value;
        // "tussen 10 en 15 mille": the first takes the second's thousands.
        if first && value < 1000.0 && self.next.is_some_and(|next| next.thousands) {
            value *= 1000.0;
        }
        if first {
            limit = Limit::Least;
        } else if second {
            limit = Limit::Most;
        }
        let back_other = (1..=5).any(|back| {
            number.from >= back
                && OTHER_MONEY.contains(self.text.before(number.from, back))
                && self.text.same_clause(number.from - back, number.from)
        });
        let after_other = (0..4).any(|offset| {
            OTHER_MONEY.contains(self.word_after(offset))
                && self
                    .text
                    .same_clause(number.from, (number.to + offset).min(self.text.len().saturating_sub(1)))
        });
        if back_other || after_other {
            return None;
        }
        let euro = self.is_euro() || number.thousands;
        let unit = usize::from(EURO.contains(self.word_after(0)));
        let to = number.to + unit;
        if self.monthly() && (50.0..3000.0).contains(&value) && (euro || limited || value >= 100.0) {
            return Some(self.amount(to, Kind::Month, (Limit::Most, limited), numbers::rounded(value)));
        }
        let counted = is(Role::Amounts, self.word_after(0), "counted");
        let plausible = (1000.0..=500_000.0).contains(&value)
            && number.is_whole()
            && !counted
            && (limited || first || second || number.grouped);
        let price = (euro && value >= 500.0) || plausible;
        if !price || (!euro && !number.digits && value < 1000.0) {
            return None;
        }
        Some(self.amount(to, Kind::Price, (limit, limited), numbers::rounded(value)))
    }
}
