//! The dead letters of all services, gathered.

use mesh::{Mesh, ServiceName, Wire};
use proto::{
    orchestrator::v1::{DeadLetter, ListDeadLettersRequest, ListDeadLettersResponse},
    queue::v1::{self as queue_v1, queue_service_client::QueueServiceClient},
};
use tonic::{Code, Status};

/// Services that have queues.
const WITH_QUEUES: [ServiceName; 4] = [
    ServiceName::AgentOrchestrator,
    ServiceName::ChannelSender,
    ServiceName::Calendar,
    ServiceName::DeliveryStatus,
];

fn client(mesh: &Mesh, service: ServiceName) -> QueueServiceClient<Wire> {
    QueueServiceClient::new(mesh.wire(ServiceName::AgentOrchestrator, service))
}

/// Lists them service by service; the page token names the service and its own token.
pub async fn list(mesh: &Mesh, request: ListDeadLettersRequest) -> Result<ListDeadLettersResponse, Status> {
    let malformed = || mesh::invalid("page_token", "must be the next_page_token of the page before");
    let (first, mut token) = match request.page_token.split_once('/') {
        None if request.page_token.is_empty() => (0, String::new()),
        None => return Err(malformed()),
        Some((index, token)) => (index.parse::<usize>().map_err(|_| malformed())?, token.to_owned()),
    };
    let page_size = if request.page_size == 0 { 50 } else { request.page_size.min(500) };
    let mut dead_letters = Vec::new();
    for (index, service) in WITH_QUEUES.into_iter().enumerate().skip(first) {
        let room = page_size - u32::try_from(dead_letters.len()).unwrap_or(page_size);
        if room == 0 {
            return Ok(ListDeadLettersResponse { dead_letters, next_page_token: format!("{index}/") });
        }
        let page =
            queue_v1::ListDeadLettersRequest { page_size: room, page_token: std::mem::take(&mut token) };
        let page = client(mesh, service).list_dead_letters(page).await?.into_inner();
        dead_letters.extend(page.dead_letters.into_iter().map(|letter| dead_letter(service, letter)));
        if !page.next_page_token.is_empty() {
            let next_page_token = format!("{index}/{}", page.next_page_token);
            return Ok(ListDeadLettersResponse { dead_letters, next_page_token });
        }
    }
    Ok(ListDeadLettersResponse { dead_letters, next_page_token: String::new() })
}

fn dead_letter(service: ServiceName, letter: queue_v1::DeadLetter) -> DeadLetter {
    DeadLetter {
        dead_letter_id: letter.dead_letter_id,
        service: service.as_str().to_owned(),
        queue: letter.queue,
        kind: letter.kind,
        error: letter.error,
        tries: letter.tries,
        died_at: letter.died_at,
        trace_id: letter.trace_id,
    }
}

/// Puts one back, wherever it is; one that is there no more was retried before.
pub async fn retry(mesh: &Mesh, id: &str) -> Result<(), Status> {
    for service in WITH_QUEUES {
        let request = queue_v1::RetryDeadLetterRequest { dead_letter_id: id.to_owned() };
        if found(
            client(mesh, service).retry_dead_letter(request).await.map(|answer| answer.into_inner().retried),
        )? {
            break;
        }
    }
    Ok(())
}

/// Gives one up, wherever it is; one that is there no more was discarded before.
pub async fn discard(mesh: &Mesh, id: &str) -> Result<(), Status> {
    for service in WITH_QUEUES {
        let request = queue_v1::DiscardDeadLetterRequest { dead_letter_id: id.to_owned() };
        let answer = client(mesh, service).discard_dead_letter(request).await;
        if found(answer.map(|answer| answer.into_inner().discarded))? {
            break;
        }
    }
    Ok(())
}

fn found(answer: Result<bool, Status>) -> Result<bool, Status> {
    match answer {
        Err(status) if status.code() == Code::NotFound => Ok(false),
        other => other,
    }
}
