//! An orchestrator and a delivery log with a few conversations in memory, that can be told to be away.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::{Stream, StreamExt, future};
use lifecycle::Stop;
use mesh::{Mesh, Server, ServiceName};
use proto::{
    delivery::v1::{
        self as d,
        delivery_status_service_server::{DeliveryStatusService, DeliveryStatusServiceServer},
    },
    orchestrator::v1::{
        self as o,
        orchestrator_service_server::{OrchestratorService, OrchestratorServiceServer},
    },
};
use tokio::sync::broadcast;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;
type Changes<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Both services. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct FakeServices(Arc<Inner>);

struct Inner {
    conversations: Mutex<Vec<o::Conversation>>,
    messages: Mutex<Vec<o::Message>>,
    tasks: Mutex<Vec<o::Task>>,
    deliveries: Mutex<Vec<d::Delivery>>,
    new_messages: broadcast::Sender<o::Message>,
    new_deliveries: broadcast::Sender<d::Delivery>,
    orchestrator_away: AtomicBool,
    deliveries_away: AtomicBool,
}

impl FakeServices {
    /// Without any conversation.
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            conversations: Mutex::default(),
            messages: Mutex::default(),
            tasks: Mutex::default(),
            deliveries: Mutex::default(),
            new_messages: broadcast::Sender::new(64),
            new_deliveries: broadcast::Sender::new(64),
            orchestrator_away: AtomicBool::new(false),
            deliveries_away: AtomicBool::new(false),
        }))
    }

    /// Serves both inside the process.
    pub async fn serve(&self, mesh: &Mesh, stop: &Stop) {
        let any_port = "127.0.0.1:0".parse().unwrap();
        let orchestrator = Server::bind(ServiceName::AgentOrchestrator, any_port, mesh)
            .await
            .unwrap()
            .add_service(OrchestratorServiceServer::new(self.clone()));
        let deliveries = Server::bind(ServiceName::DeliveryStatus, any_port, mesh)
            .await
            .unwrap()
            .add_service(DeliveryStatusServiceServer::new(self.clone()));
        for server in [orchestrator, deliveries] {
            let stop = stop.clone();
            tokio::spawn(async move { server.serve(stop).await.unwrap() });
        }
    }

    /// Adds a conversation.
    pub fn converse(&self, conversation: o::Conversation) {
        self.0.conversations.lock().unwrap().push(conversation);
    }

    /// Adds a message and tells those who watch.
    pub fn say(&self, message: o::Message) {
        self.0.messages.lock().unwrap().push(message.clone());
        let _ = self.0.new_messages.send(message);
    }

    /// Adds an open task.
    pub fn ask(&self, task: o::Task) {
        self.0.tasks.lock().unwrap().push(task);
    }

    /// Changes a message's delivery and tells those who watch.
    pub fn deliver(&self, delivery: d::Delivery) {
        let mut deliveries = self.0.deliveries.lock().unwrap();
        deliveries.retain(|known| known.message_id != delivery.message_id);
        deliveries.push(delivery.clone());
        let _ = self.0.new_deliveries.send(delivery);
    }

    /// Makes services answer UNAVAILABLE, or answer again.
    pub fn away(&self, orchestrator: bool, deliveries: bool) {
        self.0.orchestrator_away.store(orchestrator, Ordering::SeqCst);
        self.0.deliveries_away.store(deliveries, Ordering::SeqCst);
    }

    fn orchestrator(&self) -> Result<(), Status> {
        there(&self.0.orchestrator_away)
    }

    fn delivery_log(&self) -> Result<(), Status> {
        there(&self.0.deliveries_away)
    }
}

fn there(away: &AtomicBool) -> Result<(), Status> {
    if away.load(Ordering::SeqCst) { Err(Status::unavailable("away")) } else { Ok(()) }
}

fn changes<T: Clone + Send + 'static>(
    sender: &broadcast::Sender<T>,
) -> impl Stream<Item = T> + Send + use<T> {
    let receiver = sender.subscribe();
    futures::stream::unfold(receiver, |mut receiver| async move {
        let change = receiver.recv().await.ok()?;
        Some((change, receiver))
    })
}

#[tonic::async_trait]
impl OrchestratorService for FakeServices {
    async fn list_tasks(&self, request: Request<o::ListTasksRequest>) -> Answer<o::ListTasksResponse> {
        self.orchestrator()?;
        let id = request.into_inner().conversation_id;
        let mut tasks = self.0.tasks.lock().unwrap().clone();
        tasks.retain(|task| id.is_empty() || task.conversation_id == id);
        Ok(Response::new(o::ListTasksResponse { tasks, next_page_token: String::new() }))
    }

    async fn complete_task(
        &self,
        request: Request<o::CompleteTaskRequest>,
    ) -> Answer<o::CompleteTaskResponse> {
        self.orchestrator()?;
        let id = request.into_inner().task_id;
        let mut tasks = self.0.tasks.lock().unwrap();
        let at = tasks.iter().position(|task| task.task_id == id);
        let at = at.ok_or_else(|| Status::not_found("no task has this id"))?;
        Ok(Response::new(o::CompleteTaskResponse { task: Some(tasks.remove(at)) }))
    }

    async fn get_conversation(
        &self,
        request: Request<o::GetConversationRequest>,
    ) -> Answer<o::GetConversationResponse> {
        self.orchestrator()?;
        let id = request.into_inner().conversation_id;
        let conversations = self.0.conversations.lock().unwrap();
        let found = conversations.iter().find(|known| known.conversation_id == id).cloned();
        let conversation = Some(found.ok_or_else(|| mesh::not_found("conversation"))?);
        Ok(Response::new(o::GetConversationResponse { conversation }))
    }

    async fn list_conversations(
        &self,
        _: Request<o::ListConversationsRequest>,
    ) -> Answer<o::ListConversationsResponse> {
        self.orchestrator()?;
        let conversations = self.0.conversations.lock().unwrap().clone();
        Ok(Response::new(o::ListConversationsResponse { conversations, next_page_token: String::new() }))
    }

    async fn list_messages(
        &self,
        request: Request<o::ListMessagesRequest>,
    ) -> Answer<o::ListMessagesResponse> {
        self.orchestrator()?;
        let id = request.into_inner().conversation_id;
        let messages = self.0.messages.lock().unwrap();
        let messages = messages.iter().filter(|message| message.conversation_id == id).cloned().collect();
        Ok(Response::new(o::ListMessagesResponse { messages, next_page_token: String::new() }))
    }

    type WatchConversationStream = Changes<o::WatchConversationResponse>;

    async fn watch_conversation(
        &self,
        _: Request<o::WatchConversationRequest>,
    ) -> Answer<Self::WatchConversationStream> {
        self.orchestrator()?;
        let changes = changes(&self.0.new_messages)
            .map(|message| Ok(o::WatchConversationResponse { message: Some(message) }));
        Ok(Response::new(Box::pin(changes)))
    }

    async fn submit_message(&self, _: Request<o::SubmitMessageRequest>) -> Answer<o::SubmitMessageResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn analyze_message(
        &self,
        _: Request<o::AnalyzeMessageRequest>,
    ) -> Answer<o::AnalyzeMessageResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn pause_agents(&self, _: Request<o::PauseAgentsRequest>) -> Answer<o::PauseAgentsResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn resume_agents(&self, _: Request<o::ResumeAgentsRequest>) -> Answer<o::ResumeAgentsResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn send_human_reply(
        &self,
        _: Request<o::SendHumanReplyRequest>,
    ) -> Answer<o::SendHumanReplyResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn list_dead_letters(
        &self,
        _: Request<o::ListDeadLettersRequest>,
    ) -> Answer<o::ListDeadLettersResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn retry_dead_letter(
        &self,
        _: Request<o::RetryDeadLetterRequest>,
    ) -> Answer<o::RetryDeadLetterResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn discard_dead_letter(
        &self,
        _: Request<o::DiscardDeadLetterRequest>,
    ) -> Answer<o::DiscardDeadLetterResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn list_audit_events(
        &self,
        _: Request<o::ListAuditEventsRequest>,
    ) -> Answer<o::ListAuditEventsResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn append_audit_events(
        &self,
        _: Request<o::AppendAuditEventsRequest>,
    ) -> Answer<o::AppendAuditEventsResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn export_contact(&self, _: Request<o::ExportContactRequest>) -> Answer<o::ExportContactResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn erase_contact(&self, _: Request<o::EraseContactRequest>) -> Answer<o::EraseContactResponse> {
        Err(Status::unimplemented("not here"))
    }
}

#[tonic::async_trait]
impl DeliveryStatusService for FakeServices {
    async fn batch_get_deliveries(
        &self,
        request: Request<d::BatchGetDeliveriesRequest>,
    ) -> Answer<d::BatchGetDeliveriesResponse> {
        self.delivery_log()?;
        let ids = request.into_inner().message_ids;
        let deliveries = self.0.deliveries.lock().unwrap();
        let deliveries = deliveries.iter().filter(|known| ids.contains(&known.message_id)).cloned().collect();
        Ok(Response::new(d::BatchGetDeliveriesResponse { deliveries }))
    }

    async fn get_delivery_stats(
        &self,
        _: Request<d::GetDeliveryStatsRequest>,
    ) -> Answer<d::GetDeliveryStatsResponse> {
        self.delivery_log()?;
        let count =
            |status: &str, count, percentage| d::StatusCount { status: status.to_owned(), count, percentage };
        let statuses =
            vec![count("read", 96, 75.0), count("delivered", 29, 22.7), count("undelivered", 3, 2.3)];
        Ok(Response::new(d::GetDeliveryStatsResponse { statuses, total: 128, ..Default::default() }))
    }

    type WatchDeliveriesStream = Changes<d::WatchDeliveriesResponse>;

    async fn watch_deliveries(
        &self,
        _: Request<d::WatchDeliveriesRequest>,
    ) -> Answer<Self::WatchDeliveriesStream> {
        self.delivery_log()?;
        let changes = changes(&self.0.new_deliveries).filter_map(|delivery| {
            future::ready(Some(Ok(d::WatchDeliveriesResponse { delivery: Some(delivery) })))
        });
        Ok(Response::new(Box::pin(changes)))
    }

    async fn register_message(
        &self,
        _: Request<d::RegisterMessageRequest>,
    ) -> Answer<d::RegisterMessageResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn record_status(&self, _: Request<d::RecordStatusRequest>) -> Answer<d::RecordStatusResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn get_delivery(&self, _: Request<d::GetDeliveryRequest>) -> Answer<d::GetDeliveryResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn list_deliveries(
        &self,
        _: Request<d::ListDeliveriesRequest>,
    ) -> Answer<d::ListDeliveriesResponse> {
        Err(Status::unimplemented("not here"))
    }
}
