//! Who the dealer is: `dealer.toml` and the inventory beside it.
//!
//! [`Dealer::load`] reads both, [`Dealer::builtin`] is the one that is used when none is configured.

mod calendar;
mod csv;
mod file;
mod inventory;
mod source;

use std::collections::BTreeMap;
use std::path::Path;

pub use calendar::{BookingRules, Hours, TimeRange};
pub use inventory::{Car, Inventory, Search};
pub use source::DealerError;

use crate::understanding::{Gazetteer, Language};

const BUILTIN_TOML: &str = include_str!("../../dealer/dealer.toml");
const BUILTIN_CSV: &str = include_str!("../../dealer/inventory.csv");

/// Points per signal and the thresholds of a lead's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoring {
    /// Points by signal name: car, budget, urgency, `test_drive`, `trade_in`, `contact_details`, financing.
    pub points: BTreeMap<String, u32>,
    /// This many points and more are HOT.
    pub hot: u32,
    /// This many points and more are WARM.
    pub warm: u32,
}

impl Default for Scoring {
    fn default() -> Self {
        let points = [
            ("car", 30),
            ("budget", 20),
            ("urgency", 20),
            ("test_drive", 20),
            ("trade_in", 15),
            ("contact_details", 10),
            ("financing", 10),
        ];
        Self { points: points.map(|(name, value)| (name.to_owned(), value)).into(), hot: 80, warm: 40 }
    }
}

/// A dealer as configured.
#[derive(Debug, Clone)]
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
    /// Languages replies may be written in, the preferred first.
    pub languages: Vec<Language>,
    /// Opening hours.
    pub hours: Hours,
    /// How appointments are made.
    pub booking: BookingRules,
    /// The cars for sale.
    pub inventory: Inventory,
    /// How leads are scored.
    pub scoring: Scoring,
    /// Template ids by purpose.
    pub templates: BTreeMap<String, String>,
    /// Overrides of reply texts: language, then name of the text.
    pub texts: BTreeMap<Language, BTreeMap<String, String>>,
    /// Makes and models, the inventory's own included.
    pub gazetteer: Gazetteer,
}

impl Dealer {
    /// Reads `dealer.toml` at `path` and the inventory it names.
    pub fn load(path: &Path) -> Result<Self, DealerError> {
        let toml = source::read(path)?;
        let name = path.display().to_string();
        let settings = file::parse(&name, &toml)?;
        let csv_path = path.parent().unwrap_or(Path::new(".")).join(&settings.inventory_csv);
        let csv = source::read(&csv_path)?;
        Self::assemble(settings, &csv_path.display().to_string(), &csv)
    }

    /// Reads a dealer from the text of both files.
    pub fn parse(toml: &str, csv: &str) -> Result<Self, DealerError> {
        let settings = file::parse("dealer.toml", toml)?;
        let csv_name = settings.inventory_csv.clone();
        Self::assemble(settings, &csv_name, csv)
    }

    /// The dealer used when none is configured.
    pub fn builtin() -> Self {
        Self::parse(BUILTIN_TOML, BUILTIN_CSV).expect("a test reads the built-in dealer")
    }

    fn assemble(settings: file::Settings, csv_name: &str, csv: &str) -> Result<Self, DealerError> {
        let inventory = Inventory::new(csv::parse(csv_name, csv)?);
        let names = inventory.cars().iter().map(|car| (car.make.as_str(), car.model.as_str()));
        let gazetteer = Gazetteer::with_cars(names);
        Ok(Self {
            name: settings.name,
            address: settings.address,
            phone: settings.phone,
            email: settings.email,
            website: settings.website,
            timezone: settings.timezone,
            languages: settings.languages,
            hours: settings.hours,
            booking: settings.booking,
            inventory,
            scoring: settings.scoring,
            templates: settings.templates,
            texts: settings.texts,
            gazetteer,
        })
    }

    /// The language to answer in: the customer's where the dealer speaks it, else the dealer's first.
    pub fn answer_in(&self, language: Language) -> Language {
        if self.languages.contains(&language) {
            language
        } else {
            self.languages.first().copied().unwrap_or_default()
        }
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
        assert_eq!(dealer.scoring, Scoring::default());
        assert!(dealer.hours.on(jiff::civil::date(2026, 12, 25)).is_empty());
        assert!(!dealer.hours.on(jiff::civil::date(2026, 12, 24)).is_empty());
    }

    #[test]
    fn a_language_the_dealer_does_not_speak_is_answered_in_its_first() {
        let toml = BUILTIN_TOML.replace(r#"["nl", "en", "de"]"#, r#"["nl", "de"]"#);
        let dealer = Dealer::parse(&toml, BUILTIN_CSV).unwrap();
        assert_eq!(dealer.answer_in(Language::En), Language::Nl);
        assert_eq!(dealer.answer_in(Language::De), Language::De);
    }
}
