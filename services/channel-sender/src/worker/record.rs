//! What is written down about an attempt: before it leaves, and when its outcome is known.

use std::time::Duration;

use model::Classify;
use queue::{Lease, LeaseLost, NewJob, QueueName};
use store::{Tx, Write};
use telemetry::TraceContext;
use twilio::errors::Class;

use super::{Attempt, SendWorker};
use crate::Error;
use crate::channel::Accepted;
use crate::decision::{Decision, Policy};
use crate::domain::{Author, Refusal, SendState, check};
use crate::jobs::{REGISTER, RegisterJob, Registration};
use crate::metrics::{self, SendOutcome};
use crate::service::{Failed, decide};
use crate::store::attempts::{self, End};
use crate::store::contacts;
use crate::store::messages::{self, Change, Message};

/// How often writing an acceptance down is tried: what is lost here has to be settled from the provider's log.
const RECORD_TRIES: u32 = 5;
/// The pause between those tries.
const RECORD_PAUSE: Duration = Duration::from_millis(200);

/// What came of beginning an attempt.
pub(super) enum Begun {
    /// It is written down; the request may leave.
    Attempt(Attempt),
    /// The message may not go out any more, and its job is finished.
    Refused(Refusal),
    /// Another worker is at it, or has finished it.
    TakenOver,
}

impl SendWorker {
    /// Checks once more whether the message may go out and writes the attempt down, in one commit.
    pub(super) async fn begin(&self, lease: &Lease, message: &Message) -> Result<Begun, Error> {
        let begin = BeginAttempt {
            lease: lease.clone(),
            message: message.clone(),
            lease_lasts: self.timing.lease,
            traceparent: TraceContext::current().map(|trace| trace.to_string()),
        };
        self.store.write(begin).await
    }

    /// Notes that nobody knows whether the attempt's message was sent.
    pub(super) async fn mark_unknown(
        &self,
        message: &Message,
        number: i64,
        reason: &'static str,
    ) -> Result<(), Error> {
        self.store.write(MarkUnknown { id: message.message_id.clone(), number, reason }).await
    }

    /// Makes an accepted message known to delivery-status and writes it down as sent, its job finished.
    pub(super) async fn accepted(
        &self,
        lease: &Lease,
        message: &Message,
        number: i64,
        accepted: Accepted,
    ) -> Result<(), Error> {
        let registration = Registration {
            message_id: message.message_id.clone(),
            org_id: message.org_id.clone(),
            provider: message.channel.as_str().to_owned(),
            message_sid: accepted.sid.clone(),
            status: accepted.status.clone(),
            conversation_id: message.conversation_id.clone(),
        };
        let registered = self.deliveries.register(&registration).await;
        if let Err(error) = registered {
            tracing::warn!(
                message_sid = accepted.sid,
                %error,
                "delivery-status does not know of a sent message yet; telling it later"
            );
        }
        let later = registered.is_err().then_some(registration);
        let mut finishes = Some(lease);
        for tries in 1.. {
            match self.record_accepted(finishes, message, number, &accepted, later.clone()).await {
                Ok(()) => break,
                // The job is somebody else's by now, who must see that the message is sent.
                Err(Error::LeaseLost) if finishes.is_some() => finishes = None,
                Err(error) if error.kind().is_transient() && tries < RECORD_TRIES => {
                    tokio::time::sleep(RECORD_PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        }
        let now = self.clock.now();
        metrics::send(message.channel.as_str(), SendOutcome::Sent);
        if let Some(inbound_at) = message.inbound_at.filter(|_| message.author != Author::Human) {
            metrics::end_to_end(now.since(inbound_at));
        }
        tracing::info!(
            message.id = message.message_id,
            message_sid = accepted.sid,
            contact = message.contact.masked(),
            attempts = number,
            "Message sent to Twilio"
        );
        Ok(())
    }

    async fn record_accepted(
        &self,
        lease: Option<&Lease>,
        message: &Message,
        number: i64,
        accepted: &Accepted,
        later: Option<Registration>,
    ) -> Result<(), Error> {
        let (lease, message, accepted) = (lease.cloned(), message.clone(), accepted.clone());
        self.store.write(RecordAccepted { lease, message, number, accepted, later }).await
    }

    /// Writes down an attempt that sent nothing, and decides what follows.
    pub(super) async fn record_failure(
        &self,
        lease: &Lease,
        message: &Message,
        number: i64,
        failed: Failed,
        error: String,
    ) -> Result<Decision, Error> {
        let (lease, message, policy) = (lease.clone(), message.clone(), self.timing.policy);
        self.store.write(RecordFailure { lease, message, number, failed, error, policy }).await
    }
}

/// Checks whether a message may go out and writes the attempt down.
struct BeginAttempt {
    lease: Lease,
    message: Message,
    lease_lasts: Duration,
    traceparent: Option<String>,
}

impl Write for BeginAttempt {
    const NAME: &'static str = "begin-attempt";
    type Output = Begun;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Begun, Error> {
        // Locks the lane: nobody can claim it before the attempt is there to be seen.
        match self.lease.renew(tx, self.lease_lasts).await {
            Ok(()) => begin(tx, &self.lease, &self.message, self.traceparent.as_deref()).await,
            Err(LeaseLost::Lost) => Ok(Begun::TakenOver),
            Err(LeaseLost::Store(error)) => Err(error.into()),
        }
    }
}

/// Notes that nobody knows how an attempt ended.
struct MarkUnknown {
    id: String,
    number: i64,
    reason: &'static str,
}

impl Write for MarkUnknown {
    const NAME: &'static str = "mark-unknown";
    type Output = ();
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<(), Error> {
        let Self { id, number, reason } = self;
        if !attempts::end(tx, &id, number, End::Unknown, Some(reason)).await? {
            return Err(Error::LeaseLost);
        }
        let change = Change { error: Some(reason), ..Change::to(SendState::Unknown) };
        Ok(messages::change(tx, &id, change).await?)
    }
}

/// Writes a message down as sent, its job finished.
struct RecordAccepted {
    /// `None` where the job is somebody else's by now.
    lease: Option<Lease>,
    message: Message,
    number: i64,
    accepted: Accepted,
    /// What delivery-status could not be told yet.
    later: Option<Registration>,
}

impl Write for RecordAccepted {
    const NAME: &'static str = "record-accepted";
    type Output = ();
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<(), Error> {
        let Self { lease, message, number, accepted, later } = self;
        let id = &message.message_id;
        attempts::end(tx, id, number, End::Accepted(&accepted.sid), None).await?;
        let sent = Some((accepted.sid.as_str(), accepted.status.as_str()));
        let change = Change { accepted: sent, ..Change::to(SendState::Sent) };
        messages::change(tx, id, change).await?;
        contacts::sent(tx, &message.contact).await?;
        if let Some(registration) = later {
            let job = RegisterJob::V1(registration);
            queue::push(tx, NewJob::new(QueueName::Background, id.clone(), REGISTER, &job)?).await?;
        }
        if let Some(lease) = lease {
            lease.ack(tx).await?;
        }
        Ok(())
    }
}

/// Writes down that an attempt sent nothing; answers what follows.
struct RecordFailure {
    lease: Lease,
    message: Message,
    number: i64,
    failed: Failed,
    error: String,
    policy: Policy,
}

impl Write for RecordFailure {
    const NAME: &'static str = "record-failure";
    type Output = Decision;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Decision, Error> {
        let Self { lease, message, number, failed, error, policy } = self;
        let id = &message.message_id;
        let answered = failed.code.is_some() || failed.class.is_permanent();
        let end = if answered { End::Refused(failed.code) } else { End::NotSent };
        let ended = attempts::end(tx, id, number, end, Some(&error)).await?;
        // Who settled it meanwhile has drawn the consequence.
        let current = messages::read(tx, id).await?.filter(|_| ended);
        let Some(current) = current else { return Err(Error::LeaseLost) };
        if failed.class == Class::OptOut {
            contacts::opt_out_at_provider(tx, &message.contact).await?;
        }
        let decision = decide(tx, &current, failed, policy).await?;
        let state = match decision {
            Decision::Park(_) => SendState::Parked,
            Decision::GiveUp { dead_letter: false } => SendState::Failed,
            // What becomes a dead letter fails in the transaction that buries it.
            Decision::Retry(_) | Decision::GiveUp { dead_letter: true } => SendState::Queued,
        };
        let change = Change { error: Some(&error), error_code: failed.code, ..Change::to(state) };
        messages::change(tx, id, change).await?;
        if state == SendState::Failed {
            lease.ack(tx).await?;
        }
        Ok(decision)
    }
}

async fn begin(
    tx: &mut Tx,
    lease: &Lease,
    message: &Message,
    traceparent: Option<&str>,
) -> Result<Begun, Error> {
    let now = tx.now();
    let id = &message.message_id;
    let Some(current) = messages::read(tx, id).await? else { return Ok(Begun::TakenOver) };
    let is_done = matches!(current.state, SendState::Sent | SendState::Refused);
    if is_done || attempts::unsettled(tx, id).await?.is_some() {
        return Ok(Begun::TakenOver);
    }
    let contact = contacts::read(tx, &message.contact).await?;
    if let Err(refusal) = check(&contact, message.sending(), now) {
        let change = Change { error: Some(refusal.reason()), ..Change::to(SendState::Refused) };
        messages::change(tx, id, change).await?;
        lease.ack(tx).await?;
        return Ok(Begun::Refused(refusal));
    }
    if current.state == SendState::Failed {
        // A person put the dead letter back: it has all its tries again.
        let round_from = attempts::latest(tx, id).await?;
        messages::begin_round(tx, id, round_from).await?;
    }
    let Some(number) = attempts::begin(tx, id, traceparent).await? else {
        return Ok(Begun::TakenOver);
    };
    messages::change(tx, id, Change::to(SendState::Sending)).await?;
    Ok(Begun::Attempt(Attempt { number, started_at: now }))
}
