use std::time::Duration;

use store::{FromRow, Row, Sql, StoreError, Tx, params};
use telemetry::TraceContext;

use crate::{Job, LaneKey, Lease, NEVER, QueueName, lease::Inner};

/// Takes the heads of up to `lanes` lanes under leases that end after `lease`, the longest waiting first.
///
/// With `batch` above 1 a lease covers the head and up to `batch - 1` jobs behind it. The set is written down with the claim: when it
/// is tried again it is the same set, whatever came in since. A lane is under one lease at most. Fewer leases than asked for
/// do not mean that nothing is left: a lane whose head waits for its moment is looked at and put to sleep.
pub async fn claim(
    tx: &mut Tx,
    queue: QueueName,
    lanes: u32,
    batch: u32,
    lease: Duration,
) -> Result<Vec<Lease>, StoreError> {
    let (token, now) = (tx.ids().token(), tx.now());
    let lease_lanes = Sql::built(lease_lanes(lanes, tx.engine().skip_locked()));
    let heads: Vec<(String, i64)> =
        tx.fetch_all(lease_lanes, params![&token, now + lease, queue.as_str(), now]).await?;
    let mut leases = Vec::with_capacity(heads.len());
    for (lane, generation) in heads {
        let lane = Lane { queue, key: LaneKey::from(lane) };
        if let Some((batch_id, jobs)) = lane.take_head(tx, batch).await? {
            let (lane, token) = (lane.key, token.clone());
            leases.push(Lease::new(Inner {
                queue,
                lane,
                token,
                batch_id,
                generation,
                jobs,
                claimed_at: now,
            }));
        }
    }
    Ok(leases)
}

/// Puts the lanes that have waited longest under a lease. On PostgreSQL it passes over lanes that somebody else has locked, so it never
/// waits, and it looks at each lane's newest version, not at its snapshot's.
///
/// The number stands in the text: PostgreSQL plans a prepared statement for any number otherwise, and reads and sorts half the table.
fn lease_lanes(lanes: u32, skip_locked: &str) -> String {
    format!(
        "WITH taken AS MATERIALIZED (
            SELECT lane FROM queue_lanes WHERE queue = $3 AND claimable_at <= $4
            ORDER BY claimable_at LIMIT {lanes}{skip_locked})
        UPDATE queue_lanes SET lease_token = $1, claimable_at = $2, generation = queue_lanes.generation + 1
        FROM taken WHERE queue_lanes.queue = $3 AND queue_lanes.lane = taken.lane
        RETURNING queue_lanes.lane AS lane, queue_lanes.generation AS generation"
    )
}

struct Lane {
    queue: QueueName,
    key: LaneKey,
}

/// Freezes the rows at the front under a new name, if they are fresh: the usual case, in one statement.
fn freeze_fresh(batch: u32) -> String {
    format!(
        "UPDATE queue_jobs SET batch_id = $1, expiries = expiries + 1
        WHERE queue = $2 AND lane = $3
            AND (precedence, position) IN (
                SELECT front.precedence, front.position FROM queue_jobs AS front
                WHERE front.queue = $2 AND front.lane = $3 ORDER BY front.precedence, front.position LIMIT {batch})
            AND (precedence, batch_id, '') = (
                SELECT head.precedence, head.batch_id, head.batch_id FROM queue_jobs AS head
                WHERE head.queue = $2 AND head.lane = $3 ORDER BY head.precedence, head.position LIMIT 1)
        RETURNING precedence, position, kind, payload, traceparent, tries, expiries, enqueued_at"
    )
}

const HEAD: &str = "
    SELECT precedence, batch_id, not_before FROM queue_jobs
    WHERE queue = $1 AND lane = $2 ORDER BY precedence, position LIMIT 1";

/// Takes a frozen set again, whole: it ends where the name changes.
const TAKE_FROZEN: &str = "
    UPDATE queue_jobs SET expiries = expiries + 1
    WHERE queue = $1 AND lane = $2 AND precedence = $3 AND batch_id = $4
        AND position < COALESCE((
            SELECT behind.position FROM queue_jobs AS behind
            WHERE behind.queue = $1 AND behind.lane = $2 AND behind.precedence = $3 AND behind.batch_id <> $4
            ORDER BY behind.position LIMIT 1), $5)
    RETURNING precedence, position, kind, payload, traceparent, tries, expiries, enqueued_at";

const SLEEP: &str = "
    UPDATE queue_lanes SET claimable_at = $1, lease_token = '' WHERE queue = $2 AND lane = $3";

impl Lane {
    /// The set at the front, if its moment has come. The lane's row is locked, so nobody else changes its jobs meanwhile.
    async fn take_head(&self, tx: &mut Tx, batch: u32) -> Result<Option<(String, Vec<Job>)>, StoreError> {
        let batch_id = tx.ids().uuid().to_string();
        let (queue, lane) = (self.queue.as_str(), self.key.as_str());
        let fresh: Vec<Job> =
            tx.fetch_all(Sql::built(freeze_fresh(batch)), params![&batch_id, queue, lane]).await?;
        if !fresh.is_empty() {
            return Ok(Some((batch_id, in_order(fresh))));
        }
        let head: Option<(i64, String, i64)> = tx.fetch_optional(HEAD, params![queue, lane]).await?;
        let Some((precedence, frozen, not_before)) = head else {
            self.sleep_until(tx, NEVER).await?;
            return Ok(None);
        };
        if not_before > tx.now().as_micros() {
            self.sleep_until(tx, not_before).await?;
            return Ok(None);
        }
        let jobs = tx.fetch_all(TAKE_FROZEN, params![queue, lane, precedence, &frozen, i64::MAX]).await?;
        Ok(Some((frozen, in_order(jobs))))
    }

    /// Nothing can be taken before this moment.
    async fn sleep_until(&self, tx: &mut Tx, moment: i64) -> Result<(), StoreError> {
        tx.execute(SLEEP, params![moment, self.queue.as_str(), self.key.as_str()]).await?;
        Ok(())
    }
}

/// The jobs in their order, which RETURNING does not promise.
fn in_order(mut jobs: Vec<Job>) -> Vec<Job> {
    jobs.sort_unstable_by_key(|job| job.position);
    jobs
}

impl FromRow for Job {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            precedence: row.get("precedence")?,
            position: row.get("position")?,
            kind: row.get("kind")?,
            payload: row.get("payload")?,
            trace: row.get::<&str>("traceparent")?.parse::<TraceContext>().ok(),
            tries: row.get("tries")?,
            // This claim's own count is taken back by its answer.
            expiries: row.get::<u32>("expiries")?.saturating_sub(1),
            enqueued_at: row.get("enqueued_at")?,
        })
    }
}
