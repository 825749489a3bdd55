//! The phases of a run on one engine, and their report.

use std::{collections::HashMap, time::Duration};

use anyhow::bail;
use proto::orchestrator::v1::{ListMessagesRequest, orchestrator_service_client::OrchestratorServiceClient};

use super::{
    figures::{latencies, per_second},
    generator::{CUSTOMERS, Generator, Posted},
    tally::Tally,
    world::{Engine, World, start_reference},
};

/// Customers verified message by message after each phase.
const VERIFIED: usize = 200;

/// What is measured.
pub struct Phases {
    pub messages: u32,
    pub connections: u32,
    pub rate: u32,
    pub steady: Duration,
    pub provider: Duration,
}

impl Phases {
    /// Measures one engine and prints as it goes.
    pub async fn run(&self, engine: &Engine) -> anyhow::Result<()> {
        println!("\n{}", engine.title());
        let bare = self.reference(engine).await?;
        let world = World::start(engine).await?;
        let idle = world.mesh.memory();
        let mut customers = customers(self.messages.max(self.rate * u32::try_from(self.steady.as_secs())?))?;
        self.full_speed(&world, customers(), bare, "full speed").await?;
        self.steady_phase(&world, customers(), "steady").await?;
        world.provider_takes(self.provider).await?;
        let title = format!("full speed, provider takes {}", model::parse::duration_text(self.provider));
        self.full_speed(&world, customers(), bare, &title).await?;
        let title = format!("steady, provider takes {}", model::parse::duration_text(self.provider));
        self.steady_phase(&world, customers(), &title).await?;
        if let (Some(idle), Some(now)) = (idle, world.mesh.memory()) {
            println!("  memory of the mesh                 {} MiB idle, {} MiB after", idle >> 20, now >> 20);
        }
        world.stop().await
    }

    /// Accepted webhooks a second of the bare server.
    async fn reference(&self, engine: &Engine) -> anyhow::Result<f64> {
        let (process, base, folder) = start_reference(engine).await?;
        let first = customers(self.messages)?();
        let mut posted = Generator::new(&base, first)?.full_speed(self.messages, self.connections).await?;
        let rate = per_second(posted.accept.len(), posted.took);
        println!(
            "  bare server: signature, one row    {rate:7.0} accepted/s   {}",
            latencies(&mut posted.accept)
        );
        process.stop().await?;
        folder.close()?;
        Ok(rate)
    }

    async fn full_speed(&self, world: &World, first: u32, bare: f64, title: &str) -> anyhow::Result<()> {
        let tally = Tally::begin(&world.control).await?;
        let (cpu, counters) = (world.mesh.cpu(), world.counters().await?);
        let mut posted =
            Generator::new(&world.ingress, first)?.full_speed(self.messages, self.connections).await?;
        let accepted = per_second(posted.accept.len(), posted.took);
        let replies = tally.replies(&posted).await?;
        println!("  {title}");
        println!(
            "    accepted                         {accepted:7.0} accepted/s   {}   {:.2} of the bare server",
            latencies(&mut posted.accept),
            accepted / bare
        );
        println!(
            "    answered                         {:7.0} messages/s   {}",
            per_second(replies.len(), end_to_end(&posted, &replies)),
            latencies(&mut waits(&posted, &replies))
        );
        let after = world.counters().await?;
        self.print_cost(world, cpu, &counters, &after);
        verify(world, &posted).await
    }

    fn print_cost(
        &self,
        world: &World,
        cpu: Option<Duration>,
        before: &HashMap<String, f64>,
        after: &HashMap<String, f64>,
    ) {
        let messages = f64::from(self.messages);
        let grown = |name: &str| {
            (after.get(name).copied().unwrap_or_default() - before.get(name).copied().unwrap_or_default())
                / messages
        };
        let cpu = match (cpu, world.mesh.cpu()) {
            (Some(before), Some(after)) => {
                format!("{:.2} ms CPU", after.saturating_sub(before).as_secs_f64() * 1000.0 / messages)
            }
            _ => "CPU unknown on this system".to_owned(),
        };
        println!(
            "    a message costs                  {cpu}, {:.1} statements, {:.2} commits",
            grown("store_statements_total"),
            grown("store_commits_total")
        );
    }

    async fn steady_phase(&self, world: &World, first: u32, title: &str) -> anyhow::Result<()> {
        let tally = Tally::begin(&world.control).await?;
        let mut posted = Generator::new(&world.ingress, first)?.steady(self.rate, self.steady).await?;
        let replies = tally.replies(&posted).await?;
        println!("  {title}, {} messages/s", self.rate);
        println!(
            "    accept                                                {}",
            latencies(&mut posted.accept)
        );
        println!(
            "    end to end, webhook to provider                       {}",
            latencies(&mut waits(&posted, &replies))
        );
        verify(world, &posted).await
    }
}

/// Blocks of customers, each as large as a phase needs. A run before may have left its customers in the database: these begin elsewhere.
fn customers(block: u32) -> anyhow::Result<impl FnMut() -> u32> {
    let mut next = u32::try_from(super::generator::now_micros() / 1000 % i64::from(CUSTOMERS))?;
    Ok(move || {
        let first = next;
        next = (next + block) % CUSTOMERS;
        first
    })
}

/// From the first message sent to the last reply accepted by the provider.
fn end_to_end(posted: &Posted, replies: &HashMap<String, i64>) -> Duration {
    let first = posted.sent_at.values().min().copied().unwrap_or_default();
    let last = replies.values().max().copied().unwrap_or_default();
    Duration::from_micros(u64::try_from(last - first).unwrap_or_default())
}

/// How long each customer waited.
fn waits(posted: &Posted, replies: &HashMap<String, i64>) -> Vec<Duration> {
    let wait = |(address, at): (&String, &i64)| {
        Some(Duration::from_micros(u64::try_from(at - posted.sent_at.get(address)?).unwrap_or_default()))
    };
    replies.iter().filter_map(wait).collect()
}

/// Every customer got one reply (the tally saw to that); a sample is compared with the orchestrator's own books.
async fn verify(world: &World, posted: &Posted) -> anyhow::Result<()> {
    let mut client = OrchestratorServiceClient::new(world.orchestrator()?);
    for address in posted.sent_at.keys().take(VERIFIED) {
        let conversation_id = format!("twilio:{}", address.trim_start_matches("whatsapp:"));
        let request = ListMessagesRequest { conversation_id, page_size: 10, page_token: String::new() };
        let messages = client.list_messages(request).await?.into_inner().messages;
        let answered = messages.iter().filter(|message| message.state == "answered").count();
        let replies = messages.len() - answered;
        if answered != 1 || replies != 1 {
            bail!(
                "the orchestrator's books say {answered} answered messages and {replies} replies for one customer"
            );
        }
    }
    println!(
        "    verified                         {} messages covered, one reply each, 0 answered jointly (each customer wrote once); \
         {} of them in the orchestrator's books",
        posted.sent_at.len(),
        posted.sent_at.len().min(VERIFIED)
    );
    Ok(())
}
