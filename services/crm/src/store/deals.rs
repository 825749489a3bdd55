//! Table `deals`.

use model::{ContactAddress, ContactId, Timestamp};
use store::sqlx::{self, AnyConnection};
use store::{StoreError, Tx};

use super::broken;
use crate::domain::{Deal, DealId, FIRST_STAGE, NewDeal};

type Row = (String, String, String, i64, String, i64);

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
pub(crate) async fn by_key(conn: &mut AnyConnection, key: &str) -> Result<Option<Deal>, StoreError> {
    let row: Option<Row> =
        sqlx::query_as(select!("WHERE idempotency_key = $1")).bind(key).fetch_optional(conn).await?;
    row.map(deal).transpose()
}

/// Adds a deal; false when the key has one, or there is no such contact.
#[tracing::instrument(name = "db.deals.insert", level = "debug", skip_all)]
pub(crate) async fn insert(
    tx: &mut Tx,
    id: DealId,
    deal: &NewDeal,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO deals (deal_id, idempotency_key, contact_id, name, amount_eur, stage, created_at) \
         SELECT $1, $2, contact_id, $3, $4, $5, $6 FROM contacts WHERE address = $7 \
         ON CONFLICT (idempotency_key) DO NOTHING",
    )
    .bind(id.as_str())
    .bind(&deal.idempotency_key)
    .bind(&deal.name)
    .bind(i64::from(deal.amount_eur))
    .bind(FIRST_STAGE)
    .bind(now.as_micros())
    .bind(deal.address.to_string())
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Lists deals, newest first, behind a moment and id.
#[tracing::instrument(name = "db.deals.list", level = "debug", skip_all)]
pub(crate) async fn list(
    conn: &mut AnyConnection,
    after: Option<(Timestamp, DealId)>,
    limit: i64,
) -> Result<Vec<Deal>, StoreError> {
    let (created_at, id) = match &after {
        Some((created_at, id)) => (created_at.as_micros(), id.as_str()),
        None => (i64::MAX, ""),
    };
    // `created_at <= $1` says nothing new, but lets the index begin there.
    let rows: Vec<Row> = sqlx::query_as(select!(
        "WHERE deals.created_at <= $1 AND (deals.created_at < $1 OR deal_id < $2) \
         ORDER BY deals.created_at DESC, deal_id DESC LIMIT $3"
    ))
    .bind(created_at)
    .bind(id)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(deal).collect()
}

/// Reads all deals of a contact, the earliest first.
#[tracing::instrument(name = "db.deals.by_contact", level = "debug", skip_all)]
pub(crate) async fn by_contact(
    conn: &mut AnyConnection,
    contact: ContactId,
) -> Result<Vec<Deal>, StoreError> {
    let rows: Vec<Row> =
        sqlx::query_as(select!("WHERE deals.contact_id = $1 ORDER BY deals.created_at, deal_id"))
            .bind(contact.as_str())
            .fetch_all(conn)
            .await?;
    rows.into_iter().map(deal).collect()
}

/// Deletes all deals of a contact; says how many there were.
#[tracing::instrument(name = "db.deals.delete", level = "debug", skip_all)]
pub(crate) async fn delete(tx: &mut Tx, contact: ContactId) -> Result<u64, StoreError> {
    let deleted = sqlx::query("DELETE FROM deals WHERE contact_id = $1")
        .bind(contact.as_str())
        .execute(tx.conn())
        .await?;
    Ok(deleted.rows_affected())
}

fn deal(row: Row) -> Result<Deal, StoreError> {
    let (id, address, name, amount_eur, stage, created_at) = row;
    Ok(Deal {
        id: id.parse().map_err(|error: model::InvalidId| broken("deal", error))?,
        address: ContactAddress::parse(&address).map_err(|error| broken("deal", error))?,
        name,
        amount_eur: i32::try_from(amount_eur).map_err(|error| broken("deal", error))?,
        stage,
        created_at: Timestamp::from_micros(created_at),
    })
}
