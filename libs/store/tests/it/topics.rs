//! How news of a change reach whoever waits for it.

use std::time::Duration;

use store::params;
use tokio::time::{sleep, timeout};

use crate::support::{benches, open, postgres, write};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_change_is_told_after_its_commit_and_not_at_all_when_rolled_back() {
    for bench in benches().await {
        let mut news = bench.store.topic("notes").subscribe();
        news.mark_unchanged();
        write(&bench.store, "kept", |tx| {
            tx.publish_on_commit("notes");
            Box::pin(async { Ok(()) })
        })
        .await
        .unwrap();
        assert!(news.has_changed().unwrap());
        news.mark_unchanged();
        let failed = write::<()>(&bench.store, "lost", |tx| {
            tx.publish_on_commit("notes");
            Box::pin(async { Err(store::StoreError::Closed) })
        });
        failed.await.unwrap_err();
        // On PostgreSQL a first connection of the listener may tell everybody to look; nothing else may.
        if bench.store.engine() == store::Engine::Sqlite {
            assert!(!news.has_changed().unwrap());
        }
    }
}

#[tokio::test]
async fn another_replica_is_told_and_the_one_who_says_it_is_not_told_twice() {
    let Some(bench) = postgres().await else { return };
    let other = open(&bench.config).await;
    let (mut here, mut there) = (bench.store.topic("notes").subscribe(), other.topic("notes").subscribe());
    // Until both listen.
    sleep(Duration::from_millis(300)).await;
    here.mark_unchanged();
    there.mark_unchanged();
    bench.store.topic("notes").publish();
    timeout(SOON, there.changed()).await.expect("told in time").unwrap();
    assert!(here.has_changed().unwrap());
    here.mark_unchanged();
    sleep(Duration::from_millis(200)).await;
    assert!(!here.has_changed().unwrap(), "its own news are not news");
}

#[tokio::test]
async fn news_missed_while_the_connection_was_lost_make_everybody_look() {
    let Some(bench) = postgres().await else { return };
    let mut news = bench.store.topic("notes").subscribe();
    sleep(Duration::from_millis(300)).await;
    news.mark_unchanged();
    let cut = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    bench.store.read("cut").await.unwrap().fetch_one::<i64>(cut, params![]).await.unwrap();
    timeout(SOON, news.changed()).await.expect("told in time").unwrap();
}
