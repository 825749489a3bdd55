//! Table `contacts`.

use model::{ContactAddress, ContactId};
use store::{Conn, FromRow, Row, StoreError, Tx, params};

use super::broken;
use crate::domain::{Contact, Interaction, Interests};
use crate::scoring::{LeadStatus, Score, Signals};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT contact_id, address, name, email, signals, score, status, breakdown, interests, interactions, ",
            "created_at, updated_at FROM contacts ",
            $rest
        )
    };
}

/// What a contact was before an interaction, as far as the score goes.
pub(crate) struct Before {
    pub id: ContactId,
    pub signals: Signals,
    pub score: Score,
    pub interests: Interests,
}

/// Adds the contact with what one interaction tells, or notes that a known contact interacted, and keeps others from
/// changing it until the commit. Signals, score and interests of a known contact are answered as they were.
#[tracing::instrument(name = "db.contacts.touch", level = "debug", skip_all)]
pub(crate) async fn touch(
    tx: &mut Tx,
    id: ContactId,
    interaction: &Interaction,
    score: &Score,
) -> Result<Before, StoreError> {
    const SQL: &str = "
        INSERT INTO contacts (contact_id, address, name, email, signals, score, status, breakdown,
            interests,
            interactions, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)
        ON CONFLICT (address) DO UPDATE SET
        name = CASE WHEN excluded.name = '' THEN contacts.name ELSE excluded.name END,
        email = CASE WHEN excluded.email = '' THEN contacts.email ELSE excluded.email END,
            interactions = contacts.interactions + 1, updated_at = excluded.updated_at
        RETURNING contact_id, signals, score, status, breakdown, interests";
    let now = tx.now();
    let values = params![
        id.as_str(),
        interaction.address.to_string(),
        &interaction.name,
        &interaction.email,
        interaction.signals.words(),
        score.points,
        score.status.as_str(),
        json(&score.breakdown)?,
        json(&interaction.interests)?,
        now
    ];
    tx.fetch_one(SQL, values).await
}

/// Writes a contact's signals, score and interests.
#[tracing::instrument(name = "db.contacts.set_score", level = "debug", skip_all)]
pub(crate) async fn set_score(
    tx: &mut Tx,
    id: ContactId,
    signals: Signals,
    score: &Score,
    interests: &Interests,
) -> Result<(), StoreError> {
    const SQL: &str = "
        UPDATE contacts SET signals = $1, score = $2, status = $3, breakdown = $4, interests = $5
        WHERE contact_id = $6";
    tx.execute(
        SQL,
        params![
            signals.words(),
            i64::from(score.points),
            score.status.as_str(),
            json(&score.breakdown)?,
            json(interests)?,
            id.as_str()
        ],
    )
    .await?;
    Ok(())
}

/// Reads the contact with an address.
#[tracing::instrument(name = "db.contacts.by_address", level = "debug", skip_all)]
pub(crate) async fn by_address(
    conn: &mut Conn,
    address: &ContactAddress,
) -> Result<Option<Contact>, StoreError> {
    conn.fetch_optional(select!("WHERE address = $1"), params![address.to_string()]).await
}

/// Lists contacts, the highest score first, the latest of equals first, behind a score and id.
#[tracing::instrument(name = "db.contacts.list", level = "debug", skip_all)]
pub(crate) async fn list(
    conn: &mut Conn,
    after: Option<(u32, ContactId)>,
    limit: i64,
) -> Result<Vec<Contact>, StoreError> {
    let (score, id) = match &after {
        Some((score, id)) => (i64::from(*score), id.as_str()),
        None => (i64::MAX, ""),
    };
    // `score <= $1` says nothing new, but lets the index begin there.
    let listed = select!(
        "WHERE score <= $1 AND (score < $1 OR contact_id < $2) ORDER BY score DESC, contact_id DESC LIMIT $3"
    );
    conn.fetch_all(listed, params![score, id, limit]).await
}

/// Deletes the contact.
#[tracing::instrument(name = "db.contacts.delete", level = "debug", skip_all)]
pub(crate) async fn delete(tx: &mut Tx, id: ContactId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM contacts WHERE contact_id = $1", params![id.as_str()]).await?;
    Ok(())
}

impl FromRow for Contact {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("contact_id")?,
            address: row.parse("address")?,
            name: row.get("name")?,
            email: row.get("email")?,
            signals: signals_of(row.get("signals")?)?,
            score: score_of(row.get("score")?, row.get("status")?, row.get("breakdown")?)?,
            interests: interests_of(row.get("interests")?)?,
            interactions: row.get("interactions")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

impl FromRow for Before {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("contact_id")?,
            signals: signals_of(row.get("signals")?)?,
            score: score_of(row.get("score")?, row.get("status")?, row.get("breakdown")?)?,
            interests: interests_of(row.get("interests")?)?,
        })
    }
}

pub(super) fn contact_id(text: &str) -> Result<ContactId, StoreError> {
    text.parse().map_err(|error: model::InvalidId| broken("contact", error))
}

fn signals_of(words: &str) -> Result<Signals, StoreError> {
    Signals::parse(words).ok_or_else(|| broken("contact", format!("signals {words:?} are not all known")))
}

pub(super) fn status_of(word: &str) -> Result<LeadStatus, StoreError> {
    LeadStatus::parse(word).ok_or_else(|| broken("lead status", format!("status {word:?} is not known")))
}

fn score_of(points: u32, status: &str, breakdown: &str) -> Result<Score, StoreError> {
    Ok(Score {
        points,
        status: status_of(status)?,
        breakdown: serde_json::from_str(breakdown).map_err(|error| broken("contact", error))?,
    })
}

fn interests_of(text: &str) -> Result<Interests, StoreError> {
    serde_json::from_str(text).map_err(|error| broken("contact", error))
}

fn json(document: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(document).map_err(|error| broken("contact", error))
}
