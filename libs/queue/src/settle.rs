//! What becomes of a lease: finished, tried again, put off, renewed, or given up as dead letters.

use std::time::Duration;

use model::{Ids, Timestamp};
use store::{StoreError, Tx};

use crate::{Lease, LeaseLost, NEVER, job::URGENT};

const DELETE_BATCH: &str = "
    DELETE FROM queue_jobs
    WHERE queue = $1 AND lane = $2 AND precedence = $3 AND position <= $4 AND batch_id = $5";

/// Frees the lane for its next head, which may itself be waiting for its moment. The depth decides whether there is one: on PostgreSQL a
/// job pushed while this statement waited for the lane's row is counted there but not yet seen by the sub-select, and a look too
/// early does no harm.
const FREE_LANE: &str = "
    UPDATE queue_lanes SET
        depth = depth - $1, lease_token = '', leased_batch = '', touched_at = $2,
        claimable_at = CASE WHEN depth <= $1 THEN $5 ELSE COALESCE((
            SELECT CASE WHEN queue_jobs.not_before > $2 THEN queue_jobs.not_before ELSE $2 END FROM queue_jobs
            WHERE queue_jobs.queue = $3 AND queue_jobs.lane = $4
            ORDER BY queue_jobs.precedence, queue_jobs.position LIMIT 1), $2) END
    WHERE queue = $3 AND lane = $4 AND lease_token = $6";

pub(crate) async fn finish(tx: &mut Tx, lease: &Lease, now: Timestamp) -> Result<(), LeaseLost> {
    let deleted = sqlx::query(DELETE_BATCH)
        .bind(lease.queue().as_str())
        .bind(lease.lane().as_str())
        .bind(lease.head().precedence)
        .bind(lease.jobs().last().map_or(0, |job| job.position))
        .bind(lease.batch_id())
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?
        .rows_affected();
    let freed = sqlx::query(FREE_LANE)
        .bind(i64::try_from(deleted).unwrap_or(i64::MAX))
        .bind(now.as_micros())
        .bind(lease.queue().as_str())
        .bind(lease.lane().as_str())
        .bind(NEVER)
        .bind(lease.token())
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?
        .rows_affected();
    if freed == 0 {
        return Err(LeaseLost::Lost);
    }
    tx.publish_on_commit(lease.queue().as_str());
    Ok(())
}

/// Longest error text kept with a job, in characters.
const ERROR_TEXT: usize = 2000;

const TRY_AGAIN: &str = "
    UPDATE queue_jobs SET tries = tries + $1, not_before = $2, last_error = $3
    WHERE queue = $4 AND lane = $5 AND batch_id = $6";

/// Locks the lane, so that the next statements see every urgent row pushed before them.
const LOCK_LANE: &str =
    "UPDATE queue_lanes SET touched_at = $1 WHERE queue = $2 AND lane = $3 AND lease_token = $4";

/// The lane waits for its head, unless an urgent row waits behind it.
const HOLD_LANE: &str = "
    UPDATE queue_lanes SET
        lease_token = '', leased_batch = '',
        claimable_at = CASE WHEN EXISTS (
            SELECT 1 FROM queue_jobs WHERE queue_jobs.queue = $3 AND queue_jobs.lane = $4
                AND queue_jobs.precedence = $5 AND queue_jobs.batch_id <> $6) THEN $1 ELSE $2 END
    WHERE queue = $3 AND lane = $4";

/// Gives the lease back; the same set is tried again after `delay`, and the lane waits for it. `counts` says whether this was a try.
pub(crate) async fn again(
    tx: &mut Tx,
    lease: &Lease,
    error: &str,
    counts: bool,
    delay: Duration,
    now: Timestamp,
) -> Result<(), LeaseLost> {
    let not_before = (now + delay).as_micros();
    let locked = sqlx::query(LOCK_LANE)
        .bind(now.as_micros())
        .bind(lease.queue().as_str())
        .bind(lease.lane().as_str())
        .bind(lease.token())
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?
        .rows_affected();
    if locked == 0 {
        return Err(LeaseLost::Lost);
    }
    sqlx::query(TRY_AGAIN)
        .bind(i64::from(counts))
        .bind(not_before)
        .bind(cut(error))
        .bind(lease.queue().as_str())
        .bind(lease.lane().as_str())
        .bind(lease.batch_id())
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?;
    sqlx::query(HOLD_LANE)
        .bind(now.as_micros())
        .bind(not_before)
        .bind(lease.queue().as_str())
        .bind(lease.lane().as_str())
        .bind(URGENT)
        .bind(lease.batch_id())
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?;
    tx.publish_on_commit(lease.queue().as_str());
    Ok(())
}

/// Extends the lease; fails when it was lost.
pub(crate) async fn renew(tx: &mut Tx, lease: &Lease, until: Timestamp) -> Result<(), LeaseLost> {
    let renewed = sqlx::query(
        "UPDATE queue_lanes SET claimable_at = $1 WHERE queue = $2 AND lane = $3 AND lease_token = $4",
    )
    .bind(until.as_micros())
    .bind(lease.queue().as_str())
    .bind(lease.lane().as_str())
    .bind(lease.token())
    .execute(tx.conn())
    .await
    .map_err(StoreError::from)?
    .rows_affected();
    if renewed == 0 { Err(LeaseLost::Lost) } else { Ok(()) }
}

const INSERT_DEAD_LETTER: &str = "
    INSERT INTO queue_dead_letters
        (dead_letter_id, queue, lane, kind, payload, traceparent, tries, expiries, error, enqueued_at, died_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Moves the jobs to the dead letters; the lane goes on.
pub(crate) async fn bury(
    tx: &mut Tx,
    ids: &Ids,
    lease: &Lease,
    error: &str,
    counts: bool,
    now: Timestamp,
) -> Result<(), LeaseLost> {
    for job in lease.jobs() {
        sqlx::query(INSERT_DEAD_LETTER)
            .bind(ids.uuid().to_string())
            .bind(lease.queue().as_str())
            .bind(lease.lane().as_str())
            .bind(&job.kind)
            .bind(&job.payload)
            .bind(job.trace.as_ref().map(ToString::to_string).unwrap_or_default())
            .bind(i64::from(job.tries) + i64::from(counts))
            .bind(i64::from(job.expiries))
            .bind(cut(error))
            .bind(job.enqueued_at.as_micros())
            .bind(now.as_micros())
            .execute(tx.conn())
            .await
            .map_err(StoreError::from)?;
    }
    finish(tx, lease, now).await
}

fn cut(error: &str) -> &str {
    error.char_indices().nth(ERROR_TEXT).map_or(error, |(end, _)| &error[..end])
}
