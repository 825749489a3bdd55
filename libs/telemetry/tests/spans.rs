//! What becomes of a span: its service, its trace, its place in the table.

use telemetry::{FinishedSpan, SpanStatus, TraceContext, TraceTable};
use tracing::{Span, info_span};

fn table() -> TraceTable {
    telemetry::for_tests().trace_table()
}

fn named<'a>(spans: &'a [FinishedSpan], name: &str) -> &'a FinishedSpan {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no span {name} in {spans:?}"))
}

#[test]
fn a_span_inherits_its_service_from_the_span_that_named_one() {
    let table = table();
    let trace;
    {
        let server = info_span!("server", proefrit.service = "crm", otel.kind = "server");
        let _server = server.enter();
        trace = TraceContext::current().unwrap().trace_id().to_owned();
        let middle = info_span!("middle");
        let _middle = middle.enter();
        info_span!("leaf", rows = 3).in_scope(|| ());
        info_span!("other", proefrit.service = "calendar")
            .in_scope(|| info_span!("below other").in_scope(|| ()));
    }
    info_span!("alone").in_scope(|| ());
    let spans = table.trace(&trace);
    let services: Vec<_> = spans.iter().map(|span| (span.name.as_str(), span.service.as_str())).collect();
    assert_eq!(
        services,
        [
            ("server", "crm"),
            ("middle", "crm"),
            ("leaf", "crm"),
            ("other", "calendar"),
            ("below other", "calendar")
        ]
    );
    let (server, middle, leaf) = (named(&spans, "server"), named(&spans, "middle"), named(&spans, "leaf"));
    assert_eq!(server.parent_span_id, None);
    assert_eq!(middle.parent_span_id.as_ref(), Some(&server.span_id));
    assert_eq!(leaf.parent_span_id.as_ref(), Some(&middle.span_id));
    assert_eq!(server.kind, "server");
    assert!(leaf.attributes.contains(&("rows".to_owned(), "3".to_owned())), "{leaf:?}");
}

#[test]
fn a_stored_context_continues_its_trace_and_a_linked_one_starts_another() {
    let table = table();
    let ingress = info_span!("ingress", proefrit.service = "ingress");
    let stored = TraceContext::of(&ingress).unwrap();
    drop(ingress);

    let worker = info_span!("worker", proefrit.service = "agent-orchestrator");
    stored.continue_in(&worker);
    worker.in_scope(|| assert_eq!(TraceContext::current().unwrap().trace_id(), stored.trace_id()));
    drop(worker);
    let reminder = info_span!("reminder");
    stored.link_to(&reminder);
    let reminder_context = TraceContext::of(&reminder).unwrap();
    drop(reminder);

    let spans = table.trace(stored.trace_id());
    assert_eq!(named(&spans, "worker").parent_span_id.as_deref(), Some(stored.span_id()));
    assert_ne!(reminder_context.trace_id(), stored.trace_id());
    assert_eq!(table.trace(reminder_context.trace_id())[0].linked_trace_ids, [stored.trace_id()]);
}

#[test]
fn a_span_below_info_is_no_span_and_breaks_no_chain() {
    let table = table();
    let above = info_span!("above");
    let trace = TraceContext::of(&above).unwrap().trace_id().to_owned();
    above.in_scope(|| {
        tracing::debug_span!("detail").in_scope(|| info_span!("below").in_scope(|| ()));
    });
    drop(above);
    let spans = table.trace(&trace);
    assert_eq!(spans.len(), 2);
    assert_eq!(named(&spans, "below").parent_span_id.as_ref(), Some(&named(&spans, "above").span_id));
}

#[test]
fn an_error_marks_its_span() {
    let table = table();
    let span = info_span!("failing");
    let trace = TraceContext::of(&span).unwrap().trace_id().to_owned();
    span.in_scope(|| tracing::error!("broken"));
    let described = info_span!(parent: &span, "described", otel.status_code = tracing::field::Empty, otel.status_description = tracing::field::Empty);
    described.record("otel.status_code", "ERROR");
    described.record("otel.status_description", "slot is taken");
    drop((described, span));
    let spans = table.trace(&trace);
    assert!(matches!(named(&spans, "failing").status, SpanStatus::Error(_)));
    assert_eq!(named(&spans, "described").status, SpanStatus::Error("slot is taken".to_owned()));
}

#[test]
fn traces_are_found_by_attribute_newest_first() {
    let table = table();
    let make = || {
        let span = info_span!("send", messaging.message.id = "SM-find-me");
        TraceContext::of(&span).unwrap().trace_id().to_owned()
    };
    let (first, second) = (make(), make());
    assert_eq!(table.with_attribute("messaging.message.id", "SM-find-me", 9), [second.clone(), first]);
    assert_eq!(table.with_attribute("messaging.message.id", "SM-find-me", 1), [second]);
    assert!(table.trace("not a trace id").is_empty());
    assert!(!table.recent(1).is_empty());
}

#[test]
fn without_a_span_there_is_no_context() {
    telemetry::for_tests();
    assert_eq!(TraceContext::current(), None);
    assert_eq!(TraceContext::of(&Span::none()), None);
}
