//! The file of conversations: one JSON object a line.

use std::io::BufRead;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::predicate::Predicate;
use crate::command::Medium;
use crate::eval::EvalError;

/// A conversation with what should come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dialogue {
    /// Its name, unique in its file.
    pub id: String,
    /// When the first message is sent.
    pub at: Timestamp,
    /// The customer's `WhatsApp` profile name; empty when there is none.
    pub profile_name: String,
    /// What is said, in order.
    pub messages: Vec<Said>,
    /// What the customer came for, for people.
    pub wanted: String,
    /// What should come of it.
    pub expect: Vec<Predicate>,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The text; empty with a medium alone.
    #[serde(default)]
    pub body: String,
    /// What comes along.
    #[serde(default)]
    pub media: Vec<Attached>,
    /// The next message follows within a second.
    #[serde(default)]
    pub burst: bool,
    /// Sent only if the last reply did this.
    #[serde(default)]
    pub only_if: Option<OnlyIf>,
    /// Time since the message before.
    #[serde(default)]
    pub after: Option<Pause>,
    /// Headline of the advert the customer came from.
    #[serde(default)]
    pub referral: Option<String>,
    /// Who writes it.
    #[serde(default)]
    pub by: Author,
    /// Before it somebody else takes the slots that start then, by the dealer's clock.
    #[serde(default)]
    pub taken: Vec<DateTime>,
}

/// A file that comes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// Its type, as `image/jpeg`.
    pub content_type: String,
}

impl Attached {
    /// What it is to the assistant.
    pub fn medium(&self) -> Medium {
        let content_type = self.content_type.to_ascii_lowercase();
        match content_type.split(['/', ';']).next().unwrap_or_default() {
            "image" if content_type.starts_with("image/webp") => Medium::Sticker,
            "image" => Medium::Photo,
            "audio" => Medium::Voice,
            "video" => Medium::Video,
            "text" if content_type.contains("vcard") => Medium::Contact,
            _ => Medium::Document,
        }
    }
}

/// Who writes a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The customer.
    #[default]
    Customer,
    /// A human of the dealer, who takes over.
    Colleague,
}

/// What the last reply must have done for a message to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnlyIf {
    /// It offered a moment.
    Slots,
    /// It asked for a name or proposed one.
    Name,
    /// It asked for a yes.
    Confirm,
    /// It did none of book, move, cancel, opt out, hand over or open a task.
    Unanswered,
}

/// Time between two messages: `3d`, `2h`, `20m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pause(pub SignedDuration);

impl TryFrom<String> for Pause {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no time: write 3d, 2h or 20m");
        let unit = text.chars().last().ok_or_else(wrong)?;
        let minutes = match unit {
            'd' => 24 * 60,
            'h' => 60,
            'm' => 1,
            _ => return Err(wrong()),
        };
        let count: u32 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
        Ok(Self(SignedDuration::from_mins(i64::from(count) * minutes)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    at: Timestamp,
    #[serde(default)]
    profile_name: String,
    #[serde(default = "builtin")]
    dealer: String,
    messages: Vec<serde_json::Value>,
    #[serde(default)]
    wanted: String,
    expect: Vec<serde_json::Value>,
}

/// The one dealer that conversations are written for.
const BUILTIN: &str = "builtin";

fn builtin() -> String {
    BUILTIN.to_owned()
}

/// Reads the conversations of a file; empty lines are skipped.
pub fn read(input: impl BufRead) -> Result<Vec<Dialogue>, EvalError> {
    let mut dialogues: Vec<Dialogue> = Vec::new();
    for (number, line) in input.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |reason: String| EvalError::Dialogue { line: number + 1, reason };
        let dialogue = parse(&line).map_err(wrong)?;
        if dialogues.iter().any(|other| other.id == dialogue.id) {
            return Err(wrong(format!("another conversation is called {} too", dialogue.id)));
        }
        dialogues.push(dialogue);
    }
    Ok(dialogues)
}

/// Reads one conversation.
pub fn parse(line: &str) -> Result<Dialogue, String> {
    let Line { id, at, profile_name, dealer, messages, wanted, expect } =
        serde_json::from_str(line).map_err(|error| error.to_string())?;
    if dealer != BUILTIN {
        return Err(format!("{id}: there is no dealer {dealer:?}, only {BUILTIN:?}"));
    }
    let messages = messages
        .into_iter()
        .enumerate()
        .map(|(index, value)| said(value).map_err(|reason| format!("{id}: message {}: {reason}", index + 1)))
        .collect::<Result<Vec<Said>, String>>()?;
    let expect = expect
        .into_iter()
        // Text among the predicates is for people.
        .filter(|value| !value.is_string())
        .map(|value| Predicate::read(value, messages.len()).map_err(|reason| format!("{id}: {reason}")))
        .collect::<Result<Vec<Predicate>, String>>()?;
    Ok(Dialogue { id, at, profile_name, messages, wanted, expect })
}

fn said(value: serde_json::Value) -> Result<Said, String> {
    if let serde_json::Value::String(body) = value {
        return Ok(Said { body, ..Said::default() });
    }
    let said: Said = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if said.body.is_empty() && said.media.is_empty() {
        return Err("it has neither body nor media".to_owned());
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: &str) -> String {
        parse(line).unwrap_err()
    }

    fn with(messages: &str, expect: &str) -> String {
        format!(
            r#"{{"id": "t", "at": "2026-03-10T10:00:00+01:00", "messages": {messages}, "expect": {expect}}}"#
        )
    }

    #[test]
    fn text_among_the_predicates_is_for_people() {
        let dialogue = parse(&with(r#"["hoi"]"#, r#"["m1: greets", {"m": 1, "answered": true}]"#)).unwrap();
        assert_eq!((dialogue.expect.len(), dialogue.messages.len()), (1, 1));
    }

    #[test]
    fn what_is_written_wrong_is_named() {
        let one = r#"["hoi"]"#;
        for (messages, expect, wrong) in [
            (r#"[{"burst": true}]"#, "[]", "message 1: it has neither body nor media"),
            (r#"[{"body": "a", "bursts": true}]"#, "[]", "unknown field `bursts`"),
            (r#"[{"body": "a", "after": "3w"}]"#, "[]", "write 3d, 2h or 20m"),
            (r#"[{"body": "a", "only_if": "maybe"}]"#, "[]", "unknown variant `maybe`"),
            (one, r#"[{"answered": true}]"#, "m is missing"),
            (one, r#"[{"m": 2, "answered": true}]"#, "there is no message 2"),
            (one, r#"[{"m": 1}]"#, "nothing is expected"),
            (one, r#"[{"m": 1, "answerd": true}]"#, "answerd: there is no such predicate"),
            (one, r#"[{"m": 1, "no_slots": false}]"#, "write true, or leave it out"),
            (one, r#"[{"m": 1, "may": ["book"]}]"#, "may: "),
            (one, r#"[{"m": 1, "told": "trade"}]"#, "told: unknown variant `trade`"),
            (one, r#"[{"m": 1, "slots": {"day": "2026-03-10"}}]"#, "unknown field `day`"),
            (one, r#"[{"m": 1, "replies": 1}]"#, "replies takes m as a range"),
        ] {
            let error = error(&with(messages, expect));
            assert!(error.contains(wrong) && error.starts_with("t: "), "{messages} {expect}: {error}");
        }
        let other = with(one, "[]").replace(r#""id""#, r#""dealer": "x", "id""#);
        assert!(error(&other).contains("there is no dealer"));
    }

    #[test]
    fn a_wrong_line_and_a_name_given_twice_are_named_by_line() {
        let line = with(r#"["hoi"]"#, "[]");
        let twice = format!("{line}\n\n{line}\n");
        let error = read(twice.as_bytes()).unwrap_err().to_string();
        assert_eq!(error, "line 3 is no conversation: another conversation is called t too");
        assert!(read("{".as_bytes()).unwrap_err().to_string().starts_with("line 1 is no conversation"));
    }

    #[test]
    fn files_are_what_they_are_to_the_assistant() {
        for (content_type, medium) in [
            ("image/jpeg", Medium::Photo),
            ("image/webp", Medium::Sticker),
            ("audio/ogg; codecs=opus", Medium::Voice),
            ("video/mp4", Medium::Video),
            ("text/vcard", Medium::Contact),
            ("application/pdf", Medium::Document),
        ] {
            assert_eq!(Attached { content_type: content_type.into() }.medium(), medium, "{content_type}");
        }
    }
}
