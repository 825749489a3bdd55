//! Whether a service can do its work.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt, join_all};

use crate::Stop;

type Ask = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Named questions whose answers say whether work can be done. Cheap to clone.
#[derive(Clone, Default)]
pub struct Readiness {
    checks: Vec<Check>,
    stops: Vec<Stop>,
}

#[derive(Clone)]
struct Check {
    name: Arc<str>,
    needed: bool,
    ask: Ask,
}

/// The answers, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// True when everything needed is there and nobody asked for the end.
    pub ready: bool,
    /// True when something that can be missed is missing.
    pub degraded: bool,
    /// Each check's name, and the reason where it failed.
    pub checks: Vec<(String, Result<(), String>)>,
}

impl Readiness {
    /// How long a check may take before it counts as failed: below the 3 s period of the probes.
    pub const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

    /// Ready without conditions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Not ready while this fails. Name it `service.thing` (`crm.database`); the error's text is the reason shown.
    #[must_use]
    pub fn check<F, Fut, E>(self, name: impl Into<String>, ask: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        self.with(name.into(), true, ask)
    }

    /// Degraded, yet ready, while this fails.
    #[must_use]
    pub fn degraded_without<F, Fut, E>(self, name: impl Into<String>, ask: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        self.with(name.into(), false, ask)
    }

    /// Not ready once the end is asked for.
    #[must_use]
    pub fn until(mut self, stop: Stop) -> Self {
        self.stops.push(stop);
        self
    }

    /// Ready when both are.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.checks.extend(other.checks);
        self.stops.extend(other.stops);
        self
    }

    fn with<F, Fut, E>(mut self, name: String, needed: bool, ask: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        let ask: Ask = Arc::new(move || {
            let answer = ask();
            async move { answer.await.map_err(|error| error.to_string()) }.boxed()
        });
        self.checks.push(Check { name: name.into(), needed, ask });
        self
    }

    /// Asks everything at once; takes at most [`Self::CHECK_TIMEOUT`].
    pub async fn report(&self) -> Report {
        let answers = join_all(self.checks.iter().map(|check| async {
            tokio::time::timeout(Self::CHECK_TIMEOUT, (check.ask)())
                .await
                .unwrap_or_else(|_| Err(format!("no answer within {:?}", Self::CHECK_TIMEOUT)))
        }))
        .await;
        let stopping = self.stops.iter().any(Stop::is_requested);
        let failed = |needed: bool| {
            self.checks.iter().zip(&answers).any(|(check, answer)| check.needed == needed && answer.is_err())
        };
        let (ready, degraded) = (!stopping && !failed(true), failed(false));
        let mut checks: Vec<_> =
            self.checks.iter().map(|check| check.name.to_string()).zip(answers).collect();
        if stopping {
            checks.push(("process".to_owned(), Err("stopping".to_owned())));
        }
        Report { ready, degraded, checks }
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.checks.iter().map(|check| &check.name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_needed_makes_unready_and_what_can_be_missed_degrades() {
        let readiness = Readiness::new()
            .check("crm.database", || async { Ok::<_, String>(()) })
            .degraded_without("ingress.redis", || async { Err("connection refused") });
        let report = readiness.report().await;
        assert!(report.ready && report.degraded);
        assert_eq!(report.checks[1], ("ingress.redis".to_owned(), Err("connection refused".to_owned())));
        let report = readiness.check("crm.disk", || async { Err("full") }).report().await;
        assert!(!report.ready);
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_that_hangs_fails_in_time() {
        let readiness = Readiness::new().check("slow", std::future::pending::<Result<(), String>>);
        let started = tokio::time::Instant::now();
        let report = readiness.report().await;
        assert_eq!(started.elapsed(), Readiness::CHECK_TIMEOUT);
        assert_eq!(report.checks[0].1, Err("no answer within 2s".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stopping_process_is_not_ready() {
        let stop = Stop::new();
        let readiness = Readiness::new().merge(Readiness::new().until(stop.clone()));
        assert!(readiness.report().await.ready);
        stop.request();
        assert!(!readiness.report().await.ready);
    }
}
