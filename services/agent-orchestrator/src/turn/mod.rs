//! Turns: what waits in a contact's lane becomes one reply, under the conversation's lock, in one commit.

mod commit;
mod lock;
mod ports;

use std::time::Duration;

use alerts::{Alert, Alerts};
use assistant::{
    agents::{ContactFacts, Graph, Media, Memory, MemoryError, PortError, TurnInput, TurnMessage},
    reading::{self, Intent},
};
use futures::future::BoxFuture;
use mesh::Wire;
use model::{ErrorKind, Ids, MessageId, SharedClock};
use proto::{
    calendar::v1::calendar_service_client::CalendarServiceClient,
    crm::v1::crm_service_client::CrmServiceClient,
};
use queue::{Handler, Lease, Verdict};
use store::{Store, StoreError, Tx};
use tonic::Status;

use self::{commit::Commit, lock::Held};
pub use self::{
    lock::Locks,
    ports::{GrpcAgenda, GrpcCrm, Subject},
};
use crate::{
    Error,
    knowledge::LiveKnowledge,
    store::{
        conversations::{self, Conversation, Owner},
        messages::{self, Extras, StoredMessage},
    },
    submit::{self, InboxJob},
};

/// The wait before a turn looks again whether somebody who was away is back.
const AWAY: Duration = Duration::from_secs(1);

/// The wait after a failure of calendar or CRM, before the one try they get.
const PORT_RETRY: Duration = Duration::from_millis(500);

/// Does the turns of the inbox.
pub struct Turns {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) ids: Ids,
    pub(crate) dealer: LiveKnowledge,
    pub(crate) alerts: Alerts,
    pub(crate) locks: Locks,
    pub(crate) calendar: Wire,
    pub(crate) crm: Wire,
    pub(crate) handoff_ttl: Duration,
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
    #[error("the conversation's memory has version {0}, which a newer replica reads")]
    NewerMemory(u32),
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
        let verdict = match self.turn(&lease).await {
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

    fn on_dead<'t>(
        &'t self,
        tx: &'t mut Tx,
        lease: &'t Lease,
        error: &'t str,
    ) -> BoxFuture<'t, Result<(), StoreError>> {
        Box::pin(async move {
            let conversation =
                commit::give_up(tx, lease, &self.ids, &self.dealer.now(), error, self.clock.now()).await?;
            let alert = Alert::new("turn_dead_lettered", "a customer's message could not be answered")
                .detail("conversation", conversation)
                .inspect("proefrit.orchestrator.v1.OrchestratorService/ListDeadLetters")
                .mend("proefrit.orchestrator.v1.OrchestratorService/RetryDeadLetter");
            let alerts = self.alerts.clone();
            tx.on_commit(move || alerts.raise(alert));
            Ok(())
        })
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
        Unfinished::NewerMemory(_)
        | Unfinished::LockLost
        | Unfinished::Port(PortError::Stale { .. })
        | Unfinished::Own(Error::StaleFence) => Verdict::Postpone { reason, after: AWAY },
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

impl Turns {
    async fn turn(&self, lease: &Lease) -> Result<(), Unfinished> {
        let (conversation, messages) = self.load(lease).await?;
        // Who said STOP hears no more than its confirmation, whatever waited behind it.
        let silenced = conversation.opted_out && !messages.iter().any(|message| self.is_stop(message));
        if conversation.owner != Owner::Agents || silenced {
            return Ok(self.commit().as_history(lease, &messages).await?);
        }
        let address = conversation.address.to_string();
        let held = self.locks.acquire(&address, lease.generation()).await.map_err(Unfinished::Lock)?;
        let answered = tokio::select! {
            answered = self.answer(lease, conversation, messages, &held) => answered,
            () = self.locks.keep(&held) => Err(Unfinished::LockLost),
        };
        self.locks.release(held).await;
        answered
    }

    fn is_stop(&self, message: &StoredMessage) -> bool {
        submit::intent(&self.dealer.now(), &self.clock, &message.body) == Intent::OptOut
    }

    async fn load(&self, lease: &Lease) -> Result<(Conversation, Vec<StoredMessage>), Unfinished> {
        let mut ids = Vec::with_capacity(lease.jobs().len());
        for job in lease.jobs() {
            let InboxJob::AnswerV1 { message_id, .. } = job.decode()?;
            ids.push(message_id);
        }
        let InboxJob::AnswerV1 { conversation_id, .. } = lease.head().decode()?;
        self.store
            .read("turn-load", move |conn| {
                Box::pin(async move {
                    let conversation =
                        conversations::find(conn, &conversation_id).await?.ok_or(Error::NoConversation)?;
                    let messages = find_all(conn, &ids).await?;
                    Ok((conversation, messages))
                })
            })
            .await
            .map_err(Unfinished::Own)
    }

    async fn answer(
        &self,
        lease: &Lease,
        conversation: Conversation,
        messages: Vec<StoredMessage>,
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
        let input = self.input(lease, &conversation, &messages)?;
        let outcome = Graph::new(agenda, crm).run(input).await.map_err(Unfinished::Port)?;
        self.commit().turn(lease, conversation, &messages, held.fencing_token, outcome).await?;
        Ok(())
    }

    fn input(
        &self,
        lease: &Lease,
        conversation: &Conversation,
        messages: &[StoredMessage],
    ) -> Result<TurnInput, Unfinished> {
        let dealer = self.dealer.now();
        let now = self.clock.now().to_jiff().map_err(|error| Error::invalid("clock", error.to_string()))?;
        Ok(TurnInput {
            turn_id: lease.batch_id().to_owned(),
            messages: messages.iter().map(turn_message).collect(),
            memory: memory(&conversation.memory)?,
            now: now.to_zoned(dealer.timezone.clone()),
            dealer,
            contact: ContactFacts {
                name: Some(conversation.contact_name.clone()).filter(|name| !name.is_empty()),
                has_phone: conversation.address.phone().is_some(),
            },
            // Calendar and CRM had their try.
            degraded: lease.tries() > 0,
        })
    }

    fn commit(&self) -> Commit<'_> {
        Commit {
            store: &self.store,
            clock: &self.clock,
            ids: &self.ids,
            alerts: &self.alerts,
            handoff_ttl: self.handoff_ttl,
        }
    }
}

async fn find_all(conn: &mut sqlx::AnyConnection, ids: &[MessageId]) -> Result<Vec<StoredMessage>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(messages::find(conn, id.as_str()).await?);
    }
    Ok(found)
}

/// What the conversation remembers.
fn memory(json: &str) -> Result<Memory, Unfinished> {
    Memory::from_json(json).map_err(|error| match error {
        MemoryError::Newer(version) => Unfinished::NewerMemory(version),
        source @ MemoryError::Json(_) => {
            StoreError::Document { what: "memory", source: Box::new(source) }.into()
        }
    })
}

fn turn_message(message: &StoredMessage) -> TurnMessage {
    TurnMessage {
        id: message.id.to_string(),
        text: reading::words_of(&message.body).to_owned(),
        media: media_of(&message.extras),
        at: message.created_at.to_jiff().unwrap_or(jiff::Timestamp::UNIX_EPOCH),
    }
}

/// What a message carries besides words: its files, then what the provider calls it.
fn media_of(extras: &Extras) -> Vec<Media> {
    let named = extras.metadata.get("message_type").and_then(|kind| kind_of_message(kind));
    let place = extras.metadata.contains_key("latitude").then_some(Media::Location);
    let files = extras.media.iter().map(|(_, content_type)| Media::from_content_type(content_type));
    let mut media: Vec<Media> = files.chain(named).chain(place).collect();
    media.dedup();
    media
}

/// Twilio's `MessageType`, an open set; a text carries nothing.
fn kind_of_message(kind: &str) -> Option<Media> {
    match kind {
        "image" => Some(Media::Photo),
        "audio" | "voice" => Some(Media::Voice),
        "video" => Some(Media::Video),
        "document" => Some(Media::Document),
        "location" => Some(Media::Location),
        "contacts" | "contact" => Some(Media::Contact),
        "sticker" => Some(Media::Sticker),
        "button" | "interactive" => Some(Media::Button),
        "reaction" => Some(Media::Reaction),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_a_newer_version_waits_for_a_newer_replica_and_uses_up_no_try() {
        let newer = r#"{"version":2,"language":{"tag":"nl-NL"}}"#;
        let unread = memory(newer).unwrap_err();
        assert!(matches!(unread, Unfinished::NewerMemory(2)), "{unread:?}");
        assert!(matches!(verdict(&unread), Verdict::Postpone { .. }));
        let broken = memory("{").unwrap_err();
        assert!(matches!(verdict(&broken), Verdict::Retry { .. }), "{broken:?}");
        assert_eq!(memory("").unwrap(), Memory::default());
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
            (&[("message_type", "location")][..], &[][..], vec![Media::Location]),
            (&[("latitude", "52.3"), ("longitude", "5.6")], &[], vec![Media::Location]),
            (&[("message_type", "sticker")], &[], vec![Media::Sticker]),
            (&[("message_type", "sticker")], &["image/webp"], vec![Media::Sticker]),
            (&[("message_type", "image")], &["image/webp"], vec![Media::Sticker, Media::Photo]),
            (&[("message_type", "image")], &["image/jpeg", "image/png"], vec![Media::Photo]),
            (&[("message_type", "text")], &[], vec![]),
        ] {
            assert_eq!(media_of(&extras(metadata, files)), media, "{metadata:?} {files:?}");
        }
    }
}
