//! Who the dealer is: `dealer.toml` and the inventory beside it.
//!
//! The `dealer` library reads what other services read, too, and follows the files as they change ([`LiveDealer`]);
//! this module adds what only the agents need. [`Dealer::builtin`] is the one that is used when none is configured.

mod csv;
mod file;
mod inventory;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ::dealer::{BUILTIN, BUILTIN_INVENTORY, Files};
pub use ::dealer::{BookingRules, DealerConfig, DealerError, Hours, Load, TimeRange};
pub use inventory::{Car, Inventory, Search};

use crate::understanding::{Context, Gazetteer, Language};

/// The dealer as the files last said.
pub type LiveDealer = ::dealer::LiveDealer<Dealer>;

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
    /// Template ids by purpose.
    pub templates: BTreeMap<String, String>,
    /// Overrides of reply texts: language, then name of the text.
    pub texts: BTreeMap<Language, BTreeMap<String, String>>,
    /// Makes and models, the inventory's own included.
    pub gazetteer: Arc<Gazetteer>,
}

impl Load for Dealer {
    fn builtin() -> Self {
        Self::builtin()
    }

    fn load(path: &Path, files: &mut Files) -> Result<Self, DealerError> {
        let settings = file::parse(&path.display().to_string(), &files.read(path)?)?;
        let csv_path = path.with_file_name(&settings.inventory_csv);
        let csv = files.read(&csv_path)?;
        Self::assemble(settings, &csv_path.display().to_string(), &csv)
    }
}

impl Dealer {
    /// Reads a dealer from the text of both files.
    pub fn parse(toml: &str, csv: &str) -> Result<Self, DealerError> {
        let settings = file::parse("dealer.toml", toml)?;
        let csv_name = settings.inventory_csv.clone();
        Self::assemble(settings, &csv_name, csv)
    }

    /// The dealer used when none is configured.
    pub fn builtin() -> Self {
        Self::parse(BUILTIN, BUILTIN_INVENTORY).expect("a test reads the built-in dealer")
    }

    /// What is known before a message to this dealer is read, with so many numbered slots just offered.
    pub fn context(&self, offered_slots: u32) -> Context<'_> {
        Context { offered_slots, gazetteer: &self.gazetteer }
    }

    fn assemble(settings: file::Settings, csv_name: &str, csv: &str) -> Result<Self, DealerError> {
        let inventory = Inventory::new(csv::parse(csv_name, csv)?);
        let names = inventory.cars().iter().map(|car| (car.make.as_str(), car.model.as_str()));
        let gazetteer = Arc::new(Gazetteer::with_cars(names));
        let ::dealer::Dealer { timezone, hours, booking, .. } = settings.shared;
        Ok(Self {
            name: settings.name,
            address: settings.address,
            phone: settings.phone,
            email: settings.email,
            website: settings.website,
            timezone,
            languages: settings.languages,
            hours,
            booking,
            inventory,
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
        let shared = ::dealer::Dealer::builtin();
        assert_eq!((&dealer.timezone, &dealer.hours), (&shared.timezone, &shared.hours));
        assert_eq!(dealer.booking, shared.booking);
        assert!(dealer.hours.on(jiff::civil::date(2026, 12, 25)).is_empty());
        assert!(!dealer.hours.on(jiff::civil::date(2026, 12, 24)).is_empty());
    }

    #[test]
    fn a_language_the_dealer_does_not_speak_is_answered_in_its_first() {
        let toml = BUILTIN.replace(r#"["nl", "en", "de"]"#, r#"["nl", "de"]"#);
        let dealer = Dealer::parse(&toml, BUILTIN_INVENTORY).unwrap();
        assert_eq!(dealer.answer_in(Language::En), Language::Nl);
        assert_eq!(dealer.answer_in(Language::De), Language::De);
    }

    #[tokio::test(start_paused = true)]
    async fn a_changed_inventory_is_for_sale_without_a_restart_and_a_wrong_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (toml, csv) = (folder.path().join("dealer.toml"), folder.path().join("inventory.csv"));
        std::fs::write(&toml, BUILTIN).unwrap();
        std::fs::write(&csv, BUILTIN_INVENTORY).unwrap();
        let live = LiveDealer::open(&DealerConfig { dealer_config: Some(toml.clone()) }).unwrap();
        let at_the_start_of_a_turn = live.now();
        let stop = lifecycle::Stop::new();
        let following = tokio::spawn(live.clone().follow(stop.clone()));
        let looked = || tokio::time::sleep(std::time::Duration::from_secs(5));

        let more = "x1,Spyker,Venator,,2013,1000,95000,petrol,automatic,coupe,black,,\n";
        std::fs::write(&csv, format!("{BUILTIN_INVENTORY}{more}")).unwrap();
        looked().await;
        assert_eq!(live.now().inventory.get("x1").unwrap().model, "Venator");
        assert!(
            at_the_start_of_a_turn.inventory.get("x1").is_none(),
            "a turn keeps the dealer it began with"
        );
        let now = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        let read = crate::understanding::analyze("heb je een venator?", &now, &live.now().context(0));
        assert_eq!(read.entities.make.as_deref(), Some("Spyker"));

        std::fs::write(&csv, "id,make\n").unwrap();
        looked().await;
        assert!(live.now().inventory.get("x1").is_some());
        std::fs::write(&csv, BUILTIN_INVENTORY).unwrap();
        std::fs::write(&toml, BUILTIN.replace("Seldenrijk Auto", "Auto Harderwijk")).unwrap();
        looked().await;
        assert_eq!(live.now().name, "Auto Harderwijk");
        stop.request();
        following.await.unwrap();
    }
}
