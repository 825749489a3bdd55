//! The store that replicas share: Lua scripts on a Redis, a Redis Cluster or a Redis behind Sentinel.
//!
//! Every script touches one key, which is why keys need no hash tags on a cluster, and reads Redis's own clock, which is why
//! replicas agree on what has ended. Needs Redis 6 or later, or Valkey.

mod address;
mod connection;
mod dedup;
mod limit;
mod lock;
mod script;

use std::sync::Arc;
use std::time::Duration;

pub use address::{Address, InvalidAddress};

use crate::domain::Key;
use crate::error::StoreError;
use crate::redis::connection::Connection;
use crate::store::Reachable;

/// Claims, locks and limits in Redis. Clones share the connection, which is made on first use and again whenever it is lost.
#[derive(Clone, Debug)]
pub struct RedisStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Connection,
    prefix: String,
}

impl RedisStore {
    /// Prepares a store; nothing is connected yet.
    ///
    /// Every key begins with `prefix`, which is empty unless the Redis is shared with strangers. No call takes longer than
    /// `timeout`.
    pub fn new(address: Address, prefix: String, timeout: Duration) -> Self {
        Self(Arc::new(Inner { connection: Connection::new(address, timeout), prefix }))
    }

    /// The key as Redis knows it. Callers name keys as the contract has them: `twilio:message:{MessageSid}` (3600 s),
    /// `conversation:lock:{phone}` (leases of 30 s), `ratelimit:twilio:{phone}` (60 s), `ratelimit:send:{sender}` (1 s).
    fn key(&self, key: &Key) -> String {
        format!("{}{}", self.0.prefix, key.as_str())
    }
}

impl Reachable for RedisStore {
    async fn reach(&self) -> Result<(), StoreError> {
        self.0.connection.ping().await
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
