//! The SQL store of one service, on SQLite or PostgreSQL with one SQL text for both.
//!
//! Start at [`Store`]: `open` connects and migrates, [`Store::write`] runs a use case ([`Write`]) in a transaction,
//! [`Store::read`] lends a connection beside the writers, [`Store::topic`] wakes those who wait for a change. Statements run on a
//! [`Conn`], with [`params!`] for placeholders and [`FromRow`] for what comes back.
//!
//! What the two engines share is a small SQL: `$1` placeholders; TEXT, BIGINT and DOUBLE PRECISION columns;
//! `ON CONFLICT`, `RETURNING`; aggregates cast to BIGINT. What differs stands in `sqlite/`, `postgres/` and `engine.rs` alone.

mod config;
mod conn;
mod engine;
mod error;
mod migration;
mod param;
mod postgres;
mod read;
mod row;
mod sql;
mod sqlite;
mod store;
mod topic;
mod tx;
mod write;

pub use config::StoreConfig;
pub use conn::Conn;
pub use engine::Engine;
pub use error::StoreError;
pub use migration::Migration;
pub use param::Param;
pub use postgres::run_script;
pub use read::Reader;
pub use row::{Column, FromRow, Row, Value};
pub use sql::Sql;
pub use store::Store;
pub use topic::Topic;
pub use tx::Tx;
pub use write::Write;
