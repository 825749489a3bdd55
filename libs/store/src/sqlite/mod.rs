//! SQLite: one file per service, one thread that writes it, and connections that read beside it.

mod connection;
mod files;
mod migrations;
mod readers;
pub(crate) mod statement;
mod writer;

pub(crate) use self::readers::Reader;
use self::{connection::Role, readers::Readers, writer::Writer};
use crate::{Migration, StoreConfig, StoreError, Tx, conn::Driver, tx::Surroundings};

/// One service's file.
pub(crate) struct Sqlite {
    pub writer: Writer,
    pub readers: Readers,
}

impl Sqlite {
    /// Locks the file against other processes, opens it, and brings its tables up to date.
    pub(crate) async fn open(
        config: &StoreConfig,
        service: &'static str,
        migrations: &[Migration],
        surroundings: Surroundings,
    ) -> Result<Self, StoreError> {
        let folder = files::folder(&config.data_dir)?;
        let lock = files::lock(&folder, service).await?;
        let path = folder.join(format!("{service}.sqlite3"));
        let (opened, steps) = (path.clone(), migrations.to_vec());
        // The writer goes first, for it makes the file and sets it to WAL.
        let connection = tokio::task::spawn_blocking(move || {
            let mut connection = connection::open(&opened, Role::Writer).map_err(StoreError::opening)?;
            migrations::run(&mut connection, service, &steps)?;
            Ok::<_, StoreError>(connection)
        });
        let connection = connection.await.map_err(StoreError::opening)??;
        let tx = Tx::new(Driver::Sqlite(connection), surroundings);
        let writer = Writer::start(service, path.clone(), tx, lock)?;
        Ok(Self { writer, readers: Readers::new(path, config.database_max_connections) })
    }
}
