//! Writes: one closure, one outcome, shared commits where that pays.
//!
//! SQLite has one writer at a time and each commit costs a sync of the disk, so one task owns the writing connection,
//! takes the closures that wait, runs each in a savepoint of its own and commits them together. While the disk syncs, the next
//! closures gather: the busier the service, the larger the shared commit, and an idle one waits for nobody.
//! On PostgreSQL each closure is a transaction on a connection of the pool and the server groups the syncs itself.

use std::{
    any::Any as StdAny,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
};

use futures::{FutureExt, future::BoxFuture};
use lifecycle::crash;
use sqlx::{AnyPool, Executor};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tracing::Instrument;

use crate::{Engine, Store, StoreError, Tx, topic::Topics};

/// Closures that may wait for the writer; beyond it callers wait to hand theirs in.
const WAITING_WRITES: usize = 1024;

/// Closures in one commit at most, which bounds how long the first of them waits.
const SHARED_COMMIT: usize = 64;

impl Store {
    /// Runs a closure in a transaction: an `Ok` is returned once it is durable, an `Err` rolls back this closure alone.
    ///
    /// The closure must await nothing but its transaction, for others wait behind it. The name is that of the use case, for
    /// spans and metrics.
    pub async fn write<T, E, F>(&self, name: &'static str, closure: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let span = tracing::debug_span!("db.write", db.write = name, proefrit.service = self.inner.service);
        async {
            match &self.inner.group_commit {
                Some(group_commit) => group_commit.write(name, closure).await,
                None => self.write_alone(name, closure).await,
            }
        }
        .instrument(span)
        .await
    }

    async fn write_alone<T, E, F>(&self, name: &'static str, closure: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        let inner = &self.inner;
        let transaction = inner.write_pool.begin().await.map_err(StoreError::from)?;
        let mut tx = Tx::new(transaction, Engine::Postgres, Arc::clone(&inner.topics));
        let value = closure(&mut tx).await?;
        count(inner.service, 1, tx.statements());
        crash::point_with(|| format!("{}.{name}.before-commit", inner.service));
        let hooks = tx.commit().await?;
        crash::point_with(|| format!("{}.{name}.after-commit", inner.service));
        hooks.into_iter().for_each(|hook| hook());
        Ok(value)
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
            let ran = AssertUnwindSafe(async { closure(tx).await }.instrument(self.span.clone()));
            let ran = ran.catch_unwind().await;
            let outcome = ran.unwrap_or_else(|panic| {
                tracing::error!("the write {} panicked: {}", self.name, panic_text(panic.as_ref()));
                Err(StoreError::Panicked(self.name).into())
            });
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
    pub(crate) fn start(service: &'static str, pool: AnyPool, topics: Arc<Topics>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_WRITES);
        let writer = Writer { service, pool, topics, receiver };
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Writer {
    service: &'static str,
    pool: AnyPool,
    topics: Arc<Topics>,
    receiver: mpsc::Receiver<Box<dyn Write>>,
}

impl Writer {
    async fn run(mut self) {
        let mut batch: Vec<Box<dyn Write>> = Vec::with_capacity(SHARED_COMMIT);
        while self.receiver.recv_many(&mut batch, SHARED_COMMIT).await > 0 {
            let outcome = self.commit_together(&mut batch).await;
            if let Err(error) = &outcome {
                tracing::warn!(error = %error, "{}: a shared commit of {} writes failed", self.service, batch.len());
            }
            for write in batch.drain(..) {
                write.finish(copy_of(&outcome));
            }
        }
    }

    async fn commit_together(&self, batch: &mut [Box<dyn Write>]) -> Result<(), StoreError> {
        let transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let mut tx = Tx::new(transaction, Engine::Sqlite, Arc::clone(&self.topics));
        let alone = batch.len() == 1;
        let mut kept = Vec::new();
        let mut any_kept = false;
        for write in batch.iter_mut() {
            if !alone {
                tx.conn().execute("SAVEPOINT this_write").await?;
            }
            if write.run(&mut tx).await {
                kept.extend(tx.take_hooks());
                any_kept = true;
                if !alone {
                    tx.conn().execute("RELEASE this_write").await?;
                }
            } else {
                tx.take_hooks();
                if !alone {
                    tx.conn().execute("ROLLBACK TO this_write; RELEASE this_write").await?;
                }
            }
        }
        if !any_kept {
            return Ok(());
        }
        count(self.service, 1, tx.statements());
        self.crash_points(batch, "before-commit");
        tx.commit().await?;
        self.crash_points(batch, "after-commit");
        kept.into_iter().for_each(|hook| hook());
        Ok(())
    }

    fn crash_points(&self, batch: &[Box<dyn Write>], moment: &str) {
        for write in batch {
            crash::point_with(|| format!("{}.{}.{moment}", self.service, write.name()));
        }
    }
}

/// The outcome of a shared commit for one of those who shared it.
fn copy_of(outcome: &Result<(), StoreError>) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => Ok(()),
        Err(error) => Err(StoreError::CommitFailed(error.to_string())),
    }
}
