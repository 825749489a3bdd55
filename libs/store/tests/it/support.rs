//! A store with one table, on either engine, and short words for what the tests do with it.

use std::time::Duration;

use futures::future::BoxFuture;
use store::{Engine, Migration, Store, StoreConfig, StoreError, Tx, params};
use testkit::servers;

pub const NOTES: Migration =
    Migration::new(1, "notes", "CREATE TABLE notes (note_id {identity}, text TEXT NOT NULL UNIQUE);");

pub struct Bench {
    pub store: Store,
    pub config: StoreConfig,
    _database: Option<servers::Database>,
    _folder: Option<tempfile::TempDir>,
}

/// The engines there are; PostgreSQL skips itself loudly where there is no server.
pub async fn benches() -> Vec<Bench> {
    let mut benches = vec![sqlite().await];
    benches.extend(postgres().await);
    benches
}

pub async fn sqlite() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::sqlite(folder.path());
    Bench { store: open(&config).await, config, _database: None, _folder: Some(folder) }
}

pub async fn postgres() -> Option<Bench> {
    let database = servers::postgres().await?;
    let config = StoreConfig::postgres(database.url());
    Some(Bench { store: open(&config).await, config, _database: Some(database), _folder: None })
}

pub async fn open(config: &StoreConfig) -> Store {
    Store::open(config, "store-test", &[NOTES]).await.unwrap()
}

/// Writes a note inside a transaction.
pub async fn insert(tx: &mut Tx, text: &str) -> Result<(), StoreError> {
    tx.execute("INSERT INTO notes (text) VALUES ($1)", params![text]).await?;
    Ok(())
}

/// Keeps a transaction open for a moment. On SQLite it holds up the writer, which is a thread of its own.
#[expect(clippy::disallowed_methods, reason = "a write waits for nothing, so it has to be held")]
pub async fn linger(engine: Engine, time: Duration) {
    match engine {
        Engine::Sqlite => std::thread::sleep(time),
        Engine::Postgres => tokio::time::sleep(time).await,
    }
}

/// Writes a note and then does as told.
pub async fn write<T: Send + 'static>(
    store: &Store,
    text: impl Into<String>,
    then: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    let text = text.into();
    store
        .write_with("note", move |tx| {
            Box::pin(async move {
                insert(tx, &text).await?;
                then(tx).await
            })
        })
        .await
}

/// Writes a note and nothing else.
pub async fn note(store: &Store, text: impl Into<String>) -> Result<(), StoreError> {
    write(store, text, |_| Box::pin(async { Ok(()) })).await
}

/// All notes in alphabetical order.
pub async fn notes(store: &Store) -> Vec<String> {
    let mut conn = store.read("notes").await.unwrap();
    conn.fetch_all("SELECT text FROM notes ORDER BY text", params![]).await.unwrap()
}
