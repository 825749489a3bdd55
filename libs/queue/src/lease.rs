use std::{fmt, sync::Arc, time::Duration};

use model::{Classify, ErrorKind, Timestamp};
use store::{StoreError, Tx};

use crate::{Job, LaneKey, QueueName, settle};

/// The lease ended and somebody else may have the work: whoever is told so must not commit.
#[derive(Debug, thiserror::Error)]
pub enum LeaseLost {
    /// The lane was claimed again, or the work is finished.
    #[error("the lease on the job has ended")]
    Lost,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for LeaseLost {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Lost => ErrorKind::Contended,
            Self::Store(error) => error.kind(),
        }
    }
}

/// The right to do the head of a lane, for a while. Cheap to clone into transactions.
#[derive(Clone)]
pub struct Lease(Arc<Inner>);

pub(crate) struct Inner {
    pub queue: QueueName,
    pub lane: LaneKey,
    pub token: String,
    pub batch_id: String,
    pub generation: i64,
    pub jobs: Vec<Job>,
    pub claimed_at: Timestamp,
}

impl Lease {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The queue the jobs are in.
    pub fn queue(&self) -> QueueName {
        self.0.queue
    }

    /// The lane the jobs are in.
    pub fn lane(&self) -> &LaneKey {
        &self.0.lane
    }

    /// Names the set of jobs in hand. It was written with the claim, and however often the set is tried it stays the
    /// same, so idempotency keys derive from it.
    pub fn batch_id(&self) -> &str {
        &self.0.batch_id
    }

    /// Grows with every claim of the lane: the floor of a fencing token.
    pub fn generation(&self) -> i64 {
        self.0.generation
    }

    /// The jobs in hand, in order; never empty.
    pub fn jobs(&self) -> &[Job] {
        &self.0.jobs
    }

    /// The head of the lane.
    pub fn head(&self) -> &Job {
        &self.0.jobs[0]
    }

    /// How often the set was tried before and answered with an error.
    pub fn tries(&self) -> u32 {
        self.head().tries
    }

    /// How often a worker vanished with it.
    pub fn expiries(&self) -> u32 {
        self.head().expiries
    }

    /// When the claim was made.
    pub fn claimed_at(&self) -> Timestamp {
        self.0.claimed_at
    }

    pub(crate) fn token(&self) -> &str {
        &self.0.token
    }

    /// Finishes the jobs in the transaction of their effects: both are durable or neither. Fails when the lease was lost, and the
    /// caller's transaction must then roll back.
    pub async fn ack(&self, tx: &mut Tx) -> Result<(), LeaseLost> {
        settle::finish(tx, self).await
    }

    /// Gives the lease back; the same set is tried again after `delay`, and the lane waits for it. `counts` says whether this used up a
    /// try. A [`Handler`](crate::Handler) says this by its verdict.
    pub async fn again(
        &self,
        tx: &mut Tx,
        error: &str,
        counts: bool,
        delay: Duration,
    ) -> Result<(), LeaseLost> {
        settle::again(tx, self, error, counts, delay).await
    }

    /// Makes the jobs dead letters; the lane goes on. A [`Handler`](crate::Handler) says this by its verdict.
    pub async fn bury(&self, tx: &mut Tx, error: &str, counts: bool) -> Result<(), LeaseLost> {
        settle::bury(tx, self, error, counts).await
    }

    /// Makes the lease last this long from now; the workers do so by themselves.
    pub async fn renew(&self, tx: &mut Tx, lasts: Duration) -> Result<(), LeaseLost> {
        settle::renew(tx, self, lasts).await
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("queue", &self.0.queue)
            .field("batch_id", &self.0.batch_id)
            .field("generation", &self.0.generation)
            .field("jobs", &self.0.jobs.len())
            .finish_non_exhaustive()
    }
}
