use model::Timestamp;
use sqlx::{AssertSqlSafe, Row};
use store::{StoreError, Tx};

use crate::{
    NewJob, QueueName,
    job::{LaneKey, NORMAL},
    schedule,
};

/// Adds a job in the caller's transaction: it exists if and only if the change that causes it does. Workers wake after the commit.
///
/// Jobs of one lane are done in the order of their commits, for adding locks the lane's row until the commit. So push and
/// [`ack`](crate::Lease::ack) last in a transaction, and several lanes always in the same order: on PostgreSQL two transactions
/// that lock the same rows in different orders wait for each other, and one of them fails as contended.
pub async fn push(tx: &mut Tx, job: NewJob) -> Result<(), StoreError> {
    let queue = job.queue;
    match (job.due_at, job.every) {
        (None, None) => {
            let row = Entry {
                queue,
                lane: &job.lane,
                precedence: job.precedence,
                kind: job.kind,
                payload: &job.payload,
                key: &job.key,
                traceparent: &job.traceparent,
            };
            enter_lane(tx, &row, job.now).await?;
        }
        _ => schedule::add(tx, &job).await?,
    }
    tx.publish_on_commit(queue.as_str());
    Ok(())
}

/// A row on its way into its lane.
pub(crate) struct Entry<'a> {
    pub queue: QueueName,
    pub lane: &'a LaneKey,
    pub precedence: i64,
    pub kind: &'a str,
    pub payload: &'a str,
    pub key: &'a str,
    pub traceparent: &'a str,
}

/// The generation of a lane starts at the microsecond of its creation, so that it does not go back after an idle lane was pruned.
/// A lane with work keeps its moment, unless the row is urgent and no lease in force: then the next claim looks at once.
const LOCK_LANE: &str = "
    INSERT INTO queue_lanes (queue, lane, next_position, depth, claimable_at, generation, lease_token, idle_since)
    VALUES ($1, $2, 2, 1, $3, $3, '', $3)
    ON CONFLICT (queue, lane) DO UPDATE SET
        next_position = queue_lanes.next_position + 1,
        depth = queue_lanes.depth + 1,
        claimable_at = CASE
            WHEN queue_lanes.depth = 0 THEN $3
            WHEN $4 = 0 AND queue_lanes.lease_token = '' THEN $3
            ELSE queue_lanes.claimable_at END
    RETURNING next_position - 1 AS position";

/// A fresh row has no moment of its own to wait for: its lane says when it is looked at.
const INSERT_JOB: &str = "
    INSERT INTO queue_jobs (queue, lane, precedence, position, batch_id, kind, payload, job_key, traceparent,
        tries, expiries, not_before, last_error, enqueued_at)
    VALUES ($1, $2, $3, $4, '', $5, $6, $7, $8, 0, 0, 0, '', $9)";

pub(crate) async fn enter_lane(tx: &mut Tx, entry: &Entry<'_>, now: Timestamp) -> Result<(), StoreError> {
    let queue = entry.queue.as_str();
    let position: i64 = sqlx::query(LOCK_LANE)
        .bind(queue)
        .bind(entry.lane.as_str())
        .bind(now.as_micros())
        .bind(entry.precedence)
        .fetch_one(tx.conn())
        .await?
        .try_get("position")?;
    sqlx::query(INSERT_JOB)
        .bind(queue)
        .bind(entry.lane.as_str())
        .bind(entry.precedence)
        .bind(position)
        .bind(entry.kind)
        .bind(entry.payload)
        .bind(entry.key)
        .bind(entry.traceparent)
        .bind(now.as_micros())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Cancels the job with this key if no worker has it yet; says whether there was one. A job without a key cannot be cancelled.
///
/// What waits for its moment is looked at before the lanes, since rows move that way.
pub async fn cancel(tx: &mut Tx, queue: QueueName, key: &str) -> Result<bool, StoreError> {
    if key.is_empty() {
        return Ok(false);
    }
    let scheduled = sqlx::query("DELETE FROM queue_scheduled WHERE queue = $1 AND job_key = $2")
        .bind(queue.as_str())
        .bind(key)
        .execute(tx.conn())
        .await?
        .rows_affected();
    let lanes = sqlx::query(
        "SELECT DISTINCT lane FROM queue_jobs
         WHERE queue = $1 AND job_key = $2 AND job_key <> '' AND batch_id = '' ORDER BY lane",
    )
    .bind(queue.as_str())
    .bind(key)
    .fetch_all(tx.conn())
    .await?;
    let mut cancelled = scheduled;
    for row in &lanes {
        cancelled += cancel_in_lane(tx, queue, &row.try_get::<String, _>("lane")?, key).await?;
    }
    Ok(cancelled > 0)
}

/// Locks the lane before its jobs, as everybody does, so that two transactions cannot wait for each other.
async fn cancel_in_lane(tx: &mut Tx, queue: QueueName, lane: &str, key: &str) -> Result<u64, StoreError> {
    let lock =
        format!("SELECT depth FROM queue_lanes WHERE queue = $1 AND lane = $2{}", tx.engine().for_update());
    sqlx::query(AssertSqlSafe(lock)).bind(queue.as_str()).bind(lane).fetch_optional(tx.conn()).await?;
    let deleted = sqlx::query(
        "DELETE FROM queue_jobs WHERE queue = $1 AND lane = $2 AND job_key = $3 AND job_key <> '' AND batch_id = ''",
    )
    .bind(queue.as_str())
    .bind(lane)
    .bind(key)
    .execute(tx.conn())
    .await?
    .rows_affected();
    // A lane that is empty now is put to sleep by the next claim, which finds nothing.
    sqlx::query("UPDATE queue_lanes SET depth = depth - $1 WHERE queue = $2 AND lane = $3")
        .bind(i64::try_from(deleted).unwrap_or(i64::MAX))
        .bind(queue.as_str())
        .bind(lane)
        .execute(tx.conn())
        .await?;
    Ok(deleted)
}

/// Puts a dead letter's work back at the end of its lane.
pub(crate) async fn push_again(
    tx: &mut Tx,
    queue: QueueName,
    lane: LaneKey,
    kind: &str,
    payload: &str,
    traceparent: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let entry = Entry { queue, lane: &lane, precedence: NORMAL, kind, payload, key: "", traceparent };
    enter_lane(tx, &entry, now).await?;
    tx.publish_on_commit(queue.as_str());
    Ok(())
}
