//! The live stream: every change of a latest state, of this replica and of the others, in one place.
//!
//! One task follows the log by row number and tells all watchers. It runs behind the commits, so nobody hears of what could
//! still be rolled back, and it always tells the state as it stands, so a watcher never sees a state fall back. It reads
//! nothing while nobody watches.

use std::{collections::HashSet, sync::Arc, time::Duration};

use lifecycle::Stop;
use store::{Store, StoreError, Topic};
use tokio::{
    sync::{Mutex, broadcast},
    time::Instant,
};

use crate::{queries, store::Delivery};

/// Changes a watcher may be behind before it is told that it missed some.
const BEHIND: usize = 1024;

/// Rows read at once; one list of ids.
const PAGE: i64 = 1000;

/// Without news the log is looked at this often: news of other replicas may get lost.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Changes are gathered for this long, so that a busy log costs fifty reads a second and not thousands.
const GATHER: Duration = Duration::from_millis(20);

/// PostgreSQL gives out row numbers before the commit, so a lower one may appear after a higher one. A number skipped this
/// long was rolled back.
const MISSING_FOR: Duration = Duration::from_secs(10);

/// Skipped numbers remembered; the oldest are forgotten first.
const MISSING: usize = queries::MAX_LIST;

/// Rows before the newest one in which a new follower looks for numbers skipped.
const LOOK_BACK: i64 = 100;

/// Where watchers subscribe.
pub struct Feed {
    store: Store,
    changes: Topic,
    watchers: broadcast::Sender<Arc<Delivery>>,
    /// Present while somebody watches.
    cursor: Mutex<Option<Cursor>>,
}

/// How far the log was read.
#[derive(Clone, Debug, Default)]
struct Cursor {
    last: i64,
    missing: Vec<(i64, Instant)>,
}

impl Feed {
    pub(crate) fn new(store: Store, changes: Topic) -> Self {
        Self { store, changes, watchers: broadcast::Sender::new(BEHIND), cursor: Mutex::default() }
    }

    /// Every change committed from now on. A receiver that lags more than [`BEHIND`] is told so.
    pub async fn subscribe(&self) -> Result<broadcast::Receiver<Arc<Delivery>>, StoreError> {
        let mut cursor = self.cursor.lock().await;
        if cursor.is_none() {
            *cursor = Some(self.present().await?);
        }
        Ok(self.watchers.subscribe())
    }

    /// Tells the watchers until told to stop.
    pub async fn follow(self: Arc<Self>, stop: Stop) {
        let mut changes = self.changes.subscribe();
        while !stop.is_requested() {
            if let Err(error) = self.catch_up().await {
                tracing::warn!(error = %error, "could not read the delivery log; watchers wait");
            }
            stop.sleep(GATHER).await;
            tokio::select! {
                () = stop.requested() => {}
                _ = changes.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn present(&self) -> Result<Cursor, StoreError> {
        let mut conn = self.store.read("watch-from").await?;
        let last = queries::last_row(&mut conn).await?;
        let rows = queries::rows_after(&mut conn, (last - LOOK_BACK).max(0), PAGE).await?;
        let mut cursor = Cursor { last: rows.first().map_or(0, |(row, _)| row - 1), missing: Vec::new() };
        cursor.pass(&rows, Instant::now());
        Ok(cursor)
    }

    async fn catch_up(&self) -> Result<(), StoreError> {
        let mut cursor = self.cursor.lock().await;
        loop {
            let Some(known) = cursor.as_ref().filter(|_| self.watchers.receiver_count() > 0) else {
                *cursor = None;
                return Ok(());
            };
            let mut next = known.clone();
            let missing: Vec<i64> = next.missing.iter().map(|(row, _)| *row).collect();
            let last = next.last;
            let (rows, deliveries) = {
                let mut conn = self.store.read("watch").await?;
                let mut rows = queries::rows_among(&mut conn, &missing).await?;
                let found = queries::rows_after(&mut conn, last, PAGE - i64_len(&rows)).await?;
                rows.extend(found);
                let mut seen = HashSet::new();
                let sids = rows.iter().map(|(_, sid)| sid.clone());
                let sids: Vec<String> = sids.filter(|sid| seen.insert(sid.clone())).collect();
                (rows, queries::by_sids(&mut conn, &sids).await?)
            };
            next.pass(&rows, Instant::now());
            *cursor = Some(next);
            for delivery in deliveries {
                // An error says that nobody watches any more.
                let _ = self.watchers.send(Arc::new(delivery));
            }
            if i64_len(&rows) < PAGE {
                return Ok(());
            }
        }
    }
}

impl Cursor {
    /// Takes note of rows read, and of the numbers skipped between them.
    fn pass(&mut self, rows: &[(i64, String)], now: Instant) {
        let found: HashSet<i64> = rows.iter().map(|(row, _)| *row).collect();
        self.missing.retain(|(row, since)| !found.contains(row) && now - *since < MISSING_FOR);
        for (row, _) in rows {
            if *row <= self.last {
                continue;
            }
            let skipped = (self.last + 1..*row).rev().take(MISSING).map(|row| (row, now));
            self.missing.extend(skipped);
            self.last = *row;
        }
        let surplus = self.missing.len().saturating_sub(MISSING);
        self.missing.drain(..surplus);
    }
}

fn i64_len<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(numbers: &[i64]) -> Vec<(i64, String)> {
        numbers.iter().map(|number| (*number, format!("SM{number}"))).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_skipped_row_is_looked_for_until_it_comes_or_is_given_up() {
        let mut cursor = Cursor::default();
        cursor.pass(&rows(&[1, 2, 5]), Instant::now());
        let missing = |cursor: &Cursor| cursor.missing.iter().map(|(row, _)| *row).collect::<Vec<_>>();
        assert_eq!((cursor.last, missing(&cursor)), (5, vec![4, 3]));
        cursor.pass(&rows(&[3, 6]), Instant::now());
        assert_eq!((cursor.last, missing(&cursor)), (6, vec![4]));
        tokio::time::advance(MISSING_FOR).await;
        cursor.pass(&[], Instant::now());
        assert_eq!((cursor.last, missing(&cursor)), (6, vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wide_hole_is_remembered_within_bounds() {
        let mut cursor = Cursor::default();
        cursor.pass(&rows(&[1_000_000]), Instant::now());
        assert_eq!((cursor.last, cursor.missing.len()), (1_000_000, MISSING));
    }
}
