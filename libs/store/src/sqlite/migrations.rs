use rusqlite::{Connection, params};

use crate::{Engine, Migration, StoreError};

/// The steps that have run, in the table that `sqlx` keeps on PostgreSQL.
const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS _sqlx_migrations (
        version BIGINT PRIMARY KEY,
        description TEXT NOT NULL,
        installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
        success BOOLEAN NOT NULL,
        checksum BLOB NOT NULL,
        execution_time BIGINT NOT NULL
    );";

const INSERT: &str = "
    INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (?1, ?2, TRUE, ?3, 0)";

/// Brings the tables up to date: each step that has not run yet in a transaction of its own. The caller holds the file's lock.
pub(super) fn run(connection: &mut Connection, service: &str, steps: &[Migration]) -> Result<(), StoreError> {
    let failed = |source: rusqlite::Error| StoreError::migrating(service, source);
    connection.execute_batch(TABLE).map_err(failed)?;
    for step in steps {
        let step = step.on(Engine::Sqlite);
        let known = {
            let mut known = connection
                .prepare("SELECT checksum FROM _sqlx_migrations WHERE version = ?1")
                .map_err(failed)?;
            let mut rows = known.query([step.version]).map_err(failed)?;
            let row = rows.next().map_err(failed)?;
            row.map(|row| row.get::<_, Vec<u8>>(0)).transpose().map_err(failed)?
        };
        match known {
            Some(checksum) if checksum == *step.checksum => {}
            Some(_) => {
                let edited = sqlx::migrate::MigrateError::VersionMismatch(step.version);
                return Err(StoreError::migrating(service, edited));
            }
            None => {
                let tx = connection.transaction().map_err(failed)?;
                tx.execute_batch(step.sql.as_str()).map_err(failed)?;
                tx.execute(INSERT, params![step.version, step.description, step.checksum]).map_err(failed)?;
                tx.commit().map_err(failed)?;
            }
        }
    }
    Ok(())
}
