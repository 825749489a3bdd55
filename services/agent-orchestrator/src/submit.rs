//! `SubmitMessage`: one inbound message is kept and its turn queued, in one commit.

use std::collections::BTreeMap;

use assistant::{
    Knowledge,
    reading::{self, Intent},
};
use model::{ConversationId, Ids, MessageId, SharedClock};
use queue::{NewJob, QueueName};
use serde::{Deserialize, Serialize};
use store::{Store, Tx};
use telemetry::TraceContext;

use crate::{
    Error,
    knowledge::LiveKnowledge,
    outgoing::OutgoingJob,
    store::{
        audit::{self, AuditEvent},
        conversations::{self, Key, Owner},
        messages::{self, Extras, NewMessage},
    },
};

/// A job of the inbox: one message that wants an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InboxJob {
    /// Answer this message.
    AnswerV1 {
        /// Our id of it.
        message_id: MessageId,
        /// Where it belongs.
        conversation_id: ConversationId,
    },
}

/// One message as a channel brought it, checked.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// Who wrote, over which channel.
    pub key: Key,
    /// The provider's id.
    pub provider_message_id: String,
    /// The customer's address as the provider spells it.
    pub from_address: String,
    /// Ours.
    pub to_address: String,
    /// The text.
    pub body: String,
    /// Address and MIME type of each medium.
    pub media: Vec<(String, String)>,
    /// Provider facts by name.
    pub metadata: BTreeMap<String, String>,
    /// The pairs as received.
    pub raw: Vec<(String, String)>,
}

/// Where a message was put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// Our id of it.
    pub message_id: String,
    /// The internal id of its conversation.
    pub conversation_id: String,
    /// False when it was there before.
    pub is_new: bool,
}

/// Keeps messages.
#[derive(Clone)]
pub struct Submissions {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) ids: Ids,
    pub(crate) dealer: LiveKnowledge,
}

/// Characters of a message shown in lists.
const PREVIEW: usize = 80;

/// The opening words of a text.
pub fn preview(text: &str) -> String {
    text.chars().take(PREVIEW).collect()
}

/// Words that take a STOP back; the ones WhatsApp and SMS providers know
/// (<https://help.twilio.com/articles/223134027>), and the Dutch and German ones customers write.
const START: &[&str] = &["start", "unstop", "hervat", "beginnen"];

/// Whether a customer who said STOP wants messages again.
fn wants_messages_again(text: &str) -> bool {
    let word = text.trim().trim_end_matches(['.', '!']);
    START.iter().any(|start| word.eq_ignore_ascii_case(start))
}

impl Submissions {
    /// Keeps a message and queues its turn. The provider's id decides whether it is new: a repeated call answers the ids of the first.
    pub async fn submit(&self, inbound: Inbound) -> Result<Submitted, Error> {
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        let intent = intent(&self.dealer.now(), &self.clock, &inbound.body);
        self.store
            .write("submit-message", move |tx| {
                Box::pin(async move { submit(tx, &ids, &clock, &inbound, intent).await })
            })
            .await
    }
}

/// What a text alone says: enough to tell what must not wait.
pub fn intent(dealer: &Knowledge, clock: &SharedClock, text: &str) -> Intent {
    let Ok(now) = clock.now().to_jiff() else { return Intent::Other };
    reading::analyze(text, &now.to_zoned(dealer.timezone.clone()), &dealer.context(0)).intent
}

async fn submit(
    tx: &mut Tx,
    ids: &Ids,
    clock: &SharedClock,
    inbound: &Inbound,
    intent: Intent,
) -> Result<Submitted, Error> {
    let now = clock.now();
    let key = &inbound.key;
    let provider = key.source.as_str();
    let conversation = conversations::find_or_begin(tx, ids, key, now).await?;
    let back = conversation.opted_out && wants_messages_again(&inbound.body);
    let answered = conversation.owner == Owner::Agents && (!conversation.opted_out || back);
    let message = NewMessage {
        id: ids.next(),
        org_id: key.org_id.clone(),
        conversation_id: conversation.id,
        direction: "inbound",
        provider,
        provider_message_id: inbound.provider_message_id.clone(),
        from_address: inbound.from_address.clone(),
        to_address: inbound.to_address.clone(),
        body: inbound.body.clone(),
        extras: Extras {
            media: inbound.media.clone(),
            metadata: inbound.metadata.clone(),
            raw: inbound.raw.clone(),
        },
        state: if answered { "received" } else { "history" },
        author: "customer",
        turn_id: String::new(),
        idempotency_key: String::new(),
        traceparent: TraceContext::current().map(|trace| trace.to_string()).unwrap_or_default(),
        created_at: now,
    };
    if !messages::insert(tx, &message).await? {
        let first = messages::id_of(tx, &key.org_id, provider, &inbound.provider_message_id).await?;
        let (message_id, conversation_id) = first.ok_or_else(|| Error::from(sqlx::Error::RowNotFound))?;
        return Ok(Submitted { message_id, conversation_id, is_new: false });
    }
    conversations::note_inbound(tx, &conversation.id, &preview(&inbound.body), now).await?;
    if !key.contact_name.is_empty() && key.contact_name != conversation.contact_name {
        conversations::rename(tx, &conversation.contact_id, &key.contact_name).await?;
    }
    let stop = intent == Intent::OptOut;
    if stop || back {
        // Whoever owns the conversation: nothing may be sent to a customer who said STOP.
        conversations::set_consent(tx, &conversation.id, back).await?;
        let job = OutgoingJob::tell_consent(conversation.id);
        let job = NewJob::new(QueueName::Outgoing, conversation.contact_id, "tell-sender", &job, now)?;
        queue::push(tx, if stop { job.urgent() } else { job }).await?;
    }
    if answered {
        let job = InboxJob::AnswerV1 { message_id: message.id, conversation_id: conversation.id };
        let job = NewJob::new(QueueName::Inbox, conversation.contact_id, "answer", &job, now)?;
        // STOP and the wish for a person do not wait behind a stuck turn.
        let urgent = matches!(intent, Intent::OptOut | Intent::HumanRequest);
        queue::push(tx, if urgent { job.urgent() } else { job }).await?;
    }
    let kinds = format!("{} characters, {} media", inbound.body.chars().count(), inbound.media.len());
    let conversation_id = conversation.id.as_str();
    let mut events = vec![
        AuditEvent::success(ids, conversation_id, "customer", "inbound_webhook_received", now).input(&kinds),
        AuditEvent::success(ids, conversation_id, "system", "message_persisted", now),
    ];
    if answered {
        events.push(AuditEvent::success(ids, conversation_id, "system", "orchestrator_triggered", now));
    }
    audit::append(tx, &events).await?;
    Ok(Submitted {
        message_id: message.id.to_string(),
        conversation_id: conversation.id.to_string(),
        is_new: true,
    })
}
