//! The dealer as it stands now: the file is read again when it changes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use lifecycle::Stop;

use crate::{Dealer, DealerError};

/// How often the file is looked at: soon enough for whoever has just edited it.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Where the dealer is described.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(id = "dealer")]
pub struct DealerConfig {
    /// File that describes the dealer (dealer.toml); without one a built-in dealer is used.
    #[arg(long, env = "DEALER_CONFIG", value_name = "FILE")]
    pub dealer_config: Option<PathBuf>,
}

/// The dealer as it stands now. Clones share it.
#[derive(Clone, Debug)]
pub struct LiveDealer {
    now: Arc<RwLock<Arc<Dealer>>>,
    file: Option<PathBuf>,
}

impl LiveDealer {
    /// Reads the configured file, or takes the built-in dealer. A wrong file is an error here, at the start.
    pub fn open(config: &DealerConfig) -> Result<Self, DealerError> {
        let dealer = match &config.dealer_config {
            Some(path) => Dealer::parse(&path.display().to_string(), &read(path)?)?,
            None => Dealer::builtin(),
        };
        Ok(Self { file: config.dealer_config.clone(), ..Self::fixed(dealer) })
    }

    /// A dealer that no file describes.
    pub fn fixed(dealer: Dealer) -> Self {
        Self { now: Arc::new(RwLock::new(Arc::new(dealer))), file: None }
    }

    /// The dealer as the file last said, whole.
    pub fn now(&self) -> Arc<Dealer> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again whenever it changes, until told to stop. A file that is wrong or gone is reported once,
    /// with its line, and the dealer stays as it was.
    pub async fn follow(self, stop: Stop) {
        let Some(path) = self.file.clone() else {
            return stop.requested().await;
        };
        // The file may have changed since `open`, so the first look always reads.
        let mut seen = None;
        loop {
            let looked = read(&path);
            let text = looked.as_ref().ok().cloned();
            if seen.as_ref() != Some(&text) {
                self.take(&path, looked);
                seen = Some(text);
            }
            if !stop.sleep(LOOK_EVERY).await {
                return;
            }
        }
    }

    fn take(&self, path: &Path, text: Result<String, DealerError>) {
        let read = text.and_then(|text| Dealer::parse(&path.display().to_string(), &text));
        match read {
            Ok(dealer) if dealer == *self.now() => {}
            Ok(dealer) => {
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(dealer);
                tracing::info!("read the dealer's file again after it changed");
            }
            Err(error) => {
                tracing::error!(%error, "the dealer's file is wrong, the former one stays in use: {error}");
            }
        }
    }
}

fn read(path: &Path) -> Result<String, DealerError> {
    std::fs::read_to_string(path).map_err(|source| DealerError::Read { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot_minutes(dealer: &LiveDealer) -> u32 {
        dealer.now().booking.slot_minutes
    }

    #[tokio::test(start_paused = true)]
    async fn a_changed_file_is_taken_and_a_wrong_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dealer.toml");
        std::fs::write(&path, "[booking]\nslot_minutes = 30\n").unwrap();
        let dealer = LiveDealer::open(&DealerConfig { dealer_config: Some(path.clone()) }).unwrap();
        assert_eq!(slot_minutes(&dealer), 30);
        let stop = Stop::new();
        let following = tokio::spawn(dealer.clone().follow(stop.clone()));

        for (text, minutes) in [
            ("[booking]\nslot_minutes = 45\n", 45),
            ("[booking]\nslot_minutes = 1\n", 45),
            ("[booking]\nslot_minutes = 20\n", 20),
        ] {
            std::fs::write(&path, text).unwrap();
            tokio::time::sleep(LOOK_EVERY * 2).await;
            assert_eq!(slot_minutes(&dealer), minutes, "{text}");
        }
        std::fs::remove_file(&path).unwrap();
        tokio::time::sleep(LOOK_EVERY * 2).await;
        assert_eq!(slot_minutes(&dealer), 20, "a file that is gone changes nothing");
        stop.request();
        following.await.unwrap();
    }

    #[test]
    fn a_missing_file_stops_the_start_and_names_the_variable() {
        let config = DealerConfig { dealer_config: Some("/nowhere/dealer.toml".into()) };
        let error = LiveDealer::open(&config).unwrap_err().to_string();
        assert!(error.starts_with("DEALER_CONFIG: cannot read /nowhere/dealer.toml"), "{error}");
    }
}
