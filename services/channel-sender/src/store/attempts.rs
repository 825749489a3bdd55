//! `attempts`: one row for each request to the provider, written before the request leaves.

use ::store::{Conn, StoreError, Tx, params};
use model::Timestamp;

/// A request whose outcome is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Counts the attempts of its message from 1.
    pub number: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended without an answer; `None` when a crash cut it.
    pub ended_at: Option<Timestamp>,
}

/// How an attempt ended, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End<'a> {
    /// The provider took the message under this sid.
    Accepted(&'a str),
    /// The provider said no, with this code if it gave one.
    Refused(Option<u32>),
    /// It is certain that nothing was sent.
    NotSent,
    /// Nobody knows yet.
    Unknown,
}

/// Begins the next attempt and returns its number; `None` when another worker was first, or the last one is not settled.
pub async fn begin(
    tx: &mut Tx,
    message_id: &str,
    traceparent: Option<&str>,
) -> Result<Option<i64>, StoreError> {
    const SQL: &str = "
        INSERT INTO attempts (message_id, number, state, started_at, traceparent)
        VALUES ($1, $2, 'open', $3, $4)
        ON CONFLICT DO NOTHING";
    let now = tx.now();
    let number = latest(tx, message_id).await? + 1;
    let begun = tx.execute(SQL, params![message_id, number, now, traceparent]).await?;
    Ok((begun == 1).then_some(number))
}

/// The number of the latest attempt; 0 before the first.
pub async fn latest(conn: &mut Conn, message_id: &str) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) FROM attempts WHERE message_id = $1";
    conn.fetch_one(SQL, params![message_id]).await
}

/// The attempt of a message whose outcome is not known, if there is one; there is never more than one.
pub async fn unsettled(conn: &mut Conn, message_id: &str) -> Result<Option<Unsettled>, StoreError> {
    const SQL: &str = "SELECT number, started_at, ended_at FROM attempts
         WHERE message_id = $1 AND state IN ('open', 'unknown') ORDER BY number LIMIT 1";
    let found = conn.fetch_optional(SQL, params![message_id]).await?;
    Ok(found.map(|(number, started_at, ended_at)| Unsettled { number, started_at, ended_at }))
}

/// Notes that an attempt was cut; when it ended stays unknown. False when its outcome was written down before: a worker
/// that lost its lease while it wrote may be late, but is right.
pub async fn mark_cut(tx: &mut Tx, message_id: &str, number: i64) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE attempts SET state = 'unknown'
        WHERE message_id = $1 AND number = $2 AND state IN ('open', 'unknown')";
    let marked = tx.execute(SQL, params![message_id, number]).await?;
    Ok(marked == 1)
}

/// Ends an attempt whose outcome was not known. False when it was settled before.
pub async fn end(
    tx: &mut Tx,
    message_id: &str,
    number: i64,
    end: End<'_>,
    error: Option<&str>,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE attempts SET state = $3, message_sid = $4, error_code = $5, error = $6,
            ended_at = COALESCE(ended_at, $7)
        WHERE message_id = $1 AND number = $2 AND state IN ('open', 'unknown')";
    let now = tx.now();
    let (state, sid, code) = match end {
        End::Accepted(sid) => ("accepted", Some(sid), None),
        End::Refused(code) => ("refused", None, code),
        End::NotSent => ("not_sent", None, None),
        End::Unknown => ("unknown", None, None),
    };
    let ended = tx.execute(SQL, params![message_id, number, state, sid, code, error, now]).await?;
    Ok(ended == 1)
}

/// How many attempts a message has had after `round_from`, and how many of them failed with this code, at once or later.
pub async fn tries(
    conn: &mut Conn,
    message_id: &str,
    round_from: i64,
    code: Option<u32>,
) -> Result<(u32, u32), StoreError> {
    const SQL: &str = "
        SELECT COUNT(*), COUNT(CASE WHEN error_code = $3 OR late_error_code = $3 THEN 1 END)
        FROM attempts WHERE message_id = $1 AND number > $2";
    conn.fetch_one(SQL, params![message_id, round_from, code]).await
}

/// Whether a sid belongs to an attempt of ours.
pub async fn knows_sid(conn: &mut Conn, sid: &str) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT COUNT(*) FROM attempts WHERE message_sid = $1";
    let known: i64 = conn.fetch_one(SQL, params![sid]).await?;
    Ok(known > 0)
}

/// Notes that the accepted attempt with this sid failed later. False when that was noted before.
pub async fn failed_later(tx: &mut Tx, message_id: &str, sid: &str, code: u32) -> Result<bool, StoreError> {
    let noted = tx
        .execute(
            "UPDATE attempts SET late_error_code = $3
         WHERE message_id = $1 AND message_sid = $2 AND late_error_code IS NULL",
            params![message_id, sid, i64::from(code)],
        )
        .await?;
    Ok(noted > 0)
}
