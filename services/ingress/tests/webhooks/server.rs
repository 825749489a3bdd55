//! The server itself: its description, readiness, slow senders, and the end.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{INBOUND, callback, eventually, message, signature, world};

#[tokio::test]
async fn the_description_names_every_webhook() {
    let world = world().await;
    let text = world.http.get(world.url("/openapi.json")).send().await.unwrap().text().await.unwrap();
    let description: serde_json::Value = serde_json::from_str(&text).unwrap();
    for path in [INBOUND, "/twilio-status", "/webhooks/twilio/status", "/openapi.json"] {
        assert!(description["paths"][path].is_object(), "{path}");
    }
}

#[tokio::test]
async fn webhooks_are_counted_under_their_names() {
    telemetry::for_tests();
    let world = world().await;
    world.twilio(INBOUND, &message(1)).await;
    world.twilio(INBOUND, &message(1)).await;
    world.signed(INBOUND, &message(1), "wrong").await;
    world.twilio("/twilio-status", &callback(1, "sent")).await;
    let rendered = telemetry::render_metrics();
    for series in [
        r#"webhook_requests_total{source="twilio",status="received"}"#,
        r#"webhook_requests_total{source="twilio",status="queued"}"#,
        r#"webhook_requests_total{source="twilio",status="duplicate"}"#,
        r#"webhook_requests_total{source="twilio",status="invalid"}"#,
        r#"webhook_requests_total{source="twilio_status",status="queued"}"#,
        r#"webhook_signature_errors_total{source="twilio"}"#,
        r#"webhook_duration_seconds_count{source="twilio"}"#,
    ] {
        assert!(rendered.contains(series), "{series} is not in\n{rendered}");
    }
}

#[tokio::test]
async fn it_is_ready_with_the_orchestrator_and_degraded_without_the_others() {
    let world = world().await;
    world.twilio(INBOUND, &message(1)).await;
    let report = world.readiness.report().await;
    assert!(report.ready && !report.degraded, "{report:?}");
    let alone = mesh::Mesh::over_sockets(&nowhere());
    let clock = model::SystemClock::shared();
    let deps = ingress::Deps {
        mesh: alone,
        ids: model::Ids::random(clock.clone()),
        clock,
        twilio: crate::world::account(),
    };
    let service = ingress::build(crate::world::config(), deps).await.unwrap();
    let report = service.readiness().report().await;
    assert!(!report.ready && report.degraded, "{report:?}");
}

fn nowhere() -> mesh::Peers {
    let closed = |name| (name, "http://127.0.0.1:1".parse().expect("an address"));
    [mesh::ServiceName::AgentOrchestrator, mesh::ServiceName::DedupLock, mesh::ServiceName::DeliveryStatus]
        .map(closed)
        .into_iter()
        .fold(mesh::Peers::default(), |peers, (name, url)| peers.with_url(name, url))
}

#[tokio::test]
async fn a_head_that_never_ends_and_a_body_that_never_comes_are_cut_off() {
    let world = world().await;
    let mut head = TcpStream::connect(world.address).await.unwrap();
    head.write_all(b"POST /twilio-status HTTP/1.1\r\nHost: a\r\n").await.unwrap();
    let mut body = TcpStream::connect(world.address).await.unwrap();
    body.write_all(
        b"POST /twilio-status HTTP/1.1\r\nHost: a\r\nX-Twilio-Signature: a\r\n\
          Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nMessageSid=",
    )
    .await
    .unwrap();
    let answer = async |stream: &mut TcpStream| {
        let mut text = String::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut text)).await;
        read.expect("the connection is closed in time").unwrap();
        text
    };
    let (head, body) = tokio::join!(answer(&mut head), answer(&mut body));
    assert!(head.is_empty() || head.starts_with("HTTP/1.1 408"), "{head}");
    assert!(body.starts_with("HTTP/1.1 408"), "{body}");
}

#[tokio::test]
async fn what_was_begun_is_finished_after_the_wish_to_stop_and_nothing_more_is_accepted() {
    let world = world().await;
    world.delivery_status.mood.delay_ms.store(300, Ordering::SeqCst);
    let pairs = callback(1, "sent");
    let request = world.http.post(world.url("/twilio-status")).form(&pairs);
    let request = request.header("X-Twilio-Signature", signature("/twilio-status", &pairs));
    let begun = tokio::spawn(request.send());
    eventually("the callback is being kept", || world.delivery_status.at_work.load(Ordering::SeqCst) == 1)
        .await;
    world.stop.request();
    assert_eq!(begun.await.unwrap().unwrap().status(), 200);
    tokio::time::timeout(Duration::from_secs(5), world.running).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(world.address).await.is_err());
}
