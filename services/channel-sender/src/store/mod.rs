//! The sender's tables, one file each. Functions run on a connection, inside or outside a transaction.

pub mod attempts;
pub mod contacts;
pub mod fences;
pub mod messages;

use std::str::FromStr;

use ::store::{Migration, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// The schema of this service: the queue's tables, then its own.
pub const MIGRATIONS: &[Migration] = &[
    queue::MIGRATION,
    Migration::new(
        2,
        "messages, attempts, contacts, fences",
        include_str!("../../migrations/0002_channel_sender.sql"),
    ),
];

/// Reads a column whose text is a word or document of ours.
fn parsed<T>(row: &AnyRow, column: &'static str) -> Result<T, StoreError>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.try_get(column)?;
    text.parse().map_err(|error: T::Err| StoreError::Document { what: column, source: Box::new(error) })
}

/// A count as the wire and the rules have it; counts of rows are never negative.
fn count(rows: i64) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
