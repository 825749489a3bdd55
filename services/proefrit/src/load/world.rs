//! The processes of one measurement: mesh, simulator and reference on one engine.

use std::{collections::HashMap, net::SocketAddr, path::Path};

use anyhow::Context;
use mesh::{Mesh, Peers, ServiceName};
use tempfile::TempDir;

use super::children::{Process, free_address};

/// What keeps the rows.
#[derive(Clone, Debug)]
pub enum Engine {
    /// Files, and locks in the process.
    Sqlite,
    /// Servers.
    Postgres {
        /// Where PostgreSQL is.
        database_url: String,
        /// Where Redis is; without it locks stay in the process.
        redis_url: Option<String>,
    },
}

impl Engine {
    /// What the report calls it.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres { redis_url: None, .. } => "PostgreSQL",
            Self::Postgres { redis_url: Some(_), .. } => "PostgreSQL + Redis",
        }
    }

    fn variables(&self, folder: &Path) -> Vec<(&'static str, String)> {
        let data_dir = ("DATA_DIR", folder.join("data").display().to_string());
        match self {
            // An empty variable counts as unset, whatever was inherited.
            Self::Sqlite => vec![data_dir, ("DATABASE_URL", String::new()), ("REDIS_URL", String::new())],
            Self::Postgres { database_url, redis_url } => vec![
                data_dir,
                ("DATABASE_URL", database_url.clone()),
                ("REDIS_URL", redis_url.clone().unwrap_or_default()),
            ],
        }
    }
}

/// More than any machine here sends, so that the window is not what is measured; the sender's own limit of the default is 80.
const SEND_RATE_LIMIT: &str = "100000/1s";
/// Sends at once: a thousand a second at 150 ms each, with room to spare.
const SEND_CONCURRENCY: &str = "400";

/// A mesh and a simulator, running.
pub struct World {
    /// All services in one process.
    pub mesh: Process,
    simulator: Process,
    /// Where webhooks go.
    pub ingress: String,
    /// The simulator's control routes.
    pub control: String,
    admin: String,
    orchestrator: SocketAddr,
    folder: TempDir,
}

impl World {
    /// Starts both.
    pub async fn start(engine: &Engine) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("proefrit-load-")?;
        let (ingress, admin, simulator) = (free_address()?, free_address()?, free_address()?);
        let orchestrator = free_address()?;
        let control = format!("http://{simulator}");
        let common = [
            ("PUBLIC_BASE_URL", format!("http://{ingress}")),
            ("TWILIO_ACCOUNT_SID", super::generator::ACCOUNT_SID.to_owned()),
            ("TWILIO_AUTH_TOKEN", super::generator::AUTH_TOKEN.to_owned()),
            ("TWILIO_WHATSAPP_NUMBER", super::generator::OUR_NUMBER.to_owned()),
        ];
        let mut variables = common.to_vec();
        variables.extend([
            ("SIMULATOR_LISTEN", simulator.to_string()),
            ("SIMULATOR_STATUS_DELAY", "50ms".to_owned()),
            ("SIMULATOR_CONCURRENCY_LIMIT", "100000".to_owned()),
            ("SIMULATOR_SERVICE_WINDOW", "open".to_owned()),
            ("SIMULATOR_LEDGER_BODIES", "false".to_owned()),
            ("SIMULATOR_EVENT_CAPACITY", "1000000".to_owned()),
            ("SIMULATOR_MESSAGE_CAPACITY", "200000".to_owned()),
        ]);
        let health = format!("{control}/sim/health");
        let simulator =
            Process::start("simulator", &["simulator"], &variables, folder.path(), &health).await?;

        let mut variables = common.to_vec();
        variables.extend(engine.variables(folder.path()));
        variables.extend([
            ("INGRESS_LISTEN", ingress.to_string()),
            ("ADMIN_LISTEN", admin.to_string()),
            ("AGENT_ORCHESTRATOR_LISTEN", orchestrator.to_string()),
            ("TWILIO_API_BASE_URL", control.clone()),
            ("SEND_RATE_LIMIT", SEND_RATE_LIMIT.to_owned()),
            ("SEND_CONCURRENCY", SEND_CONCURRENCY.to_owned()),
            ("RATE_LIMIT_PER_PHONE", "100000/1s".to_owned()),
        ]);
        let others = [
            "CONSOLE_LISTEN",
            "DEDUP_LOCK_LISTEN",
            "CHANNEL_SENDER_LISTEN",
            "CRM_LISTEN",
            "CALENDAR_LISTEN",
            "DELIVERY_STATUS_LISTEN",
        ];
        variables.extend(others.map(|name| (name, "127.0.0.1:0".to_owned())));
        if std::env::var_os("RUST_LOG").is_none() {
            variables.push(("RUST_LOG", "warn".to_owned()));
        }
        let ready = format!("http://{admin}/readyz");
        let mesh = Process::start("up", &["up"], &variables, folder.path(), &ready).await?;
        Ok(Self {
            mesh,
            simulator,
            ingress: format!("http://{ingress}"),
            control,
            admin: format!("http://{admin}"),
            orchestrator,
            folder,
        })
    }

    /// A counter of the mesh summed over its labels.
    pub async fn counters(&self) -> anyhow::Result<HashMap<String, f64>> {
        let text = reqwest::get(format!("{}/metrics", self.admin)).await?.text().await?;
        let mut sums = HashMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            let name = series.split('{').next().unwrap_or(series);
            *sums.entry(name.to_owned()).or_default() += value.parse::<f64>().unwrap_or_default();
        }
        Ok(sums)
    }

    /// Sets how long the provider takes to answer.
    pub async fn provider_takes(&self, time: std::time::Duration) -> anyhow::Result<()> {
        let body = serde_json::json!({ "create_ms": u64::try_from(time.as_millis())? });
        let answer =
            reqwest::Client::new().post(format!("{}/sim/settings", self.control)).json(&body).send().await?;
        answer.error_for_status().context("the simulator refused the setting")?;
        Ok(())
    }

    /// A way to the orchestrator, to verify every message.
    pub fn orchestrator(&self) -> anyhow::Result<mesh::Wire> {
        let url = format!("http://{}", self.orchestrator).parse()?;
        let peers = Peers::default().with_url(ServiceName::AgentOrchestrator, url);
        Ok(Mesh::over_sockets(&peers).wire(ServiceName::Console, ServiceName::AgentOrchestrator))
    }

    /// Stops both; the folder goes with them.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.mesh.stop().await?;
        self.simulator.stop().await?;
        self.folder.close()?;
        Ok(())
    }
}

/// Starts the bare server; answers it with its address.
pub async fn start_reference(engine: &Engine) -> anyhow::Result<(Process, String, TempDir)> {
    let folder = TempDir::with_prefix("proefrit-load-")?;
    let address = free_address()?;
    let mut variables = engine.variables(folder.path());
    variables.push(("REFERENCE_LISTEN", address.to_string()));
    let health = format!("http://{address}/healthz");
    let process =
        Process::start("reference", &["load-reference"], &variables, folder.path(), &health).await?;
    Ok((process, format!("http://{address}"), folder))
}
