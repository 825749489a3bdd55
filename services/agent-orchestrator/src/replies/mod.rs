//! What the assistant says, in Dutch, English and German.

mod texts;

pub use texts::{Texts, check_override};
