//! The console in front of made-up conversations, for working on how it looks: `cargo run -p proefrit-console --example desk`.
//! Arguments: the address to listen on, `away` to have delivery-status not answer, `live` to have the talk go on.

use std::time::Duration;

use console::{Config, Deps};
use lifecycle::Stop;
use mesh::{Mesh, Peers};
use model::{Clock, SystemClock};
use proto::{common::v1::Source, delivery::v1::Delivery, orchestrator::v1 as o};
use tracing::Instrument;

#[path = "../tests/support/mod.rs"]
mod support;
use support::FakeServices;

/// Who wrote, what, and what became of it.
const TALK: [(o::Direction, &str, &str); 9] = [
    (
        o::Direction::Inbound,
        "Hoi, is die blauwe Golf automaat er nog? En wat is de laagste prijs 😊",
        "price question",
    ),
    (
        o::Direction::Outbound,
        "Goedemorgen Sanne! U spreekt met de digitale assistent van Seldenrijk Auto; typ \"medewerker\" voor een mens.\n\nJa, de Volkswagen Golf 1.5 eTSI automaat uit 2022 staat er nog: € 24.950, 38.120 km.",
        "read",
    ),
    (o::Direction::Inbound, "Mooi. Kan ik zaterdagochtend een proefrit maken?", "test drive request"),
    (
        o::Direction::Outbound,
        "Dat kan. Zaterdag is er plek om:\n1. 09:00\n2. 10:00\n3. 11:00\n\nWelke tijd past u?",
        "read",
    ),
    (o::Direction::Inbound, "2 graag", "booking choice"),
    (
        o::Direction::Outbound,
        "Geboekt: zaterdag om 10:00, proefrit in de Volkswagen Golf, Hoofdstraat 1 in Harderwijk. Tot dan!",
        "delivered",
    ),
    (o::Direction::Outbound, "Neemt u uw rijbewijs mee?", "sent"),
    (o::Direction::Outbound, "Een herinnering volgt een dag van tevoren.", "queued"),
    (o::Direction::Outbound, "Herinnering: uw proefrit is morgen om 10:00.", "undelivered"),
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let telemetry = telemetry::for_tests();
    let traces = telemetry.trace_table();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let listen = arguments.first().map_or("127.0.0.1:8081", String::as_str).parse()?;
    let (services, mesh, stop) = (FakeServices::new(), Mesh::in_process(&Peers::default()), Stop::new());
    services.serve(&mesh, &stop).await;
    fill(&services, &make_a_trace().await);
    services.away(false, arguments.iter().any(|argument| argument == "away"));
    let config = Config {
        console_listen: listen,
        console_password: None,
        console_trace_url_template: None,
        console_timezone: None,
    };
    let deps = Deps { mesh, clock: SystemClock::shared(), traces: Some(traces.clone()) };
    let service = console::build(config, deps).await?;
    if arguments.iter().any(|argument| argument == "live") {
        tokio::spawn(go_on(services));
    }
    println!("http://{}/conversations/c1", service.addr());
    println!("http://{}/traces/{}", service.addr(), traces.recent(1).first().cloned().unwrap_or_default());
    service.run(stop).await
}

fn fill(services: &FakeServices, trace_id: &str) {
    let now = SystemClock.now();
    let contacts = [
        (
            "c1",
            "Sanne de Vries",
            "+31612345678",
            "Herinnering: uw proefrit is morgen om 10:00.",
            105,
            "HOT",
            0,
        ),
        ("c2", "Bakker & Zn.", "+31687654321", "Wat kost inruil van mijn Polo?", 62, "WARM", 14),
        ("c3", "", "NL.13491208655302741918", "[Media message - no text]", 10, "COLD", 180),
        (
            "c4",
            "Élodie van den Heuvel-Oosterhuis Montgomery",
            "+31611112222",
            "ok top bedankt!",
            45,
            "WARM",
            1_500,
        ),
        ("c5", "Karim", "+31633334444", "STOP", 0, "COLD", 5_800),
    ];
    for (id, name, address, preview, lead_score, lead_status, minutes_ago) in contacts {
        let owner = if id == "c2" { o::Owner::Human } else { o::Owner::Agents };
        services.converse(o::Conversation {
            conversation_id: id.to_owned(),
            contact_name: name.to_owned(),
            contact_address: address.to_owned(),
            source: Source::Twilio.into(),
            owner: owner.into(),
            last_message_preview: preview.to_owned(),
            last_message_at: Some(mesh::convert::to_proto_timestamp(now - Duration::from_mins(minutes_ago))),
            lead_score,
            lead_status: lead_status.to_owned(),
            opted_out: id == "c5",
            ..Default::default()
        });
    }
    services.ask(o::Task {
        task_id: "t1".to_owned(),
        conversation_id: "c1".to_owned(),
        contact: "Sanne de Vries".to_owned(),
        kind: "trade_in".to_owned(),
        details: "Opel Corsa, 2015, 98.000 km".to_owned(),
        due_at: Some(mesh::convert::to_proto_timestamp(now + Duration::from_mins(90))),
        ..Default::default()
    });
    for (at, (direction, body, word)) in TALK.into_iter().enumerate() {
        let minutes = [1_505, 1_504, 1_502, 1_501, 12, 11, 10, 4, 1][at];
        let inbound = direction == o::Direction::Inbound;
        services.say(o::Message {
            message_id: format!("m{at}"),
            conversation_id: "c1".to_owned(),
            direction: direction.into(),
            body: body.to_owned(),
            created_at: Some(mesh::convert::to_proto_timestamp(now - Duration::from_mins(minutes))),
            intent: if inbound { word.to_owned() } else { String::new() },
            author: if inbound { String::new() } else { "agents".to_owned() },
            trace_id: trace_id.to_owned(),
            ..Default::default()
        });
        if !inbound {
            let failed = word == "undelivered";
            services.deliver(Delivery {
                message_id: format!("m{at}"),
                status: word.to_owned(),
                error_code: if failed { 63016 } else { 0 },
                error_explanation: if failed { twilio_words().to_owned() } else { String::new() },
                updated_at: Some(mesh::convert::to_proto_timestamp(now)),
                ..Default::default()
            });
        }
    }
}

/// Says something now and then, and lets it arrive.
async fn go_on(services: FakeServices) {
    for number in 1.. {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let message_id = format!("live{number}");
        services.say(o::Message {
            message_id: message_id.clone(),
            conversation_id: "c1".to_owned(),
            direction: o::Direction::Outbound.into(),
            body: format!("Bericht {number}"),
            created_at: Some(mesh::convert::to_proto_timestamp(SystemClock.now())),
            author: "agents".to_owned(),
            ..Default::default()
        });
        for status in ["sent", "delivered", "read"] {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let (message_id, status) = (message_id.clone(), status.to_owned());
            services.deliver(Delivery { message_id, status, ..Default::default() });
        }
    }
}

fn twilio_words() -> &'static str {
    "The 24-hour window is closed; only an approved template may go out."
}

/// A trace as a message makes one, in real time.
async fn make_a_trace() -> String {
    async fn work(millis: u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
    let root = tracing::info_span!(target: "console", "POST /webhooks/twilio/whatsapp", proefrit.service = "ingress", http.status = 200);
    let context = telemetry::TraceContext::of(&root);
    async {
        work(2).await;
        async { work(4).await }
            .instrument(tracing::info_span!(target: "console", "proefrit.dedup.v1.DedupService/Claim", proefrit.service = "dedup-lock"))
            .await;
        async {
            work(9).await;
            async { work(24).await }
                .instrument(tracing::info_span!(target: "console", "agent.extraction", proefrit.service = "agent-orchestrator"))
                .await;
            async {
                work(6).await;
                async { work(31).await }
                    .instrument(tracing::info_span!(target: "console", "BookAppointment", proefrit.service = "calendar"))
                    .await;
            }
            .instrument(tracing::info_span!(target: "console", "agent.booking", proefrit.service = "agent-orchestrator"))
            .await;
            async { work(12).await }
                .instrument(tracing::info_span!(target: "console", "RecordInteraction", proefrit.service = "crm"))
                .await;
            async {
                let span = tracing::info_span!(
                    target: "console",
                    "POST api.twilio.com",
                    proefrit.service = "channel-sender",
                    otel.status_code = "ERROR",
                    otel.status_description = "429 Too Many Requests",
                    http.status = 429,
                );
                async { work(40).await }.instrument(span).await;
                async { work(85).await }
                    .instrument(tracing::info_span!(target: "console", "POST api.twilio.com", proefrit.service = "channel-sender"))
                    .await;
            }
            .instrument(tracing::info_span!(target: "console", "outgoing SendMessage", proefrit.service = "channel-sender"))
            .await;
        }
        .instrument(tracing::info_span!(target: "console", "inbox Turn", proefrit.service = "agent-orchestrator", turn = 1))
        .await;
        async { work(3).await }
            .instrument(tracing::info_span!(target: "console", "RecordStatus", proefrit.service = "delivery-status"))
            .await;
    }
    .instrument(root)
    .await;
    work(1_500).await;
    let read = tracing::info_span!(target: "console", "POST /twilio-status", proefrit.service = "ingress");
    if let Some(context) = &context {
        context.continue_in(&read);
    }
    async {
        work(2).await;
        async { work(5).await }
            .instrument(
                tracing::info_span!(target: "console", "RecordStatus", proefrit.service = "delivery-status"),
            )
            .await;
    }
    .instrument(read)
    .await;
    context.map(|context| context.trace_id().to_owned()).unwrap_or_default()
}
