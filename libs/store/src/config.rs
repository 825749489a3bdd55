use std::path::PathBuf;

use secrecy::SecretString;

/// Where the services keep their rows. Without a database URL each service has an SQLite file of its own.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "store")]
pub struct StoreConfig {
    /// PostgreSQL to keep everything in, one schema per service (`postgres://user:password@host/database`).
    /// Without it each service keeps an SQLite file in the data directory.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<SecretString>,
    /// Folder of the SQLite files.
    #[arg(long, env = "DATA_DIR", default_value = "data", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Connections each service keeps to PostgreSQL at most, and readers of its SQLite file.
    #[arg(long, env = "DATABASE_MAX_CONNECTIONS", default_value_t = 8, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_max_connections: u32,
}

impl StoreConfig {
    /// SQLite files in a folder, with defaults for the rest.
    pub fn sqlite(data_dir: impl Into<PathBuf>) -> Self {
        Self { database_url: None, data_dir: data_dir.into(), database_max_connections: 8 }
    }

    /// One PostgreSQL database, with defaults for the rest.
    pub fn postgres(url: &str) -> Self {
        Self { database_url: Some(url.into()), data_dir: PathBuf::new(), database_max_connections: 8 }
    }
}
