//! The offer guard: no offer that the dealer did not make.
//!
//! [`check`] trusts pieces by their facts, having looked whether they are the records' own, and reads the words that strangers
//! chose. [`check_words`] reads a model's words: every figure, car, day, hour, link and promise in them must be a fact of the
//! pieces it was to say. What it cannot account for it refuses: the rules' own words go out instead, which costs nothing.
//!
//! A model's words are moreover kept to those that our own text of the pieces uses, and to ordinary ones: there is no list of all the
//! ways to make an offer.
//!
//! The words it looks for stand by language in `nl.txt`, `en.txt` and `de.txt`.

mod facts;
mod lists;
mod reader;
mod strangers;
mod tokens;

use jiff::Zoned;

use crate::Knowledge;
use crate::command::OwnCar;
use crate::piece::{Ask, NameLine, Piece, Quoted};
use crate::word::Voice;
use facts::{Facts, cars_of};

pub use strangers::may_repeat;
pub(crate) use strangers::{claims_nothing, names_a_car};
pub(crate) use tokens::folded;

/// What a reply claims without a fact behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A car that is not one of those spoken of.
    #[error("names a car that is not spoken of: {0}")]
    Car(String),
    /// A record that differs from the inventory's.
    #[error("tells of a car what its record does not: {0}")]
    Record(String),
    /// An amount that is no price of the car it stands beside.
    #[error("names an amount that no record has: {0}")]
    Amount(String),
    /// A figure that no record has.
    #[error("names a figure that no record has: {0}")]
    Figure(String),
    /// A day or an hour that did not come from the calendar.
    #[error("names a moment that did not come from the calendar: {0}")]
    Moment(String),
    /// A rate or a share.
    #[error("names a rate: {0}")]
    Rate(String),
    /// A promise only a person can make: a discount, a gift, a binding offer.
    #[error("promises {0:?}")]
    Promise(String),
    /// A person or an appointment that nothing was done about.
    #[error("says without it having been done: {0:?}")]
    Undone(String),
    /// An address on the web or a number that is not the dealer's.
    #[error("holds a link")]
    Link,
    /// Words written so that a guard does not read them.
    #[error("is written in disguise")]
    Disguised,
    /// Something no customer is to read.
    #[error("tells what no customer is to read: {0:?}")]
    Leak(String),
    /// A word that nobody asked for: it may promise what no list foresees.
    #[error("uses a word it need not: {0:?}")]
    Word(String),
    /// A name that is none.
    #[error("calls somebody by what is no name")]
    Name,
}

/// Checks pieces by their facts, and the strangers' words among them for claims.
pub fn check(pieces: &[Piece], voice: Voice, knowledge: &Knowledge, now: &Zoned) -> Result<(), Violation> {
    for piece in pieces {
        records(piece, knowledge)?;
        future(piece, now)?;
        strangers_words(piece, knowledge)?;
    }
    for piece in pieces {
        if let Piece::Free(words) = piece {
            read(words, pieces, voice, knowledge, now)?;
        }
    }
    Ok(())
}

/// Checks words that a model chose, against the facts of the pieces it was to say.
pub fn check_words(
    words: &str,
    pieces: &[Piece],
    voice: Voice,
    knowledge: &Knowledge,
    now: &Zoned,
) -> Result<(), Violation> {
    check(pieces, voice, knowledge, now)?;
    read(words, pieces, voice, knowledge, now)
}

fn read(
    words: &str,
    pieces: &[Piece],
    voice: Voice,
    knowledge: &Knowledge,
    now: &Zoned,
) -> Result<(), Violation> {
    let facts = Facts::of(pieces, voice, knowledge, now);
    reader::read(words, &facts, voice.language, knowledge, now)
}

/// A car must be told as the inventory has it.
fn records(piece: &Piece, knowledge: &Knowledge) -> Result<(), Violation> {
    match cars_of(piece).into_iter().find(|car| knowledge.inventory.get(&car.id) != Some(car)) {
        Some(car) => Err(Violation::Record(car.id.clone())),
        None => Ok(()),
    }
}

/// What is offered or booked lies ahead.
fn future(piece: &Piece, now: &Zoned) -> Result<(), Violation> {
    let ahead: Vec<&Zoned> = match piece {
        Piece::Slots { slots, .. } => slots.iter().collect(),
        Piece::Booked { at, .. } | Piece::Ask(Ask::Book { at, .. }) => vec![at],
        Piece::Moved { to, .. } | Piece::Ask(Ask::Move { to, .. }) => vec![to],
        _ => Vec::new(),
    };
    match ahead.into_iter().find(|at| *at <= now) {
        Some(past) => Err(Violation::Moment(past.datetime().to_string())),
        None => Ok(()),
    }
}

/// Names, and cars by the customer's own words, claim nothing.
fn strangers_words(piece: &Piece, knowledge: &Knowledge) -> Result<(), Violation> {
    match piece {
        Piece::Greeting { name: Some(Quoted(name)) }
        | Piece::NameNoted { name: Quoted(name), .. }
        | Piece::Booked { name: NameLine::Given(Quoted(name)) | NameLine::Proposed(Quoted(name)), .. } => {
            claims_nothing(name)?;
            if name.chars().any(char::is_numeric) { Err(Violation::Name) } else { Ok(()) }
        }
        Piece::NotInStock { named } => strangers::names_only_a_car(named, knowledge),
        Piece::TradeIn { own } | Piece::Workshop { own, .. } => own_car(own, knowledge),
        _ => Ok(()),
    }
}

fn own_car(own: &OwnCar, knowledge: &Knowledge) -> Result<(), Violation> {
    let words = [own.title(), own.plate.clone()];
    words.into_iter().flatten().try_for_each(|text| strangers::names_only_a_car(&text, knowledge))
}

#[cfg(test)]
mod tests;
