//! The state of the simulated Twilio: messages, the people at the other end, templates, media.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::twilio::MessageStatus;
use axum::http::HeaderMap;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;

use super::account::Account;
use super::life::{self, Fate, Job};
use super::log::{Filter, MessageLog};
use super::media::MediaStore;
use super::message::{Direction, Message};
use super::refusal::Refusal;
use super::rules::{self, Draft, Templates};
use crate::faults::{Kind, Spot};
use crate::ledger::{Text, What};
use crate::outside::Outside;
use crate::settings::ServiceWindow;

/// How long after a customer's last message free-form may go to them. Source: WhatsApp's customer service window.
const WINDOW: Duration = Duration::from_hours(24);

/// The simulated Twilio.
#[derive(Debug)]
pub struct Twilio {
    /// What all simulated systems share.
    pub outside: Arc<Outside>,
    /// The one account.
    pub account: Account,
    state: Mutex<State>,
    lives: mpsc::Sender<Job>,
    creating: AtomicUsize,
}

#[derive(Debug)]
struct State {
    log: MessageLog,
    people: HashMap<Arc<str>, Person>,
    templates: Templates,
    media: MediaStore,
}

/// Somebody with a phone.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Person {
    /// When they last wrote.
    pub last_inbound: Option<Timestamp>,
    /// Whether they said STOP to Twilio itself.
    pub opted_out: bool,
    /// Code with which every message to them fails.
    pub fails_with: Option<u32>,
    /// Whether their read receipts are on; the general setting unless set.
    pub read_receipts: Option<bool>,
}

/// A change of a person; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    /// Whom, as `+31…` or a business-scoped user id.
    pub address: String,
    /// Whether they said STOP to Twilio itself.
    pub opted_out: Option<bool>,
    /// Code with which every message to them fails; 0 takes it away.
    pub fails_with: Option<u32>,
    /// Whether their read receipts are on.
    pub read_receipts: Option<bool>,
    /// How long ago they last wrote (`25h`).
    pub last_inbound_age: Option<String>,
}

/// One place among the requests in flight; given back when dropped.
#[derive(Debug)]
pub struct InFlight<'a> {
    creating: &'a AtomicUsize,
    /// Requests in flight, this one included.
    pub now: usize,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.creating.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Twilio {
    /// A world in which nothing has happened; the receiver is for [`life::run`].
    pub fn new(
        outside: Arc<Outside>,
        account: Account,
        message_capacity: usize,
    ) -> (Arc<Self>, mpsc::Receiver<Job>) {
        let (lives, receiver) = mpsc::channel(life::INTAKE);
        let state = State {
            log: MessageLog::new(message_capacity),
            people: HashMap::new(),
            templates: Templates::new(),
            media: MediaStore::default(),
        };
        let twilio =
            Self { outside, account, state: Mutex::new(state), lives, creating: AtomicUsize::new(0) };
        (Arc::new(twilio), receiver)
    }

    /// Refuses a request without the account's credentials, or about another account.
    pub fn admit(&self, headers: &HeaderMap, account: &str, path: &str) -> Result<(), Refusal> {
        if !self.account.admits(headers) {
            return Err(Refusal::unauthenticated());
        }
        if account == self.account.sid { Ok(()) } else { Err(Refusal::not_found(path)) }
    }

    /// Counts a create request in.
    pub fn enter(&self) -> InFlight<'_> {
        let now = self.creating.fetch_add(1, Ordering::Relaxed) + 1;
        InFlight { creating: &self.creating, now }
    }

    /// Checks a request to send.
    pub fn check(&self, form: &[(String, String)]) -> Result<Draft, Refusal> {
        let state = self.lock();
        let draft = rules::check(form, &self.account, &state.templates)?;
        if state.people.get(&draft.to).is_some_and(|person| person.opted_out) {
            return Err(Refusal::new(21610, "Attempt to send to unsubscribed recipient"));
        }
        Ok(draft)
    }

    /// Takes a message to a customer: from here on it exists. Returns its resource.
    pub async fn accept(&self, draft: Draft, direction: Direction, via: &'static str) -> Value {
        let now = self.outside.now();
        let prefix = if draft.media.is_empty() { "SM" } else { "MM" };
        let status =
            if draft.messaging_service.is_some() { MessageStatus::Accepted } else { MessageStatus::Queued };
        let message = Message {
            sid: format!("{prefix}{}", self.outside.ids.token()).into(),
            direction,
            from: draft.from,
            to: draft.to,
            body: draft.body,
            seen_body: draft.seen_body,
            media: draft.media,
            content_sid: draft.content_sid,
            messaging_service: draft.messaging_service,
            status,
            error: None,
            created: now,
            sent: None,
            delivered: None,
            read: None,
            updated: now,
            callback: draft.callback,
        };
        let fate = self.fate(&message, draft.lacks_variables);
        let resource = message.resource(&self.account.sid);
        let (keep, receipts, delay) = self.outside.setting(|settings| {
            (settings.bodies, settings.read_receipts, Duration::from_millis(settings.status_delay_ms))
        });
        let own_receipts = self.lock().people.get(&message.to).and_then(|person| person.read_receipts);
        let shuffled = message.callback.is_some()
            && self
                .outside
                .strike_where(Spot::Callback, &message.to, &message.sid, None, |kind| kind == Kind::Shuffle)
                .is_some();
        let job = Job::new(&message, fate, own_receipts.unwrap_or(receipts), shuffled, delay);
        let (to, sid, text) =
            (Arc::clone(&message.to), Arc::clone(&message.sid), Arc::clone(&message.seen_body));
        self.lock().log.insert(message);
        self.outside.ledger.record_message(now, &to, &sid, via, &text, keep);
        if self.lives.send(job).await.is_err() {
            tracing::debug!("the simulator stops; a message stays in its first status");
        }
        resource
    }

    fn fate(&self, message: &Message, lacks_variables: bool) -> Fate {
        if let Some(rule) = self.outside.strike(Spot::Status, &message.to, &message.sid, None) {
            let failed = rule.status.as_deref() == Some("failed");
            let status = if failed { MessageStatus::Failed } else { MessageStatus::Undelivered };
            return Fate::Fails { status, code: rule.code.unwrap_or(63024) };
        }
        if lacks_variables {
            return Fate::Fails { status: MessageStatus::Failed, code: 63028 };
        }
        let person = self.lock().people.get(&message.to).cloned().unwrap_or_default();
        if let Some(code) = person.fails_with {
            return Fate::Fails { status: MessageStatus::Undelivered, code };
        }
        let open = person.last_inbound.is_some_and(|last| message.created.since(last) < WINDOW);
        let enforced = self.outside.setting(|settings| settings.service_window) == ServiceWindow::Enforced;
        if enforced && !open && message.content_sid.is_none() {
            return Fate::Fails { status: MessageStatus::Undelivered, code: 63016 };
        }
        Fate::Arrives
    }

    /// Moves a message on and writes that down. None when it was forgotten or deleted.
    pub fn advance(&self, sid: &str, status: MessageStatus, error: Option<u32>) -> Option<Message> {
        let now = self.outside.now();
        let message = {
            let mut state = self.lock();
            let message = state.log.get_mut(sid)?;
            message.advance(status, error, now);
            message.clone()
        };
        let what = What::Status { status: status.as_str(), error_code: error };
        self.outside.ledger.record(now, &message.to, &message.sid, what);
        Some(message)
    }

    /// Takes in a customer's message. False when its SID is known already.
    pub fn receive(&self, message: Message) -> bool {
        let keep = self.outside.setting(|settings| settings.bodies);
        let (customer, sid, created) = (Arc::clone(&message.from), Arc::clone(&message.sid), message.created);
        let what =
            What::Inbound { body: keep.then(|| Text(Arc::clone(&message.body))), media: message.media.len() };
        let mut state = self.lock();
        let is_new = state.log.insert(message);
        let person = state.people.entry(Arc::clone(&customer)).or_default();
        person.last_inbound = person.last_inbound.max(Some(created));
        drop(state);
        if is_new {
            self.outside.ledger.record(self.outside.now(), &customer, &sid, what);
        }
        is_new
    }

    /// Shows typing under a customer's message, which marks it read. None when there is no such inbound message.
    pub fn typing(&self, sid: &str) -> Option<()> {
        let now = self.outside.now();
        let (customer, sid) = {
            let mut state = self.lock();
            let message = state.log.get_mut(sid).filter(|message| message.direction == Direction::Inbound)?;
            message.read = message.read.or(Some(now));
            (Arc::clone(&message.from), Arc::clone(&message.sid))
        };
        self.outside.ledger.record(now, &customer, &sid, What::Typing);
        Some(())
    }

    /// The message of a SID.
    pub fn message(&self, sid: &str) -> Option<Message> {
        self.lock().log.get(sid).cloned()
    }

    /// Deletes a message from the log, and tells whether it was there.
    pub fn delete(&self, sid: &str) -> bool {
        self.lock().log.remove(sid)
    }

    /// Resources of a page of the log, newest first, the SID of its last message, and whether there are more.
    pub fn list(
        &self,
        filter: &Filter,
        after: Option<&str>,
        limit: usize,
    ) -> (Vec<Value>, Option<Arc<str>>, bool) {
        let state = self.lock();
        let (page, more) = state.log.list(filter, after, limit);
        let last = page.last().map(|message| Arc::clone(&message.sid));
        (page.into_iter().map(|message| message.resource(&self.account.sid)).collect(), last, more)
    }

    /// Every message of one customer, oldest first.
    pub fn transcript(&self, address: &str) -> Vec<Message> {
        self.lock().log.of_customer(address).cloned().collect()
    }

    /// Changes what is true of a person, and returns that.
    pub fn change_person(&self, change: &PersonChange) -> Result<Person, String> {
        let age = change
            .last_inbound_age
            .as_deref()
            .map(model::parse::duration)
            .transpose()
            .map_err(|error| format!("last_inbound_age: {error}"))?;
        let now = self.outside.now();
        let mut state = self.lock();
        let person = state.people.entry(address(&change.address).into()).or_default();
        person.opted_out = change.opted_out.unwrap_or(person.opted_out);
        person.read_receipts = change.read_receipts.or(person.read_receipts);
        if let Some(code) = change.fails_with {
            person.fails_with = (code != 0).then_some(code);
        }
        if let Some(age) = age {
            person.last_inbound = Some(now - age);
        }
        Ok(person.clone())
    }

    /// Registers a template's text, `{{1}}` and the like being its variables.
    pub fn add_template(&self, content_sid: String, text: String) {
        self.lock().templates.insert(content_sid, text);
    }

    /// Keeps a medium and returns its SID.
    pub fn add_media(&self, content_type: String, bytes: Vec<u8>) -> String {
        let sid = format!("ME{}", self.outside.ids.token());
        self.lock().media.add(sid.clone(), content_type, bytes);
        sid
    }

    /// Type and bytes of a medium.
    pub fn media(&self, sid: &str) -> Option<(String, Vec<u8>)> {
        self.lock().media.get(sid)
    }

    /// Forgets messages, people and media; templates stay.
    pub fn reset(&self) {
        let mut state = self.lock();
        state.log.clear();
        state.people.clear();
        state.media = MediaStore::default();
        drop(state);
        self.outside.ledger.reset();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A customer's address as Twilio spells it, from any spelling: `+31…`, `31…`, `whatsapp:+31…` or a business-scoped id.
pub fn address(text: &str) -> String {
    let bare = text.trim();
    let bare = bare.strip_prefix("whatsapp:").unwrap_or(bare);
    let digits_only = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
    format!("whatsapp:{}{bare}", if digits_only { "+" } else { "" })
}
