use std::sync::Arc;

use sqlx::{Any, AnyConnection, Transaction, pool::PoolConnection};

use crate::{Engine, StoreError, topic::Topics};

pub(crate) type Hook = Box<dyn FnOnce() + Send>;

/// What a write's statements run on.
pub(crate) enum Connection {
    /// SQLite's writing connection; its task says BEGIN and COMMIT itself.
    Shared(PoolConnection<Any>),
    /// A transaction on PostgreSQL.
    Own(Transaction<'static, Any>),
}

/// The transaction a write closure works in.
pub struct Tx {
    connection: Connection,
    topics: Arc<Topics>,
    hooks: Vec<Hook>,
    changed: Vec<&'static str>,
    statements: u64,
}

impl Tx {
    pub(crate) fn new(connection: Connection, topics: Arc<Topics>) -> Self {
        Self { connection, topics, hooks: Vec::new(), changed: Vec::new(), statements: 0 }
    }

    /// The connection to run a statement on.
    pub fn conn(&mut self) -> &mut AnyConnection {
        self.statements += 1;
        self.uncounted()
    }

    /// The connection for the words of the transaction itself, which are not the service's statements.
    pub(crate) fn uncounted(&mut self) -> &mut AnyConnection {
        match &mut self.connection {
            Connection::Shared(connection) => connection,
            Connection::Own(transaction) => transaction,
        }
    }

    /// The engine, for [`Engine::skip_locked`] and [`Engine::for_update`].
    pub fn engine(&self) -> Engine {
        match self.connection {
            Connection::Shared(_) => Engine::Sqlite,
            Connection::Own(_) => Engine::Postgres,
        }
    }

    /// Makes this transaction give way: where it would wait for another one's lock for more than a moment it fails as
    /// [`Contended`](StoreError::Contended) instead. For chores that are repeated anyway and lock much at once, so that of two
    /// transactions that wait for each other it is never the other one that fails.
    pub async fn give_way(&mut self) -> Result<(), StoreError> {
        if self.engine() == Engine::Postgres {
            // Well below the second after which PostgreSQL looks for deadlocks.
            sqlx::query("SET LOCAL lock_timeout = '100ms'").execute(self.conn()).await?;
        }
        Ok(())
    }

    /// Runs once the change is durable, and not at all if it is rolled back. Must not block.
    pub fn on_commit(&mut self, hook: impl FnOnce() + Send + 'static) {
        self.hooks.push(Box::new(hook));
    }

    /// Publishes a topic once the change is durable; several calls publish once.
    pub fn publish_on_commit(&mut self, topic: &'static str) {
        if !self.changed.contains(&topic) {
            self.changed.push(topic);
            let topic = self.topics.topic(topic);
            self.on_commit(move || topic.publish());
        }
    }

    /// Hooks added since the last call.
    pub(crate) fn take_hooks(&mut self) -> Vec<Hook> {
        self.changed.clear();
        std::mem::take(&mut self.hooks)
    }

    pub(crate) fn statements(&self) -> u64 {
        self.statements
    }

    pub(crate) fn into_connection(self) -> Connection {
        self.connection
    }
}
