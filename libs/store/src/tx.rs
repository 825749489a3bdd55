use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use model::{Id, Ids, SharedClock, Timestamp};

use crate::{Conn, Engine, StoreError, conn::Driver, params, topic::Topics};

pub(crate) type Hook = Box<dyn FnOnce() + Send>;

/// The transaction a [`Write`](crate::Write) works in: its connection, what follows its commit, the time, and new ids.
pub struct Tx {
    conn: Conn,
    surroundings: Surroundings,
    now: Option<Timestamp>,
    hooks: Vec<Hook>,
    changed: Vec<&'static str>,
}

/// What all transactions of a store have in common.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub topics: Arc<Topics>,
    pub clock: SharedClock,
    pub ids: Ids,
}

impl Tx {
    pub(crate) fn new(driver: Driver, surroundings: Surroundings) -> Self {
        Self { conn: Conn::new(driver), surroundings, now: None, hooks: Vec::new(), changed: Vec::new() }
    }

    /// The moment of this write, the same whenever it asks.
    pub fn now(&mut self) -> Timestamp {
        *self.now.get_or_insert_with(|| self.surroundings.clock.now())
    }

    /// A new id, of whichever type is asked for.
    pub fn new_id<T: Id>(&self) -> T {
        self.surroundings.ids.next()
    }

    /// Where new ids come from.
    pub fn ids(&self) -> &Ids {
        &self.surroundings.ids
    }

    /// Makes this transaction give way: where it would wait for another one's lock for more than a moment it fails as
    /// [`Contended`](StoreError::Contended) instead. For chores that are repeated anyway and lock much at once, so that of two
    /// transactions that wait for each other it is never the other one that fails.
    pub async fn give_way(&mut self) -> Result<(), StoreError> {
        if self.engine() == Engine::Postgres {
            // Well below the second after which PostgreSQL looks for deadlocks.
            self.execute("SET LOCAL lock_timeout = '100ms'", params![]).await?;
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
            let topic = self.surroundings.topics.topic(topic);
            self.on_commit(move || topic.publish());
        }
    }

    /// Ends a write: answers its hooks, and is as new for the next one.
    pub(crate) fn end_write(&mut self) -> Vec<Hook> {
        self.now = None;
        self.changed.clear();
        std::mem::take(&mut self.hooks)
    }

    pub(crate) fn into_driver(self) -> Driver {
        self.conn.into_driver()
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
