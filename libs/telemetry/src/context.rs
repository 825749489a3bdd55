//! Which trace work belongs to, as text that can be stored and sent.

use std::fmt;
use std::str::FromStr;

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Text is no W3C `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("traceparent must be 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, neither id all zeros")]
pub struct InvalidTraceContext;

/// A span's place in its trace: a W3C `traceparent`, carried in gRPC metadata, queue rows and callback addresses.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TraceContext(Box<str>);

impl TraceContext {
    /// Reads a `traceparent` header.
    ///
    /// # Errors
    /// When it is malformed, of a version that is not ours (00), or has an all-zero id.
    pub fn parse(traceparent: &str) -> Result<Self, InvalidTraceContext> {
        parse(traceparent).map(|_| Self(traceparent.into())).ok_or(InvalidTraceContext)
    }

    /// The span that is being executed; `None` outside of any span or without telemetry.
    pub fn current() -> Option<Self> {
        Self::from_span_context(opentelemetry::Context::current().span().span_context())
    }

    /// A span's own context; `None` when the span is not part of a trace.
    pub fn of(span: &tracing::Span) -> Option<Self> {
        Self::from_span_context(span.context().span().span_context())
    }

    fn from_span_context(context: &SpanContext) -> Option<Self> {
        context.is_valid().then(|| {
            let (trace, span) = (context.trace_id(), context.span_id());
            Self(format!("00-{trace}-{span}-{:02x}", context.trace_flags().to_u8()).into())
        })
    }

    fn span_context(&self) -> SpanContext {
        parse(&self.0).expect("a trace context is checked when it is made")
    }

    /// Makes a span the child of this one. Call it before the span is entered; afterwards it has no effect.
    pub fn continue_in(&self, span: &tracing::Span) {
        let parent = opentelemetry::Context::new().with_remote_span_context(self.span_context());
        if let Err(error) = span.set_parent(parent) {
            tracing::trace!(%error, "span does not continue its trace");
        }
    }

    /// Links a span to this one, which is related without being its parent.
    pub fn link_to(&self, span: &tracing::Span) {
        span.add_link(self.span_context());
    }

    /// The `traceparent` itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The trace's id: 32 hex digits.
    pub fn trace_id(&self) -> &str {
        &self.0[3..35]
    }

    /// The span's id: 16 hex digits.
    pub fn span_id(&self) -> &str {
        &self.0[36..52]
    }
}

fn parse(traceparent: &str) -> Option<SpanContext> {
    let bytes = traceparent.as_bytes();
    let well_formed = bytes.len() == 55
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            2 | 35 | 52 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
        && traceparent.starts_with("00");
    if !well_formed {
        return None;
    }
    let trace = TraceId::from_hex(&traceparent[3..35]).ok()?;
    let span = SpanId::from_hex(&traceparent[36..52]).ok()?;
    let flags = u8::from_str_radix(&traceparent[53..], 16).ok()?;
    let context = SpanContext::new(trace, span, TraceFlags::new(flags), true, TraceState::NONE);
    context.is_valid().then_some(context)
}

impl FromStr for TraceContext {
    type Err = InvalidTraceContext;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceContext({})", self.0)
    }
}

impl Serialize for TraceContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TraceContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_is_read_and_written_alike() {
        let context = TraceContext::parse(TRACEPARENT).unwrap();
        assert_eq!(context.to_string(), TRACEPARENT);
        assert_eq!(context.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(context.span_id(), "b7ad6b7169203331");
        assert_eq!(TraceContext::from_span_context(&context.span_context()), Some(context));
    }

    #[test]
    fn what_is_no_traceparent_is_refused() {
        for text in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
            "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceContext::parse(text), Err(InvalidTraceContext), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".{50,60}") {
            let _ = TraceContext::parse(&text);
        }
    }

    #[test]
    fn there_is_no_current_context_outside_of_spans() {
        assert_eq!(TraceContext::current(), None);
        assert_eq!(TraceContext::of(&tracing::Span::none()), None);
    }
}
