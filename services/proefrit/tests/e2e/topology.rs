//! The three ways in which a mesh runs here, and which variables make them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use mesh::ServiceName;

use super::process::Env;

/// How a mesh runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topology {
    /// `up`, on SQLite files and in-process locks.
    Embedded,
    /// `up`, on PostgreSQL and Redis.
    Servers,
    /// A `serve` for each service, on PostgreSQL and Redis.
    Distributed,
}

impl Topology {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Embedded, Self::Servers, Self::Distributed];

    /// What it is called in the names of tests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "up on sqlite",
            Self::Servers => "up on postgresql and redis",
            Self::Distributed => "serve on postgresql and redis",
        }
    }

    /// Whether PostgreSQL and Redis are needed.
    pub const fn needs_servers(self) -> bool {
        !matches!(self, Self::Embedded)
    }
}

/// Where everything of one mesh listens, chosen beforehand: its parts must know of each other.
#[derive(Clone, Debug)]
pub struct Ports {
    listen: BTreeMap<&'static str, u16>,
    admin: BTreeMap<&'static str, u16>,
}

impl Ports {
    /// Ports nobody listens on.
    pub fn choose() -> Result<Self> {
        let mut listen = BTreeMap::new();
        let mut admin = BTreeMap::new();
        for service in ServiceName::ALL {
            listen.insert(service.as_str(), free_port()?);
            admin.insert(service.as_str(), free_port()?);
        }
        Ok(Self { listen, admin })
    }

    /// Where a service listens.
    pub fn address(&self, service: ServiceName) -> String {
        format!("127.0.0.1:{}", self.listen[service.as_str()])
    }

    /// Where a service's admin server listens when it runs alone. That of `up` is ingress's.
    pub fn admin(&self, service: ServiceName) -> String {
        format!("127.0.0.1:{}", self.admin[service.as_str()])
    }
}

/// A port below those that the system gives to outgoing connections, so that it stays free until it is used.
pub fn free_port() -> Result<u16> {
    static TAKEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    std::iter::repeat_with(|| rand::random_range(12_000..32_000))
        .take(1_000)
        .find(|port| !taken.contains(port) && free(port))
        .inspect(|port| {
            taken.insert(*port);
        })
        .context("no free port")
}

/// `agent-orchestrator` as variables spell it.
fn variable(service: ServiceName, what: &str) -> String {
    format!("{}_{what}", service.as_str().to_uppercase().replace('-', "_"))
}

/// The processes of a topology: name, arguments and variables of each, given those they share.
pub fn processes(topology: Topology, ports: &Ports, shared: &Env) -> Vec<(String, Vec<String>, Env)> {
    let mut env = shared.clone();
    for service in ServiceName::ALL {
        env.insert(variable(service, "LISTEN"), ports.address(service));
    }
    let listens = |env: &Env, service| {
        let admin = [("ADMIN_LISTEN".to_owned(), ports.admin(service))];
        env.clone().into_iter().chain(admin).collect::<Env>()
    };
    if topology != Topology::Distributed {
        let env = listens(&env, ServiceName::Ingress);
        return vec![("up".to_owned(), vec!["up".to_owned()], env)];
    }
    for service in ServiceName::ALL {
        if !matches!(service, ServiceName::Ingress | ServiceName::Console) {
            env.insert(variable(service, "URL"), format!("http://{}", ports.address(service)));
        }
    }
    ServiceName::ALL
        .map(|service| {
            let name = service.as_str().to_owned();
            (name.clone(), vec!["serve".to_owned(), name], listens(&env, service))
        })
        .into()
}
