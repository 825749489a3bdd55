use crate::StoreConfig;

/// The database behind a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file per service, written by one thread.
    Sqlite,
    /// One schema per service, written by a pool.
    Postgres,
}

impl Engine {
    /// Which engine a configuration names.
    pub fn of(config: &StoreConfig) -> Self {
        if config.database_url.is_some() { Self::Postgres } else { Self::Sqlite }
    }

    /// `FOR UPDATE SKIP LOCKED` where rows are locked one by one, nothing where the whole database has one writer.
    pub fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// `FOR UPDATE` where rows are locked one by one.
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// Writes the words of a migration that differ: `{identity}` is a growing BIGINT primary key, `{clustered}` behind a table's
    /// closing parenthesis keeps its rows in the order of the primary key where the engine can.
    pub(crate) fn ddl(self, text: &str) -> String {
        let (identity, clustered) = match self {
            Self::Sqlite => ("INTEGER PRIMARY KEY AUTOINCREMENT", "WITHOUT ROWID"),
            Self::Postgres => ("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", ""),
        };
        text.replace("{identity}", identity).replace("{clustered}", clustered)
    }
}
