//! What a dialogue is about, kept from turn to turn.
//!
//! Written as versioned JSON; [`State::from_json`] also reads what older versions wrote. Cars and wishes last
//! [`TALK_LASTS`], the greeting is fresh after [`GREETING_LASTS`], the lead stays.

use dealer::Language;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::command::{Command, Field, OwnCar};
use crate::crm::Signals;
use crate::ports::FreeSlot;
use crate::task::TaskKind;
use crate::when::When;
use crate::wishes::Wishes;

/// How long cars, wishes and open questions are remembered without a word.
pub const TALK_LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);

/// After so long without a word the assistant greets and introduces itself again.
pub const GREETING_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// Slots on offer and questions asked are stale after this long.
pub const OFFER_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// How many past turns are kept.
const TURNS_KEPT: usize = 6;

/// State of one dialogue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is true of a dialogue by itself")]
pub struct State {
    /// Version of this form; see [`State::VERSION`].
    pub version: u32,
    /// Moment of the last turn.
    pub updated_at: Option<Timestamp>,
    /// Language of the conversation.
    pub language: Option<Language>,
    /// The language heard last, while it is another one than the conversation's.
    pub heard: Option<Language>,
    /// The language the customer asked to be spoken to in.
    pub asked_language: Option<Language>,
    /// The customer says *u* or *Sie*.
    pub formal: bool,
    /// The customer was told that this is an automated assistant.
    pub introduced: bool,
    /// Wishes gathered so far.
    pub wishes: Wishes,
    /// Cars last shown as a list, by inventory id, number 1 first.
    pub shown: Vec<String>,
    /// Cars the talk is about, by inventory id, the one meant now first; at most [`State::FOCUS_KEPT`].
    pub focus: Vec<String>,
    /// A car asked for that is not in stock, as it was named, while the talk is about it.
    pub missing_car: Option<String>,
    /// Slots on offer, number 1 first.
    pub offered: Vec<FreeSlot>,
    /// What was wished when they were offered.
    pub offered_for: When,
    /// The car they were offered for, by inventory id.
    pub offered_car: Option<String>,
    /// The slots on offer are to move this appointment.
    pub moving: Option<String>,
    /// The question the last reply asked, while it has no answer.
    pub asked: Option<Asked>,
    /// Appointments that stand, earliest first.
    pub appointments: Vec<Appointment>,
    /// The name as the customer gave it, or agreed to.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number, E.164.
    pub phone: Option<String>,
    /// The car to trade in.
    pub trade_in: OwnCar,
    /// The car for the workshop.
    pub workshop: OwnCar,
    /// Promises open with a colleague.
    pub promises: Vec<OpenPromise>,
    /// Signals of the lead so far.
    pub signals: Signals,
    /// Messages not understood, in a row.
    pub misunderstood: u32,
    /// The last customer text, folded and hashed, and how often it came in a row: another machine repeats itself.
    pub repeated: Repeated,
    /// Set while the conversation waits for a person whom the assistant called.
    pub waiting: Option<Waiting>,
    /// What was asked by who had opted out, until messages are wanted again.
    pub unanswered: Vec<Command>,
    /// What the last command was about, which a bare day or "en hoe lang duurt dat" belongs to.
    pub topic: Topic,
    /// The last few turns, oldest first.
    pub turns: Vec<PastTurn>,
    /// The last reply invited to a test drive: none twice in a row.
    pub invited: bool,
    /// The last reply listed the moments on offer: no list twice in a row.
    pub listed: bool,
}

/// An appointment of this customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The calendar's id.
    pub id: String,
    /// When.
    pub slot: FreeSlot,
    /// Inventory id of the car, when one is meant.
    pub car_id: Option<String>,
    /// The name it stands in, while one does.
    #[serde(default)]
    pub name: Option<String>,
}

/// A question asked, with what an answer does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// "Zin in een proefrit?": yes asks for moments.
    Drive,
    /// "Zal ik een collega laten meekijken?": yes makes the task.
    Colleague {
        /// Of what kind.
        kind: TaskKind,
        /// Its details.
        details: String,
    },
    /// "Zal ik 14:00 vastleggen?"
    Book {
        /// The moment.
        slot: FreeSlot,
    },
    /// "Zal ik je afspraak verzetten van … naar …?"
    Move {
        /// The appointment.
        appointment_id: String,
        /// To when.
        slot: FreeSlot,
    },
    /// "Zal ik je afspraak van … afzeggen?"
    Cancel {
        /// The appointment.
        appointment_id: String,
    },
    /// "Bedoel je dat je geen berichten meer wilt?"
    OptOut,
    /// "Wil je weer berichten?"
    OptIn,
    /// "Op welke naam?"
    Name,
    /// "Ik zet hem op naam van Marieke, goed?"
    NameProposed {
        /// The name.
        name: String,
    },
    /// "Welke van deze?": the answer is a car.
    WhichCar {
        /// The cars asked about.
        cars: Vec<String>,
        /// A test drive is wanted with it, then.
        when: Option<When>,
        /// What was asked of it.
        #[serde(default)]
        about: Vec<Field>,
        /// How often it was asked before.
        #[serde(default)]
        times: u8,
    },
    /// "Om welke auto gaat het?"
    AnyCar {
        /// A test drive is wanted with it, then.
        when: Option<When>,
    },
    /// "Welke afspraak bedoel je?"
    WhichAppointment {
        /// Move there; `None` calls off.
        to: Option<When>,
    },
    /// "Verzetten, of nog een afspraak?"
    MoveOrAnother {
        /// To when.
        when: When,
    },
    /// "Laten staan, verzetten of afzeggen?"
    KeepMoveOrCancel,
    /// "Wanneer komt het uit?"
    When,
    /// Nothing: who comes by without an appointment is welcome.
    Visit {
        /// Then, as far as it is known.
        when: When,
        /// They were told so.
        #[serde(default)]
        welcomed: bool,
    },
    /// Plate or mileage of a trade-in or workshop car.
    OwnCar,
    /// What kind of car is wanted.
    Wishes,
}

impl Asked {
    /// Whether a yes or a no answers it.
    pub const fn awaits_yes(&self) -> bool {
        matches!(
            self,
            Self::Drive
                | Self::Colleague { .. }
                | Self::Book { .. }
                | Self::Move { .. }
                | Self::Cancel { .. }
                | Self::OptOut
                | Self::OptIn
                | Self::NameProposed { .. }
        )
    }
}

/// What the talk is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Nothing in particular.
    #[default]
    None,
    /// Cars for sale.
    Cars,
    /// A test drive.
    Drive,
    /// The customer's own car in the workshop.
    Workshop,
    /// A car to trade in.
    TradeIn,
    /// Financing.
    Finance,
    /// The price: a bid or a discount.
    Price,
    /// To be called.
    CallBack,
}

/// A promise open with a colleague.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPromise {
    /// Of what kind.
    pub kind: TaskKind,
    /// As told to the colleague.
    pub details: String,
    /// When it was made.
    pub at: Timestamp,
}

/// How often the same came in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Repeated {
    /// Hash of the folded text.
    pub text: u64,
    /// How many times in a row.
    pub times: u32,
    /// How many messages of a machine came in a row.
    pub machine: u32,
}

/// The conversation waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Since when.
    pub since: Timestamp,
    /// When the customer was last told that somebody reads what is added.
    pub told_at: Option<Timestamp>,
}

/// One past turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastTurn {
    /// What the customer wrote.
    pub customer: String,
    /// What was answered.
    pub reply: String,
}

/// What every version of state begins with.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    version: u32,
}

/// State that this version cannot read.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Not the JSON it should be.
    #[error("state is not readable")]
    Json(#[from] serde_json::Error),
    /// Written by a later version of this program.
    #[error("state has version {0}, newer than this program knows")]
    Newer(u32),
}

impl State {
    /// The version written now.
    pub const VERSION: u32 = 2;

    /// How many cars the list of those spoken of keeps.
    pub const SHOWN_KEPT: usize = 6;

    /// How many cars the talk keeps in focus.
    pub const FOCUS_KEPT: usize = 4;

    /// Reads what [`State::to_json`] wrote, now or in version 1; an empty text is a new conversation.
    pub fn from_json(text: &str) -> Result<Self, StateError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        // The version first: what a later one wrote may not even have this form.
        let Written { version } = serde_json::from_str(text)?;
        match version {
            0 | 1 => Ok(serde_json::from_str::<v1::Memory>(text)?.into()),
            Self::VERSION => Ok(serde_json::from_str(text)?),
            newer => Err(StateError::Newer(newer)),
        }
    }

    /// The form kept in the database.
    pub fn to_json(&self) -> String {
        let current = Self { version: Self::VERSION, ..self.clone() };
        serde_json::to_string(&current).expect("state holds only text, numbers and lists")
    }

    /// What is left of it at `now`: appointments that are over go, stale offers and questions go, and after
    /// [`TALK_LASTS`] all but the lead.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        let idle = self.updated_at.map_or(SignedDuration::ZERO, |last| now.duration_since(last));
        self.appointments.retain(|appointment| appointment.slot.end > now);
        if idle >= TALK_LASTS {
            let Self {
                language, formal, name, email, phone, appointments, signals, waiting, promises, ..
            } = self;
            return Self {
                language,
                formal,
                appointments,
                name,
                email,
                phone,
                promises,
                signals,
                waiting,
                ..Self::default()
            };
        }
        if idle >= OFFER_LASTS {
            self.forget_offer();
            // A name may still be given; everything else is asked anew.
            self.asked = self.asked.take().filter(|asked| matches!(asked, Asked::Name | Asked::OptIn));
            self.misunderstood = 0;
            self.invited = false;
        }
        if idle >= GREETING_LASTS {
            self.introduced = false;
        }
        self
    }

    /// Makes a car the one that is meant now, and the next on the list of those spoken of.
    pub fn focus_on(&mut self, car_id: &str) {
        if !self.shown.iter().any(|id| id == car_id) {
            self.shown.push(car_id.to_owned());
            let surplus = self.shown.len().saturating_sub(Self::SHOWN_KEPT);
            self.shown.drain(..surplus);
        }
        self.focus.retain(|id| id != car_id);
        self.focus.insert(0, car_id.to_owned());
        self.focus.truncate(Self::FOCUS_KEPT);
        self.missing_car = None;
    }

    /// Adds a turn, letting the oldest go.
    pub fn remember(&mut self, turn: PastTurn) {
        self.turns.push(turn);
        let surplus = self.turns.len().saturating_sub(TURNS_KEPT);
        self.turns.drain(..surplus);
    }

    /// Slots and questions that no longer stand.
    pub fn forget_offer(&mut self) {
        self.offered.clear();
        self.offered_for = When::default();
        self.offered_car = None;
        self.moving = None;
    }
}

/// The form of version 1, read only.
mod v1 {
    use serde::Deserialize;

    use super::{Appointment, FreeSlot, Language, PastTurn, Signals, State, Timestamp, Wishes};
    use crate::reading::Entities;
    use crate::wishes::Model;

    #[derive(Default, Deserialize)]
    #[serde(default)]
    pub(super) struct Memory {
        updated_at: Option<Timestamp>,
        language: Option<Language>,
        introduced: bool,
        wishes: Entities,
        shown: Vec<String>,
        offered: Vec<FreeSlot>,
        moving: bool,
        misunderstood: u32,
        turns: Vec<PastTurn>,
        lead: Lead,
    }

    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Lead {
        signals: Signals,
        name: Option<String>,
        email: Option<String>,
        phone: Option<String>,
        appointment: Option<Appointment>,
    }

    impl From<Memory> for State {
        fn from(old: Memory) -> Self {
            let Memory {
                updated_at,
                language,
                introduced,
                wishes,
                shown,
                offered,
                moving,
                misunderstood,
                turns,
                lead,
            } = old;
            Self {
                updated_at,
                language,
                introduced,
                wishes: wishes_of(wishes),
                focus: shown.first().cloned().into_iter().collect(),
                shown,
                moving: lead
                    .appointment
                    .as_ref()
                    .filter(|_| moving)
                    .map(|appointment| appointment.id.clone()),
                offered,
                misunderstood,
                turns,
                signals: lead.signals,
                name: lead.name,
                email: lead.email,
                phone: lead.phone,
                appointments: lead.appointment.into_iter().collect(),
                ..Self::default()
            }
        }
    }

    fn wishes_of(old: Entities) -> Wishes {
        let models = match (&old.make, old.model) {
            (Some(make), Some(model)) => vec![Model { make: make.clone(), model }],
            _ => Vec::new(),
        };
        Wishes {
            make: old.make,
            models,
            price_min_eur: old.price_min_eur,
            price_max_eur: old.price_max_eur,
            month_max_eur: old.month_max_eur,
            year_min: old.year_min,
            year_max: old.year_max,
            mileage_max_km: old.mileage_max_km,
            fuels: old.fuel.into_iter().collect(),
            transmission: old.transmission,
            bodies: old.body_type.into_iter().collect(),
            colors: old.color.into_iter().collect(),
            ..Wishes::default()
        }
    }
}
