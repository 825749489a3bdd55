use std::path::PathBuf;

use model::{Classify, ErrorKind};

/// What can go wrong with the store. Driver errors become one of these in one place.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be reached or opened when the service started.
    #[error("could not open the database; check DATABASE_URL or DATA_DIR")]
    Connect(#[source] sqlx::Error),
    /// The data directory cannot be used.
    #[error("cannot use the data directory {path}; check DATA_DIR", path = path.display())]
    DataDir {
        /// The folder named by `DATA_DIR`.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// Another process works on the same SQLite files.
    #[error("another process uses the data directory {path}; stop it or choose another DATA_DIR", path = path.display())]
    DataDirInUse {
        /// The folder named by `DATA_DIR`.
        path: PathBuf,
    },
    /// A migration failed.
    #[error("could not migrate the schema of {service}")]
    Migrate {
        /// Whose schema.
        service: String,
        /// What the migrator said.
        #[source]
        source: Box<sqlx::migrate::MigrateError>,
    },
    /// The database is away or too busy; nothing was written.
    #[error("the database is unavailable")]
    Unavailable(#[source] sqlx::Error),
    /// Two transactions met (serialization failure, deadlock, lock time-out); nothing was written.
    #[error("the write met another one; try again")]
    Contended(#[source] sqlx::Error),
    /// A statement is wrong or a row is not what it should be: a bug.
    #[error("a statement failed")]
    Statement(#[source] sqlx::Error),
    /// A stored document does not parse: a bug or a newer version's row.
    #[error("a stored {what} does not parse")]
    Document {
        /// What kind of document.
        what: &'static str,
        /// What the parser said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The write's closure panicked; its changes were rolled back.
    #[error("the write {0} panicked")]
    Panicked(&'static str),
    /// The store was closed while the write waited.
    #[error("the store is closed")]
    Closed,
    /// The shared commit failed; nothing was written.
    #[error("the commit failed: {0}")]
    CommitFailed(String),
}

impl StoreError {
    pub(crate) fn connecting(source: sqlx::Error) -> Self {
        Self::Connect(source)
    }
}

/// PostgreSQL's serialization_failure, deadlock_detected and lock_not_available
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>), and SQLite's BUSY and LOCKED with their
/// extended forms (<https://www.sqlite.org/rescode.html>).
const CONTENDED: &[&str] = &["40001", "40P01", "55P03", "5", "6", "261", "517", "262"];

/// PostgreSQL's connection exceptions, too_many_connections and operator interventions (a restart), and SQLite's FULL and IOERR.
const UNAVAILABLE: &[&str] = &["08000", "08003", "08006", "53300", "57P01", "57P02", "57P03", "13", "10"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = match &error {
            sqlx::Error::Database(database) => database.code().map(std::borrow::Cow::into_owned),
            _ => None,
        };
        match (&error, code.as_deref()) {
            (_, Some(code)) if CONTENDED.contains(&code) => Self::Contended(error),
            (_, Some(code)) if UNAVAILABLE.contains(&code) => Self::Unavailable(error),
            (
                sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::Protocol(_)
                | sqlx::Error::Tls(_),
                _,
            ) => Self::Unavailable(error),
            _ => Self::Statement(error),
        }
    }
}

impl Classify for StoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Connect(_) | Self::Unavailable(_) | Self::Closed | Self::CommitFailed(_) => {
                ErrorKind::Unavailable
            }
            Self::Contended(_) => ErrorKind::Contended,
            Self::DataDir { .. }
            | Self::DataDirInUse { .. }
            | Self::Migrate { .. }
            | Self::Statement(_)
            | Self::Document { .. }
            | Self::Panicked(_) => ErrorKind::Internal,
        }
    }
}
