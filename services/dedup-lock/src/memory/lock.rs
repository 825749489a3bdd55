//! Locks in memory.

use std::collections::VecDeque;
use std::time::Duration;

use model::Timestamp;

use super::MemoryStore;
use super::expiring::Expires;
use crate::domain::{Key, Token};
use crate::error::StoreError;
use crate::store::{Attempt, Attempted, FENCE_MEMORY, LockStore, PLACE_TTL, Place};

/// A lock: its last token, who holds it, who waits for it.
pub struct Lock {
    fencing_token: u64,
    holder: Option<Holder>,
    line: VecDeque<Waiter>,
    last_ticket: u64,
    forgotten_at: Timestamp,
}

struct Holder {
    lock_token: Token,
    until: Timestamp,
}

struct Waiter {
    ticket: u64,
    lock_token: Token,
    until: Timestamp,
}

impl Expires for Lock {
    fn expires_at(&self) -> Timestamp {
        self.forgotten_at
    }
}

impl Lock {
    fn new(now: Timestamp) -> Self {
        Self {
            fencing_token: 0,
            holder: None,
            line: VecDeque::new(),
            last_ticket: 0,
            forgotten_at: now + FENCE_MEMORY,
        }
    }

    fn lease_of(&self, lock_token: &Token, now: Timestamp) -> Option<&Holder> {
        self.holder.as_ref().filter(|holder| holder.lock_token == *lock_token && holder.until > now)
    }

    /// Lets a lease end at `until`, and the lock be remembered for long after it.
    fn hold(&mut self, lock_token: &Token, until: Timestamp) {
        self.holder = Some(Holder { lock_token: lock_token.clone(), until });
        self.forgotten_at = until + FENCE_MEMORY;
    }

    /// Finds the caller's place in the line, or gives it the last one, and keeps it for another [`PLACE_TTL`].
    fn keep_place(&mut self, ticket: Option<u64>, lock_token: &Token, now: Timestamp) -> u64 {
        let until = now + PLACE_TTL;
        self.forgotten_at = self.forgotten_at.max(now + FENCE_MEMORY);
        let kept = ticket.and_then(|ticket| {
            self.line.iter_mut().find(|waiter| waiter.ticket == ticket && waiter.lock_token == *lock_token)
        });
        if let Some(waiter) = kept {
            waiter.until = until;
            return waiter.ticket;
        }
        self.last_ticket += 1;
        self.line.push_back(Waiter { ticket: self.last_ticket, lock_token: lock_token.clone(), until });
        self.last_ticket
    }

    fn attempt(&mut self, attempt: Attempt<'_>, now: Timestamp) -> Attempted {
        let Attempt { request, lock_token, place } = attempt;
        if let Some(holder) = self.lease_of(lock_token, now) {
            let expires_at = holder.until;
            return Attempted::Granted { fencing_token: self.fencing_token, expires_at };
        }
        while self.line.front().is_some_and(|first| first.until <= now && first.lock_token != *lock_token) {
            self.line.pop_front();
        }
        let free_in = self.holder.as_ref().map_or(Duration::ZERO, |holder| holder.until.since(now));
        let first = self.line.front().is_none_or(|first| first.lock_token == *lock_token);
        if free_in.is_zero() && first {
            self.line.pop_front();
            self.fencing_token = self.fencing_token.max(request.floor) + 1;
            let expires_at = now + request.ttl;
            self.hold(lock_token, expires_at);
            return Attempted::Granted { fencing_token: self.fencing_token, expires_at };
        }
        let ticket = match place {
            Place::None => 0,
            Place::Last => self.keep_place(None, lock_token, now),
            Place::Kept(ticket) => self.keep_place(Some(ticket), lock_token, now),
        };
        let before = self.line.iter().take_while(|waiter| waiter.lock_token != *lock_token).count();
        Attempted::Waiting { ticket, ahead: before as u64, free_in }
    }
}

impl LockStore for MemoryStore {
    async fn attempt(&self, attempt: Attempt<'_>) -> Result<Attempted, StoreError> {
        let now = self.0.clock.now();
        Ok(self.0.locks.with(&attempt.request.name, now, |slot| {
            slot.get_or_insert_with(|| Lock::new(now)).attempt(attempt, now)
        }))
    }

    async fn withdraw(&self, name: &Key, lock_token: &Token, _ticket: u64) -> Result<(), StoreError> {
        let now = self.0.clock.now();
        self.0.locks.with(name, now, |slot| {
            if let Some(lock) = slot {
                lock.line.retain(|waiter| waiter.lock_token != *lock_token);
                if lock.lease_of(lock_token, now).is_some() {
                    lock.holder = None;
                }
            }
        });
        Ok(())
    }

    async fn renew(
        &self,
        name: &Key,
        lock_token: &Token,
        ttl: Duration,
    ) -> Result<Option<Timestamp>, StoreError> {
        let now = self.0.clock.now();
        Ok(self.0.locks.with(name, now, |slot| {
            let lock = slot.as_mut()?;
            lock.lease_of(lock_token, now)?;
            lock.hold(lock_token, now + ttl);
            Some(now + ttl)
        }))
    }

    async fn release(&self, name: &Key, lock_token: &Token) -> Result<bool, StoreError> {
        let now = self.0.clock.now();
        Ok(self.0.locks.with(name, now, |slot| {
            let Some(lock) = slot.as_mut().filter(|lock| lock.lease_of(lock_token, now).is_some()) else {
                return false;
            };
            lock.holder = None;
            true
        }))
    }
}
