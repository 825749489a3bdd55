//! One connection to Redis, shared by all callers, made on first use and made again when it is lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, ResponsePolicy, RoutingInfo};
use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, ServerErrorKind,
    TlsMode,
};
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::address::Address;
use super::script::{Argument, OneKeyScript};
use crate::error::StoreError;

/// After a failed connect, calls fail at once for this long instead of each trying again.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

/// How often a cluster call is tried again by the client itself, for a slot that moves or a node that just went.
const CLUSTER_RETRIES: u32 = 3;

/// How long the client waits at most between these tries.
const CLUSTER_RETRY_WAIT_MS: u64 = 100;

/// A connection to Redis that mends itself. No call takes longer than its time-out.
#[derive(Debug)]
pub struct Connection {
    address: Address,
    timeout: Duration,
    live: Mutex<Option<Live>>,
    /// Held while connecting, so that one caller connects and the others wait for it. Holds the last failure.
    connecting: tokio::sync::Mutex<Option<(Instant, RedisError)>>,
}

/// An established connection; clones share it.
#[derive(Clone)]
struct Live {
    wire: Wire,
    /// Tells this connection from the ones before it.
    serial: Arc<()>,
}

#[derive(Clone)]
enum Wire {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live")
    }
}

impl Connection {
    pub fn new(address: Address, timeout: Duration) -> Self {
        Self { address, timeout, live: Mutex::default(), connecting: tokio::sync::Mutex::default() }
    }

    /// Runs a script, which may happen twice when the connection breaks in between: scripts are written for that.
    pub async fn run<T: FromRedisValue>(
        &self,
        script: &OneKeyScript,
        key: &str,
        arguments: &[Argument<'_>],
    ) -> Result<T, StoreError> {
        let deadline = Instant::now() + self.timeout;
        let mut answer = self.send(&script.by_hash(key, arguments), deadline).await;
        if matches!(&answer, Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)) {
            answer = self.send(&script.by_source(key, arguments), deadline).await;
        }
        answer.map_err(|error| store_error(&error))
    }

    /// Asks for a sign of life. Of a cluster one master is enough: a shard that is away is no reason to refuse the keys of the
    /// others.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let deadline = Instant::now() + self.timeout;
        self.send_ping(deadline).await.map_err(|error| store_error(&error))
    }

    async fn send_ping(&self, deadline: Instant) -> RedisResult<()> {
        let ping = redis::cmd("PING");
        let live = self.established(deadline).await?;
        let Wire::Cluster(mut connection) = live.wire.clone() else {
            return self.send::<String>(&ping, deadline).await.map(drop);
        };
        let any = (MultipleNodeRoutingInfo::AllMasters, Some(ResponsePolicy::OneSucceeded));
        let answer = connection.route_command(ping, RoutingInfo::MultiNode(any));
        match tokio::time::timeout_at(deadline, answer).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                if live.is_lost(&error) {
                    self.forget(&live);
                }
                Err(error)
            }
            Err(_) => Err(no_answer()),
        }
    }

    async fn send<T: FromRedisValue>(&self, command: &Cmd, deadline: Instant) -> RedisResult<T> {
        let live = self.established(deadline).await?;
        match self.send_over(&live, command, deadline).await {
            Err(error) if live.is_lost(&error) => {
                debug!(error = %error, "lost the connection to redis");
                self.forget(&live);
                let live = self.established(deadline).await?;
                self.send_over(&live, command, deadline).await
            }
            answer => answer,
        }
    }

    async fn send_over<T: FromRedisValue>(
        &self,
        live: &Live,
        command: &Cmd,
        deadline: Instant,
    ) -> RedisResult<T> {
        let Ok(answer) = tokio::time::timeout_at(deadline, live.send(command)).await else {
            // A peer that vanished without a word never resets its connection, so it is given up. A cluster's client sees to
            // its nodes itself, by their own time-out.
            if matches!(live.wire, Wire::Server(_)) {
                self.forget(live);
            }
            return Err(no_answer());
        };
        answer
    }

    fn current(&self) -> Option<Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn forget(&self, lost: &Live) {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if live.as_ref().is_some_and(|live| Arc::ptr_eq(&live.serial, &lost.serial)) {
            *live = None;
        }
    }

    async fn established(&self, deadline: Instant) -> RedisResult<Live> {
        if let Some(live) = self.current() {
            return Ok(live);
        }
        tokio::time::timeout_at(deadline, self.establish()).await.unwrap_or_else(|_| Err(no_answer()))
    }

    /// Connects, or waits for the caller who does.
    async fn establish(&self) -> RedisResult<Live> {
        let mut failure = self.connecting.lock().await;
        if let Some(live) = self.current() {
            return Ok(live);
        }
        if let Some((at, error)) = &*failure
            && at.elapsed() < RECONNECT_PAUSE
        {
            return Err(error.clone());
        }
        match connect(&self.address, self.timeout).await {
            Ok(wire) => {
                let live = Live { wire, serial: Arc::new(()) };
                *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(live.clone());
                if failure.take().is_some() {
                    info!("redis is back");
                }
                Ok(live)
            }
            Err(error) => {
                if failure.is_none() {
                    warn!(error = %error, "could not connect to redis; trying again with every call");
                }
                *failure = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }
}

impl Live {
    async fn send<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        match self.wire.clone() {
            Wire::Server(mut connection) => command.query_async(&mut connection).await,
            Wire::Cluster(mut connection) => command.query_async(&mut connection).await,
        }
    }

    /// Whether only a new connection can help. A cluster client reconnects to its nodes by itself, and a call to a shard that is
    /// away must not cost the calls to the others their connection. A server that became read-only was replaced by another.
    fn is_lost(&self, error: &RedisError) -> bool {
        match self.wire {
            Wire::Server(_) => {
                error.is_connection_dropped()
                    || error.is_connection_refusal()
                    || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
            }
            Wire::Cluster(_) => error.kind() == ErrorKind::ClusterConnectionNotFound,
        }
    }
}

async fn connect(address: &Address, timeout: Duration) -> RedisResult<Wire> {
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(timeout)).set_response_timeout(None);
    Ok(match address {
        Address::Single(info) => Wire::Server(
            Client::open(info.clone())?.get_multiplexed_async_connection_with_config(&config).await?,
        ),
        Address::Cluster(nodes) => {
            // A node gets less time than the whole call, so that there is some left to ask again.
            let client = ClusterClient::builder(nodes.clone())
                .connection_timeout(timeout / 2)
                .response_timeout(timeout / 2)
                .retries(CLUSTER_RETRIES)
                .max_retry_wait(CLUSTER_RETRY_WAIT_MS)
                .build()?;
            Wire::Cluster(client.get_async_connection().await?)
        }
        Address::Sentinel { sentinels, master, login, tls } => {
            let settings = login.redis_settings();
            let mut builder =
                SentinelClientBuilder::new(sentinels.clone(), master, SentinelServerType::Master)?
                    .set_client_to_redis_db(settings.db());
            if let Some(username) = settings.username() {
                builder = builder.set_client_to_redis_username(username);
            }
            if let Some(password) = settings.password() {
                builder = builder.set_client_to_redis_password(password);
            }
            if *tls {
                builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
            }
            Wire::Server(builder.build()?.get_async_connection_with_config(&config).await?)
        }
    })
}

fn no_answer() -> RedisError {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer in time").into()
}

/// Says what an error of Redis means: a bug of ours, a key in other use, or (everything that can pass) unavailability.
fn store_error(error: &RedisError) -> StoreError {
    let text = error.to_string();
    // Up to Redis 6 the error of a command inside a script is only found in the text.
    if text.contains("WRONGTYPE") {
        return StoreError::OtherUse;
    }
    match error.kind() {
        ErrorKind::Server(
            ServerErrorKind::ResponseError | ServerErrorKind::CrossSlot | ServerErrorKind::NoScript,
        )
        | ErrorKind::UnexpectedReturnType
        | ErrorKind::Parse => StoreError::Unexpected(text.into()),
        _ => StoreError::Unavailable(text.into()),
    }
}
