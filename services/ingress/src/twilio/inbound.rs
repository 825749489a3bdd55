//! The webhook of an inbound message: verify, claim, limit, hand over, answer.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Request, header};
use mesh::RetryPolicy;
use model::ErrorKind;
use proto::orchestrator::v1::SubmitMessageRequest;
use tonic::Status;
use tracing::{Instrument, error, info, warn};

use super::SOURCE;
use super::message::{self, Inbound};
use crate::App;
use crate::audit::Event;
use crate::metrics::Outcome;
use crate::peers::{Call, Claim, Place};
use crate::problem::Problem;
use crate::server::Peer;
use crate::webhook::{Exchange, Refusal};

/// TwiML without a verb: the reply goes out over the REST API, later.
const EMPTY_TWIML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;
/// Patience with the orchestrator, which commits the message before it answers, all tries together: below [`ANSWER`](crate::server::ANSWER)
/// and Twilio's 15 s.
const SUBMIT_DEADLINE: Duration = Duration::from_secs(8);
/// A restart of the orchestrator is waited for: Twilio does not repeat a webhook answered with 503 unless told to.
const SUBMIT_POLICY: RetryPolicy = RetryPolicy {
    max_tries: 12,
    base: Duration::from_millis(200),
    cap: Duration::from_secs(1),
    idempotent: true,
};

/// `error_code` of the audit event about a message refused for its sender's limit: refused on purpose, the backfill
/// leaves it alone.
const RATE_LIMITED: &str = "rate_limited";

/// `POST /webhooks/twilio/whatsapp`
pub async fn inbound(State(app): State<Arc<App>>, request: Request<axum::body::Body>) -> Response {
    let exchange = Exchange::begin(SOURCE, &request);
    exchange.answer(take(&app, request, &exchange)).await
}

async fn take(
    app: &App,
    request: Request<axum::body::Body>,
    exchange: &Exchange,
) -> Result<(Outcome, Response), Refusal> {
    let (head, body) = request.into_parts();
    let peer = Peer::of(&head.extensions);
    let received = app.verifier.receive(peer, &head.uri, &head.headers, body).await?;
    let (pairs, _) = app.verifier.check(&received)?;
    let span = exchange.span();
    let inbound = span.in_scope(|| {
        app.verifier.check_account(&pairs)?;
        message::parse(&pairs, app.clock.now()).map_err(|errors| Refusal::invalid(Problem::invalid(errors)))
    })?;
    drop(pairs);
    drop(received);
    span.record("messaging.message.id", &inbound.sid);
    async {
        info!(message_sid = inbound.sid, contact = inbound.contact.masked(), "Twilio webhook received");
        let outcome = keep(app, inbound).await?;
        Ok((outcome, empty_twiml()))
    }
    .instrument(span.clone())
    .await
}

/// Keeps a message once. It is handed over unless it is known to be kept already: the claim saves work, the
/// orchestrator's unique key decides.
async fn keep(app: &App, Inbound { sid, contact, message }: Inbound) -> Result<Outcome, Refusal> {
    let key = format!("twilio:message:{sid}");
    let claim = app.dedup_lock.claim(&key).await;
    // Somebody else who holds the claim has asked the limit already.
    let place = match claim {
        Claim::Completed => return Ok(Outcome::Duplicate),
        Claim::InProgress => Place::Taken,
        Claim::Held(_) => {
            app.dedup_lock.take(format!("ratelimit:twilio:{contact}"), app.limit_per_phone).await
        }
        Claim::Away => Place::Away,
    };
    let refused_for = match place {
        Place::Taken => None,
        Place::After(delay) => Some(delay),
        Place::Away => app.local_limit_per_phone.take(contact.to_string()).err(),
    };
    let kept = match refused_for {
        Some(retry_after) => {
            warn!(message_sid = sid, contact = contact.masked(), "a customer sends too much");
            app.audit.note(
                Event::WebhookProcessingFailed,
                &sid,
                RATE_LIMITED,
                "the sender's limit is used up",
            );
            Err(Refusal::rate_limited("too many messages from this sender", retry_after))
        }
        None => submit(app, &sid, SubmitMessageRequest { message: Some(message) }).await,
    };
    if let Claim::Held(claim_token) = claim {
        match kept {
            Ok(_) => app.dedup_lock.complete(&key, claim_token).await,
            Err(_) => app.dedup_lock.release(&key, claim_token).await,
        }
    }
    kept
}

async fn submit(app: &App, sid: &str, request: SubmitMessageRequest) -> Result<Outcome, Refusal> {
    match mesh::with_deadline(SUBMIT_DEADLINE, submit_patiently(app, request)).await {
        Ok(true) => Ok(Outcome::Queued),
        Ok(false) => Ok(Outcome::Duplicate),
        Err(status) if mesh::kind_of(&status) == ErrorKind::Invalid => {
            warn!(message_sid = sid, error = status.message(), "the orchestrator refused a message");
            app.audit.note(Event::WebhookProcessingFailed, sid, "invalid", status.message());
            Err(Refusal::invalid(Problem::new(http::StatusCode::BAD_REQUEST, status.message())))
        }
        Err(status) => {
            error!(message_sid = sid, error = ?status.code(), "a message could not be handed over");
            let code = mesh::kind_of(&status).as_str();
            app.audit.note(
                Event::OrchestratorTriggerFailed,
                sid,
                code,
                "the message could not be handed over",
            );
            Err(Refusal::unavailable("the message cannot be kept now: send it again"))
        }
    }
}

/// Hands a message over; true when it was new. Safe to repeat: the `MessageSid` decides.
async fn submit_patiently(app: &App, request: SubmitMessageRequest) -> Result<bool, Status> {
    let submitted = mesh::retry(SUBMIT_POLICY, |_| {
        let (mut orchestrator, request) = (app.orchestrator.clone(), request.clone());
        async move {
            let call: Call<'_, _> = Box::pin(orchestrator.submit_message(request));
            call.await
        }
    });
    submitted.await.map(|kept| kept.into_inner().is_new)
}

fn empty_twiml() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"))], EMPTY_TWIML).into_response()
}
