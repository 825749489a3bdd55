//! Sends what is due: one message per contact at a time, each attempt written down before it leaves.
//!
//! Read [`SendWorker::send`] first: it is the road of one attempt. What is not known to have failed is settled in
//! `settle.rs` before anything is sent again; what is written down about an attempt is in `record.rs`.

mod record;
mod settle;

use std::collections::HashMap;
use std::time::Duration;

use alerts::Alerts;
use model::{Classify, SharedClock, Source, Timestamp};
use queue::{Handler, Lease, Verdict};
use store::{Store, StoreError, Tx};
use telemetry::TraceContext;
use tokio::time::{Instant, timeout};
use twilio::errors::Class;

use crate::Error;
use crate::channel::{Channel, Channels, Failure, Outcome, Outgoing};
use crate::decision::{Decision, Policy};
use crate::delivery::Deliveries;
use crate::domain::{ContactState, PART_PAUSE, Refusal, SendState};
use crate::jobs::SendJob;
use crate::metrics::{self, SendOutcome};
use crate::notice::{self, Failing};
use crate::rate::RateWindow;
use crate::service::Failed;
use crate::store::attempts::{self, Unsettled};
use crate::store::contacts;
use crate::store::messages::{self, Message};
use record::Begun;

/// The wait after the store failed.
const STORE_AWAY: Duration = Duration::from_secs(1);
/// How long a message waits for a place in the rate window before its lane is looked at afresh. A soft stop waits 25 seconds for
/// what is in hand ([`lifecycle::Tasks::DEFAULT_DRAIN`]): what gets a place at the last moment still has time for its request.
const PLACE_WAIT: Duration = Duration::from_secs(10);

/// Handles the outgoing queue.
pub struct SendWorker {
    store: Store,
    clock: SharedClock,
    channels: Channels,
    windows: HashMap<Source, RateWindow>,
    deliveries: Deliveries,
    timing: Timing,
    alerts: Alerts,
}

/// How often, and how long, things are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How often and how long a message is tried.
    pub policy: Policy,
    /// How long after an attempt without an answer the provider's log is asked.
    pub settle_after: Duration,
    /// How long the provider may take to answer.
    pub send_timeout: Duration,
    /// How long a worker keeps its work without renewing it.
    pub lease: Duration,
}

/// A message with what else decides what happens to it.
struct Loaded {
    message: Message,
    contact: ContactState,
    unsettled: Option<Unsettled>,
}

/// An attempt that was written down.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    number: i64,
    started_at: Timestamp,
}

impl SendWorker {
    /// The worker over a store, the channels and their rate windows.
    pub fn new(
        store: Store,
        clock: SharedClock,
        channels: Channels,
        windows: HashMap<Source, RateWindow>,
        deliveries: Deliveries,
        timing: Timing,
        alerts: Alerts,
    ) -> Self {
        Self { store, clock, channels, windows, deliveries, timing, alerts }
    }

    /// One attempt at the message at the head of a lane, or a step towards settling the last one.
    async fn send(&self, lease: &Lease) -> Result<Verdict, Error> {
        let SendJob::V1 { message_id } = lease.head().decode()?;
        let Some(Loaded { message, contact, unsettled }) = self.load(message_id).await? else {
            return Ok(Verdict::Ack);
        };
        if matches!(message.state, SendState::Sent | SendState::Refused) {
            return Ok(Verdict::Ack);
        }
        let (Some(channel), Some(window)) =
            (self.channels.get(message.channel), self.windows.get(&message.channel))
        else {
            let reason = Error::ChannelMissing(message.channel).to_string();
            return Ok(Verdict::Postpone { reason, after: self.timing.policy.park });
        };
        if let Some(unsettled) = unsettled {
            return self.settle(lease, &message, channel.as_ref(), unsettled).await;
        }
        if let Some(after) = self.pause_before(&message, &contact) {
            return Ok(Verdict::Postpone { reason: "pause between the parts of one body".to_owned(), after });
        }
        let label = message.channel.as_str();
        let Ok(mut place) = timeout(PLACE_WAIT, window.place(label)).await else {
            let reason = "waits for a place in the rate window".to_owned();
            return Ok(Verdict::Postpone { reason, after: Duration::ZERO });
        };
        let attempt = match self.begin(lease, &message).await? {
            Begun::Attempt(attempt) => attempt,
            Begun::Refused(refusal) => {
                metrics::send(label, SendOutcome::Refused);
                tracing::info!(
                    message.id = message.message_id,
                    contact = message.contact.masked(),
                    reason = refusal.reason(),
                    "did not send a message: {refusal}"
                );
                if refusal == Refusal::ServiceWindowClosed {
                    notice::window_closed(&self.alerts, &message.message_id);
                }
                return Ok(Verdict::Done);
            }
            Begun::TakenOver => return Ok(look_afresh()),
        };
        place.leaves();
        let outcome = self.request(channel.as_ref(), &message, attempt).await;
        drop(place);
        self.finish(lease, &message, attempt.number, outcome).await
    }

    async fn load(&self, message_id: String) -> Result<Option<Loaded>, Error> {
        let mut conn = self.store.read("load-message").await?;
        let Some(message) = messages::read(&mut conn, &message_id).await? else { return Ok(None) };
        let contact = contacts::read(&mut conn, &message.contact).await?;
        let unsettled = attempts::unsettled(&mut conn, &message_id).await?;
        Ok(Some(Loaded { message, contact, unsettled }))
    }

    /// How long a further part of a body has to wait for the one before.
    fn pause_before(&self, message: &Message, contact: &ContactState) -> Option<Duration> {
        let due = contact.last_sent_at.filter(|_| message.part > 1)? + PART_PAUSE;
        let now = self.clock.now();
        (now < due).then(|| due.since(now))
    }

    /// Makes the request of an attempt that was written down.
    async fn request(&self, channel: &dyn Channel, message: &Message, attempt: Attempt) -> Outcome {
        // Settling reckons that a request begins soon after its row; a worker that stood still must not begin one now.
        if self.clock.now().since(attempt.started_at) >= self.timing.send_timeout {
            return Outcome::NotReached("the worker stood still before the request");
        }
        let outgoing = Outgoing {
            message_id: message.message_id.clone(),
            attempt: attempt.number,
            contact: message.contact.clone(),
            content: message.content.clone(),
            conversation: message.conversation_id.parse().ok(),
            traceparent: TraceContext::current().map(|trace| trace.to_string()),
        };
        let began = Instant::now();
        let outcome = channel.send(&outgoing).await;
        metrics::send_duration(message.channel.as_str(), began.elapsed());
        outcome
    }

    /// Draws the consequence of an attempt.
    async fn finish(
        &self,
        lease: &Lease,
        message: &Message,
        number: i64,
        outcome: Outcome,
    ) -> Result<Verdict, Error> {
        match outcome {
            Outcome::Accepted(accepted) => {
                self.accepted(lease, message, number, accepted).await?;
                Ok(Verdict::Done)
            }
            Outcome::Ambiguous(reason) => {
                self.mark_unknown(message, number, reason).await?;
                metrics::send(message.channel.as_str(), SendOutcome::Unknown);
                tracing::warn!(
                    message.id = message.message_id,
                    contact = message.contact.masked(),
                    error = reason,
                    attempts = number,
                    "it is not known whether a message was sent; settling it before anything is sent again"
                );
                let after = settle::LOOK_AGAIN.min(self.timing.settle_after);
                Ok(Verdict::Postpone { reason: reason.to_owned(), after })
            }
            Outcome::Refused(failure) => {
                if failure.http_status == 429 {
                    metrics::rate_limited(message.channel.as_str());
                    tracing::warn!(
                        message.id = message.message_id,
                        contact = message.contact.masked(),
                        attempts = number,
                        "Twilio rate limit reached"
                    );
                }
                let error = failure.to_string();
                let Failure { class, code, retry_after, .. } = failure;
                self.failed(lease, message, number, Failed { class, code, retry_after }, error).await
            }
            Outcome::NotReached(reason) => {
                let failed = Failed { class: Class::Retry, code: None, retry_after: None };
                self.failed(lease, message, number, failed, reason.to_owned()).await
            }
        }
    }

    /// Draws the consequence of an attempt that is known not to have sent anything.
    async fn failed(
        &self,
        lease: &Lease,
        message: &Message,
        number: i64,
        failed: Failed,
        error: String,
    ) -> Result<Verdict, Error> {
        let decision = self.record_failure(lease, message, number, failed, error.clone()).await?;
        let (channel, contact) = (message.channel.as_str(), message.contact.masked());
        let failing = Failing {
            message_id: &message.message_id,
            contact: &contact,
            error: &error,
            class: failed.class,
            attempts: number,
        };
        Ok(match decision {
            Decision::Retry(after) => {
                metrics::send(channel, SendOutcome::Retried);
                tracing::warn!(
                    message.id = message.message_id,
                    contact,
                    error,
                    attempts = number,
                    "could not send a message, trying again"
                );
                Verdict::Postpone { reason: error, after }
            }
            Decision::Park(after) => {
                metrics::send(channel, SendOutcome::Parked);
                if message.state != SendState::Parked {
                    failing.parked(&self.alerts);
                }
                Verdict::Postpone { reason: error, after }
            }
            Decision::GiveUp { dead_letter } => {
                metrics::send(channel, SendOutcome::Failed);
                failing.given_up();
                if dead_letter { Verdict::Dead { error } } else { Verdict::Done }
            }
        })
    }
}

/// Somebody else did something to the message: the lane is looked at afresh, by whoever holds it then. Without the lease this
/// changes nothing.
fn look_afresh() -> Verdict {
    Verdict::Postpone { reason: "another worker was at the message".to_owned(), after: Duration::ZERO }
}

impl Handler for SendWorker {
    async fn handle(&self, lease: Lease) -> Verdict {
        match self.send(&lease).await {
            Ok(verdict) => verdict,
            Err(Error::LeaseLost) => look_afresh(),
            Err(error) if error.kind().is_transient() => {
                Verdict::Postpone { reason: error.to_string(), after: STORE_AWAY }
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "could not work on a message");
                Verdict::Retry { error: error.to_string(), after: None }
            }
        }
    }

    async fn on_dead(&self, tx: &mut Tx, lease: &Lease, error: &str) -> Result<(), StoreError> {
        let message_id = match lease.head().decode() {
            Ok(SendJob::V1 { message_id }) => Some(message_id),
            Err(_) => None,
        };
        if let Some(message_id) = &message_id
            && !messages::fail(tx, message_id, error).await?
        {
            return Ok(());
        }
        let (alerts, error) = (self.alerts.clone(), error.to_owned());
        tx.on_commit(move || notice::dead_letter(&alerts, message_id.as_deref(), &error));
        Ok(())
    }
}
