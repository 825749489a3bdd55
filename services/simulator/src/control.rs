//! The routes under `/sim` that steer the simulated world and tell what it saw. README.md shows each with curl.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::Stream;
use futures::stream;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Rule;
use crate::ledger::Wanted;
use crate::settings::Change;
use crate::twilio::inbound::{self, Written};
use crate::twilio::message::{Direction, Message};
use crate::twilio::world::{PersonChange, Twilio, address};

/// Events in an answer unless asked otherwise.
const DEFAULT_LIMIT: usize = 1_000;
/// Most events in an answer.
const MAX_LIMIT: usize = 20_000;
/// Longest that a reader is kept waiting.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// The control routes.
pub fn routes() -> Router<Arc<Twilio>> {
    Router::new()
        .route("/sim/health", get(|| async { "ok" }))
        .route("/sim/inbound", post(write))
        .route("/sim/people", post(change_person))
        .route("/sim/templates", post(add_template))
        .route("/sim/faults", get(faults).post(set_faults).delete(clear_faults))
        .route("/sim/settings", get(settings).post(change_settings))
        .route("/sim/latency", post(change_settings))
        .route("/sim/ledger", get(ledger).delete(reset))
        .route("/sim/ledger/{address}", get(transcript))
        .route("/sim/events", get(events))
}

/// A refusal of a control request: 400 and a sentence.
struct Wrong(String);

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": self.0 }))).into_response()
    }
}

async fn write(State(twilio): State<Arc<Twilio>>, Json(written): Json<Written>) -> Result<Response, Wrong> {
    inbound::write(&twilio, written).await.map(|outcome| Json(outcome).into_response()).map_err(Wrong)
}

async fn change_person(
    State(twilio): State<Arc<Twilio>>,
    Json(change): Json<PersonChange>,
) -> Result<Response, Wrong> {
    twilio.change_person(&change).map(|person| Json(person).into_response()).map_err(Wrong)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    content_sid: String,
    body: String,
}

async fn add_template(State(twilio): State<Arc<Twilio>>, Json(template): Json<Template>) -> StatusCode {
    twilio.add_template(template.content_sid, template.body);
    StatusCode::NO_CONTENT
}

async fn faults(State(twilio): State<Arc<Twilio>>) -> Response {
    Json(twilio.outside.faults.get()).into_response()
}

async fn set_faults(
    State(twilio): State<Arc<Twilio>>,
    Json(rules): Json<Vec<Rule>>,
) -> Result<Response, Wrong> {
    twilio.outside.faults.set(rules).map_err(Wrong)?;
    Ok(Json(twilio.outside.faults.get()).into_response())
}

async fn clear_faults(State(twilio): State<Arc<Twilio>>) -> Result<StatusCode, Wrong> {
    twilio.outside.faults.set(Vec::new()).map_err(Wrong)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn settings(State(twilio): State<Arc<Twilio>>) -> Response {
    Json(twilio.outside.settings()).into_response()
}

async fn change_settings(State(twilio): State<Arc<Twilio>>, Json(change): Json<Change>) -> Response {
    twilio.outside.change(change);
    Json(twilio.outside.settings()).into_response()
}

/// What a reader of the ledger asks for.
#[derive(Debug, Default, Deserialize)]
struct Reading {
    after: Option<u64>,
    wait_ms: Option<u64>,
    limit: Option<usize>,
    /// Kinds of event, with commas between.
    kind: Option<String>,
    /// Whether the counts per customer come along; they do unless events after a number are asked for.
    recipients: Option<bool>,
}

impl Reading {
    fn wanted(&self) -> Wanted {
        let kinds = self.kind.iter().flat_map(|kinds| kinds.split(',')).filter(|kind| !kind.is_empty());
        Wanted {
            after: self.after.unwrap_or_default(),
            limit: self.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT),
            kinds: kinds.map(str::to_owned).collect(),
        }
    }
}

async fn ledger(State(twilio): State<Arc<Twilio>>, Query(reading): Query<Reading>) -> Response {
    let ledger = &twilio.outside.ledger;
    let wait = Duration::from_millis(reading.wait_ms.unwrap_or_default()).min(MAX_WAIT);
    let page = ledger.read_waiting(reading.wanted(), wait).await;
    let recipients = reading.recipients.unwrap_or(reading.after.is_none()).then(|| ledger.customers());
    Json(json!({
        "counters": ledger.counters(),
        "recipients": recipients,
        "events": page.events,
        "next_after": page.next_after,
        "lost": page.lost,
    }))
    .into_response()
}

#[derive(Debug, Deserialize)]
struct Reset {
    /// True: Twilio's message log and its people stay, only counts and events go.
    #[serde(default)]
    keep_messages: bool,
}

async fn reset(State(twilio): State<Arc<Twilio>>, Query(reset): Query<Reset>) -> StatusCode {
    if reset.keep_messages {
        twilio.outside.ledger.reset();
    } else {
        twilio.reset();
    }
    StatusCode::NO_CONTENT
}

async fn transcript(State(twilio): State<Arc<Twilio>>, Path(text): Path<String>) -> Response {
    let address = address(&text);
    let messages: Vec<Value> = twilio.transcript(&address).iter().map(transcript_row).collect();
    Json(json!({
        "counters": twilio.outside.ledger.customer(&address),
        "transcript": messages,
        "address": address,
    }))
    .into_response()
}

fn transcript_row(message: &Message) -> Value {
    let micros = |moment: Option<model::Timestamp>| moment.map(model::Timestamp::as_micros);
    json!({
        "sid": &*message.sid,
        "direction": message.direction.as_str(),
        "from_customer": message.direction == Direction::Inbound,
        "body": &*message.seen_body,
        "media": message.media.iter().map(|url| &**url).collect::<Vec<_>>(),
        "content_sid": message.content_sid.as_deref(),
        "status": message.status.as_str(),
        "error_code": message.error,
        "created_at_us": message.created.as_micros(),
        "sent_at_us": micros(message.sent),
        "delivered_at_us": micros(message.delivered),
        "read_at_us": micros(message.read),
    })
}

/// Events as they happen, from `after` or from now on, as server-sent events with their sequence number as id.
async fn events(
    State(twilio): State<Arc<Twilio>>,
    Query(reading): Query<Reading>,
) -> Sse<impl Stream<Item = Result<SseEvent, Infallible>>> {
    let mut wanted = reading.wanted();
    if reading.after.is_none() {
        wanted.after = twilio.outside.ledger.last_seq();
    }
    let batches = stream::unfold((twilio, wanted), |(twilio, mut wanted)| async move {
        if twilio.outside.ledger.is_closed() {
            return None;
        }
        let page = twilio.outside.ledger.read_waiting(wanted.clone(), MAX_WAIT).await;
        wanted.after = page.next_after;
        let events: Vec<_> = page
            .events
            .iter()
            .map(|event| {
                let data = serde_json::to_string(event).unwrap_or_default();
                Ok(SseEvent::default().id(event.seq.to_string()).event(event.what.kind()).data(data))
            })
            .collect();
        Some((stream::iter(events), (twilio, wanted)))
    });
    Sse::new(futures::StreamExt::flatten(batches)).keep_alive(KeepAlive::default())
}
