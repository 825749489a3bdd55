//! The dealer's files: what several services read of `dealer.toml` (time zone, opening hours, booking rules,
//! scoring), and how a service follows the files as they change.
//!
//! [`DealerConfig`] is the setting that names the file, [`LiveDealer`] the dealer as it stands now, [`Dealer`] the
//! shared content. A service that reads further sections, or files beside it, implements [`Load`] for its own type:
//! it takes the shared part from [`Dealer::parse`] and says what is wrong with the rest by [`Source`].

mod error;
mod file;
mod hours;
mod live;
mod scoring;

pub use error::{DealerError, Source};
pub use hours::{Hours, TimeRange};
pub use live::{DealerConfig, Files, LiveDealer, Load};
pub use scoring::Scoring;

/// The `dealer.toml` of the dealer used when none is configured, whole.
pub const BUILTIN: &str = include_str!("../builtin/dealer.toml");

/// The inventory that [`BUILTIN`] names.
pub const BUILTIN_INVENTORY: &str = include_str!("../builtin/inventory.csv");

/// The shared part of a dealer's configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Dealer {
    /// Where the dealer's clock stands.
    pub timezone: jiff::tz::TimeZone,
    /// Opening hours.
    pub hours: Hours,
    /// How appointments are made.
    pub booking: BookingRules,
    /// How leads are scored.
    pub scoring: Scoring,
}

/// How appointments are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookingRules {
    /// Length of a slot in minutes, 10 to 480.
    pub slot_minutes: u32,
    /// How many days ahead slots are offered, 1 to 365; the last day counts whole.
    pub horizon_days: u32,
    /// A slot starts at least so many minutes from now, 0 to 20,160 (two weeks).
    pub lead_time_minutes: u32,
}

impl Default for BookingRules {
    /// An hour each, two weeks ahead, an hour's notice.
    fn default() -> Self {
        Self { slot_minutes: 60, horizon_days: 14, lead_time_minutes: 60 }
    }
}

impl Dealer {
    /// The shared part of [`BUILTIN`]: Amsterdam time, Monday to Saturday 09:00-12:00 and 13:00-18:00, closed on
    /// Sunday and Christmas Day 2026.
    pub fn builtin() -> Self {
        Self::parse("built-in dealer.toml", BUILTIN).expect("a test reads the built-in dealer")
    }

    /// Reads the text of a `dealer.toml`; `name` is the file's name in errors.
    pub fn parse(name: &str, text: &str) -> Result<Self, DealerError> {
        file::parse(name, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_dealer_has_the_hours_of_the_contract() {
        let dealer = Dealer::builtin();
        assert_eq!(dealer.timezone.iana_name(), Some("Europe/Amsterdam"));
        assert_eq!(dealer.booking, BookingRules::default());
        assert_eq!(dealer.scoring, Scoring::default());
        let saturday = dealer.hours.on(jiff::civil::date(2026, 3, 14));
        assert_eq!(
            saturday.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["09:00-12:00", "13:00-18:00"]
        );
        assert!(dealer.hours.on(jiff::civil::date(2026, 3, 15)).is_empty(), "sunday");
        assert!(dealer.hours.on(jiff::civil::date(2026, 12, 25)).is_empty(), "christmas, a friday");
    }
}
