//! The lock on a conversation for the length of a turn.

use std::time::Duration;

use mesh::Wire;
use model::ErrorKind;
use proto::lock::v1::{AcquireRequest, ReleaseRequest, RenewRequest, lock_service_client::LockServiceClient};
use tonic::Status;

use crate::keys;

/// How long a turn waits for the lock before it gives its place to another lane.
const WAIT: Duration = Duration::from_secs(2);

/// Takes locks for this process.
#[derive(Clone)]
pub struct Locks {
    client: LockServiceClient<Wire>,
    owner: String,
    ttl: Duration,
}

/// A lock in hand.
pub struct Held {
    name: String,
    lock_token: String,
    /// Whoever acts under this lock shows this token.
    pub fencing_token: i64,
}

impl Locks {
    /// Locks held in the name of this process.
    pub fn new(wire: Wire, owner: String, ttl: Duration) -> Self {
        Self { client: LockServiceClient::new(wire), owner, ttl }
    }

    /// Takes the lock on an organisation's address; its token is above `floor`.
    pub async fn acquire(&self, org_id: &str, address: &str, floor: i64) -> Result<Held, Status> {
        let name = keys::lock(org_id, address);
        let request = AcquireRequest {
            name: name.clone(),
            owner: self.owner.clone(),
            ttl: Some(mesh::convert::to_proto_duration(self.ttl)),
            wait: Some(mesh::convert::to_proto_duration(WAIT)),
            floor,
        };
        let granted = self.client.clone().acquire(request).await?.into_inner();
        Ok(Held { name, lock_token: granted.lock_token, fencing_token: granted.fencing_token })
    }

    /// Extends the lock until this future is dropped; ends when the lock is lost.
    pub async fn keep(&self, held: &Held) {
        loop {
            tokio::time::sleep(self.ttl / 3).await;
            let request = RenewRequest {
                name: held.name.clone(),
                lock_token: held.lock_token.clone(),
                ttl: Some(mesh::convert::to_proto_duration(self.ttl)),
            };
            match self.client.clone().renew(request).await {
                Ok(_) => {}
                // The store being away for a moment loses nothing yet: the fence decides.
                Err(status)
                    if matches!(mesh::kind_of(&status), ErrorKind::Unavailable | ErrorKind::Timeout) => {}
                Err(_) => return,
            }
        }
    }

    /// Gives the lock back; one that cannot be given back runs out by itself.
    pub async fn release(&self, held: Held) {
        let request = ReleaseRequest { name: held.name, lock_token: held.lock_token };
        if let Err(status) = self.client.clone().release(request).await {
            tracing::debug!(error = %status, "a lock was not released and will run out");
        }
    }
}
