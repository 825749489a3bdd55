//! The figures of a file of conversations.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;

use super::facts::Question;
use super::format::Dialogue;
use super::judge::{self, Judgement, Result};
use super::play::{ActKind, Played, Step};
use super::predicate::Check;
use crate::eval::EvalError;
use crate::turn::Owner;

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many are right.
    pub right: u32,
    /// Of how many.
    pub of: u32,
}

impl Share {
    fn count(&mut self, right: bool) {
        self.of += 1;
        self.right += u32::from(right);
    }

    /// How many are not right.
    pub const fn missed(self) -> u32 {
        self.of - self.right
    }
}

/// What came of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// What came of it.
    #[serde(flatten)]
    pub judgement: Judgement,
}

/// The figures of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Conversations done, half and failed, in that order.
    pub results: [u32; 3],
    /// Acts that nobody allowed.
    pub wrong_acts: u32,
    /// Things the program could not do.
    pub faults: u32,
    /// Replies sent, and silences where a reply was due.
    pub replies: u32,
    /// Replies about whose message a predicate does not hold, or with a wrong act.
    pub wrong_replies: u32,
    /// Wanted a drive: it ended with the right car, day and hour.
    pub drives: Share,
    /// Gave a name: it is known, or the appointment carries it.
    pub names: Share,
    /// A person should be told: one was, wherever it was expected.
    pub told: Share,
    /// Appointments made or moved.
    pub bookings: u32,
    /// Questions asked in conversations with a booking until it was made, the name not counted.
    pub questions: u32,
    /// Lists of moments offered in conversations with a booking until it was made.
    pub offers: u32,
    /// Replies in words that were sent before in the same conversation.
    pub repeated_bodies: u32,
    /// Replies that say that the message was not understood.
    pub not_understood: u32,
    /// Conversations that were handed over.
    pub handed_over: u32,
    /// Every conversation.
    pub conversations: Vec<Line>,
}

impl Report {
    /// Counts one conversation.
    pub fn add(&mut self, dialogue: &Dialogue, played: &Played, judgement: Judgement) {
        self.results[judgement.result as usize] += 1;
        self.wrong_acts += count(judgement.wrong_acts.len());
        self.faults += count(judgement.faults.len());
        self.add_replies(played, &judgement);
        self.add_ends(dialogue, played, &judgement);
        self.add_bookings(played);
        let handed_over = |step: &Step| step.handed_over || step.after.owner == Owner::Waiting;
        self.handed_over += u32::from(played.steps.iter().any(handed_over));
        self.conversations.push(Line { id: dialogue.id.clone(), judgement });
    }

    fn add_replies(&mut self, played: &Played, judgement: &Judgement) {
        let failed = judgement.failed.iter().filter_map(|failed| failed.message);
        let wrong: BTreeSet<usize> =
            failed.chain(judgement.wrong_acts.iter().map(|wrong| wrong.message)).collect();
        for step in &played.steps {
            let is_wrong =
                step.messages.iter().any(|number| wrong.contains(number)) || !step.faults.is_empty();
            self.replies += u32::from(step.reply.is_some() || is_wrong);
            self.wrong_replies += u32::from(is_wrong);
            self.repeated_bodies += u32::from(played.repeats(step));
            self.not_understood += u32::from(step.facts().not_understood);
        }
    }

    fn add_ends(&mut self, dialogue: &Dialogue, played: &Played, judgement: &Judgement) {
        for wish in judge::end_booking(dialogue).filter(|wish| wish.car.is_some() && wish.start.is_some()) {
            self.drives.count(played.end_is(|after| judge::is_booked(wish, after)));
        }
        let named: Vec<bool> = judge::at_end(dialogue)
            .filter_map(|check| match check {
                Check::Booked(wish) => wish.name.as_ref().map(|name| {
                    played
                        .end_is(|after| after.appointments.iter().any(|one| one.name.as_ref() == Some(name)))
                }),
                Check::Name(name) if !name.is_empty() => {
                    Some(played.end_is(|after| after.name.as_ref() == Some(name)))
                }
                _ => None,
            })
            .collect();
        if !named.is_empty() {
            self.names.count(named.into_iter().all(|right| right));
        }
        let expects = |check: &Check| matches!(check, Check::Told(_));
        if dialogue.expect.iter().any(|predicate| predicate.checks.iter().any(|named| expects(&named.check)))
        {
            self.told.count(!judgement.failed.iter().any(|failed| failed.key == "told"));
        }
    }

    fn add_bookings(&mut self, played: &Played) {
        let books = |step: &Step| {
            step.acts.iter().filter(|act| matches!(act.kind(), ActKind::Book | ActKind::Move)).count()
        };
        let (mut questions, mut offers) = (0, 0);
        for step in &played.steps {
            let booked = books(step);
            if booked > 0 {
                self.bookings += count(booked);
                self.questions += std::mem::take(&mut questions);
                self.offers += std::mem::take(&mut offers);
                continue;
            }
            for question in step.questions() {
                match question {
                    Question::Slot => offers += 1,
                    Question::Confirm | Question::Which | Question::Other => questions += 1,
                    Question::Name | Question::OptOut | Question::OptIn => {}
                }
            }
        }
    }

    /// How many conversations there are.
    pub fn total(&self) -> u32 {
        self.results.iter().sum()
    }

    /// Share of the conversations with this result, in per cent.
    pub fn percent(&self, result: Result) -> f64 {
        percent(self.results[result as usize], self.total())
    }

    /// Share of the replies that are wrong, in per cent.
    pub fn wrong_percent(&self) -> f64 {
        percent(self.wrong_replies, self.replies)
    }

    /// Writes one figure a line, then the conversations that are not done.
    pub fn write_text(&self, mut out: impl Write) -> std::result::Result<(), EvalError> {
        let Self { drives, names, told, .. } = self;
        writeln!(out, "conversations {}", self.total())?;
        for result in [Result::Done, Result::Half, Result::Failed] {
            writeln!(out, "{} {:.1} %", result.as_str(), self.percent(result))?;
        }
        writeln!(out, "wrong acts {}", self.wrong_acts)?;
        writeln!(out, "faults {}", self.faults)?;
        writeln!(out, "replies {}, wrong {:.1} %", self.replies, self.wrong_percent())?;
        writeln!(out, "wanted a drive: right car, day and hour {} of {}", drives.right, drives.of)?;
        writeln!(out, "name carried {} of {}", names.right, names.of)?;
        writeln!(out, "person told {} of {}", told.right, told.of)?;
        writeln!(
            out,
            "bookings {}, questions per booking {:.2}, offers per booking {:.2}",
            self.bookings,
            ratio(self.questions, self.bookings),
            ratio(self.offers, self.bookings)
        )?;
        writeln!(out, "repeated bodies {}", self.repeated_bodies)?;
        writeln!(
            out,
            "not understood {:.1} per hundred replies",
            percent(self.not_understood, self.replies)
        )?;
        writeln!(out, "handed over {}", self.handed_over)?;
        for Line { id, judgement } in &self.conversations {
            if judgement.result != Result::Done {
                writeln!(out, "{} {id}: {}", judgement.result.as_str(), faults_of(judgement))?;
            }
        }
        Ok(())
    }

    /// Writes the figures and every conversation's judgement as JSON.
    pub fn write_json(&self, mut out: impl Write) -> std::result::Result<(), EvalError> {
        serde_json::to_writer_pretty(&mut out, self).map_err(io::Error::from)?;
        writeln!(out)?;
        Ok(())
    }
}

/// What is wrong with a conversation, in a line: `wrong act book at 4, 2 slots, end booked`.
fn faults_of(judgement: &Judgement) -> String {
    let acts = judgement
        .wrong_acts
        .iter()
        .map(|wrong| format!("WRONG ACT {} at {}", wrong.act.as_str(), wrong.message));
    let faults = judgement.faults.iter().map(|fault| format!("FAULT {fault}"));
    let failed = judgement.failed.iter().map(|failed| match failed.message {
        Some(message) => format!("{message} {}", failed.key),
        None => format!("end {}", failed.key),
    });
    acts.chain(faults).chain(failed).collect::<Vec<_>>().join(", ")
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

fn percent(part: u32, whole: u32) -> f64 {
    100.0 * ratio(part, whole)
}
