use sqlx::{
    Connection as _, PgConnection,
    migrate::{MigrateError, Migrator},
};

use super::schema;
use crate::{Engine, Migration, StoreError};

/// Brings the schema up to date. Of several replicas that start at once one works and the others wait for it.
pub(super) async fn run(url: &str, service: &str, steps: &[Migration]) -> Result<(), StoreError> {
    let mut migrator =
        Migrator::with_migrations(steps.iter().map(|step| step.on(Engine::Postgres)).collect());
    migrator.set_ignore_missing(true);
    migrator.create_schema(schema(service));
    run_on_own_connection(&migrator, url).await.map_err(|source| StoreError::migrating(service, source))
}

/// The migration lock belongs to its connection. A connection of its own ends with the migration however that ends, and it may wait for
/// another replica as long as that takes.
async fn run_on_own_connection(migrator: &Migrator, url: &str) -> Result<(), MigrateError> {
    let mut connection = PgConnection::connect(url).await?;
    let ran = migrator.run(&mut connection).await;
    connection.close_hard().await?;
    ran
}
