//! The services behind the ingress, with the patience it has for each.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lifecycle::Readiness;
use mesh::{Mesh, ServiceName, Wire};
use model::Rate;
use proto::dedup::v1::dedup_service_client::DedupServiceClient;
use proto::dedup::v1::{ClaimRequest, CompleteRequest, Outcome, ReleaseRequest};
use proto::ratelimit::v1::TakeRequest;
use proto::ratelimit::v1::rate_limit_service_client::RateLimitServiceClient;
use tokio::time::Instant;
use tonic::Status;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tracing::{info, warn};

use crate::metrics;

/// Patience with dedup-lock. A claim saves work and no more, so it must not cost a customer time.
const DEDUP_DEADLINE: Duration = Duration::from_millis(500);
/// How long dedup-lock is left alone after a call that failed.
const DEDUP_PAUSE: Duration = Duration::from_secs(1);
/// How long a claim is remembered.
const CLAIM_TTL: Duration = Duration::from_hours(1);
/// How long an answer about a peer's health is believed.
const HEALTH_BELIEVED: Duration = Duration::from_secs(1);

/// A call under way. Boxed, for the compiler cannot see that a generated client's future is `Send` once it is nested in
/// another's (rust-lang/rust#100013).
pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<tonic::Response<T>, Status>> + Send + 'a>>;

/// What dedup-lock says about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is ours to handle; the token completes or releases it.
    Held(String),
    /// Somebody handles it, or began to.
    InProgress,
    /// It was handled.
    Completed,
    /// dedup-lock cannot be asked.
    Away,
}

/// What the shared limit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// There was one.
    Taken,
    /// There is one after this time.
    After(Duration),
    /// dedup-lock cannot be asked.
    Away,
}

/// dedup-lock, which may be away: then every answer is `Away`, quickly.
#[derive(Debug)]
pub struct DedupLock {
    claims: DedupServiceClient<Wire>,
    limits: RateLimitServiceClient<Wire>,
    /// When it may be asked again, after a call that failed.
    left_alone_until: Mutex<Option<Instant>>,
}

impl DedupLock {
    /// Reaches dedup-lock through the mesh.
    pub fn new(mesh: &Mesh) -> Self {
        let wire = mesh.wire(ServiceName::Ingress, ServiceName::DedupLock);
        Self {
            claims: DedupServiceClient::new(wire.clone()),
            limits: RateLimitServiceClient::new(wire),
            left_alone_until: Mutex::new(None),
        }
    }

    /// Takes the claim on a key.
    pub async fn claim(&self, key: &str) -> Claim {
        let request =
            ClaimRequest { key: key.to_owned(), ttl: Some(mesh::convert::to_proto_duration(CLAIM_TTL)) };
        let mut claims = self.claims.clone();
        let Some(answer) = self.ask(Box::pin(claims.claim(request))).await else { return Claim::Away };
        match answer.outcome() {
            Outcome::Claimed => Claim::Held(answer.claim_token),
            Outcome::Completed => Claim::Completed,
            Outcome::InProgress | Outcome::Unspecified => Claim::InProgress,
        }
    }

    /// Remembers that the message was handled. That it cannot be remembered costs a later duplicate some work.
    pub async fn complete(&self, key: &str, claim_token: String) {
        let request = CompleteRequest { key: key.to_owned(), claim_token };
        let mut claims = self.claims.clone();
        self.ask(Box::pin(claims.complete(request))).await;
    }

    /// Gives the claim back, so that a retry of the message is welcome. Where that fails the retry is told that the
    /// message is in progress, which it is taken with just the same.
    pub async fn release(&self, key: &str, claim_token: String) {
        let request = ReleaseRequest { key: key.to_owned(), claim_token };
        let mut claims = self.claims.clone();
        self.ask(Box::pin(claims.release(request))).await;
    }

    /// Takes a place in the window shared by all replicas.
    pub async fn take(&self, key: String, rate: Rate) -> Place {
        let window = Some(mesh::convert::to_proto_duration(rate.window));
        let request = TakeRequest { key, limit: rate.limit, window, cost: 1 };
        let mut limits = self.limits.clone();
        let Some(answer) = self.ask(Box::pin(limits.take(request))).await else { return Place::Away };
        if answer.allowed {
            return Place::Taken;
        }
        let named = answer.retry_after.and_then(|delay| Duration::try_from(delay).ok());
        Place::After(named.unwrap_or(rate.window))
    }

    fn left_alone_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.left_alone_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask<T>(&self, call: Call<'_, T>) -> Option<T> {
        if self.left_alone_until().is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let answer = mesh::with_deadline(DEDUP_DEADLINE, call).await;
        let left_alone_until = answer.is_err().then(|| Instant::now() + DEDUP_PAUSE);
        let was_away = std::mem::replace(&mut *self.left_alone_until(), left_alone_until).is_some();
        match answer {
            Ok(answer) => {
                if was_away {
                    metrics::dedup_lock_away(false);
                    info!("dedup-lock is back");
                }
                Some(answer.into_inner())
            }
            Err(status) => {
                if !was_away {
                    metrics::dedup_lock_away(true);
                    warn!(error = %status.code(), "dedup-lock is away: messages are taken without claims, limits are local");
                }
                None
            }
        }
    }
}

/// Asks a peer's health service, at most once in a while.
#[derive(Debug)]
pub struct Probe {
    health: HealthClient<Wire>,
    last: tokio::sync::Mutex<Option<(Instant, Result<(), String>)>>,
}

impl Probe {
    /// A probe that has not asked yet.
    pub fn new(mesh: &Mesh, peer: ServiceName) -> Self {
        let wire = mesh.wire(ServiceName::Ingress, peer);
        Self { health: HealthClient::new(wire), last: tokio::sync::Mutex::default() }
    }

    /// Whether the peer serves; the reason where it does not.
    pub async fn ask(&self) -> Result<(), String> {
        let mut last = self.last.lock().await;
        if let Some((at, answer)) = &*last
            && at.elapsed() < HEALTH_BELIEVED
        {
            return answer.clone();
        }
        let mut health = self.health.clone();
        let call: Call<'_, _> = Box::pin(health.check(HealthCheckRequest { service: String::new() }));
        let answer = match mesh::with_deadline(Readiness::CHECK_TIMEOUT, call).await {
            Ok(answer) if answer.get_ref().status() == ServingStatus::Serving => Ok(()),
            Ok(_) => Err("is not serving".to_owned()),
            Err(status) => Err(format!("cannot be reached ({:?})", status.code())),
        };
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}
