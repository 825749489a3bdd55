//! Table `interactions`.

use model::{ContactId, Timestamp};
use store::sqlx::{self, AnyConnection};
use store::{StoreError, Tx};

use super::broken;
use super::contacts::{contact_id, status_of};
use crate::domain::{Interaction, Recorded};

/// Reads what was answered to the interaction with this key.
#[tracing::instrument(name = "db.interactions.recorded", level = "debug", skip_all)]
pub(crate) async fn recorded(conn: &mut AnyConnection, key: &str) -> Result<Option<Recorded>, StoreError> {
    let row: Option<(String, String, String, i64, String)> = sqlx::query_as(
        "SELECT contact_id, made_contact, made_lead, score, status FROM interactions WHERE idempotency_key = $1",
    )
    .bind(key)
    .fetch_optional(conn)
    .await?;
    let Some((contact, made_contact, made_lead, points, status)) = row else { return Ok(None) };
    Ok(Some(Recorded {
        contact_id: contact_id(&contact)?,
        contact_created: made_contact == YES,
        lead_created: made_lead == YES,
        points: u32::try_from(points).map_err(|error| broken("interaction", error))?,
        status: status_of(&status)?,
    }))
}

/// Adds an interaction with the answer given to it; false when the key was recorded before.
#[tracing::instrument(name = "db.interactions.insert", level = "debug", skip_all)]
pub(crate) async fn insert(
    tx: &mut Tx,
    interaction: &Interaction,
    answer: &Recorded,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO interactions (idempotency_key, contact_id, org_id, conversation_id, kind, intent, summary, signals, \
         occurred_at, recorded_at, made_contact, made_lead, score, status) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (idempotency_key) DO NOTHING",
    )
    .bind(&interaction.idempotency_key)
    .bind(answer.contact_id.as_str())
    .bind(&interaction.org_id)
    .bind(&interaction.conversation_id)
    .bind(&interaction.kind)
    .bind(&interaction.intent)
    .bind(&interaction.summary)
    .bind(interaction.signals.words())
    .bind(interaction.occurred_at.as_micros())
    .bind(now.as_micros())
    .bind(yes_or_no(answer.contact_created))
    .bind(yes_or_no(answer.lead_created))
    .bind(i64::from(answer.points))
    .bind(answer.status.as_str())
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// An interaction as it is handed to the person it is about.
#[derive(serde::Serialize)]
pub(crate) struct Exported {
    pub occurred_at: String,
    pub kind: String,
    pub intent: String,
    pub summary: String,
    pub signals: String,
    pub conversation_id: String,
}

/// Reads all interactions of a contact, the earliest first.
#[tracing::instrument(name = "db.interactions.export", level = "debug", skip_all)]
pub(crate) async fn export(
    conn: &mut AnyConnection,
    contact: ContactId,
) -> Result<Vec<Exported>, StoreError> {
    let rows: Vec<(i64, String, String, String, String, String)> = sqlx::query_as(
        "SELECT occurred_at, kind, intent, summary, signals, conversation_id FROM interactions \
         WHERE contact_id = $1 ORDER BY recorded_at, idempotency_key",
    )
    .bind(contact.as_str())
    .fetch_all(conn)
    .await?;
    let exported = |(occurred_at, kind, intent, summary, signals, conversation_id)| Exported {
        occurred_at: Timestamp::from_micros(occurred_at).to_string(),
        kind,
        intent,
        summary,
        signals,
        conversation_id,
    };
    Ok(rows.into_iter().map(exported).collect())
}

/// Deletes all interactions of a contact; says how many there were.
#[tracing::instrument(name = "db.interactions.delete", level = "debug", skip_all)]
pub(crate) async fn delete(tx: &mut Tx, contact: ContactId) -> Result<u64, StoreError> {
    let deleted = sqlx::query("DELETE FROM interactions WHERE contact_id = $1")
        .bind(contact.as_str())
        .execute(tx.conn())
        .await?;
    Ok(deleted.rows_affected())
}

const YES: &str = "yes";

const fn yes_or_no(answer: bool) -> &'static str {
    if answer { YES } else { "no" }
}
