//! End to end: the real binary, the simulated world, and three ways to run the mesh. Names of tests are sentences about
//! what customers, operators and analysts see; `cargo test -p proefrit --test e2e -- --list` shows them.
//!
//! Cases of one topology share a mesh and differ by customer; those that kill, stop or overload it start one of their own.
//! A failure prints where the mesh's logs are kept.

mod cases;
mod collector;
mod process;
mod rows;
mod topology;
mod under_test;
mod until;
mod world;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;
use topology::Topology;
use under_test::MeshUnderTest;

type Outcome<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// A case on a mesh that it shares with others.
type OnShared = for<'a> fn(&'a MeshUnderTest, &'a collector::Collector) -> Outcome<'a>;
/// A case that looks at the shared meshes of all topologies.
type OnAll = for<'a> fn(Vec<&'a MeshUnderTest>) -> Outcome<'a>;
/// A case that starts its own.
type OnItsOwn = fn(Topology) -> Outcome<'static>;

/// What outlives single cases.
struct Session {
    runtime: Runtime,
    collector: collector::Collector,
    meshes: [OnceCell<Option<MeshUnderTest>>; 3],
}

impl Session {
    /// The mesh that cases share; `None` where its servers are missing.
    async fn mesh(&self, topology: Topology) -> Result<Option<&MeshUnderTest>> {
        let collector = self.collector.url();
        let options = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.as_str())];
        let mesh = self.meshes[topology as usize]
            .get_or_try_init(|| MeshUnderTest::start(topology, &options))
            .await?;
        Ok(mesh.as_ref())
    }

    fn run_on_all(&self, case: OnAll) -> Result<(), Failed> {
        self.runtime.block_on(async {
            let mut meshes = Vec::new();
            for topology in Topology::ALL {
                meshes.extend(self.mesh(topology).await?);
            }
            let blame = |error| {
                let blames: Vec<_> = meshes.iter().map(|mesh| mesh.blame()).collect();
                Failed::from(format!("{error:#}\n{}", blames.join("\n")))
            };
            case(meshes.clone()).await.map_err(blame)
        })
    }

    fn run_shared(&self, topology: Topology, case: OnShared) -> Result<(), Failed> {
        self.runtime.block_on(async {
            let Some(mesh) = self.mesh(topology).await? else { return Ok(()) };
            case(mesh, &self.collector).await.map_err(|error| format!("{error:#}\n{}", mesh.blame()).into())
        })
    }
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::from_args();
    let runtime = Runtime::new()?;
    let collector = runtime.block_on(collector::Collector::start())?;
    let session = Arc::new(Session { runtime, collector, meshes: Default::default() });
    let mut trials = Vec::new();
    for (name, case) in cases::ON_ALL {
        let session = Arc::clone(&session);
        trials.push(Trial::test(*name, move || session.run_on_all(*case)));
    }
    for (name, topologies, case) in cases::ON_ITS_OWN {
        trials.extend(topologies.iter().map(|&topology| {
            let session = Arc::clone(&session);
            Trial::test(format!("{name} ({})", topology.as_str()), move || {
                session.runtime.block_on(case(topology)).map_err(|error| format!("{error:#}").into())
            })
        }));
    }
    for (name, topologies, case) in cases::ON_SHARED {
        trials.extend(topologies.iter().map(|&topology| {
            let session = Arc::clone(&session);
            let run = move || session.run_shared(topology, *case);
            Trial::test(format!("{name} ({})", topology.as_str()), run)
        }));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Meshes, databases and folders go with the last owner.
    drop(session);
    Ok(conclusion.exit_code())
}
