//! The orchestrator in this process, and short words for what the tests do with it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use alerts::{AlertConfig, Alerts};
use lifecycle::Stop;
use mesh::{Mesh, Peers, Server, ServiceName, Wire};
use model::{Ids, SharedClock, SystemClock};
use proto::{
    calendar::v1::{
        self as cal,
        calendar_service_server::{CalendarService, CalendarServiceServer},
    },
    channel::v1::{
        GetMessageStatusRequest, GetMessageStatusResponse, ListOutboxRequest, ListOutboxResponse,
        ReportFailureRequest, ReportFailureResponse, SendMessageBatchRequest, SendMessageBatchResponse,
        SendMessageRequest, SendMessageResponse, SendState, SetContactStateRequest, SetContactStateResponse,
        channel_service_server::{ChannelService, ChannelServiceServer},
    },
    common::v1::Source,
    lock::v1::{
        AcquireRequest, AcquireResponse, ReleaseRequest, ReleaseResponse, RenewRequest, RenewResponse,
        lock_service_client::LockServiceClient,
        lock_service_server::{LockService, LockServiceServer},
    },
    orchestrator::v1::{
        Conversation, GetConversationRequest, InboundMessage, ListAuditEventsRequest, ListMessagesRequest,
        ListTasksRequest, Message, SendHumanReplyRequest, SubmitMessageRequest, SubmitMessageResponse, Task,
        TaskState, orchestrator_service_client::OrchestratorServiceClient,
    },
};
use queue::QueueConfig;
use store::StoreConfig;
use testkit::servers;
use tonic::{Request, Response, Status};

/// What the channel-sender was told.
#[derive(Default)]
pub struct Sent {
    pub messages: Mutex<Vec<SendMessageRequest>>,
    pub states: Mutex<Vec<SetContactStateRequest>>,
    /// Refuses messages with this reason.
    pub refuse: Mutex<Option<&'static str>>,
}

struct FakeSender(Arc<Sent>);

#[tonic::async_trait]
impl ChannelService for FakeSender {
    async fn send_message(
        &self,
        request: Request<SendMessageRequest>,
    ) -> Result<Response<SendMessageResponse>, Status> {
        if let Some(reason) = *self.0.refuse.lock().unwrap() {
            return Err(mesh::refused(reason, "not now"));
        }
        let request = request.into_inner();
        let message_id = request.message_id.clone();
        let mut messages = self.0.messages.lock().unwrap();
        if messages.iter().all(|message| message.message_id != message_id) {
            messages.push(request);
        }
        Ok(Response::new(SendMessageResponse { message_id, state: SendState::Queued.into() }))
    }

    async fn set_contact_state(
        &self,
        request: Request<SetContactStateRequest>,
    ) -> Result<Response<SetContactStateResponse>, Status> {
        self.0.states.lock().unwrap().push(request.into_inner());
        Ok(Response::new(SetContactStateResponse {}))
    }

    async fn send_message_batch(
        &self,
        _request: Request<SendMessageBatchRequest>,
    ) -> Result<Response<SendMessageBatchResponse>, Status> {
        Err(Status::unimplemented("the tests send one by one"))
    }

    async fn get_message_status(
        &self,
        _request: Request<GetMessageStatusRequest>,
    ) -> Result<Response<GetMessageStatusResponse>, Status> {
        Err(Status::unimplemented("not asked in the tests"))
    }

    async fn report_failure(
        &self,
        _request: Request<ReportFailureRequest>,
    ) -> Result<Response<ReportFailureResponse>, Status> {
        Err(Status::unimplemented("not asked in the tests"))
    }

    async fn list_outbox(
        &self,
        _request: Request<ListOutboxRequest>,
    ) -> Result<Response<ListOutboxResponse>, Status> {
        Err(Status::unimplemented("not asked in the tests"))
    }
}

/// Gives out no lock and says that something is broken.
struct BrokenLocks;

#[tonic::async_trait]
impl LockService for BrokenLocks {
    async fn acquire(&self, _: Request<AcquireRequest>) -> Result<Response<AcquireResponse>, Status> {
        Err(Status::internal("broken"))
    }

    async fn renew(&self, _: Request<RenewRequest>) -> Result<Response<RenewResponse>, Status> {
        Err(Status::internal("broken"))
    }

    async fn release(&self, _: Request<ReleaseRequest>) -> Result<Response<ReleaseResponse>, Status> {
        Err(Status::internal("broken"))
    }
}

/// The appointment that [`SoldOut`] makes.
pub const LOST: &str = "0198c5a2-7b3e-7cc0-8000-000000000001";

/// A calendar whose holds go to somebody else before they are confirmed.
struct SoldOut;

#[tonic::async_trait]
impl CalendarService for SoldOut {
    async fn list_available_slots(
        &self,
        request: Request<cal::ListAvailableSlotsRequest>,
    ) -> Result<Response<cal::ListAvailableSlotsResponse>, Status> {
        let request = request.into_inner();
        // Eleven o'clock in Amsterdam on each of the days asked for.
        let from = request.from.map_or(0, |from| from.seconds);
        let to = request.to.map_or(from + 14 * 86_400, |to| to.seconds);
        let starts = (from / 86_400..=to / 86_400).map(|day| day * 86_400 + 10 * 3_600);
        let slots = starts.filter(|start| (from..to).contains(start)).take(request.limit.max(1) as usize);
        let moment = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let slots = slots.map(|start| cal::Slot {
            start: moment(start),
            end: moment(start + 3_600),
            label: String::new(),
        });
        Ok(Response::new(cal::ListAvailableSlotsResponse { slots: slots.collect() }))
    }

    async fn book_appointment(
        &self,
        _: Request<cal::BookAppointmentRequest>,
    ) -> Result<Response<cal::BookAppointmentResponse>, Status> {
        let appointment_id = LOST.to_owned();
        Ok(Response::new(cal::BookAppointmentResponse { appointment_id, appointment: None }))
    }

    async fn confirm_appointment(
        &self,
        _: Request<cal::ConfirmAppointmentRequest>,
    ) -> Result<Response<cal::ConfirmAppointmentResponse>, Status> {
        Err(mesh::refused("HOLD_LOST", "the slot went to somebody else"))
    }

    async fn amend_appointment(
        &self,
        _: Request<cal::AmendAppointmentRequest>,
    ) -> Result<Response<cal::AmendAppointmentResponse>, Status> {
        Err(Status::unimplemented("not asked in the tests"))
    }

    async fn reschedule_appointment(
        &self,
        _: Request<cal::RescheduleAppointmentRequest>,
    ) -> Result<Response<cal::RescheduleAppointmentResponse>, Status> {
        Err(Status::unimplemented("not asked in the tests"))
    }

    async fn cancel_appointment(
        &self,
        _: Request<cal::CancelAppointmentRequest>,
    ) -> Result<Response<cal::CancelAppointmentResponse>, Status> {
        Err(Status::unimplemented("not asked in the tests"))
    }

    async fn get_appointment(
        &self,
        _: Request<cal::GetAppointmentRequest>,
    ) -> Result<Response<cal::GetAppointmentResponse>, Status> {
        Err(Status::unimplemented("not asked in the tests"))
    }

    async fn list_appointments(
        &self,
        _: Request<cal::ListAppointmentsRequest>,
    ) -> Result<Response<cal::ListAppointmentsResponse>, Status> {
        Err(Status::unimplemented("not asked in the tests"))
    }
}

/// Which peers run beside the orchestrator.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a test")]
pub struct With {
    pub crm: bool,
    pub locks: bool,
    /// Every turn fails: whoever gives out locks answers an error.
    pub turns_fail: bool,
    /// The calendar offers slots and holds them, and has sold them when they are confirmed.
    pub holds_are_lost: bool,
    pub handoff_ttl: Duration,
    pub burst_window_ms: u64,
}

/// Everything runs, and every message is answered at once.
pub const ALL: With = With {
    crm: true,
    locks: true,
    turns_fail: false,
    holds_are_lost: false,
    handoff_ttl: Duration::from_hours(1),
    burst_window_ms: 0,
};

/// The orchestrator with its peers.
pub struct Desk {
    pub client: OrchestratorServiceClient<Wire>,
    pub sent: Arc<Sent>,
    pub mesh: Mesh,
    alerts: AlertSink,
    stop: Stop,
    running: Vec<tokio::task::JoinHandle<()>>,
    _database: Option<servers::Database>,
    _folder: tempfile::TempDir,
}

/// A desk on each engine; PostgreSQL skips itself loudly where there is no server.
pub async fn desks(with: With) -> Vec<Desk> {
    let mut desks = vec![desk(with, None).await];
    if let Some(database) = servers::postgres().await {
        desks.push(desk(with, Some(database)).await);
    }
    desks
}

async fn desk(with: With, database: Option<servers::Database>) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = match &database {
        None => StoreConfig::sqlite(folder.path()),
        Some(database) => StoreConfig::postgres(database.url()),
    };
    let clock: SharedClock = SystemClock::shared();
    let ids = Ids::random(clock.clone());
    let mesh = Mesh::in_process(&Peers::default());
    let stop = Stop::new();
    let mut running = Vec::new();
    let any = "127.0.0.1:0".parse().unwrap();

    let alert_sink = AlertSink::start(&stop).await;
    let config = AlertConfig { alert_webhook_url: Some(alert_sink.url.clone().into()) };
    let (alerts, worker) = Alerts::new(&config).unwrap();
    let ending = stop.clone();
    running.push(tokio::spawn(async move { worker.run(ending).await.unwrap() }));

    let sent = Arc::new(Sent::default());
    let server = Server::bind(ServiceName::ChannelSender, any, &mesh).await.unwrap();
    let server = server.add_service(ChannelServiceServer::new(FakeSender(Arc::clone(&sent))));
    let ending = stop.clone();
    running.push(tokio::spawn(async move { server.serve(ending).await.unwrap() }));

    if with.turns_fail {
        let server = Server::bind(ServiceName::DedupLock, any, &mesh).await.unwrap();
        let server = server.add_service(LockServiceServer::new(BrokenLocks));
        let ending = stop.clone();
        running.push(tokio::spawn(async move { server.serve(ending).await.unwrap() }));
    } else if with.locks {
        let config = dedup_lock::Config::for_tests();
        let deps = dedup_lock::Deps { mesh: mesh.clone(), clock: clock.clone() };
        let service = dedup_lock::build(config, deps).await.unwrap();
        let ending = stop.clone();
        running.push(tokio::spawn(async move { service.run(ending).await.unwrap() }));
    }
    if with.crm {
        let deps = crm::Deps {
            mesh: mesh.clone(),
            store: store.clone(),
            dealer: dealer::DealerConfig::default(),
            clock: clock.clone(),
            ids: ids.clone(),
        };
        let service = crm::build(crm::Config { crm_listen: any }, deps).await.unwrap();
        let ending = stop.clone();
        running.push(tokio::spawn(async move { service.run(ending).await.unwrap() }));
    }
    if with.holds_are_lost {
        let server = Server::bind(ServiceName::Calendar, any, &mesh).await.unwrap();
        let server = server.add_service(CalendarServiceServer::new(SoldOut));
        let ending = stop.clone();
        running.push(tokio::spawn(async move { server.serve(ending).await.unwrap() }));
    } else {
        let deps = calendar::Deps {
            mesh: mesh.clone(),
            store: store.clone(),
            queue: QueueConfig::default(),
            dealer: dealer::DealerConfig::default(),
            clock: clock.clone(),
            ids: ids.clone(),
        };
        let service = calendar::build(calendar::Config { calendar_listen: any }, deps).await.unwrap();
        let ending = stop.clone();
        running.push(tokio::spawn(async move { service.run(ending).await.unwrap() }));
    }

    let config = agent_orchestrator::Config {
        agent_orchestrator_listen: any,
        turn_workers: 4,
        turn_max_tries: 3,
        turn_retry_base: Duration::from_millis(20),
        lock_ttl: Duration::from_secs(30),
        handoff_ttl: with.handoff_ttl,
        burst_window_ms: with.burst_window_ms,
    };
    let deps = agent_orchestrator::Deps {
        mesh: mesh.clone(),
        store,
        queue: QueueConfig::default(),
        dealer: dealer::DealerConfig::default(),
        clock,
        ids,
        alerts,
        backend: llm::AnyBackend::default(),
    };
    let service = agent_orchestrator::build(config, deps).await.unwrap();
    let ending = stop.clone();
    running.push(tokio::spawn(async move { service.run(ending).await.unwrap() }));
    let client =
        OrchestratorServiceClient::new(mesh.wire(ServiceName::Ingress, ServiceName::AgentOrchestrator));
    Desk { client, sent, mesh, alerts: alert_sink, stop, running, _database: database, _folder: folder }
}

/// Who is told of alerts: an HTTP server that keeps what is posted to it.
struct AlertSink {
    url: String,
    told: Arc<Mutex<Vec<serde_json::Value>>>,
}

impl AlertSink {
    async fn start(stop: &Stop) -> Self {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Vec::new()));
        let (kept, stop) = (Arc::clone(&told), stop.clone());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = tokio::select! {
                    accepted = listener.accept() => accepted.unwrap(),
                    () = stop.requested() => return,
                };
                let kept = Arc::clone(&kept);
                tokio::spawn(async move {
                    let (mut heard, mut buffer) = (String::new(), [0_u8; 4096]);
                    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                        heard.push_str(&String::from_utf8_lossy(&buffer[..count]));
                        let body = heard.split_once("\r\n\r\n").map(|(_, body)| body);
                        let Some(Ok(alert)) = body.map(serde_json::from_str) else { continue };
                        kept.lock().unwrap().push(alert);
                        heard.clear();
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        stream.write_all(answer).await.unwrap();
                    }
                });
            }
        });
        Self { url, told }
    }
}

/// The customer of most tests.
pub const CUSTOMER: &str = "+31612345678";
/// The customer's conversation.
pub const CONVERSATION: &str = "twilio:+31612345678";

impl Desk {
    /// A message of the customer with the provider's id `SM<number>`.
    pub async fn says(&self, number: u32, text: &str) -> SubmitMessageResponse {
        self.try_says(number, text).await.unwrap()
    }

    pub async fn try_says(&self, number: u32, text: &str) -> Result<SubmitMessageResponse, Status> {
        let message = InboundMessage {
            message_id: format!("SM{number:032x}"),
            contact_phone: CUSTOMER.to_owned(),
            contact_name: "Jan".to_owned(),
            message_content: text.to_owned(),
            source: Source::Twilio.into(),
            from_address: format!("whatsapp:{CUSTOMER}"),
            to_address: "whatsapp:+14155238886".to_owned(),
            ..InboundMessage::default()
        };
        let request = SubmitMessageRequest { message: Some(message) };
        Ok(self.client.clone().submit_message(request).await?.into_inner())
    }

    pub async fn messages(&self) -> Vec<Message> {
        let request = ListMessagesRequest { conversation_id: CONVERSATION.to_owned(), ..Default::default() };
        self.client.clone().list_messages(request).await.unwrap().into_inner().messages
    }

    pub async fn audit(&self) -> Vec<String> {
        let request =
            ListAuditEventsRequest { conversation_id: CONVERSATION.to_owned(), ..Default::default() };
        let events = self.client.clone().list_audit_events(request).await.unwrap().into_inner().events;
        events.into_iter().map(|event| event.event_type).collect()
    }

    /// Waits until an alert of a kind was told; answers it.
    pub async fn alert(&self, kind: &str) -> serde_json::Value {
        self.eventually(kind, async || self.alerts_of(kind) > 0).await;
        let told = self.alerts.told.lock().unwrap();
        told.iter().find(|alert| alert["kind"] == kind).unwrap().clone()
    }

    /// How many alerts of a kind were told.
    pub fn alerts_of(&self, kind: &str) -> usize {
        self.alerts.told.lock().unwrap().iter().filter(|alert| alert["kind"] == kind).count()
    }

    pub async fn conversation(&self) -> Conversation {
        let request = GetConversationRequest { conversation_id: CONVERSATION.to_owned() };
        self.client.clone().get_conversation(request).await.unwrap().into_inner().conversation.unwrap()
    }

    pub async fn tasks(&self, state: TaskState) -> Vec<Task> {
        let request = ListTasksRequest { state: state.into(), ..Default::default() };
        self.client.clone().list_tasks(request).await.unwrap().into_inner().tasks
    }

    /// A person says something.
    pub async fn human_says(&self, body: &str) {
        let request = SendHumanReplyRequest {
            conversation_id: CONVERSATION.into(),
            body: body.into(),
            idempotency_key: String::new(),
        };
        self.client.clone().send_human_reply(request).await.unwrap();
    }

    /// States of what the customer wrote, in order.
    pub async fn states(&self) -> Vec<String> {
        let messages = self.messages().await;
        messages.into_iter().filter(|m| m.author == "customer").map(|m| m.state).collect()
    }

    /// Holds the conversation's lock, so that turns wait.
    pub async fn hold_lock(&self) -> ReleaseRequest {
        let mut locks = LockServiceClient::new(self.mesh.wire(ServiceName::Console, ServiceName::DedupLock));
        let name = format!("conversation:lock:{CUSTOMER}");
        let request = AcquireRequest {
            name: name.clone(),
            owner: "test".into(),
            ttl: Some(mesh::convert::to_proto_duration(Duration::from_mins(1))),
            wait: None,
            floor: 0,
        };
        ReleaseRequest { name, lock_token: locks.acquire(request).await.unwrap().into_inner().lock_token }
    }

    pub async fn release_lock(&self, held: ReleaseRequest) {
        let mut locks = LockServiceClient::new(self.mesh.wire(ServiceName::Console, ServiceName::DedupLock));
        locks.release(held).await.unwrap();
    }

    /// Waits until the sender was given so many messages; answers their bodies.
    pub async fn replies(&self, count: usize) -> Vec<String> {
        self.eventually("the replies", async || self.sent.messages.lock().unwrap().len() >= count).await;
        self.sent.messages.lock().unwrap().iter().map(|message| message.body.clone()).collect()
    }

    pub async fn eventually(&self, what: &str, condition: impl AsyncFn() -> bool) {
        for _ in 0..1000 {
            if condition().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{what} did not come within 10 s");
    }

    /// Ends everything in order.
    pub async fn close(self) {
        self.stop.request();
        for task in self.running {
            task.await.unwrap();
        }
    }
}
