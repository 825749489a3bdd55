//! What Twilio's error codes mean for us: one table, used for refusals of a request and for failures by callback.
//!
//! Twilio warns that the causes behind a code change, so what the table does not know is never repeated by itself
//! and always shown to a person. Codes that only SMS or another channel gives are in it, because they are asked about.

/// What we do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Not sent; repeat soon, with backoff.
    Retry,
    /// Not sent; repeat in hours.
    Later,
    /// May have been sent; settle from the message log before anything is repeated.
    Ambiguous,
    /// Free-form is not allowed now, or this template is not usable; an approved template is needed.
    Template,
    /// The request is wrong and stays wrong until the message itself changes.
    Request,
    /// This recipient cannot be reached; stop for this recipient.
    Recipient,
    /// This recipient does not want our messages.
    OptOut,
    /// The account or sender is set up wrongly; stop and alert an operator.
    Configuration,
    /// Nothing for us to do.
    Informational,
    /// Not in the table: do not repeat, alert.
    Unknown,
}

impl Class {
    /// The class in lower case, for logs, metric labels and stored rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Later => "later",
            Self::Ambiguous => "ambiguous",
            Self::Template => "template",
            Self::Request => "request",
            Self::Recipient => "recipient",
            Self::OptOut => "opt-out",
            Self::Configuration => "configuration",
            Self::Informational => "informational",
            Self::Unknown => "unknown",
        }
    }

    /// True when repeating the same message can never help.
    pub const fn is_permanent(self) -> bool {
        matches!(
            self,
            Self::Template
                | Self::Request
                | Self::Recipient
                | Self::OptOut
                | Self::Configuration
                | Self::Unknown
        )
    }

    /// True when a person who runs the system has to look.
    pub const fn needs_operator(self) -> bool {
        matches!(self, Self::Configuration | Self::Unknown)
    }
}

/// When Twilio tells of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// In the answer to the request; nothing was sent unless the class is ambiguous.
    Synchronous,
    /// By status callback or on the message, after the request was accepted.
    Asynchronous,
}

/// One error code explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Twilio's code.
    pub code: u32,
    /// What we do about it.
    pub class: Class,
    /// When it is told.
    pub arrival: Arrival,
    /// How often a message may be repeated for this code; `None` leaves it to the sender's own bound.
    pub max_repeats: Option<u32>,
    /// One sentence for the operator.
    pub meaning: &'static str,
}

/// Sentence for a code that the table does not know.
const UNKNOWN_MEANING: &str = "Unknown error; look it up at https://www.twilio.com/docs/api/errors.";

/// Explains an error code; one that is not in the table comes back as [`Class::Unknown`].
pub fn explain(code: u32) -> Explained {
    match TABLE.binary_search_by_key(&code, |row| row.code) {
        Ok(at) => TABLE[at],
        Err(_) => Explained {
            code,
            class: Class::Unknown,
            arrival: Arrival::Asynchronous,
            max_repeats: Some(0),
            meaning: UNKNOWN_MEANING,
        },
    }
}

/// Every code the table knows, in ascending order.
pub fn all() -> &'static [Explained] {
    TABLE
}

/// Classifies the answer to a request by its code, or by its HTTP status where the body names no known code.
///
/// A 429 was never processed, a 503 neither, says Twilio; any other 5xx may have been.
pub fn classify_response(http_status: u16, code: Option<u32>) -> Class {
    let known = code.map(|code| explain(code).class).filter(|class| *class != Class::Unknown);
    known.unwrap_or(match http_status {
        429 | 503 => Class::Retry,
        500..=599 => Class::Ambiguous,
        401 | 403 => Class::Configuration,
        404 => Class::Request,
        _ => Class::Unknown,
    })
}

const fn now(code: u32, class: Class, meaning: &'static str) -> Explained {
    Explained { code, class, arrival: Arrival::Synchronous, max_repeats: None, meaning }
}

const fn by_callback(code: u32, class: Class, meaning: &'static str) -> Explained {
    Explained { code, class, arrival: Arrival::Asynchronous, max_repeats: None, meaning }
}

const fn by_callback_once(code: u32, class: Class, meaning: &'static str) -> Explained {
    Explained { code, class, arrival: Arrival::Asynchronous, max_repeats: Some(1), meaning }
}

use Class::{Ambiguous, Configuration, Informational, Later, OptOut, Recipient, Request, Retry, Template};

/// Sorted by code. Source: <https://www.twilio.com/docs/api/errors>, one page per code, read in 2026; the class is ours.
static TABLE: &[Explained] = &[
    now(10001, Configuration, "The Twilio account is not active."),
    now(20003, Configuration, "Twilio refused the credentials, or the account is suspended or closed."),
    now(20005, Configuration, "The Twilio account is not active."),
    now(20404, Request, "Twilio knows no such resource or account path."),
    now(20429, Retry, "Too many requests at the same time; this one was not processed."),
    now(20500, Ambiguous, "Twilio failed inside or timed out; the message may have been sent."),
    now(20503, Retry, "Twilio is unavailable for a moment."),
    now(21211, Recipient, "The recipient's number is malformed or not valid."),
    now(21212, Configuration, "The sender's number is malformed."),
    now(21265, Request, "The recipient is a short code, which cannot be messaged."),
    now(21266, Request, "Recipient and sender are the same."),
    now(21408, Configuration, "The recipient's region is not enabled for this account (SMS)."),
    now(21602, Request, "The message has neither text nor media."),
    now(21603, Configuration, "The sender is missing."),
    now(21604, Request, "The recipient is missing."),
    now(21606, Configuration, "The sender's number is not ours or cannot send messages."),
    now(21608, Configuration, "The account is on trial and this recipient is not verified."),
    now(21609, Request, "The status callback address is not valid."),
    now(21610, OptOut, "The recipient has opted out with STOP and hears nothing until START."),
    now(21611, Later, "The sender's queue at Twilio holds more than four hours of messages."),
    now(21612, Configuration, "Twilio has no route from this sender to this recipient."),
    now(21614, Recipient, "The number is not a mobile number."),
    now(21617, Request, "The text is longer than 1600 characters and must be split."),
    now(21620, Request, "A media address is not valid."),
    now(21623, Request, "The message has too many media."),
    now(21654, Request, "Content variables were given without a content template."),
    now(21655, Request, "The content template's SID is not valid."),
    now(21656, Request, "The content variables are not valid JSON, or hold an empty value or a line break."),
    now(21658, Request, "A parameter is too long."),
    now(21659, Configuration, "The sender's number is not ours."),
    now(21660, Configuration, "The sender's number belongs to another account."),
    now(21661, Configuration, "The sender's number cannot send messages."),
    now(21701, Configuration, "The Messaging Service does not exist."),
    now(21703, Configuration, "The Messaging Service has no suitable sender."),
    now(21704, Configuration, "The Messaging Service has no senders."),
    now(21705, Configuration, "The Messaging Service's SID is not valid."),
    now(21910, Request, "Sender and recipient are on different channels."),
    by_callback(30001, Later, "The message waited more than four hours in Twilio's queue."),
    by_callback(30002, Configuration, "The account was suspended before the message was sent."),
    by_callback(30003, Later, "The recipient's phone could not be reached (SMS)."),
    by_callback(30004, Recipient, "The message was blocked at its destination (SMS)."),
    by_callback(30005, Recipient, "The recipient's number is unknown (SMS)."),
    by_callback(30006, Recipient, "The recipient is a landline or its carrier cannot be reached (SMS)."),
    by_callback(
        30007,
        Request,
        "The text was filtered by Twilio or the carrier; the same text must not be sent again (SMS).",
    ),
    by_callback_once(30008, Later, "The carrier gave an unknown error."),
    by_callback(30009, Informational, "An inbound message lost a segment (SMS)."),
    by_callback(30010, Informational, "The price was above a maximum that no longer has any effect (SMS)."),
    by_callback(30036, Later, "The message was not sent before its validity ended."),
    by_callback(30410, Ambiguous, "The provider timed out; the message may have been sent."),
    by_callback_once(30500, Retry, "Twilio failed inside."),
    by_callback(
        63001,
        Configuration,
        "WhatsApp did not accept the sender's authentication; connect the sender again.",
    ),
    by_callback(63002, Configuration, "WhatsApp does not know the sender."),
    by_callback(63003, Recipient, "WhatsApp does not know the recipient."),
    by_callback(63005, Request, "WhatsApp refused the content; its own message says why."),
    by_callback(63006, Request, "The content could not be put into WhatsApp's form."),
    now(63007, Configuration, "No WhatsApp sender with this address belongs to the account."),
    by_callback(63008, Configuration, "The WhatsApp sender is set up wrongly."),
    by_callback(63009, Retry, "WhatsApp failed inside."),
    by_callback(63010, Retry, "Twilio failed inside."),
    by_callback_once(63011, Later, "WhatsApp could not process the message."),
    by_callback(63012, Retry, "WhatsApp failed inside."),
    by_callback(63013, Request, "The message breaks a policy: a variable, an emoji or a media type."),
    by_callback(63014, OptOut, "The recipient blocked us or withdrew consent."),
    by_callback(63015, Configuration, "The recipient has not joined the sandbox; joining lasts three days."),
    by_callback(63016, Template, "The 24-hour window is closed; only an approved template may go out."),
    by_callback(63017, Retry, "The account sends more than 2000 messages a second."),
    by_callback(
        63018,
        Retry,
        "WhatsApp's rate limit for the sender, its portfolio or this recipient was reached.",
    ),
    by_callback(63019, Request, "A medium could not be fetched or was empty."),
    by_callback(63020, Configuration, "The Meta business account needs attention."),
    by_callback(
        63021,
        Request,
        "The content is not valid: unsupported media, or a template text over 1024 characters.",
    ),
    by_callback(63022, Configuration, "The sender's display name is not certified."),
    by_callback_once(63023, Later, "The channel gave a general error."),
    by_callback(
        63024,
        Recipient,
        "The recipient has no WhatsApp, has not accepted its terms, or its app is too old.",
    ),
    by_callback(63025, Request, "The medium exists already."),
    by_callback(63026, Configuration, "The sender's content was flagged as spam; stop campaigns."),
    by_callback(63027, Request, "The template does not exist in this language."),
    by_callback(63028, Request, "The number of variables does not fit the template."),
    by_callback_once(63029, Later, "The recipient's app could not download the template."),
    by_callback(63030, Request, "A parameter is not supported with a template."),
    now(63031, Request, "Recipient and sender are the same."),
    by_callback(63032, Recipient, "The recipient is in an experiment of Meta's and cannot be messaged."),
    by_callback(63033, OptOut, "The recipient blocked us or opted out of marketing."),
    by_callback(63034, Request, "A medium is larger than allowed."),
    by_callback(63035, Informational, "The RCS agent is not launched; never WhatsApp."),
    by_callback(63036, Informational, "The phone cannot be reached by RCS; never WhatsApp."),
    by_callback(63037, Informational, "A medium could not be uploaded; Twilio tries again itself."),
    by_callback(63038, Later, "The account's quota of messages for 24 hours is used up."),
    by_callback(63039, Informational, "A warning of Facebook Messenger; never WhatsApp."),
    by_callback(63040, Template, "The template was rejected."),
    by_callback(63041, Later, "The template is paused by Meta for some hours."),
    by_callback(63042, Template, "The template was disabled by Meta."),
    by_callback(63046, Informational, "The template was approved."),
    by_callback(63049, Later, "Meta withheld a marketing template; in the United States it always does."),
    by_callback(63051, Configuration, "Meta locked the WhatsApp Business Account."),
    by_callback(63062, Configuration, "The terms of Marketing Messages have not been accepted."),
    by_callback(
        63112,
        Configuration,
        "Meta disabled the WhatsApp Business Account or its verification is pending.",
    ),
    now(92007, Request, "The content variables are not valid JSON, or hold an empty value or a line break."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_is_found() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
        for row in all() {
            assert_eq!(explain(row.code), *row);
            assert!(row.meaning.ends_with('.'), "{}", row.code);
        }
    }

    #[test]
    fn an_opt_out_is_not_a_number_without_a_phone() {
        assert_eq!(explain(21610).class, OptOut);
        assert_eq!(explain(21614).class, Recipient);
    }

    #[test]
    fn a_closed_window_is_told_later_and_a_wrong_sender_at_once() {
        assert_eq!((explain(63016).class, explain(63016).arrival), (Template, Arrival::Asynchronous));
        assert_eq!((explain(63007).class, explain(63007).arrival), (Configuration, Arrival::Synchronous));
    }

    #[test]
    fn an_unknown_code_is_never_repeated_and_always_shown() {
        let unknown = explain(99_999);
        assert_eq!((unknown.class, unknown.max_repeats), (Class::Unknown, Some(0)));
        assert!(unknown.class.is_permanent() && unknown.class.needs_operator());
    }

    #[test]
    fn an_answer_without_a_known_code_is_judged_by_its_http_status() {
        for (status, code, class) in [
            (429, Some(20429), Retry),
            (429, None, Retry),
            (503, None, Retry),
            (500, Some(20500), Ambiguous),
            (500, None, Ambiguous),
            (502, None, Ambiguous),
            (401, None, Configuration),
            (400, Some(21610), OptOut),
            (400, Some(99_999), Class::Unknown),
            (400, None, Class::Unknown),
        ] {
            assert_eq!(classify_response(status, code), class, "{status} {code:?}");
        }
    }
}
