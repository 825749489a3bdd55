use std::{fmt, time::Duration};

use model::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use store::StoreError;
use telemetry::TraceContext;

/// The queues a service may have. Each has its own workers, so that one kind of work cannot starve another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueueName {
    /// What came in and waits for its turn.
    Inbox,
    /// What goes out: hand-overs and sends.
    Outgoing,
    /// What may be late: syncs, reminders, clean-ups.
    Background,
}

impl QueueName {
    /// All queues.
    pub const ALL: [Self; 3] = [Self::Inbox, Self::Outgoing, Self::Background];

    /// The word in SQL, metrics and RPCs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Outgoing => "outgoing",
            Self::Background => "background",
        }
    }
}

impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What keeps jobs in order among themselves: a contact, an address, an appointment.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LaneKey(String);

impl LaneKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for LaneKey {
    fn from(key: T) -> Self {
        Self(key.into())
    }
}

impl fmt::Debug for LaneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A lane may be a phone number.
        f.write_str("LaneKey(…)")
    }
}

/// Precedence of a row that overtakes.
pub(crate) const URGENT: i64 = 0;
/// Precedence of every other row.
pub(crate) const NORMAL: i64 = 1;

/// A job to be pushed.
pub struct NewJob {
    pub(crate) queue: QueueName,
    pub(crate) lane: LaneKey,
    pub(crate) kind: &'static str,
    pub(crate) payload: String,
    pub(crate) precedence: i64,
    pub(crate) key: String,
    pub(crate) traceparent: String,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) every: Option<Duration>,
}

impl NewJob {
    /// A job for the end of its lane. `kind` is a word for people and metrics; the payload is a versioned document
    /// (`HandOverV1 { … }`), for a row may be read by a newer program than wrote it. Remembers the current trace.
    pub fn new(
        queue: QueueName,
        lane: impl Into<LaneKey>,
        kind: &'static str,
        payload: &impl Serialize,
    ) -> Result<Self, StoreError> {
        let payload = serde_json::to_string(payload)
            .map_err(|source| StoreError::Document { what: "job payload", source: Box::new(source) })?;
        Ok(Self {
            queue,
            lane: lane.into(),
            kind,
            payload,
            precedence: NORMAL,
            key: String::new(),
            traceparent: TraceContext::current().map(|trace| trace.to_string()).unwrap_or_default(),
            due_at: None,
            every: None,
        })
    }

    /// Overtakes what waits in the lane, a head that is being retried included; only a job in hand is not interrupted.
    #[must_use]
    pub fn urgent(mut self) -> Self {
        self.precedence = URGENT;
        self
    }

    /// Enters its lane at this moment, behind what is there by then.
    #[must_use]
    pub fn due_at(mut self, moment: Timestamp) -> Self {
        self.due_at = Some(moment);
        self
    }

    /// Comes back after each such time, first at [`due_at`](Self::due_at) or after one period.
    /// Needs a [`key`](Self::key); moments missed while nothing ran are not made up for.
    #[must_use]
    pub fn every(mut self, period: Duration) -> Self {
        self.every = Some(period);
        self
    }

    /// A name by which the job can be replaced (push it again while it waits for its due moment) or cancelled.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// Continues this trace instead of the current one.
    #[must_use]
    pub fn trace(mut self, trace: Option<&TraceContext>) -> Self {
        self.traceparent = trace.map(ToString::to_string).unwrap_or_default();
        self
    }
}

/// A claimed job.
#[derive(Clone)]
pub struct Job {
    /// The word given to [`NewJob::new`].
    pub kind: String,
    /// The document given to [`NewJob::new`].
    pub payload: String,
    /// The trace of whoever pushed it.
    pub trace: Option<TraceContext>,
    /// How often it was tried before and answered with an error.
    pub tries: u32,
    /// How often its worker vanished.
    pub expiries: u32,
    /// When it was pushed.
    pub enqueued_at: Timestamp,
    pub(crate) precedence: i64,
    pub(crate) position: i64,
}

impl Job {
    /// Reads the payload.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.payload)
            .map_err(|source| StoreError::Document { what: "job payload", source: Box::new(source) })
    }
}
