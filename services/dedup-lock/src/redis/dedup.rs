//! Claims in Redis.

use std::sync::LazyLock;
use std::time::Duration;

use super::script::Argument::{Number, Text};
use super::script::OneKeyScript;
use super::{RedisStore, millis};
use crate::domain::{Claim, Key, Token};
use crate::error::StoreError;
use crate::store::DedupStore;

static CLAIM: LazyLock<OneKeyScript> = LazyLock::new(|| OneKeyScript::new(include_str!("claim.lua")));
static COMPLETE: LazyLock<OneKeyScript> = LazyLock::new(|| OneKeyScript::new(include_str!("complete.lua")));
static RELEASE: LazyLock<OneKeyScript> = LazyLock::new(|| OneKeyScript::new(include_str!("release.lua")));

impl DedupStore for RedisStore {
    async fn claim(&self, key: &Key, token: &Token, ttl: Duration) -> Result<Claim, StoreError> {
        let arguments = [Text(token.as_str()), Number(millis(ttl))];
        let state: String = self.0.connection.run(&CLAIM, &self.key(key), &arguments).await?;
        [Claim::Claimed, Claim::InProgress, Claim::Completed]
            .into_iter()
            .find(|claim| claim.as_str() == state)
            .ok_or_else(|| StoreError::Unexpected("a state of a claim that does not exist".into()))
    }

    async fn complete(&self, key: &Key, token: &Token) -> Result<bool, StoreError> {
        self.0.connection.run(&COMPLETE, &self.key(key), &[Text(token.as_str())]).await
    }

    async fn release(&self, key: &Key, token: &Token) -> Result<bool, StoreError> {
        self.0.connection.run(&RELEASE, &self.key(key), &[Text(token.as_str())]).await
    }
}
