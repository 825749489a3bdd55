//! The webhook of a status callback: verify, then keep what became of a message.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use model::ErrorKind;
use telemetry::TraceContext;
use tracing::{Instrument, Span, debug, error};

use super::CALLBACK_SOURCE;
use super::status::{self, SendReference};
use crate::App;
use crate::metrics::Outcome;
use crate::peers::Call;
use crate::problem::Problem;
use crate::server::Peer;
use crate::webhook::{Exchange, Refusal};

/// Callbacks handed over at a time; more wait. 80 messages a second make some 240 callbacks a second, so this is
/// enough while one takes less than a quarter of a second, and it is all that a flood of them can take from messages.
pub const CALLBACKS_AT_A_TIME: usize = 64;
/// How long a callback waits for its turn.
const TURN: Duration = Duration::from_secs(3);
/// Patience with delivery-status, which commits the callback before it answers.
const RECORD_DEADLINE: Duration = Duration::from_secs(4);

/// `POST /twilio-status`
pub async fn callback(State(app): State<Arc<App>>, request: Request<axum::body::Body>) -> Response {
    let exchange = Exchange::begin(CALLBACK_SOURCE, &request);
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
    let (pairs, verified) = app.verifier.check(&received)?;
    let reference = if verified {
        SendReference::from_verified_query(head.uri.query().unwrap_or_default())
    } else {
        SendReference::default()
    };
    let span = exchange.span();
    join_trace(app, span, &reference);
    app.verifier.check_account(&pairs)?;
    let row =
        status::parse(&pairs, &reference).map_err(|errors| Refusal::invalid(Problem::invalid(errors)))?;
    span.record("messaging.message.id", &row.message_sid);
    record(app, row).instrument(span.clone()).await
}

/// Makes the span part of the trace of the send, or links it once the message is a day old.
fn join_trace(app: &App, span: &Span, reference: &SendReference) {
    let Some(sent) = reference.traceparent.as_deref().and_then(|text| TraceContext::parse(text).ok()) else {
        return;
    };
    if reference.continues_trace(app.clock.now()) {
        sent.continue_in(span);
    } else {
        sent.link_to(span);
    }
}

async fn record(
    app: &App,
    row: proto::delivery::v1::RecordStatusRequest,
) -> Result<(Outcome, Response), Refusal> {
    let sid = row.message_sid.clone();
    let turn = tokio::time::timeout(TURN, app.callback_turns.acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        return Err(Refusal::unavailable("too many callbacks at a time: send it again"));
    };
    let mut delivery_status = app.delivery_status.clone();
    let call: Call<'_, _> = Box::pin(delivery_status.record_status(row));
    match mesh::with_deadline(RECORD_DEADLINE, call).await {
        Ok(kept) => {
            let kept = kept.into_inner();
            debug!(message_sid = sid, new = kept.appended, "status callback kept");
            let outcome = if kept.appended { Outcome::Queued } else { Outcome::Duplicate };
            Ok((outcome, StatusCode::OK.into_response()))
        }
        Err(status) if mesh::kind_of(&status) == ErrorKind::Invalid => {
            Err(Refusal::invalid(Problem::new(StatusCode::BAD_REQUEST, status.message())))
        }
        Err(status) => {
            error!(message_sid = sid, error = ?status.code(), "a status callback could not be kept");
            Err(Refusal::unavailable("the callback cannot be kept now: send it again"))
        }
    }
}
