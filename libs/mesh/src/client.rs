//! What every client does around a call, whichever way it goes out.

use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Response};
use telemetry::TraceContext;
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;
use tonic::{Code, Status, TimeoutExpired};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};
use tracing::{Instrument, Span, field, info_span};

use crate::incoming::record_code;
use crate::instruments::{Durations, Rpc, code_in};
use crate::{Caller, ServiceName, deadline};

type BoxError = Box<dyn Error + Send + Sync>;

/// A way to reach a service: a socket in Kubernetes, a function call inside one process. Generated clients take it.
///
/// It never fails: what breaks on the way is answered with a status. (A boxed error type here would also make the
/// futures of generated clients impossible to spawn, rust-lang/rust#64552.)
pub type Wire = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// Asks a service whether it serves (`grpc.health.v1`), for readiness checks.
///
/// # Errors
/// The status that says why not: UNAVAILABLE where it cannot be reached or is stopping.
pub async fn probe(wire: Wire) -> Result<(), Status> {
    let answer = HealthClient::new(wire).check(HealthCheckRequest::default()).await?;
    match answer.into_inner().status() {
        ServingStatus::Serving => Ok(()),
        other => Err(Status::unavailable(format!("peer says {}", other.as_str_name()))),
    }
}

/// Puts the common layers around a way to reach a service: deadline, client span, caller, measurements.
pub(crate) fn wire<S>(inner: S, caller: Caller, to: ServiceName) -> Wire
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send,
{
    let durations = Durations::new("rpc_client_duration_seconds");
    let shared = Arc::new(Shared { caller: caller.header(), to, durations });
    BoxCloneSyncService::new(Outgoing { inner, shared })
}

#[derive(Clone)]
struct Outgoing<S> {
    inner: S,
    shared: Arc<Shared>,
}

struct Shared {
    caller: HeaderValue,
    to: ServiceName,
    durations: Durations,
}

impl<S> Service<Request<Body>> for Outgoing<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Error: Into<BoxError> + Send,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    /// Always ready: waiting for a connection is part of the call, so that its deadline bounds it.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (inner, shared) = (self.inner.clone(), self.shared.clone());
        Box::pin(async move { Ok(shared.call(inner, request).await) })
    }
}

impl Shared {
    async fn call<S>(&self, inner: S, mut request: Request<Body>) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
        S::Error: Into<BoxError>,
    {
        let started = Instant::now();
        let rpc = Rpc::of(request.uri());
        let deadline = deadline::of_call(request.headers());
        let span = self.span(&rpc);
        let headers = request.headers_mut();
        headers.insert(Caller::HEADER, self.caller.clone());
        deadline::write(deadline.saturating_duration_since(started), headers);
        if let Some(context) = TraceContext::of(&span).or_else(TraceContext::current) {
            let traceparent = HeaderValue::from_str(context.as_str()).expect("a traceparent is ascii");
            headers.insert("traceparent", traceparent);
        }
        let answer = if deadline <= started {
            Err(Status::deadline_exceeded(format!("no time was left to call {}", self.to)))
        } else {
            match timeout_at(deadline, inner.oneshot(request)).instrument(span.clone()).await {
                Ok(Ok(response)) => Ok(response),
                Ok(Err(error)) => Err(self.transport_status(&error.into())),
                Err(_) => Err(self.too_late()),
            }
        };
        let response = answer.unwrap_or_else(Status::into_http);
        let code = code_in(response.headers());
        record_code(&span, code, code != Code::Ok);
        self.durations.record(&rpc, code, started.elapsed());
        response
    }

    fn span(&self, rpc: &Rpc) -> Span {
        if rpc.is_machinery() {
            return Span::none();
        }
        info_span!(
            "call",
            otel.name = rpc.path,
            otel.kind = "client",
            otel.status_code = field::Empty,
            otel.status_description = field::Empty,
            rpc.system = "grpc",
            rpc.service = rpc.service(),
            rpc.method = rpc.method(),
            rpc.grpc.status_code = field::Empty,
            peer.service = self.to.as_str(),
        )
    }

    fn too_late(&self) -> Status {
        Status::deadline_exceeded(format!("{} did not answer in time", self.to))
    }

    /// Whatever breaks below gRPC means that the peer cannot be reached now, or that its answer came too late.
    fn transport_status(&self, error: &BoxError) -> Status {
        let mut text = format!("cannot reach {}", self.to);
        let mut cause: Option<&(dyn Error + 'static)> = Some(error.as_ref());
        while let Some(error) = cause {
            if error.is::<TimeoutExpired>() {
                return self.too_late();
            }
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Status::unavailable(text)
    }
}
