//! What went on in a conversation that was played: its steps, and how things stand after each.

use std::fmt;

use dealer::Language;
use jiff::Zoned;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::facts::{Facts, Question};
use super::format::{Author, OnlyIf};
use crate::decide::Decision;
use crate::piece::Piece;
use crate::ports::LeadStatus;
use crate::task::Task;
use crate::turn::Owner;

/// A conversation as it went.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// What happened, in order. A message that was not sent is in none.
    pub steps: Vec<Step>,
}

/// One turn of the assistant, or one message of a colleague.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The numbers of the messages, from 1.
    pub messages: Vec<usize>,
    /// Who wrote them.
    pub by: Author,
    /// When the last of them was sent.
    pub at: Zoned,
    /// What was answered; `None` is silence.
    pub reply: Option<String>,
    /// What the answer is made of.
    pub pieces: Vec<Piece>,
    /// The language of the answer.
    pub language: Language,
    /// What was changed for the customer.
    pub acts: Vec<Act>,
    /// The tasks that were opened.
    pub tasks: Vec<Task>,
    /// A person was called.
    pub handed_over: bool,
    /// What was made of each command.
    pub decisions: Vec<Decision>,
    /// What could not be done: a fault of the program.
    pub faults: Vec<String>,
    /// How things stand afterwards.
    pub after: Snapshot,
}

/// How things stand after a step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The appointments that stand, earliest first.
    pub appointments: Vec<Standing>,
    /// The customer's name as known.
    pub name: Option<String>,
    /// The tasks that are open.
    pub tasks: Vec<Task>,
    /// Who speaks with the customer.
    pub owner: Owner,
    /// How warm the lead is.
    pub lead: Option<LeadStatus>,
    /// The customer wants no messages.
    pub opted_out: bool,
}

/// An appointment that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// By the dealer's clock.
    pub start: DateTime,
    /// The car's inventory id.
    pub car: Option<String>,
    /// Whose it is.
    pub name: Option<String>,
}

/// Something that was changed for the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// An appointment was made.
    Book(Standing),
    /// One took the place of another.
    Move {
        /// When it was.
        from: DateTime,
        /// What stands now.
        to: Standing,
    },
    /// One was called off.
    Cancel(Standing),
    /// No more messages.
    OptOut,
}

/// What kind of act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// An appointment was made.
    Book,
    /// An appointment was moved.
    Move,
    /// An appointment was called off.
    Cancel,
    /// No more messages.
    OptOut,
}

impl Act {
    /// What kind it is.
    pub const fn kind(&self) -> ActKind {
        match self {
            Self::Book(_) => ActKind::Book,
            Self::Move { .. } => ActKind::Move,
            Self::Cancel(_) => ActKind::Cancel,
            Self::OptOut => ActKind::OptOut,
        }
    }

    /// The moment that stands by it.
    pub const fn moment(&self) -> Option<DateTime> {
        match self {
            Self::Book(standing) | Self::Move { to: standing, .. } => Some(standing.start),
            Self::Cancel(_) | Self::OptOut => None,
        }
    }
}

impl Step {
    /// What the reply says.
    pub(super) fn facts(&self) -> Facts {
        if self.reply.is_some() { Facts::of(&self.pieces) } else { Facts::default() }
    }

    /// What the reply asks.
    pub fn questions(&self) -> Vec<Question> {
        self.facts().questions
    }

    /// The moments the reply settles, by the dealer's clock: booked or moved to.
    pub(super) fn settled(&self) -> Vec<DateTime> {
        let said = self.facts().settled;
        let mut settled: Vec<DateTime> = said.iter().map(Zoned::datetime).collect();
        settled.extend(self.acts.iter().filter_map(Act::moment));
        settled.sort_unstable();
        settled.dedup();
        settled
    }

    /// Whether it did something that ends a wish.
    pub(super) fn settles(&self) -> bool {
        !self.acts.is_empty() || self.handed_over || !self.tasks.is_empty()
    }

    pub(super) fn did(&self, wish: OnlyIf) -> bool {
        let asks = |question| self.questions().contains(&question);
        match wish {
            OnlyIf::Slots => !self.facts().offered.is_empty(),
            OnlyIf::Name => asks(Question::Name),
            OnlyIf::Confirm => asks(Question::Confirm),
            OnlyIf::Unanswered => !self.settles(),
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let car = self.car.as_deref().unwrap_or("no car");
        write!(f, "{car} {}", self.start.strftime("%Y-%m-%dT%H:%M"))?;
        match &self.name {
            Some(name) => write!(f, " {name:?}"),
            None => write!(f, " no name"),
        }
    }
}

impl ActKind {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Move => "move",
            Self::Cancel => "cancel",
            Self::OptOut => "opt_out",
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Book(standing) => write!(f, "book {standing}"),
            Self::Move { from, to } => write!(f, "move from {} to {to}", from.strftime("%Y-%m-%dT%H:%M")),
            Self::Cancel(standing) => write!(f, "cancel {standing}"),
            Self::OptOut => f.write_str("opt_out"),
        }
    }
}
