//! How well single messages are understood, as numbers.
//!
//! [`evaluate`] reads labelled messages, one JSON object a line, and compares each label with what
//! [`analyze`] makes of the text. Scores: intent accuracy, language accuracy, escalation precision and recall,
//! and micro-averaged F1 of the entities, one point per name and value, compared in lower case.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufRead, Write};

use jiff::Zoned;
use serde::Serialize;

use crate::Knowledge;
use crate::reading::topics::Labelled;
use crate::reading::{Analysis, Entities, analyze};

/// Why nothing could be scored.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// The input could not be read, or the report not written.
    #[error("could not read or write")]
    Io(#[from] io::Error),
    /// A line that is no labelled message.
    #[error("line {line} is no labelled message: {reason}")]
    Line {
        /// Line number, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A line that is no conversation.
    #[error("line {line} is no conversation: {reason}")]
    Dialogue {
        /// Line number, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing to score.
    #[error("there is nothing to score")]
    Empty,
}

/// Hits and misses, enough to compute every score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    messages: u32,
    intents_right: u32,
    languages_right: u32,
    escalations: Confusion,
    entities: Confusion,
}

/// What was found against what should have been.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Confusion {
    right: u32,
    too_many: u32,
    missed: u32,
}

impl Confusion {
    fn precision(self) -> f64 {
        ratio(self.right, self.right + self.too_many)
    }

    fn recall(self) -> f64 {
        ratio(self.right, self.right + self.missed)
    }

    fn f1(self) -> f64 {
        ratio(2 * self.right, 2 * self.right + self.too_many + self.missed)
    }
}

/// A share; nothing out of nothing is perfect.
fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

/// The scores of one group of messages, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scores {
    /// How many messages.
    pub messages: u32,
    /// Share of intents that are right.
    pub intent_accuracy: f64,
    /// Share of languages that are right.
    pub language_accuracy: f64,
    /// Share of the escalations that should have been.
    pub escalation_precision: f64,
    /// Share of the due escalations that were made.
    pub escalation_recall: f64,
    /// Micro-averaged F1 over name and value pairs.
    pub entity_f1: f64,
}

impl Counts {
    fn add(&mut self, expected: &Labelled, got: &Analysis) {
        self.messages += 1;
        self.intents_right += u32::from(expected.intent == got.intent);
        self.languages_right += u32::from(expected.language == got.language);
        match (expected.should_escalate, got.should_escalate) {
            (true, true) => self.escalations.right += 1,
            (true, false) => self.escalations.missed += 1,
            (false, true) => self.escalations.too_many += 1,
            (false, false) => {}
        }
        let (expected, got) = (points(&expected.entities), points(&got.entities));
        let right = u32::try_from(expected.intersection(&got).count()).unwrap_or(u32::MAX);
        self.entities.right += right;
        self.entities.missed += u32::try_from(expected.len()).unwrap_or(u32::MAX) - right;
        self.entities.too_many += u32::try_from(got.len()).unwrap_or(u32::MAX) - right;
    }

    fn scores(self) -> Scores {
        Scores {
            messages: self.messages,
            intent_accuracy: ratio(self.intents_right, self.messages),
            language_accuracy: ratio(self.languages_right, self.messages),
            escalation_precision: self.escalations.precision(),
            escalation_recall: self.escalations.recall(),
            entity_f1: self.entities.f1(),
        }
    }
}

fn points(entities: &Entities) -> HashSet<(&'static str, String)> {
    entities.pairs().into_iter().map(|(name, value)| (name, value.to_lowercase())).collect()
}

/// A message that was not understood as labelled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistake {
    /// Its line, from 1.
    pub line: usize,
    /// The message.
    pub text: String,
    /// What is labelled and what was understood instead, name by name.
    pub differences: Vec<String>,
}

/// The scores of a file of labelled messages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Over every message.
    #[serde(flatten)]
    pub overall: Scores,
    /// By labelled language.
    pub by_language: BTreeMap<String, Scores>,
    /// By labelled intent.
    pub by_intent: BTreeMap<String, Scores>,
    /// What went wrong.
    pub mistakes: Vec<Mistake>,
}

/// Scores every labelled message of `input`, read as a message to `dealer`; empty lines are skipped.
pub fn evaluate(input: impl BufRead, dealer: &Knowledge) -> Result<Report, EvalError> {
    let mut overall = Counts::default();
    let mut by_language: BTreeMap<String, Counts> = BTreeMap::new();
    let mut by_intent: BTreeMap<String, Counts> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for (number, line) in input.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let labelled: Labelled = serde_json::from_str(&line)
            .map_err(|error| EvalError::Line { line: number + 1, reason: error.to_string() })?;
        let at: Zoned = labelled.at.to_zoned(dealer.timezone.clone());
        let analysis = analyze(&labelled.text, &at, &dealer.context(labelled.context.offered_slots));
        overall.add(&labelled, &analysis);
        by_language.entry(labelled.language.to_string()).or_default().add(&labelled, &analysis);
        by_intent.entry(labelled.intent.to_string()).or_default().add(&labelled, &analysis);
        let differences = differences(&labelled, &analysis);
        if !differences.is_empty() {
            mistakes.push(Mistake { line: number + 1, text: labelled.text, differences });
        }
    }
    if overall.messages == 0 {
        return Err(EvalError::Empty);
    }
    let scores = |groups: BTreeMap<String, Counts>| {
        groups.into_iter().map(|(name, counts)| (name, counts.scores())).collect()
    };
    Ok(Report {
        overall: overall.scores(),
        by_language: scores(by_language),
        by_intent: scores(by_intent),
        mistakes,
    })
}

fn differences(expected: &Labelled, got: &Analysis) -> Vec<String> {
    let mut differences = Vec::new();
    if expected.intent != got.intent {
        differences.push(format!("intent {} instead of {}", got.intent, expected.intent));
    }
    if expected.language != got.language {
        differences.push(format!("language {} instead of {}", got.language, expected.language));
    }
    if expected.should_escalate != got.should_escalate {
        differences.push(format!("should_escalate {}", got.should_escalate));
    }
    let (expected, got) = (points(&expected.entities), points(&got.entities));
    let mut missed: Vec<_> = expected.difference(&got).collect();
    let mut too_many: Vec<_> = got.difference(&expected).collect();
    missed.sort();
    too_many.sort();
    differences.extend(missed.into_iter().map(|(name, value)| format!("missed {name} {value}")));
    differences.extend(too_many.into_iter().map(|(name, value)| format!("wrong {name} {value}")));
    differences
}

impl Report {
    /// Writes one score a line, overall first: `intent_accuracy 0.931`.
    pub fn write_text(&self, mut out: impl Write) -> Result<(), EvalError> {
        writeln!(out, "messages {}", self.overall.messages)?;
        for (name, value) in named(&self.overall) {
            writeln!(out, "{name} {value:.3}")?;
        }
        for (group, scores) in self.by_language.iter().chain(&self.by_intent) {
            let line: Vec<String> = named(scores).map(|(name, value)| format!("{name} {value:.3}")).into();
            writeln!(out, "{group} messages {} {}", scores.messages, line.join(" "))?;
        }
        Ok(())
    }

    /// Writes the whole report, mistakes included, as JSON.
    pub fn write_json(&self, mut out: impl Write) -> Result<(), EvalError> {
        serde_json::to_writer_pretty(&mut out, self).map_err(io::Error::from)?;
        writeln!(out)?;
        Ok(())
    }
}

fn named(scores: &Scores) -> [(&'static str, f64); 5] {
    [
        ("intent_accuracy", scores.intent_accuracy),
        ("language_accuracy", scores.language_accuracy),
        ("escalation_precision", scores.escalation_precision),
        ("escalation_recall", scores.escalation_recall),
        ("entity_f1", scores.entity_f1),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELLED: &str = include_str!("../../tests/labelled.jsonl");

    #[test]
    fn labelled_messages_are_understood() {
        let report = evaluate(LABELLED.as_bytes(), &Knowledge::builtin()).unwrap();
        assert!(report.overall.messages >= 120, "{} messages", report.overall.messages);
        let mistakes: Vec<String> = report
            .mistakes
            .iter()
            .map(|mistake| {
                format!("{}: {:?}: {}", mistake.line, mistake.text, mistake.differences.join(", "))
            })
            .collect();
        assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    }

    #[test]
    fn a_report_has_one_decimal_a_line() {
        let line = r#"{"text":"Hoi","at":"2026-03-11T10:00:00+01:00","intent":"INTENT_THANKS","language":"nl","should_escalate":false,"entities":{"make":"BMW"}}"#;
        let report = evaluate(line.as_bytes(), &Knowledge::builtin()).unwrap();
        let mut text = Vec::new();
        report.write_text(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with(
            "messages 1\nintent_accuracy 0.000\nlanguage_accuracy 1.000\nescalation_precision 1.000\nescalation_recall 1.000\nentity_f1 0.000\n"
        ));
        assert_eq!(
            report.mistakes[0].differences,
            ["intent INTENT_GREETING instead of INTENT_THANKS", "missed make bmw"]
        );
    }

    #[test]
    fn a_wrong_line_is_named() {
        let error = evaluate("\n{\"text\":\"x\"}".as_bytes(), &Knowledge::builtin()).unwrap_err();
        assert!(error.to_string().starts_with("line 2 is no labelled message: missing field"), "{error}");
        assert!(matches!(evaluate("".as_bytes(), &Knowledge::builtin()), Err(EvalError::Empty)));
    }
}
