//! Tells a person that something needs them: in the log always, and at `ALERT_WEBHOOK_URL` when it is set.
//!
//! Start at [`Alerts::new`], which gives a handle that services clone and a [`Worker`] that a task runs. Raising an
//! [`Alert`] never blocks and never fails: equal alerts are collapsed, the queue is bounded, delivery is retried.
//!
//! ```
//! use alerts::{Alert, Severity};
//! # let alerts = alerts::Alerts::log_only();
//! alerts.raise(
//!     Alert::new("dead_letter", "a turn of the agent-orchestrator was given up")
//!         .severity(Severity::Error)
//!         .detail("queue", "inbox")
//!         .inspect("QueueService/ListDeadLetters")
//!         .mend("QueueService/RetryDeadLetter"),
//! );
//! ```

mod alert;
mod collapse;
mod webhook;

use std::sync::{Arc, Mutex, PoisonError};

use lifecycle::Stop;
use metrics::counter;
use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{debug, error, warn};

pub use alert::{Alert, Severity};
use collapse::{Collapser, Verdict};
use webhook::Webhook;

/// Alerts that may wait for delivery; what comes on top is in the log alone.
const QUEUE_LENGTH: usize = 256;

/// Where alerts go.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(id = "alerts")]
pub struct AlertConfig {
    /// Address that alerts are posted to as JSON, for Slack's incoming webhooks and the relays of other tools.
    #[arg(long, env = "ALERT_WEBHOOK_URL", hide_env_values = true, value_name = "URL")]
    pub alert_webhook_url: Option<SecretString>,
}

/// Raises alerts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Alerts {
    seen: Arc<Mutex<Collapser>>,
    queue: Option<mpsc::Sender<Alert>>,
}

impl Alerts {
    /// A handle to raise alerts with, and the worker that delivers them (spawn [`Worker::run`] as a task).
    ///
    /// # Errors
    /// When the webhook's address is none.
    pub fn new(config: &AlertConfig) -> anyhow::Result<(Self, Worker)> {
        let webhook = config.alert_webhook_url.as_ref().map(Webhook::new).transpose()?;
        let (sender, receiver) = mpsc::channel(QUEUE_LENGTH);
        let seen = Arc::new(Mutex::new(Collapser::default()));
        let queue = webhook.is_some().then_some(sender);
        Ok((Self { seen: seen.clone(), queue }, Worker { seen, receiver, webhook }))
    }

    /// A handle whose alerts are logged and counted, and sent nowhere. For tests and tools.
    pub fn log_only() -> Self {
        Self { seen: Arc::default(), queue: None }
    }

    /// Raises an alert: counted in `alerts_total{kind}` always; logged as an error and queued for delivery unless an
    /// equal one was within the last five minutes, whose repetitions are told together.
    pub fn raise(&self, alert: Alert) {
        counter!("alerts_total", "kind" => alert.kind).increment(1);
        let verdict = self.seen.lock().unwrap_or_else(PoisonError::into_inner).judge(&alert, Instant::now());
        match verdict {
            Verdict::Tell => self.tell(alert),
            Verdict::Collapse => debug!(alert.kind, "alert {} is repeated", alert.kind),
        }
    }

    fn tell(&self, alert: Alert) {
        alert.log();
        if let Some(queue) = &self.queue
            && queue.try_send(alert).is_err()
        {
            counter!("alerts_undelivered_total").increment(1);
            warn!("alert is in the log alone, too many wait for the webhook");
        }
    }
}

/// Delivers alerts.
#[derive(Debug)]
pub struct Worker {
    seen: Arc<Mutex<Collapser>>,
    receiver: mpsc::Receiver<Alert>,
    webhook: Option<Webhook>,
}

impl Worker {
    /// Delivers until the end is asked for, then tries once what still waits.
    ///
    /// # Errors
    /// Never; the type is that of a task.
    pub async fn run(mut self, stop: Stop) -> anyhow::Result<()> {
        let mut looks = tokio::time::interval(collapse::LOOK_EVERY);
        loop {
            tokio::select! {
                biased;
                () = stop.requested() => break,
                Some(alert) = self.receiver.recv() => self.deliver(&alert, &stop).await,
                _ = looks.tick() => {
                    let due = self.seen.lock().unwrap_or_else(PoisonError::into_inner).repeated(Instant::now());
                    for alert in due {
                        alert.log();
                        self.deliver(&alert, &stop).await;
                    }
                }
            }
        }
        self.receiver.close();
        while let Ok(alert) = self.receiver.try_recv() {
            self.deliver(&alert, &stop).await;
        }
        Ok(())
    }

    async fn deliver(&self, alert: &Alert, stop: &Stop) {
        let Some(webhook) = &self.webhook else { return };
        if let Err(error) = webhook.deliver(alert, stop).await {
            counter!("alerts_undelivered_total").increment(1);
            error!(alert.kind, error, "alert {} could not be delivered: {error}", alert.kind);
        }
    }
}
