use std::time::Duration;

use model::{Ids, Timestamp};
use sqlx::{AssertSqlSafe, Row, any::AnyRow};
use store::{StoreError, Tx};
use telemetry::TraceContext;

use crate::{Job, LaneKey, Lease, NEVER, QueueName, lease::Inner};

/// Takes the heads of up to `lanes` lanes under leases that end after `lease`, the longest waiting first.
///
/// With `batch` above 1 a lease covers the head and up to `batch - 1` jobs behind it. The set is written down with the claim: when it
/// is tried again it is the same set, whatever came in since. A lane is under one lease at most. Fewer leases than asked for
/// do not mean that nothing is left: a lane whose head waits for its moment is looked at and put to sleep.
pub async fn claim(
    tx: &mut Tx,
    ids: &Ids,
    queue: QueueName,
    lanes: u32,
    batch: u32,
    lease: Duration,
    now: Timestamp,
) -> Result<Vec<Lease>, StoreError> {
    let token = ids.token();
    let rows = sqlx::query(AssertSqlSafe(lease_lanes(lanes, tx.engine().skip_locked())))
        .bind(&token)
        .bind((now + lease).as_micros())
        .bind(queue.as_str())
        .bind(now.as_micros())
        .fetch_all(tx.conn())
        .await?;
    let mut leases = Vec::with_capacity(rows.len());
    for row in &rows {
        let lane = Lane { queue, key: LaneKey::from(row.try_get::<String, _>("lane")?) };
        let generation = row.try_get("generation")?;
        if let Some((batch_id, jobs)) = lane.take_head(tx, ids, batch, now).await? {
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
    async fn take_head(
        &self,
        tx: &mut Tx,
        ids: &Ids,
        batch: u32,
        now: Timestamp,
    ) -> Result<Option<(String, Vec<Job>)>, StoreError> {
        let batch_id = ids.uuid().to_string();
        let fresh = sqlx::query(AssertSqlSafe(freeze_fresh(batch)))
            .bind(&batch_id)
            .bind(self.queue.as_str())
            .bind(self.key.as_str())
            .fetch_all(tx.conn())
            .await?;
        if !fresh.is_empty() {
            return Ok(Some((batch_id, jobs(&fresh)?)));
        }
        let head = sqlx::query(HEAD)
            .bind(self.queue.as_str())
            .bind(self.key.as_str())
            .fetch_optional(tx.conn())
            .await?;
        let Some(head) = head else {
            self.sleep_until(tx, NEVER).await?;
            return Ok(None);
        };
        let not_before: i64 = head.try_get("not_before")?;
        if not_before > now.as_micros() {
            self.sleep_until(tx, not_before).await?;
            return Ok(None);
        }
        let frozen: String = head.try_get("batch_id")?;
        let rows = sqlx::query(TAKE_FROZEN)
            .bind(self.queue.as_str())
            .bind(self.key.as_str())
            .bind(head.try_get::<i64, _>("precedence")?)
            .bind(&frozen)
            .bind(i64::MAX)
            .fetch_all(tx.conn())
            .await?;
        Ok(Some((frozen, jobs(&rows)?)))
    }

    /// Nothing can be taken before this moment.
    async fn sleep_until(&self, tx: &mut Tx, moment: i64) -> Result<(), StoreError> {
        sqlx::query(SLEEP)
            .bind(moment)
            .bind(self.queue.as_str())
            .bind(self.key.as_str())
            .execute(tx.conn())
            .await?;
        Ok(())
    }
}

/// The jobs in their order, which RETURNING does not promise.
fn jobs(rows: &[AnyRow]) -> Result<Vec<Job>, StoreError> {
    let mut jobs = rows.iter().map(job).collect::<Result<Vec<_>, _>>()?;
    jobs.sort_unstable_by_key(|job| job.position);
    Ok(jobs)
}

fn job(row: &AnyRow) -> Result<Job, StoreError> {
    let count =
        |name: &str| row.try_get::<i64, _>(name).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    Ok(Job {
        kind: row.try_get("kind")?,
        payload: row.try_get("payload")?,
        trace: row.try_get::<String, _>("traceparent")?.parse::<TraceContext>().ok(),
        tries: count("tries")?,
        // This claim's own count is taken back by its answer.
        expiries: count("expiries")?.saturating_sub(1),
        enqueued_at: Timestamp::from_micros(row.try_get("enqueued_at")?),
        precedence: row.try_get("precedence")?,
        position: row.try_get("position")?,
    })
}
