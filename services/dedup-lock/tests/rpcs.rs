//! The RPCs, through the mesh, inside one process and over a socket.
#![cfg(test)]

use std::time::Duration;

use dedup_lock::{Config, Deps, Service};
use lifecycle::Stop;
use mesh::convert::to_proto_duration;
use mesh::{Mesh, Peers, ServiceName, Wire};
use model::{ErrorKind, SystemClock};
use proto::dedup::v1 as dedup;
use proto::dedup::v1::dedup_service_client::DedupServiceClient;
use proto::lock::v1 as lock;
use proto::lock::v1::lock_service_client::LockServiceClient;
use proto::ratelimit::v1 as ratelimit;
use proto::ratelimit::v1::rate_limit_service_client::RateLimitServiceClient;
use secrecy::SecretString;
use tokio::time::Instant;

/// A dedup-lock that serves until this is dropped.
struct Running {
    stop: Stop,
    wire: Wire,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.request();
    }
}

async fn build(config: Config, mesh: &Mesh) -> Service {
    dedup_lock::build(config, Deps { mesh: mesh.clone(), clock: SystemClock::shared() }).await.unwrap()
}

async fn run(config: Config, over_sockets: bool) -> Running {
    let mesh = Mesh::in_process(&Peers::default());
    let service = build(config, &mesh).await;
    let wire = if over_sockets {
        let url = format!("http://{}", service.addr()).parse().unwrap();
        Mesh::over_sockets(&Peers::default().with_url(ServiceName::DedupLock, url))
            .wire(ServiceName::Ingress, ServiceName::DedupLock)
    } else {
        mesh.wire(ServiceName::Ingress, ServiceName::DedupLock)
    };
    let stop = Stop::new();
    tokio::spawn(service.run(stop.clone()));
    Running { stop, wire }
}

fn secs(secs: u64) -> prost_types::Duration {
    to_proto_duration(Duration::from_secs(secs))
}

async fn claims_locks_and_limits_answer(running: Running) {
    let mut client = DedupServiceClient::new(running.wire.clone());
    let claim = || dedup::ClaimRequest { key: "twilio:message:SM1".to_owned(), ttl: Some(secs(3600)) };
    let claimed = client.claim(claim()).await.unwrap().into_inner();
    assert_eq!(claimed.outcome(), dedup::Outcome::Claimed);
    let second = client.claim(claim()).await.unwrap().into_inner();
    assert_eq!((second.outcome(), second.claim_token.as_str()), (dedup::Outcome::InProgress, ""));
    let complete = dedup::CompleteRequest { key: claim().key, claim_token: claimed.claim_token };
    assert!(client.complete(complete).await.unwrap().into_inner().completed);
    assert_eq!(client.claim(claim()).await.unwrap().into_inner().outcome(), dedup::Outcome::Completed);

    let mut client = LockServiceClient::new(running.wire.clone());
    let acquire = |wait| lock::AcquireRequest {
        name: "conversation:lock:k".to_owned(),
        owner: "worker-a".to_owned(),
        ttl: Some(secs(30)),
        wait: Some(secs(wait)),
        floor: 5,
    };
    let lease = client.acquire(acquire(0)).await.unwrap().into_inner();
    assert_eq!(lease.fencing_token, 6);
    let renew = lock::RenewRequest {
        name: acquire(0).name,
        lock_token: lease.lock_token.clone(),
        ttl: Some(secs(60)),
    };
    let renewed = client.renew(renew.clone()).await.unwrap().into_inner();
    assert!(renewed.expires_at.unwrap().seconds > lease.expires_at.unwrap().seconds + 20);
    let busy = client.acquire(acquire(0)).await.unwrap_err();
    assert_eq!(
        (mesh::kind_of(&busy), mesh::reason(&busy).as_deref()),
        (ErrorKind::Contended, Some("LOCK_BUSY"))
    );
    let release = lock::ReleaseRequest { name: acquire(0).name, lock_token: lease.lock_token };
    assert!(client.release(release.clone()).await.unwrap().into_inner().released);
    assert!(!client.release(release).await.unwrap().into_inner().released);
    let lost = client.renew(renew).await.unwrap_err();
    assert_eq!(
        (mesh::kind_of(&lost), mesh::reason(&lost).as_deref()),
        (ErrorKind::Refused, Some("LOCK_LOST"))
    );

    let mut client = RateLimitServiceClient::new(running.wire.clone());
    let take = ratelimit::TakeRequest {
        key: "ratelimit:twilio:k".to_owned(),
        limit: 1,
        window: Some(secs(60)),
        cost: 0,
    };
    let allowed = client.take(take.clone()).await.unwrap().into_inner();
    assert!(allowed.allowed && allowed.remaining == 0 && allowed.retry_after.is_none());
    let refused = client.take(take).await.unwrap().into_inner();
    assert!(!refused.allowed && (50..=60).contains(&refused.retry_after.unwrap().seconds), "{refused:?}");
}

#[tokio::test]
async fn claims_locks_and_limits_answer_inside_one_process() {
    claims_locks_and_limits_answer(run(Config::for_tests(), false).await).await;
}

#[tokio::test]
async fn claims_locks_and_limits_answer_over_a_socket() {
    claims_locks_and_limits_answer(run(Config::for_tests(), true).await).await;
}

#[tokio::test]
async fn waiting_ends_before_the_callers_deadline() {
    let running = run(Config::for_tests(), true).await;
    let mut client = LockServiceClient::new(running.wire.clone());
    let acquire = lock::AcquireRequest {
        name: "k".to_owned(),
        owner: String::new(),
        ttl: Some(secs(30)),
        wait: Some(secs(30)),
        floor: 0,
    };
    client.acquire(acquire.clone()).await.unwrap();
    let asked = Instant::now();
    let busy = mesh::with_deadline(Duration::from_millis(600), client.acquire(acquire)).await.unwrap_err();
    assert_eq!(mesh::kind_of(&busy), ErrorKind::Contended, "{busy:?}");
    assert!(asked.elapsed() < Duration::from_millis(600));
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let running = run(Config::for_tests(), false).await;
    let mut client = DedupServiceClient::new(running.wire.clone());
    for (key, ttl, message) in [
        ("", Some(secs(1)), "key must not be empty"),
        ("k", None, "ttl must be set"),
        ("k", Some(secs(0)), "ttl must be between 1 millisecond and 7 days"),
    ] {
        let status = client.claim(dedup::ClaimRequest { key: key.to_owned(), ttl }).await.unwrap_err();
        assert_eq!((mesh::kind_of(&status), status.message()), (ErrorKind::Invalid, message));
    }
}

#[tokio::test]
async fn without_its_redis_it_starts_says_so_and_answers_unavailable() {
    let config = Config {
        redis_url: Some(SecretString::from("redis://127.0.0.1:1")),
        redis_timeout: Duration::from_millis(500),
        ..Config::for_tests()
    };
    let mesh = Mesh::in_process(&Peers::default());
    let service = build(config, &mesh).await;
    let report = service.readiness().report().await;
    assert!(!report.ready);
    assert_eq!(report.checks[0].0, "dedup-lock.store");
    let stop = Stop::new();
    tokio::spawn(service.run(stop.clone()));

    let mut client = DedupServiceClient::new(mesh.wire(ServiceName::Ingress, ServiceName::DedupLock));
    let asked = Instant::now();
    let away =
        client.claim(dedup::ClaimRequest { key: "k".to_owned(), ttl: Some(secs(1)) }).await.unwrap_err();
    assert!(asked.elapsed() < Duration::from_secs(2));
    assert_eq!(mesh::kind_of(&away), ErrorKind::Unavailable);
    assert_eq!(mesh::retry_after(&away), Some(Duration::from_secs(1)));
    stop.request();
}

#[tokio::test]
async fn a_wrong_redis_url_stops_the_start_and_names_its_variable() {
    let config = Config { redis_url: Some(SecretString::from("http://:secret@host")), ..Config::for_tests() };
    let deps = Deps { mesh: Mesh::in_process(&Peers::default()), clock: SystemClock::shared() };
    let error = dedup_lock::build(config, deps).await.unwrap_err().to_string();
    assert!(error.contains("REDIS_URL") && !error.contains("secret"), "{error}");
}
