//! What operators and grpcurl find on every port.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use futures::{StreamExt as _, stream};
use mesh::ServiceName;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::under_test::MeshUnderTest;

/// What each server must list at least.
const SERVICES: [(ServiceName, &[&str]); 6] = [
    (
        ServiceName::DedupLock,
        &["dedup.v1.DedupService", "lock.v1.LockService", "ratelimit.v1.RateLimitService"],
    ),
    (ServiceName::AgentOrchestrator, &["orchestrator.v1.OrchestratorService", "queue.v1.QueueService"]),
    (ServiceName::ChannelSender, &["channel.v1.ChannelService", "queue.v1.QueueService"]),
    (ServiceName::Crm, &["crm.v1.CrmService"]),
    (ServiceName::Calendar, &["calendar.v1.CalendarService", "queue.v1.QueueService"]),
    (ServiceName::DeliveryStatus, &["delivery.v1.DeliveryStatusService", "queue.v1.QueueService"]),
];

pub async fn every_port(mesh: &MeshUnderTest) -> Result<()> {
    for (service, expected) in SERVICES {
        let listed = listed(mesh, service).await.with_context(|| format!("reflection of {service}"))?;
        let mut health = HealthClient::new(mesh.channel(service)?);
        for name in expected.iter().map(|name| format!("proefrit.{name}")) {
            ensure!(listed.contains(&name), "{service} lists {listed:?}, not {name}");
            let answer = health.check(HealthCheckRequest { service: name.clone() }).await;
            let status = answer.with_context(|| format!("health of {name}"))?.into_inner().status();
            ensure!(status == ServingStatus::Serving, "{name} is {status:?}");
        }
        let status = health.check(HealthCheckRequest::default()).await?.into_inner().status();
        ensure!(status == ServingStatus::Serving, "{service} is {status:?}");
    }
    for admin in mesh.admins() {
        for (path, says) in [("healthz", "ok"), ("readyz", "\"ready\":true"), ("metrics", "")] {
            let answer =
                reqwest::get(format!("http://{admin}/{path}")).await?.error_for_status()?.text().await?;
            ensure!(answer.contains(says), "{admin}/{path} says {answer}");
        }
    }
    Ok(())
}

/// The names a server lists by reflection, each with a descriptor that can be fetched.
async fn listed(mesh: &MeshUnderTest, service: ServiceName) -> Result<BTreeSet<String>> {
    let mut client = ServerReflectionClient::new(mesh.channel(service)?);
    let mut ask = async |request: MessageRequest| {
        let request = ServerReflectionRequest { host: String::new(), message_request: Some(request) };
        let answers = client.server_reflection_info(stream::iter([request])).await?;
        let answer = answers.into_inner().next().await.context("no answer")??;
        answer.message_response.context("an empty answer")
    };
    let MessageResponse::ListServicesResponse(list) =
        ask(MessageRequest::ListServices(String::new())).await?
    else {
        anyhow::bail!("no list");
    };
    let names: BTreeSet<String> = list.service.into_iter().map(|service| service.name).collect();
    for name in names.iter().filter(|name| name.starts_with("proefrit.")) {
        let found = ask(MessageRequest::FileContainingSymbol(name.clone())).await?;
        ensure!(matches!(found, MessageResponse::FileDescriptorResponse(_)), "{name} has no descriptor");
    }
    Ok(names)
}
