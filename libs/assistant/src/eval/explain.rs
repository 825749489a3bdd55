//! What is made of one message, and why.

use std::io::{self, Write};
use std::sync::Arc;

use jiff::{ToSpan, Zoned};

use super::dialogues::transcript::decided;
use super::dialogues::world::{Calendar, Leads};
use crate::Knowledge;
use crate::backend::Backend;
use crate::ports::{Agenda, PortError};
use crate::state::State;
use crate::turn::{self, Contact, Message, Outcome, Owner, TurnInput};

/// Runs a turn with one message at the start of a conversation, with so many free slots just offered and an empty calendar.
pub async fn turn(
    text: &str,
    now: &Zoned,
    offered_slots: u32,
    backend: &impl Backend,
    knowledge: &Arc<Knowledge>,
) -> Result<Outcome, PortError> {
    let calendar = Calendar::new(Arc::clone(knowledge), now.timestamp());
    let horizon = now.saturating_add(i64::from(knowledge.dealer.booking.horizon_days).days()).timestamp();
    let offered = calendar.free_slots(now.timestamp(), horizon, offered_slots).await?;
    let state = State { offered, updated_at: Some(now.timestamp()), ..State::default() };
    let message = Message {
        id: "message".to_owned(),
        text: text.to_owned(),
        media: Vec::new(),
        advert: None,
        at: now.timestamp(),
    };
    let input = TurnInput {
        turn_id: "turn".to_owned(),
        messages: vec![message],
        state,
        knowledge: Arc::clone(knowledge),
        now: now.clone(),
        contact: Contact { profile_name: None, has_phone: true },
        owner: Owner::Agents,
        opted_out: false,
        degraded: false,
    };
    Box::pin(turn::run(input, backend, &calendar, &Leads::new(Arc::clone(knowledge)))).await
}

/// Writes, per command, its name, how plain it is, the words it rests on, what is done about it and why, and what else the
/// words could have been; then the reply.
pub fn write(text: &str, outcome: &Outcome, mut out: impl Write) -> io::Result<()> {
    if outcome.decisions.is_empty() {
        writeln!(out, "nothing was read")?;
    }
    for decision in &outcome.decisions {
        let words = text.get(decision.words.clone()).filter(|words| !words.is_empty()).unwrap_or(text);
        writeln!(out, "{}", decided(decision, words))?;
    }
    match &outcome.reply {
        Some(reply) => writeln!(out, "\n{reply}"),
        None => writeln!(out, "\n(silence)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Rules;

    async fn explained(text: &str, offered_slots: u32) -> String {
        let now: Zoned = "2026-03-10T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        let knowledge = Arc::new(Knowledge::builtin());
        let outcome = turn(text, &now, offered_slots, &Rules, &knowledge).await.unwrap();
        let mut out = Vec::new();
        write(text, &outcome, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn each_command_is_told_with_its_words_and_what_is_done_about_it() {
        let told = explained("Is de grijze Polo er nog?", 0).await;
        let first = told.lines().next().unwrap_or_default();
        assert!(first.starts_with("tell answers (clear) \"Is de grijze Polo er nog"), "{told}");
        assert!(told.contains("Polo 1.0 TSI"), "the reply is told as well: {told}");
    }

    #[tokio::test]
    async fn slots_just_offered_can_be_picked() {
        let told = explained("doe de 2e maar", 3).await;
        assert!(told.lines().next().is_some_and(|first| first.starts_with("pick acts")), "{told}");
    }
}
