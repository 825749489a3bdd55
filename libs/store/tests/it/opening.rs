//! How a store opens: alone on SQLite, with others on PostgreSQL, and over what is there already.

use futures::future::join_all;
use store::{Migration, Store, StoreConfig, StoreError, params};

use crate::support::{NOTES, note, notes, open, postgres, sqlite};

const TAGS: Migration =
    Migration::new(2, "tags", "CREATE TABLE tags (tag TEXT NOT NULL PRIMARY KEY) {clustered};");

#[tokio::test]
async fn a_second_opener_of_the_same_files_is_refused_until_the_first_is_done() {
    let bench = sqlite().await;
    let refused = Store::open(&bench.config, "store-test", &[NOTES]).await;
    assert!(matches!(refused, Err(StoreError::DataDirInUse { .. })));
    Store::open(&bench.config, "another-service", &[NOTES]).await.expect("has files of its own");
    note(&bench.store, "kept").await.unwrap();
    let lingering = bench.store.clone();
    bench.store.close().await;
    assert_eq!(notes(&open(&bench.config).await).await, ["kept"]);
    drop(lingering);
}

#[tokio::test]
async fn a_store_dropped_without_a_word_lets_go_of_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::sqlite(folder.path());
    let first = open(&config).await;
    note(&first, "kept").await.unwrap();
    drop(first);
    assert_eq!(notes(&open(&config).await).await, ["kept"]);
}

#[tokio::test]
async fn a_data_directory_may_have_any_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["with space", "50%25", "a#b?c", "été", "A/../B"] {
        let config = StoreConfig::sqlite(folder.path().join(name));
        note(&open(&config).await, name).await.unwrap();
        let file = folder.path().join(name).join("store-test.sqlite3");
        assert!(file.exists(), "{}", file.display());
    }
}

#[tokio::test]
async fn replicas_that_start_at_once_migrate_once() {
    let Some(database) = testkit::servers::postgres().await else { return };
    let config = StoreConfig::postgres(database.url());
    let opened = join_all((0..6).map(|_| Store::open(&config, "store-test", &[NOTES, TAGS]))).await;
    for (number, store) in opened.into_iter().enumerate() {
        note(&store.unwrap(), format!("{number}")).await.unwrap();
    }
    assert_eq!(notes(&open(&config).await).await.len(), 6);
}

#[tokio::test]
async fn a_replica_of_the_version_before_starts_beside_a_newer_schema() {
    for bench in crate::support::benches().await {
        bench.store.close().await;
        Store::open(&bench.config, "store-test", &[NOTES, TAGS]).await.unwrap().close().await;
        note(&open(&bench.config).await, "still served").await.unwrap();
    }
}

#[tokio::test]
async fn a_step_that_fails_or_was_edited_is_refused_and_locks_nobody_out() {
    for bench in crate::support::benches().await {
        bench.store.close().await;
        for sql in ["CREATE TABEL tags", "CREATE TABLE notes (text TEXT)"] {
            let wrong = Migration::new(2, "wrong", sql);
            let refused = Store::open(&bench.config, "store-test", &[NOTES, wrong]).await;
            assert!(matches!(refused, Err(StoreError::Migrate { .. })));
        }
        let edited = Migration::new(1, "notes", "CREATE TABLE notes (text TEXT NOT NULL);");
        let refused = Store::open(&bench.config, "store-test", &[edited]).await;
        assert!(matches!(refused, Err(StoreError::Migrate { .. })));
        let mended = Store::open(&bench.config, "store-test", &[NOTES, TAGS]).await.unwrap();
        note(&mended, "goes on").await.unwrap();
    }
}

#[tokio::test]
async fn each_service_has_a_schema_of_its_own_whatever_the_address_says() {
    let Some(bench) = postgres().await else { return };
    let url = secrecy::ExposeSecret::expose_secret(bench.config.database_url.as_ref().unwrap()).to_owned();
    let config = StoreConfig::postgres(&format!("{url}?sslmode=disable&options%5Bsearch_path%5D=public"));
    let other = Store::open(&config, "other-service", &[NOTES]).await.unwrap();
    note(&bench.store, "here").await.unwrap();
    note(&other, "there").await.unwrap();
    assert_eq!(notes(&bench.store).await, ["here"]);
    let schema = "SELECT CAST(table_schema AS TEXT) FROM information_schema.tables
        WHERE table_name = 'notes' AND table_schema <> 'store_test'";
    let schema: String = other.read("schema").await.unwrap().fetch_one(schema, params![]).await.unwrap();
    assert_eq!(schema, "other_service");
}
