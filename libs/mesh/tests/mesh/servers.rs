//! What a server tells strangers, and when it refuses to listen.

use std::time::Duration;

use crate::support::{Arm, Client, Echo, Kind, Words, words};
use lifecycle::Stop;
use mesh::{Mesh, Peers, Server, ServiceName};
use prost::Message;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

fn loopback() -> std::net::SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

#[tokio::test]
async fn health_is_told_for_the_server_and_each_service() {
    let arm = Arm::start(Kind::OverSockets).await;
    let mut health = HealthClient::new(arm.mesh.wire(ServiceName::Ingress, ServiceName::Crm));
    for service in ["", "test.v1.Echo"] {
        let answer = health.check(HealthCheckRequest { service: service.to_owned() }).await.unwrap();
        assert_eq!(answer.into_inner().status(), ServingStatus::Serving, "{service}");
    }
    let unknown = health.check(HealthCheckRequest { service: "test.v1.Nobody".to_owned() }).await;
    assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn reflection_lists_what_is_served() {
    let arm = Arm::start(Kind::OverSockets).await;
    let mut reflection = ServerReflectionClient::new(arm.mesh.wire(ServiceName::Ingress, ServiceName::Crm));
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers =
        reflection.server_reflection_info(tokio_stream::iter([ask])).await.unwrap().into_inner();
    let Some(MessageResponse::ListServicesResponse(listed)) =
        answers.next().await.unwrap().unwrap().message_response
    else {
        panic!("no list of services");
    };
    let mut names: Vec<_> = listed.service.into_iter().map(|service| service.name).collect();
    names.sort();
    assert_eq!(names, ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "test.v1.Echo"]);
}

/// Calls as a program without our layers would, by HTTP/2 alone: the status in the headers, and the body.
async fn call_by_hand(arm: &Arm, text: &str, timeout: &str) -> (Option<String>, Vec<u8>) {
    let message = words(text).encode_to_vec();
    let mut body = vec![0];
    body.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend(message);
    let url = arm.peers.url(ServiceName::Crm).unwrap().join("/test.v1.Echo/Ask").unwrap();
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let headers = [("content-type", "application/grpc"), ("te", "trailers"), ("grpc-timeout", timeout)];
    let request =
        headers.into_iter().fold(client.post(url), |request, (name, value)| request.header(name, value));
    let response = request.body(body).send().await.unwrap();
    let status = response.headers().get("grpc-status").map(|status| status.to_str().unwrap().to_owned());
    (status, response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_stranger_is_nobody_and_its_timeout_counts() {
    let arm = Arm::start(Kind::OverSockets).await;
    let (status, body) = call_by_hand(&arm, "caller", "5S").await;
    assert_eq!(status, None, "a good answer has its status behind the body");
    assert_eq!(Words::decode(&body[5..]).unwrap(), words("nobody"));
    let (status, _) = call_by_hand(&arm, "sleep:60000", "500m").await;
    assert_eq!(status.as_deref(), Some("4"), "deadline exceeded, not cancelled");
}

#[tokio::test]
async fn beyond_loopback_it_listens_only_when_told_so() {
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let refused = Server::bind(ServiceName::Crm, everywhere, &Mesh::in_process(&Peers::default())).await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("CRM_LISTEN") && error.contains("GRPC_ALLOW_INSECURE=true"), "{error}");
    let told = Peers { grpc_allow_insecure: true, ..Peers::default() };
    Server::bind(ServiceName::Crm, everywhere, &Mesh::in_process(&told)).await.unwrap();
}

#[tokio::test]
async fn a_taken_address_is_named_with_its_variable() {
    let mesh = Mesh::in_process(&Peers::default());
    let first = Server::bind(ServiceName::Crm, loopback(), &mesh).await.unwrap();
    let error = Server::bind(ServiceName::Calendar, first.addr(), &mesh).await.unwrap_err().to_string();
    assert!(error.starts_with("calendar cannot listen on 127.0.0.1:"), "{error}");
    assert!(error.ends_with("set CALENDAR_LISTEN to a free address"), "{error}");
}

#[tokio::test]
async fn a_call_waits_a_moment_for_a_server_that_is_still_being_built() {
    let mesh = Mesh::in_process(&Peers::default());
    let mut client = Client::new(mesh.wire(ServiceName::Ingress, ServiceName::Crm));
    let early = tokio::spawn(async move { client.ask("hallo").await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let server = Server::bind(ServiceName::Crm, loopback(), &mesh).await.unwrap();
    let stop = Stop::new();
    let serving = tokio::spawn(server.add_service(Echo { further: None }).serve(stop.clone()));
    assert_eq!(early.await.unwrap().unwrap().into_inner(), words("hallo"));
    stop.request();
    serving.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_serves_is_unavailable_and_a_short_deadline_comes_first() {
    let mesh = Mesh::in_process(&Peers::default());
    let mut client = Client::new(mesh.wire(ServiceName::Ingress, ServiceName::Crm));
    let status = client.ask("hallo").await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Unavailable, "crm does not serve yet"));
    let status = mesh::with_deadline(Duration::from_millis(100), client.ask("hallo")).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_restarted_server_is_found_again() {
    let mesh = Mesh::in_process(&Peers::default());
    let mut client = Client::new(mesh.wire(ServiceName::Ingress, ServiceName::Crm));
    for _ in 0..2 {
        let server = Server::bind(ServiceName::Crm, loopback(), &mesh).await.unwrap();
        let stop = Stop::new();
        let serving = tokio::spawn(server.add_service(Echo { further: None }).serve(stop.clone()));
        while client.ask("hallo").await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.request();
        serving.await.unwrap().unwrap();
        assert_eq!(client.ask("hallo").await.unwrap_err().message(), "crm has stopped");
    }
}

#[tokio::test]
async fn a_peer_that_is_away_is_unavailable_and_named() {
    let away = Peers::default().with_url(ServiceName::Crm, "http://127.0.0.1:1".parse().unwrap());
    let mut client = Client::new(Mesh::over_sockets(&away).wire(ServiceName::Ingress, ServiceName::Crm));
    let status = client.ask("hallo").await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.message().starts_with("cannot reach crm: "), "{status}");
}
