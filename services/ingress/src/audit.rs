//! What happened while the orchestrator was away: events wait here, bounded, until it can write them down.

use std::time::Duration;

use lifecycle::Stop;
use mesh::Wire;
use model::{ErrorKind, Ids, SharedClock};
use proto::orchestrator::v1::orchestrator_service_client::OrchestratorServiceClient;
use proto::orchestrator::v1::{AppendAuditEventsRequest, AuditEvent};
use tokio::sync::mpsc;
use tracing::{debug, warn};

use crate::metrics;
use crate::peers::Call;

/// Events that wait at most; the newest are given up beyond that.
const CAPACITY: usize = 1_000;
/// Events sent in one call.
const BATCH: usize = 100;
/// Pause after the first call that fails; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Pause between calls while the orchestrator stays away.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long the last call may take when the process stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// A webhook that the audit log should know about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A verified webhook was refused.
    WebhookProcessingFailed,
    /// The orchestrator could not be given a message.
    OrchestratorTriggerFailed,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Self::WebhookProcessingFailed => "webhook_processing_failed",
            Self::OrchestratorTriggerFailed => "orchestrator_trigger_failed",
        }
    }
}

/// Takes events without ever waiting. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Audit {
    events: mpsc::Sender<AuditEvent>,
    clock: SharedClock,
    ids: Ids,
}

/// Sends what was taken.
#[derive(Debug)]
pub struct Sender {
    events: mpsc::Receiver<AuditEvent>,
    orchestrator: OrchestratorServiceClient<Wire>,
}

/// Both ends of the buffer.
pub fn buffer(
    orchestrator: OrchestratorServiceClient<Wire>,
    clock: SharedClock,
    ids: Ids,
) -> (Audit, Sender) {
    let (sender, events) = mpsc::channel(CAPACITY);
    (Audit { events: sender, clock, ids }, Sender { events, orchestrator })
}

impl Audit {
    /// Notes what went wrong with a message. `error_code` is a word, `error_message` a sentence without private data.
    pub fn note(&self, event: Event, message_sid: &str, error_code: &str, error_message: &str) {
        let event = AuditEvent {
            event_id: self.ids.uuid().to_string(),
            conversation_id: String::new(),
            actor_type: "system".to_owned(),
            event_type: event.as_str().to_owned(),
            input_redacted: format!("message_sid={message_sid}"),
            output_redacted: String::new(),
            success: false,
            error_code: error_code.to_owned(),
            error_message: error_message.to_owned(),
            created_at: Some(mesh::convert::to_proto_timestamp(self.clock.now())),
        };
        if self.events.try_send(event).is_err() {
            metrics::audit_event_lost();
        }
    }
}

impl Sender {
    /// Sends events until the end is asked for, and then what is left, once.
    pub async fn run(mut self, stop: Stop) {
        let mut pause = FIRST_PAUSE;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            if batch.is_empty()
                && stop.or(self.events.recv_many(&mut batch, BATCH)).await.is_none_or(|n| n == 0)
            {
                break;
            }
            match self.append(&batch).await {
                Ok(()) => {
                    batch.clear();
                    pause = FIRST_PAUSE;
                }
                Err(status) if mesh::kind_of(&status) == ErrorKind::Invalid => {
                    warn!(
                        events = batch.len(),
                        error = status.message(),
                        "the orchestrator refused audit events"
                    );
                    batch.clear();
                }
                Err(status) => {
                    debug!(error = %status.code(), "audit events wait for the orchestrator");
                    if !stop.sleep(pause).await {
                        break;
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
        while let Ok(event) = self.events.try_recv() {
            batch.push(event);
        }
        if !batch.is_empty()
            && !matches!(tokio::time::timeout(FAREWELL, self.append(&batch)).await, Ok(Ok(())))
        {
            warn!(events = batch.len(), "audit events were given up: the orchestrator is away");
        }
    }

    async fn append(&mut self, events: &[AuditEvent]) -> Result<(), tonic::Status> {
        let request = AppendAuditEventsRequest { events: events.to_vec() };
        let call: Call<'_, _> = Box::pin(self.orchestrator.append_audit_events(request));
        call.await.map(drop)
    }
}
