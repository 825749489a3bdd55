//! The CRM as its callers meet it, on either engine.

use crm::{Config, Deps};
use dealer::{BUILTIN, BUILTIN_INVENTORY, DealerConfig};
use lifecycle::Stop;
use mesh::{Mesh, Peers, ServiceName, Wire};
use model::{Ids, TestClock};
use proto::crm::v1::crm_service_client::CrmServiceClient;
use proto::crm::v1::{
    Contact, GetContactRequest, RecordInteractionRequest, RecordInteractionResponse, Signals,
};
use proto::privacy::v1::privacy_service_client::PrivacyServiceClient;
use store::StoreConfig;
use testkit::servers::Database;
use tonic::Status;

/// The contact most tests are about.
pub const JAN: &str = "+31612345678";

/// A running CRM with a clock of its own.
pub struct World {
    pub clock: TestClock,
    pub client: CrmServiceClient<Wire>,
    pub privacy: PrivacyServiceClient<Wire>,
}

/// Runs a test against SQLite, and against PostgreSQL where there is one.
pub async fn on_both_engines(test: impl AsyncFn(&mut World)) {
    with_scoring("", test).await;
}

/// The same with scoring of the test's own: lines of `[scoring]`.
pub async fn with_scoring(scoring: &str, test: impl AsyncFn(&mut World)) {
    run(None, scoring, &test).await;
    if let Some(database) = testkit::servers::postgres().await {
        run(Some(&database), scoring, &test).await;
    }
}

async fn run(database: Option<&Database>, scoring: &str, test: &impl AsyncFn(&mut World)) {
    println!("engine: {}", if database.is_some() { "postgres" } else { "sqlite" });
    let folder = tempfile::tempdir().unwrap();
    let dealer_file = folder.path().join("dealer.toml");
    let (before, points) = BUILTIN.split_once("[scoring]").expect("it has a scoring");
    let after = points.find("\n[").map_or("", |end| &points[end..]);
    std::fs::write(&dealer_file, format!("{before}[scoring]\n{scoring}{after}")).unwrap();
    std::fs::write(folder.path().join("inventory.csv"), BUILTIN_INVENTORY).unwrap();
    let clock = TestClock::default();
    let mesh = Mesh::in_process(&Peers::default());
    let deps = Deps {
        mesh: mesh.clone(),
        store: match database {
            Some(database) => StoreConfig::postgres(database.url()),
            None => StoreConfig::sqlite(folder.path()),
        },
        dealer: DealerConfig { dealer_config: Some(dealer_file) },
        clock: clock.shared(),
        ids: Ids::random(clock.shared()),
    };
    let config = Config { crm_listen: "127.0.0.1:0".parse().unwrap() };
    let service = crm::build(config, deps).await.unwrap();
    assert_ne!(service.addr().port(), 0);
    assert!(service.readiness().report().await.ready);
    let stop = Stop::new();
    let running = tokio::spawn(service.run(stop.clone()));
    let wire = || mesh.wire(ServiceName::AgentOrchestrator, ServiceName::Crm);
    let (client, privacy) = (CrmServiceClient::new(wire()), PrivacyServiceClient::new(wire()));
    test(&mut World { clock, client, privacy }).await;
    stop.request();
    running.await.unwrap().unwrap();
}

impl World {
    pub async fn record(
        &self,
        request: RecordInteractionRequest,
    ) -> Result<RecordInteractionResponse, Status> {
        Ok(self.client.clone().record_interaction(request).await?.into_inner())
    }

    pub async fn contact(&self, phone: &str) -> Result<Contact, Status> {
        let request = GetContactRequest { phone: phone.to_owned() };
        Ok(self.client.clone().get_contact(request).await?.into_inner().contact.unwrap())
    }
}

/// An interaction of Jan's.
pub fn interaction(idempotency_key: &str, signals: Signals) -> RecordInteractionRequest {
    RecordInteractionRequest {
        idempotency_key: idempotency_key.to_owned(),
        phone: JAN.to_owned(),
        kind: "chat".to_owned(),
        intent: "INTENT_CAR_INQUIRY".to_owned(),
        summary: "asked about a car".to_owned(),
        signals: Some(signals),
        ..Default::default()
    }
}

/// The reason in an error's details.
pub fn reason(status: &Status) -> String {
    mesh::reason(status).unwrap_or_default()
}
