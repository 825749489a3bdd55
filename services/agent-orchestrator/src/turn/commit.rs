//! A turn's one commit: fence, memory, reply, hand-over, audit and acknowledgement, all or nothing.

use std::{sync::Arc, time::Duration};

use alerts::{Alert, Alerts, Severity};
use assistant::{
    Knowledge,
    command::Reason,
    ports::LeadStatus,
    task::{self, Task, TaskKind},
    turn::{Effect, FollowUp, Outcome},
    word,
};
use dealer::Dealer;
use model::{MessageId, Timestamp};
use queue::{Lease, NewJob, QueueName};
use store::{StoreError, Tx, Write};
use telemetry::TraceContext;

use crate::{
    Error, handoff, keys,
    outgoing::{BackgroundJob, OutgoingJob},
    store::{
        audit::{self, AuditEvent},
        conversations::{self, AfterTurn, Conversation, Kept},
        messages::{self, Extras, NewMessage, StoredMessage},
    },
    submit::{InboxJob, preview},
    tasks,
    turn::ports::Subject,
};

/// A message of a turn, on its way to be settled.
pub(super) struct Inbound {
    id: MessageId,
    at: Timestamp,
    /// A STOP came after it: nobody answers it.
    overtaken: bool,
}

impl Inbound {
    pub fn of(message: &StoredMessage, overtaken: bool) -> Self {
        Self { id: message.id, at: message.created_at, overtaken }
    }
}

/// What a turn came to, with all that its commit needs. Fails as stale when a newer worker was here, and keeps nothing then.
pub(super) struct CommitTurn {
    pub lease: Lease,
    pub conversation: Conversation,
    pub inbound: Vec<Inbound>,
    pub fencing_token: i64,
    pub outcome: Outcome,
    pub knowledge: Arc<Knowledge>,
    pub alerts: Alerts,
    pub handoff_ttl: Duration,
}

impl Write for CommitTurn {
    const NAME: &'static str = "turn-commit";
    type Output = ();
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<(), Error> {
        self.commit(tx).await
    }
}

/// A human owns the conversation: the messages are history and no agent will answer them.
pub(super) struct AsHistory {
    pub lease: Lease,
    pub messages: Vec<MessageId>,
}

impl Write for AsHistory {
    const NAME: &'static str = "turn-history";
    type Output = ();
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<(), Error> {
        for id in &self.messages {
            messages::settle(tx, id, "history", "", "").await?;
        }
        Ok(self.lease.ack(tx).await?)
    }
}

impl CommitTurn {
    async fn commit(&self, tx: &mut Tx) -> Result<(), Error> {
        let outcome = &self.outcome;
        // The conversation before its contact, and both before the lanes, as everybody locks them.
        let after = after_turn(&self.conversation, outcome);
        let kept = match conversations::after_turn(tx, &self.conversation.id, &after).await? {
            Kept::Yes => true,
            // Their words are not wanted any more.
            Kept::TakenOver => false,
            Kept::Moved => return Err(Error::Moved),
        };
        if !conversations::raise_fence(tx, &self.conversation.contact_id, self.fencing_token).await? {
            return Err(Error::StaleFence);
        }
        let mut analyses = outcome.analyses.iter();
        for message in &self.inbound {
            let intent = if message.overtaken { None } else { analyses.next() };
            let intent = intent.map(|analysis| analysis.intent.as_str()).unwrap_or_default();
            let state = if kept && !message.overtaken { "answered" } else { "history" };
            messages::settle(tx, &message.id, state, self.lease.batch_id(), intent).await?;
        }
        if kept {
            self.effects(tx, outcome).await?;
        }
        Ok(self.lease.ack(tx).await?)
    }

    async fn effects(&self, tx: &mut Tx, outcome: &Outcome) -> Result<(), Error> {
        let mut events = Vec::new();
        let mut appointments = Vec::new();
        let mut tells_consent = false;
        let mut opted_out = self.conversation.opted_out;
        for effect in &outcome.effects {
            match effect {
                Effect::Confirm { .. } | Effect::Cancel { .. } | Effect::Amend { .. } => {
                    appointments.push(effect.clone());
                }
                Effect::OpenTask(task) => events.extend(self.open_task(tx, task).await?),
                Effect::OptOut | Effect::OptIn => {
                    let given = *effect == Effect::OptIn;
                    opted_out = !given;
                    tells_consent |= self.set_consent(tx, given).await?;
                }
            }
        }
        if let Some(reason) = outcome.hand_over {
            events.extend(self.call_a_human(tx, reason, &outcome.effects).await?);
        }
        if tells_consent {
            let job = OutgoingJob::tell_consent(self.conversation.id);
            job.push_urgent(tx, self.conversation.contact_id).await?;
        }
        events.extend(self.reply(tx, outcome, appointments, opted_out).await?);
        if outcome.hand_over.is_some() {
            let job = OutgoingJob::tell_owner(self.conversation.id);
            job.push(tx, self.conversation.contact_id).await?;
        }
        for follow_up in &outcome.follow_ups {
            self.follow_up(tx, follow_up).await?;
        }
        audit::append(tx, &events).await?;
        Ok(())
    }

    /// The reply with what it says happens to appointments, or that alone where silence is right.
    async fn reply(
        &self,
        tx: &mut Tx,
        outcome: &Outcome,
        effects: Vec<Effect>,
        opted_out: bool,
    ) -> Result<Option<AuditEvent>, StoreError> {
        let Conversation { id: conversation_id, contact_id, .. } = self.conversation;
        let Some(reply) = &outcome.reply else {
            if !effects.is_empty() {
                let job = OutgoingJob::CarryOutV1 { conversation_id, effects };
                job.push(tx, contact_id).await?;
            }
            return Ok(None);
        };
        let message = reply_message(tx, &self.conversation, self.lease.batch_id(), reply);
        messages::insert(tx, &message).await?;
        let job = OutgoingJob::HandOverV1 {
            message_id: message.id,
            // To the sender a human owns the conversation, be it one who has yet to come.
            closing_reply: outcome.hand_over.is_some() || self.conversation.is_waiting(),
            confirms_stop: opted_out,
            confirms: None,
            effects,
        };
        job.push(tx, contact_id).await?;
        let length = format!("{} characters", reply.chars().count());
        let event = AuditEvent::success(tx, conversation_id.as_str(), "agents", "reply_committed");
        Ok(Some(event.output(length)))
    }

    async fn open_task(&self, tx: &mut Tx, task: &Task) -> Result<Option<AuditEvent>, StoreError> {
        tasks::open(tx, &self.alerts, &self.conversation, task).await
    }

    /// Consent as of the turn's last message: a STOP or START that came since counts for more.
    async fn set_consent(&self, tx: &mut Tx, given: bool) -> Result<bool, StoreError> {
        let said = self.inbound.iter().filter(|message| !message.overtaken).map(|message| message.at).max();
        let said = said.unwrap_or_else(|| tx.now());
        conversations::set_consent(tx, &self.conversation.id, given, said).await
    }

    /// The agents stop speaking, somebody is told, and the conversation comes back when nobody comes.
    async fn call_a_human(
        &self,
        tx: &mut Tx,
        reason: Reason,
        effects: &[Effect],
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let conversation = &self.conversation;
        let mut events = Vec::new();
        if !effects.iter().any(|effect| matches!(effect, Effect::OpenTask(_))) {
            let task = self.task_of(reason, tx.now());
            events.extend(self.open_task(tx, &task).await?);
        }
        let alert = Alert::new("human_wanted", "a customer waits for a person")
            .severity(Severity::Warning)
            .detail("conversation", conversation.id.to_string())
            .detail("reason", reason.as_str())
            .key(keys::alert(conversation.id));
        let (alerts, is_new) = (self.alerts.clone(), !conversation.is_waiting());
        tx.on_commit(move || {
            if is_new {
                metrics::counter!("handoffs_total", "reason" => reason.as_str()).increment(1);
            }
            alerts.raise(alert);
        });
        // Who waits already waits no longer for asking again.
        if is_new {
            handoff::end_later(tx, conversation, self.handoff_ttl).await?;
            let event = AuditEvent::success(tx, conversation.id.as_str(), "agents", "handoff_started");
            events.push(event.output(reason.as_str()));
        }
        Ok(events)
    }

    /// To take the conversation over, due when the dealer is there.
    fn task_of(&self, reason: Reason, now: Timestamp) -> Task {
        let now = now.to_jiff().unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let now = now.to_zoned(self.knowledge.timezone.clone());
        task::promise(TaskKind::HandOver, reason.as_str(), &now, &self.knowledge.hours).1
    }

    async fn follow_up(&self, tx: &mut Tx, follow_up: &FollowUp) -> Result<(), StoreError> {
        let subject = Subject {
            org_id: self.conversation.org_id.clone(),
            address: self.conversation.address.to_string(),
            contact_name: self.conversation.contact_name.clone(),
            conversation_id: self.conversation.id.to_string(),
            fencing_token: 0,
        };
        let job = BackgroundJob::FollowUpV1 { subject, follow_up: Box::new(follow_up.clone()) };
        let lane = keys::lane(self.conversation.contact_id);
        queue::push(tx, NewJob::new(QueueName::Background, lane, "follow-up", &job)?).await
    }
}

fn after_turn(conversation: &Conversation, outcome: &Outcome) -> AfterTurn {
    AfterTurn {
        owner: conversation.owner,
        consent_at: conversation.consent_at,
        language: outcome.state.language.map(|language| language.as_str().to_owned()).unwrap_or_default(),
        memory: outcome.state.to_json(),
        lead: outcome.lead.map(|lead| {
            let status = match lead.status {
                LeadStatus::Cold => "COLD",
                LeadStatus::Warm => "WARM",
                LeadStatus::Hot => "HOT",
            };
            (i64::from(lead.score), status.to_owned())
        }),
        preview: outcome.reply.as_deref().map(preview),
        hand_over: outcome.hand_over.is_some(),
    }
}

fn reply_message(tx: &mut Tx, conversation: &Conversation, turn_id: &str, body: &str) -> NewMessage {
    NewMessage {
        id: tx.new_id(),
        org_id: conversation.org_id.clone(),
        conversation_id: conversation.id,
        direction: "outbound",
        provider: conversation.source.as_str(),
        provider_message_id: String::new(),
        from_address: String::new(),
        to_address: conversation.address.to_string(),
        body: body.to_owned(),
        extras: Extras::default(),
        state: "committed",
        author: "agents",
        turn_id: turn_id.to_owned(),
        idempotency_key: keys::reply(turn_id),
        traceparent: TraceContext::current().map(|trace| trace.to_string()).unwrap_or_default(),
        created_at: tx.now(),
    }
}

/// The turn is given up: its messages are marked, the customer is told to wait and a human is to look. Answers the conversation's id.
pub(super) async fn give_up(
    tx: &mut Tx,
    lease: &Lease,
    dealer: &Dealer,
    error: &str,
) -> Result<String, StoreError> {
    let InboxJob::AnswerV1 { conversation_id, .. } = lease.head().decode()?;
    for job in lease.jobs() {
        let work: InboxJob = job.decode()?;
        for message_id in work.message_ids() {
            messages::settle(tx, &message_id, "failed", lease.batch_id(), "").await?;
        }
    }
    let event = AuditEvent::success(tx, conversation_id.as_str(), "system", "dead_lettered");
    audit::append(tx, &[event.failed("turn_failed", error)]).await?;
    if let Some(conversation) = conversations::find(tx, &conversation_id).await? {
        let hold = word::hold(dealer, &conversation.language);
        let message = reply_message(tx, &conversation, lease.batch_id(), &hold);
        if messages::insert(tx, &message).await? {
            OutgoingJob::hand_over(message.id).push(tx, conversation.contact_id).await?;
        }
    }
    Ok(conversation_id.to_string())
}
