//! What the calendar counts; alone in its process, for the counters are shared.

use calendar::{Config, Deps};
use dealer::DealerConfig;
use lifecycle::Stop;
use mesh::{Mesh, Peers, ServiceName};
use model::{Ids, TestClock};
use proto::calendar::v1::calendar_service_client::CalendarServiceClient;
use proto::calendar::v1::{
    BookAppointmentRequest, CancelAppointmentRequest, ConfirmAppointmentRequest, ListAvailableSlotsRequest,
    RescheduleAppointmentRequest,
};
use queue::QueueConfig;
use store::StoreConfig;

fn counter(name: &str) -> u64 {
    let page = telemetry::render_metrics();
    let line = page.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn each_step_of_an_appointment_is_counted_once() {
    let _telemetry = telemetry::for_tests();
    let folder = tempfile::tempdir().unwrap();
    let clock = TestClock::default();
    let mesh = Mesh::in_process(&Peers::default());
    let deps = Deps {
        mesh: mesh.clone(),
        store: StoreConfig::sqlite(folder.path()),
        queue: QueueConfig::default(),
        dealer: DealerConfig::default(),
        clock: clock.shared(),
        ids: Ids::seeded(1),
    };
    let config = Config { calendar_listen: "127.0.0.1:0".parse().unwrap() };
    let service = calendar::build(config, deps).await.unwrap();
    let stop = Stop::new();
    let running = tokio::spawn(service.run(stop.clone()));
    let mut client =
        CalendarServiceClient::new(mesh.wire(ServiceName::AgentOrchestrator, ServiceName::Calendar));

    let slots = client.list_available_slots(ListAvailableSlotsRequest::default()).await.unwrap().into_inner();
    let [first, second] = [slots.slots[0].start, slots.slots[1].start];
    let hold = BookAppointmentRequest {
        idempotency_key: "a".into(),
        start: first,
        hold: true,
        ..Default::default()
    };
    let appointment_id = client.book_appointment(hold.clone()).await.unwrap().into_inner().appointment_id;
    let taken = BookAppointmentRequest { idempotency_key: "b".into(), ..hold.clone() };
    client.book_appointment(taken).await.unwrap_err();
    for _ in 0..2 {
        client.book_appointment(hold.clone()).await.unwrap();
        let confirm = ConfirmAppointmentRequest { appointment_id: appointment_id.clone() };
        client.confirm_appointment(confirm).await.unwrap();
    }
    for _ in 0..2 {
        let move_it = RescheduleAppointmentRequest {
            appointment_id: appointment_id.clone(),
            start: second,
            ..Default::default()
        };
        client.reschedule_appointment(move_it).await.unwrap();
    }
    for _ in 0..2 {
        let cancel =
            CancelAppointmentRequest { appointment_id: appointment_id.clone(), ..Default::default() };
        client.cancel_appointment(cancel).await.unwrap();
    }
    for (outcome, count) in
        [("held", 1), ("taken", 1), ("confirmed", 1), ("rescheduled", 1), ("cancelled", 1), ("released", 0)]
    {
        let counted = counter(&format!("appointments_total{{outcome=\"{outcome}\"}}"));
        assert_eq!(counted, count, "{outcome}");
    }
    stop.request();
    running.await.unwrap().unwrap();
}
