//! What every simulated system shares: settings, faults, ledger, clock, ids and the HTTP client.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use model::{Ids, SharedClock, Timestamp};

use crate::cut::Wire;
use crate::faults::{Faults, Kind, Rule, Spot};
use crate::ledger::{Ledger, What};
use crate::settings::{Change, Settings};

/// How long a hanging answer hangs unless its fault says otherwise; longer than any client of ours waits.
const HANG: Duration = Duration::from_mins(1);

/// What every simulated system shares.
#[derive(Debug)]
pub struct Outside {
    /// Behaviour that can be changed while running.
    pub settings: RwLock<Settings>,
    /// The script of faults.
    pub faults: Faults,
    /// What the outside world saw.
    pub ledger: Ledger,
    /// Where time comes from.
    pub clock: SharedClock,
    /// Where ids come from.
    pub ids: Ids,
    /// Posts webhooks and callbacks.
    pub http: reqwest::Client,
    /// Our own address, for media.
    pub base_url: String,
}

impl Outside {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A copy of the settings.
    pub fn settings(&self) -> Settings {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over changed settings.
    pub fn change(&self, change: Change) {
        self.settings.write().unwrap_or_else(PoisonError::into_inner).apply(change);
    }

    /// Sets where inbound messages are posted.
    pub fn set_webhook_url(&self, url: String) {
        self.settings.write().unwrap_or_else(PoisonError::into_inner).webhook_url = url;
    }

    /// One setting, without copying them all.
    pub fn setting<T>(&self, read: impl FnOnce(&Settings) -> T) -> T {
        read(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks for a fault and writes it down when it strikes.
    pub fn strike(&self, spot: Spot, address: &str, sid: &str, status: Option<&str>) -> Option<Rule> {
        self.strike_where(spot, address, sid, status, |_| true)
    }

    /// Like [`Self::strike`], looking only at rules of some kinds.
    pub fn strike_where(
        &self,
        spot: Spot,
        address: &str,
        sid: &str,
        status: Option<&str>,
        kinds: impl Fn(Kind) -> bool,
    ) -> Option<Rule> {
        let rule = self.faults.strike_where(spot, address, status, kinds)?;
        let fault = What::Fault { on: rule.on, fault: rule.kind };
        self.ledger.record(self.now(), &address.into(), &sid.into(), fault);
        Some(rule)
    }

    /// Hangs as a fault asks for, then cuts the connection.
    pub async fn hang(&self, rule: &Rule, wire: &Wire) {
        tokio::time::sleep(rule.millis.map_or(HANG, Duration::from_millis)).await;
        wire.cut();
    }
}
