//! A simulator on a free port, and a receiver that plays the ingress.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use lifecycle::Stop;
use model::{Clock, Ids, SystemClock, TestClock};
use serde_json::{Value, json};
use simulator::twilio::account::{DEMO_ACCOUNT_SID, DEMO_AUTH_TOKEN};
use simulator::{Config, Deps};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use twilio::{Algorithm, TwilioAccount, signature};

pub const SENDER: &str = "whatsapp:+14155238886";
pub const CUSTOMER: &str = "whatsapp:+31612345678";
pub const SERVICE: &str = "MG00000000000000000000000000000001";

/// A simulator that runs until dropped.
pub struct World {
    pub base: String,
    pub http: reqwest::Client,
    pub clock: TestClock,
    stop: Stop,
    run: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.request();
    }
}

/// Starts a simulator whose statuses follow each other after 5 ms.
pub async fn world() -> World {
    world_with(|_| {}).await
}

pub async fn world_with(change: impl FnOnce(&mut Config)) -> World {
    let clock = TestClock::new(SystemClock.now());
    let mut config = Config { simulator_status_delay: Duration::from_millis(5), ..Config::default() };
    change(&mut config);
    let twilio = TwilioAccount {
        twilio_messaging_service_sid: Some(SERVICE.to_owned()),
        twilio_api_key_sid: Some("SK1".to_owned()),
        twilio_api_key_secret: Some("key secret".into()),
        ..TwilioAccount::default()
    };
    let deps = Deps { twilio, clock: clock.shared(), ids: Ids::seeded(1) };
    let service = simulator::build(config, deps).await.unwrap();
    let base = format!("http://{}", service.addr());
    let stop = Stop::new();
    let run = Some(tokio::spawn(service.run(stop.clone())));
    World { base, http: reqwest::Client::builder().no_proxy().build().unwrap(), clock, stop, run }
}

impl World {
    pub fn api(&self, path: &str) -> String {
        format!("{}/2010-04-01/Accounts/{DEMO_ACCOUNT_SID}{path}", self.base)
    }

    /// Asks the simulator to stop, and hands out its task.
    pub fn stop(mut self) -> JoinHandle<anyhow::Result<()>> {
        self.stop.request();
        self.run.take().unwrap()
    }

    /// Sends a create request as it should be sent.
    pub async fn create(&self, form: &[(&str, &str)]) -> Result<(u16, Value), reqwest::Error> {
        let request = self.http.post(self.api("/Messages.json"));
        let response = request.basic_auth(DEMO_ACCOUNT_SID, Some(DEMO_AUTH_TOKEN)).form(form).send().await?;
        let status = response.status().as_u16();
        Ok((status, response.json().await?))
    }

    pub async fn say(&self, body: &str) -> (u16, Value) {
        self.create(&[("To", CUSTOMER), ("From", SENDER), ("Body", body)]).await.unwrap()
    }

    pub async fn get(&self, url: &str) -> (u16, Value) {
        let request = self.http.get(url).basic_auth(DEMO_ACCOUNT_SID, Some(DEMO_AUTH_TOKEN));
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Posts to a control route, which must take it.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        let response = self.http.post(format!("{}{path}", self.base)).json(&body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A customer wrote just now, so the service window is open.
    pub async fn open_window(&self) {
        self.control("/sim/people", json!({ "address": CUSTOMER, "last_inbound_age": "1m" })).await;
    }

    pub async fn counters(&self) -> Value {
        self.get(&format!("{}/sim/ledger", self.base)).await.1["counters"].clone()
    }

    pub async fn transcript(&self) -> Vec<Value> {
        let (_, body) = self.get(&format!("{}/sim/ledger/{CUSTOMER}", self.base)).await;
        body["transcript"].as_array().unwrap().clone()
    }

    /// Waits until a counter has reached a number.
    pub async fn wait_for(&self, counter: &str, least: u64) {
        for _ in 0..500 {
            if self.counters().await[counter].as_u64().unwrap() >= least {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{counter} never reached {least}: {}", self.counters().await);
    }
}

/// A request that the receiver got.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub pairs: Vec<(String, String)>,
}

impl Received {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Plays the ingress: keeps what it gets and gives a set answer.
#[derive(Clone)]
pub struct Receiver {
    pub base: String,
    state: Arc<Mutex<Inner>>,
}

struct Inner {
    received: Vec<Received>,
    answers: Vec<(u16, &'static str, &'static str)>,
}

pub const EMPTY_TWIML: (u16, &str, &str) = (200, "text/xml", "<Response/>");

/// Starts a receiver that gives `answers` in turn, and the last one for ever.
pub async fn receiver(answers: &[(u16, &'static str, &'static str)]) -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let inner = Inner { received: Vec::new(), answers: answers.to_vec() };
    let receiver = Receiver { base, state: Arc::new(Mutex::new(inner)) };
    let app = Router::new().fallback(take).with_state(receiver.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    receiver
}

async fn take(State(receiver): State<Receiver>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let mut inner = receiver.state.lock().unwrap();
    inner.received.push(Received { path: uri.to_string(), headers, pairs });
    let (status, content_type, text) =
        if inner.answers.len() > 1 { inner.answers.remove(0) } else { inner.answers[0] };
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, content_type)], text).into_response()
}

impl Receiver {
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Whether every request carries the signature that the services would check.
    pub fn all_verify(&self) -> bool {
        self.received().iter().all(|request| {
            let signature = request.headers.get(signature::HEADER).and_then(|value| value.to_str().ok());
            signature.is_some_and(|signature| {
                let url = self.url(&request.path);
                signature::verify(Algorithm::Sha1, &[DEMO_AUTH_TOKEN.into()], &url, &request.pairs, signature)
            })
        })
    }

    /// The statuses told, in the order they came.
    pub fn statuses(&self) -> Vec<String> {
        let told = self.received();
        told.iter().filter_map(|request| request.field("MessageStatus")).map(str::to_owned).collect()
    }
}
