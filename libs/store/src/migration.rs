use std::borrow::Cow;

use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, Connection, SqlSafeStr,
    migrate::{MigrateError, MigrationType, Migrator},
};

use crate::{Engine, StoreError};

/// One step of a service's schema. A step that has run anywhere is never edited; a new one follows it.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Steps run in the order of their versions.
    pub version: i64,
    /// A few words for people.
    pub description: &'static str,
    /// Common SQL; `{identity}` stands for a growing BIGINT primary key, `{clustered}` behind a table for rows kept in the order of
    /// its primary key where the engine can.
    pub sql: &'static str,
}

impl Migration {
    /// A step with its version, a few words and its SQL.
    pub const fn new(version: i64, description: &'static str, sql: &'static str) -> Self {
        Self { version, description, sql }
    }
}

/// Brings the schema up to date. Of several replicas that start at once one works and the others wait for it. Steps newer than this
/// program are left alone: a replica of the version still serving must be able to start.
pub(crate) async fn run(
    pool: &AnyPool,
    url: Option<&str>,
    service: &str,
    schema: &str,
    steps: &[Migration],
) -> Result<(), StoreError> {
    let engine = if url.is_some() { Engine::Postgres } else { Engine::Sqlite };
    let steps = steps
        .iter()
        .map(|step| {
            sqlx::migrate::Migration::new(
                step.version,
                Cow::Borrowed(step.description),
                MigrationType::Simple,
                AssertSqlSafe(engine.ddl(step.sql)).into_sql_str(),
                false,
            )
        })
        .collect();
    let mut migrator = Migrator::with_migrations(steps);
    migrator.set_ignore_missing(true);
    let ran = match url {
        None => migrator.run(pool).await,
        Some(url) => {
            migrator.create_schema(schema.to_owned());
            run_on_own_connection(&migrator, url).await
        }
    };
    ran.map_err(|source| StoreError::Migrate { service: service.to_owned(), source: Box::new(source) })
}

/// PostgreSQL's migration lock belongs to its connection. A connection of its own ends with the migration however that ends, and
/// it may wait for another replica as long as that takes.
async fn run_on_own_connection(migrator: &Migrator, url: &str) -> Result<(), MigrateError> {
    let mut connection = AnyConnection::connect(url).await?;
    let ran = migrator.run(&mut connection).await;
    connection.close_hard().await?;
    ran
}
