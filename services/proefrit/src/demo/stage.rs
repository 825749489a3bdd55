//! The conversation as it happens: the customer writes through signed webhooks, the dealer's replies are read from what
//! reached the phone, and their ticks from delivery-status.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use mesh::{Caller, Mesh, ServiceName};
use proto::delivery::v1::{
    Delivery, WatchDeliveriesRequest, WatchDeliveriesResponse,
    delivery_status_service_client::DeliveryStatusServiceClient,
};
use simulator::ledger::{Event, Wanted, What};
use simulator::twilio::inbound::{self, Written};
use simulator::twilio::world::Twilio;
use tokio::time::{Instant, timeout_at};
use tonic::Streaming;

use super::paper::Paper;
use super::script::Line;

/// How long anything in the demo may take; all of it together takes a few seconds.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The steps of a delivery that are shown.
const STEPS: [&str; 3] = ["sent", "delivered", "read"];

/// One customer's conversation with the dealer.
pub struct Stage {
    twilio: Arc<Twilio>,
    deliveries: Streaming<WatchDeliveriesResponse>,
    /// The latest known of each message by its SID.
    latest: HashMap<String, Delivery>,
    customer: String,
    /// The event of the ledger read last.
    seen: u64,
    replies: usize,
}

/// A message as it reached the customer's phone.
struct Received {
    sid: String,
    body: String,
}

impl Stage {
    /// Sets the stage for a customer (`+31…`).
    pub async fn new(twilio: Arc<Twilio>, mesh: &Mesh, customer: String) -> anyhow::Result<Self> {
        let wire = mesh.wire(Caller::Operator, ServiceName::DeliveryStatus);
        let mut client = DeliveryStatusServiceClient::new(wire);
        let deliveries = client.watch_deliveries(WatchDeliveriesRequest::default()).await?.into_inner();
        let seen = twilio.outside.ledger.last_seq();
        Ok(Self { twilio, deliveries, latest: HashMap::new(), customer, seen, replies: 0 })
    }

    /// Plays one line until its reply was read; answers the SID of the customer's message.
    pub async fn play(&mut self, line: Line<'_>, paper: &mut Paper) -> anyhow::Result<String> {
        paper.line("")?;
        paper.customer(line.shown())?;
        let sid = self.write(line.written(&self.customer)).await?;
        let deadline = Instant::now() + PATIENCE;
        let Some(reply) = self.next_reply(deadline).await else {
            bail!("no reply to \u{201c}{}\u{201d} came within {} s", line.shown(), PATIENCE.as_secs());
        };
        let before = self.replies;
        self.show(&reply, paper).await?;
        // A dealer may say more than one thing.
        while let Some(further) = self.received(Duration::ZERO).await {
            self.show(&further, paper).await?;
        }
        if line.copies() > 1 {
            ensure!(self.replies == before + 1, "a webhook that came twice was answered twice");
            paper.aside("Twilio sent this webhook twice; it was answered once")?;
        }
        Ok(sid)
    }

    /// How many messages reached the customer.
    pub fn replies(&self) -> usize {
        self.replies
    }

    async fn write(&self, written: Written) -> anyhow::Result<String> {
        let outcome = inbound::write(&self.twilio, written).await.map_err(anyhow::Error::msg)?;
        for heard in &outcome.deliveries {
            let answer = &heard.answer;
            match (answer.http_status, &answer.error) {
                (Some(200), None) => {}
                (Some(status), None) => bail!("the webhook was answered with {status}"),
                (_, Some(error)) => bail!("the webhook was not answered well: {error}"),
                (None, None) => bail!("the webhook was not answered"),
            }
        }
        Ok(outcome.message_sid)
    }

    async fn next_reply(&mut self, deadline: Instant) -> Option<Received> {
        self.received(deadline.saturating_duration_since(Instant::now())).await
    }

    /// The next message that reached the customer, waiting so long for it.
    async fn received(&mut self, wait: Duration) -> Option<Received> {
        let deadline = Instant::now() + wait;
        loop {
            let wanted = Wanted { after: self.seen, limit: 1, kinds: vec!["message".to_owned()] };
            let left = deadline.saturating_duration_since(Instant::now());
            let page = self.twilio.outside.ledger.read_waiting(wanted, left).await;
            self.seen = page.next_after;
            match page.events.into_iter().next() {
                Some(event) => {
                    if let Some(message) = self.to_the_customer(event) {
                        return Some(message);
                    }
                }
                None => return None,
            }
        }
    }

    fn to_the_customer(&self, event: Event) -> Option<Received> {
        let What::Message { body, .. } = event.what else { return None };
        let address = event.address.0.strip_prefix("whatsapp:")?;
        (address == self.customer).then(|| Received {
            sid: event.sid.0.to_string(),
            body: body.map(|text| text.0.to_string()).unwrap_or_default(),
        })
    }

    /// Prints a reply and its ticks, until it was read.
    async fn show(&mut self, reply: &Received, paper: &mut Paper) -> anyhow::Result<()> {
        self.replies += 1;
        paper.dealer(&reply.body)?;
        let deadline = Instant::now() + PATIENCE;
        for (at, step) in STEPS.into_iter().enumerate() {
            self.reaches(&reply.sid, &STEPS[at..], deadline).await?;
            paper.tick(step, at == 0)?;
        }
        paper.line("")?;
        Ok(())
    }

    /// Waits until a message has one of the statuses.
    async fn reaches(&mut self, sid: &str, statuses: &[&str], deadline: Instant) -> anyhow::Result<()> {
        loop {
            let latest = self.latest.get(sid);
            if let Some(latest) = latest {
                if statuses.contains(&latest.status.as_str()) {
                    return Ok(());
                }
                let (status, code) = (&latest.status, latest.error_code);
                let failed = matches!(status.as_str(), "failed" | "undelivered" | "canceled");
                ensure!(!failed, "the reply {status} with error {code}: {}", latest.error_explanation);
            }
            let wanted = statuses.first().copied().unwrap_or_default();
            let known = latest.map_or("unknown", |latest| latest.status.as_str());
            let change = timeout_at(deadline, self.deliveries.message()).await.with_context(|| {
                format!("the reply was not {wanted} within {} s; it is {known}", PATIENCE.as_secs())
            })?;
            let change = change?.context("delivery-status has stopped")?;
            if let Some(delivery) = change.delivery {
                self.latest.insert(delivery.message_sid.clone(), delivery);
            }
        }
    }
}
