//! Twilio's message log: both directions, newest first, bounded.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::Timestamp;

use super::message::Message;
use super::range::DateRange;

/// Place of a message in the log: its moment, then the order of arrival.
type Place = (Timestamp, u64);

/// The log. Beyond its capacity the oldest message is forgotten.
#[derive(Debug)]
pub struct MessageLog {
    messages: BTreeMap<Place, Message>,
    places: HashMap<Arc<str>, Place>,
    arrivals: u64,
    capacity: usize,
}

/// What a list request asks for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Recipient's address.
    pub to: Option<String>,
    /// Sender's address.
    pub from: Option<String>,
    /// When it was sent.
    pub sent: DateRange,
}

impl Filter {
    fn takes(&self, message: &Message) -> bool {
        self.to.as_deref().is_none_or(|to| to == &*message.to)
            && self.from.as_deref().is_none_or(|from| from == &*message.from)
            && self.sent.contains(message.listed_at())
    }
}

impl MessageLog {
    /// An empty log for `capacity` messages.
    pub fn new(capacity: usize) -> Self {
        Self { messages: BTreeMap::new(), places: HashMap::new(), arrivals: 0, capacity: capacity.max(1) }
    }

    /// Adds a message. False when its SID is in the log already, and then nothing changes.
    pub fn insert(&mut self, message: Message) -> bool {
        if self.places.contains_key(&message.sid) {
            return false;
        }
        self.arrivals += 1;
        let place = (message.created, self.arrivals);
        self.places.insert(Arc::clone(&message.sid), place);
        self.messages.insert(place, message);
        if self.messages.len() > self.capacity
            && let Some((_, oldest)) = self.messages.pop_first()
        {
            self.places.remove(&oldest.sid);
        }
        true
    }

    /// The message of a SID.
    pub fn get(&self, sid: &str) -> Option<&Message> {
        self.messages.get(self.places.get(sid)?)
    }

    /// The message of a SID, to be changed.
    pub fn get_mut(&mut self, sid: &str) -> Option<&mut Message> {
        self.messages.get_mut(self.places.get(sid)?)
    }

    /// Removes a message, and tells whether it was there.
    pub fn remove(&mut self, sid: &str) -> bool {
        self.places.remove(sid).and_then(|place| self.messages.remove(&place)).is_some()
    }

    /// Up to `limit` messages, newest first, older than the one named by `after` where it is given, and whether there
    /// are more. An `after` that has been forgotten ends the list.
    pub fn list(&self, filter: &Filter, after: Option<&str>, limit: usize) -> (Vec<&Message>, bool) {
        let end = match after {
            None => None,
            Some(sid) => match self.places.get(sid) {
                Some(place) => Some(*place),
                None => return (Vec::new(), false),
            },
        };
        let older = self.messages.range(..end.unwrap_or((Timestamp::from_micros(i64::MAX), u64::MAX)));
        let mut found = older.rev().map(|(_, message)| message).filter(|message| filter.takes(message));
        let page: Vec<&Message> = found.by_ref().take(limit).collect();
        (page, found.next().is_some())
    }

    /// Every message of one customer, oldest first.
    pub fn of_customer<'a>(&'a self, address: &'a str) -> impl Iterator<Item = &'a Message> {
        self.messages.values().filter(move |message| &**message.customer() == address)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.messages.clear();
        self.places.clear();
    }
}
