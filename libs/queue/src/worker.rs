use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use lifecycle::Stop;
use model::{Classify, ErrorKind, Timestamp};
use store::{Engine, Store, StoreError, Tx};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{Instant, timeout},
};
use tracing::{Instrument, Span};

use crate::{
    Backoff, Lease, LeaseLost, NEVER, QueueName, stats,
    writes::{Ack, Again, Bury, Claim, EnterDue, Renew, VoidLeases},
};

/// How a queue's workers behave.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Leases in hand at once in this process.
    pub workers: u32,
    /// Jobs of one lane in one lease at most; 1 takes them one by one.
    pub batch: u32,
    /// How long a lease lasts; it is renewed while the handler works.
    pub lease: Duration,
    /// How long a handler may work on one lease before that counts as a failed try.
    pub deadline: Duration,
    /// Failed tries after which the jobs are dead letters.
    pub max_tries: u32,
    /// Vanished workers after which the jobs are dead letters. Far above `max_tries`: a restart is nobody's fault, yet a job that
    /// kills its worker must end.
    pub max_expiries: u32,
    /// The wait between tries.
    pub backoff: Backoff,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: 4,
            batch: 1,
            lease: Duration::from_secs(30),
            deadline: Duration::from_mins(2),
            max_tries: 3,
            max_expiries: 20,
            backoff: Backoff::new(Duration::from_secs(2), Duration::from_mins(5)),
        }
    }
}

/// What a handler says of a lease.
#[derive(Debug)]
pub enum Verdict {
    /// Finished, and the handler called [`Lease::ack`] in its own transaction.
    Done,
    /// Finished, and the queue is to acknowledge it: for work whose effect is idempotent elsewhere.
    Ack,
    /// It failed. Counts as a try; after the last one the jobs are dead letters.
    Retry {
        /// For people; kept with the job.
        error: String,
        /// Instead of the back-off.
        after: Option<Duration>,
    },
    /// It cannot be done now through no fault of its own (somebody is away). Uses up no try; the lane waits.
    Postpone {
        /// For people; kept with the job.
        reason: String,
        /// How long to wait.
        after: Duration,
    },
    /// It can never be done.
    Dead {
        /// For people; kept with the dead letter.
        error: String,
    },
}

/// Does the work of one queue.
pub trait Handler: Send + Sync + 'static {
    /// Does the jobs of one lease. It may be dropped at any await when the lease is lost or the deadline passes, and it may be
    /// called again for the same set.
    fn handle(&self, lease: Lease) -> impl Future<Output = Verdict> + Send;

    /// Takes part in the transaction that makes the jobs dead letters, for what must happen then.
    fn on_dead(
        &self,
        _tx: &mut Tx,
        _lease: &Lease,
        _error: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        async { Ok(()) }
    }
}

/// Lanes claimed in one transaction at most.
const CLAIM_AT_ONCE: u32 = 32;
/// Workers look by themselves at least this often, for a wake-up may be lost.
const LOOK_AT_LEAST: Duration = Duration::from_secs(1);
/// While there is always something to claim, rows due later are looked for this often.
const LOOK_FOR_DUE: Duration = Duration::from_millis(50);
/// Vanished workers beyond [`Options::max_expiries`] for which [`Handler::on_dead`] is still asked.
const EXPIRIES_OF_ON_DEAD: u32 = 3;
/// The wait while another replica works on the same rows.
const GIVE_WAY: Duration = Duration::from_millis(20);
/// The wait after the store failed.
const STORE_AWAY: Duration = Duration::from_millis(500);

/// One queue of one service, with the workers of this process.
#[derive(Clone)]
pub struct Queue {
    store: Store,
    name: QueueName,
    options: Options,
}

impl Queue {
    /// A queue in the service's store.
    pub fn new(store: Store, name: QueueName, options: Options) -> Self {
        Self { store, name, options }
    }

    /// Claims and hands out work until told to stop, then waits for what is in hand.
    ///
    /// On SQLite, where the process is alone, leases in force at the start are void, so a queue has one `run` at a time there.
    pub async fn run<H: Handler>(&self, stop: Stop, handler: Arc<H>) -> anyhow::Result<()> {
        if self.store.engine() == Engine::Sqlite {
            self.store.write(VoidLeases(self.name)).await?;
        }
        // A task of its own, for its counts would hold up what shares a task with them. It goes when this does.
        let mut beside = JoinSet::new();
        beside.spawn(stats::housekeeping(self.store.clone(), self.name, stop.clone()).in_current_span());
        tokio::join!(self.hand_out(&stop, handler), beside.join_all());
        Ok(())
    }

    async fn hand_out<H: Handler>(&self, stop: &Stop, handler: Arc<H>) {
        let mut changes = self.store.topic(self.name.as_str()).subscribe();
        let places = Arc::new(Semaphore::new(self.options.workers as usize));
        let mut in_hand = JoinSet::new();
        let mut look_for_due = Instant::now();
        while !stop.is_requested() {
            while in_hand.try_join_next().is_some() {}
            let Some(free) = stop.or(free_places(&places)).await else { break };
            changes.mark_unchanged();
            let wanted = free.num_permits();
            let wait = match self.claim(wanted).await {
                Ok(leases) => {
                    let all = leases.len() == wanted;
                    let mut free = free;
                    for lease in leases {
                        let place = free.split(1).expect("no more lanes are claimed than there are places");
                        in_hand.spawn(self.clone().work(Arc::clone(&handler), lease, place));
                    }
                    let look = look_for_due <= Instant::now();
                    // News may well be waiting by now, and then the next claim tells more than another look.
                    let news = changes.has_changed().unwrap_or(false);
                    if look || !(all || news) {
                        look_for_due = Instant::now() + LOOK_FOR_DUE;
                        let idle = self.idle_time().await;
                        if all { Duration::ZERO } else { idle }
                    } else {
                        Duration::ZERO
                    }
                }
                Err(error) => {
                    drop(free);
                    tracing::warn!(error = %error, "{} {}: could not claim work", self.store.service(), self.name);
                    STORE_AWAY
                }
            };
            if !wait.is_zero() {
                wait_for_news(&mut changes, wait, stop).await;
            }
        }
        while in_hand.join_next().await.is_some() {}
    }

    async fn claim(&self, lanes: usize) -> Result<Vec<Lease>, StoreError> {
        let Options { batch, lease, .. } = self.options;
        let lanes = u32::try_from(lanes).unwrap_or(CLAIM_AT_ONCE);
        self.store.write(Claim { queue: self.name, lanes, batch, lease }).await
    }

    /// How long there is nothing to do unless somebody says so; moves rows that are due into their lanes.
    async fn idle_time(&self) -> Duration {
        let now = self.store.now();
        match stats::next_moments(&self.store, self.name).await {
            Ok((_, due)) if due <= now.as_micros() => match self.store.write(EnterDue(self.name)).await {
                // Another replica is moving them, or has what they need for a moment, and comes first.
                Ok(0) => GIVE_WAY,
                Err(error) if error.kind() == ErrorKind::Contended => GIVE_WAY,
                Ok(_) => Duration::ZERO,
                Err(error) => {
                    tracing::warn!(error = %error, "{} {}: could not enter due work", self.store.service(), self.name);
                    STORE_AWAY
                }
            },
            Ok((claimable, due)) => {
                let next = claimable.min(due);
                if next == NEVER {
                    LOOK_AT_LEAST
                } else {
                    Timestamp::from_micros(next).since(now).clamp(Duration::from_millis(1), LOOK_AT_LEAST)
                }
            }
            Err(_) => STORE_AWAY,
        }
    }

    async fn work<H: Handler>(self, handler: Arc<H>, lease: Lease, _place: OwnedSemaphorePermit) {
        let span = tracing::info_span!(
            "queue.process",
            otel.name = format!("{} {}", self.name, lease.head().kind),
            otel.kind = "consumer",
            proefrit.service = self.store.service(),
            queue = self.name.as_str(),
            batch = lease.jobs().len(),
            tries = lease.tries(),
            // What the handler says of what it did.
            proefrit.detail = tracing::field::Empty,
        );
        continue_traces(&span, &lease);
        let settled = async {
            let verdict = if lease.expiries() > self.options.max_expiries {
                Verdict::Dead { error: format!("its worker vanished {} times", lease.expiries()) }
            } else {
                self.handle_under_lease(&*handler, &lease).await
            };
            self.settle(handler, lease, verdict).await
        }
        .instrument(span)
        .await;
        if let Err(error) = settled {
            // Nothing is lost: the lease ends and the set comes back.
            tracing::warn!(error = %error, "{} {}: could not settle a lease", self.store.service(), self.name);
        }
    }

    /// Runs the handler within its deadline and renews the lease meanwhile; stops it when the lease is lost.
    async fn handle_under_lease<H: Handler>(&self, handler: &H, lease: &Lease) -> Verdict {
        let renewals = async {
            let every = self.options.lease / 3;
            loop {
                tokio::time::sleep(every).await;
                if let Err(LeaseLost::Lost) = self.renew(lease).await {
                    break;
                }
            }
        };
        let deadline = self.options.deadline;
        let work = AssertUnwindSafe(async { handler.handle(lease.clone()).await }).catch_unwind();
        tokio::select! {
            verdict = timeout(deadline, work) => match verdict {
                Ok(Ok(verdict)) => verdict,
                Ok(Err(_panic)) => Verdict::Retry { error: "its handler panicked".into(), after: None },
                Err(_) => Verdict::Retry {
                    error: format!("took longer than {}", model::parse::duration_text(deadline)),
                    after: None,
                },
            },
            () = renewals => {
                tracing::warn!("{} {}: stopped work on a lease that was lost", self.store.service(), self.name);
                Verdict::Done
            }
        }
    }

    async fn renew(&self, lease: &Lease) -> Result<(), LeaseLost> {
        self.store.write(Renew { lease: lease.clone(), lasts: self.options.lease }).await
    }

    /// Writes down what became of a lease. While the store is away it tries again until the lease would have ended anyway.
    async fn settle<H: Handler>(
        &self,
        handler: Arc<H>,
        lease: Lease,
        verdict: Verdict,
    ) -> Result<(), LeaseLost> {
        let until = Instant::now() + self.options.lease;
        loop {
            match self.settle_once(&handler, &lease, &verdict).await {
                Err(LeaseLost::Store(error))
                    if matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Contended)
                        && Instant::now() < until =>
                {
                    tokio::time::sleep(STORE_AWAY).await;
                }
                settled => return settled,
            }
        }
    }

    async fn settle_once<H: Handler>(
        &self,
        handler: &Arc<H>,
        lease: &Lease,
        verdict: &Verdict,
    ) -> Result<(), LeaseLost> {
        let Options { max_tries, backoff, .. } = self.options;
        let (service, name) = (self.store.service(), self.name);
        match verdict {
            Verdict::Done => Ok(()),
            Verdict::Ack => self.store.write(Ack(lease.clone())).await,
            Verdict::Retry { error, after } => {
                let failures = lease.tries() + 1;
                if failures >= max_tries {
                    return self.bury(handler, lease, error, true).await;
                }
                let delay = after.unwrap_or_else(|| backoff.delay(failures));
                tracing::warn!(
                    error,
                    attempts = failures,
                    "{service} {name}: {} failed, tried again",
                    lease.head().kind
                );
                self.again(lease, error, true, delay).await
            }
            Verdict::Postpone { reason, after } => self.again(lease, reason, false, *after).await,
            Verdict::Dead { error } => self.bury(handler, lease, error, false).await,
        }
    }

    async fn again(
        &self,
        lease: &Lease,
        error: &str,
        counts: bool,
        delay: Duration,
    ) -> Result<(), LeaseLost> {
        let (lease, error) = (lease.clone(), error.to_owned());
        self.store.write(Again { lease, error, counts, delay }).await
    }

    async fn bury<H: Handler>(
        &self,
        handler: &Arc<H>,
        lease: &Lease,
        error: &str,
        counts: bool,
    ) -> Result<(), LeaseLost> {
        // What must happen with a dead letter may itself be what fails; the lane goes on without it in the end.
        let with_handler = lease.expiries() <= self.options.max_expiries + EXPIRIES_OF_ON_DEAD;
        let handler = with_handler.then(|| Arc::clone(handler));
        self.store.write(Bury { handler, lease: lease.clone(), error: error.to_owned(), counts }).await?;
        let (kind, attempts) = (&lease.head().kind, lease.tries() + u32::from(counts));
        let (service, name) = (self.store.service(), self.name);
        tracing::error!(error, attempts, "{service} {name}: {kind} is a dead letter");
        metrics::counter!("dead_letters_total", "service" => service).increment(lease.jobs().len() as u64);
        Ok(())
    }
}

/// The work continues the trace of the job at the head; those of the others are linked.
fn continue_traces(span: &Span, lease: &Lease) {
    let mut traces = lease.jobs().iter().filter_map(|job| job.trace.as_ref());
    if let Some(trace) = traces.next() {
        trace.continue_in(span);
    }
    traces.for_each(|trace| trace.link_to(span));
}

/// Waits for a place and takes the free ones with it, as many as are claimed at once. Their number is a power of two, for it stands in
/// the claim's text and each text is prepared once.
async fn free_places(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    let never_closed = "the semaphore is never closed";
    let mut taken = Arc::clone(places).acquire_owned().await.expect(never_closed);
    while taken.num_permits() < CLAIM_AT_ONCE as usize
        && let Ok(more) =
            Arc::clone(places).try_acquire_many_owned(u32::try_from(taken.num_permits()).unwrap_or(1))
    {
        taken.merge(more);
    }
    taken
}

async fn wait_for_news(changes: &mut watch::Receiver<u64>, wait: Duration, stop: &Stop) {
    let news = async {
        // The sender lives in the store, which this queue holds.
        let _ = timeout(wait, changes.changed()).await;
    };
    let _ = stop.or(news).await;
}
