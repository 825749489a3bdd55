//! What a message is about as a whole, where its phrases did not say it: the linear model of [`crate::reading::topics`] weighs
//! all words. It never makes an act plain: what it reads of appointments and opt-outs is doubtful, and one yes is asked.

use super::deeds::{self, Deed};
use super::phrases::Cue;
use super::scan::{Asks, Clause};
use super::{Draft, Reader, cars, choice_words, grave, own_car, running, whens};
use crate::command::{Command, Field, Lost, Plain, Practical, Reason};
use crate::reading::Intent;
use crate::reading::text::{Gap, Mark};
use crate::reading::topics::{self, Facts};
use crate::state::{Asked, Topic};

/// Shorter lines say too little to be weighed.
const WORDS: usize = 3;

/// So likely a topic must be.
const LIKELY: f32 = 0.62;

/// And so likely where a wrong guess costs the customer something.
const VERY_LIKELY: f32 = 0.75;

/// Takes what the model reads of a line for what phrases only guessed at.
pub(super) fn weigh(reader: &Reader<'_>, mut drafts: Vec<Draft>) -> Vec<Draft> {
    if matches!(reader.state.asked, Some(Asked::Name | Asked::NameProposed { .. } | Asked::OwnCar)) {
        return drafts;
    }
    for line in lines(reader) {
        let Some((intent, read)) = read(reader, &line, &drafts) else { continue };
        // Being a little late, and taking a wish back, are said in the words of what they are not.
        let late = matches!(read.command, Command::Cancel { .. }) && reader.has(&line, Cue::Late);
        if late {
            continue;
        }
        if matches!(read.command, Command::Move { .. } | Command::Finance { .. } | Command::Bid { .. })
            && (reader.any(&line, &[Cue::Late, Cue::NotMove, Cue::TakeBack])
                || matches!(&read.command, Command::Move { to, .. } if whens::is_near(reader, to)))
        {
            continue;
        }
        if matches!(read.command, Command::TradeIn(_)) && reader.has(&line, Cue::TakeBack) {
            continue;
        }
        let for_a_colleague = clauses(reader, &line).any(|clause| {
            running::is_running(reader, clause)
                || running::wants_news(reader, clause)
                || reader.has(clause, Cue::NotCall)
        });
        let grave = reader.any(&line, &[Cue::Complaint, Cue::Sensitive, Cue::Human, Cue::OptOut]);
        if for_a_colleague && !grave {
            continue;
        }
        let in_line = |draft: &Draft| (line.from..line.to).contains(&draft.from);
        if drafts.iter().filter(|draft| in_line(draft)).any(|draft| keeps(reader, draft, intent)) {
            continue;
        }
        let mut lost: Vec<Lost> = Vec::new();
        drafts.retain(|draft| {
            let gives_way = in_line(draft) && is_weak(&draft.command, intent);
            if gives_way {
                lost.push(Lost {
                    command: draft.command.name(),
                    because: "the message as a whole is about something else",
                });
            }
            !gives_way
        });
        lost.dedup();
        let at = drafts.iter().position(|draft| draft.from >= line.to).unwrap_or(drafts.len());
        drafts.insert(at, Draft { instead_of: lost, ..read });
    }
    drafts
}

/// "Golf 6 uit 2010" in talk about the workshop, "and can it tow" of a car for sale: the talk says what is meant.
fn keeps(reader: &Reader<'_>, draft: &Draft, intent: Intent) -> bool {
    let other = |fields: &[Field]| fields.iter().any(|field| matches!(field, Field::Other(_)));
    match (&draft.command, intent) {
        (Command::Workshop { .. }, Intent::TradeIn) => reader.state.topic == Topic::Workshop,
        (Command::Bid { amount_eur, .. }, Intent::TradeIn) => {
            (amount_eur.is_some() || !reader.state.focus.is_empty())
                && reader.scan.clauses.iter().all(|one| !reader.any(one, &[Cue::OwnCar, Cue::TradeIn]))
        }
        (Command::Tell { cars, fields }, Intent::ServiceRequest) => {
            let in_talk = !cars.is_empty() || !reader.state.focus.is_empty();
            in_talk && other(fields) && reader.scan.clauses.iter().all(|one| !reader.has(one, Cue::OwnCar))
        }
        _ => false,
    }
}

/// So unlikely a topic must be before plain words for an act are doubted.
const UNLIKELY: f32 = 0.12;

/// Doubts acts that phrases read where all words together speak of something else: one question is asked, then.
pub(super) fn doubt(reader: &Reader<'_>, drafts: &mut [Draft]) {
    // The answer to a question rests on the question as well.
    if matches!(
        reader.state.asked,
        Some(Asked::WhichAppointment { .. } | Asked::Cancel { .. } | Asked::Move { .. })
    ) {
        return;
    }
    let lines = lines(reader);
    for draft in drafts.iter_mut().filter(|draft| draft.plain == Plain::Clear) {
        let topics: &[Intent] = match draft.command {
            Command::OptOut => &[Intent::OptOut],
            Command::Cancel { .. } => &[Intent::BookingCancel, Intent::BookingChange],
            Command::Move { .. } | Command::OtherCar(_) => &[
                Intent::BookingChange,
                Intent::BookingCancel,
                Intent::BookingChoice,
                Intent::TestDriveRequest,
            ],
            _ => continue,
        };
        let Some(line) = lines.iter().find(|line| (line.from..line.to).contains(&draft.from)) else {
            continue;
        };
        let scores = topics::scores(&reader.scan.text, line.from, line.to, facts(reader));
        let share: f32 = topics.iter().map(|intent| scores.of(*intent)).sum();
        // "Maak er 14 uur van": no word of it speaks of anything else.
        let short = reader.scan.clauses.get(draft.clause).is_some_and(|clause| {
            matches!(&draft.command, Command::Move { to, .. } if to.time().is_some() || to.day().is_some())
                && choice_words::are_all(reader, clause)
        });
        if share < UNLIKELY && !short {
            draft.plain = Plain::Doubtful;
        }
    }
}

fn facts<'r>(reader: &Reader<'r>) -> Facts<'r> {
    let offered_slots = u32::try_from(reader.state.offered.len()).unwrap_or(u32::MAX);
    Facts { offered_slots, ..Facts::default() }
}

/// The lines of the text, each as one clause.
fn lines(reader: &Reader<'_>) -> Vec<Clause> {
    let text = &reader.scan.text;
    let mut lines = Vec::new();
    let mut from = 0;
    for at in 1..=text.len() {
        if at == text.len() || text.gap(at).has(Gap::LINE) {
            if at - from >= WORDS {
                let asks = if text.in_question(at - 1) { Asks::ByMark } else { Asks::No };
                lines.push(Clause { from, to: at, sentence: 0, asks, condition: false, correction: false });
            }
            from = at;
        }
    }
    lines
}

/// The command of the likeliest topic, when it is likely enough and nothing read says it already.
fn read(reader: &Reader<'_>, line: &Clause, drafts: &[Draft]) -> Option<(Intent, Draft)> {
    let here: Vec<&Command> = drafts
        .iter()
        .filter(|draft| (line.from..line.to).contains(&draft.from))
        .map(|draft| &draft.command)
        .collect();
    if here.iter().any(|command| settles(command)) {
        return None;
    }
    let scores = topics::scores(&reader.scan.text, line.from, line.to, facts(reader));
    let (intent, share) = scores.best();
    // The words of an address say nothing; those of the talk about the customer's own car are no complaint.
    let linked = reader.scan.link.as_ref().is_some_and(|link| (line.from..line.to).contains(&link.from));
    let own_car = talks_of_own_car(reader);
    let person = scores.escalate().max(scores.of(Intent::Complaint) + scores.of(Intent::HumanRequest));
    // What is asked is less often a complaint than what is told.
    let asks = |command: &&Command| matches!(command, Command::Tell { fields, .. } if !fields.is_empty());
    let more = if line.question() || here.iter().any(asks) { ASKED } else { 0.0 };
    if only_contact(reader, line, &here) {
        return None;
    }
    let weak = here.iter().all(|command| says_nothing(command)) && person >= ESCALATES + more;
    let strong = here.iter().all(|command| is_tame(command)) && person >= ESCALATES_BESIDE + more;
    if (weak || strong) && !(linked || own_car || harmless(reader, line, person)) {
        let reason = match intent {
            Intent::HumanRequest => Reason::HumanRequested,
            Intent::Complaint if share >= LIKELY => Reason::Complaint,
            _ => Reason::Sensitive,
        };
        return Some((Intent::Complaint, reader.draft(line, Command::HandOver(reason))));
    }
    // "Bel me niet": leave is taken of something, not a wish for it.
    let leaves = reader.any(line, &[Cue::Leave, Cue::Unwanted, Cue::Done])
        && matches!(intent, Intent::HumanRequest | Intent::OptOut | Intent::BookingCancel);
    let said = leaves || here.iter().any(|command| says(command, intent));
    // Who wants a person gets one beside whatever else is said.
    let beside = intent == Intent::HumanRequest && share >= PERSON && !linked;
    if said
        || share < least(intent)
        || !(here.is_empty() || beside || here.iter().any(|command| is_weak(command, intent)))
    {
        return None;
    }
    let mut command = command(reader, line, intent, share)?;
    if is_act(intent) && matches!(deeds::of(reader, line, Cue::Cancel), Deed::Told | Deed::Others) {
        // What is told of, or is somebody else's, changes nothing.
        command = reader.has_appointment().then_some(Command::Keep)?;
    }
    let plain = if is_act(intent) { Plain::Doubtful } else { Plain::Clear };
    Some((intent, Draft { plain, ..reader.draft(line, command) }))
}

/// So many words may lead to contact data: "je kunt me vinden op", "my number is".
const LEADS_TO_CONTACT: usize = 5;

/// Whether contact data are all that is said: a number says nothing of what the message is about.
fn only_contact(reader: &Reader<'_>, line: &Clause, here: &[&Command]) -> bool {
    let tokens = &reader.scan.text.tokens[line.from..line.to];
    let others = tokens.iter().filter(|token| token.mark != Mark::Address).count();
    let contact =
        |command: &&Command| matches!(command, Command::Contact { .. } | Command::AskColleague { .. });
    others <= LEADS_TO_CONTACT
        && here.iter().any(|command| matches!(command, Command::Contact { .. }))
        && here.iter().all(contact)
}

/// So likely a complaint must be: to call a person for nothing costs less than to call none.
const COMPLAINS: f32 = 0.7;

/// So likely a wish for a person must be where plain words say something else as well.
const PERSON: f32 = 0.8;

/// From so likely on a person is called for words that say nothing else.
const ESCALATES: f32 = 0.4;

/// And so likely for words that say something else as well.
const ESCALATES_BESIDE: f32 = 0.5;

/// By so much more when they ask.
const ASKED: f32 = 0.2;

/// Commands that answer nothing the customer could have meant.
const fn says_nothing(command: &Command) -> bool {
    matches!(command, Command::AskColleague { .. } | Command::Unclear | Command::Moment(_) | Command::Greet)
}

/// Commands that change nothing and that a person answers as well.
const fn is_tame(command: &Command) -> bool {
    matches!(
        command,
        Command::AskColleague { .. }
            | Command::Unclear
            | Command::Moment(_)
            | Command::Greet
            | Command::Thanks
            | Command::Tell { .. }
            | Command::Show(_)
            | Command::Practical(_)
            | Command::Drive { .. }
            | Command::Workshop { .. }
            | Command::TradeIn(_)
            | Command::Finance { .. }
            | Command::Contact { .. }
            | Command::Discount { .. }
            | Command::No
    )
}

/// The clauses of a line.
fn clauses<'r>(reader: &Reader<'r>, line: &Clause) -> impl Iterator<Item = &'r Clause> {
    let (from, to) = (line.from, line.to);
    reader.scan.clauses.iter().filter(move |clause| (from..to).contains(&clause.from))
}

/// Whether a line has words that only sound like a complaint, and none that are one.
fn harmless(reader: &Reader<'_>, line: &Clause, person: f32) -> bool {
    let clauses = || clauses(reader, line);
    // "Je hoeft me niet te bellen", "jullie hebben me gisteren al gebeld".
    let calls = |clause: &Clause| reader.any(clause, &[Cue::CallBack, Cue::Human, Cue::Leave]);
    let no_call = |clause: &Clause| {
        reader.any(clause, &[Cue::Done, Cue::Coming]) || (reader.has(clause, Cue::Unwanted) && calls(clause))
    };
    clauses().any(|clause| grave::sounds_so(reader, clause) || no_call(clause))
        || (person < COMPLAINS && clauses().all(|clause| grave::only_asks(reader, clause)))
}

/// Whether the talk is about the customer's own car or money.
const fn talks_of_own_car(reader: &Reader<'_>) -> bool {
    matches!(reader.state.topic, Topic::TradeIn | Topic::Workshop | Topic::Finance)
}

const fn is_act(intent: Intent) -> bool {
    matches!(intent, Intent::OptOut | Intent::BookingCancel | Intent::BookingChange)
}

const fn least(intent: Intent) -> f32 {
    match intent {
        Intent::OptOut | Intent::BookingCancel | Intent::BookingChange => VERY_LIKELY,
        Intent::Complaint => COMPLAINS,
        _ => LIKELY,
    }
}

fn command(reader: &Reader<'_>, line: &Clause, intent: Intent, share: f32) -> Option<Command> {
    let car = || cars::refs(reader, line).into_iter().next();
    let own_car = talks_of_own_car(reader);
    let command = match intent {
        Intent::OptOut if !reader.any(line, &[Cue::NoOptOut, Cue::Leave]) => Command::OptOut,
        Intent::HumanRequest => Command::HandOver(Reason::HumanRequested),
        Intent::Complaint if !harmless(reader, line, share) => Command::HandOver(Reason::Complaint),
        Intent::BookingCancel if reader.has_appointment() => {
            Command::Cancel { from: whens::of(reader, line) }
        }
        Intent::BookingChange if reader.has_appointment() => {
            Command::Move { to: whens::of(reader, line), from: crate::when::When::default() }
        }
        Intent::TestDriveRequest => Command::Drive { car: car(), when: whens::of(reader, line) },
        // What is wrong with a car to trade in is for who values it; "wanneer loopt de APK af" asks about one for sale.
        Intent::ServiceRequest
            if reader.state.topic != Topic::TradeIn && !reader.has(line, Cue::NotWorkshop) =>
        {
            Command::Workshop { own: own_car::own(reader, line, true), when: whens::of(reader, line) }
        }
        // "Gegen den BMW mein ich": a car pointed at is the one wanted.
        Intent::TradeIn => {
            let whole = !(reader.state.topic == Topic::TradeIn && cars::names_definite(reader, line));
            Command::TradeIn(own_car::own(reader, line, whole))
        }
        Intent::Financing => Command::Finance { car: car() },
        // "En wat kost dat?" of the workshop's work is the workshop's to say.
        Intent::PriceQuestion if !(own_car && cars::refs(reader, line).is_empty()) => {
            Command::Tell { cars: cars::refs(reader, line), fields: vec![Field::Price] }
        }
        Intent::CarInquiry => {
            Some(cars::wishes(reader, line)).filter(|wishes| !wishes.is_empty()).map(Command::Show)?
        }
        Intent::Thanks => Command::Thanks,
        Intent::Greeting => Command::Greet,
        _ => return None,
    };
    Some(command)
}

/// Commands that leave nothing to be weighed: plain words said them.
fn settles(command: &Command) -> bool {
    matches!(
        command,
        Command::Pick(_)
            | Command::RefuseSlots { .. }
            | Command::Keep
            | Command::AskAppointment
            | Command::OptOut
            | Command::OptIn
            | Command::HandOver(_)
            | Command::CallBack { .. }
            | Command::Machine
            | Command::Cancel { .. }
            | Command::Yes
            | Command::AskWhenAnswered
            | Command::AskOpenQuestions
            | Command::Practical(Practical::Cancelling | Practical::Phone | Practical::WhoAreYou)
    )
}

/// Whether a command is what a topic is about.
fn says(command: &Command, intent: Intent) -> bool {
    match intent {
        Intent::BookingChange => matches!(command, Command::Move { .. } | Command::OtherCar(_)),
        Intent::TestDriveRequest => matches!(command, Command::Drive { .. } | Command::Workshop { .. }),
        Intent::ServiceRequest => matches!(command, Command::Workshop { .. }),
        Intent::TradeIn => matches!(command, Command::TradeIn(_)),
        Intent::Financing => matches!(command, Command::Finance { .. }),
        Intent::PriceQuestion => {
            matches!(command, Command::Discount { .. } | Command::Bid { .. })
                || matches!(command, Command::Tell { fields, .. } if fields.contains(&Field::Price))
        }
        Intent::CarInquiry => {
            matches!(command, Command::Show(_) | Command::Tell { .. } | Command::Buy { .. })
        }
        Intent::Thanks => matches!(command, Command::Thanks),
        Intent::Greeting => matches!(command, Command::Greet),
        _ => false,
    }
}

/// Whether a command is only a guess beside a topic that is likely.
fn is_weak(command: &Command, intent: Intent) -> bool {
    let vague = matches!(command, Command::AskColleague { .. } | Command::Unclear);
    let about_a_car = match command {
        Command::Tell { fields, .. } => fields.iter().all(|field| matches!(field, Field::Other(_))),
        Command::Show(_) => true,
        _ => false,
    };
    let moment = matches!(command, Command::Moment(_));
    let drive = matches!(command, Command::Drive { .. });
    let courtesy = matches!(command, Command::No | Command::Thanks);
    match intent {
        Intent::Complaint => {
            vague
                || about_a_car
                || moment
                || drive
                || courtesy
                || matches!(
                    command,
                    Command::Tell { .. }
                        | Command::Workshop { .. }
                        | Command::Bid { .. }
                        | Command::Buy { .. }
                        | Command::TradeIn(_)
                        | Command::Finance { .. }
                        | Command::Discount { .. }
                        | Command::Greet
                        | Command::Practical(_)
                )
        }
        Intent::ServiceRequest => {
            vague
                || about_a_car
                || moment
                || drive
                || matches!(command, Command::Practical(Practical::Topic(_)))
        }
        Intent::TradeIn => {
            vague
                || about_a_car
                || moment
                || drive
                || matches!(command, Command::Bid { .. } | Command::Workshop { .. })
        }
        Intent::Financing => vague || about_a_car,
        Intent::BookingCancel => {
            vague || about_a_car || moment || drive || courtesy || matches!(command, Command::Workshop { .. })
        }
        Intent::BookingChange => vague || moment || drive,
        Intent::OptOut | Intent::HumanRequest => vague || courtesy,
        Intent::TestDriveRequest | Intent::PriceQuestion | Intent::CarInquiry => vague,
        Intent::Thanks | Intent::Greeting => matches!(command, Command::Unclear),
        _ => false,
    }
}
