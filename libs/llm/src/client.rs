//! One question to a model: bounded in time, number and money, measured, and never an error that holds a customer's words.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alerts::{Alert, Alerts, Severity};
use genai::adapter::AdapterKind;
use genai::chat::{ChatOptions, ChatRequest, ChatResponse, JsonSpec, StopReason, Usage};
use genai::resolver::{AuthData, Endpoint};
use genai::{ModelIden, ServiceTarget};
use jiff::Timestamp;
use metrics::{counter, gauge, histogram};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, info_span, warn};
use url::Url;

use crate::breaker::Breaker;
use crate::budget::{Budget, Prices, Reserved};
use crate::config::{ConfigError, Provider};
use crate::failure::Failure;
use crate::money::Amount;

/// The wait before the one retry, where the model does not say how long.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Characters of a token, at least: to tell what a call costs when its provider does not.
const CHARS_PER_TOKEN: usize = 3;

/// What a client is made of.
#[derive(Debug)]
pub(crate) struct Setup {
    pub provider: Provider,
    pub model: String,
    pub key: Option<SecretString>,
    pub base_url: Url,
    pub timeout: Duration,
    pub concurrency: u16,
    pub prices: Option<Prices>,
    pub budget: Option<Budget>,
    pub capture_content: bool,
}

/// A question to the model.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    /// What it is for: `read` or `word`, the label in metrics.
    pub purpose: &'static str,
    /// Our own words.
    pub instructions: &'a str,
    /// Everything else, as JSON.
    pub data: String,
    /// The form of the answer; free text without one.
    pub schema: Option<Value>,
    /// Tokens it may answer with.
    pub max_tokens: u32,
}

/// Asks a model.
#[derive(Debug)]
pub(crate) struct Client {
    genai: genai::Client,
    target: ServiceTarget,
    provider: Provider,
    model: String,
    server: (String, Option<u16>),
    timeout: Duration,
    permits: Semaphore,
    breaker: Breaker,
    /// Whether the last answer was of use.
    well: AtomicBool,
    prices: Option<Prices>,
    budget: Option<Budget>,
    alerts: Alerts,
    capture_content: bool,
}

/// A model's answer with what it took.
struct Answered {
    text: Result<String, Failure>,
    tokens: Option<(u64, u64)>,
}

impl Client {
    pub(crate) fn new(setup: Setup, alerts: Alerts) -> Result<Self, ConfigError> {
        let Setup { provider, model, key, base_url, timeout, concurrency, prices, budget, capture_content } =
            setup;
        // A redirect would carry the key and the customer's words somewhere nobody set.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .build()
            .map_err(|error| ConfigError::Client(error.into()))?;
        let genai = genai::Client::builder()
            .with_reqwest(http)
            .build()
            .map_err(|_| ConfigError::Client("the client library refused its settings".into()))?;
        let adapter = match provider {
            // Ollama's own interface takes no schema in this library; its OpenAI-compatible one does.
            Provider::Openai | Provider::Ollama => AdapterKind::OpenAI,
            Provider::Anthropic => AdapterKind::Anthropic,
            Provider::Gemini => AdapterKind::Gemini,
        };
        let key = key.as_ref().map_or("none", ExposeSecret::expose_secret);
        let server = (base_url.host_str().unwrap_or_default().to_owned(), base_url.port_or_known_default());
        let target = ServiceTarget {
            endpoint: Endpoint::from_owned(base_url.to_string()),
            auth: AuthData::from_single(key),
            model: ModelIden::new(adapter, model.clone()),
        };
        gauge!("llm_cost_total", "provider" => provider.as_str()).increment(0.0);
        Ok(Self {
            genai,
            target,
            provider,
            model,
            server,
            timeout,
            permits: Semaphore::new(usize::from(concurrency)),
            breaker: Breaker::default(),
            well: AtomicBool::new(true),
            prices,
            budget,
            alerts,
            capture_content,
        })
    }

    /// Whether the model gave an answer of use when it was last asked.
    pub(crate) fn is_well(&self) -> bool {
        self.well.load(Ordering::Relaxed)
    }

    /// Asks and reads the answer. What fails is counted, logged and left to the rules.
    pub(crate) async fn ask<T>(
        &self,
        question: Question<'_>,
        now: Timestamp,
        read: impl FnOnce(&str) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let span = self.span(&question);
        let purpose = question.purpose;
        let started = Instant::now();
        // On the heap: the client library's future is large, and every turn would carry it.
        let asked = Box::pin(self.ask_within_bounds(question, now)).instrument(span.clone()).await;
        let result = asked.and_then(|text| read(&text));
        self.well.store(result.is_ok(), Ordering::Relaxed);
        let outcome = result.as_ref().map_or_else(|failure| failure.as_str(), |_| "ok");
        counter!("llm_calls_total", "purpose" => purpose, "outcome" => outcome).increment(1);
        match &result {
            Ok(_) => {}
            Err(failure) => {
                span.record("otel.status_code", "ERROR");
                span.record("error.type", outcome);
                if failure.is_unasked() {
                    debug!(purpose, outcome, "the language model was not asked: it {failure}");
                } else {
                    warn!(purpose, outcome, "the rules do what the language model was asked: it {failure}");
                }
            }
        }
        if !matches!(&result, Err(failure) if failure.is_unasked()) {
            histogram!("llm_call_duration_seconds", "purpose" => purpose)
                .record(started.elapsed().as_secs_f64());
        }
        result
    }

    async fn ask_within_bounds(&self, question: Question<'_>, now: Timestamp) -> Result<String, Failure> {
        let deadline = Instant::now() + self.timeout;
        let estimate = tokens_of(&question);
        let most = (estimate, u64::from(question.max_tokens));
        let reserved = self.reserve(most, now)?;
        if !self.breaker.lets_through() {
            self.settle(reserved.as_ref(), None);
            return Err(Failure::Paused);
        }
        let Ok(permit) = timeout_at(deadline, self.permit()).await else {
            self.settle(reserved.as_ref(), None);
            return Err(Failure::Busy);
        };
        let answered = timeout_at(deadline, self.ask_twice(question, deadline)).await;
        drop(permit);
        let (text, tokens) = match answered {
            Ok(Answered { text, tokens }) => (text, tokens),
            // What was sent is paid for although nobody waited for the answer.
            Err(_) => (Err(Failure::Timeout), Some((estimate, 0))),
        };
        self.settle(reserved.as_ref(), tokens);
        self.watch(&text);
        text
    }

    /// A place among the calls under way; the semaphore is never closed.
    async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        self.permits.acquire().await.ok()
    }

    async fn ask_twice(&self, question: Question<'_>, deadline: Instant) -> Answered {
        let mut options = ChatOptions::default().with_max_tokens(question.max_tokens);
        if let Some(schema) = question.schema.clone() {
            options = options.with_response_format(JsonSpec::new("answer", schema));
        }
        let request = ChatRequest::from_user(question.data.clone()).with_system(question.instructions);
        let first = self.ask_once(request.clone(), &options, &question).await;
        let wait = match &first.text {
            Err(Failure::RateLimited { rest: Some(rest) }) => *rest,
            Err(failure) if failure.is_passing() => RETRY_AFTER,
            _ => return first,
        };
        if Instant::now() + wait.saturating_mul(2) >= deadline {
            return first;
        }
        tokio::time::sleep(wait).await;
        self.ask_once(request, &options, &question).await
    }

    async fn ask_once(
        &self,
        request: ChatRequest,
        options: &ChatOptions,
        question: &Question<'_>,
    ) -> Answered {
        let response = match self.genai.exec_chat(self.target.clone(), request, Some(options)).await {
            Ok(response) => response,
            // The library's error is not logged: it may hold the request and the answer.
            Err(error) => return Answered { text: Err(Failure::from(&error)), tokens: None },
        };
        let tokens = tokens_used(&response.usage)
            .or_else(|| Some((tokens_of(question), response.first_text().map_or(0, tokens_in))));
        self.record(&Span::current(), &response);
        Answered { text: text_of(&response), tokens }
    }

    /// Sets aside what the call may cost at most.
    fn reserve(&self, tokens: (u64, u64), now: Timestamp) -> Result<Option<Reserved>, Failure> {
        let (Some(budget), Some(prices)) = (&self.budget, &self.prices) else { return Ok(None) };
        budget.reserve(prices.cost(tokens.0, tokens.1), now).map(Some).map_err(|spent| {
            if spent.first {
                self.alerts.raise(used_up(budget.ceiling(), self.provider));
            }
            Failure::OverBudget
        })
    }

    /// Counts what a call took, and puts back what it did not cost.
    fn settle(&self, reserved: Option<&Reserved>, tokens: Option<(u64, u64)>) {
        let provider = self.provider.as_str();
        let (input, output) = tokens.unwrap_or_default();
        let cost = self.prices.as_ref().map_or(Amount::ZERO, |prices| prices.cost(input, output));
        if let (Some(budget), Some(reserved)) = (&self.budget, reserved) {
            budget.settle(reserved, cost);
        }
        if tokens.is_some() {
            counter!("llm_tokens_total", "provider" => provider, "direction" => "in").increment(input);
            counter!("llm_tokens_total", "provider" => provider, "direction" => "out").increment(output);
            gauge!("llm_cost_total", "provider" => provider).increment(cost.as_f64());
        }
    }

    fn watch(&self, text: &Result<String, Failure>) {
        match text {
            Err(Failure::RateLimited { rest }) => self.breaker.failed(*rest),
            Err(
                Failure::Timeout
                | Failure::Unreachable
                | Failure::Server(_)
                | Failure::Unauthorized
                | Failure::Refused(_),
            ) => self.breaker.failed(None),
            // It is there, whatever it says.
            Ok(_) | Err(_) => self.breaker.answered(),
        }
    }

    /// A span as OpenTelemetry's conventions for generative models name things.
    fn span(&self, question: &Question<'_>) -> Span {
        let provider = match self.provider {
            Provider::Gemini => "gcp.gemini",
            provider => provider.as_str(),
        };
        let span = info_span!(
            "llm call",
            otel.name = format!("chat {}", self.model),
            otel.kind = "client",
            otel.status_code = Empty,
            error.type = Empty,
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = provider,
            gen_ai.request.model = self.model,
            gen_ai.request.max_tokens = question.max_tokens,
            gen_ai.output.type = if question.schema.is_some() { "json" } else { "text" },
            gen_ai.response.model = Empty,
            gen_ai.response.finish_reasons = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            gen_ai.system_instructions = Empty,
            gen_ai.input.messages = Empty,
            gen_ai.output.messages = Empty,
            server.address = self.server.0,
            server.port = self.server.1,
            proefrit.purpose = question.purpose,
        );
        if self.capture_content {
            let instructions = json!([{ "type": "text", "content": question.instructions }]);
            span.record("gen_ai.system_instructions", instructions.to_string());
            span.record("gen_ai.input.messages", said("user", &question.data));
        }
        span
    }

    fn record(&self, span: &Span, response: &ChatResponse) {
        span.record("gen_ai.response.model", response.provider_model_iden.model_name.as_str());
        if let Some(reason) = &response.stop_reason {
            span.record("gen_ai.response.finish_reasons", json!([reason.raw()]).to_string());
        }
        if let Some((input, output)) = tokens_used(&response.usage) {
            span.record("gen_ai.usage.input_tokens", input);
            span.record("gen_ai.usage.output_tokens", output);
        }
        if self.capture_content {
            span.record(
                "gen_ai.output.messages",
                said("assistant", response.first_text().unwrap_or_default()),
            );
        }
    }
}

/// What is told once a day, when nothing is left of it.
fn used_up(budget: Amount, provider: Provider) -> Alert {
    Alert::new(
        "llm_budget_spent",
        "the language model's budget is used up: the rules answer until midnight UTC",
    )
    .severity(Severity::Warning)
    .detail("budget", budget.to_string())
    .detail("provider", provider.as_str())
    .inspect("llm_cost_total at /metrics")
    .mend("raise LLM_DAILY_BUDGET and start the agent-orchestrator again, or leave it to the rules")
}

fn said(role: &str, text: &str) -> String {
    json!([{ "role": role, "parts": [{ "type": "text", "content": text }] }]).to_string()
}

fn text_of(response: &ChatResponse) -> Result<String, Failure> {
    if !response.tool_calls().is_empty() {
        return Err(Failure::ToolCall);
    }
    match &response.stop_reason {
        Some(StopReason::MaxTokens(_)) => return Err(Failure::CutOff),
        Some(StopReason::ContentFilter(_)) => return Err(Failure::Filtered),
        _ => {}
    }
    let text = response.texts().concat();
    if text.trim().is_empty() { Err(Failure::Empty) } else { Ok(text) }
}

/// What the provider counted, where it did.
fn tokens_used(usage: &Usage) -> Option<(u64, u64)> {
    let count = |tokens: Option<i32>| tokens.and_then(|tokens| u64::try_from(tokens).ok());
    Some((count(usage.prompt_tokens)?, count(usage.completion_tokens).unwrap_or_default()))
}

fn tokens_of(question: &Question<'_>) -> u64 {
    let schema = question.schema.as_ref().map_or(0, |schema| tokens_in(&schema.to_string()));
    tokens_in(question.instructions) + tokens_in(&question.data) + schema
}

/// An estimate on the high side.
fn tokens_in(text: &str) -> u64 {
    u64::try_from(text.len().div_ceil(CHARS_PER_TOKEN)).unwrap_or(u64::MAX)
}
