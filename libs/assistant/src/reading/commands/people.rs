//! People: wanting one, being called, when one answers; and machines at the other side.

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader, whens};
use crate::command::{Command, Medium, Plain, Practical, Reason, Way};
use crate::reading::text::{Mark, squeeze};
use crate::state::Topic;
use crate::task::TaskKind;
use crate::turn::Message;

/// Shorter texts are repeated by people as well.
const ECHO_FROM: usize = 40;

/// Our own replies are no longer.
const LONGEST_ECHO: usize = 4000;

/// An answering machine, by its words or because it sends back what was sent to it.
pub(super) fn machine(reader: &Reader<'_>, messages: &[Message]) -> Option<Draft> {
    let scan = reader.scan;
    let count = |cue: Cue| scan.hits.all().iter().filter(|hit| hit.cue == cue).count();
    let by_words = count(Cue::Machine) > 0 || count(Cue::MachineMaybe) > 1;
    let asks = scan.clauses.iter().any(Clause::question);
    let is_echo = |message: &Message| {
        if reader.state.turns.is_empty() || message.text.len() > LONGEST_ECHO {
            return false;
        }
        let said = squeeze(&message.text);
        said.len() >= ECHO_FROM && reader.state.turns.iter().any(|turn| squeeze(&turn.reply).contains(&said))
    };
    let machine = (by_words && !asks) || messages.iter().any(is_echo);
    machine.then(|| Draft {
        command: Command::Machine,
        plain: Plain::Clear,
        clause: 0,
        from: 0,
        to: scan.text.len(),
        correction: false,
        instead_of: Vec::new(),
    })
}

/// Wishes for a person, for a call, and questions about when one answers.
pub(super) fn person(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    let command = if reader.has(clause, Cue::Heard) && clause.question() {
        Command::Medium(Medium::Voice)
    } else if wants_mail(reader, clause) {
        Command::CallBack { when: whens::of(reader, clause), by: Way::Mail }
    } else if reader.has(clause, Cue::Phone)
        && !reader.has(clause, Cue::SelfReachable)
        && !gives_address(reader, clause)
    {
        Command::Practical(Practical::Phone)
    } else if wants_call(reader, clause) {
        Command::CallBack { when: whens::of(reader, clause), by: Way::Phone }
    } else if reader.has(clause, Cue::NotCall) && !clause.question() {
        Command::AskColleague { question: reader.sentence(clause) }
    } else if reader.has(clause, Cue::WhoAreYou) {
        Command::Practical(Practical::WhoAreYou)
    } else if reader.has(clause, Cue::Human) {
        Command::HandOver(Reason::HumanRequested)
    } else if reader.has(clause, Cue::OpenQuestions) {
        Command::AskOpenQuestions
    } else if reader.has(clause, Cue::WhenAnswered) && !reader.has(clause, Cue::AskAppointment) {
        Command::AskWhenAnswered
    } else if reader.has(clause, Cue::ToColleague) {
        Command::AskColleague { question: asked_before(reader).unwrap_or_else(|| reader.sentence(clause)) }
    } else if (reader.state.topic == Topic::CallBack || adds_to_call(reader, clause))
        && reader.scan.moments_in(clause).next().is_some()
        && !reader.any(clause, &[Cue::Drive, Cue::Visit, Cue::Cancel, Cue::Move])
    {
        Command::CallBack { when: whens::of(reader, clause), by: Way::Phone }
    } else {
        return Vec::new();
    };
    vec![reader.draft(clause, command)]
}

/// "Mail me maar", "best to email me", "stuur de gegevens naar …": an answer by e-mail is wished.
fn wants_mail(reader: &Reader<'_>, clause: &Clause) -> bool {
    let to_address = reader.scan.email.is_some()
        && gives_address(reader, clause)
        && reader.any(clause, &[Cue::MailTo, Cue::MailBack]);
    let wished = reader.has(clause, Cue::MailBack) && !reader.has(clause, Cue::NotMailBack);
    to_address || wished
}

/// "Bel me na vijven", "je kunt me bereiken op 06 …".
fn wants_call(reader: &Reader<'_>, clause: &Clause) -> bool {
    let to_number =
        reader.scan.phone.is_some() && gives_address(reader, clause) && reader.has(clause, Cue::Reachable);
    if reader.has(clause, Cue::NotCall) && !clause.question() {
        return false;
    }
    to_number
        || reader.has(clause, Cue::SelfReachable)
        || (reader.has(clause, Cue::CallBack) && !reader.has(clause, Cue::Human))
}

/// Whether contact data stand in a clause.
fn gives_address(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.scan.text.tokens[clause.from..clause.to].iter().any(|token| token.mark == Mark::Address)
}

/// "Oder Mittwoch Vormittag" while a call is promised and no moment is on offer.
fn adds_to_call(reader: &Reader<'_>, clause: &Clause) -> bool {
    let promised = reader.state.promises.iter().any(|promise| promise.kind == TaskKind::CallBack);
    promised && !reader.has_offer() && !reader.has_appointment() && reader.scan.covers(Cue::And, clause.from)
}

/// "Vraag dat dan maar aan een collega": what was asked before.
fn asked_before(reader: &Reader<'_>) -> Option<String> {
    let words =
        reader.state.turns.iter().rev().find(|turn| turn.customer.contains('?') || turn.customer.len() > 12);
    words.map(|turn| super::line(&turn.customer))
}
