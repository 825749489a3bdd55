//! `attempts`: one row for each request to the provider, written before the request leaves.

use ::store::StoreError;
use model::Timestamp;
use sqlx::{AnyConnection, Row};

use super::count;

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
    conn: &mut AnyConnection,
    message_id: &str,
    traceparent: Option<&str>,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let number = latest(conn, message_id).await? + 1;
    let begun = sqlx::query(
        "INSERT INTO attempts (message_id, number, state, started_at, traceparent) VALUES ($1, $2, 'open', $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(message_id)
    .bind(number)
    .bind(now.as_micros())
    .bind(traceparent)
    .execute(conn)
    .await?;
    Ok((begun.rows_affected() == 1).then_some(number))
}

/// The number of the latest attempt; 0 before the first.
pub async fn latest(conn: &mut AnyConnection, message_id: &str) -> Result<i64, StoreError> {
    let number = sqlx::query_scalar::<_, i64>(
        "SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) FROM attempts WHERE message_id = $1",
    );
    Ok(number.bind(message_id).fetch_one(conn).await?)
}

/// The attempt of a message whose outcome is not known, if there is one; there is never more than one.
pub async fn unsettled(conn: &mut AnyConnection, message_id: &str) -> Result<Option<Unsettled>, StoreError> {
    let row = sqlx::query(
        "SELECT number, started_at, ended_at FROM attempts
         WHERE message_id = $1 AND state IN ('open', 'unknown') ORDER BY number LIMIT 1",
    )
    .bind(message_id)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Unsettled {
        number: row.try_get("number")?,
        started_at: Timestamp::from_micros(row.try_get("started_at")?),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Timestamp::from_micros),
    }))
}

/// Notes that an attempt was cut; when it ended stays unknown. False when its outcome was written down before: a worker
/// that lost its lease while it wrote may be late, but is right.
pub async fn mark_cut(conn: &mut AnyConnection, message_id: &str, number: i64) -> Result<bool, StoreError> {
    let marked = sqlx::query(
        "UPDATE attempts SET state = 'unknown' WHERE message_id = $1 AND number = $2 AND state IN ('open', 'unknown')",
    )
    .bind(message_id)
    .bind(number)
    .execute(conn)
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// Ends an attempt whose outcome was not known. False when it was settled before.
pub async fn end(
    conn: &mut AnyConnection,
    message_id: &str,
    number: i64,
    end: End<'_>,
    error: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (state, sid, code) = match end {
        End::Accepted(sid) => ("accepted", Some(sid), None),
        End::Refused(code) => ("refused", None, code.map(i64::from)),
        End::NotSent => ("not_sent", None, None),
        End::Unknown => ("unknown", None, None),
    };
    let ended = sqlx::query(
        "UPDATE attempts SET state = $3, message_sid = $4, error_code = $5, error = $6, ended_at = COALESCE(ended_at, $7)
         WHERE message_id = $1 AND number = $2 AND state IN ('open', 'unknown')",
    )
    .bind(message_id)
    .bind(number)
    .bind(state)
    .bind(sid)
    .bind(code)
    .bind(error)
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// How many attempts a message has had after `round_from`, and how many of them failed with this code, at once or later.
pub async fn tries(
    conn: &mut AnyConnection,
    message_id: &str,
    round_from: i64,
    code: Option<u32>,
) -> Result<(u32, u32), StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS tries,
                CAST(COALESCE(SUM(CASE WHEN error_code = $3 OR late_error_code = $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS same
         FROM attempts WHERE message_id = $1 AND number > $2",
    )
    .bind(message_id)
    .bind(round_from)
    .bind(code.map(i64::from))
    .fetch_one(conn)
    .await?;
    Ok((count(row.try_get("tries")?), count(row.try_get("same")?)))
}

/// Whether a sid belongs to an attempt of ours.
pub async fn knows_sid(conn: &mut AnyConnection, sid: &str) -> Result<bool, StoreError> {
    let known = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM attempts WHERE message_sid = $1");
    Ok(known.bind(sid).fetch_one(conn).await? > 0)
}

/// Notes that the accepted attempt with this sid failed later. False when that was noted before.
pub async fn failed_later(
    conn: &mut AnyConnection,
    message_id: &str,
    sid: &str,
    code: u32,
) -> Result<bool, StoreError> {
    let noted = sqlx::query(
        "UPDATE attempts SET late_error_code = $3
         WHERE message_id = $1 AND message_sid = $2 AND late_error_code IS NULL",
    )
    .bind(message_id)
    .bind(sid)
    .bind(i64::from(code))
    .execute(conn)
    .await?;
    Ok(noted.rows_affected() > 0)
}
