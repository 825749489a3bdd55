use futures::future::BoxFuture;
use sqlx::AnyConnection;

use crate::{Store, StoreError};

impl Store {
    /// Runs a closure on a connection outside any transaction: each statement sees what is committed when it runs.
    /// On SQLite readers never wait for the writer.
    pub async fn read<T, E, F>(&self, name: &'static str, closure: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        let mut connection = self.inner.read_pool.acquire().await.map_err(StoreError::from)?;
        metrics::counter!("store_reads_total", "service" => self.inner.service, "read" => name).increment(1);
        closure(&mut connection).await
    }
}
