//! What looks unfinished waits for its rest, as a row in the queue.

use std::time::{Duration, Instant};

use crate::harness::{ALL, With, desks};

const WINDOW: Duration = Duration::from_millis(600);

fn waiting() -> With {
    With { burst_window_ms: 600, ..ALL }
}

#[tokio::test]
async fn a_fragment_waits_and_a_whole_sentence_takes_it_along_at_once() {
    // Long enough for a busy machine to answer within it.
    let window = Duration::from_secs(4);
    for desk in desks(With { burst_window_ms: 4000, ..ALL }).await {
        let began = Instant::now();
        desk.says(1, "Hallo").await;
        desk.says(2, "Hebben jullie een Volkswagen Polo?").await;
        desk.replies(1).await;
        assert!(began.elapsed() < window, "answered after {:?}", began.elapsed());
        let messages = desk.messages().await;
        assert_eq!(messages[0].turn_id, messages[1].turn_id);
        assert_eq!(desk.states().await, ["answered", "answered"]);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_fragment_without_a_rest_is_answered_when_its_time_is_over() {
    for desk in desks(waiting()).await {
        let began = Instant::now();
        desk.says(1, "Hallo").await;
        desk.replies(1).await;
        assert!(began.elapsed() >= WINDOW, "answered after {:?}", began.elapsed());
        desk.says(2, "Hebben jullie een Volkswagen Polo?").await;
        desk.replies(2).await;
        let messages = desk.messages().await;
        assert_ne!(messages[0].turn_id, messages[2].turn_id, "the fragment was taken up before");
        desk.close().await;
    }
}

#[tokio::test]
async fn each_fragment_prolongs_the_wait() {
    for desk in desks(waiting()).await {
        for number in 1..=4 {
            desk.says(number, "Hallo").await;
            tokio::time::sleep(WINDOW / 2).await;
        }
        assert!(desk.sent.messages.lock().unwrap().is_empty());
        desk.replies(1).await;
        let messages = desk.messages().await;
        let turns: Vec<_> = messages.iter().map(|message| &message.turn_id).collect();
        assert!(turns.iter().all(|turn| *turn == turns[0]), "{turns:?}");
        desk.close().await;
    }
}

#[tokio::test]
async fn stop_waits_for_nothing() {
    for desk in desks(waiting()).await {
        let began = Instant::now();
        desk.says(1, "Hallo").await;
        desk.says(2, "STOP").await;
        desk.replies(1).await;
        assert!(began.elapsed() < WINDOW, "answered after {:?}", began.elapsed());
        desk.eventually("history", async || desk.states().await == ["history", "answered"]).await;
        desk.close().await;
    }
}
