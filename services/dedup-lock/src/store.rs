//! What the service asks of a store. [`crate::memory`] and [`crate::redis`] answer it, and one suite tests both.
//!
//! All times are read from the store's own clock, so that replicas agree. Every method but [`RateLimitStore::take`] can be
//! repeated with the same token after an unknown outcome and then answers as the first call did, or would have.

use std::future::Future;
use std::time::Duration;

use model::Timestamp;

use crate::domain::{Claim, Key, LockRequest, Take, Taken, Token};
use crate::error::StoreError;

/// How long a place in a lock's line is kept for a waiter that does not come back: a dead one holds up the others no longer
/// than this, and a living one asks at least four times as often.
pub const PLACE_TTL: Duration = Duration::from_secs(1);

/// How long the last fencing token of a lock is remembered after its last use. The caller's floor covers what is older.
pub const FENCE_MEMORY: Duration = Duration::from_hours(7 * 24);

/// Claims on message keys.
pub trait DedupStore: Send + Sync {
    /// Claims the key for `token` unless it is claimed or completed. The claim ends `ttl` from now.
    fn claim(
        &self,
        key: &Key,
        token: &Token,
        ttl: Duration,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// Marks a claim of `token` as completed for the rest of its life. False when `token` does not hold it.
    fn complete(&self, key: &Key, token: &Token) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives up a claim of `token`. False when `token` does not hold it, or has completed it.
    fn release(&self, key: &Key, token: &Token) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// One try to take a lock.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// What is wanted.
    pub request: &'a LockRequest,
    /// The token the lease will have. It also tells the waiter from others in the line.
    pub lock_token: &'a Token,
    /// Where to stand when the lock is not free.
    pub place: Place,
}

/// A waiter's place in the line of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// None, and none is wanted.
    None,
    /// At the end of the line.
    Last,
    /// Where an earlier attempt put it. Lost places (late by [`PLACE_TTL`], or a flushed store) become the end of the line.
    Kept(u64),
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// The lock is the caller's.
    Granted {
        /// Above the floor and above every token given out for this name before.
        fencing_token: u64,
        /// When the lease ends unless renewed.
        expires_at: Timestamp,
    },
    /// It is not.
    Waiting {
        /// The caller's place in the line, to be presented with the next attempt; zero when none was wanted.
        ticket: u64,
        /// How many places are before it. They may turn out to be dead.
        ahead: u64,
        /// When the present lease ends unless renewed or released; zero when the lock is free and others are before us.
        free_in: Duration,
    },
}

/// Named locks with fencing tokens and a line of waiters each.
pub trait LockStore: Send + Sync {
    /// Takes the lock if it is free and no living waiter stands before the caller, else keeps or takes a place in the line.
    /// The fencing token is `max(last one, floor) + 1`, decided in the same step.
    fn attempt(&self, attempt: Attempt<'_>) -> impl Future<Output = Result<Attempted, StoreError>> + Send;

    /// Takes back an attempt: leaves the line, and gives up the lease in case it was granted without the caller noticing.
    fn withdraw(
        &self,
        name: &Key,
        lock_token: &Token,
        ticket: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lets the lease of `lock_token` end `ttl` from now. `None` when it has ended already, even if nobody took it since.
    fn renew(
        &self,
        name: &Key,
        lock_token: &Token,
        ttl: Duration,
    ) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// Ends the lease of `lock_token`. False when it had ended already.
    fn release(
        &self,
        name: &Key,
        lock_token: &Token,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Sliding-window limits.
pub trait RateLimitStore: Send + Sync {
    /// Takes `take.cost` places if the window that ends now has them, else none. No window of that length, wherever it starts,
    /// ever holds more than `take.limit`.
    fn take(&self, key: &Key, take: Take) -> impl Future<Output = Result<Taken, StoreError>> + Send;
}

/// A store that can say whether it is there.
pub trait Reachable: Send + Sync {
    /// Asks the store for a sign of life.
    fn reach(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// All of it, as the service needs it. Clones share the store.
pub trait Store: DedupStore + LockStore + RateLimitStore + Reachable + Clone + 'static {}

impl<T: DedupStore + LockStore + RateLimitStore + Reachable + Clone + 'static> Store for T {}
