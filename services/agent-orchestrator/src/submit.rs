//! `SubmitMessage`: one inbound message is kept and its turn queued, in one commit.

use std::{collections::BTreeMap, time::Duration};

use assistant::{
    Knowledge,
    command::{Command, Plain},
    reading::{self, Urgent},
    state::State,
    turn::{Message, Scene},
};
use model::{ConversationId, MessageId, Timestamp};
use queue::{NewJob, QueueName};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError, Tx, Write};
use telemetry::TraceContext;

use crate::{
    Error, keys,
    knowledge::LiveKnowledge,
    outgoing::OutgoingJob,
    store::{
        audit::{self, AuditEvent},
        conversations::{self, Conversation, Fragments, Key, Owner},
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
        /// What of the same thought came before it and waited for it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fragments: Vec<MessageId>,
        /// When the first of it came, in microseconds, where something waited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        waited_since: Option<i64>,
    },
}

impl InboxJob {
    /// The messages to answer, in the order they came.
    pub fn message_ids(&self) -> Vec<MessageId> {
        let Self::AnswerV1 { message_id, fragments, .. } = self;
        fragments.iter().chain([message_id]).copied().collect()
    }

    /// When the first of them came, where something waited for its rest.
    pub fn waited_since(&self) -> Option<Timestamp> {
        let Self::AnswerV1 { waited_since, .. } = self;
        waited_since.map(Timestamp::from_micros)
    }
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
    pub(crate) dealer: LiveKnowledge,
    /// How long what looks unfinished waits for its rest, each time; zero for not at all.
    pub(crate) burst_window: Duration,
}

/// How long the parts of one thought wait for each other in all.
const BURST_LASTS: Duration = Duration::from_secs(4);

/// Characters of a message shown in lists.
const PREVIEW: usize = 80;

/// The opening words of a text.
pub fn preview(text: &str) -> String {
    text.chars().take(PREVIEW).collect()
}

impl Submissions {
    /// Keeps a message and queues its turn. The provider's id decides whether it is new: a repeated call answers the ids of the first.
    pub async fn submit(&self, inbound: Inbound) -> Result<Submitted, Error> {
        let asks = Asks::of(&self.dealer.now(), self.store.now(), &inbound);
        self.store.write(SubmitMessage { inbound, asks, burst_window: self.burst_window }).await
    }
}

/// What a message alone says, before anybody has thought about it: enough to tell what must not wait, and what should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    /// For nothing that its turn could not see to.
    Nothing,
    /// No more messages, in plain words.
    Stop,
    /// Messages again, in plain words.
    Back,
    /// A person, and not behind a stuck turn.
    Person,
    /// To wait for the rest of it.
    Rest,
}

impl Asks {
    fn of(knowledge: &Knowledge, now: Timestamp, inbound: &Inbound) -> Self {
        let text = reading::words_of(&inbound.body);
        // What is done before the turn must be what the turn then speaks of.
        let plainly = |command: &Command| reads_plainly(knowledge, now, text, command);
        match reading::is_urgent(text) {
            Some(Urgent::Person) => Self::Person,
            Some(Urgent::OptOut) if plainly(&Command::OptOut) => Self::Stop,
            Some(Urgent::OptIn) if plainly(&Command::OptIn) => Self::Back,
            None if inbound.media.is_empty() && reading::looks_unfinished(text) => Self::Rest,
            Some(Urgent::OptOut | Urgent::OptIn) | None => Self::Nothing,
        }
    }
}

/// Whether a text by itself is read as this command, in plain words.
fn reads_plainly(knowledge: &Knowledge, now: Timestamp, text: &str, wanted: &Command) -> bool {
    let Ok(at) = now.to_jiff() else { return false };
    let message = Message::new("", text, at);
    let now = at.to_zoned(knowledge.timezone.clone());
    let (messages, state) = (std::slice::from_ref(&message), &State::default());
    let commands = reading::read(&Scene { messages, state, knowledge, now: &now }).commands;
    commands.iter().any(|read| read.command == *wanted && read.plain == Plain::Clear)
}

/// Keeps an inbound message and queues the turn that answers it, once.
struct SubmitMessage {
    inbound: Inbound,
    asks: Asks,
    burst_window: Duration,
}

impl Write for SubmitMessage {
    const NAME: &'static str = "submit-message";
    type Output = Submitted;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Submitted, Error> {
        let Self { inbound, asks, burst_window } = self;
        let now = tx.now();
        let key = &inbound.key;
        let provider = key.source.as_str();
        let conversation = conversations::find_or_begin(tx, key).await?;
        let answered = conversation.gets_turns();
        let message = NewMessage {
            id: tx.new_id(),
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
            let (message_id, conversation_id) = first.ok_or_else(messages::gone)?;
            return Ok(Submitted { message_id, conversation_id, is_new: false });
        }
        // Only agents that answer wait for the rest; a person who is called for should see it at once.
        let waits = asks == Asks::Rest && conversation.owner == Owner::Agents && !conversation.opted_out;
        let work = gather(tx, &conversation, message.id, waits.then_some(burst_window)).await?;
        let fragments = if work.due_at.is_some() { work.fragments() } else { Fragments::default() };
        conversations::note_inbound(tx, &conversation.id, &preview(&inbound.body), &fragments).await?;
        if !key.contact_name.is_empty() && key.contact_name != conversation.contact_name {
            conversations::rename(tx, &conversation.contact_id, &key.contact_name).await?;
        }
        let stop = asks == Asks::Stop;
        let back = asks == Asks::Back && conversation.opted_out;
        // Whoever owns the conversation: nothing may be sent to a customer who said STOP.
        if (stop || back) && conversations::set_consent(tx, &conversation.id, back, now).await? {
            let job = OutgoingJob::tell_consent(conversation.id);
            if stop {
                job.push_urgent(tx, conversation.contact_id).await?;
            } else {
                job.push(tx, conversation.contact_id).await?;
            }
        }
        if answered {
            work.push(tx, &conversation, matches!(asks, Asks::Stop | Asks::Person)).await?;
        }
        let kinds = format!("{} characters, {} media", inbound.body.chars().count(), inbound.media.len());
        let conversation_id = conversation.id.as_str();
        let mut events = vec![
            AuditEvent::success(tx, conversation_id, "customer", "inbound_webhook_received").input(&kinds),
            AuditEvent::success(tx, conversation_id, "system", "message_persisted"),
        ];
        if answered {
            events.push(AuditEvent::success(tx, conversation_id, "system", "orchestrator_triggered"));
        }
        audit::append(tx, &events).await?;
        Ok(Submitted {
            message_id: message.id.to_string(),
            conversation_id: conversation.id.to_string(),
            is_new: true,
        })
    }
}

/// What is to be answered together, and when.
struct Work {
    ids: Vec<MessageId>,
    since: Timestamp,
    /// Later, where it waits for its rest.
    due_at: Option<Timestamp>,
}

/// Gathers a message with what waits for it. What waits is a row in the queue that is due later: whoever adds to it takes it back and writes
/// it anew, unless a turn has it by now.
async fn gather(
    tx: &mut Tx,
    conversation: &Conversation,
    message: MessageId,
    window: Option<Duration>,
) -> Result<Work, StoreError> {
    let now = tx.now();
    let mut work = Work { ids: Vec::new(), since: now, due_at: None };
    let Fragments { since, ids } = &conversation.fragments;
    if !ids.is_empty() && queue::cancel(tx, QueueName::Inbox, &keys::fragments(conversation.id)).await? {
        work.ids.clone_from(ids);
        work.since = *since;
    }
    work.ids.push(message);
    let until = window.filter(|window| !window.is_zero()).map(|window| now + window);
    work.due_at = until.map(|until| until.min(work.since + BURST_LASTS)).filter(|due| *due > now);
    Ok(work)
}

impl Work {
    fn fragments(&self) -> Fragments {
        Fragments { since: self.since, ids: self.ids.clone() }
    }

    async fn push(self, tx: &mut Tx, conversation: &Conversation, urgent: bool) -> Result<(), StoreError> {
        let waited = self.due_at.is_some() || self.ids.len() > 1;
        let mut fragments = self.ids;
        let Some(message_id) = fragments.pop() else { return Ok(()) };
        let job = InboxJob::AnswerV1 {
            message_id,
            conversation_id: conversation.id,
            fragments,
            waited_since: waited.then(|| self.since.as_micros()),
        };
        let job = NewJob::new(QueueName::Inbox, keys::lane(conversation.contact_id), "answer", &job)?;
        let job = if urgent { job.urgent() } else { job };
        match self.due_at {
            Some(due_at) => queue::push(tx, job.key(keys::fragments(conversation.id)).due_at(due_at)).await,
            None => queue::push(tx, job).await,
        }
    }
}
