//! Inbound messages: kept once, in order of work, and never said to be kept when they are not.

use std::sync::atomic::Ordering;

use model::Rate;
use twilio::signature::{Algorithm, sign};

use crate::world::{
    ACCOUNT, INBOUND, PUBLIC, TOKEN, account, config, eventually, message, problem, signature, with, world,
    world_of,
};

#[tokio::test]
async fn a_signed_message_is_kept_before_it_is_answered_with_empty_twiml() {
    let world = world().await;
    let response = world.twilio(INBOUND, &message(1)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/xml");
    assert_eq!(response.text().await.unwrap(), r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#);
    let kept = world.orchestrator.kept.lock().unwrap();
    assert_eq!(kept[0].message_content, "Olá & até já + 100%\nlinha 2 ");
    assert_eq!(kept[0].contact_phone, "+31612345678");
    assert_eq!(kept[0].contact_name, "Zoë 👋");
    assert_eq!(kept[0].metadata["account_sid"], ACCOUNT);
    assert_eq!(kept[0].raw.len(), message(1).len());
    drop(kept);
    assert_eq!(world.claim(1), Some(true));
    assert_eq!(world.dedup_lock.taken.lock().unwrap()["ratelimit:twilio:+31612345678"], 1);
}

/// A real payload, with an emoji, a plus, a percent sign, a newline and a trailing blank.
const PAYLOAD: &str = "SmsMessageSid=SM00000000000000000000000000000001&NumMedia=0&ProfileName=Zo%C3%AB+%F0%9F%91%8B\
    &MessageType=text&SmsSid=SM00000000000000000000000000000001&WaId=5511999990000&SmsStatus=received\
    &Body=Ol%C3%A1+%26+at%C3%A9+j%C3%A1+%2B+100%25%0Alinha+2+&To=whatsapp%3A%2B14155238886&NumSegments=1\
    &ReferralNumMedia=0&MessageSid=SM00000000000000000000000000000001\
    &AccountSid=AC00000000000000000000000000000001&From=whatsapp%3A%2B5511999990000&ApiVersion=2010-04-01";

/// Signatures computed with `RequestValidator.compute_signature` of Twilio's Python package 9.13.0.
#[tokio::test]
async fn what_twilios_own_package_signs_is_taken() {
    for (query, signature) in [
        ("?tenant=42&q=%27a%20b%27", "u3DtW4qryrLPycChSGP5ZNl7h6U="),
        ("", "8MoNLmTLRTgPTmluEUMpWH6pYsg="), // signed as https://bot.example.com:443
    ] {
        let world = world().await;
        let request = world.http.post(world.url(&format!("{INBOUND}{query}"))).body(PAYLOAD);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
        let response = request.header("X-Twilio-Signature", signature).send().await.unwrap();
        assert_eq!(response.status(), 200, "{query}");
        assert_eq!(world.orchestrator.kept.lock().unwrap()[0].raw.len(), 15);
    }
}

#[tokio::test]
async fn a_hundred_copies_at_a_time_are_one_message() {
    let world = world().await;
    let pairs = message(1);
    let copies = (0..100).map(|_| world.twilio(INBOUND, &pairs));
    for response in futures::future::join_all(copies).await {
        assert_eq!(response.status(), 200);
    }
    assert_eq!(world.kept(), 1);
    assert_eq!(world.dedup_lock.taken.lock().unwrap()["ratelimit:twilio:+31612345678"], 1);
}

#[tokio::test]
async fn a_completed_message_is_not_handed_over_again_and_one_in_progress_is() {
    let world = world().await;
    world.twilio(INBOUND, &message(1)).await;
    assert_eq!(world.twilio(INBOUND, &message(1)).await.status(), 200);
    assert_eq!(world.orchestrator.calls.load(Ordering::SeqCst), 1);
    let key = format!("twilio:message:SM{:032}", 2);
    world.dedup_lock.claims.lock().unwrap().insert(key, false);
    assert_eq!(world.twilio(INBOUND, &message(2)).await.status(), 200);
    assert_eq!(world.kept(), 2);
    assert_eq!(world.claim(2), Some(false), "the claim is somebody else's to complete");
}

#[tokio::test]
async fn what_cannot_be_kept_is_answered_503_with_its_claim_released() {
    let world = world().await;
    world.orchestrator.mood.away.store(true, Ordering::SeqCst);
    problem(world.twilio(INBOUND, &message(1)).await, 503).await;
    assert_eq!(world.claim(1), None);
    assert_eq!(world.orchestrator.calls.load(Ordering::SeqCst), 12, "a short absence is waited for");
    world.orchestrator.mood.away.store(false, Ordering::SeqCst);
    assert_eq!(world.twilio(INBOUND, &message(1)).await.status(), 200);
    assert_eq!(world.kept(), 1);
    eventually("the orchestrator learns what happened while it was away", || {
        world.orchestrator.audit.lock().unwrap().iter().any(|event| {
            event.event_type == "orchestrator_trigger_failed"
                && event.input_redacted == format!("message_sid=SM{:032}", 1)
        })
    })
    .await;
    let audit = format!("{:?}", world.orchestrator.audit.lock().unwrap());
    assert!(!audit.contains("31612345678") && !audit.contains("linha"), "{audit}");
}

#[tokio::test]
async fn a_message_the_orchestrator_finds_malformed_is_answered_400_with_its_claim_released() {
    let world = world().await;
    world.orchestrator.refuses.store(true, Ordering::SeqCst);
    let sentence = problem(world.twilio(INBOUND, &message(1)).await, 400).await;
    assert_eq!(sentence, "message_content must be shorter");
    assert_eq!(world.claim(1), None);
}

#[tokio::test]
async fn messages_are_kept_while_dedup_lock_is_away_and_limited_here() {
    let limit = Rate { limit: 2, window: std::time::Duration::from_mins(1) };
    let world =
        world_of(ingress::Config { ingress_rate_limit_per_phone: limit, ..config() }, account()).await;
    world.dedup_lock.mood.away.store(true, Ordering::SeqCst);
    for number in 1..=2 {
        assert_eq!(world.twilio(INBOUND, &message(number)).await.status(), 200);
    }
    problem(world.twilio(INBOUND, &message(3)).await, 429).await;
    let other = with(message(4), "From", "whatsapp:NL.13491208655302741918");
    assert_eq!(world.twilio(INBOUND, &other).await.status(), 200);
    assert_eq!(world.kept(), 3);
}

#[tokio::test]
async fn a_dedup_lock_that_hangs_costs_a_message_half_a_second_once() {
    let world = world().await;
    world.dedup_lock.mood.delay_ms.store(60_000, Ordering::SeqCst);
    let started = std::time::Instant::now();
    for number in 1..=20 {
        assert_eq!(world.twilio(INBOUND, &message(number)).await.status(), 200);
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_sender_beyond_the_limit_waits_and_duplicates_are_not_charged() {
    let limit = Rate { limit: 2, window: std::time::Duration::from_mins(1) };
    let world =
        world_of(ingress::Config { ingress_rate_limit_per_phone: limit, ..config() }, account()).await;
    for number in [1, 1, 1, 2, 2] {
        assert_eq!(world.twilio(INBOUND, &message(number)).await.status(), 200);
    }
    let refused = world.twilio(INBOUND, &message(3)).await;
    assert_eq!(refused.headers()["retry-after"], "7");
    problem(refused, 429).await;
    assert_eq!(world.claim(3), None);
    assert_eq!(world.twilio(INBOUND, &message(2)).await.status(), 200);
    eventually("the orchestrator learns that the message was refused on purpose", || {
        world.orchestrator.audit.lock().unwrap().iter().any(|event| {
            event.error_code == "rate_limited" && event.input_redacted == format!("message_sid=SM{:032}", 3)
        })
    })
    .await;
}

#[tokio::test]
async fn the_signature_may_name_the_port_and_come_from_the_previous_token() {
    let twilio = twilio::TwilioAccount { twilio_auth_token_previous: Some("old".into()), ..account() };
    let world = world_of(config(), twilio).await;
    let with_port = format!("https://bot.example.com:443{INBOUND}");
    let signed = sign(Algorithm::Sha1, &TOKEN.into(), &with_port, &message(1));
    assert_eq!(world.signed(INBOUND, &message(1), &signed).await.status(), 200);
    let signed = sign(Algorithm::Sha1, &"old".into(), &format!("{PUBLIC}{INBOUND}"), &message(2));
    assert_eq!(world.signed(INBOUND, &message(2), &signed).await.status(), 200);
    let sha256 = sign(Algorithm::Sha256, &TOKEN.into(), &format!("{PUBLIC}{INBOUND}"), &message(3));
    problem(world.signed(INBOUND, &message(3), &sha256).await, 403).await;
}

#[tokio::test]
async fn a_json_body_is_taken_with_its_hash_in_the_url() {
    let world = world().await;
    let body = r#"{"MessageSid":"SM00000000000000000000000000000001","AccountSid":"AC00000000000000000000000000000001",
        "From":"whatsapp:+31612345678","To":"whatsapp:+14155238886","Body":"hallo","NumMedia":0}"#;
    let hash = "bodySHA256=e4774b6a3ab4c2fd5e26e1da2f29ee7e2ea6a5c1ae1bcc7e9f29b6cc8ae14fd2";
    let post = async |path: String, body: &'static str| {
        let signed = signature(&path, &[]);
        let request = world.http.post(world.url(&path)).header("X-Twilio-Signature", signed);
        request.header("Content-Type", "application/json").body(body).send().await.unwrap()
    };
    problem(post(format!("{INBOUND}?{hash}"), body).await, 403).await;
    problem(post(INBOUND.to_owned(), body).await, 403).await;
    let hash = hash_of(body);
    assert_eq!(post(format!("{INBOUND}?bodySHA256={hash}"), body).await.status(), 200);
    assert_eq!(world.orchestrator.kept.lock().unwrap()[0].message_content, "hallo");
    problem(post(format!("{INBOUND}?bodySHA256={}", hash_of("[1]")), "[1]").await, 400).await;
}

fn hash_of(body: &str) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(body))
}

#[tokio::test]
async fn the_trace_begins_here_and_goes_on_behind_whatever_the_public_claims() {
    let telemetry = telemetry::for_tests();
    let world = world().await;
    let claimed = "0af7651916cd43dd8448eb211c80319c";
    let request = world.http.post(world.url(INBOUND)).form(&message(1));
    let request = request.header("X-Twilio-Signature", signature(INBOUND, &message(1)));
    let request = request.header("traceparent", format!("00-{claimed}-b7ad6b7169203331-01"));
    assert_eq!(request.send().await.unwrap().status(), 200);
    let traceparent = world.orchestrator.traceparents.lock().unwrap()[0].clone();
    let trace_id = traceparent.split('-').nth(1).unwrap().to_owned();
    assert_ne!(trace_id, claimed);
    let spans = || telemetry.trace_table().trace(&trace_id);
    eventually("the root span is finished", || spans().iter().any(|span| span.parent_span_id.is_none()))
        .await;
    let spans = spans();
    let root = spans.iter().find(|span| span.parent_span_id.is_none()).unwrap();
    assert_eq!((root.name.as_str(), root.service.as_str()), ("POST /webhooks/twilio/whatsapp", "ingress"));
    assert_eq!(root.kind, "server");
    for (name, value) in [
        ("messaging.message.id", "SM00000000000000000000000000000001"),
        ("http.request.method", "POST"),
        ("http.response.status_code", "200"),
    ] {
        let attribute = root.attributes.iter().find(|(known, _)| known == name);
        assert_eq!(attribute.map(|(_, value)| value.as_str()), Some(value), "{name}");
    }
    for span in &spans {
        let parent_is_known = span
            .parent_span_id
            .as_ref()
            .is_none_or(|parent| spans.iter().any(|span| span.span_id == *parent));
        assert!(parent_is_known, "{} is an orphan", span.name);
        assert!(!format!("{span:?}").contains("31612345678"), "{span:?}");
    }
}
