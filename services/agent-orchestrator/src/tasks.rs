//! Tasks for people: opened by turns, closed over gRPC or by a human's reply.

use alerts::{Alert, Alerts, Severity};
use assistant::task::{Task, TaskKind};
use model::{ConversationId, Timestamp};
use store::{StoreError, Tx, Write};

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
    alerts: &Alerts,
    conversation: &Conversation,
    task: &Task,
) -> Result<Option<AuditEvent>, StoreError> {
    let kind = task.kind.as_str();
    let due_at = Timestamp::from_jiff(task.due);
    let row = NewTask {
        id: tx.ids().uuid().to_string(),
        org_id: &conversation.org_id,
        conversation_id: conversation.id,
        kind,
        details: &task.details,
        due_at,
    };
    if !tasks::open(tx, &row).await? {
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
    let event = AuditEvent::success(tx, conversation.id.as_str(), "agents", "task_opened");
    Ok(Some(event.output(kind)))
}

/// A human has answered the customer: what was open is done.
pub async fn answered(tx: &mut Tx, conversation: &ConversationId) -> Result<Vec<AuditEvent>, StoreError> {
    let kinds = tasks::close_all(tx, conversation, HUMAN).await?;
    let done = |kind| AuditEvent::success(tx, conversation.as_str(), HUMAN, "task_done").output(kind);
    Ok(kinds.into_iter().map(done).collect())
}

/// Who does tasks unless somebody says more.
const HUMAN: &str = "human";

/// Closes a task; one that is closed stays as it is. Answers how it stands.
pub struct CompleteTask {
    /// Which.
    pub id: String,
    /// Who did it; a human where nobody is named.
    pub by: String,
}

impl Write for CompleteTask {
    const NAME: &'static str = "complete-task";
    type Output = StoredTask;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<StoredTask, Error> {
        let by = if self.by.is_empty() { HUMAN } else { &self.by };
        let closed = tasks::close(tx, &self.id, by).await?;
        let task = tasks::find(tx, &self.id).await?.ok_or(Error::NoTask)?;
        if closed {
            let event = AuditEvent::success(tx, task.conversation_id.as_str(), HUMAN, "task_done");
            audit::append(tx, &[event.output(task.kind.clone())]).await?;
        }
        Ok(task)
    }
}
