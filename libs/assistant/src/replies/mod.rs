//! What the assistant says, in Dutch, English and German.

mod format;
mod texts;

pub use format::{car_line, day, grouped, hours, moment, weekday};
pub use texts::{Texts, check_override};

use dealer::{Dealer, Language};

/// What a customer reads while a person looks at what the agents could not do; `language` is the conversation's, or empty.
pub fn hold(dealer: &Dealer, language: &str) -> String {
    let language = dealer.answer_in(language.parse().unwrap_or(Language::Nl));
    Texts::new(dealer, language).say("hold", &[])
}
