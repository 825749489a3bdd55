//! The measurements of calls, with their labels bounded whatever strangers ask for.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use http::HeaderMap;
use metrics::Histogram;
use tonic::Code;

/// `rpc_server_duration_seconds` or `rpc_client_duration_seconds`, looked up once per method and code.
pub(crate) struct Durations {
    metric: &'static str,
    known: RwLock<HashMap<String, HashMap<i32, Histogram>>>,
}

impl Durations {
    pub(crate) fn new(metric: &'static str) -> Self {
        Self { metric, known: RwLock::default() }
    }

    pub(crate) fn record(&self, rpc: &Rpc, code: Code, took: Duration) {
        // A method nobody implements can have any name: it must not make a series of its own.
        let path = if code == Code::Unimplemented { "unknown/unknown" } else { rpc.path.as_str() };
        let number = i32::from(code);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(histogram) = known.get(path).and_then(|codes| codes.get(&number)) {
            histogram.record(took);
            return;
        }
        drop(known);
        let (service, method) = path.split_once('/').unwrap_or((path, "unknown"));
        let histogram = metrics::histogram!(
            self.metric,
            "rpc_service" => service.to_owned(),
            "rpc_method" => method.to_owned(),
            "rpc_grpc_status_code" => number.to_string(),
        );
        histogram.record(took);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(path.to_owned()).or_default().insert(number, histogram);
    }
}

/// Which method is called.
pub(crate) struct Rpc {
    /// `proefrit.crm.v1.CrmService/GetContact`.
    pub(crate) path: String,
}

impl Rpc {
    pub(crate) fn of(uri: &http::Uri) -> Self {
        Self { path: uri.path().trim_start_matches('/').to_owned() }
    }

    pub(crate) fn service(&self) -> &str {
        self.path.split_once('/').map_or("", |(service, _)| service)
    }

    pub(crate) fn method(&self) -> &str {
        self.path.split_once('/').map_or("", |(_, method)| method)
    }

    /// True for calls of machinery that would drown the traces: probes and reflection.
    pub(crate) fn is_machinery(&self) -> bool {
        self.path.starts_with("grpc.health.") || self.path.starts_with("grpc.reflection.")
    }
}

/// The code in an answer's headers. A call that is answered well says so only behind its body.
pub(crate) fn code_in(headers: &HeaderMap) -> Code {
    headers.get(tonic::Status::GRPC_STATUS).map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()))
}
