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

/// PostgreSQL's `serialization_failure`, `deadlock_detected` and `lock_not_available`
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const CONTENDED: &[&str] = &["40001", "40P01", "55P03"];

/// PostgreSQL's classes of connection exceptions, insufficient resources (disk, memory, connections), operator intervention (a
/// restart, a time-out it was told to keep), system errors, and a transaction that was idle for too long or met a server that just
/// became a standby.
const UNAVAILABLE: &[&str] = &["08", "53", "57", "58", "25P03", "25006"];

/// SQLite's BUSY and LOCKED; the low byte of an extended code is the primary one (<https://www.sqlite.org/rescode.html>).
const SQLITE_CONTENDED: &[u32] = &[5, 6];

/// SQLite's NOMEM, READONLY, IOERR, FULL and CANTOPEN: the disk or the machine, not the statement.
const SQLITE_UNAVAILABLE: &[u32] = &[7, 8, 10, 13, 14];

enum Trouble {
    Contended,
    Unavailable,
    Other,
}

/// What a code of either engine says. PostgreSQL's have five characters, SQLite's are numbers below 10,000.
fn trouble(code: &str) -> Trouble {
    let primary = (code.len() < 5).then(|| code.parse::<u32>().ok()).flatten().map(|code| code & 0xff);
    match primary {
        Some(primary) if SQLITE_CONTENDED.contains(&primary) => Trouble::Contended,
        Some(primary) if SQLITE_UNAVAILABLE.contains(&primary) => Trouble::Unavailable,
        None if CONTENDED.contains(&code) => Trouble::Contended,
        None if UNAVAILABLE.iter().any(|class| code.starts_with(class)) => Trouble::Unavailable,
        _ => Trouble::Other,
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let trouble = match &error {
            sqlx::Error::Database(database) => database.code().map_or(Trouble::Other, |code| trouble(&code)),
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
            | sqlx::Error::Protocol(_)
            | sqlx::Error::Tls(_) => Trouble::Unavailable,
            _ => Trouble::Other,
        };
        match trouble {
            Trouble::Contended => Self::Contended(error),
            Trouble::Unavailable => Self::Unavailable(error),
            Trouble::Other => Self::Statement(error),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_say_whether_repeating_helps() {
        let kind = |code| match trouble(code) {
            Trouble::Contended => "contended",
            Trouble::Unavailable => "unavailable",
            Trouble::Other => "bug",
        };
        for (code, expected) in [
            ("40001", "contended"),
            ("40P01", "contended"),
            ("55P03", "contended"),
            ("5", "contended"),
            ("517", "contended"),
            ("262", "contended"),
            ("53100", "unavailable"),
            ("57P01", "unavailable"),
            ("08006", "unavailable"),
            ("25006", "unavailable"),
            ("13", "unavailable"),
            ("778", "unavailable"),
            ("1034", "unavailable"),
            ("1", "bug"),
            ("2067", "bug"),
            ("23505", "bug"),
            ("42P01", "bug"),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }
}
