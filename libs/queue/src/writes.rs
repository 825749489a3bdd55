//! What workers write: claims, renewals, and what became of a lease.

use std::{sync::Arc, time::Duration};

use store::{StoreError, Tx, Write, params};

use crate::{Handler, Lease, LeaseLost, QueueName, claim, schedule};

/// Claims the heads of lanes.
pub(crate) struct Claim {
    pub queue: QueueName,
    pub lanes: u32,
    pub batch: u32,
    pub lease: Duration,
}

impl Write for Claim {
    const NAME: &'static str = "queue-claim";
    type Output = Vec<Lease>;
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<Vec<Lease>, StoreError> {
        claim(tx, self.queue, self.lanes, self.batch, self.lease).await
    }
}

/// Moves rows that are due into their lanes.
pub(crate) struct EnterDue(pub QueueName);

impl Write for EnterDue {
    const NAME: &'static str = "queue-enter-due";
    type Output = usize;
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<usize, StoreError> {
        schedule::enter_due(tx, self.0).await
    }
}

/// Ends all leases. In one process they are void at start: whoever held them is gone.
pub(crate) struct VoidLeases(pub QueueName);

impl Write for VoidLeases {
    const NAME: &'static str = "queue-void-leases";
    type Output = ();
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE queue_lanes SET claimable_at = $1 WHERE queue = $2 AND lease_token <> ''";
        let now = tx.now();
        tx.execute(SQL, params![now, self.0.as_str()]).await.map(drop)
    }
}

/// Makes a lease last longer.
pub(crate) struct Renew {
    pub lease: Lease,
    pub lasts: Duration,
}

impl Write for Renew {
    const NAME: &'static str = "queue-renew";
    type Output = ();
    type Error = LeaseLost;

    async fn run(self, tx: &mut Tx) -> Result<(), LeaseLost> {
        self.lease.renew(tx, self.lasts).await
    }
}

/// Finishes the work of a lease that did nothing here.
pub(crate) struct Ack(pub Lease);

impl Write for Ack {
    const NAME: &'static str = "queue-ack";
    type Output = ();
    type Error = LeaseLost;

    async fn run(self, tx: &mut Tx) -> Result<(), LeaseLost> {
        self.0.ack(tx).await
    }
}

/// Puts the work of a lease off.
pub(crate) struct Again {
    pub lease: Lease,
    pub error: String,
    pub counts: bool,
    pub delay: Duration,
}

impl Write for Again {
    const NAME: &'static str = "queue-again";
    type Output = ();
    type Error = LeaseLost;

    async fn run(self, tx: &mut Tx) -> Result<(), LeaseLost> {
        self.lease.again(tx, &self.error, self.counts, self.delay).await
    }
}

/// Makes the work of a lease dead letters, with what the handler has to do then.
pub(crate) struct Bury<H> {
    pub handler: Option<Arc<H>>,
    pub lease: Lease,
    pub error: String,
    pub counts: bool,
}

impl<H: Handler> Write for Bury<H> {
    const NAME: &'static str = "queue-bury";
    type Output = ();
    type Error = LeaseLost;

    async fn run(self, tx: &mut Tx) -> Result<(), LeaseLost> {
        if let Some(handler) = self.handler {
            handler.on_dead(tx, &self.lease, &self.error).await?;
        }
        self.lease.bury(tx, &self.error, self.counts).await
    }
}
