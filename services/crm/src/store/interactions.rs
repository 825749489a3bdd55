//! Table `interactions`.

use model::{ContactId, Timestamp};
use store::{Conn, StoreError, Tx, params};

use super::broken;
use super::contacts::{contact_id, status_of};
use crate::domain::{Interaction, Recorded};

/// Reads what was answered to the interaction with this key.
#[tracing::instrument(name = "db.interactions.recorded", level = "debug", skip_all)]
pub(crate) async fn recorded(conn: &mut Conn, key: &str) -> Result<Option<Recorded>, StoreError> {
    const SQL: &str = "
        SELECT contact_id, made_contact, made_lead, score, status FROM interactions
        WHERE idempotency_key = $1";
    let row: Option<(String, String, String, i64, String)> = conn.fetch_optional(SQL, params![key]).await?;
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
) -> Result<bool, StoreError> {
    const SQL: &str = "
        INSERT INTO interactions (idempotency_key, contact_id, org_id, conversation_id, kind, intent,
            summary, signals,
        occurred_at, recorded_at, made_contact, made_lead, score, status)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (idempotency_key) DO NOTHING";
    let now = tx.now();
    let inserted = tx
        .execute(
            SQL,
            params![
                &interaction.idempotency_key,
                answer.contact_id.as_str(),
                &interaction.org_id,
                &interaction.conversation_id,
                &interaction.kind,
                &interaction.intent,
                &interaction.summary,
                interaction.signals.words(),
                interaction.occurred_at,
                now,
                yes_or_no(answer.contact_created),
                yes_or_no(answer.lead_created),
                i64::from(answer.points),
                answer.status.as_str()
            ],
        )
        .await?;
    Ok(inserted > 0)
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
pub(crate) async fn export(conn: &mut Conn, contact: ContactId) -> Result<Vec<Exported>, StoreError> {
    let rows: Vec<(i64, String, String, String, String, String)> = conn
        .fetch_all(
            "SELECT occurred_at, kind, intent, summary, signals, conversation_id FROM interactions \
         WHERE contact_id = $1 ORDER BY recorded_at, idempotency_key",
            params![contact.as_str()],
        )
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
    let deleted =
        tx.execute("DELETE FROM interactions WHERE contact_id = $1", params![contact.as_str()]).await?;
    Ok(deleted)
}

const YES: &str = "yes";

const fn yes_or_no(answer: bool) -> &'static str {
    if answer { YES } else { "no" }
}
