//! Waiting on conditions: no test pauses for a fixed time and hopes.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

/// How long anything may take before a case fails: far above what a busy machine of two cores needs.
pub const PATIENCE: Duration = Duration::from_secs(45);
/// The pause between looks.
const LOOK: Duration = Duration::from_millis(25);

/// Looks until there is an answer. An `Err` says what is still missing and ends up in the failure.
pub async fn until<T, E, F, Fut>(what: &str, mut look: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: Display,
{
    let deadline = Instant::now() + PATIENCE;
    loop {
        match look().await {
            Ok(answer) => return Ok(answer),
            Err(missing) if Instant::now() > deadline => {
                bail!("waited {PATIENCE:?} until {what}: {missing:#}")
            }
            Err(_) => sleep(LOOK).await,
        }
    }
}
