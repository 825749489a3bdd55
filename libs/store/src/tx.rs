use sqlx::{Any, AnyConnection, Transaction};

use crate::{Engine, StoreError};

type Hook = Box<dyn FnOnce() + Send>;

/// The transaction a write closure works in.
pub struct Tx {
    transaction: Transaction<'static, Any>,
    engine: Engine,
    hooks: Vec<Hook>,
    statements: u64,
}

impl Tx {
    pub(crate) fn new(transaction: Transaction<'static, Any>, engine: Engine) -> Self {
        Self { transaction, engine, hooks: Vec::new(), statements: 0 }
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

    /// Hooks added since the last call.
    pub(crate) fn take_hooks(&mut self) -> Vec<Hook> {
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
