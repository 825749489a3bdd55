//! Signed webhooks, as fast as they are accepted or at a steady rate.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::bail;
use reqwest::header::CONTENT_TYPE;
use secrecy::SecretString;
use tokio::{task::JoinSet, time::Instant};
use twilio::{Algorithm, signature};

/// The account of the run.
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000001";
/// Its token.
pub const AUTH_TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// The dealer's number.
pub const OUR_NUMBER: &str = "+14155238886";
/// Where messages are posted.
pub const PATH: &str = "/webhooks/twilio/whatsapp";

/// What customers ask, in turn.
const TEXTS: &[&str] = &[
    "Hallo, ik zoek een auto",
    "Hebben jullie een Volkswagen Polo automaat tot 20.000 euro?",
    "wat kost de golf?",
    "Zijn jullie zaterdag open?",
    "Kan ik morgen een proefrit maken met de Yaris?",
    "Ik wil mijn Opel Corsa inruilen, kenteken 38-NZ-LT",
    "Bedankt!",
    "Is financieren ook mogelijk?",
];

/// What became of the posting.
#[derive(Default)]
pub struct Posted {
    /// When each customer's message was sent, in microseconds since 1970, by address.
    pub sent_at: HashMap<String, i64>,
    /// How long each acceptance took.
    pub accept: Vec<Duration>,
    /// How long the posting took.
    pub took: Duration,
}

/// Posts messages, each from a customer of its own. Customers' numbers begin behind `first`.
pub struct Generator {
    client: reqwest::Client,
    url: String,
    keys: SecretString,
    first: u32,
    /// In every sid, so that no run repeats the messages of another.
    run: i64,
}

/// Customers there are: Dutch mobile numbers.
pub const CUSTOMERS: u32 = 90_000_000;

/// The address of a customer.
fn address(number: u32) -> String {
    format!("whatsapp:+316{:08}", 10_000_000 + number % CUSTOMERS)
}

/// The moment on the wall: what the simulator's ledger counts in.
#[expect(
    clippy::disallowed_methods,
    reason = "the load generator measures; it takes no part in the product's time"
)]
pub fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

impl Generator {
    /// A generator for the server at `base`.
    pub fn new(base: &str, first: u32) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
        Ok(Self { client, url: format!("{base}{PATH}"), keys: AUTH_TOKEN.into(), first, run: now_micros() })
    }

    /// Posts `messages` over `connections` as fast as they are accepted.
    pub async fn full_speed(self, messages: u32, connections: u32) -> anyhow::Result<Posted> {
        let generator = Arc::new(self);
        let next = Arc::new(AtomicU32::new(0));
        let started = Instant::now();
        let mut posting = JoinSet::new();
        for _ in 0..connections {
            let (generator, next) = (Arc::clone(&generator), Arc::clone(&next));
            posting.spawn(async move {
                let mut own = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= messages {
                        return Ok::<_, anyhow::Error>(own);
                    }
                    own.push(generator.post(number).await?);
                }
            });
        }
        let mut posted = Posted::default();
        while let Some(own) = posting.join_next().await {
            posted.add(own??);
        }
        posted.took = started.elapsed();
        Ok(posted)
    }

    /// Posts at a steady rate whether or not earlier ones were answered: latencies include the wait a slow server causes.
    pub async fn steady(self, rate: u32, duration: Duration) -> anyhow::Result<Posted> {
        let generator = Arc::new(self);
        let messages = u32::try_from(u128::from(rate) * duration.as_millis() / 1000)?;
        let started = Instant::now();
        let mut posting = JoinSet::new();
        for number in 0..messages {
            tokio::time::sleep_until(started + Duration::from_secs(1) * number / rate).await;
            let generator = Arc::clone(&generator);
            posting.spawn(async move { generator.post(number).await });
        }
        let mut posted = Posted::default();
        while let Some(one) = posting.join_next().await {
            posted.add([one??]);
        }
        posted.took = started.elapsed();
        Ok(posted)
    }

    async fn post(&self, number: u32) -> anyhow::Result<(String, i64, Duration)> {
        let from = address(self.first + number);
        let text = TEXTS[number as usize % TEXTS.len()];
        let sid = format!("SM{:016x}{number:016x}", self.run);
        let wa_id = from.trim_start_matches("whatsapp:+").to_owned();
        let to = format!("whatsapp:{OUR_NUMBER}");
        let pairs = [
            ("SmsMessageSid", sid.as_str()),
            ("NumMedia", "0"),
            ("ProfileName", "Load"),
            ("MessageType", "text"),
            ("SmsSid", sid.as_str()),
            ("WaId", &wa_id),
            ("SmsStatus", "received"),
            ("Body", text),
            ("To", &to),
            ("NumSegments", "1"),
            ("ReferralNumMedia", "0"),
            ("MessageSid", sid.as_str()),
            ("AccountSid", ACCOUNT_SID),
            ("From", &from),
            ("ApiVersion", "2010-04-01"),
        ];
        let signed = signature::sign(Algorithm::Sha1, &self.keys, &self.url, &pairs);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let sent_at = now_micros();
        let started = Instant::now();
        let answer = self
            .client
            .post(&self.url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(signature::HEADER, signed)
            .body(body)
            .send()
            .await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if !status.is_success() {
            bail!("a webhook was answered with {status}: {}", String::from_utf8_lossy(&body));
        }
        Ok((from, sent_at, started.elapsed()))
    }
}

impl Posted {
    fn add(&mut self, messages: impl IntoIterator<Item = (String, i64, Duration)>) {
        for (address, sent_at, accept) in messages {
            self.sent_at.insert(address, sent_at);
            self.accept.push(accept);
        }
    }
}
