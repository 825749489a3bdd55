//! Tasks for people: every promise of a reply is one.

use jiff::{ToSpan, Zoned};
use serde::{Deserialize, Serialize};

use crate::command::Way;
use crate::piece::{Answers, Piece, Promise};
use dealer::Hours;

/// What a person is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Answer a question no record answers.
    Question,
    /// Value a car to trade in.
    TradeIn,
    /// Work out a loan or lease.
    Finance,
    /// Plan a workshop visit.
    Workshop,
    /// Answer a bid.
    Bid,
    /// Sell or reserve a car.
    Buy,
    /// Talk about the price.
    Discount,
    /// Call the customer.
    CallBack,
    /// Find a moment for a test drive.
    Appointment,
    /// Take the conversation over.
    HandOver,
    /// Anything else.
    Other,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Question,
        Self::TradeIn,
        Self::Finance,
        Self::Workshop,
        Self::Bid,
        Self::Buy,
        Self::Discount,
        Self::CallBack,
        Self::Appointment,
        Self::HandOver,
        Self::Other,
    ];

    /// The word in rows, on the wire and in conversations' predicates.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::TradeIn => "trade_in",
            Self::Finance => "finance",
            Self::Workshop => "workshop",
            Self::Bid => "bid",
            Self::Buy => "buy",
            Self::Discount => "discount",
            Self::CallBack => "call_back",
            Self::Appointment => "appointment",
            Self::HandOver => "hand_over",
            Self::Other => "other",
        }
    }
}

/// A task as a turn makes it; the row with owner and state is the orchestrator's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What is to be done.
    pub kind: TaskKind,
    /// One line for the person: which car, which question, plate and mileage, day wished. Holds the customer's own words.
    pub details: String,
    /// When the customer may expect an answer.
    pub due: jiff::Timestamp,
}

/// How long a person has once the dealer is open.
const DUE_AFTER_HOURS: i64 = 2;

/// Makes a promise and the task that keeps it. `due` is two opening hours from now, or from the next opening.
pub fn promise(kind: TaskKind, details: impl Into<String>, now: &Zoned, hours: &Hours) -> (Piece, Task) {
    let answers = answers(now, hours);
    let from = match &answers {
        Answers::Soon | Answers::AsWished => now.clone(),
        Answers::From(opening) => opening.clone(),
    };
    let due = from.saturating_add(DUE_AFTER_HOURS.hours()).timestamp();
    (Piece::Promise(Promise { kind, answers, by: Way::Phone }), Task { kind, details: details.into(), due })
}

/// Makes the promise to call or to write, and the task that keeps it: due at the moment that the customer asked for, else as any
/// other.
pub fn reach(
    by: Way,
    details: impl Into<String>,
    at: Option<&Zoned>,
    now: &Zoned,
    hours: &Hours,
) -> (Piece, Task) {
    let (_, task) = promise(TaskKind::CallBack, details, now, hours);
    let answers = if at.is_some() { Answers::AsWished } else { answers(now, hours) };
    let due = at.map_or(task.due, Zoned::timestamp);
    (Piece::Promise(Promise { kind: TaskKind::CallBack, answers, by }), Task { due, ..task })
}

/// Who writes so shortly before closing is answered at the next opening.
const CLOSING_MINUTES: u16 = 30;

/// How far ahead an opening is looked for.
const LOOK_AHEAD_DAYS: i64 = 31;

/// When somebody answers: now while the dealer is open, else at the next opening.
pub fn answers(now: &Zoned, hours: &Hours) -> Answers {
    let minute = u16::try_from(i32::from(now.hour()) * 60 + i32::from(now.minute())).unwrap_or_default();
    let today = hours.on(now.date());
    // Lunch does not count as closed: whoever is there answers soon.
    let open = today.first().is_some_and(|first| first.from_minute() <= minute)
        && today.last().is_some_and(|last| minute + CLOSING_MINUTES < last.to_minute());
    if open {
        return Answers::Soon;
    }
    for ahead in 0..LOOK_AHEAD_DAYS {
        let date = now.date().saturating_add(ahead.days());
        let Some(first) = hours.on(date).first() else { continue };
        if ahead == 0 && first.from_minute() <= minute {
            continue;
        }
        let start = first.from_minute();
        let time = jiff::civil::time(
            i8::try_from(start / 60).unwrap_or(9),
            i8::try_from(start % 60).unwrap_or(0),
            0,
            0,
        );
        if let Ok(opening) = date.to_datetime(time).to_zoned(now.time_zone().clone()) {
            return Answers::From(opening);
        }
    }
    Answers::Soon
}
