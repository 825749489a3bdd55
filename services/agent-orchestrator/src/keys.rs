//! Names built from an organisation, a contact or a conversation: lanes, locks, keys of jobs, of messages and of alerts. All of
//! them stand here, so that two that must differ do.

use model::{ContactId, ConversationId, MessageId};

/// The organisation of requests that name none.
pub const DEFAULT_ORG: &str = "default";

/// A name of one organisation: as it is for the default one, behind the organisation's for others.
fn of_org(org_id: &str, name: String) -> String {
    if org_id == DEFAULT_ORG { name } else { format!("{org_id}:{name}") }
}

/// The lane of everything that must be in order for one contact. A contact's id belongs to one organisation.
pub fn lane(contact: ContactId) -> String {
    contact.to_string()
}

/// The lock on the conversations of an address.
pub fn lock(org_id: &str, address: &str) -> String {
    of_org(org_id, format!("conversation:lock:{address}"))
}

/// The job that gives a conversation back to the agents.
pub fn end_of_handoff(conversation: ConversationId) -> String {
    format!("handoff:{conversation}")
}

/// The job that answers what waits for its rest.
pub fn fragments(conversation: ConversationId) -> String {
    format!("fragments:{conversation}")
}

/// The one reply of a turn, whatever else goes wrong.
pub fn reply(turn_id: &str) -> String {
    format!("reply:{turn_id}")
}

/// What is sent instead of a reply that was kept back.
pub fn instead_of(reply: MessageId) -> String {
    format!("instead:{reply}")
}

/// A human's words under the key of whoever sent them; without one they are new each time.
pub fn human_reply(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("human:{key}") }
}

/// An alert about one conversation.
pub fn alert(conversation: ConversationId) -> String {
    conversation.to_string()
}

/// An alert about one conversation's task.
pub fn task_alert(conversation: ConversationId, kind: &str) -> String {
    format!("{conversation}:{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_organisation_stands_before_a_name() {
        assert_eq!(lock(DEFAULT_ORG, "+31612345678"), "conversation:lock:+31612345678");
        assert_eq!(lock("noord", "+31612345678"), "noord:conversation:lock:+31612345678");
    }
}
