//! What a customer wants, as typed commands: the one thing rules and models read a turn into.
//!
//! A turn is read into a [`Reading`]: several commands, each with the words it rests on and how plain they are. Reading
//! decides nothing: whether a command acts is [`crate::decide`]'s business.

use std::ops::Range;

use dealer::{Language, PracticalTopic};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::reading::Analysis;
use crate::when::When;
use crate::wishes::Wishes;

/// How plain the words of a command are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plain {
    /// May be meant; acting on it takes a yes.
    Doubtful,
    /// Said in so many words: "annuleer mijn proefrit".
    Clear,
}

/// One command with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// What is wanted.
    pub command: Command,
    /// Which message of the turn it was read in, from 0.
    pub message: usize,
    /// The bytes of that message it rests on; empty when it rests on the whole.
    pub words: Range<usize>,
    /// How plain they are.
    pub plain: Plain,
    /// What else the words could have meant, and why not: for people who ask why.
    pub instead_of: Vec<Lost>,
}

/// A command that the same words could have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Its name, as [`Command::name`] gives it.
    pub command: &'static str,
    /// Why it lost.
    pub because: &'static str,
}

/// Everything read of one turn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The commands in the order they were said. Corrections within the turn are already applied: of "maandag 10 uur? ah
    /// nee 11" only Monday 11:00 is left.
    pub commands: Vec<Read>,
    /// The language of the turn, where its words tell.
    pub language: Option<Language>,
    /// Whether the customer says *u* or *Sie* (`Some(true)`), *je* or *du* (`Some(false)`), or neither.
    pub formal: Option<bool>,
    /// Written in a language the assistant does not speak.
    pub foreign: bool,
    /// The contract's view of the same reading, one per message.
    pub analyses: Vec<Analysis>,
}

/// What a customer wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Greets.
    Greet,
    /// Thanks, or takes leave: "ok ik denk er over na", "laat maar".
    Thanks,
    /// Says that an answer is awaited, or how to be dealt with from now on: "hoor het graag", "geen lijstjes meer aub".
    Close,
    /// Wants to be spoken to in this language.
    Speak(Language),
    /// A bare yes; what it says yes to, the dialogue knows.
    Yes,
    /// A bare no, likewise.
    No,
    /// Looks for cars. With wishes that add to or correct those of before.
    Show(Wishes),
    /// Asks facts of definite cars: "is de Captur er nog en heeft hij een camera".
    Tell {
        /// Which cars; empty means the one the talk is about.
        cars: Vec<CarRef>,
        /// What is asked; empty means in general.
        fields: Vec<Field>,
    },
    /// Asks a practical question.
    Practical(Practical),
    /// Wants to see or drive a car, or asks when that can be.
    Drive {
        /// Which; `None` means the one the talk is about.
        car: Option<CarRef>,
        /// When.
        when: When,
    },
    /// A bare moment, with no word of what it is for: "maandag?", "morgen om 9 uur". What it means, the dialogue knows.
    Moment(When),
    /// Picks one of the moments or cars on offer.
    Pick(Pick),
    /// Refuses moments on offer, by their numbers (from 1) or, when empty, all of them; asks for others where `instead` says.
    RefuseSlots {
        /// The numbers refused.
        numbers: Vec<u8>,
        /// What would suit.
        instead: When,
    },
    /// Moves an appointment.
    Move {
        /// To when; empty when the customer does not say.
        to: When,
        /// The appointment meant, by its day, where several stand.
        from: When,
    },
    /// Calls an appointment off.
    Cancel {
        /// The appointment meant, by its day, where several stand.
        from: When,
    },
    /// The appointment shall stay as it is: "nee laat 11 uur maar staan".
    Keep,
    /// Asks when, where or for which car the appointment is.
    AskAppointment,
    /// The appointment shall be for another car.
    OtherCar(CarRef),
    /// Gives their own name.
    Name(String),
    /// Gives an e-mail address or a phone number.
    Contact {
        /// E-mail address.
        email: Option<String>,
        /// Phone number, E.164.
        phone: Option<String>,
    },
    /// Has a car to trade in or sell, or adds details of it.
    TradeIn(OwnCar),
    /// Lease, loan, monthly payment.
    Finance {
        /// For which car.
        car: Option<CarRef>,
    },
    /// Wants to buy, or to have a car kept.
    Buy {
        /// Which.
        car: Option<CarRef>,
        /// Only to have it reserved or kept aside.
        reserve: bool,
    },
    /// Offers an amount for a car.
    Bid {
        /// Which.
        car: Option<CarRef>,
        /// Whole euros, where one is named.
        amount_eur: Option<i32>,
    },
    /// Asks for money off, or for the last price.
    Discount {
        /// Of which car.
        car: Option<CarRef>,
    },
    /// A wish for the workshop: inspection, tyres, repair, or when that can be.
    Workshop {
        /// The car brought.
        own: OwnCar,
        /// When.
        when: When,
    },
    /// A question that no record and no text of the dealer's answers.
    AskColleague {
        /// The question in the customer's words, cut to a line.
        question: String,
    },
    /// Wants a person, or must have one.
    HandOver(Reason),
    /// Wants to hear from a colleague, at a moment if one is named.
    CallBack {
        /// When.
        when: When,
        /// How.
        #[serde(default)]
        by: Way,
    },
    /// Asks when somebody answers: "wanneer hoor ik iets".
    AskWhenAnswered,
    /// Repeats questions that are open: "en die andere vragen?".
    AskOpenQuestions,
    /// Wants no more messages.
    OptOut,
    /// Wants messages again.
    OptIn,
    /// An answering machine or another bot.
    Machine,
    /// Something without words.
    Medium(Medium),
    /// Nothing that could be read.
    Unclear,
}

/// How a customer wants to hear from a colleague.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By phone.
    #[default]
    Phone,
    /// By e-mail.
    Mail,
}

/// A moment on offer, as it was picked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// By its place in the list, from 1; −1 is the last.
    Number(i8),
    /// By its day, its hour or both: "die van 14:00".
    Moment(When),
}

/// A car as the customer points at it. Everything empty but `pointing` is "hij", "die auto".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CarRef {
    /// What was named of it: make, model, colour, fuel, gearbox, year …
    pub described: Wishes,
    /// Its licence plate, upper case without dashes.
    pub plate: Option<String>,
    /// Words of a variant ("gte", "r-line", "touring"), folded.
    pub variant: Vec<String>,
    /// A link to an advert.
    pub link: Option<String>,
    /// The headline of the advert the customer came from; a stranger's words.
    pub advert: Option<String>,
    /// Its place in the list shown last, from 1; −1 is the last.
    pub place: Option<i8>,
    /// Said of a car that is already spoken of: "die", "hem", "dezelfde".
    pub pointing: bool,
}

/// The customer's own car.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnCar {
    /// Brand.
    pub make: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Licence plate, upper case without dashes.
    pub plate: Option<String>,
    /// Kilometres driven.
    pub mileage_km: Option<i32>,
    /// Year of first registration.
    pub year: Option<i32>,
}

impl OwnCar {
    /// Takes over what `later` adds.
    pub fn add(&mut self, later: &Self) {
        let Self { make, model, plate, mileage_km, year } = later;
        let another_make = make.is_some() && self.make.is_some() && make != &self.make;
        if another_make || (model.is_some() && self.model.is_some() && model != &self.model) {
            // Another car altogether.
            *self = later.clone();
            return;
        }
        self.make = make.clone().or(self.make.take());
        self.model = model.clone().or(self.model.take());
        self.plate = plate.clone().or(self.plate.take());
        self.mileage_km = mileage_km.or(self.mileage_km);
        self.year = year.or(self.year);
    }

    /// "Opel Meriva", as far as it was named.
    pub fn title(&self) -> Option<String> {
        match (&self.make, &self.model) {
            (Some(make), Some(model)) => Some(format!("{make} {model}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }
}

/// Something asked about a car.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Is it still there?
    Available,
    /// Asking price.
    Price,
    /// Year of first registration.
    Year,
    /// Kilometres driven.
    Mileage,
    /// Fuel.
    Fuel,
    /// Gearbox.
    Gearbox,
    /// Colour.
    Color,
    /// Body.
    Body,
    /// Engine and trim.
    Variant,
    /// Licence plate.
    Plate,
    /// Photos, or the page with them.
    Photos,
    /// What no record tells: tow bar, service history, owners, range. The word as the customer wrote it.
    Other(String),
}

/// A practical question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Practical {
    /// When the dealer is open.
    Hours,
    /// When the dealer is open on one day.
    HoursOn(Date),
    /// Where the dealer is.
    Address,
    /// How to call or mail.
    Phone,
    /// How and until when an appointment can be moved or called off.
    Cancelling,
    /// Whether a person or a machine answers.
    WhoAreYou,
    /// One of the dealer's own table.
    Topic(PracticalTopic),
}

/// Why a person is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The customer asked for one.
    HumanRequested,
    /// The customer is unhappy.
    Complaint,
    /// Anger, a threat, an accident, a lawyer or the press.
    Sensitive,
    /// Wants to buy, reserve or bid.
    Buying,
    /// Several messages in a row were not understood.
    NotUnderstood,
    /// Something the customer needs could not be done now.
    Failure,
    /// Another machine answers at the other side.
    Loop,
    /// Writes in a language the assistant does not speak.
    Language,
}

impl Reason {
    /// The word used as metric label and in audit rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HumanRequested => "human_requested",
            Self::Complaint => "complaint",
            Self::Sensitive => "sensitive",
            Self::Buying => "buying",
            Self::NotUnderstood => "not_understood",
            Self::Failure => "failure",
            Self::Loop => "loop",
            Self::Language => "language",
        }
    }
}

/// What a message carries besides text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// A picture.
    Photo,
    /// A voice note or other sound.
    Voice,
    /// A film.
    Video,
    /// A file.
    Document,
    /// A place on the map.
    Location,
    /// A sticker.
    Sticker,
    /// Somebody's contact card.
    Contact,
    /// A pressed button or a picked list row; its text is the message's text.
    Button,
    /// An emoji put on an earlier message.
    Reaction,
}

impl Command {
    /// Its name: in explanations, on spans and in the schema a model answers with.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Greet => "greet",
            Self::Thanks => "thanks",
            Self::Close => "close",
            Self::Speak(_) => "speak",
            Self::Yes => "yes",
            Self::No => "no",
            Self::Show(_) => "show",
            Self::Tell { .. } => "tell",
            Self::Practical(_) => "practical",
            Self::Drive { .. } => "drive",
            Self::Moment(_) => "moment",
            Self::Pick(_) => "pick",
            Self::RefuseSlots { .. } => "refuse_slots",
            Self::Move { .. } => "move",
            Self::Cancel { .. } => "cancel",
            Self::Keep => "keep",
            Self::AskAppointment => "ask_appointment",
            Self::OtherCar(_) => "other_car",
            Self::Name(_) => "name",
            Self::Contact { .. } => "contact",
            Self::TradeIn(_) => "trade_in",
            Self::Finance { .. } => "finance",
            Self::Buy { .. } => "buy",
            Self::Bid { .. } => "bid",
            Self::Discount { .. } => "discount",
            Self::Workshop { .. } => "workshop",
            Self::AskColleague { .. } => "ask_colleague",
            Self::HandOver(_) => "hand_over",
            Self::CallBack { .. } => "call_back",
            Self::AskWhenAnswered => "ask_when_answered",
            Self::AskOpenQuestions => "ask_open_questions",
            Self::OptOut => "opt_out",
            Self::OptIn => "opt_in",
            Self::Machine => "machine",
            Self::Medium(_) => "medium",
            Self::Unclear => "unclear",
        }
    }

    /// Whether it changes something for the customer, so that only plain words may do it.
    pub fn acts(&self) -> bool {
        matches!(
            self,
            Self::Pick(_) | Self::Move { .. } | Self::Cancel { .. } | Self::OptOut | Self::OtherCar(_)
        ) || matches!(self, Self::Drive { when, .. } if when.is_exact())
    }
}

/// A clock time written `HH:MM`.
pub fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}
