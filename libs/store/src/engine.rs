//! All that differs between SQLite and PostgreSQL: opening, DDL words and row locks.

use std::{fmt::Write as _, fs::File, path::Path, time::Duration};

use secrecy::ExposeSecret;
use sqlx::{AnyPool, Connection, Executor, any::AnyPoolOptions};

use crate::{StoreConfig, StoreError};

/// How long a statement waits for SQLite's write lock before it fails. The one writer task makes waits rare:
/// only a backup or a person with a shell competes with it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a caller waits for a free connection before it is told that the store is unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a statement on PostgreSQL waits for a lock. Locks are held for one short transaction, so whoever waits this long
/// waits for somebody who hangs.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// PostgreSQL ends a transaction whose process has said nothing for this long (a frozen machine) and so frees its locks.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(30);

/// A PostgreSQL connection unused for this long is tested before it is used: the server may have gone meanwhile.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(1);

/// How long a start waits for the process before it to let go of the SQLite files.
const LOCK_FILE_WAIT: Duration = Duration::from_secs(1);

/// Pages that SQLite's writer, and each of its readers, keep in memory, in KiB.
const CACHE_KIB: (u32, u32) = (16 * 1024, 2 * 1024);

/// Pages in the write-ahead log after which a commit also copies them into the file. The default of 1000 copies the few hot pages of
/// a queue again and again; this is 16 MiB of log at most.
const CHECKPOINT_PAGES: u32 = 4096;

/// The database behind a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file per service, written by one task.
    Sqlite,
    /// One schema per service, written by a pool.
    Postgres,
}

impl Engine {
    /// Which engine a configuration names.
    pub fn of(config: &StoreConfig) -> Self {
        if config.database_url.is_some() { Self::Postgres } else { Self::Sqlite }
    }

    /// `FOR UPDATE SKIP LOCKED` where rows are locked one by one, nothing where the whole database has one writer.
    pub fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// `FOR UPDATE` where rows are locked one by one.
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// Writes the words of a migration that differ: `{identity}` is a growing BIGINT primary key, `{clustered}` behind a table's
    /// closing parenthesis keeps its rows in the order of the primary key where the engine can.
    pub(crate) fn ddl(self, text: &str) -> String {
        let (identity, clustered) = match self {
            Self::Sqlite => ("INTEGER PRIMARY KEY AUTOINCREMENT", "WITHOUT ROWID"),
            Self::Postgres => ("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", ""),
        };
        text.replace("{identity}", identity).replace("{clustered}", clustered)
    }
}

/// The connections of one service.
pub(crate) struct Pools {
    /// Writers: one connection on SQLite, the pool on PostgreSQL.
    pub write: AnyPool,
    /// Readers; the same pool on PostgreSQL.
    pub read: AnyPool,
    /// Holds the lock on the SQLite file's name until the writer has ended.
    pub lock: Option<File>,
    /// The PostgreSQL address with the service's schema in its search path.
    pub url: Option<String>,
}

/// The service's schema, or file stem, in SQL's spelling.
pub(crate) fn schema(service: &str) -> String {
    service.replace('-', "_")
}

pub(crate) async fn connect(config: &StoreConfig, service: &str) -> Result<Pools, StoreError> {
    sqlx::any::install_default_drivers();
    match &config.database_url {
        None => sqlite(&config.data_dir, service, config.database_max_connections).await,
        Some(url) => postgres(url.expose_secret(), service, config.database_max_connections).await,
    }
}

async fn sqlite(folder: &Path, service: &str, readers: u32) -> Result<Pools, StoreError> {
    let unusable = |source| StoreError::DataDir { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(unusable)?;
    let folder = folder.canonicalize().map_err(unusable)?;
    let lock = lock_file(&folder, service).await?;
    let url = sqlite_url(&folder.join(format!("{service}.sqlite3")));
    let (writer, reader) = CACHE_KIB;
    // The writer goes first, for it makes the file and sets it to WAL.
    let write = sqlite_pool(1, writer, "").connect(&url).await.map_err(StoreError::Connect)?;
    let read = sqlite_pool(readers, reader, "PRAGMA query_only=ON")
        .connect_lazy(&url)
        .map_err(StoreError::Connect)?;
    Ok(Pools { write, read, lock: Some(lock), url: None })
}

/// The address of a file whatever its name is made of: the driver parses it as a URL and decodes it again.
fn sqlite_url(path: &Path) -> String {
    let mut url = String::from("sqlite://");
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url + "?mode=rwc"
}

/// A commit is durable once acknowledged: WAL with `synchronous=FULL` syncs the log at each commit
/// (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
fn sqlite_pool(connections: u32, cache_kib: u32, more: &'static str) -> AnyPoolOptions {
    let busy = BUSY_TIMEOUT.as_millis();
    let pragmas: std::sync::Arc<str> = format!(
        "PRAGMA busy_timeout={busy}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
         PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{cache_kib}; PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}; {more}"
    )
    .into();
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            let pragmas = pragmas.to_string();
            Box::pin(async move {
                connection.execute(sqlx::AssertSqlSafe(pragmas)).await?;
                Ok(())
            })
        })
}

/// Two processes on one SQLite file would each think the other's leases void, so the second one is refused.
async fn lock_file(folder: &Path, service: &str) -> Result<File, StoreError> {
    let unusable = |source| StoreError::DataDir { path: folder.to_owned(), source };
    let file = File::create(folder.join(format!("{service}.lock"))).map_err(unusable)?;
    let tries = 20;
    for _ in 0..tries {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => tokio::time::sleep(LOCK_FILE_WAIT / tries).await,
            Err(std::fs::TryLockError::Error(source)) => return Err(unusable(source)),
        }
    }
    Err(StoreError::DataDirInUse { path: folder.to_owned() })
}

async fn postgres(url: &str, service: &str, connections: u32) -> Result<Pools, StoreError> {
    let url = postgres_url(url, service);
    let patience =
        [("lock_timeout", LOCK_TIMEOUT), ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION)];
    let impatient = patience
        .iter()
        .fold(url.clone(), |url, (name, time)| format!("{url}&options%5B{name}%5D={}", time.as_millis()));
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, used| {
            Box::pin(async move { Ok(used.idle_for < TEST_AFTER_IDLE || connection.ping().await.is_ok()) })
        })
        .connect(&impatient)
        .await
        .map_err(StoreError::Connect)?;
    Ok(Pools { write: pool.clone(), read: pool, lock: None, url: Some(url) })
}

/// The address with the service's schema as its search path; what the address says of that itself is overruled.
fn postgres_url(url: &str, service: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    let name = if url.contains("application_name=") {
        String::new()
    } else {
        format!("&application_name=proefrit-{service}")
    };
    format!("{url}{separator}options%5Bsearch_path%5D={}{name}", schema(service))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_file_name_survives_the_url() {
        assert_eq!(
            sqlite_url(&PathBuf::from("/data dir/#1 %41?/é.db")),
            "sqlite:///data%20dir/%231%20%2541%3F/%C3%A9.db?mode=rwc"
        );
    }

    #[test]
    fn the_schema_is_added_to_whatever_the_address_says_already() {
        assert_eq!(
            postgres_url("postgres://h/db", "dedup-lock"),
            "postgres://h/db?options%5Bsearch_path%5D=dedup_lock&application_name=proefrit-dedup-lock"
        );
        assert_eq!(
            postgres_url("postgres://h/db?sslmode=require&application_name=mine", "crm"),
            "postgres://h/db?sslmode=require&application_name=mine&options%5Bsearch_path%5D=crm"
        );
    }
}
