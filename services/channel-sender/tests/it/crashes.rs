//! What a crash leaves behind is settled at the next start: what Twilio took is not sent again, what it did not take is.

use std::time::Duration;

use crate::world::{ANNA, World};
use channel_sender::store::{MIGRATIONS, attempts};
use proto::channel::v1::SendState;
use store::{Store, StoreConfig};

/// A message whose attempt was written down when the process died; Twilio hears of it or does not.
async fn cut_attempt(twilio_took_it: bool) -> World {
    let mut world = World::new(|config| config.send_settle_after = Duration::from_millis(200)).await;
    world.writes(ANNA).await;
    // The first attempt is put off, and the second one begun by hand as a worker does that dies then.
    world.faults(r#"[{"on":"create","kind":"429","count":1}]"#);
    world.send("m-1", ANNA, "Hoi").await.unwrap();
    while world.faults_struck() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.stop().await;
    let store =
        Store::open(&StoreConfig::sqlite(world.data_dir()), "channel-sender", MIGRATIONS).await.unwrap();
    let begun = store
        .write_with("begin", move |tx| Box::pin(async move { attempts::begin(tx, "m-1", None).await }))
        .await
        .unwrap();
    assert_eq!(begun, Some(2));
    store.close().await;
    drop(store);
    if twilio_took_it {
        world.post_by_hand(ANNA, "Hoi").await;
    }
    world.start().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_twilio_took_the_message_sends_nothing_again() {
    let mut world = cut_attempt(true).await;
    world.reaches("m-1", SendState::Unknown).await;
    let status = world.reaches("m-1", SendState::Sent).await;
    let accepted = world.accepted(ANNA);
    assert_eq!((status.attempts, accepted.len()), (2, 1));
    assert_eq!(status.message_sid, accepted[0].sid.as_ref());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_the_request_left_sends_the_message_once() {
    let mut world = cut_attempt(false).await;
    let status = world.reaches("m-1", SendState::Sent).await;
    assert_eq!((status.attempts, world.texts(ANNA).len()), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_written_down_late_is_not_taken_back() {
    let mut world = World::new(|_| {}).await;
    world.writes(ANNA).await;
    world.send("m-1", ANNA, "Hoi").await.unwrap();
    world.reaches("m-1", SendState::Sent).await;
    world.stop().await;
    let config = StoreConfig::sqlite(world.data_dir());
    let store = Store::open(&config, "channel-sender", MIGRATIONS).await.unwrap();
    // As by a worker that read the attempt before its outcome stood there.
    let cut =
        store.write_with("cut", move |tx| Box::pin(async move { attempts::mark_cut(tx, "m-1", 1).await }));
    assert!(!cut.await.unwrap());
}
