//! What the page shows, taken out of the contracts' messages. No I/O.

use jiff::Timestamp;
use proto::{
    delivery::v1::Delivery,
    orchestrator::v1::{self as v1, Conversation, Direction, Message, Owner},
};

/// One row of the list of conversations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The internal id: it stands in addresses, and no phone number does.
    pub id: String,
    /// The name the customer chose, or the address.
    pub title: String,
    /// The contact's address, where the title is a name.
    pub address: Option<String>,
    /// The opening words of the latest message.
    pub preview: String,
    /// When the latest message was.
    pub at: Option<Timestamp>,
    /// Points.
    pub lead_score: i32,
    /// HOT, WARM, COLD or nothing.
    pub lead_status: String,
    /// A human speaks with the customer; the agents are silent.
    pub human: bool,
    /// The agents called for a person, who has not come yet.
    pub waiting: bool,
    /// The customer wants no messages.
    pub opted_out: bool,
    /// twilio, waha or chatwoot.
    pub channel: &'static str,
}

impl From<Conversation> for Row {
    fn from(conversation: Conversation) -> Self {
        use proto::common::v1::Source;

        let channel = match conversation.source() {
            Source::Twilio => "WhatsApp",
            Source::Waha => "WhatsApp (WAHA)",
            Source::Chatwoot => "Chatwoot",
            Source::Unspecified => "",
        };
        let human = conversation.owner() == Owner::Human;
        let name = conversation.contact_name.trim().to_owned();
        let address = conversation.contact_address;
        let (title, address) = if name.is_empty() { (address, None) } else { (name, Some(address)) };
        Self {
            id: conversation.conversation_id,
            title: if title.is_empty() { "Unknown contact".to_owned() } else { title },
            address,
            preview: conversation.last_message_preview,
            at: moment(conversation.last_message_at.or(conversation.created_at)),
            lead_score: conversation.lead_score,
            lead_status: conversation.lead_status,
            human,
            waiting: conversation.waiting,
            opted_out: conversation.opted_out,
            channel,
        }
    }
}

/// Something a person is to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// Names it.
    pub id: String,
    /// The internal id of its conversation.
    pub conversation_id: String,
    /// The customer's name or address, untrusted.
    pub contact: String,
    /// A word or two.
    pub kind: String,
    /// A line for each time it came up, untrusted.
    pub details: String,
    /// When the customer may expect an answer.
    pub due: Option<Timestamp>,
}

impl From<v1::Task> for Task {
    fn from(task: v1::Task) -> Self {
        Self {
            id: task.task_id,
            conversation_id: task.conversation_id,
            contact: task.contact,
            kind: task.kind.replace('_', " "),
            details: task.details,
            due: moment(task.due_at),
        }
    }
}

/// One message of the conversation that is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// The message's id.
    pub id: String,
    /// True when we sent it.
    pub outbound: bool,
    /// The text, untrusted.
    pub body: String,
    /// What came with it, by content type.
    pub media: Vec<String>,
    /// When it was committed.
    pub at: Option<Timestamp>,
    /// Who wrote an outbound message, and what was understood of an inbound one.
    pub remark: String,
    /// How far an outbound message is.
    pub progress: Option<Progress>,
    /// The trace it belongs to.
    pub trace_id: Option<String>,
}

impl From<Message> for Entry {
    fn from(message: Message) -> Self {
        let outbound = message.direction() == Direction::Outbound;
        let remark = if outbound {
            message.author
        } else {
            message.intent.trim_start_matches("INTENT_").replace('_', " ").to_lowercase()
        };
        Self {
            id: message.message_id,
            outbound,
            body: message.body,
            media: message.media.into_iter().map(|media| media.content_type).collect(),
            at: moment(message.created_at),
            remark,
            progress: outbound.then(|| Progress::of_state(&message.state, message.error_code)),
            trace_id: trace_id(&message.trace_id),
        }
    }
}

/// The tick beside an outbound message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tick {
    /// ⏱ on its way to the provider.
    #[default]
    Queued,
    /// ✓ the provider has it.
    Sent,
    /// ✓✓ the recipient's device has it.
    Delivered,
    /// ✓✓ blue: the recipient opened it.
    Read,
    /// ! it did not arrive.
    Failed,
}

/// How far an outbound message is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The picture.
    pub tick: Tick,
    /// The word behind it.
    pub status: String,
    /// What went wrong and what mends it.
    pub failure: Option<String>,
    /// When that was heard.
    pub at: Option<Timestamp>,
}

impl Progress {
    fn of_state(state: &str, error_code: i32) -> Self {
        let tick = tick(state);
        let failure = (tick == Tick::Failed && error_code != 0).then(|| format!("Error {error_code}."));
        Self { tick, status: state.to_owned(), failure, at: None }
    }
}

impl From<Delivery> for Progress {
    fn from(delivery: Delivery) -> Self {
        let tick = tick(&delivery.status);
        let failure = (tick == Tick::Failed).then(|| {
            let code = (delivery.error_code != 0).then(|| format!("Error {}.", delivery.error_code));
            let parts = [code.unwrap_or_default(), delivery.error_explanation, delivery.error_message];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        });
        Self {
            tick,
            status: delivery.status,
            failure: failure.filter(|text| !text.is_empty()),
            at: moment(delivery.updated_at),
        }
    }
}

fn tick(status: &str) -> Tick {
    match status {
        "sent" | "partially_delivered" => Tick::Sent,
        "delivered" => Tick::Delivered,
        "read" => Tick::Read,
        "failed" | "undelivered" | "canceled" | "refused" | "dead" => Tick::Failed,
        _ => Tick::Queued,
    }
}

/// 32 hex digits, or nothing: what else stands there must not become an address.
pub fn trace_id(text: &str) -> Option<String> {
    let well_formed = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    well_formed.then(|| text.to_ascii_lowercase())
}

/// An id as it may stand in an address: letters, digits and hyphens.
pub fn conversation_id(text: &str) -> Option<&str> {
    let well_formed = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    well_formed.then_some(text)
}

fn moment(at: Option<prost_types::Timestamp>) -> Option<Timestamp> {
    let at = at?;
    Timestamp::new(at.seconds, at.nanos).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_word_has_its_tick() {
        for (words, wanted) in [
            ("committed accepted scheduled queued sending something-new", Tick::Queued),
            ("sent partially_delivered", Tick::Sent),
            ("delivered", Tick::Delivered),
            ("read", Tick::Read),
            ("failed undelivered canceled", Tick::Failed),
        ] {
            for word in words.split(' ') {
                assert_eq!(tick(word), wanted, "{word}");
            }
        }
    }

    #[test]
    fn a_failure_says_its_code_and_what_it_means() {
        let delivery = Delivery {
            status: "undelivered".to_owned(),
            error_code: 63016,
            error_explanation: "The window is closed.".to_owned(),
            ..Delivery::default()
        };
        assert_eq!(Progress::from(delivery).failure.unwrap(), "Error 63016. The window is closed.");
        assert_eq!(Progress::from(Delivery::default()).failure, None);
    }

    #[test]
    fn only_hexadecimal_becomes_a_trace_link() {
        assert!(trace_id("0af7651916cd43dd8448eb211c80319c").is_some());
        assert!(trace_id("javascript:alert(1)//000000000000").is_none());
        assert!(trace_id("").is_none());
    }

    #[test]
    fn a_contact_without_a_name_goes_by_its_address() {
        let conversation =
            Conversation { contact_address: "+31612345678".to_owned(), ..Conversation::default() };
        let row = Row::from(conversation);
        assert_eq!((row.title.as_str(), row.address), ("+31612345678", None));
    }
}
