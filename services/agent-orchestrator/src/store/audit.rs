//! What happened, without a customer's words or number.

use model::Timestamp;
use store::{Conn, FromRow, Param, Row, Sql, StoreError, Tx, params};

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
    pub fn success(tx: &mut Tx, conversation_id: &str, actor_type: &str, event_type: &str) -> Self {
        Self {
            event_id: tx.ids().uuid().to_string(),
            conversation_id: conversation_id.to_owned(),
            actor_type: actor_type.to_owned(),
            event_type: event_type.to_owned(),
            input_redacted: String::new(),
            output_redacted: String::new(),
            success: true,
            error_code: String::new(),
            error_message: String::new(),
            created_at: tx.now(),
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
    let values = events.iter().flat_map(|event| {
        [
            Param::from(&event.event_id),
            Param::from(&event.conversation_id),
            Param::from(&event.actor_type),
            Param::from(&event.event_type),
            Param::from(&event.input_redacted),
            Param::from(&event.output_redacted),
            Param::from(if event.success { "yes" } else { "no" }),
            Param::from(&event.error_code),
            Param::from(&event.error_message),
            Param::from(event.created_at),
        ]
    });
    tx.execute(Sql::built(sql), &values.collect::<Vec<_>>()).await
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
    conn: &mut Conn,
    conversation_id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, AuditEvent)>, StoreError> {
    const SQL: &str =
        "SELECT number, event_id, conversation_id, actor_type, event_type, input_redacted, output_redacted,
            success, error_code, error_message, created_at
         FROM audit_log WHERE conversation_id = $1 AND number > $2 ORDER BY number LIMIT $3";
    let rows: Vec<Numbered> = conn.fetch_all(SQL, params![conversation_id, after, limit]).await?;
    Ok(rows.into_iter().map(|Numbered(number, event)| (number, event)).collect())
}

struct Numbered(i64, AuditEvent);

impl FromRow for Numbered {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let number = row.get("number")?;
        let event = AuditEvent {
            event_id: row.get("event_id")?,
            conversation_id: row.get("conversation_id")?,
            actor_type: row.get("actor_type")?,
            event_type: row.get("event_type")?,
            input_redacted: row.get("input_redacted")?,
            output_redacted: row.get("output_redacted")?,
            success: row.get::<&str>("success")? == "yes",
            error_code: row.get("error_code")?,
            error_message: row.get("error_message")?,
            created_at: row.get("created_at")?,
        };
        Ok(Self(number, event))
    }
}
