//! Durable work in FIFO lanes, in the service's own database.
//!
//! A job is written by [`push`] in the same transaction as the change that causes it. Jobs of one lane are done strictly one
//! after another, in the order of their commits; different lanes run side by side. [`Queue::run`] claims the head of
//! each lane under a lease and hands it to a [`Handler`], which acknowledges it inside the transaction of its own effects
//! ([`Lease::ack`]): a worker that dies leaves the job to the next one. A head that fails is tried again after a
//! back-off and holds its lane meanwhile; one that keeps failing becomes a dead letter and the lane goes on.
//!
//! Read on in `migrations/0001_queue.sql` (the tables), `push.rs`, `claim.rs` and `settle.rs` (every statement there is), and
//! `worker.rs` (who runs them, by the writes of `writes.rs`).

pub mod admin;
mod backoff;
mod claim;
mod job;
mod lease;
mod push;
mod schedule;
mod settle;
mod stats;
mod worker;
mod writes;

pub use backoff::Backoff;
pub use claim::claim;
pub use job::{Job, LaneKey, NewJob, QueueName};
pub use lease::{Lease, LeaseLost};
pub use push::{cancel, push};
pub use schedule::enter_due;
pub use worker::{Handler, Options, Queue, Verdict};

use store::Migration;

/// The queue's tables; the first migration of every service that has queues.
pub const MIGRATION: Migration = Migration::new(1, "queue", include_str!("../migrations/0001_queue.sql"));

/// `claimable_at` of a lane in which nothing waits.
const NEVER: i64 = i64::MAX;

/// How long the workers' leases last.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "queue")]
pub struct QueueConfig {
    /// How long a claimed job stays with its worker unless renewed: after a worker's death its work waits this long.
    #[arg(long, env = "QUEUE_LEASE", default_value = "30s", value_parser = model::parse::duration)]
    pub queue_lease: std::time::Duration,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self { queue_lease: std::time::Duration::from_secs(30) }
    }
}
