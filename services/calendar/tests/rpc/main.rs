//! The calendar through its RPCs, on SQLite and PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod booking;
mod changes;
mod model;
mod operations;
mod replacing;
mod support;
mod together;
