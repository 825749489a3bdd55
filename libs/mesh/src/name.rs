//! What services and callers are called.

use std::fmt;
use std::str::FromStr;

use http::{HeaderMap, HeaderValue};

/// A service of the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceName {
    /// Takes webhooks.
    Ingress,
    /// Claims, locks and rate limits.
    DedupLock,
    /// Conversations and the agents.
    AgentOrchestrator,
    /// Sends messages.
    ChannelSender,
    /// Contacts, leads and deals.
    Crm,
    /// Slots and appointments.
    Calendar,
    /// What became of sent messages.
    DeliveryStatus,
    /// The operator's page.
    Console,
}

/// No service has that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "service must be one of ingress dedup-lock agent-orchestrator channel-sender crm calendar delivery-status console"
)]
pub struct UnknownService;

impl ServiceName {
    /// Every service, in the order of their admin ports (ingress and console last).
    pub const ALL: [Self; 8] = [
        Self::DedupLock,
        Self::AgentOrchestrator,
        Self::ChannelSender,
        Self::Crm,
        Self::Calendar,
        Self::DeliveryStatus,
        Self::Ingress,
        Self::Console,
    ];

    /// The name as the command line, certificates and `proefrit.service` spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::DedupLock => "dedup-lock",
            Self::AgentOrchestrator => "agent-orchestrator",
            Self::ChannelSender => "channel-sender",
            Self::Crm => "crm",
            Self::Calendar => "calendar",
            Self::DeliveryStatus => "delivery-status",
            Self::Console => "console",
        }
    }

    /// The port it listens on unless told otherwise: gRPC, or HTTP for ingress and console.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Ingress => 8080,
            Self::Console => 8081,
            Self::DedupLock => 50051,
            Self::AgentOrchestrator => 50052,
            Self::ChannelSender => 50053,
            Self::Crm => 50054,
            Self::Calendar => 50055,
            Self::DeliveryStatus => 50056,
        }
    }

    /// The port of its admin server when it runs alone (`serve`).
    pub const fn admin_port(self) -> u16 {
        match self {
            Self::DedupLock => 9091,
            Self::AgentOrchestrator => 9092,
            Self::ChannelSender => 9093,
            Self::Crm => 9094,
            Self::Calendar => 9095,
            Self::DeliveryStatus => 9096,
            Self::Ingress => 9097,
            Self::Console => 9098,
        }
    }

    /// The variable that says where it listens.
    pub const fn listen_variable(self) -> &'static str {
        match self {
            Self::Ingress => "INGRESS_LISTEN",
            Self::DedupLock => "DEDUP_LOCK_LISTEN",
            Self::AgentOrchestrator => "AGENT_ORCHESTRATOR_LISTEN",
            Self::ChannelSender => "CHANNEL_SENDER_LISTEN",
            Self::Crm => "CRM_LISTEN",
            Self::Calendar => "CALENDAR_LISTEN",
            Self::DeliveryStatus => "DELIVERY_STATUS_LISTEN",
            Self::Console => "CONSOLE_LISTEN",
        }
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ServiceName {
    type Err = UnknownService;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|name| name.as_str() == text).ok_or(UnknownService)
    }
}

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A service of the mesh.
    Service(ServiceName),
    /// A person, by way of the command line.
    Operator,
}

impl Caller {
    /// The caller's name, as certificates spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service(name) => name.as_str(),
            Self::Operator => "operator",
        }
    }

    pub(crate) const HEADER: &'static str = "proefrit-caller";

    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.as_str())
    }

    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let name = headers.get(Self::HEADER)?.to_str().ok()?;
        if name == Self::Operator.as_str() {
            Some(Self::Operator)
        } else {
            name.parse().ok().map(Self::Service)
        }
    }
}

impl From<ServiceName> for Caller {
    fn from(name: ServiceName) -> Self {
        Self::Service(name)
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Who made the call that a handler is serving; `None` for callers that do not say (grpcurl) or say a name that is
/// none of ours.
pub fn caller<T>(request: &tonic::Request<T>) -> Option<Caller> {
    request.extensions().get::<Caller>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_alike() {
        for name in ServiceName::ALL {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        assert_eq!("CRM".parse::<ServiceName>(), Err(UnknownService));
    }

    #[test]
    fn admin_ports_follow_the_order_of_services() {
        let ports: Vec<_> = ServiceName::ALL.into_iter().map(ServiceName::admin_port).collect();
        assert_eq!(ports, (9091..=9098).collect::<Vec<_>>());
    }

    #[test]
    fn a_caller_survives_its_header_and_strangers_are_nobody() {
        let mut headers = HeaderMap::new();
        assert_eq!(Caller::from_headers(&headers), None);
        for caller in [Caller::Operator, Caller::Service(ServiceName::Crm)] {
            headers.insert(Caller::HEADER, caller.header());
            assert_eq!(Caller::from_headers(&headers), Some(caller));
        }
        headers.insert(Caller::HEADER, HeaderValue::from_static("root"));
        assert_eq!(Caller::from_headers(&headers), None);
    }
}
