//! Posting an alert, with patience.

use std::time::Duration;

use anyhow::Context;
use lifecycle::Stop;
use rand::RngExt;
use reqwest::{Client, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::Alert;

/// Tries in all, the first included.
const TRIES: u32 = 5;

/// The longest wait before the second try; it doubles with each further one.
const RETRY_BASE: Duration = Duration::from_secs(2);

/// How long the webhook may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A webhook whose address is a secret, as Slack's are.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    client: Client,
    url: SecretString,
}

impl Webhook {
    pub(crate) fn new(url: &SecretString) -> anyhow::Result<Self> {
        let parsed =
            Url::parse(url.expose_secret()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        parsed.context("ALERT_WEBHOOK_URL must be an http or https address")?;
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("cannot make an http client for ALERT_WEBHOOK_URL")?;
        Ok(Self { client, url: url.clone() })
    }

    /// Posts until it is taken, or repeating cannot help, or the tries are used up. While stopping there is one try.
    pub(crate) async fn deliver(&self, alert: &Alert, stop: &Stop) -> Result<(), String> {
        let payload = alert.payload();
        let mut attempt = 1;
        loop {
            let failure = match self.post(&payload).await {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            let longest = RETRY_BASE * 2_u32.pow(attempt - 1);
            let wait = longest.mul_f64(rand::rng().random_range(0.5..=1.0));
            if !failure.passes || attempt == TRIES || !stop.sleep(wait).await {
                return Err(failure.text);
            }
            attempt += 1;
        }
    }

    async fn post(&self, payload: &serde_json::Value) -> Result<(), Failure> {
        let sent = self.client.post(self.url.expose_secret()).json(payload).send().await;
        match sent.map(|response| response.status()) {
            Ok(status) if status.is_success() => Ok(()),
            Ok(status) => {
                Err(Failure { passes: may_pass(status), text: format!("the webhook answered {status}") })
            }
            // The address is left out: it is a secret.
            Err(error) => Err(Failure { passes: true, text: error.without_url().to_string() }),
        }
    }
}

struct Failure {
    /// Whether trying again may help.
    passes: bool,
    text: String,
}

fn may_pass(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}
