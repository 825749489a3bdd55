//! The CRM through its RPCs, on SQLite and PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contacts;
mod deals;
mod recording;
mod support;
