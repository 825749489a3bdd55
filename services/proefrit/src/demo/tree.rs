//! A trace as a tree of text.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use model::Timestamp;
use telemetry::{FinishedSpan, SpanStatus};

/// One line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Branches and the span's name.
    pub name: String,
    /// Who did it.
    pub service: String,
    /// When it began, from the beginning of the trace.
    pub offset: Duration,
    /// How long it took.
    pub took: Duration,
    /// Whether it failed.
    pub failed: bool,
}

/// The spans in the order of their calls, each under its caller. A call and its handling by another service are one line.
pub fn rows(spans: &[FinishedSpan]) -> Vec<Row> {
    let tree = Tree::new(spans);
    let start = spans.iter().map(|span| span.start).min().unwrap_or_default();
    let mut rows = Vec::with_capacity(spans.len());
    for root in tree.children_of(None) {
        tree.draw(root, "", "", start, &mut rows);
    }
    rows
}

/// Whether every caller named is there.
pub fn has_no_gap(spans: &[FinishedSpan]) -> bool {
    let known: HashSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
    spans.iter().filter_map(|span| span.parent_span_id.as_deref()).all(|parent| known.contains(parent))
}

/// `proefrit.crm.v1.CrmService/GetContact` without its package, which the service's column says already.
fn short(name: &str) -> &str {
    name.strip_prefix("proefrit.").and_then(|name| name.splitn(3, '.').nth(2)).unwrap_or(name)
}

struct Tree<'a>(HashMap<Option<&'a str>, Vec<&'a FinishedSpan>>);

impl<'a> Tree<'a> {
    /// `spans` in the order they began; one whose caller is not there becomes a root.
    fn new(spans: &'a [FinishedSpan]) -> Self {
        let known: HashSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
        let mut children: HashMap<Option<&str>, Vec<&FinishedSpan>> = HashMap::new();
        for span in spans {
            let parent = span.parent_span_id.as_deref().filter(|parent| known.contains(parent));
            children.entry(parent).or_default().push(span);
        }
        Self(children)
    }

    fn children_of(&self, span: Option<&FinishedSpan>) -> Vec<&'a FinishedSpan> {
        self.0.get(&span.map(|span| span.span_id.as_str())).cloned().unwrap_or_default()
    }

    fn draw(&self, span: &'a FinishedSpan, branch: &str, below: &str, start: Timestamp, rows: &mut Vec<Row>) {
        let span = self.handling(span).unwrap_or(span);
        rows.push(Row {
            name: format!("{branch}{}", short(&span.name)),
            service: span.service.clone(),
            offset: span.start.since(start),
            took: span.duration,
            failed: matches!(span.status, SpanStatus::Error(_)),
        });
        let children = self.children_of(Some(span));
        let last = children.len().saturating_sub(1);
        for (at, child) in children.into_iter().enumerate() {
            let (branch, further) = if at == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.draw(child, &format!("{below}{branch}"), &format!("{below}{further}"), start, rows);
        }
    }

    /// The span that handles a call, when nothing else hangs on the call.
    fn handling(&self, call: &'a FinishedSpan) -> Option<&'a FinishedSpan> {
        match self.children_of(Some(call))[..] {
            [only] if call.kind == "client" && only.kind == "server" => Some(only),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: Option<&str>, kind: &str, start: i64) -> FinishedSpan {
        FinishedSpan {
            trace_id: "0".repeat(32),
            span_id: id.to_owned(),
            parent_span_id: parent.map(str::to_owned),
            name: id.to_owned(),
            service: "crm".to_owned(),
            kind: kind.to_owned(),
            start: Timestamp::from_micros(start),
            duration: Duration::from_millis(1),
            attributes: Vec::new(),
            status: SpanStatus::Unset,
            linked_trace_ids: Vec::new(),
        }
    }

    #[test]
    fn branches_join_each_span_to_its_caller_and_a_call_to_its_handling() {
        let spans = [
            span("webhook", None, "server", 0),
            span("claim-call", Some("webhook"), "client", 1),
            span("claim", Some("claim-call"), "server", 2),
            span("proefrit.crm.v1.CrmService/GetContact", Some("claim"), "internal", 3),
            span("submit", Some("webhook"), "client", 4),
            span("alone", Some("gone"), "internal", 5),
        ];
        let names: Vec<_> = rows(&spans).into_iter().map(|row| row.name).collect();
        assert_eq!(names, ["webhook", "├─ claim", "│  └─ CrmService/GetContact", "└─ submit", "alone"]);
        assert!(has_no_gap(&spans[..5]) && !has_no_gap(&spans));
    }
}
