//! What recording counts; alone in its process, for the counters are shared.

use crm::{Config, Deps};
use dealer::DealerConfig;
use lifecycle::Stop;
use mesh::{Mesh, Peers, ServiceName};
use model::{Ids, TestClock};
use proto::crm::v1::crm_service_client::CrmServiceClient;
use proto::crm::v1::{RecordInteractionRequest, Signals};
use store::StoreConfig;

fn counter(name: &str) -> u64 {
    let page = telemetry::render_metrics();
    let line = page.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

fn statements() -> u64 {
    counter("store_statements_total{service=\"crm\"}")
}

#[tokio::test]
async fn recording_takes_at_most_four_statements_and_counts_a_lead_in_each_status_it_reaches() {
    let _telemetry = telemetry::for_tests();
    let folder = tempfile::tempdir().unwrap();
    let clock = TestClock::default();
    let mesh = Mesh::in_process(&Peers::default());
    let deps = Deps {
        mesh: mesh.clone(),
        store: StoreConfig::sqlite(folder.path()),
        dealer: DealerConfig::default(),
        clock: clock.shared(),
        ids: Ids::seeded(1),
    };
    let config = Config { crm_listen: "127.0.0.1:0".parse().unwrap() };
    let service = crm::build(config, deps).await.unwrap();
    let stop = Stop::new();
    let running = tokio::spawn(service.run(stop.clone()));
    let mut client = CrmServiceClient::new(mesh.wire(ServiceName::AgentOrchestrator, ServiceName::Crm));

    let car = Signals { car: true, ..Default::default() };
    for (what, key, signals, expected) in [
        ("a new contact", "1", car, 3),
        ("a known contact that tells nothing new", "2", car, 3),
        ("a known contact with a new signal", "3", Signals { budget: true, ..car }, 4),
        ("a repeat", "3", car, 1),
    ] {
        let before = statements();
        let request = RecordInteractionRequest {
            idempotency_key: key.into(),
            phone: "+31612345678".into(),
            signals: Some(signals),
            ..Default::default()
        };
        client.record_interaction(request).await.unwrap();
        assert_eq!(statements() - before, expected, "{what}");
    }
    let leads = |status: &str| counter(&format!("leads_total{{status=\"{status}\"}}"));
    assert_eq!((leads("cold"), leads("warm"), leads("hot")), (1, 1, 0));
    stop.request();
    running.await.unwrap().unwrap();
}
