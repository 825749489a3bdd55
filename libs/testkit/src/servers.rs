//! The servers that tests run against, each test with a database or a key prefix of its own.
//!
//! `tests/run.sh` starts them and names them in the environment. Where one is not named a test says so on standard error
//! and returns; where `PROEFRIT_REQUIRE_SERVERS=1` it fails, so that no suite passes by skipping.
//!
//! ```no_run
//! # async fn a_test() {
//! let Some(database) = testkit::servers::postgres().await else { return };
//! let _pool = database.url();
//! # }
//! ```

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use sqlx::{Connection as _, Executor as _, PgConnection};

/// Names a PostgreSQL server as `postgres://user@host:port/database`. The user may create databases.
pub const DATABASE_URL: &str = "TEST_DATABASE_URL";
/// Names a Redis as `redis://host:port/0`.
pub const REDIS_URL: &str = "TEST_REDIS_URL";
/// Names a Redis Cluster as `redis-cluster://host:port,host:port,host:port`.
pub const REDIS_CLUSTER_URL: &str = "TEST_REDIS_CLUSTER_URL";
/// Names a Redis behind Sentinel as `redis-sentinel://host:port/master`.
pub const REDIS_SENTINEL_URL: &str = "TEST_REDIS_SENTINEL_URL";
/// Set to `1`, makes a missing server a failure instead of a skip.
pub const REQUIRE_SERVERS: &str = "PROEFRIT_REQUIRE_SERVERS";

/// A PostgreSQL database made for one test and dropped with this value.
#[derive(Debug)]
pub struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    /// Returns the address of the fresh, empty database.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, statement) =
            (self.server.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // A test's own runtime may be shutting down and cannot be waited on from here. A database that stays behind
        // goes with its server, so a failure is only reported.
        let dropped = std::thread::spawn(move || -> anyhow::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(run(&server, &statement))
        })
        .join();
        if !matches!(dropped, Ok(Ok(()))) {
            println!("could not drop the test database {}: {dropped:?}", self.name);
        }
    }
}

/// A Redis, or Redis Cluster, and a key prefix nobody else uses.
#[derive(Clone, Debug)]
pub struct Redis {
    /// The server's address, as `REDIS_URL` takes it.
    pub url: String,
    /// The prefix for this test's keys.
    pub prefix: String,
}

/// Makes a fresh database on the PostgreSQL of [`DATABASE_URL`]; `None` is a skip.
///
/// # Panics
/// Panics when the server is named but does not answer, or is required but not named.
pub async fn postgres() -> Option<Database> {
    let server = address(DATABASE_URL)?;
    let name = unique("proefrit_test_");
    run(&server, &format!("CREATE DATABASE {name} TEMPLATE template0"))
        .await
        .unwrap_or_else(|error| panic!("{DATABASE_URL} does not give a fresh database: {error:#}"));
    let url = with_database(&server, &name);
    Some(Database { server, name, url })
}

/// Gives a key prefix on the Redis of [`REDIS_URL`]; `None` is a skip.
pub fn redis() -> Option<Redis> {
    key_space(REDIS_URL)
}

/// Gives a key prefix on the Redis Cluster of [`REDIS_CLUSTER_URL`]; `None` is a skip.
pub fn redis_cluster() -> Option<Redis> {
    key_space(REDIS_CLUSTER_URL)
}

/// Gives a key prefix on the Redis behind the Sentinel of [`REDIS_SENTINEL_URL`]; `None` is a skip.
pub fn redis_sentinel() -> Option<Redis> {
    key_space(REDIS_SENTINEL_URL)
}

/// Gives what a variable that `tests/run.sh` sets says, such as the path of a tool; `None` is a skip.
pub fn named(variable: &str) -> Option<String> {
    address(variable)
}

fn key_space(variable: &str) -> Option<Redis> {
    Some(Redis { url: address(variable)?, prefix: unique("test-") + ":" })
}

/// Reads a server's address from the environment, and skips loudly or fails where it is not set.
fn address(variable: &str) -> Option<String> {
    match std::env::var(variable) {
        Ok(address) if !address.is_empty() => Some(address),
        _ => {
            assert!(
                std::env::var(REQUIRE_SERVERS).as_deref() != Ok("1"),
                "{variable} is not set, and {REQUIRE_SERVERS}=1 says it must be"
            );
            skip(variable);
            None
        }
    }
}

/// Says once per process which variable tests were skipped for, past the test harness, which hides what passing tests print.
fn skip(variable: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let first = SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(variable.to_owned());
    if first {
        // Nobody is there to read it where standard error is closed.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: {variable} is not set; start tests with tests/run.sh to run those that need it"
        );
    }
}

fn unique(prefix: &str) -> String {
    format!("{prefix}{:032x}", rand::random::<u128>())
}

fn with_database(server: &str, name: &str) -> String {
    let (address, options) =
        server.split_once('?').map_or((server, None), |(address, options)| (address, Some(options)));
    let authority = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority..].find('/').map_or(address.len(), |at| authority + at);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{}/{name}{options}", &address[..end])
}

async fn run(server: &str, statement: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(server).await?;
    connection.execute(sqlx::AssertSqlSafe(statement.to_owned())).await?;
    connection.close().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_takes_the_place_of_the_one_in_the_address() {
        for (server, expected) in [
            ("postgres://u@h:1/postgres", "postgres://u@h:1/x"),
            ("postgres://u@h:1", "postgres://u@h:1/x"),
            ("postgres://u@h/db?sslmode=disable", "postgres://u@h/x?sslmode=disable"),
        ] {
            assert_eq!(with_database(server, "x"), expected);
        }
    }

    #[tokio::test]
    async fn a_fresh_database_is_there_and_gone_afterwards() {
        let Some(database) = postgres().await else { return };
        let url = database.url().to_owned();
        run(&url, "CREATE TABLE t (id BIGINT)").await.unwrap();
        drop(database);
        assert!(PgConnection::connect(&url).await.is_err());
    }
}
