//! Writes: one closure, one outcome, shared commits where that pays.
//!
//! SQLite has one writer at a time and each commit costs a sync of the disk, so one task owns the writing connection,
//! takes the closures that wait, runs each in a savepoint of its own and commits them together. While the disk syncs, the next
//! closures gather: the busier the service, the larger the shared commit, and an idle one waits for nobody.
//! On PostgreSQL each closure is a transaction on a connection of the pool and the server groups the syncs itself.

use std::{
    any::Any as StdAny,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{FutureExt, future::BoxFuture};
use lifecycle::crash;
use sqlx::{Any, AnyPool, Transaction, pool::PoolConnection};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tracing::Instrument;

use crate::{
    Store, StoreError, Tx,
    topic::Topics,
    tx::{Connection, Hook},
};

/// Closures that may wait for the writer; beyond it callers wait to hand theirs in.
const WAITING_WRITES: usize = 1024;

/// Closures in one commit at most, which bounds how long the first of them waits.
const SHARED_COMMIT: usize = 64;

impl Store {
    /// Runs a closure in a transaction: an `Ok` is returned once it is durable, an `Err` or a panic rolls back this closure alone.
    ///
    /// The closure must await nothing but its transaction, for others wait behind it. The name is that of the use case, for
    /// spans and metrics. Once begun, the write runs to its end even when the caller is dropped, on both engines: so hooks run
    /// whenever the change is durable, and no connection is left in the middle of a statement.
    pub async fn write<T, E, F>(&self, name: &'static str, closure: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let span = tracing::debug_span!("db.write", db.write = name, proefrit.service = self.inner.service);
        if let Some(group_commit) = &self.inner.group_commit {
            return group_commit.write(name, closure).instrument(span).await;
        }
        let store = self.clone();
        let write = async move { store.write_alone(name, closure).await };
        // The caller's span goes along, for this one is off unless somebody debugs.
        let written = tokio::spawn(write.instrument(span).in_current_span()).await;
        // Panics are caught inside; a task that did not end went with its runtime.
        written.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    async fn write_alone<T, E, F>(&self, name: &'static str, closure: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        let inner = &self.inner;
        let mut tx = Tx::new(Connection::Own(self.begin().await?), Arc::clone(&inner.topics));
        let value = caught(name, async { closure(&mut tx).await }).await?;
        count(inner.service, 1, tx.statements());
        crash::point_with(|| format!("{}.{name}.before-commit", inner.service));
        let hooks = tx.take_hooks();
        if let Connection::Own(transaction) = tx.into_connection() {
            transaction.commit().await.map_err(StoreError::from)?;
        }
        crash::point_with(|| format!("{}.{name}.after-commit", inner.service));
        run_hooks(hooks);
        Ok(value)
    }

    /// Begins a transaction. Connections that a restart of the server cut show it here, where trying the next one is safe.
    async fn begin(&self) -> Result<Transaction<'static, Any>, StoreError> {
        let pool = &self.inner.write_pool;
        for _ in 0..pool.options().get_max_connections() {
            match pool.begin().await.map_err(StoreError::from) {
                Err(StoreError::Unavailable(error @ (sqlx::Error::Io(_) | sqlx::Error::Database(_)))) => {
                    tracing::debug!(%error, "a connection was cut; trying another one");
                }
                begun => return begun,
            }
        }
        Ok(pool.begin().await?)
    }
}

/// A closure's panic is its own failure and nobody else's.
async fn caught<T, E: From<StoreError>>(
    name: &'static str,
    closure: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    AssertUnwindSafe(closure).catch_unwind().await.unwrap_or_else(|panic| {
        tracing::error!("the write {name} panicked: {}", panic_text(panic.as_ref()));
        Err(StoreError::Panicked(name).into())
    })
}

fn run_hooks(hooks: Vec<Hook>) {
    for hook in hooks {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(hook)) {
            tracing::error!("what follows a commit panicked: {}", panic_text(panic.as_ref()));
        }
    }
}

fn count(service: &'static str, commits: u64, statements: u64) {
    metrics::counter!("store_commits_total", "service" => service).increment(commits);
    metrics::counter!("store_statements_total", "service" => service).increment(statements);
}

/// A closure with the types of its outcome taken away.
trait Write: Send {
    fn name(&self) -> &'static str;
    /// Runs the closure; says whether its changes are to be kept.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool>;
    /// Answers whoever waits.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct TypedWrite<T, E, F> {
    name: &'static str,
    closure: Option<F>,
    /// The caller's span, so that what the closure does belongs to the caller's trace.
    span: tracing::Span,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Write for TypedWrite<T, E, F>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool> {
        async move {
            let Some(closure) = self.closure.take() else { return false };
            // Making the future may panic as well as running it.
            let future = async { closure(tx).await }.instrument(self.span.clone());
            let outcome = caught(self.name, future).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        }
        .boxed()
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(StoreError::Closed.into()),
        };
        // The caller may have stopped waiting; its write stands all the same.
        let _ = self.reply.send(outcome);
    }
}

fn panic_text(panic: &(dyn StdAny + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// The task that owns SQLite's writing connection.
pub(crate) struct GroupCommit {
    waiting: Mutex<Option<mpsc::Sender<Box<dyn Write>>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl GroupCommit {
    /// Starts the task; it holds `lock` until its last write is done.
    pub(crate) fn start(service: &'static str, pool: AnyPool, topics: Arc<Topics>, lock: File) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_WRITES);
        let writer = Writer { service, pool, topics, receiver, _lock: lock };
        Self { waiting: Mutex::new(Some(sender)), task: Mutex::new(Some(tokio::spawn(writer.run()))) }
    }

    async fn write<T, E, F>(&self, name: &'static str, closure: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let sender = lock(&self.waiting).clone().ok_or(StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let span = tracing::Span::current();
        let write = TypedWrite { name, closure: Some(closure), span, outcome: None, reply };
        sender.send(Box::new(write)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Lets the waiting writes finish and ends the task.
    pub(crate) async fn close(&self) {
        lock(&self.waiting).take();
        let task = lock(&self.task).take();
        if let Some(task) = task {
            // A panic of the writer was reported where it happened.
            let _ = task.await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Writer {
    service: &'static str,
    pool: AnyPool,
    topics: Arc<Topics>,
    receiver: mpsc::Receiver<Box<dyn Write>>,
    /// Held, never read: dropping it lets another process open the file.
    _lock: File,
}

/// Puts a mark before each of several closures that share a commit, so that one can be taken back. One round trip per closure: the mark
/// of the closure before goes with the same call, and rolling back to a mark leaves it in place for the next closure.
const BEGIN_SHARED: &str = "BEGIN IMMEDIATE; SAVEPOINT this_write";
const KEEP_THIS_WRITE: &str = "RELEASE this_write; SAVEPOINT this_write";
const UNDO_THIS_WRITE: &str = "ROLLBACK TO this_write";

impl Writer {
    async fn run(mut self) {
        let mut batch: Vec<Box<dyn Write>> = Vec::with_capacity(SHARED_COMMIT);
        // Kept from commit to commit: giving it back to the pool would test it each time.
        let mut kept_connection = None;
        while self.receiver.recv_many(&mut batch, SHARED_COMMIT).await > 0 {
            let outcome = self.commit_together(&mut kept_connection, &mut batch).await;
            if let Err(error) = &outcome {
                let writes = batch.len();
                tracing::warn!(error = %error, "{}: a shared commit of {writes} writes failed", self.service);
            }
            for write in batch.drain(..) {
                write.finish(copy_of(&outcome));
            }
        }
    }

    async fn commit_together(
        &self,
        kept_connection: &mut Option<PoolConnection<Any>>,
        batch: &mut [Box<dyn Write>],
    ) -> Result<(), StoreError> {
        let connection = match kept_connection.take() {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        let mut tx = Tx::new(Connection::Shared(connection), Arc::clone(&self.topics));
        let committed = self.run_together(&mut tx, batch).await;
        if let Ok(Some(hooks)) = committed {
            if let Connection::Shared(connection) = tx.into_connection() {
                *kept_connection = Some(connection);
            }
            run_hooks(hooks);
            return Ok(());
        }
        *kept_connection = roll_back(tx).await;
        committed.map(drop)
    }

    /// Runs the closures and commits what they did. Without hooks nothing is to be kept and the transaction is still open.
    async fn run_together(
        &self,
        tx: &mut Tx,
        batch: &mut [Box<dyn Write>],
    ) -> Result<Option<Vec<Hook>>, StoreError> {
        let shared = batch.len() > 1;
        let last = batch.len().saturating_sub(1);
        run(tx, if shared { BEGIN_SHARED } else { "BEGIN IMMEDIATE" }).await?;
        let mut kept = None;
        for (number, write) in batch.iter_mut().enumerate() {
            if write.run(tx).await {
                kept.get_or_insert_with(Vec::new).append(&mut tx.take_hooks());
                if shared && number < last {
                    run(tx, KEEP_THIS_WRITE).await?;
                }
            } else {
                tx.take_hooks();
                if shared {
                    run(tx, UNDO_THIS_WRITE).await?;
                }
            }
        }
        if kept.is_some() {
            count(self.service, 1, tx.statements());
            self.crash_points(batch, "before-commit");
            run(tx, "COMMIT").await?;
            self.crash_points(batch, "after-commit");
        }
        Ok(kept)
    }

    fn crash_points(&self, batch: &[Box<dyn Write>], moment: &str) {
        for write in batch {
            crash::point_with(|| format!("{}.{}.{moment}", self.service, write.name()));
        }
    }
}

/// Runs words of the transaction itself. As a query they stay prepared.
async fn run(tx: &mut Tx, words: &'static str) -> Result<(), StoreError> {
    sqlx::query(words).execute(tx.uncounted()).await?;
    Ok(())
}

/// Ends a transaction of which nothing is to be kept. SQLite may have rolled it back by itself (a full disk does that), and then, or
/// if anything else is odd, a new connection is the sure way to a clean start.
async fn roll_back(mut tx: Tx) -> Option<PoolConnection<Any>> {
    let rolled_back = run(&mut tx, "ROLLBACK").await.is_ok();
    let Connection::Shared(connection) = tx.into_connection() else { return None };
    if rolled_back {
        return Some(connection);
    }
    // It is given up either way.
    let _ = connection.close().await;
    None
}

/// The outcome of a shared commit for one of those who shared it.
fn copy_of(outcome: &Result<(), StoreError>) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => Ok(()),
        Err(error) => {
            let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
            let causes: Vec<String> = causes.map(ToString::to_string).collect();
            Err(StoreError::CommitFailed(causes.join(": ")))
        }
    }
}
