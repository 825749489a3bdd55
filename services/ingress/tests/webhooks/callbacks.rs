//! Status callbacks: kept with what the signed address says, and never in the way of messages.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ingress::{Config, SignatureMode};
use model::{Ids, MessageId, SystemClock, TestClock};

use crate::world::{
    INBOUND, STATUS, account, callback, config, eventually, message, problem, signature, with, world,
    world_of,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn address(id: MessageId) -> String {
    format!("{STATUS}?m={id}&a=2&t=00-{TRACE}-b7ad6b7169203331-01")
}

fn fresh_id() -> MessageId {
    Ids::random(SystemClock::shared()).next()
}

#[tokio::test]
async fn a_callback_is_kept_with_message_and_attempt_and_without_addresses() {
    let world = world().await;
    let id = fresh_id();
    let mut pairs = callback(1, "undelivered");
    pairs.push(("ErrorCode", "63016".to_owned()));
    let response = world.twilio(&address(id), &pairs).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.unwrap(), "");
    let row = world.delivery_status.rows.lock().unwrap()[0].clone();
    assert_eq!((row.message_id, row.attempt), (id.to_string(), 2));
    assert_eq!((row.status.as_str(), row.error_code), ("undelivered", 63016));
    assert_eq!((row.org_id.as_str(), row.provider.as_str()), ("default", "twilio"));
    assert!(!row.provider_payload.contains("31612345678"), "{}", row.provider_payload);
    assert_eq!(world.twilio("/webhooks/twilio/status", &callback(2, "sent")).await.status(), 200);
}

/// The signature was computed with `RequestValidator.compute_signature` of Twilio's Python package 9.13.0.
#[tokio::test]
async fn a_callback_that_twilios_own_package_signed_is_taken() {
    let world = world().await;
    let payload = "ChannelPrefix=whatsapp&ApiVersion=2010-04-01&MessageStatus=undelivered\
        &SmsSid=SM00000000000000000000000000000002&SmsStatus=undelivered\
        &ChannelInstallSid=XE00000000000000000000000000000001&To=whatsapp%3A%2B5511999990000\
        &From=whatsapp%3A%2B14155238886&MessageSid=SM00000000000000000000000000000002\
        &AccountSid=AC00000000000000000000000000000001&ErrorCode=63016&ChannelStatusMessage=131047";
    let path = format!("{STATUS}?m=0198c5a2-7b3e-7cc0-8000-000000000001&a=1");
    let request = world.http.post(world.url(&path)).body(payload);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let response = request.header("X-Twilio-Signature", "1N5rnnRsYLgxhgFTHV95jiNhpwU=").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let row = world.delivery_status.rows.lock().unwrap()[0].clone();
    assert_eq!((row.message_id.as_str(), row.attempt), ("0198c5a2-7b3e-7cc0-8000-000000000001", 1));
}

#[tokio::test]
async fn the_trace_of_the_send_goes_on_once_the_signature_is_verified() {
    let telemetry = telemetry::for_tests();
    let world = world().await;
    let path = address(fresh_id());
    assert_eq!(world.twilio(&path, &callback(1, "delivered")).await.status(), 200);
    let traceparent = world.delivery_status.traceparents.lock().unwrap()[0].clone();
    assert!(traceparent.contains(TRACE), "{traceparent}");
    eventually("the callback's span is part of the trace", || {
        telemetry.trace_table().trace(TRACE).iter().any(|span| {
            span.name == "POST /twilio-status" && span.parent_span_id.as_deref() == Some("b7ad6b7169203331")
        })
    })
    .await;
    problem(world.signed(&path, &callback(1, "read"), "wrong").await, 403).await;
}

#[tokio::test]
async fn nothing_of_an_unverified_address_is_believed() {
    telemetry::for_tests();
    let world =
        world_of(Config { ingress_signature_mode: SignatureMode::Report, ..config() }, account()).await;
    assert_eq!(world.signed(&address(fresh_id()), &callback(1, "read"), "wrong").await.status(), 200);
    let row = world.delivery_status.rows.lock().unwrap()[0].clone();
    assert_eq!((row.message_id.as_str(), row.attempt), ("", 0));
    let traceparent = world.delivery_status.traceparents.lock().unwrap()[0].clone();
    assert!(!traceparent.contains(TRACE), "{traceparent}");
}

#[tokio::test]
async fn a_callback_a_day_later_has_a_trace_of_its_own() {
    telemetry::for_tests();
    let world = world().await;
    let long_ago: MessageId = Ids::random(TestClock::at("2020-01-01T00:00:00Z").shared()).next();
    assert_eq!(world.twilio(&address(long_ago), &callback(1, "read")).await.status(), 200);
    let traceparent = world.delivery_status.traceparents.lock().unwrap()[0].clone();
    assert!(!traceparent.contains(TRACE), "{traceparent}");
}

#[tokio::test]
async fn a_changed_query_is_403() {
    let world = world().await;
    let pairs = callback(1, "sent");
    let good = signature(&address(fresh_id()), &pairs);
    problem(world.signed(&address(fresh_id()), &pairs, &good).await, 403).await;
}

#[tokio::test]
async fn a_callback_that_cannot_be_kept_is_503() {
    let world = world().await;
    world.delivery_status.mood.away.store(true, Ordering::SeqCst);
    problem(world.twilio(STATUS, &callback(1, "sent")).await, 503).await;
    world.delivery_status.mood.away.store(false, Ordering::SeqCst);
    assert_eq!(world.twilio(STATUS, &callback(1, "sent")).await.status(), 200);
}

#[tokio::test]
async fn a_flood_of_callbacks_stays_within_its_budget_and_messages_pass_it() {
    let world = world().await;
    world.delivery_status.mood.delay_ms.store(1_000, Ordering::SeqCst);
    let flood: Vec<_> = (0..200)
        .map(|number| {
            let pairs = callback(number, "sent");
            let request = world.http.post(world.url(STATUS)).form(&pairs);
            tokio::spawn(request.header("X-Twilio-Signature", signature(STATUS, &pairs)).send())
        })
        .collect();
    eventually("the flood is at its height", || world.delivery_status.at_work.load(Ordering::SeqCst) == 64)
        .await;
    let started = std::time::Instant::now();
    let other = with(message(1), "From", "whatsapp:+31687654321");
    assert_eq!(world.twilio(INBOUND, &other).await.status(), 200);
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
    for answer in flood {
        let status = answer.await.unwrap().unwrap().status().as_u16();
        assert!(matches!(status, 200 | 503), "{status}");
    }
    assert_eq!(world.delivery_status.most_at_work.load(Ordering::SeqCst), 64);
}
