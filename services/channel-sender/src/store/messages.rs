//! `messages`: one row for each message that goes to the provider.

use ::store::StoreError;
use model::{ContactAddress, Source, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{count, parsed};
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

const COLUMNS: &str = "message_id, org_id, channel, contact, conversation_id, part, body, media_url, template, author, \
                       inbound_at, state, round_from, message_sid";

fn message(row: &AnyRow) -> Result<Message, StoreError> {
    let template: Option<String> = row.try_get("template")?;
    let content = match template {
        Some(json) => Content::Template(
            serde_json::from_str(&json)
                .map_err(|error| StoreError::Document { what: "template", source: Box::new(error) })?,
        ),
        None => Content::FreeForm { body: row.try_get("body")?, media_url: row.try_get("media_url")? },
    };
    Ok(Message {
        message_id: row.try_get("message_id")?,
        org_id: row.try_get("org_id")?,
        channel: parsed(row, "channel")?,
        contact: parsed(row, "contact")?,
        conversation_id: row.try_get("conversation_id")?,
        part: row.try_get("part")?,
        content,
        author: parsed(row, "author")?,
        inbound_at: row.try_get::<Option<i64>, _>("inbound_at")?.map(Timestamp::from_micros),
        state: parsed(row, "state")?,
        round_from: row.try_get("round_from")?,
        message_sid: row.try_get("message_sid")?,
    })
}

/// Inserts one part of a new message. False when a message with this id is there already.
pub async fn insert(
    conn: &mut AnyConnection,
    new: &NewMessage,
    id: &str,
    part: usize,
    content: &Content,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (body, media_url, template) = match content {
        Content::FreeForm { body, media_url } => (body.as_str(), media_url.as_deref(), None),
        Content::Template(template) => ("", None, Some(serde_json::json!(template).to_string())),
    };
    let inserted = sqlx::query(
        "INSERT INTO messages (message_id, org_id, channel, contact, conversation_id, part_of, part, body, media_url,
             template, author, inbound_at, state, round_from, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'queued', 0, $13, $13)
         ON CONFLICT (message_id) DO NOTHING",
    )
    .bind(id)
    .bind(new.org_id.as_str())
    .bind(new.channel.as_str())
    .bind(new.contact.to_string())
    .bind(new.conversation_id.as_str())
    .bind((part > 1).then_some(new.message_id.as_str()))
    .bind(i64::try_from(part).unwrap_or(i64::MAX))
    .bind(body)
    .bind(media_url)
    .bind(template)
    .bind(new.author.as_str())
    .bind(new.change.last_inbound_at.map(Timestamp::as_micros))
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Reads one message or part.
pub async fn read(conn: &mut AnyConnection, message_id: &str) -> Result<Option<Message>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE message_id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(message_id).fetch_optional(conn).await?;
    row.as_ref().map(message).transpose()
}

/// The states of a message's parts; empty when there is no such message.
pub async fn states(conn: &mut AnyConnection, message_id: &str) -> Result<Vec<SendState>, StoreError> {
    let rows = sqlx::query("SELECT state FROM messages WHERE message_id = $1 OR part_of = $1")
        .bind(message_id)
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| parsed(row, "state")).collect()
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
pub async fn change(
    conn: &mut AnyConnection,
    message_id: &str,
    change: Change<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE messages SET state = $2, error = $3, error_code = $4, message_sid = COALESCE($5, message_sid),
             provider_status = COALESCE($6, provider_status), updated_at = $7
         WHERE message_id = $1",
    )
    .bind(message_id)
    .bind(change.state.as_str())
    .bind(change.error)
    .bind(change.error_code.map(i64::from))
    .bind(change.accepted.map(|(sid, _)| sid))
    .bind(change.accepted.map(|(_, status)| status))
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a message up that is not sent; what is known of the reason stays. False for one that is sent or refused.
pub async fn fail(
    conn: &mut AnyConnection,
    message_id: &str,
    error: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let failed = sqlx::query(
        "UPDATE messages SET state = 'failed', error = $2, updated_at = $3
         WHERE message_id = $1 AND state NOT IN ('sent', 'refused')",
    )
    .bind(message_id)
    .bind(error)
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(failed.rows_affected() > 0)
}

/// Begins a new round: attempts so far count no longer.
pub async fn begin_round(
    conn: &mut AnyConnection,
    message_id: &str,
    round_from: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE messages SET round_from = $2 WHERE message_id = $1")
        .bind(message_id)
        .bind(round_from)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes what the provider said of a message when it was asked.
pub async fn refresh(
    conn: &mut AnyConnection,
    message_id: &str,
    state: &crate::channel::ProviderState,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE messages SET provider_status = $2, price = COALESCE($3, price), price_unit = COALESCE($4, price_unit),
             error_code = COALESCE($5, error_code), updated_at = $6
         WHERE message_id = $1",
    )
    .bind(message_id)
    .bind(state.status.as_str())
    .bind(state.price.as_deref())
    .bind(state.price_unit.as_deref())
    .bind(state.error_code.map(i64::from))
    .bind(now.as_micros())
    .execute(conn)
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

const STATUS: &str = "SELECT message_id, state, message_sid, provider_status, error, price, price_unit, created_at, channel, \
                      (SELECT COUNT(*) FROM attempts WHERE attempts.message_id = messages.message_id) AS attempts \
                      FROM messages";

fn status(row: &AnyRow) -> Result<Status, StoreError> {
    Ok(Status {
        message_id: row.try_get("message_id")?,
        state: parsed(row, "state")?,
        message_sid: row.try_get("message_sid")?,
        provider_status: row.try_get("provider_status")?,
        attempts: count(row.try_get("attempts")?),
        error: row.try_get("error")?,
        price: row.try_get("price")?,
        price_unit: row.try_get("price_unit")?,
        created_at: Timestamp::from_micros(row.try_get("created_at")?),
        channel: parsed(row, "channel")?,
    })
}

/// The parts of a message in order; empty when there is no such message.
pub async fn statuses(conn: &mut AnyConnection, message_id: &str) -> Result<Vec<Status>, StoreError> {
    let sql = format!("{STATUS} WHERE message_id = $1 OR part_of = $1 ORDER BY part");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(message_id).fetch_all(conn).await?;
    rows.iter().map(status).collect()
}

/// The id of the message or part that the provider knows under a sid.
pub async fn id_of_sid(conn: &mut AnyConnection, sid: &str) -> Result<Option<String>, StoreError> {
    let id = sqlx::query_scalar::<_, String>("SELECT message_id FROM messages WHERE message_sid = $1");
    Ok(id.bind(sid).fetch_optional(conn).await?)
}

/// Messages not yet sent, oldest first, after the one named, at most so many.
pub async fn outbox(
    conn: &mut AnyConnection,
    after: (Timestamp, &str),
    limit: u32,
) -> Result<Vec<Status>, StoreError> {
    let sql = format!(
        "{STATUS} WHERE state IN ('queued', 'sending', 'unknown', 'parked')
             AND (created_at > $1 OR (created_at = $1 AND message_id > $2))
         ORDER BY created_at, message_id LIMIT $3"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(after.0.as_micros())
        .bind(after.1)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?;
    rows.iter().map(status).collect()
}
