//! The graph itself: one agent after the other over one [`TurnState`], each in its own span.

use std::time::Instant;

use tracing::{Instrument, info_span, warn};

use super::backend::{Backend, Draft, Rules};
use super::memory::PastTurn;
use super::ports::{Agenda, Crm, PortError};
use super::state::{FollowUp, Reason, TurnInput, TurnOutcome, TurnState};
use super::{booking, conversation, crm, escalation, extraction, offer_guard, router};

/// Runs turns against a calendar and a CRM.
#[derive(Debug, Clone)]
pub struct Graph<A, C, B = Rules> {
    agenda: A,
    crm: C,
    backend: B,
}

impl<A: Agenda, C: Crm> Graph<A, C> {
    /// A graph whose messages are read and worded by rules.
    pub const fn new(agenda: A, crm: C) -> Self {
        Self { agenda, crm, backend: Rules }
    }
}

impl<A: Agenda, C: Crm, B: Backend> Graph<A, C, B> {
    /// A graph with another backend.
    pub const fn with_backend(agenda: A, crm: C, backend: B) -> Self {
        Self { agenda, crm, backend }
    }

    /// Runs one turn. An error is worth a retry of the same turn; with `degraded` set in the input the turn is
    /// answered without CRM and calendar instead, and what is left to do stands in the outcome.
    pub async fn run(&self, input: TurnInput) -> Result<TurnOutcome, PortError> {
        let mut state = TurnState::new(input);
        node("router", router::run(&mut state, &self.backend)).await;
        node("extraction", async { extraction::run(&mut state) }).await;
        node("booking", booking::run(&mut state, &self.agenda)).await?;
        node("conversation", self.converse(&mut state)).await;
        let update = crm::update(&mut state);
        let lead = match node("crm", self.crm.record(&update)).await {
            Ok(lead) => Some(lead),
            Err(error) if state.input.degraded && !matches!(error, PortError::Stale { .. }) => {
                state.follow_ups.push(FollowUp::RecordCrm(update.clone()));
                None
            }
            Err(error) => return Err(error),
        };
        node("escalation", async { escalation::run(&mut state) }).await;
        remember(&mut state);
        Ok(TurnOutcome {
            reply: state.reply,
            memory: state.memory,
            crm: update,
            lead,
            booking: state.booking,
            escalate: state.escalate,
            opt_out: state.opt_out,
            analyses: state.items.into_iter().map(|item| item.analysis.unwrap_or_default()).collect(),
            follow_ups: state.follow_ups,
        })
    }

    /// Words the reply and lets nothing out that the guard does not pass.
    async fn converse(&self, state: &mut TurnState) {
        conversation::run(state);
        let Some(draft) = state.reply.clone() else { return };
        if !state.opt_out {
            let messages: Vec<&str> =
                state.input.messages.iter().map(|message| message.text.as_str()).collect();
            let draft =
                Draft { messages: &messages, reply: &draft, facts: &state.facts, language: state.language };
            if let Some(worded) = self.backend.compose(draft).await {
                match offer_guard::check(&worded, &state.input.now, state.language, &state.facts) {
                    Ok(()) => {
                        state.reply = Some(worded);
                        return;
                    }
                    Err(violation) => warn!(%violation, "reply of the language model was refused"),
                }
            }
        }
        if let Err(violation) = offer_guard::check(&draft, &state.input.now, state.language, &state.facts) {
            warn!(%violation, "reply of the rules was refused");
            state.reply = Some(state.texts().say("fallback", &[]));
            state.memory.asked = None;
            state.ask_for_person(Reason::Failure);
        }
    }
}

/// Runs one agent in a span of its own and measures it.
async fn node<T>(agent: &'static str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let result = work.instrument(info_span!("agent", otel.name = format!("agent {agent}"), agent)).await;
    metrics::histogram!("turn_duration_seconds", "agent" => agent).record(started.elapsed().as_secs_f64());
    result
}

fn remember(state: &mut TurnState) {
    let texts: Vec<&str> = state.input.messages.iter().map(|message| message.text.as_str()).collect();
    let customer = texts.join("\n");
    let reply = state.reply.clone().unwrap_or_default();
    state.memory.remember(PastTurn { customer, reply });
    state.memory.updated_at = Some(state.input.now.timestamp());
}
