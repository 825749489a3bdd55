//! The orchestrator in this process, and short words for what the tests do with it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use alerts::Alerts;
use lifecycle::Stop;
use mesh::{Mesh, Peers, Server, ServiceName, Wire};
use model::{Ids, SharedClock, SystemClock};
use proto::{
    channel::v1::{
        GetMessageStatusRequest, GetMessageStatusResponse, ListOutboxRequest, ListOutboxResponse,
        ReportFailureRequest, ReportFailureResponse, SendMessageBatchRequest, SendMessageBatchResponse,
        SendMessageRequest, SendMessageResponse, SendState, SetContactStateRequest, SetContactStateResponse,
        channel_service_server::{ChannelService, ChannelServiceServer},
    },
    common::v1::Source,
    orchestrator::v1::{
        InboundMessage, ListAuditEventsRequest, ListMessagesRequest, Message, SubmitMessageRequest,
        SubmitMessageResponse, orchestrator_service_client::OrchestratorServiceClient,
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

/// Which peers run beside the orchestrator.
#[derive(Clone, Copy)]
pub struct With {
    pub crm: bool,
    pub locks: bool,
}

/// Everything runs.
pub const ALL: With = With { crm: true, locks: true };

/// The orchestrator with its peers.
pub struct Desk {
    pub client: OrchestratorServiceClient<Wire>,
    pub sent: Arc<Sent>,
    pub mesh: Mesh,
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

    let sent = Arc::new(Sent::default());
    let server = Server::bind(ServiceName::ChannelSender, any, &mesh).await.unwrap();
    let server = server.add_service(ChannelServiceServer::new(FakeSender(Arc::clone(&sent))));
    let ending = stop.clone();
    running.push(tokio::spawn(async move { server.serve(ending).await.unwrap() }));

    if with.locks {
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

    let config = agent_orchestrator::Config {
        agent_orchestrator_listen: any,
        turn_workers: 4,
        turn_max_tries: 3,
        turn_retry_base: Duration::from_millis(20),
        lock_ttl: Duration::from_secs(30),
        handoff_ttl: Duration::from_hours(1),
    };
    let deps = agent_orchestrator::Deps {
        mesh: mesh.clone(),
        store,
        queue: QueueConfig::default(),
        dealer: dealer::DealerConfig::default(),
        clock,
        ids,
        alerts: Alerts::log_only(),
    };
    let service = agent_orchestrator::build(config, deps).await.unwrap();
    let ending = stop.clone();
    running.push(tokio::spawn(async move { service.run(ending).await.unwrap() }));
    let client =
        OrchestratorServiceClient::new(mesh.wire(ServiceName::Ingress, ServiceName::AgentOrchestrator));
    Desk { client, sent, mesh, stop, running, _database: database, _folder: folder }
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
