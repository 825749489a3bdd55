//! The REST API is as strict, and as generous, as the real one.

use crate::harness::{CUSTOMER, SENDER, SERVICE, world, world_with};
use serde_json::{Value, json};
use simulator::twilio::account::{DEMO_ACCOUNT_SID, DEMO_AUTH_TOKEN};

const TEMPLATE: &str = "HX00000000000000000000000000000001";

#[tokio::test]
async fn each_wrong_request_is_refused_with_its_own_code() {
    let world = world().await;
    world.control("/sim/people", json!({ "address": "+31699999999", "opted_out": true })).await;
    let (to, from, body) = (("To", CUSTOMER), ("From", SENDER), ("Body", "hallo"));
    let long = "x".repeat(1_601);
    let emoji = "👋".repeat(801);
    let (template, variables) = (("ContentSid", TEMPLATE), |json: &'static str| ("ContentVariables", json));
    let photo = ("MediaUrl", "https://a.example/a.jpg");
    let refused: Vec<(u64, Vec<(&str, &str)>)> = vec![
        (21604, vec![from, body]),
        (21604, vec![("To", ""), from, body]),
        (21603, vec![to, body]),
        (21602, vec![to, from]),
        (21602, vec![to, from, ("Body", "")]),
        (21211, vec![("To", "whatsapp:31612345678"), from, body]),
        (21211, vec![("To", "whatsapp: 31612345678"), from, body]),
        (21211, vec![("To", "whatsapp:+0612345678"), from, body]),
        (21910, vec![("To", "+31612345678"), from, body]),
        (21910, vec![to, ("From", "+14155238886"), body]),
        (63007, vec![to, ("From", "whatsapp:+14155550000"), body]),
        (63031, vec![("To", SENDER), from, body]),
        (21266, vec![("To", "+31612345678"), ("From", "+31612345678"), body]),
        (21606, vec![("To", "+31612345678"), ("From", "+14155238886"), body]),
        (21610, vec![("To", "whatsapp:+31699999999"), from, body]),
        (21617, vec![to, from, ("Body", &long)]),
        (21617, vec![to, from, ("Body", &emoji)]),
        (21620, vec![to, from, ("MediaUrl", "not a url")]),
        (21623, vec![to, from, photo, photo]),
        (21609, vec![to, from, body, ("StatusCallback", "https://my_host.example/status")]),
        (21609, vec![to, from, body, ("StatusCallback", "ftp://host.example/status")]),
        (21609, vec![to, from, body, ("StatusCallback", "/twilio-status")]),
        (21654, vec![to, from, body, variables(r#"{"1":"Ana"}"#)]),
        (21655, vec![to, from, ("ContentSid", "HX1")]),
        (21656, vec![to, from, template, variables("Ana")]),
        (21656, vec![to, from, template, variables(r#"["Ana"]"#)]),
        (21656, vec![to, from, template, variables(r#"{"1":""}"#)]),
        (21656, vec![to, from, template, variables(r#"{"1":null}"#)]),
        (21656, vec![to, from, template, variables("{\"1\":\"a\\nb\"}")]),
        (21705, vec![to, ("MessagingServiceSid", "MG1"), body]),
        (21701, vec![to, ("MessagingServiceSid", "MG99999999999999999999999999999999"), body]),
        (21703, vec![("To", "+31612345678"), ("MessagingServiceSid", SERVICE), body]),
    ];
    for (code, form) in refused {
        let (status, answer) = world.create(&form).await.unwrap();
        assert_eq!((status, answer["code"].as_u64()), (400, Some(code)), "{form:?}");
        assert_eq!(answer["status"], 400);
        assert_eq!(answer["more_info"], format!("https://www.twilio.com/docs/errors/{code}"));
        assert!(answer["message"].is_string());
    }
    assert_eq!(world.counters().await["accepted"], 0);
    for limit in ["x".repeat(1_600), "👋".repeat(800)] {
        assert_eq!(world.create(&[to, from, ("Body", &limit)]).await.unwrap().0, 201);
    }
}

#[tokio::test]
async fn credentials_account_and_form_are_asked_for() {
    let world = world().await;
    let form = [("To", CUSTOMER), ("From", SENDER), ("Body", "hallo")];
    let url = world.api("/Messages.json");
    let code = async |request: reqwest::RequestBuilder| {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.unwrap()["code"].as_u64())
    };
    assert_eq!(code(world.http.post(&url).form(&form)).await, (401, Some(20003)));
    let wrong = world.http.post(&url).basic_auth(DEMO_ACCOUNT_SID, Some("wrong")).form(&form);
    assert_eq!(code(wrong).await, (401, Some(20003)));
    let other = format!("{}/2010-04-01/Accounts/AC99/Messages.json", world.base);
    let other = world.http.post(other).basic_auth(DEMO_ACCOUNT_SID, Some(DEMO_AUTH_TOKEN)).form(&form);
    assert_eq!(code(other).await, (404, Some(20404)));
    let json = world.http.post(&url).basic_auth(DEMO_ACCOUNT_SID, Some(DEMO_AUTH_TOKEN));
    assert_eq!(code(json.json(&json!({ "To": CUSTOMER }))).await, (400, Some(21604)));
    let key = world.http.post(&url).basic_auth("SK1", Some("key secret")).form(&form);
    assert_eq!(code(key).await, (201, None));
    let (status, answer) = world.get(&world.api("/Messages/SM99.json")).await;
    assert_eq!((status, answer["code"].as_u64()), (404, Some(20404)));
}

#[tokio::test]
async fn a_created_message_has_the_shape_of_the_real_one() {
    let world = world_with(|config| config.simulator_status_delay = std::time::Duration::from_mins(1)).await;
    world.clock.set(model::Timestamp::from_seconds(1_692_853_305));
    let (status, message) = world.say("Hallo 👍").await;
    assert_eq!(status, 201);
    let sid = message["sid"].as_str().unwrap();
    assert!(sid.starts_with("SM") && sid.len() == 34, "{sid}");
    let path = format!("/2010-04-01/Accounts/{DEMO_ACCOUNT_SID}/Messages/{sid}");
    let expected = json!({
        "account_sid": DEMO_ACCOUNT_SID,
        "api_version": "2010-04-01",
        "body": "Hallo 👍",
        "date_created": "Thu, 24 Aug 2023 05:01:45 +0000",
        "date_sent": null,
        "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000",
        "direction": "outbound-api",
        "error_code": null,
        "error_message": null,
        "from": SENDER,
        "messaging_service_sid": null,
        "num_media": "0",
        "num_segments": "1",
        "price": null,
        "price_unit": null,
        "sid": sid,
        "status": "queued",
        "subresource_uris": { "media": format!("{path}/Media.json") },
        "to": CUSTOMER,
        "uri": format!("{path}.json"),
    });
    assert_eq!(message, expected);
    assert_eq!(world.get(&world.api(&format!("/Messages/{sid}.json"))).await, (200, expected));
    let form = [("To", CUSTOMER), ("MessagingServiceSid", SERVICE), ("Body", "hallo")];
    let (_, through_service) = world.create(&form).await.unwrap();
    assert_eq!(through_service["status"], "accepted");
    assert_eq!(through_service["from"], Value::Null);
    assert_eq!(through_service["num_segments"], "0");
}

#[tokio::test]
async fn the_list_pages_newest_first_until_there_is_no_next_page() {
    let world = world().await;
    world.control("/sim/inbound", json!({ "from": CUSTOMER, "body": "vraag", "deliver": false })).await;
    for number in 0..7 {
        world.clock.advance(std::time::Duration::from_secs(1));
        world.say(&format!("antwoord {number}")).await;
    }
    let mut url = world.api("/Messages.json?PageSize=3");
    let mut bodies = Vec::new();
    let mut pages = 0;
    loop {
        let (status, page) = world.get(&url).await;
        assert_eq!((status, page["page"].as_u64()), (200, Some(pages)));
        bodies.extend(
            page["messages"].as_array().unwrap().iter().map(|row| row["body"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        // A message that comes in between two pages shifts nothing.
        world.say("ertussen").await;
        let Some(next) = page["next_page_uri"].as_str() else { break };
        url = format!("{}{next}", world.base);
    }
    let mut expected: Vec<String> = (0..7).rev().map(|number| format!("antwoord {number}")).collect();
    expected.push("vraag".to_owned());
    assert_eq!((bodies, pages), (expected, 3));
}

#[tokio::test]
async fn the_list_is_filtered_by_address_and_by_day() {
    let world = world().await;
    let write = |from: &'static str, age: &'static str| {
        world.control("/sim/inbound", json!({ "from": from, "body": age, "deliver": false, "age": age }))
    };
    write(CUSTOMER, "48h").await;
    write(CUSTOMER, "1m").await;
    write("whatsapp:+31600000002", "1m").await;
    let found = async |query: &str| {
        let (status, page) = world.get(&world.api(&format!("/Messages.json?{query}"))).await;
        assert_eq!(status, 200, "{query}: {page}");
        page["messages"].as_array().unwrap().len()
    };
    let from = "From=whatsapp%3A%2B31612345678";
    assert_eq!(found(from).await, 2);
    assert_eq!(found("To=whatsapp%3A%2B14155238886").await, 3);
    let days_ago = |days: u64| {
        let moment = model::Clock::now(&world.clock) - std::time::Duration::from_hours(24 * days);
        moment.to_string()[..10].to_owned()
    };
    assert_eq!(found(&format!("{from}&DateSent%3E={}", days_ago(1))).await, 1);
    assert_eq!(found(&format!("{from}&DateSent%3E={}", days_ago(3))).await, 2);
    assert_eq!(found(&format!("DateSent%3C={}", days_ago(2))).await, 1);
    assert_eq!(found(&format!("DateSent={}", days_ago(2))).await, 1);
    let (status, refused) = world.get(&world.api("/Messages.json?DateSent%3E=yesterday")).await;
    assert_eq!((status, refused["code"].as_u64()), (400, Some(20001)));
}

#[tokio::test]
async fn a_caption_is_dropped_beside_anything_but_an_image() {
    let world = world().await;
    world.open_window().await;
    for (url, seen) in [("https://a.example/a.jpg", "kijk"), ("https://a.example/a.pdf?x=1", "")] {
        let form = [("To", CUSTOMER), ("From", SENDER), ("Body", "kijk"), ("MediaUrl", url)];
        let (status, message) = world.create(&form).await.unwrap();
        assert_eq!(
            (status, message["body"].as_str(), message["num_media"].as_str()),
            (201, Some("kijk"), Some("1"))
        );
        assert!(message["sid"].as_str().unwrap().starts_with("MM"));
        assert_eq!(world.transcript().await.last().unwrap()["body"], seen);
    }
}

#[tokio::test]
async fn a_template_is_filled_in_and_fails_later_when_variables_lack() {
    let world = world().await;
    world
        .control("/sim/templates", json!({ "content_sid": TEMPLATE, "body": "Dag {{1}}, tot {{2}}!" }))
        .await;
    let send = async |variables: &str| {
        let form =
            [("To", CUSTOMER), ("From", SENDER), ("ContentSid", TEMPLATE), ("ContentVariables", variables)];
        world.create(&form).await.unwrap()
    };
    assert_eq!(send(r#"{"1":"Ana","2":"morgen"}"#).await.1["body"], "Dag Ana, tot morgen!");
    world.wait_for("delivered", 1).await;
    assert_eq!(send(r#"{"1":"Ana"}"#).await.0, 201);
    world.wait_for("failed", 1).await;
    assert_eq!(world.transcript().await[1]["error_code"], 63028);
}

#[tokio::test]
async fn too_many_requests_at_once_are_refused_with_429_and_counted_in_a_header() {
    let world = world_with(|config| config.simulator_concurrency_limit = 2).await;
    world.control("/sim/latency", json!({ "create_ms": 300 })).await;
    let (one, two, three) = tokio::join!(world.say("a"), world.say("b"), world.say("c"));
    let mut statuses = [one.0, two.0, three.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 429]);
    let response = world
        .http
        .post(world.api("/Messages.json"))
        .basic_auth(DEMO_ACCOUNT_SID, Some(DEMO_AUTH_TOKEN))
        .form(&[("To", CUSTOMER), ("From", SENDER), ("Body", "d")])
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["twilio-concurrent-requests"], "1");
}

#[tokio::test]
async fn typing_needs_an_inbound_message_and_marks_it_read() {
    let world = world().await;
    let written =
        world.control("/sim/inbound", json!({ "from": CUSTOMER, "body": "hoi", "deliver": false })).await;
    let (_, ours) = world.say("hallo").await;
    let typing = async |sid: &str| {
        let request = world.http.post(format!("{}/v2/Indicators/Typing.json", world.base));
        let request = request.basic_auth(DEMO_ACCOUNT_SID, Some(DEMO_AUTH_TOKEN));
        let response = request.form(&[("channel", "whatsapp"), ("messageId", sid)]).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    assert_eq!(typing(written["message_sid"].as_str().unwrap()).await, (200, json!({ "success": true })));
    assert_eq!(typing(ours["sid"].as_str().unwrap()).await.0, 404);
    assert_eq!(world.counters().await["typing"], 1);
    assert!(world.transcript().await[0]["read_at_us"].is_i64());
}

#[tokio::test]
async fn a_deleted_message_is_gone() {
    let world = world().await;
    let (_, message) = world.say("hallo").await;
    let url = world.api(&format!("/Messages/{}.json", message["sid"].as_str().unwrap()));
    let delete = || world.http.delete(&url).basic_auth(DEMO_ACCOUNT_SID, Some(DEMO_AUTH_TOKEN)).send();
    assert_eq!(delete().await.unwrap().status(), 204);
    assert_eq!(delete().await.unwrap().status(), 404);
    assert_eq!(world.get(&url).await.0, 404);
}
