//! The routes and what they share.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, Query, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response, Sse, sse::KeepAlive},
    routing::{get, post},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use jiff::tz::TimeZone;
use lifecycle::Stop;
use maud::Markup;
use mesh::ServiceName;
use model::SharedClock;
use serde::Deserialize;
use telemetry::TraceTable;
use tokio::sync::Semaphore;
use tracing::Instrument;

use crate::{
    auth::{self, Gate},
    backend::{Backend, Wanted},
    desk, live,
    view::{self, Moments, TraceLinks},
};

/// Browsers that may watch at once. Each costs two streams; an operator has a few tabs.
const WATCHERS: usize = 64;

/// How often a silent event stream says that it is alive, below the idle time-outs of proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What every answer carries. The page loads only its own two files, runs nothing inline, sits in nobody's frame, and
/// nothing of it is kept in caches: it shows people's messages.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Our own forms must say where they come from; nobody else hears it.
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// What the routes share.
pub struct App {
    pub(crate) backend: Backend,
    pub(crate) clock: SharedClock,
    pub(crate) zone: TimeZone,
    pub(crate) traces: TraceLinks,
    pub(crate) table: Option<TraceTable>,
    pub(crate) watchers: Arc<Semaphore>,
    pub(crate) stop: Stop,
}

impl App {
    pub(crate) fn watchers() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(WATCHERS))
    }

    /// The present, in the operator's time zone.
    pub(crate) fn moments(&self) -> Moments {
        let now = self.clock.now().to_jiff();
        Moments::new(now.unwrap_or(jiff::Timestamp::UNIX_EPOCH), self.zone.clone())
    }
}

/// All routes, behind the gate and with their headers.
pub fn router(app: App, gate: Gate) -> Router {
    Router::new()
        .route("/", get(conversations))
        .route("/conversations/{id}", get(conversation))
        .route("/tasks", get(tasks))
        .route("/tasks/{id}/done", post(task_done))
        .route("/traces/{trace_id}", get(trace))
        .route("/events", get(events))
        .layer(middleware::from_fn(traced))
        .layer(middleware::from_fn_with_state(gate, auth::guard))
        .route(
            "/assets/console.css",
            get(async || asset("text/css; charset=utf-8", include_str!("../assets/console.css"))),
        )
        .route(
            "/assets/console.js",
            get(async || asset("text/javascript; charset=utf-8", include_str!("../assets/console.js"))),
        )
        .route("/assets/icon.svg", get(async || asset("image/svg+xml", include_str!("../assets/icon.svg"))))
        .fallback(|| async { nothing_here() })
        .layer(middleware::map_response(with_headers))
        .with_state(Arc::new(app))
}

/// The span above all calls that a page makes. The live view has one of its own, which ends with it.
async fn traced(request: Request, next: Next) -> Response {
    let route = match request.uri().path() {
        "/" => "/",
        "/tasks" => "/tasks",
        path if path.starts_with("/tasks/") => "/tasks/{id}/done",
        path if path.starts_with("/conversations/") => "/conversations/{id}",
        path if path.starts_with("/traces/") => "/traces/{trace_id}",
        _ => return next.run(request).await,
    };
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{} {route}", request.method()),
        otel.kind = "server",
        proefrit.service = ServiceName::Console.as_str(),
        http.route = route,
    );
    next.run(request).instrument(span).await
}

async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

#[derive(Deserialize)]
struct Paging {
    page: Option<String>,
}

async fn conversations(State(app): State<Arc<App>>, Query(paging): Query<Paging>) -> Response {
    page(&app, Wanted { conversation: None, page: paging.page }).await
}

async fn conversation(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Response {
    match desk::conversation_id(&id) {
        Some(id) => page(&app, Wanted { conversation: Some(id.to_owned()), page: paging.page }).await,
        None => nothing_here(),
    }
}

/// A page with parts missing is still the page: it says what is missing and answers 200, so that reloading is enough.
async fn page(app: &App, wanted: Wanted) -> Response {
    match app.backend.desk(&wanted).await {
        Ok(desk) => view::desk(&desk, &app.moments(), &app.traces).into_response(),
        Err(_) => nothing_here(),
    }
}

async fn tasks(State(app): State<Arc<App>>, Query(paging): Query<Paging>) -> Response {
    let list = app.backend.tasks(None, paging.page).await;
    view::tasks_page(&list, &app.moments()).into_response()
}

#[derive(Deserialize)]
struct DoneFrom {
    #[serde(default)]
    conversation: String,
}

/// Closes a task, and goes back to where the button was. Safe to repeat.
async fn task_done(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(from): Query<DoneFrom>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !auth::from_our_page(&uri, &headers) {
        return (StatusCode::FORBIDDEN, "Press the button on the console's own page.\n").into_response();
    }
    let Some(id) = desk::conversation_id(&id) else { return nothing_here() };
    match app.backend.complete_task(id.to_owned()).await {
        Ok(()) => {
            let back = desk::conversation_id(&from.conversation);
            let back = back.map_or_else(|| "/tasks".to_owned(), |id| format!("/conversations/{id}"));
            Redirect::to(&back).into_response()
        }
        Err(status) if status.code() == tonic::Code::NotFound => nothing_here(),
        Err(_) => {
            let page =
                view::message_page("The task is still open", "The orchestrator does not answer; try again.");
            (StatusCode::SERVICE_UNAVAILABLE, page).into_response()
        }
    }
}

async fn trace(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    let Some(trace_id) = desk::trace_id(&id) else { return nothing_here() };
    let spans = app.table.as_ref().map(|table| table.trace(&trace_id)).unwrap_or_default();
    if spans.is_empty() {
        let text = "Only recent traces are kept, and a trace appears when its first span has ended.";
        return not_found(&view::message_page("This trace is not kept here", text));
    }
    view::trace_page(&trace_id, &spans, &app.moments()).into_response()
}

#[derive(Deserialize)]
struct Watching {
    #[serde(default)]
    conversation: String,
}

async fn events(State(app): State<Arc<App>>, Query(watching): Query<Watching>) -> Response {
    let Ok(place) = Arc::clone(&app.watchers).try_acquire_owned() else {
        let retry = [(header::RETRY_AFTER, "30")];
        return (StatusCode::SERVICE_UNAVAILABLE, retry, "Too many pages are open.\n").into_response();
    };
    let selected = desk::conversation_id(&watching.conversation).map(str::to_owned);
    let stop = app.stop.clone();
    let events = futures::StreamExt::inspect(live::events(app, selected, stop), move |_| {
        let _ = &place;
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

fn nothing_here() -> Response {
    not_found(&view::message_page(
        "Nothing is here",
        "The conversation may have been erased, or the address is wrong.",
    ))
}

fn not_found(page: &Markup) -> Response {
    (StatusCode::NOT_FOUND, page.clone()).into_response()
}
