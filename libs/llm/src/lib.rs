//! A language model as a reader of messages and a writer of replies, beside the rules of `libs/assistant`.
//!
//! - [`Config`] is the settings, and [`Config::build`] makes an [`AnyBackend`] of them: the rules, or a [`Model`].
//! - The model *reads*: it is shown the turn as data and answers with the same commands as the rules
//!   ([`assistant::command::Command`]), in a JSON schema. What it says is believed as far as the customer's own words carry it.
//! - The model may *word* a reply. Facts go out as references (`{car:1.price}`), come back as references, and code fills
//!   them in; the assistant's guard reads the result.
//! - It never acts. What it fails at (time, money, errors, nonsense) the rules do within the same turn.
//!
//! Customer text, adverts and past replies are data in the prompt, and nothing secret is in it.

mod breaker;
mod budget;
mod client;
mod config;
mod failure;
mod model;
mod money;
mod prompt;
mod reading;
mod wording;
mod words;

use assistant::backend::{Backend, Draft, Rules};
use assistant::command::Reading;
use assistant::turn::Scene;

pub use config::{Config, ConfigError, Kind, Provider};
pub use failure::Failure;
pub use model::Model;
pub use money::{Amount, InvalidAmount};

/// The backend as the settings say.
#[derive(Debug)]
pub enum AnyBackend {
    /// The rules alone.
    Rules(Rules),
    /// A language model with the rules to fall back on.
    Model(Box<Model>),
}

impl Default for AnyBackend {
    fn default() -> Self {
        Self::Rules(Rules)
    }
}

impl Backend for AnyBackend {
    async fn read(&self, scene: &Scene<'_>) -> Reading {
        match self {
            Self::Rules(rules) => rules.read(scene).await,
            Self::Model(model) => model.read(scene).await,
        }
    }

    async fn word(&self, draft: Draft<'_>) -> Option<String> {
        match self {
            Self::Rules(rules) => rules.word(draft).await,
            Self::Model(model) => model.word(draft).await,
        }
    }
}
