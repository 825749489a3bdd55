//! One suite per port, run on every store: memory, Redis, Redis behind Sentinel, Redis Cluster.
#![cfg(test)]

mod dedup;
mod limit;
mod lock;
mod redis_only;

use std::time::Duration;

use dedup_lock::domain::Key;
use dedup_lock::memory::MemoryStore;
use dedup_lock::redis::RedisStore;
use model::SystemClock;
use testkit::servers::Redis;

/// Long enough for a loaded machine: no test waits for it to pass.
const LONG: Duration = Duration::from_mins(1);

/// Generous, so that a loaded machine does not turn into a store that is away.
const TIMEOUT: Duration = Duration::from_secs(5);

fn key(text: &str) -> Key {
    Key::parse("key", text.to_owned()).unwrap()
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[expect(clippy::unnecessary_wraps, reason = "opened like the stores that may be missing")]
fn memory() -> Option<MemoryStore> {
    Some(MemoryStore::new(SystemClock::shared()))
}

fn open(redis: Option<Redis>) -> Option<RedisStore> {
    let redis = redis?;
    Some(RedisStore::new(redis.url.parse().unwrap(), redis.prefix, TIMEOUT))
}

fn redis() -> Option<RedisStore> {
    open(testkit::servers::redis())
}

fn sentinel() -> Option<RedisStore> {
    open(testkit::servers::redis_sentinel())
}

fn cluster() -> Option<RedisStore> {
    open(testkit::servers::redis_cluster())
}

/// Makes one module per store with one test per behaviour named.
macro_rules! on_every_store {
    ($suite:ident: $behaviours:tt) => {
        on_every_store!($suite, memory: $behaviours);
        on_every_store!($suite, redis: $behaviours);
        on_every_store!($suite, sentinel: $behaviours);
        on_every_store!($suite, cluster: $behaviours);
    };
    ($suite:ident, $store:ident: [$($behaviour:ident)+]) => {
        mod $store {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behaviour() {
                    let Some(store) = crate::$store() else { return };
                    super::$behaviour(store).await;
                }
            )+
        }
    };
}

pub(crate) use on_every_store;
