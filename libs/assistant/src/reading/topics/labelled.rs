//! A labelled message, as it stands in a file: one JSON object a line.

use dealer::Language;
use jiff::Timestamp;
use serde::Deserialize;

use crate::reading::{Entities, Intent};

/// A message with what it should be understood as.
#[derive(Deserialize)]
pub(crate) struct Labelled {
    pub text: String,
    pub at: Timestamp,
    #[serde(default)]
    pub context: LabelledContext,
    pub intent: Intent,
    pub language: Language,
    pub should_escalate: bool,
    #[serde(default)]
    pub entities: Entities,
}

/// What was known before the message.
#[derive(Default, Deserialize)]
pub(crate) struct LabelledContext {
    #[serde(default)]
    pub offered_slots: u32,
}
