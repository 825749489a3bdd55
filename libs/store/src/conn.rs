use sqlx::{PgConnection, Postgres, Transaction, pool::PoolConnection};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::{Engine, FromRow, Param, Sql, StoreError, postgres, sqlite};

/// A connection to run statements on: that of a read, or that of a [`Tx`](crate::Tx), which gives it wherever a `&mut Conn` is wanted.
///
/// A statement has the same text on both engines: placeholders `$1`, `$2`; columns TEXT, BIGINT and DOUBLE PRECISION.
/// On SQLite it has run by the time its future is first polled.
pub struct Conn {
    driver: Driver,
    statements: u64,
    /// Its statements may take long where they run on the caller's thread.
    gives_way: bool,
}

pub(crate) enum Driver {
    Sqlite(rusqlite::Connection),
    Postgres(PoolConnection<Postgres>),
    Transaction(Transaction<'static, Postgres>),
}

/// A statement's way to its driver.
enum Way<'c> {
    Sqlite(Here<'c>),
    Postgres(&'c mut PgConnection),
}

/// The thread of the caller.
struct Here<'c> {
    connection: &'c rusqlite::Connection,
    gives_way: bool,
}

impl Here<'_> {
    /// Runs a statement. Where it may take long, the other tasks of this thread go on elsewhere meanwhile.
    fn now<T>(self, statement: impl FnOnce(&rusqlite::Connection) -> T) -> T {
        let has_others =
            || Handle::try_current().is_ok_and(|here| here.runtime_flavor() == RuntimeFlavor::MultiThread);
        if self.gives_way && has_others() {
            tokio::task::block_in_place(|| statement(self.connection))
        } else {
            statement(self.connection)
        }
    }
}

impl Conn {
    pub(crate) fn new(driver: Driver) -> Self {
        Self { driver, statements: 0, gives_way: false }
    }

    /// A connection whose statements may take long.
    pub(crate) fn giving_way(mut self) -> Self {
        self.gives_way = true;
        self
    }

    /// Runs a statement; returns how many rows it changed.
    pub async fn execute(&mut self, sql: impl Into<Sql>, params: &[Param<'_>]) -> Result<u64, StoreError> {
        let sql = sql.into();
        match self.way() {
            Way::Sqlite(run) => run.now(|conn| sqlite::statement::execute(conn, sql.as_str(), params)),
            Way::Postgres(connection) => postgres::statement::execute(connection, sql, params).await,
        }
    }

    /// Runs a statement and reads its one row. None is an error.
    pub async fn fetch_one<T: FromRow>(
        &mut self,
        sql: impl Into<Sql>,
        params: &[Param<'_>],
    ) -> Result<T, StoreError> {
        let sql = sql.into();
        let row = self.fetch_optional(sql.clone(), params).await?;
        row.ok_or_else(|| StoreError::NoRow { statement: sql.as_str().to_owned() })
    }

    /// Runs a statement and reads its first row, if there is one.
    pub async fn fetch_optional<T: FromRow>(
        &mut self,
        sql: impl Into<Sql>,
        params: &[Param<'_>],
    ) -> Result<Option<T>, StoreError> {
        let sql = sql.into();
        match self.way() {
            Way::Sqlite(run) => run.now(|conn| sqlite::statement::fetch_optional(conn, sql.as_str(), params)),
            Way::Postgres(connection) => postgres::statement::fetch_optional(connection, sql, params).await,
        }
    }

    /// Runs a statement and reads all its rows.
    pub async fn fetch_all<T: FromRow>(
        &mut self,
        sql: impl Into<Sql>,
        params: &[Param<'_>],
    ) -> Result<Vec<T>, StoreError> {
        let sql = sql.into();
        match self.way() {
            Way::Sqlite(run) => run.now(|conn| sqlite::statement::fetch_all(conn, sql.as_str(), params)),
            Way::Postgres(connection) => postgres::statement::fetch_all(connection, sql, params).await,
        }
    }

    /// The engine, for [`Engine::skip_locked`] and [`Engine::for_update`].
    pub fn engine(&self) -> Engine {
        match self.driver {
            Driver::Sqlite(_) => Engine::Sqlite,
            Driver::Postgres(_) | Driver::Transaction(_) => Engine::Postgres,
        }
    }

    /// Statements run so far.
    pub(crate) fn statements(&self) -> u64 {
        self.statements
    }

    pub(crate) fn driver(&self) -> &Driver {
        &self.driver
    }

    pub(crate) fn driver_mut(&mut self) -> &mut Driver {
        &mut self.driver
    }

    pub(crate) fn into_driver(self) -> Driver {
        self.driver
    }

    fn way(&mut self) -> Way<'_> {
        self.statements += 1;
        match &mut self.driver {
            Driver::Sqlite(connection) => Way::Sqlite(Here { connection, gives_way: self.gives_way }),
            Driver::Postgres(connection) => Way::Postgres(connection),
            Driver::Transaction(transaction) => Way::Postgres(transaction),
        }
    }
}
