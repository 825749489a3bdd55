use std::borrow::Cow;

use sqlx::{AssertSqlSafe, SqlSafeStr, migrate::MigrationType};

use crate::Engine;

/// One step of a service's schema. A step that has run anywhere is never edited; a new one follows it. Steps newer than the program are
/// left alone: a replica of the version still serving must be able to start.
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

    /// The step in an engine's words, with their checksum.
    pub(crate) fn on(&self, engine: Engine) -> sqlx::migrate::Migration {
        sqlx::migrate::Migration::new(
            self.version,
            Cow::Borrowed(self.description),
            MigrationType::Simple,
            AssertSqlSafe(engine.ddl(self.sql)).into_sql_str(),
            false,
        )
    }
}
