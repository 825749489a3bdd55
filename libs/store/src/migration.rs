use std::borrow::Cow;

use sqlx::{
    AnyPool, AssertSqlSafe, SqlSafeStr,
    migrate::{MigrationType, Migrator},
};

use crate::{Engine, StoreError};

/// One step of a service's schema. A step that has run anywhere is never edited; a new one follows it.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Steps run in the order of their versions.
    pub version: i64,
    /// A few words for people.
    pub description: &'static str,
    /// Common SQL; `{identity}` stands for a growing BIGINT primary key.
    pub sql: &'static str,
}

impl Migration {
    /// A step with its version, a few words and its SQL.
    pub const fn new(version: i64, description: &'static str, sql: &'static str) -> Self {
        Self { version, description, sql }
    }
}

pub(crate) async fn run(
    pool: &AnyPool,
    engine: Engine,
    service: &str,
    schema: &str,
    steps: &[Migration],
) -> Result<(), StoreError> {
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
    if engine == Engine::Postgres {
        migrator.create_schema(schema.to_owned());
    }
    migrator
        .run(pool)
        .await
        .map_err(|source| StoreError::Migrate { service: service.to_owned(), source: Box::new(source) })
}
