//! All that differs between SQLite and PostgreSQL: opening, DDL words and row locks.

use std::{fs::File, path::Path, time::Duration};

use secrecy::ExposeSecret;
use sqlx::{AnyPool, Executor, any::AnyPoolOptions};

use crate::{StoreConfig, StoreError};

/// How long a statement waits for SQLite's write lock before it fails. The one writer task makes waits rare:
/// only a backup or a person with a shell competes with it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a caller waits for a free connection before it is told that the store is unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

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

    /// Writes the words of a migration that differ: `{identity}` is a growing BIGINT primary key.
    pub(crate) fn ddl(self, text: &str) -> String {
        let identity = match self {
            Self::Sqlite => "INTEGER PRIMARY KEY AUTOINCREMENT",
            Self::Postgres => "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        };
        text.replace("{identity}", identity)
    }
}

/// The connections of one service.
pub(crate) struct Pools {
    /// Writers: one connection on SQLite, the pool on PostgreSQL.
    pub write: AnyPool,
    /// Readers; the same pool on PostgreSQL.
    pub read: AnyPool,
    /// Holds the lock on the SQLite file's name for as long as the store lives.
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
    let lock = lock_file(folder, service)?;
    let path = folder.join(format!("{service}.sqlite3"));
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let write = sqlite_pool(1).connect(&url).await.map_err(StoreError::connecting)?;
    let read = sqlite_pool(readers).connect_lazy(&url).map_err(StoreError::connecting)?;
    Ok(Pools { write, read, lock: Some(lock), url: None })
}

/// A commit is durable once acknowledged: WAL with `synchronous=FULL` syncs the log at each commit
/// (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
fn sqlite_pool(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| {
            Box::pin(async move {
                let busy = BUSY_TIMEOUT.as_millis();
                let pragmas = format!(
                    "PRAGMA busy_timeout={busy}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
                     PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                );
                connection.execute(sqlx::AssertSqlSafe(pragmas)).await?;
                Ok(())
            })
        })
}

/// Two processes on one SQLite file would each think the other's leases void, so the second one is refused.
fn lock_file(folder: &Path, service: &str) -> Result<File, StoreError> {
    let unusable = |source| StoreError::DataDir { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(unusable)?;
    let file = File::create(folder.join(format!("{service}.lock"))).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::DataDirInUse { path: folder.to_owned() }),
        Err(std::fs::TryLockError::Error(source)) => Err(unusable(source)),
    }
}

async fn postgres(url: &str, service: &str, connections: u32) -> Result<Pools, StoreError> {
    let schema = schema(service);
    let separator = if url.contains('?') { '&' } else { '?' };
    let url =
        format!("{url}{separator}options%5Bsearch_path%5D={schema}&application_name=proefrit-{service}");
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .connect(&url)
        .await
        .map_err(StoreError::connecting)?;
    Ok(Pools { write: pool.clone(), read: pool, lock: None, url: Some(url) })
}
