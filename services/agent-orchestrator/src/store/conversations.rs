//! Contacts, their addresses, and the conversations they are in.

use model::{ContactAddress, ContactId, ConversationId, MessageId, Source, Timestamp};
use store::{Conn, FromRow, Row, Sql, StoreError, Tx, params};

/// Who may speak to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The agents answer.
    Agents,
    /// A person answers; the agents are silent.
    Human,
    /// Nobody answers.
    Nobody,
}

impl Owner {
    /// The word in SQL and RPCs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Human => "human",
            Self::Nobody => "nobody",
        }
    }

    fn parse(word: &str) -> Self {
        match word {
            "agents" => Self::Agents,
            "human" => Self::Human,
            _ => Self::Nobody,
        }
    }
}

/// One conversation with one contact over one channel.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The id everything internal uses.
    pub id: ConversationId,
    /// The organisation.
    pub org_id: String,
    /// Who the customer is.
    pub contact_id: ContactId,
    /// Where the customer writes from.
    pub address: ContactAddress,
    /// The name the customer chose.
    pub contact_name: String,
    /// The channel.
    pub source: Source,
    /// Who may speak.
    pub owner: Owner,
    /// A human has written or paused the agents since the conversation is a human's.
    pub attended: bool,
    /// The customer said STOP.
    pub opted_out: bool,
    /// When the customer last said STOP or took it back.
    pub consent_at: Timestamp,
    /// The messages that wait for their rest.
    pub fragments: Fragments,
    /// `nl`, `en` or `de`; empty before the first answer.
    pub language: String,
    /// What the agents remember, as JSON; empty before the first answer.
    pub memory: String,
    /// The lead's points.
    pub lead_score: i64,
    /// HOT, WARM or COLD; empty before the first score.
    pub lead_status: String,
    /// The opening words of the latest message.
    pub preview: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When the latest message was committed.
    pub last_message_at: Timestamp,
    /// When the customer last wrote.
    pub last_inbound_at: Timestamp,
}

impl Conversation {
    /// The agents called for a person, who has not come yet.
    pub fn is_waiting(&self) -> bool {
        self.owner == Owner::Human && !self.attended
    }

    /// Whether a message gets a turn: the agents answer, or somebody waits for a person and hears so.
    pub fn gets_turns(&self) -> bool {
        self.owner == Owner::Agents || self.is_waiting()
    }
}

/// Messages that look unfinished and wait for their rest, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragments {
    /// When the first of them came.
    pub since: Timestamp,
    /// Which.
    pub ids: Vec<MessageId>,
}

impl Fragments {
    /// As it is stored: the moment and the ids, or nothing.
    pub fn to_text(&self) -> String {
        if self.ids.is_empty() {
            return String::new();
        }
        let ids: Vec<&str> = self.ids.iter().map(MessageId::as_str).collect();
        format!("{} {}", self.since.as_micros(), ids.join(" "))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let Some(since) = words.next().filter(|word| !word.is_empty()) else { return Some(Self::default()) };
        let since = Timestamp::from_micros(since.parse().ok()?);
        Some(Self { since, ids: words.map(str::parse).collect::<Result<_, _>>().ok()? })
    }
}

const COLUMNS: &str = "
    conversations.conversation_id, conversations.org_id, conversations.contact_id, conversations.address,
        contacts.name,
    conversations.source, conversations.owner, conversations.attended_at, conversations.consent,
        conversations.consent_at,
    conversations.fragments, conversations.language, conversations.memory,
    conversations.lead_score, conversations.lead_status, conversations.preview, conversations.created_at,
    conversations.last_message_at, conversations.last_inbound_at";

const FROM: &str = "conversations JOIN contacts ON contacts.contact_id = conversations.contact_id";

impl FromRow for Conversation {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("conversation_id")?,
            org_id: row.get("org_id")?,
            contact_id: row.parse("contact_id")?,
            address: row.parse("address")?,
            contact_name: row.get("name")?,
            source: row.parse("source")?,
            owner: Owner::parse(row.get::<&str>("owner")?),
            attended: row.get::<i64>("attended_at")? != 0,
            opted_out: row.get::<&str>("consent")? == WITHDRAWN,
            consent_at: row.get("consent_at")?,
            // What cannot be read waits no longer than its job does.
            fragments: Fragments::parse(row.get("fragments")?).unwrap_or_default(),
            language: row.get("language")?,
            memory: row.get("memory")?,
            lead_score: row.get("lead_score")?,
            lead_status: row.get("lead_status")?,
            preview: row.get("preview")?,
            created_at: row.get("created_at")?,
            last_message_at: row.get("last_message_at")?,
            last_inbound_at: row.get("last_inbound_at")?,
        })
    }
}

const GIVEN: &str = "given";
const WITHDRAWN: &str = "withdrawn";

/// What is asked of a conversation that may not exist yet.
#[derive(Clone, Debug)]
pub struct Key {
    /// The organisation.
    pub org_id: String,
    /// The channel.
    pub source: Source,
    /// Where the customer writes from.
    pub address: ContactAddress,
    /// The name the customer chose.
    pub contact_name: String,
}

/// The conversation of an address, begun if need be, locked until the commit so that its messages are numbered in commit order.
pub async fn find_or_begin(tx: &mut Tx, key: &Key) -> Result<Conversation, StoreError> {
    const SQL: &str = "
        INSERT INTO conversations (conversation_id, org_id, public_id, contact_id, address, source, owner, consent,
            language, memory, lead_score, lead_status, preview, created_at, last_message_at, last_inbound_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'agents', $7, '', '', 0, '', '', $8, $8, $8)
        ON CONFLICT (org_id, public_id) DO NOTHING";
    let now = tx.now();
    let public_id = key.address.conversation_id(key.source);
    if let Some(found) = lock(tx, &key.org_id, &public_id).await? {
        return Ok(found);
    }
    let contact_id = contact_of(tx, key).await?;
    let id = tx.new_id::<ConversationId>();
    tx.execute(
        SQL,
        params![
            id.as_str(),
            &key.org_id,
            &public_id,
            contact_id,
            key.address.to_string(),
            key.source.as_str(),
            GIVEN,
            now
        ],
    )
    .await?;
    let begun = lock(tx, &key.org_id, &public_id).await?;
    begun.ok_or_else(|| StoreError::NoRow { statement: "the conversation just begun".to_owned() })
}

async fn lock(tx: &mut Tx, org_id: &str, public_id: &str) -> Result<Option<Conversation>, StoreError> {
    let for_update = match tx.engine().for_update() {
        "" => String::new(),
        words => format!("{words} OF conversations"),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE conversations.org_id = $1 AND conversations.public_id = $2{for_update}"
    );
    tx.fetch_optional(Sql::built(sql), params![org_id, public_id]).await
}

/// The contact behind an address; two that begin at once agree on one.
async fn contact_of(tx: &mut Tx, key: &Key) -> Result<String, StoreError> {
    const FIND: &str = "SELECT contact_id FROM contact_addresses WHERE org_id = $1 AND address = $2";
    let now = tx.now();
    let address = key.address.to_string();
    let find = async |tx: &mut Tx| tx.fetch_optional::<String>(FIND, params![&key.org_id, &address]).await;
    if let Some(contact_id) = find(tx).await? {
        return Ok(contact_id);
    }
    let contact_id = tx.new_id::<ContactId>();
    tx.execute(
        "INSERT INTO contacts (contact_id, org_id, name, fence, created_at) VALUES ($1, $2, $3, 0, $4)",
        params![contact_id.as_str(), &key.org_id, &key.contact_name, now],
    )
    .await?;
    let is_first = tx
        .execute(
            "INSERT INTO contact_addresses (org_id, address, contact_id) VALUES ($1, $2, $3)
         ON CONFLICT (org_id, address) DO NOTHING",
            params![&key.org_id, &address, contact_id.as_str()],
        )
        .await?
        > 0;
    let others = if is_first { None } else { find(tx).await? };
    Ok(others.unwrap_or_else(|| contact_id.to_string()))
}

/// Reads a conversation.
pub async fn find(conn: &mut Conn, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE conversations.conversation_id = $1");
    conn.fetch_optional(Sql::built(sql), params![id.as_str()]).await
}

/// Reads a conversation by its internal id, or by `twilio:+31…`.
pub async fn resolve(conn: &mut Conn, org_id: &str, id: &str) -> Result<Option<Conversation>, StoreError> {
    if let Ok(id) = id.parse() {
        return find(conn, &id).await;
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE conversations.org_id = $1 AND conversations.public_id = $2"
    );
    conn.fetch_optional(Sql::built(sql), params![org_id, id]).await
}

/// Conversations behind a place in the list, the latest activity first.
pub async fn list(
    conn: &mut Conn,
    (before, id): (Timestamp, String),
    limit: i64,
) -> Result<Vec<Conversation>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM}
         WHERE conversations.last_message_at < $1
            OR (conversations.last_message_at = $1 AND conversations.conversation_id < $2)
         ORDER BY conversations.last_message_at DESC, conversations.conversation_id DESC LIMIT $3"
    );
    conn.fetch_all(Sql::built(sql), params![before, id, limit]).await
}

/// Notes that the customer wrote, and what waits for its rest now.
pub async fn note_inbound(
    tx: &mut Tx,
    id: &ConversationId,
    preview: &str,
    fragments: &Fragments,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE conversations SET last_message_at = $1, last_inbound_at = $1, preview = $2, fragments = $3
         WHERE conversation_id = $4",
        params![now, preview, fragments.to_text(), id.as_str()],
    )
    .await?;
    Ok(())
}

/// Notes that a human wrote.
pub async fn note_outbound(tx: &mut Tx, id: &ConversationId, preview: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE conversations SET last_message_at = $1, preview = $2 WHERE conversation_id = $3",
        params![now, preview, id.as_str()],
    )
    .await?;
    Ok(())
}

/// What a turn leaves behind in its conversation.
#[derive(Clone, Debug)]
pub struct AfterTurn {
    /// Who owned the conversation when the turn began.
    pub owner: Owner,
    /// When the customer had last said STOP or taken it back when the turn began.
    pub consent_at: Timestamp,
    /// `nl`, `en` or `de`.
    pub language: String,
    /// What the agents remember.
    pub memory: String,
    /// The lead's points and status, where the CRM answered.
    pub lead: Option<(i64, String)>,
    /// The opening words of the reply, when there is one.
    pub preview: Option<String>,
    /// A person is wanted: the agents stop speaking.
    pub hand_over: bool,
}

/// What became of what a turn leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It was kept.
    Yes,
    /// A human took over while the agents thought.
    TakenOver,
    /// It waits for a person now, or does so no more, or the customer said STOP meanwhile.
    Moved,
}

/// Keeps what a turn leaves behind, unless the conversation has changed hands since it began.
pub async fn after_turn(tx: &mut Tx, id: &ConversationId, after: &AfterTurn) -> Result<Kept, StoreError> {
    let now = tx.now();
    let (score, status) =
        after.lead.clone().map_or((None, None), |(score, status)| (Some(score), Some(status)));
    let kept = tx
        .execute(
            "UPDATE conversations SET language = $1, memory = $2,
            lead_score = COALESCE($3, lead_score), lead_status = COALESCE($4, lead_status),
            preview = COALESCE($5, preview), last_message_at = $6,
            owner = CASE WHEN $7 = 1 THEN 'human' ELSE owner END
         WHERE conversation_id = $8 AND owner = $9 AND attended_at = 0 AND consent_at = $10",
            params![
                &after.language,
                &after.memory,
                score,
                status,
                after.preview.as_deref(),
                now,
                i64::from(after.hand_over),
                id.as_str(),
                after.owner.as_str(),
                after.consent_at
            ],
        )
        .await?;
    if kept > 0 {
        return Ok(Kept::Yes);
    }
    let taken_over = find(tx, id).await?.is_none_or(|now| !now.gets_turns());
    Ok(if taken_over { Kept::TakenOver } else { Kept::Moved })
}

/// A human has come: makes the human the owner; says whether that changed anything.
pub async fn attend(tx: &mut Tx, id: &ConversationId) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx
        .execute(
            "UPDATE conversations SET owner = 'human', attended_at = $1
         WHERE conversation_id = $2 AND (owner <> 'human' OR attended_at = 0)",
            params![now, id.as_str()],
        )
        .await?;
    Ok(changed > 0)
}

/// A human is called for: the conversation waits for one, unless one is there already.
pub async fn await_human(tx: &mut Tx, id: &ConversationId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE conversations SET owner = 'human' WHERE conversation_id = $1 AND owner <> 'human'",
        params![id.as_str()],
    )
    .await?;
    Ok(())
}

/// Gives a conversation back to the agents; says whether that changed anything.
pub async fn give_back(tx: &mut Tx, id: &ConversationId) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE conversations SET owner = 'agents', attended_at = 0
        WHERE conversation_id = $1 AND owner <> 'agents'";
    let changed = tx.execute(SQL, params![id.as_str()]).await?;
    Ok(changed > 0)
}

/// Notes whether the customer wants messages, as said at a moment; says whether that changed anything. What was said later stands.
pub async fn set_consent(
    tx: &mut Tx,
    id: &ConversationId,
    given: bool,
    said_at: Timestamp,
) -> Result<bool, StoreError> {
    const SQL: &str = "
        UPDATE conversations SET consent = $1, consent_at = $2
        WHERE conversation_id = $3 AND consent <> $1 AND consent_at < $2";
    let changed =
        tx.execute(SQL, params![if given { GIVEN } else { WITHDRAWN }, said_at, id.as_str()]).await?;
    Ok(changed > 0)
}

/// Replaces what the agents remember.
pub async fn set_memory(tx: &mut Tx, id: &ConversationId, memory: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE conversations SET memory = $1 WHERE conversation_id = $2",
        params![memory, id.as_str()],
    )
    .await?;
    Ok(())
}

/// Notes the name the customer goes by now.
pub async fn rename(tx: &mut Tx, contact: &ContactId, name: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE contacts SET name = $1 WHERE contact_id = $2", params![name, contact.as_str()])
        .await?;
    Ok(())
}

/// Raises the contact's fence to a turn's token; says no when a newer turn was there before.
pub async fn raise_fence(tx: &mut Tx, contact: &ContactId, token: i64) -> Result<bool, StoreError> {
    let raised = tx
        .execute(
            "UPDATE contacts SET fence = $1 WHERE contact_id = $2 AND fence < $1",
            params![token, contact.as_str()],
        )
        .await?;
    Ok(raised > 0)
}

#[cfg(test)]
mod tests {
    use model::Ids;

    use super::*;

    #[test]
    fn fragments_read_back_and_none_are_nothing() {
        let ids = Ids::seeded(1);
        let some = Fragments { since: Timestamp::from_micros(7), ids: vec![ids.next(), ids.next()] };
        assert_eq!(Fragments::parse(&some.to_text()), Some(some));
        assert_eq!(Fragments::parse(""), Some(Fragments::default()));
        assert_eq!(Fragments::default().to_text(), "");
        assert_eq!(Fragments::parse("7 x"), None);
    }
}
