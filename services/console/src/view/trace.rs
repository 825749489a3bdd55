//! The waterfall of a trace. Bars are drawn with SVG attributes, since the content security policy allows no inline style.

use std::{collections::HashMap, time::Duration};

use maud::{Markup, html};
use model::Timestamp;
use telemetry::{FinishedSpan, SpanStatus};

use super::{Moments, axis::Axis, page};

/// A pause is named on the line that ends it when it lasted at least so long.
const NAMED_PAUSE: Duration = Duration::from_millis(500);

/// Deeper spans are drawn at this depth.
const DEEPEST: usize = 12;

/// Bars narrower than this share of the whole, in percent, would not be seen.
const NARROWEST: f64 = 0.4;

/// One line of the waterfall.
struct Line<'a> {
    span: &'a FinishedSpan,
    depth: usize,
}

/// The page of one trace, its spans in the order of their calls.
pub fn trace_page(trace_id: &str, spans: &[FinishedSpan], moments: &Moments) -> Markup {
    let start = spans.iter().map(|span| span.start).min().unwrap_or_default();
    let end = spans.iter().map(|span| span.start + span.duration).max().unwrap_or_default();
    let axis = Axis::new(spans.iter().map(|span| (span.start, span.start + span.duration)).collect());
    let mut services: Vec<&str> = spans.iter().map(|span| span.service.as_str()).collect();
    services.sort_unstable();
    services.dedup();
    let content = html! {
        main class="waterfall" {
            header {
                a class="back always" href="/" { "‹ All conversations" }
                h1 { "Trace " code { (trace_id) } }
                @if let Ok(at) = start.to_jiff() {
                    p { (moments.full(at)) " · " (spans.len()) " spans · " (services.len()) " services · " b { (readable(axis.active())) } " of work in " (readable(end.since(start))) }
                }
                ul class="legend" {
                    @for service in &services {
                        li { (swatch(service, &services)) (shown(service)) }
                    }
                }
            }
            ol class="spans" {
                @for line in in_call_order(spans) { (line_of(&line, start, &axis, &services)) }
            }
        }
    };
    page::layout("Trace", &[], None, false, &content)
}

fn line_of(line: &Line<'_>, start: Timestamp, axis: &Axis, services: &[&str]) -> Markup {
    let span = line.span;
    let (from, to) = (axis.place(span.start), axis.place(span.start + span.duration));
    let width = (100.0 * (to - from)).max(NARROWEST);
    let x = (100.0 * from).min(100.0 - width);
    let pause = axis.pause_before(span.start);
    let failed = matches!(span.status, SpanStatus::Error(_));
    html! {
        li class=[failed.then_some("failed")] {
            details {
                summary {
                    span class={ "span-name depth" (line.depth) } {
                        (swatch(&span.service, services))
                        span class="span-service" { (shown(&span.service)) }
                        span class="span-what" { (span.name) }
                        @if failed { span class="chip hot" { "error" } }
                        @if pause >= NAMED_PAUSE { span class="chip" { (readable(pause)) " later" } }
                    }
                    svg class="lane" width="100%" height="14" aria-hidden="true" {
                        rect class="track" x="0" y="6" width="100%" height="2" rx="1" {}
                        rect class={ "bar-fill c" (colour(&span.service, services)) } x=(percent(x)) y="2" width=(percent(width)) height="10" rx="3" {}
                    }
                    span class="took" { (readable(span.duration)) }
                }
                dl {
                    dt { "began" } dd { "+" (readable(span.start.since(start))) }
                    dt { "kind" } dd { (span.kind) }
                    @if let SpanStatus::Error(text) = &span.status { dt { "error" } dd { (text) } }
                    @for (name, value) in &span.attributes { dt { (name) } dd { (value) } }
                    @for linked in &span.linked_trace_ids {
                        dt { "linked" } dd { a href={ "/traces/" (linked) } { (linked) } }
                    }
                }
            }
        }
    }
}

/// Children follow their parent, earliest first. A span whose parent is not there stands at the margin.
fn in_call_order(spans: &[FinishedSpan]) -> Vec<Line<'_>> {
    let known: HashMap<&str, usize> =
        spans.iter().enumerate().map(|(at, span)| (span.span_id.as_str(), at)).collect();
    let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (at, span) in spans.iter().enumerate() {
        let parent = span.parent_span_id.as_deref().and_then(|parent| known.get(parent).copied());
        children.entry(parent.filter(|parent| *parent != at)).or_default().push(at);
    }
    for siblings in children.values_mut() {
        siblings.sort_by_key(|at| std::cmp::Reverse((spans[*at].start, *at)));
    }
    let mut lines = Vec::with_capacity(spans.len());
    let mut open: Vec<(usize, usize)> =
        children.remove(&None).unwrap_or_default().into_iter().map(|at| (at, 0)).collect();
    while let Some((at, depth)) = open.pop() {
        lines.push(Line { span: &spans[at], depth: depth.min(DEEPEST) });
        open.extend(
            children.remove(&Some(at)).unwrap_or_default().into_iter().map(|child| (child, depth + 1)),
        );
    }
    lines
}

fn swatch(service: &str, services: &[&str]) -> Markup {
    html! { span class={ "swatch c" (colour(service, services)) } aria-hidden="true" {} }
}

fn colour(service: &str, services: &[&str]) -> usize {
    services.iter().position(|known| *known == service).unwrap_or_default() % 8
}

fn shown(service: &str) -> &str {
    if service.is_empty() { "–" } else { service }
}

fn percent(share: f64) -> String {
    format!("{share:.3}%")
}

fn readable(duration: Duration) -> String {
    let micros = duration.as_micros();
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..100_000 => format!("{:.1} ms", duration.as_secs_f64() * 1e3),
        100_000..1_000_000 => format!("{:.0} ms", duration.as_secs_f64() * 1e3),
        1_000_000..60_000_000 => format!("{:.2} s", duration.as_secs_f64()),
        _ => format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: Option<&str>, start: i64) -> FinishedSpan {
        FinishedSpan {
            trace_id: "0".repeat(32),
            span_id: id.to_owned(),
            parent_span_id: parent.map(str::to_owned),
            name: id.to_owned(),
            service: "ingress".to_owned(),
            kind: "server".to_owned(),
            start: Timestamp::from_micros(start),
            duration: Duration::from_millis(1),
            attributes: Vec::new(),
            status: SpanStatus::Ok,
            linked_trace_ids: Vec::new(),
        }
    }

    #[test]
    fn children_follow_their_parent_and_orphans_and_rings_lose_nobody_else() {
        let spans = [
            span("root", None, 0),
            span("late", Some("root"), 9),
            span("early", Some("root"), 1),
            span("inner", Some("early"), 2),
            span("orphan", Some("gone"), 5),
        ];
        let order: Vec<(&str, usize)> =
            in_call_order(&spans).iter().map(|line| (line.span.name.as_str(), line.depth)).collect();
        assert_eq!(order, [("root", 0), ("early", 1), ("inner", 2), ("late", 1), ("orphan", 0)]);
    }

    #[test]
    fn durations_are_shown_in_the_unit_a_person_would_choose() {
        for (micros, shown) in [
            (12, "12 µs"),
            (1_500, "1.5 ms"),
            (250_000, "250 ms"),
            (2_340_000, "2.34 s"),
            (125_000_000, "2 min 5 s"),
        ] {
            assert_eq!(readable(Duration::from_micros(micros)), shown);
        }
    }
}
