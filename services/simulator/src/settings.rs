//! What can be changed while the simulator runs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::Config;

/// Whether WhatsApp's 24-hour service window is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceWindow {
    /// Free-form to somebody who did not write within 24 hours fails with 63016.
    Enforced,
    /// Everybody may be written to; for load that does not pass through the simulator.
    Open,
}

/// Behaviour that `/sim/settings` reads and changes. Times are milliseconds.
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, each set by its own name")]
pub struct Settings {
    /// Where inbound messages are posted; may end in Twilio's `#rc=…&rp=…` overrides.
    pub webhook_url: String,
    /// Pause before each next status.
    pub status_delay_ms: u64,
    /// Whether recipients have read receipts on.
    pub read_receipts: bool,
    /// Time that creating a message takes.
    pub create_ms: u64,
    /// Create requests at the same time before the next is refused with 429.
    pub concurrency_limit: usize,
    /// Whether the 24-hour window is looked at.
    pub service_window: ServiceWindow,
    /// Whether a lone STOP opts out and START in again at Twilio, as Advanced Opt-Out does.
    pub advanced_opt_out: bool,
    /// Whether inbound media need Basic authentication and answer with a redirect.
    pub media_auth: bool,
    /// Whether the ledger's events carry message texts.
    pub bodies: bool,
}

/// A change of some settings; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    webhook_url: Option<String>,
    status_delay_ms: Option<u64>,
    read_receipts: Option<bool>,
    create_ms: Option<u64>,
    concurrency_limit: Option<usize>,
    service_window: Option<ServiceWindow>,
    advanced_opt_out: Option<bool>,
    media_auth: Option<bool>,
    bodies: Option<bool>,
}

impl Settings {
    /// The settings a configuration starts with.
    pub fn new(config: &Config, webhook_url: String) -> Self {
        Self {
            webhook_url,
            status_delay_ms: millis(config.simulator_status_delay),
            read_receipts: config.simulator_read_receipts,
            create_ms: millis(config.simulator_create_latency),
            concurrency_limit: config.simulator_concurrency_limit,
            service_window: config.simulator_service_window,
            advanced_opt_out: false,
            media_auth: false,
            bodies: config.simulator_ledger_bodies,
        }
    }

    /// Takes over what `change` names.
    pub fn apply(&mut self, change: Change) {
        fn set<T>(place: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *place = value;
            }
        }
        set(&mut self.webhook_url, change.webhook_url);
        set(&mut self.status_delay_ms, change.status_delay_ms);
        set(&mut self.read_receipts, change.read_receipts);
        set(&mut self.create_ms, change.create_ms);
        set(&mut self.concurrency_limit, change.concurrency_limit);
        set(&mut self.service_window, change.service_window);
        set(&mut self.advanced_opt_out, change.advanced_opt_out);
        set(&mut self.media_auth, change.media_auth);
        set(&mut self.bodies, change.bodies);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
