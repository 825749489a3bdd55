//! What a colleague does, and when.

use super::Teller;
use crate::command::{Reason, Way};
use crate::piece::{Answers, Piece};
use crate::task::TaskKind;
use crate::word::format::{near, phone};

impl Teller<'_> {
    /// " zo snel mogelijk", or from when; once in a reply.
    pub(super) fn when(&self, answers: &Answers) -> String {
        if self.told_when.replace(true) {
            return String::new();
        }
        match answers {
            Answers::Soon => self.text("answers_soon"),
            Answers::AsWished => self.text("answers_as_wished"),
            Answers::From(opening) => {
                self.with("answers_from", "when", &near(opening, self.now, self.texts.language()))
            }
        }
    }

    /// Every promise of the reply in one sentence.
    pub(super) fn promises(&self) -> String {
        let promises: Vec<_> = self
            .all
            .iter()
            .filter_map(|piece| if let Piece::Promise(promise) = piece { Some(promise) } else { None })
            .collect();
        let Some(first) = promises.first() else { return String::new() };
        // A hand-over says already that somebody reads this and sees to it.
        let handed_over = self.all.iter().any(|piece| matches!(piece, Piece::HandOver { .. }));
        let mut does: Vec<String> = Vec::new();
        let mut reaches: Option<Way> = None;
        for promise in &promises {
            let seen_to = matches!(promise.kind(), TaskKind::HandOver | TaskKind::Buy | TaskKind::Other);
            match deed(promise.kind()) {
                _ if handed_over && seen_to => {}
                Some(name) => {
                    let deed = self.text(name);
                    if !does.contains(&deed) {
                        does.push(deed);
                    }
                }
                None => reaches = reaches.or(Some(promise.by())),
            }
        }
        if does.is_empty() && reaches.is_none() && handed_over {
            return String::new();
        }
        let answers = self.text(match reaches {
            Some(Way::Phone) => "promise_calls",
            Some(Way::Mail) => "promise_mails",
            None => "promise_answers",
        });
        let as_wished = promises.iter().find(|promise| *promise.answers() == Answers::AsWished);
        let when = self.when(as_wished.unwrap_or(first).answers());
        if does.is_empty() {
            return self.say("promise_only", &[("answers", &answers), ("when", &when)]);
        }
        self.say("promise", &[("does", &does.join(", ")), ("answers", &answers), ("when", &when)])
    }

    pub(super) fn hand_over(&self, reason: Reason, answers: &Answers) -> String {
        let name = match reason {
            Reason::HumanRequested | Reason::Loop | Reason::Language => "escalated",
            Reason::Complaint => "escalated_complaint",
            Reason::Sensitive => "escalated_sensitive",
            Reason::Buying => "escalated_buying",
            Reason::NotUnderstood => "escalated_not_understood",
            Reason::Failure => "escalated_failure",
        };
        let said = self.with(name, "when", &self.when(answers));
        match &self.knowledge.phone {
            Some(number) if reason == Reason::Sensitive => {
                format!("{said} {}", self.with("urgent", "number", &phone(number)))
            }
            _ => said,
        }
    }
}

/// The text that says what a colleague does; `None` for a call, which answers by itself.
const fn deed(kind: TaskKind) -> Option<&'static str> {
    Some(match kind {
        TaskKind::Question => "promise_question",
        TaskKind::TradeIn => "promise_trade_in",
        TaskKind::Finance => "promise_finance",
        TaskKind::Workshop => "promise_workshop",
        TaskKind::Bid => "promise_bid",
        TaskKind::Buy => "promise_buy",
        TaskKind::Discount => "promise_discount",
        TaskKind::CallBack => return None,
        TaskKind::Appointment => "promise_appointment",
        TaskKind::HandOver => "promise_hand_over",
        TaskKind::Other => "promise_other",
    })
}
