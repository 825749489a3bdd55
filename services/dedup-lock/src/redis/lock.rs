//! Locks in Redis.

use std::sync::LazyLock;
use std::time::Duration;

use model::Timestamp;

use super::script::Argument::{Number, Text};
use super::script::OneKeyScript;
use super::{RedisStore, micros, millis};
use crate::domain::{Key, Token};
use crate::error::StoreError;
use crate::store::{Attempt, Attempted, FENCE_MEMORY, LockStore, PLACE_TTL, Place};

static ATTEMPT: LazyLock<OneKeyScript> =
    LazyLock::new(|| OneKeyScript::new(include_str!("lock_attempt.lua")));
static WITHDRAW: LazyLock<OneKeyScript> =
    LazyLock::new(|| OneKeyScript::new(include_str!("lock_withdraw.lua")));
static RENEW: LazyLock<OneKeyScript> = LazyLock::new(|| OneKeyScript::new(include_str!("lock_renew.lua")));
static RELEASE: LazyLock<OneKeyScript> =
    LazyLock::new(|| OneKeyScript::new(include_str!("lock_release.lua")));

impl LockStore for RedisStore {
    async fn attempt(&self, attempt: Attempt<'_>) -> Result<Attempted, StoreError> {
        let Attempt { request, lock_token, place } = attempt;
        let ticket = match place {
            Place::None => Text("-1"),
            Place::Last => Number(0),
            Place::Kept(ticket) => Number(ticket),
        };
        let arguments = [
            Text(lock_token.as_str()),
            Text(&request.owner),
            Number(micros(request.ttl)),
            Number(request.floor),
            ticket,
            Number(micros(PLACE_TTL)),
            Number(millis(FENCE_MEMORY)),
        ];
        match self.0.connection.run::<Vec<i64>>(&ATTEMPT, &self.key(&request.name), &arguments).await?[..] {
            [1, fencing_token, ends] => Ok(Attempted::Granted {
                fencing_token: fencing_token.unsigned_abs(),
                expires_at: Timestamp::from_micros(ends),
            }),
            [0, ticket, ahead, free_in] => Ok(Attempted::Waiting {
                ticket: ticket.unsigned_abs(),
                ahead: ahead.unsigned_abs(),
                free_in: Duration::from_micros(free_in.unsigned_abs()),
            }),
            _ => Err(StoreError::Unexpected("an answer about a lock of the wrong shape".into())),
        }
    }

    async fn withdraw(&self, name: &Key, lock_token: &Token, ticket: u64) -> Result<(), StoreError> {
        let arguments = [Text(lock_token.as_str()), Number(ticket)];
        self.0.connection.run(&WITHDRAW, &self.key(name), &arguments).await
    }

    async fn renew(
        &self,
        name: &Key,
        lock_token: &Token,
        ttl: Duration,
    ) -> Result<Option<Timestamp>, StoreError> {
        let arguments = [Text(lock_token.as_str()), Number(micros(ttl)), Number(millis(FENCE_MEMORY))];
        let ends: i64 = self.0.connection.run(&RENEW, &self.key(name), &arguments).await?;
        Ok((ends > 0).then(|| Timestamp::from_micros(ends)))
    }

    async fn release(&self, name: &Key, lock_token: &Token) -> Result<bool, StoreError> {
        self.0.connection.run(&RELEASE, &self.key(name), &[Text(lock_token.as_str())]).await
    }
}
