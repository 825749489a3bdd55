//! What is expected of a conversation, as its file writes it.

use jiff::civil::{Date, DateTime, Time};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use dealer::Language;

use super::play::ActKind;
use crate::ports::LeadStatus;
use crate::task::TaskKind;

/// One object of `expect`: where, and what must hold or is allowed there.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    pub(super) at: At,
    pub(super) checks: Vec<Named>,
    pub(super) may: Option<ActKind>,
}

/// Where a predicate looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum At {
    /// At each of these messages, from 1.
    Messages(Vec<usize>),
    /// After the last message.
    End,
    /// At each reply.
    Every,
}

/// A check with the words it was written in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) key: String,
    pub(super) wish: Value,
    pub(super) check: Check,
}

/// What must hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Check {
    Says(Vec<String>),
    NeverSays(Vec<String>),
    Cars(Vec<String>),
    CarsInclude(Vec<String>),
    CarsWithin(Vec<String>),
    NoCars,
    Slots(SlotsWish),
    NoSlots,
    Booked(BookedWish),
    Appointments(usize),
    Name(String),
    Told(Option<TaskKind>),
    NotTold(Vec<TaskKind>),
    TaskHas(Vec<String>),
    Owner(OwnerWish),
    Lead(LeadStatus),
    OptedOut(bool),
    Asks(Asks),
    Answered,
    Silent,
    Language(Language),
    NotRepeated,
    Replies(usize),
}

/// Which moments a reply should offer or settle.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SlotsWish {
    pub(super) date: Option<OneOf<Date>>,
    pub(super) from: Option<Time>,
    pub(super) to: Option<Time>,
    pub(super) times: Vec<Time>,
}

/// Which appointment should stand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BookedWish {
    pub(super) car: Option<String>,
    pub(super) start: Option<OneOf<DateTime>>,
    pub(super) name: Option<String>,
}

/// A value, or a list of which one will do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOf<T> {
    This(T),
    Any(Vec<T>),
}

impl<T: PartialEq> OneOf<T> {
    pub(super) fn has(&self, value: &T) -> bool {
        match self {
            Self::This(this) => this == value,
            Self::Any(any) => any.contains(value),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OwnerWish {
    Human,
    Agents,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Asks {
    Name,
    Confirm,
    OptOut,
    OptIn,
    Which,
    Any,
    Nothing,
}

impl Predicate {
    /// Reads one object of `expect` of a conversation with so many messages.
    pub(super) fn read(value: Value, messages: usize) -> Result<Self, String> {
        let Value::Object(map) = value else { return Err(format!("{value} is no predicate")) };
        let written = Value::Object(map.clone()).to_string();
        let mut at = None;
        let mut may = None;
        let mut checks = Vec::new();
        for (key, wish) in map {
            match key.as_str() {
                "m" => at = Some(place(&wish, messages).map_err(|why| format!("{written}: {why}"))?),
                "may" => may = Some(read(&wish).map_err(|why| format!("{written}: may: {why}"))?),
                _ => {
                    let check = Check::read(&key, &wish).map_err(|why| format!("{written}: {key}: {why}"))?;
                    checks.push(Named { key, wish, check });
                }
            }
        }
        let at = at.ok_or_else(|| format!("{written}: m is missing"))?;
        if checks.is_empty() && may.is_none() {
            return Err(format!("{written}: nothing is expected"));
        }
        let counts_replies = checks.iter().any(|named| matches!(named.check, Check::Replies(_)));
        if counts_replies && !matches!(&at, At::Messages(range) if range.len() == 2) {
            return Err(format!("{written}: replies takes m as a range, [first, last]"));
        }
        Ok(Self { at, checks, may })
    }
}

fn place(value: &Value, messages: usize) -> Result<At, String> {
    let numbers = match value {
        Value::String(word) if word == "end" => return Ok(At::End),
        Value::String(word) if word == "every" => return Ok(At::Every),
        Value::Number(_) => vec![read::<usize>(value)?],
        _ => read::<Vec<usize>>(value)?,
    };
    match numbers.iter().find(|number| !(1..=messages).contains(*number)) {
        Some(number) => Err(format!("there is no message {number}")),
        None => Ok(At::Messages(numbers)),
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

impl Check {
    fn read(key: &str, value: &Value) -> Result<Self, String> {
        Ok(match key {
            "says" => Self::Says(read(value)?),
            "never_says" => Self::NeverSays(read(value)?),
            "cars" => Self::Cars(read(value)?),
            "cars_include" => Self::CarsInclude(read(value)?),
            "cars_within" => Self::CarsWithin(read(value)?),
            "no_cars" => holds(value, Self::NoCars)?,
            "slots" => Self::Slots(read(value)?),
            "no_slots" => holds(value, Self::NoSlots)?,
            "booked" => Self::Booked(read(value)?),
            "appointments" => Self::Appointments(read(value)?),
            "name" => Self::Name(read(value)?),
            "told" if *value == Value::Bool(true) => Self::Told(None),
            "told" => Self::Told(Some(read(value)?)),
            "not_told" => Self::NotTold(read(value)?),
            "task_has" => Self::TaskHas(read(value)?),
            "owner" => Self::Owner(read(value)?),
            "lead" => Self::Lead(read(value)?),
            "opted_out" => Self::OptedOut(read(value)?),
            "asks" => Self::Asks(read(value)?),
            "answered" => holds(value, Self::Answered)?,
            "silent" => holds(value, Self::Silent)?,
            "language" => Self::Language(read(value)?),
            "not_repeated" => holds(value, Self::NotRepeated)?,
            "replies" => Self::Replies(read(value)?),
            _ => return Err("there is no such predicate".to_owned()),
        })
    }
}

fn holds(value: &Value, check: Check) -> Result<Check, String> {
    if *value == Value::Bool(true) { Ok(check) } else { Err("write true, or leave it out".to_owned()) }
}
