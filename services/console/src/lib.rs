//! The operator's page: conversations, their messages with delivery ticks, live, and the trace of each message.
//!
//! Start at [`build`]. The console keeps nothing; it asks the mesh (`backend`), turns answers into what is shown (`desk`),
//! renders it on the server (`view`) and streams changes to the browser (`live`). `auth` decides who may look.

mod app;
mod auth;
mod backend;
mod config;
mod desk;
mod error;
mod live;
mod view;

use std::net::SocketAddr;

use axum::Router;
use jiff::tz::TimeZone;
use lifecycle::{Readiness, Stop};
use mesh::Mesh;
use model::SharedClock;
use telemetry::TraceTable;
use tokio::net::TcpListener;

use app::App;
use auth::Gate;
use backend::Backend;
pub use config::Config;
pub use error::Error;
use view::TraceLinks;

/// What the console needs of its surroundings.
#[derive(Clone)]
pub struct Deps {
    /// The way to the services it shows.
    pub mesh: Mesh,
    /// The time.
    pub clock: SharedClock,
    /// The traces of this process, where there is only one.
    pub traces: Option<TraceTable>,
}

/// The console, listening and not yet serving.
pub struct Service {
    listener: TcpListener,
    addr: SocketAddr,
    router: Router,
    stop: Stop,
}

/// Binds; refuses to do so where anybody could read along.
pub async fn build(config: Config, deps: Deps) -> Result<Service, Error> {
    config.validate()?;
    let bind = |source| Error::Bind { addr: config.console_listen, source };
    let listener = TcpListener::bind(config.console_listen).await.map_err(bind)?;
    let addr = listener.local_addr().map_err(bind)?;
    let traces = match (&deps.traces, config.console_trace_url_template) {
        (Some(_), _) => TraceLinks::Here,
        (None, Some(template)) => TraceLinks::Elsewhere(template),
        (None, None) => TraceLinks::Nowhere,
    };
    let stop = Stop::new();
    let app = App {
        backend: Backend::new(&deps.mesh),
        clock: deps.clock,
        zone: config.console_timezone.unwrap_or_else(TimeZone::system),
        traces,
        table: deps.traces,
        watchers: App::watchers(),
        stop: stop.clone(),
    };
    let router = app::router(app, Gate::new(config.console_password.as_ref()));
    Ok(Service { listener, addr, router, stop })
}

impl Service {
    /// Where the page is.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Ready as soon as it listens: without the services it still shows a page that says so.
    pub fn readiness(&self) -> Readiness {
        Readiness::new()
    }

    /// Serves until told to stop; live views end at once, so that nothing waits for a browser.
    pub async fn run(self, stop: Stop) -> anyhow::Result<()> {
        let Self { listener, router, stop: live, .. } = self;
        let stopping = async move {
            stop.requested().await;
            live.request();
        };
        axum::serve(listener, router).with_graceful_shutdown(stopping).await?;
        Ok(())
    }
}
