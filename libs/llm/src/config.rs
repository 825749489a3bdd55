//! Settings: which backend, which provider and model, and what it may cost.

use std::time::Duration;

use alerts::Alerts;
use assistant::backend::Rules;
use clap::ValueEnum;
use clap::builder::BoolishValueParser;
use secrecy::SecretString;
use tracing::warn;
use url::Url;

use crate::AnyBackend;
use crate::budget::{Budget, Prices};
use crate::client::{Client, Setup};
use crate::model::Model;
use crate::money::Amount;

/// What a million tokens cost where nobody says: on the high side, so that a budget is kept.
const ASSUMED: Prices = Prices { input: Amount::whole(5), output: Amount::whole(25) };

/// Who reads messages and words replies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The rules alone: offline, and the same answer every time.
    #[default]
    Rules,
    /// A language model, with the rules to fall back on.
    Llm,
}

/// Whose interface a language model is called by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Provider {
    /// `OpenAI`, and everything that speaks its Chat Completions at `LLM_BASE_URL`.
    #[default]
    Openai,
    /// Anthropic.
    Anthropic,
    /// Google Gemini.
    Gemini,
    /// Ollama, on this machine unless `LLM_BASE_URL` says otherwise.
    Ollama,
}

impl Provider {
    /// The word in the setting and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }

    const fn default_base_url(self) -> &'static str {
        match self {
            Self::Openai => "https://api.openai.com/v1/",
            Self::Anthropic => "https://api.anthropic.com/v1/",
            Self::Gemini => "https://generativelanguage.googleapis.com/v1beta/",
            Self::Ollama => "http://localhost:11434/v1/",
        }
    }

    /// Whether a key is needed to reach it.
    fn needs_key(self, elsewhere: bool) -> bool {
        match self {
            Self::Anthropic | Self::Gemini => true,
            // Servers of one's own that speak OpenAI's interface often take none.
            Self::Openai => !elsewhere,
            Self::Ollama => false,
        }
    }
}

/// Settings of the language model.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "llm")]
pub struct Config {
    /// Who reads messages and words replies: rules, or a language model with the rules to fall back on.
    #[arg(
        long,
        visible_alias = "backend",
        env = "AGENT_BACKEND",
        default_value = "rules",
        value_name = "BACKEND"
    )]
    pub agent_backend: Kind,
    /// Whose interface the language model has; openai is also for every server that speaks it at `LLM_BASE_URL`.
    #[arg(long, env = "LLM_PROVIDER", default_value = "openai", value_name = "PROVIDER")]
    pub llm_provider: Provider,
    /// The model's name as its provider writes it.
    #[arg(long, env = "LLM_MODEL", value_name = "NAME")]
    pub llm_model: Option<String>,
    /// The key its provider gave out.
    #[arg(long, env = "LLM_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub llm_api_key: Option<SecretString>,
    /// Where its interface is, ending in /v1/; unset: the provider's own address.
    #[arg(long, env = "LLM_BASE_URL", value_name = "URL")]
    pub llm_base_url: Option<Url>,
    /// How long one call may take, with its retry, before the rules do it.
    #[arg(long, env = "LLM_TIMEOUT", default_value = "20s", value_name = "DURATION", value_parser = model::parse::duration)]
    pub llm_timeout: Duration,
    /// Calls under way at once in this process; what comes on top waits within `LLM_TIMEOUT`.
    #[arg(long, env = "LLM_CONCURRENCY", default_value_t = 16, value_name = "COUNT",
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub llm_concurrency: u16,
    /// Whether the model also words replies; without it, it only reads.
    #[arg(long, env = "LLM_WORDING", default_value = "true", value_name = "BOOL",
          value_parser = BoolishValueParser::new(), action = clap::ArgAction::Set)]
    pub llm_wording: bool,
    /// What this process may spend on the model in a day of UTC, in the currency of the prices; then the rules do it until midnight.
    #[arg(long, env = "LLM_DAILY_BUDGET", value_name = "AMOUNT")]
    pub llm_daily_budget: Option<Amount>,
    /// What a million tokens sent to the model cost. A budget without prices is kept at 5 in and 25 out.
    #[arg(long, env = "LLM_PRICE_IN", value_name = "AMOUNT")]
    pub llm_price_in: Option<Amount>,
    /// What a million tokens received from the model cost.
    #[arg(long, env = "LLM_PRICE_OUT", value_name = "AMOUNT")]
    pub llm_price_out: Option<Amount>,
    /// Writes what customers and the model say on spans, as OpenTelemetry names the setting. Off unless asked for.
    #[arg(long, env = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", default_value = "false", value_name = "BOOL",
          value_parser = BoolishValueParser::new(), action = clap::ArgAction::Set)]
    pub llm_capture_content: bool,
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No model is named.
    #[error("LLM_MODEL is needed with AGENT_BACKEND=llm, for example gpt-4o-mini")]
    NoModel,
    /// No key, and the provider wants one.
    #[error("LLM_API_KEY is needed with LLM_PROVIDER={}", .0.as_str())]
    NoKey(Provider),
    /// An address that no call can go to.
    #[error(
        "LLM_BASE_URL must be an http or https address that ends in /v1/, without user, query or fragment"
    )]
    BaseUrl,
    /// No time at all.
    #[error("LLM_TIMEOUT must be longer than nothing")]
    NoTime,
    /// One price without the other.
    #[error("{0} is needed beside the other price to tell what calls cost")]
    NoPrice(&'static str),
    /// The HTTP client could not be built.
    #[error("the client for LLM_BASE_URL could not be built")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Config {
    /// The backend as set; `alerts` hears when a day's budget is used up.
    pub fn build(&self, alerts: Alerts) -> Result<AnyBackend, ConfigError> {
        match self.agent_backend {
            Kind::Rules => Ok(AnyBackend::Rules(Rules)),
            Kind::Llm => {
                let client = Client::new(self.setup()?, alerts)?;
                Ok(AnyBackend::Model(Box::new(Model::new(client, self.llm_wording))))
            }
        }
    }

    fn setup(&self) -> Result<Setup, ConfigError> {
        let provider = self.llm_provider;
        let model = self.llm_model.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let model = model.ok_or(ConfigError::NoModel)?.to_owned();
        if self.llm_api_key.is_none() && provider.needs_key(self.llm_base_url.is_some()) {
            return Err(ConfigError::NoKey(provider));
        }
        if self.llm_timeout.is_zero() {
            return Err(ConfigError::NoTime);
        }
        let prices = match (self.llm_price_in, self.llm_price_out) {
            (Some(input), Some(output)) => Some(Prices { input, output }),
            (None, None) if self.llm_daily_budget.is_none() => None,
            (None, None) => {
                warn!(
                    "LLM_PRICE_IN and LLM_PRICE_OUT are not set: LLM_DAILY_BUDGET is kept at prices assumed to be high"
                );
                Some(ASSUMED)
            }
            (None, _) => return Err(ConfigError::NoPrice("LLM_PRICE_IN")),
            (_, None) => return Err(ConfigError::NoPrice("LLM_PRICE_OUT")),
        };
        Ok(Setup {
            provider,
            model,
            key: self.llm_api_key.clone(),
            base_url: self.base_url()?,
            timeout: self.llm_timeout,
            concurrency: self.llm_concurrency,
            prices,
            budget: self.llm_daily_budget.map(Budget::new),
            capture_content: self.llm_capture_content,
        })
    }

    fn base_url(&self) -> Result<Url, ConfigError> {
        let mut url = match &self.llm_base_url {
            Some(url) => url.clone(),
            None => Url::parse(self.llm_provider.default_base_url()).map_err(|_| ConfigError::BaseUrl)?,
        };
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !plain {
            return Err(ConfigError::BaseUrl);
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        config: Config,
    }

    fn config(flags: &[&str]) -> Config {
        Line::try_parse_from(std::iter::once(&"llm").chain(flags)).unwrap().config
    }

    fn mistake(flags: &[&str]) -> String {
        let flags: Vec<&str> = ["--agent-backend", "llm"].iter().chain(flags).copied().collect();
        config(&flags).build(Alerts::log_only()).unwrap_err().to_string()
    }

    #[test]
    fn the_rules_need_no_settings() {
        assert!(matches!(config(&[]).build(Alerts::log_only()).unwrap(), AnyBackend::Rules(_)));
    }

    #[test]
    fn what_is_wrong_is_said_with_the_name_of_the_variable() {
        let named = ["--llm-model", "m", "--llm-api-key", "k"];
        for (flags, variable) in [
            (&[][..], "LLM_MODEL"),
            (&["--llm-model", " "], "LLM_MODEL"),
            (&["--llm-model", "m"], "LLM_API_KEY"),
            (
                &["--llm-model", "m", "--llm-provider", "anthropic", "--llm-base-url", "http://here/v1/"],
                "LLM_API_KEY",
            ),
            (&["--llm-base-url", "ftp://here/v1/"], "LLM_BASE_URL"),
            (&["--llm-base-url", "https://user:secret@here/v1/"], "LLM_BASE_URL"),
            (&["--llm-base-url", "https://here/v1/?a=b"], "LLM_BASE_URL"),
            (&["--llm-timeout", "0s"], "LLM_TIMEOUT"),
            (&["--llm-price-in", "0.15"], "LLM_PRICE_OUT"),
            (&["--llm-price-out", "0.15"], "LLM_PRICE_IN"),
        ] {
            let needs_names = !matches!(variable, "LLM_MODEL" | "LLM_API_KEY");
            let flags: Vec<&str> = named.iter().filter(|_| needs_names).chain(flags).copied().collect();
            let said = mistake(&flags);
            assert!(said.contains(variable) && !said.contains("secret"), "{flags:?}: {said}");
        }
    }

    #[test]
    fn a_budget_without_prices_is_kept_at_high_ones() {
        let flags = ["--llm-model", "m", "--llm-api-key", "k", "--llm-daily-budget", "5"];
        assert_eq!(config(&flags).setup().unwrap().prices, Some(ASSUMED));
        assert_eq!(config(&flags[..4]).setup().unwrap().prices, None);
    }

    #[test]
    fn values_that_cannot_be_read_are_refused_by_name() {
        for flags in [["--llm-daily-budget", "€5"], ["--llm-provider", "nobody"], ["--llm-timeout", "soon"]]
        {
            let Err(error) = Line::try_parse_from(["llm"].iter().chain(&flags)) else { panic!("{flags:?}") };
            assert!(error.to_string().contains(flags[0]), "{error}");
        }
    }

    #[test]
    fn a_base_url_gets_its_slash_and_a_local_server_needs_no_key() {
        let config = config(&[
            "--agent-backend",
            "llm",
            "--llm-model",
            "m",
            "--llm-base-url",
            "http://127.0.0.1:1/v1",
        ]);
        assert_eq!(config.base_url().unwrap().as_str(), "http://127.0.0.1:1/v1/");
        assert!(matches!(config.build(Alerts::log_only()).unwrap(), AnyBackend::Model(_)));
    }

    #[test]
    fn the_key_is_never_printed() {
        let config = config(&["--llm-api-key", "sk-secret"]);
        assert!(!format!("{config:?}").contains("sk-secret"));
    }
}
