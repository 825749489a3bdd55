//! Reads over many deliveries: by message, in pages, counted, and as they grow.

use model::Timestamp;
use store::{
    StoreError,
    sqlx::{self, AnyConnection, AssertSqlSafe},
};

use crate::{
    latency::{BUCKET, Latency},
    store::{Delivery, columns, delivery},
};

/// Lists of ids are padded to one of these lengths, so that few different statements are prepared.
const LIST_LENGTHS: [usize; 4] = [1, 10, 100, 1000];

/// The longest list of ids one query takes.
pub const MAX_LIST: usize = 1000;

/// The delivery of one provider id.
pub async fn by_sid(conn: &mut AnyConnection, sid: &str) -> Result<Option<Delivery>, StoreError> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM deliveries WHERE sid = $1");
    sqlx::query(SQL).bind(sid).fetch_optional(conn).await?.as_ref().map(delivery).transpose()
}

/// The deliveries of several messages, at most [`MAX_LIST`]; a message sent more than once has more than one.
pub async fn by_messages(conn: &mut AnyConnection, ids: &[String]) -> Result<Vec<Delivery>, StoreError> {
    among(conn, "message_id", ids).await
}

/// The deliveries of several provider ids, at most [`MAX_LIST`].
pub async fn by_sids(conn: &mut AnyConnection, sids: &[String]) -> Result<Vec<Delivery>, StoreError> {
    among(conn, "sid", sids).await
}

async fn among(
    conn: &mut AnyConnection,
    column: &'static str,
    ids: &[String],
) -> Result<Vec<Delivery>, StoreError> {
    let Some(last) = ids.last() else { return Ok(Vec::new()) };
    let length = list_length(ids.len());
    let sql = format!("SELECT {} FROM deliveries WHERE {column} IN ({})", columns!(), placeholders(length));
    let padded = ids.iter().chain(std::iter::repeat(last)).take(length);
    let query = padded.fold(sqlx::query(AssertSqlSafe(sql)), sqlx::query::Query::bind);
    query.fetch_all(conn).await?.iter().map(delivery).collect()
}

/// Where a page of a list ended: moment and provider id of its last row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// See [`Delivery::created_at`].
    pub created_at: Timestamp,
    /// See [`Delivery::sid`].
    pub sid: String,
}

/// Deliveries newest first, of one latest status when that is not empty, after a cursor.
pub async fn page(
    conn: &mut AnyConnection,
    status: &str,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Vec<Delivery>, StoreError> {
    const ALL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM deliveries WHERE (created_at, sid) < ($1, $2) ORDER BY created_at DESC, sid DESC LIMIT $3"
    );
    const OF_STATUS: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM deliveries WHERE status = $4 AND (created_at, sid) < ($1, $2) \
         ORDER BY created_at DESC, sid DESC LIMIT $3"
    );
    let (created_at, sid) = after.map_or((i64::MAX, ""), |after| (after.created_at.as_micros(), &after.sid));
    let query = sqlx::query(if status.is_empty() { ALL } else { OF_STATUS });
    let query = query.bind(created_at).bind(sid).bind(i64::from(limit));
    let query = if status.is_empty() { query } else { query.bind(status) };
    query.fetch_all(conn).await?.iter().map(delivery).collect()
}

/// How many deliveries first heard of since a moment have each latest status.
pub async fn counts(conn: &mut AnyConnection, since: Timestamp) -> Result<Vec<(String, u64)>, StoreError> {
    let rows = sqlx::query_as::<_, (String, i64)>(
        "SELECT status, COUNT(*) FROM deliveries WHERE created_at >= $1 GROUP BY status ORDER BY status",
    )
    .bind(since.as_micros())
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(status, count)| (status, unsigned(count))).collect())
}

/// Which way of a message is measured; each starts when it was sent.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// The recipient's device has it.
    Delivered,
    /// The recipient opened it.
    Read,
}

/// The latency of the deliveries first heard of since a moment, where both ends were heard in order.
pub async fn latency(
    conn: &mut AnyConnection,
    since: Timestamp,
    until: Until,
) -> Result<Latency, StoreError> {
    let end = match until {
        Until::Delivered => "delivered_at",
        Until::Read => "read_at",
    };
    let bucket = BUCKET.replace("{d}", &format!("({end} - sent_at)"));
    let sql = format!(
        "SELECT bucket, COUNT(*) FROM (SELECT {bucket} AS bucket FROM deliveries \
         WHERE created_at >= $1 AND sent_at IS NOT NULL AND {end} IS NOT NULL) AS measured GROUP BY bucket"
    );
    let rows =
        sqlx::query_as::<_, (i64, i64)>(AssertSqlSafe(sql)).bind(since.as_micros()).fetch_all(conn).await?;
    let buckets = rows.into_iter().map(|(bucket, count)| (unsigned(bucket), unsigned(count)));
    Ok(Latency::from_buckets(buckets.collect()))
}

/// The newest row of the log; 0 in an empty one.
pub async fn last_row(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    let (last,) = sqlx::query_as("SELECT CAST(COALESCE(MAX(delivery_id), 0) AS BIGINT) FROM delivery_log")
        .fetch_one(conn)
        .await?;
    Ok(last)
}

/// Rows of the log after one, oldest first, each with its provider id.
pub async fn rows_after(
    conn: &mut AnyConnection,
    row: i64,
    limit: i64,
) -> Result<Vec<(i64, String)>, StoreError> {
    let rows = sqlx::query_as(
        "SELECT delivery_id, sid FROM delivery_log WHERE delivery_id > $1 ORDER BY delivery_id LIMIT $2",
    );
    Ok(rows.bind(row).bind(limit).fetch_all(conn).await?)
}

/// Those of some rows of the log, at most [`MAX_LIST`], that are there, oldest first.
pub async fn rows_among(conn: &mut AnyConnection, rows: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
    let Some(last) = rows.last() else { return Ok(Vec::new()) };
    let length = list_length(rows.len());
    let sql = format!(
        "SELECT delivery_id, sid FROM delivery_log WHERE delivery_id IN ({}) ORDER BY delivery_id",
        placeholders(length)
    );
    let padded = rows.iter().chain(std::iter::repeat(last)).take(length).copied();
    let query = padded.fold(sqlx::query_as(AssertSqlSafe(sql)), sqlx::query::QueryAs::bind);
    Ok(query.fetch_all(conn).await?)
}

fn list_length(wanted: usize) -> usize {
    LIST_LENGTHS.into_iter().find(|length| *length >= wanted).unwrap_or(MAX_LIST)
}

fn placeholders(count: usize) -> String {
    let numbered: Vec<String> = (1..=count).map(|number| format!("${number}")).collect();
    numbered.join(", ")
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
