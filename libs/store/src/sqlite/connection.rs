use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// How long a statement waits for the write lock before it fails, in milliseconds. The one writer makes waits rare: only a backup
/// or a person with a shell competes with it.
const BUSY_TIMEOUT_MS: u32 = 10_000;

/// Pages in the write-ahead log after which a commit also copies them into the file. The default of 1000 copies the few hot pages of
/// a queue again and again; this is 16 MiB of log at most.
const CHECKPOINT_PAGES: u32 = 4096;

/// Statements a connection keeps prepared: more than any service has.
const PREPARED: usize = 256;

/// What a connection is for.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Writer,
    Reader,
}

/// Opens a connection. A commit is durable once acknowledged: WAL with `synchronous=FULL` syncs the log at each commit
/// (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
pub(super) fn open(path: &Path, role: Role) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    let (cache_kib, more) = match role {
        Role::Writer => (16 * 1024, ""),
        Role::Reader => (2 * 1024, "PRAGMA query_only=ON;"),
    };
    connection.execute_batch(&format!(
        "PRAGMA busy_timeout={BUSY_TIMEOUT_MS}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
         PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{cache_kib}; PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}; {more}"
    ))?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_durable_and_keys_are_held_on_every_connection() {
        let folder = tempfile::tempdir().unwrap();
        for role in [Role::Writer, Role::Reader] {
            let connection = open(&folder.path().join("test.sqlite3"), role).unwrap();
            let pragma =
                |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!((pragma("synchronous"), pragma("foreign_keys")), (2, 1));
            assert_eq!(pragma("query_only"), i64::from(matches!(role, Role::Reader)));
            assert_eq!((pragma("busy_timeout"), pragma("wal_autocheckpoint")), (10_000, 4096));
            assert_eq!(pragma("cache_size"), if matches!(role, Role::Writer) { -16_384 } else { -2_048 });
            let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
            assert_eq!(mode, "wal");
        }
    }
}
