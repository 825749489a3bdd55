//! Recent finished spans, kept in memory for the console.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::Timestamp;
use opentelemetry::Context;
use opentelemetry::trace::{SpanId, Status, TraceId};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use serde::Serialize;

use crate::sampler::SERVICE;

/// How a span ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SpanStatus {
    /// Nobody said.
    Unset,
    /// Well.
    Ok,
    /// Badly, with a text that may be empty.
    Error(String),
}

/// A span that has ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FinishedSpan {
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// 16 hex digits; none for the root of a trace.
    pub parent_span_id: Option<String>,
    /// What was done.
    pub name: String,
    /// Who did it: `proefrit.service`.
    pub service: String,
    /// `internal`, `server`, `client`, `producer` or `consumer`.
    pub kind: String,
    /// When it began.
    pub start: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// What else is known, in the order of recording, without `proefrit.service`.
    pub attributes: Vec<(String, String)>,
    /// How it ended.
    pub status: SpanStatus,
    /// Trace ids of the spans it is linked to.
    pub linked_trace_ids: Vec<String>,
}

/// A bounded table of recent traces, oldest evicted. Cheap to clone; cheap to fill (one short lock per span).
#[derive(Clone, Debug)]
pub struct TraceTable(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shards: Vec<Mutex<Shard>>,
    traces_per_shard: usize,
    next_number: AtomicU64,
}

#[derive(Debug, Default)]
struct Shard {
    traces: HashMap<TraceId, Trace>,
    /// Trace ids, oldest first.
    order: VecDeque<TraceId>,
}

#[derive(Debug)]
struct Trace {
    /// Grows with each trace seen.
    number: u64,
    spans: Vec<SpanData>,
}

impl TraceTable {
    /// How many spans of one trace are kept; the rest of a runaway trace is dropped. A message makes about fifty.
    pub const MAX_SPANS_PER_TRACE: usize = 512;

    const SHARDS: usize = 16;

    /// A table for so many traces. It is rounded up a little, and 0 keeps nothing.
    pub fn new(max_traces: usize) -> Self {
        let shards = if max_traces < Self::SHARDS { 1 } else { Self::SHARDS };
        Self(Arc::new(Inner {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            traces_per_shard: max_traces.div_ceil(shards),
            next_number: AtomicU64::new(0),
        }))
    }

    fn shard(&self, trace: TraceId) -> MutexGuard<'_, Shard> {
        let [.., last] = trace.to_bytes();
        let shard = &self.0.shards[usize::from(last) % self.0.shards.len()];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, span: SpanData) {
        if self.0.traces_per_shard == 0 {
            return;
        }
        let id = span.span_context.trace_id();
        let mut shard = self.shard(id);
        if let Some(trace) = shard.traces.get_mut(&id) {
            if trace.spans.len() < Self::MAX_SPANS_PER_TRACE {
                trace.spans.push(span);
            }
            return;
        }
        let number = self.0.next_number.fetch_add(1, Ordering::Relaxed);
        shard.traces.insert(id, Trace { number, spans: vec![span] });
        shard.order.push_back(id);
        let evicted =
            if shard.order.len() > self.0.traces_per_shard { shard.order.pop_front() } else { None };
        let evicted = evicted.and_then(|oldest| shard.traces.remove(&oldest));
        drop(shard);
        drop(evicted);
    }

    /// The finished spans of a trace (32 hex digits), in the order they began; empty when nothing is known of it.
    pub fn trace(&self, trace_id: &str) -> Vec<FinishedSpan> {
        let Ok(id) = TraceId::from_hex(trace_id) else { return Vec::new() };
        let mut spans: Vec<_> = match self.shard(id).traces.get(&id) {
            Some(trace) => trace.spans.iter().map(finished).collect(),
            None => Vec::new(),
        };
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.duration)));
        spans
    }

    /// The ids of recent traces, newest first.
    pub fn recent(&self, limit: usize) -> Vec<String> {
        self.newest_first(limit, |_| true)
    }

    /// The ids of recent traces that hold a span with this attribute, newest first.
    pub fn with_attribute(&self, key: &str, value: &str, limit: usize) -> Vec<String> {
        self.newest_first(limit, |span| {
            span.attributes
                .iter()
                .any(|attribute| attribute.key.as_str() == key && attribute.value.as_str() == value)
        })
    }

    fn newest_first(&self, limit: usize, wanted: impl Fn(&SpanData) -> bool) -> Vec<String> {
        let mut found: Vec<(u64, TraceId)> = Vec::new();
        for shard in &self.0.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let traces = shard.traces.iter().filter(|(_, trace)| trace.spans.iter().any(&wanted));
            found.extend(traces.map(|(id, trace)| (trace.number, *id)));
        }
        found.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
        found.into_iter().take(limit).map(|(_, id)| id.to_string()).collect()
    }
}

fn finished(span: &SpanData) -> FinishedSpan {
    let mut service = String::new();
    let mut attributes = Vec::with_capacity(span.attributes.len());
    for attribute in &span.attributes {
        if attribute.key.as_str() == SERVICE {
            service = attribute.value.as_str().into_owned();
        } else {
            attributes.push((attribute.key.to_string(), attribute.value.as_str().into_owned()));
        }
    }
    FinishedSpan {
        trace_id: span.span_context.trace_id().to_string(),
        span_id: span.span_context.span_id().to_string(),
        parent_span_id: (span.parent_span_id != SpanId::INVALID).then(|| span.parent_span_id.to_string()),
        name: span.name.to_string(),
        service,
        kind: format!("{:?}", span.span_kind).to_lowercase(),
        start: timestamp(span.start_time),
        duration: span.end_time.duration_since(span.start_time).unwrap_or_default(),
        attributes,
        status: match &span.status {
            Status::Unset => SpanStatus::Unset,
            Status::Ok => SpanStatus::Ok,
            Status::Error { description } => SpanStatus::Error(description.to_string()),
        },
        linked_trace_ids: span.links.iter().map(|link| link.span_context.trace_id().to_string()).collect(),
    }
}

fn timestamp(moment: SystemTime) -> Timestamp {
    Timestamp::EPOCH + moment.duration_since(UNIX_EPOCH).unwrap_or_default()
}

impl SpanProcessor for TraceTable {
    fn on_start(&self, _span: &mut Span, _parent: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.insert(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::{Span as _, TraceContextExt, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    fn table_and_tracer(max_traces: usize) -> (TraceTable, opentelemetry_sdk::trace::SdkTracer) {
        let table = TraceTable::new(max_traces);
        let provider = SdkTracerProvider::builder().with_span_processor(table.clone()).build();
        (table, provider.tracer("tests"))
    }

    #[test]
    fn the_oldest_trace_gives_way() {
        let (table, tracer) = table_and_tracer(3);
        let ids: Vec<_> = (0..5)
            .map(|_| {
                let mut span = tracer.start("work");
                span.end();
                span.span_context().trace_id().to_string()
            })
            .collect();
        assert_eq!(table.recent(9), [ids[4].clone(), ids[3].clone(), ids[2].clone()]);
        assert!(table.trace(&ids[0]).is_empty());
        assert_eq!(table.trace(&ids[4]).len(), 1);
    }

    #[test]
    fn a_runaway_trace_is_cut() {
        let (table, tracer) = table_and_tracer(3);
        let parent = Context::new().with_span(tracer.start("root"));
        for _ in 0..TraceTable::MAX_SPANS_PER_TRACE + 10 {
            tracer.start_with_context("child", &parent).end();
        }
        let id = parent.span().span_context().trace_id().to_string();
        assert_eq!(table.trace(&id).len(), TraceTable::MAX_SPANS_PER_TRACE);
    }

    #[test]
    fn a_table_of_no_size_keeps_nothing() {
        let (table, tracer) = table_and_tracer(0);
        tracer.start("work").end();
        assert!(table.recent(9).is_empty());
    }
}
