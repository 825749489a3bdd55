//! A conversation as people read it: what was said, what was done, and what of it is wrong.

use std::io::{self, Write};

use super::format::{Author, Dialogue};
use super::judge::{Failed, Judgement};
use super::play::{Played, Step};
use crate::decide::{Decision, Verdict};
use crate::piece::Piece;

/// Writes one conversation.
pub fn write(
    dialogue: &Dialogue,
    played: &Played,
    judgement: &Judgement,
    mut out: impl Write,
) -> io::Result<()> {
    writeln!(out, "━━ {} · {} ━━ {}", dialogue.id, judgement.result.as_str(), dialogue.wanted)?;
    let mut next = 1;
    for step in &played.steps {
        for number in &step.messages {
            for unsent in next..*number {
                writeln!(out, "   {unsent:>2} (not sent) {}", one_line(body(dialogue, unsent)))?;
            }
            next = number + 1;
        }
        write_step(dialogue, step, judgement, &mut out)?;
    }
    for unsent in next..=dialogue.messages.len() {
        writeln!(out, "   {unsent:>2} (not sent) {}", one_line(body(dialogue, unsent)))?;
    }
    write_end(played, judgement, &mut out)?;
    writeln!(out)
}

fn write_step(
    dialogue: &Dialogue,
    step: &Step,
    judgement: &Judgement,
    out: &mut impl Write,
) -> io::Result<()> {
    let who = if step.by == Author::Colleague { "colleague" } else { "customer" };
    for number in &step.messages {
        let time = step.at.strftime("%a %d-%m %H:%M");
        writeln!(out, "   {number:>2} {time} {who:<9} {}", indented(body(dialogue, *number)))?;
    }
    match &step.reply {
        Some(reply) => writeln!(out, "                   dealer    {}", indented(reply))?,
        None if step.by == Author::Customer => writeln!(out, "                   (silence)")?,
        None => {}
    }
    for act in &step.acts {
        writeln!(out, "      act      {act}")?;
    }
    for task in &step.tasks {
        writeln!(
            out,
            "      task     {}: {} (due {})",
            task.kind.as_str(),
            one_line(&task.details),
            task.due
        )?;
    }
    if step.handed_over {
        writeln!(out, "      handed over")?;
    }
    if !step.pieces.is_empty() {
        let names: Vec<String> = step.pieces.iter().map(name_of).collect();
        writeln!(out, "      pieces   {}", names.join(", "))?;
    }
    for decision in &step.decisions {
        writeln!(out, "      decision {}", decided(decision, &words_of(dialogue, step, decision)))?;
    }
    for fault in &step.faults {
        writeln!(out, "    ✗ fault    {fault}")?;
    }
    for wrong in judgement.wrong_acts.iter().filter(|wrong| step.messages.contains(&wrong.message)) {
        writeln!(out, "    ✗ WRONG ACT {}", wrong.act.as_str())?;
    }
    let about = |failed: &&Failed| failed.message.is_some_and(|number| step.messages.contains(&number));
    for failed in judgement.failed.iter().filter(about) {
        write_failed(failed, out)?;
    }
    Ok(())
}

fn write_end(played: &Played, judgement: &Judgement, out: &mut impl Write) -> io::Result<()> {
    if let Some(last) = played.steps.last() {
        let after = &last.after;
        let appointments: Vec<String> = after.appointments.iter().map(ToString::to_string).collect();
        let tasks: Vec<&str> = after.tasks.iter().map(|task| task.kind.as_str()).collect();
        writeln!(
            out,
            "   end appointments [{}] · name {:?} · tasks [{}] · owner {:?} · lead {:?} · opted out {}",
            appointments.join(", "),
            after.name.as_deref().unwrap_or_default(),
            tasks.join(", "),
            after.owner,
            after.lead,
            after.opted_out
        )?;
    }
    for failed in judgement.failed.iter().filter(|failed| failed.message.is_none()) {
        write_failed(failed, out)?;
    }
    Ok(())
}

fn write_failed(failed: &Failed, out: &mut impl Write) -> io::Result<()> {
    let place = failed.message.map_or_else(|| "end".to_owned(), |message| message.to_string());
    writeln!(out, "    ✗ {place} {} {} · there was: {}", failed.key, failed.wish, one_line(&failed.observed))
}

fn body(dialogue: &Dialogue, number: usize) -> &str {
    let said = number.checked_sub(1).and_then(|index| dialogue.messages.get(index));
    said.map_or("", |said| if said.body.is_empty() { "[medium]" } else { &said.body })
}

fn words_of(dialogue: &Dialogue, step: &Step, decision: &Decision) -> String {
    let number = step.messages.get(decision.message).copied().unwrap_or_default();
    let body = body(dialogue, number);
    body.get(decision.words.clone()).filter(|words| !words.is_empty()).unwrap_or(body).to_owned()
}

/// A decision in one line: `drive acts (clear) "om 10 uur": a plain moment; not moment: …`.
pub(in crate::eval) fn decided(decision: &Decision, words: &str) -> String {
    let verdict = match decision.verdict {
        Verdict::Acts => "acts",
        Verdict::Asks => "asks",
        Verdict::Answers => "answers",
        Verdict::Promises => "promises",
        Verdict::Passes => "passes",
    };
    let plain = format!("{:?}", decision.plain).to_lowercase();
    let lost: Vec<String> =
        decision.instead_of.iter().map(|lost| format!("; not {}: {}", lost.command, lost.because)).collect();
    let Decision { command, because, .. } = decision;
    format!("{command} {verdict} ({plain}) {:?}: {because}{}", one_line(words), lost.concat())
}

/// The name of a piece, without what it carries.
fn name_of(piece: &Piece) -> String {
    let whole = format!("{piece:?}");
    let inner = whole.strip_prefix("Ask(");
    let name = |text: &str| text.chars().take_while(|char| char.is_alphanumeric()).collect::<String>();
    inner.map_or_else(|| name(&whole), |inner| format!("Ask({})", name(inner)))
}

fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n                             ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
