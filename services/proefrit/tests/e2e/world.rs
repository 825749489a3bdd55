//! The simulated outside world: in a process of its own, so that its memory outlives a killed mesh.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::process::{Env, Process};
use super::topology::free_port;
use super::until::until;

/// The account that the simulator plays.
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000001";
/// Its secret.
pub const AUTH_TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// Its sender.
pub const SENDER: &str = "+14155238886";

/// The variables of the Twilio account.
pub fn account() -> Env {
    [
        ("TWILIO_ACCOUNT_SID", ACCOUNT_SID),
        ("TWILIO_AUTH_TOKEN", AUTH_TOKEN),
        ("TWILIO_WHATSAPP_NUMBER", SENDER),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// A customer nobody else in this run is.
pub fn new_customer() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(20_000_000);
    format!("+316{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// The simulator.
pub struct World {
    /// Its address.
    pub url: String,
    http: reqwest::Client,
    adding: Mutex<()>,
    _process: Process,
}

/// How a webhook was answered.
#[derive(Clone, Debug, Deserialize)]
pub struct Heard {
    /// Twilio's id of the message.
    pub message_sid: String,
    /// The status of the first answer; none when nobody answered.
    pub http_status: Option<u16>,
    /// Every answer.
    pub deliveries: Vec<Answer>,
}

/// One answer.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    /// Its status.
    pub http_status: Option<u16>,
}

impl Heard {
    /// Whether the message was taken.
    pub fn is_kept(&self) -> bool {
        self.http_status == Some(200)
    }
}

/// A message of the log as the customer's phone shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Seen {
    /// Twilio's id.
    pub sid: String,
    /// Whether the customer wrote it.
    pub from_customer: bool,
}

impl World {
    /// Starts one that tells each status 20 ms after the last.
    pub async fn start(log: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut env = account();
        env.insert("SIMULATOR_LISTEN".to_owned(), format!("127.0.0.1:{port}"));
        env.insert("SIMULATOR_STATUS_DELAY".to_owned(), "20ms".to_owned());
        let process = Process::start("simulator", &["simulator"], &env, log)?;
        let world = Self {
            url: format!("http://127.0.0.1:{port}"),
            http: reqwest::Client::new(),
            adding: Mutex::default(),
            _process: process,
        };
        until("the simulator answers", || world.get("/sim/health")).await?;
        Ok(world)
    }

    async fn get(&self, path: &str) -> Result<String> {
        Ok(self.http.get(format!("{}{path}", self.url)).send().await?.error_for_status()?.text().await?)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.http.post(format!("{}{path}", self.url)).json(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        anyhow::ensure!(status.is_success(), "the simulator refused {body}: {text}");
        serde_json::from_str(&text).with_context(|| format!("the simulator answered {text}"))
    }

    /// A customer writes; `written` is what `/sim/inbound` takes.
    pub async fn write(&self, written: &Value) -> Result<Heard> {
        Ok(serde_json::from_value(self.post("/sim/inbound", written).await?)?)
    }

    /// Replaces the script of faults; see the simulator's README.
    pub async fn faults(&self, rules: &Value) -> Result<()> {
        self.post("/sim/faults", rules).await.map(drop)
    }

    /// Adds rules to the script, for one who shares the world with others and names a customer in each.
    pub async fn add_faults(&self, rules: &Value) -> Result<()> {
        let _adding = self.adding.lock().await;
        let mut script: Vec<Value> = serde_json::from_str(&self.get("/sim/faults").await?)?;
        // Those that have struck as often as they should would start to count afresh.
        script.retain(|rule| rule["count"].is_null() || rule["struck"] != rule["count"]);
        for rule in script.iter_mut().filter_map(Value::as_object_mut) {
            rule.retain(|name, _| !matches!(name.as_str(), "seen" | "struck"));
        }
        script.extend(rules.as_array().into_iter().flatten().cloned());
        self.faults(&Value::Array(script)).await
    }

    /// How often each rule of the script has struck.
    pub async fn strikes(&self) -> Result<Vec<u64>> {
        let rules: Vec<Value> = serde_json::from_str(&self.get("/sim/faults").await?)?;
        Ok(rules.iter().filter_map(|rule| rule["struck"].as_u64()).collect())
    }

    /// Changes how the world behaves.
    pub async fn settings(&self, change: &Value) -> Result<()> {
        self.post("/sim/settings", change).await.map(drop)
    }

    /// Changes a person.
    pub async fn person(&self, change: &Value) -> Result<()> {
        self.post("/sim/people", change).await.map(drop)
    }

    /// Everything that went to and from a customer, in order.
    pub async fn transcript(&self, customer: &str) -> Result<Vec<Seen>> {
        let page: Value = serde_json::from_str(&self.get(&format!("/sim/ledger/{customer}")).await?)?;
        Ok(serde_json::from_value(page["transcript"].clone())?)
    }

    /// What customers were sent.
    pub async fn replies(&self, customer: &str) -> Result<Vec<Seen>> {
        let transcript = self.transcript(customer).await?;
        Ok(transcript.into_iter().filter(|message| !message.from_customer).collect())
    }

    /// Messages accepted from the mesh so far, over all customers.
    pub async fn accepted(&self) -> Result<u64> {
        let page: Value = serde_json::from_str(&self.get("/sim/ledger?limit=1&recipients=false").await?)?;
        page["counters"]["accepted"].as_u64().with_context(|| json!({ "no counter": page }).to_string())
    }
}
