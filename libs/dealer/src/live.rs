//! The dealer as it stands now: the files are read again when they change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use lifecycle::Stop;

use crate::{Dealer, DealerError};

/// How often the files are looked at: soon enough for whoever has just edited one.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Where the dealer is described.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(id = "dealer")]
pub struct DealerConfig {
    /// File that describes the dealer (dealer.toml); without one a built-in dealer is used.
    #[arg(long, env = "DEALER_CONFIG", value_name = "FILE")]
    pub dealer_config: Option<PathBuf>,
}

/// What a service makes of the dealer's files.
pub trait Load: Sized {
    /// The dealer used when none is configured.
    fn builtin() -> Self;

    /// The dealer that `path` describes; this file and those it names are read by `files`, which remembers them.
    fn load(path: &Path, files: &mut Files) -> Result<Self, DealerError>;

    /// The dealer of the configured file, else the built-in one.
    fn configured(config: &DealerConfig) -> Result<Self, DealerError> {
        config
            .dealer_config
            .as_ref()
            .map_or_else(|| Ok(Self::builtin()), |path| Self::load(path, &mut Files::default()))
    }
}

impl Load for Dealer {
    fn builtin() -> Self {
        Self::builtin()
    }

    fn load(path: &Path, files: &mut Files) -> Result<Self, DealerError> {
        Self::parse(&path.display().to_string(), &files.read(path)?)
    }
}

/// Reads files and remembers what stood in them; `None` stands for a file that could not be read.
#[derive(Clone, Debug, Default)]
pub struct Files {
    seen: Vec<(PathBuf, Option<String>)>,
}

impl Files {
    /// The text of the file at `path`.
    pub fn read(&mut self, path: &Path) -> Result<String, DealerError> {
        let read = std::fs::read_to_string(path);
        self.seen.push((path.to_owned(), read.as_ref().ok().cloned()));
        read.map_err(|reason| DealerError::Read { path: path.to_owned(), reason })
    }

    fn have_changed(&self) -> bool {
        self.seen.iter().any(|(path, text)| std::fs::read_to_string(path).ok() != *text)
    }
}

/// The dealer as it stands now, whatever part of it a service loads. Clones share it.
#[derive(Clone, Debug)]
pub struct LiveDealer<T = Dealer> {
    now: Arc<RwLock<Arc<T>>>,
    source: Option<Arc<(PathBuf, Files)>>,
}

impl<T: Load> LiveDealer<T> {
    /// Reads the configured file and what it names, or takes the built-in dealer. A wrong file is an error here, at
    /// the start.
    pub fn open(config: &DealerConfig) -> Result<Self, DealerError> {
        let Some(path) = config.dealer_config.clone() else { return Ok(Self::fixed(T::builtin())) };
        let mut files = Files::default();
        let dealer = T::load(&path, &mut files)?;
        Ok(Self { source: Some(Arc::new((path, files))), ..Self::fixed(dealer) })
    }

    /// A dealer that no file describes.
    pub fn fixed(dealer: T) -> Self {
        Self { now: Arc::new(RwLock::new(Arc::new(dealer))), source: None }
    }

    /// The dealer as the files last said, whole. Whoever answers one request takes it once, at the start.
    pub fn now(&self) -> Arc<T> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again whenever one changes, until told to stop. A file that is wrong or gone is reported once,
    /// with its line, and the dealer stays as it was.
    pub async fn follow(self, stop: Stop) {
        let Some((path, mut files)) = self.source.as_deref().cloned() else {
            return stop.requested().await;
        };
        loop {
            if files.have_changed() {
                files = self.take(&path);
            }
            if !stop.sleep(LOOK_EVERY).await {
                return;
            }
        }
    }

    fn take(&self, path: &Path) -> Files {
        let mut files = Files::default();
        match T::load(path, &mut files) {
            Ok(dealer) => {
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(dealer);
                tracing::info!("read the dealer's files again after a change");
            }
            Err(error) => {
                tracing::error!(%error, "the dealer's files are wrong, the former dealer stays in use: {error}");
            }
        }
        files
    }
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

    /// A dealer made of two files, which counts how often it was loaded.
    #[derive(Clone, Debug)]
    struct Names(String);

    static LOADS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

    impl Load for Names {
        fn builtin() -> Self {
            Self(String::new())
        }

        fn load(path: &Path, files: &mut Files) -> Result<Self, DealerError> {
            LOADS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let beside = path.with_file_name(files.read(path)?);
            files.read(&beside).map(Self)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_is_named_by_another_is_followed_too_and_a_wrong_state_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("names");
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        std::fs::write(&path, "first").unwrap();
        std::fs::write(&first, "Polo").unwrap();
        let dealer = LiveDealer::<Names>::open(&DealerConfig { dealer_config: Some(path.clone()) }).unwrap();
        std::fs::write(&first, "Golf").unwrap();
        let stop = Stop::new();
        let following = tokio::spawn({
            let (dealer, stop) = (dealer.clone(), stop.clone());
            async move { dealer.follow(stop).await }
        });
        let loads = || LOADS.load(std::sync::atomic::Ordering::Relaxed);
        let look = || tokio::time::sleep(LOOK_EVERY * 3);

        look().await;
        assert_eq!((dealer.now().0.as_str(), loads()), ("Golf", 2), "changed since it was opened");
        std::fs::write(&path, "second").unwrap();
        look().await;
        assert_eq!((dealer.now().0.as_str(), loads()), ("Golf", 3), "there is no such file yet");
        std::fs::write(&second, "Up").unwrap();
        look().await;
        assert_eq!((dealer.now().0.as_str(), loads()), ("Up", 4));
        std::fs::write(&first, "Passat").unwrap();
        look().await;
        assert_eq!(loads(), 4, "the first is not named any more");
        stop.request();
        following.await.unwrap();
    }

    #[test]
    fn a_missing_file_stops_the_start_and_names_the_variable() {
        let config = DealerConfig { dealer_config: Some("/nowhere/dealer.toml".into()) };
        let error = LiveDealer::<Dealer>::open(&config).unwrap_err().to_string();
        assert!(error.starts_with("DEALER_CONFIG: cannot read /nowhere/dealer.toml"), "{error}");
        assert!(Dealer::configured(&config).is_err());
        assert_eq!(Dealer::configured(&DealerConfig::default()).unwrap(), Dealer::builtin());
    }
}
