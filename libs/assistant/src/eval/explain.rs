//! What is made of one message, and why.

use std::io::{self, Write};
use std::sync::Arc;

use jiff::{ToSpan, Zoned};

use super::dialogues::transcript::decided;
use super::dialogues::world::{Calendar, Leads};
use crate::Knowledge;
use crate::backend::Backend;
use crate::ports::{Agenda, PortError};
use crate::reading::{self, Likely};
use crate::state::State;
use crate::turn::{self, Contact, Message, Outcome, Owner, TurnInput};

/// One message, with what was made of it.
#[derive(Debug)]
pub struct Explained {
    text: String,
    outcome: Outcome,
    likely: Vec<Likely>,
}

/// Reads one message at the start of a conversation, with so many free slots just offered and an empty calendar, and answers
/// it.
pub async fn explain(
    text: &str,
    now: &Zoned,
    offered_slots: u32,
    backend: &impl Backend,
    knowledge: &Arc<Knowledge>,
) -> Result<Explained, PortError> {
    let outcome = turn(text, now, offered_slots, backend, knowledge).await?;
    let likely = reading::explain(text, now, &knowledge.context(offered_slots));
    Ok(Explained { text: text.to_owned(), outcome, likely })
}

async fn turn(
    text: &str,
    now: &Zoned,
    offered_slots: u32,
    backend: &impl Backend,
    knowledge: &Arc<Knowledge>,
) -> Result<Outcome, PortError> {
    let calendar = Calendar::new(Arc::clone(knowledge), now.timestamp());
    let horizon = now.saturating_add(i64::from(knowledge.dealer.booking.horizon_days).days()).timestamp();
    let mut offered = calendar.free_slots(now.timestamp(), horizon).await?;
    offered.truncate(usize::try_from(offered_slots).unwrap_or(usize::MAX));
    let state = State { offered, updated_at: Some(now.timestamp()), ..State::default() };
    let message = Message::new("message", text, now.timestamp());
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

/// What is less likely is not told.
const WORTH_TELLING: f32 = 0.01;

impl Explained {
    /// Writes, per command, its name, how plain it is, the words it rests on, what is done about it and why, and what else the
    /// words could have been; then what the words alone make likely, and what speaks for that; then the reply.
    pub fn write(&self, mut out: impl Write) -> io::Result<()> {
        let Self { text, outcome, likely } = self;
        if outcome.decisions.is_empty() {
            writeln!(out, "nothing was read")?;
        }
        for decision in &outcome.decisions {
            let words = text.get(decision.words.clone()).filter(|words| !words.is_empty()).unwrap_or(text);
            writeln!(out, "{}", decided(decision, words))?;
        }
        writeln!(out)?;
        for one in likely.iter().filter(|one| one.probability >= WORTH_TELLING) {
            writeln!(out, "{}", by_words(one))?;
        }
        match &outcome.reply {
            Some(reply) => writeln!(out, "\n{reply}"),
            None => writeln!(out, "\n(silence)"),
        }
    }
}

/// An intent with its probability and what tells it: `INTENT_TEST_DRIVE 0.93: +1.2 word proefrit, -0.3 start wat`.
fn by_words(Likely { intent, probability, because }: &Likely) -> String {
    let reasons: Vec<String> = because.iter().map(|(what, weight)| format!("{weight:+.1} {what}")).collect();
    format!("{intent} {probability:.2}: {}", reasons.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Rules;

    async fn explained(text: &str, offered_slots: u32) -> String {
        let now: Zoned = "2026-03-10T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        let knowledge = Arc::new(Knowledge::builtin());
        let explained = explain(text, &now, offered_slots, &Rules, &knowledge).await.unwrap();
        let mut out = Vec::new();
        explained.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn each_command_is_told_with_its_words_and_what_is_done_about_it() {
        let told = explained("Is de grijze Polo er nog?", 0).await;
        let first = told.lines().next().unwrap_or_default();
        assert!(first.starts_with("tell answers (clear) \"Is de grijze Polo er nog"), "{told}");
        assert!(told.contains("\nINTENT_CAR_INQUIRY 0."), "what the words make likely: {told}");
        assert!(told.contains("Polo 1.0 TSI"), "the reply is told as well: {told}");
    }

    #[tokio::test]
    async fn slots_just_offered_can_be_picked() {
        let told = explained("doe de 2e maar", 3).await;
        assert!(told.lines().next().is_some_and(|first| first.starts_with("pick acts")), "{told}");
    }
}
