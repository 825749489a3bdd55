//! Rows due later: kept apart from the lanes, entered when due, replaced by key, repeated when periodic.

use model::Timestamp;
use sqlx::{AssertSqlSafe, Row};
use store::{StoreError, Tx};

use crate::{
    NewJob, QueueName,
    job::LaneKey,
    push::{Entry, enter_lane},
};

/// Rows entered in one transaction; the rest follows in the next one.
const AT_ONCE: i64 = 100;

const UPSERT: &str = "
    INSERT INTO queue_scheduled (queue, lane, precedence, kind, payload, job_key, traceparent, due_at, every)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (queue, job_key) WHERE job_key <> '' DO UPDATE SET
        lane = excluded.lane, precedence = excluded.precedence, kind = excluded.kind, payload = excluded.payload,
        traceparent = excluded.traceparent, every = excluded.every,
        due_at = CASE WHEN excluded.every > 0 AND queue_scheduled.every = excluded.every
            THEN queue_scheduled.due_at ELSE excluded.due_at END";

/// Keeps a row for later. The same key replaces the row; a periodic row pushed again with the same period keeps its rhythm.
pub(crate) async fn add(tx: &mut Tx, job: &NewJob) -> Result<(), StoreError> {
    let every = job.every.unwrap_or_default();
    let due_at = job.due_at.unwrap_or(job.now + every);
    sqlx::query(UPSERT)
        .bind(job.queue.as_str())
        .bind(job.lane.as_str())
        .bind(job.precedence)
        .bind(job.kind)
        .bind(&job.payload)
        .bind(&job.key)
        .bind(&job.traceparent)
        .bind(due_at.as_micros())
        .bind(micros(every))
        .execute(tx.conn())
        .await?;
    Ok(())
}

fn micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Moves what is due into its lanes, a hundred rows at most; says how many rows it moved. The workers do so by themselves. It locks
/// rows and many lanes in an order of its own, so it gives way to whoever meets it.
pub async fn enter_due(tx: &mut Tx, queue: QueueName, now: Timestamp) -> Result<usize, StoreError> {
    tx.give_way().await?;
    let due = format!(
        "SELECT scheduled_id, lane, precedence, kind, payload, job_key, traceparent, due_at, every FROM queue_scheduled
         WHERE queue = $1 AND due_at <= $2 ORDER BY due_at, scheduled_id LIMIT $3{}",
        tx.engine().skip_locked()
    );
    let rows = sqlx::query(AssertSqlSafe(due))
        .bind(queue.as_str())
        .bind(now.as_micros())
        .bind(AT_ONCE)
        .fetch_all(tx.conn())
        .await?;
    for row in &rows {
        let lane = LaneKey::from(row.try_get::<String, _>("lane")?);
        let key: String = row.try_get("job_key")?;
        let entry = Entry {
            queue,
            lane: &lane,
            precedence: row.try_get("precedence")?,
            kind: &row.try_get::<String, _>("kind")?,
            payload: &row.try_get::<String, _>("payload")?,
            key: &key,
            traceparent: &row.try_get::<String, _>("traceparent")?,
        };
        let (id, due_at, every): (i64, i64, i64) =
            (row.try_get("scheduled_id")?, row.try_get("due_at")?, row.try_get("every")?);
        if every > 0 {
            // A round that still waits is enough: a periodic job never piles up.
            if !waits(tx, queue, &key).await? {
                enter_lane(tx, &entry, now).await?;
            }
            let missed = (now.as_micros() - due_at) / every;
            sqlx::query("UPDATE queue_scheduled SET due_at = $1 WHERE scheduled_id = $2")
                .bind(due_at + (missed + 1) * every)
                .bind(id)
                .execute(tx.conn())
                .await?;
        } else {
            enter_lane(tx, &entry, now).await?;
            sqlx::query("DELETE FROM queue_scheduled WHERE scheduled_id = $1")
                .bind(id)
                .execute(tx.conn())
                .await?;
        }
    }
    if !rows.is_empty() {
        tx.publish_on_commit(queue.as_str());
    }
    Ok(rows.len())
}

async fn waits(tx: &mut Tx, queue: QueueName, key: &str) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT position FROM queue_jobs WHERE queue = $1 AND job_key = $2 AND job_key <> '' LIMIT 1",
    )
    .bind(queue.as_str())
    .bind(key)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.is_some())
}
