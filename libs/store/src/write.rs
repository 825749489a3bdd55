//! Writes: one use case, one outcome, shared commits where that pays.
//!
//! SQLite has one writer at a time and each commit costs a sync of the disk, so one thread owns the writing connection,
//! takes the writes that wait, runs each in a savepoint of its own and commits them together. While the disk syncs, the next
//! ones gather: the busier the service, the larger the shared commit, and an idle one waits for nobody.
//! On PostgreSQL each write is a transaction on a connection of the pool and the server groups the syncs itself.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use futures::future::BoxFuture;

use crate::{Store, StoreError, Tx, store::Driver, tx::Hook};

/// A use case that changes the store: a value, made with what the caller knows and [written](Store::write) in one transaction.
///
/// It awaits nothing but its transaction, for others wait behind it; on SQLite a write that waits for anything else fails.
/// A write may be begun twice by a caller who was not told of its end, so it is safe to repeat.
pub trait Write: Send + 'static {
    /// Names its span, metrics and crash points, and stands in errors.
    const NAME: &'static str;
    /// What it answers once it is durable.
    type Output: Send + 'static;
    /// How it fails.
    type Error: From<StoreError> + Send + 'static;

    /// Makes the change. What an error or a panic leaves is rolled back.
    fn run(self, tx: &mut Tx) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}

impl Store {
    /// Runs a write in a transaction: an `Ok` is returned once it is durable, an `Err` or a panic rolls back this write alone.
    ///
    /// Once begun, the write runs to its end even when the caller is dropped, on both engines: so hooks run whenever the
    /// change is durable, and no connection is left in the middle of a statement.
    pub async fn write<W: Write>(&self, write: W) -> Result<W::Output, W::Error> {
        self.run_work(write).await
    }

    /// Like [`write`](Self::write) for a use case that is a closure.
    pub async fn write_with<T, E, F>(&self, name: &'static str, closure: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run_work(Closure { name, closure: Box::new(closure) }).await
    }

    async fn run_work<W: Work>(&self, work: W) -> Result<W::Output, W::Error> {
        let span =
            tracing::debug_span!("db.write", db.write = work.name(), proefrit.service = self.inner.service);
        match &self.inner.driver {
            Driver::Sqlite(sqlite) => sqlite.writer.write(work, span).await,
            Driver::Postgres(postgres) => postgres.write(self, work, span).await,
        }
    }
}

/// What both engines run.
pub(crate) trait Work: Send + 'static {
    type Output: Send + 'static;
    type Error: From<StoreError> + Send + 'static;

    fn name(&self) -> &'static str;
    fn run(self, tx: &mut Tx) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}

impl<W: Write> Work for W {
    type Output = W::Output;
    type Error = W::Error;

    fn name(&self) -> &'static str {
        W::NAME
    }

    fn run(self, tx: &mut Tx) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send {
        Write::run(self, tx)
    }
}

struct Closure<T, E> {
    name: &'static str,
    closure: Boxed<T, E>,
}

type Boxed<T, E> = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send>;

impl<T, E> Work for Closure<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    type Output = T;
    type Error = E;

    fn name(&self) -> &'static str {
        self.name
    }

    fn run(self, tx: &mut Tx) -> impl Future<Output = Result<T, E>> + Send {
        (self.closure)(tx)
    }
}

/// A write's panic is its own failure and nobody else's.
pub(crate) fn panicked(name: &'static str, panic: &(dyn Any + Send)) -> StoreError {
    tracing::error!("the write {name} panicked: {}", panic_text(panic));
    StoreError::Panicked(name)
}

pub(crate) fn run_hooks(hooks: Vec<Hook>) {
    for hook in hooks {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(hook)) {
            tracing::error!("what follows a commit panicked: {}", panic_text(panic.as_ref()));
        }
    }
}

pub(crate) fn count(service: &'static str, commits: u64, statements: u64) {
    metrics::counter!("store_commits_total", "service" => service).increment(commits);
    metrics::counter!("store_statements_total", "service" => service).increment(statements);
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
