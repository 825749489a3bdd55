//! `contacts`: what is checked before anything goes to a contact.

use ::store::StoreError;
use model::{ContactAddress, Timestamp};
use sqlx::{AnyConnection, Row};

use super::parsed;
use crate::domain::{ContactChange, ContactState, Owner};

const OPTED_OUT: &str = "opted_out";
const WELCOME: &str = "welcome";

/// Reads what is known of a contact; [`ContactState::UNKNOWN`] when nothing was told yet.
pub async fn read(conn: &mut AnyConnection, contact: &ContactAddress) -> Result<ContactState, StoreError> {
    let row = sqlx::query(
        "SELECT last_inbound_at, consent, provider_consent, owner, last_sent_at FROM contacts WHERE contact = $1",
    )
    .bind(contact.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(ContactState::UNKNOWN) };
    let moment = |column: &str| -> Result<Option<Timestamp>, StoreError> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_micros))
    };
    let consents: [String; 2] = [row.try_get("consent")?, row.try_get("provider_consent")?];
    Ok(ContactState {
        last_inbound_at: moment("last_inbound_at")?,
        opted_out: consents.iter().any(|consent| consent == OPTED_OUT),
        owner: parsed(&row, "owner")?,
        last_sent_at: moment("last_sent_at")?,
    })
}

/// Applies a change. Safe to repeat; an older moment of the last inbound message never lowers a newer one.
pub async fn apply(
    conn: &mut AnyConnection,
    contact: &ContactAddress,
    change: ContactChange,
    now: Timestamp,
) -> Result<(), StoreError> {
    let consent = change.opted_out.map(|opted_out| if opted_out { OPTED_OUT } else { WELCOME });
    let provider_consent = change.welcomed_back.then_some(WELCOME);
    sqlx::query(
        "INSERT INTO contacts (contact, last_inbound_at, consent, provider_consent, owner, updated_at)
         VALUES ($1, $2, COALESCE($3, 'welcome'), 'welcome', COALESCE($4, 'nobody'), $5)
         ON CONFLICT (contact) DO UPDATE SET
             last_inbound_at = CASE
                 WHEN contacts.last_inbound_at IS NULL OR contacts.last_inbound_at < excluded.last_inbound_at
                 THEN COALESCE(excluded.last_inbound_at, contacts.last_inbound_at)
                 ELSE contacts.last_inbound_at END,
             consent = COALESCE($3, contacts.consent),
             provider_consent = COALESCE($6, contacts.provider_consent),
             owner = COALESCE($4, contacts.owner),
             updated_at = excluded.updated_at",
    )
    .bind(contact.to_string())
    .bind(change.last_inbound_at.map(Timestamp::as_micros))
    .bind(consent)
    .bind(change.owner.map(Owner::as_str))
    .bind(now.as_micros())
    .bind(provider_consent)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that the provider refuses messages to a contact who opted out there. Safe to repeat.
pub async fn opt_out_at_provider(
    conn: &mut AnyConnection,
    contact: &ContactAddress,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO contacts (contact, consent, provider_consent, owner, updated_at)
         VALUES ($1, 'welcome', 'opted_out', 'nobody', $2)
         ON CONFLICT (contact) DO UPDATE SET provider_consent = 'opted_out', updated_at = excluded.updated_at",
    )
    .bind(contact.to_string())
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes when the provider last accepted a message to a contact.
pub async fn sent(
    conn: &mut AnyConnection,
    contact: &ContactAddress,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO contacts (contact, consent, provider_consent, owner, last_sent_at, updated_at)
         VALUES ($1, 'welcome', 'welcome', 'nobody', $2, $2)
         ON CONFLICT (contact) DO UPDATE SET last_sent_at = excluded.last_sent_at",
    )
    .bind(contact.to_string())
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}
