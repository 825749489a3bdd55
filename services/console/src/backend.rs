//! The services behind the page. Each may be away; the page then shows what the others know, and says so.

use std::collections::HashMap;

use mesh::{Mesh, ServiceName, Wire};
use proto::{
    delivery::v1::{
        BatchGetDeliveriesRequest, GetDeliveryStatsRequest, WatchDeliveriesRequest, WatchDeliveriesResponse,
        delivery_status_service_client::DeliveryStatusServiceClient,
    },
    orchestrator::v1::{
        CompleteTaskRequest, GetConversationRequest, ListConversationsRequest, ListMessagesRequest,
        ListTasksRequest, Message, WatchConversationRequest, WatchConversationResponse,
        orchestrator_service_client::OrchestratorServiceClient,
    },
};
use tonic::{Code, Status, Streaming};

use crate::{
    desk::{Entry, Progress, Row, Task},
    view::{Day, Desk, Notice, TaskList, Thread},
};

/// Conversations on a page.
const PAGE_SIZE: u32 = 50;

/// Messages shown of a conversation: the latest ones.
const SHOWN: usize = 300;

/// Messages asked for at once, the most the orchestrator gives.
const BATCH: u32 = 1000;

/// Batches read of one conversation. They come oldest first, so a longer one is shown from its start; nobody's is.
const BATCHES: usize = 20;

/// Clients of the services the page shows. Cheap to clone.
#[derive(Clone)]
pub struct Backend {
    orchestrator: OrchestratorServiceClient<Wire>,
    deliveries: DeliveryStatusServiceClient<Wire>,
}

/// What a visitor asked to see.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The conversation to open, by internal id.
    pub conversation: Option<String>,
    /// Where the list of conversations starts.
    pub page: Option<String>,
}

/// A conversation that does not exist, unlike one that cannot be read now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchConversation;

impl Backend {
    /// Clients over the mesh; nothing is connected yet.
    pub fn new(mesh: &Mesh) -> Self {
        let wire = |to| mesh.wire(ServiceName::Console, to);
        Self {
            orchestrator: OrchestratorServiceClient::new(wire(ServiceName::AgentOrchestrator)),
            deliveries: DeliveryStatusServiceClient::new(wire(ServiceName::DeliveryStatus)),
        }
    }

    /// Everything one page shows; what cannot be had becomes a notice on it.
    pub async fn desk(&self, wanted: &Wanted) -> Result<Desk, NoSuchConversation> {
        let mut desk = Desk { selected: wanted.conversation.clone(), ..Desk::default() };
        let thread = async {
            match &wanted.conversation {
                Some(id) => Some(self.thread(id).await),
                None => None,
            }
        };
        let (list, thread, day) = tokio::join!(self.list(wanted.page.clone()), thread, self.day());
        let mut away = Away::default();
        match list {
            Ok((rows, next)) => {
                (desk.rows, desk.rows_known) = (rows, true);
                desk.next_page = (!next.is_empty()).then_some(next);
            }
            Err(status) => away.note("Conversations", ServiceName::AgentOrchestrator, &status),
        }
        match thread {
            Some(Ok((thread, ticks))) => {
                desk.thread = Some(thread);
                if let Err(status) = ticks {
                    away.note("Delivery ticks", ServiceName::DeliveryStatus, &status);
                }
            }
            Some(Err(status)) if status.code() == Code::NotFound => return Err(NoSuchConversation),
            Some(Err(status)) => away.note("Messages", ServiceName::AgentOrchestrator, &status),
            None => {}
        }
        match day {
            Ok(day) => desk.day = Some(day),
            Err(status) => away.note("Delivery statistics", ServiceName::DeliveryStatus, &status),
        }
        desk.notices = away.notices();
        Ok(desk)
    }

    async fn list(&self, page: Option<String>) -> Result<(Vec<Row>, String), Status> {
        let request = ListConversationsRequest { page_size: PAGE_SIZE, page_token: page.unwrap_or_default() };
        let response = self.orchestrator.clone().list_conversations(request).await?.into_inner();
        Ok((response.conversations.into_iter().map(Row::from).collect(), response.next_page_token))
    }

    /// One row of the list.
    pub async fn row(&self, conversation_id: String) -> Result<Option<Row>, Status> {
        let request = GetConversationRequest { conversation_id };
        let response = self.orchestrator.clone().get_conversation(request).await?.into_inner();
        Ok(response.conversation.map(Row::from))
    }

    /// A conversation's latest messages, and whether their ticks are those of delivery-status.
    async fn thread(&self, conversation_id: &str) -> Result<(Thread, Result<(), Status>), Status> {
        let (row, messages, tasks) = tokio::try_join!(
            self.row(conversation_id.to_owned()),
            self.messages(conversation_id),
            self.open_tasks(Some(conversation_id), String::new()),
        )?;
        let left_out = messages.len().saturating_sub(SHOWN);
        let mut entries: Vec<Entry> = messages.into_iter().skip(left_out).map(Entry::from).collect();
        let outbound = entries.iter().filter(|entry| entry.outbound).map(|entry| entry.id.clone()).collect();
        let ticks = self.progress(outbound).await.map(|mut known| {
            for entry in &mut entries {
                if let Some(progress) = known.remove(&entry.id) {
                    entry.progress = Some(progress);
                }
            }
        });
        Ok((Thread { row, entries, left_out, tasks: tasks.0 }, ticks))
    }

    /// Open tasks, the one due first at the front.
    pub async fn tasks(&self, conversation_id: Option<&str>, page: Option<String>) -> TaskList {
        match self.open_tasks(conversation_id, page.unwrap_or_default()).await {
            Ok((tasks, next)) => {
                TaskList { tasks, next_page: (!next.is_empty()).then_some(next), notices: Vec::new() }
            }
            Err(status) => {
                let mut away = Away::default();
                away.note("Tasks", ServiceName::AgentOrchestrator, &status);
                TaskList { notices: away.notices(), ..TaskList::default() }
            }
        }
    }

    async fn open_tasks(
        &self,
        conversation_id: Option<&str>,
        page_token: String,
    ) -> Result<(Vec<Task>, String), Status> {
        let conversation_id = conversation_id.unwrap_or_default().to_owned();
        let request =
            ListTasksRequest { conversation_id, page_size: PAGE_SIZE, page_token, ..Default::default() };
        let response = self.orchestrator.clone().list_tasks(request).await?.into_inner();
        Ok((response.tasks.into_iter().map(Task::from).collect(), response.next_page_token))
    }

    /// Closes a task.
    pub async fn complete_task(&self, task_id: String) -> Result<(), Status> {
        let request = CompleteTaskRequest { task_id, done_by: String::new() };
        self.orchestrator.clone().complete_task(request).await.map(drop)
    }

    async fn messages(&self, conversation_id: &str) -> Result<Vec<Message>, Status> {
        let mut messages = Vec::new();
        let mut page_token = String::new();
        for _ in 0..BATCHES {
            let conversation_id = conversation_id.to_owned();
            let request = ListMessagesRequest { conversation_id, page_size: BATCH, page_token };
            let response = self.orchestrator.clone().list_messages(request).await?.into_inner();
            messages.extend(response.messages);
            page_token = response.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        Ok(messages)
    }

    async fn progress(&self, message_ids: Vec<String>) -> Result<HashMap<String, Progress>, Status> {
        if message_ids.is_empty() {
            return Ok(HashMap::new());
        }
        let request = BatchGetDeliveriesRequest { message_ids };
        let response = self.deliveries.clone().batch_get_deliveries(request).await?.into_inner();
        let known = response.deliveries.into_iter().map(|mut delivery| {
            let message_id = std::mem::take(&mut delivery.message_id);
            (message_id, Progress::from(delivery))
        });
        Ok(known.collect())
    }

    async fn day(&self) -> Result<Day, Status> {
        let request = GetDeliveryStatsRequest { window: None };
        let stats = self.deliveries.clone().get_delivery_stats(request).await?.into_inner();
        let sum = |words: &[&str]| {
            let wanted = stats.statuses.iter().filter(|count| words.contains(&count.status.as_str()));
            wanted.fold((0, 0.0), |(count, share), row| (count + row.count, share + row.percentage))
        };
        let (_, arrived) = sum(&["delivered", "read"]);
        let (failed, _) = sum(&["failed", "undelivered"]);
        Ok(Day { total: stats.total, arrived, failed })
    }

    /// Messages of all conversations as they are committed.
    pub async fn watch_messages(&self) -> Result<Streaming<WatchConversationResponse>, Status> {
        let request = WatchConversationRequest { conversation_id: String::new() };
        Ok(self.orchestrator.clone().watch_conversation(request).await?.into_inner())
    }

    /// Changes of all messages' delivery as they are committed.
    pub async fn watch_deliveries(&self) -> Result<Streaming<WatchDeliveriesResponse>, Status> {
        let request = WatchDeliveriesRequest { message_id: String::new() };
        Ok(self.deliveries.clone().watch_deliveries(request).await?.into_inner())
    }
}

/// What cannot be shown, by service, so that one service away gives one notice.
#[derive(Default)]
struct Away(Vec<(ServiceName, Vec<&'static str>)>);

impl Away {
    fn note(&mut self, what: &'static str, service: ServiceName, status: &Status) {
        tracing::warn!(peer = service.as_str(), code = ?status.code(), "the console cannot show: {what}");
        match self.0.iter_mut().find(|(known, _)| *known == service) {
            Some((_, missing)) => missing.push(what),
            None => self.0.push((service, vec![what])),
        }
    }

    fn notices(self) -> Vec<Notice> {
        let notice = |(service, missing): (ServiceName, Vec<&str>)| {
            let missing = missing.join(" and ");
            Notice(format!("{missing} cannot be shown now: {} does not answer.", service.as_str()))
        };
        self.0.into_iter().map(notice).collect()
    }
}
