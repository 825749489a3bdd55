//! Statuses are told by signed callbacks, and customers write by signed webhooks.

use crate::harness::{CUSTOMER, EMPTY_TWIML, SENDER, receiver, world};
use serde_json::json;
use simulator::twilio::account::{DEMO_ACCOUNT_SID, DEMO_AUTH_TOKEN};

#[tokio::test]
async fn a_message_is_sent_delivered_and_read_and_each_is_told_under_signature() {
    let (world, receiver) = (world().await, receiver(&[EMPTY_TWIML]).await);
    world.open_window().await;
    let callback =
        receiver.url("/twilio-status?m=0190&a=1&t=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let form = [("To", CUSTOMER), ("From", SENDER), ("Body", "hallo"), ("StatusCallback", &callback)];
    let (_, message) = world.create(&form).await.unwrap();
    world.wait_for("callbacks_ok", 3).await;
    assert_eq!(receiver.statuses(), ["sent", "delivered", "read"]);
    assert!(receiver.all_verify());
    let read = &receiver.received()[2];
    assert_eq!(receiver.url(&read.path), callback);
    assert_eq!(read.field("MessageSid"), message["sid"].as_str());
    assert_eq!((read.field("EventType"), read.field("ErrorCode")), (Some("READ"), None));
    assert_eq!(read.field("ChannelToAddress"), Some("+3161234XXXX"));
    let (_, now) =
        world.get(&world.api(&format!("/Messages/{}.json", message["sid"].as_str().unwrap()))).await;
    assert_eq!((now["status"].as_str(), now["price"].as_str()), (Some("read"), Some("-0.00500")));
    assert!(now["date_sent"].is_string());
}

#[tokio::test]
async fn free_form_outside_the_window_is_accepted_and_then_undelivered() {
    let (world, receiver) = (world().await, receiver(&[EMPTY_TWIML]).await);
    world.control("/sim/people", json!({ "address": CUSTOMER, "last_inbound_age": "25h" })).await;
    let callback = receiver.url("/twilio-status");
    let form = [("To", CUSTOMER), ("From", SENDER), ("Body", "hallo"), ("StatusCallback", &callback)];
    assert_eq!(world.create(&form).await.unwrap().0, 201);
    world.wait_for("callbacks_ok", 1).await;
    let told = &receiver.received()[0];
    assert_eq!(told.field("MessageStatus"), Some("undelivered"));
    assert_eq!(
        (told.field("ErrorCode"), told.field("ChannelStatusMessage")),
        (Some("63016"), Some("131047"))
    );
    let template = [("To", CUSTOMER), ("From", SENDER), ("ContentSid", "HX00000000000000000000000000000001")];
    world.create(&template).await.unwrap();
    world.wait_for("read", 1).await;
    world.control("/sim/settings", json!({ "service_window": "open" })).await;
    world.say("toch").await;
    world.wait_for("read", 2).await;
}

#[tokio::test]
async fn a_person_can_be_out_of_reach_or_have_read_receipts_off() {
    let world = world().await;
    world.open_window().await;
    world.control("/sim/people", json!({ "address": CUSTOMER, "read_receipts": false })).await;
    world.say("een").await;
    world.wait_for("delivered", 1).await;
    world.control("/sim/people", json!({ "address": "+31612345678", "fails_with": 63024 })).await;
    world.say("twee").await;
    world.wait_for("failed", 1).await;
    let transcript = world.transcript().await;
    assert_eq!(
        (&transcript[0]["status"], &transcript[1]["error_code"]),
        (&json!("delivered"), &json!(63024))
    );
}

#[tokio::test]
async fn a_customer_writes_and_the_webhook_carries_every_field_under_signature() {
    let (world, receiver) = (world().await, receiver(&[EMPTY_TWIML]).await);
    world
        .control(
            "/sim/settings",
            json!({ "webhook_url": receiver.url("/webhooks/twilio/whatsapp?tenant=42#rc=2") }),
        )
        .await;
    let outcome = world
        .control(
            "/sim/inbound",
            json!({ "from": "+31612345678", "body": "Hoi & 100% +1 ", "profile_name": "Zoë 👋",
                    "fields": { "ButtonPayload": "slot-1" } }),
        )
        .await;
    assert_eq!((&outcome["http_status"], &outcome["twiml"]), (&json!(200), &json!("<Response/>")));
    assert!(receiver.all_verify());
    let request = &receiver.received()[0];
    assert_eq!(request.path, "/webhooks/twilio/whatsapp?tenant=42");
    for (name, value) in [
        ("MessageSid", outcome["message_sid"].as_str().unwrap()),
        ("AccountSid", DEMO_ACCOUNT_SID),
        ("From", CUSTOMER),
        ("To", SENDER),
        ("Body", "Hoi & 100% +1 "),
        ("ProfileName", "Zoë 👋"),
        ("WaId", "31612345678"),
        ("NumMedia", "0"),
        ("MessageType", "text"),
        ("SmsStatus", "received"),
        ("ButtonPayload", "slot-1"),
    ] {
        assert_eq!(request.field(name), Some(value), "{name}");
    }
    assert!(request.headers.contains_key("i-twilio-idempotency-token"));
}

#[tokio::test]
async fn a_hidden_number_writes_under_a_business_scoped_id_and_can_be_answered() {
    let (world, receiver) = (world().await, receiver(&[EMPTY_TWIML]).await);
    world.control("/sim/settings", json!({ "webhook_url": receiver.url("/in") })).await;
    world.control("/sim/inbound", json!({ "from": "NL.13491208655302741918", "body": "hoi" })).await;
    let request = &receiver.received()[0];
    let address = "whatsapp:NL.13491208655302741918";
    assert_eq!((request.field("From"), request.field("ExternalUserId")), (Some(address), Some(address)));
    assert_eq!(request.field("WaId"), None);
    world.create(&[("To", address), ("From", SENDER), ("Body", "dag")]).await.unwrap();
    world.wait_for("read", 1).await;
}

#[tokio::test]
async fn media_are_served_and_when_guarded_only_after_a_login_and_a_redirect() {
    let (world, receiver) = (world().await, receiver(&[EMPTY_TWIML]).await);
    world.control("/sim/settings", json!({ "webhook_url": receiver.url("/in") })).await;
    let media =
        json!([{ "content_type": "image/png" }, { "content_type": "text/vcard", "base64": "aGFsbG8=" }]);
    world.control("/sim/inbound", json!({ "from": CUSTOMER, "media": media })).await;
    let request = &receiver.received()[0];
    assert_eq!((request.field("NumMedia"), request.field("MessageType")), (Some("2"), Some("image")));
    assert!(request.field("MessageSid").unwrap().starts_with("MM"));
    assert_eq!(request.field("MediaContentType1"), Some("text/vcard"));
    let url = request.field("MediaUrl1").unwrap();
    assert_eq!(world.http.get(url).send().await.unwrap().text().await.unwrap(), "hallo");
    world.control("/sim/settings", json!({ "media_auth": true })).await;
    assert_eq!(world.http.get(url).send().await.unwrap().status(), 401);
    let login = world.http.get(url).basic_auth(DEMO_ACCOUNT_SID, Some(DEMO_AUTH_TOKEN));
    let response = login.send().await.unwrap();
    assert!(response.url().path().starts_with("/sim/media/ME"));
    assert_eq!(response.text().await.unwrap(), "hallo");
}

#[tokio::test]
async fn a_twiml_answer_reaches_the_customer_and_so_does_a_plain_ok() {
    let twiml = "<Response><Message><Body>Tot &lt;morgen&gt;</Body></Message></Response>";
    let answers =
        [(200, "text/xml; charset=utf-8", twiml), (200, "text/plain", "OK"), (200, "application/json", "{}")];
    let (world, receiver) = (world().await, receiver(&answers).await);
    world.control("/sim/settings", json!({ "webhook_url": receiver.url("/in") })).await;
    let write = || world.control("/sim/inbound", json!({ "from": CUSTOMER, "body": "hoi" }));
    let first = write().await;
    assert_eq!(first["replies"].as_array().unwrap().len(), 1);
    write().await;
    let third = write().await;
    assert!(third["error"].as_str().unwrap().starts_with("12300"));
    let transcript = world.transcript().await;
    let replies: Vec<_> = transcript
        .iter()
        .filter(|row| row["direction"] == "outbound-reply")
        .map(|row| &row["body"])
        .collect();
    assert_eq!(replies, ["Tot <morgen>", "OK"]);
}

#[tokio::test]
async fn an_error_is_retried_only_when_the_url_says_so() {
    let (world, receiver) = (world().await, receiver(&[(503, "text/plain", "later"), EMPTY_TWIML]).await);
    let plain = json!({ "from": CUSTOMER, "body": "hoi", "webhook_url": receiver.url("/in") });
    let refused = world.control("/sim/inbound", plain).await;
    assert_eq!((&refused["http_status"], &refused["attempts"]), (&json!(503), &json!(1)));
    let receiver = crate::harness::receiver(&[(503, "text/plain", "later"), EMPTY_TWIML]).await;
    let url = receiver.url("/in#rc=3&rp=5xx,ct,rt");
    let kept =
        world.control("/sim/inbound", json!({ "from": CUSTOMER, "body": "hoi", "webhook_url": url })).await;
    assert_eq!((&kept["http_status"], &kept["attempts"]), (&json!(200), &json!(2)));
    let tokens: Vec<_> = receiver
        .received()
        .iter()
        .map(|request| request.headers["i-twilio-idempotency-token"].clone())
        .collect();
    assert_eq!(tokens[0], tokens[1]);
    let nobody = json!({ "from": CUSTOMER, "body": "hoi", "webhook_url": "http://127.0.0.1:1/in" });
    let unheard = world.control("/sim/inbound", nobody).await;
    assert_eq!((&unheard["attempts"], &unheard["error"]), (&json!(2), &json!("could not connect")));
}

#[tokio::test]
async fn the_same_message_can_come_many_times_and_is_one_message_in_the_log() {
    let (world, receiver) = (world().await, receiver(&[EMPTY_TWIML]).await);
    world.control("/sim/settings", json!({ "webhook_url": receiver.url("/in") })).await;
    let sid = "SM00000000000000000000000000000007";
    let written = json!({ "from": CUSTOMER, "body": "hoi", "message_sid": sid, "copies": 100 });
    let outcome = world.control("/sim/inbound", written.clone()).await;
    assert_eq!(outcome["deliveries"].as_array().unwrap().len(), 100);
    assert_eq!(world.control("/sim/inbound", written).await["is_new"], false);
    assert_eq!((receiver.received().len(), world.transcript().await.len()), (200, 1));
    let bad = json!({ "from": CUSTOMER, "body": "hoi", "signing": "wrong" });
    world.control("/sim/inbound", bad).await;
    assert!(!receiver.all_verify());
}

#[tokio::test]
async fn a_lone_stop_opts_out_at_twilio_where_advanced_opt_out_is_on() {
    let (world, receiver) = (world().await, receiver(&[EMPTY_TWIML]).await);
    let webhook_url = receiver.url("/in");
    world.control("/sim/settings", json!({ "webhook_url": webhook_url, "advanced_opt_out": true })).await;
    let write = |body: &'static str| world.control("/sim/inbound", json!({ "from": CUSTOMER, "body": body }));
    write("stop please").await;
    assert_eq!(world.say("a").await.0, 201);
    write("Stop").await;
    assert_eq!(receiver.received()[1].field("OptOutType"), Some("STOP"));
    assert_eq!(world.say("b").await.1["code"], 21610);
    write("START").await;
    assert_eq!(world.say("c").await.0, 201);
}
