//! The end of the demo: one message's trace over all services, and where to look next.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use mesh::ServiceName;
use telemetry::{FinishedSpan, TraceTable};
use tokio::time::Instant;

use super::paper::{Ink, Paper};
use super::{stage::PATIENCE, tree};
use crate::up::Addresses;

/// How often the table is asked whether the last span has ended, which is a moment after its work was seen.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Status callbacks of one reply: sent, delivered, read.
const CALLBACKS: usize = 3;

/// The spans of a trace once it is [whole](is_whole), and else what there is after [`PATIENCE`].
pub async fn finished_trace(traces: &TraceTable, trace_id: &str) -> Vec<FinishedSpan> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let spans = traces.trace(trace_id);
        if is_whole(&spans) || Instant::now() >= deadline {
            return spans;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Whether a trace goes from the webhook to the callback that tells that the reply was read, without a gap.
pub fn is_whole(spans: &[FinishedSpan]) -> bool {
    let taken_in =
        spans.iter().filter(|span| span.service == ServiceName::Ingress.as_str() && span.kind == "server");
    taken_in.count() > CALLBACKS && tree::has_no_gap(spans)
}

/// Prints a trace as a tree.
pub fn print_trace(text: &str, trace_id: &str, spans: &[FinishedSpan], paper: &mut Paper) -> io::Result<()> {
    let services: BTreeSet<&str> = spans.iter().map(|span| span.service.as_str()).collect();
    paper.heading(&format!(
        "One trace: \u{201c}{text}\u{201d}, from webhook to read receipt, {} spans over {} services",
        spans.len(),
        services.len()
    ))?;
    let rows = tree::rows(spans);
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or_default();
    let head = format!("{:width$}  {:18}  {:>9}  {:>9}", trace_id, "service", "began", "took");
    let head = paper.ink(Ink::Aside, head);
    paper.line(head)?;
    for row in rows {
        let failed = if row.failed { "  failed" } else { "" };
        let (began, took) = (millis(row.offset), millis(row.took));
        let service = paper.ink(Ink::Customer, format!("{:18}", row.service));
        paper.line(format_args!("{:width$}  {service}  {began:>9}  {took:>9}{failed}", row.name))?;
    }
    Ok(())
}

fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}

/// Prints where to look next. What runs only while the demo goes on is left out when it ends.
pub fn print_next(
    addresses: &Addresses,
    conversation_id: &str,
    goes_on: bool,
    paper: &mut Paper,
) -> io::Result<()> {
    let Addresses { console, delivery_status, simulator, .. } = addresses;
    paper.heading("Where to look next")?;
    if goes_on {
        paper.line(format_args!("console    http://{console}/conversations/{conversation_id}"))?;
        paper.line(format_args!(
            "gRPC       buf curl --protocol grpc --http2-prior-knowledge \
             http://{delivery_status}/proefrit.delivery.v1.DeliveryStatusService/GetDeliveryStats"
        ))?;
        if let Some(simulator) = simulator {
            paper.line(format_args!(
                "your turn  curl http://{simulator}/sim/inbound -H 'content-type: application/json' \
                 -d '{{\"from\": \"+31612345678\", \"body\": \"Hoi, hebben jullie een Clio?\"}}'"
            ))?;
        }
        paper.line("read on    README.md\n\nEverything still runs; Ctrl-C stops it.")
    } else {
        paper.line(format_args!(
            "console    http://{console} while `proefrit demo` or `proefrit up --demo` runs"
        ))?;
        paper.line("read on    README.md")
    }
}
