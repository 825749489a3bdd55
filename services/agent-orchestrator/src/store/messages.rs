//! Messages, both ways.

use model::{ConversationId, MessageId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Conn, FromRow, Row, Sql, StoreError, Tx, params};

/// What a message carries besides text, and every field the provider sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extras {
    /// Address and MIME type of each medium.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<(String, String)>,
    /// Provider facts by name.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub metadata: std::collections::BTreeMap<String, String>,
    /// The pairs as received, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub raw: Vec<(String, String)>,
}

/// One message to be written.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Our own id.
    pub id: MessageId,
    /// The organisation.
    pub org_id: String,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// `inbound` or `outbound`.
    pub direction: &'static str,
    /// `twilio`, `waha` or `chatwoot`.
    pub provider: &'static str,
    /// The provider's id of an inbound message.
    pub provider_message_id: String,
    /// Who wrote it, as the provider spells it.
    pub from_address: String,
    /// Whom it is for, as the provider spells it.
    pub to_address: String,
    /// The text.
    pub body: String,
    /// Everything else.
    pub extras: Extras,
    /// `received`, `history`, `committed` …
    pub state: &'static str,
    /// `customer`, `agents` or `human`.
    pub author: &'static str,
    /// The turn a reply belongs to.
    pub turn_id: String,
    /// A caller's key under which the message is written once; empty for none.
    pub idempotency_key: String,
    /// The trace it came or goes in.
    pub traceparent: String,
    /// When.
    pub created_at: Timestamp,
}

/// Writes a message; says no when there is one with the same provider id or idempotency key.
pub async fn insert(tx: &mut Tx, message: &NewMessage) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO messages (message_id, org_id, conversation_id, direction, provider, provider_message_id,
            from_address, to_address, body, body_json, state, author, turn_id, intent, idempotency_key, traceparent,
            created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, $15, $16)
        ON CONFLICT DO NOTHING";
    let extras = serde_json::to_string(&message.extras)
        .map_err(|source| StoreError::Document { what: "body_json", source: Box::new(source) })?;
    let inserted = tx
        .execute(
            SQL,
            params![
                message.id.as_str(),
                &message.org_id,
                message.conversation_id.as_str(),
                message.direction,
                message.provider,
                &message.provider_message_id,
                &message.from_address,
                &message.to_address,
                &message.body,
                extras,
                message.state,
                message.author,
                &message.turn_id,
                &message.idempotency_key,
                &message.traceparent,
                message.created_at
            ],
        )
        .await?;
    if inserted > 0 {
        tx.publish_on_commit(super::MESSAGES);
    }
    Ok(inserted > 0)
}

/// Our id of the inbound message with a provider's id.
pub async fn id_of(
    tx: &mut Tx,
    org_id: &str,
    provider: &str,
    provider_message_id: &str,
) -> Result<Option<(String, String)>, StoreError> {
    tx.fetch_optional(
        "SELECT message_id, conversation_id FROM messages
         WHERE org_id = $1 AND provider = $2 AND provider_message_id = $3 AND provider_message_id <> ''",
        params![org_id, provider, provider_message_id],
    )
    .await
}

/// Our id of the message written under an idempotency key.
pub async fn id_by_key(tx: &mut Tx, org_id: &str, key: &str) -> Result<Option<String>, StoreError> {
    const SQL: &str = "
        SELECT message_id FROM messages WHERE org_id = $1 AND idempotency_key = $2 AND idempotency_key <> ''";
    tx.fetch_optional(SQL, params![org_id, key]).await
}

/// A message as it was written.
#[derive(Clone, Debug)]
pub struct StoredMessage {
    /// Grows with each message of a conversation.
    pub number: i64,
    /// Our own id.
    pub id: MessageId,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// `inbound` or `outbound`.
    pub direction: String,
    /// The provider's id of an inbound message.
    pub provider_message_id: String,
    /// The text.
    pub body: String,
    /// Everything else.
    pub extras: Extras,
    /// `received`, `answered`, `history`, `committed` …
    pub state: String,
    /// `customer`, `agents` or `human`.
    pub author: String,
    /// The turn that answered it, or that it answers in.
    pub turn_id: String,
    /// What was understood.
    pub intent: String,
    /// The trace it came or goes in.
    pub traceparent: String,
    /// When.
    pub created_at: Timestamp,
}

const COLUMNS: &str =
    "number, message_id, conversation_id, direction, provider_message_id, body, body_json, state, author,
    turn_id, intent, traceparent, created_at";

impl FromRow for StoredMessage {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let extras = serde_json::from_str(row.get::<&str>("body_json")?)
            .map_err(|source| StoreError::Document { what: "body_json", source: Box::new(source) })?;
        Ok(Self {
            number: row.get("number")?,
            id: row.parse("message_id")?,
            conversation_id: row.parse("conversation_id")?,
            direction: row.get("direction")?,
            provider_message_id: row.get("provider_message_id")?,
            body: row.get("body")?,
            extras,
            state: row.get("state")?,
            author: row.get("author")?,
            turn_id: row.get("turn_id")?,
            intent: row.get("intent")?,
            traceparent: row.get("traceparent")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// Reads one message.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<StoredMessage>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE message_id = $1");
    conn.fetch_optional(Sql::built(sql), params![id]).await
}

/// What it means that a message is not there under the key that kept it from being inserted.
pub fn gone() -> StoreError {
    StoreError::NoRow { statement: "the message under a key that is taken".to_owned() }
}

/// Reads messages of one conversation with numbers above `after`, in order.
pub async fn list(
    conn: &mut Conn,
    conversation_id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<StoredMessage>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE conversation_id = $1 AND number > $2 ORDER BY number LIMIT $3"
    );
    conn.fetch_all(Sql::built(sql), params![conversation_id, after, limit]).await
}

/// Reads messages of all conversations with numbers above `after`, in order.
pub async fn list_all(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<StoredMessage>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE number > $1 ORDER BY number LIMIT $2");
    conn.fetch_all(Sql::built(sql), params![after, limit]).await
}

/// The highest number there is.
pub async fn last_number(conn: &mut Conn) -> Result<i64, StoreError> {
    conn.fetch_one("SELECT COALESCE(MAX(number), 0) FROM messages", params![]).await
}

/// Notes what became of an inbound message, and what it was understood to mean.
pub async fn settle(
    tx: &mut Tx,
    id: &MessageId,
    state: &str,
    turn_id: &str,
    intent: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE messages SET state = $1, turn_id = $2, intent = $3 WHERE message_id = $4",
        params![state, turn_id, intent, id.as_str()],
    )
    .await?;
    Ok(())
}

/// Notes what became of an outbound message before the provider had it.
pub async fn set_state(tx: &mut Tx, id: &str, state: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE messages SET state = $1 WHERE message_id = $2", params![state, id]).await?;
    tx.publish_on_commit(super::MESSAGES);
    Ok(())
}
