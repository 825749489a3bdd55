//! The RPCs through a mesh in one process, with a sender that remembers what it is told.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use delivery_status::{Config, Deps};
use lifecycle::Stop;
use mesh::{Mesh, Peers, Server, ServiceName, Wire};
use model::{Ids, TestClock};
use proto::{
    channel::v1::{
        self as channel,
        channel_service_server::{ChannelService, ChannelServiceServer},
    },
    delivery::v1::{self as delivery, delivery_status_service_client::DeliveryStatusServiceClient},
};
use queue::QueueConfig;
use store::StoreConfig;
use tonic::{Code, Request, Response, Status};

/// A sender that remembers reported failures, and is away at first.
#[derive(Clone, Default)]
struct FakeSender {
    reported: Arc<Mutex<Vec<(String, String, i32)>>>,
}

#[tonic::async_trait]
impl ChannelService for FakeSender {
    async fn report_failure(
        &self,
        request: Request<channel::ReportFailureRequest>,
    ) -> Result<Response<channel::ReportFailureResponse>, Status> {
        let request = request.into_inner();
        self.reported.lock().unwrap().push((request.message_id, request.message_sid, request.error_code));
        Ok(Response::new(channel::ReportFailureResponse { state: channel::SendState::Failed.into() }))
    }

    async fn send_message(
        &self,
        _: Request<channel::SendMessageRequest>,
    ) -> Result<Response<channel::SendMessageResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }

    async fn send_message_batch(
        &self,
        _: Request<channel::SendMessageBatchRequest>,
    ) -> Result<Response<channel::SendMessageBatchResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }

    async fn get_message_status(
        &self,
        _: Request<channel::GetMessageStatusRequest>,
    ) -> Result<Response<channel::GetMessageStatusResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }

    async fn set_contact_state(
        &self,
        _: Request<channel::SetContactStateRequest>,
    ) -> Result<Response<channel::SetContactStateResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }

    async fn list_outbox(
        &self,
        _: Request<channel::ListOutboxRequest>,
    ) -> Result<Response<channel::ListOutboxResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }
}

struct World {
    client: DeliveryStatusServiceClient<Wire>,
    sender: FakeSender,
    clock: TestClock,
    stop: Stop,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mesh, clock, stop) = (Mesh::in_process(&Peers::default()), TestClock::default(), Stop::new());
        let sender = FakeSender::default();
        let any_port = "127.0.0.1:0".parse().unwrap();
        let channel = Server::bind(ServiceName::ChannelSender, any_port, &mesh)
            .await
            .unwrap()
            .add_service(ChannelServiceServer::new(sender.clone()));
        let deps = Deps {
            mesh: mesh.clone(),
            store: StoreConfig::sqlite(folder.path()),
            queue: QueueConfig::default(),
            clock: clock.shared(),
            ids: Ids::seeded(1),
        };
        let service =
            delivery_status::build(Config { delivery_status_listen: any_port }, deps).await.unwrap();
        let (stop_channel, stop_service) = (stop.clone(), stop.clone());
        let tasks = vec![
            tokio::spawn(async move { channel.serve(stop_channel).await.unwrap() }),
            tokio::spawn(async move { service.run(stop_service).await.unwrap() }),
        ];
        let wire = mesh.wire(ServiceName::Console, ServiceName::DeliveryStatus);
        Self { client: DeliveryStatusServiceClient::new(wire), sender, clock, stop, tasks, _folder: folder }
    }

    async fn end(self) {
        self.stop.request();
        for task in self.tasks {
            task.await.unwrap();
        }
    }

    async fn register(&self, message_id: &str, sid: &str, status: &str) -> delivery::Delivery {
        let request = delivery::RegisterMessageRequest {
            message_id: message_id.to_owned(),
            org_id: "default".to_owned(),
            provider: "twilio".to_owned(),
            message_sid: sid.to_owned(),
            status: status.to_owned(),
            conversation_id: "conversation".to_owned(),
        };
        self.client.clone().register_message(request).await.unwrap().into_inner().latest.unwrap()
    }

    async fn record(&self, sid: &str, status: &str, error_code: i32) -> delivery::RecordStatusResponse {
        self.clock.advance(Duration::from_secs(1));
        self.client.clone().record_status(recorded(sid, status, error_code)).await.unwrap().into_inner()
    }

    async fn get(&self, message_id: &str) -> Result<delivery::GetDeliveryResponse, Status> {
        let request =
            delivery::GetDeliveryRequest { message_id: message_id.to_owned(), message_sid: String::new() };
        Ok(self.client.clone().get_delivery(request).await?.into_inner())
    }

    async fn reported(&self, count: usize) -> Vec<(String, String, i32)> {
        for _ in 0..200 {
            let reported = self.sender.reported.lock().unwrap().clone();
            if reported.len() >= count {
                return reported;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("fewer than {count} failures were reported");
    }
}

/// What the sender is told.
fn failure(message_id: &str, sid: &str, error_code: i32) -> (String, String, i32) {
    (message_id.to_owned(), sid.to_owned(), error_code)
}

fn recorded(sid: &str, status: &str, error_code: i32) -> delivery::RecordStatusRequest {
    delivery::RecordStatusRequest {
        message_sid: sid.to_owned(),
        status: status.to_owned(),
        error_code,
        provider_payload: r#"{"MessageStatus":"x"}"#.to_owned(),
        ..Default::default()
    }
}

fn words(response: &delivery::GetDeliveryResponse) -> Vec<&str> {
    response.history.iter().map(|event| event.status.as_str()).collect()
}

#[tokio::test]
async fn the_create_response_is_the_first_row_and_repeats_change_nothing() {
    let world = World::new().await;
    world.register("m1", "SM1", "queued").await;
    assert!(world.record("SM1", "sent", 0).await.appended);
    assert!(world.record("SM1", "read", 0).await.appended);
    assert!(world.record("SM1", "delivered", 0).await.appended);
    assert!(!world.record("SM1", "sent", 0).await.appended);
    assert_eq!(world.register("m1", "SM1", "queued").await.status, "read");
    let found = world.get("m1").await.unwrap();
    assert_eq!(words(&found), ["queued", "sent", "delivered", "read"]);
    let latest = found.latest.unwrap();
    assert_eq!((latest.status.as_str(), latest.message_sid.as_str()), ("read", "SM1"));
    assert!(latest.sent_at.is_some() && latest.read_at.is_some());
    world.end().await;
}

#[tokio::test]
async fn callbacks_of_an_unknown_message_are_parked_until_it_is_registered() {
    let world = World::new().await;
    let parked = world.record("SM1", "sent", 0).await;
    assert!(parked.appended && !parked.joined);
    assert_eq!(world.get("m1").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(world.register("m1", "SM1", "queued").await.status, "sent");
    assert_eq!(words(&world.get("m1").await.unwrap()), ["queued", "sent"]);
    world.end().await;
}

#[tokio::test]
async fn a_callback_that_names_the_message_joins_it() {
    let world = World::new().await;
    let request = delivery::RecordStatusRequest {
        message_id: "m1".to_owned(),
        attempt: 2,
        ..recorded("SM1", "sent", 0)
    };
    let answer = world.client.clone().record_status(request).await.unwrap().into_inner();
    assert!(answer.joined);
    let latest = world.get("m1").await.unwrap().latest.unwrap();
    assert_eq!((latest.message_sid.as_str(), latest.attempt), ("SM1", 2));
    world.end().await;
}

#[tokio::test]
async fn a_failure_reaches_the_sender_once_as_soon_as_its_message_is_known() {
    let world = World::new().await;
    world.record("SM1", "failed", 63016).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(world.sender.reported.lock().unwrap().is_empty(), "nobody knows yet whose failure it is");
    let latest = world.register("m1", "SM1", "queued").await;
    assert!(latest.error_explanation.contains("24-hour window"), "{}", latest.error_explanation);
    world.record("SM1", "failed", 63016).await;
    world.register("m1", "SM1", "queued").await;
    world.register("m2", "SM2", "queued").await;
    world.record("SM2", "undelivered", 63024).await;
    let mut reported = world.reported(2).await;
    reported.sort();
    assert_eq!(reported, [failure("m1", "SM1", 63016), failure("m2", "SM2", 63024)]);
    world.end().await;
}

#[tokio::test]
async fn a_failure_told_after_the_delivery_is_not_reported() {
    let world = World::new().await;
    world.register("m1", "SM1", "queued").await;
    world.record("SM1", "delivered", 0).await;
    assert_eq!(world.record("SM1", "failed", 30008).await.latest.unwrap().status, "delivered");
    world.register("m2", "SM2", "queued").await;
    world.record("SM2", "failed", 30008).await;
    assert_eq!(world.reported(1).await, [failure("m2", "SM2", 30008)]);
    world.end().await;
}

#[tokio::test]
async fn a_second_attempt_speaks_for_the_message_unless_the_first_arrived() {
    let world = World::new().await;
    world.register("m1", "SM1", "queued").await;
    world.record("SM1", "failed", 30008).await;
    world.register("m1", "SM2", "queued").await;
    assert_eq!(world.get("m1").await.unwrap().latest.unwrap().message_sid, "SM2");
    world.record("SM1", "delivered", 0).await;
    assert_eq!(world.get("m1").await.unwrap().latest.unwrap().message_sid, "SM1");
    let ids = vec!["m1".to_owned(), "unknown".to_owned()];
    let request = delivery::BatchGetDeliveriesRequest { message_ids: ids };
    let batch = world.client.clone().batch_get_deliveries(request).await.unwrap().into_inner();
    assert_eq!(batch.deliveries.len(), 1);
    assert_eq!(batch.deliveries[0].status, "delivered");
    world.end().await;
}

#[tokio::test]
async fn statistics_count_the_window_and_measure_what_came_in_order() {
    let world = World::new().await;
    world.record("SMold", "failed", 0).await;
    world.clock.advance(Duration::from_hours(25));
    for number in 0..4 {
        let sid = format!("SM{number}");
        world.register(&format!("m{number}"), &sid, "queued").await;
        world.record(&sid, "sent", 0).await;
        world.record(&sid, "delivered", 0).await;
    }
    world.record("SM3", "read", 0).await;
    world.record("SMshuffled", "delivered", 0).await;
    world.record("SMshuffled", "sent", 0).await;
    let request = delivery::GetDeliveryStatsRequest { window: None };
    let stats = world.client.clone().get_delivery_stats(request).await.unwrap().into_inner();
    assert_eq!(stats.total, 5);
    let counts: Vec<_> =
        stats.statuses.iter().map(|row| (row.status.as_str(), row.count, row.percentage)).collect();
    assert_eq!(counts, [("delivered", 4, 80.0), ("read", 1, 20.0)]);
    let delivered = stats.sent_to_delivered.unwrap();
    assert_eq!(delivered.count, 4, "the shuffled one tells nothing of how long it took");
    assert!((1..=2).contains(&delivered.p50.unwrap().seconds));
    assert_eq!(stats.sent_to_read.unwrap().count, 1);
    world.end().await;
}

#[tokio::test]
async fn watchers_hear_every_change_of_their_message_and_the_stream_ends_with_the_service() {
    let world = World::new().await;
    let watch = |message_id: &str| delivery::WatchDeliveriesRequest { message_id: message_id.to_owned() };
    world.register("m0", "SM0", "queued").await;
    let mut all = world.client.clone().watch_deliveries(watch("")).await.unwrap().into_inner();
    let mut one = world.client.clone().watch_deliveries(watch("m2")).await.unwrap().into_inner();
    world.register("m1", "SM1", "queued").await;
    world.register("m2", "SM2", "queued").await;
    let next = async |stream: &mut tonic::Streaming<delivery::WatchDeliveriesResponse>| {
        let change = tokio::time::timeout(Duration::from_secs(5), stream.message()).await.unwrap().unwrap();
        let delivery = change.unwrap().delivery.unwrap();
        (delivery.message_id, delivery.status)
    };
    let mut heard = vec![next(&mut all).await.0, next(&mut all).await.0];
    heard.sort();
    assert_eq!(heard, ["m1", "m2"]);
    assert_eq!(next(&mut one).await, ("m2".to_owned(), "queued".to_owned()));
    world.record("SM2", "read", 0).await;
    assert_eq!(next(&mut one).await, ("m2".to_owned(), "read".to_owned()));
    world.stop.request();
    let end = tokio::time::timeout(Duration::from_secs(5), one.message()).await.unwrap();
    assert!(!matches!(end, Ok(Some(_))), "{end:?}");
    world.end().await;
}

#[tokio::test]
async fn wrong_requests_are_refused_by_the_name_of_their_field() {
    let world = World::new().await;
    let mut client = world.client.clone();
    for (request, field) in [
        (recorded("", "sent", 0), "message_sid"),
        (recorded("SM1", "eaten", 0), "status"),
        (recorded("SM1", "", 0), "status"),
        (recorded("SM1", "sent", -1), "error_code"),
        (
            delivery::RecordStatusRequest { provider: "sms".to_owned(), ..recorded("SM1", "sent", 0) },
            "provider",
        ),
        (
            delivery::RecordStatusRequest {
                provider_payload: "x".repeat(40_000),
                ..recorded("SM1", "sent", 0)
            },
            "provider_payload",
        ),
    ] {
        let status = client.record_status(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().starts_with(field), "{}", status.message());
    }
    let list = delivery::ListDeliveriesRequest { page_token: "nonsense".to_owned(), ..Default::default() };
    assert_eq!(client.list_deliveries(list).await.unwrap_err().code(), Code::InvalidArgument);
    world.end().await;
}
