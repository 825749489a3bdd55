//! Waits for a place in the sender's rate window: one shared by all replicas at dedup-lock, one of our own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mesh::ServiceName;
use model::Rate;
use proto::ratelimit::v1::TakeRequest;
use proto::ratelimit::v1::rate_limit_service_client::RateLimitServiceClient;
use tokio::sync::{Mutex as FairMutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, sleep_until};

use crate::metrics;

/// How long dedup-lock may take to answer before a send goes on without it.
const TAKE_DEADLINE: Duration = Duration::from_millis(500);
/// How long dedup-lock is left alone after it failed to answer.
const AWAY: Duration = Duration::from_secs(2);
/// The shortest pause before the shared window is asked again.
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);
/// How long a request travels at most before the provider counts it; what takes longer is our waiting for the answer.
const TRAVEL: Duration = Duration::from_millis(50);

/// The rate window of one sender. Waiting is first come, first served within this process.
pub struct RateWindow {
    key: String,
    rate: Rate,
    shared: FairMutex<Shared>,
    own: OwnWindow,
}

struct Shared {
    client: RateLimitServiceClient<mesh::Wire>,
    away_until: Option<Instant>,
}

impl RateWindow {
    /// The window of a sender, under the key `ratelimit:send:{sender}`.
    pub fn new(mesh: &mesh::Mesh, sender: &str, rate: Rate) -> Self {
        let wire = mesh.wire(ServiceName::ChannelSender, ServiceName::DedupLock);
        let client = RateLimitServiceClient::new(wire);
        Self {
            key: format!("ratelimit:send:{sender}"),
            rate,
            shared: FairMutex::new(Shared { client, away_until: None }),
            own: OwnWindow::new(rate),
        }
    }

    /// Waits for a place, however long it takes; never refuses. The place is given back when it is dropped, which is to be
    /// when the provider has answered,
    /// or when the message does not go out after all.
    pub async fn place(&self, channel: &'static str) -> Place {
        let began = Instant::now();
        let place = self.own.place().await;
        let mut shared = self.shared.lock().await;
        while let Some(pause) = self.take(&mut shared).await {
            sleep(pause.max(SHORTEST_PAUSE)).await;
        }
        drop(shared);
        if began.elapsed() >= SHORTEST_PAUSE {
            metrics::rate_limited(channel);
        }
        place
    }

    /// Takes a place in the shared window; else says how long to wait. Without dedup-lock our own window is all there is.
    async fn take(&self, shared: &mut Shared) -> Option<Duration> {
        if shared.away_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let request = TakeRequest {
            key: self.key.clone(),
            limit: self.rate.limit,
            window: Some(mesh::convert::to_proto_duration(self.rate.window)),
            cost: 1,
        };
        match mesh::with_deadline(TAKE_DEADLINE, shared.client.take(request)).await {
            Ok(answer) => {
                if shared.away_until.take().is_some() {
                    tracing::info!("the shared rate window is back");
                }
                let answer = answer.into_inner();
                let pause = answer.retry_after.and_then(|pause| Duration::try_from(pause).ok());
                (!answer.allowed).then(|| pause.unwrap_or_default())
            }
            Err(status) => {
                if shared.away_until.replace(Instant::now() + AWAY).is_none() {
                    let error = mesh::kind_of(&status);
                    tracing::warn!(%error, "the shared rate window is away; sending at this replica's own rate");
                }
                None
            }
        }
    }
}

/// At most so many requests in any window as the receiver counts them: a place becomes free one window after its request
/// had certainly arrived, which is when it was answered, or after [`TRAVEL`].
#[derive(Clone)]
struct OwnWindow {
    window: Duration,
    permits: Arc<Semaphore>,
    free_at: Arc<Mutex<BinaryHeap<Reverse<Instant>>>>,
}

/// A place in the window. One that is dropped before [`leaves`](Self::leaves) was called counts for nothing.
pub struct Place {
    window: OwnWindow,
    free_at: Instant,
    left_at: Option<Instant>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Says that the request leaves now.
    pub fn leaves(&mut self) {
        self.left_at = Some(Instant::now());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let free_at = self.left_at.map_or(self.free_at, |left_at| {
            let arrived = Instant::now().min(left_at + TRAVEL);
            arrived + self.window.window
        });
        self.window.lock().push(Reverse(free_at));
    }
}

impl OwnWindow {
    fn new(rate: Rate) -> Self {
        let places = usize::try_from(rate.limit).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let now = Instant::now();
        Self {
            window: rate.window,
            permits: Arc::new(Semaphore::new(places)),
            free_at: Arc::new(Mutex::new(std::iter::repeat_n(Reverse(now), places).collect())),
        }
    }

    async fn place(&self) -> Place {
        let permits = Arc::clone(&self.permits);
        let permit = permits.acquire_owned().await.expect("the semaphore is never closed");
        // Whoever holds a permit finds a moment: both are given back together, the moment first.
        let free_at = self.lock().pop().map_or_else(Instant::now, |Reverse(free_at)| free_at);
        let place = Place { window: self.clone(), free_at, left_at: None, _permit: permit };
        sleep_until(free_at).await;
        place
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BinaryHeap<Reverse<Instant>>> {
        self.free_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { limit: 80, window: Duration::from_secs(1) };

    #[tokio::test(start_paused = true)]
    async fn no_window_holds_more_arrivals_than_the_rate_allows() {
        let window = OwnWindow::new(RATE);
        let began = Instant::now();
        let sends = (0..200_u64).map(|at| {
            let window = window.clone();
            tokio::spawn(async move {
                let mut place = window.place().await;
                // Our own work, then a journey that takes longer for some.
                sleep(Duration::from_millis(at * 7 % 13)).await;
                place.leaves();
                sleep(Duration::from_millis(at * 31 % 45)).await;
                let arrived = Instant::now();
                sleep(Duration::from_millis(at % 200)).await;
                arrived
            })
        });
        let mut arrivals: Vec<_> =
            futures::future::join_all(sends).await.into_iter().map(Result::unwrap).collect();
        arrivals.sort();
        for from in &arrivals {
            let within = arrivals.iter().filter(|at| *at >= from && **at < *from + RATE.window).count();
            assert!(within <= 80, "{within} within one second from {:?}", *from - began);
        }
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_was_not_used_is_free_at_once() {
        let window = OwnWindow::new(Rate { limit: 1, window: Duration::from_secs(1) });
        let began = Instant::now();
        for _ in 0..5 {
            drop(window.place().await);
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        window.place().await.leaves();
        drop(window.place().await);
        assert_eq!(began.elapsed(), RATE.window);
    }
}
