//! A turn's one commit: fence, memory, reply, hand-over, audit and acknowledgement, all or nothing.

use std::time::Duration;

use alerts::{Alert, Alerts, Severity};
use assistant::{
    agents::{BookingAction, FollowUp, LeadStatus, Reason, TurnOutcome},
    replies,
};
use dealer::Dealer;
use model::{Ids, MessageId, SharedClock, Timestamp};
use queue::{Lease, NewJob, QueueName};
use store::{Store, StoreError, Tx};
use telemetry::TraceContext;

use crate::{
    Error, handoff,
    outgoing::{BackgroundJob, OutgoingJob},
    store::{
        audit::{self, AuditEvent},
        conversations::{self, AfterTurn, Conversation},
        messages::{self, Extras, NewMessage, StoredMessage},
    },
    submit::{InboxJob, preview},
    turn::ports::Subject,
};

pub(super) struct Commit<'a> {
    pub store: &'a Store,
    pub clock: &'a SharedClock,
    pub ids: &'a Ids,
    pub alerts: &'a Alerts,
    pub handoff_ttl: Duration,
}

impl Commit<'_> {
    /// Commits what the graph decided. Fails as stale when a newer worker was here, and keeps nothing then.
    pub async fn turn(
        &self,
        lease: &Lease,
        conversation: Conversation,
        messages: &[StoredMessage],
        fencing_token: i64,
        outcome: TurnOutcome,
    ) -> Result<(), Error> {
        let (clock, ids, lease) = (self.clock.clone(), self.ids.clone(), lease.clone());
        let (alerts, handoff_ttl) = (self.alerts.clone(), self.handoff_ttl);
        let inbound: Vec<(MessageId, String)> = messages
            .iter()
            .enumerate()
            .map(|(index, message)| {
                let intent = outcome.analyses.get(index).map(|analysis| analysis.intent.as_str());
                (message.id, intent.unwrap_or_default().to_owned())
            })
            .collect();
        self.store
            .write("turn-commit", move |tx| {
                Box::pin(async move {
                    let turn = Turn {
                        ids: &ids,
                        alerts: &alerts,
                        handoff_ttl,
                        lease: &lease,
                        conversation: &conversation,
                        now: clock.now(),
                    };
                    turn.commit(tx, &inbound, fencing_token, &outcome).await
                })
            })
            .await
    }

    /// A human owns the conversation: the messages are history and no agent will answer them.
    pub async fn as_history(&self, lease: &Lease, messages: &[StoredMessage]) -> Result<(), Error> {
        let (lease, now) = (lease.clone(), self.clock.now());
        let inbound: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
        self.store
            .write("turn-history", move |tx| {
                Box::pin(async move {
                    for id in &inbound {
                        messages::settle(tx, id, "history", "", "").await?;
                    }
                    Ok(lease.ack(tx, now).await?)
                })
            })
            .await
    }
}

struct Turn<'a> {
    ids: &'a Ids,
    alerts: &'a Alerts,
    handoff_ttl: Duration,
    lease: &'a Lease,
    conversation: &'a Conversation,
    now: Timestamp,
}

impl Turn<'_> {
    async fn commit(
        &self,
        tx: &mut Tx,
        inbound: &[(MessageId, String)],
        fencing_token: i64,
        outcome: &TurnOutcome,
    ) -> Result<(), Error> {
        // The conversation before its contact, as everybody locks them. A STOP was honoured when it came in: here it is confirmed.
        let kept =
            conversations::after_turn(tx, &self.conversation.id, &after_turn(outcome), self.now).await?;
        if !conversations::raise_fence(tx, &self.conversation.contact_id, fencing_token).await? {
            return Err(Error::StaleFence);
        }
        // A human took over while the agents thought: their words are not wanted any more.
        let state = if kept { "answered" } else { "history" };
        for (id, intent) in inbound {
            messages::settle(tx, id, state, self.lease.batch_id(), intent).await?;
        }
        if kept {
            self.effects(tx, outcome).await?;
        }
        Ok(self.lease.ack(tx, self.now).await?)
    }

    async fn effects(&self, tx: &mut Tx, outcome: &TurnOutcome) -> Result<(), Error> {
        let conversation_id = self.conversation.id.as_str();
        let mut events = Vec::new();
        if let Some(reply) = &outcome.reply {
            let message = reply_message(self.ids, self.conversation, self.lease.batch_id(), reply, self.now);
            messages::insert(tx, &message).await?;
            let job = OutgoingJob::HandOverV1 {
                message_id: message.id,
                closing_reply: outcome.escalate.is_some(),
                confirms_stop: outcome.opt_out,
                confirms: match &outcome.booking {
                    BookingAction::Held { appointment_id, .. } => Some(appointment_id.clone()),
                    _ => None,
                },
            };
            self.push(tx, "hand-over", &job).await?;
            let length = format!("{} characters", reply.chars().count());
            events.push(
                AuditEvent::success(self.ids, conversation_id, "agents", "reply_committed", self.now)
                    .output(length),
            );
        }
        if let Some(reason) = outcome.escalate {
            self.call_a_human(tx, reason).await?;
            events.push(
                AuditEvent::success(self.ids, conversation_id, "agents", "handoff_started", self.now)
                    .output(reason.as_str()),
            );
        }
        for follow_up in &outcome.follow_ups {
            self.follow_up(tx, follow_up).await?;
        }
        audit::append(tx, &events).await?;
        Ok(())
    }

    /// The agents stop speaking, somebody is told, and the conversation comes back when nobody comes.
    async fn call_a_human(&self, tx: &mut Tx, reason: Reason) -> Result<(), StoreError> {
        let alert = Alert::new("human_wanted", "a customer waits for a person")
            .severity(Severity::Warning)
            .detail("conversation", self.conversation.id.to_string())
            .detail("reason", reason.as_str())
            .key(self.conversation.id.to_string());
        let alerts = self.alerts.clone();
        tx.on_commit(move || {
            metrics::counter!("handoffs_total", "reason" => reason.as_str()).increment(1);
            alerts.raise(alert);
        });
        self.push(tx, "tell-sender", &OutgoingJob::tell_owner(self.conversation.id)).await?;
        handoff::end_later(tx, self.conversation, self.handoff_ttl, self.now).await
    }

    async fn push(&self, tx: &mut Tx, kind: &'static str, job: &OutgoingJob) -> Result<(), StoreError> {
        queue::push(tx, NewJob::new(QueueName::Outgoing, self.conversation.contact_id, kind, job, self.now)?)
            .await
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
        queue::push(
            tx,
            NewJob::new(QueueName::Background, self.conversation.contact_id, "follow-up", &job, self.now)?,
        )
        .await
    }
}

fn after_turn(outcome: &TurnOutcome) -> AfterTurn {
    AfterTurn {
        language: outcome.memory.language.map(|language| language.as_str().to_owned()).unwrap_or_default(),
        memory: outcome.memory.to_json(),
        lead: outcome.lead.map(|lead| {
            let status = match lead.status {
                LeadStatus::Cold => "COLD",
                LeadStatus::Warm => "WARM",
                LeadStatus::Hot => "HOT",
            };
            (i64::from(lead.score), status.to_owned())
        }),
        preview: outcome.reply.as_deref().map(preview),
        hand_over: outcome.escalate.is_some(),
    }
}

fn reply_message(
    ids: &Ids,
    conversation: &Conversation,
    turn_id: &str,
    body: &str,
    now: Timestamp,
) -> NewMessage {
    NewMessage {
        id: ids.next(),
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
        // One turn, one reply, whatever else goes wrong.
        idempotency_key: format!("reply:{turn_id}"),
        traceparent: TraceContext::current().map(|trace| trace.to_string()).unwrap_or_default(),
        created_at: now,
    }
}

/// The turn is given up: its messages are marked, the customer is told to wait and a human is to look. Answers the conversation's id.
pub(super) async fn give_up(
    tx: &mut Tx,
    lease: &Lease,
    ids: &Ids,
    dealer: &Dealer,
    error: &str,
    now: Timestamp,
) -> Result<String, StoreError> {
    let InboxJob::AnswerV1 { conversation_id, .. } = lease.head().decode()?;
    for job in lease.jobs() {
        let InboxJob::AnswerV1 { message_id, .. } = job.decode()?;
        messages::settle(tx, &message_id, "failed", lease.batch_id(), "").await?;
    }
    let event = AuditEvent::success(ids, conversation_id.as_str(), "system", "dead_lettered", now);
    audit::append(tx, &[event.failed("turn_failed", error)]).await?;
    if let Some(conversation) = conversations::find(tx.conn(), &conversation_id).await? {
        let hold = replies::hold(dealer, &conversation.language);
        let message = reply_message(ids, &conversation, lease.batch_id(), &hold, now);
        if messages::insert(tx, &message).await? {
            let job = OutgoingJob::hand_over(message.id);
            queue::push(
                tx,
                NewJob::new(QueueName::Outgoing, conversation.contact_id, "hand-over", &job, now)?,
            )
            .await?;
        }
    }
    Ok(conversation_id.to_string())
}
