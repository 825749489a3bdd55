//! The `QueueService` RPCs of one service: what operators see and mend of its queues.

use model::Timestamp;
use proto::queue::v1::{
    DeadLetter, DiscardDeadLetterRequest, DiscardDeadLetterResponse, ListDeadLettersRequest,
    ListDeadLettersResponse, ListQueuesRequest, ListQueuesResponse, QueueInfo, RetryDeadLetterRequest,
    RetryDeadLetterResponse,
    queue_service_server::{QueueService, QueueServiceServer},
};
use store::{FromRow, Row, Sql, Store, StoreError, Tx, Write, params};
use telemetry::TraceContext;
use tonic::{Request, Response, Status};

use crate::{QueueName, job::LaneKey, push, stats};

/// Rows of a page when the caller does not say, and at most.
const PAGE: (u32, u32) = (50, 500);

/// The server of a service's queues, to be added to its gRPC server.
pub fn server(store: Store) -> QueueServiceServer<Admin> {
    QueueServiceServer::new(Admin { store })
}

/// Implements the RPCs over the service's store.
pub struct Admin {
    store: Store,
}

const COLUMNS: &str = "dead_letter_id, queue, kind, error, tries, expiries, died_at, traceparent";

/// A dead letter in a list, with its place in it.
struct Listed {
    died_at: Timestamp,
    letter: DeadLetter,
}

impl FromRow for Listed {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let died_at = row.get("died_at")?;
        let trace = row.get::<&str>("traceparent")?.parse::<TraceContext>();
        let letter = DeadLetter {
            dead_letter_id: row.get("dead_letter_id")?,
            queue: row.get("queue")?,
            kind: row.get("kind")?,
            error: row.get("error")?,
            tries: row.get("tries")?,
            expiries: row.get("expiries")?,
            died_at: Some(mesh::convert::to_proto_timestamp(died_at)),
            trace_id: trace.map(|trace| trace.trace_id().to_owned()).unwrap_or_default(),
        };
        Ok(Self { died_at, letter })
    }
}

/// Dead letters older than a moment and id, newest first.
async fn list(store: &Store, before: (i64, String), limit: u32) -> Result<Vec<Listed>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM queue_dead_letters
         WHERE (died_at, dead_letter_id) < ($1, $2)
         ORDER BY died_at DESC, dead_letter_id DESC LIMIT $3"
    );
    let mut conn = store.scan("list-dead-letters").await?;
    conn.fetch_all(Sql::built(sql), params![before.0, before.1, limit]).await
}

/// Takes a dead letter out; `None` when somebody did so before, or a newer program wrote it for a queue that is not known here.
async fn take(tx: &mut Tx, id: &str) -> Result<Option<Taken>, StoreError> {
    let [inbox, outgoing, background] = QueueName::ALL;
    tx.fetch_optional(
        "DELETE FROM queue_dead_letters WHERE dead_letter_id = $1 AND queue IN ($2, $3, $4)
         RETURNING queue, lane, kind, payload, traceparent",
        params![id, inbox.as_str(), outgoing.as_str(), background.as_str()],
    )
    .await
}

/// Queue, lane, kind, payload and trace.
type Taken = (String, String, String, String, String);

/// Puts a dead letter's work back; says whether there was one.
struct RetryDeadLetter(String);

impl Write for RetryDeadLetter {
    const NAME: &'static str = "retry-dead-letter";
    type Output = bool;
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<bool, StoreError> {
        let Some((queue, lane, kind, payload, traceparent)) = take(tx, &self.0).await? else {
            return Ok(false);
        };
        let Some(queue) = QueueName::ALL.into_iter().find(|name| name.as_str() == queue) else {
            return Ok(false);
        };
        push::push_again(tx, queue, LaneKey::from(lane), &kind, &payload, &traceparent).await?;
        Ok(true)
    }
}

/// Forgets a dead letter; says whether there was one.
struct DiscardDeadLetter(String);

impl Write for DiscardDeadLetter {
    const NAME: &'static str = "discard-dead-letter";
    type Output = bool;
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<bool, StoreError> {
        Ok(take(tx, &self.0).await?.is_some())
    }
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
        let now = self.store.now();
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
        let rows = list(&self.store, before, limit).await.map_err(mesh::status)?;
        let next_page_token = match rows.last() {
            Some(last) if rows.len() == limit as usize => {
                format!("{}.{}", last.died_at.as_micros(), last.letter.dead_letter_id)
            }
            _ => String::new(),
        };
        let dead_letters = rows.into_iter().map(|row| row.letter).collect();
        Ok(Response::new(ListDeadLettersResponse { dead_letters, next_page_token }))
    }

    async fn retry_dead_letter(
        &self,
        request: Request<RetryDeadLetterRequest>,
    ) -> Result<Response<RetryDeadLetterResponse>, Status> {
        let retry = RetryDeadLetter(request.into_inner().dead_letter_id);
        let retried = self.store.write(retry).await.map_err(mesh::status)?;
        Ok(Response::new(RetryDeadLetterResponse { retried }))
    }

    async fn discard_dead_letter(
        &self,
        request: Request<DiscardDeadLetterRequest>,
    ) -> Result<Response<DiscardDeadLetterResponse>, Status> {
        let discard = DiscardDeadLetter(request.into_inner().dead_letter_id);
        let discarded = self.store.write(discard).await.map_err(mesh::status)?;
        Ok(Response::new(DiscardDeadLetterResponse { discarded }))
    }
}
