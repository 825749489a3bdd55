//! Where Redis is, as `REDIS_URL` says it.

use std::fmt;
use std::str::FromStr;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _};

/// Where Redis is: one server, a cluster, or whichever server a Sentinel calls the master.
///
/// ```text
/// redis://[user:password@]host:port[/db]                               one server
/// redis-cluster://[user:password@]host:port,host:port,…                a cluster, by some of its nodes
/// redis-sentinel://[user:password@]host:port,host:port,…/master[/db]   sentinels; the credentials are the master's
/// rediss://  rediss-cluster://  rediss-sentinel://                     the same over TLS
/// ```
///
/// `Debug` shows the kind only, for an address may hold a password.
#[derive(Clone)]
pub enum Address {
    /// One server.
    Single(ConnectionInfo),
    /// Some nodes of a cluster.
    Cluster(Vec<ConnectionInfo>),
    /// Sentinels and the master they watch.
    Sentinel {
        /// The sentinels.
        sentinels: Vec<ConnectionAddr>,
        /// The name they know the master by.
        master: String,
        /// Database and credentials of the master.
        login: ConnectionInfo,
        /// Whether sentinels and master speak TLS.
        tls: bool,
    },
}

/// Text is no address of a Redis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// The scheme is unknown.
    #[error("must begin with redis://, redis-cluster:// or redis-sentinel://, or rediss for TLS")]
    Scheme,
    /// No master's name.
    #[error("must end in /name-of-the-master, as in redis-sentinel://host:26379/mymaster")]
    NoMaster,
    /// A node does not parse. The text may hold a password and is not shown.
    #[error("has a node that is not host:port: {0}")]
    Node(String),
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(url: &str) -> Result<Self, InvalidAddress> {
        let (scheme, rest) = url.split_once("://").ok_or(InvalidAddress::Scheme)?;
        match scheme {
            "redis" | "rediss" => Ok(Self::Single(node(url)?)),
            "redis-cluster" | "rediss-cluster" => {
                let scheme = scheme.trim_end_matches("-cluster");
                let (login, hosts, _) = split(rest);
                let nodes = hosts.split(',').map(|host| node(&format!("{scheme}://{login}{host}")));
                Ok(Self::Cluster(nodes.collect::<Result<_, _>>()?))
            }
            "redis-sentinel" | "rediss-sentinel" => sentinel(scheme.trim_end_matches("-sentinel"), rest),
            _ => Err(InvalidAddress::Scheme),
        }
    }
}

fn sentinel(scheme: &str, rest: &str) -> Result<Address, InvalidAddress> {
    let (login, hosts, path) = split(rest);
    let (master, database) = path.split_once('/').unwrap_or((path, "0"));
    if master.is_empty() {
        return Err(InvalidAddress::NoMaster);
    }
    let sentinels =
        hosts.split(',').map(|host| node(&format!("{scheme}://{host}")).map(|info| info.addr().clone()));
    Ok(Address::Sentinel {
        sentinels: sentinels.collect::<Result<_, _>>()?,
        master: master.to_owned(),
        login: node(&format!("{scheme}://{login}master/{database}"))?,
        tls: scheme == "rediss",
    })
}

/// Splits what follows the scheme into credentials with their `@`, hosts, and path without its slash.
fn split(rest: &str) -> (&str, &str, &str) {
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (login, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    (login, hosts, path)
}

fn node(url: &str) -> Result<ConnectionInfo, InvalidAddress> {
    url.into_connection_info().map_err(|error| InvalidAddress::Node(error.category().to_owned()))
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single(_) => "Address::Single(…)",
            Self::Cluster(_) => "Address::Cluster(…)",
            Self::Sentinel { .. } => "Address::Sentinel(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(infos: &[ConnectionInfo]) -> Vec<String> {
        infos.iter().map(|info| info.addr().to_string()).collect()
    }

    #[test]
    fn one_server_is_read_with_its_credentials() {
        let Ok(Address::Single(info)) = "redis://user:p%40ss@host:7000/2".parse() else {
            panic!("not single")
        };
        assert_eq!(hosts(std::slice::from_ref(&info)), ["host:7000"]);
        assert_eq!(info.redis_settings().password(), Some("p@ss"));
        assert_eq!(info.redis_settings().db(), 2);
    }

    #[test]
    fn every_node_of_a_cluster_gets_the_credentials() {
        let Ok(Address::Cluster(nodes)) = "redis-cluster://:secret@a:1,b:2,c".parse() else {
            panic!("not a cluster")
        };
        assert_eq!(hosts(&nodes), ["a:1", "b:2", "c:6379"]);
        assert!(nodes.iter().all(|node| node.redis_settings().password() == Some("secret")));
    }

    #[test]
    fn sentinels_come_with_the_name_of_their_master() {
        let url = "rediss-sentinel://user:secret@a:26379,b:26379/mymaster/3";
        let Ok(Address::Sentinel { sentinels, master, login, tls }) = url.parse() else {
            panic!("not sentinel")
        };
        assert_eq!(sentinels.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a:26379", "b:26379"]);
        assert_eq!((master.as_str(), tls), ("mymaster", true));
        assert_eq!((login.redis_settings().password(), login.redis_settings().db()), (Some("secret"), 3));
    }

    #[test]
    fn a_wrong_address_is_refused_without_being_shown() {
        for url in [
            "localhost:6379",
            "http://host",
            "redis://",
            "redis-sentinel://a:1",
            "redis-cluster://:secret@a:x",
        ] {
            let error = url.parse::<Address>().unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        assert_eq!(format!("{:?}", "redis://:secret@host".parse::<Address>().unwrap()), "Address::Single(…)");
    }
}
