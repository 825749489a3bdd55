//! The dealer as it stands now: the files are read again when they change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use lifecycle::Stop;

use crate::{Dealer, DealerError, Inventory, TextCheck, csv, file};

/// How often the files are looked at: soon enough for whoever has just edited one.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Where the dealer is described.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(id = "dealer")]
pub struct DealerConfig {
    /// File that describes the dealer (dealer.toml), the inventory beside it; without one a built-in dealer is used.
    #[arg(long, env = "DEALER_CONFIG", value_name = "FILE")]
    pub dealer_config: Option<PathBuf>,
}

/// The dealer of the configured files, else the built-in one.
pub(crate) fn configured(config: &DealerConfig, check: Option<TextCheck>) -> Result<Dealer, DealerError> {
    config
        .dealer_config
        .as_ref()
        .map_or_else(|| Ok(Dealer::builtin()), |path| load(path, check, &mut Files::default()))
}

/// The dealer that `path` describes, with the inventory it names.
fn load(path: &Path, check: Option<TextCheck>, files: &mut Files) -> Result<Dealer, DealerError> {
    let (mut dealer, csv_name) = file::parse(&path.display().to_string(), &files.read(path)?, check)?;
    let csv_path = path.with_file_name(csv_name);
    let cars = csv::parse(&csv_path.display().to_string(), &files.read(&csv_path)?)?;
    dealer.inventory = Inventory::new(cars);
    Ok(dealer)
}

/// Reads files and remembers what stood in them; `None` stands for a file that could not be read.
#[derive(Clone, Debug, Default)]
struct Files {
    seen: Vec<(PathBuf, Option<String>)>,
}

impl Files {
    /// The text of the file at `path`.
    fn read(&mut self, path: &Path) -> Result<String, DealerError> {
        let read = std::fs::read_to_string(path);
        self.seen.push((path.to_owned(), read.as_ref().ok().cloned()));
        read.map_err(|reason| DealerError::Read { path: path.to_owned(), reason })
    }

    fn have_changed(&self) -> bool {
        self.seen.iter().any(|(path, text)| std::fs::read_to_string(path).ok() != *text)
    }
}

/// The dealer as it stands now. Clones share it.
#[derive(Clone, Debug)]
pub struct LiveDealer {
    now: Arc<RwLock<Arc<Dealer>>>,
    source: Option<Arc<Followed>>,
}

/// What is followed, as it was read at the start.
#[derive(Debug)]
struct Followed {
    path: PathBuf,
    check: Option<TextCheck>,
    files: Files,
}

impl LiveDealer {
    /// Reads the configured file and the inventory it names, or takes the built-in dealer. A wrong file is an error
    /// here, at the start. `check` is asked about each of `[texts]`, now and whenever the files are read again.
    pub fn open(config: &DealerConfig, check: Option<TextCheck>) -> Result<Self, DealerError> {
        let Some(path) = config.dealer_config.clone() else { return Ok(Self::fixed(Dealer::builtin())) };
        let mut files = Files::default();
        let dealer = load(&path, check, &mut files)?;
        Ok(Self { source: Some(Arc::new(Followed { path, check, files })), ..Self::fixed(dealer) })
    }

    /// A dealer that no file describes.
    pub fn fixed(dealer: Dealer) -> Self {
        Self { now: Arc::new(RwLock::new(Arc::new(dealer))), source: None }
    }

    /// The dealer as the files last said, whole. Whoever answers one request takes it once, at the start.
    pub fn now(&self) -> Arc<Dealer> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again whenever one changes, until told to stop. A file that is wrong or gone is reported once,
    /// with its line, and the dealer stays as it was.
    pub async fn follow(self, stop: Stop) {
        let Some(source) = self.source.clone() else {
            return stop.requested().await;
        };
        let mut files = source.files.clone();
        loop {
            if files.have_changed() {
                files = self.take(&source);
            }
            if !stop.sleep(LOOK_EVERY).await {
                return;
            }
        }
    }

    fn take(&self, source: &Followed) -> Files {
        let mut files = Files::default();
        match load(&source.path, source.check, &mut files) {
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
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::{BUILTIN, BUILTIN_INVENTORY};

    /// A folder with the built-in dealer's files.
    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = Self(tempfile::tempdir().unwrap());
            folder.write("dealer.toml", BUILTIN);
            folder.write("inventory.csv", BUILTIN_INVENTORY);
            folder
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.0.path().join(name), text).unwrap();
        }

        fn remove(&self, name: &str) {
            std::fs::remove_file(self.0.path().join(name)).unwrap();
        }

        fn open(&self, check: Option<TextCheck>) -> Result<LiveDealer, DealerError> {
            let path = self.0.path().join("dealer.toml");
            LiveDealer::open(&DealerConfig { dealer_config: Some(path) }, check)
        }
    }

    async fn look() {
        tokio::time::sleep(LOOK_EVERY * 3).await;
    }

    fn cars(more: &str) -> String {
        format!("{BUILTIN_INVENTORY}{more},Spyker,Venator,,2013,1000,95000,petrol,automatic,coupe,black,,\n")
    }

    #[tokio::test(start_paused = true)]
    async fn a_changed_file_is_taken_and_a_wrong_one_is_not() {
        let folder = Folder::new();
        let dealer = folder.open(None).unwrap();
        let at_the_start_of_a_turn = dealer.now();
        let stop = Stop::new();
        let following = tokio::spawn(dealer.clone().follow(stop.clone()));
        for (minutes, stands) in [(45, 45), (1, 45), (20, 20)] {
            let minutes = format!("slot_minutes = {minutes}");
            folder.write("dealer.toml", &BUILTIN.replace("slot_minutes = 60", &minutes));
            look().await;
            assert_eq!(dealer.now().booking.slot_minutes, stands, "{minutes}");
        }
        folder.write("inventory.csv", &cars("x1"));
        look().await;
        assert_eq!(dealer.now().inventory.get("x1").unwrap().model, "Venator");
        folder.write("inventory.csv", "id,make\n");
        look().await;
        assert!(dealer.now().inventory.get("x1").is_some());
        folder.remove("dealer.toml");
        look().await;
        assert_eq!(dealer.now().booking.slot_minutes, 20, "a file that is gone changes nothing");
        assert_eq!(*at_the_start_of_a_turn, Dealer::builtin(), "a turn keeps the dealer it began with");
        stop.request();
        following.await.unwrap();
    }

    static CHECKS: AtomicU32 = AtomicU32::new(0);

    /// Asked once each time the files are read.
    fn only_thanks(name: &str, _: &str) -> Result<(), String> {
        CHECKS.fetch_add(1, Ordering::Relaxed);
        if name == "thanks" { Ok(()) } else { Err("is no text".to_owned()) }
    }

    #[tokio::test(start_paused = true)]
    async fn the_inventory_that_is_named_is_followed_and_a_wrong_state_is_read_once() {
        let naming = |csv: &str, text: &str| {
            let toml = BUILTIN.replace("inventory.csv", csv);
            format!("{toml}\n[texts.nl]\n{text} = \"Graag\"\n")
        };
        let folder = Folder::new();
        folder.write("dealer.toml", &naming("first.csv", "thanks"));
        folder.write("first.csv", &cars("a"));
        let dealer = folder.open(Some(only_thanks)).unwrap();
        folder.write("first.csv", &cars("b"));
        let stop = Stop::new();
        let following = tokio::spawn(dealer.clone().follow(stop.clone()));
        let state = |id: &str| (dealer.now().inventory.get(id).is_some(), CHECKS.load(Ordering::Relaxed));

        look().await;
        assert_eq!(state("b"), (true, 2), "changed since it was opened");
        folder.write("dealer.toml", &naming("second.csv", "thanks"));
        look().await;
        assert_eq!(state("b"), (true, 3), "there is no such file yet");
        folder.write("second.csv", &cars("c"));
        look().await;
        assert_eq!(state("c"), (true, 4));
        folder.write("first.csv", &cars("d"));
        look().await;
        assert_eq!(state("c"), (true, 4), "the first is not named any more");
        folder.write("dealer.toml", &naming("first.csv", "thank"));
        look().await;
        assert_eq!(state("c"), (true, 5), "a text that is not known is refused");
        stop.request();
        following.await.unwrap();
        let error = folder.open(Some(only_thanks)).unwrap_err().to_string();
        assert!(error.ends_with("texts.nl.thank: is no text"), "{error}");
        assert!(folder.open(None).is_ok(), "who words no replies does not mind");
    }

    #[test]
    fn a_missing_file_stops_the_start_and_names_the_variable() {
        let config = DealerConfig { dealer_config: Some("/nowhere/dealer.toml".into()) };
        let error = LiveDealer::open(&config, None).unwrap_err().to_string();
        assert!(error.starts_with("DEALER_CONFIG: cannot read /nowhere/dealer.toml"), "{error}");
        assert!(Dealer::configured(&config, None).is_err());
        assert_eq!(Dealer::configured(&DealerConfig::default(), None).unwrap(), Dealer::builtin());
    }
}
