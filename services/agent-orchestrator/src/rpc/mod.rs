//! The gRPC face: proto in, domain out, status at the edge; no decisions.

mod convert;
mod dead_letters;
mod watch;

use std::pin::Pin;

use assistant::reading;
use futures::Stream;
use mesh::{Mesh, ServiceName};
use model::{SharedClock, Timestamp};
use proto::{
    delivery::v1::{BatchGetDeliveriesRequest, delivery_status_service_client::DeliveryStatusServiceClient},
    orchestrator::v1::{
        AnalyzeMessageRequest, AnalyzeMessageResponse, AppendAuditEventsRequest, AppendAuditEventsResponse,
        CompleteTaskRequest, CompleteTaskResponse, DiscardDeadLetterRequest, DiscardDeadLetterResponse,
        EraseContactRequest, EraseContactResponse, ExportContactRequest, ExportContactResponse,
        GetConversationRequest, GetConversationResponse, ListAuditEventsRequest, ListAuditEventsResponse,
        ListConversationsRequest, ListConversationsResponse, ListDeadLettersRequest, ListDeadLettersResponse,
        ListMessagesRequest, ListMessagesResponse, ListTasksRequest, ListTasksResponse, PauseAgentsRequest,
        PauseAgentsResponse, ResumeAgentsRequest, ResumeAgentsResponse, RetryDeadLetterRequest,
        RetryDeadLetterResponse, SendHumanReplyRequest, SendHumanReplyResponse, SubmitMessageRequest,
        SubmitMessageResponse, WatchConversationRequest, WatchConversationResponse,
        orchestrator_service_server::OrchestratorService,
    },
};
use store::{Store, StoreError, Tx, Write};
use tonic::{Request, Response, Status};

use crate::{
    Error,
    handoff::Handoffs,
    keys::DEFAULT_ORG,
    knowledge::LiveKnowledge,
    store::{
        audit::{self, AuditEvent},
        conversations::{self, Conversation},
        messages::{self, StoredMessage},
        tasks::Filter,
    },
    submit::Submissions,
    tasks::CompleteTask,
};

/// The service's RPCs.
pub struct Rpc {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) mesh: Mesh,
    pub(crate) dealer: LiveKnowledge,
    pub(crate) submissions: Submissions,
    pub(crate) handoffs: Handoffs,
}

/// A page's size within its limits; 0 asks for the default.
fn page_size(asked: u32, default: i64, most: i64) -> i64 {
    if asked == 0 { default } else { i64::from(asked).min(most) }
}

/// A page token is the number after which the page begins.
fn after(page_token: &str, first: i64) -> Result<i64, Status> {
    if page_token.is_empty() {
        return Ok(first);
    }
    page_token
        .parse()
        .map_err(|_| mesh::invalid("page_token", "must be the next_page_token of the page before"))
}

/// A place in the list of conversations: the moment of the latest activity, and the id among those of that moment.
fn place(page_token: &str) -> Result<(Timestamp, String), Status> {
    if page_token.is_empty() {
        return Ok((Timestamp::from_micros(i64::MAX), String::new()));
    }
    let place =
        page_token.split_once('/').and_then(|(moment, id)| Some((moment.parse().ok()?, id.to_owned())));
    let (moment, id) =
        place.ok_or_else(|| mesh::invalid("page_token", "must be the next_page_token of the page before"))?;
    Ok((Timestamp::from_micros(moment), id))
}

/// A place in a list by moment, then id, read forwards.
fn behind(page_token: &str) -> Result<(Timestamp, String), Status> {
    if page_token.is_empty() {
        return Ok((Timestamp::from_micros(i64::MIN), String::new()));
    }
    place(page_token)
}

/// The token of the page behind a full one.
fn next_page<T>(rows: &[T], limit: i64, place: impl Fn(&T) -> String) -> String {
    match rows.last() {
        Some(last) if i64::try_from(rows.len()) == Ok(limit) => place(last),
        _ => String::new(),
    }
}

impl Rpc {
    async fn conversation(&self, id: &str) -> Result<Conversation, Status> {
        if id.is_empty() {
            return Err(mesh::invalid("conversation_id", "must be an internal id or twilio:+31612345678"));
        }
        let found = async {
            conversations::resolve(&mut *self.store.read("find-conversation").await?, DEFAULT_ORG, id).await
        };
        found.await.map_err(mesh::status)?.ok_or_else(|| mesh::status(Error::NoConversation))
    }

    /// Outbound messages show what the provider said of them; while delivery-status is away they show our own state.
    async fn with_deliveries(&self, rows: Vec<StoredMessage>) -> Vec<proto::orchestrator::v1::Message> {
        let message_ids: Vec<String> =
            rows.iter().filter(|row| row.direction == "outbound").map(|row| row.id.to_string()).collect();
        let mut messages: Vec<_> = rows.into_iter().map(convert::message).collect();
        if message_ids.is_empty() {
            return messages;
        }
        let wire = self.mesh.wire(ServiceName::AgentOrchestrator, ServiceName::DeliveryStatus);
        let request = BatchGetDeliveriesRequest { message_ids };
        match DeliveryStatusServiceClient::new(wire).batch_get_deliveries(request).await {
            Ok(answer) => convert::join_deliveries(&mut messages, answer.into_inner().deliveries),
            Err(status) => {
                tracing::debug!(error = %status, "messages are listed without their delivery status");
            }
        }
        messages
    }
}

type Messages = Pin<Box<dyn Stream<Item = Result<WatchConversationResponse, Status>> + Send>>;

#[tonic::async_trait]
impl OrchestratorService for Rpc {
    async fn submit_message(
        &self,
        request: Request<SubmitMessageRequest>,
    ) -> Result<Response<SubmitMessageResponse>, Status> {
        let inbound = convert::inbound(request.into_inner().message)?;
        let submitted = self.submissions.submit(inbound).await.map_err(mesh::status)?;
        Ok(Response::new(SubmitMessageResponse {
            message_id: submitted.message_id,
            conversation_id: submitted.conversation_id,
            is_new: submitted.is_new,
        }))
    }

    async fn analyze_message(
        &self,
        request: Request<AnalyzeMessageRequest>,
    ) -> Result<Response<AnalyzeMessageResponse>, Status> {
        let request = request.into_inner();
        let moment =
            request.reference_time.map_or_else(|| self.clock.now(), mesh::convert::from_proto_timestamp);
        let dealer = self.dealer.now();
        let at = moment
            .to_jiff()
            .map_err(|_| mesh::invalid("reference_time", "must lie within the years 0001 to 9999"))?
            .to_zoned(dealer.timezone.clone());
        let offered_slots = request.context.map_or(0, |context| context.offered_slots);
        let analysis = reading::analyze(&request.text, &at, &dealer.context(offered_slots));
        Ok(Response::new(AnalyzeMessageResponse { analysis: Some(convert::analysis(analysis)) }))
    }

    async fn get_conversation(
        &self,
        request: Request<GetConversationRequest>,
    ) -> Result<Response<GetConversationResponse>, Status> {
        let conversation = self.conversation(&request.into_inner().conversation_id).await?;
        Ok(Response::new(GetConversationResponse { conversation: Some(convert::conversation(conversation)) }))
    }

    async fn list_conversations(
        &self,
        request: Request<ListConversationsRequest>,
    ) -> Result<Response<ListConversationsResponse>, Status> {
        let request = request.into_inner();
        let limit = page_size(request.page_size, 50, 200);
        let before = place(&request.page_token)?;
        let rows = async {
            conversations::list(&mut *self.store.scan("list-conversations").await?, before, limit).await
        };
        let rows = rows.await.map_err(mesh::status)?;
        let next_page_token =
            next_page(&rows, limit, |row| format!("{}/{}", row.last_message_at.as_micros(), row.id));
        let conversations = rows.into_iter().map(convert::conversation).collect();
        Ok(Response::new(ListConversationsResponse { conversations, next_page_token }))
    }

    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        let request = request.into_inner();
        let conversation = self.conversation(&request.conversation_id).await?;
        let limit = page_size(request.page_size, 200, 1000);
        let after = after(&request.page_token, 0)?;
        let rows = async {
            let mut conn = self.store.scan("list-messages").await?;
            messages::list(&mut conn, conversation.id.as_str(), after, limit).await
        };
        let rows = rows.await.map_err(mesh::status)?;
        let next_page_token = next_page(&rows, limit, |row| row.number.to_string());
        let messages = self.with_deliveries(rows).await;
        Ok(Response::new(ListMessagesResponse { messages, next_page_token }))
    }

    type WatchConversationStream = Messages;

    async fn watch_conversation(
        &self,
        request: Request<WatchConversationRequest>,
    ) -> Result<Response<Messages>, Status> {
        let id = request.into_inner().conversation_id;
        let only = if id.is_empty() { None } else { Some(self.conversation(&id).await?.id) };
        let stream = watch::messages(self.store.clone(), only).await.map_err(mesh::status)?;
        Ok(Response::new(Box::pin(stream)))
    }

    async fn pause_agents(
        &self,
        request: Request<PauseAgentsRequest>,
    ) -> Result<Response<PauseAgentsResponse>, Status> {
        let conversation = self.conversation(&request.into_inner().conversation_id).await?;
        let conversation = self.handoffs.pause(conversation).await?;
        Ok(Response::new(PauseAgentsResponse { conversation: Some(convert::conversation(conversation)) }))
    }

    async fn resume_agents(
        &self,
        request: Request<ResumeAgentsRequest>,
    ) -> Result<Response<ResumeAgentsResponse>, Status> {
        let conversation = self.conversation(&request.into_inner().conversation_id).await?;
        let conversation = self.handoffs.resume(conversation).await?;
        Ok(Response::new(ResumeAgentsResponse { conversation: Some(convert::conversation(conversation)) }))
    }

    async fn send_human_reply(
        &self,
        request: Request<SendHumanReplyRequest>,
    ) -> Result<Response<SendHumanReplyResponse>, Status> {
        let request = request.into_inner();
        if request.body.trim().is_empty() {
            return Err(mesh::invalid("body", "must not be empty"));
        }
        let conversation = self.conversation(&request.conversation_id).await?;
        let message_id = self.handoffs.reply(conversation, request.body, request.idempotency_key).await?;
        Ok(Response::new(SendHumanReplyResponse { message_id }))
    }

    async fn list_dead_letters(
        &self,
        request: Request<ListDeadLettersRequest>,
    ) -> Result<Response<ListDeadLettersResponse>, Status> {
        dead_letters::list(&self.mesh, request.into_inner()).await.map(Response::new)
    }

    async fn retry_dead_letter(
        &self,
        request: Request<RetryDeadLetterRequest>,
    ) -> Result<Response<RetryDeadLetterResponse>, Status> {
        dead_letters::retry(&self.mesh, &request.into_inner().dead_letter_id).await?;
        Ok(Response::new(RetryDeadLetterResponse {}))
    }

    async fn discard_dead_letter(
        &self,
        request: Request<DiscardDeadLetterRequest>,
    ) -> Result<Response<DiscardDeadLetterResponse>, Status> {
        dead_letters::discard(&self.mesh, &request.into_inner().dead_letter_id).await?;
        Ok(Response::new(DiscardDeadLetterResponse {}))
    }

    async fn list_tasks(
        &self,
        request: Request<ListTasksRequest>,
    ) -> Result<Response<ListTasksResponse>, Status> {
        let request = request.into_inner();
        let open = request.state() != proto::orchestrator::v1::TaskState::Done;
        let conversation_id = match request.conversation_id.as_str() {
            "" => String::new(),
            id => self.conversation(id).await?.id.to_string(),
        };
        let limit = page_size(request.page_size, 50, 200);
        let filter = Filter {
            org_id: if request.org_id.is_empty() { DEFAULT_ORG.to_owned() } else { request.org_id },
            open,
            owner: request.owner,
            conversation_id,
            after: behind(&request.page_token)?,
            limit,
        };
        let rows =
            async { crate::store::tasks::list(&mut *self.store.scan("list-tasks").await?, &filter).await };
        let rows = rows.await.map_err(mesh::status)?;
        let next_page_token = next_page(&rows, limit, |row| format!("{}/{}", row.due_at.as_micros(), row.id));
        let tasks = rows.into_iter().map(convert::task).collect();
        Ok(Response::new(ListTasksResponse { tasks, next_page_token }))
    }

    async fn complete_task(
        &self,
        request: Request<CompleteTaskRequest>,
    ) -> Result<Response<CompleteTaskResponse>, Status> {
        let CompleteTaskRequest { task_id, done_by } = request.into_inner();
        if task_id.is_empty() {
            return Err(mesh::invalid("task_id", "must be the id of a task that ListTasks shows"));
        }
        if done_by.chars().count() > 100 {
            return Err(mesh::invalid("done_by", "must be at most 100 characters"));
        }
        let task = self.store.write(CompleteTask { id: task_id, by: done_by }).await;
        let task = task.map_err(mesh::status)?;
        Ok(Response::new(CompleteTaskResponse { task: Some(convert::task(task)) }))
    }

    async fn list_audit_events(
        &self,
        request: Request<ListAuditEventsRequest>,
    ) -> Result<Response<ListAuditEventsResponse>, Status> {
        let request = request.into_inner();
        let conversation = self.conversation(&request.conversation_id).await?;
        let limit = page_size(request.page_size, 100, 1000);
        let after = after(&request.page_token, 0)?;
        let rows = async {
            let mut conn = self.store.scan("list-audit-events").await?;
            audit::list(&mut conn, conversation.id.as_str(), after, limit).await
        };
        let rows = rows.await.map_err(mesh::status)?;
        let next_page_token = next_page(&rows, limit, |(number, _)| number.to_string());
        let events = rows.into_iter().map(|(_, event)| convert::audit_event(event)).collect();
        Ok(Response::new(ListAuditEventsResponse { events, next_page_token }))
    }

    async fn append_audit_events(
        &self,
        request: Request<AppendAuditEventsRequest>,
    ) -> Result<Response<AppendAuditEventsResponse>, Status> {
        let events = request.into_inner().events;
        let events = events.into_iter().map(convert::audit_event_in).collect::<Result<Vec<_>, Status>>()?;
        let appended = self.store.write(AppendAuditEvents(events)).await.map_err(mesh::status)?;
        let appended = u32::try_from(appended).unwrap_or(u32::MAX);
        Ok(Response::new(AppendAuditEventsResponse { appended }))
    }

    async fn export_contact(
        &self,
        _request: Request<ExportContactRequest>,
    ) -> Result<Response<ExportContactResponse>, Status> {
        Err(Status::unimplemented("export is not available in this version"))
    }

    async fn erase_contact(
        &self,
        _request: Request<EraseContactRequest>,
    ) -> Result<Response<EraseContactResponse>, Status> {
        Err(Status::unimplemented("erasure is not available in this version"))
    }
}

/// Keeps events that a service could not tell of when they happened; says how many were new.
struct AppendAuditEvents(Vec<AuditEvent>);

impl Write for AppendAuditEvents {
    const NAME: &'static str = "append-audit-events";
    type Output = u64;
    type Error = StoreError;

    async fn run(self, tx: &mut Tx) -> Result<u64, StoreError> {
        audit::append(tx, &self.0).await
    }
}
