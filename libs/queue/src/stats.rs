//! What a queue looks like from outside: depth, age, the next moment something happens.

use std::time::Duration;

use model::Timestamp;
use sqlx::Row;
use store::{Store, StoreError};

use crate::{NEVER, QueueName};

/// A lane idle for this long is forgotten.
const PRUNE_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Depth and age of one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stats {
    pub depth: i64,
    pub oldest: Option<Timestamp>,
    pub scheduled: i64,
    pub dead_letters: i64,
}

/// When a lane can next be claimed and when the next row is due, in microseconds; [`NEVER`] when there is none.
pub(crate) async fn next_moments(store: &Store, queue: QueueName) -> Result<(i64, i64), StoreError> {
    store
        .read("queue-next-moments", move |conn| {
            Box::pin(async move {
                let row = sqlx::query(
                    "SELECT
                        COALESCE((SELECT MIN(claimable_at) FROM queue_lanes WHERE queue = $1), $2) AS claimable,
                        COALESCE((SELECT MIN(due_at) FROM queue_scheduled WHERE queue = $1), $2) AS due",
                )
                .bind(queue.as_str())
                .bind(NEVER)
                .fetch_one(conn)
                .await?;
                Ok((row.try_get("claimable")?, row.try_get("due")?))
            })
        })
        .await
}

/// Counts one queue.
pub(crate) async fn stats(store: &Store, queue: QueueName) -> Result<Stats, StoreError> {
    store
        .read("queue-stats", move |conn| {
            Box::pin(async move {
                let row = sqlx::query(
                    "SELECT
                        (SELECT COUNT(*) FROM queue_jobs WHERE queue = $1) AS depth,
                        (SELECT MIN(enqueued_at) FROM queue_jobs WHERE queue = $1) AS oldest,
                        (SELECT COUNT(*) FROM queue_scheduled WHERE queue = $1) AS scheduled,
                        (SELECT COUNT(*) FROM queue_dead_letters WHERE queue = $1) AS dead_letters",
                )
                .bind(queue.as_str())
                .fetch_one(conn)
                .await?;
                Ok(Stats {
                    depth: row.try_get("depth")?,
                    oldest: row.try_get::<Option<i64>, _>("oldest")?.map(Timestamp::from_micros),
                    scheduled: row.try_get("scheduled")?,
                    dead_letters: row.try_get("dead_letters")?,
                })
            })
        })
        .await
}

/// Sets the gauges and forgets lanes long idle.
pub(crate) async fn housekeeping(store: &Store, queue: QueueName, now: Timestamp) {
    match stats(store, queue).await {
        Ok(stats) => {
            let age = stats.oldest.map_or(Duration::ZERO, |oldest| now.since(oldest));
            let labels = [("service", store.service()), ("queue", queue.as_str())];
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
            metrics::gauge!("queue_depth", &labels).set(stats.depth as f64);
            metrics::gauge!("queue_oldest_age_seconds", &labels).set(age.as_secs_f64());
        }
        Err(error) => tracing::debug!(error = %error, "{} {queue}: could not be measured", store.service()),
    }
    let pruned = store
        .write("queue-prune", move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "DELETE FROM queue_lanes WHERE queue = $1 AND claimable_at = $2 AND depth = 0 AND touched_at < $3",
                )
                .bind(queue.as_str())
                .bind(NEVER)
                .bind(now.as_micros() - i64::try_from(PRUNE_AFTER.as_micros()).unwrap_or(i64::MAX))
                .execute(tx.conn())
                .await?;
                Ok::<_, StoreError>(())
            })
        })
        .await;
    if let Err(error) = pruned {
        tracing::debug!(error = %error, "{} {queue}: idle lanes were not pruned", store.service());
    }
}
