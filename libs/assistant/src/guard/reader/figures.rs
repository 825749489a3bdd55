//! Amounts, kilometres, years and every other figure.

use super::super::Violation;
use super::super::lists::LISTS;
use super::super::tokens::Token;
use super::Reading;

/// Signs of money.
const SIGNS: [char; 5] = ['€', '$', '£', '¥', '₿'];

impl Reading<'_, '_> {
    /// Refuses every figure, amount and currency that no fact accounts for.
    pub(super) fn figures(&mut self) -> Result<(), Violation> {
        let mut at = 0;
        // The place whose sign of money belongs to the amount before it.
        let mut signed = None;
        while at < self.tokens.len() {
            if self.free(at) && self.tokens[at].has_digit() {
                at = self.figure(at)?;
                signed = self.followed_by_sign(at).then_some(at);
            } else {
                self.words_of_money(at, signed)?;
                at += 1;
            }
        }
        Ok(())
    }

    /// A number word, or money without a figure.
    fn words_of_money(&self, at: usize, signed: Option<usize>) -> Result<(), Violation> {
        // A sign of money stands right beside the amount it is of.
        if (self.gap(at).contains(SIGNS) && signed != Some(at))
            || (at + 1 == self.tokens.len() && self.gap(at + 1).contains(SIGNS))
        {
            return Err(Violation::Amount(self.word(at).to_owned()));
        }
        if !self.free(at) {
            return Ok(());
        }
        let stands = |list: &super::super::lists::Phrases| list.length_at(&self.tokens, at) > 0;
        if stands(&LISTS.number) {
            return Err(Violation::Figure(self.word(at).to_owned()));
        }
        if stands(&LISTS.euro) || stands(&LISTS.currency) {
            return Err(Violation::Amount(self.word(at).to_owned()));
        }
        Ok(())
    }

    /// The figure at `at`, accounted for; the place behind it.
    fn figure(&mut self, at: usize) -> Result<usize, Violation> {
        let end = self.end_of_figure(at);
        let written = self.written(at, end);
        let unit = end + usize::from(LISTS.euro.has(self.word(end)) || LISTS.distance.has(self.word(end)));
        let Ok(value) = written.parse::<i32>() else { return Err(Violation::Figure(written)) };
        let signed = self.gap(at).contains(SIGNS);
        let money = signed || LISTS.euro.has(self.word(end)) || self.followed_by_sign(end);
        if self.gap(at).contains(['$', '£', '¥', '₿', '%']) || self.gap(end).trim_start().starts_with('%')
        {
            return Err(Violation::Rate(written));
        }
        let grouped = end > at + 1;
        let accounted = if money {
            self.gap(at).matches(SIGNS).count() <= 1 && self.narrow(at, |car| car.price_eur == value)
        } else if LISTS.distance.has(self.word(end)) {
            self.narrow(at, |car| car.mileage_km == value)
                || (self.about_own(at) && self.facts.own_mileages.contains(&value))
        } else if grouped || value > 2_100 {
            self.narrow(at, |car| car.price_eur == value || car.mileage_km == value)
        } else {
            self.numbers_a_line(at, value)
                || self.narrow(at, |car| car.year == value)
                || (self.about_own(at) && self.facts.own_years.contains(&value))
        };
        if !accounted {
            return Err(if money { Violation::Amount(written) } else { Violation::Figure(written) });
        }
        self.paid += usize::from(money);
        self.account(at, unit - at);
        Ok(unit)
    }

    /// Behind the groups of three that belong to the figure at `at`: "66", "100".
    fn end_of_figure(&self, at: usize) -> usize {
        let mut end = at + 1;
        if !self.tokens[at].is_digits() || self.tokens[at].norm.len() > 3 {
            return end;
        }
        while let Some(next) = self.tokens.get(end) {
            let group = next.is_digits() && next.norm.len() == 3;
            if !(group && matches!(next.gap.as_str(), "." | "," | " " | "'" | "’")) {
                break;
            }
            end += 1;
        }
        end
    }

    /// The digits of a figure, a unit glued to it taken off.
    fn written(&self, at: usize, end: usize) -> String {
        let digits: String = self.tokens[at..end].iter().map(|token| token.norm.as_str()).collect();
        let bare = digits.strip_suffix("km").or_else(|| digits.strip_suffix("eur")).unwrap_or(&digits);
        bare.to_owned()
    }

    fn followed_by_sign(&self, end: usize) -> bool {
        let gap = self.gap(end);
        // In "€ 17.450, € 16.450" the second sign is of the second amount.
        gap.trim_start().starts_with('€')
            && gap.matches(SIGNS).count() == 1
            && !self.tokens.get(end).is_some_and(Token::has_digit)
    }

    /// "1." before the first of a list.
    fn numbers_a_line(&self, at: usize, value: i32) -> bool {
        let listed = i32::try_from(self.facts.listed).unwrap_or(i32::MAX);
        at == 0
            && self.gap(1).starts_with(['.', ')'])
            && (1..=listed).contains(&value)
            && self.tokens.len() > 1
    }
}
