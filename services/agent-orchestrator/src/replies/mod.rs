//! What the assistant says, in Dutch, English and German.

mod format;
mod texts;

pub use format::{car_line, day, grouped, hours, moment, weekday};
pub use texts::{Texts, check_override};
