//! `demo`: the whole mesh in this process, and a customer who books a test drive.
//!
//! The customer writes through the simulated Twilio, so every message comes as a signed webhook and every reply leaves as
//! an API call. Start at [`run`]; [`script`] is what is said, [`stage`] plays it, [`outcome`] looks up what came of it.

mod ending;
mod outcome;
mod paper;
mod place;
mod script;
mod stage;
mod tree;

use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use lifecycle::{OnExit, Stop, Tasks};
use mesh::Mesh;
use model::{Clock, SystemClock};
use simulator::twilio::world::Twilio;
use telemetry::TraceTable;
use tokio::sync::oneshot;

use self::{outcome::Desk, paper::Paper, script::CHOICE, stage::Stage};
use crate::{Settings, up};

/// Logs would come between the lines of the transcript; that the demo's ingress has no public address is meant so.
const LOGS: &str = "warn,ingress::twilio::verify=error";

/// What the demo plays with.
struct Demo {
    mesh: Mesh,
    twilio: Arc<Twilio>,
    traces: TraceTable,
    addresses: up::Addresses,
    goes_on: bool,
}

/// The command `demo`. With `exit` it ends after the conversation, otherwise when it is told to.
///
/// # Errors
/// When the mesh cannot run, when the test drive was not booked, or when a reply was not read.
pub async fn run(mut settings: Settings, exit: bool) -> anyhow::Result<()> {
    settings.telemetry.rust_log.get_or_insert_with(|| LOGS.to_owned());
    if settings.telemetry.trace_table_size == 0 {
        settings.telemetry.trace_table_size = telemetry::TelemetryConfig::DEFAULT_TRACE_TABLE_SIZE;
    }
    settings.simulator.simulator_ledger_bodies = true;
    settings.simulator.simulator_read_receipts = true;
    let telemetry = telemetry::init(&settings.telemetry, "proefrit")?;
    let mut paper = Paper::stdout();
    let own_folder = place::make_room(&mut settings, &mut paper).await?;

    let mut tasks = Tasks::new(Stop::new()).with_signals();
    let up = Box::pin(up::build(settings, true, &telemetry, tasks.stop())).await?;
    let demo = Demo {
        mesh: up.mesh.clone(),
        twilio: up.twilio.clone().context("the demo has no simulated Twilio")?,
        traces: telemetry.trace_table(),
        addresses: up.addresses,
        goes_on: !exit,
    };
    tasks.spawn("up", OnExit::Stop, |_| up.run());
    let (tell, told) = oneshot::channel();
    tasks.spawn("demo", OnExit::Log, |stop| async move {
        let played = tokio::select! {
            played = Box::pin(demo.play(&mut paper)) => played,
            () = stop.requested() => Err(anyhow::anyhow!("it was stopped before it had ended")),
        };
        if let (Err(error), true) = (&played, demo.goes_on) {
            let line = format!("\nThe demo failed: {error:#}\nEverything still runs; Ctrl-C stops it.");
            // Whoever stopped reading still gets the exit code.
            let _ = paper.line(line);
        }
        // Who does not listen any more has stopped already.
        let _ = tell.send(played);
        if exit {
            stop.request();
        }
        Ok(())
    });
    let stopped = tasks.run_until_stopped().await;
    telemetry.shutdown();
    drop(own_folder);
    stopped?;
    told.await.context("the demo did not end")?.context("the demo failed")
}

impl Demo {
    /// Plays the conversation and shows what came of it.
    async fn play(&self, paper: &mut Paper) -> anyhow::Result<()> {
        let customer = fresh_number();
        let desk = Desk::new(&self.mesh, &customer);
        let wish = script::wish(&desk.day_with_room().await?);
        let lines = script::lines(&wish);

        paper.heading("A customer writes on WhatsApp")?;
        let mut stage = Stage::new(Arc::clone(&self.twilio), &self.mesh, customer).await?;
        let mut traced = None;
        for line in lines {
            let sid = stage.play(line, paper).await?;
            if line.shown() == CHOICE {
                traced = Some(sid);
            }
        }

        paper.heading("What came of it")?;
        let appointment = desk.confirmed_appointment().await;
        if let Ok(appointment) = &appointment {
            paper.line(format_args!("test drive  {appointment}"))?;
        }
        paper.line(format_args!("lead        {}", desk.lead().await?))?;
        let kept = desk.messages().await?;
        paper.line(format_args!(
            "messages    {} from the customer, {} replies, all read",
            kept.inbound, kept.outbound
        ))?;
        let trace_id = traced.and_then(|sid| kept.trace_of(&sid)).context("the slot chosen has no trace")?;
        let spans = ending::finished_trace(&self.traces, trace_id).await;
        ending::print_trace(CHOICE, trace_id, &spans, paper)?;
        ending::print_next(&self.addresses, kept.conversation_id(), self.goes_on, paper)?;
        appointment?;
        ensure!(ending::is_whole(&spans), "the trace does not reach from the webhook to the read receipt");
        ensure!(kept.inbound == lines.len(), "{} messages were written, {} kept", lines.len(), kept.inbound);
        if stage.replies() != kept.outbound {
            bail!("{} replies were meant, {} reached the customer", kept.outbound, stage.replies());
        }
        Ok(())
    }
}

/// A Dutch mobile number that changes each time, so that a second run in the same folder meets a new customer.
fn fresh_number() -> String {
    format!("+316{:08}", (SystemClock.now().as_micros() / 1_000_000).rem_euclid(100_000_000))
}
