//! The `QueueService` RPCs of one service: what operators see and mend of its queues.

use model::{SharedClock, Timestamp};
use proto::queue::v1::{
    DeadLetter, DiscardDeadLetterRequest, DiscardDeadLetterResponse, ListDeadLettersRequest,
    ListDeadLettersResponse, ListQueuesRequest, ListQueuesResponse, QueueInfo, RetryDeadLetterRequest,
    RetryDeadLetterResponse,
    queue_service_server::{QueueService, QueueServiceServer},
};
use sqlx::{Row, any::AnyRow};
use store::{Store, StoreError, Tx};
use telemetry::TraceContext;
use tonic::{Request, Response, Status};

use crate::{QueueName, job::LaneKey, push, stats};

/// Rows of a page when the caller does not say, and at most.
const PAGE: (u32, u32) = (50, 500);

/// The server of a service's queues, to be added to its gRPC server.
pub fn server(store: Store, clock: SharedClock) -> QueueServiceServer<Admin> {
    QueueServiceServer::new(Admin { store, clock })
}

/// Implements the RPCs over the service's store.
pub struct Admin {
    store: Store,
    clock: SharedClock,
}

const COLUMNS: &str = "dead_letter_id, queue, kind, error, tries, expiries, died_at, traceparent";

fn dead_letter(row: &AnyRow) -> Result<DeadLetter, StoreError> {
    let count =
        |name: &str| row.try_get::<i64, _>(name).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    let trace = row.try_get::<String, _>("traceparent")?.parse::<TraceContext>();
    Ok(DeadLetter {
        dead_letter_id: row.try_get("dead_letter_id")?,
        queue: row.try_get("queue")?,
        kind: row.try_get("kind")?,
        error: row.try_get("error")?,
        tries: count("tries")?,
        expiries: count("expiries")?,
        died_at: Some(mesh::convert::to_proto_timestamp(Timestamp::from_micros(row.try_get("died_at")?))),
        trace_id: trace.map(|trace| trace.trace_id().to_owned()).unwrap_or_default(),
    })
}

/// Dead letters older than a moment and id, newest first.
async fn list(
    store: &Store,
    before: (i64, String),
    limit: i64,
) -> Result<Vec<(i64, DeadLetter)>, StoreError> {
    store
        .read("list-dead-letters", move |conn| {
            Box::pin(async move {
                let sql = format!(
                    "SELECT {COLUMNS} FROM queue_dead_letters
                     WHERE (died_at, dead_letter_id) < ($1, $2)
                     ORDER BY died_at DESC, dead_letter_id DESC LIMIT $3"
                );
                let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
                    .bind(before.0)
                    .bind(before.1)
                    .bind(limit)
                    .fetch_all(conn)
                    .await?;
                rows.iter().map(|row| Ok((row.try_get("died_at")?, dead_letter(row)?))).collect()
            })
        })
        .await
}

/// Takes a dead letter out; `None` when somebody did so before, or a newer program wrote it for a queue that is not known here.
async fn take(tx: &mut Tx, id: &str) -> Result<Option<AnyRow>, StoreError> {
    let [inbox, outgoing, background] = QueueName::ALL;
    Ok(sqlx::query(
        "DELETE FROM queue_dead_letters WHERE dead_letter_id = $1 AND queue IN ($2, $3, $4)
         RETURNING queue, lane, kind, payload, traceparent",
    )
    .bind(id)
    .bind(inbox.as_str())
    .bind(outgoing.as_str())
    .bind(background.as_str())
    .fetch_optional(tx.conn())
    .await?)
}

async fn retry(tx: &mut Tx, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    let Some(row) = take(tx, id).await? else { return Ok(false) };
    let queue: String = row.try_get("queue")?;
    let Some(queue) = QueueName::ALL.into_iter().find(|name| name.as_str() == queue) else {
        return Ok(false);
    };
    let lane = LaneKey::from(row.try_get::<String, _>("lane")?);
    let (kind, payload): (String, String) = (row.try_get("kind")?, row.try_get("payload")?);
    let traceparent: String = row.try_get("traceparent")?;
    push::push_again(tx, queue, lane, &kind, &payload, &traceparent, now).await?;
    Ok(true)
}

fn queue_info(queue: QueueName, stats: stats::Stats, now: Timestamp) -> QueueInfo {
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    QueueInfo {
        queue: queue.as_str().to_owned(),
        depth: count(stats.depth),
        oldest_age: stats.oldest.map(|oldest| mesh::convert::to_proto_duration(now.since(oldest))),
        scheduled: count(stats.scheduled),
        dead_letters: count(stats.dead_letters),
    }
}

#[tonic::async_trait]
impl QueueService for Admin {
    async fn list_queues(
        &self,
        _request: Request<ListQueuesRequest>,
    ) -> Result<Response<ListQueuesResponse>, Status> {
        let now = self.clock.now();
        let mut queues = Vec::with_capacity(QueueName::ALL.len());
        for queue in QueueName::ALL {
            queues.push(queue_info(
                queue,
                stats::stats(&self.store, queue).await.map_err(mesh::status)?,
                now,
            ));
        }
        Ok(Response::new(ListQueuesResponse { queues }))
    }

    async fn list_dead_letters(
        &self,
        request: Request<ListDeadLettersRequest>,
    ) -> Result<Response<ListDeadLettersResponse>, Status> {
        let request = request.into_inner();
        let (default, most) = PAGE;
        let limit = if request.page_size == 0 { default } else { request.page_size.min(most) };
        let before = if request.page_token.is_empty() {
            (i64::MAX, String::new())
        } else {
            let token = request.page_token.split_once('.');
            token.and_then(|(moment, id)| Some((moment.parse().ok()?, id.to_owned()))).ok_or_else(|| {
                mesh::invalid("page_token", "must be the next_page_token of the page before")
            })?
        };
        let rows = list(&self.store, before, i64::from(limit)).await.map_err(mesh::status)?;
        let next_page_token = match rows.last() {
            Some((died_at, letter)) if rows.len() == limit as usize => {
                format!("{died_at}.{}", letter.dead_letter_id)
            }
            _ => String::new(),
        };
        let dead_letters = rows.into_iter().map(|(_, letter)| letter).collect();
        Ok(Response::new(ListDeadLettersResponse { dead_letters, next_page_token }))
    }

    async fn retry_dead_letter(
        &self,
        request: Request<RetryDeadLetterRequest>,
    ) -> Result<Response<RetryDeadLetterResponse>, Status> {
        let (id, now) = (request.into_inner().dead_letter_id, self.clock.now());
        let retried = self
            .store
            .write("retry-dead-letter", move |tx| Box::pin(async move { retry(tx, &id, now).await }))
            .await
            .map_err(mesh::status)?;
        Ok(Response::new(RetryDeadLetterResponse { retried }))
    }

    async fn discard_dead_letter(
        &self,
        request: Request<DiscardDeadLetterRequest>,
    ) -> Result<Response<DiscardDeadLetterResponse>, Status> {
        let id = request.into_inner().dead_letter_id;
        let discarded = self
            .store
            .write("discard-dead-letter", move |tx| {
                Box::pin(async move { Ok::<_, StoreError>(take(tx, &id).await?.is_some()) })
            })
            .await
            .map_err(mesh::status)?;
        Ok(Response::new(DiscardDeadLetterResponse { discarded }))
    }
}
