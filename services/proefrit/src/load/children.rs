//! Processes of this same binary, started for the length of a run.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

/// How long a child may take to answer its health route.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How long a child may take to stop before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// A child process; killed when dropped.
pub struct Process {
    name: &'static str,
    child: Child,
}

/// A loopback address nobody listens on at the moment.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Process {
    /// Starts `proefrit ARGS` with these variables beside the inherited ones, and waits until `ready` answers with success.
    pub async fn start(
        name: &'static str,
        args: &[&str],
        variables: &[(&str, String)],
        folder: &Path,
        ready: &str,
    ) -> anyhow::Result<Self> {
        let log = std::fs::File::create(folder.join(format!("{name}.log")))?;
        let child = Command::new(std::env::current_exe()?)
            .args(args)
            .envs(variables.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {name}"))?;
        let mut process = Self { name, child };
        process.wait_ready(ready, folder).await?;
        Ok(process)
    }

    async fn wait_ready(&mut self, ready: &str, folder: &Path) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            if let Some(status) = self.child.try_wait()? {
                let log =
                    std::fs::read_to_string(folder.join(format!("{}.log", self.name))).unwrap_or_default();
                bail!("{} ended with {status}:\n{log}", self.name);
            }
            if reqwest::get(ready).await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("{} was not ready within {READY_WITHIN:?}", self.name);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// CPU time used so far; `None` where the system does not tell.
    pub fn cpu(&self) -> Option<Duration> {
        // Fields 14 and 15 of /proc/PID/stat, in ticks of 1/100 s (proc_pid_stat(5)); the name before them may hold blanks.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()?)).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        Some(Duration::from_millis(ticks * 10))
    }

    /// Resident memory in bytes; `None` where the system does not tell.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
    }

    /// Asks the process to stop and waits for it.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(id) = self.child.id() {
            let asked = Command::new("kill").args(["-TERM", &id.to_string()]).status().await;
            if let Err(error) = asked
                && error.kind() != ErrorKind::NotFound
            {
                return Err(error.into());
            }
        }
        if tokio::time::timeout(STOP_WITHIN, self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}
