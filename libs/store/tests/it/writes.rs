//! What a write promises: all or nothing, for itself alone, and hooks when it is durable.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures::future::join_all;
use model::{Classify, ErrorKind, Ids, MessageId, TestClock, Timestamp};
use store::{Store, StoreError, Tx, Write, params};
use tokio::time::{sleep, timeout};
use tracing::{Instrument as _, level_filters::LevelFilter};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::support::{NOTES, benches, insert, linger, note, notes, postgres, sqlite, write};

/// Holds SQLite's writer for a moment, so that what is written meanwhile shares a commit.
async fn hold(store: &Store) {
    let held = store
        .write_with("hold", |tx| {
            Box::pin(async move {
                linger(tx.engine(), Duration::from_millis(50)).await;
                Ok::<_, StoreError>(())
            })
        })
        .await;
    held.unwrap();
}

/// Does what it is given while the writer is held: what is written at once shares a commit.
async fn while_held<T>(store: &Store, writes: impl Future<Output = T>) -> T {
    let writes = async {
        sleep(Duration::from_millis(5)).await;
        writes.await
    };
    tokio::join!(hold(store), writes).1
}

#[tokio::test]
async fn a_write_that_fails_or_panics_leaves_those_who_share_its_commit_alone() {
    for bench in benches().await {
        let store = &bench.store;
        let writes = (0..30).map(|number| async move {
            write(store, format!("{number:02}"), move |tx| {
                Box::pin(async move {
                    insert(tx, &format!("{number:02}, second row")).await?;
                    match number % 3 {
                        0 => Ok(number),
                        1 => Err(StoreError::Closed),
                        _ => panic!("told to"),
                    }
                })
            })
            .await
        });
        let outcomes = while_held(store, join_all(writes)).await;
        for (number, outcome) in (0_u32..).zip(outcomes) {
            match number % 3 {
                0 => assert_eq!(outcome.unwrap(), number),
                1 => assert!(matches!(outcome, Err(StoreError::Closed)), "its own error"),
                _ => assert!(matches!(outcome, Err(StoreError::Panicked("note")))),
            }
        }
        let kept = notes(store).await;
        assert_eq!(kept.len(), 20, "two rows of each third write: {kept:?}");
        assert!(kept.iter().all(|text| text[..2].parse::<u32>().unwrap().is_multiple_of(3)));
    }
}

#[tokio::test]
async fn a_failed_statement_rolls_back_its_own_write_alone() {
    for bench in benches().await {
        note(&bench.store, "taken").await.unwrap();
        let (before, twice, after) = while_held(&bench.store, async {
            tokio::join!(
                note(&bench.store, "before"),
                write(&bench.store, "lost", |tx| Box::pin(insert(tx, "taken"))),
                note(&bench.store, "after"),
            )
        })
        .await;
        before.unwrap();
        after.unwrap();
        assert_eq!(twice.unwrap_err().kind(), ErrorKind::Internal, "a unique key is not to be run into");
        assert_eq!(notes(&bench.store).await, ["after", "before", "taken"]);
    }
}

#[tokio::test]
async fn hooks_run_once_the_change_is_durable_and_never_after_a_roll_back() {
    for bench in benches().await {
        let seen = Arc::new(AtomicU32::new(0));
        let (hook, store) = (Arc::clone(&seen), bench.store.clone());
        let (found, mut arrived) = tokio::sync::oneshot::channel();
        write(&bench.store, "kept", move |tx| {
            tx.on_commit(move || {
                hook.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move { found.send(notes(&store).await) });
            });
            Box::pin(async { Ok(()) })
        })
        .await
        .unwrap();
        assert_eq!(seen.load(Ordering::SeqCst), 1, "before the caller is told");
        assert_eq!((&mut arrived).await.unwrap(), ["kept"], "others see the change by then");
        let hook = Arc::clone(&seen);
        let failed = write::<()>(&bench.store, "lost", move |tx| {
            tx.on_commit(move || {
                hook.fetch_add(1, Ordering::SeqCst);
            });
            Box::pin(async { Err(StoreError::Closed) })
        });
        let both = async { tokio::join!(failed, note(&bench.store, "other")) };
        let (failed, other) = while_held(&bench.store, both).await;
        assert!(failed.is_err());
        other.unwrap();
        assert_eq!(seen.load(Ordering::SeqCst), 1);
        assert_eq!(notes(&bench.store).await, ["kept", "other"]);
    }
}

#[tokio::test]
async fn a_hook_that_panics_harms_nobody() {
    for bench in benches().await {
        write(&bench.store, "kept", |tx| {
            tx.on_commit(|| panic!("told to"));
            Box::pin(async { Ok(()) })
        })
        .await
        .unwrap();
        note(&bench.store, "next").await.unwrap();
        assert_eq!(notes(&bench.store).await, ["kept", "next"]);
    }
}

#[tokio::test]
async fn a_write_whose_caller_leaves_runs_to_its_end_with_its_hooks() {
    for bench in benches().await {
        let (told, heard) = tokio::sync::oneshot::channel();
        let left = write(&bench.store, "kept", |tx| {
            tx.on_commit(move || {
                let _ = told.send(());
            });
            Box::pin(async move {
                linger(tx.engine(), Duration::from_millis(50)).await;
                insert(tx, "second row").await
            })
        });
        assert!(timeout(Duration::from_millis(10), left).await.is_err(), "the caller leaves");
        timeout(Duration::from_secs(5), heard).await.expect("in time").expect("the hook runs");
        assert_eq!(notes(&bench.store).await, ["kept", "second row"]);
    }
}

#[tokio::test]
async fn a_closure_runs_in_the_span_of_its_caller() {
    // As in production: the store's own spans are for debugging, and off.
    let subscriber = tracing_subscriber::registry().with(LevelFilter::INFO);
    let _guard = tracing::subscriber::set_default(subscriber);
    for bench in benches().await {
        let caller = tracing::info_span!("caller");
        let expected = caller.id();
        let closure = write(&bench.store, "in a span", |_| {
            Box::pin(async { Ok::<_, StoreError>(tracing::Span::current().id()) })
        });
        let found = closure.instrument(caller).await.unwrap();
        assert!(found.is_some());
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let bench = sqlite().await;
    note(&bench.store, "kept").await.unwrap();
    // As if the power went: nothing is closed, a copy of the files is what the disk has.
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(&bench.config.data_dir).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let restarted = crate::support::open(&store::StoreConfig::sqlite(copy.path())).await;
    assert_eq!(notes(&restarted).await, ["kept"]);
}

#[tokio::test]
async fn writes_that_wait_are_done_before_the_store_closes_and_later_ones_are_refused() {
    for bench in benches().await {
        let waiting = (0..5).map(|number| note(&bench.store, format!("{number}")));
        let (store, held) = (bench.store.clone(), hold(&bench.store));
        let close = async {
            sleep(Duration::from_millis(10)).await;
            store.close().await;
        };
        let ((), outcomes, ()) = tokio::join!(held, join_all(waiting), close);
        outcomes.into_iter().for_each(Result::unwrap);
        let late = note(&bench.store, "late").await.unwrap_err();
        assert_eq!(late.kind(), ErrorKind::Unavailable, "{late:?}");
        bench.store.close().await;
        assert_eq!(notes(&crate::support::open(&bench.config).await).await.len(), 5);
    }
}

#[tokio::test]
async fn a_full_disk_fails_what_does_not_fit_and_writing_goes_on_when_there_is_room() {
    let bench = sqlite().await;
    note(&bench.store, "kept").await.unwrap();
    for together in [1, 3] {
        let full = bench.store.write_with("full", |tx| {
            Box::pin(async move { tx.fetch_one::<i64>("PRAGMA max_page_count = 1", params![]).await })
        });
        full.await.unwrap();
        let large = "x".repeat(100_000);
        let writes = (0..together).map(|number| note(&bench.store, format!("{number}{large}")));
        for outcome in while_held(&bench.store, join_all(writes)).await {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unavailable, "{together} together");
        }
        note(&bench.store, format!("room after {together}")).await.unwrap();
    }
    assert_eq!(notes(&bench.store).await, ["kept", "room after 1", "room after 3"]);
}

/// Locks two notes in an order and waits in between.
async fn lock_both(store: &Store, first: &'static str, second: &'static str) -> Result<(), StoreError> {
    store
        .write_with("lock", move |tx| {
            Box::pin(async move {
                for text in [first, second] {
                    tx.execute("UPDATE notes SET text = text WHERE text = $1", params![text]).await?;
                    linger(tx.engine(), Duration::from_millis(50)).await;
                }
                Ok(())
            })
        })
        .await
}

#[tokio::test]
async fn of_two_transactions_that_wait_for_each_other_one_is_told_to_try_again() {
    for bench in benches().await {
        note(&bench.store, "a").await.unwrap();
        note(&bench.store, "b").await.unwrap();
        let (one, other) = tokio::join!(lock_both(&bench.store, "a", "b"), lock_both(&bench.store, "b", "a"));
        let failures: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
        assert_eq!(failures.len(), usize::from(bench.store.engine() == store::Engine::Postgres));
        assert!(failures.iter().all(|error| error.kind() == ErrorKind::Contended), "{failures:?}");
        note(&bench.store, "c").await.unwrap();
    }
}

#[tokio::test]
async fn a_chore_that_gives_way_fails_instead_of_waiting() {
    let Some(bench) = postgres().await else { return };
    note(&bench.store, "a").await.unwrap();
    let holding = write(&bench.store, "b", |tx| {
        Box::pin(async move {
            tx.execute("UPDATE notes SET text = text WHERE text = 'a'", params![]).await?;
            sleep(Duration::from_millis(600)).await;
            Ok(())
        })
    });
    let chore = async {
        sleep(Duration::from_millis(50)).await;
        write(&bench.store, "c", |tx| {
            Box::pin(async move {
                tx.give_way().await?;
                tx.execute("UPDATE notes SET text = text WHERE text = 'a'", params![]).await?;
                Ok(())
            })
        })
        .await
    };
    let (holding, chore) = tokio::join!(holding, chore);
    holding.unwrap();
    assert_eq!(chore.unwrap_err().kind(), ErrorKind::Contended);
}

#[tokio::test]
async fn writes_go_on_after_the_server_cut_every_connection() {
    let Some(bench) = postgres().await else { return };
    let warm = (0..4).map(|number| note(&bench.store, format!("before {number}")));
    join_all(warm).await.into_iter().for_each(Result::unwrap);
    let cut = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    bench.store.read("cut").await.unwrap().fetch_one::<i64>(cut, params![]).await.unwrap();
    let after = (0..8).map(|number| note(&bench.store, format!("after {number}")));
    join_all(after).await.into_iter().for_each(Result::unwrap);
}

#[tokio::test]
async fn a_write_that_waits_for_anything_else_fails_where_others_would_wait_behind_it() {
    let bench = sqlite().await;
    let waited = write(&bench.store, "lost", |_| {
        Box::pin(async {
            sleep(Duration::from_millis(1)).await;
            Ok(())
        })
    });
    assert!(matches!(waited.await, Err(StoreError::Waited("note"))));
    note(&bench.store, "next").await.unwrap();
    assert_eq!(notes(&bench.store).await, ["next"]);
}

/// Notes when it was written, and under which id, in two statements.
struct Stamp;

impl Write for Stamp {
    const NAME: &'static str = "stamp";
    type Output = Timestamp;
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<Timestamp, StoreError> {
        for _ in 0..2 {
            let text = format!("{} {}", tx.now().as_micros(), tx.new_id::<MessageId>());
            insert(tx, &text).await?;
        }
        Ok(tx.now())
    }
}

#[tokio::test]
async fn a_write_has_one_moment_and_ids_of_its_own_from_where_the_store_was_told() {
    for bench in benches().await {
        bench.store.close().await;
        let clock = Arc::new(TestClock::new(Timestamp::from_millis(7)));
        let ids = Ids::seeded(1);
        let expected: [MessageId; 2] = [Ids::seeded(1).next(), {
            let second = Ids::seeded(1);
            second.next::<MessageId>();
            second.next()
        }];
        let store = Store::open_with(&bench.config, "store-test", &[NOTES], clock, ids).await.unwrap();
        let moment = store.write(Stamp).await.unwrap();
        assert_eq!(moment, Timestamp::from_millis(7));
        assert_eq!(notes(&store).await, expected.map(|id| format!("7000 {id}")));
    }
}
