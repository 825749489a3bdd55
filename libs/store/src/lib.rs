//! The SQL store of one service, on SQLite or PostgreSQL with one SQL text for both.
//!
//! Start at [`Store`]: `open` connects and migrates, [`Store::write`] runs a closure in a transaction,
//! [`Store::read`] runs one beside the writers, [`Store::topic`] wakes those who wait for a change.
//!
//! What the two engines share is a small SQL: `$1` placeholders; TEXT, BIGINT and DOUBLE PRECISION columns;
//! `ON CONFLICT`, `RETURNING`; aggregates cast to BIGINT. What differs stands in `engine.rs` alone.

mod config;
mod engine;
mod error;
mod migration;
mod read;
mod store;
mod topic;
mod tx;
mod write;

pub use config::StoreConfig;
pub use engine::Engine;
pub use error::StoreError;
pub use migration::Migration;
pub use sqlx;
pub use store::Store;
pub use topic::Topic;
pub use tx::Tx;
