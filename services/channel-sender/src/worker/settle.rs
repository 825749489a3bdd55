//! Finds out whether an attempt without an answer sent its message: first from a callback, then from the provider's log.

use std::time::Duration;

use lifecycle::crash;
use queue::{Lease, Verdict};
use store::{Tx, Write};
use twilio::errors::Class;

use super::SendWorker;
use crate::Error;
use crate::channel::{Accepted, Channel, Logged, Lookup};
use crate::domain::SendState;
use crate::service::Failed;
use crate::settlement::{CLOCK_SKEW, candidates, due_at};
use crate::store::attempts::{self, Unsettled};
use crate::store::messages::{self, Change, Message};

/// The pause between looks for a callback.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// The pause after the provider's log could not be read.
const LOG_AWAY: Duration = Duration::from_secs(10);
/// After so long without being able to settle it, a person has to.
const GIVE_UP_AFTER: Duration = Duration::from_hours(24);

impl SendWorker {
    /// One look. Uses up no try; nothing is sent again before the provider's log has said that nothing was.
    pub(super) async fn settle(
        &self,
        lease: &Lease,
        message: &Message,
        channel: &dyn Channel,
        unsettled: Unsettled,
    ) -> Result<Verdict, Error> {
        if message.state != SendState::Unknown {
            self.mark_cut(message, unsettled).await?;
        }
        if let Some(accepted) = self.deliveries.find(&message.message_id).await
            && !self.knows_sid(&accepted.sid).await?
        {
            return self.settled(lease, message, unsettled, accepted).await;
        }
        let now = self.clock.now();
        let timing = self.timing;
        let due = due_at(unsettled.started_at, unsettled.ended_at, timing.settle_after, timing.send_timeout);
        if now < due {
            let after = due.since(now).min(LOOK_AGAIN);
            return Ok(Verdict::Postpone {
                reason: "settling an attempt without an answer".to_owned(),
                after,
            });
        }
        let lookup = Lookup { contact: message.contact.clone(), since: unsettled.started_at - CLOCK_SKEW };
        let log = match channel.log(&lookup).await {
            Ok(log) => log,
            Err(_) if now.since(due) > GIVE_UP_AFTER => {
                let error = "it could not be settled whether the message was sent".to_owned();
                return Ok(Verdict::Dead { error });
            }
            Err(error) => {
                tracing::warn!(%error, message.id = message.message_id, "could not read the provider's log");
                return Ok(Verdict::Postpone { reason: error.to_string(), after: LOG_AWAY });
            }
        };
        crash::point("channel-sender.settle.log-read");
        if let Some(accepted) = self.find_in(&log, message, unsettled).await? {
            return self.settled(lease, message, unsettled, accepted).await;
        }
        let failed = Failed { class: Class::Ambiguous, code: None, retry_after: None };
        let error = "the provider did not get the message".to_owned();
        self.failed(lease, message, unsettled.number, failed, error).await
    }

    async fn settled(
        &self,
        lease: &Lease,
        message: &Message,
        unsettled: Unsettled,
        accepted: Accepted,
    ) -> Result<Verdict, Error> {
        tracing::info!(
            message.id = message.message_id,
            message_sid = accepted.sid,
            attempts = unsettled.number,
            "settled that a message was sent"
        );
        self.accepted(lease, message, unsettled.number, accepted).await?;
        Ok(Verdict::Done)
    }

    /// A crash cut the attempt: says so where people look.
    async fn mark_cut(&self, message: &Message, unsettled: Unsettled) -> Result<(), Error> {
        self.store.write(MarkCut { id: message.message_id.clone(), number: unsettled.number }).await?;
        tracing::warn!(
            message.id = message.message_id,
            attempts = unsettled.number,
            "an attempt was cut before its outcome was known; settling it"
        );
        Ok(())
    }

    /// The message of the log that is this attempt's, if there is one.
    async fn find_in(
        &self,
        log: &[Logged],
        message: &Message,
        unsettled: Unsettled,
    ) -> Result<Option<Accepted>, Error> {
        for logged in candidates(log, &message.content, unsettled.started_at) {
            if !self.knows_sid(&logged.sid).await? {
                return Ok(Some(Accepted { sid: logged.sid, status: logged.status }));
            }
        }
        Ok(None)
    }

    async fn knows_sid(&self, sid: &str) -> Result<bool, Error> {
        Ok(attempts::knows_sid(&mut *self.store.read("known-sid").await?, sid).await?)
    }
}

/// Notes that a crash cut an attempt.
struct MarkCut {
    id: String,
    number: i64,
}

impl Write for MarkCut {
    const NAME: &'static str = "mark-cut";
    type Output = ();
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<(), Error> {
        if !attempts::mark_cut(tx, &self.id, self.number).await? {
            return Err(Error::LeaseLost);
        }
        let change = Change {
            error: Some("the attempt was cut before its outcome was known"),
            ..Change::to(SendState::Unknown)
        };
        Ok(messages::change(tx, &self.id, change).await?)
    }
}
