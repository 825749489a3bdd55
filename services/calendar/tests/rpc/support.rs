//! The calendar as its callers meet it, on either engine.

use std::path::Path;
use std::time::Duration;

use calendar::{Config, Deps};
use dealer::DealerConfig;
use futures::future::join_all;
use lifecycle::Stop;
use mesh::{Mesh, Peers, ServiceName, Wire};
use model::{Ids, TestClock, Timestamp};
use proto::calendar::v1::calendar_service_client::CalendarServiceClient;
use proto::calendar::v1::{
    AmendAppointmentRequest, Appointment, AppointmentStatus, BookAppointmentRequest,
    CancelAppointmentRequest, ConfirmAppointmentRequest, GetAppointmentRequest, ListAvailableSlotsRequest,
    RescheduleAppointmentRequest,
};
use proto::privacy::v1::privacy_service_client::PrivacyServiceClient;
use proto::queue::v1::queue_service_client::QueueServiceClient;
use queue::QueueConfig;
use store::StoreConfig;
use tempfile::TempDir;
use testkit::servers::Database;
use tokio::task::JoinHandle;
use tonic::Status;

/// Saturday 14 March 2026, 11:00 in Amsterdam; the clock of a world starts twelve days earlier.
pub const SATURDAY_11: &str = "2026-03-14T10:00:00Z";

/// A running calendar with a clock of its own.
pub struct World {
    pub clock: TestClock,
    pub client: CalendarServiceClient<Wire>,
    pub privacy: PrivacyServiceClient<Wire>,
    pub queues: QueueServiceClient<Wire>,
    pub dealer_file: std::path::PathBuf,
    store: StoreConfig,
    folder: TempDir,
    database: Option<Database>,
    running: Running,
}

struct Running {
    stop: Stop,
    service: JoinHandle<anyhow::Result<()>>,
}

/// Runs a test against SQLite, and against PostgreSQL where there is one.
pub async fn on_both_engines(test: impl AsyncFn(&mut World)) {
    let mut databases = vec![None];
    if let Some(database) = testkit::servers::postgres().await {
        databases.push(Some(database));
    }
    for database in databases {
        println!("engine: {}", if database.is_some() { "postgres" } else { "sqlite" });
        let mut world = World::start(database).await;
        test(&mut world).await;
        world.stop().await;
    }
}

impl World {
    async fn start(database: Option<Database>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = match &database {
            Some(database) => StoreConfig::postgres(database.url()),
            None => StoreConfig::sqlite(folder.path()),
        };
        let clock = TestClock::default();
        let dealer_file = folder.path().join("dealer.toml");
        std::fs::write(&dealer_file, dealer::BUILTIN).unwrap();
        std::fs::write(folder.path().join("inventory.csv"), dealer::BUILTIN_INVENTORY).unwrap();
        let (mesh, running) = run(&store, &clock, &dealer_file).await;
        let wire = wire(&mesh);
        Self {
            clock,
            client: CalendarServiceClient::new(wire.clone()),
            privacy: PrivacyServiceClient::new(wire.clone()),
            queues: QueueServiceClient::new(wire),
            dealer_file,
            store,
            folder,
            database,
            running,
        }
    }

    /// Stops the calendar, does something meanwhile, and starts it again on the same store.
    pub async fn restart(&mut self, meanwhile: impl FnOnce(&Self)) {
        self.running.stop.request();
        (&mut self.running.service).await.unwrap().unwrap();
        meanwhile(self);
        let (mesh, running) = run(&self.store, &self.clock, &self.dealer_file).await;
        self.running = running;
        self.client = CalendarServiceClient::new(wire(&mesh));
        self.privacy = PrivacyServiceClient::new(wire(&mesh));
        self.queues = QueueServiceClient::new(wire(&mesh));
    }

    async fn stop(self) {
        self.running.stop.request();
        self.running.service.await.unwrap().unwrap();
        drop((self.folder, self.database));
    }

    pub async fn book(&self, request: BookAppointmentRequest) -> Result<Appointment, Status> {
        let response = self.client.clone().book_appointment(request).await?.into_inner();
        let appointment = response.appointment.unwrap();
        assert_eq!(appointment.appointment_id, response.appointment_id);
        Ok(appointment)
    }

    pub async fn confirm(&self, appointment_id: &str) -> Result<Appointment, Status> {
        let request = ConfirmAppointmentRequest { appointment_id: appointment_id.to_owned() };
        Ok(self.client.clone().confirm_appointment(request).await?.into_inner().appointment.unwrap())
    }

    /// Changes name and subject; an empty text leaves one as it is.
    pub async fn amend(
        &self,
        appointment_id: &str,
        name: &str,
        subject: &str,
    ) -> Result<Appointment, Status> {
        let request = AmendAppointmentRequest {
            appointment_id: appointment_id.to_owned(),
            name: name.to_owned(),
            subject: subject.to_owned(),
            ..Default::default()
        };
        Ok(self.client.clone().amend_appointment(request).await?.into_inner().appointment.unwrap())
    }

    pub async fn reschedule(&self, appointment_id: &str, start: &str) -> Result<Appointment, Status> {
        let request = RescheduleAppointmentRequest {
            appointment_id: appointment_id.to_owned(),
            start: Some(at(start)),
            ..Default::default()
        };
        Ok(self.client.clone().reschedule_appointment(request).await?.into_inner().appointment.unwrap())
    }

    pub async fn cancel(&self, appointment_id: &str) -> Result<Appointment, Status> {
        let request =
            CancelAppointmentRequest { appointment_id: appointment_id.to_owned(), ..Default::default() };
        Ok(self.client.clone().cancel_appointment(request).await?.into_inner().appointment.unwrap())
    }

    pub async fn get(&self, appointment_id: &str) -> Result<Appointment, Status> {
        let request = GetAppointmentRequest { appointment_id: appointment_id.to_owned() };
        Ok(self.client.clone().get_appointment(request).await?.into_inner().appointment.unwrap())
    }

    /// Labels of what is free in the showroom on 14 March.
    pub async fn free_on_saturday(&self) -> Vec<String> {
        let request = ListAvailableSlotsRequest {
            from: Some(at("2026-03-14T00:00:00Z")),
            to: Some(at("2026-03-15T00:00:00Z")),
            limit: 100,
            resource: String::new(),
        };
        let slots = self.client.clone().list_available_slots(request).await.unwrap().into_inner().slots;
        slots.into_iter().map(|slot| slot.label).collect()
    }

    /// Whether Saturday 11:00 is free.
    pub async fn is_free(&self) -> bool {
        self.free_on_saturday().await.contains(&"zaterdag 14 maart 11:00".to_owned())
    }
}

fn wire(mesh: &Mesh) -> Wire {
    mesh.wire(ServiceName::AgentOrchestrator, ServiceName::Calendar)
}

async fn run(store: &StoreConfig, clock: &TestClock, dealer_file: &Path) -> (Mesh, Running) {
    let mesh = Mesh::in_process(&Peers::default());
    let deps = Deps {
        mesh: mesh.clone(),
        store: store.clone(),
        queue: QueueConfig::default(),
        dealer: DealerConfig { dealer_config: Some(dealer_file.to_owned()) },
        clock: clock.shared(),
        ids: Ids::random(clock.shared()),
    };
    let config = Config { calendar_listen: "127.0.0.1:0".parse().unwrap() };
    let service = calendar::build(config, deps).await.unwrap();
    assert_ne!(service.addr().port(), 0);
    assert!(service.readiness().report().await.ready);
    let stop = Stop::new();
    let service = tokio::spawn(service.run(stop.clone()));
    (mesh, Running { stop, service })
}

/// Makes bookings at the same time; answers with their appointment ids.
pub async fn book_all_at_once(
    client: &CalendarServiceClient<Wire>,
    wishes: Vec<BookAppointmentRequest>,
) -> Vec<Result<String, Status>> {
    let calls = wishes.into_iter().map(|wish| {
        let mut client = client.clone();
        async move { Ok(client.book_appointment(wish).await?.into_inner().appointment_id) }
    });
    join_all(calls).await
}

/// A moment as requests carry it.
pub fn at(rfc3339: &str) -> prost_types::Timestamp {
    mesh::convert::to_proto_timestamp(moment(rfc3339))
}

pub fn moment(rfc3339: &str) -> Timestamp {
    use model::Clock as _;
    TestClock::at(rfc3339).now()
}

/// A wish for Saturday 11:00, to be confirmed at once.
pub fn booking(idempotency_key: &str) -> BookAppointmentRequest {
    BookAppointmentRequest {
        idempotency_key: idempotency_key.to_owned(),
        start: Some(at(SATURDAY_11)),
        contact_phone: "whatsapp:+31612345678".to_owned(),
        contact_name: "Jan".to_owned(),
        subject: "Proefrit Volkswagen Golf".to_owned(),
        ..Default::default()
    }
}

/// A wish to hold Saturday 11:00.
pub fn hold(idempotency_key: &str) -> BookAppointmentRequest {
    BookAppointmentRequest { hold: true, ..booking(idempotency_key) }
}

pub fn status(appointment: &Appointment) -> AppointmentStatus {
    appointment.status()
}

/// The reason in an error's details.
pub fn reason(status: &Status) -> String {
    mesh::reason(status).unwrap_or_default()
}

/// How long a hold lasts.
pub const HOLD: Duration = Duration::from_mins(2);
