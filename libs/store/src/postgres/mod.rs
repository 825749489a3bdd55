//! PostgreSQL: one schema per service, a pool of connections, a transaction per write.

mod connect;
mod migrations;
pub(crate) mod statement;
mod write;

use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, Executor as _, PgConnection, PgPool};

use crate::{Migration, StoreConfig, StoreError};

/// One service's schema.
pub(crate) struct Postgres {
    pub pool: PgPool,
    /// The address with the service's schema in its search path.
    pub url: String,
}

impl Postgres {
    /// Connects, makes the schema if need be, and brings its tables up to date.
    pub(crate) async fn open(
        url: &str,
        service: &str,
        connections: u32,
        migrations: &[Migration],
    ) -> Result<Self, StoreError> {
        let url = connect::url(url, service);
        let pool = connect::pool(&url, connections).await?;
        if let Err(error) = migrations::run(&url, service, migrations).await {
            pool.close().await;
            return Err(error);
        }
        Ok(Self { pool, url })
    }
}

/// The service's schema in SQL's spelling.
pub(crate) fn schema(service: &str) -> String {
    service.replace('-', "_")
}

/// Runs a script of many statements, outside any service's schema; says no where the configuration names no PostgreSQL.
pub async fn run_script(config: &StoreConfig, script: &'static str) -> Result<bool, StoreError> {
    let Some(url) = &config.database_url else { return Ok(false) };
    let mut connection = PgConnection::connect(url.expose_secret()).await.map_err(StoreError::opening)?;
    connection.execute(script).await?;
    connection.close().await?;
    Ok(true)
}
