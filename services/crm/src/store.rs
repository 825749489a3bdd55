//! The CRM's tables: `contacts`, `interactions` and `deals`. One file per table, each statement once.

pub(crate) mod contacts;
pub(crate) mod deals;
pub(crate) mod interactions;

use store::{Migration, StoreError};

/// The CRM's schema.
pub const MIGRATIONS: &[Migration] = &[Migration::new(2, "crm", include_str!("../migrations/0002_crm.sql"))];

/// The error of a stored row that does not read.
fn broken(what: &'static str, problem: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Document { what, source: problem.into() }
}
