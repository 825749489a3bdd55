//! The mood of a sentence: words that name an act without meaning it now.
//!
//! A condition, a hedge, a report or a comment leaves an act doubtful, so that one question is asked. What is past, of somebody
//! else or about another thing is no act at all: the sentence is answered for what it asks. Conditions of courtesy ("als het
//! kan", "if possible") are none.

use super::phrases::{Cue, Hit};
use super::scan::Clause;
use super::{Draft, Reader, choice_words};
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
    if let Some(verdict) = in_jest(reader, draft).or_else(|| bounded(reader, draft)) {
        return verdict;
    }
    match &draft.command {
        Command::Cancel { .. } => cancel(reader, draft),
        Command::Move { .. } => moved(reader, draft),
        Command::OptOut => opt_out(reader, draft),
        Command::RefuseSlots { numbers, .. } => refused(reader, draft, numbers),
        command if comes(command) => come(reader, draft),
        _ => Verdict::Stays,
    }
}

/// "Verzet maar naar 3 uur 's nachts … nee joh geintje": what stands before the jest is not meant.
fn in_jest(reader: &Reader<'_>, draft: &Draft) -> Option<Verdict> {
    let jest = reader
        .scan
        .clauses
        .iter()
        .filter_map(|clause| reader.scan.hits_of(clause, Cue::Jest).last())
        .next_back();
    if !(draft.command.acts() || comes(&draft.command)) || jest.is_none_or(|jest| jest.from < draft.from) {
        return None;
    }
    let undoes = matches!(draft.command, Command::Cancel { .. } | Command::Move { .. });
    Some(if undoes && reader.has_appointment() {
        Verdict::Becomes(Command::Keep, "it is said in jest")
    } else {
        Verdict::Doubt
    })
}

/// "Ben om 3 uur vrij": from then on there is time. Beside moments on offer it may choose one.
fn bounded(reader: &Reader<'_>, draft: &Draft) -> Option<Verdict> {
    let (Command::Pick(Pick::Moment(when)) | Command::Moment(when)) = &draft.command else { return None };
    let time = when.time().filter(|_| own(reader, draft, Cue::FreeFrom))?;
    if clauses(reader, draft).any(Clause::question) {
        return None;
    }
    if reader.has_offer() {
        return Some(Verdict::Doubt);
    }
    let hours = Hours::Between { from: Some(time), until: None };
    Some(Verdict::Becomes(Command::Moment(When { hours, ..when.clone() }), "it says from when there is time"))
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
        let command = if reader.has_appointment() { Command::Keep } else { Command::Unclear };
        return Verdict::Becomes(command, "something else was called off");
    }
    // "Dan zeg ik die andere dealer af."
    if verb.is_some() && party.is_some() && !own(Cue::ApptObject) {
        return Verdict::Doubt;
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
    let asks = clauses(reader, draft).any(Clause::question) || own(Cue::Polite) || own(Cue::Wants);
    if own(Cue::Forced) && !asks && hypothesis(reader, draft) {
        return Verdict::Becomes(Command::Keep, "it stands under a condition");
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
    // "Stop it, that's so cheap": of the price, with nothing said of messages.
    if bare && reader.scan.anywhere(Cue::Cheap) && !reader.scan.anywhere(Cue::Not) {
        return Verdict::Becomes(Command::Thanks, "it is said of the price");
    }
    let goes_on = reader.scan.anywhere(Cue::OtherTopic) || reader.scan.anywhere(Cue::NoOptOut);
    if bare && goes_on { Verdict::Doubt } else { Verdict::Stays }
}

/// "Laat maar, 11 is goed" while 11:00 stands and other moments are on offer for it: it stays.
fn stays(reader: &Reader<'_>, draft: &Draft) -> Option<Verdict> {
    let moving = reader.state.moving.as_ref()?;
    let (Command::Pick(Pick::Moment(when)) | Command::Moment(when)) = &draft.command else { return None };
    if !in_sentence(reader, draft, Cue::NeverMind) {
        return None;
    }
    let standing = reader.state.appointments.iter().find(|one| one.id == *moving)?;
    let at = standing.slot.start.to_zoned(reader.now.time_zone().clone()).datetime();
    let same = when.time() == Some(at.time()) && when.suits_day(at.date());
    Some(if same { Verdict::Becomes(Command::Keep, "it is the one that stands") } else { Verdict::Doubt })
}

fn come(reader: &Reader<'_>, draft: &Draft) -> Verdict {
    if let Some(verdict) = stays(reader, draft) {
        return verdict;
    }
    let own = |cue: Cue| own(reader, draft, cue);
    let wants = own(Cue::Wants) || own(Cue::Polite);
    // "Suppose I came" is a condition, whatever its tense.
    let past = own(Cue::PastDeed) && !hypothesis(reader, draft);
    if !(past || own(Cue::OtherParty)) {
        return Verdict::Stays;
    }
    if wants {
        let asks = clauses(reader, draft).any(Clause::question);
        let courteous = asks || own(Cue::Gladly);
        return if past && courteous && !own(Cue::OtherParty) { Verdict::Stays } else { Verdict::Doubt };
    }
    let because = if past { "it is past" } else { "it is about something else" };
    if !past && let Some(instead) = taken_by_else(reader, draft) {
        return Verdict::Becomes(Command::RefuseSlots { numbers: Vec::new(), instead }, because);
    }
    let command = match &draft.command {
        Command::Drive { car: Some(car), .. } if !own(Cue::Others) => {
            Command::Tell { cars: vec![car.clone()], fields: Vec::new() }
        }
        _ => asked(reader, draft),
    };
    Verdict::Becomes(command, because)
}

/// "11 uur heb ik tandarts" with moments on offer: another hour it must be.
fn taken_by_else(reader: &Reader<'_>, draft: &Draft) -> Option<When> {
    let (Command::Pick(Pick::Moment(when)) | Command::Moment(when)) = &draft.command else { return None };
    let time = when.time().filter(|_| reader.has_offer())?;
    Some(When { not_hours: vec![time], ..When::default() })
}

/// What is left of a sentence without its act: its question, if it asks one.
fn asked(reader: &Reader<'_>, draft: &Draft) -> Command {
    let Some(clause) = clauses(reader, draft).next() else { return Command::Unclear };
    if !clause.question() && reader.has_appointment() && !reader.has_offer() {
        return Command::Keep;
    }
    if clause.question() || !comes(&draft.command) {
        return Command::AskColleague { question: reader.sentence(clause) };
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
    one_moment(without_conditions(reader, drafts))
}

/// "Stel dat ik zaterdag om 11 uur kom, is hij dan nog niet weg?": the question is answered, and the condition wishes nothing.
fn without_conditions(reader: &Reader<'_>, drafts: Vec<Draft>) -> Vec<Draft> {
    let sentence_of = |draft: &Draft| reader.scan.clauses.get(draft.clause).map(|clause| clause.sentence);
    // "Angenommen ich käme um 13 Uhr, wäre das frei?" asks for the hour itself.
    let of_it = |draft: &Draft| {
        matches!(&draft.command, Command::Tell { cars, .. } if cars.is_empty())
            && clauses(reader, draft).all(|clause| reader.has(clause, Cue::ThatOk))
    };
    let hours: Vec<Option<usize>> =
        drafts.iter().filter(|draft| comes(&draft.command)).map(sentence_of).collect();
    let drafts: Vec<Draft> =
        drafts.into_iter().filter(|draft| !(of_it(draft) && hours.contains(&sentence_of(draft)))).collect();
    let answered: Vec<Option<usize>> = drafts
        .iter()
        .filter(|draft| {
            matches!(
                draft.command,
                Command::Tell { .. } | Command::Practical(_) | Command::AskColleague { .. }
            )
        })
        .map(sentence_of)
        .collect();
    let is_condition = |draft: &Draft| {
        matches!(&draft.command, Command::Drive { when, .. } | Command::Moment(when) if has_hour(when))
            && draft.plain == Plain::Doubtful
            && hypothesis(reader, draft)
            && answered.contains(&sentence_of(draft))
    };
    drafts.into_iter().filter(|draft| !is_condition(draft)).collect()
}

fn is_doubtful(reader: &Reader<'_>, draft: &Draft) -> bool {
    let own = |cue: Cue| own(reader, draft, cue);
    let books = !matches!(draft.command, Command::OptOut);
    // "Mijn vrouw wil zaterdag de Golf rijden" is a wish, "mijn broer rijdt zaterdag in de Golf" none.
    let wished = matches!(draft.command, Command::Drive { .. })
        && (own(Cue::Wants) || own(Cue::WantsToo) || own(Cue::Polite));
    let comes_then = matches!(draft.command, Command::Pick(_) | Command::Moment(_) | Command::Drive { .. });
    let of_others = comes_then && is_of_others(reader, draft) && !own(Cue::Myself) && !wished;
    let said = own(Cue::Reported)
        || of_others
        || sentence(reader, draft).any(|clause| reader.has(clause, Cue::ButNot))
        || for_something_else(reader, draft)
        || goes_on_asking(reader, draft)
        || is_remarked_on(reader, draft)
        || own(Cue::HourComment)
        || several_hours(reader, draft)
        || own(Cue::NoMatterWhich);
    hypothesis(reader, draft)
        || hedged(reader, draft)
        || (books && (said || reader.scan.anywhere(Cue::Ban) || reader.scan.anywhere(Cue::Unsure)))
}

/// Whether somebody else stands before the moment, as who comes then: "mijn broer rijdt zaterdag", not "op naam van mijn
/// vrouw" behind it.
fn is_of_others(reader: &Reader<'_>, draft: &Draft) -> bool {
    clauses(reader, draft).any(|clause| {
        let moment = reader.scan.moments_in(clause).next().map_or(clause.to, |said| said.from);
        reader
            .scan
            .hits_of(clause, Cue::Others)
            .any(|hit| hit.from < moment && !reader.scan.covers(Cue::NameIntro, hit.from))
    })
}

/// Whether an hour is named with words that have nothing to do with choosing it: "mijn trein komt om 11 uur aan". Who names
/// a drive or a car says what the hour is for.
fn for_something_else(reader: &Reader<'_>, draft: &Draft) -> bool {
    let (Command::Pick(Pick::Moment(when)) | Command::Moment(when) | Command::Drive { when, .. }) =
        &draft.command
    else {
        return false;
    };
    let hour = |clause: &&Clause| reader.scan.moments_in(clause).any(|said| said.when.hours == when.hours);
    let says = |clause: &Clause| {
        let wished = [Cue::Wants, Cue::WantsToo, Cue::Polite, Cue::Myself];
        let drives = reader.has(clause, Cue::Drive) && !matches!(draft.command, Command::Moment(_));
        drives && (!clause.question() || reader.any(clause, &wished))
            || reader.scan.cars_in(clause).next().is_some()
            || choice_words::are_all(reader, clause)
    };
    has_hour(when) && !clauses(reader, draft).filter(hour).all(says)
}

/// "10 uur? Dan slaap ik nog": an hour asked back, with words behind it that do not choose it.
fn is_remarked_on(reader: &Reader<'_>, draft: &Draft) -> bool {
    let hour = matches!(draft.command, Command::Pick(Pick::Moment(_)) | Command::Moment(_));
    let remarked = |clause: &Clause| {
        clause.question()
            && clause.to - clause.from < ASIDE
            && reader.next(clause).is_some_and(|next| !choice_words::are_all(reader, next))
    };
    hour && clauses(reader, draft).any(remarked)
}

/// "Hoe laat gaan jullie dicht, 17 uur?": the hour belongs to the question before it.
fn goes_on_asking(reader: &Reader<'_>, draft: &Draft) -> bool {
    let about_drives = [Cue::WhenFree, Cue::Drive, Cue::Visit, Cue::Wants, Cue::Polite];
    let asked_before = |clause: &Clause| {
        reader.before(clause).is_some_and(|last| {
            last.sentence == clause.sentence
                && last.opens()
                && reader.has(last, Cue::Wh)
                && !reader.any(last, &about_drives)
                && reader.scan.moments_in(last).next().is_none()
        })
    };
    let moment = matches!(draft.command, Command::Pick(Pick::Moment(_)) | Command::Moment(_));
    moment && clauses(reader, draft).any(|clause| clause.question() && asked_before(clause))
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
    // "I'm afraid I can't come, please cancel": what is asked for in its own clause is sure.
    let act = match draft.command {
        Command::Cancel { .. } => Some(Cue::Cancel),
        Command::Move { .. } => Some(Cue::Move),
        _ => None,
    };
    let sure =
        |clause: &Clause| act.is_some_and(|act| reader.has(clause, act)) && !reader.has(clause, Cue::Hedge);
    let open = !clauses(reader, draft).any(sure) && own(reader, draft, Cue::Hedge);
    open || sentence(reader, draft)
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
