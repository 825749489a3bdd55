//! The store of one process: maps behind sharded locks, emptied as they are used.

mod dedup;
mod expiring;
mod limit;
mod lock;

use std::sync::Arc;

use model::SharedClock;

use crate::error::StoreError;
use crate::memory::expiring::Expiring;
use crate::store::Reachable;

/// Claims, locks and limits in memory, with times from the clock it is given. Clones share them.
///
/// What it holds is gone with the process: the unique keys and floors of the callers' databases cover that.
#[derive(Clone, Debug)]
pub struct MemoryStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: SharedClock,
    claims: Expiring<dedup::Held>,
    locks: Expiring<lock::Lock>,
    limits: Expiring<limit::Log>,
}

impl MemoryStore {
    /// Makes an empty store.
    pub fn new(clock: SharedClock) -> Self {
        Self(Arc::new(Inner {
            clock,
            claims: Expiring::default(),
            locks: Expiring::default(),
            limits: Expiring::default(),
        }))
    }
}

impl Reachable for MemoryStore {
    async fn reach(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
