use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use lifecycle::crash;
use sqlx::{PgPool, Transaction};
use tracing::Instrument as _;

use super::Postgres;
use crate::{
    Store, StoreError, Tx,
    conn::Driver,
    error,
    write::{self, Work},
};

impl Postgres {
    /// Runs a write as a task of its own, so that it runs to its end.
    pub(crate) async fn write<W: Work>(
        &self,
        store: &Store,
        work: W,
        span: tracing::Span,
    ) -> Result<W::Output, W::Error> {
        let (store, pool) = (store.clone(), self.pool.clone());
        let write = async move { run(&store, &pool, work).await };
        // The caller's span goes along, for this one is off unless somebody debugs.
        let written = tokio::spawn(write.instrument(span).in_current_span()).await;
        // Panics are caught inside; a task that did not end went with its runtime.
        written.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}

async fn run<W: Work>(store: &Store, pool: &PgPool, work: W) -> Result<W::Output, W::Error> {
    let (service, name) = (store.service(), work.name());
    let transaction = begin(pool).await?;
    let mut tx = Tx::new(Driver::Transaction(transaction), store.inner.surroundings.clone());
    // Making the future may panic as well as running it.
    let outcome = AssertUnwindSafe(async { work.run(&mut tx).await }).catch_unwind().await;
    let value = outcome.unwrap_or_else(|panic| Err(write::panicked(name, panic.as_ref()).into()))?;
    write::count(service, 1, tx.statements());
    crash::point_with(|| format!("{service}.{name}.before-commit"));
    let hooks = tx.end_write();
    if let Driver::Transaction(transaction) = tx.into_driver() {
        transaction.commit().await.map_err(StoreError::from)?;
    }
    crash::point_with(|| format!("{service}.{name}.after-commit"));
    write::run_hooks(hooks);
    Ok(value)
}

/// Begins a transaction. Connections that a restart of the server cut show it here, where trying the next one is safe.
async fn begin(pool: &PgPool) -> Result<Transaction<'static, sqlx::Postgres>, StoreError> {
    for _ in 0..pool.options().get_max_connections() {
        match pool.begin().await {
            Err(error) if error::is_cut(&error) => {
                tracing::debug!(%error, "a connection was cut; trying another one");
            }
            begun => return Ok(begun?),
        }
    }
    Ok(pool.begin().await?)
}
