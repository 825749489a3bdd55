//! A whole mesh under test: processes of the real binary, the simulated world beside them, and stores of their own.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mesh::ServiceName;
use proto::calendar::v1::calendar_service_client::CalendarServiceClient;
use proto::channel::v1::channel_service_client::ChannelServiceClient;
use proto::crm::v1::crm_service_client::CrmServiceClient;
use proto::delivery::v1::delivery_status_service_client::DeliveryStatusServiceClient;
use proto::orchestrator::v1::orchestrator_service_client::OrchestratorServiceClient;
use proto::queue::v1::{ListQueuesRequest, queue_service_client::QueueServiceClient};
use tempfile::TempDir;
use testkit::servers::{self, Database};
use tokio::time::Instant;
use tonic::transport::{Channel, Endpoint};

use super::process::{Env, Process, proefrit};
use super::topology::{Ports, Topology, processes};
use super::until::until;
use super::world::{self, World};

/// What every mesh here is told: leases and settling short enough to watch, and no waiting for the rest of a message.
const QUICK: [(&str, &str); 10] = [
    ("RUST_LOG", "info"),
    ("DATABASE_MAX_CONNECTIONS", "4"),
    ("QUEUE_LEASE", "2s"),
    ("LOCK_TTL", "2s"),
    ("TURN_RETRY_BASE", "200ms"),
    // Every message is answered by itself.
    ("BURST_WINDOW_MS", "0"),
    ("SEND_TIMEOUT", "1s"),
    ("SEND_SETTLE_AFTER", "500ms"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    ("OTEL_BSP_SCHEDULE_DELAY", "200"),
];

/// A start on empty stores, migrations included, takes no longer; a second on a quiet machine.
const READY_WITHIN: Duration = Duration::from_secs(15);

/// The services that have queues.
const WITH_QUEUES: [ServiceName; 4] = [
    ServiceName::AgentOrchestrator,
    ServiceName::ChannelSender,
    ServiceName::Calendar,
    ServiceName::DeliveryStatus,
];

/// A mesh, and what it runs on. Dropped, everything of it is gone, except its folder when a case on it failed.
pub struct MeshUnderTest {
    /// How it runs.
    pub topology: Topology,
    /// Where it listens.
    pub ports: Ports,
    /// The world outside, which may be shared.
    pub world: Arc<World>,
    /// Its database, where it has one.
    pub database: Option<Database>,
    env: Env,
    running: Mutex<Vec<Process>>,
    folder: Mutex<Option<TempDir>>,
    path: PathBuf,
    failed: AtomicBool,
    script: tokio::sync::Mutex<()>,
}

/// A folder for one mesh or world, beside what cargo builds.
pub fn new_folder(name: &str) -> Result<TempDir> {
    Ok(tempfile::Builder::new().prefix(&format!("{name}-")).tempdir_in(env!("CARGO_TARGET_TMPDIR"))?)
}

/// A world whose log lies in `folder`.
pub async fn new_world(folder: &Path) -> Result<Arc<World>> {
    Ok(Arc::new(World::start(&folder.join("simulator.log")).await?))
}

impl MeshUnderTest {
    /// Starts one with a world of its own and waits until it is ready; `None` where its servers are missing, which is
    /// a skip. `options` are further variables.
    pub async fn start(topology: Topology, options: &[(&str, &str)]) -> Result<Option<Self>> {
        let folder = new_folder("mesh")?;
        let world = new_world(folder.path()).await?;
        let Some(mesh) = Self::prepare(topology, world, folder, options).await? else { return Ok(None) };
        let began = Instant::now();
        mesh.launch(&[])?;
        mesh.ready().await?;
        ensure!(began.elapsed() < READY_WITHIN, "it took {:?} to be ready", began.elapsed());
        println!("{} was ready after {:?}", topology.as_str(), began.elapsed());
        Ok(Some(mesh))
    }

    /// Everything but the processes.
    pub async fn prepare(
        topology: Topology,
        world: Arc<World>,
        folder: TempDir,
        options: &[(&str, &str)],
    ) -> Result<Option<Self>> {
        let ports = Ports::choose()?;
        let public = format!("http://{}", ports.address(ServiceName::Ingress));
        let mut env = world::account();
        env.extend(
            QUICK.iter().chain(options).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        env.insert("TWILIO_API_BASE_URL".to_owned(), world.url.clone());
        env.insert("PUBLIC_BASE_URL".to_owned(), public);
        env.insert("DATA_DIR".to_owned(), folder.path().join("data").display().to_string());
        let mut database = None;
        if topology.needs_servers() {
            let (Some(fresh), Some(redis)) = (servers::postgres().await, servers::redis()) else {
                return Ok(None);
            };
            env.insert("DATABASE_URL".to_owned(), fresh.url().to_owned());
            env.insert("REDIS_URL".to_owned(), redis.url);
            env.insert("REDIS_KEY_PREFIX".to_owned(), redis.prefix);
            database = Some(fresh);
        }
        let path = folder.path().to_owned();
        let mesh = Self {
            topology,
            ports,
            world,
            database,
            env,
            running: Mutex::default(),
            folder: Mutex::new(Some(folder)),
            path,
            failed: AtomicBool::new(false),
            script: tokio::sync::Mutex::default(),
        };
        if topology == Topology::Distributed {
            let output = proefrit(&["migrate"], &mesh.env).output()?;
            ensure!(output.status.success(), "migrate: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(Some(mesh))
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the processes; `once` are variables for this time only.
    pub fn launch(&self, once: &[(&str, &str)]) -> Result<()> {
        let mut running = self.running();
        ensure!(running.is_empty(), "the mesh runs already");
        for (name, arguments, mut env) in processes(self.topology, &self.ports, &self.env) {
            env.extend(once.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            running.push(Process::start(&name, &arguments, &env, &self.path.join(format!("{name}.log")))?);
        }
        Ok(())
    }

    /// The admin servers of its processes.
    pub fn admins(&self) -> Vec<String> {
        match self.topology {
            Topology::Distributed => ServiceName::ALL.map(|service| self.ports.admin(service)).into(),
            Topology::Embedded | Topology::Servers => vec![self.ports.admin(ServiceName::Ingress)],
        }
    }

    /// Waits until every process says that it is ready.
    pub async fn ready(&self) -> Result<()> {
        until("the mesh is ready", || async {
            if let Some((name, status)) = self.ended()? {
                // Waiting on is in vain; the log says why.
                return Ok(Err(anyhow::anyhow!("{name} ended with {status}")));
            }
            for admin in self.admins() {
                let answer = reqwest::get(format!("http://{admin}/readyz")).await?;
                ensure!(answer.status().is_success(), "{}", answer.text().await?);
            }
            Ok(Ok(()))
        })
        .await?
    }

    /// The first process found to have ended, and how.
    pub fn ended(&self) -> Result<Option<(String, ExitStatus)>> {
        for process in &mut *self.running() {
            if let Some(status) = process.exited()? {
                return Ok(Some((process.name.clone(), status)));
            }
        }
        Ok(None)
    }

    /// Ends every process at once, as a power cut would.
    pub fn kill(&self) {
        let mut running = self.running();
        running.iter_mut().for_each(Process::kill);
        running.clear();
    }

    /// Kills, starts again and waits until ready.
    pub async fn restart(&self) -> Result<()> {
        self.kill();
        self.launch(&[])?;
        self.ready().await
    }

    /// Asks every process to end (SIGTERM), waits, and fails when one did not end with status 0.
    pub async fn terminate(&self) -> Result<()> {
        self.running().iter().try_for_each(Process::terminate)?;
        let ended = until("the processes end after SIGTERM", || async {
            let mut running = self.running();
            let ended: Result<Vec<_>> = running
                .iter_mut()
                .map(|process| Ok((process.name.clone(), process.exited()?.context("still running")?)))
                .collect();
            ended.inspect(|_| running.clear())
        })
        .await?;
        for (name, status) in ended {
            ensure!(status.success(), "{name} ended with {status} (signal {:?})", status.signal());
        }
        Ok(())
    }

    /// Puts a script of faults in force for as long as the answer is held; one case at a time.
    pub async fn faults(&self, rules: &serde_json::Value) -> Result<impl Drop + use<'_>> {
        let script = self.script.lock().await;
        self.world.faults(rules).await?;
        Ok(script)
    }

    /// Where Twilio posts messages.
    pub fn webhook_url(&self) -> String {
        format!("http://{}/webhooks/twilio/whatsapp", self.ports.address(ServiceName::Ingress))
    }

    /// A connection to a service, made on first use and again after a restart.
    pub fn channel(&self, service: ServiceName) -> Result<Channel> {
        Ok(Endpoint::from_shared(format!("http://{}", self.ports.address(service)))?.connect_lazy())
    }

    /// A client of the orchestrator.
    pub fn orchestrator(&self) -> Result<OrchestratorServiceClient<Channel>> {
        Ok(OrchestratorServiceClient::new(self.channel(ServiceName::AgentOrchestrator)?))
    }

    /// A client of the channel-sender.
    pub fn sender(&self) -> Result<ChannelServiceClient<Channel>> {
        Ok(ChannelServiceClient::new(self.channel(ServiceName::ChannelSender)?))
    }

    /// A client of the CRM.
    pub fn crm(&self) -> Result<CrmServiceClient<Channel>> {
        Ok(CrmServiceClient::new(self.channel(ServiceName::Crm)?))
    }

    /// A client of the calendar.
    pub fn calendar(&self) -> Result<CalendarServiceClient<Channel>> {
        Ok(CalendarServiceClient::new(self.channel(ServiceName::Calendar)?))
    }

    /// A client of delivery-status.
    pub fn deliveries(&self) -> Result<DeliveryStatusServiceClient<Channel>> {
        Ok(DeliveryStatusServiceClient::new(self.channel(ServiceName::DeliveryStatus)?))
    }

    /// Waits until no queue of the mesh holds work that is due.
    pub async fn idle(&self) -> Result<()> {
        until("the queues are empty", || async {
            for service in WITH_QUEUES {
                let mut client = QueueServiceClient::new(self.channel(service)?);
                for queue in client.list_queues(ListQueuesRequest {}).await?.into_inner().queues {
                    ensure!(queue.depth == 0, "{service} has {} jobs in {}", queue.depth, queue.queue);
                    ensure!(queue.dead_letters == 0, "{service} has dead letters in {}", queue.queue);
                }
            }
            Ok(())
        })
        .await
    }

    /// Everything the processes have logged.
    pub fn logs(&self) -> String {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return String::new() };
        let logs = entries.flatten().map(|entry| entry.path());
        let logs = logs.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
        logs.map(|path| std::fs::read_to_string(path).unwrap_or_default()).collect()
    }

    /// Keeps the folder, and says where it is and what was logged above INFO.
    pub fn blame(&self) -> String {
        self.failed.store(true, Ordering::Relaxed);
        let logs = self.logs();
        let telling = ["WARN", "ERROR", "panicked", "proefrit:", "crash point"];
        let lines: Vec<_> =
            logs.lines().filter(|line| telling.iter().any(|word| line.contains(word))).collect();
        let last = &lines[lines.len().saturating_sub(40)..];
        format!("logs and data are kept in {}\n{}", self.path.display(), last.join("\n"))
    }
}

impl Drop for MeshUnderTest {
    fn drop(&mut self) {
        self.kill();
        let folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut folder) = folder {
            folder.disable_cleanup(self.failed.load(Ordering::Relaxed));
        }
    }
}
