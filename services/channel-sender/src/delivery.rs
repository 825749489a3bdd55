//! Tells delivery-status of accepted messages, and asks it whether a callback has named one.

use std::time::Duration;

use lifecycle::crash;
use mesh::{Mesh, ServiceName, Wire};
use model::ErrorKind;
use proto::delivery::v1::delivery_status_service_client::DeliveryStatusServiceClient;
use proto::delivery::v1::{GetDeliveryRequest, RegisterMessageRequest};
use queue::{Handler, Lease, Verdict};

use crate::channel::Accepted;
use crate::jobs::{RegisterJob, Registration};

/// How long a send waits for delivery-status before it goes on without it.
const DEADLINE: Duration = Duration::from_secs(1);

/// The client of delivery-status. Cheap to clone.
#[derive(Clone)]
pub struct Deliveries(DeliveryStatusServiceClient<Wire>);

impl Deliveries {
    /// The client over a mesh.
    pub fn new(mesh: &Mesh) -> Self {
        let wire = mesh.wire(ServiceName::ChannelSender, ServiceName::DeliveryStatus);
        Self(DeliveryStatusServiceClient::new(wire))
    }

    /// Makes an accepted message known. Safe to repeat.
    pub async fn register(&self, registration: &Registration) -> Result<(), ErrorKind> {
        let Registration { message_id, org_id, provider, message_sid, status, conversation_id } =
            registration.clone();
        let request =
            RegisterMessageRequest { message_id, org_id, provider, message_sid, status, conversation_id };
        let mut client = self.0.clone();
        crash::point("channel-sender.register-message.before");
        let answer = mesh::with_deadline(DEADLINE, client.register_message(request)).await;
        crash::point("channel-sender.register-message.after");
        answer.map(|_| ()).map_err(|status| mesh::kind_of(&status))
    }

    /// What is known of a message's fate: a callback names message and sid. `None` when nothing is, or nobody answers.
    pub async fn find(&self, message_id: &str) -> Option<Accepted> {
        let request = GetDeliveryRequest { message_id: message_id.to_owned(), message_sid: String::new() };
        let mut client = self.0.clone();
        crash::point("channel-sender.get-delivery.before");
        let answer = mesh::with_deadline(DEADLINE, client.get_delivery(request)).await;
        crash::point("channel-sender.get-delivery.after");
        let latest = answer.ok()?.into_inner().latest?;
        let (sid, status) = (latest.message_sid, latest.status);
        (!sid.is_empty()).then_some(Accepted { sid, status })
    }
}

/// Does the registrations that could not be done at once.
pub struct RegisterWorker(pub Deliveries);

impl Handler for RegisterWorker {
    async fn handle(&self, lease: Lease) -> Verdict {
        let RegisterJob::V1(registration) = match lease.head().decode() {
            Ok(job) => job,
            Err(error) => return Verdict::Dead { error: error.to_string() },
        };
        match self.0.register(&registration).await {
            Ok(()) => Verdict::Ack,
            Err(kind) if kind.is_transient() => {
                Verdict::Postpone { reason: format!("delivery-status: {kind}"), after: AWAY }
            }
            Err(kind) => Verdict::Retry { error: format!("delivery-status: {kind}"), after: None },
        }
    }
}

/// The wait before delivery-status is told again.
const AWAY: Duration = Duration::from_secs(5);
