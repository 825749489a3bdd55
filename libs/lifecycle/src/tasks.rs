//! The owner of tasks.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use anyhow::anyhow;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use tracing::{debug, error, info, warn};

use crate::Stop;

/// What it means when a task ends before it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnExit {
    /// Everything stops: nothing can live without it.
    Stop,
    /// It is logged, and the others go on.
    Log,
}

/// Owns tasks and awaits every one of them. Dropped unfinished, it cuts them off.
#[derive(Debug)]
pub struct Tasks {
    stop: Stop,
    drain: Duration,
    listens_to_signals: bool,
    running: JoinSet<anyhow::Result<()>>,
    named: HashMap<Id, (String, OnExit)>,
}

impl Tasks {
    /// How long tasks may take to end once asked: below the 30 s that Kubernetes grants a Pod by default.
    pub const DEFAULT_DRAIN: Duration = Duration::from_secs(25);

    /// An owner without tasks; they are asked to end by `stop`, and `stop` is requested when one of them ends
    /// that the others cannot live without. Give a child of the process's [`Stop`] to confine that to a service.
    pub fn new(stop: Stop) -> Self {
        Self {
            stop,
            drain: Self::DEFAULT_DRAIN,
            listens_to_signals: false,
            running: JoinSet::new(),
            named: HashMap::new(),
        }
    }

    /// How long tasks may take to end once asked, before they are cut off.
    #[must_use]
    pub fn drain_timeout(mut self, drain: Duration) -> Self {
        self.drain = drain;
        self
    }

    /// SIGTERM and SIGINT ask for the end; a second one cuts. For the process's outermost owner.
    #[must_use]
    pub fn with_signals(mut self) -> Self {
        self.listens_to_signals = true;
        self
    }

    /// The wish that ends these tasks.
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Starts a task. Its name appears in logs and errors; write `service.task`.
    pub fn spawn<F, Fut>(&mut self, name: impl Into<String>, on_exit: OnExit, task: F)
    where
        F: FnOnce(Stop) -> Fut,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let id = self.running.spawn(task(self.stop.clone())).id();
        self.named.insert(id, (name.into(), on_exit));
    }

    /// Waits until the end is asked for (by [`Stop`], a signal, or a task that nothing can live without), then until
    /// every task has ended.
    ///
    /// # Errors
    /// The first failure: a task of [`OnExit::Stop`] that ended early, failed or panicked; a task that failed
    /// while stopping; tasks that had to be cut off because they took longer than the drain time-out or because
    /// a second signal came.
    pub async fn run_until_stopped(mut self) -> anyhow::Result<()> {
        let mut signals = if self.listens_to_signals { Some(Signals::new()?) } else { None };
        let mut first_failure = None;
        while !self.stop.is_requested() {
            tokio::select! {
                biased;
                () = self.stop.requested() => {}
                name = Signals::next(&mut signals) => {
                    info!(signal = name, "received {name}, stopping; a second one cuts");
                    self.stop.request();
                }
                Some(ended) = self.running.join_next_with_id() => {
                    if let Some(failure) = self.ended_early(ended) {
                        first_failure.get_or_insert(failure);
                        self.stop.request();
                    }
                }
            }
        }
        if let Some(failure) = self.drain(&mut signals).await {
            first_failure.get_or_insert(failure);
        }
        first_failure.map_or(Ok(()), Err)
    }

    fn forget(&mut self, id: Id) -> (String, OnExit) {
        self.named.remove(&id).unwrap_or_else(|| ("unnamed".to_owned(), OnExit::Log))
    }

    /// Judges a task that ended before anybody asked; `Some` when nothing can live without it.
    fn ended_early(&mut self, ended: Result<(Id, anyhow::Result<()>), JoinError>) -> Option<anyhow::Error> {
        let (id, failure) = outcome(ended);
        let (name, on_exit) = self.forget(id);
        match (on_exit, failure) {
            (OnExit::Log, None) => {
                debug!(task = name, "task {name} ended");
                None
            }
            (OnExit::Log, Some(failure)) => {
                error!(task = name, error = format!("{failure:#}"), "task {name} failed, the others go on");
                None
            }
            (OnExit::Stop, None) => Some(anyhow!("task {name} ended, which nothing can go on without")),
            (OnExit::Stop, Some(failure)) => Some(failure.context(format!("task {name} failed"))),
        }
    }

    /// Awaits every task, at most for the drain time-out; the first failure on the way.
    async fn drain(&mut self, signals: &mut Option<Signals>) -> Option<anyhow::Error> {
        let deadline = Instant::now() + self.drain;
        let mut first_failure = None;
        let why = loop {
            tokio::select! {
                biased;
                ended = self.running.join_next_with_id() => {
                    let Some(ended) = ended else { return first_failure };
                    let (id, failure) = outcome(ended);
                    let (name, _) = self.forget(id);
                    let Some(failure) = failure else {
                        debug!(task = name, "task {name} stopped");
                        continue;
                    };
                    error!(task = name, error = format!("{failure:#}"), "task {name} failed while stopping");
                    first_failure.get_or_insert(failure.context(format!("task {name} failed while stopping")));
                }
                name = Signals::next(signals) => break format!("a second signal came ({name})"),
                () = tokio::time::sleep_until(deadline) => break format!("the drain took over {:?}", self.drain),
            }
        };
        let mut left: Vec<_> = self.named.values().map(|(name, _)| name.as_str()).collect();
        left.sort_unstable();
        let left = left.join(", ");
        warn!(tasks = left, "cut off tasks {left}: {why}");
        self.running.abort_all();
        while self.running.join_next().await.is_some() {}
        Some(first_failure.unwrap_or_else(|| anyhow!("cut off tasks {left}: {why}")))
    }
}

fn outcome(ended: Result<(Id, anyhow::Result<()>), JoinError>) -> (Id, Option<anyhow::Error>) {
    match ended {
        Ok((id, result)) => (id, result.err()),
        Err(join_error) => {
            let id = join_error.id();
            let failure = match join_error.try_into_panic() {
                Ok(panic) => anyhow!("panicked: {}", panic_text(panic.as_ref())),
                Err(cancelled) => anyhow!(cancelled),
            };
            (id, Some(failure))
        }
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

#[derive(Debug)]
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The name of the next signal; never completes without signals.
    async fn next(signals: &mut Option<Self>) -> &'static str {
        match signals {
            Some(Self { terminate, interrupt }) => tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            },
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks() -> Tasks {
        Tasks::new(Stop::new())
    }

    #[tokio::test(start_paused = true)]
    async fn tasks_are_awaited_after_the_wish_to_stop() {
        let mut tasks = tasks();
        let stop = tasks.stop();
        tasks.spawn("slow", OnExit::Stop, |stop| async move {
            stop.requested().await;
            tokio::time::sleep(Duration::from_secs(20)).await;
            Ok(())
        });
        let started = Instant::now();
        tokio::spawn(async move { stop.request() });
        tasks.run_until_stopped().await.unwrap();
        assert_eq!(started.elapsed(), Duration::from_secs(20));
    }

    #[tokio::test(start_paused = true)]
    async fn a_needed_task_that_ends_stops_the_others_and_is_named() {
        let mut tasks = tasks();
        tasks.spawn("crm.server", OnExit::Stop, |_| async { Ok(()) });
        tasks.spawn("crm.sync", OnExit::Stop, |stop| async move {
            stop.requested().await;
            Ok(())
        });
        let error = tasks.run_until_stopped().await.unwrap_err();
        assert_eq!(error.to_string(), "task crm.server ended, which nothing can go on without");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_and_a_panic_are_named_with_their_cause() {
        let mut failing = tasks();
        failing.spawn("crm.server", OnExit::Stop, |_| async { Err(anyhow!("port is taken")) });
        assert_eq!(
            format!("{:#}", failing.run_until_stopped().await.unwrap_err()),
            "task crm.server failed: port is taken"
        );
        let mut panicking = tasks();
        panicking.spawn("crm.server", OnExit::Stop, |_| async { panic!("index out of {}", "bounds") });
        assert_eq!(
            format!("{:#}", panicking.run_until_stopped().await.unwrap_err()),
            "task crm.server failed: panicked: index out of bounds"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_can_be_missed_stops_nobody() {
        let mut tasks = tasks();
        let stop = tasks.stop();
        tasks.spawn("prices", OnExit::Log, |_| async { Err(anyhow!("no route to host")) });
        tasks.spawn("panics", OnExit::Log, |_| async { panic!("oh") });
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            stop.request();
        });
        tasks.run_until_stopped().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_end_in_time_is_cut_off_and_named() {
        let mut tasks = tasks().drain_timeout(Duration::from_secs(2));
        tasks.spawn("deaf", OnExit::Stop, |_| std::future::pending());
        let started = Instant::now();
        tasks.stop().request();
        let error = tasks.run_until_stopped().await.unwrap_err();
        assert_eq!(error.to_string(), "cut off tasks deaf: the drain took over 2s");
        assert_eq!(started.elapsed(), Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_service_does_not_stop_its_siblings_by_itself() {
        let process = Stop::new();
        let mut service = Tasks::new(process.child());
        service.spawn("worker", OnExit::Stop, |_| async { Err(anyhow!("broken")) });
        service.run_until_stopped().await.unwrap_err();
        assert!(!process.is_requested());
    }
}
