//! `contacts`: what is checked before anything goes to a contact.

use ::store::{Conn, FromRow, Row, StoreError, Tx, params};
use model::ContactAddress;

use crate::domain::{ContactChange, ContactState, Owner};

const OPTED_OUT: &str = "opted_out";
const WELCOME: &str = "welcome";

/// Reads what is known of a contact; [`ContactState::UNKNOWN`] when nothing was told yet.
pub async fn read(conn: &mut Conn, contact: &ContactAddress) -> Result<ContactState, StoreError> {
    const SQL: &str = "
        SELECT last_inbound_at, consent, provider_consent, owner, last_sent_at FROM contacts
        WHERE contact = $1";
    let known = conn.fetch_optional(SQL, params![contact.to_string()]).await?;
    Ok(known.unwrap_or(ContactState::UNKNOWN))
}

impl FromRow for ContactState {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let consents: [&str; 2] = [row.get("consent")?, row.get("provider_consent")?];
        Ok(Self {
            last_inbound_at: row.get("last_inbound_at")?,
            opted_out: consents.contains(&OPTED_OUT),
            owner: row.parse("owner")?,
            last_sent_at: row.get("last_sent_at")?,
        })
    }
}

/// Applies a change. Safe to repeat; an older moment of the last inbound message never lowers a newer one.
pub async fn apply(tx: &mut Tx, contact: &ContactAddress, change: ContactChange) -> Result<(), StoreError> {
    let now = tx.now();
    let consent = change.opted_out.map(|opted_out| if opted_out { OPTED_OUT } else { WELCOME });
    let provider_consent = change.welcomed_back.then_some(WELCOME);
    tx.execute(
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
        params![
            contact.to_string(),
            change.last_inbound_at,
            consent,
            change.owner.map(Owner::as_str),
            now,
            provider_consent
        ],
    )
    .await?;
    Ok(())
}

/// Notes that the provider refuses messages to a contact who opted out there. Safe to repeat.
pub async fn opt_out_at_provider(tx: &mut Tx, contact: &ContactAddress) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO contacts (contact, consent, provider_consent, owner, updated_at)
        VALUES ($1, 'welcome', 'opted_out', 'nobody', $2)
        ON CONFLICT (contact) DO UPDATE SET provider_consent = 'opted_out', updated_at = excluded.updated_at";
    let now = tx.now();
    tx.execute(SQL, params![contact.to_string(), now]).await?;
    Ok(())
}

/// Notes when the provider last accepted a message to a contact.
pub async fn sent(tx: &mut Tx, contact: &ContactAddress) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO contacts (contact, consent, provider_consent, owner, last_sent_at, updated_at)
         VALUES ($1, 'welcome', 'welcome', 'nobody', $2, $2)
         ON CONFLICT (contact) DO UPDATE SET last_sent_at = excluded.last_sent_at",
        params![contact.to_string(), now],
    )
    .await?;
    Ok(())
}
