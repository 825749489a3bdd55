//! What callers can ask of the sender.

use std::time::Duration;

use alerts::Alerts;
use model::{ContactAddress, Ids, MessageId, SharedClock, Source, Timestamp};
use queue::{NewJob, QueueName};
use store::{Store, StoreError, Tx};
use twilio::errors::{Class, explain};

use crate::Error;
use crate::channel::Channels;
use crate::decision::{self, Decision, Policy, Standing};
use crate::domain::{ContactChange, NewMessage, Refusal, SendState, Sending, check};
use crate::jobs::{SEND, SendJob};
use crate::notice::Failing;
use crate::store::messages::{Change, Message, Status};
use crate::store::{attempts, contacts, fences, messages};

/// The use cases over the sender's store. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    channels: Channels,
    policy: Policy,
    alerts: Alerts,
}

/// What became of a message that was handed in.
enum Handed {
    In(SendState),
    Refused(Refusal),
    StaleToken,
}

impl Sender {
    /// The use cases over a store and the channels that are configured.
    pub fn new(
        store: Store,
        clock: SharedClock,
        ids: Ids,
        channels: Channels,
        policy: Policy,
        alerts: Alerts,
    ) -> Self {
        Self { store, clock, ids, channels, policy, alerts }
    }

    /// Fails when nothing can be sent to this contact over this channel.
    pub fn check_reach(&self, channel: Source, contact: &ContactAddress) -> Result<(), Error> {
        let reached = self.channels.get(channel).ok_or(Error::ChannelMissing(channel))?.reaches(contact);
        let mend = "must be an address that the channel can reach";
        if reached { Ok(()) } else { Err(Error::Invalid { field: "to_phone", mend }) }
    }

    /// Accepts a message for sending, in one commit with its jobs. Idempotent by message id: a repeated call answers the state of
    /// the first and changes nothing, whatever its token.
    pub async fn accept(&self, new: NewMessage) -> Result<SendState, Error> {
        let (now, ids) = (self.clock.now(), self.ids.clone());
        let handed = self
            .store
            .write_with("accept-message", move |tx| {
                Box::pin(async move { hand_in(tx, &new, &ids, now).await })
            })
            .await?;
        match handed {
            Handed::In(state) => Ok(state),
            Handed::Refused(refusal) => Err(refusal.into()),
            Handed::StaleToken => Err(Error::StaleFencingToken),
        }
    }

    /// Applies what was told of a contact. Safe to repeat.
    pub async fn set_contact_state(
        &self,
        contact: ContactAddress,
        change: ContactChange,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        self.store
            .write_with("set-contact-state", move |tx| {
                Box::pin(async move { Ok(contacts::apply(tx, &contact, change, now).await?) })
            })
            .await
    }

    /// Says how far a message is: its parts in order, one for most. With `refresh` the provider is asked again.
    pub async fn status(&self, asked: MessageKey, refresh: bool) -> Result<Vec<Status>, Error> {
        let mut parts = self.read_status(asked.clone()).await?;
        if refresh {
            for part in &parts {
                self.refresh(part).await?;
            }
            parts = self.read_status(asked).await?;
        }
        Ok(parts)
    }

    async fn read_status(&self, asked: MessageKey) -> Result<Vec<Status>, Error> {
        let mut conn = self.store.read("message-status").await?;
        let id = match asked {
            MessageKey::Id(id) => id,
            MessageKey::Sid(sid) => {
                messages::id_of_sid(&mut conn, &sid).await?.ok_or(Error::NoSuchMessage)?
            }
        };
        let parts = messages::statuses(&mut conn, &id).await?;
        if parts.is_empty() { Err(Error::NoSuchMessage) } else { Ok(parts) }
    }

    async fn refresh(&self, part: &Status) -> Result<(), Error> {
        let (Some(sid), Some(channel)) = (&part.message_sid, self.channels.get(part.channel)) else {
            return Ok(());
        };
        let Some(state) = channel.fetch(sid).await? else { return Ok(()) };
        let (id, now) = (part.message_id.clone(), self.clock.now());
        self.store
            .write_with("refresh-message", move |tx| {
                Box::pin(async move { Ok(messages::refresh(tx, &id, &state, now).await?) })
            })
            .await
    }

    /// Takes a failure that the provider told after it had accepted the message: the same table decides as for one told at once.
    /// Safe to repeat; the failure of a send that another one has replaced changes nothing. Unavailable while an attempt is
    /// under way: the callback was quicker than our own commit.
    pub async fn report_failure(
        &self,
        message_id: String,
        failed_sid: Option<String>,
        code: u32,
    ) -> Result<SendState, Error> {
        let (now, policy, alerts) = (self.clock.now(), self.policy, self.alerts.clone());
        self.store
            .write_with("report-failure", move |tx| {
                Box::pin(async move {
                    let late = LateFailure { message_id: &message_id, sid: failed_sid.as_deref(), code };
                    failed_later(tx, late, policy, alerts, now).await
                })
            })
            .await
    }

    /// Messages not yet sent, oldest first, after the one named.
    pub async fn outbox(&self, after: (Timestamp, String), limit: u32) -> Result<Vec<Status>, Error> {
        let mut conn = self.store.read("list-outbox").await?;
        Ok(messages::outbox(&mut conn, (after.0, &after.1), limit).await?)
    }
}

/// How a caller names a message.
#[derive(Clone, Debug)]
pub enum MessageKey {
    /// By our id.
    Id(String),
    /// By the provider's.
    Sid(String),
}

async fn hand_in(tx: &mut Tx, new: &NewMessage, ids: &Ids, now: Timestamp) -> Result<Handed, Error> {
    let known = messages::states(tx, &new.message_id).await?;
    if let Some(state) = SendState::of_whole(known) {
        return Ok(Handed::In(state));
    }
    let is_fenced = new.fencing_token != 0;
    if is_fenced && !fences::raise(tx, &new.conversation_id, new.fencing_token, now).await? {
        return Ok(Handed::StaleToken);
    }
    contacts::apply(tx, &new.contact, new.change, now).await?;
    let contact = contacts::read(tx, &new.contact).await?;
    let sending = Sending {
        channel: new.channel,
        is_template: new.contents.iter().all(crate::domain::Content::is_template),
        author: new.author,
    };
    if let Err(refusal) = check(&contact, sending, now) {
        return Ok(Handed::Refused(refusal));
    }
    for (at, content) in new.contents.iter().enumerate() {
        let id = if at == 0 { new.message_id.clone() } else { ids.next::<MessageId>().as_str().to_owned() };
        if !messages::insert(tx, new, &id, at + 1, content, now).await? {
            // Somebody handed the same message in while this transaction ran; its jobs are on their way.
            break;
        }
        queue::push(tx, send_job(&new.contact, id, now)?).await?;
    }
    Ok(Handed::In(SendState::Queued))
}

fn send_job(contact: &ContactAddress, message_id: String, now: Timestamp) -> Result<NewJob, StoreError> {
    NewJob::new(QueueName::Outgoing, contact.to_string(), SEND, &SendJob::V1 { message_id }, now)
}

/// A failure that the provider told after it had accepted the message; without a sid, of its current send.
#[derive(Clone, Copy)]
struct LateFailure<'a> {
    message_id: &'a str,
    sid: Option<&'a str>,
    code: u32,
}

async fn failed_later(
    tx: &mut Tx,
    late: LateFailure<'_>,
    policy: Policy,
    alerts: Alerts,
    now: Timestamp,
) -> Result<SendState, Error> {
    let LateFailure { message_id, sid: failed_sid, code } = late;
    let message = messages::read(tx, message_id).await?.ok_or(Error::NoSuchMessage)?;
    let explained = explain(code);
    if matches!(message.state, SendState::Sending | SendState::Unknown) {
        return Err(Error::NotSettled);
    }
    let (SendState::Sent, Some(sid)) = (message.state, &message.message_sid) else {
        return Ok(message.state);
    };
    let is_replaced = failed_sid.is_some_and(|failed| failed != sid);
    if is_replaced
        || explained.class == Class::Informational
        || !attempts::failed_later(tx, message_id, sid, code).await?
    {
        return Ok(message.state);
    }
    if explained.class == Class::OptOut {
        contacts::opt_out_at_provider(tx, &message.contact, now).await?;
    }
    // A message that may have arrived is not sent again: the provider itself does not, so as not to send it twice.
    let decision = match explained.class {
        Class::Ambiguous => Decision::GiveUp { dead_letter: false },
        class => {
            decide(tx, &message, Failed { class, code: Some(code), retry_after: None }, policy, now).await?
        }
    };
    let error = format!("{code}: {}", explained.meaning);
    let (state, due) = match decision {
        Decision::Retry(pause) => (SendState::Queued, Some(now + pause)),
        Decision::Park(pause) => (SendState::Parked, Some(now + pause)),
        Decision::GiveUp { .. } => (SendState::Failed, None),
    };
    let change = Change { error: Some(&error), error_code: Some(code), ..Change::to(state) };
    messages::change(tx, message_id, change, now).await?;
    if let Some(due) = due {
        queue::push(tx, send_job(&message.contact, message_id.to_owned(), now)?.due_at(due)).await?;
    } else {
        tx.on_commit(move || {
            let failing = Failing {
                message_id: &message.message_id,
                contact: &message.contact.masked(),
                error: &error,
                class: explained.class,
                attempts: 0,
            };
            failing.given_up_late(&alerts);
        });
    }
    Ok(state)
}

/// A failure that is known not to have sent anything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed {
    pub class: Class,
    pub code: Option<u32>,
    pub retry_after: Option<Duration>,
}

/// Decides about a failure by what the attempts of this round say, the failed one included.
pub(crate) async fn decide(
    tx: &mut Tx,
    message: &Message,
    failed: Failed,
    policy: Policy,
    now: Timestamp,
) -> Result<Decision, Error> {
    let (tries, same_code) =
        attempts::tries(tx, &message.message_id, message.round_from, failed.code).await?;
    let contact = contacts::read(tx, &message.contact).await?;
    let has_window = message.channel == Source::Twilio && !message.content.is_template();
    let window_end = contact.window_end().filter(|_| has_window);
    let standing = Standing { tries, same_code, window_end, now, jitter: rand::random() };
    Ok(decision::after_failure(policy, failed.class, failed.code, failed.retry_after, standing))
}
