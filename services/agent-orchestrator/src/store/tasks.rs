//! What a person is to do for a customer: one open task per conversation and kind.

use model::{ConversationId, Timestamp};
use store::{Conn, FromRow, Row, Sql, StoreError, Tx, params};

/// Characters of details that are kept; what comes after them is in the conversation.
const LONGEST: usize = 2_000;

/// A task as it was written.
#[derive(Clone, Debug)]
pub struct StoredTask {
    /// Names it.
    pub id: String,
    /// Whose conversation.
    pub conversation_id: ConversationId,
    /// `question`, `trade_in`, `hand_over` …
    pub kind: String,
    /// For the person, with the customer's own words: a line for each time it came up.
    pub details: String,
    /// Whether it still waits.
    pub open: bool,
    /// Who takes care of it, or nobody.
    pub owner: String,
    /// When the customer may expect an answer.
    pub due_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was closed.
    pub done_at: Option<Timestamp>,
    /// Who closed it.
    pub done_by: String,
    /// The customer's name, or the address where there is none.
    pub contact: String,
}

/// A task to be opened, or to be added to the one that is open.
#[derive(Clone, Debug)]
pub struct NewTask<'a> {
    /// Its name, if it is a new one.
    pub id: String,
    /// The organisation.
    pub org_id: &'a str,
    /// Whose conversation.
    pub conversation_id: ConversationId,
    /// `question`, `trade_in`, `hand_over` …
    pub kind: &'a str,
    /// One line for the person.
    pub details: &'a str,
    /// When the customer may expect an answer.
    pub due_at: Timestamp,
}

/// Opens a task, or adds what is new to the open one of its kind; says whether it was opened. The caller holds the conversation.
pub async fn open(tx: &mut Tx, task: &NewTask<'_>) -> Result<bool, StoreError> {
    const FIND: &str =
        "SELECT task_id, details FROM tasks WHERE conversation_id = $1 AND kind = $2 AND state = 'open'";
    let now = tx.now();
    let there = tx.fetch_optional(FIND, params![task.conversation_id.as_str(), task.kind]).await?;
    let Some::<(String, String)>((id, details)) = there else {
        const SQL: &str = "
            INSERT INTO tasks (task_id, org_id, conversation_id, kind, details, state, owner, due_at,
                created_at, done_at, done_by)
            VALUES ($1, $2, $3, $4, $5, 'open', '', $6, $7, 0, '')";
        tx.execute(
            SQL,
            params![
                &task.id,
                task.org_id,
                task.conversation_id.as_str(),
                task.kind,
                bounded(task.details),
                task.due_at,
                now
            ],
        )
        .await?;
        return Ok(true);
    };
    if let Some(details) = with(&details, task.details) {
        tx.execute("UPDATE tasks SET details = $1 WHERE task_id = $2", params![details, id]).await?;
    }
    Ok(false)
}

fn bounded(details: &str) -> String {
    details.chars().filter(|letter| *letter != '\0').take(LONGEST).collect()
}

/// The details with a line added; nothing where it stands there already.
fn with(details: &str, line: &str) -> Option<String> {
    let line = bounded(line);
    let new = !line.is_empty() && !details.lines().any(|known| known == line);
    let added = if details.is_empty() { line } else { format!("{details}\n{line}") };
    new.then(|| bounded(&added)).filter(|added| added != details)
}

const COLUMNS: &str =
    "tasks.task_id, tasks.conversation_id, tasks.kind, tasks.details, tasks.state, tasks.owner, tasks.due_at,
    tasks.created_at, tasks.done_at, tasks.done_by, contacts.name, conversations.address";

const FROM: &str = "tasks JOIN conversations ON conversations.conversation_id = tasks.conversation_id
    JOIN contacts ON contacts.contact_id = conversations.contact_id";

impl FromRow for StoredTask {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let done_at: i64 = row.get("done_at")?;
        let name: String = row.get("name")?;
        Ok(Self {
            id: row.get("task_id")?,
            conversation_id: row.parse("conversation_id")?,
            kind: row.get("kind")?,
            details: row.get("details")?,
            open: row.get::<&str>("state")? == OPEN,
            owner: row.get("owner")?,
            due_at: row.get("due_at")?,
            created_at: row.get("created_at")?,
            done_at: (done_at != 0).then(|| Timestamp::from_micros(done_at)),
            done_by: row.get("done_by")?,
            contact: if name.is_empty() { row.get("address")? } else { name },
        })
    }
}

const OPEN: &str = "open";
const DONE: &str = "done";

/// Which tasks to list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The organisation.
    pub org_id: String,
    /// Open ones, else closed ones.
    pub open: bool,
    /// Only this person's, when not empty.
    pub owner: String,
    /// Only this conversation's, when not empty.
    pub conversation_id: String,
    /// Those behind this place.
    pub after: (Timestamp, String),
    /// So many at most.
    pub limit: i64,
}

/// Lists tasks, the one due first at the front.
pub async fn list(conn: &mut Conn, filter: &Filter) -> Result<Vec<StoredTask>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM}
         WHERE tasks.org_id = $1 AND tasks.state = $2 AND tasks.due_at >= $3
            AND (tasks.due_at > $3 OR tasks.task_id > $4)
            AND ($5 = '' OR tasks.owner = $5) AND ($6 = '' OR tasks.conversation_id = $6)
         ORDER BY tasks.due_at, tasks.task_id LIMIT $7"
    );
    let (due_at, id) = &filter.after;
    conn.fetch_all(
        Sql::built(sql),
        params![
            &filter.org_id,
            if filter.open { OPEN } else { DONE },
            *due_at,
            id,
            &filter.owner,
            &filter.conversation_id,
            filter.limit
        ],
    )
    .await
}

/// Reads one task.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<StoredTask>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE tasks.task_id = $1");
    conn.fetch_optional(Sql::built(sql), params![id]).await
}

/// The kinds of the tasks that are open for a conversation.
pub async fn open_kinds(conn: &mut Conn, conversation: &ConversationId) -> Result<Vec<String>, StoreError> {
    conn.fetch_all(
        "SELECT kind FROM tasks WHERE conversation_id = $1 AND state = 'open'",
        params![conversation.as_str()],
    )
    .await
}

/// Closes an open task; says whether it was open.
pub async fn close(tx: &mut Tx, id: &str, by: &str) -> Result<bool, StoreError> {
    const SQL: &str =
        "UPDATE tasks SET state = 'done', done_at = $1, done_by = $2 WHERE task_id = $3 AND state = 'open'";
    let now = tx.now();
    let closed = tx.execute(SQL, params![now, by, id]).await?;
    Ok(closed > 0)
}

/// Closes all open tasks of a conversation; answers their kinds.
pub async fn close_all(
    tx: &mut Tx,
    conversation: &ConversationId,
    by: &str,
) -> Result<Vec<String>, StoreError> {
    let now = tx.now();
    tx.fetch_all(
        "UPDATE tasks SET state = 'done', done_at = $1, done_by = $2
         WHERE conversation_id = $3 AND state = 'open' RETURNING kind",
        params![now, by, conversation.as_str()],
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_added_once_and_details_are_bounded() {
        assert_eq!(with("trekhaak?", "winterbanden?").as_deref(), Some("trekhaak?\nwinterbanden?"));
        assert_eq!(with("trekhaak?\nwinterbanden?", "trekhaak?"), None);
        assert_eq!(with("", "trekhaak?").as_deref(), Some("trekhaak?"));
        assert_eq!(with("trekhaak?", ""), None);
        assert_eq!(with(&"x".repeat(LONGEST), "more"), None);
        assert_eq!(bounded(&"é".repeat(3_000)).chars().count(), LONGEST);
    }
}
