//! The page over HTTP, in front of services that can be told to be away.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

use std::time::Duration;

use console::{Config, Deps};
use lifecycle::Stop;
use mesh::{Mesh, Peers};
use model::TestClock;
use proto::{delivery::v1::Delivery, orchestrator::v1 as o};

mod support;
use support::FakeServices;

/// Text that would do harm where it is not escaped.
const HOSTILE: &str = r#"</p><script>alert(1)</script><img src=x onerror="alert(2)">'"&"#;

struct World {
    services: FakeServices,
    base: String,
    http: reqwest::Client,
    stop: Stop,
}

impl World {
    async fn new() -> Self {
        Self::with_password(None).await
    }

    async fn with_password(password: Option<&str>) -> Self {
        let (services, mesh, stop) = (FakeServices::new(), Mesh::in_process(&Peers::default()), Stop::new());
        services.serve(&mesh, &stop).await;
        let config = Config {
            console_listen: "127.0.0.1:0".parse().unwrap(),
            console_password: password.map(Into::into),
            console_trace_url_template: Some("https://traces.example/{trace_id}".to_owned()),
            console_timezone: None,
        };
        let clock = TestClock::at("2026-03-02T10:00:00Z").shared();
        let service = console::build(config, Deps { mesh, clock, traces: None }).await.unwrap();
        let base = format!("http://{}", service.addr());
        let running = stop.clone();
        tokio::spawn(async move { service.run(running).await.unwrap() });
        Self { services, base, http: reqwest::Client::new(), stop }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let response = self.http.get(format!("{}{path}", self.base)).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.request();
    }
}

fn conversation(id: &str, name: &str) -> o::Conversation {
    o::Conversation {
        conversation_id: id.to_owned(),
        contact_address: "+31612345678".to_owned(),
        contact_name: name.to_owned(),
        last_message_preview: "tot zaterdag".to_owned(),
        lead_score: 85,
        lead_status: "HOT".to_owned(),
        ..Default::default()
    }
}

fn message(id: &str, direction: o::Direction, body: &str) -> o::Message {
    o::Message {
        message_id: id.to_owned(),
        conversation_id: "c1".to_owned(),
        direction: direction.into(),
        body: body.to_owned(),
        state: "committed".to_owned(),
        trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        ..Default::default()
    }
}

fn delivery(id: &str, status: &str) -> Delivery {
    Delivery { message_id: id.to_owned(), status: status.to_owned(), ..Default::default() }
}

#[tokio::test]
async fn an_empty_desk_says_what_will_come() {
    let world = World::new().await;
    let (status, page) = world.get("/").await;
    assert_eq!(status, 200);
    assert!(page.contains("No conversations yet"), "{page}");
}

#[tokio::test]
async fn a_conversation_shows_its_messages_with_their_ticks_and_traces() {
    let world = World::new().await;
    world.services.converse(conversation("c1", "Sanne"));
    world.services.say(message("m0", o::Direction::Inbound, "Is de Golf er nog?"));
    let ticks = [
        ("m1", "queued", "⏱"),
        ("m2", "sent", "✓"),
        ("m3", "delivered", "✓✓"),
        ("m4", "read", "✓✓"),
        ("m5", "failed", "!"),
    ];
    for (id, status, _) in ticks {
        world.services.say(message(id, o::Direction::Outbound, "Ja!"));
        world
            .services
            .deliver(Delivery { error_explanation: "It is gone.".to_owned(), ..delivery(id, status) });
    }
    let (status, page) = world.get("/conversations/c1").await;
    assert_eq!(status, 200);
    for wanted in [
        "Sanne",
        "+31612345678",
        "hot",
        "85",
        "Is de Golf er nog?",
        "https://traces.example/0af7651916cd43dd8448eb211c80319c",
    ] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    for (id, status, text) in ticks {
        let start = page.find(&format!("data-progress=\"{id}\"")).unwrap();
        let tick = &page[start..page[start..].find("</li>").unwrap() + start];
        assert!(
            tick.contains(&format!("tick {status}")) && tick.contains(&format!("{text} {status}")),
            "{tick}"
        );
        assert_eq!(tick.contains("It is gone."), status == "failed");
    }
}

#[tokio::test]
async fn hostile_names_and_bodies_stay_text() {
    let world = World::new().await;
    let hostile = o::Conversation {
        last_message_preview: HOSTILE.to_owned(),
        contact_address: HOSTILE.to_owned(),
        lead_status: HOSTILE.to_owned(),
        ..conversation("c1", HOSTILE)
    };
    world.services.converse(hostile);
    world.services.say(o::Message {
        author: HOSTILE.to_owned(),
        state: HOSTILE.to_owned(),
        trace_id: HOSTILE.to_owned(),
        media: vec![o::Media { url: HOSTILE.to_owned(), content_type: HOSTILE.to_owned() }],
        ..message(HOSTILE, o::Direction::Outbound, HOSTILE)
    });
    world.services.deliver(Delivery { error_message: HOSTILE.to_owned(), ..delivery(HOSTILE, "failed") });
    let (_, page) = world.get("/conversations/c1").await;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("<script>") && !page.contains("<img"), "{page}");
    assert!(!page.contains(r#"onerror=""#), "{page}");
}

#[tokio::test]
async fn with_a_service_away_the_page_shows_the_rest_and_says_so() {
    let world = World::new().await;
    world.services.converse(conversation("c1", "Sanne"));
    let sent = o::Message { state: "sent".to_owned(), ..message("m1", o::Direction::Outbound, "Ja!") };
    world.services.say(sent);
    world.services.away(false, true);
    let (status, page) = world.get("/conversations/c1").await;
    assert_eq!(status, 200);
    assert!(page.contains("delivery-status does not answer") && page.contains("Sanne"), "{page}");
    assert!(page.contains("tick sent"), "the orchestrator's own word for it: {page}");
    world.services.away(true, true);
    let (status, page) = world.get("/conversations/c1").await;
    assert_eq!(status, 200);
    assert!(page.contains("agent-orchestrator does not answer"), "{page}");
    assert!(!page.contains("No conversations yet"), "an unknown list is not an empty one: {page}");
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let world = World::new().await;
    for path in [
        "/conversations/c9",
        "/conversations/%3Cscript%3E",
        "/traces/xyz",
        "/nothing",
        "/assets/../Cargo.toml",
    ] {
        let (status, page) = world.get(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(!page.contains("<script>"));
    }
}

#[tokio::test]
async fn every_answer_is_strict_with_the_browser() {
    let world = World::with_password(Some("geheim")).await;
    for path in ["/", "/nothing", "/assets/console.css"] {
        let response = world.http.get(format!("{}{path}", world.base)).send().await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
    }
}

#[tokio::test]
async fn with_a_password_nothing_is_shown_without_it() {
    let world = World::with_password(Some("geheim")).await;
    world.services.converse(conversation("c1", "Sanne"));
    for path in ["/", "/conversations/c1", "/events", "/traces/0af7651916cd43dd8448eb211c80319c"] {
        let (status, page) = world.get(path).await;
        assert_eq!(status, 401, "{path}");
        assert!(!page.contains("Sanne"));
    }
    let with = |password: &str| {
        let request = world.http.get(format!("{}/conversations/c1", world.base));
        request.basic_auth("operator", Some(password)).send()
    };
    assert_eq!(with("wrong").await.unwrap().status(), 401);
    let shown = with("geheim").await.unwrap();
    assert_eq!(shown.status(), 200);
    assert!(shown.text().await.unwrap().contains("Sanne"));
}

#[tokio::test]
async fn a_name_that_is_not_this_machines_is_turned_away() {
    let world = World::new().await;
    let request = world.http.get(&world.base).header("host", "rebound.example");
    assert_eq!(request.send().await.unwrap().status(), 421);
}

#[tokio::test]
async fn changes_reach_an_open_page_as_escaped_fragments() {
    let world = World::new().await;
    world.services.converse(conversation("c1", "Sanne"));
    let url = format!("{}/events?conversation=c1", world.base);
    let mut events = world.http.get(url).send().await.unwrap();
    let mut heard = String::new();
    let mut until = async |wanted: &str, events: &mut reqwest::Response| {
        while !heard.contains(wanted) {
            let chunk = tokio::time::timeout(Duration::from_secs(5), events.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("{wanted} was not heard: {heard}")).unwrap().unwrap();
            heard.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        std::mem::take(&mut heard)
    };
    until("event: ready", &mut events).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.services.say(message("m1", o::Direction::Outbound, &format!("line one\r\n{HOSTILE}")));
    let told = until("event: conversation", &mut events).await;
    assert!(told.contains("event: message") && told.contains("&lt;script&gt;"), "{told}");
    assert!(!told.contains("<script>"));
    world.services.deliver(delivery("m1", "read"));
    let told = until("event: delivery", &mut events).await;
    assert!(told.contains("tick read"), "{told}");
}

#[tokio::test]
async fn an_open_page_does_not_keep_the_console_from_stopping() {
    let world = World::new().await;
    let mut events = world.http.get(format!("{}/events", world.base)).send().await.unwrap();
    world.stop.request();
    let ended = async { while let Ok(Some(_)) = events.chunk().await {} };
    tokio::time::timeout(Duration::from_secs(5), ended).await.unwrap();
}

#[tokio::test]
async fn tasks_are_shown_with_their_conversation_and_are_closed_from_our_own_page_alone() {
    let world = World::new().await;
    world.services.converse(conversation("c1", "Sanne"));
    world.services.ask(o::Task {
        task_id: "t1".to_owned(),
        conversation_id: "c1".to_owned(),
        contact: "Sanne".to_owned(),
        kind: "trade_in".to_owned(),
        details: HOSTILE.to_owned(),
        ..o::Task::default()
    });
    for path in ["/tasks", "/conversations/c1"] {
        let (status, page) = world.get(path).await;
        assert_eq!(status, 200);
        assert!(page.contains("trade in") && page.contains("/tasks/t1/done"), "{path}");
        assert!(!page.contains("<script>alert"), "{path}");
    }
    let no_redirect = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let press = async |path: &str, origin: &str| {
        let request = no_redirect.post(format!("{}{path}", world.base)).header("origin", origin);
        let answer = request.send().await.unwrap();
        let back = answer.headers().get("location").map(|back| back.to_str().unwrap().to_owned());
        (answer.status().as_u16(), back)
    };
    let done = "/tasks/t1/done?conversation=c1";
    assert_eq!(press(done, "https://evil.example").await, (403, None));
    assert!(world.get("/tasks").await.1.contains("trade in"));
    world.services.away(true, false);
    assert_eq!(press(done, &world.base).await.0, 503);
    assert!(world.get("/tasks").await.1.contains("Tasks cannot be shown now"));
    world.services.away(false, false);
    assert_eq!(press(done, &world.base).await, (303, Some("/conversations/c1".to_owned())));
    assert!(world.get("/tasks").await.1.contains("Nothing is open"));
    assert_eq!(press(done, &world.base).await.0, 404);
}
