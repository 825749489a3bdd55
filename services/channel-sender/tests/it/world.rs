//! A channel sender between a simulated Twilio and stand-ins for dedup-lock and delivery-status.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alerts::{AlertConfig, Alerts};
use channel_sender::{Config, Deps, Error, Service};
use futures::stream::BoxStream;
use lifecycle::Stop;
use mesh::{Mesh, Peers, Server, ServiceName, Wire};
use model::{Clock, Ids, SystemClock};
use proto::channel::v1::channel_service_client::ChannelServiceClient;
use proto::channel::v1::{
    GetMessageStatusRequest, GetMessageStatusResponse, SendMessageRequest, SendState, SetContactStateRequest,
};
use proto::common::v1::Source;
use proto::delivery::v1::delivery_status_service_server::{
    DeliveryStatusService, DeliveryStatusServiceServer,
};
use proto::delivery::v1::*;
use proto::queue::v1::queue_service_client::QueueServiceClient;
use proto::queue::v1::{DeadLetter, ListDeadLettersRequest, RetryDeadLetterRequest};
use proto::ratelimit::v1::rate_limit_service_server::{RateLimitService, RateLimitServiceServer};
use proto::ratelimit::v1::{TakeRequest, TakeResponse};
use simulator::faults::Rule;
use simulator::ledger::What;
use simulator::twilio::message::Message;
use simulator::twilio::world::{PersonChange, Twilio};
use store::StoreConfig;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tonic::{Request, Response, Status};
use twilio::TwilioAccount;

/// The contact of most tests.
pub const ANNA: &str = "+31612345678";

/// Everything a test touches; the processes in it end with it.
pub struct World {
    pub twilio: Arc<Twilio>,
    pub client: ChannelServiceClient<Wire>,
    pub deliveries: Arc<FakeDeliveries>,
    pub limits: Arc<FakeLimits>,
    pub config: Config,
    alerts: Alerts,
    alerted: Arc<Mutex<Vec<String>>>,
    account: TwilioAccount,
    mesh: Mesh,
    folder: TempDir,
    outside: Stop,
    running: Option<(Stop, JoinHandle<()>)>,
}

impl World {
    /// A world in which nothing has happened yet, with short times and the given changes of the settings.
    pub async fn new(change: impl FnOnce(&mut Config)) -> Self {
        let mut world = Self::without_sender(change).await;
        world.start().await;
        world
    }

    /// The same before the channel sender was ever started.
    pub async fn without_sender(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::for_tests();
        config.send_settle_after = Duration::from_millis(400);
        config.send_timeout = Duration::from_millis(600);
        change(&mut config);
        let clock = SystemClock::shared();
        let outside = Stop::new();
        let ids = Ids::random(clock.clone());
        let deps = simulator::Deps { twilio: TwilioAccount::default(), clock, ids };
        let simulator = simulator::build(simulator::Config::default(), deps).await.unwrap();
        let account = TwilioAccount {
            twilio_account_sid: Some(simulator::twilio::account::DEMO_ACCOUNT_SID.to_owned()),
            twilio_auth_token: Some(simulator::twilio::account::DEMO_AUTH_TOKEN.into()),
            twilio_whatsapp_number: simulator::twilio::account::DEMO_WHATSAPP_NUMBER.parse().ok(),
            twilio_api_base_url: Some(format!("http://{}", simulator.addr())),
            public_base_url: "http://127.0.0.1:9".parse().ok(),
            ..TwilioAccount::default()
        };
        let twilio = simulator.twilio();
        tokio::spawn(simulator.run(outside.clone()));
        let mesh = Mesh::in_process(&Peers::default());
        let (deliveries, limits) = (Arc::new(FakeDeliveries::default()), Arc::new(FakeLimits::default()));
        let window = RateLimitServiceServer::from_arc(Arc::clone(&limits));
        serve(&mesh, ServiceName::DedupLock, &outside, |server| server.add_service(window)).await;
        let status = DeliveryStatusServiceServer::from_arc(Arc::clone(&deliveries));
        serve(&mesh, ServiceName::DeliveryStatus, &outside, |server| server.add_service(status)).await;
        let (alerts, alerted) = listen_for_alerts(&outside).await;
        let wire = mesh.wire(ServiceName::AgentOrchestrator, ServiceName::ChannelSender);
        let folder = tempfile::tempdir().unwrap();
        Self {
            twilio,
            client: ChannelServiceClient::new(wire),
            deliveries,
            limits,
            config,
            alerts,
            alerted,
            account,
            mesh,
            folder,
            outside,
            running: None,
        }
    }

    pub fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// Builds the channel sender on its data of before.
    pub async fn build(&self) -> Result<Service, Error> {
        let clock = SystemClock::shared();
        let deps = Deps {
            mesh: self.mesh.clone(),
            store: StoreConfig::sqlite(self.folder.path()),
            queue: queue::QueueConfig::default(),
            twilio: self.account.clone(),
            alerts: self.alerts.clone(),
            ids: Ids::random(clock.clone()),
            clock,
        };
        channel_sender::build(self.config.clone(), deps).await
    }

    /// Starts the channel sender on its data of before.
    pub async fn start(&mut self) {
        let service = self.build().await.unwrap();
        let stop = self.outside.child();
        let running = service.run(stop.clone());
        self.running = Some((stop, tokio::spawn(async move { running.await.unwrap() })));
        let asked = GetMessageStatusRequest { message_id: "none".to_owned(), ..Default::default() };
        for _ in 0..500 {
            let answer = self.client.get_message_status(asked.clone()).await.unwrap_err();
            if answer.code() == tonic::Code::NotFound {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the channel sender does not serve");
    }

    /// Stops the channel sender, softly.
    pub async fn stop(&mut self) {
        if let Some((stop, running)) = self.running.take() {
            stop.request();
            running.await.unwrap();
        }
    }

    /// Scripts faults, in the simulator's own JSON.
    pub fn faults(&self, rules: &str) {
        let rules: Vec<Rule> = serde_json::from_str(rules).unwrap();
        self.twilio.outside.faults.set(rules).unwrap();
    }

    /// The contact writes, now: Twilio's window and ours are open.
    pub async fn writes(&mut self, contact: &str) {
        self.wrote(contact, Duration::ZERO).await;
    }

    /// The contact wrote so long ago.
    pub async fn wrote(&mut self, contact: &str, ago: Duration) {
        let change = PersonChange {
            address: contact.to_owned(),
            last_inbound_age: Some(model::parse::duration_text(ago)),
            ..PersonChange::default()
        };
        self.twilio.change_person(&change).unwrap();
        let last_inbound_at = mesh::convert::to_proto_timestamp(SystemClock.now() - ago);
        self.told(SetContactStateRequest {
            contact: contact.to_owned(),
            last_inbound_at: Some(last_inbound_at),
            ..SetContactStateRequest::default()
        })
        .await;
    }

    pub async fn told(&mut self, state: SetContactStateRequest) {
        self.client.set_contact_state(state).await.unwrap();
    }

    /// Hands a text in.
    pub async fn send(&mut self, id: &str, contact: &str, body: &str) -> Result<SendState, Status> {
        let answer = self.client.send_message(text(id, contact, body)).await?;
        Ok(answer.into_inner().state())
    }

    /// Hands a text in and waits until it is sent.
    pub async fn send_through(&mut self, id: &str, body: &str) -> GetMessageStatusResponse {
        assert_eq!(self.send(id, ANNA, body).await.unwrap(), SendState::Queued);
        self.reaches(id, SendState::Sent).await
    }

    pub async fn status(&mut self, id: &str) -> GetMessageStatusResponse {
        let request =
            GetMessageStatusRequest { message_id: id.to_owned(), ..GetMessageStatusRequest::default() };
        self.client.get_message_status(request).await.unwrap().into_inner()
    }

    /// Puts every dead letter back, as an operator would.
    pub async fn retry_dead_letters(&self) {
        let wire = self.mesh.wire(ServiceName::Console, ServiceName::ChannelSender);
        let mut queues = QueueServiceClient::new(wire);
        let listed = queues.list_dead_letters(ListDeadLettersRequest::default()).await.unwrap().into_inner();
        for DeadLetter { dead_letter_id, .. } in listed.dead_letters {
            queues.retry_dead_letter(RetryDeadLetterRequest { dead_letter_id }).await.unwrap();
        }
    }

    /// Waits until a message is in a state.
    pub async fn reaches(&mut self, id: &str, state: SendState) -> GetMessageStatusResponse {
        for _ in 0..1_000 {
            let status = self.status(id).await;
            if status.state() == state {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{id} did not become {state:?}: {:?}", self.status(id).await);
    }

    /// Creates a message at Twilio as the sender would have.
    pub async fn post_by_hand(&self, contact: &str, body: &str) {
        let (base, sid) = (self.account.api_base_url(), self.account.account_sid().unwrap());
        let form =
            [("From", "whatsapp:+14155238886"), ("To", &format!("whatsapp:{contact}")), ("Body", body)];
        let answer = reqwest::Client::new()
            .post(format!("{base}/2010-04-01/Accounts/{sid}/Messages.json"))
            .basic_auth(sid, Some(simulator::twilio::account::DEMO_AUTH_TOKEN))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
    }

    /// The messages that Twilio accepted for a contact, oldest first.
    pub fn accepted(&self, contact: &str) -> Vec<Message> {
        self.twilio.transcript(&format!("whatsapp:{contact}"))
    }

    /// The texts that Twilio accepted for a contact, oldest first.
    pub fn texts(&self, contact: &str) -> Vec<String> {
        self.accepted(contact).iter().map(|message| message.body.to_string()).collect()
    }

    /// Waits until an alert of a kind has arrived, and counts those.
    pub async fn alerted(&self, kind: &str) -> usize {
        for _ in 0..500 {
            let count = self.alerts_so_far(kind);
            if count > 0 {
                return count;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no alert {kind}: {:?}", self.alerted.lock().unwrap());
    }

    /// How many alerts of a kind have arrived.
    pub fn alerts_so_far(&self, kind: &str) -> usize {
        self.alerted.lock().unwrap().iter().filter(|alerted| *alerted == kind).count()
    }

    /// Changes the sender's own tables behind its back.
    pub fn execute(&self, sql: &str) -> usize {
        let tables = rusqlite::Connection::open(self.folder.path().join("channel-sender.sqlite3")).unwrap();
        tables.execute(sql, ()).unwrap()
    }

    /// How many scripted faults have struck.
    pub fn faults_struck(&self) -> u64 {
        self.twilio.outside.ledger.counters().faults
    }

    /// When Twilio accepted each message, in microseconds.
    pub fn accepted_at(&self) -> Vec<i64> {
        let wanted = simulator::ledger::Wanted { after: 0, limit: 100_000, kinds: Vec::new() };
        let page = self.twilio.outside.ledger.read(&wanted);
        let is_accepted = |what: &What| matches!(what, What::Message { .. });
        page.events.iter().filter(|event| is_accepted(&event.what)).map(|event| event.at_us).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.outside.request();
    }
}

/// A text from the agents.
pub fn text(id: &str, contact: &str, body: &str) -> SendMessageRequest {
    SendMessageRequest {
        message_id: id.to_owned(),
        source: Source::Twilio.into(),
        to_phone: contact.to_owned(),
        body: body.to_owned(),
        ..SendMessageRequest::default()
    }
}

async fn serve(mesh: &Mesh, service: ServiceName, stop: &Stop, add: impl FnOnce(Server) -> Server) {
    let server = Server::bind(service, "127.0.0.1:0".parse().unwrap(), mesh).await.unwrap();
    tokio::spawn(add(server).serve(stop.clone()));
}

/// Alerts, and the kinds of those that arrived.
async fn listen_for_alerts(stop: &Stop) -> (Alerts, Arc<Mutex<Vec<String>>>) {
    let alerted = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&alerted);
    let take = axum::routing::post(move |axum::Json(alert): axum::Json<serde_json::Value>| async move {
        taken.lock().unwrap().push(alert["kind"].as_str().unwrap().to_owned());
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().route("/", take)).await });
    let (alerts, worker) = Alerts::new(&AlertConfig { alert_webhook_url: Some(url.into()) }).unwrap();
    tokio::spawn(worker.run(stop.clone()));
    (alerts, alerted)
}

/// Lets everything pass and counts; may be away.
#[derive(Default)]
pub struct FakeLimits {
    pub takes: AtomicU64,
    pub is_away: AtomicBool,
}

#[tonic::async_trait]
impl RateLimitService for FakeLimits {
    async fn take(&self, request: Request<TakeRequest>) -> Result<Response<TakeResponse>, Status> {
        assert_eq!(request.into_inner().key, "ratelimit:send:+14155238886");
        if self.is_away.load(Ordering::SeqCst) {
            return Err(Status::unavailable("away"));
        }
        self.takes.fetch_add(1, Ordering::SeqCst);
        Ok(Response::new(TakeResponse { allowed: true, ..TakeResponse::default() }))
    }
}

/// Remembers what it is told; may be away, and may have heard of a message by callback.
#[derive(Default)]
pub struct FakeDeliveries {
    pub registered: Mutex<HashMap<String, RegisterMessageRequest>>,
    pub known: Mutex<HashMap<String, Delivery>>,
    pub is_away: Mutex<bool>,
}

impl FakeDeliveries {
    pub fn set_away(&self, is_away: bool) {
        *self.is_away.lock().unwrap() = is_away;
    }

    fn check(&self) -> Result<(), Status> {
        if *self.is_away.lock().unwrap() { Err(Status::unavailable("away")) } else { Ok(()) }
    }
}

#[tonic::async_trait]
impl DeliveryStatusService for FakeDeliveries {
    async fn register_message(
        &self,
        request: Request<RegisterMessageRequest>,
    ) -> Result<Response<RegisterMessageResponse>, Status> {
        self.check()?;
        let request = request.into_inner();
        self.registered.lock().unwrap().insert(request.message_id.clone(), request);
        Ok(Response::new(RegisterMessageResponse::default()))
    }

    async fn get_delivery(
        &self,
        request: Request<GetDeliveryRequest>,
    ) -> Result<Response<GetDeliveryResponse>, Status> {
        self.check()?;
        let known = self.known.lock().unwrap().get(&request.into_inner().message_id).cloned();
        let latest = Some(known.ok_or_else(|| Status::not_found("unknown"))?);
        Ok(Response::new(GetDeliveryResponse { latest, history: Vec::new() }))
    }

    async fn record_status(
        &self,
        _request: Request<RecordStatusRequest>,
    ) -> Result<Response<RecordStatusResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn batch_get_deliveries(
        &self,
        _request: Request<BatchGetDeliveriesRequest>,
    ) -> Result<Response<BatchGetDeliveriesResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn list_deliveries(
        &self,
        _request: Request<ListDeliveriesRequest>,
    ) -> Result<Response<ListDeliveriesResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn get_delivery_stats(
        &self,
        _request: Request<GetDeliveryStatsRequest>,
    ) -> Result<Response<GetDeliveryStatsResponse>, Status> {
        Err(Status::unimplemented("not asked here"))
    }

    type WatchDeliveriesStream = BoxStream<'static, Result<WatchDeliveriesResponse, Status>>;

    async fn watch_deliveries(
        &self,
        _request: Request<WatchDeliveriesRequest>,
    ) -> Result<Response<Self::WatchDeliveriesStream>, Status> {
        Err(Status::unimplemented("not asked here"))
    }
}
