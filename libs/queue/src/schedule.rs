//! Rows due later: kept apart from the lanes, entered when due, replaced by key, repeated when periodic.

use store::{FromRow, Row, Sql, StoreError, Tx, params};

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
    let due_at = job.due_at.unwrap_or(tx.now() + every);
    tx.execute(
        UPSERT,
        params![
            job.queue.as_str(),
            job.lane.as_str(),
            job.precedence,
            job.kind,
            &job.payload,
            &job.key,
            &job.traceparent,
            due_at,
            micros(every)
        ],
    )
    .await?;
    Ok(())
}

fn micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Moves what is due into its lanes, a hundred rows at most; says how many rows it moved. The workers do so by themselves. It locks
/// rows and many lanes in an order of its own, so it gives way to whoever meets it.
pub async fn enter_due(tx: &mut Tx, queue: QueueName) -> Result<usize, StoreError> {
    tx.give_way().await?;
    let now = tx.now();
    let due = format!(
        "SELECT scheduled_id, lane, precedence, kind, payload, job_key, traceparent, due_at, every FROM queue_scheduled
         WHERE queue = $1 AND due_at <= $2 ORDER BY due_at, scheduled_id LIMIT $3{}",
        tx.engine().skip_locked()
    );
    let rows: Vec<Scheduled> = tx.fetch_all(Sql::built(due), params![queue.as_str(), now, AT_ONCE]).await?;
    for row in &rows {
        let entry = Entry {
            queue,
            lane: &row.lane,
            precedence: row.precedence,
            kind: &row.kind,
            payload: &row.payload,
            key: &row.key,
            traceparent: &row.traceparent,
        };
        let Scheduled { id, due_at, every, .. } = *row;
        if every > 0 {
            // A round that still waits is enough: a periodic job never piles up.
            if !waits(tx, queue, &row.key).await? {
                enter_lane(tx, &entry).await?;
            }
            let missed = (now.as_micros() - due_at) / every;
            tx.execute(
                "UPDATE queue_scheduled SET due_at = $1 WHERE scheduled_id = $2",
                params![due_at + (missed + 1) * every, id],
            )
            .await?;
        } else {
            enter_lane(tx, &entry).await?;
            tx.execute("DELETE FROM queue_scheduled WHERE scheduled_id = $1", params![id]).await?;
        }
    }
    if !rows.is_empty() {
        tx.publish_on_commit(queue.as_str());
    }
    Ok(rows.len())
}

/// A row that is due.
struct Scheduled {
    id: i64,
    lane: LaneKey,
    precedence: i64,
    kind: String,
    payload: String,
    key: String,
    traceparent: String,
    /// In microseconds, as `every`.
    due_at: i64,
    every: i64,
}

impl FromRow for Scheduled {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("scheduled_id")?,
            lane: LaneKey::from(row.get::<String>("lane")?),
            precedence: row.get("precedence")?,
            kind: row.get("kind")?,
            payload: row.get("payload")?,
            key: row.get("job_key")?,
            traceparent: row.get("traceparent")?,
            due_at: row.get("due_at")?,
            every: row.get("every")?,
        })
    }
}

async fn waits(tx: &mut Tx, queue: QueueName, key: &str) -> Result<bool, StoreError> {
    const SQL: &str =
        "SELECT position FROM queue_jobs WHERE queue = $1 AND job_key = $2 AND job_key <> '' LIMIT 1";
    Ok(tx.fetch_optional::<i64>(SQL, params![queue.as_str(), key]).await?.is_some())
}
