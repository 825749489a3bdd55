//! The tables under every order of arrival, on SQLite and, where a server is named, on PostgreSQL.

use std::{sync::Arc, time::Duration};

use ::store::{Store, StoreConfig, params};
use lifecycle::Stop;
use model::{Ids, TestClock, Timestamp};
use rand::{
    RngExt, SeedableRng,
    rngs::StdRng,
    seq::{IndexedRandom, SliceRandom},
};

use crate::{
    MIGRATIONS,
    domain::{Standing, parse_status},
    service::Deliveries,
    store::{Origin, Report},
};

/// Runs a test on SQLite and, where a server is named, on PostgreSQL.
async fn on_each_engine(test: impl AsyncFn(Store, TestClock)) {
    let folder = tempfile::tempdir().unwrap();
    on(&StoreConfig::sqlite(folder.path()), &test).await;
    let Some(database) = testkit::servers::postgres().await else { return };
    on(&StoreConfig::postgres(database.url()), &test).await;
}

async fn on(config: &StoreConfig, test: &impl AsyncFn(Store, TestClock)) {
    let clock = TestClock::default();
    let opened = Store::open_with(config, "delivery-status", MIGRATIONS, clock.shared(), Ids::seeded(1));
    let store = opened.await.unwrap();
    test(store.clone(), clock).await;
    store.close().await;
}

fn callback(sid: &str, standing: Standing, now: Timestamp) -> Report {
    Report {
        sid: sid.to_owned(),
        message_id: None,
        conversation_id: None,
        org_id: "default".to_owned(),
        provider: "twilio".to_owned(),
        attempt: 1,
        standing,
        error_message: String::new(),
        provider_payload: "{}".to_owned(),
        received_at: now,
        origin: Origin::Callback,
    }
}

fn standing(word: &str, error_code: u32) -> Standing {
    Standing { status: parse_status(word).unwrap(), error_code }
}

/// Every standing that a message may have, known and unknown error codes among them.
fn universe() -> Vec<Standing> {
    let without_code = "accepted scheduled queued sending sent canceled failed undelivered delivered read";
    let with_code = [("failed", 63016), ("failed", 30008), ("undelivered", 63024), ("undelivered", 99_999)];
    let plain = without_code.split(' ').map(|word| standing(word, 0));
    plain.chain(with_code.map(|(word, code)| standing(word, code))).collect()
}

/// The log of one provider id by `created_at`: status, error code, `created_at`.
async fn log(store: &Store, sid: &str) -> Vec<(String, i64, i64)> {
    let log = "SELECT status, error_code, created_at FROM delivery_log WHERE sid = $1 ORDER BY created_at";
    store.read("test").await.unwrap().fetch_all(log, params![sid]).await.unwrap()
}

/// Some standings in some order, some of them more than once.
fn arrivals(set: &[Standing], random: &mut StdRng) -> Vec<Standing> {
    let mut arrivals = set.to_vec();
    for _ in 0..random.random_range(0..6) {
        arrivals.push(*set.choose(random).unwrap());
    }
    arrivals.shuffle(random);
    arrivals
}

#[tokio::test]
async fn the_order_of_arrival_never_changes_the_result() {
    on_each_engine(async |store: Store, clock: TestClock| {
        for seed in 0..60 {
            println!("seed {seed}");
            let random = &mut StdRng::seed_from_u64(seed);
            let deliveries = Deliveries::new(store.clone());
            let mut set = universe();
            set.shuffle(random);
            set.truncate(random.random_range(1..=set.len()));
            let mut results = Vec::new();
            for run in 0..2 {
                let sid = format!("SM{seed}-{run}");
                let arrivals = arrivals(&set, random);
                let registration = random.random_range(0..arrivals.len());
                for (at, arrival) in arrivals.into_iter().enumerate() {
                    // Callbacks race: the clock may stand still, or a replica's may be behind.
                    let skew = Duration::from_millis(random.random_range(0..3));
                    let report = callback(&sid, arrival, clock.shared().now() - skew);
                    clock.advance(Duration::from_millis(random.random_range(0..4)));
                    if at == registration {
                        let message_id = Some(format!("message-{sid}"));
                        deliveries
                            .register(Report { message_id, origin: Origin::Registration, ..report })
                            .await
                            .unwrap();
                    } else {
                        deliveries.record(report).await.unwrap();
                    }
                }
                let log = log(&store, &sid).await;
                assert!(log.windows(2).all(|pair| pair[0].2 < pair[1].2), "places in time differ: {log:?}");
                let latest = deliveries.of_sid(sid.clone()).await.unwrap();
                let by_created_at = log.last().unwrap();
                assert_eq!(
                    (&by_created_at.0, by_created_at.1),
                    (&latest.status, i64::from(latest.error_code))
                );
                assert_eq!(latest.message_id, Some(format!("message-{sid}")));
                let order: Vec<_> = log.into_iter().map(|(status, code, _)| (status, code)).collect();
                results.push((latest.status, latest.error_code, order));
            }
            assert_eq!(results[0], results[1]);
            assert_eq!(results[0].2.len(), set.len(), "each standing is kept once");
            set.sort_by_key(|standing| standing.position());
            let by_rank: Vec<_> =
                set.iter().map(|row| (row.status.as_str().to_owned(), i64::from(row.error_code))).collect();
            assert_eq!(results[0].2, by_rank);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callbacks_that_race_give_the_same_result_as_callbacks_in_a_row() {
    on_each_engine(async |store: Store, clock: TestClock| {
        let deliveries = Arc::new(Deliveries::new(store.clone()));
        for round in 0..20 {
            let sid = format!("SM{round}");
            let mut racing = tokio::task::JoinSet::new();
            for standing in universe().into_iter().chain(universe()) {
                let (deliveries, report) =
                    (Arc::clone(&deliveries), callback(&sid, standing, clock.shared().now()));
                racing.spawn(async move { deliveries.record(report).await.unwrap().appended });
            }
            let appended = racing.join_all().await.into_iter().filter(|appended| *appended).count();
            assert_eq!(appended, universe().len());
            let log = log(&store, &sid).await;
            assert_eq!(log.len(), universe().len());
            assert!(log.windows(2).all(|pair| pair[0].2 < pair[1].2));
            assert_eq!(deliveries.of_sid(sid).await.unwrap().status, "read");
        }
    })
    .await;
}

#[tokio::test]
async fn a_late_callback_lies_just_before_the_one_that_overtook_it_and_keeps_its_own_moment() {
    on_each_engine(async |store: Store, clock: TestClock| {
        let deliveries = Deliveries::new(store.clone());
        let read_at = clock.shared().now();
        deliveries.record(callback("SM1", standing("read", 0), read_at)).await.unwrap();
        clock.advance(Duration::from_mins(1));
        let late = clock.shared().now();
        deliveries.record(callback("SM1", standing("delivered", 0), late)).await.unwrap();
        let log = log(&store, "SM1").await;
        assert_eq!(log[1], ("read".to_owned(), 0, read_at.as_micros()));
        let before = read_at.as_micros() - log[0].2;
        assert!((1..10_000).contains(&before), "{before} µs before");
        let history = deliveries.history("SM1".to_owned()).await.unwrap();
        assert_eq!(history[0].received_at, late);
        let latest = deliveries.of_sid("SM1".to_owned()).await.unwrap();
        assert_eq!((latest.status.as_str(), latest.updated_at), ("read", read_at));
        assert_eq!(latest.delivered_at, None, "when it was delivered nobody knows");
    })
    .await;
}

#[tokio::test]
async fn pages_hold_every_delivery_once_newest_first() {
    on_each_engine(async |store: Store, clock: TestClock| {
        let deliveries = Deliveries::new(store.clone());
        for number in 0..25 {
            let word = if number % 5 == 0 { "failed" } else { "sent" };
            deliveries
                .record(callback(&format!("SM{number:02}"), standing(word, 0), clock.shared().now()))
                .await
                .unwrap();
            clock.advance(Duration::from_micros(u64::from(number % 3 == 0)));
        }
        for (status, expected) in [("", 25), ("failed", 5), ("sent", 20), ("read", 0)] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let (page, next) = deliveries.page(status, after, 4).await.unwrap();
                seen.extend(page.into_iter().map(|delivery| delivery.sid));
                after = next;
                if after.is_none() {
                    break;
                }
            }
            let mut newest_first = seen.clone();
            newest_first.sort_by(|a, b| b.cmp(a));
            assert_eq!((seen.len(), &seen), (expected, &newest_first), "{status}");
        }
    })
    .await;
}

#[tokio::test]
async fn statistics_and_lists_of_ids_read_the_same_on_each_engine() {
    on_each_engine(async |store: Store, clock: TestClock| {
        let deliveries = Deliveries::new(store.clone());
        for number in 0..12 {
            let sid = format!("SM{number}");
            let sent = callback(&sid, standing("sent", 0), clock.shared().now());
            let message_id = Some(format!("m{number}"));
            deliveries.register(Report { message_id, origin: Origin::Registration, ..sent }).await.unwrap();
            clock.advance(Duration::from_millis(250));
            deliveries.record(callback(&sid, standing("delivered", 0), clock.shared().now())).await.unwrap();
        }
        clock.advance(Duration::from_secs(90));
        deliveries.record(callback("SM0", standing("read", 0), clock.shared().now())).await.unwrap();
        let stats = deliveries.stats(Duration::from_hours(1)).await.unwrap();
        assert_eq!(stats.counts, [("delivered".to_owned(), 11), ("read".to_owned(), 1)]);
        assert_eq!((stats.to_delivered.count, stats.to_delivered.p99), (12, Duration::from_millis(251)));
        assert_eq!((stats.to_read.count, stats.to_read.p50), (1, Duration::from_millis(93_100)));
        let ids = (0..12).map(|number| format!("m{number}")).chain(["unknown".to_owned()]).collect();
        assert_eq!(deliveries.of_messages(ids).await.unwrap().len(), 12);
    })
    .await;
}

#[tokio::test]
async fn a_watcher_hears_every_commit_whoever_made_it() {
    on_each_engine(async |store: Store, clock: TestClock| {
        let (here, there) = (Deliveries::new(store.clone()), Deliveries::new(store.clone()));
        let mut changes = here.watch().await.unwrap();
        let stop = Stop::new();
        let following = tokio::spawn(here.feed().follow(stop.clone()));
        for word in ["sent", "delivered", "read"] {
            there.record(callback("SM1", standing(word, 0), clock.shared().now())).await.unwrap();
            let heard = tokio::time::timeout(Duration::from_secs(5), changes.recv()).await.unwrap().unwrap();
            assert_eq!(heard.status, word);
        }
        stop.request();
        following.await.unwrap();
    })
    .await;
}
