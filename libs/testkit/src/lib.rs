//! What tests share: the servers they run against, and the harness that runs a whole mesh in one process.
//!
//! A dev-dependency only. Start at [`servers`] for a PostgreSQL database or a Redis key space of one's own.

pub mod servers;
