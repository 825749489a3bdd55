use std::sync::Arc;

use model::{Ids, SharedClock, SystemClock, Timestamp};
use secrecy::ExposeSecret as _;

use crate::{
    Engine, Migration, StoreConfig, StoreError, params,
    postgres::Postgres,
    sqlite::Sqlite,
    topic::{Topic, Topics},
    tx::Surroundings,
};

/// The tables of one service. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub service: &'static str,
    pub driver: Driver,
    pub surroundings: Surroundings,
}

pub(crate) enum Driver {
    Sqlite(Sqlite),
    Postgres(Postgres),
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
        let clock: SharedClock = Arc::new(SystemClock);
        let ids = Ids::random(Arc::clone(&clock));
        Self::open_with(config, service, migrations, clock, ids).await
    }

    /// Like [`open`](Self::open), with the time and the ids that its [`Tx`](crate::Tx) hands out.
    pub async fn open_with(
        config: &StoreConfig,
        service: &'static str,
        migrations: &[Migration],
        clock: SharedClock,
        ids: Ids,
    ) -> Result<Self, StoreError> {
        let surroundings = |topics| Surroundings { topics: Arc::new(topics), clock, ids };
        let (driver, surroundings) = match &config.database_url {
            None => {
                let surroundings = surroundings(Topics::alone());
                let sqlite = Sqlite::open(config, service, migrations, surroundings.clone()).await?;
                (Driver::Sqlite(sqlite), surroundings)
            }
            Some(url) => {
                let connections = config.database_max_connections;
                let postgres = Postgres::open(url.expose_secret(), service, connections, migrations).await?;
                let topics = Topics::shared(service, &postgres);
                (Driver::Postgres(postgres), surroundings(topics))
            }
        };
        Ok(Self { inner: Arc::new(Inner { service, driver, surroundings }) })
    }

    /// The service whose tables these are.
    pub fn service(&self) -> &'static str {
        self.inner.service
    }

    /// The engine behind it.
    pub fn engine(&self) -> Engine {
        match self.inner.driver {
            Driver::Sqlite(_) => Engine::Sqlite,
            Driver::Postgres(_) => Engine::Postgres,
        }
    }

    /// The present moment of the store's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.surroundings.clock.now()
    }

    /// A named change that tasks of all replicas can wait for.
    pub fn topic(&self, name: &'static str) -> Topic {
        self.inner.surroundings.topics.topic(name)
    }

    /// Says whether the database answers; for readiness checks.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read("ping").await?.fetch_one::<i64>("SELECT CAST(1 AS BIGINT)", params![]).await?;
        Ok(())
    }

    /// Finishes the writes that wait and closes the connections. Later writes fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        match &self.inner.driver {
            Driver::Sqlite(sqlite) => {
                sqlite.readers.close();
                sqlite.writer.close().await;
                self.inner.surroundings.topics.close();
            }
            Driver::Postgres(postgres) => {
                self.inner.surroundings.topics.close();
                postgres.pool.close().await;
            }
        }
    }
}
