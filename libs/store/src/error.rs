use std::path::PathBuf;

use model::{Classify, ErrorKind};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong with the store. Driver errors become one of these in one place.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be reached or opened when the service started.
    #[error("could not open the database; check DATABASE_URL or DATA_DIR")]
    Connect(#[source] Cause),
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
        source: Cause,
    },
    /// The database is away or too busy; nothing was written.
    #[error("the database is unavailable")]
    Unavailable(#[source] Cause),
    /// Two transactions met (serialization failure, deadlock, lock time-out); nothing was written.
    #[error("the write met another one; try again")]
    Contended(#[source] Cause),
    /// A statement is wrong: a bug.
    #[error("a statement failed")]
    Statement(#[source] Cause),
    /// A statement that answers one row answered none.
    #[error("no row for {statement}")]
    NoRow {
        /// Its text.
        statement: String,
    },
    /// A column is not there, or not what it should be: a bug or a newer version's row.
    #[error("cannot read the column {column} of {statement}")]
    Column {
        /// The column's name.
        column: String,
        /// The text of the statement.
        statement: String,
        /// What is wrong with it.
        #[source]
        source: Cause,
    },
    /// A stored document does not parse: a bug or a newer version's row.
    #[error("a stored {what} does not parse")]
    Document {
        /// What kind of document.
        what: &'static str,
        /// What the parser said.
        #[source]
        source: Cause,
    },
    /// The write panicked; its changes were rolled back.
    #[error("the write {0} panicked")]
    Panicked(&'static str),
    /// The write waited for something else than its transaction, on SQLite, where all other writes would have waited behind it; its
    /// changes were rolled back.
    #[error("the write {0} waited for something else than its transaction")]
    Waited(&'static str),
    /// The store was closed while the write waited.
    #[error("the store is closed")]
    Closed,
    /// The shared commit failed; nothing was written.
    #[error("the commit failed: {0}")]
    CommitFailed(String),
}

/// PostgreSQL's `serialization_failure`, `deadlock_detected` and `lock_not_available`
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const CONTENDED: &[&str] = &["40001", "40P01", "55P03"];

/// PostgreSQL's classes of connection exceptions, insufficient resources (disk, memory, connections), operator intervention (a
/// restart, a time-out it was told to keep), system errors, and a transaction that was idle for too long or met a server that just
/// became a standby.
const UNAVAILABLE: &[&str] = &["08", "53", "57", "58", "25P03", "25006"];

/// SQLite's BUSY and LOCKED; the low byte of an extended code is the primary one (<https://www.sqlite.org/rescode.html>).
const SQLITE_CONTENDED: &[i32] = &[5, 6];

/// SQLite's NOMEM, READONLY, IOERR, FULL and CANTOPEN: the disk or the machine, not the statement.
const SQLITE_UNAVAILABLE: &[i32] = &[7, 8, 10, 13, 14];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Contended,
    Unavailable,
    Other,
}

impl Trouble {
    fn of_postgres(code: &str) -> Self {
        if CONTENDED.contains(&code) {
            Self::Contended
        } else if UNAVAILABLE.iter().any(|class| code.starts_with(class)) {
            Self::Unavailable
        } else {
            Self::Other
        }
    }

    fn of_sqlite(code: i32) -> Self {
        let primary = code & 0xff;
        if SQLITE_CONTENDED.contains(&primary) {
            Self::Contended
        } else if SQLITE_UNAVAILABLE.contains(&primary) {
            Self::Unavailable
        } else {
            Self::Other
        }
    }

    fn with(self, cause: impl Into<Cause>) -> StoreError {
        let cause = cause.into();
        match self {
            Self::Contended => StoreError::Contended(cause),
            Self::Unavailable => StoreError::Unavailable(cause),
            Self::Other => StoreError::Statement(cause),
        }
    }
}

impl StoreError {
    /// What kept the database from being opened.
    pub(crate) fn opening(cause: impl Into<Cause>) -> Self {
        Self::Connect(cause.into())
    }

    /// What kept a caller from the database.
    pub(crate) fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// What kept a schema from being brought up to date.
    pub(crate) fn migrating(service: &str, cause: impl Into<Cause>) -> Self {
        Self::Migrate { service: service.to_owned(), source: cause.into() }
    }

    /// A statement was given other values than it has placeholders for.
    pub(crate) fn params(statement: &str, given: usize) -> Self {
        Self::Statement(format!("{given} values do not fit the placeholders of {statement}").into())
    }
}

/// Whether a connection was cut before anything could be done on it.
pub(crate) fn is_cut(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::Database(_)) && trouble(error) == Trouble::Unavailable
}

fn trouble(error: &sqlx::Error) -> Trouble {
    match error {
        sqlx::Error::Database(database) => {
            database.code().map_or(Trouble::Other, |code| Trouble::of_postgres(&code))
        }
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Tls(_) => Trouble::Unavailable,
        _ => Trouble::Other,
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        trouble(&error).with(error)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map(|error| error.extended_code);
        code.map_or(Trouble::Other, Trouble::of_sqlite).with(error)
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
            | Self::NoRow { .. }
            | Self::Column { .. }
            | Self::Waited(_)
            | Self::Document { .. }
            | Self::Panicked(_) => ErrorKind::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_say_whether_repeating_helps() {
        for (code, expected) in [
            ("40001", Trouble::Contended),
            ("40P01", Trouble::Contended),
            ("55P03", Trouble::Contended),
            ("53100", Trouble::Unavailable),
            ("57P01", Trouble::Unavailable),
            ("08006", Trouble::Unavailable),
            ("25006", Trouble::Unavailable),
            ("23505", Trouble::Other),
            ("42P01", Trouble::Other),
        ] {
            assert_eq!(Trouble::of_postgres(code), expected, "{code}");
        }
        for (code, expected) in [
            (5, Trouble::Contended),
            (517, Trouble::Contended),
            (262, Trouble::Contended),
            (13, Trouble::Unavailable),
            (778, Trouble::Unavailable),
            (1034, Trouble::Unavailable),
            (1, Trouble::Other),
            (2067, Trouble::Other),
        ] {
            assert_eq!(Trouble::of_sqlite(code), expected, "{code}");
        }
    }
}
