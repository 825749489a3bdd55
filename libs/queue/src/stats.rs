//! What a queue looks like from outside: depth, age, the next moment something happens.

use std::time::Duration;

use lifecycle::Stop;
use model::Timestamp;
use store::{Sql, Store, StoreError, Tx, Write, params};
use tokio::time::Instant;

use crate::{NEVER, QueueName};

/// A lane idle for this long is forgotten.
const PRUNE_AFTER: Duration = Duration::from_hours(24);

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
    const SQL: &str = "
        SELECT
            COALESCE((SELECT MIN(claimable_at) FROM queue_lanes WHERE queue = $1), $2) AS claimable,
            COALESCE((SELECT MIN(due_at) FROM queue_scheduled WHERE queue = $1), $2) AS due";
    store.read("queue-next-moments").await?.fetch_one(SQL, params![queue.as_str(), NEVER]).await
}

/// Counts one queue.
pub(crate) async fn stats(store: &Store, queue: QueueName) -> Result<Stats, StoreError> {
    const SQL: &str = "
        SELECT
            (SELECT COUNT(*) FROM queue_jobs WHERE queue = $1),
            (SELECT MIN(enqueued_at) FROM queue_jobs WHERE queue = $1),
            (SELECT COUNT(*) FROM queue_scheduled WHERE queue = $1),
            (SELECT COUNT(*) FROM queue_dead_letters WHERE queue = $1)";
    let (depth, oldest, scheduled, dead_letters) =
        store.scan("queue-stats").await?.fetch_one(SQL, params![queue.as_str()]).await?;
    Ok(Stats { depth, oldest, scheduled, dead_letters })
}

/// Depth and age are measured this often, or less often where that takes long: see [`MEASURING_SHARE`].
const MEASURE_EVERY: Duration = Duration::from_secs(10);
/// Counting a queue reads all of it, so the pause after it is at least this many times as long.
const MEASURING_SHARE: u32 = 100;
/// Idle lanes are looked for this often.
const PRUNE_EVERY: Duration = Duration::from_mins(1);
/// Idle lanes forgotten in one transaction.
const PRUNE_AT_ONCE: u64 = 500;

/// Sets the gauges and forgets idle lanes until told to stop, beside the workers.
pub(crate) async fn housekeeping(store: Store, queue: QueueName, stop: Stop) {
    let mut prune_at = Instant::now();
    while !stop.is_requested() {
        let start = Instant::now();
        measure(&store, queue).await;
        let pause = MEASURE_EVERY.max(start.elapsed() * MEASURING_SHARE);
        if prune_at <= start {
            prune(&store, queue).await;
            prune_at = start + PRUNE_EVERY;
        }
        if stop.or(tokio::time::sleep(pause)).await.is_none() {
            break;
        }
    }
}

async fn measure(store: &Store, queue: QueueName) {
    match stats(store, queue).await {
        Ok(stats) => {
            let age = stats.oldest.map_or(Duration::ZERO, |oldest| store.now().since(oldest));
            let labels = [("service", store.service()), ("queue", queue.as_str())];
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
            metrics::gauge!("queue_depth", &labels).set(stats.depth as f64);
            metrics::gauge!("queue_oldest_age_seconds", &labels).set(age.as_secs_f64());
        }
        Err(error) => tracing::debug!(error = %error, "{} {queue}: could not be measured", store.service()),
    }
}

async fn prune(store: &Store, queue: QueueName) {
    loop {
        match store.write(Prune(queue)).await {
            Ok(PRUNE_AT_ONCE) => {}
            Ok(_) => return,
            Err(error) => {
                let service = store.service();
                tracing::debug!(error = %error, "{service} {queue}: idle lanes were not pruned");
                return;
            }
        }
    }
}

/// Forgets idle lanes, some at a time. Passes over those that somebody has locked, for they are not idle.
struct Prune(QueueName);

impl Write for Prune {
    const NAME: &'static str = "queue-prune";
    type Output = u64;
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<u64, StoreError> {
        let idle_since = tx.now() - PRUNE_AFTER;
        let sql = format!(
            "DELETE FROM queue_lanes WHERE queue = $1 AND lane IN (
                SELECT idle.lane FROM queue_lanes AS idle
                WHERE idle.queue = $1 AND idle.claimable_at = $2 AND idle.idle_since < $3 AND idle.depth = 0
                LIMIT {PRUNE_AT_ONCE}{})",
            tx.engine().skip_locked()
        );
        tx.execute(Sql::built(sql), params![self.0.as_str(), NEVER, idle_since]).await
    }
}
