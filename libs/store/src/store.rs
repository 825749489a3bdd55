use std::sync::Arc;

use sqlx::AnyPool;

use crate::{
    Engine, Migration, StoreConfig, StoreError, engine, migration,
    topic::{Topic, Topics},
    write::GroupCommit,
};

/// The tables of one service. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub service: &'static str,
    pub engine: Engine,
    pub write_pool: AnyPool,
    pub read_pool: AnyPool,
    pub group_commit: Option<GroupCommit>,
    pub topics: Arc<Topics>,
}

impl Store {
    /// Connects to the service's own schema or file and brings it up to date.
    ///
    /// On SQLite the file is locked against other processes until the store is closed, or dropped and its last write done.
    pub async fn open(
        config: &StoreConfig,
        service: &'static str,
        migrations: &[Migration],
    ) -> Result<Self, StoreError> {
        let pools = engine::connect(config, service).await?;
        let schema = engine::schema(service);
        let migrated = migration::run(&pools.write, pools.url.as_deref(), service, &schema, migrations).await;
        if let Err(error) = migrated {
            pools.read.close().await;
            pools.write.close().await;
            return Err(error);
        }
        let topics = Arc::new(Topics::start(service, pools.url, &pools.write));
        let group_commit = pools
            .lock
            .map(|lock| GroupCommit::start(service, pools.write.clone(), Arc::clone(&topics), lock));
        Ok(Self {
            inner: Arc::new(Inner {
                service,
                engine: Engine::of(config),
                topics,
                write_pool: pools.write,
                read_pool: pools.read,
                group_commit,
            }),
        })
    }

    /// The service whose tables these are.
    pub fn service(&self) -> &'static str {
        self.inner.service
    }

    /// The engine behind it.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// A named change that tasks of all replicas can wait for.
    pub fn topic(&self, name: &'static str) -> Topic {
        self.inner.topics.topic(name)
    }

    /// Says whether the database answers; for readiness checks.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.inner.read_pool).await?;
        Ok(())
    }

    /// Finishes the writes that wait and closes the connections. Later writes fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        if let Some(group_commit) = &self.inner.group_commit {
            group_commit.close().await;
        }
        self.inner.topics.close();
        self.inner.read_pool.close().await;
        self.inner.write_pool.close().await;
    }
}
