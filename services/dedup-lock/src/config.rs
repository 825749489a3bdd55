//! Settings.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use crate::redis::{Address, InvalidAddress};

/// Settings of dedup-lock.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "dedup_lock")]
pub struct Config {
    /// Address dedup-lock's gRPC server listens on.
    #[arg(long, env = "DEDUP_LOCK_LISTEN", default_value = "127.0.0.1:50051", value_name = "ADDRESS")]
    pub dedup_lock_listen: SocketAddr,
    /// Redis that replicas share: redis://host:port/db, redis-cluster://host:port,host:port or
    /// redis-sentinel://host:port,host:port/master, with rediss for TLS. Without one, claims, locks and limits live in memory.
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<SecretString>,
    /// Host of a single Redis, where `REDIS_URL` is not set.
    #[arg(long, env = "REDIS_HOST", value_name = "HOST")]
    pub redis_host: Option<String>,
    /// Port of `REDIS_HOST`.
    #[arg(long, env = "REDIS_PORT", default_value = "6379", value_name = "PORT", value_parser = port)]
    pub redis_port: u16,
    /// What every key in Redis begins with, where others use the same one.
    #[arg(long, env = "REDIS_KEY_PREFIX", default_value = "", value_name = "PREFIX")]
    pub redis_key_prefix: String,
    /// How long Redis may take to answer before it counts as away.
    #[arg(long, env = "REDIS_TIMEOUT", default_value = "1s", value_name = "DURATION", value_parser = model::parse::duration)]
    pub redis_timeout: Duration,
}

/// `REDIS_URL` or `REDIS_HOST` cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {source}")]
pub struct InvalidRedis {
    variable: &'static str,
    #[source]
    source: InvalidAddress,
}

impl Config {
    /// Where Redis is; `None` when everything is to stay in memory.
    ///
    /// # Errors
    /// [`InvalidRedis`], which names the variable and does not show its value.
    pub fn redis_address(&self) -> Result<Option<Address>, InvalidRedis> {
        let read = |variable, url: &str| url.parse().map_err(|source| InvalidRedis { variable, source });
        if let Some(url) = self.redis_url.as_ref().filter(|url| !url.expose_secret().is_empty()) {
            return read("REDIS_URL", url.expose_secret()).map(Some);
        }
        match self.redis_host.as_deref().filter(|host| !host.is_empty()) {
            Some(host) => read("REDIS_HOST", &format!("redis://{host}:{}", self.redis_port)).map(Some),
            None => Ok(None),
        }
    }

    /// Settings of tests: a free port, and memory.
    pub fn for_tests() -> Self {
        Self {
            dedup_lock_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            redis_url: None,
            redis_host: None,
            redis_port: 6379,
            redis_key_prefix: String::new(),
            redis_timeout: Duration::from_secs(1),
        }
    }
}

/// Reads a port. Kubernetes sets `REDIS_PORT=tcp://10.0.0.1:6379` beside a Service called redis; its port is meant.
fn port(text: &str) -> Result<u16, &'static str> {
    let number = match text.strip_prefix("tcp://") {
        Some(address) => address.rsplit(':').next().unwrap_or_default(),
        None => text,
    };
    number.parse().ok().filter(|port| *port > 0).ok_or("write a port between 1 and 65535")
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command, FromArgMatches as _};

    use super::*;

    fn parsed(arguments: &[&str]) -> Config {
        let command = Config::augment_args(Command::new("test"));
        let matches = command.try_get_matches_from([&["test"], arguments].concat()).unwrap();
        Config::from_arg_matches(&matches).unwrap()
    }

    #[test]
    fn without_a_redis_everything_stays_in_memory() {
        assert!(parsed(&["--redis-port", "7000", "--redis-url", ""]).redis_address().unwrap().is_none());
    }

    #[test]
    fn a_host_and_a_port_make_an_address_and_a_url_goes_before_them() {
        let config = parsed(&["--redis-host", "redis", "--redis-port", "tcp://10.0.0.1:7000"]);
        let Ok(Some(Address::Single(info))) = config.redis_address() else { panic!("no address") };
        assert_eq!(info.addr().to_string(), "redis:7000");
        let config = parsed(&["--redis-host", "redis", "--redis-url", "redis-cluster://a:1,b:2"]);
        assert!(matches!(config.redis_address(), Ok(Some(Address::Cluster(_)))));
    }

    #[test]
    fn a_wrong_url_names_its_variable_and_hides_its_value() {
        let config = parsed(&["--redis-url", "http://:secret@host"]);
        let error = config.redis_address().unwrap_err().to_string();
        assert!(
            error.starts_with("REDIS_URL must begin with redis://") && !error.contains("secret"),
            "{error}"
        );
        assert!(!format!("{config:?}").contains("secret"));
    }
}
