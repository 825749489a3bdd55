//! What every webhook has in common, whoever sends it: a span, counters, a bounded body, an answer in time.

use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::Instant;
use tracing::{Span, field, info_span};

use crate::metrics::{self, Outcome};
use crate::problem::Problem;

/// Largest body taken: Twilio's own limit for an exchange is 64 kB (error 11750).
pub const MAX_BODY: usize = 64 * 1024;
/// How long a body may take to arrive.
const BODY_READ: Duration = Duration::from_secs(5);
/// How long a webhook may take from its headers to its answer: Twilio waits 15 s, connecting included.
const ANSWER: Duration = Duration::from_secs(12);
/// When to come back after a 503.
pub const RETRY_AFTER: Duration = Duration::from_secs(5);
/// What is read and thrown away of a refused body, so that its sender gets to read the answer.
const DISCARDED: usize = 1024 * 1024;
/// How long that may take.
const DISCARD: Duration = Duration::from_secs(1);

/// A webhook that is not taken: the answer, and what it is counted as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The answer.
    pub problem: Problem,
    /// What it is counted as.
    pub outcome: Outcome,
}

impl Refusal {
    /// The request is malformed, unsigned or not for us.
    pub fn invalid(problem: Problem) -> Self {
        Self { problem, outcome: Outcome::Invalid }
    }

    /// The sender sends too much.
    pub fn rate_limited(detail: &str, retry_after: Duration) -> Self {
        Self { problem: Problem::too_many(detail, retry_after), outcome: Outcome::RateLimited }
    }

    /// It cannot be kept now; a retry is welcome.
    pub fn unavailable(detail: &str) -> Self {
        Self { problem: Problem::unavailable(detail, RETRY_AFTER), outcome: Outcome::Error }
    }
}

/// One request and the span it gets once it has proved to be the provider's: what anybody may send leaves no trace.
#[derive(Debug)]
pub struct Exchange {
    source: &'static str,
    name: String,
    method: Method,
    route: String,
    started: Instant,
    span: OnceLock<Span>,
}

impl Exchange {
    /// Notes when a request of a source arrived, and counts it.
    pub fn begin<B>(source: &'static str, request: &Request<B>) -> Self {
        metrics::webhook(source, Outcome::Received);
        let (method, route) = (request.method().clone(), request.uri().path().to_owned());
        let name = format!("{method} {route}");
        Self { source, name, method, route, started: Instant::now(), span: OnceLock::new() }
    }

    /// The request's span, opened by the first call: the root of its trace unless it is made to continue another
    /// before it is entered. A `traceparent` from outside is not looked at.
    pub fn span(&self) -> &Span {
        self.span.get_or_init(|| {
            info_span!(
                parent: None,
                "webhook",
                otel.name = self.name,
                otel.kind = "server",
                otel.status_code = field::Empty,
                proefrit.service = "ingress",
                http.request.method = self.method.as_str(),
                http.route = self.route,
                http.response.status_code = field::Empty,
                messaging.message.id = field::Empty,
            )
        })
    }

    /// Runs the work of the request, counts what became of it, and answers in time whatever happens.
    pub async fn answer(&self, work: impl Future<Output = Result<(Outcome, Response), Refusal>>) -> Response {
        let done = tokio::time::timeout(ANSWER, work).await;
        let done =
            done.unwrap_or_else(|_| Err(Refusal::unavailable("it could not be kept in time: send it again")));
        let (outcome, response) =
            done.unwrap_or_else(|Refusal { problem, outcome }| (outcome, problem.into_response()));
        metrics::webhook(self.source, outcome);
        metrics::webhook_duration(self.source, self.started.elapsed());
        if let Some(span) = self.span.get() {
            span.record("http.response.status_code", response.status().as_u16());
            if response.status().is_server_error() {
                span.record("otel.status_code", "ERROR");
            }
        }
        response
    }
}

/// Refuses a body whose announced length is too large.
pub async fn check_announced_length(headers: &HeaderMap, body: &mut Body) -> Result<(), Refusal> {
    if body.size_hint().lower() > MAX_BODY as u64 {
        discard(headers, body).await;
        return Err(too_large());
    }
    Ok(())
}

/// Reads a body of at most [`MAX_BODY`] within its time.
pub async fn read(headers: &HeaderMap, body: &mut Body) -> Result<Bytes, Refusal> {
    let collected = tokio::time::timeout(BODY_READ, Limited::new(&mut *body, MAX_BODY).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            discard(headers, body).await;
            Err(too_large())
        }
        Ok(Err(_)) => Err(Refusal::invalid(Problem::new(
            StatusCode::BAD_REQUEST,
            "the body broke off: send it again as a whole",
        ))),
        Err(_) => Err(Refusal::invalid(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("the body took longer than {} seconds: send it faster", BODY_READ.as_secs()),
        ))),
    }
}

fn too_large() -> Refusal {
    Refusal::invalid(Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body is larger than {MAX_BODY} bytes: send less"),
    ))
}

/// Throws the rest of a body away, within bounds: a connection that is closed on unread data is reset, and the sender
/// would see that instead of the answer. A sender who waits for leave to send the body is not given it.
pub async fn discard(headers: &HeaderMap, body: &mut Body) {
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let thrown_away = async {
        let mut left = DISCARDED;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // Whether it is over within its time does not matter: the answer goes out either way.
    let _ = tokio::time::timeout(DISCARD, thrown_away).await;
}
