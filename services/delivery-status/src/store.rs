//! The tables `deliveries` and `delivery_log`. One SQL text for both engines.

use model::Timestamp;
use store::{Conn, FromRow, Row, StoreError, Tx, params};

use crate::domain::{Placed, Standing, overtaken, parse_status};

/// The schema, in the order in which it grew.
pub const MIGRATIONS: &[store::Migration] = &[
    queue::MIGRATION,
    store::Migration::new(2, "deliveries", include_str!("../migrations/0002_deliveries.sql")),
];

/// One thing we heard about a provider id.
#[derive(Clone, Debug)]
pub struct Report {
    /// The provider's id.
    pub sid: String,
    /// Ours, where whoever told us knew it.
    pub message_id: Option<String>,
    /// The conversation, known from the registration.
    pub conversation_id: Option<String>,
    /// The organisation.
    pub org_id: String,
    /// `twilio`, `waha` or `chatwoot`.
    pub provider: String,
    /// The sender's attempt; 0 where unknown.
    pub attempt: u32,
    /// What it says.
    pub standing: Standing,
    /// The provider's words for the error.
    pub error_message: String,
    /// The callback as received, JSON.
    pub provider_payload: String,
    /// When we heard it.
    pub received_at: Timestamp,
    /// Who tells: only a registration may correct organisation and provider.
    pub origin: Origin,
}

/// Where a report comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The sender, with the provider's answer to the send.
    Registration,
    /// The provider.
    Callback,
}

impl Origin {
    fn word(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Callback => "callback",
        }
    }
}

/// The latest state of one provider id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The provider's id.
    pub sid: String,
    /// Ours; `None` while parked.
    pub message_id: Option<String>,
    /// `twilio`, `waha` or `chatwoot`.
    pub provider: String,
    /// The highest attempt a callback named.
    pub attempt: u32,
    /// The latest status.
    pub status: String,
    /// See [`Standing::position`].
    pub position: i64,
    /// The provider's error code; 0 without one.
    pub error_code: u32,
    /// The provider's words for it.
    pub error_message: String,
    /// Place in time of the latest row.
    pub latest_at: Timestamp,
    /// When these were heard of in order.
    pub sent_at: Option<Timestamp>,
    /// Likewise.
    pub delivered_at: Option<Timestamp>,
    /// Likewise.
    pub read_at: Option<Timestamp>,
    /// When the id was first heard of.
    pub created_at: Timestamp,
    /// When the latest status was heard.
    pub updated_at: Timestamp,
    /// When its failure was handed to the sender's queue.
    pub reported_at: Option<Timestamp>,
}

impl Delivery {
    /// The latest status with its error code; `None` for a word of a newer version.
    pub fn standing(&self) -> Option<Standing> {
        let status = parse_status(&self.status)?;
        Some(Standing { status, error_code: self.error_code })
    }
}

/// One row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The status told.
    pub status: String,
    /// The provider's error code; 0 without one.
    pub error_code: u32,
    /// The provider's words for it.
    pub error_message: String,
    /// When it was heard.
    pub received_at: Timestamp,
}

/// Every read of `deliveries` selects these.
macro_rules! columns {
    () => {
        "sid, message_id, provider, attempt, status, position, error_code, error_message, latest_at, sent_at, \
         delivered_at, read_at, created_at, updated_at, reported_at"
    };
}
pub(crate) use columns;

/// Keeps what a report says about its delivery and locks the row until the commit. A report higher than what was known
/// becomes the latest; its place in time keeps the distance to the row before it (see [`Standing::step`]).
pub async fn merge(tx: &mut Tx, report: &Report) -> Result<Delivery, StoreError> {
    const SQL: &str = concat!(
        "INSERT INTO deliveries (sid, message_id, conversation_id, org_id, provider, attempt, status, position, step, \
             error_code, error_message, latest_at, sent_at, delivered_at, read_at, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $12, $12) \
         ON CONFLICT (sid) DO UPDATE SET \
             message_id = COALESCE(deliveries.message_id, excluded.message_id), \
             conversation_id = COALESCE(deliveries.conversation_id, excluded.conversation_id), \
             org_id = CASE WHEN $16 = 'registration' THEN excluded.org_id ELSE deliveries.org_id END, \
             provider = CASE WHEN $16 = 'registration' THEN excluded.provider ELSE deliveries.provider END, \
             attempt = CASE WHEN excluded.attempt > deliveries.attempt THEN excluded.attempt ELSE deliveries.attempt END, \
             status = CASE WHEN excluded.position > deliveries.position THEN excluded.status ELSE deliveries.status END, \
             error_code = CASE WHEN excluded.position > deliveries.position THEN excluded.error_code \
                 ELSE deliveries.error_code END, \
             error_message = CASE WHEN excluded.position > deliveries.position THEN excluded.error_message \
                 ELSE deliveries.error_message END, \
             latest_at = CASE WHEN excluded.position <= deliveries.position THEN deliveries.latest_at \
                 WHEN excluded.latest_at > deliveries.latest_at + excluded.step - deliveries.step THEN excluded.latest_at \
                 ELSE deliveries.latest_at + excluded.step - deliveries.step END, \
             sent_at = CASE WHEN excluded.position > deliveries.position \
                 THEN COALESCE(deliveries.sent_at, excluded.sent_at) ELSE deliveries.sent_at END, \
             delivered_at = CASE WHEN excluded.position > deliveries.position \
                 THEN COALESCE(deliveries.delivered_at, excluded.delivered_at) ELSE deliveries.delivered_at END, \
             read_at = CASE WHEN excluded.position > deliveries.position \
                 THEN COALESCE(deliveries.read_at, excluded.read_at) ELSE deliveries.read_at END, \
             updated_at = CASE WHEN excluded.position > deliveries.position THEN excluded.updated_at \
                 ELSE deliveries.updated_at END, \
             step = CASE WHEN excluded.position > deliveries.position THEN excluded.step ELSE deliveries.step END, \
             position = CASE WHEN excluded.position > deliveries.position THEN excluded.position \
                 ELSE deliveries.position END \
         RETURNING ",
        columns!()
    );
    let now = report.received_at.as_micros();
    let when = |status| (report.standing.status == status).then_some(now);
    tx.fetch_one(
        SQL,
        params![
            &report.sid,
            report.message_id.as_deref(),
            report.conversation_id.as_deref(),
            &report.org_id,
            &report.provider,
            i64::from(report.attempt),
            report.standing.status.as_str(),
            report.standing.position(),
            report.standing.step(),
            i64::from(report.standing.error_code),
            &report.error_message,
            now,
            when(twilio::MessageStatus::Sent),
            when(twilio::MessageStatus::Delivered),
            when(twilio::MessageStatus::Read),
            report.origin.word()
        ],
    )
    .await
}

/// Appends the report to the log, unless the same status and error are in it. `latest` is what [`merge`] answered.
pub async fn append(tx: &mut Tx, report: &Report, latest: &Delivery) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO delivery_log (sid, status, position, step, error_code, error_message, attempt,
        provider_payload, received_at, created_at)
        SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS BIGINT),
            CAST($5 AS BIGINT),
        CAST($6 AS TEXT), CAST($7 AS BIGINT), CAST($8 AS TEXT), CAST($9 AS BIGINT), CAST($10 AS BIGINT)
        WHERE NOT EXISTS (SELECT 1 FROM delivery_log WHERE sid = $1 AND status = $2 AND error_code = $5)";
    let created_at = if latest.position > report.standing.position() {
        match overtaken(&placed(tx, &report.sid).await?, report.standing) {
            Some(created_at) => created_at,
            None => return Ok(false),
        }
    } else {
        latest.latest_at
    };
    let inserted = tx
        .execute(
            SQL,
            params![
                &report.sid,
                report.standing.status.as_str(),
                report.standing.position(),
                report.standing.step(),
                i64::from(report.standing.error_code),
                &report.error_message,
                i64::from(report.attempt),
                &report.provider_payload,
                report.received_at,
                created_at
            ],
        )
        .await?;
    Ok(inserted == 1)
}

async fn placed(tx: &mut Tx, sid: &str) -> Result<Vec<Placed>, StoreError> {
    const SQL: &str = "SELECT position, step, created_at FROM delivery_log WHERE sid = $1 ORDER BY position";
    let rows = tx.fetch_all(SQL, params![sid]).await?;
    let placed = |(position, step, created_at)| Placed { position, step, created_at };
    Ok(rows.into_iter().map(placed).collect())
}

/// Notes that the failure of a delivery is in the sender's queue.
pub async fn mark_reported(tx: &mut Tx, sid: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE deliveries SET reported_at = $1 WHERE sid = $2", params![now, sid]).await?;
    Ok(())
}

/// The log of one provider id, in the order of a message's life.
pub async fn history(conn: &mut Conn, sid: &str) -> Result<Vec<Event>, StoreError> {
    const SQL: &str = "
        SELECT status, error_code, error_message, received_at FROM delivery_log WHERE sid = $1
        ORDER BY created_at, position";
    let rows = conn.fetch_all(SQL, params![sid]).await?;
    let event = |(status, error_code, error_message, received_at)| Event {
        status,
        error_code,
        error_message,
        received_at,
    };
    Ok(rows.into_iter().map(event).collect())
}

impl FromRow for Delivery {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            sid: row.get("sid")?,
            message_id: row.get("message_id")?,
            provider: row.get("provider")?,
            attempt: row.get("attempt")?,
            status: row.get("status")?,
            position: row.get("position")?,
            error_code: row.get("error_code")?,
            error_message: row.get("error_message")?,
            latest_at: row.get("latest_at")?,
            sent_at: row.get("sent_at")?,
            delivered_at: row.get("delivered_at")?,
            read_at: row.get("read_at")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            reported_at: row.get("reported_at")?,
        })
    }
}
