//! New messages as they are committed, in this process or another replica.

use std::{collections::HashSet, time::Duration};

use futures::{Stream, stream};
use model::ConversationId;
use proto::orchestrator::v1::WatchConversationResponse;
use store::Store;
use tonic::Status;

use super::convert;
use crate::{
    Error,
    store::{MESSAGES, messages},
};

/// Watchers look by themselves at least this often, for a wake-up may be lost.
const LOOK_AT_LEAST: Duration = Duration::from_secs(1);

/// Numbers are given out before the commit, so a lower one may appear after a higher one; watchers look back this far.
const LOOK_BACK: i64 = 64;

/// Messages read at once.
const AT_ONCE: i64 = 200;

struct Watch {
    store: Store,
    changes: tokio::sync::watch::Receiver<u64>,
    only: Option<ConversationId>,
    last: i64,
    seen: HashSet<i64>,
    ready: std::collections::VecDeque<messages::StoredMessage>,
}

/// A stream of messages committed from now on; it ends when the store fails.
pub async fn messages(
    store: Store,
    only: Option<ConversationId>,
) -> Result<impl Stream<Item = Result<WatchConversationResponse, Status>> + Send, Error> {
    let changes = store.topic(MESSAGES).subscribe();
    let (last, recent) = {
        let mut conn = store.scan("watch-start").await?;
        let last = messages::last_number(&mut conn).await?;
        (last, messages::list_all(&mut conn, last - LOOK_BACK, AT_ONCE).await?)
    };
    let seen = recent.into_iter().map(|message| message.number).collect();
    let watch = Watch { store, changes, only, last, seen, ready: std::collections::VecDeque::new() };
    Ok(stream::unfold(Some(watch), |watch| async {
        let mut watch = watch?;
        match watch.next().await {
            Ok(message) => {
                let response = WatchConversationResponse { message: Some(convert::message(message)) };
                Some((Ok(response), Some(watch)))
            }
            Err(error) => Some((Err(mesh::status(error)), None)),
        }
    }))
}

impl Watch {
    async fn next(&mut self) -> Result<messages::StoredMessage, Error> {
        loop {
            while let Some(message) = self.ready.pop_front() {
                if self.only.is_none_or(|only| only == message.conversation_id) {
                    return Ok(message);
                }
            }
            if !self.read().await? {
                // A lost wake-up costs a second; the sender lives in the store.
                let _ = tokio::time::timeout(LOOK_AT_LEAST, self.changes.changed()).await;
            }
        }
    }

    /// Reads what is new; says whether there was anything.
    async fn read(&mut self) -> Result<bool, Error> {
        let from = self.last - LOOK_BACK;
        let rows = messages::list_all(&mut *self.store.read("watch-messages").await?, from, AT_ONCE).await?;
        let before = self.ready.len();
        for row in rows {
            if self.seen.insert(row.number) {
                self.last = self.last.max(row.number);
                self.ready.push_back(row);
            }
        }
        let oldest = self.last - LOOK_BACK;
        self.seen.retain(|number| *number > oldest);
        Ok(self.ready.len() > before)
    }
}
