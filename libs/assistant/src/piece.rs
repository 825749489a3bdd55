//! Typed pieces: what a reply is made of. A piece carries its fact, so that the guard knows it as such.
//!
//! Code makes pieces from records ([`Car`]), from the calendar ([`FreeSlot`]) and from the dealer's own texts. Words that a
//! stranger chose (a profile name, an advert, a question repeated) stand in [`Quoted`] and are read for claims before they go out.

#[cfg(test)]
pub(crate) mod samples;

use dealer::{Car, PracticalTopic};
use jiff::Zoned;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::command::{Field, Medium, OwnCar, Reason, Way};
use crate::ports::FreeSlot;
use crate::task::TaskKind;

/// Words that somebody outside the dealer chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted(pub String);

/// One part of a reply, in the order they are said.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Says once that this is an automated assistant, and how to reach a person.
    Intro,
    /// "Waarmee kan ik je helpen?", by name where one is known.
    Greeting {
        /// The customer's name.
        name: Option<Quoted>,
    },
    /// "Hallo!", where the rest of the reply answers other messages.
    Hello,
    /// Agrees that it will be so.
    Agreed,
    /// The conversation goes on in the language of the reply.
    Speaks,
    /// A phone number, an address or a picture is noted.
    Noted,
    /// Which of several questions is passed on, in the customer's words. A [`Piece::Promise`] says to whom.
    PassedOn(Quoted),
    /// Asks what kind of car is wanted.
    AskWishes,
    /// Cars on a list, each with its facts.
    Cars {
        /// How they fit what was wished.
        fit: Fit,
        /// The cars, first is number 1.
        cars: Vec<Car>,
    },
    /// Says facts of one car in one sentence.
    CarFacts {
        /// The record.
        car: Car,
        /// Which facts; empty: the usual ones.
        fields: Vec<Field>,
    },
    /// That what was asked for is not in stock, by the customer's own name of it.
    NotInStock {
        /// Make and model as normal forms; not in the inventory.
        named: String,
    },
    /// That the data do not tell these things. A [`Piece::Promise`] says who finds out.
    Unknown {
        /// Of which car, if of one.
        car: Option<Car>,
        /// What was asked, in the customer's words.
        about: Vec<Quoted>,
    },
    /// A text of the dealer's own table.
    Practical(PracticalTopic),
    /// Opening hours; of one day when one was asked for.
    OpeningHours {
        /// That day.
        day: Option<Date>,
    },
    /// The address.
    Address,
    /// Phone number and e-mail address.
    PhoneNumber,
    /// How to move or call off an appointment: free of charge, by a message.
    Cancelling,
    /// That this is an assistant, no person.
    WhoAmI,
    /// Moments on offer, numbered.
    Slots {
        /// For which car.
        car: Option<Car>,
        /// Free moments, first is number 1, in the dealer's time zone.
        slots: Vec<Zoned>,
        /// Why not what was wished.
        why: Option<Why>,
        /// The appointment that would be moved.
        moving: Option<Zoned>,
    },
    /// No moment at all is free on the wished side; says why. A [`Piece::Promise`] follows.
    NoSlots {
        /// Why not.
        why: Option<Why>,
    },
    /// A test drive is held and will stand with this reply.
    Booked {
        /// For which car.
        car: Option<Car>,
        /// When.
        at: Zoned,
        /// In whose name.
        name: NameLine,
    },
    /// An appointment was moved.
    Moved {
        /// For which car.
        car: Option<Car>,
        /// From when.
        from: Zoned,
        /// To when.
        to: Zoned,
    },
    /// An appointment was called off; says how to make another.
    Cancelled {
        /// For which car.
        car: Option<Car>,
        /// When it was.
        at: Zoned,
    },
    /// Which appointment stands.
    Standing {
        /// For which car.
        car: Option<Car>,
        /// When.
        at: Zoned,
        /// Why it is said.
        tone: Tone,
    },
    /// No appointment stands.
    NoAppointment,
    /// The name was put on the appointment, or noted.
    NameNoted {
        /// The name.
        name: Quoted,
        /// The appointment it stands on.
        at: Option<Zoned>,
    },
    /// The appointment is now for another car.
    CarChanged {
        /// For which.
        car: Car,
        /// When.
        at: Zoned,
    },
    /// One question back.
    Ask(Ask),
    /// A colleague will do something: cannot be said without the task.
    Promise(Promise),
    /// A person takes over.
    HandOver {
        /// Why.
        reason: Reason,
        /// When somebody answers.
        answers: Answers,
    },
    /// "Toegevoegd, een collega leest dit."
    Added {
        /// When somebody answers.
        answers: Answers,
    },
    /// When somebody answers, asked for.
    WhenAnswered {
        /// When.
        answers: Answers,
    },
    /// That there is no discount to be had here; with the asking price when a car is meant.
    NoDiscount {
        /// Of which car.
        car: Option<Car>,
    },
    /// A trade-in was noted; asks for what is missing.
    TradeIn {
        /// The customer's car as known now.
        own: OwnCar,
    },
    /// Financing depends on the customer; an adviser works it out.
    Finance {
        /// For which car.
        car: Option<Car>,
    },
    /// A workshop wish was noted.
    Workshop {
        /// The customer's car as known now.
        own: OwnCar,
        /// The day wished.
        day: Option<Date>,
        /// The hour wished.
        time: Option<Time>,
    },
    /// "Zin in een proefrit?"
    InviteDrive,
    /// No more messages; how to come back; what becomes of an appointment.
    OptedOut {
        /// The appointment that stands all the same.
        appointment: Option<Zoned>,
    },
    /// Messages again.
    OptedIn,
    /// Thanks back.
    Thanks,
    /// A farewell, with the appointment that stands.
    Farewell {
        /// When.
        appointment: Option<Zoned>,
    },
    /// Fine, nothing is changed.
    AsYouWish,
    /// Not understood; says what the assistant can do.
    NotUnderstood,
    /// A medium was received; what the assistant can and cannot do with it.
    Medium(Medium),
    /// In English and Dutch: this language is not spoken here.
    Foreign,
    /// What no agent can word safely.
    Fallback,
    /// Words of a model's own, claims checked by the guard; facts stand as `{car:1.price}` and are filled in before.
    Free(String),
}

/// How the cars of a list fit what was wished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// They meet every wish.
    All,
    /// They come nearest; what they miss.
    Nearest(Vec<Miss>),
    /// Nothing comes near; the list is empty.
    None,
}

/// What cars of a nearest list miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Miss {
    /// Another make or model.
    Model,
    /// Dearer.
    Price,
    /// Older or newer.
    Year,
    /// More kilometres.
    Mileage,
    /// Another fuel.
    Fuel,
    /// Another gearbox.
    Gearbox,
    /// Another body.
    Body,
    /// Another colour.
    Color,
}

/// Why a wished moment cannot be had. Each is true as the calendar and the dealer's hours tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Closed on that day.
    Closed(Date),
    /// Closed at that hour, between the opening hours: lunch.
    Lunch(Time),
    /// Before opening or after closing.
    OutsideHours(Time),
    /// Nothing is free on that day any more.
    Full(Date),
    /// That hour is taken.
    Taken(Time),
    /// No appointment starts at that minute.
    NotOnTheGrid(Time),
    /// Too soon to be ready, or past.
    TooSoon,
    /// Further ahead than the calendar goes; the last day it knows.
    BeyondHorizon(Date),
    /// Somebody else took it a moment ago.
    JustTaken(Time),
    /// Nothing free in the range of hours wished.
    RangeFull,
}

/// The line with the name under a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameLine {
    /// It stands in this name, which the customer gave.
    Given(Quoted),
    /// "Ik zet hem op naam van Marieke, goed?"
    Proposed(Quoted),
    /// "Op welke naam mag ik hem zetten?"
    Asked,
}

/// Why an appointment is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It was asked for.
    Asked,
    /// It stays as it was.
    Kept,
    /// It was there already.
    Already,
}

/// One question back to the customer.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a reply holds one at most")]
pub enum Ask {
    /// Shall the appointment be moved?
    Move {
        /// From when.
        from: Zoned,
        /// To when.
        to: Zoned,
    },
    /// Shall it be called off?
    Cancel {
        /// When it is.
        at: Zoned,
    },
    /// Shall this free moment be booked?
    Book {
        /// For which car.
        car: Option<Car>,
        /// When.
        at: Zoned,
    },
    /// No more messages at all?
    OptOut,
    /// Messages again?
    OptIn,
    /// Which of these cars?
    WhichCar(Vec<Car>),
    /// Which of the cars on the list before?
    WhichOfThose,
    /// Which car at all?
    AnyCar,
    /// Which of these appointments?
    WhichAppointment(Vec<(Option<Car>, Zoned)>),
    /// Move the appointment that stands, or make another one?
    MoveOrAnother {
        /// When the standing one is.
        at: Zoned,
    },
    /// Leave the appointment, move it or call it off?
    KeepMoveOrCancel {
        /// When it is.
        at: Zoned,
    },
    /// Is this the name?
    Name,
    /// To which e-mail address?
    Email,
    /// When would it suit?
    When,
    /// On which of the days on offer?
    WhichDay,
}

/// A promise to a customer, made together with the task that tells a person.
///
/// There is no way to make one but [`crate::task::promise`], which makes the task as well.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    pub(crate) kind: TaskKind,
    pub(crate) answers: Answers,
    pub(crate) by: Way,
}

impl Promise {
    /// What a colleague will do.
    pub const fn kind(&self) -> TaskKind {
        self.kind
    }

    /// How the customer hears from one who was asked to call or write.
    pub const fn by(&self) -> Way {
        self.by
    }

    /// When.
    pub const fn answers(&self) -> &Answers {
        &self.answers
    }
}

/// When a person answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answers {
    /// The dealer is open: soon.
    Soon,
    /// Closed now; from this moment, in the dealer's time zone.
    From(Zoned),
    /// When the customer asked for it.
    AsWished,
}

/// A slot in the dealer's time zone.
pub fn local(slot: FreeSlot, timezone: &jiff::tz::TimeZone) -> Zoned {
    slot.start.to_zoned(timezone.clone())
}
