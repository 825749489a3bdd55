//! What happened, without a customer's words or number.

use model::{Ids, Timestamp};
use sqlx::{AnyConnection, AssertSqlSafe, Row, any::AnyRow};
use store::{StoreError, Tx};

/// One event of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// The idempotency key of the event.
    pub event_id: String,
    /// The internal id of the conversation; empty when unknown.
    pub conversation_id: String,
    /// `system`, `agents`, `human` or `customer`.
    pub actor_type: String,
    /// `inbound_webhook_received`, `message_persisted`, `reply_committed` …
    pub event_type: String,
    /// What went in, redacted.
    pub input_redacted: String,
    /// What came out, redacted.
    pub output_redacted: String,
    /// Whether it went well.
    pub success: bool,
    /// A word or code; empty when it went well.
    pub error_code: String,
    /// A sentence; empty when it went well.
    pub error_message: String,
    /// When.
    pub created_at: Timestamp,
}

impl AuditEvent {
    /// Something that went well.
    pub fn success(
        ids: &Ids,
        conversation_id: &str,
        actor_type: &str,
        event_type: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            event_id: ids.uuid().to_string(),
            conversation_id: conversation_id.to_owned(),
            actor_type: actor_type.to_owned(),
            event_type: event_type.to_owned(),
            input_redacted: String::new(),
            output_redacted: String::new(),
            success: true,
            error_code: String::new(),
            error_message: String::new(),
            created_at: now,
        }
    }

    /// With a description of what went in.
    #[must_use]
    pub fn input(mut self, redacted: impl Into<String>) -> Self {
        self.input_redacted = redacted.into();
        self
    }

    /// With a description of what came out.
    #[must_use]
    pub fn output(mut self, redacted: impl Into<String>) -> Self {
        self.output_redacted = redacted.into();
        self
    }

    /// As something that failed.
    #[must_use]
    pub fn failed(mut self, code: &str, message: &str) -> Self {
        self.success = false;
        code.clone_into(&mut self.error_code);
        message.clone_into(&mut self.error_message);
        self
    }
}

/// Appends events in one statement; one that is there already is left alone. Says how many were new.
pub async fn append(tx: &mut Tx, events: &[AuditEvent]) -> Result<u64, StoreError> {
    if events.is_empty() {
        return Ok(0);
    }
    let rows: Vec<String> = (0..events.len()).map(|row| placeholders(row * COLUMNS, COLUMNS)).collect();
    let sql = format!(
        "INSERT INTO audit_log (event_id, conversation_id, actor_type, event_type, input_redacted, output_redacted, success,
            error_code, error_message, created_at) VALUES {} ON CONFLICT (event_id) DO NOTHING",
        rows.join(", ")
    );
    let mut insert = sqlx::query(AssertSqlSafe(sql));
    for event in events {
        insert = insert
            .bind(&event.event_id)
            .bind(&event.conversation_id)
            .bind(&event.actor_type)
            .bind(&event.event_type)
            .bind(&event.input_redacted)
            .bind(&event.output_redacted)
            .bind(if event.success { "yes" } else { "no" })
            .bind(&event.error_code)
            .bind(&event.error_message)
            .bind(event.created_at.as_micros());
    }
    Ok(insert.execute(tx.conn()).await?.rows_affected())
}

/// Columns of one appended row.
const COLUMNS: usize = 10;

/// `($11, $12, …)`: as many placeholders as a row has columns, after those of the rows before.
fn placeholders(before: usize, columns: usize) -> String {
    let numbers: Vec<String> = (1..=columns).map(|column| format!("${}", before + column)).collect();
    format!("({})", numbers.join(", "))
}

/// Reads a conversation's events with numbers above `after`, in order; each with its number.
pub async fn list(
    conn: &mut AnyConnection,
    conversation_id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, AuditEvent)>, StoreError> {
    let rows = sqlx::query(
        "SELECT number, event_id, conversation_id, actor_type, event_type, input_redacted, output_redacted, success,
            error_code, error_message, created_at
         FROM audit_log WHERE conversation_id = $1 AND number > $2 ORDER BY number LIMIT $3",
    )
    .bind(conversation_id)
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter().map(event).collect()
}

fn event(row: &AnyRow) -> Result<(i64, AuditEvent), StoreError> {
    let event = AuditEvent {
        event_id: row.try_get("event_id")?,
        conversation_id: row.try_get("conversation_id")?,
        actor_type: row.try_get("actor_type")?,
        event_type: row.try_get("event_type")?,
        input_redacted: row.try_get("input_redacted")?,
        output_redacted: row.try_get("output_redacted")?,
        success: row.try_get::<&str, _>("success")? == "yes",
        error_code: row.try_get("error_code")?,
        error_message: row.try_get("error_message")?,
        created_at: Timestamp::from_micros(row.try_get("created_at")?),
    };
    Ok((row.try_get("number")?, event))
}
