//! What only a Redis can get wrong: keys as the contract has them, and being away.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use dedup_lock::StoreError;
use dedup_lock::domain::{Claim, LockRequest, Take, Token};
use dedup_lock::redis::RedisStore;
use dedup_lock::store::{Attempt, Attempted, DedupStore, LockStore, Place, RateLimitStore, Reachable};
use redis::aio::MultiplexedConnection;
use testkit::servers::Redis;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::{LONG, TIMEOUT, key, millis};

async fn raw(server: &Redis) -> MultiplexedConnection {
    let client = redis::Client::open(server.url.as_str()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

async fn ask<T: redis::FromRedisValue>(connection: &mut MultiplexedConnection, words: &[&str]) -> T {
    let mut command = redis::cmd(words[0]);
    for word in &words[1..] {
        command.arg(*word);
    }
    command.query_async(connection).await.unwrap()
}

fn open(server: &Redis) -> RedisStore {
    RedisStore::new(server.url.parse().unwrap(), server.prefix.clone(), TIMEOUT)
}

#[tokio::test]
async fn a_claim_in_redis_holds_state_and_time_and_expires() {
    let Some(server) = testkit::servers::redis() else { return };
    let (store, mut raw, token) = (open(&server), raw(&server).await, Token::random());
    let stored = format!("{}twilio:message:SM1", server.prefix);
    store.claim(&key("twilio:message:SM1"), &token, Duration::from_hours(1)).await.unwrap();
    let value: String = ask(&mut raw, &["GET", &stored]).await;
    let words: Vec<_> = value.split(' ').collect();
    assert_eq!((words[0], words[2]), ("in_progress", token.as_str()));
    assert!(words[1].parse::<f64>().unwrap() > 1.0e9, "{value}");
    store.complete(&key("twilio:message:SM1"), &token).await.unwrap();
    let value: String = ask(&mut raw, &["GET", &stored]).await;
    assert!(value.starts_with("completed "), "{value}");
    let left: i64 = ask(&mut raw, &["TTL", &stored]).await;
    assert!((3_500..=3_600).contains(&left), "{left}");
}

#[tokio::test]
async fn the_key_of_a_lock_outlives_its_lease() {
    let Some(server) = testkit::servers::redis() else { return };
    let (store, mut raw) = (open(&server), raw(&server).await);
    let request = LockRequest::new(key("conversation:lock:k"), "worker-a".to_owned(), millis(10), 0).unwrap();
    let attempt = Attempt { request: &request, lock_token: &Token::random(), place: Place::None };
    store.attempt(attempt).await.unwrap();
    let stored = format!("{}conversation:lock:k", server.prefix);
    let left: i64 = ask(&mut raw, &["TTL", &stored]).await;
    assert!(left > 6 * 24 * 3_600, "{left}");
    let owner: String = ask(&mut raw, &["HGET", &stored, "owner"]).await;
    assert_eq!(owner, "worker-a");
}

#[tokio::test]
async fn a_limit_leaves_redis_with_its_window() {
    let Some(server) = testkit::servers::redis() else { return };
    let (store, mut raw) = (open(&server), raw(&server).await);
    store.take(&key("ratelimit:send:x"), Take::new(80, Duration::from_secs(1), 1).unwrap()).await.unwrap();
    let left: i64 = ask(&mut raw, &["PTTL", &format!("{}ratelimit:send:x", server.prefix)]).await;
    assert!((1..=1_001).contains(&left), "{left}");
}

#[tokio::test]
async fn a_key_in_other_use_is_the_callers_mistake() {
    let Some(server) = testkit::servers::redis() else { return };
    let store = open(&server);
    store.take(&key("k"), Take::new(1, LONG, 1).unwrap()).await.unwrap();
    assert_eq!(store.claim(&key("k"), &Token::random(), LONG).await, Err(StoreError::OtherUse));
}

#[tokio::test]
async fn waiters_whose_line_was_flushed_line_up_again_and_only_one_gets_the_lock() {
    let Some(server) = testkit::servers::redis() else { return };
    let (store, mut raw) = (open(&server), raw(&server).await);
    let request = LockRequest::new(key("k"), String::new(), LONG, 10).unwrap();
    let tokens: Vec<_> = std::iter::repeat_with(Token::random).take(4).collect();
    let mut places = Vec::new();
    for lock_token in &tokens {
        match store.attempt(Attempt { request: &request, lock_token, place: Place::Last }).await.unwrap() {
            Attempted::Granted { fencing_token, .. } => assert_eq!(fencing_token, 11),
            Attempted::Waiting { ticket, .. } => places.push(Place::Kept(ticket)),
        }
    }
    let _: i64 = ask(&mut raw, &["DEL", &format!("{}k", server.prefix)]).await;
    let newcomer = Attempt { request: &request, lock_token: &Token::random(), place: Place::None };
    assert!(matches!(store.attempt(newcomer).await, Ok(Attempted::Granted { .. })));
    let mut tickets = Vec::new();
    for (lock_token, place) in tokens[1..].iter().zip(places).rev() {
        match store.attempt(Attempt { request: &request, lock_token, place }).await.unwrap() {
            Attempted::Waiting { ticket, .. } => tickets.push(ticket),
            granted @ Attempted::Granted { .. } => panic!("two hold the lock: {granted:?}"),
        }
    }
    assert_eq!(tickets, [1, 2, 3], "each has a place of its own");
}

#[tokio::test]
async fn a_redis_that_forgot_its_scripts_learns_them_again() {
    let Some(server) = testkit::servers::redis() else { return };
    let (store, mut raw) = (open(&server), raw(&server).await);
    store.claim(&key("a"), &Token::random(), LONG).await.unwrap();
    let () = ask(&mut raw, &["SCRIPT", "FLUSH"]).await;
    assert_eq!(store.claim(&key("b"), &Token::random(), LONG).await, Ok(Claim::Claimed));
}

#[tokio::test]
async fn prefixes_keep_strangers_apart() {
    let (Some(one), Some(two)) = (testkit::servers::redis(), testkit::servers::redis()) else { return };
    assert_eq!(open(&one).claim(&key("k"), &Token::random(), LONG).await, Ok(Claim::Claimed));
    assert_eq!(open(&two).claim(&key("k"), &Token::random(), LONG).await, Ok(Claim::Claimed));
}

#[tokio::test]
async fn a_redis_that_is_away_fails_fast_and_comes_back() {
    let Some(server) = testkit::servers::redis() else { return };
    let (proxy, url) = Proxy::before(&server).await;
    let timeout = millis(500);
    let store = RedisStore::new(url.parse().unwrap(), server.prefix, timeout);
    assert_eq!(store.claim(&key("a"), &Token::random(), LONG).await, Ok(Claim::Claimed));

    for mode in [Mode::Cut, Mode::Silent] {
        proxy.set(mode);
        for _ in 0..3 {
            let asked = Instant::now();
            let answer = store.claim(&key("b"), &Token::random(), LONG).await;
            assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{mode:?}: {answer:?}");
            assert!(
                asked.elapsed() < timeout + Duration::from_secs(1),
                "{mode:?}: took {:?}",
                asked.elapsed()
            );
        }
        assert!(store.reach().await.is_err());

        proxy.set(Mode::Through);
        let back = Instant::now();
        while let Err(error) = store.reach().await {
            assert!(back.elapsed() < Duration::from_secs(5), "{mode:?}: still away: {error}");
            tokio::time::sleep(millis(20)).await;
        }
        assert!(store.claim(&key("c"), &Token::random(), LONG).await.is_ok());
    }
}

#[tokio::test]
async fn a_connection_cut_between_calls_is_not_noticed() {
    let Some(server) = testkit::servers::redis() else { return };
    let (proxy, url) = Proxy::before(&server).await;
    let store = RedisStore::new(url.parse().unwrap(), server.prefix, TIMEOUT);
    for number in 0..5 {
        assert_eq!(store.claim(&key(&format!("{number}")), &Token::random(), LONG).await, Ok(Claim::Claimed));
        proxy.set(Mode::Cut);
        tokio::time::sleep(millis(50)).await;
        proxy.set(Mode::Through);
    }
}

/// What a [`Proxy`] does with connections, those it has and those that come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Mode {
    Through,
    Cut,
    Silent,
}

/// Stands between a store and its Redis.
#[derive(Clone)]
struct Proxy(Arc<AtomicU8>);

impl Proxy {
    async fn before(server: &Redis) -> (Self, String) {
        let authority = server.url.trim_start_matches("redis://").split('/').next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        let proxy = Self(Arc::new(AtomicU8::new(Mode::Through as u8)));
        let here = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(here.clone().carry(client, authority.clone()));
            }
        });
        (proxy, url)
    }

    fn set(&self, mode: Mode) {
        self.0.store(mode as u8, Ordering::SeqCst);
    }

    fn is(&self, mode: Mode) -> bool {
        self.0.load(Ordering::SeqCst) == mode as u8
    }

    async fn carry(self, mut client: TcpStream, authority: String) {
        let mut server = TcpStream::connect(authority).await.unwrap();
        let mut buffers = ([0; 4096], [0; 4096]);
        loop {
            if self.is(Mode::Cut) {
                return;
            }
            if self.is(Mode::Silent) {
                // A peer behind a broken route: nothing comes, nothing is closed, not even later.
                return std::future::pending().await;
            }
            let wake = tokio::time::sleep(millis(2));
            let carried = tokio::select! {
                read = tokio::io::AsyncReadExt::read(&mut client, &mut buffers.0) => match read {
                    Ok(count) if count > 0 && !self.is(Mode::Silent) => server.write_all(&buffers.0[..count]).await,
                    Ok(count) if count > 0 => continue,
                    _ => return,
                },
                read = tokio::io::AsyncReadExt::read(&mut server, &mut buffers.1) => match read {
                    Ok(count) if count > 0 => client.write_all(&buffers.1[..count]).await,
                    _ => return,
                },
                () = wake => Ok(()),
            };
            if carried.is_err() {
                return;
            }
        }
    }
}
