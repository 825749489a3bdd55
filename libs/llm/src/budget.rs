//! What may be spent in a day.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::money::Amount;

/// What tokens cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// A million tokens sent.
    pub input: Amount,
    /// A million tokens received.
    pub output: Amount,
}

impl Prices {
    /// What a call comes to.
    pub fn cost(&self, input_tokens: u64, output_tokens: u64) -> Amount {
        self.input.for_tokens(input_tokens).plus(self.output.for_tokens(output_tokens))
    }
}

/// A ceiling for each day of UTC. Calls reserve what they may cost at most, so that calls side by side stay below it too.
#[derive(Debug)]
pub struct Budget {
    ceiling: Amount,
    today: Mutex<Day>,
}

#[derive(Debug, Default)]
struct Day {
    date: Option<Date>,
    /// Spent and reserved.
    taken: Amount,
    /// Whether it was told that nothing is left.
    told: bool,
}

/// Money set aside for one call.
#[derive(Debug)]
#[must_use = "what is not settled counts as spent"]
pub struct Reserved {
    date: Date,
    amount: Amount,
}

/// Nothing is left of the day's budget.
#[derive(Debug, PartialEq, Eq)]
pub struct Spent {
    /// Nobody was told yet today.
    pub first: bool,
}

impl Budget {
    /// A budget of so much a day.
    pub fn new(ceiling: Amount) -> Self {
        Self { ceiling, today: Mutex::default() }
    }

    /// What may be spent in a day.
    pub const fn ceiling(&self) -> Amount {
        self.ceiling
    }

    /// Sets money aside for a call at `now`.
    pub fn reserve(&self, amount: Amount, now: Timestamp) -> Result<Reserved, Spent> {
        let date = now.to_zoned(TimeZone::UTC).date();
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        // A turn that began before midnight does not bring yesterday back.
        if today.date.is_none_or(|known| date > known) {
            *today = Day { date: Some(date), ..Day::default() };
        }
        let taken = today.taken.plus(amount);
        if taken > self.ceiling {
            let first = !today.told;
            today.told = true;
            return Err(Spent { first });
        }
        today.taken = taken;
        Ok(Reserved { date: today.date.unwrap_or(date), amount })
    }

    /// Puts back what a call did not cost.
    pub fn settle(&self, reserved: &Reserved, cost: Amount) {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        if today.date == Some(reserved.date) {
            today.taken = today.taken.minus(reserved.amount).plus(cost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn calls_side_by_side_stay_below_the_ceiling() {
        let budget = Budget::new(amount("1"));
        let now = at("2026-03-11T10:00:00Z");
        let first = budget.reserve(amount("0.6"), now).unwrap();
        assert_eq!(budget.reserve(amount("0.6"), now).unwrap_err(), Spent { first: true });
        assert_eq!(budget.reserve(amount("0.6"), now).unwrap_err(), Spent { first: false });
        budget.settle(&first, amount("0.1"));
        assert!(budget.reserve(amount("0.6"), now).is_ok());
    }

    #[test]
    fn midnight_utc_begins_anew() {
        let budget = Budget::new(amount("1"));
        let evening = budget.reserve(amount("1"), at("2026-03-11T23:59:59Z")).unwrap();
        assert!(budget.reserve(amount("0.1"), at("2026-03-11T23:59:59Z")).is_err());
        let _morning = budget.reserve(amount("1"), at("2026-03-12T00:00:00Z")).unwrap();
        budget.settle(&evening, Amount::ZERO);
        assert!(
            budget.reserve(amount("0.1"), at("2026-03-12T00:00:01Z")).is_err(),
            "yesterday's money is not today's"
        );
        assert!(
            budget.reserve(amount("0.1"), at("2026-03-11T23:59:59Z")).is_err(),
            "nor does a late turn go back"
        );
    }
}
