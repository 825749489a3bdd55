//! Failures that the provider told late, handed to the sender: it knows whether to repeat, give up or tell a person.

use std::time::Duration;

use futures::future::BoxFuture;
use lifecycle::crash;
use mesh::{Mesh, ServiceName, Wire};
use model::ErrorKind;
use proto::channel::v1::{ReportFailureRequest, channel_service_client::ChannelServiceClient};
use queue::{Backoff, Handler, Lease, Verdict};
use serde::{Deserialize, Serialize};
use tonic::Status;

use crate::{Error, service::Deliveries};

/// The kind of the jobs, for people who look at dead letters.
pub const KIND: &str = "ReportFailureV1";

/// How long a report waits when the sender is away.
const AWAY: Duration = Duration::from_secs(5);

/// The job that waits until the sender has heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureReport {
    /// A message failed or was refused after it was accepted.
    V1 {
        /// Our id.
        message_id: String,
        /// The provider's code; 0 without one.
        error_code: u32,
        /// The provider's id of the send that failed; empty in jobs written before it was kept.
        #[serde(default)]
        message_sid: String,
    },
}

/// How the reports are worked off. The sender may be at odds with its own database for a while, hence more tries than usual.
pub fn options(lease: Duration) -> queue::Options {
    queue::Options {
        lease,
        max_tries: 10,
        backoff: Backoff::new(Duration::from_secs(2), Duration::from_mins(5)),
        ..queue::Options::default()
    }
}

/// Tells the sender.
pub struct Reporter {
    deliveries: Deliveries,
    sender: ChannelServiceClient<Wire>,
}

impl Reporter {
    pub(crate) fn new(deliveries: Deliveries, mesh: &Mesh) -> Self {
        let wire = mesh.wire(ServiceName::DeliveryStatus, ServiceName::ChannelSender);
        Self { deliveries, sender: ChannelServiceClient::new(wire) }
    }

    /// True when the message arrived after all: by a later callback, or in another attempt.
    async fn arrived(&self, message_id: &str) -> Result<bool, Error> {
        match self.deliveries.of_message(message_id.to_owned()).await {
            Ok(delivery) => Ok(delivery.standing().is_some_and(crate::domain::Standing::has_arrived)),
            Err(Error::Unknown(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Boxed, since the compiler cannot see through the client's future that it is `Send`.
    fn call(&self, request: ReportFailureRequest) -> BoxFuture<'static, Result<(), Status>> {
        let mut sender = self.sender.clone();
        Box::pin(async move {
            crash::point("delivery-status.report-failure.before");
            let answer = sender.report_failure(request).await.map(drop);
            crash::point("delivery-status.report-failure.after");
            answer
        })
    }

    async fn report(&self, message_id: String, error_code: u32, failed_sid: String) -> Verdict {
        match self.arrived(&message_id).await {
            Ok(true) => return Verdict::Ack,
            Ok(false) => {}
            Err(error) => return Verdict::Postpone { reason: error.to_string(), after: AWAY },
        }
        let error_code = i32::try_from(error_code).unwrap_or(i32::MAX);
        let request =
            ReportFailureRequest { message_id: message_id.clone(), error_code, message_sid: failed_sid };
        let Err(status) = self.call(request).await else { return Verdict::Ack };
        let error = format!("the sender answered {:?}: {}", status.code(), status.message());
        match mesh::kind_of(&status) {
            ErrorKind::NotFound => {
                tracing::warn!(message.id = %message_id, error_code, "message {message_id} failed, and the sender does not know it");
                Verdict::Ack
            }
            ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Exhausted | ErrorKind::Contended => {
                Verdict::Postpone { reason: error, after: mesh::retry_after(&status).unwrap_or(AWAY) }
            }
            ErrorKind::Internal => Verdict::Retry { error, after: None },
            _ => Verdict::Dead { error },
        }
    }
}

impl Handler for Reporter {
    async fn handle(&self, lease: Lease) -> Verdict {
        match lease.head().decode() {
            Ok(FailureReport::V1 { message_id, error_code, message_sid }) => {
                self.report(message_id, error_code, message_sid).await
            }
            Err(error) => Verdict::Dead { error: error.to_string() },
        }
    }
}
