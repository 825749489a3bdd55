//! A human takes a conversation over, speaks in it, and gives it back.

use std::time::Duration;

use mesh::Wire;
use model::{Ids, MessageId, SharedClock};
use proto::channel::v1::{SetContactStateRequest, channel_service_client::ChannelServiceClient};
use queue::{NewJob, QueueName};
use store::Store;
use telemetry::TraceContext;
use tonic::Status;

use crate::{
    Error,
    outgoing::OutgoingJob,
    store::{
        audit::{self, AuditEvent},
        conversations::{self, Conversation, Owner},
        messages::{self, Extras, NewMessage},
    },
    submit::preview,
};

/// How long the channel-sender may take to learn of a new owner before the caller is told to try again.
const TELL_SENDER: Duration = Duration::from_secs(2);

/// Changes owners.
#[derive(Clone)]
pub struct Handoffs {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) ids: Ids,
    pub(crate) channel: Wire,
}

impl Handoffs {
    /// Makes a human the owner. When this answers, no agent's words leave any more: the sender knows.
    pub async fn pause(&self, conversation: Conversation) -> Result<Conversation, Status> {
        self.set_owner(conversation, Owner::Human, "handoff_started").await
    }

    /// Gives the conversation back to the agents.
    pub async fn resume(&self, conversation: Conversation) -> Result<Conversation, Status> {
        self.set_owner(conversation, Owner::Agents, "handoff_ended").await
    }

    async fn set_owner(
        &self,
        mut conversation: Conversation,
        owner: Owner,
        event: &'static str,
    ) -> Result<Conversation, Status> {
        let (id, now, ids) = (conversation.id, self.clock.now(), self.ids.clone());
        self.store
            .write("set-owner", move |tx| {
                Box::pin(async move {
                    if conversations::set_owner(tx, &id, owner).await? {
                        let event = AuditEvent::success(&ids, id.as_str(), "human", event, now);
                        audit::append(tx, &[event]).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await
            .map_err(mesh::status)?;
        conversation.owner = owner;
        self.tell_sender(&conversation).await?;
        Ok(conversation)
    }

    async fn tell_sender(&self, conversation: &Conversation) -> Result<(), Status> {
        let request = SetContactStateRequest {
            contact: conversation.address.to_string(),
            last_inbound_at: Some(mesh::convert::to_proto_timestamp(conversation.last_inbound_at)),
            opted_out: Some(conversation.opted_out),
            owner: conversation.owner.as_str().to_owned(),
        };
        let mut client = ChannelServiceClient::new(self.channel.clone());
        mesh::with_deadline(TELL_SENDER, client.set_contact_state(request)).await.map(drop)
    }

    /// Sends a human's words and makes the human the owner, in one commit. Answers the message's id, the same for the same key.
    pub async fn reply(
        &self,
        conversation: Conversation,
        body: String,
        idempotency_key: String,
    ) -> Result<String, Status> {
        let (now, ids) = (self.clock.now(), self.ids.clone());
        let key = if idempotency_key.is_empty() { String::new() } else { format!("human:{idempotency_key}") };
        let message = human_message(ids.next(), &conversation, body, key, now);
        let id = self
            .store
            .write("human-reply", move |tx| {
                Box::pin(async move {
                    if !messages::insert(tx, &message).await? {
                        let first =
                            messages::id_by_key(tx, &message.org_id, &message.idempotency_key).await?;
                        return first.ok_or_else(|| Error::from(sqlx::Error::RowNotFound));
                    }
                    let mut events = vec![
                        AuditEvent::success(&ids, conversation.id.as_str(), "human", "reply_committed", now)
                            .output(format!("{} characters", message.body.chars().count())),
                    ];
                    if conversations::set_owner(tx, &conversation.id, Owner::Human).await? {
                        let id = conversation.id.as_str();
                        events.push(AuditEvent::success(&ids, id, "human", "handoff_started", now));
                    }
                    audit::append(tx, &events).await?;
                    conversations::note_outbound(tx, &conversation.id, &preview(&message.body), now).await?;
                    let job = OutgoingJob::HandOverV1 { message_id: message.id, confirms_opt_out: false };
                    let job =
                        NewJob::new(QueueName::Outgoing, conversation.contact_id, "hand-over", &job, now)?;
                    queue::push(tx, job).await?;
                    Ok(message.id.to_string())
                })
            })
            .await
            .map_err(mesh::status)?;
        Ok(id)
    }
}

fn human_message(
    id: MessageId,
    conversation: &Conversation,
    body: String,
    idempotency_key: String,
    now: model::Timestamp,
) -> NewMessage {
    NewMessage {
        id,
        org_id: conversation.org_id.clone(),
        conversation_id: conversation.id,
        direction: "outbound",
        provider: conversation.source.as_str(),
        provider_message_id: String::new(),
        from_address: String::new(),
        to_address: conversation.address.to_string(),
        body,
        extras: Extras::default(),
        state: "committed",
        author: "human",
        turn_id: String::new(),
        idempotency_key,
        traceparent: TraceContext::current().map(|trace| trace.to_string()).unwrap_or_default(),
        created_at: now,
    }
}
