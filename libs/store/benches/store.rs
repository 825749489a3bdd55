//! What the store costs beside its bare drivers: writes of ten statements (five upserts, five look-ups), and reads of one.
//!
//! `cargo bench -p proefrit-store`, with `TEST_DATABASE_URL` for PostgreSQL too. Each line is the quickest of three rounds. The ratios are to the
//! bare driver: its pace (more is better), and its CPU, which says more on a busy machine (less is better).

#![expect(clippy::unwrap_used, reason = "a program for people who work on the store")]

use std::time::{Duration, Instant};

use rusqlite::Connection;
use sqlx::{Executor as _, PgPool, postgres::PgPoolOptions};
use store::{Migration, Store, StoreConfig, StoreError, Tx, Write, params};
use tokio::task::JoinSet;

const TABLE: Migration = Migration::new(
    1,
    "rows",
    "CREATE TABLE rows (key TEXT NOT NULL PRIMARY KEY, number BIGINT NOT NULL, text TEXT NOT NULL);",
);
const UPSERT: &str = "INSERT INTO rows (key, number, text) VALUES ($1, $2, $3)
    ON CONFLICT (key) DO UPDATE SET number = rows.number + 1, text = excluded.text";
const FIND: &str = "SELECT key, number, text FROM rows WHERE key = $1";
const KEYS: u64 = 10_000;
const TEXT: &str = "Kan ik morgen om 11:00 een proefrit maken met de Golf?";

/// Ten statements on five keys.
struct TenStatements(u64);

impl Write for TenStatements {
    const NAME: &'static str = "ten-statements";
    type Output = ();
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<(), StoreError> {
        for key in keys(self.0) {
            tx.execute(UPSERT, params![&key, 1_i64, TEXT]).await?;
            tx.fetch_one::<(String, i64, String)>(FIND, params![&key]).await?;
        }
        Ok(())
    }
}

fn keys(number: u64) -> impl Iterator<Item = String> {
    (0..5).map(move |step| format!("key-{}", (number * 7919 + step * 104_729) % KEYS))
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::sqlite(folder.path());
    let store = Store::open(&config, "bench", &[TABLE]).await.unwrap();
    let file = folder.path().join("bare.sqlite3");
    println!("{:<34} {:>10} {:>12} {:>12} {:>6} {:>6}", "", "a second", "wall µs", "CPU µs", "pace", "CPU");
    let bare =
        best("rusqlite, 64 writes a commit", 20_000, None, async |count| bare_sqlite(&file, count)).await;
    for callers in [1, 16, 64] {
        let count = if callers == 1 { 2_000 } else { 20_000 };
        let name = format!("store on SQLite, {callers} callers");
        best(&name, count, Some(bare), async |count| at_once(callers, count, &store, write).await).await;
    }
    let bare = best("rusqlite, one read", 100_000, None, async |count| bare_reads(&file, count)).await;
    best("store on SQLite, one read", 100_000, Some(bare), async |count| {
        at_once(2, count, &store, read).await;
    })
    .await;
    best("the same on a blocking thread", 20_000, Some(bare), async |count| {
        at_once(2, count, &store, read_elsewhere).await;
    })
    .await;
    store.close().await;

    let Some(database) = testkit::servers::postgres().await else { return };
    let store = Store::open(&StoreConfig::postgres(database.url()), "bench", &[TABLE]).await.unwrap();
    let pool = PgPoolOptions::new().max_connections(8).connect(database.url()).await.unwrap();
    pool.execute(TABLE.sql).await.unwrap();
    let bare =
        best("sqlx on PostgreSQL, 16 callers", 4_000, None, async |count| bare_postgres(&pool, count).await);
    let bare = bare.await;
    best("store on PostgreSQL, 16 callers", 4_000, Some(bare), async |count| {
        at_once(16, count, &store, write).await;
    })
    .await;
    pool.close().await;
    store.close().await;
}

/// What one piece of work took.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Cost {
    wall: f64,
    cpu: f64,
}

/// Measures three times, prints the quickest round beside the bare driver's, and returns it.
async fn best(name: &str, count: u64, bare: Option<Cost>, work: impl AsyncFn(u64)) -> Cost {
    let mut best = Cost { wall: f64::INFINITY, cpu: 0.0 };
    for _ in 0..3 {
        let (start, cpu) = (Instant::now(), cpu_time());
        work(count).await;
        let (wall, cpu) = (start.elapsed(), cpu_time().saturating_sub(cpu));
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let each = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
        let round = Cost { wall: each(wall), cpu: each(cpu) };
        if round < best {
            best = round;
        }
    }
    let Cost { wall, cpu } = best;
    let ratios = bare.map(|bare| format!("{:>6.2} {:>6.2}", bare.wall / wall, cpu / bare.cpu));
    println!("{name:<34} {:>10.0} {wall:>12.1} {cpu:>12.1} {}", 1e6 / wall, ratios.unwrap_or_default());
    best
}

/// The time this process has had, in steps of ten milliseconds.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: u64 =
        after_name.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

async fn at_once<F>(callers: u64, count: u64, store: &Store, work: fn(Store, u64) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let store = store.clone();
        running.spawn(async move {
            for number in (caller..count).step_by(usize::try_from(callers).unwrap()) {
                work(store.clone(), number).await;
            }
        });
    }
    running.join_all().await;
}

async fn write(store: Store, number: u64) {
    // On PostgreSQL two that lock the same rows in different orders meet now and then.
    while store.write(TenStatements(number)).await.is_err() {}
}

async fn read(store: Store, number: u64) {
    let key = format!("key-{}", number % KEYS);
    let mut conn = store.read("one").await.unwrap();
    let _: Option<(String, i64, String)> = conn.fetch_optional(FIND, params![&key]).await.unwrap();
}

async fn read_elsewhere(store: Store, number: u64) {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(read(store, number))).await.unwrap();
}

fn open_bare(file: &std::path::Path) -> Connection {
    let connection = Connection::open(file).unwrap();
    connection
        .execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4096; PRAGMA cache_size=-16384;")
        .unwrap();
    connection.execute_batch(&TABLE.sql.replace("TABLE", "TABLE IF NOT EXISTS")).unwrap();
    connection
}

fn bare_sqlite(file: &std::path::Path, count: u64) {
    let connection = open_bare(file);
    for number in 0..count {
        if number % 64 == 0 {
            connection.prepare_cached("BEGIN IMMEDIATE").unwrap().raw_execute().unwrap();
        }
        for key in keys(number) {
            connection.prepare_cached(UPSERT).unwrap().execute((&key, 1, TEXT)).unwrap();
            find(&connection, &key);
        }
        if number % 64 == 63 || number + 1 == count {
            connection.prepare_cached("COMMIT").unwrap().raw_execute().unwrap();
        }
    }
}

fn bare_reads(file: &std::path::Path, count: u64) {
    let connection = open_bare(file);
    for number in 0..count {
        find(&connection, &format!("key-{}", number % KEYS));
    }
}

fn find(connection: &Connection, key: &str) {
    let mut find = connection.prepare_cached(FIND).unwrap();
    let mut rows = find.query([key]).unwrap();
    let row = rows.next().unwrap().unwrap();
    let _: (String, i64, String) = (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
}

async fn bare_postgres(pool: &PgPool, count: u64) {
    let mut running = JoinSet::new();
    for caller in 0..16 {
        let pool = pool.clone();
        running.spawn(async move {
            for number in (caller..count).step_by(16) {
                while ten_statements(&pool, number).await.is_err() {}
            }
        });
    }
    running.join_all().await;
}

async fn ten_statements(pool: &PgPool, number: u64) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    for key in keys(number) {
        sqlx::query(UPSERT).bind(&key).bind(1_i64).bind(TEXT).execute(&mut *tx).await?;
        let _: (String, i64, String) = sqlx::query_as(FIND).bind(&key).fetch_one(&mut *tx).await?;
    }
    tx.commit().await
}
