//! Design section 1: everything from the webhook to the read receipt is one trace.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use mesh::ServiceName;

use crate::collector::{Collector, Span, orphans};
use crate::rows::{self, Receipts};
use crate::under_test::MeshUnderTest;
use crate::until::until;
use crate::world::new_customer;

pub async fn whole_way(mesh: &MeshUnderTest, collector: &Collector) -> Result<()> {
    let customer = new_customer();
    let sid = mesh.say(&customer, "Kan ik volgende week een proefrit maken in de Golf GTE?").await?;
    let talk = rows::answered(mesh, &customer, std::slice::from_ref(&sid), Receipts::Read).await?;
    let trace_id = talk.inbound[0].trace_id.clone();
    ensure!(!trace_id.is_empty(), "the message has no trace");
    ensure!(talk.outbound[0].trace_id == trace_id, "the reply is in another trace");

    let spans = until("the whole trace is exported", || async {
        let spans = collector.trace(&trace_id);
        let services: BTreeSet<_> = spans.iter().map(|span| span.service.as_str()).collect();
        for service in ServiceName::ALL.iter().filter(|service| **service != ServiceName::Console) {
            ensure!(services.contains(service.as_str()), "{service} is not among {services:?}");
        }
        ensure!(callbacks(&spans) == 3, "{} callbacks are in it", callbacks(&spans));
        let orphans = orphans(&spans);
        ensure!(orphans.is_empty(), "spans without their parents: {orphans:?}");
        Ok(spans)
    })
    .await?;

    let roots: Vec<_> = spans.iter().filter(|span| span.parent.is_empty()).collect();
    ensure!(roots.len() == 1 && roots[0].service == "ingress", "roots: {roots:?}");
    ensure!(roots[0].attributes.get("messaging.message.id") == Some(&sid), "root: {:?}", roots[0]);
    let unnamed: Vec<_> = spans.iter().filter(|span| span.service.is_empty()).collect();
    ensure!(unnamed.is_empty(), "spans without proefrit.service: {unnamed:?}");
    let digits = customer.trim_start_matches('+');
    let telling = spans.iter().find(|span| {
        span.name.contains(digits)
            || span
                .attributes
                .values()
                .any(|value| value.contains(digits) || value.contains("proefrit maken"))
    });
    ensure!(telling.is_none(), "a span tells who wrote or what: {telling:?}");
    Ok(())
}

/// Status callbacks of the reply: sent, delivered, read.
fn callbacks(spans: &[Span]) -> usize {
    let routes = ["/twilio-status", "/webhooks/twilio/status"];
    let route = |span: &Span| span.attributes.get("http.route").cloned().unwrap_or_default();
    spans.iter().filter(|span| routes.contains(&route(span).as_str())).count()
}
