//! Amounts of money, exact, in whatever currency the provider's prices are written in.

use std::fmt;
use std::str::FromStr;

/// Parts of one unit. A price is for a million tokens and has [`DECIMALS`] decimals at most, so one token's price is whole.
const PARTS: u128 = 1_000_000_000_000;

/// Tokens that a price is for.
const TOKENS_PER_PRICE: u128 = 1_000_000;

/// Digits an amount may have after its point.
const DECIMALS: usize = 6;

/// Digits an amount may have before its point.
const DIGITS: usize = 9;

/// An amount of money, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(u128);

/// Text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write an amount as a decimal number without a currency: 5, 2.50 or 0.15")]
pub struct InvalidAmount;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many whole units.
    pub(crate) const fn whole(units: u32) -> Self {
        Self(units as u128 * PARTS)
    }

    /// What so many tokens cost at this price for a million of them.
    #[must_use]
    pub fn for_tokens(self, tokens: u64) -> Self {
        Self((self.0 / TOKENS_PER_PRICE).saturating_mul(u128::from(tokens)))
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left without the other; nothing when that is more.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// As metrics show it.
    #[expect(clippy::cast_precision_loss, reason = "a metric is read by people, sums are kept exactly")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / PARTS as f64
    }
}

impl FromStr for Amount {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let (whole, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let is_number = |part: &str, longest| {
            (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_number(whole, DIGITS) || !is_number(decimals, DECIMALS) {
            return Err(InvalidAmount);
        }
        let whole: u128 = whole.parse().map_err(|_| InvalidAmount)?;
        let parts: u128 = format!("{decimals:0<12}").parse().map_err(|_| InvalidAmount)?;
        Ok(Self(whole * PARTS + parts))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:012}", self.0 % PARTS);
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{}", self.0 / PARTS),
            decimals => write!(f, "{}.{decimals}", self.0 / PARTS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_read_and_written_alike() {
        for text in ["0", "5", "2.5", "0.15", "0.000001", "999999999.999999"] {
            assert_eq!(amount(text).to_string(), text);
        }
        assert_eq!(amount("2.50"), amount("2.5"));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "5.", ".5", "-1", "1e3", "€5", "5,00", "0.0000001", "1234567890", "1.2.3", "+1"]
        {
            assert_eq!(text.parse::<Amount>(), Err(InvalidAmount), "{text}");
        }
    }

    #[test]
    fn tokens_cost_exactly_their_part_of_the_price_of_a_million() {
        assert_eq!(amount("0.15").for_tokens(1_000_000), amount("0.15"));
        assert_eq!(amount("0.15").for_tokens(1).to_string(), "0.00000015");
        assert_eq!(amount("10").for_tokens(500_000).plus(Amount::ZERO).minus(amount("9")), Amount::ZERO);
    }
}
