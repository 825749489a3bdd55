//! Money, mileage and years named in a message.

mod money;
mod years;

use jiff::Zoned;

use super::amount_words::{DISTANCE, EURO, LEAST, MONTH, MOST};
use super::numbers::Number;
use super::text::{Gap, Mark, Text, Token};
use super::words::{Role, is};

/// What a figure limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    Most,
    Least,
    /// Exactly this (a year).
    Both,
}

/// What a figure is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Price,
    Month,
    Mileage,
    Year,
}

/// A limit named in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    pub from: usize,
    pub to: usize,
    pub kind: Kind,
    pub limit: Limit,
    pub value: i32,
    /// Said with a word such as "max" or "vanaf".
    pub limited: bool,
}

/// More figures than this in one message are a table, and no wish.
const MOST_NUMBERS: usize = 40;

/// Every amount named; their tokens are marked.
pub(super) fn find(text: &mut Text<'_>, numbers: &[Number], at: &Zoned) -> Vec<Amount> {
    let mut found = Vec::new();
    let of_months = |token: &&Token| MONTH.contains(&token.norm) && token.norm != "pm";
    let months: Vec<usize> = text.tokens.iter().filter(of_months).map(|token| token.sentence).collect();
    for (index, number) in numbers.iter().enumerate().take(MOST_NUMBERS) {
        if (number.from..number.to).any(|token| !text.free(token)) {
            continue;
        }
        let reading = Reading {
            text,
            number,
            months: &months,
            next: numbers.get(index + 1),
            before: index.checked_sub(1).and_then(|b| numbers.get(b)),
        };
        let amount = reading
            .mileage()
            .or_else(|| reading.age(at))
            .or_else(|| reading.year(at))
            .or_else(|| reading.money());
        if let Some(amount) = amount {
            let mark = match amount.kind {
                Kind::Price | Kind::Month => Mark::Money,
                Kind::Mileage => Mark::Distance,
                Kind::Year => Mark::Year,
            };
            text.mark(amount.from, amount.to, mark);
            found.push(amount);
        } else if reading.other_money() {
            text.mark(number.from, number.to, Mark::Money);
        }
    }
    found.extend(tons(text));
    found
}

/// "onder de ton", "een halve ton".
fn tons(text: &mut Text<'_>) -> Option<Amount> {
    let at = text
        .tokens
        .iter()
        .position(|token| is(Role::Amounts, token.norm.as_str(), "ton") && token.mark == Mark::None)?;
    let before = text.before(at, 1);
    let said = [("half_a_ton", 50_000), ("ton_and_a_half", 150_000), ("two_tons", 200_000)];
    let said = said.into_iter().find(|(words, _)| is(Role::Amounts, before, words));
    let (value, from) = match said {
        Some((_, value)) => (value, at - 1),
        None if before == "2" => (200_000, at - 1),
        None => (100_000, at),
    };
    let limited = (1..=5).any(|back| MOST.contains(text.before(at, back)));
    text.mark(from, at + 1, Mark::Distance);
    Some(Amount { from, to: at + 1, kind: Kind::Mileage, limit: Limit::Most, value, limited })
}

struct Reading<'a, 't> {
    text: &'a Text<'t>,
    number: &'a Number,
    /// The sentences that speak of months, in order.
    months: &'a [usize],
    next: Option<&'a Number>,
    before: Option<&'a Number>,
}

impl Reading<'_, '_> {
    fn word_after(&self, offset: usize) -> &str {
        if self.text.gap(self.number.to + offset).has(Gap::STOP)
            && offset == 0
            && !self.text.gap(self.number.to).has(Gap::DOT)
        {
            return "";
        }
        self.text.word(self.number.to + offset)
    }

    /// The nearest limiting word before the number, in its clause.
    fn limit(&self) -> (Limit, bool) {
        let from = self.number.from;
        if self.text.gap(from).has(Gap::LESS) {
            return (Limit::Most, true);
        }
        let mut least = false;
        for back in 1..=6 {
            let Some(at) = from.checked_sub(back) else { break };
            let gap = self.text.gap(at + 1);
            if gap.has(Gap::STOP) && !gap.has(Gap::DOT) {
                break;
            }
            if self.text.tokens[at].is_number() {
                break;
            }
            let word = self.text.word(at);
            let negated = (1..=3).any(|back| is(Role::Amounts, self.text.before(at, back), "negates"))
                || self.spends_no_more(at);
            if is(Role::Amounts, word, "above") && back <= 3 {
                return (if negated { Limit::Most } else { Limit::Least }, true);
            }
            if is(Role::Amounts, word, "below") && negated && back <= 2 {
                return (Limit::Least, true);
            }
            if LEAST.contains(word) && back <= 4 {
                least = true;
                break;
            }
            if MOST.contains(word) {
                return (Limit::Most, true);
            }
        }
        if least {
            return (Limit::Least, true);
        }
        let after = (self.word_after(0), self.word_after(1));
        if is(Role::Amounts, after.0, "most_after")
            || (is(Role::Amounts, after.0, "or") && is(Role::Amounts, after.1, "below"))
        {
            return (Limit::Most, true);
        }
        (Limit::Most, false)
    }

    /// "I don't want to spend more than 16k", "mehr als 13.000 will ich nicht ausgeben": denied further off in the clause.
    fn spends_no_more(&self, above: usize) -> bool {
        const FAR: usize = 6;
        let before = above.saturating_sub(FAR)..above;
        let after = self.number.to..(self.number.to + FAR).min(self.text.len());
        let near = |at: usize| self.text.same_clause(at.min(self.number.from), at.max(self.number.from));
        let says = |words: std::ops::Range<usize>, value: &str| {
            words.into_iter().any(|at| near(at) && is(Role::Amounts, self.text.word(at), value))
        };
        let denied = says(before.clone(), "denies") || says(after.clone(), "denies");
        denied && (says(before, "spends") || says(after, "spends"))
    }

    /// Whether this is the first of a pair ("tussen 10 en 15 mille") or the second.
    fn pair(&self) -> (bool, bool) {
        let link = |first: &Number, second: &Number| {
            second.from == first.to && self.text.gap(second.from).is(Gap::HYPHEN)
                || (second.from <= first.to + 3
                    && self.text.same_sentence(first.from, second.from)
                    && (first.to..second.from).any(|at| is(Role::Amounts, self.text.word(at), "joins"))
                    && (first.to..second.from).all(|at| {
                        let word = self.text.word(at);
                        is(Role::Amounts, word, "joins_loosely")
                            || EURO.contains(word)
                            || DISTANCE.contains(word)
                    }))
        };
        let introduced = |number: &Number| {
            (1..=3).any(|back| is(Role::Amounts, self.text.before(number.from, back), "between"))
        };
        let first = self.next.is_some_and(|next| {
            link(self.number, next)
                && (introduced(self.number)
                    || self.text.gap(next.from).is(Gap::HYPHEN)
                    || is(Role::Amounts, self.text.word(next.from - 1), "until"))
        });
        let second = self.before.is_some_and(|before| {
            link(before, self.number)
                && (introduced(before)
                    || self.text.gap(self.number.from).is(Gap::HYPHEN)
                    || is(Role::Amounts, self.text.word(self.number.from - 1), "until"))
        });
        (first, second)
    }

    fn amount(&self, to: usize, kind: Kind, limit: (Limit, bool), value: i32) -> Amount {
        Amount { from: self.number.from, to, kind, limit: limit.0, value, limited: limit.1 }
    }

    /// "Kilometerstand max 60.000"; but neither "niet te veel kilometers, tot € 18.000" nor "weinig kilometers, max 15.000".
    fn dial_before(&self) -> bool {
        const FAR: usize = 4;
        let from = self.number.from;
        let dial = |back: &usize| is(Role::Amounts, self.text.before(from, *back), "dial");
        let euro = self.text.gap(from).has(Gap::EURO) || EURO.contains(self.word_after(0));
        let vague = |back: usize| is(Role::Amounts, self.text.before(from, back + 1), "vague");
        !euro && (1..=FAR).find(dial).is_some_and(|back| !vague(back))
    }

    fn mileage(&self) -> Option<Amount> {
        let number = self.number;
        let suffix = number.suffix.as_str();
        let next = self.word_after(0);
        let unit = is(Role::Amounts, suffix, "kilometres") || (suffix.is_empty() && DISTANCE.contains(next));
        // "max 60k op de teller"
        let last = self.text.len().saturating_sub(1);
        let dial = (0..4).any(|offset| {
            self.text.same_clause(number.from, (number.to + offset).min(last))
                && is(Role::Amounts, self.word_after(offset), "dial_after")
        }) || self.dial_before();
        let on_dial = dial && number.value >= 1000.0;
        if !unit && !on_dial {
            return None;
        }
        let mut value = number.value;
        if matches!(suffix, "tkm") || next == "tkm" || next == "dkm" {
            value *= 1000.0;
        }
        if value < 1000.0 {
            return None;
        }
        let to = number.to + usize::from(suffix.is_empty() && DISTANCE.contains(next));
        // So much is driven a year: no limit to what a car has run.
        let (next, further) = (self.text.word(to), self.text.word(to + 1));
        let yearly = (is(Role::Amounts, next, "per") && is(Role::Amounts, further, "year"))
            || is(Role::Amounts, next, "yearly");
        if yearly {
            return None;
        }
        let (limit, limited) = self.limit();
        let limit = if self.pair().0 { Limit::Least } else { limit };
        Some(self.amount(to, Kind::Mileage, (limit, limited), super::numbers::rounded(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(text: &str) -> Vec<(Kind, Limit, i32)> {
        let at: Zoned = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        let mut text = Text::new(text);
        let numbers = super::super::numbers::find(&text);
        find(&mut text, &numbers, &at)
            .into_iter()
            .map(|amount| (amount.kind, amount.limit, amount.value))
            .collect()
    }

    #[test]
    fn few_kilometres_wished_make_no_mileage_of_a_price() {
        for text in [
            "niet te veel kilometers, tot ongeveer € 18.000",
            "met weinig kilometers, max 18.000 euro",
            "liefst niet veel kilometers, tot 18.000",
            "not too many kilometers, up to €18,000",
            "gern wenig Kilometer, bis 18.000 Euro",
            "nicht zu viele Kilometer, bis 18.000",
        ] {
            assert_eq!(amounts(text), [(Kind::Price, Limit::Most, 18_000)], "{text}");
        }
        for text in ["kilometerstand max 60.000", "kilometers tot 60.000", "Laufleistung bis 60.000"] {
            assert_eq!(amounts(text), [(Kind::Mileage, Limit::Most, 60_000)], "{text}");
        }
    }

    #[test]
    fn prices_are_a_maximum_unless_said_otherwise() {
        for (text, expected) in [
            ("max 16k", vec![(Kind::Price, Limit::Most, 16_000)]),
            ("budget 15.000", vec![(Kind::Price, Limit::Most, 15_000)]),
            ("rond 15k", vec![(Kind::Price, Limit::Most, 15_000)]),
            ("vanaf 10.000 euro", vec![(Kind::Price, Limit::Least, 10_000)]),
            (
                "tussen 10 en 15 mille",
                vec![(Kind::Price, Limit::Least, 10_000), (Kind::Price, Limit::Most, 15_000)],
            ),
            ("€12.500,-", vec![(Kind::Price, Limit::Most, 12_500)]),
            ("maximal 14.000 Euro", vec![(Kind::Price, Limit::Most, 14_000)]),
            ("max 300 per maand", vec![(Kind::Month, Limit::Most, 300)]),
            ("3000 euro aanbetaling", vec![]),
        ] {
            assert_eq!(amounts(text), expected, "{text}");
        }
    }

    #[test]
    fn mileage_and_years_have_their_own_limits() {
        for (text, expected) in [
            ("tot 90.000 km", vec![(Kind::Mileage, Limit::Most, 90_000)]),
            ("minder dan 80k km", vec![(Kind::Mileage, Limit::Most, 80_000)]),
            ("onder de ton", vec![(Kind::Mileage, Limit::Most, 100_000)]),
            ("halve ton", vec![(Kind::Mileage, Limit::Most, 50_000)]),
            ("vanaf 2019", vec![(Kind::Year, Limit::Least, 2019)]),
            ("uit 2020", vec![(Kind::Year, Limit::Both, 2020)]),
            ("max 5 jaar oud", vec![(Kind::Year, Limit::Least, 2021)]),
            ("Not older than 4 years", vec![(Kind::Year, Limit::Least, 2022)]),
            ("2018 of nieuwer", vec![(Kind::Year, Limit::Least, 2018)]),
            ("bj 18", vec![(Kind::Year, Limit::Both, 2018)]),
            ("tussen 2017 en 2020", vec![(Kind::Year, Limit::Least, 2017), (Kind::Year, Limit::Most, 2020)]),
        ] {
            assert_eq!(amounts(text), expected, "{text}");
        }
    }
}
