//! The live view: what the services stream, rendered and sent to the browser as server-sent events.
//!
//! Each stream connects again by itself. It says `ready` whenever it is connected, and the browser then fetches the page anew,
//! so nothing is missed in between; and `away` when it is not.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::response::sse::Event;
use futures::{
    Stream, StreamExt,
    future::{self, BoxFuture},
    stream,
};
use lifecycle::Stop;
use mesh::ServiceName;
use proto::{delivery::v1::WatchDeliveriesResponse, orchestrator::v1::WatchConversationResponse};
use serde::Serialize;
use tonic::{Status, Streaming};
use tracing::{Instrument, Span};

use crate::{
    app::App,
    desk::{Entry, Progress},
    view,
};

/// How long to wait before a stream that ended is asked for again.
const CONNECT_AGAIN: Duration = Duration::from_secs(3);

/// The events of one browser until it leaves or the console stops.
pub fn events(
    app: Arc<App>,
    selected: Option<String>,
    stop: Stop,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    // One trace for as long as the page is open, so that watching does not push the messages' own traces out of the table.
    let span = tracing::info_span!(
        "watch",
        otel.name = "GET /events",
        otel.kind = "server",
        proefrit.service = ServiceName::Console.as_str(),
        http.route = "/events",
    );
    let of_messages = follow(
        Arc::clone(&app),
        span.clone(),
        |app| Box::pin(async move { app.backend.watch_messages().await }),
        move |app, change| Box::pin(message(app, selected.clone(), change)),
    );
    let of_deliveries = follow(
        app,
        span,
        |app| Box::pin(async move { app.backend.watch_deliveries().await }),
        |app, change| Box::pin(future::ready(delivery(&app, change))),
    );
    stream::select(of_messages, of_deliveries).map(Ok).take_until(async move { stop.requested().await })
}

#[derive(Serialize)]
struct Fragment<'a> {
    id: &'a str,
    html: String,
}

async fn message(app: Arc<App>, selected: Option<String>, change: WatchConversationResponse) -> Vec<Event> {
    let Some(message) = change.message else { return Vec::new() };
    let conversation_id = message.conversation_id.clone();
    let mut events = Vec::new();
    if selected.as_deref() == Some(conversation_id.as_str()) {
        let entry = Entry::from(message);
        let html = view::entry(&entry, &app.moments(), &app.traces).into_string();
        events.extend(event("message", &Fragment { id: &entry.id, html }));
    }
    if let Ok(Some(row)) = app.backend.row(conversation_id).await {
        let html = view::row(&row, selected.as_deref(), &app.moments()).into_string();
        events.extend(event("conversation", &Fragment { id: &row.id, html }));
    }
    events
}

fn delivery(app: &App, change: WatchDeliveriesResponse) -> Vec<Event> {
    let Some(mut delivery) = change.delivery else { return Vec::new() };
    let id = std::mem::take(&mut delivery.message_id);
    if id.is_empty() {
        return Vec::new();
    }
    let html = view::progress(&id, &Progress::from(delivery), &app.moments()).into_string();
    event("delivery", &Fragment { id: &id, html }).into_iter().collect()
}

/// JSON has no raw line ends, which an event's data must not hold.
fn event(name: &str, data: &impl Serialize) -> Option<Event> {
    Event::default().event(name).json_data(data).ok()
}

type Connect<T> = fn(Arc<App>) -> BoxFuture<'static, Result<Streaming<T>, Status>>;

/// What one stream says, as events, without end.
fn follow<T, R>(app: Arc<App>, span: Span, connect: Connect<T>, render: R) -> impl Stream<Item = Event> + Send
where
    T: Send + 'static,
    R: Fn(Arc<App>, T) -> BoxFuture<'static, Vec<Event>> + Send + 'static,
{
    struct Following<T, R> {
        app: Arc<App>,
        render: R,
        changes: Option<Streaming<T>>,
        first: bool,
        span: Span,
    }
    let start = Following { app, render, changes: None, first: true, span };
    stream::unfold(start, move |mut following| async move {
        let events = if let Some(changes) = &mut following.changes {
            if let Ok(Some(change)) = changes.message().await {
                (following.render)(Arc::clone(&following.app), change)
                    .instrument(following.span.clone())
                    .await
            } else {
                following.changes = None;
                event("away", &()).into_iter().collect()
            }
        } else {
            if !following.first {
                tokio::time::sleep(CONNECT_AGAIN).await;
            }
            following.first = false;
            following.changes =
                connect(Arc::clone(&following.app)).instrument(following.span.clone()).await.ok();
            let name = if following.changes.is_some() { "ready" } else { "away" };
            event(name, &()).into_iter().collect()
        };
        Some((stream::iter(events), following))
    })
    .flatten()
}
