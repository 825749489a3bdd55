//! What every server does around its handlers, whichever way a call comes in.

use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use http::{Request, Response};
use lifecycle::Stop;
use telemetry::TraceContext;
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::{Instrument, Span, error, field, info_span};

use crate::body::Guarded;
use crate::instruments::{Durations, Rpc, code_in};
use crate::{Caller, ServiceName, deadline};

/// A service's handlers behind the common layers: caller, server span, deadline, panics, measurements.
#[derive(Clone)]
pub(crate) struct Incoming {
    routes: Routes,
    common: Common,
}

/// The common layers themselves.
#[derive(Clone)]
pub(crate) struct Common(Arc<Shared>);

struct Shared {
    service: ServiceName,
    stop: Stop,
    durations: Durations,
}

impl Common {
    pub(crate) fn new(service: ServiceName, stop: Stop) -> Self {
        let durations = Durations::new("rpc_server_duration_seconds");
        Self(Arc::new(Shared { service, stop, durations }))
    }
}

impl Layer<Routes> for Common {
    type Service = Incoming;

    fn layer(&self, routes: Routes) -> Incoming {
        Incoming { routes, common: self.clone() }
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl Service<Request<Body>> for Incoming {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answer {
        let (routes, common) = (self.routes.clone(), self.common.clone());
        Box::pin(async move { Ok(common.0.answer(routes, request).await) })
    }
}

impl Shared {
    async fn answer(&self, mut routes: Routes, mut request: Request<Body>) -> Response<Body> {
        let received = Instant::now();
        let rpc = Rpc::of(request.uri());
        let deadline = deadline::of_request(request.headers());
        let caller = Caller::from_headers(request.headers());
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller);
        }
        let span = self.span(&rpc, caller, &request);
        let handling = deadline::serving(deadline, async move { routes.call(request).await });
        let handled =
            timeout_at(deadline, AssertUnwindSafe(handling).catch_unwind()).instrument(span.clone()).await;
        let response = match handled {
            Ok(Ok(Ok(response))) => response.map(|body| Guarded::wrap(body, self.stop.clone())),
            Ok(Ok(Err(never))) => match never {},
            Ok(Err(panic)) => {
                let panic = panic_text(panic.as_ref());
                span.in_scope(|| error!(rpc.path = rpc.path, panic, "handler of {} panicked", rpc.path));
                Status::internal("internal error").into_http()
            }
            Err(_) => Status::deadline_exceeded(format!("{} took too long", rpc.path)).into_http(),
        };
        let code = code_in(response.headers());
        record_code(&span, code, is_servers_fault(code));
        self.durations.record(&rpc, code, received.elapsed());
        response
    }

    fn span(&self, rpc: &Rpc, caller: Option<Caller>, request: &Request<Body>) -> Span {
        if rpc.is_machinery() {
            return Span::none();
        }
        let span = info_span!(
            parent: None,
            "rpc",
            otel.name = rpc.path,
            otel.kind = "server",
            otel.status_code = field::Empty,
            otel.status_description = field::Empty,
            rpc.system = "grpc",
            rpc.service = rpc.service(),
            rpc.method = rpc.method(),
            rpc.grpc.status_code = field::Empty,
            proefrit.service = self.service.as_str(),
            proefrit.caller = caller.map(Caller::as_str),
        );
        let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
        if let Some(context) = traceparent.and_then(|text| TraceContext::parse(text).ok()) {
            context.continue_in(&span);
        }
        span
    }
}

/// Notes how a call ended on its span.
pub(crate) fn record_code(span: &Span, code: Code, is_error: bool) {
    span.record("rpc.grpc.status_code", i64::from(i32::from(code)));
    if is_error {
        span.record("otel.status_code", "ERROR");
        span.record("otel.status_description", code.description());
    }
}

/// The codes that OpenTelemetry counts as a server's errors; the others are the caller's business.
fn is_servers_fault(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}
