//! The use cases, over any store.

use std::time::Duration;

use model::Timestamp;
use tokio::time::Instant;

use crate::domain::{Claim, Key, Lease, LockRequest, Take, Taken, Token};
use crate::store::{DedupStore, Store};
use crate::waiting::Locks;
use crate::{Error, StoreError, metrics};

/// How much earlier than its deadline a call stops waiting, so that its caller reads "not free" instead of nothing.
const ANSWER_MARGIN: Duration = Duration::from_millis(50);

/// Claims, locks and limits over a store.
#[derive(Clone, Debug)]
pub struct Coordination<S> {
    store: S,
    locks: Locks<S>,
}

impl<S: Store> Coordination<S> {
    pub fn new(store: S) -> Self {
        Self { locks: Locks::new(store.clone()), store }
    }

    /// Claims a key. The token is of use only when the claim succeeded.
    pub async fn claim(&self, key: &Key, ttl: Duration) -> Result<(Claim, Token), Error> {
        let token = Token::random();
        let claim = counted(self.store.claim(key, &token, ttl).await)?;
        metrics::claimed(claim);
        Ok((claim, token))
    }

    /// Marks a claim as completed. False when the token does not hold it.
    pub async fn complete(&self, key: &Key, token: &Token) -> Result<bool, Error> {
        counted(self.store.complete(key, token).await)
    }

    /// Gives a claim back. False when the token does not hold it.
    pub async fn give_back(&self, key: &Key, token: &Token) -> Result<bool, Error> {
        counted(DedupStore::release(&self.store, key, token).await)
    }

    /// Takes a lock, waiting at most `wait` and never past the deadline of the call being served.
    pub async fn acquire(&self, request: LockRequest, wait: Duration) -> Result<Lease, Error> {
        let asked = Instant::now();
        let left = mesh::time_left().map_or(wait, |left| left.saturating_sub(ANSWER_MARGIN));
        let acquired = self.locks.acquire(request, wait.min(left)).await;
        match &acquired {
            Ok(_) => metrics::acquired(true, asked.elapsed()),
            Err(Error::LockBusy) => metrics::acquired(false, asked.elapsed()),
            Err(_) => metrics::store_failed(),
        }
        acquired
    }

    /// Lets a lease last longer.
    pub async fn renew(&self, name: &Key, lock_token: &Token, ttl: Duration) -> Result<Timestamp, Error> {
        let renewed = counted(self.store.renew(name, lock_token, ttl).await)?;
        renewed.ok_or(Error::LockLost).inspect_err(|_| metrics::lost())
    }

    /// Ends a lease. False when it had ended already.
    pub async fn release(&self, name: &Key, lock_token: &Token) -> Result<bool, Error> {
        counted(self.locks.release(name, lock_token).await)
    }

    /// Takes places in a window.
    pub async fn take(&self, key: &Key, take: Take) -> Result<Taken, Error> {
        let taken = counted(self.store.take(key, take).await)?;
        metrics::taken(taken.allowed);
        Ok(taken)
    }
}

fn counted<T>(answer: Result<T, StoreError>) -> Result<T, Error> {
    answer.inspect_err(|_| metrics::store_failed()).map_err(Error::Store)
}
