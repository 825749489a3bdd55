//! What the outside world saw: every customer's replies, read from the simulator's ledger.

use std::{collections::HashMap, time::Duration};

use anyhow::bail;
use serde::Deserialize;
use tokio::time::Instant;

use super::generator::Posted;

/// Without any new reply for this long the run has lost messages.
const STUCK_AFTER: Duration = Duration::from_secs(30);

/// How long the ledger may keep a question open.
const LONG_POLL_MS: u32 = 1000;

/// The replies of one phase.
pub struct Tally {
    client: reqwest::Client,
    control: String,
    after: u64,
}

#[derive(Deserialize)]
struct Page {
    events: Vec<Event>,
    next_after: u64,
    lost: bool,
}

#[derive(Deserialize)]
struct Event {
    at_us: i64,
    address: Option<String>,
}

impl Tally {
    /// Begins at what the ledger holds now.
    pub async fn begin(control: &str) -> anyhow::Result<Self> {
        let mut tally = Self { client: reqwest::Client::new(), control: control.to_owned(), after: 0 };
        while !tally.page(0).await?.events.is_empty() {}
        Ok(tally)
    }

    async fn page(&mut self, wait_ms: u32) -> anyhow::Result<Page> {
        let url = format!(
            "{}/sim/ledger?kind=message&limit=5000&recipients=false&after={}&wait_ms={wait_ms}",
            self.control, self.after
        );
        let page: Page = self.client.get(url).send().await?.error_for_status()?.json().await?;
        if page.lost {
            bail!("the simulator's ledger forgot events before they were read");
        }
        self.after = page.next_after;
        Ok(page)
    }

    /// Waits until every customer has a reply, and then until nothing more comes; answers when each got it, in microseconds since 1970.
    /// Fails when somebody got none, or two.
    pub async fn replies(mut self, posted: &Posted) -> anyhow::Result<HashMap<String, i64>> {
        let mut replies: HashMap<String, i64> = HashMap::new();
        let mut last_news = Instant::now();
        loop {
            let events = self.page(LONG_POLL_MS).await?.events;
            // A second reply would come after the last first one: the ledger must fall silent.
            if events.is_empty() && replies.len() == posted.sent_at.len() {
                return Ok(replies);
            }
            for event in events {
                let Some(address) = event.address.filter(|address| posted.sent_at.contains_key(address))
                else {
                    continue;
                };
                last_news = Instant::now();
                if replies.insert(address, event.at_us).is_some() {
                    bail!("a customer was answered twice");
                }
            }
            if last_news.elapsed() > STUCK_AFTER {
                bail!(
                    "{} of {} messages are unanswered",
                    posted.sent_at.len() - replies.len(),
                    posted.sent_at.len()
                );
            }
        }
    }
}
