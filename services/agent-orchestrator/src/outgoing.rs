//! What a committed turn still owes the world: the hand-over of its reply, the confirmation of its hold, and follow-ups.
//! Each is idempotent where it arrives, so it is repeated until it is answered, without a token.

use std::time::Duration;

use alerts::{Alert, Alerts};
use mesh::Wire;
use model::{ConversationId, ErrorKind, MessageId, SharedClock, Source};
use proto::{
    calendar::v1::{ConfirmAppointmentRequest, calendar_service_client::CalendarServiceClient},
    channel::v1::{ContactState, SendMessageRequest, channel_service_client::ChannelServiceClient},
    crm::v1::crm_service_client::CrmServiceClient,
};
use queue::{Handler, Lease, Verdict};
use serde::{Deserialize, Serialize};
use store::Store;
use tonic::Status;

use crate::{
    Error,
    agents::{Agenda, Crm, FollowUp, PortError},
    handoff::Handoffs,
    store::{
        conversations::{self, Conversation},
        messages::{self, StoredMessage},
    },
    turn::{GrpcAgenda, GrpcCrm, Subject},
};

/// A job of the outgoing queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutgoingJob {
    /// Hand a committed message over to the channel-sender.
    HandOverV1 {
        /// Our id of it, and the idempotency key.
        message_id: MessageId,
        /// It ends the agents' part: it confirms a STOP or announces a human.
        #[serde(default)]
        closing_reply: bool,
        /// It promises this appointment, which is a hold until it is confirmed: confirmed first, for what is promised must stand.
        #[serde(default)]
        confirms: Option<String>,
    },
    /// Tell the channel-sender where the contact stands, before what follows in the lane.
    TellSenderV1 {
        /// Whose conversation.
        conversation_id: ConversationId,
    },
}

impl OutgoingJob {
    /// The hand-over of a message that promises nothing.
    pub fn hand_over(message_id: MessageId) -> Self {
        Self::HandOverV1 { message_id, closing_reply: false, confirms: None }
    }
}

/// A job of the background queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum BackgroundJob {
    /// Make up for what a degraded turn left undone.
    FollowUpV1 {
        /// Whose turn it was.
        subject: Subject,
        /// What is owed.
        follow_up: Box<FollowUp>,
    },
    /// Give a conversation back to the agents.
    EndHandoffV1 {
        /// Which.
        conversation_id: ConversationId,
    },
}

/// The wait before somebody who was away is asked again.
const AWAY: Duration = Duration::from_secs(1);

/// Works the outgoing queue.
pub struct Outgoing {
    pub(crate) handoffs: Handoffs,
    pub(crate) store: Store,
    pub(crate) alerts: Alerts,
    pub(crate) channel: Wire,
    pub(crate) calendar: Wire,
}

impl Handler for Outgoing {
    async fn handle(&self, lease: Lease) -> Verdict {
        match lease.head().decode() {
            Ok(OutgoingJob::HandOverV1 { message_id, closing_reply, confirms }) => {
                self.hand_over(message_id, closing_reply, confirms).await
            }
            Ok(OutgoingJob::TellSenderV1 { conversation_id }) => {
                verdict(self.handoffs.tell(conversation_id).await)
            }
            Err(error) => Verdict::Dead { error: error.to_string() },
        }
    }
}

/// Whoever is away is asked again; an error answer uses up a try.
fn again(status: &Status) -> Verdict {
    let reason = format!("{:?}: {}", status.code(), status.message());
    match mesh::kind_of(status) {
        ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Contended | ErrorKind::Exhausted => {
            Verdict::Postpone { reason, after: mesh::retry_after(status).unwrap_or(AWAY) }
        }
        ErrorKind::Invalid | ErrorKind::NotFound => Verdict::Dead { error: reason },
        _ => Verdict::Retry { error: reason, after: None },
    }
}

fn verdict(done: Result<(), Status>) -> Verdict {
    match done {
        Ok(()) => Verdict::Ack,
        Err(status) => again(&status),
    }
}

fn store_failed(error: &Error) -> Verdict {
    Verdict::Postpone { reason: error.to_string(), after: AWAY }
}

impl Outgoing {
    async fn hand_over(&self, id: MessageId, closing_reply: bool, confirms: Option<String>) -> Verdict {
        let loaded = self
            .store
            .read("hand-over-load", move |conn| {
                Box::pin(async move {
                    let Some(message) = messages::find(conn, id.as_str()).await? else { return Ok(None) };
                    let conversation = conversations::find(conn, &message.conversation_id).await?;
                    Ok::<_, Error>(conversation.map(|conversation| (message, conversation)))
                })
            })
            .await;
        let (message, conversation) = match loaded {
            Ok(Some(loaded)) => loaded,
            Ok(None) => return Verdict::Dead { error: "the message is gone".to_owned() },
            Err(error) => return store_failed(&error),
        };
        if let Some(appointment_id) = confirms
            && let Err(status) = self.confirm(appointment_id.clone()).await
        {
            if mesh::kind_of(&status) == ErrorKind::Refused {
                return self.promise_broken(message, conversation, appointment_id).await;
            }
            return again(&status);
        }
        let request = SendMessageRequest { closing_reply, ..send_request(&message, &conversation) };
        match ChannelServiceClient::new(self.channel.clone()).send_message(request).await {
            Ok(_) => Verdict::Ack,
            Err(status) if mesh::kind_of(&status) == ErrorKind::Refused => {
                self.refused(&message, &status).await
            }
            Err(status) => again(&status),
        }
    }

    /// The sender may not send it: the customer opted out, a human took over, or the service window closed.
    async fn refused(&self, message: &StoredMessage, status: &Status) -> Verdict {
        let reason = mesh::reason(status).unwrap_or_else(|| "REFUSED".to_owned());
        tracing::warn!(message.id = %message.id, reason, "a reply was refused by the channel-sender");
        if reason == "SERVICE_WINDOW_CLOSED" {
            self.alerts.raise(
                Alert::new(
                    "service_window_closed",
                    "a reply came after the 24-hour window; answer it with a template",
                )
                .detail("conversation", message.conversation_id.to_string()),
            );
        }
        let id = message.id;
        let marked = self
            .store
            .write("hand-over-refused", move |tx| {
                Box::pin(async move { messages::set_state(tx, id.as_str(), "refused").await })
            })
            .await;
        match marked {
            Ok(()) => Verdict::Ack,
            Err(error) => store_failed(&error.into()),
        }
    }

    async fn confirm(&self, appointment_id: String) -> Result<(), Status> {
        let request = ConfirmAppointmentRequest { appointment_id };
        CalendarServiceClient::new(self.calendar.clone()).confirm_appointment(request).await.map(drop)
    }

    /// The slot was lost before the reply could go out: the reply stays here, the customer is asked to wait, and a human takes over.
    async fn promise_broken(
        &self,
        message: StoredMessage,
        conversation: Conversation,
        appointment_id: String,
    ) -> Verdict {
        self.alerts.raise(
            Alert::new("appointment_lost", "a promised slot was sold to somebody else; call the customer")
                .detail("conversation", conversation.id.to_string())
                .detail("appointment", appointment_id),
        );
        match self.handoffs.withdraw(message, conversation).await {
            Ok(()) => Verdict::Ack,
            Err(error) => store_failed(&error),
        }
    }
}

fn send_request(message: &StoredMessage, conversation: &Conversation) -> SendMessageRequest {
    SendMessageRequest {
        message_id: message.id.to_string(),
        org_id: conversation.org_id.clone(),
        source: source(conversation.source).into(),
        to_phone: conversation.address.to_string(),
        body: message.body.clone(),
        media_urls: Vec::new(),
        template: None,
        conversation_id: conversation.id.to_string(),
        fencing_token: 0,
        contact_state: Some(ContactState {
            last_inbound_at: Some(mesh::convert::to_proto_timestamp(conversation.last_inbound_at)),
            opted_out: conversation.opted_out,
            owner: conversation.owner.as_str().to_owned(),
        }),
        from_human: message.author == "human",
        closing_reply: false,
    }
}

/// The channel in the contract's spelling.
pub fn source(source: Source) -> proto::common::v1::Source {
    match source {
        Source::Twilio => proto::common::v1::Source::Twilio,
        Source::Waha => proto::common::v1::Source::Waha,
        Source::Chatwoot => proto::common::v1::Source::Chatwoot,
    }
}

/// Works the background queue.
pub struct Background {
    pub(crate) handoffs: Handoffs,
    pub(crate) clock: SharedClock,
    pub(crate) alerts: Alerts,
    pub(crate) calendar: Wire,
    pub(crate) crm: Wire,
}

impl Handler for Background {
    async fn handle(&self, lease: Lease) -> Verdict {
        match lease.head().decode() {
            Ok(BackgroundJob::FollowUpV1 { subject, follow_up }) => self.follow_up(subject, *follow_up).await,
            Ok(BackgroundJob::EndHandoffV1 { conversation_id }) => {
                match self.handoffs.end(conversation_id).await {
                    Ok(()) => Verdict::Ack,
                    Err(status) => again(&status),
                }
            }
            Err(error) => Verdict::Dead { error: error.to_string() },
        }
    }
}

impl Background {
    async fn follow_up(&self, subject: Subject, follow_up: FollowUp) -> Verdict {
        let done = match follow_up {
            FollowUp::RecordCrm(update) => {
                let crm = GrpcCrm {
                    client: CrmServiceClient::new(self.crm.clone()),
                    subject,
                    now: self.clock.now(),
                };
                crm.record(&update).await.map(drop)
            }
            FollowUp::Cancel { appointment_id } => {
                let client = CalendarServiceClient::new(self.calendar.clone());
                GrpcAgenda { client, subject }.cancel(&appointment_id).await
            }
            FollowUp::OfferSlots | FollowUp::Book(_) | FollowUp::Reschedule { .. } => {
                self.alerts.raise(
                    Alert::new(
                        "follow_up_wanted",
                        "the calendar was away; offer the customer a time yourself",
                    )
                    .detail("conversation", subject.conversation_id),
                );
                Ok(())
            }
        };
        match done {
            Ok(()) => Verdict::Ack,
            Err(error @ PortError::Unreachable { .. }) => {
                Verdict::Postpone { reason: error.to_string(), after: AWAY * 10 }
            }
            Err(error) => Verdict::Retry { error: error.to_string(), after: None },
        }
    }
}
