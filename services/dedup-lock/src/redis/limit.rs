//! Sliding windows in Redis.

use std::sync::LazyLock;
use std::time::Duration;

use super::script::Argument::{Number, Text};
use super::script::OneKeyScript;
use super::{RedisStore, micros};
use crate::domain::{Key, Take, Taken, Token};
use crate::error::StoreError;
use crate::store::RateLimitStore;

static TAKE: LazyLock<OneKeyScript> = LazyLock::new(|| OneKeyScript::new(include_str!("take.lua")));

impl RateLimitStore for RedisStore {
    async fn take(&self, key: &Key, take: Take) -> Result<Taken, StoreError> {
        // The id keeps a call that is sent again over a new connection from taking its places twice.
        let id = Token::random();
        let arguments = [
            Number(take.limit.into()),
            Number(micros(take.window)),
            Number(take.cost.into()),
            Text(id.as_str()),
        ];
        match self.0.connection.run::<Vec<i64>>(&TAKE, &self.key(key), &arguments).await?[..] {
            [allowed, remaining, retry_after] => Ok(Taken {
                allowed: allowed == 1,
                remaining: u32::try_from(remaining).unwrap_or(0),
                retry_after: Duration::from_micros(retry_after.unsigned_abs()),
            }),
            _ => Err(StoreError::Unexpected("an answer about a limit of the wrong shape".into())),
        }
    }
}
