//! A language model as a backend, with the rules to fall back on.

use assistant::backend::{Backend, Draft};
use assistant::command::Reading;
use assistant::reading as rules;
use assistant::turn::Scene;
use metrics::counter;
use tracing::{debug, warn};

use crate::client::{Client, Question};
use crate::prompt;
use crate::reading::{answer, data, merge::merge, schema::schema};
use crate::wording;

/// Tokens a reading may take, thinking included.
const READING_TOKENS: u32 = 4_000;

/// Tokens a reply may take, thinking included.
const WORDING_TOKENS: u32 = 2_000;

/// Reads and words by a language model. Whatever it fails at, the rules do within the same turn.
#[derive(Debug)]
pub struct Model {
    client: Client,
    words_replies: bool,
}

impl Model {
    pub(crate) const fn new(client: Client, words_replies: bool) -> Self {
        Self { client, words_replies }
    }
}

impl Backend for Model {
    async fn read(&self, scene: &Scene<'_>) -> Reading {
        let reading = rules::read(scene);
        // A photo or a sticker alone says nothing that a model could read.
        if scene.messages.iter().all(|message| rules::words_of(&message.text).trim().is_empty()) {
            return reading;
        }
        let question = Question {
            purpose: "read",
            instructions: prompt::reading(),
            data: data::turn(scene).to_string(),
            schema: Some(schema()),
            max_tokens: READING_TOKENS,
        };
        let now = scene.now.timestamp();
        match self.client.ask(question, now, |text| answer::read(text, scene, &reading)).await {
            Ok(answer) => merge(answer, reading),
            Err(_) => reading,
        }
    }

    async fn word(&self, draft: Draft<'_>) -> Option<String> {
        // Who waited in vain for the reading does not wait again for the wording.
        if !self.words_replies || !self.client.is_well() || !wording::may_be_worded(draft.pieces) {
            return None;
        }
        let marked = wording::Marked::of(&draft);
        let question = Question {
            purpose: "word",
            instructions: prompt::wording(draft.voice.formal),
            data: wording::data(&draft, &marked).to_string(),
            schema: None,
            max_tokens: WORDING_TOKENS,
        };
        let text = self.client.ask(question, draft.now.timestamp(), |text| Ok(text.to_owned())).await.ok()?;
        match wording::worded(&text, &marked, &draft) {
            Ok(worded) => {
                counter!("llm_wordings_total", "outcome" => "taken").increment(1);
                Some(worded)
            }
            Err(refusal) => {
                let outcome = refusal.as_str();
                counter!("llm_wordings_total", "outcome" => outcome).increment(1);
                if refusal == wording::Refusal::Leak {
                    warn!(outcome, "the words of the language model were refused");
                } else {
                    debug!(outcome, "the words of the language model were refused");
                }
                None
            }
        }
    }
}
