//! Tasks for people: opened by turns, closed over gRPC or by a human's reply.

use alerts::{Alert, Alerts, Severity};
use assistant::task::{Task, TaskKind};
use model::{ConversationId, Ids, SharedClock, Timestamp};
use store::{Store, StoreError, Tx};

use crate::{
    Error, keys,
    store::{
        audit::{self, AuditEvent},
        conversations::Conversation,
        tasks::{self, NewTask, StoredTask},
    },
};

/// Opens a task, or adds to the open one of its kind. A person is told of a new one, once, without the customer's words; of a
/// hand-over the alert that calls for a person tells already.
pub async fn open(
    tx: &mut Tx,
    ids: &Ids,
    alerts: &Alerts,
    conversation: &Conversation,
    task: &Task,
    now: Timestamp,
) -> Result<Option<AuditEvent>, StoreError> {
    let kind = task.kind.as_str();
    let due_at = Timestamp::from_jiff(task.due);
    let row = NewTask {
        id: ids.uuid().to_string(),
        org_id: &conversation.org_id,
        conversation_id: conversation.id,
        kind,
        details: &task.details,
        due_at,
    };
    if !tasks::open(tx, &row, now).await? {
        return Ok(None);
    }
    if task.kind != TaskKind::HandOver {
        let alert = Alert::new("task_opened", "a customer was promised something; see the open tasks")
            .severity(Severity::Warning)
            .detail("conversation", conversation.id.to_string())
            .detail("task", kind)
            .detail("due", due_at.to_string())
            .key(keys::task_alert(conversation.id, kind))
            .inspect("proefrit.orchestrator.v1.OrchestratorService/ListTasks")
            .mend("proefrit.orchestrator.v1.OrchestratorService/CompleteTask");
        let alerts = alerts.clone();
        tx.on_commit(move || alerts.raise(alert));
    }
    let event = AuditEvent::success(ids, conversation.id.as_str(), "agents", "task_opened", now);
    Ok(Some(event.output(kind)))
}

/// A human has answered the customer: what was open is done.
pub async fn answered(
    tx: &mut Tx,
    ids: &Ids,
    conversation: &ConversationId,
    now: Timestamp,
) -> Result<Vec<AuditEvent>, StoreError> {
    let kinds = tasks::close_all(tx, conversation, HUMAN, now).await?;
    let done = |kind| AuditEvent::success(ids, conversation.as_str(), HUMAN, "task_done", now).output(kind);
    Ok(kinds.into_iter().map(done).collect())
}

/// Who does tasks unless somebody says more.
const HUMAN: &str = "human";

/// Closes a task; one that is closed stays as it is. Answers how it stands.
pub async fn complete(
    store: &Store,
    ids: &Ids,
    clock: &SharedClock,
    id: String,
    by: String,
) -> Result<StoredTask, Error> {
    let (ids, now) = (ids.clone(), clock.now());
    let by = if by.is_empty() { HUMAN.to_owned() } else { by };
    store
        .write_with("complete-task", move |tx| {
            Box::pin(async move {
                let closed = tasks::close(tx, &id, &by, now).await?;
                let task = tasks::find(tx, &id).await?.ok_or(Error::NoTask)?;
                if closed {
                    let event =
                        AuditEvent::success(&ids, task.conversation_id.as_str(), HUMAN, "task_done", now);
                    audit::append(tx, &[event.output(task.kind.clone())]).await?;
                }
                Ok(task)
            })
        })
        .await
}
