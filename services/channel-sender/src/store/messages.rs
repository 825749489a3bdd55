//! `messages`: one row for each message that goes to the provider.

use ::store::{Conn, FromRow, Row, Sql, StoreError, Tx, params};
use model::{ContactAddress, Source, Timestamp};

use crate::domain::{Author, Content, NewMessage, SendState, Sending};

/// A message as it is stored.
#[derive(Clone, Debug)]
pub struct Message {
    /// The caller's id, or that of a further part.
    pub message_id: String,
    /// The organisation.
    pub org_id: String,
    /// The channel it leaves by.
    pub channel: Source,
    /// Who gets it.
    pub contact: ContactAddress,
    /// The conversation as the caller spelled it; may be empty.
    pub conversation_id: String,
    /// Counts the parts of one body from 1.
    pub part: i64,
    /// What it carries.
    pub content: Content,
    /// Who wrote it.
    pub author: Author,
    /// When the customer wrote what this answers.
    pub inbound_at: Option<Timestamp>,
    /// How far it is.
    pub state: SendState,
    /// Attempts up to this number belong to an earlier round.
    pub round_from: i64,
    /// The provider's id, once accepted.
    pub message_sid: Option<String>,
}

impl Message {
    /// What of it decides whether it may go out.
    pub fn sending(&self) -> Sending {
        Sending { channel: self.channel, is_template: self.content.is_template(), author: self.author }
    }
}

const COLUMNS: &str = "
    message_id, org_id, channel, contact, conversation_id, part, body, media_url, template, author,
    inbound_at, state, round_from, message_sid";

impl FromRow for Message {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let template: Option<String> = row.get("template")?;
        let content = match template {
            Some(json) => Content::Template(
                serde_json::from_str(&json)
                    .map_err(|error| StoreError::Document { what: "template", source: Box::new(error) })?,
            ),
            None => Content::FreeForm { body: row.get("body")?, media_url: row.get("media_url")? },
        };
        Ok(Self {
            message_id: row.get("message_id")?,
            org_id: row.get("org_id")?,
            channel: row.parse("channel")?,
            contact: row.parse("contact")?,
            conversation_id: row.get("conversation_id")?,
            part: row.get("part")?,
            content,
            author: row.parse("author")?,
            inbound_at: row.get("inbound_at")?,
            state: row.parse("state")?,
            round_from: row.get("round_from")?,
            message_sid: row.get("message_sid")?,
        })
    }
}

/// Inserts one part of a new message. False when a message with this id is there already.
pub async fn insert(
    tx: &mut Tx,
    new: &NewMessage,
    id: &str,
    part: usize,
    content: &Content,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO messages (message_id, org_id, channel, contact, conversation_id, part_of, part, body, media_url,
            template, author, inbound_at, state, round_from, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'queued', 0, $13, $13)
        ON CONFLICT (message_id) DO NOTHING";
    let now = tx.now();
    let (body, media_url, template) = match content {
        Content::FreeForm { body, media_url } => (body.as_str(), media_url.as_deref(), None),
        Content::Template(template) => ("", None, Some(serde_json::json!(template).to_string())),
    };
    let inserted = tx
        .execute(
            SQL,
            params![
                id,
                new.org_id.as_str(),
                new.channel.as_str(),
                new.contact.to_string(),
                new.conversation_id.as_str(),
                (part > 1).then_some(new.message_id.as_str()),
                i64::try_from(part).unwrap_or(i64::MAX),
                body,
                media_url,
                template,
                new.author.as_str(),
                new.change.last_inbound_at,
                now
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// Reads one message or part.
pub async fn read(conn: &mut Conn, message_id: &str) -> Result<Option<Message>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE message_id = $1");
    conn.fetch_optional(Sql::built(sql), params![message_id]).await
}

/// The states of a message's parts; empty when there is no such message.
pub async fn states(conn: &mut Conn, message_id: &str) -> Result<Vec<SendState>, StoreError> {
    const SQL: &str = "SELECT state FROM messages WHERE message_id = $1 OR part_of = $1";
    conn.fetch_all(SQL, params![message_id]).await
}

impl FromRow for SendState {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        row.parse("state")
    }
}

/// A change of a message's state, with what is known of it by then.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// How far it is now.
    pub state: SendState,
    /// Why it is not further.
    pub error: Option<&'a str>,
    /// The provider's code for that.
    pub error_code: Option<u32>,
    /// The provider's id and its word for how far the message is.
    pub accepted: Option<(&'a str, &'a str)>,
}

impl Change<'_> {
    /// A change to a state and nothing else.
    pub const fn to(state: SendState) -> Self {
        Self { state, error: None, error_code: None, accepted: None }
    }
}

/// Changes the state of one message. Error, code and provider's id are replaced, so that they tell of this state.
pub async fn change(tx: &mut Tx, message_id: &str, change: Change<'_>) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE messages SET state = $2, error = $3, error_code = $4, message_sid = COALESCE($5,
            message_sid),
        provider_status = COALESCE($6, provider_status), updated_at = $7
        WHERE message_id = $1";
    let now = tx.now();
    tx.execute(
        SQL,
        params![
            message_id,
            change.state.as_str(),
            change.error,
            change.error_code.map(i64::from),
            change.accepted.map(|(sid, _)| sid),
            change.accepted.map(|(_, status)| status),
            now
        ],
    )
    .await?;
    Ok(())
}

/// Gives a message up that is not sent; what is known of the reason stays. False for one that is sent or refused.
pub async fn fail(tx: &mut Tx, message_id: &str, error: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let failed = tx
        .execute(
            "UPDATE messages SET state = 'failed', error = $2, updated_at = $3
         WHERE message_id = $1 AND state NOT IN ('sent', 'refused')",
            params![message_id, error, now],
        )
        .await?;
    Ok(failed > 0)
}

/// Begins a new round: attempts so far count no longer.
pub async fn begin_round(tx: &mut Tx, message_id: &str, round_from: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE messages SET round_from = $2 WHERE message_id = $1", params![message_id, round_from])
        .await?;
    Ok(())
}

/// Notes what the provider said of a message when it was asked.
pub async fn refresh(
    tx: &mut Tx,
    message_id: &str,
    state: &crate::channel::ProviderState,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE messages SET provider_status = $2, price = COALESCE($3, price), price_unit = COALESCE($4,
            price_unit),
            error_code = COALESCE($5, error_code), updated_at = $6
        WHERE message_id = $1";
    let now = tx.now();
    tx.execute(
        SQL,
        params![
            message_id,
            state.status.as_str(),
            state.price.as_deref(),
            state.price_unit.as_deref(),
            state.error_code.map(i64::from),
            now
        ],
    )
    .await?;
    Ok(())
}

/// How far one message or part is, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The id of this message or part.
    pub message_id: String,
    /// How far it is.
    pub state: SendState,
    /// The provider's id, once accepted.
    pub message_sid: Option<String>,
    /// The provider's word for how far it is.
    pub provider_status: Option<String>,
    /// Requests made so far.
    pub attempts: u32,
    /// Why it is not further.
    pub error: Option<String>,
    /// Decimal text as the provider wrote it.
    pub price: Option<String>,
    /// Currency of the price.
    pub price_unit: Option<String>,
    /// When it was accepted for sending.
    pub created_at: Timestamp,
    /// The channel it leaves by.
    pub channel: Source,
}

const STATUS: &str = "
    SELECT message_id, state, message_sid, provider_status, error, price, price_unit, created_at, channel,
    (SELECT COUNT(*) FROM attempts WHERE attempts.message_id = messages.message_id) AS attempts
    FROM messages";

impl FromRow for Status {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            message_id: row.get("message_id")?,
            state: row.parse("state")?,
            message_sid: row.get("message_sid")?,
            provider_status: row.get("provider_status")?,
            attempts: row.get("attempts")?,
            error: row.get("error")?,
            price: row.get("price")?,
            price_unit: row.get("price_unit")?,
            created_at: row.get("created_at")?,
            channel: row.parse("channel")?,
        })
    }
}

/// The parts of a message in order; empty when there is no such message.
pub async fn statuses(conn: &mut Conn, message_id: &str) -> Result<Vec<Status>, StoreError> {
    let sql = format!("{STATUS} WHERE message_id = $1 OR part_of = $1 ORDER BY part");
    conn.fetch_all(Sql::built(sql), params![message_id]).await
}

/// The id of the message or part that the provider knows under a sid.
pub async fn id_of_sid(conn: &mut Conn, sid: &str) -> Result<Option<String>, StoreError> {
    conn.fetch_optional("SELECT message_id FROM messages WHERE message_sid = $1", params![sid]).await
}

/// Messages not yet sent, oldest first, after the one named, at most so many.
pub async fn outbox(
    conn: &mut Conn,
    after: (Timestamp, &str),
    limit: u32,
) -> Result<Vec<Status>, StoreError> {
    let sql = format!(
        "{STATUS} WHERE state IN ('queued', 'sending', 'unknown', 'parked')
             AND (created_at > $1 OR (created_at = $1 AND message_id > $2))
         ORDER BY created_at, message_id LIMIT $3"
    );
    conn.fetch_all(Sql::built(sql), params![after.0, after.1, i64::from(limit)]).await
}
