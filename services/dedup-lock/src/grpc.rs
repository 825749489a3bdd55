//! Protobuf in, domain out, and back.

use std::sync::Arc;

use mesh::convert::{from_proto_duration, required_duration, to_proto_duration, to_proto_timestamp};
use proto::dedup::v1 as dedup;
use proto::dedup::v1::dedup_service_server::DedupService;
use proto::lock::v1 as lock;
use proto::lock::v1::lock_service_server::LockService;
use proto::ratelimit::v1 as ratelimit;
use proto::ratelimit::v1::rate_limit_service_server::RateLimitService;
use tonic::{Request, Response, Status};

use crate::domain::{self, Claim, Key, LockRequest, Take, Token};
use crate::service::Coordination;
use crate::store::Store;

/// The three services over one store. Clones share it.
#[derive(Debug)]
pub struct Grpc<S>(Arc<Coordination<S>>);

impl<S> Clone for Grpc<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Store> Grpc<S> {
    pub fn new(store: S) -> Self {
        Self(Arc::new(Coordination::new(store)))
    }
}

fn key(field: &'static str, text: String) -> Result<Key, Status> {
    Key::parse(field, text).map_err(mesh::status)
}

fn token(field: &'static str, text: String) -> Result<Token, Status> {
    Token::presented(field, text).map_err(mesh::status)
}

#[tonic::async_trait]
impl<S: Store> DedupService for Grpc<S> {
    async fn claim(
        &self,
        request: Request<dedup::ClaimRequest>,
    ) -> Result<Response<dedup::ClaimResponse>, Status> {
        let request = request.into_inner();
        let key = key("key", request.key)?;
        let ttl = domain::ttl(required_duration("ttl", request.ttl)?).map_err(mesh::status)?;
        let (claim, token) = self.0.claim(&key, ttl).await.map_err(mesh::status)?;
        let (outcome, claim_token) = match claim {
            Claim::Claimed => (dedup::Outcome::Claimed, token.as_str().to_owned()),
            Claim::InProgress => (dedup::Outcome::InProgress, String::new()),
            Claim::Completed => (dedup::Outcome::Completed, String::new()),
        };
        Ok(Response::new(dedup::ClaimResponse { outcome: outcome.into(), claim_token }))
    }

    async fn complete(
        &self,
        request: Request<dedup::CompleteRequest>,
    ) -> Result<Response<dedup::CompleteResponse>, Status> {
        let request = request.into_inner();
        let (key, token) = (key("key", request.key)?, token("claim_token", request.claim_token)?);
        let completed = self.0.complete(&key, &token).await.map_err(mesh::status)?;
        Ok(Response::new(dedup::CompleteResponse { completed }))
    }

    async fn release(
        &self,
        request: Request<dedup::ReleaseRequest>,
    ) -> Result<Response<dedup::ReleaseResponse>, Status> {
        let request = request.into_inner();
        let (key, token) = (key("key", request.key)?, token("claim_token", request.claim_token)?);
        let released = self.0.give_back(&key, &token).await.map_err(mesh::status)?;
        Ok(Response::new(dedup::ReleaseResponse { released }))
    }
}

#[tonic::async_trait]
impl<S: Store> LockService for Grpc<S> {
    async fn acquire(
        &self,
        request: Request<lock::AcquireRequest>,
    ) -> Result<Response<lock::AcquireResponse>, Status> {
        let request = request.into_inner();
        let ttl = required_duration("ttl", request.ttl)?;
        let wait = from_proto_duration("wait", request.wait)?.unwrap_or_default();
        let wanted = LockRequest::new(key("name", request.name)?, request.owner, ttl, request.floor)
            .map_err(mesh::status)?;
        let lease = self.0.acquire(wanted, wait).await.map_err(mesh::status)?;
        Ok(Response::new(lock::AcquireResponse {
            lock_token: lease.lock_token.as_str().to_owned(),
            fencing_token: lease.fencing_token.cast_signed(),
            expires_at: Some(to_proto_timestamp(lease.expires_at)),
        }))
    }

    async fn renew(
        &self,
        request: Request<lock::RenewRequest>,
    ) -> Result<Response<lock::RenewResponse>, Status> {
        let request = request.into_inner();
        let (name, token) = (key("name", request.name)?, token("lock_token", request.lock_token)?);
        let ttl = domain::ttl(required_duration("ttl", request.ttl)?).map_err(mesh::status)?;
        let expires_at = self.0.renew(&name, &token, ttl).await.map_err(mesh::status)?;
        Ok(Response::new(lock::RenewResponse { expires_at: Some(to_proto_timestamp(expires_at)) }))
    }

    async fn release(
        &self,
        request: Request<lock::ReleaseRequest>,
    ) -> Result<Response<lock::ReleaseResponse>, Status> {
        let request = request.into_inner();
        let (name, token) = (key("name", request.name)?, token("lock_token", request.lock_token)?);
        let released = self.0.release(&name, &token).await.map_err(mesh::status)?;
        Ok(Response::new(lock::ReleaseResponse { released }))
    }
}

#[tonic::async_trait]
impl<S: Store> RateLimitService for Grpc<S> {
    async fn take(
        &self,
        request: Request<ratelimit::TakeRequest>,
    ) -> Result<Response<ratelimit::TakeResponse>, Status> {
        let request = request.into_inner();
        let key = key("key", request.key)?;
        let window = required_duration("window", request.window)?;
        let take = Take::new(request.limit, window, request.cost).map_err(mesh::status)?;
        let taken = self.0.take(&key, take).await.map_err(mesh::status)?;
        Ok(Response::new(ratelimit::TakeResponse {
            allowed: taken.allowed,
            remaining: taken.remaining,
            retry_after: (!taken.allowed).then(|| to_proto_duration(taken.retry_after)),
        }))
    }
}
