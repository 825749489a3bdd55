//! Table `deals`.

use model::{ContactId, Timestamp};
use store::{Conn, FromRow, Row, StoreError, Tx, params};

use super::broken;
use crate::domain::{Deal, DealId, FIRST_STAGE, NewDeal};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT deal_id, address, deals.name, amount_eur, stage, deals.created_at ",
            "FROM deals JOIN contacts ON contacts.contact_id = deals.contact_id ",
            $rest
        )
    };
}

/// Reads the deal opened under an idempotency key.
#[tracing::instrument(name = "db.deals.by_key", level = "debug", skip_all)]
pub(crate) async fn by_key(conn: &mut Conn, key: &str) -> Result<Option<Deal>, StoreError> {
    conn.fetch_optional(select!("WHERE idempotency_key = $1"), params![key]).await
}

/// Adds a deal; false when the key has one, or there is no such contact.
#[tracing::instrument(name = "db.deals.insert", level = "debug", skip_all)]
pub(crate) async fn insert(tx: &mut Tx, id: DealId, deal: &NewDeal) -> Result<bool, StoreError> {
    let now = tx.now();
    let inserted = tx
        .execute(
            "INSERT INTO deals (deal_id, idempotency_key, contact_id, name, amount_eur, stage, created_at) \
         SELECT $1, $2, contact_id, $3, $4, $5, $6 FROM contacts WHERE address = $7 \
         ON CONFLICT (idempotency_key) DO NOTHING",
            params![
                id.as_str(),
                &deal.idempotency_key,
                &deal.name,
                i64::from(deal.amount_eur),
                FIRST_STAGE,
                now,
                deal.address.to_string()
            ],
        )
        .await?;
    Ok(inserted > 0)
}

/// Lists deals, newest first, behind a moment and id.
#[tracing::instrument(name = "db.deals.list", level = "debug", skip_all)]
pub(crate) async fn list(
    conn: &mut Conn,
    after: Option<(Timestamp, DealId)>,
    limit: i64,
) -> Result<Vec<Deal>, StoreError> {
    let (created_at, id) = match &after {
        Some((created_at, id)) => (created_at.as_micros(), id.as_str()),
        None => (i64::MAX, ""),
    };
    // `created_at <= $1` says nothing new, but lets the index begin there.
    conn.fetch_all(
        select!(
            "WHERE deals.created_at <= $1 AND (deals.created_at < $1 OR deal_id < $2) \
             ORDER BY deals.created_at DESC, deal_id DESC LIMIT $3"
        ),
        params![created_at, id, limit],
    )
    .await
}

/// Reads all deals of a contact, the earliest first.
#[tracing::instrument(name = "db.deals.by_contact", level = "debug", skip_all)]
pub(crate) async fn by_contact(conn: &mut Conn, contact: ContactId) -> Result<Vec<Deal>, StoreError> {
    let of_contact = select!("WHERE deals.contact_id = $1 ORDER BY deals.created_at, deal_id");
    conn.fetch_all(of_contact, params![contact.as_str()]).await
}

/// Deletes all deals of a contact; says how many there were.
#[tracing::instrument(name = "db.deals.delete", level = "debug", skip_all)]
pub(crate) async fn delete(tx: &mut Tx, contact: ContactId) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM deals WHERE contact_id = $1", params![contact.as_str()]).await
}

impl FromRow for Deal {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("deal_id")?,
            address: row.parse("address")?,
            name: row.get("name")?,
            amount_eur: i32::try_from(row.get::<i64>("amount_eur")?)
                .map_err(|error| broken("deal", error))?,
            stage: row.get("stage")?,
            created_at: row.get("created_at")?,
        })
    }
}
