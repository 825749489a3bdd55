//! What callers can ask for, over the tables.

use std::{collections::HashMap, sync::Arc, time::Duration};

use model::Timestamp;
use queue::QueueName;
use store::{Store, Topic, Tx, Write};
use tokio::sync::broadcast;

use crate::{
    Error,
    domain::{Standing, decisive},
    failures::{self, FailureReport},
    feed::Feed,
    latency::Latency,
    metrics,
    queries::{self, Cursor, Until},
    store::{self as table, Delivery, Event, Report},
};

/// The use cases of the delivery log. Cheap to clone.
#[derive(Clone)]
pub struct Deliveries {
    store: Store,
    changes: Topic,
    feed: Arc<Feed>,
}

/// What became of a report.
#[derive(Clone, Debug)]
pub struct Kept {
    /// False where the log had it already.
    pub appended: bool,
    /// The latest state with it.
    pub latest: Delivery,
}

/// How the messages of a window fared.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Deliveries per latest status.
    pub counts: Vec<(String, u64)>,
    /// From sent to delivered.
    pub to_delivered: Latency,
    /// From sent to read.
    pub to_read: Latency,
}

impl Deliveries {
    pub(crate) fn new(store: Store) -> Self {
        let changes = store.topic("deliveries");
        let feed = Arc::new(Feed::new(store.clone(), changes.clone()));
        Self { store, changes, feed }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.store.now()
    }

    /// Keeps what the sender was answered. Repeating it changes nothing.
    pub async fn register(&self, report: Report) -> Result<Kept, Error> {
        self.store.write(RegisterMessage(self.kept(report))).await
    }

    /// Keeps a callback. Repeating it changes nothing.
    pub async fn record(&self, report: Report) -> Result<Kept, Error> {
        self.store.write(RecordStatus(self.kept(report))).await
    }

    fn kept(&self, report: Report) -> Keep {
        Keep { report, changes: self.changes.clone() }
    }

    /// The delivery that says most about a message.
    pub async fn of_message(&self, message_id: String) -> Result<Delivery, Error> {
        let ids = vec![message_id];
        let found = queries::by_messages(&mut *self.store.read("get-delivery").await?, &ids).await?;
        decisive(found, state).ok_or(Error::Unknown("message_id"))
    }

    /// The delivery of a provider id.
    pub async fn of_sid(&self, sid: String) -> Result<Delivery, Error> {
        let found = queries::by_sid(&mut *self.store.read("get-delivery").await?, &sid).await?;
        found.ok_or(Error::Unknown("message_sid"))
    }

    /// All that was told of a provider id, in the order of a message's life.
    pub async fn history(&self, sid: String) -> Result<Vec<Event>, Error> {
        Ok(table::history(&mut *self.store.read("get-history").await?, &sid).await?)
    }

    /// One delivery for each of the messages that is known, in no particular order.
    pub async fn of_messages(&self, message_ids: Vec<String>) -> Result<Vec<Delivery>, Error> {
        let found =
            queries::by_messages(&mut *self.store.scan("batch-get-deliveries").await?, &message_ids).await?;
        let mut by_message: HashMap<String, Vec<Delivery>> = HashMap::new();
        for delivery in found {
            if let Some(message_id) = &delivery.message_id {
                by_message.entry(message_id.clone()).or_default().push(delivery);
            }
        }
        Ok(by_message.into_values().filter_map(|deliveries| decisive(deliveries, state)).collect())
    }

    /// A page of deliveries, newest first, and where the next one starts.
    pub async fn page(
        &self,
        status: &'static str,
        after: Option<Cursor>,
        size: u32,
    ) -> Result<(Vec<Delivery>, Option<Cursor>), Error> {
        let mut conn = self.store.scan("list-deliveries").await?;
        let mut deliveries = queries::page(&mut conn, status, after.as_ref(), size.saturating_add(1)).await?;
        let wanted = usize::try_from(size).unwrap_or(usize::MAX);
        let more = deliveries.len() > wanted;
        deliveries.truncate(wanted);
        let last = deliveries.last().filter(|_| more);
        let next = last.map(|last| Cursor { created_at: last.created_at, sid: last.sid.clone() });
        Ok((deliveries, next))
    }

    /// How the deliveries first heard of in the last `window` fared.
    pub async fn stats(&self, window: Duration) -> Result<Stats, Error> {
        let since = self.now() - window;
        let mut conn = self.store.scan("delivery-stats").await?;
        Ok(Stats {
            counts: queries::counts(&mut conn, since).await?,
            to_delivered: queries::latency(&mut conn, since, Until::Delivered).await?,
            to_read: queries::latency(&mut conn, since, Until::Read).await?,
        })
    }

    /// Every change of a latest state from now on.
    pub async fn watch(&self) -> Result<broadcast::Receiver<Arc<Delivery>>, Error> {
        Ok(self.feed.subscribe().await?)
    }

    pub(crate) fn feed(&self) -> Arc<Feed> {
        Arc::clone(&self.feed)
    }
}

fn state(delivery: &Delivery) -> (i64, Timestamp) {
    (delivery.position, delivery.created_at)
}

/// Keeps a report, and hands the failure it may tell of over to the sender.
struct Keep {
    report: Report,
    changes: Topic,
}

impl Keep {
    async fn run(self, tx: &mut Tx) -> Result<Kept, Error> {
        let Self { report, changes } = self;
        let latest = table::merge(tx, &report).await?;
        let appended = table::append(tx, &report, &latest).await?;
        hand_failure_over(tx, &report, &latest).await?;
        if appended {
            let standing = report.standing;
            tx.on_commit(move || {
                metrics::count_status(standing);
                changes.publish();
            });
        }
        Ok(Kept { appended, latest })
    }
}

/// What the sender was answered.
struct RegisterMessage(Keep);

impl Write for RegisterMessage {
    const NAME: &'static str = "register-message";
    type Output = Kept;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Kept, Error> {
        self.0.run(tx).await
    }
}

/// What a callback tells.
struct RecordStatus(Keep);

impl Write for RecordStatus {
    const NAME: &'static str = "record-status";
    type Output = Kept;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Kept, Error> {
        self.0.run(tx).await
    }
}

/// Queues the report to the sender, once per provider id, as soon as it is known whose message failed.
async fn hand_failure_over(tx: &mut Tx, report: &Report, latest: &Delivery) -> Result<(), Error> {
    let failed = latest.standing().is_some_and(Standing::is_reportable);
    let Some(message_id) = latest.message_id.clone().filter(|_| failed && latest.reported_at.is_none())
    else {
        return Ok(());
    };
    table::mark_reported(tx, &report.sid, report.received_at).await?;
    let failure = FailureReport::V1 {
        message_id: message_id.clone(),
        error_code: latest.error_code,
        message_sid: report.sid.clone(),
    };
    let job = queue::NewJob::new(QueueName::Background, message_id, failures::KIND, &failure)?;
    queue::push(tx, job).await?;
    Ok(())
}
