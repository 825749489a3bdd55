//! What a committed turn still owes the world: the hand-over of its reply, the confirmation of its hold, and follow-ups.
//! Each is idempotent where it arrives, so it is repeated until it is answered, without a token.

use std::time::Duration;

use alerts::{Alert, Alerts};
use assistant::{
    ports::{Crm, PortError},
    turn::{Effect, FollowUp},
};
use mesh::Wire;
use model::{ContactId, ConversationId, ErrorKind, MessageId, SharedClock, Source};
use proto::{
    calendar::v1::{
        AmendAppointmentRequest, CancelAppointmentRequest, ConfirmAppointmentRequest,
        calendar_service_client::CalendarServiceClient,
    },
    channel::v1::{ContactState, SendMessageRequest, channel_service_client::ChannelServiceClient},
    crm::v1::crm_service_client::CrmServiceClient,
};
use queue::{Handler, Lease, NewJob, QueueName, Verdict};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError, Tx, Write};
use tonic::Status;

use crate::{
    Error,
    handoff::Handoffs,
    keys,
    store::{
        conversations::{self, Conversation},
        messages::{self, StoredMessage},
    },
    turn::{GrpcCrm, Subject},
};

/// A job of the outgoing queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutgoingJob {
    /// Hand a committed message over to the channel-sender.
    HandOverV1 {
        /// Our id of it, and the idempotency key.
        message_id: MessageId,
        /// It ends the agents' part: it announces a human.
        #[serde(default)]
        closing_reply: bool,
        /// It confirms a STOP: the last word to a customer who wants no more.
        #[serde(default)]
        confirms_stop: bool,
        /// It promises this appointment; rows of before `effects` say so here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirms: Option<String>,
        /// What it says happens to appointments, in this order: done first, for what is promised must stand.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        effects: Vec<Effect>,
    },
    /// Do what a turn without a reply decided about appointments.
    CarryOutV1 {
        /// Whose conversation.
        conversation_id: ConversationId,
        /// In this order.
        effects: Vec<Effect>,
    },
    /// Tell the channel-sender where the contact stands, before what follows in the lane.
    TellSenderV1 {
        /// Whose conversation.
        conversation_id: ConversationId,
        /// The customer has just said STOP or taken it back.
        #[serde(default)]
        consent: bool,
    },
}

impl OutgoingJob {
    /// The hand-over of a message that promises nothing.
    pub fn hand_over(message_id: MessageId) -> Self {
        Self::HandOverV1 {
            message_id,
            closing_reply: false,
            confirms_stop: false,
            confirms: None,
            effects: Vec::new(),
        }
    }

    /// The hand-over of a message that may go out although a person is called for.
    pub fn hand_over_closing(message_id: MessageId) -> Self {
        Self::HandOverV1 {
            message_id,
            closing_reply: true,
            confirms_stop: false,
            confirms: None,
            effects: Vec::new(),
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::HandOverV1 { .. } => "hand-over",
            Self::CarryOutV1 { .. } => "carry-out",
            Self::TellSenderV1 { .. } => "tell-sender",
        }
    }

    /// Puts the job at the end of its contact's lane.
    pub async fn push(&self, tx: &mut Tx, contact: ContactId) -> Result<(), StoreError> {
        queue::push(tx, self.job(contact)?).await
    }

    /// Puts the job before everything in its contact's lane that is not in hand.
    pub async fn push_urgent(&self, tx: &mut Tx, contact: ContactId) -> Result<(), StoreError> {
        queue::push(tx, self.job(contact)?.urgent()).await
    }

    fn job(&self, contact: ContactId) -> Result<NewJob, StoreError> {
        NewJob::new(QueueName::Outgoing, keys::lane(contact), self.kind(), self)
    }

    /// Tells the sender who owns a conversation.
    pub fn tell_owner(conversation_id: ConversationId) -> Self {
        Self::TellSenderV1 { conversation_id, consent: false }
    }

    /// Tells the sender that the customer has just said STOP or taken it back.
    pub fn tell_consent(conversation_id: ConversationId) -> Self {
        Self::TellSenderV1 { conversation_id, consent: true }
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
            Ok(OutgoingJob::HandOverV1 { message_id, closing_reply, confirms_stop, confirms, effects }) => {
                let last_word = LastWord { closing_reply, confirms_stop };
                let confirms = confirms.map(|appointment_id| Effect::Confirm { appointment_id });
                self.hand_over(message_id, last_word, confirms.into_iter().chain(effects).collect()).await
            }
            Ok(OutgoingJob::CarryOutV1 { conversation_id, effects }) => {
                self.carry_out_silently(conversation_id, effects).await
            }
            Ok(OutgoingJob::TellSenderV1 { conversation_id, consent }) => {
                verdict(self.handoffs.tell(conversation_id, consent).await)
            }
            Err(error) => Verdict::Dead { error: error.to_string() },
        }
    }

    async fn on_dead(&self, tx: &mut Tx, lease: &Lease, error: &str) -> Result<(), StoreError> {
        if let Ok(OutgoingJob::HandOverV1 { message_id, .. }) = lease.head().decode() {
            messages::set_state(tx, message_id.as_str(), "failed").await?;
        }
        tell_of_dead_letter(tx, &self.alerts, lease, error);
        Ok(())
    }
}

/// Somebody is to look at work that was given up.
fn tell_of_dead_letter(tx: &mut Tx, alerts: &Alerts, lease: &Lease, error: &str) {
    let alert = Alert::new("dead_letter", format!("{} was given up: {error}", lease.head().kind))
        .inspect("proefrit.orchestrator.v1.OrchestratorService/ListDeadLetters")
        .mend("proefrit.orchestrator.v1.OrchestratorService/RetryDeadLetter");
    let alerts = alerts.clone();
    tx.on_commit(move || alerts.raise(alert));
}

/// Notes that a reply is not to go out.
struct MarkRefused(MessageId);

impl Write for MarkRefused {
    const NAME: &'static str = "hand-over-refused";
    type Output = ();
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<(), StoreError> {
        messages::set_state(tx, self.0.as_str(), "refused").await
    }
}

/// Why what a turn decided about appointments is not done.
enum Broken {
    /// The slot of this appointment went to somebody else.
    Lost(String),
    /// It is tried again, or given up, by what this says.
    Later(Status),
}

/// What may go out although the customer opted out or a human owns the conversation.
#[derive(Clone, Copy)]
struct LastWord {
    closing_reply: bool,
    confirms_stop: bool,
}

/// Refused for good: asking again cannot help, and nobody has to mend anything.
fn is_final(status: &Status) -> bool {
    matches!(mesh::reason(status).as_deref(), Some("OPTED_OUT" | "HUMAN_OWNS" | "SERVICE_WINDOW_CLOSED"))
}

/// Whoever is away is asked again; an error answer uses up a try.
fn again(status: &Status) -> Verdict {
    let reason = format!("{:?}: {}", status.code(), status.message());
    match mesh::kind_of(status) {
        ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Contended | ErrorKind::Exhausted => {
            Verdict::Postpone { reason, after: mesh::retry_after(status).unwrap_or(AWAY) }
        }
        ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Refused => Verdict::Dead { error: reason },
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
    async fn load(&self, id: &MessageId) -> Result<Option<(StoredMessage, Conversation)>, Error> {
        let mut conn = self.store.read("hand-over-load").await?;
        let Some(message) = messages::find(&mut conn, id.as_str()).await? else { return Ok(None) };
        let conversation = conversations::find(&mut conn, &message.conversation_id).await?;
        Ok(conversation.map(|conversation| (message, conversation)))
    }

    async fn hand_over(&self, id: MessageId, last_word: LastWord, effects: Vec<Effect>) -> Verdict {
        let (message, conversation) = match self.load(&id).await {
            Ok(Some(loaded)) => loaded,
            Ok(None) => return Verdict::Dead { error: "the message is gone".to_owned() },
            Err(error) => return store_failed(&error),
        };
        match self.carry_out(conversation.id, &effects).await {
            Ok(()) => {}
            Err(Broken::Lost(appointment_id)) => {
                return self.promise_broken(message, conversation, appointment_id).await;
            }
            Err(Broken::Later(status)) => return again(&status),
        }
        let LastWord { closing_reply, confirms_stop } = last_word;
        let request =
            SendMessageRequest { closing_reply, confirms_stop, ..send_request(&message, &conversation) };
        match ChannelServiceClient::new(self.channel.clone()).send_message(request).await {
            Ok(_) => Verdict::Ack,
            Err(status) if is_final(&status) => self.refused(&message, &status, &effects).await,
            Err(status) => again(&status),
        }
    }

    /// The sender may not send it: the customer opted out, a human took over, or the service window closed.
    async fn refused(&self, message: &StoredMessage, status: &Status, effects: &[Effect]) -> Verdict {
        let reason = mesh::reason(status).unwrap_or_else(|| "REFUSED".to_owned());
        tracing::warn!(message.id = %message.id, %reason, "a reply was refused by the channel-sender");
        if reason == "SERVICE_WINDOW_CLOSED" {
            self.alerts.raise(
                Alert::new(
                    "service_window_closed",
                    "a reply came after the 24-hour window; answer it with a template",
                )
                .detail("conversation", message.conversation_id.to_string())
                .key(keys::alert(message.conversation_id)),
            );
        }
        if !effects.is_empty() {
            self.alerts.raise(
                Alert::new(
                    "appointment_untold",
                    "an appointment changed and the customer could not be told; tell the customer",
                )
                .detail("conversation", message.conversation_id.to_string())
                .detail("reason", reason)
                .key(keys::alert(message.conversation_id)),
            );
        }
        match self.store.write(MarkRefused(message.id)).await {
            Ok(()) => Verdict::Ack,
            Err(error) => store_failed(&error.into()),
        }
    }

    /// Does what a turn decided about appointments, in order. Each step may be repeated.
    async fn carry_out(&self, conversation_id: ConversationId, effects: &[Effect]) -> Result<(), Broken> {
        for effect in effects {
            let Err(status) = self.one_effect(conversation_id, effect).await else { continue };
            match (mesh::reason(&status).as_deref(), effect) {
                (Some("HOLD_LOST"), Effect::Confirm { appointment_id }) => {
                    return Err(Broken::Lost(appointment_id.clone()));
                }
                // It was called off or given up meanwhile: what was said then follows in this lane.
                (Some("APPOINTMENT_ENDED"), _) => {}
                // Nothing is left to call off or to rename.
                (Some("APPOINTMENT_NOT_FOUND"), Effect::Cancel { .. } | Effect::Amend { .. }) => {
                    tracing::warn!("an appointment that was to change is there no more");
                }
                _ => return Err(Broken::Later(status)),
            }
        }
        Ok(())
    }

    async fn one_effect(&self, conversation_id: ConversationId, effect: &Effect) -> Result<(), Status> {
        let mut calendar = CalendarServiceClient::new(self.calendar.clone());
        let conversation_id = conversation_id.to_string();
        match effect.clone() {
            Effect::Confirm { appointment_id } => {
                calendar.confirm_appointment(ConfirmAppointmentRequest { appointment_id }).await.map(drop)
            }
            Effect::Cancel { appointment_id } => {
                let request = CancelAppointmentRequest { appointment_id, conversation_id, fencing_token: 0 };
                calendar.cancel_appointment(request).await.map(drop)
            }
            Effect::Amend { appointment_id, name, subject } => {
                let request = AmendAppointmentRequest {
                    appointment_id,
                    name: name.unwrap_or_default(),
                    subject: subject.unwrap_or_default(),
                    conversation_id,
                    fencing_token: 0,
                };
                calendar.amend_appointment(request).await.map(drop)
            }
            // Those are done with the turn's commit.
            Effect::OpenTask(_) | Effect::OptOut | Effect::OptIn => Ok(()),
        }
    }

    async fn carry_out_silently(&self, conversation_id: ConversationId, effects: Vec<Effect>) -> Verdict {
        match self.carry_out(conversation_id, &effects).await {
            Ok(()) => Verdict::Ack,
            Err(Broken::Lost(appointment_id)) => {
                self.tell_of_lost(conversation_id, appointment_id);
                Verdict::Ack
            }
            Err(Broken::Later(status)) => again(&status),
        }
    }

    fn tell_of_lost(&self, conversation_id: ConversationId, appointment_id: String) {
        self.alerts.raise(
            Alert::new("appointment_lost", "a promised slot was sold to somebody else; call the customer")
                .detail("conversation", conversation_id.to_string())
                .detail("appointment", appointment_id)
                .key(keys::alert(conversation_id)),
        );
    }

    /// The slot was lost before the reply could go out: the reply stays here, the customer is asked to wait, and a human takes over.
    async fn promise_broken(
        &self,
        message: StoredMessage,
        conversation: Conversation,
        appointment_id: String,
    ) -> Verdict {
        self.tell_of_lost(conversation.id, appointment_id.clone());
        match self.handoffs.withdraw(message, conversation, appointment_id).await {
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
            // Who owns the conversation the sender is told by itself, in order: what was read here may be older than a takeover.
            owner: String::new(),
        }),
        from_human: message.author == "human",
        closing_reply: false,
        confirms_stop: false,
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

    async fn on_dead(&self, tx: &mut Tx, lease: &Lease, error: &str) -> Result<(), StoreError> {
        tell_of_dead_letter(tx, &self.alerts, lease, error);
        Ok(())
    }
}

impl Background {
    async fn follow_up(&self, subject: Subject, follow_up: FollowUp) -> Verdict {
        let FollowUp::RecordCrm(update) = follow_up;
        let client = CrmServiceClient::new(self.crm.clone());
        let done = GrpcCrm { client, subject, now: self.clock.now() }.record(&update).await.map(drop);
        match done {
            Ok(()) => Verdict::Ack,
            Err(error @ PortError::Unreachable { .. }) => {
                Verdict::Postpone { reason: error.to_string(), after: AWAY * 10 }
            }
            Err(error) => Verdict::Retry { error: error.to_string(), after: None },
        }
    }
}
