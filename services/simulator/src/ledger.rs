//! What the outside world saw: events in a ring with exact counters beside it.
//!
//! The ring forgets its oldest events; counters and counts per customer never do. A reader that asks for events after
//! a sequence number learns whether it came too late for some.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lifecycle::Stop;
use model::Timestamp;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;

mod event;

pub use event::{Answer, Counters, CustomerCounters, Event, Text, What};

/// How long a waiting reader gathers further events after the first, so that it is not woken for each one.
const GATHER: Duration = Duration::from_millis(20);
/// How many texts are remembered to notice repeated ones.
const TEXTS: usize = 200_000;

/// A stretch of events.
#[derive(Clone, Debug, Serialize)]
pub struct Page {
    /// The events, oldest first.
    pub events: Vec<Event>,
    /// What to ask after next.
    pub next_after: u64,
    /// True when events after the number asked for had been forgotten.
    pub lost: bool,
}

/// Which events a reader wants.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Only events after this sequence number.
    pub after: u64,
    /// At most so many.
    pub limit: usize,
    /// Only these kinds; all when empty.
    pub kinds: Vec<String>,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<Event>,
    last_seq: u64,
    counters: Counters,
    customers: HashMap<Arc<str>, CustomerCounters>,
    texts: RecentTexts,
}

/// Fingerprints of what was sent to whom lately.
#[derive(Debug, Default)]
struct RecentTexts {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl RecentTexts {
    /// Remembers a text, and tells whether the customer had it before.
    fn repeats(&mut self, address: &str, text: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (address, text).hash(&mut hasher);
        let fingerprint = hasher.finish();
        if !self.known.insert(fingerprint) {
            return true;
        }
        self.order.push_back(fingerprint);
        if self.order.len() > TEXTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        false
    }
}

/// The ledger; clones share it.
#[derive(Clone, Debug)]
pub struct Ledger {
    state: Arc<Mutex<State>>,
    latest: watch::Sender<u64>,
    closing: Stop,
    capacity: usize,
}

impl Ledger {
    /// An empty ledger that remembers `capacity` events.
    pub fn new(capacity: usize) -> Self {
        Self {
            state: Arc::default(),
            latest: watch::Sender::new(0),
            closing: Stop::new(),
            capacity: capacity.max(1),
        }
    }

    /// Writes an event down and counts it. `text` of a message is only looked at to count repeated texts.
    pub fn record(&self, at: Timestamp, address: &Arc<str>, sid: &Arc<str>, what: What) {
        self.record_text(at, address, sid, what, None);
    }

    /// Like [`Self::record`], for an accepted message whose `text` is compared with what the customer had before.
    pub fn record_message(
        &self,
        at: Timestamp,
        address: &Arc<str>,
        sid: &Arc<str>,
        via: &'static str,
        text: &Arc<str>,
        keep_body: bool,
    ) {
        let body = keep_body.then(|| Text(Arc::clone(text)));
        self.record_text(at, address, sid, What::Message { body, via, repeats_text: false }, Some(text));
    }

    fn record_text(
        &self,
        at: Timestamp,
        address: &Arc<str>,
        sid: &Arc<str>,
        mut what: What,
        text: Option<&str>,
    ) {
        let mut state = self.lock();
        state.count(address, &mut what, text);
        state.last_seq += 1;
        let seq = state.last_seq;
        if state.events.len() >= self.capacity {
            state.events.pop_front();
        }
        state.events.push_back(Event {
            seq,
            at_us: at.as_micros(),
            address: Text(Arc::clone(address)),
            sid: Text(Arc::clone(sid)),
            what,
        });
        drop(state);
        self.latest.send_replace(seq);
    }

    /// The number of the latest event; 0 before the first.
    pub fn last_seq(&self) -> u64 {
        self.lock().last_seq
    }

    /// The exact counts.
    pub fn counters(&self) -> Counters {
        self.lock().counters.clone()
    }

    /// The exact counts of each customer, by address.
    pub fn customers(&self) -> BTreeMap<String, CustomerCounters> {
        let state = self.lock();
        state.customers.iter().map(|(address, customer)| (address.to_string(), customer.clone())).collect()
    }

    /// The exact counts of one customer.
    pub fn customer(&self, address: &str) -> CustomerCounters {
        self.lock().customers.get(address).cloned().unwrap_or_default()
    }

    /// The events wanted, without waiting.
    pub fn read(&self, wanted: &Wanted) -> Page {
        let state = self.lock();
        let first_seq = state.events.front().map_or(state.last_seq + 1, |event| event.seq);
        let skip = usize::try_from((wanted.after + 1).saturating_sub(first_seq)).unwrap_or(usize::MAX);
        let mut next_after = wanted.after.min(state.last_seq);
        let mut events = Vec::new();
        for event in state.events.iter().skip(skip) {
            if events.len() >= wanted.limit {
                break;
            }
            next_after = event.seq;
            if wanted.kinds.is_empty() || wanted.kinds.iter().any(|kind| kind == event.what.kind()) {
                events.push(event.clone());
            }
        }
        Page { events, next_after, lost: wanted.after + 1 < first_seq }
    }

    /// The events wanted, waiting up to `wait` for the first one.
    pub async fn read_waiting(&self, mut wanted: Wanted, wait: Duration) -> Page {
        let deadline = Instant::now() + wait;
        let mut latest = self.latest.subscribe();
        let mut lost = false;
        loop {
            let mut page = self.read(&wanted);
            lost |= page.lost;
            page.lost = lost;
            if !page.events.is_empty() || Instant::now() >= deadline || self.is_closed() {
                return page;
            }
            wanted.after = page.next_after;
            let after = wanted.after;
            let fresh = tokio::select! {
                fresh = tokio::time::timeout_at(deadline, latest.wait_for(|seq| *seq > after)) => fresh.is_ok(),
                () = self.closing.requested() => false,
            };
            if fresh {
                tokio::time::sleep_until(deadline.min(Instant::now() + GATHER)).await;
            }
        }
    }

    /// Lets waiting readers go, now and from now on.
    pub fn close(&self) {
        self.closing.request();
    }

    /// Whether readers are no longer kept waiting.
    pub fn is_closed(&self) -> bool {
        self.closing.is_requested()
    }

    /// Forgets events and counts. Sequence numbers go on, so that a reader's position stays valid.
    pub fn reset(&self) {
        let mut state = self.lock();
        let last_seq = state.last_seq;
        *state = State { last_seq, ..State::default() };
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self, address: &Arc<str>, what: &mut What, text: Option<&str>) {
        let Self { counters: all, customers, texts, .. } = self;
        let mut own = |add: fn(&mut CustomerCounters)| add(customers.entry(Arc::clone(address)).or_default());
        match what {
            What::Inbound { .. } => {
                all.inbound += 1;
                own(|own| own.inbound += 1);
            }
            What::Webhook(answer) if answer.is_success() => all.webhooks_ok += 1,
            What::Webhook(_) => all.webhooks_failed += 1,
            What::Message { repeats_text, .. } => {
                *repeats_text = text.is_some_and(|text| texts.repeats(address, text));
                all.accepted += 1;
                all.repeated_texts += u64::from(*repeats_text);
                own(|own| own.accepted += 1);
                if *repeats_text {
                    own(|own| own.repeated_texts += 1);
                }
            }
            What::Status { status, .. } => match *status {
                "sent" => all.sent += 1,
                "delivered" => {
                    all.delivered += 1;
                    own(|own| own.delivered += 1);
                }
                "read" => {
                    all.read += 1;
                    own(|own| own.read += 1);
                }
                "failed" | "undelivered" => {
                    all.failed += 1;
                    own(|own| own.failed += 1);
                }
                _ => {}
            },
            What::Callback { answer, .. } if answer.is_success() => all.callbacks_ok += 1,
            What::Callback { .. } => all.callbacks_failed += 1,
            What::Refused { .. } => all.refused += 1,
            What::Typing => all.typing += 1,
            What::Fault { .. } => all.faults += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(ledger: &Ledger, address: &str, text: &str) {
        ledger.record_message(Timestamp::EPOCH, &address.into(), &"SM1".into(), "api", &text.into(), true);
    }

    fn everything_after(after: u64) -> Wanted {
        Wanted { after, limit: 100, kinds: Vec::new() }
    }

    #[test]
    fn counters_stay_exact_when_the_ring_forgets() {
        let ledger = Ledger::new(3);
        for text in ["a", "b", "a", "c", "d"] {
            message(&ledger, "whatsapp:+31600000001", text);
        }
        message(&ledger, "whatsapp:+31600000002", "a");
        assert_eq!((ledger.counters().accepted, ledger.counters().repeated_texts), (6, 1));
        assert_eq!(ledger.customer("whatsapp:+31600000001").accepted, 5);
        let page = ledger.read(&everything_after(0));
        assert_eq!(page.events.iter().map(|event| event.seq).collect::<Vec<_>>(), [4, 5, 6]);
        assert!(page.lost);
        assert!(!ledger.read(&everything_after(3)).lost);
    }

    #[test]
    fn a_reset_forgets_counts_and_goes_on_counting_events() {
        let ledger = Ledger::new(10);
        message(&ledger, "whatsapp:+31600000001", "a");
        ledger.reset();
        assert_eq!(ledger.counters().accepted, 0);
        message(&ledger, "whatsapp:+31600000001", "a");
        assert_eq!(ledger.counters().repeated_texts, 0);
        assert_eq!(ledger.read(&everything_after(1)).events[0].seq, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiting_reader_is_woken_by_the_kind_it_wants_and_else_sees_its_time_out() {
        let ledger = Ledger::new(10);
        let wanted = Wanted { kinds: vec!["typing".to_owned()], ..everything_after(0) };
        let reader = tokio::spawn({
            let (ledger, wanted) = (ledger.clone(), wanted.clone());
            async move { ledger.read_waiting(wanted, Duration::from_secs(5)).await }
        });
        tokio::task::yield_now().await;
        message(&ledger, "whatsapp:+31600000001", "a");
        ledger.record(Timestamp::EPOCH, &"whatsapp:+31600000001".into(), &"SM2".into(), What::Typing);
        let page = reader.await.unwrap();
        assert_eq!((page.events.len(), page.next_after), (1, 2));
        let none = ledger.read_waiting(Wanted { after: 2, ..wanted }, Duration::from_secs(5)).await;
        assert!(none.events.is_empty());
    }
}
