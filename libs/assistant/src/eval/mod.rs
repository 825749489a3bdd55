//! How well the assistant does, as numbers.
//!
//! - [`evaluate`] reads labelled messages and scores what is understood of each.
//! - [`dialogues`] plays whole conversations and checks what came of them.
//! - [`explain`] says what is made of one message, and why.

pub mod dialogues;
pub mod explain;

mod labels;

pub use labels::{Counts, EvalError, Mistake, Report, Scores, evaluate};
