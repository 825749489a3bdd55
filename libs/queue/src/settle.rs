//! What becomes of a lease: finished, tried again, put off, renewed, or given up as dead letters.

use std::time::Duration;

use store::{Tx, params};

use crate::{Lease, LeaseLost, NEVER};

/// Frees the lane for its next head. Whoever is next may have to wait for its moment; the claim that looks too early puts the lane to
/// sleep. Looking here instead would miss what was pushed while this statement waited for the lane's row: on PostgreSQL the row
/// itself is then read anew, but other tables as they were when the statement began.
const FREE_LANE: &str = "
    UPDATE queue_lanes SET
        depth = depth - $1, lease_token = '',
        claimable_at = CASE WHEN depth <= $1 THEN $2 ELSE $3 END,
        idle_since = $3
    WHERE queue = $4 AND lane = $5 AND lease_token = $6
    RETURNING depth";

const DELETE_SET: &str = "
    DELETE FROM queue_jobs
    WHERE queue = $1 AND lane = $2 AND precedence = $3 AND position >= $4 AND position <= $5";

/// Locks the lane before its jobs, as everybody does, so that two transactions cannot wait for each other.
pub(crate) async fn finish(tx: &mut Tx, lease: &Lease) -> Result<(), LeaseLost> {
    let (queue, lane) = (lease.queue().as_str(), lease.lane().as_str());
    let freed = params![size(lease), NEVER, tx.now(), queue, lane, lease.token()];
    let left = tx.fetch_optional::<i64>(FREE_LANE, freed).await?.ok_or(LeaseLost::Lost)?;
    tx.execute(
        DELETE_SET,
        params![
            queue,
            lane,
            lease.head().precedence,
            lease.head().position,
            lease.jobs().last().map_or(0, |job| job.position)
        ],
    )
    .await?;
    if left > 0 {
        tx.publish_on_commit(queue);
    }
    Ok(())
}

/// The jobs of a lease stay what they were claimed as: nobody adds to a frozen set or takes from it.
fn size(lease: &Lease) -> i64 {
    i64::try_from(lease.jobs().len()).unwrap_or(i64::MAX)
}

/// Longest error text kept with a job, in characters.
const ERROR_TEXT: usize = 2000;

/// The lane waits for its head; with more behind it the next claim looks at once, for that may be urgent.
const HOLD_LANE: &str = "
    UPDATE queue_lanes SET lease_token = '', claimable_at = CASE WHEN depth > $1 THEN $2 ELSE $3 END
    WHERE queue = $4 AND lane = $5 AND lease_token = $6";

const TRY_AGAIN: &str = "
    UPDATE queue_jobs SET tries = tries + $1, expiries = expiries - 1, not_before = $2, last_error = $3
    WHERE queue = $4 AND lane = $5 AND precedence = $6 AND position >= $7 AND position <= $8";

/// Gives the lease back; the same set is tried again after `delay`, and the lane waits for it. `counts` says whether this was a try.
pub(crate) async fn again(
    tx: &mut Tx,
    lease: &Lease,
    error: &str,
    counts: bool,
    delay: Duration,
) -> Result<(), LeaseLost> {
    let now = tx.now();
    let not_before = now + delay;
    let held = tx
        .execute(
            HOLD_LANE,
            params![
                size(lease),
                now,
                not_before,
                lease.queue().as_str(),
                lease.lane().as_str(),
                lease.token()
            ],
        )
        .await?;
    if held == 0 {
        return Err(LeaseLost::Lost);
    }
    tx.execute(
        TRY_AGAIN,
        params![
            i64::from(counts),
            not_before,
            cut(error),
            lease.queue().as_str(),
            lease.lane().as_str(),
            lease.head().precedence,
            lease.head().position,
            lease.jobs().last().map_or(0, |job| job.position)
        ],
    )
    .await?;
    tx.publish_on_commit(lease.queue().as_str());
    Ok(())
}

/// Makes the lease last this long from now; fails when it was lost.
pub(crate) async fn renew(tx: &mut Tx, lease: &Lease, lasts: Duration) -> Result<(), LeaseLost> {
    let until = tx.now() + lasts;
    let renewed = tx
        .execute(
            "UPDATE queue_lanes SET claimable_at = $1 WHERE queue = $2 AND lane = $3 AND lease_token = $4",
            params![until, lease.queue().as_str(), lease.lane().as_str(), lease.token()],
        )
        .await?;
    if renewed == 0 { Err(LeaseLost::Lost) } else { Ok(()) }
}

const INSERT_DEAD_LETTER: &str = "
    INSERT INTO queue_dead_letters
        (dead_letter_id, queue, lane, kind, payload, traceparent, tries, expiries, error, enqueued_at, died_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Moves the jobs to the dead letters; the lane goes on.
pub(crate) async fn bury(tx: &mut Tx, lease: &Lease, error: &str, counts: bool) -> Result<(), LeaseLost> {
    finish(tx, lease).await?;
    for job in lease.jobs() {
        let (id, now) = (tx.ids().uuid().to_string(), tx.now());
        tx.execute(
            INSERT_DEAD_LETTER,
            params![
                id,
                lease.queue().as_str(),
                lease.lane().as_str(),
                &job.kind,
                &job.payload,
                job.trace.as_ref().map(ToString::to_string).unwrap_or_default(),
                i64::from(job.tries) + i64::from(counts),
                i64::from(job.expiries),
                cut(error),
                job.enqueued_at,
                now
            ],
        )
        .await?;
    }
    Ok(())
}

fn cut(error: &str) -> &str {
    error.char_indices().nth(ERROR_TEXT).map_or(error, |(end, _)| &error[..end])
}
