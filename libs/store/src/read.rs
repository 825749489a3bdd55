use std::ops::{Deref, DerefMut};

use crate::{Conn, Store, StoreError, conn::Driver as Connection, sqlite, store::Driver};

impl Store {
    /// A connection to read on, outside any transaction: each statement sees what is committed when it runs.
    ///
    /// On SQLite readers never wait for the writer, and their statements run where they are called, for going to another thread and
    /// back costs more than they do: so this is for a few rows by key, and [`scan`](Self::scan) for the rest.
    pub async fn read(&self, name: &'static str) -> Result<Reader<'_>, StoreError> {
        self.reader(name, false).await
    }

    /// Like [`read`](Self::read) for statements that may look at many rows: lists, counts, exports. On SQLite other tasks do not wait
    /// for them either; what is joined with them in the same task does.
    pub async fn scan(&self, name: &'static str) -> Result<Reader<'_>, StoreError> {
        self.reader(name, true).await
    }

    async fn reader(&self, name: &'static str, gives_way: bool) -> Result<Reader<'_>, StoreError> {
        metrics::counter!("store_reads_total", "service" => self.inner.service, "read" => name).increment(1);
        Ok(Reader(match &self.inner.driver {
            Driver::Sqlite(sqlite) => Loan::Sqlite(sqlite.readers.take(gives_way).await?),
            Driver::Postgres(postgres) => {
                Loan::Postgres(Conn::new(Connection::Postgres(postgres.pool.acquire().await?)))
            }
        }))
    }
}

/// A connection on loan from its [`Store`]; give it back by dropping it.
pub struct Reader<'s>(Loan<'s>);

enum Loan<'s> {
    Sqlite(sqlite::Reader<'s>),
    Postgres(Conn),
}

impl Deref for Reader<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        match &self.0 {
            Loan::Sqlite(reader) => reader.conn(),
            Loan::Postgres(conn) => conn,
        }
    }
}

impl DerefMut for Reader<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        match &mut self.0 {
            Loan::Sqlite(reader) => reader.conn_mut(),
            Loan::Postgres(conn) => conn,
        }
    }
}
