use std::sync::Arc;

use sqlx::{Any, AnyConnection, Transaction};

use crate::{Engine, StoreError, topic::Topics};

type Hook = Box<dyn FnOnce() + Send>;

/// The transaction a write closure works in.
pub struct Tx {
    transaction: Transaction<'static, Any>,
    engine: Engine,
    topics: Arc<Topics>,
    hooks: Vec<Hook>,
    changed: Vec<&'static str>,
    statements: u64,
}

impl Tx {
    pub(crate) fn new(transaction: Transaction<'static, Any>, engine: Engine, topics: Arc<Topics>) -> Self {
        Self { transaction, engine, topics, hooks: Vec::new(), changed: Vec::new(), statements: 0 }
    }

    /// The connection to run a statement on.
    pub fn conn(&mut self) -> &mut AnyConnection {
        self.statements += 1;
        &mut self.transaction
    }

    /// The engine, for [`Engine::skip_locked`] and [`Engine::for_update`].
    pub fn engine(&self) -> Engine {
        self.engine
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

    pub(crate) async fn commit(self) -> Result<Vec<Hook>, StoreError> {
        self.transaction.commit().await?;
        Ok(self.hooks)
    }
}
