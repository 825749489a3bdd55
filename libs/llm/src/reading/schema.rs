//! The form of the answer, as JSON schema: the same commands as [`assistant::command::Command`].
//!
//! It is flat on purpose, without unions, optional or nullable properties: that is what every provider's constrained
//! decoding takes, and it is short in tokens. What belongs to which command stands in the prompt, and is checked by
//! [`super::answer`].

use serde_json::{Value, json};

use super::details::What;

/// Every command's name, as [`assistant::command::Command::name`] gives it.
pub(crate) const COMMANDS: [&str; 36] = [
    "greet",
    "thanks",
    "close",
    "speak",
    "yes",
    "no",
    "show",
    "tell",
    "practical",
    "drive",
    "moment",
    "pick",
    "refuse_slots",
    "move",
    "cancel",
    "keep",
    "ask_appointment",
    "other_car",
    "name",
    "contact",
    "trade_in",
    "finance",
    "buy",
    "bid",
    "discount",
    "workshop",
    "ask_colleague",
    "hand_over",
    "call_back",
    "ask_when_answered",
    "ask_open_questions",
    "opt_out",
    "opt_in",
    "machine",
    "medium",
    "unclear",
];

/// The schema a model answers with.
pub(crate) fn schema() -> Value {
    let whats: Vec<&str> = What::ALL.iter().map(|what| what.as_str()).collect();
    let detail = object(&json!({
        "what": { "type": "string", "enum": whats },
        "value": { "type": "string" },
    }));
    let command = object(&json!({
        "command": { "type": "string", "enum": COMMANDS.as_slice() },
        "message": { "type": "integer", "description": "number of the message it was read in" },
        "words": { "type": "string", "description": "copied letter by letter from that message" },
        "plain": { "type": "string", "enum": ["clear", "doubtful"] },
        "details": { "type": "array", "items": detail },
    }));
    object(&json!({
        "language": { "type": "string", "enum": ["nl", "en", "de", "other", "unclear"] },
        "manner": { "type": "string", "enum": ["formal", "informal", "unclear"] },
        "commands": { "type": "array", "items": command },
    }))
}

/// An object that has all of these and nothing else.
fn object(properties: &Value) -> Value {
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(|all| all.keys()).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
