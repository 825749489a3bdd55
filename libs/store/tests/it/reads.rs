//! What reads promise: beside the writer, past nobody, and in nobody's way.

use store::params;
use tokio::sync::oneshot;

use crate::support::{note, sqlite};

#[tokio::test]
async fn a_read_cannot_write_past_the_writer() {
    let bench = sqlite().await;
    let mut conn = bench.store.read("sneak").await.unwrap();
    assert!(conn.execute("INSERT INTO notes (text) VALUES ('sneaked')", params![]).await.is_err());
}

#[tokio::test]
async fn a_read_sees_what_is_committed_when_each_of_its_statements_runs() {
    const COUNT: &str = "SELECT COUNT(*) FROM notes";
    let bench = sqlite().await;
    let mut conn = bench.store.read("twice").await.unwrap();
    assert_eq!(conn.fetch_one::<i64>(COUNT, params![]).await.unwrap(), 0);
    note(&bench.store, "meanwhile").await.unwrap();
    assert_eq!(conn.fetch_one::<i64>(COUNT, params![]).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn others_go_on_while_a_scan_looks_at_many_rows() {
    const LONG: &str = "
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000)
        SELECT COUNT(*) FROM n";
    let bench = sqlite().await;
    let (store, (begins, begun), (speaks, heard)) =
        (bench.store.clone(), oneshot::channel(), oneshot::channel());
    let scanning = tokio::spawn(async move {
        let mut conn = store.scan("long").await.unwrap();
        begins.send(()).unwrap();
        conn.fetch_one::<i64>(LONG, params![]).await.unwrap()
    });
    begun.await.unwrap();
    tokio::spawn(async move { speaks.send(()) });
    tokio::select! {
        biased;
        _ = scanning => panic!("the only worker was held up"),
        said = heard => said.unwrap(),
    }
}
