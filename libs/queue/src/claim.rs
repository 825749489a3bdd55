use std::time::Duration;

use model::{Ids, Timestamp};
use sqlx::{AssertSqlSafe, Row, any::AnyRow};
use store::{StoreError, Tx};
use telemetry::TraceContext;

use crate::{Job, LaneKey, Lease, NEVER, QueueName, lease::Inner};

/// Takes the heads of up to `lanes` lanes under leases that end after `lease`, the longest waiting first.
///
/// With `batch` above 1 a lease covers the head and up to `batch - 1` jobs behind it. The set is written down with the claim: when it
/// is tried again it is the same set, whatever came in since. A lane is under one lease at most.
pub async fn claim(
    tx: &mut Tx,
    ids: &Ids,
    queue: QueueName,
    lanes: u32,
    batch: u32,
    lease: Duration,
    now: Timestamp,
) -> Result<Vec<Lease>, StoreError> {
    let claimable = format!(
        "SELECT lane, generation, lease_token, leased_batch FROM queue_lanes
         WHERE queue = $1 AND claimable_at <= $2 ORDER BY claimable_at LIMIT $3{}",
        tx.engine().skip_locked()
    );
    let rows = sqlx::query(AssertSqlSafe(claimable))
        .bind(queue.as_str())
        .bind(now.as_micros())
        .bind(i64::from(lanes))
        .fetch_all(tx.conn())
        .await?;
    let mut leases = Vec::with_capacity(rows.len());
    for row in &rows {
        let lane = Lane {
            queue,
            key: LaneKey::from(row.try_get::<String, _>("lane")?),
            generation: row.try_get("generation")?,
        };
        let vanished: String = row.try_get("lease_token")?;
        if !vanished.is_empty() {
            lane.count_expiry(tx, &row.try_get::<String, _>("leased_batch")?).await?;
        }
        leases.extend(lane.take_head(tx, ids, batch, now, lease).await?);
    }
    Ok(leases)
}

struct Lane {
    queue: QueueName,
    key: LaneKey,
    generation: i64,
}

const HEAD: &str = "
    SELECT precedence, position, batch_id, kind, payload, traceparent, tries, expiries, not_before, enqueued_at
    FROM queue_jobs WHERE queue = $1 AND lane = $2 ORDER BY precedence, position LIMIT $3";

const FREEZE: &str = "
    UPDATE queue_jobs SET batch_id = $1
    WHERE queue = $2 AND lane = $3 AND precedence = $4 AND position <= $5 AND batch_id = ''";

const LEASE: &str = "
    UPDATE queue_lanes SET lease_token = $1, leased_batch = $2, generation = $3, claimable_at = $4, touched_at = $5
    WHERE queue = $6 AND lane = $7";

impl Lane {
    /// The worker of this batch vanished: that is no answer of the job's, but it is counted, so that a job that kills its worker ends.
    async fn count_expiry(&self, tx: &mut Tx, batch: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE queue_jobs SET expiries = expiries + 1 WHERE queue = $1 AND lane = $2 AND batch_id = $3",
        )
        .bind(self.queue.as_str())
        .bind(self.key.as_str())
        .bind(batch)
        .execute(tx.conn())
        .await?;
        Ok(())
    }

    async fn take_head(
        self,
        tx: &mut Tx,
        ids: &Ids,
        batch: u32,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let mut rows = self.head(tx, i64::from(batch)).await?;
        let Some(head) = rows.first() else {
            self.sleep_until(tx, NEVER).await?;
            return Ok(None);
        };
        let not_before: i64 = head.try_get("not_before")?;
        if not_before > now.as_micros() {
            self.sleep_until(tx, not_before).await?;
            return Ok(None);
        }
        let precedence: i64 = head.try_get("precedence")?;
        let frozen: String = head.try_get("batch_id")?;
        let batch_id = if frozen.is_empty() {
            let mut jobs = keep_alike(rows, precedence, "")?;
            let last = jobs.last().map_or(0, |job| job.position);
            let batch_id = ids.uuid().to_string();
            sqlx::query(FREEZE)
                .bind(&batch_id)
                .bind(self.queue.as_str())
                .bind(self.key.as_str())
                .bind(precedence)
                .bind(last)
                .execute(tx.conn())
                .await?;
            return self.lease(tx, ids, batch_id, std::mem::take(&mut jobs), now, lease).await.map(Some);
        } else {
            frozen
        };
        if rows.len() == batch as usize {
            // A set frozen under a larger limit is still the same set.
            rows = self.head(tx, i64::MAX).await?;
        }
        let jobs = keep_alike(rows, precedence, &batch_id)?;
        self.lease(tx, ids, batch_id, jobs, now, lease).await.map(Some)
    }

    async fn head(&self, tx: &mut Tx, limit: i64) -> Result<Vec<AnyRow>, StoreError> {
        let rows = sqlx::query(HEAD)
            .bind(self.queue.as_str())
            .bind(self.key.as_str())
            .bind(limit)
            .fetch_all(tx.conn())
            .await?;
        Ok(rows)
    }

    async fn lease(
        self,
        tx: &mut Tx,
        ids: &Ids,
        batch_id: String,
        jobs: Vec<Job>,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Lease, StoreError> {
        let token = ids.token();
        let generation = self.generation + 1;
        sqlx::query(LEASE)
            .bind(&token)
            .bind(&batch_id)
            .bind(generation)
            .bind((now + lease).as_micros())
            .bind(now.as_micros())
            .bind(self.queue.as_str())
            .bind(self.key.as_str())
            .execute(tx.conn())
            .await?;
        let (queue, lane) = (self.queue, self.key);
        Ok(Lease::new(Inner { queue, lane, token, batch_id, generation, jobs, claimed_at: now }))
    }

    /// Nothing can be taken before this moment.
    async fn sleep_until(&self, tx: &mut Tx, moment: i64) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE queue_lanes SET claimable_at = $1, lease_token = '', leased_batch = '' WHERE queue = $2 AND lane = $3",
        )
        .bind(moment)
        .bind(self.queue.as_str())
        .bind(self.key.as_str())
        .execute(tx.conn())
        .await?;
        Ok(())
    }
}

/// The rows at the front that belong together.
fn keep_alike(rows: Vec<AnyRow>, precedence: i64, batch_id: &str) -> Result<Vec<Job>, StoreError> {
    let mut jobs = Vec::with_capacity(rows.len());
    for row in rows {
        let alike = row.try_get::<i64, _>("precedence")? == precedence
            && row.try_get::<String, _>("batch_id")? == batch_id;
        if !alike {
            break;
        }
        jobs.push(job(&row)?);
    }
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
        expiries: count("expiries")?,
        enqueued_at: Timestamp::from_micros(row.try_get("enqueued_at")?),
        precedence: row.try_get("precedence")?,
        position: row.try_get("position")?,
    })
}
