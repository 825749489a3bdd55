//! An ingress that serves, the fakes behind it, and a Twilio that signs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ingress::{Config, Deps, SignatureMode, TrustedProxies};
use lifecycle::{Readiness, Stop};
use mesh::{Mesh, Peers, Server, ServiceName};
use model::{Ids, Rate, SystemClock};
use proto::dedup::v1::dedup_service_server::DedupServiceServer;
use proto::delivery::v1::delivery_status_service_server::DeliveryStatusServiceServer;
use proto::orchestrator::v1::orchestrator_service_server::OrchestratorServiceServer;
use proto::ratelimit::v1::rate_limit_service_server::RateLimitServiceServer;
use tokio::task::JoinHandle;
use twilio::TwilioAccount;
use twilio::signature::{Algorithm, sign};

use crate::fakes::{DedupLock, DeliveryStatus, Orchestrator, Shared};

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub const PUBLIC: &str = "https://bot.example.com";
pub const INBOUND: &str = "/webhooks/twilio/whatsapp";
pub const STATUS: &str = "/twilio-status";

pub struct World {
    pub address: SocketAddr,
    pub orchestrator: Arc<Orchestrator>,
    pub dedup_lock: Arc<DedupLock>,
    pub delivery_status: Arc<DeliveryStatus>,
    pub readiness: Readiness,
    pub stop: Stop,
    pub running: JoinHandle<anyhow::Result<()>>,
    pub http: reqwest::Client,
}

pub fn account() -> TwilioAccount {
    TwilioAccount {
        twilio_account_sid: Some(ACCOUNT.to_owned()),
        twilio_auth_token: Some(TOKEN.into()),
        public_base_url: Some(PUBLIC.parse().expect("a base url")),
        ..TwilioAccount::default()
    }
}

pub fn config() -> Config {
    let rate = Rate { limit: 50, window: Duration::from_mins(1) };
    Config {
        ingress_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        ingress_signature_mode: SignatureMode::Enforce,
        ingress_twilio_allow_unsigned: false,
        ingress_rate_limit_per_phone: rate,
        ingress_rate_limit_per_ip: rate,
        ingress_trusted_proxies: TrustedProxies::default(),
    }
}

/// Everything as an operator would have it.
pub async fn world() -> World {
    world_of(config(), account()).await
}

pub async fn world_of(config: Config, twilio: TwilioAccount) -> World {
    let mesh = Mesh::in_process(&Peers::default());
    let (orchestrator, dedup_lock, delivery_status) = (Arc::default(), Arc::default(), Arc::default());
    let bind = async |name| {
        Server::bind(name, SocketAddr::from(([127, 0, 0, 1], 0)), &mesh).await.expect("a free port")
    };
    let stop = Stop::new();
    let servers = [
        bind(ServiceName::AgentOrchestrator)
            .await
            .add_service(OrchestratorServiceServer::new(Shared(Arc::clone(&orchestrator)))),
        bind(ServiceName::DedupLock)
            .await
            .add_service(DedupServiceServer::new(Shared(Arc::clone(&dedup_lock))))
            .add_service(RateLimitServiceServer::new(Shared(Arc::clone(&dedup_lock)))),
        bind(ServiceName::DeliveryStatus)
            .await
            .add_service(DeliveryStatusServiceServer::new(Shared(Arc::clone(&delivery_status)))),
    ];
    for server in servers {
        tokio::spawn(server.serve(stop.clone()));
    }
    let clock = SystemClock::shared();
    let deps = Deps { mesh, clock: Arc::clone(&clock), ids: Ids::random(clock), twilio };
    let service = ingress::build(config, deps).await.expect("a free port");
    let (address, readiness) = (service.addr(), service.readiness());
    let running = tokio::spawn(service.run(stop.child()));
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    World { address, orchestrator, dedup_lock, delivery_status, readiness, stop, running, http }
}

pub type Pair = (&'static str, String);

/// A text message of a customer, numbered.
pub fn message(number: u32) -> Vec<Pair> {
    let sid = format!("SM{number:032}");
    vec![
        ("SmsMessageSid", sid.clone()),
        ("NumMedia", "0".to_owned()),
        ("ProfileName", "Zoë 👋".to_owned()),
        ("MessageType", "text".to_owned()),
        ("WaId", "31612345678".to_owned()),
        ("SmsStatus", "received".to_owned()),
        ("Body", "Olá & até já + 100%\nlinha 2 ".to_owned()),
        ("To", "whatsapp:+14155238886".to_owned()),
        ("MessageSid", sid),
        ("AccountSid", ACCOUNT.to_owned()),
        ("From", "whatsapp:+31612345678".to_owned()),
        ("SomethingNewOfTwilios", "1".to_owned()),
    ]
}

/// A status callback about a message, numbered.
pub fn callback(number: u32, status: &str) -> Vec<Pair> {
    vec![
        ("MessageSid", format!("SM{number:032}")),
        ("MessageStatus", status.to_owned()),
        ("To", "whatsapp:+31612345678".to_owned()),
        ("From", "whatsapp:+14155238886".to_owned()),
        ("AccountSid", ACCOUNT.to_owned()),
    ]
}

/// The pairs with one value changed.
pub fn with(mut pairs: Vec<Pair>, name: &str, value: &str) -> Vec<Pair> {
    for (known, old) in &mut pairs {
        if *known == name {
            value.clone_into(old);
        }
    }
    pairs
}

pub fn without(mut pairs: Vec<Pair>, name: &str) -> Vec<Pair> {
    pairs.retain(|(known, _)| *known != name);
    pairs
}

/// The signature of pairs sent to a path under the public address.
pub fn signature(path: &str, pairs: &[Pair]) -> String {
    sign(Algorithm::Sha1, &TOKEN.into(), &format!("{PUBLIC}{path}"), pairs)
}

impl World {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends a form as Twilio does.
    pub async fn twilio(&self, path: &str, pairs: &[Pair]) -> reqwest::Response {
        self.signed(path, pairs, &signature(path, pairs)).await
    }

    /// Sends a form with a signature of the test's choosing.
    pub async fn signed(&self, path: &str, pairs: &[Pair], signature: &str) -> reqwest::Response {
        let request = self.http.post(self.url(path)).header("X-Twilio-Signature", signature).form(pairs);
        request.send().await.expect("an answer")
    }

    pub async fn unsigned(&self, path: &str, pairs: &[Pair]) -> reqwest::Response {
        self.http.post(self.url(path)).form(pairs).send().await.expect("an answer")
    }

    pub fn kept(&self) -> usize {
        self.orchestrator.kept.lock().expect("whole").len()
    }

    /// Whether a claim is held (`false`) or completed (`true`); none when it was released or never taken.
    pub fn claim(&self, number: u32) -> Option<bool> {
        let key = format!("twilio:message:SM{number:032}");
        self.dedup_lock.claims.lock().expect("whole").get(&key).copied()
    }
}

/// Asserts a refusal's status and form, and returns its sentence.
pub async fn problem(response: reqwest::Response, status: u16) -> String {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let asks_to_wait = response.headers().get("retry-after").is_some();
    assert_eq!(asks_to_wait, matches!(status, 429 | 503));
    let text = response.text().await.expect("a body");
    let body: serde_json::Value = serde_json::from_str(&text).expect("json");
    assert_eq!(body["status"], status);
    body["detail"].as_str().expect("a sentence").to_owned()
}

/// Waits until something holds, for a few seconds at most.
pub async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}
