//! Which spans are recorded, and which service each belongs to.

use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingResult, ShouldSample};

/// The attribute that says which service a span belongs to.
pub(crate) const SERVICE: &str = "proefrit.service";

/// The key under which a span hands its service to its children, in the trace state of its own context. It stays in
/// this process: calls carry the traceparent alone.
const INHERITED: &str = "proefrit";

/// Decides as OpenTelemetry's variables say, and gives every span the attribute `proefrit.service`: its own, else its
/// parent's, else the process's.
#[derive(Clone, Debug)]
pub(crate) struct ServiceSampler {
    inner: Sampler,
    process: String,
}

impl ServiceSampler {
    pub(crate) fn from_env(process: &str) -> Self {
        let kind = std::env::var("OTEL_TRACES_SAMPLER").unwrap_or_default();
        let ratio =
            std::env::var("OTEL_TRACES_SAMPLER_ARG").ok().and_then(|ratio| ratio.parse().ok()).unwrap_or(1.0);
        let (root, follows_parent) = match kind.as_str() {
            "always_on" => (Sampler::AlwaysOn, false),
            "always_off" => (Sampler::AlwaysOff, false),
            "traceidratio" => (Sampler::TraceIdRatioBased(ratio), false),
            "parentbased_always_off" => (Sampler::AlwaysOff, true),
            "parentbased_traceidratio" => (Sampler::TraceIdRatioBased(ratio), true),
            _ => (Sampler::AlwaysOn, true),
        };
        let inner = if follows_parent { Sampler::ParentBased(Box::new(root)) } else { root };
        Self { inner, process: process.to_owned() }
    }
}

impl ShouldSample for ServiceSampler {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let mut result = self.inner.should_sample(parent, trace_id, name, kind, attributes, links);
        let own = attributes.iter().find(|attribute| attribute.key.as_str() == SERVICE);
        if let Some(own) = own {
            if let Ok(handed_down) = result.trace_state.insert(INHERITED, own.value.as_str()) {
                result.trace_state = handed_down;
            }
            return result;
        }
        let service = parent
            .and_then(|parent| parent.span().span_context().trace_state().get(INHERITED).map(str::to_owned))
            .unwrap_or_else(|| self.process.clone());
        result.attributes.push(KeyValue::new(SERVICE, service));
        result
    }
}
