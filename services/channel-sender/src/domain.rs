//! What a message is to the sender, how far it is, and whether it may go out.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use model::{ContactAddress, Source, Timestamp};
use serde::{Deserialize, Serialize};

use crate::text;

/// How long after the customer's last message free-form text may leave: WhatsApp's customer-service window of 24 hours
/// (<https://www.twilio.com/docs/whatsapp/key-concepts>) less five minutes, for the message still has to travel and clocks
/// differ.
pub const SERVICE_WINDOW: Duration = Duration::from_mins(24 * 60 - 5);
/// Pause between the parts of one body, for WhatsApp bounds the rate between one pair of numbers and keeps no order
/// between messages that are sent at once (<https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput>).
pub const PART_PAUSE: Duration = Duration::from_secs(2);

/// A stored word that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} {word:?} in the store")]
pub struct UnknownWord {
    /// What the word should have been.
    pub what: &'static str,
    /// The word itself.
    pub word: String,
}

/// How far a message is on its way to the provider.
///
/// The order is that of [`SendState::of_whole`]: a body sent in parts is as far as its lowest part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SendState {
    /// Given up.
    Failed,
    /// Not allowed out at the moment of sending.
    Refused,
    /// An attempt ended without an answer; nothing is sent again before it is settled.
    Unknown,
    /// Quick retries are used up; tried again every few minutes.
    Parked,
    /// Waits in its lane.
    Queued,
    /// An attempt is under way.
    Sending,
    /// The provider accepted it.
    Sent,
}

impl SendState {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Failed, Self::Refused, Self::Unknown, Self::Parked, Self::Queued, Self::Sending, Self::Sent];

    /// The word in stored rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Parked => "parked",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
        }
    }

    /// The state of a whole message by those of its parts; `None` without parts.
    pub fn of_whole(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().min()
    }
}

impl FromStr for SendState {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| UnknownWord { what: "send state", word: word.to_owned() })
    }
}

/// Who speaks in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The agents answer.
    Agents,
    /// A human answers; the agents are silent.
    Human,
    /// Nobody yet.
    Nobody,
}

impl Owner {
    /// The word on the wire and in stored rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Human => "human",
            Self::Nobody => "nobody",
        }
    }
}

impl FromStr for Owner {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        [Self::Agents, Self::Human, Self::Nobody]
            .into_iter()
            .find(|owner| owner.as_str() == word)
            .ok_or_else(|| UnknownWord { what: "owner", word: word.to_owned() })
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Author {
    /// The agents.
    #[default]
    Agents,
    /// The agents, ending their part: they announce a human.
    Closing,
    /// The agents, confirming a STOP: the last word to a contact who wants no more.
    Confirming,
    /// A human.
    Human,
}

impl Author {
    /// The word in stored rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Closing => "closing",
            Self::Confirming => "confirming",
            Self::Human => "human",
        }
    }
}

impl FromStr for Author {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        [Self::Agents, Self::Closing, Self::Confirming, Self::Human]
            .into_iter()
            .find(|author| author.as_str() == word)
            .ok_or_else(|| UnknownWord { what: "author", word: word.to_owned() })
    }
}

/// An approved template with its variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// `HX` and 32 hexadecimal digits.
    pub content_sid: String,
    /// Values by name, in the order of their names.
    pub variables: BTreeMap<String, String>,
}

/// What one message carries.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// Free-form: text, a medium, or a medium with the text as its caption.
    FreeForm {
        /// The text; empty for a medium alone.
        body: String,
        /// At most one medium, as WhatsApp has it.
        media_url: Option<String>,
    },
    /// A template, which may go out at any time.
    Template(Template),
}

impl Content {
    /// True for what may go out while the service window is closed.
    pub const fn is_template(&self) -> bool {
        matches!(self, Self::Template(_))
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FreeForm { body, media_url } => {
                write!(f, "FreeForm({} bytes, {} media)", body.len(), u8::from(media_url.is_some()))
            }
            Self::Template(template) => write!(f, "Template({})", template.content_sid),
        }
    }
}

/// Lays a body and its media out over messages, in order: a body over the limit becomes several, each medium has a message
/// of its own, and the body is the caption of the first only where WhatsApp shows one (images; with other media the text
/// would be dropped silently, <https://www.twilio.com/docs/messaging/api/message-resource>).
pub fn lay_out(body: &str, media_urls: &[String]) -> Vec<Content> {
    let mut texts = text::split(body);
    let mut media = media_urls.iter();
    let mut contents = Vec::new();
    if texts.len() == 1 && media_urls.first().is_some_and(|url| is_image(url)) {
        contents.push(Content::FreeForm { body: texts.remove(0), media_url: media.next().cloned() });
    }
    contents.extend(texts.into_iter().map(|body| Content::FreeForm { body, media_url: None }));
    contents.extend(media.map(|url| Content::FreeForm { body: String::new(), media_url: Some(url.clone()) }));
    contents
}

fn is_image(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".jpg", ".jpeg", ".png"].iter().any(|extension| path.ends_with(extension))
}

/// What the sender knows of a contact and checks before it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactState {
    /// When the contact last wrote; `None` when it never did, as far as was told.
    pub last_inbound_at: Option<Timestamp>,
    /// True when the contact wants no messages, whether it told us or the provider.
    pub opted_out: bool,
    /// Who speaks in the conversation.
    pub owner: Owner,
    /// When the provider last accepted a message to the contact.
    pub last_sent_at: Option<Timestamp>,
}

impl ContactState {
    /// A contact of whom nothing was told yet.
    pub const UNKNOWN: Self =
        Self { last_inbound_at: None, opted_out: false, owner: Owner::Nobody, last_sent_at: None };

    /// When the last free-form message may leave; `None` for a contact who never wrote.
    pub fn window_end(&self) -> Option<Timestamp> {
        self.last_inbound_at.map(|last| last + SERVICE_WINDOW)
    }
}

/// A change of what is known of a contact; `None` leaves a field as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContactChange {
    /// Raises the moment of the last inbound message, never lowers it.
    pub last_inbound_at: Option<Timestamp>,
    /// Whether the contact has told us to stop.
    pub opted_out: Option<bool>,
    /// True when the contact has said that messages are welcome again: the provider's opt-out is forgotten, too.
    pub welcomed_back: bool,
    /// Who speaks from now on.
    pub owner: Option<Owner>,
}

/// Why a message may not go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Free-form, and the contact has not written within the window.
    #[error("the service window is closed: the contact has not written within 24 hours, send a template")]
    ServiceWindowClosed,
    /// The contact wants no messages.
    #[error("the contact has opted out")]
    OptedOut,
    /// A human speaks, and this is not from one.
    #[error("a human owns the conversation")]
    HumanOwns,
}

impl Refusal {
    /// The reason of the `ErrorInfo`, also kept as the error of a refused message.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ServiceWindowClosed => "SERVICE_WINDOW_CLOSED",
            Self::OptedOut => "OPTED_OUT",
            Self::HumanOwns => "HUMAN_OWNS",
        }
    }
}

/// What of a message decides whether it may go out.
#[derive(Clone, Copy, Debug)]
pub struct Sending {
    /// The channel it leaves by; the window is Twilio's alone.
    pub channel: Source,
    /// Templates go out at any time.
    pub is_template: bool,
    /// Who wrote it.
    pub author: Author,
}

/// Checks whether a message may go out now: opt-out, then owner, then window. What ends the agents' part goes out although its very
/// cause stands against it: the confirmation of a STOP despite the opt-out, the announcement of a human despite the human.
pub fn check(contact: &ContactState, sending: Sending, now: Timestamp) -> Result<(), Refusal> {
    if contact.opted_out && sending.author != Author::Confirming {
        return Err(Refusal::OptedOut);
    }
    if contact.owner == Owner::Human && sending.author == Author::Agents {
        return Err(Refusal::HumanOwns);
    }
    let has_window = sending.channel == Source::Twilio && !sending.is_template;
    if has_window && contact.window_end().is_none_or(|end| now >= end) {
        return Err(Refusal::ServiceWindowClosed);
    }
    Ok(())
}

/// A message to be accepted for sending, parsed and laid out.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The caller's id: the idempotency key.
    pub message_id: String,
    /// The organisation.
    pub org_id: String,
    /// The channel it leaves by.
    pub channel: Source,
    /// Who gets it.
    pub contact: ContactAddress,
    /// The conversation, as the caller spells it; may be empty.
    pub conversation_id: String,
    /// The caller's lock token; 0 means unfenced.
    pub fencing_token: i64,
    /// Applied in the same commit, before the checks.
    pub change: ContactChange,
    /// Who wrote it.
    pub author: Author,
    /// One message each, in order; never empty.
    pub contents: Vec<Content>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        Timestamp::from_seconds(1_772_452_800)
    }

    fn wrote(ago: Duration) -> ContactState {
        ContactState { last_inbound_at: Some(noon() - ago), ..ContactState::UNKNOWN }
    }

    const TEXT: Sending = Sending { channel: Source::Twilio, is_template: false, author: Author::Agents };
    const TEMPLATE: Sending = Sending { is_template: true, ..TEXT };
    const HUMAN: Sending = Sending { author: Author::Human, ..TEXT };

    const CLOSING: Sending = Sending { author: Author::Closing, ..TEXT };
    const CONFIRMING: Sending = Sending { author: Author::Confirming, ..TEXT };

    #[test]
    fn what_may_go_out_follows_opt_out_owner_and_window() {
        let fresh = wrote(Duration::from_hours(1));
        let late = wrote(Duration::from_hours(24));
        let nearly_late = wrote(SERVICE_WINDOW);
        let just_in_time = wrote(SERVICE_WINDOW.saturating_sub(Duration::from_secs(1)));
        let opted_out = ContactState { opted_out: true, ..fresh };
        let taken_over = ContactState { owner: Owner::Human, ..fresh };
        let waha = Sending { channel: Source::Waha, ..TEXT };
        for (contact, sending, expected) in [
            (fresh, TEXT, Ok(())),
            (just_in_time, TEXT, Ok(())),
            (nearly_late, TEXT, Err(Refusal::ServiceWindowClosed)),
            (late, TEXT, Err(Refusal::ServiceWindowClosed)),
            (late, HUMAN, Err(Refusal::ServiceWindowClosed)),
            (late, TEMPLATE, Ok(())),
            (late, waha, Ok(())),
            (ContactState::UNKNOWN, TEXT, Err(Refusal::ServiceWindowClosed)),
            (ContactState::UNKNOWN, TEMPLATE, Ok(())),
            (opted_out, TEXT, Err(Refusal::OptedOut)),
            (opted_out, TEMPLATE, Err(Refusal::OptedOut)),
            (opted_out, HUMAN, Err(Refusal::OptedOut)),
            (taken_over, TEXT, Err(Refusal::HumanOwns)),
            (taken_over, TEMPLATE, Err(Refusal::HumanOwns)),
            (taken_over, HUMAN, Ok(())),
            (taken_over, CLOSING, Ok(())),
            (opted_out, CLOSING, Err(Refusal::OptedOut)),
            (opted_out, CONFIRMING, Ok(())),
            (taken_over, CONFIRMING, Ok(())),
            (late, CLOSING, Err(Refusal::ServiceWindowClosed)),
        ] {
            assert_eq!(check(&contact, sending, noon()), expected, "{contact:?} {sending:?}");
        }
    }

    #[test]
    fn a_whole_is_as_far_as_its_lowest_part() {
        use SendState::{Failed, Queued, Sending, Sent};
        assert_eq!(SendState::of_whole([Sent, Queued, Sending]), Some(Queued));
        assert_eq!(SendState::of_whole([Sent, Failed]), Some(Failed));
        assert_eq!(SendState::of_whole([]), None);
    }

    #[test]
    fn stored_words_are_read_back() {
        for state in SendState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        for owner in [Owner::Agents, Owner::Human, Owner::Nobody] {
            assert_eq!(owner.as_str().parse(), Ok(owner));
        }
        for author in [Author::Agents, Author::Closing, Author::Confirming, Author::Human] {
            assert_eq!(author.as_str().parse(), Ok(author));
        }
        assert!("gone".parse::<SendState>().is_err());
    }

    #[test]
    fn a_caption_goes_with_an_image_and_stands_before_any_other_medium() {
        let image = "https://example.com/golf.JPG?size=2".to_owned();
        let pdf = "https://example.com/offer.pdf".to_owned();
        let free = |body: &str, media: Option<&String>| Content::FreeForm {
            body: body.to_owned(),
            media_url: media.cloned(),
        };
        assert_eq!(lay_out("De Golf", std::slice::from_ref(&image)), [free("De Golf", Some(&image))]);
        assert_eq!(
            lay_out("De offerte", &[pdf.clone(), image.clone()]),
            [free("De offerte", None), free("", Some(&pdf)), free("", Some(&image))]
        );
        assert_eq!(lay_out("", std::slice::from_ref(&image)), [free("", Some(&image))]);
        assert_eq!(lay_out(&"Lang. ".repeat(600), &[image]).len(), 4);
        assert!(lay_out("  ", &[]).is_empty());
    }
}
