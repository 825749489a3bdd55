//! What callers can ask of the sender.

use std::time::Duration;

use alerts::Alerts;
use model::{ContactAddress, MessageId, Source, Timestamp};
use queue::{NewJob, QueueName};
use store::{Store, StoreError, Tx, Write};
use twilio::errors::{Class, explain};

use crate::Error;
use crate::channel::{Channels, ProviderState};
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
    pub fn new(store: Store, channels: Channels, policy: Policy, alerts: Alerts) -> Self {
        Self { store, channels, policy, alerts }
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
        match self.store.write(AcceptMessage(new)).await? {
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
        self.store.write(SetContactState { contact, change }).await
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
        self.store.write(RefreshMessage { id: part.message_id.clone(), state }).await
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
        let (policy, alerts) = (self.policy, self.alerts.clone());
        self.store.write(ReportFailure { message_id, sid: failed_sid, code, policy, alerts }).await
    }

    /// Messages not yet sent, oldest first, after the one named.
    pub async fn outbox(&self, after: (Timestamp, String), limit: u32) -> Result<Vec<Status>, Error> {
        let mut conn = self.store.scan("list-outbox").await?;
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

/// Keeps a message with its jobs, once, unless it may not go out.
struct AcceptMessage(NewMessage);

impl Write for AcceptMessage {
    const NAME: &'static str = "accept-message";
    type Output = Handed;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Handed, Error> {
        let new = &self.0;
        let known = messages::states(tx, &new.message_id).await?;
        if let Some(state) = SendState::of_whole(known) {
            return Ok(Handed::In(state));
        }
        let is_fenced = new.fencing_token != 0;
        if is_fenced && !fences::raise(tx, &new.conversation_id, new.fencing_token).await? {
            return Ok(Handed::StaleToken);
        }
        contacts::apply(tx, &new.contact, new.change).await?;
        let contact = contacts::read(tx, &new.contact).await?;
        let sending = Sending {
            channel: new.channel,
            is_template: new.contents.iter().all(crate::domain::Content::is_template),
            author: new.author,
        };
        if let Err(refusal) = check(&contact, sending, tx.now()) {
            return Ok(Handed::Refused(refusal));
        }
        for (at, content) in new.contents.iter().enumerate() {
            let id = if at == 0 { new.message_id.clone() } else { tx.new_id::<MessageId>().to_string() };
            if !messages::insert(tx, new, &id, at + 1, content).await? {
                // Somebody handed the same message in while this transaction ran; its jobs are on their way.
                break;
            }
            queue::push(tx, send_job(&new.contact, id)?).await?;
        }
        Ok(Handed::In(SendState::Queued))
    }
}

fn send_job(contact: &ContactAddress, message_id: String) -> Result<NewJob, StoreError> {
    NewJob::new(QueueName::Outgoing, contact.to_string(), SEND, &SendJob::V1 { message_id })
}

/// Applies what was told of a contact.
struct SetContactState {
    contact: ContactAddress,
    change: ContactChange,
}

impl Write for SetContactState {
    const NAME: &'static str = "set-contact-state";
    type Output = ();
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<(), Error> {
        Ok(contacts::apply(tx, &self.contact, self.change).await?)
    }
}

/// Notes what the provider said of a message when it was asked.
struct RefreshMessage {
    id: String,
    state: ProviderState,
}

impl Write for RefreshMessage {
    const NAME: &'static str = "refresh-message";
    type Output = ();
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<(), Error> {
        Ok(messages::refresh(tx, &self.id, &self.state).await?)
    }
}

/// A failure that the provider told after it had accepted the message; without a sid, of its current send.
struct ReportFailure {
    message_id: String,
    sid: Option<String>,
    code: u32,
    policy: Policy,
    alerts: Alerts,
}

impl Write for ReportFailure {
    const NAME: &'static str = "report-failure";
    type Output = SendState;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<SendState, Error> {
        let Self { message_id, sid: failed_sid, code, policy, alerts } = self;
        let now = tx.now();
        let message = messages::read(tx, &message_id).await?.ok_or(Error::NoSuchMessage)?;
        let explained = explain(code);
        if matches!(message.state, SendState::Sending | SendState::Unknown) {
            return Err(Error::NotSettled);
        }
        let (SendState::Sent, Some(sid)) = (message.state, &message.message_sid) else {
            return Ok(message.state);
        };
        let is_replaced = failed_sid.is_some_and(|failed| failed != *sid);
        if is_replaced
            || explained.class == Class::Informational
            || !attempts::failed_later(tx, &message_id, sid, code).await?
        {
            return Ok(message.state);
        }
        if explained.class == Class::OptOut {
            contacts::opt_out_at_provider(tx, &message.contact).await?;
        }
        // A message that may have arrived is not sent again: the provider itself does not, so as not to send it twice.
        let decision = match explained.class {
            Class::Ambiguous => Decision::GiveUp { dead_letter: false },
            class => {
                decide(tx, &message, Failed { class, code: Some(code), retry_after: None }, policy).await?
            }
        };
        let error = format!("{code}: {}", explained.meaning);
        let (state, due) = match decision {
            Decision::Retry(pause) => (SendState::Queued, Some(now + pause)),
            Decision::Park(pause) => (SendState::Parked, Some(now + pause)),
            Decision::GiveUp { .. } => (SendState::Failed, None),
        };
        let change = Change { error: Some(&error), error_code: Some(code), ..Change::to(state) };
        messages::change(tx, &message_id, change).await?;
        if let Some(due) = due {
            queue::push(tx, send_job(&message.contact, message_id)?.due_at(due)).await?;
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
) -> Result<Decision, Error> {
    let now = tx.now();
    let (tries, same_code) =
        attempts::tries(tx, &message.message_id, message.round_from, failed.code).await?;
    let contact = contacts::read(tx, &message.contact).await?;
    let has_window = message.channel == Source::Twilio && !message.content.is_template();
    let window_end = contact.window_end().filter(|_| has_window);
    let standing = Standing { tries, same_code, window_end, now, jitter: rand::random() };
    Ok(decision::after_failure(policy, failed.class, failed.code, failed.retry_after, standing))
}
