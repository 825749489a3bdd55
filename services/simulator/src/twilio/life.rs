//! Messages on their way: sent, delivered, read, or failed, each told by a signed callback.
//!
//! One task holds every message's next step in a heap ordered by time and hands due steps to a bounded number of
//! posts. The statuses of one message are told in order, one after the other, unless a fault says otherwise.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use ::twilio::MessageStatus;
use ::twilio::errors::explain;
use lifecycle::Stop;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::message::{API_VERSION, Message};
use super::post::{Signing, post};
use super::world::Twilio;
use crate::faults::{Kind, Spot};
use crate::ledger::What;

/// Messages accepted and not yet taken up here; beyond it, creating a message waits.
pub const INTAKE: usize = 1_024;
/// Messages on their way at the same time; beyond it, nothing more is taken up.
const ON_THEIR_WAY: usize = 200_000;
/// Callbacks posted at the same time.
const POSTS: usize = 64;
/// Installation of the WhatsApp channel in the simulated account.
const CHANNEL_INSTALL_SID: &str = "XE00000000000000000000000000000001";

/// How a message ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Sent, delivered and perhaps read.
    Arrives,
    /// Failed or undelivered, with a code.
    Fails {
        /// `failed` or `undelivered`.
        status: MessageStatus,
        /// Twilio's code.
        code: u32,
    },
}

/// A status to come.
#[derive(Clone, Copy, Debug)]
struct Step {
    status: MessageStatus,
    error: Option<u32>,
    /// The status was reached before; only its delayed callback is left.
    only_tell: bool,
}

/// A message with the statuses ahead of it.
#[derive(Debug)]
pub struct Job {
    sid: Arc<str>,
    customer: Arc<str>,
    ahead: Vec<Step>,
    delay: Duration,
    due: Instant,
}

impl Job {
    /// The way of a message that was just accepted, with `delay` before each status.
    pub fn new(message: &Message, fate: Fate, read_receipts: bool, shuffled: bool, delay: Duration) -> Self {
        use MessageStatus::{Delivered, Read, Sent};
        let step = |status| Step { status, error: None, only_tell: false };
        let mut ahead = match fate {
            Fate::Fails { status, code } => vec![Step { status, error: Some(code), only_tell: false }],
            Fate::Arrives if !read_receipts => vec![step(Sent), step(Delivered)],
            Fate::Arrives if shuffled => vec![step(Sent), step(Read), step(Delivered)],
            Fate::Arrives => vec![step(Sent), step(Delivered), step(Read)],
        };
        ahead.reverse();
        Self {
            sid: Arc::clone(&message.sid),
            customer: Arc::clone(&message.to),
            ahead,
            delay,
            due: Instant::now() + delay,
        }
    }
}

/// A job in the heap, which compares by time, then by order of arrival.
struct Waiting(Instant, u64, Job);

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

/// Moves messages along until told to stop; what is on its way then stays where it is.
pub async fn run(twilio: Arc<Twilio>, mut intake: mpsc::Receiver<Job>, stop: Stop) {
    let mut waiting: BinaryHeap<Reverse<Waiting>> = BinaryHeap::new();
    let mut posts: JoinSet<Vec<Job>> = JoinSet::new();
    let mut arrivals = 0;
    let mut push = |waiting: &mut BinaryHeap<Reverse<Waiting>>, job: Job| {
        arrivals += 1;
        waiting.push(Reverse(Waiting(job.due, arrivals, job)));
    };
    loop {
        let next_due = waiting.peek().map(|Reverse(head)| head.0);
        if next_due.is_some_and(|due| due <= Instant::now()) && posts.len() < POSTS {
            if let Some(Reverse(Waiting(_, _, job))) = waiting.pop() {
                posts.spawn(step(Arc::clone(&twilio), job));
            }
            continue;
        }
        tokio::select! {
            biased;
            () = stop.requested() => return,
            Some(done) = posts.join_next() => match done {
                Ok(jobs) => jobs.into_iter().for_each(|job| push(&mut waiting, job)),
                Err(error) => tracing::error!(%error, "a simulated status callback panicked"),
            },
            Some(job) = intake.recv(), if waiting.len() < ON_THEIR_WAY => push(&mut waiting, job),
            () = sleep_until(next_due.unwrap_or_else(Instant::now)), if next_due.is_some() && posts.len() < POSTS => {}
        }
    }
}

/// Takes the next step of a message and returns what is left to do.
async fn step(twilio: Arc<Twilio>, mut job: Job) -> Vec<Job> {
    let Some(now) = job.ahead.pop() else { return Vec::new() };
    let message = if now.only_tell {
        twilio.message(&job.sid)
    } else {
        twilio.advance(&job.sid, now.status, now.error)
    };
    let Some(message) = message else { return Vec::new() };
    let mut left = Vec::new();
    if message.callback.is_some() {
        let rule = if now.only_tell {
            None
        } else {
            let word = Some(now.status.as_str());
            twilio
                .outside
                .strike_where(Spot::Callback, &job.customer, &job.sid, word, |kind| kind != Kind::Shuffle)
        };
        match rule.as_ref().map(|rule| rule.kind) {
            Some(Kind::Drop) => {}
            Some(Kind::Delay) => {
                let wait = Duration::from_millis(rule.and_then(|rule| rule.millis).unwrap_or(1_000));
                left.push(Job {
                    sid: Arc::clone(&job.sid),
                    customer: Arc::clone(&job.customer),
                    ahead: vec![Step { only_tell: true, ..now }],
                    delay: job.delay,
                    due: Instant::now() + wait,
                });
            }
            Some(Kind::Duplicate) => {
                tell(&twilio, &message, now).await;
                tell(&twilio, &message, now).await;
            }
            _ => tell(&twilio, &message, now).await,
        }
    }
    if !job.ahead.is_empty() {
        job.due = (job.due + job.delay).max(Instant::now());
        left.push(job);
    }
    left
}

/// Posts the callback of one status.
async fn tell(twilio: &Twilio, message: &Message, step: Step) {
    let Some(url) = message.callback.as_deref() else { return };
    let pairs = callback_form(&twilio.account.sid, message, step);
    let posted = post(&twilio.outside, &twilio.account, url, &pairs, Signing::Valid).await;
    let what = What::Callback { status: step.status.as_str(), answer: posted.answer };
    twilio.outside.ledger.record(twilio.outside.now(), &message.to, &message.sid, what);
}

fn callback_form(account: &str, message: &Message, step: Step) -> Vec<(&'static str, String)> {
    let status = step.status.as_str().to_owned();
    let mut pairs = vec![
        ("ChannelPrefix", "whatsapp".to_owned()),
        ("ApiVersion", API_VERSION.to_owned()),
        ("MessageStatus", status.clone()),
        ("SmsSid", message.sid.to_string()),
        ("SmsStatus", status),
        ("ChannelInstallSid", CHANNEL_INSTALL_SID.to_owned()),
        ("To", message.to.to_string()),
        ("From", message.from.to_string()),
        ("MessageSid", message.sid.to_string()),
        ("AccountSid", account.to_owned()),
        ("ChannelToAddress", masked(&message.to)),
    ];
    if let Some(service) = &message.messaging_service {
        pairs.push(("MessagingServiceSid", service.to_string()));
    }
    if let Some(code) = step.error {
        pairs.push(("ErrorCode", code.to_string()));
        pairs.push(("ErrorMessage", explain(code).meaning.to_owned()));
        pairs.push(("ChannelStatusMessage", channel_message(code)));
    }
    let event = match step.status {
        MessageStatus::Delivered => Some("DELIVERED"),
        MessageStatus::Read => Some("READ"),
        MessageStatus::Undelivered => Some("UNDELIVERED"),
        _ => None,
    };
    if let Some(event) = event {
        pairs.push(("EventType", event.to_owned()));
    }
    pairs
}

/// What WhatsApp itself said; Meta's own code where one is known for Twilio's.
fn channel_message(code: u32) -> String {
    match code {
        63016 => "131047".to_owned(),
        63018 => "131056".to_owned(),
        63049 => "131049".to_owned(),
        63051 => "131031".to_owned(),
        _ => explain(code).meaning.to_owned(),
    }
}

/// An address with its last four characters hidden, as Twilio sends it.
fn masked(address: &str) -> String {
    let bare = address.strip_prefix("whatsapp:").unwrap_or(address);
    let shown = bare.chars().count().saturating_sub(4);
    bare.chars().take(shown).chain("XXXX".chars()).collect()
}
