//! Escalation: whether a person should take over.

use super::state::{Reason, TurnState};
use crate::reading::Intent;

/// Finds the gravest reason among the messages.
pub(super) fn run(state: &mut TurnState) {
    if state.opt_out {
        return;
    }
    let analyses: Vec<_> = state.items.iter().filter_map(|item| item.analysis.as_ref()).collect();
    let has = |intent| analyses.iter().any(|analysis| analysis.intent == intent);
    let reason = if has(Intent::Complaint) {
        Some(Reason::Complaint)
    } else if has(Intent::HumanRequest) {
        Some(Reason::HumanRequested)
    } else if analyses.iter().any(|analysis| analysis.should_escalate) {
        Some(Reason::Sensitive)
    } else {
        None
    };
    if let Some(reason) = reason {
        state.escalate = Some(reason);
    }
    if let (Some(Reason::Sensitive), Some(reply)) = (state.escalate, &state.reply) {
        let text = state.texts().say("escalated", &[]);
        if !reply.contains(&text) {
            state.reply = Some(format!("{reply}\n\n{text}"));
        }
    }
}
