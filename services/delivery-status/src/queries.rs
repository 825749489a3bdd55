//! Reads over many deliveries: by message, in pages, counted, and as they grow.

use model::Timestamp;
use store::{Conn, Param, Sql, StoreError, params};

use crate::{
    latency::{BUCKET, Latency},
    store::{Delivery, columns},
};

/// Lists of ids are padded to one of these lengths, so that few different statements are prepared.
const LIST_LENGTHS: [usize; 4] = [1, 10, 100, 1000];

/// The longest list of ids one query takes.
pub const MAX_LIST: usize = 1000;

/// The delivery of one provider id.
pub async fn by_sid(conn: &mut Conn, sid: &str) -> Result<Option<Delivery>, StoreError> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM deliveries WHERE sid = $1");
    conn.fetch_optional(SQL, params![sid]).await
}

/// The deliveries of several messages, at most [`MAX_LIST`]; a message sent more than once has more than one.
pub async fn by_messages(conn: &mut Conn, ids: &[String]) -> Result<Vec<Delivery>, StoreError> {
    among(conn, "message_id", ids).await
}

/// The deliveries of several provider ids, at most [`MAX_LIST`].
pub async fn by_sids(conn: &mut Conn, sids: &[String]) -> Result<Vec<Delivery>, StoreError> {
    among(conn, "sid", sids).await
}

async fn among(conn: &mut Conn, column: &'static str, ids: &[String]) -> Result<Vec<Delivery>, StoreError> {
    let padded = padded(ids.iter().map(Param::from).collect());
    if padded.is_empty() {
        return Ok(Vec::new());
    }
    let list = placeholders(padded.len());
    let sql = format!("SELECT {} FROM deliveries WHERE {column} IN ({list})", columns!());
    conn.fetch_all(Sql::built(sql), &padded).await
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
    conn: &mut Conn,
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
    if status.is_empty() {
        conn.fetch_all(ALL, params![created_at, sid, limit]).await
    } else {
        conn.fetch_all(OF_STATUS, params![created_at, sid, limit, status]).await
    }
}

/// How many deliveries first heard of since a moment have each latest status.
pub async fn counts(conn: &mut Conn, since: Timestamp) -> Result<Vec<(String, u64)>, StoreError> {
    const SQL: &str =
        "SELECT status, COUNT(*) FROM deliveries WHERE created_at >= $1 GROUP BY status ORDER BY status";
    conn.fetch_all(SQL, params![since]).await
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
pub async fn latency(conn: &mut Conn, since: Timestamp, until: Until) -> Result<Latency, StoreError> {
    let end = match until {
        Until::Delivered => "delivered_at",
        Until::Read => "read_at",
    };
    let bucket = BUCKET.replace("{d}", &format!("({end} - sent_at)"));
    let sql = format!(
        "SELECT bucket, COUNT(*) FROM (SELECT {bucket} AS bucket FROM deliveries \
         WHERE created_at >= $1 AND sent_at IS NOT NULL AND {end} IS NOT NULL) AS measured GROUP BY bucket"
    );
    Ok(Latency::from_buckets(conn.fetch_all(Sql::built(sql), params![since]).await?))
}

/// The newest row of the log; 0 in an empty one.
pub async fn last_row(conn: &mut Conn) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT CAST(COALESCE(MAX(delivery_id), 0) AS BIGINT) FROM delivery_log";
    conn.fetch_one(SQL, params![]).await
}

/// Rows of the log after one, oldest first, each with its provider id.
pub async fn rows_after(conn: &mut Conn, row: i64, limit: i64) -> Result<Vec<(i64, String)>, StoreError> {
    const SQL: &str =
        "SELECT delivery_id, sid FROM delivery_log WHERE delivery_id > $1 ORDER BY delivery_id LIMIT $2";
    conn.fetch_all(SQL, params![row, limit]).await
}

/// Those of some rows of the log, at most [`MAX_LIST`], that are there, oldest first.
pub async fn rows_among(conn: &mut Conn, rows: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
    let padded = padded(rows.iter().copied().map(Param::from).collect());
    if padded.is_empty() {
        return Ok(Vec::new());
    }
    let list = placeholders(padded.len());
    let sql = format!(
        "SELECT delivery_id, sid FROM delivery_log WHERE delivery_id IN ({list}) ORDER BY delivery_id"
    );
    conn.fetch_all(Sql::built(sql), &padded).await
}

/// A list at one of the [`LIST_LENGTHS`]; what is added stands in it already.
fn padded(mut list: Vec<Param<'_>>) -> Vec<Param<'_>> {
    let length = LIST_LENGTHS.into_iter().find(|length| *length >= list.len()).unwrap_or(MAX_LIST);
    if let Some(last) = list.last().cloned() {
        list.resize(length, last);
    }
    list
}

fn placeholders(count: usize) -> String {
    let numbered: Vec<String> = (1..=count).map(|number| format!("${number}")).collect();
    numbered.join(", ")
}
