//! What is not taken, and how it is said.

use std::time::Duration;

use ingress::{Config, SignatureMode};
use model::Rate;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use twilio::TwilioAccount;
use twilio::signature::{Algorithm, sign};

use crate::world::{
    INBOUND, STATUS, TOKEN, account, callback, config, message, problem, signature, with, without, world,
    world_of,
};

#[tokio::test]
async fn one_changed_byte_is_403() {
    let world = world().await;
    let good = signature(INBOUND, &message(1));
    for changed in [
        with(message(1), "Body", "Olá & até já + 100%\nlinha 2"),
        with(message(1), "SomethingNewOfTwilios", "2"),
        with(message(1), "From", "whatsapp:+31612345679"),
        without(message(1), "SomethingNewOfTwilios"),
    ] {
        problem(world.signed(INBOUND, &changed, &good).await, 403).await;
    }
    problem(world.signed(&format!("{INBOUND}?a=1"), &message(1), &good).await, 403).await;
    problem(world.signed(INBOUND, &message(1), "").await, 403).await;
    assert_eq!(world.kept(), 0);
    assert!(world.dedup_lock.claims.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_anybody_may_send_leaves_no_trace() {
    let telemetry = telemetry::for_tests();
    let world = world().await;
    let path = "/webhooks/twilio/status";
    problem(world.unsigned(path, &callback(1, "sent")).await, 403).await;
    problem(world.signed(path, &callback(1, "sent"), "wrong").await, 403).await;
    let table = telemetry.trace_table();
    let refused = table.recent(20_000).into_iter().flat_map(|id| table.trace(&id)).any(|span| {
        span.name == "POST /webhooks/twilio/status"
            && span.attributes.contains(&("http.response.status_code".to_owned(), "403".to_owned()))
    });
    assert!(!refused);
}

#[tokio::test]
async fn unsigned_requests_are_403_and_then_429_while_signed_ones_go_through() {
    let limit = Rate { limit: 3, window: Duration::from_mins(1) };
    let world = world_of(Config { ingress_rate_limit_per_ip: limit, ..config() }, account()).await;
    for _ in 0..3 {
        problem(world.unsigned(INBOUND, &message(1)).await, 403).await;
    }
    problem(world.unsigned(INBOUND, &message(1)).await, 429).await;
    problem(world.unsigned(STATUS, &callback(1, "sent")).await, 429).await;
    assert_eq!(world.twilio(INBOUND, &message(1)).await.status(), 200);
    problem(world.signed(INBOUND, &message(2), "wrong").await, 403).await;
}

#[tokio::test]
async fn an_address_behind_a_trusted_proxy_is_counted_by_itself() {
    let limit = Rate { limit: 1, window: Duration::from_mins(1) };
    let trusting = Config {
        ingress_rate_limit_per_ip: limit,
        ingress_trusted_proxies: "127.0.0.0/8".parse().unwrap(),
        ..config()
    };
    let world = world_of(trusting, account()).await;
    let from = async |client: &str| {
        let request = world.http.post(world.url(INBOUND)).header("X-Forwarded-For", client);
        request.form(&message(1)).send().await.unwrap().status().as_u16()
    };
    assert_eq!([from("203.0.113.1").await, from("203.0.113.1").await], [403, 429]);
    assert_eq!(from("203.0.113.2").await, 403);
    assert_eq!(from("198.51.100.1, 203.0.113.2").await, 429);
}

#[tokio::test]
async fn without_a_public_address_the_requests_own_url_is_checked_as_a_trusted_proxy_says() {
    let bare = TwilioAccount { public_base_url: None, ..account() };
    let untrusting = world_of(config(), bare.clone()).await;
    let own = sign(Algorithm::Sha1, &TOKEN.into(), &untrusting.url(INBOUND), &message(1));
    assert_eq!(untrusting.signed(INBOUND, &message(1), &own).await.status(), 200);
    let trusting = Config { ingress_trusted_proxies: "127.0.0.1".parse().unwrap(), ..config() };
    let trusting = world_of(trusting, bare).await;
    for (world, status) in [(&trusting, 200), (&untrusting, 403)] {
        let request = world.http.post(world.url(INBOUND)).form(&message(2));
        let request =
            request.header("X-Forwarded-Host", "bot.example.com").header("X-Forwarded-Proto", "https");
        let request = request.header("X-Twilio-Signature", signature(INBOUND, &message(2)));
        assert_eq!(request.send().await.unwrap().status(), status);
    }
}

#[tokio::test]
async fn wrong_fields_are_named_with_their_mend() {
    let world = world().await;
    for (pairs, named) in [
        (with(without(message(1), "SmsMessageSid"), "MessageSid", "SM1"), "MessageSid must be SM or MM"),
        (without(message(1), "From"), "From is missing"),
        (with(message(1), "From", "whatsapp:+0612"), "From must be whatsapp:"),
        (without(message(1), "To"), "To is missing"),
        (with(message(1), "NumMedia", "two"), "NumMedia must be a whole number"),
        (without(message(1), "AccountSid"), "AccountSid is missing"),
    ] {
        let sentence = problem(world.twilio(INBOUND, &pairs).await, 400).await;
        assert!(sentence.starts_with(named), "{sentence}");
    }
    let sentence = problem(world.twilio(STATUS, &callback(1, "gone")).await, 400).await;
    assert!(sentence.starts_with("MessageStatus"), "{sentence}");
}

#[tokio::test]
async fn somebody_elses_account_is_403() {
    let world = world().await;
    let theirs = "AC00000000000000000000000000000002";
    problem(world.twilio(INBOUND, &with(message(1), "AccountSid", theirs)).await, 403).await;
    problem(world.twilio(STATUS, &with(callback(1, "sent"), "AccountSid", theirs)).await, 403).await;
}

#[tokio::test]
async fn bodies_over_64_kib_are_413_announced_or_not() {
    let world = world().await;
    let fits = with(message(1), "Body", &"a".repeat(60 * 1024));
    assert_eq!(world.twilio(INBOUND, &fits).await.status(), 200);
    let large = with(message(2), "Body", &"a".repeat(64 * 1024));
    problem(world.twilio(INBOUND, &large).await, 413).await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "POST {INBOUND} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Twilio-Signature: any\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let chunks = format!("400\r\n{}\r\n", "a".repeat(1024)).repeat(80);
    stream.write_all(format!("{head}{chunks}0\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn another_content_type_method_or_path_is_415_405_or_404() {
    let world = world().await;
    let request = world.http.post(world.url(INBOUND)).header("X-Twilio-Signature", "any").body("<xml/>");
    problem(request.header("Content-Type", "text/xml").send().await.unwrap(), 415).await;
    let request = world.http.post(world.url(INBOUND)).header("X-Twilio-Signature", "any").body("a=b");
    problem(request.send().await.unwrap(), 415).await;
    for path in [INBOUND, STATUS, "/webhooks/twilio/status"] {
        let response = world.http.get(world.url(path)).send().await.unwrap();
        assert_eq!(response.headers()["allow"], "POST");
        problem(response, 405).await;
    }
    problem(world.http.get(world.url("/webhooks/telegram")).send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn a_webhook_without_its_secret_is_off_and_says_which_variable_opens_it() {
    let world = world_of(config(), TwilioAccount::default()).await;
    let sentence = problem(world.twilio(INBOUND, &message(1)).await, 404).await;
    assert!(sentence.contains("TWILIO_AUTH_TOKEN"), "{sentence}");
    problem(world.unsigned(STATUS, &callback(1, "sent")).await, 404).await;
}

#[tokio::test]
async fn unsigned_webhooks_are_taken_when_allowed_and_a_signature_is_still_checked() {
    let open = Config { ingress_twilio_allow_unsigned: true, ..config() };
    let keyless = world_of(open.clone(), TwilioAccount::default()).await;
    assert_eq!(keyless.unsigned(INBOUND, &message(1)).await.status(), 200);
    assert_eq!(keyless.signed(INBOUND, &message(2), "any").await.status(), 200);
    let keyed = world_of(open, account()).await;
    assert_eq!(keyed.unsigned(INBOUND, &message(1)).await.status(), 200);
    problem(keyed.signed(INBOUND, &message(2), "any").await, 403).await;
}

#[tokio::test]
async fn report_mode_takes_what_it_would_have_refused() {
    let world =
        world_of(Config { ingress_signature_mode: SignatureMode::Report, ..config() }, account()).await;
    assert_eq!(world.signed(INBOUND, &message(1), "wrong").await.status(), 200);
    assert_eq!(world.unsigned(INBOUND, &message(2)).await.status(), 200);
    assert_eq!(world.kept(), 2);
}
