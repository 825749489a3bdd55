//! A store with nothing but queues, on either engine, and short words for what the tests do with it.

use std::time::Duration;

use model::{Ids, TestClock, Timestamp};
use queue::{Lease, LeaseLost, NewJob, QueueName, claim, enter_due};
use store::{Sql, Store, StoreConfig, StoreError, params};
use testkit::servers;

pub const LEASE: Duration = Duration::from_secs(30);

pub struct Bench {
    pub store: Store,
    pub config: StoreConfig,
    pub clock: TestClock,
    _database: Option<servers::Database>,
    _folder: Option<tempfile::TempDir>,
}

/// The engines there are, with a clock that stands still; PostgreSQL skips itself loudly where there is no server.
pub async fn benches() -> Vec<Bench> {
    let mut benches = vec![sqlite().await];
    benches.extend(postgres().await);
    benches
}

/// The engines there are, in the time of the machine, for workers.
pub async fn live_benches() -> Vec<Bench> {
    futures::future::join_all(benches().await.into_iter().map(Bench::live)).await
}

pub async fn sqlite() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    bench(StoreConfig::sqlite(folder.path()), None, Some(folder)).await
}

pub async fn postgres() -> Option<Bench> {
    let database = servers::postgres().await?;
    Some(bench(StoreConfig::postgres(database.url()), Some(database), None).await)
}

async fn bench(
    config: StoreConfig,
    database: Option<servers::Database>,
    folder: Option<tempfile::TempDir>,
) -> Bench {
    let clock = TestClock::at("2026-03-11T10:00:00Z");
    let steps = [queue::MIGRATION];
    let store = Store::open_with(&config, "queue-test", &steps, clock.shared(), Ids::seeded(7)).await;
    Bench { store: store.unwrap(), config, clock, _database: database, _folder: folder }
}

impl Bench {
    /// The same rows in the time of the machine.
    pub async fn live(mut self) -> Self {
        self.store.close().await;
        self.store = Store::open(&self.config, "queue-test", &[queue::MIGRATION]).await.unwrap();
        self
    }

    pub fn now(&self) -> Timestamp {
        use model::Clock;
        self.clock.now()
    }

    pub async fn push(&self, job: NewJob) {
        self.store
            .write_with("push", move |tx| Box::pin(async move { queue::push(tx, job).await }))
            .await
            .unwrap();
    }

    pub async fn cancel(&self, key: &'static str) -> bool {
        self.store
            .write_with("cancel", move |tx| {
                Box::pin(async move { queue::cancel(tx, QueueName::Inbox, key).await })
            })
            .await
            .unwrap()
    }

    pub async fn claim(&self, lanes: u32, batch: u32) -> Vec<Lease> {
        self.store
            .write_with("claim", move |tx| Box::pin(claim(tx, QueueName::Inbox, lanes, batch, LEASE)))
            .await
            .map_err(|error: StoreError| error)
            .unwrap()
    }

    pub async fn claim_one(&self) -> Option<Lease> {
        self.claim(1, 1).await.pop()
    }

    pub async fn ack(&self, lease: &Lease) -> Result<(), LeaseLost> {
        let lease = lease.clone();
        self.store.write_with("ack", move |tx| Box::pin(async move { lease.ack(tx).await })).await
    }

    pub async fn again(&self, lease: &Lease, counts: bool, delay: Duration) -> Result<(), LeaseLost> {
        let lease = lease.clone();
        self.store
            .write_with("again", move |tx| {
                Box::pin(async move { lease.again(tx, "refused", counts, delay).await })
            })
            .await
    }

    pub async fn bury(&self, lease: &Lease) -> Result<(), LeaseLost> {
        let lease = lease.clone();
        self.store
            .write_with("bury", move |tx| Box::pin(async move { lease.bury(tx, "refused", true).await }))
            .await
    }

    pub async fn renew(&self, lease: &Lease) -> Result<(), LeaseLost> {
        let lease = lease.clone();
        self.store.write_with("renew", move |tx| Box::pin(async move { lease.renew(tx, LEASE).await })).await
    }

    pub async fn enter_due(&self) -> usize {
        self.store.write_with("enter-due", move |tx| Box::pin(enter_due(tx, QueueName::Inbox))).await.unwrap()
    }

    /// Forgets everything.
    pub async fn clear(&self) {
        let cleared = self.store.write_with("clear", |tx| {
            Box::pin(async move {
                for table in ["queue_jobs", "queue_lanes", "queue_scheduled", "queue_dead_letters"] {
                    let sql = Sql::built(format!("DELETE FROM {table}"));
                    tx.execute(sql, params![]).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        cleared.await.unwrap();
    }

    pub async fn count(&self, table: &'static str) -> i64 {
        let count = Sql::built(format!("SELECT COUNT(*) FROM {table}"));
        self.store.read("count").await.unwrap().fetch_one(count, params![]).await.unwrap()
    }
}

pub fn job(lane: &str, payload: &str) -> NewJob {
    NewJob::new(QueueName::Inbox, lane, "test", &payload).unwrap()
}

pub fn payloads(lease: &Lease) -> Vec<String> {
    lease.jobs().iter().map(|job| job.decode().unwrap()).collect()
}

/// Waits for a condition, and fails after twenty seconds.
pub async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    for _ in 0..2000 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not happen within 20 s");
}
