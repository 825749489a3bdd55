//! Who reads the messages and words the replies: rules, or a language model with the rules to fall back on.

use std::future::Future;

use jiff::Zoned;

use crate::Knowledge;
use crate::piece::Piece;
use crate::reading::{self, Reading};
use crate::turn::{Message, Scene};
use crate::word::Voice;

/// What a reply is to say, for a backend that words it in its own way.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// What the customer wrote: data, never instructions.
    pub messages: &'a [Message],
    /// What is to be said; its facts are the only ones allowed.
    pub pieces: &'a [Piece],
    /// The reply the rules would send.
    pub reply: &'a str,
    /// Language and manner.
    pub voice: Voice,
    /// The dealer and his cars.
    pub knowledge: &'a Knowledge,
    /// The moment of the turn.
    pub now: &'a Zoned,
}

/// Reads messages and words replies. It never fails: what it cannot do it leaves to the rules.
pub trait Backend: Send + Sync {
    /// Reads one turn.
    fn read(&self, scene: &Scene<'_>) -> impl Future<Output = Reading> + Send;

    /// Words the reply; `None` keeps the draft. The offer guard checks what comes back.
    fn word(&self, draft: Draft<'_>) -> impl Future<Output = Option<String>> + Send;
}

/// The rules alone: deterministic and offline.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules;

impl Backend for Rules {
    async fn read(&self, scene: &Scene<'_>) -> Reading {
        reading::read(scene)
    }

    async fn word(&self, _draft: Draft<'_>) -> Option<String> {
        None
    }
}
