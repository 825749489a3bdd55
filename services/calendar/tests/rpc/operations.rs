//! What operators see: the background queue and the instruments.

use std::time::Duration;

use proto::queue::v1::{ListQueuesRequest, QueueInfo};

use crate::support::{HOLD, World, booking, hold, on_both_engines};

async fn background(world: &World) -> QueueInfo {
    let answer = world.queues.clone().list_queues(ListQueuesRequest {}).await.unwrap().into_inner();
    answer.queues.into_iter().find(|queue| queue.queue == "background").unwrap_or_default()
}

#[tokio::test]
async fn a_release_waits_for_its_hour_and_is_called_off_with_the_hold() {
    on_both_engines(async |world| {
        world.book(booking("agreed at once")).await.unwrap();
        assert_eq!(background(world).await.scheduled, 0);
        for start in ["2026-03-13T10:00:00Z", "2026-03-13T12:00:00Z", "2026-03-13T13:00:00Z"] {
            let mut wish = hold(start);
            wish.start = Some(crate::support::at(start));
            let held = world.book(wish).await.unwrap();
            match start {
                "2026-03-13T10:00:00Z" => drop(world.confirm(&held.appointment_id).await.unwrap()),
                "2026-03-13T12:00:00Z" => drop(world.cancel(&held.appointment_id).await.unwrap()),
                _ => {}
            }
        }
        assert_eq!(background(world).await.scheduled, 1, "one hold is neither confirmed nor cancelled");
        world.clock.advance(HOLD);
        for tries in 0.. {
            let queue = background(world).await;
            assert_eq!(queue.dead_letters, 0);
            if queue.scheduled + queue.depth == 0 {
                break;
            }
            assert!(tries < 200, "the release was not done");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}
