use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::connection::{self, Role};
use crate::{Conn, StoreError, conn::Driver};

/// How long a read waits for a free connection before it is told that the store is unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The connections that read beside the writer, each opened when it is first needed. They never wait for the writer.
pub(crate) struct Readers {
    path: PathBuf,
    places: Semaphore,
    /// The one used last comes first, for what it read is still in its memory.
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, most: u32) -> Self {
        Self { path, places: Semaphore::new(most as usize), idle: Mutex::default() }
    }

    /// A connection for one read.
    pub(crate) async fn take(&self, gives_way: bool) -> Result<Reader<'_>, StoreError> {
        let place = tokio::time::timeout(ACQUIRE_TIMEOUT, self.places.acquire()).await;
        let place = place.map_err(StoreError::unavailable)?.map_err(|_| StoreError::Closed)?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connection::open(&self.path, Role::Reader)?,
        };
        let conn = Conn::new(Driver::Sqlite(connection));
        let conn = if gives_way { conn.giving_way() } else { conn };
        Ok(Reader { conn: Some(conn), readers: self, _place: place })
    }

    /// Closes the connections; one that is in use when its read ends.
    pub(crate) fn close(&self) {
        self.places.close();
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const GIVEN_BACK: &str = "it is given back by the drop alone";

/// A connection on loan.
pub(crate) struct Reader<'r> {
    /// There until the drop.
    conn: Option<Conn>,
    readers: &'r Readers,
    _place: SemaphorePermit<'r>,
}

impl Reader<'_> {
    pub(crate) fn conn(&self) -> &Conn {
        self.conn.as_ref().expect(GIVEN_BACK)
    }

    pub(crate) fn conn_mut(&mut self) -> &mut Conn {
        self.conn.as_mut().expect(GIVEN_BACK)
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if let Some(Driver::Sqlite(connection)) = self.conn.take().map(Conn::into_driver)
            && !self.readers.places.is_closed()
        {
            self.readers.idle().push(connection);
        }
    }
}
