//! What a message is about as a whole, where its phrases did not say it: the linear model of [`crate::reading::topics`] weighs
//! all words. It never makes an act plain: what it reads of appointments and opt-outs is doubtful, and one yes is asked.

use super::phrases::Cue;
use super::scan::{Asks, Clause};
use super::{Draft, Reader, cars, own_car, whens};
use crate::command::{Command, Field, Lost, Plain, Practical, Reason};
use crate::reading::Intent;
use crate::reading::text::Gap;
use crate::reading::topics::{self, Facts};
use crate::state::Asked;

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
        if matches!(read.command, Command::Move { .. } | Command::Finance { .. } | Command::Bid { .. })
            && (reader.any(&line, &[Cue::Late, Cue::NotMove, Cue::TakeBack])
                || matches!(&read.command, Command::Move { to, .. } if whens::is_near(reader, to)))
        {
            continue;
        }
        if matches!(read.command, Command::TradeIn(_)) && reader.has(&line, Cue::TakeBack) {
            continue;
        }
        let in_line = |draft: &Draft| (line.from..line.to).contains(&draft.from);
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
        if share < UNLIKELY {
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
    let (intent, share) = topics::scores(&reader.scan.text, line.from, line.to, facts(reader)).best();
    // "Bel me niet": leave is taken of something, not a wish for it.
    let leaves = reader.has(line, Cue::Leave)
        && matches!(intent, Intent::HumanRequest | Intent::OptOut | Intent::BookingCancel);
    let said = leaves || here.iter().any(|command| says(command, intent));
    if said
        || share < least(intent)
        || !(here.is_empty() || here.iter().any(|command| is_weak(command, intent)))
    {
        return None;
    }
    let command = command(reader, line, intent)?;
    let plain = if is_act(intent) { Plain::Doubtful } else { Plain::Clear };
    Some((intent, Draft { plain, ..reader.draft(line, command) }))
}

const fn is_act(intent: Intent) -> bool {
    matches!(intent, Intent::OptOut | Intent::BookingCancel | Intent::BookingChange)
}

const fn least(intent: Intent) -> f32 {
    match intent {
        Intent::OptOut | Intent::BookingCancel | Intent::BookingChange | Intent::Complaint => VERY_LIKELY,
        _ => LIKELY,
    }
}

fn command(reader: &Reader<'_>, line: &Clause, intent: Intent) -> Option<Command> {
    let car = || cars::refs(reader, line).into_iter().next();
    let command = match intent {
        Intent::OptOut if !reader.any(line, &[Cue::NoOptOut, Cue::Leave]) => Command::OptOut,
        Intent::HumanRequest => Command::HandOver(Reason::HumanRequested),
        Intent::Complaint => Command::HandOver(Reason::Complaint),
        Intent::BookingCancel if reader.has_appointment() => {
            Command::Cancel { from: whens::of(reader, line) }
        }
        Intent::BookingChange if reader.has_appointment() => {
            Command::Move { to: whens::of(reader, line), from: crate::when::When::default() }
        }
        Intent::TestDriveRequest => Command::Drive { car: car(), when: whens::of(reader, line) },
        Intent::ServiceRequest => {
            Command::Workshop { own: own_car::own(reader, line, true), when: whens::of(reader, line) }
        }
        Intent::TradeIn => Command::TradeIn(own_car::own(reader, line, true)),
        Intent::Financing => Command::Finance { car: car() },
        Intent::PriceQuestion => Command::Tell { cars: cars::refs(reader, line), fields: vec![Field::Price] },
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
                )
        }
        Intent::ServiceRequest => {
            vague
                || about_a_car
                || moment
                || drive
                || matches!(command, Command::Practical(Practical::Topic(_)) | Command::Buy { .. })
        }
        Intent::TradeIn => {
            vague
                || about_a_car
                || moment
                || drive
                || matches!(command, Command::Bid { .. } | Command::Workshop { .. })
        }
        Intent::Financing => {
            vague || about_a_car || matches!(command, Command::Practical(Practical::Topic(_)))
        }
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
