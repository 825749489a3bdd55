use store::{Sql, StoreError, Tx, params};

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
            enter_lane(tx, &row).await?;
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

pub(crate) async fn enter_lane(tx: &mut Tx, entry: &Entry<'_>) -> Result<(), StoreError> {
    let (queue, now) = (entry.queue.as_str(), tx.now());
    let position: i64 =
        tx.fetch_one(LOCK_LANE, params![queue, entry.lane.as_str(), now, entry.precedence]).await?;
    tx.execute(
        INSERT_JOB,
        params![
            queue,
            entry.lane.as_str(),
            entry.precedence,
            position,
            entry.kind,
            entry.payload,
            entry.key,
            entry.traceparent,
            now
        ],
    )
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
    let scheduled = tx
        .execute(
            "DELETE FROM queue_scheduled WHERE queue = $1 AND job_key = $2",
            params![queue.as_str(), key],
        )
        .await?;
    let lanes: Vec<String> = tx
        .fetch_all(
            "SELECT DISTINCT lane FROM queue_jobs
             WHERE queue = $1 AND job_key = $2 AND job_key <> '' AND batch_id = '' ORDER BY lane",
            params![queue.as_str(), key],
        )
        .await?;
    let mut cancelled = scheduled;
    for lane in &lanes {
        cancelled += cancel_in_lane(tx, queue, lane, key).await?;
    }
    Ok(cancelled > 0)
}

/// Locks the lane before its jobs, as everybody does, so that two transactions cannot wait for each other.
async fn cancel_in_lane(tx: &mut Tx, queue: QueueName, lane: &str, key: &str) -> Result<u64, StoreError> {
    let lock =
        format!("SELECT depth FROM queue_lanes WHERE queue = $1 AND lane = $2{}", tx.engine().for_update());
    tx.fetch_optional::<i64>(Sql::built(lock), params![queue.as_str(), lane]).await?;
    let deleted = tx
        .execute(
            "DELETE FROM queue_jobs
             WHERE queue = $1 AND lane = $2 AND job_key = $3 AND job_key <> '' AND batch_id = ''",
            params![queue.as_str(), lane, key],
        )
        .await?;
    // A lane that is empty now is put to sleep by the next claim, which finds nothing.
    tx.execute(
        "UPDATE queue_lanes SET depth = depth - $1 WHERE queue = $2 AND lane = $3",
        params![i64::try_from(deleted).unwrap_or(i64::MAX), queue.as_str(), lane],
    )
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
) -> Result<(), StoreError> {
    let entry = Entry { queue, lane: &lane, precedence: NORMAL, kind, payload, key: "", traceparent };
    enter_lane(tx, &entry).await?;
    tx.publish_on_commit(queue.as_str());
    Ok(())
}
