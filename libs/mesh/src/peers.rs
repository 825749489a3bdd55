//! Where services find each other.

use url::Url;

use crate::ServiceName;

/// Where the gRPC services are, and how openly ours listen. Read once, handed to [`Mesh`](crate::Mesh).
///
/// Inside one process services call each other directly unless an address is set on purpose.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(id = "peers")]
pub struct Peers {
    /// Where dedup-lock is. Unset: in this process, else the default port on loopback.
    #[arg(long, env = "DEDUP_LOCK_URL", value_name = "http://HOST:PORT", value_parser = peer_url)]
    pub dedup_lock_url: Option<Url>,
    /// Where agent-orchestrator is.
    #[arg(long, env = "AGENT_ORCHESTRATOR_URL", value_name = "http://HOST:PORT", value_parser = peer_url)]
    pub agent_orchestrator_url: Option<Url>,
    /// Where channel-sender is.
    #[arg(long, env = "CHANNEL_SENDER_URL", value_name = "http://HOST:PORT", value_parser = peer_url)]
    pub channel_sender_url: Option<Url>,
    /// Where crm is.
    #[arg(long, env = "CRM_URL", value_name = "http://HOST:PORT", value_parser = peer_url)]
    pub crm_url: Option<Url>,
    /// Where calendar is.
    #[arg(long, env = "CALENDAR_URL", value_name = "http://HOST:PORT", value_parser = peer_url)]
    pub calendar_url: Option<Url>,
    /// Where delivery-status is.
    #[arg(long, env = "DELIVERY_STATUS_URL", value_name = "http://HOST:PORT", value_parser = peer_url)]
    pub delivery_status_url: Option<Url>,
    /// Lets gRPC servers listen beyond loopback without TLS. For networks where something else encrypts.
    #[arg(long, env = "GRPC_ALLOW_INSECURE")]
    pub grpc_allow_insecure: bool,
}

impl Peers {
    /// The address set on purpose, if one is.
    pub fn url(&self, service: ServiceName) -> Option<&Url> {
        match service {
            ServiceName::DedupLock => self.dedup_lock_url.as_ref(),
            ServiceName::AgentOrchestrator => self.agent_orchestrator_url.as_ref(),
            ServiceName::ChannelSender => self.channel_sender_url.as_ref(),
            ServiceName::Crm => self.crm_url.as_ref(),
            ServiceName::Calendar => self.calendar_url.as_ref(),
            ServiceName::DeliveryStatus => self.delivery_status_url.as_ref(),
            ServiceName::Ingress | ServiceName::Console => None,
        }
    }

    /// The same peers with one address set. Ingress and console have no gRPC address and stay as they are.
    #[must_use]
    pub fn with_url(mut self, service: ServiceName, url: Url) -> Self {
        match service {
            ServiceName::DedupLock => self.dedup_lock_url = Some(url),
            ServiceName::AgentOrchestrator => self.agent_orchestrator_url = Some(url),
            ServiceName::ChannelSender => self.channel_sender_url = Some(url),
            ServiceName::Crm => self.crm_url = Some(url),
            ServiceName::Calendar => self.calendar_url = Some(url),
            ServiceName::DeliveryStatus => self.delivery_status_url = Some(url),
            ServiceName::Ingress | ServiceName::Console => {}
        }
        self
    }

    /// The address to connect to: the one set, else the default port on loopback.
    pub(crate) fn address(&self, service: ServiceName) -> Url {
        self.url(service).cloned().unwrap_or_else(|| {
            let port = service.default_port();
            Url::parse(&format!("http://127.0.0.1:{port}")).expect("a loopback address is an address")
        })
    }
}

fn peer_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}: write http://host:port"))?;
    if url.scheme() != "http" || url.host().is_none() || !matches!(url.path(), "" | "/") {
        return Err("write http://host:port, without a path".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args, Command, FromArgMatches};

    fn parse(args: &[&str]) -> Result<Peers, clap::Error> {
        let command = Peers::augment_args(Command::new("test"));
        let matches = command.try_get_matches_from([&["test"], args].concat())?;
        Peers::from_arg_matches(&matches)
    }

    #[test]
    fn an_address_set_on_purpose_wins_over_the_default_port() {
        let peers = parse(&["--crm-url", "http://crm:50054"]).unwrap();
        assert_eq!(peers.address(ServiceName::Crm).as_str(), "http://crm:50054/");
        assert_eq!(peers.address(ServiceName::Calendar).as_str(), "http://127.0.0.1:50055/");
        assert!(peers.url(ServiceName::Calendar).is_none() && !peers.grpc_allow_insecure);
    }

    #[test]
    fn a_wrong_address_is_refused_with_the_mend() {
        for wrong in ["crm:50054", "ftp://crm", "http://crm:50054/grpc", "", "http://"] {
            let error = parse(&["--crm-url", wrong]).unwrap_err().to_string();
            assert!(error.contains("http://host:port"), "{wrong}: {error}");
        }
    }
}
