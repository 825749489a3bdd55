//! Turns: what waits in a contact's lane becomes one reply, under the conversation's lock, in one commit.

mod commit;
mod lock;
mod ports;

use std::time::Duration;

use alerts::{Alert, Alerts};
use assistant::{
    command::Medium,
    decide::Decision,
    ports::PortError,
    reading,
    state::{State, StateError},
    turn::{self, Contact, Message, TurnInput},
};
use mesh::Wire;
use model::{ErrorKind, MessageId, SharedClock};
use proto::{
    calendar::v1::calendar_service_client::CalendarServiceClient,
    crm::v1::crm_service_client::CrmServiceClient,
};
use queue::{Handler, Lease, Verdict};
use store::{Store, StoreError, Tx};
use tonic::Status;

use self::{
    commit::{AsHistory, CommitTurn, Inbound},
    lock::Held,
};
pub use self::{
    lock::Locks,
    ports::{GrpcAgenda, GrpcCrm, Subject},
};
use crate::{
    Error,
    knowledge::LiveKnowledge,
    store::{
        conversations::{self, Conversation},
        messages::{self, Extras, StoredMessage},
        tasks,
    },
    submit::InboxJob,
};

/// The wait before a turn looks again whether somebody who was away is back.
const AWAY: Duration = Duration::from_secs(1);

/// The wait after a failure of calendar or CRM, before the one try they get.
const PORT_RETRY: Duration = Duration::from_millis(500);

/// Does the turns of the inbox.
pub struct Turns {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) dealer: LiveKnowledge,
    pub(crate) alerts: Alerts,
    pub(crate) locks: Locks,
    pub(crate) calendar: Wire,
    pub(crate) crm: Wire,
    pub(crate) handoff_ttl: Duration,
    pub(crate) backend: llm::AnyBackend,
}

/// Why a turn came to nothing this time.
#[derive(Debug, thiserror::Error)]
enum Unfinished {
    #[error("{0}")]
    Lock(Status),
    #[error("{0}")]
    Port(PortError),
    #[error("the conversation's lock was lost")]
    LockLost,
    #[error("the conversation's state has version {0}, which a newer replica reads")]
    NewerState(u32),
    #[error(transparent)]
    Own(#[from] Error),
}

impl From<StoreError> for Unfinished {
    fn from(error: StoreError) -> Self {
        Self::Own(error.into())
    }
}

impl Handler for Turns {
    async fn handle(&self, lease: Lease) -> Verdict {
        let verdict = match Box::pin(self.turn(&lease)).await {
            Ok(()) => Verdict::Done,
            Err(unfinished) => verdict(&unfinished),
        };
        let outcome = match verdict {
            Verdict::Done | Verdict::Ack => "settled",
            Verdict::Postpone { .. } => "postponed",
            Verdict::Retry { .. } | Verdict::Dead { .. } => "failed",
        };
        metrics::counter!("turns_total", "outcome" => outcome).increment(1);
        verdict
    }

    async fn on_dead(&self, tx: &mut Tx, lease: &Lease, error: &str) -> Result<(), StoreError> {
        let conversation = commit::give_up(tx, lease, &self.dealer.now(), error).await?;
        let alert = Alert::new("turn_dead_lettered", "a customer's message could not be answered")
            .detail("conversation", conversation.clone())
            .key(conversation)
            .inspect("proefrit.orchestrator.v1.OrchestratorService/ListDeadLetters")
            .mend("proefrit.orchestrator.v1.OrchestratorService/RetryDeadLetter");
        let alerts = self.alerts.clone();
        tx.on_commit(move || alerts.raise(alert));
        Ok(())
    }
}

/// Whoever cannot be reached costs no try; an error answer does.
fn verdict(unfinished: &Unfinished) -> Verdict {
    let reason = unfinished.to_string();
    match unfinished {
        Unfinished::Lock(status) => match mesh::kind_of(status) {
            ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Contended | ErrorKind::Exhausted => {
                Verdict::Postpone { reason, after: AWAY }
            }
            _ => Verdict::Retry { error: reason, after: None },
        },
        // During an update both versions run: the turn waits for a replica that can read what the other remembers.
        Unfinished::NewerState(_)
        | Unfinished::LockLost
        | Unfinished::Port(PortError::Stale { .. })
        | Unfinished::Own(Error::StaleFence | Error::Moved) => Verdict::Postpone { reason, after: AWAY },
        Unfinished::Port(_) => Verdict::Retry { error: reason, after: Some(PORT_RETRY) },
        Unfinished::Own(error) => {
            use model::Classify;
            match error.kind() {
                ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Contended => {
                    Verdict::Postpone { reason, after: AWAY }
                }
                _ => Verdict::Retry { error: reason, after: None },
            }
        }
    }
}

/// What a turn is about, as it is read when the turn begins.
struct Loaded {
    conversation: Conversation,
    messages: Vec<StoredMessage>,
    /// Kinds of the tasks that are open, where the state speaks of promises.
    open_tasks: Vec<String>,
}

impl Turns {
    async fn turn(&self, lease: &Lease) -> Result<(), Unfinished> {
        let Loaded { conversation, mut messages, open_tasks } = self.load(lease).await?;
        // Who said STOP hears no more of what was asked before.
        let overtaken =
            |message: &StoredMessage| conversation.opted_out && message.created_at < conversation.consent_at;
        if !conversation.gets_turns() || messages.iter().all(overtaken) {
            let messages = messages.iter().map(|message| message.id).collect();
            return Ok(self.store.write(AsHistory { lease: lease.clone(), messages }).await?);
        }
        let inbound: Vec<Inbound> = messages.iter().map(|one| Inbound::of(one, overtaken(one))).collect();
        messages.retain(|message| !overtaken(message));
        let address = conversation.address.to_string();
        let held = self
            .locks
            .acquire(&conversation.org_id, &address, lease.generation())
            .await
            .map_err(Unfinished::Lock)?;
        let input = self.input(lease, &conversation, &messages, &open_tasks);
        let answered = match input {
            Ok(input) => tokio::select! {
                answered = self.answer(lease, conversation, inbound, input, &held) => answered,
                () = self.locks.keep(&held) => Err(Unfinished::LockLost),
            },
            Err(unfinished) => Err(unfinished),
        };
        self.locks.release(held).await;
        answered
    }

    async fn load(&self, lease: &Lease) -> Result<Loaded, Unfinished> {
        let mut ids = Vec::with_capacity(lease.jobs().len());
        for job in lease.jobs() {
            let work: InboxJob = job.decode()?;
            if lease.tries() == 0
                && let Some(since) = work.waited_since()
            {
                let waited = job.enqueued_at.since(since).as_secs_f64();
                metrics::histogram!("burst_wait_seconds").record(waited);
            }
            ids.extend(work.message_ids());
        }
        let InboxJob::AnswerV1 { conversation_id, .. } = lease.head().decode()?;
        let mut conn = self.store.read("turn-load").await?;
        let conversation = conversations::find(&mut conn, &conversation_id).await?;
        let conversation = conversation.ok_or(Error::NoConversation)?;
        let messages = find_all(&mut conn, &ids).await?;
        let open_tasks = match State::from_json(&conversation.memory) {
            Ok(state) if !state.promises.is_empty() => tasks::open_kinds(&mut conn, &conversation_id).await?,
            _ => Vec::new(),
        };
        Ok(Loaded { conversation, messages, open_tasks }).map_err(Unfinished::Own)
    }

    async fn answer(
        &self,
        lease: &Lease,
        conversation: Conversation,
        inbound: Vec<Inbound>,
        input: TurnInput,
        held: &Held,
    ) -> Result<(), Unfinished> {
        let subject = Subject {
            org_id: conversation.org_id.clone(),
            address: conversation.address.to_string(),
            contact_name: conversation.contact_name.clone(),
            conversation_id: conversation.id.to_string(),
            fencing_token: held.fencing_token,
        };
        let agenda = GrpcAgenda {
            client: CalendarServiceClient::new(self.calendar.clone()),
            subject: subject.clone(),
        };
        let crm = GrpcCrm { client: CrmServiceClient::new(self.crm.clone()), subject, now: self.clock.now() };
        let knowledge = std::sync::Arc::clone(&input.knowledge);
        let outcome =
            Box::pin(turn::run(input, &self.backend, &agenda, &crm)).await.map_err(Unfinished::Port)?;
        tracing::Span::current().record("proefrit.detail", decisions(&outcome.decisions));
        let commit = CommitTurn {
            lease: lease.clone(),
            conversation,
            inbound,
            fencing_token: held.fencing_token,
            outcome,
            knowledge,
            alerts: self.alerts.clone(),
            handoff_ttl: self.handoff_ttl,
        };
        self.store.write(commit).await?;
        Ok(())
    }

    fn input(
        &self,
        lease: &Lease,
        conversation: &Conversation,
        messages: &[StoredMessage],
        open_tasks: &[String],
    ) -> Result<TurnInput, Unfinished> {
        let knowledge = self.dealer.now();
        let now = self.clock.now().to_jiff().map_err(|error| Error::invalid("clock", error.to_string()))?;
        let mut state = state(&conversation.memory)?;
        // What a colleague has done is no promise any more.
        state.promises.retain(|promise| open_tasks.iter().any(|kind| kind == promise.kind.as_str()));
        Ok(TurnInput {
            turn_id: lease.batch_id().to_owned(),
            messages: messages.iter().map(turn_message).collect(),
            state,
            now: now.to_zoned(knowledge.timezone.clone()),
            knowledge,
            contact: Contact {
                profile_name: Some(conversation.contact_name.clone()).filter(|name| !name.is_empty()),
                has_phone: conversation.address.phone().is_some(),
            },
            owner: if conversation.is_waiting() { turn::Owner::Waiting } else { turn::Owner::Agents },
            opted_out: opted_out_before(conversation, messages),
            // Calendar and CRM had their try.
            degraded: lease.tries() > 0,
        })
    }
}

async fn find_all(conn: &mut store::Conn, ids: &[MessageId]) -> Result<Vec<StoredMessage>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(messages::find(conn, id.as_str()).await?);
    }
    Ok(found)
}

/// Whether the customer had opted out before these messages: one of them may be the STOP or the START that was honoured when it came.
fn opted_out_before(conversation: &Conversation, messages: &[StoredMessage]) -> bool {
    let changed_by_these = messages.iter().any(|message| message.created_at == conversation.consent_at);
    conversation.opted_out != changed_by_these
}

/// What was made of each command and why, without the customer's words: `drive clear acts, names a free hour [0:4..27]; …`.
fn decisions(decisions: &[Decision]) -> String {
    let one = |decision: &Decision| {
        let Decision { command, plain, verdict, because, message, words, .. } = decision;
        let (plain, verdict) = (word(plain), word(verdict));
        format!("{command} {plain} {verdict}, {because} [{message}:{}..{}]", words.start, words.end)
    };
    decisions.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The word of a plain enum, as it is written.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// What the dialogue was about.
fn state(json: &str) -> Result<State, Unfinished> {
    State::from_json(json).map_err(|error| match error {
        StateError::Newer(version) => Unfinished::NewerState(version),
        source @ StateError::Json(_) => {
            StoreError::Document { what: "memory", source: Box::new(source) }.into()
        }
    })
}

fn turn_message(message: &StoredMessage) -> Message {
    Message {
        id: message.id.to_string(),
        text: reading::words_of(&message.body).to_owned(),
        media: media_of(&message.extras),
        advert: message.extras.metadata.get("referral_headline").filter(|line| !line.is_empty()).cloned(),
        at: message.created_at.to_jiff().unwrap_or(jiff::Timestamp::UNIX_EPOCH),
    }
}

/// What a message carries besides words: its files, then what the provider calls it.
fn media_of(extras: &Extras) -> Vec<Medium> {
    let named = extras.metadata.get("message_type").and_then(|kind| kind_of_message(kind));
    let place = extras.metadata.contains_key("latitude").then_some(Medium::Location);
    let files = extras.media.iter().map(|(_, content_type)| kind_of_file(content_type));
    let mut media: Vec<Medium> = files.chain(named).chain(place).collect();
    media.dedup();
    media
}

/// The kind of a file by its MIME type. `WhatsApp` sends stickers as WebP and contacts as vCards.
fn kind_of_file(content_type: &str) -> Medium {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "image/webp" => Medium::Sticker,
        "text/vcard" | "text/x-vcard" => Medium::Contact,
        other if other.starts_with("image/") => Medium::Photo,
        other if other.starts_with("audio/") => Medium::Voice,
        other if other.starts_with("video/") => Medium::Video,
        _ => Medium::Document,
    }
}

/// Twilio's `MessageType`, an open set; a text carries nothing.
fn kind_of_message(kind: &str) -> Option<Medium> {
    match kind {
        "image" => Some(Medium::Photo),
        "audio" | "voice" => Some(Medium::Voice),
        "video" => Some(Medium::Video),
        "document" => Some(Medium::Document),
        "location" => Some(Medium::Location),
        "contacts" | "contact" => Some(Medium::Contact),
        "sticker" => Some(Medium::Sticker),
        "button" | "interactive" => Some(Medium::Button),
        "reaction" => Some(Medium::Reaction),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_of_a_newer_version_waits_for_a_newer_replica_and_uses_up_no_try() {
        let newer = r#"{"version":3,"language":{"tag":"nl-NL"}}"#;
        let unread = state(newer).unwrap_err();
        assert!(matches!(unread, Unfinished::NewerState(3)), "{unread:?}");
        assert!(matches!(verdict(&unread), Verdict::Postpone { .. }));
        let broken = state("{").unwrap_err();
        assert!(matches!(verdict(&broken), Verdict::Retry { .. }), "{broken:?}");
        assert_eq!(state("").unwrap(), State::default());
    }

    #[test]
    fn what_came_without_words_is_told_from_its_kind_its_place_or_its_files() {
        let extras = |metadata: &[(&str, &str)], files: &[&str]| Extras {
            metadata: metadata
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            media: files.iter().map(|kind| ("https://a/1".to_owned(), (*kind).to_owned())).collect(),
            ..Extras::default()
        };
        for (metadata, files, media) in [
            (&[("message_type", "location")][..], &[][..], vec![Medium::Location]),
            (&[("latitude", "52.3"), ("longitude", "5.6")], &[], vec![Medium::Location]),
            (&[("message_type", "sticker")], &[], vec![Medium::Sticker]),
            (&[("message_type", "sticker")], &["image/webp"], vec![Medium::Sticker]),
            (&[("message_type", "image")], &["image/webp"], vec![Medium::Sticker, Medium::Photo]),
            (&[("message_type", "image")], &["image/jpeg", "image/png"], vec![Medium::Photo]),
            (&[("message_type", "text")], &[], vec![]),
        ] {
            assert_eq!(media_of(&extras(metadata, files)), media, "{metadata:?} {files:?}");
        }
    }
}
