//! The dealer as the files last said, with what is known of his cars.

use std::sync::{Arc, Mutex, PoisonError};

use assistant::{Knowledge, word};
use dealer::{DealerConfig, DealerError, LiveDealer};
use lifecycle::Stop;

/// A [`LiveDealer`] that makes [`Knowledge`] of each dealer once. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct LiveKnowledge {
    dealer: LiveDealer,
    last: Arc<Mutex<Arc<Knowledge>>>,
}

impl LiveKnowledge {
    /// Reads the configured dealer, whose reply texts are checked.
    pub fn open(config: &DealerConfig) -> Result<Self, DealerError> {
        let dealer = LiveDealer::open(config, Some(word::check_override))?;
        let last = Arc::new(Mutex::new(Arc::new(Knowledge::of(dealer.now()))));
        Ok(Self { dealer, last })
    }

    /// What is known now. A turn takes it once and keeps it.
    pub fn now(&self) -> Arc<Knowledge> {
        let dealer = self.dealer.now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&last.dealer, &dealer) {
            *last = Arc::new(Knowledge::of(dealer));
        }
        Arc::clone(&last)
    }

    /// Reads the files again whenever one changes, until told to stop.
    pub async fn follow(self, stop: Stop) {
        self.dealer.follow(stop).await;
    }
}

#[cfg(test)]
mod tests {
    use dealer::{BUILTIN, BUILTIN_INVENTORY};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_turn_keeps_what_it_began_with_and_the_next_one_knows_of_the_change() {
        let folder = tempfile::tempdir().unwrap();
        let (toml, csv) = (folder.path().join("dealer.toml"), folder.path().join("inventory.csv"));
        std::fs::write(&toml, BUILTIN).unwrap();
        std::fs::write(&csv, BUILTIN_INVENTORY).unwrap();
        let live = LiveKnowledge::open(&DealerConfig { dealer_config: Some(toml.clone()) }).unwrap();
        let began_with = live.now();
        assert!(Arc::ptr_eq(&began_with, &live.now()), "made once");
        let stop = Stop::new();
        let following = tokio::spawn(live.clone().follow(stop.clone()));
        let looked = || tokio::time::sleep(std::time::Duration::from_secs(5));
        let make_of = |knowledge: &Knowledge| {
            let now = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
            let read = assistant::reading::analyze("heb je een venator?", &now, &knowledge.context(0));
            read.entities.make
        };

        let more = "x1,Spyker,Venator,,2013,1000,95000,petrol,automatic,coupe,black,,\n";
        std::fs::write(&csv, format!("{BUILTIN_INVENTORY}{more}")).unwrap();
        looked().await;
        assert_eq!(make_of(&live.now()).as_deref(), Some("Spyker"));
        assert_eq!(make_of(&began_with), None);

        std::fs::write(&toml, format!("{BUILTIN}\n[texts.nl]\nthank = \"Graag\"\n")).unwrap();
        std::fs::write(&csv, BUILTIN_INVENTORY).unwrap();
        looked().await;
        assert_eq!(make_of(&live.now()).as_deref(), Some("Spyker"), "a wrong file changes nothing");
        stop.request();
        following.await.unwrap();
        let error = LiveKnowledge::open(&DealerConfig { dealer_config: Some(toml) }).unwrap_err().to_string();
        assert!(error.contains(": texts.nl.thank: is no text; choose from "), "{error}");
    }
}
