//! What the queue costs: jobs per second beside a bare reference in the same run, and a claim among few and many waiting rows.
//!
//! `cargo bench -p proefrit-queue` prints two tables, with `-- throughput` behind it the first alone. PostgreSQL takes part where `TEST_DATABASE_URL` names one. Figures depend on
//! the machine; the ratios say more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use lifecycle::Stop;
use model::{Clock, SystemClock};
use queue::{Handler, Lease, LeaseLost, NewJob, Options, Queue, QueueName, Verdict, claim};
use store::{Engine, Migration, Sql, Store, StoreConfig, StoreError, params};
use tokio::task::JoinSet;

/// Jobs per figure; fewer with one worker, for each commit is then waited for alone.
const JOBS: [(usize, usize); 2] = [(1, 2_000), (16, 16_000)];
/// Lanes the jobs are spread over.
const LANES: usize = 256;
/// Waiting rows when there are few and when there are many.
const FEW_AND_MANY: [i64; 2] = [1_000, 1_000_000];
/// Claims timed per figure.
const CLAIMS: usize = 400;
const LEASE: Duration = Duration::from_mins(1);

/// What a queue cannot do without: a row for order, a row for work, and a commit each for adding, taking and finishing.
const REFERENCE: Migration = Migration::new(
    2,
    "reference",
    "CREATE TABLE bare_lanes (lane TEXT NOT NULL PRIMARY KEY, state BIGINT NOT NULL);
     CREATE TABLE bare_jobs (job TEXT NOT NULL PRIMARY KEY, lane TEXT NOT NULL, payload TEXT NOT NULL);",
);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let sqlite =
        Store::open(&StoreConfig::sqlite(folder.path()), "bench", &[queue::MIGRATION, REFERENCE]).await?;
    let database = testkit::servers::postgres().await;
    let mut stores = vec![sqlite];
    if let Some(database) = &database {
        let config = StoreConfig { database_max_connections: 16, ..StoreConfig::postgres(database.url()) };
        stores.push(Store::open(&config, "bench", &[queue::MIGRATION, REFERENCE]).await?);
    }
    println!(
        "{:<10} {:>8} {:>14} {:>14} {:>14}",
        "engine", "workers", "reference/s", "by hand/s", "Queue::run/s"
    );
    for store in &stores {
        for (workers, jobs) in JOBS {
            let reference = per_second(jobs, reference(store, workers, jobs)).await?;
            let by_hand = per_second(jobs, by_hand(store, workers, jobs)).await?;
            let run = per_second(jobs, run(store, workers, jobs)).await?;
            println!(
                "{:<10} {workers:>8} {reference:>14.0} {by_hand:>14.0} {run:>14.0}",
                format!("{:?}", store.engine())
            );
        }
    }
    if std::env::args().any(|argument| argument == "throughput") {
        return Ok(());
    }
    println!("\n{:<10} {:<22} {:>10} {:>12} {:>12}", "engine", "waiting", "rows", "claim µs", "ack µs");
    for store in &stores {
        for (what, one_lane) in [("one row in each lane", false), ("all rows in one lane", true)] {
            let mut medians = Vec::new();
            for rows in FEW_AND_MANY {
                fill(store, rows, one_lane).await?;
                let (claim, ack) = claim_cost(store).await?;
                println!(
                    "{:<10} {what:<22} {rows:>10} {:>12.0} {:>12.0}",
                    format!("{:?}", store.engine()),
                    claim.as_secs_f64() * 1e6,
                    ack.as_secs_f64() * 1e6
                );
                medians.push((claim + ack).as_secs_f64());
            }
            println!("{:<10} {what:<22} {:>10} {:>12.2} times", "", "ratio", medians[1] / medians[0]);
        }
    }
    for store in stores {
        store.close().await;
    }
    Ok(())
}

async fn per_second(jobs: usize, work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<f64> {
    let start = Instant::now();
    work.await?;
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    Ok(jobs as f64 / start.elapsed().as_secs_f64())
}

/// Runs the numbers up to `jobs` through `step`, `workers` at once.
async fn side_by_side<F>(workers: usize, jobs: usize, step: impl Fn(usize) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let mut running = JoinSet::new();
    for number in 0..jobs {
        if running.len() == workers
            && let Some(done) = running.join_next().await
        {
            done??;
        }
        running.spawn(step(number));
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    Ok(())
}

fn payload(number: usize) -> String {
    format!("{{\"V1\":{{\"number\":{number},\"text\":\"{}\"}}}}", "x".repeat(200))
}

/// Three commits per job: two inserts, an update, an update and a delete.
async fn reference(store: &Store, workers: usize, jobs: usize) -> anyhow::Result<()> {
    let store = store.clone();
    side_by_side(workers, jobs, move |number| {
        let (store, job, lane) = (store.clone(), format!("job-{number}"), format!("lane-{number}"));
        async move {
            let (j, l) = (job.clone(), lane.clone());
            bare(&store, move |tx| {
                Box::pin(async move {
                    tx.execute("INSERT INTO bare_lanes (lane, state) VALUES ($1, 0)", params![&l]).await?;
                    tx.execute(
                        "INSERT INTO bare_jobs (job, lane, payload) VALUES ($1, $2, $3)",
                        params![&j, &l, payload(0)],
                    )
                    .await?;
                    Ok(())
                })
            })
            .await?;
            let l = lane.clone();
            bare(&store, move |tx| {
                Box::pin(async move {
                    tx.execute("UPDATE bare_lanes SET state = 1 WHERE lane = $1", params![&l]).await?;
                    Ok(())
                })
            })
            .await?;
            bare(&store, move |tx| {
                Box::pin(async move {
                    tx.execute("DELETE FROM bare_lanes WHERE lane = $1", params![&lane]).await?;
                    tx.execute("DELETE FROM bare_jobs WHERE job = $1", params![&job]).await?;
                    Ok(())
                })
            })
            .await?;
            Ok(())
        }
    })
    .await
}

async fn bare(
    store: &Store,
    closure: impl for<'t> FnOnce(&'t mut store::Tx) -> futures::future::BoxFuture<'t, Result<(), StoreError>>
    + Send
    + 'static,
) -> Result<(), StoreError> {
    store.write_with("bare", closure).await
}

fn job(number: usize) -> anyhow::Result<NewJob> {
    let lane = format!("lane-{}", number % LANES);
    Ok(NewJob::new(QueueName::Inbox, lane, "bench", &payload(number))?)
}

async fn push_one(store: &Store, job: NewJob) -> Result<(), StoreError> {
    store.write_with("push", move |tx| Box::pin(async move { queue::push(tx, job).await })).await
}

async fn claim_one(store: &Store) -> Result<Option<Lease>, StoreError> {
    store
        .write_with("claim", move |tx| {
            Box::pin(async move { Ok(claim(tx, QueueName::Inbox, 1, 1, LEASE).await?.pop()) })
        })
        .await
}

async fn ack(store: &Store, lease: Lease) -> Result<(), LeaseLost> {
    store.write_with("ack", move |tx| Box::pin(async move { lease.ack(tx).await })).await
}

/// The same three commits through the queue's own calls, without its workers.
async fn by_hand(store: &Store, workers: usize, jobs: usize) -> anyhow::Result<()> {
    let store = store.clone();
    side_by_side(workers, jobs, move |number| {
        let store = store.clone();
        async move {
            push_one(&store, job(number)?).await?;
            loop {
                // Somebody else may have taken this one; there is another.
                if let Some(lease) = claim_one(&store).await? {
                    ack(&store, lease).await?;
                    return Ok(());
                }
                tokio::task::yield_now().await;
            }
        }
    })
    .await
}

/// Acknowledges at once and counts.
struct Counting(AtomicUsize);

impl Handler for Counting {
    async fn handle(&self, lease: Lease) -> Verdict {
        self.0.fetch_add(lease.jobs().len(), Ordering::Relaxed);
        Verdict::Ack
    }
}

/// The workers take what as many tasks push.
async fn run(store: &Store, workers: usize, jobs: usize) -> anyhow::Result<()> {
    let (stop, counting) = (Stop::new(), Arc::new(Counting(AtomicUsize::new(0))));
    let options = Options { workers: u32::try_from(workers)?, ..Options::default() };
    let queue = Queue::new(store.clone(), QueueName::Inbox, options);
    let running = tokio::spawn({
        let (stop, counting) = (stop.clone(), Arc::clone(&counting));
        async move { queue.run(stop, counting).await }
    });
    let pushing = store.clone();
    side_by_side(workers, jobs, move |number| {
        let store = pushing.clone();
        async move { Ok(push_one(&store, job(number)?).await?) }
    })
    .await?;
    while counting.0.load(Ordering::Relaxed) < jobs {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stop.request();
    running.await?
}

/// Leaves nothing but so many rows waiting, all pushed an hour ago.
async fn fill(store: &Store, rows: i64, one_lane: bool) -> anyhow::Result<()> {
    let hour_ago = SystemClock.now().as_micros() - 3_600_000_000;
    let (lane, position) = if one_lane { ("'lane'", "number") } else { ("'lane-' || number", "1") };
    let lanes = if one_lane { 1 } else { rows };
    let depth = rows / lanes;
    let counting = |to: i64| {
        format!(
            "WITH RECURSIVE counting (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM counting WHERE number < {to})"
        )
    };
    let mut statements = vec![
        "DELETE FROM queue_jobs".to_owned(),
        "DELETE FROM queue_lanes".to_owned(),
        format!(
            "INSERT INTO queue_lanes (queue, lane, next_position, depth, claimable_at, generation, lease_token, idle_since)
             {} SELECT 'inbox', {lane}, {depth} + 1, {depth}, {hour_ago} + number, 1, '', {hour_ago} FROM counting",
            counting(lanes)
        ),
        format!(
            "INSERT INTO queue_jobs (queue, lane, precedence, position, batch_id, kind, payload, job_key, traceparent,
                tries, expiries, not_before, last_error, enqueued_at)
             {} SELECT 'inbox', {lane}, 1, {position}, '', 'bench', '{}', '', '', 0, 0, 0, '', {hour_ago} FROM counting",
            counting(rows),
            payload(0)
        ),
    ];
    if store.engine() == Engine::Postgres {
        statements[0] = "TRUNCATE queue_jobs, queue_lanes".into();
        statements.push("ANALYZE queue_jobs, queue_lanes".into());
    }
    for statement in statements {
        store
            .write_with("fill", move |tx| {
                Box::pin(async move {
                    tx.execute(Sql::built(statement), params![]).await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
    }
    Ok(())
}

/// Lets the engine finish what filling left behind: SQLite's log into the file, and a few claims for the caches.
async fn settle_down(store: &Store) -> anyhow::Result<()> {
    if store.engine() == Engine::Sqlite {
        // A check-point may move only what no transaction is in the middle of, so it comes from beside the writer.
        let mut conn = store.read("checkpoint").await?;
        conn.fetch_one::<i64>("PRAGMA wal_checkpoint(TRUNCATE)", params![]).await?;
    }
    for _ in 0..CLAIMS / 8 {
        if let Some(lease) = claim_one(store).await? {
            ack(store, lease).await?;
        }
    }
    Ok(())
}

/// The median times of a claim and of its acknowledgement, one after the other.
async fn claim_cost(store: &Store) -> anyhow::Result<(Duration, Duration)> {
    let (mut claims, mut acks) = (Vec::new(), Vec::new());
    settle_down(store).await?;
    for _ in 0..CLAIMS {
        let start = Instant::now();
        let lease = claim_one(store).await?.ok_or_else(|| anyhow::anyhow!("nothing to claim"))?;
        claims.push(start.elapsed());
        let start = Instant::now();
        ack(store, lease).await?;
        acks.push(start.elapsed());
    }
    claims.sort_unstable();
    acks.sort_unstable();
    Ok((claims[CLAIMS / 2], acks[CLAIMS / 2]))
}
