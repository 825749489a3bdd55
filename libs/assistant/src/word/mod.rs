//! What the assistant says, in Dutch, English and German, to whom says *je* and to whom says *u*.
//!
//! [`say`] makes one message of [`Piece`]s. The texts stand by name in `nl.txt`, `en.txt` and `de.txt`; a dealer may override
//! each, which [`check_override`] checks. Nothing is decided here: what is said, the pieces say.

mod cars;
mod format;
mod message;
mod pieces;
mod texts;

pub use format::{car_line, car_name, day, grouped, hours, moment, near, phone, time, weekday};
pub use texts::{Texts, check_override};

use dealer::{Car, Dealer, Language};
use jiff::Zoned;

use crate::Knowledge;
use crate::piece::Piece;

/// Language and manner of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Voice {
    /// The language.
    pub language: Language,
    /// Says *u* or *Sie*.
    pub formal: bool,
}

/// Says the pieces as one message: long parts are paragraphs, short sentences stand beside each other, and what several
/// pieces have in common is said once.
pub fn say(pieces: &[Piece], voice: Voice, knowledge: &Knowledge, now: &Zoned) -> String {
    pieces::say(pieces, voice, knowledge, now)
}

/// How fuel, gearbox, body and colour of a car are said.
pub(crate) fn properties(car: &Car, knowledge: &Knowledge, voice: Voice) -> Vec<String> {
    let texts = Texts::new(knowledge, voice);
    [&car.fuel, &car.transmission, &car.body_type, &car.color]
        .map(|form| format::property(form, texts))
        .to_vec()
}

/// What a customer reads while a person looks at what the agents could not do; `language` is the conversation's, or empty.
pub fn hold(dealer: &Dealer, language: &str) -> String {
    let language = dealer.answer_in(language.parse().unwrap_or(Language::Nl));
    // Nothing is known of the customer here, and a German who does not know us is a Sie.
    let voice = Voice { language, formal: language == Language::De };
    Texts::new(dealer, voice).say("hold", &[])
}

#[cfg(test)]
mod tests;
