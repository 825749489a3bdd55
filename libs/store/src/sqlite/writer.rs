use std::{
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use lifecycle::crash;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};
use tracing::{Dispatch, Span, dispatcher, subscriber::NoSubscriber};

use super::connection::{self, Role};
use crate::{
    StoreError, Tx,
    conn::Driver,
    tx::Hook,
    write::{self, Work},
};

/// Writes that may wait for the thread; beyond it callers wait to hand theirs in.
const WAITING_WRITES: usize = 1024;

/// Writes in one commit at most, which bounds how long the first of them waits.
const SHARED_COMMIT: usize = 64;

/// The way to the thread that owns the writing connection.
pub(crate) struct Writer {
    waiting: Mutex<Option<mpsc::Sender<Box<dyn Waiting>>>>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Writer {
    /// Starts the thread; it holds `lock` until its last write is done. What hooks spawn runs in the caller's runtime.
    pub(super) fn start(
        service: &'static str,
        path: PathBuf,
        tx: Tx,
        lock: File,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(WAITING_WRITES);
        let (end, ended) = oneshot::channel();
        let runtime = Handle::current();
        let subscriber = dispatcher::get_default(Dispatch::clone);
        let thread = std::thread::Builder::new().name(format!("sqlite {service}"));
        let run = move || {
            let _runtime = runtime.enter();
            // A program has one subscriber for all its threads; a test may have one for its own.
            let has_none = dispatcher::get_default(Dispatch::is::<NoSubscriber>);
            let _subscriber = has_none.then(|| dispatcher::set_default(&subscriber));
            Thread { service, path, tx }.run(receiver);
            drop(lock);
            // Nobody waits where the store was dropped without a word.
            let _ = end.send(());
        };
        thread.spawn(run).map_err(StoreError::opening)?;
        Ok(Self { waiting: Mutex::new(Some(sender)), ended: Mutex::new(Some(ended)) })
    }

    /// Hands a write in and waits for its outcome.
    pub(crate) async fn write<W: Work>(&self, work: W, span: Span) -> Result<W::Output, W::Error> {
        let sender = lock(&self.waiting).clone().ok_or(StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        // The store's own span is off unless somebody debugs, and then what the write does belongs to its caller's.
        let span = if span.is_disabled() { Span::current() } else { span };
        let write = TypedWrite { name: work.name(), work: Some(work), span, outcome: None, reply };
        sender.send(Box::new(write)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Lets the waiting writes finish and ends the thread.
    pub(crate) async fn close(&self) {
        lock(&self.waiting).take();
        let ended = lock(&self.ended).take();
        if let Some(ended) = ended {
            // A panic of the thread was reported where it happened.
            let _ = ended.await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A write with the types of its outcome taken away.
trait Waiting: Send {
    fn name(&self) -> &'static str;
    /// Runs the write; says whether its changes are to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Answers whoever waits.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct TypedWrite<W: Work> {
    name: &'static str,
    work: Option<W>,
    /// The caller's span, so that what the write does belongs to the caller's trace.
    span: Span,
    outcome: Option<Result<W::Output, W::Error>>,
    reply: oneshot::Sender<Result<W::Output, W::Error>>,
}

impl<W: Work> Waiting for TypedWrite<W> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&mut self, tx: &mut Tx) -> bool {
        let Some(work) = self.work.take() else { return false };
        let _entered = self.span.enter();
        // Making the future may panic as well as running it. Its statements are done when they are called, so it has ended when it
        // was polled once.
        let polled = catch_unwind(AssertUnwindSafe(|| {
            pin!(work.run(tx)).poll(&mut Context::from_waker(Waker::noop()))
        }));
        let outcome = match polled {
            Ok(Poll::Ready(outcome)) => outcome,
            Ok(Poll::Pending) => Err(StoreError::Waited(self.name).into()),
            Err(panic) => Err(write::panicked(self.name, panic.as_ref()).into()),
        };
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
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

/// Put before and after each of several writes that share a commit, so that one can be taken back. Rolling back to a mark leaves it in
/// place for the next write.
const MARK: &str = "SAVEPOINT this_write";
const KEEP: &str = "RELEASE this_write";
const UNDO: &str = "ROLLBACK TO this_write";

struct Thread {
    service: &'static str,
    path: PathBuf,
    /// Kept from commit to commit.
    tx: Tx,
}

impl Thread {
    fn run(mut self, mut receiver: mpsc::Receiver<Box<dyn Waiting>>) {
        let mut batch: Vec<Box<dyn Waiting>> = Vec::with_capacity(SHARED_COMMIT);
        while receiver.blocking_recv_many(&mut batch, SHARED_COMMIT) > 0 {
            let outcome = self.commit_together(&mut batch);
            if let Err(error) = &outcome {
                let writes = batch.len();
                tracing::warn!(error = %error, "{}: a shared commit of {writes} writes failed", self.service);
            }
            for write in batch.drain(..) {
                write.finish(copy_of(&outcome));
            }
        }
    }

    fn commit_together(&mut self, batch: &mut [Box<dyn Waiting>]) -> Result<(), StoreError> {
        let tx = &mut self.tx;
        let committed = run_together(self.service, tx, batch);
        if let Ok(Some(hooks)) = committed {
            write::run_hooks(hooks);
            return Ok(());
        }
        tx.end_write();
        if !roll_back(tx) {
            // Whatever is odd, a new connection is the sure way to a clean start.
            *tx.driver_mut() = Driver::Sqlite(connection::open(&self.path, Role::Writer)?);
        }
        committed.map(drop)
    }
}

/// Runs the writes and commits what they did. Without hooks nothing is to be kept and the transaction is still open.
fn run_together(
    service: &'static str,
    tx: &mut Tx,
    batch: &mut [Box<dyn Waiting>],
) -> Result<Option<Vec<Hook>>, StoreError> {
    let before = tx.statements();
    let shared = batch.len() > 1;
    let last = batch.len().saturating_sub(1);
    run(tx, "BEGIN IMMEDIATE")?;
    if shared {
        run(tx, MARK)?;
    }
    let mut kept = None;
    for (number, write) in batch.iter_mut().enumerate() {
        let keep = write.run(tx);
        let mut hooks = tx.end_write();
        if keep {
            kept.get_or_insert_with(Vec::new).append(&mut hooks);
            if shared && number < last {
                run(tx, KEEP)?;
                run(tx, MARK)?;
            }
        } else if shared {
            run(tx, UNDO)?;
        }
    }
    if kept.is_some() {
        write::count(service, 1, tx.statements() - before);
        crash_points(service, batch, "before-commit");
        run(tx, "COMMIT")?;
        crash_points(service, batch, "after-commit");
    }
    Ok(kept)
}

fn crash_points(service: &str, batch: &[Box<dyn Waiting>], moment: &str) {
    for write in batch {
        crash::point_with(|| format!("{service}.{}.{moment}", write.name()));
    }
}

/// Runs words of the transaction itself, which are not the service's statements.
fn run(tx: &Tx, words: &'static str) -> Result<(), StoreError> {
    if let Driver::Sqlite(connection) = tx.driver() {
        connection.prepare_cached(words)?.raw_execute()?;
    }
    Ok(())
}

/// Ends a transaction of which nothing is to be kept; says whether the connection is clean. SQLite may have rolled back by itself: a full
/// disk does that.
fn roll_back(tx: &Tx) -> bool {
    let Driver::Sqlite(connection) = tx.driver() else { return true };
    connection.is_autocommit() || run(tx, "ROLLBACK").is_ok()
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
