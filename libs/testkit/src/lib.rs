//! What tests share: the servers they run against. A whole mesh under test is in `services/proefrit/tests/e2e`, where the binary is.
//!
//! A dev-dependency only. Start at [`servers`] for a PostgreSQL database or a Redis key space of one's own.

pub mod servers;
