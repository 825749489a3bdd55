//! Claims in memory.

use std::time::Duration;

use model::Timestamp;

use super::MemoryStore;
use super::expiring::Expires;
use crate::domain::{Claim, Key, Token};
use crate::error::StoreError;
use crate::store::DedupStore;

/// A claim, at work or completed.
pub struct Held {
    token: Token,
    completed: bool,
    until: Timestamp,
}

impl Expires for Held {
    fn expires_at(&self) -> Timestamp {
        self.until
    }
}

impl DedupStore for MemoryStore {
    async fn claim(&self, key: &Key, token: &Token, ttl: Duration) -> Result<Claim, StoreError> {
        let now = self.0.clock.now();
        Ok(self.0.claims.with(key, now, |slot| match slot {
            Some(held) if held.completed => Claim::Completed,
            Some(held) if held.token == *token => Claim::Claimed,
            Some(_) => Claim::InProgress,
            None => {
                *slot = Some(Held { token: token.clone(), completed: false, until: now + ttl });
                Claim::Claimed
            }
        }))
    }

    async fn complete(&self, key: &Key, token: &Token) -> Result<bool, StoreError> {
        Ok(self.0.claims.with(key, self.0.clock.now(), |slot| match slot {
            Some(held) if held.token == *token => {
                held.completed = true;
                true
            }
            _ => false,
        }))
    }

    async fn release(&self, key: &Key, token: &Token) -> Result<bool, StoreError> {
        Ok(self.0.claims.with(key, self.0.clock.now(), |slot| {
            let mine = matches!(slot, Some(held) if held.token == *token && !held.completed);
            if mine {
                *slot = None;
            }
            mine
        }))
    }
}
