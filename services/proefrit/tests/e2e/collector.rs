//! A collector of traces, as any OTLP/HTTP collector is one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message as _;
use tokio::net::TcpListener;

/// A span that was exported.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its id, in hex.
    pub id: String,
    /// Its parent's, empty at the root.
    pub parent: String,
    /// What it is called.
    pub name: String,
    /// Whose it is (`proefrit.service`).
    pub service: String,
    /// Its attributes, as text.
    pub attributes: BTreeMap<String, String>,
}

type Traces = Arc<Mutex<BTreeMap<String, Vec<Span>>>>;

/// The collector, listening on a free port.
pub struct Collector {
    port: u16,
    traces: Traces,
}

impl Collector {
    /// Starts to listen.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let traces = Traces::default();
        let app = Router::new().route("/v1/traces", post(receive)).with_state(Arc::clone(&traces));
        // Ends with the runtime.
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { port, traces })
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` takes.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The spans of a trace that have come so far.
    pub fn trace(&self, trace_id: &str) -> Vec<Span> {
        self.traces.lock().unwrap_or_else(PoisonError::into_inner).get(trace_id).cloned().unwrap_or_default()
    }
}

/// The names of spans whose parent is not among them.
pub fn orphans(spans: &[Span]) -> Vec<String> {
    let ids: BTreeSet<_> = spans.iter().map(|span| span.id.as_str()).collect();
    let orphans = spans.iter().filter(|span| !span.parent.is_empty() && !ids.contains(span.parent.as_str()));
    orphans.map(|span| format!("{} of {}", span.name, span.service)).collect()
}

async fn receive(State(traces): State<Traces>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else { return StatusCode::BAD_REQUEST };
    let mut traces = traces.lock().unwrap_or_else(PoisonError::into_inner);
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    for span in scopes.flat_map(|scope| scope.spans) {
        let attributes: BTreeMap<_, _> = span.attributes.into_iter().map(attribute).collect();
        traces.entry(hex::encode(&span.trace_id)).or_default().push(Span {
            id: hex::encode(&span.span_id),
            parent: hex::encode(&span.parent_span_id),
            name: span.name,
            service: attributes.get("proefrit.service").cloned().unwrap_or_default(),
            attributes,
        });
    }
    StatusCode::OK
}

fn attribute(pair: KeyValue) -> (String, String) {
    let value = match pair.value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        other => format!("{other:?}"),
    };
    (pair.key, value)
}
