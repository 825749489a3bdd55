//! The model's answer, made into commands. Strict: what is not a command is dropped, what was not said is not believed.

use std::ops::Range;

use assistant::command::{Command, Field, Pick, Practical, Read, Reason, Way};
use assistant::turn::Scene;
use dealer::Language;
use metrics::counter;
use serde::Deserialize;
use serde_json::Value;
use tracing::debug;

use super::details::{Details, Mistake, What, of_word};
use super::evidence::{self, Claim};
use super::schema::COMMANDS;
use crate::failure::Failure;
use crate::words::{cut, find, squeezed};

/// Commands of one answer, at most; no turn has more to say.
const MOST_COMMANDS: usize = 24;

/// Details of one command, at most.
const MOST_DETAILS: usize = 40;

/// Longest name anybody has.
const LONGEST_NAME: usize = 60;

/// Longest line of a customer's words.
const LONGEST_LINE: usize = 300;

/// What the model made of a turn.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub commands: Vec<Read>,
    pub language: Option<Language>,
    pub formal: Option<bool>,
    /// Messages of which a command was dropped and none was left: the rules read those.
    pub unread: Vec<usize>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    language: String,
    #[serde(default)]
    manner: String,
    commands: Vec<Value>,
}

#[derive(Deserialize)]
struct WrittenCommand {
    command: String,
    message: usize,
    #[serde(default)]
    words: String,
    #[serde(default)]
    plain: String,
    #[serde(default)]
    details: Vec<WrittenDetail>,
}

#[derive(Deserialize)]
struct WrittenDetail {
    what: What,
    value: String,
}

/// Reads the model's answer to a scene that the rules read as `rules`.
pub(crate) fn read(
    text: &str,
    scene: &Scene<'_>,
    rules: &assistant::command::Reading,
) -> Result<Answer, Failure> {
    let written: Written = serde_json::from_str(unfenced(text)).map_err(|_| Failure::Garbage)?;
    let said = said(scene);
    let mut answer = Answer {
        language: written.language.parse().ok(),
        formal: match written.manner.as_str() {
            "formal" => Some(true),
            "informal" => Some(false),
            _ => None,
        },
        ..Answer::default()
    };
    for value in written.commands.into_iter().take(MOST_COMMANDS) {
        let message =
            value.get("message").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
        match command(value, scene, &said, rules) {
            Ok(read) => answer.commands.push(read),
            Err(mistake) => {
                counter!("llm_commands_dropped_total", "reason" => mistake.as_str()).increment(1);
                debug!(reason = mistake.as_str(), "a command of the language model was dropped");
                answer.unread.extend(message.and_then(|number| number.checked_sub(1)));
            }
        }
    }
    answer.unread.retain(|message| {
        *message < scene.messages.len() && answer.commands.iter().all(|read| read.message != *message)
    });
    answer.unread.sort_unstable();
    answer.unread.dedup();
    if answer.commands.is_empty() { Err(Failure::Garbage) } else { Ok(answer) }
}

/// JSON without the fence that models without a schema put around it.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix("```") else { return text };
    inner.trim_start_matches("json").trim_end_matches("```").trim()
}

/// What the customer said, each text squeezed and on a line of its own.
fn said(scene: &Scene<'_>) -> String {
    let now = scene.messages.iter().map(|message| &message.text);
    let before = scene.state.turns.iter().map(|turn| &turn.customer);
    now.chain(before).map(|text| squeezed(text)).collect::<Vec<_>>().join("\n")
}

fn command(
    value: Value,
    scene: &Scene<'_>,
    said: &str,
    rules: &assistant::command::Reading,
) -> Result<Read, Mistake> {
    let name = value.get("command").and_then(Value::as_str).unwrap_or_default();
    if !COMMANDS.contains(&name) {
        return Err(Mistake::UnknownCommand);
    }
    let written: WrittenCommand = serde_json::from_value(value).map_err(|_| Mistake::Form)?;
    if written.details.len() > MOST_DETAILS {
        return Err(Mistake::Form);
    }
    let index = written.message.checked_sub(1).ok_or(Mistake::Message)?;
    let message = scene.messages.get(index).ok_or(Mistake::Message)?;
    let words = find(&message.text, &written.words);
    let pairs = written.details.into_iter().map(|detail| (detail.what, detail.value)).collect();
    let mut details = Details::new(pairs, scene, said);
    let cited = words.clone().and_then(|words| message.text.get(words)).unwrap_or(&message.text);
    let command = of_details(&written.command, &mut details, cited)?;
    if details.are_beside_the_point() && !command.acts() {
        return Err(Mistake::Form);
    }
    let claim = Claim {
        command: &command,
        message: index,
        words: words.as_ref(),
        said_plain: written.plain == "clear",
        whole: details.are_used_up(),
    };
    let plain = evidence::plain(&claim, scene, rules).ok_or(Mistake::Form)?;
    let words: Range<usize> = words.unwrap_or_default();
    Ok(Read { command, message: index, words, plain, instead_of: Vec::new() })
}

/// The command of this name. `cited` are the customer's own words that it rests on.
fn of_details(name: &str, details: &mut Details<'_>, cited: &str) -> Result<Command, Mistake> {
    Ok(match name {
        "greet" => Command::Greet,
        "thanks" => Command::Thanks,
        "close" => Command::Close,
        "speak" => Command::Speak(details.word(What::Language)?.ok_or(Mistake::Missing(What::Language))?),
        "yes" => Command::Yes,
        "no" => Command::No,
        "show" => Command::Show(details.wishes()?),
        "tell" => Command::Tell { cars: details.car_refs()?, fields: fields(details, cited) },
        "practical" => Command::Practical(topic(details)?),
        "drive" => Command::Drive { car: details.car_ref()?, when: details.when()? },
        "moment" => match details.when()? {
            when if when.is_empty() => return Err(Mistake::Missing(What::Day)),
            when => Command::Moment(when),
        },
        "pick" => Command::Pick(pick(details)?),
        "refuse_slots" => {
            let numbers: Option<Vec<u8>> = details
                .all(What::Number)
                .iter()
                .map(|number| number.parse().ok().filter(|number| *number > 0))
                .collect();
            let numbers = numbers.ok_or(Mistake::Detail(What::Number))?;
            Command::RefuseSlots { numbers, instead: details.when()? }
        }
        "move" => Command::Move { from: details.appointment()?, to: details.when()? },
        "cancel" => Command::Cancel { from: details.appointment()? },
        "keep" => Command::Keep,
        "ask_appointment" => Command::AskAppointment,
        "other_car" => Command::OtherCar(details.car_ref()?.ok_or(Mistake::Missing(What::Car))?),
        "name" => Command::Name(own_name(details)?),
        "contact" => contact(details)?,
        "trade_in" => Command::TradeIn(details.own_car()?),
        "finance" => Command::Finance { car: details.car_ref()? },
        "buy" => Command::Buy { car: details.car_ref()?, reserve: details.flag(What::Reserve)? },
        "bid" => Command::Bid { car: details.car_ref()?, amount_eur: details.whole(What::Amount)? },
        "discount" => Command::Discount { car: details.car_ref()? },
        "workshop" => Command::Workshop { own: details.own_car()?, when: details.when()? },
        "ask_colleague" => Command::AskColleague { question: question(details, cited)? },
        "hand_over" => Command::HandOver(reason(details)?),
        "call_back" => Command::CallBack { when: details.when()?, by: Way::Phone },
        "ask_when_answered" => Command::AskWhenAnswered,
        "ask_open_questions" => Command::AskOpenQuestions,
        "opt_out" => Command::OptOut,
        "opt_in" => Command::OptIn,
        "machine" => Command::Machine,
        "medium" => Command::Medium(details.word(What::Medium)?.ok_or(Mistake::Missing(What::Medium))?),
        "unclear" => Command::Unclear,
        _ => return Err(Mistake::UnknownCommand),
    })
}

/// Facts asked for; one that no record has is told in the customer's words.
fn fields(details: &mut Details<'_>, cited: &str) -> Vec<Field> {
    let values = details.all(What::Field);
    let field = |value: String| {
        of_word(value.clone()).unwrap_or_else(|| {
            let own = if details.was_said(&value) { &value } else { cited };
            Field::Other(cut(own.trim(), LONGEST_NAME).to_owned())
        })
    };
    values.into_iter().filter(|value| !value.is_empty()).map(field).collect()
}

fn topic(details: &mut Details<'_>) -> Result<Practical, Mistake> {
    let topic = details.one(What::Topic)?.ok_or(Mistake::Missing(What::Topic))?;
    let own: Option<Practical> = of_word(topic.clone());
    own.or_else(|| of_word(topic).map(Practical::Topic)).ok_or(Mistake::Detail(What::Topic))
}

fn pick(details: &mut Details<'_>) -> Result<Pick, Mistake> {
    let number: Option<i8> = details.number(What::Number)?;
    let when = details.when()?;
    match (number, when.is_empty()) {
        (Some(number), true) if number == -1 || number > 0 => Ok(Pick::Number(number)),
        (None, false) => Ok(Pick::Moment(when)),
        (None, true) => Err(Mistake::Missing(What::Number)),
        (Some(_), _) => Err(Mistake::Detail(What::Number)),
    }
}

/// A name is only ever one that the customer wrote.
fn own_name(details: &mut Details<'_>) -> Result<String, Mistake> {
    let name = details.one(What::Name)?.ok_or(Mistake::Missing(What::Name))?;
    let fits = name.chars().count() <= LONGEST_NAME && name.chars().any(char::is_alphabetic);
    if fits && details.was_said(&name) { Ok(name) } else { Err(Mistake::Detail(What::Name)) }
}

fn contact(details: &mut Details<'_>) -> Result<Command, Mistake> {
    let email = details.one(What::Email)?;
    if email.as_ref().is_some_and(|email| !email.contains('@') || !details.was_said(email)) {
        return Err(Mistake::Detail(What::Email));
    }
    let phone = details.one(What::Phone)?.map(|phone| phone_said(&phone, details)).transpose()?;
    if email.is_none() && phone.is_none() {
        return Err(Mistake::Missing(What::Email));
    }
    Ok(Command::Contact { email, phone })
}

/// Digits at a number's end that must have been said; before them the country is written in several ways.
const OWN_DIGITS: usize = 8;

fn phone_said(text: &str, details: &Details<'_>) -> Result<String, Mistake> {
    let phone: model::Phone = text.parse().map_err(|_| Mistake::Detail(What::Phone))?;
    let digits = phone.digits();
    let own = digits.get(digits.len().saturating_sub(OWN_DIGITS)..).unwrap_or(digits);
    if details.was_said(own) { Ok(phone.as_str().to_owned()) } else { Err(Mistake::Detail(What::Phone)) }
}

/// A question goes to a colleague in the customer's words, never in the model's.
fn question(details: &mut Details<'_>, cited: &str) -> Result<String, Mistake> {
    let question = details.one(What::Question)?.filter(|question| details.was_said(question));
    let line = question.as_deref().unwrap_or(cited).split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(cut(&line, LONGEST_LINE).to_owned())
}

/// Only a customer's own reasons; the others are found by code.
fn reason(details: &mut Details<'_>) -> Result<Reason, Mistake> {
    match details.word(What::Reason)?.unwrap_or(Reason::HumanRequested) {
        reason @ (Reason::HumanRequested | Reason::Complaint | Reason::Sensitive) => Ok(reason),
        _ => Err(Mistake::Detail(What::Reason)),
    }
}

#[cfg(test)]
mod tests;
