use std::time::Duration;

use sqlx::{
    Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::schema;
use crate::StoreError;

/// How long a caller waits for a free connection before it is told that the store is unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a statement waits for a lock. Locks are held for one short transaction, so whoever waits this long waits for somebody
/// who hangs.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// PostgreSQL ends a transaction whose process has said nothing for this long (a frozen machine) and so frees its locks.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(30);

/// A connection unused for this long is tested before it is used: the server may have gone meanwhile.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(1);

/// Statements a connection keeps prepared: more than any service has.
const PREPARED: usize = 256;

pub(super) async fn pool(url: &str, connections: u32) -> Result<PgPool, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(StoreError::opening)?;
    let patience = |time: Duration| time.as_millis().to_string();
    let options = options.statement_cache_capacity(PREPARED).options([
        ("lock_timeout", patience(LOCK_TIMEOUT)),
        ("idle_in_transaction_session_timeout", patience(IDLE_IN_TRANSACTION)),
    ]);
    PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, used| {
            Box::pin(async move { Ok(used.idle_for < TEST_AFTER_IDLE || connection.ping().await.is_ok()) })
        })
        .connect_with(options)
        .await
        .map_err(StoreError::opening)
}

/// The address with the service's schema as its search path; what the address says of that itself is overruled.
pub(super) fn url(url: &str, service: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    let name = if url.contains("application_name=") {
        String::new()
    } else {
        format!("&application_name=proefrit-{service}")
    };
    format!("{url}{separator}options%5Bsearch_path%5D={}{name}", schema(service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_added_to_whatever_the_address_says_already() {
        assert_eq!(
            url("postgres://h/db", "dedup-lock"),
            "postgres://h/db?options%5Bsearch_path%5D=dedup_lock&application_name=proefrit-dedup-lock"
        );
        assert_eq!(
            url("postgres://h/db?sslmode=require&application_name=mine", "crm"),
            "postgres://h/db?sslmode=require&application_name=mine&options%5Bsearch_path%5D=crm"
        );
    }
}
