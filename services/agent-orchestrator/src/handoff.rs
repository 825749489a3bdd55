//! A human takes a conversation over, speaks in it, and gives it back.

use std::time::Duration;

use assistant::{
    state::{State, Waiting},
    word,
};
use mesh::Wire;
use model::{ConversationId, MessageId};
use proto::channel::v1::{SetContactStateRequest, channel_service_client::ChannelServiceClient};
use queue::{NewJob, QueueName};
use store::{Store, StoreError, Tx, Write};
use telemetry::TraceContext;
use tonic::Status;

use crate::{
    Error, keys,
    knowledge::LiveKnowledge,
    outgoing::{BackgroundJob, OutgoingJob},
    store::{
        audit::{self, AuditEvent},
        conversations::{self, Conversation, Owner},
        messages::{self, Extras, NewMessage, StoredMessage},
    },
    submit::preview,
    tasks,
};

/// How long the channel-sender may take to learn of a new owner before the caller is told to try again.
const TELL_SENDER: Duration = Duration::from_secs(2);

/// Changes owners.
#[derive(Clone)]
pub struct Handoffs {
    pub(crate) store: Store,
    pub(crate) channel: Wire,
    pub(crate) ttl: Duration,
    pub(crate) dealer: LiveKnowledge,
}

/// Gives a conversation back to the agents when no human has acted in it for a while; each act begins the time anew.
pub async fn end_later(tx: &mut Tx, conversation: &Conversation, ttl: Duration) -> Result<(), StoreError> {
    let now = tx.now();
    let job = BackgroundJob::EndHandoffV1 { conversation_id: conversation.id };
    let lane = keys::lane(conversation.contact_id);
    let job = NewJob::new(QueueName::Background, lane, "end-handoff", &job)?;
    queue::push(tx, job.key(keys::end_of_handoff(conversation.id)).due_at(now + ttl)).await
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

    /// Gives a conversation back whose time with a human has run out; one that is gone or was given back needs nothing.
    pub async fn end(&self, id: ConversationId) -> Result<(), Status> {
        match self.find(id).await? {
            Some(conversation) if conversation.owner == Owner::Human => {
                self.resume(conversation).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Tells the channel-sender who owns a conversation, and where its customer stands who has just said STOP or taken it back.
    pub async fn tell(&self, id: ConversationId, consent: bool) -> Result<(), Status> {
        match self.find(id).await? {
            Some(conversation) => {
                let opted_out = consent.then_some(conversation.opted_out);
                self.tell_sender(&conversation, opted_out).await
            }
            None => Ok(()),
        }
    }

    /// Keeps back a reply that is not true any more, asks the customer to wait instead, and makes a human the owner, in one commit.
    pub async fn withdraw(
        &self,
        reply: StoredMessage,
        conversation: Conversation,
        lost: String,
    ) -> Result<(), Error> {
        let hold = word::hold(&self.dealer.now(), &conversation.language);
        self.store.write(WithdrawReply { reply: reply.id, conversation, lost, hold, ttl: self.ttl }).await
    }

    async fn find(&self, id: ConversationId) -> Result<Option<Conversation>, Status> {
        let found = async { conversations::find(&mut *self.store.read("handoff-load").await?, &id).await };
        found.await.map_err(mesh::status)
    }

    async fn set_owner(
        &self,
        mut conversation: Conversation,
        owner: Owner,
        event: &'static str,
    ) -> Result<Conversation, Status> {
        let set = SetOwner { conversation: conversation.clone(), owner, event, ttl: self.ttl };
        self.store.write(set).await.map_err(mesh::status)?;
        conversation.owner = owner;
        conversation.attended = owner == Owner::Human;
        self.tell_sender(&conversation, None).await?;
        Ok(conversation)
    }

    async fn tell_sender(&self, conversation: &Conversation, opted_out: Option<bool>) -> Result<(), Status> {
        let request = SetContactStateRequest {
            contact: conversation.address.to_string(),
            last_inbound_at: Some(mesh::convert::to_proto_timestamp(conversation.last_inbound_at)),
            opted_out,
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
        let idempotency_key = keys::human_reply(&idempotency_key);
        let reply = HumanReply { conversation, body, idempotency_key, ttl: self.ttl };
        self.store.write(reply).await.map_err(mesh::status)
    }
}

/// Keeps back a reply and asks the customer to wait for a human instead.
struct WithdrawReply {
    reply: MessageId,
    conversation: Conversation,
    /// The appointment that came to nothing.
    lost: String,
    hold: String,
    ttl: Duration,
}

impl Write for WithdrawReply {
    const NAME: &'static str = "withdraw-reply";
    type Output = ();
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<(), Error> {
        let conversation = &self.conversation;
        // The conversation before its lanes, as everybody locks them.
        conversations::await_human(tx, &conversation.id).await?;
        forget_appointment(tx, conversation, &self.lost).await?;
        messages::set_state(tx, self.reply.as_str(), "refused").await?;
        let hold = outbound(tx, conversation, self.hold, "agents", keys::instead_of(self.reply));
        if messages::insert(tx, &hold).await? {
            OutgoingJob::hand_over_closing(hold.id).push(tx, conversation.contact_id).await?;
        }
        OutgoingJob::tell_owner(conversation.id).push(tx, conversation.contact_id).await?;
        let event = AuditEvent::success(tx, conversation.id.as_str(), "system", "handoff_started")
            .failed("appointment_lost", "the slot was sold to somebody else");
        audit::append(tx, &[event]).await?;
        Ok(end_later(tx, conversation, self.ttl).await?)
    }
}

/// Makes a human the owner, or gives the conversation back.
struct SetOwner {
    conversation: Conversation,
    owner: Owner,
    event: &'static str,
    ttl: Duration,
}

impl Write for SetOwner {
    const NAME: &'static str = "set-owner";
    type Output = ();
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<(), StoreError> {
        let Self { conversation, owner, event, ttl } = self;
        let moved = match owner {
            Owner::Human => conversations::attend(tx, &conversation.id).await?,
            Owner::Agents | Owner::Nobody => conversations::give_back(tx, &conversation.id).await?,
        };
        if moved {
            let event = AuditEvent::success(tx, conversation.id.as_str(), "human", event);
            audit::append(tx, &[event]).await?;
        }
        if owner == Owner::Human {
            return end_later(tx, &conversation, ttl).await;
        }
        queue::cancel(tx, QueueName::Background, &keys::end_of_handoff(conversation.id)).await.map(drop)
    }
}

/// Sends a human's words and makes the human the owner; answers the message's id.
struct HumanReply {
    conversation: Conversation,
    body: String,
    idempotency_key: String,
    ttl: Duration,
}

impl Write for HumanReply {
    const NAME: &'static str = "human-reply";
    type Output = String;
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<String, StoreError> {
        let Self { conversation, body, idempotency_key, ttl } = self;
        let message = outbound(tx, &conversation, body, "human", idempotency_key);
        if !messages::insert(tx, &message).await? {
            let first = messages::id_by_key(tx, &message.org_id, &message.idempotency_key).await?;
            return first.ok_or_else(messages::gone);
        }
        let (id, contact) = (conversation.id, conversation.contact_id);
        let mut events = vec![
            AuditEvent::success(tx, id.as_str(), "human", "reply_committed")
                .output(format!("{} characters", message.body.chars().count())),
        ];
        if conversations::attend(tx, &id).await? {
            events.push(AuditEvent::success(tx, id.as_str(), "human", "handoff_started"));
        }
        events.extend(tasks::answered(tx, &id).await?);
        audit::append(tx, &events).await?;
        end_later(tx, &conversation, ttl).await?;
        conversations::note_outbound(tx, &id, &preview(&message.body)).await?;
        OutgoingJob::tell_owner(id).push(tx, contact).await?;
        OutgoingJob::hand_over(message.id).push(tx, contact).await?;
        Ok(message.id.to_string())
    }
}

/// The agents no longer believe in an appointment that came to nothing, and know that the customer was told to wait.
async fn forget_appointment(tx: &mut Tx, conversation: &Conversation, lost: &str) -> Result<(), StoreError> {
    if let (Ok(mut state), Ok(now)) = (State::from_json(&conversation.memory), tx.now().to_jiff()) {
        state.appointments.retain(|appointment| appointment.id != lost);
        state.asked = None;
        state.waiting = Some(Waiting { since: now, told_at: Some(now) });
        conversations::set_memory(tx, &conversation.id, &state.to_json()).await?;
    }
    Ok(())
}

fn outbound(
    tx: &mut Tx,
    conversation: &Conversation,
    body: String,
    author: &'static str,
    idempotency_key: String,
) -> NewMessage {
    NewMessage {
        id: tx.new_id(),
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
        author,
        turn_id: String::new(),
        idempotency_key,
        traceparent: TraceContext::current().map(|trace| trace.to_string()).unwrap_or_default(),
        created_at: tx.now(),
    }
}
