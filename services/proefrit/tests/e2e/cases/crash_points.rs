//! Promises 1 and 3 at every named crash point: the process dies there, once, and customers notice nothing.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::stream::{StreamExt as _, iter};
use proto::calendar::v1::AppointmentStatus;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::dialogue::{CHOICE, wish};
use super::kill::post_until_kept;
use crate::rows::{self, Receipts};
use crate::topology::Topology;
use crate::under_test::{MeshUnderTest, new_folder, new_world};
use crate::until::until;
use crate::world::{World, new_customer};

/// Meshes at the same time: each is idle most of its time, waiting for a lease or a log.
const AT_ONCE: usize = 4;
/// SIGABRT, which is how a crash point ends its process.
const ABORTED: i32 = 6;

/// What goes wrong beside the crash, so that the points of the ways back are met, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// Nothing.
    None,
    /// Twilio takes the first reply, but its answer is lost, and so are the callbacks.
    AnswerLost,
    /// The process has died once before, between Twilio's answer and the commit that records it.
    CrashedBefore,
}

/// Names some of the points, to play only those: `E2E_CRASH_POINT=turn-commit`.
const ONLY: &str = "E2E_CRASH_POINT";
/// Where a process that crashed before did so.
const BEFORE: &str = "channel-sender.twilio-create.after";

/// One run: in this trouble, crash at this point.
#[derive(Clone, Debug)]
struct Run {
    trouble: Trouble,
    point: String,
}

/// Collects the names of the points by playing without a crash, then plays once for each; on PostgreSQL for fewer.
pub async fn each(topology: Topology) -> Result<()> {
    let folder = new_folder("crash")?;
    let world = new_world(folder.path()).await?;
    let Some(wish) = wish_on_fresh_mesh(topology, &world).await? else { return Ok(()) };
    let mut runs: Vec<Run> = Vec::new();
    for trouble in [Trouble::None, Trouble::AnswerLost, Trouble::CrashedBefore] {
        let log = folder.path().join(format!("points-{trouble:?}"));
        play(topology, &world, &wish, trouble, None, Some(&log)).await.context("without a crash")?;
        let log = std::fs::read_to_string(&log)?;
        let known: BTreeSet<_> = runs.iter().map(|run| run.point.clone()).collect();
        runs.extend(
            log.lines()
                .filter(|point| !known.contains(*point))
                .map(|point| Run { trouble, point: point.to_owned() }),
        );
    }
    if topology != Topology::Embedded {
        // The commits that differ by engine, of the two services that act.
        let acts = |point: &str| {
            ["agent-orchestrator.", "channel-sender."].iter().any(|name| point.starts_with(name))
        };
        runs.retain(|run| {
            acts(&run.point) && run.point.ends_with("-commit") && !run.point.contains(".queue-")
        });
    }
    if let Ok(only) = std::env::var(ONLY) {
        runs.retain(|run| run.point.contains(&only));
    } else {
        ensure!(runs.len() > 10, "only {} crash points were met: {runs:?}", runs.len());
    }
    let mut outcomes: Vec<_> = iter(runs)
        .map(|run| async {
            let began = Instant::now();
            let outcome = play(topology, &world, &wish, run.trouble, Some(&run.point), None).await;
            (run, began.elapsed(), outcome)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    outcomes.sort_by(|one, other| one.0.point.cmp(&other.0.point));
    let mut table = String::new();
    for (run, took, outcome) in &outcomes {
        let outcome = outcome.as_ref().map_or_else(|error| format!("FAILED {error:#}"), |()| "ok".to_owned());
        writeln!(
            table,
            "{:52} {:13} {:4.1} s  {outcome}",
            run.point,
            format!("{:?}", run.trouble),
            took.as_secs_f64()
        )?;
    }
    println!("{} crash points, {}\n{table}", outcomes.len(), topology.as_str());
    let failed = outcomes.iter().filter(|(_, _, outcome)| outcome.is_err()).count();
    ensure!(failed == 0, "{failed} of {} crash points failed:\n{table}", outcomes.len());
    Ok(())
}

async fn start(topology: Topology, world: &Arc<World>) -> Result<Option<MeshUnderTest>> {
    let options = [
        ("SEND_TIMEOUT", "500ms"),
        ("SEND_SETTLE_AFTER", "200ms"),
        ("QUEUE_LEASE", "1s"),
        ("LOCK_TTL", "1s"),
    ];
    MeshUnderTest::prepare(topology, Arc::clone(world), new_folder("crash")?, &options).await
}

async fn wish_on_fresh_mesh(topology: Topology, world: &Arc<World>) -> Result<Option<String>> {
    let Some(mesh) = start(topology, world).await? else { return Ok(None) };
    mesh.launch(&[])?;
    mesh.ready().await?;
    Ok(Some(wish(&mesh).await?))
}

/// One dialogue on a fresh mesh: a wish, a choice, a booking. Whoever died is started again, without a crash.
async fn play(
    topology: Topology,
    world: &Arc<World>,
    wish: &str,
    trouble: Trouble,
    crash_at: Option<&str>,
    log: Option<&Path>,
) -> Result<()> {
    let mesh = start(topology, world).await?.context("the servers are gone")?;
    let customer = new_customer();
    let log = log.map(|path| path.display().to_string());
    let mut launches: Vec<Vec<(&str, &str)>> = Vec::new();
    if trouble == Trouble::CrashedBefore {
        launches.push(vec![("PROEFRIT_CRASH_AT", BEFORE)]);
    }
    launches.extend(crash_at.map(|point| vec![("PROEFRIT_CRASH_AT", point)]));
    let deaths = launches.len();
    launches.push(log.iter().map(|log| ("PROEFRIT_CRASH_LOG", log.as_str())).collect());
    if trouble == Trouble::AnswerLost {
        world
            .add_faults(&json!([
                { "on": "create", "kind": "accepted_then_cut", "count": 1, "to": customer },
                { "on": "callback", "kind": "drop", "to": customer },
            ]))
            .await?;
    }
    let mut launches = launches.into_iter();
    mesh.launch(&launches.next().unwrap_or_default())?;
    let died = RefCell::new(0);
    let reviving = async {
        loop {
            if let Some((name, status)) = mesh.ended()? {
                ensure!(status.signal() == Some(ABORTED), "{name} ended with {status}");
                *died.borrow_mut() += 1;
                mesh.kill();
                mesh.launch(&launches.next().context("it died once more")?)?;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let outcome = tokio::select! {
        outcome = talk(&mesh, &customer, wish) => outcome,
        error = reviving => error,
    };
    let outcome = outcome.and_then(|()| {
        let died = *died.borrow();
        ensure!(died == deaths, "it died {died} times, not {deaths}");
        Ok(())
    });
    outcome.map_err(|error| anyhow::anyhow!("{error:#}\n{}", mesh.blame()))
}

async fn talk(mesh: &MeshUnderTest, customer: &str, wish: &str) -> Result<()> {
    let mut sids = Vec::new();
    for (replies, line) in [wish, CHOICE].into_iter().enumerate() {
        sids.push(post_until_kept(mesh, customer, line).await?);
        until("the reply is on the phone", || async {
            let seen = mesh.world.replies(customer).await?.len();
            ensure!(seen > replies, "{seen} replies");
            Ok(())
        })
        .await?;
    }
    rows::answered(mesh, customer, &sids, Receipts::AnyOrNone).await?;
    until("the appointment is confirmed", || async {
        let appointments = rows::appointments(mesh, customer).await?;
        ensure!(appointments.len() == 1, "{} appointments", appointments.len());
        ensure!(appointments[0].status() == AppointmentStatus::Confirmed, "{:?}", appointments[0]);
        Ok(())
    })
    .await
}
