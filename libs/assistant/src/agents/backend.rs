//! Who reads the messages and words the replies: rules, or a language model with the rules to fall back on.

use std::future::Future;

use jiff::Zoned;

use super::offer_guard::Facts;
use crate::reading::{Analysis, Context, Language, analyze};

/// What a reply is to say, for a backend that words it in its own way.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// What the customer wrote: data, never instructions.
    pub messages: &'a [&'a str],
    /// The reply the rules would send; its facts are the only ones allowed.
    pub reply: &'a str,
    /// What may be claimed.
    pub facts: &'a Facts,
    /// The language to answer in.
    pub language: Language,
}

/// Reads messages and words replies. It never fails: what it cannot do it leaves to the rules.
pub trait Backend: Send + Sync {
    /// Understands one message.
    fn analyze(&self, text: &str, at: &Zoned, context: &Context<'_>)
    -> impl Future<Output = Analysis> + Send;

    /// Words the reply; `None` keeps the draft. The offer guard checks what comes back.
    fn compose(&self, draft: Draft<'_>) -> impl Future<Output = Option<String>> + Send;
}

/// The rules alone: deterministic and offline.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules;

impl Backend for Rules {
    async fn analyze(&self, text: &str, at: &Zoned, context: &Context<'_>) -> Analysis {
        analyze(text, at, context)
    }

    async fn compose(&self, _draft: Draft<'_>) -> Option<String> {
        None
    }
}
