//! Who the dealer is: `dealer.toml` and the inventory beside it, read by one parser into one type, and followed as
//! they change.
//!
//! - [`Dealer`] is everything both files say: name and address, opening [`Hours`], [`BookingRules`], [`Scoring`], the
//!   [`Inventory`] of [`Car`]s, answers to everyday questions by [`PracticalTopic`], templates, reply texts of his own.
//!   [`Dealer::bookable_slots`] says when appointments can start.
//!   [`Dealer::builtin`] is the one used when none is configured; `builtin/dealer.toml` is the file to begin from.
//! - [`DealerConfig`] is the setting that names the file, [`LiveDealer`] the dealer as the files last said. Whoever
//!   answers a request takes [`LiveDealer::now`] once and keeps it to the end.
//! - [`DealerError`] names the file, the line and the field, and says what would be right. An unknown section, key,
//!   topic or language is an error. Which reply texts there are is known to whoever words replies: that is a
//!   [`TextCheck`], given to [`LiveDealer::open`].
//!
//! Every service reads the whole of both files, so that a wrong one is refused everywhere alike.

mod csv;
mod error;
mod file;
mod hours;
mod inventory;
mod language;
mod live;
mod practical;
mod scoring;
mod slots;

use std::collections::BTreeMap;

pub(crate) use error::Source;
pub use error::{DealerError, UnknownWord};
pub use hours::{Hours, TimeRange};
pub use inventory::{Car, Inventory};
pub use language::Language;
pub use live::{DealerConfig, LiveDealer};
pub use practical::{Practical, PracticalTopic};
pub use scoring::Scoring;
pub use slots::{NoSlot, Slot};

/// The `dealer.toml` of the dealer used when none is configured.
pub const BUILTIN: &str = include_str!("../builtin/dealer.toml");

/// The inventory that [`BUILTIN`] names.
pub const BUILTIN_INVENTORY: &str = include_str!("../builtin/inventory.csv");

/// Whether a text of `[texts]` may stand in for the one called so (name, then text); else what is wrong with it.
pub type TextCheck = fn(&str, &str) -> Result<(), String>;

/// A dealer as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Dealer {
    /// Trade name.
    pub name: String,
    /// Street, number and town.
    pub address: String,
    /// Telephone number for customers.
    pub phone: Option<String>,
    /// E-mail address for customers.
    pub email: Option<String>,
    /// Web site.
    pub website: Option<String>,
    /// Where the dealer's clock stands.
    pub timezone: jiff::tz::TimeZone,
    /// Languages replies may be written in, the preferred first; never empty.
    pub languages: Vec<Language>,
    /// Opening hours.
    pub hours: Hours,
    /// How appointments are made.
    pub booking: BookingRules,
    /// How leads are scored.
    pub scoring: Scoring,
    /// The cars for sale.
    pub inventory: Inventory,
    /// Answers to everyday questions; a topic that is missing is for a colleague.
    pub practical: BTreeMap<PracticalTopic, BTreeMap<Language, String>>,
    /// Template ids by purpose.
    pub templates: BTreeMap<String, String>,
    /// Overrides of reply texts: language, then name of the text.
    pub texts: BTreeMap<Language, BTreeMap<String, String>>,
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
    /// The dealer used when none is configured, [`BUILTIN`].
    pub fn builtin() -> Self {
        Self::parse(BUILTIN, BUILTIN_INVENTORY).expect("a test reads the built-in dealer")
    }

    /// Reads a dealer from the text of both files; any name of a reply text will do.
    pub fn parse(toml: &str, csv: &str) -> Result<Self, DealerError> {
        let (mut dealer, csv_name) = file::parse("dealer.toml", toml, None)?;
        dealer.inventory = Inventory::new(csv::parse(&csv_name, csv)?);
        Ok(dealer)
    }

    /// The dealer of the configured files, else the built-in one.
    pub fn configured(config: &DealerConfig, check: Option<TextCheck>) -> Result<Self, DealerError> {
        live::configured(config, check)
    }

    /// The language to answer in: the customer's where the dealer speaks it, else the dealer's first.
    pub fn answer_in(&self, language: Language) -> Language {
        if self.languages.contains(&language) {
            language
        } else {
            self.languages.first().copied().unwrap_or_default()
        }
    }

    /// The dealer's answer on a topic in this language; `None` where he wrote none, and a colleague must be asked.
    pub fn practical(&self, topic: PracticalTopic, language: Language) -> Option<Practical<'_>> {
        let written = self.practical.get(&topic)?.get(&language)?;
        Some(match written.trim_end().strip_suffix(Practical::COLLEAGUE) {
            Some(text) => Practical { text: text.trim_end(), colleague: true },
            None => Practical { text: written, colleague: false },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_dealer_reads_and_has_some_thirty_cars() {
        let dealer = Dealer::builtin();
        assert_eq!(dealer.name, "Seldenrijk Auto");
        assert!((28..=40).contains(&dealer.inventory.cars().len()));
        assert_eq!(dealer.timezone.iana_name(), Some("Europe/Amsterdam"));
        assert_eq!((dealer.booking, &dealer.scoring), (BookingRules::default(), &Scoring::default()));
        let saturday = dealer.hours.on(jiff::civil::date(2026, 3, 14));
        assert_eq!(
            saturday.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["09:00-12:00", "13:00-18:00"]
        );
        assert!(dealer.hours.on(jiff::civil::date(2026, 3, 15)).is_empty(), "sunday");
        assert!(dealer.hours.on(jiff::civil::date(2026, 12, 25)).is_empty(), "christmas, a friday");
        assert!(!dealer.hours.on(jiff::civil::date(2026, 12, 24)).is_empty());
    }

    #[test]
    fn the_builtin_dealer_answers_each_of_its_topics_in_every_language() {
        let dealer = Dealer::builtin();
        assert!(dealer.practical(PracticalTopic::Licence, Language::Nl).is_some());
        for (topic, texts) in &dealer.practical {
            assert_eq!(texts.len(), Language::ALL.len(), "{topic}");
        }
    }

    #[test]
    fn a_language_the_dealer_does_not_speak_is_answered_in_its_first() {
        let toml = BUILTIN.replace(r#"["nl", "en", "de"]"#, r#"["nl", "de"]"#);
        let dealer = Dealer::parse(&toml, BUILTIN_INVENTORY).unwrap();
        assert_eq!(dealer.answer_in(Language::En), Language::Nl);
        assert_eq!(dealer.answer_in(Language::De), Language::De);
    }
}
