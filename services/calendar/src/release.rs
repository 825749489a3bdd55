//! The worker behind the holds: a row that comes due when a hold's time is over.

use model::{AppointmentId, Timestamp};
use queue::{Handler, Lease, LeaseLost, Verdict};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError, Tx, Write};

use crate::domain::Status;
use crate::metrics;
use crate::store as tables;

/// Work of the background queue. Variants carry their version: a newer program reads older rows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Work {
    /// Frees a hold's slot once its time is over.
    ReleaseHoldV1 {
        /// The hold.
        appointment_id: AppointmentId,
    },
}

impl Work {
    /// The word for people and metrics.
    pub(crate) const KIND_RELEASE: &str = "release-hold";
}

/// Does the calendar's background work.
pub(crate) struct Worker {
    pub store: Store,
}

/// Why work was not finished.
#[derive(Debug, thiserror::Error)]
enum Unfinished {
    #[error(transparent)]
    Lease(#[from] LeaseLost),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Handler for Worker {
    async fn handle(&self, lease: Lease) -> Verdict {
        let Work::ReleaseHoldV1 { appointment_id } = match lease.head().decode() {
            Ok(work) => work,
            Err(error) => return Verdict::Dead { error: error.to_string() },
        };
        let released = self.store.write(Release { lease, appointment_id }).await;
        match released {
            Ok(None) | Err(Unfinished::Lease(LeaseLost::Lost)) => Verdict::Done,
            Ok(Some(expires_at)) => Verdict::Postpone {
                reason: "the hold still has time left".to_owned(),
                after: expires_at.since(self.store.now()),
            },
            Err(error) => Verdict::Retry { error: error.to_string(), after: None },
        }
    }
}

/// Releases the hold and finishes the work; answers when to come back instead, where the hold's time is not over.
struct Release {
    lease: Lease,
    appointment_id: AppointmentId,
}

impl Write for Release {
    const NAME: &'static str = "release-hold";
    type Output = Option<Timestamp>;
    type Error = Unfinished;

    async fn run(self, tx: &mut Tx) -> Result<Option<Timestamp>, Unfinished> {
        let id = self.appointment_id;
        if tables::release(tx, id).await? {
            tables::free_expired(tx, id).await?;
            tx.on_commit(|| metrics::appointment("released"));
        } else if let Some(hold) = tables::by_id(tx, id).await?.filter(|it| it.status == Status::Held) {
            // The clock of whoever made the hold runs ahead of this one.
            return Ok(Some(hold.hold_expires_at));
        }
        self.lease.ack(tx).await?;
        Ok(None)
    }
}
