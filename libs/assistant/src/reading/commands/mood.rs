//! The mood of a sentence: words that name an act without meaning it now.
//!
//! A condition, a hedge, a report or a comment leaves an act doubtful, so that one question is asked. What is past, of somebody
//! else or about another thing is no act at all: the sentence is answered for what it asks. Conditions of courtesy ("als het
//! kan", "if possible") are none.

use super::phrases::{Cue, Hit};
use super::scan::Clause;
use super::{Draft, Reader, line};
use crate::command::{Command, Pick, Plain, Practical};
use crate::when::{Hours, When};

/// A clause of so many words that holds a hedge speaks of something else than the clause beside it.
const ASIDE: usize = 4;

/// "Stop!!" alone, with at most one word beside it.
const BARE: usize = 2;

/// Leaves out acts that are over, of others or about other things, each for what its sentence asks.
pub(super) fn without_others(reader: &Reader<'_>, drafts: Vec<Draft>) -> Vec<Draft> {
    let mut out = Vec::new();
    for draft in drafts {
        match instead(reader, &draft) {
            Verdict::Stays => out.push(draft),
            Verdict::Doubt => out.push(draft.doubtful()),
            Verdict::Becomes(command, because) => {
                let name = draft.command.name();
                let plain = Plain::Clear;
                out.push(Draft { command, plain, ..draft }.instead_of(name, because));
            }
            Verdict::Asks(command, because) => {
                let name = draft.command.name();
                let plain = Plain::Doubtful;
                out.push(Draft { command, plain, ..draft }.instead_of(name, because));
            }
        }
    }
    out
}

enum Verdict {
    Stays,
    Doubt,
    Becomes(Command, &'static str),
    /// Becomes this if the customer says yes to it.
    Asks(Command, &'static str),
}

fn instead(reader: &Reader<'_>, draft: &Draft) -> Verdict {
    match &draft.command {
        Command::Cancel { .. } => cancel(reader, draft),
        Command::Move { .. } => moved(reader, draft),
        Command::OptOut => opt_out(reader, draft),
        Command::RefuseSlots { numbers, .. } => refused(reader, draft, numbers),
        command if comes(command) => come(reader, draft),
        _ => Verdict::Stays,
    }
}

fn cancel(reader: &Reader<'_>, draft: &Draft) -> Verdict {
    let own = |cue: Cue| own(reader, draft, cue);
    if own(Cue::WasIt) && reader.has_appointment() {
        return Verdict::Becomes(Command::AskAppointment, "it is asked whether that was done");
    }
    if own(Cue::Ban) && reader.has_appointment() {
        return Verdict::Becomes(Command::Keep, "it shall not be done");
    }
    if own(Cue::OtherObject) && !own(Cue::ApptObject) {
        return Verdict::Becomes(asked(reader, draft), "something else is called off");
    }
    // "De tandarts is geannuleerd": somebody else did it, or theirs it is.
    let verb = first(reader, draft, Cue::Cancel);
    let party = first(reader, draft, Cue::OtherParty);
    if let (Some(verb), Some(party)) = (verb, party)
        && party < verb
    {
        return Verdict::Becomes(Command::Unclear, "something else was called off");
    }
    if in_sentence(reader, draft, Cue::OnTheSite) {
        return Verdict::Becomes(Command::Thanks, "it was found on the site");
    }
    if hypothesis(reader, draft) {
        return Verdict::Becomes(Command::Practical(Practical::Cancelling), "it stands under a condition");
    }
    Verdict::Stays
}

fn moved(reader: &Reader<'_>, draft: &Draft) -> Verdict {
    let own = |cue: Cue| own(reader, draft, cue);
    if own(Cue::Ban) {
        return Verdict::Becomes(Command::Keep, "it shall not be done");
    }
    let weak = own(Cue::MoveWeak) && !own(Cue::ApptObject);
    if weak && (own(Cue::OtherDeed) || own(Cue::OtherObject)) {
        return Verdict::Becomes(asked(reader, draft), "something else is later or earlier");
    }
    Verdict::Stays
}

/// "Kies jij maar", "10 of 11 maakt niet uit", "nummer 2 is al weg?" refuse nothing: one of them is asked about.
fn refused(reader: &Reader<'_>, draft: &Draft, numbers: &[u8]) -> Verdict {
    let asks = clauses(reader, draft).any(Clause::question);
    let number = match numbers {
        [number] if asks => i8::try_from(*number).ok(),
        [] if own(reader, draft, Cue::NoMatterWhich) => Some(1),
        _ => None,
    };
    let hour = clauses(reader, draft)
        .flat_map(|clause| reader.scan.moments_in(clause))
        .find(|said| said.when.time().is_some())
        .map(|said| Pick::Moment(said.when.clone()));
    match number {
        Some(number) => {
            let pick = hour.filter(|_| numbers.is_empty()).unwrap_or(Pick::Number(number));
            Verdict::Asks(Command::Pick(pick), "nothing is refused")
        }
        None => Verdict::Stays,
    }
}

fn opt_out(reader: &Reader<'_>, draft: &Draft) -> Verdict {
    let in_sentence = |cue: Cue| in_sentence(reader, draft, cue);
    if in_sentence(Cue::OtherSender) || in_sentence(Cue::OtherObject) {
        if draft.plain == Plain::Doubtful {
            return Verdict::Becomes(asked(reader, draft), "other messages are meant");
        }
        return Verdict::Doubt;
    }
    let bare = draft.to - draft.from <= BARE;
    if bare && reader.scan.anywhere(Cue::OtherTopic) { Verdict::Doubt } else { Verdict::Stays }
}

fn come(reader: &Reader<'_>, draft: &Draft) -> Verdict {
    let own = |cue: Cue| own(reader, draft, cue);
    let wants = own(Cue::Wants) || own(Cue::Polite);
    // "Suppose I came" is a condition, whatever its tense.
    let past = own(Cue::PastDeed) && !hypothesis(reader, draft);
    if !(past || own(Cue::OtherParty)) {
        return Verdict::Stays;
    }
    if wants {
        return if past { Verdict::Stays } else { Verdict::Doubt };
    }
    let because = if past { "it is past" } else { "it is about something else" };
    let command = match &draft.command {
        Command::Drive { car: Some(car), .. } => {
            Command::Tell { cars: vec![car.clone()], fields: Vec::new() }
        }
        _ => asked(reader, draft),
    };
    Verdict::Becomes(command, because)
}

/// What is left of a sentence without its act: its question, if it asks one.
fn asked(reader: &Reader<'_>, draft: &Draft) -> Command {
    let Some(clause) = clauses(reader, draft).next() else { return Command::Unclear };
    if clause.question() || !comes(&draft.command) {
        return Command::AskColleague { question: line(&reader.sentence(clause)) };
    }
    Command::Unclear
}

/// Doubts what is named under a condition, with a hedge, as reported or beside another choice; then keeps one wish for a moment.
pub(super) fn doubted(reader: &Reader<'_>, mut drafts: Vec<Draft>) -> Vec<Draft> {
    for draft in &mut drafts {
        let acts = draft.command.acts() || comes(&draft.command);
        if acts && draft.plain == Plain::Clear && is_doubtful(reader, draft) {
            draft.plain = Plain::Doubtful;
        }
    }
    one_moment(drafts)
}

fn is_doubtful(reader: &Reader<'_>, draft: &Draft) -> bool {
    let own = |cue: Cue| own(reader, draft, cue);
    let books = !matches!(draft.command, Command::OptOut);
    let said = own(Cue::Reported)
        || own(Cue::HourComment)
        || several_hours(reader, draft)
        || own(Cue::NoMatterWhich);
    hypothesis(reader, draft)
        || hedged(reader, draft)
        || (books && (said || reader.scan.anywhere(Cue::Ban) || reader.scan.anywhere(Cue::Unsure)))
}

/// Whether several hours are named beside each other: "10 of 11 uur", "10 uur? 11 uur?"
fn several_hours(reader: &Reader<'_>, draft: &Draft) -> bool {
    if own(reader, draft, Cue::EitherOr) {
        return true;
    }
    let asked = |clause: &Clause| clause.question() && !clause.correction && clause.to - clause.from < ASIDE;
    let hour = |clause: &Clause| reader.scan.moments_in(clause).find_map(|said| said.when.time());
    let mut hours: Vec<_> = clauses(reader, draft).filter(|clause| asked(clause)).filter_map(hour).collect();
    hours.dedup();
    hours.len() > 1
}

/// Whether a condition that is more than a courtesy stands in the sentence of a draft.
fn hypothesis(reader: &Reader<'_>, draft: &Draft) -> bool {
    let courteous = |hit: Hit| {
        reader
            .scan
            .hits
            .all()
            .iter()
            .any(|other| other.cue == Cue::CourtesyIf && other.from <= hit.from && hit.from < other.to)
    };
    sentence(reader, draft)
        .any(|clause| reader.scan.hits_of(clause, Cue::Hypothesis).any(|hit| !courteous(hit)))
}

/// Whether a hedge stands in the words of a draft, or alone beside them: "misschien, zaterdag om 10".
fn hedged(reader: &Reader<'_>, draft: &Draft) -> bool {
    own(reader, draft, Cue::Hedge)
        || sentence(reader, draft)
            .any(|clause| clause.to - clause.from < ASIDE && reader.has(clause, Cue::Hedge))
}

/// Keeps one of the wishes for a moment, unless they are for different cars: one reply does not list and book.
fn one_moment(drafts: Vec<Draft>) -> Vec<Draft> {
    let rank = |draft: &Draft| match &draft.command {
        Command::Pick(_) | Command::Drive { .. } | Command::Moment(_) | Command::RefuseSlots { .. } => {
            u8::from(is_definite(&draft.command)) + 1
        }
        _ => 0,
    };
    let for_a_car = |draft: &Draft| matches!(draft.command, Command::Drive { car: Some(_), .. });
    let rivals: Vec<usize> =
        (0..drafts.len()).filter(|at| rank(&drafts[*at]) > 0 && !for_a_car(&drafts[*at])).collect();
    if rivals.len() < 2 {
        return drafts;
    }
    // The later of two that are as definite says what is wanted now.
    let kept = rivals.iter().copied().max_by_key(|at| (rank(&drafts[*at]), *at));
    let keep = |at: usize| !rivals.contains(&at) || Some(at) == kept;
    drafts.into_iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, draft)| draft).collect()
}

fn is_definite(command: &Command) -> bool {
    match command {
        Command::Pick(Pick::Number(_)) => true,
        Command::Pick(Pick::Moment(when)) | Command::Moment(when) | Command::Drive { when, .. } => {
            has_hour(when)
        }
        Command::RefuseSlots { instead, .. } => has_hour(instead),
        _ => false,
    }
}

fn has_hour(when: &When) -> bool {
    matches!(when.hours, Hours::At(_) | Hours::Around(_))
}

/// Whether a command can make an appointment, with what is on offer or in focus.
fn comes(command: &Command) -> bool {
    match command {
        Command::Pick(_) | Command::OtherCar(_) => true,
        Command::Drive { when, .. } | Command::Moment(when) => has_hour(when) || when.relative.is_some(),
        _ => false,
    }
}

/// The clauses a draft rests on.
fn clauses<'r>(reader: &Reader<'r>, draft: &Draft) -> impl Iterator<Item = &'r Clause> {
    let (from, to) = (draft.from, draft.to);
    reader.scan.clauses.iter().filter(move |clause| clause.from < to && from < clause.to)
}

/// The clauses of the sentences a draft stands in.
fn sentence<'r>(reader: &Reader<'r>, draft: &Draft) -> impl Iterator<Item = &'r Clause> {
    let own: Vec<usize> = clauses(reader, draft).map(|clause| clause.sentence).collect();
    reader.scan.clauses.iter().filter(move |clause| own.contains(&clause.sentence))
}

fn own(reader: &Reader<'_>, draft: &Draft, cue: Cue) -> bool {
    clauses(reader, draft).any(|clause| reader.has(clause, cue))
}

fn in_sentence(reader: &Reader<'_>, draft: &Draft, cue: Cue) -> bool {
    sentence(reader, draft).any(|clause| reader.has(clause, cue))
}

/// Where a cue first stands in the words of a draft.
fn first(reader: &Reader<'_>, draft: &Draft, cue: Cue) -> Option<usize> {
    clauses(reader, draft).find_map(|clause| reader.scan.hit(clause, cue)).map(|hit| hit.from)
}
