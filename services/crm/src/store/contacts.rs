//! Table `contacts`.

use model::{ContactAddress, ContactId, Timestamp};
use store::sqlx::{self, AnyConnection};
use store::{StoreError, Tx};

use super::broken;
use crate::domain::{Contact, Interaction, Interests};
use crate::scoring::{LeadStatus, Score, Signals};

type Row = (String, String, String, String, String, i64, String, String, String, i64, i64, i64);

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
    now: Timestamp,
) -> Result<Before, StoreError> {
    let (id, signals, points, status, breakdown, interests): (String, String, i64, String, String, String) =
        sqlx::query_as(
            "INSERT INTO contacts (contact_id, address, name, email, signals, score, status, breakdown, interests, \
             interactions, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10) \
             ON CONFLICT (address) DO UPDATE SET \
                 name = CASE WHEN excluded.name = '' THEN contacts.name ELSE excluded.name END, \
                 email = CASE WHEN excluded.email = '' THEN contacts.email ELSE excluded.email END, \
                 interactions = contacts.interactions + 1, updated_at = excluded.updated_at \
             RETURNING contact_id, signals, score, status, breakdown, interests",
        )
        .bind(id.as_str())
        .bind(interaction.address.to_string())
        .bind(&interaction.name)
        .bind(&interaction.email)
        .bind(interaction.signals.words())
        .bind(i64::from(score.points))
        .bind(score.status.as_str())
        .bind(json(&score.breakdown)?)
        .bind(json(&interaction.interests)?)
        .bind(now.as_micros())
        .fetch_one(tx.conn())
        .await?;
    Ok(Before {
        id: contact_id(&id)?,
        signals: signals_of(&signals)?,
        score: score_of(points, &status, &breakdown)?,
        interests: interests_of(&interests)?,
    })
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
    sqlx::query(
        "UPDATE contacts SET signals = $1, score = $2, status = $3, breakdown = $4, interests = $5 WHERE contact_id = $6",
    )
    .bind(signals.words())
    .bind(i64::from(score.points))
    .bind(score.status.as_str())
    .bind(json(&score.breakdown)?)
    .bind(json(interests)?)
    .bind(id.as_str())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Reads the contact with an address.
#[tracing::instrument(name = "db.contacts.by_address", level = "debug", skip_all)]
pub(crate) async fn by_address(
    conn: &mut AnyConnection,
    address: &ContactAddress,
) -> Result<Option<Contact>, StoreError> {
    let row: Option<Row> =
        sqlx::query_as(select!("WHERE address = $1")).bind(address.to_string()).fetch_optional(conn).await?;
    row.map(contact).transpose()
}

/// Lists contacts, the highest score first, the latest of equals first, behind a score and id.
#[tracing::instrument(name = "db.contacts.list", level = "debug", skip_all)]
pub(crate) async fn list(
    conn: &mut AnyConnection,
    after: Option<(u32, ContactId)>,
    limit: i64,
) -> Result<Vec<Contact>, StoreError> {
    let (score, id) = match &after {
        Some((score, id)) => (i64::from(*score), id.as_str()),
        None => (i64::MAX, ""),
    };
    // `score <= $1` says nothing new, but lets the index begin there.
    let rows: Vec<Row> = sqlx::query_as(select!(
        "WHERE score <= $1 AND (score < $1 OR contact_id < $2) ORDER BY score DESC, contact_id DESC LIMIT $3"
    ))
    .bind(score)
    .bind(id)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(contact).collect()
}

/// Deletes the contact.
#[tracing::instrument(name = "db.contacts.delete", level = "debug", skip_all)]
pub(crate) async fn delete(tx: &mut Tx, id: ContactId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM contacts WHERE contact_id = $1").bind(id.as_str()).execute(tx.conn()).await?;
    Ok(())
}

fn contact(row: Row) -> Result<Contact, StoreError> {
    let (
        id,
        address,
        name,
        email,
        signals,
        points,
        status,
        breakdown,
        interests,
        interactions,
        created,
        updated,
    ) = row;
    Ok(Contact {
        id: contact_id(&id)?,
        address: ContactAddress::parse(&address).map_err(|error| broken("contact", error))?,
        name,
        email,
        signals: signals_of(&signals)?,
        score: score_of(points, &status, &breakdown)?,
        interests: interests_of(&interests)?,
        interactions: u32::try_from(interactions).unwrap_or(u32::MAX),
        created_at: Timestamp::from_micros(created),
        updated_at: Timestamp::from_micros(updated),
    })
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

fn score_of(points: i64, status: &str, breakdown: &str) -> Result<Score, StoreError> {
    Ok(Score {
        points: u32::try_from(points).map_err(|error| broken("contact", error))?,
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
