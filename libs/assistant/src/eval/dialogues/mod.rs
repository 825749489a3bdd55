//! Conversations played in process, and what came of them.
//!
//! `dialogues/README.md` defines the file, its predicates and the results. [`mod@format`] reads it, [`play`](fn@play) plays
//! one conversation through [`turn::run`](crate::turn::run) in a [`world`] kept in memory, [`judge`](fn@judge) holds what
//! happened against what is expected, [`report`] counts and [`transcript`] shows it to people.

pub mod floors;
pub mod format;
pub mod judge;
pub mod play;
pub mod report;
mod steps;
pub mod transcript;
pub mod world;

mod facts;
mod predicate;

use std::io::{BufRead, Write};
use std::sync::Arc;

pub use facts::Question;
pub use floors::Floors;
pub use format::Dialogue;
pub use judge::{Failed, Judgement, Result, WrongAct, judge};
pub use play::{Act, Played, Snapshot, Standing, Step, play};
pub use predicate::Predicate;
pub use report::{Report, Share};

use super::EvalError;
use crate::Knowledge;
use crate::backend::Backend;

/// What to play, and what to print of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Only conversations whose id begins so; every one when empty.
    pub only: String,
    /// Prints every conversation as it went, and not only the figures.
    pub transcripts: bool,
    /// Prints JSON instead of words and figures.
    pub json: bool,
}

/// Plays the conversations of a file, prints what came of them, and returns it.
pub async fn run(
    input: impl BufRead,
    options: &Options,
    backend: &impl Backend,
    knowledge: &Arc<Knowledge>,
    mut out: impl Write,
) -> std::result::Result<Report, EvalError> {
    let mut report = Report::default();
    let dialogues = format::read(input)?;
    for dialogue in dialogues.iter().filter(|dialogue| dialogue.id.starts_with(&options.only)) {
        let played = Box::pin(play(dialogue, backend, knowledge)).await;
        let judgement = judge(dialogue, &played);
        if !options.json && (options.transcripts || !options.only.is_empty()) {
            transcript::write(dialogue, &played, &judgement, &mut out)?;
        }
        report.add(dialogue, &played, judgement);
    }
    if report.conversations.is_empty() {
        return Err(EvalError::Empty);
    }
    if options.json {
        report.write_json(&mut out)?;
    } else {
        report.write_text(&mut out)?;
    }
    Ok(report)
}
