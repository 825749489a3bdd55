//! One process of the real binary, with its output kept in a file.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};

/// The variables of a process; it inherits none but `PATH`.
pub type Env = BTreeMap<String, String>;

/// A running process, killed when dropped, and also when the tests themselves are killed.
#[derive(Debug)]
pub struct Process {
    /// What it is called in logs.
    pub name: String,
    child: Child,
    watchdog: Child,
}

/// The command that runs the binary under test with these variables only.
pub fn proefrit(arguments: &[&str], env: &Env) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proefrit"));
    command.args(arguments).env_clear().envs(env).env("RUST_BACKTRACE", "1");
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

impl Process {
    /// Starts `proefrit ARGUMENTS…`; what it prints is appended to `log`.
    pub fn start(name: &str, arguments: &[&str], env: &Env, log: &Path) -> Result<Self> {
        let output = OpenOptions::new().create(true).append(true).open(log)?;
        let child = proefrit(arguments, env)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        // Reads until this process ends, however it ends.
        let watchdog = Command::new("sh")
            .args(["-c", "cat >/dev/null; kill -9 \"$0\" 2>/dev/null", &child.id().to_string()])
            .stdin(Stdio::piped())
            .spawn()
            .context("cannot start a watchdog")?;
        Ok(Self { name: name.to_owned(), child, watchdog })
    }

    /// How it ended, if it did.
    pub fn exited(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        // One that has ended already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end (SIGTERM).
    pub fn terminate(&self) -> Result<()> {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        ensure!(sent.success(), "{} could not be told to end", self.name);
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        // Only now: a number of a process that ended may be given again.
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
    }
}
