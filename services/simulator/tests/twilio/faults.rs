//! Faults strike as scripted, and the ledger tells what really happened.

use std::time::Duration;

use crate::harness::{CUSTOMER, EMPTY_TWIML, SENDER, World, receiver, world, world_with};
use serde_json::{Value, json};
use simulator::twilio::account::{DEMO_ACCOUNT_SID, DEMO_AUTH_TOKEN};

async fn answers(world: &World, calls: usize) -> Vec<Option<u16>> {
    let mut answers = Vec::new();
    for number in 0..calls {
        let text = format!("bericht {number}");
        let form = [("To", CUSTOMER), ("From", SENDER), ("Body", text.as_str())];
        answers.push(world.create(&form).await.ok().map(|(status, _)| status));
    }
    answers
}

#[tokio::test]
async fn refusals_are_scripted_and_nothing_is_processed() {
    let world = world().await;
    let script = json!([
        { "on": "create", "kind": "429", "count": 1 },
        { "on": "create", "kind": "503", "count": 1 },
        { "on": "create", "kind": "500", "count": 1 },
        { "on": "create", "kind": "error", "code": 63007, "count": 1 },
        { "on": "create", "kind": "cut", "count": 1 },
        { "on": "create", "kind": "timeout", "millis": 20, "count": 1 },
    ]);
    world.control("/sim/faults", script).await;
    let got = answers(&world, 7).await;
    assert_eq!(got, [Some(429), Some(503), Some(500), Some(400), None, None, Some(201)]);
    assert_eq!(world.counters().await["accepted"], 1);
    assert_eq!(world.counters().await["faults"], 6);
    assert_eq!(world.transcript().await.len(), 1);
}

#[tokio::test]
async fn an_ambiguous_answer_hides_a_message_that_the_customer_gets() {
    let world = world().await;
    world.open_window().await;
    let script = json!([
        { "on": "create", "kind": "accepted_then_cut", "count": 1 },
        { "on": "create", "kind": "accepted_then_500", "count": 1 },
        { "on": "create", "kind": "accepted_then_timeout", "millis": 20, "count": 1 },
    ]);
    world.control("/sim/faults", script).await;
    assert_eq!(answers(&world, 3).await, [None, Some(500), None]);
    world.wait_for("read", 3).await;
    let (_, list) = world.get(&world.api("/Messages.json?To=whatsapp%3A%2B31612345678")).await;
    let bodies: Vec<_> = list["messages"].as_array().unwrap().iter().map(|row| &row["body"]).collect();
    assert_eq!(bodies, ["bericht 2", "bericht 1", "bericht 0"]);
}

#[tokio::test]
async fn a_request_whose_client_gave_up_is_still_worked_off() {
    let world = world().await;
    world.control("/sim/latency", json!({ "create_ms": 100 })).await;
    let impatient = tokio::time::timeout(Duration::from_millis(30), world.say("hallo")).await;
    assert!(impatient.is_err());
    world.wait_for("accepted", 1).await;
}

#[tokio::test]
async fn the_same_seed_strikes_the_same_calls() {
    let script = json!([{ "on": "create", "kind": "503", "probability": 0.5, "seed": 42 }]);
    let mut runs = Vec::new();
    for _ in 0..2 {
        let world = world().await;
        world.control("/sim/faults", script.clone()).await;
        runs.push(answers(&world, 30).await);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&Some(201)) && runs[0].contains(&Some(503)), "seed 42: {:?}", runs[0]);
}

#[tokio::test]
async fn callbacks_are_dropped_doubled_delayed_and_shuffled() {
    let (world, receiver) = (world().await, receiver(&[EMPTY_TWIML]).await);
    world.open_window().await;
    let callback = receiver.url("/twilio-status");
    let send = async || {
        let form = [("To", CUSTOMER), ("From", SENDER), ("Body", "hallo"), ("StatusCallback", &callback)];
        world.create(&form).await.unwrap();
    };
    let mut told = 0;
    for (fault, statuses) in [
        (json!({ "kind": "drop", "status": "delivered" }), vec!["sent", "read"]),
        (json!({ "kind": "duplicate", "status": "sent" }), vec!["sent", "sent", "delivered", "read"]),
        (json!({ "kind": "delay", "status": "sent", "millis": 100 }), vec!["delivered", "read", "sent"]),
        (json!({ "kind": "shuffle" }), vec!["sent", "read", "delivered"]),
    ] {
        let mut rule = fault.clone();
        rule["on"] = "callback".into();
        world.control("/sim/faults", json!([rule])).await;
        send().await;
        world.wait_for("callbacks_ok", (told + statuses.len()) as u64).await;
        assert_eq!(receiver.statuses()[told..], statuses, "{fault}");
        told += statuses.len();
    }
    let transcript = world.transcript().await;
    assert!(transcript.iter().all(|row| row["status"] == "read"), "{transcript:?}");
}

#[tokio::test]
async fn a_webhook_can_be_lost_while_the_log_keeps_the_message() {
    let (world, receiver) = (world().await, receiver(&[EMPTY_TWIML]).await);
    world.control("/sim/settings", json!({ "webhook_url": receiver.url("/in") })).await;
    world.control("/sim/faults", json!([{ "on": "inbound", "kind": "drop", "count": 1 }])).await;
    for body in ["een", "twee"] {
        world.control("/sim/inbound", json!({ "from": CUSTOMER, "body": body })).await;
    }
    assert_eq!(
        receiver.received().iter().filter_map(|request| request.field("Body")).collect::<Vec<_>>(),
        ["twee"]
    );
    assert_eq!(world.transcript().await.len(), 2);
}

#[tokio::test]
async fn the_ledger_counts_per_customer_and_sees_repeated_texts() {
    let world = world().await;
    world.open_window().await;
    for body in ["hallo", "hallo", "dag"] {
        world.say(body).await;
    }
    world.wait_for("read", 3).await;
    let (_, ledger) = world.get(&format!("{}/sim/ledger", world.base)).await;
    let customer = &ledger["recipients"][CUSTOMER];
    assert_eq!((&customer["accepted"], &customer["repeated_texts"]), (&json!(3), &json!(1)));
    let messages: Vec<&Value> =
        ledger["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "message").collect();
    assert_eq!(messages.iter().map(|event| &event["body"]).collect::<Vec<_>>(), ["hallo", "hallo", "dag"]);
    assert_eq!(messages[1]["repeats_text"], true);
    let reset = async |query: &str| {
        let response = world.http.delete(format!("{}/sim/ledger{query}", world.base)).send().await.unwrap();
        assert_eq!(response.status(), 204);
    };
    reset("?keep_messages=true").await;
    assert_eq!((world.counters().await["accepted"].as_u64(), world.transcript().await.len()), (Some(0), 3));
    reset("").await;
    assert_eq!((world.counters().await["accepted"].as_u64(), world.transcript().await.len()), (Some(0), 0));
}

#[tokio::test]
async fn a_reader_follows_the_ledger_without_missing_or_repeating_an_event() {
    let world = world_with(|config| config.simulator_ledger_bodies = false).await;
    world.open_window().await;
    let mut after = 0;
    let mut statuses = Vec::new();
    world.say("een").await;
    world.say("twee").await;
    while statuses.len() < 6 {
        let url = format!("{}/sim/ledger?after={after}&wait_ms=2000&kind=status,message&limit=2", world.base);
        let (_, page) = world.get(&url).await;
        for event in page["events"].as_array().unwrap() {
            assert!(event["seq"].as_u64().unwrap() > after && event.get("body").is_none());
            statuses
                .extend((event["kind"] == "status").then(|| event["status"].as_str().unwrap().to_owned()));
        }
        assert!(page["recipients"].is_null() && page["lost"] == false);
        after = page["next_after"].as_u64().unwrap();
    }
    statuses.sort_unstable();
    assert_eq!(statuses, ["delivered", "delivered", "read", "read", "sent", "sent"]);
}

#[tokio::test]
async fn events_are_streamed_as_they_happen() {
    let world = world().await;
    world.open_window().await;
    let mut stream = world.http.get(format!("{}/sim/events?kind=message", world.base)).send().await.unwrap();
    world.say("hallo").await;
    let mut seen = String::new();
    while !seen.contains("\n\n") {
        let chunk =
            tokio::time::timeout(Duration::from_secs(5), stream.chunk()).await.unwrap().unwrap().unwrap();
        seen.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(seen.contains("event: message") && seen.contains(r#""body":"hallo""#), "{seen}");
}

#[tokio::test]
async fn a_wrong_script_is_refused_with_a_sentence() {
    let world = world().await;
    let request = world.http.post(format!("{}/sim/faults", world.base));
    let response = request.json(&json!([{ "on": "create", "kind": "shuffle" }])).send().await.unwrap();
    assert_eq!(response.status(), 400);
    let refused: Value = response.json().await.unwrap();
    assert_eq!(refused["error"], "rule 0: kind shuffle cannot strike on create");
}

#[tokio::test]
async fn a_429_names_a_delay_where_the_script_does() {
    let world = world().await;
    let script = json!([{ "on": "create", "kind": "429", "millis": 1500, "count": 1 }, { "on": "create", "kind": "429" }]);
    world.control("/sim/faults", script).await;
    let mut delays = Vec::new();
    for _ in 0..2 {
        let request = world.http.post(world.api("/Messages.json")).form(&[
            ("To", CUSTOMER),
            ("From", SENDER),
            ("Body", "a"),
        ]);
        let request = request.basic_auth(DEMO_ACCOUNT_SID, Some(DEMO_AUTH_TOKEN));
        let response = request.send().await.unwrap();
        delays.push(response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned()));
    }
    assert_eq!(delays, [Some("2".to_owned()), None]);
}

#[tokio::test]
async fn a_stop_ends_the_service_although_somebody_still_listens() {
    let world = world().await;
    let url = format!("{}/sim/events", world.base);
    let mut stream = world.http.get(url).send().await.unwrap();
    let run = world.stop();
    tokio::time::timeout(Duration::from_secs(5), run).await.unwrap().unwrap().unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), async {
        while let Ok(Some(_)) = stream.chunk().await {}
    });
    ended.await.unwrap();
}
