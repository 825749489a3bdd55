//! Holds what happened against what is expected.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use serde::Serialize;

use super::facts::{Facts, Question};
use super::format::{Author, Dialogue};
use super::play::{Act, ActKind, Played, Snapshot, Standing, Step};
use super::predicate::{Asks, At, BookedWish, Check, Named, OwnerWish, SlotsWish};
use crate::ports::LeadStatus;
use crate::turn::Owner;

/// What came of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// All in all.
    pub result: Result,
    /// The predicates that do not hold.
    pub failed: Vec<Failed>,
    /// What was done and nobody allowed.
    pub wrong_acts: Vec<WrongAct>,
    /// What the program could not do.
    pub faults: Vec<String>,
    /// How many things were checked.
    pub checked: u32,
}

/// All in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Result {
    /// Every predicate holds and no wrong act happened.
    Done,
    /// The end is right, something on the way was not.
    Half,
    /// The end is wrong, or there was a wrong act or a fault.
    Failed,
}

impl Result {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Half => "half",
            Self::Failed => "failed",
        }
    }
}

/// A predicate that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The message it is about; `None` is the end.
    pub message: Option<usize>,
    /// Its key.
    pub key: String,
    /// What was wished.
    pub wish: String,
    /// What there was instead.
    pub observed: String,
}

/// An act that no `may` allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrongAct {
    /// The last message of its turn.
    pub message: usize,
    /// What was done.
    pub act: ActKind,
}

/// What a check looks at.
struct View<'a> {
    /// The message asked about; `None` is the end.
    message: Option<usize>,
    /// The step whose reply it is about.
    said: &'a Step,
    /// The step after which things are looked at.
    stood: &'a Step,
    played: &'a Played,
}

/// Judges a conversation.
pub fn judge(dialogue: &Dialogue, played: &Played) -> Judgement {
    let mut failed = Vec::new();
    let mut checked = 0;
    for predicate in &dialogue.expect {
        for view in views(&predicate.at, played) {
            let counted = predicate.checks.iter().filter(|named| !matches!(named.check, Check::Replies(_)));
            for named in counted {
                checked += 1;
                failed.extend(view.failure_of(named));
            }
        }
        for named in &predicate.checks {
            if let (Check::Replies(count), At::Messages(range)) = (&named.check, &predicate.at)
                && let Some(replies) = replies_to(range, played)
            {
                checked += 1;
                failed.extend((replies != *count).then(|| Failed {
                    message: range.iter().max().copied(),
                    key: named.key.clone(),
                    wish: named.wish.to_string(),
                    observed: replies.to_string(),
                }));
            }
        }
    }
    let wrong_acts = wrong_acts(dialogue, played);
    let faults: Vec<String> = played.steps.iter().flat_map(|step| step.faults.iter().cloned()).collect();
    let at_the_end = failed.iter().any(|failed| failed.message.is_none());
    let result = if at_the_end || !wrong_acts.is_empty() || !faults.is_empty() || played.steps.is_empty() {
        Result::Failed
    } else if failed.is_empty() {
        Result::Done
    } else {
        Result::Half
    };
    Judgement { result, failed, wrong_acts, faults, checked }
}

/// Where a predicate looks; at none where the message was not sent.
fn views<'a>(at: &At, played: &'a Played) -> Vec<View<'a>> {
    let view = |message, said, stood| View { message, said, stood, played };
    match at {
        At::Messages(numbers) => numbers
            .iter()
            .filter_map(|number| {
                let step = played.steps.iter().find(|step| step.messages.contains(number))?;
                Some(view(Some(*number), step, step))
            })
            .collect(),
        At::Every => {
            let answered = played.steps.iter().filter(|step| step.reply.is_some());
            answered.map(|step| view(step.messages.last().copied(), step, step)).collect()
        }
        At::End => {
            let last_reply = played.steps.iter().rev().find(|step| step.reply.is_some());
            let last = played.steps.last();
            last.map(|last| view(None, last_reply.unwrap_or(last), last)).into_iter().collect()
        }
    }
}

/// How many replies answer the messages of a range; `None` when none of them was sent.
fn replies_to(range: &[usize], played: &Played) -> Option<usize> {
    let (first, last) = (range.iter().min()?, range.iter().max()?);
    let within = |step: &&Step| step.messages.iter().any(|number| (first..=last).contains(&number));
    let customers = |step: &&Step| step.by == Author::Customer;
    let steps: Vec<&Step> = played.steps.iter().filter(customers).filter(within).collect();
    (!steps.is_empty()).then(|| steps.iter().filter(|step| step.reply.is_some()).count())
}

fn wrong_acts(dialogue: &Dialogue, played: &Played) -> Vec<WrongAct> {
    let mut wrong = Vec::new();
    let last = played.steps.last().and_then(|step| step.messages.last().copied());
    for step in &played.steps {
        for act in step.acts.iter().map(Act::kind) {
            let allowed =
                dialogue.expect.iter().filter(|predicate| predicate.may == Some(act)).any(|predicate| {
                    match &predicate.at {
                        At::Messages(numbers) => numbers.iter().any(|number| step.messages.contains(number)),
                        At::End => last.is_some_and(|last| step.messages.contains(&last)),
                        At::Every => true,
                    }
                });
            if !allowed {
                wrong.push(WrongAct { message: step.messages.last().copied().unwrap_or_default(), act });
            }
        }
    }
    wrong
}

impl View<'_> {
    fn failure_of(&self, named: &Named) -> Option<Failed> {
        let observed = self.observed_against(&named.check)?;
        Some(Failed { message: self.message, key: named.key.clone(), wish: named.wish.to_string(), observed })
    }

    /// What there is instead of what is wished; `None` when the wish holds.
    fn observed_against(&self, check: &Check) -> Option<String> {
        match check {
            Check::Says(_)
            | Check::NeverSays(_)
            | Check::Answered
            | Check::Silent
            | Check::Language(_)
            | Check::NotRepeated
            | Check::Replies(_) => self.against_words(check),
            Check::Cars(_)
            | Check::CarsInclude(_)
            | Check::CarsWithin(_)
            | Check::NoCars
            | Check::Slots(_)
            | Check::NoSlots
            | Check::Asks(_) => against_facts(check, self.said),
            Check::Booked(_)
            | Check::Appointments(_)
            | Check::Name(_)
            | Check::Told(_)
            | Check::NotTold(_)
            | Check::TaskHas(_)
            | Check::Owner(_)
            | Check::Lead(_)
            | Check::OptedOut(_) => against_snapshot(check, &self.stood.after),
        }
    }

    fn against_words(&self, check: &Check) -> Option<String> {
        let reply = self.said.reply.as_deref();
        let lower = reply.unwrap_or_default().to_lowercase();
        match check {
            Check::Says(wishes) => {
                let missing = missing_words(wishes, &lower)?;
                Some(if reply.is_some() { format!("nothing of {missing:?}") } else { "no reply".to_owned() })
            }
            Check::NeverSays(never) => {
                let said = never.iter().find(|word| lower.contains(&word.to_lowercase()))?;
                Some(format!("says {said:?}"))
            }
            Check::Answered => {
                // At the end it is the last message that wants an answer.
                let Some(_) = &self.stood.reply else { return Some("no reply".to_owned()) };
                self.stood.facts().not_understood.then(|| "says that it was not understood".to_owned())
            }
            Check::Silent => self.stood.reply.is_some().then(|| "a reply".to_owned()),
            Check::Language(language) => match reply {
                None => Some("no reply".to_owned()),
                Some(_) => (self.said.language != *language).then(|| self.said.language.to_string()),
            },
            Check::NotRepeated => self.played.repeats(self.said).then(|| "the same words again".to_owned()),
            _ => None,
        }
    }
}

/// The first of the wishes, each a choice of words, of which nothing is in the text.
fn missing_words<'a>(wishes: &'a [String], lower: &str) -> Option<&'a str> {
    let there = |wish: &&String| wish.split('|').any(|word| lower.contains(&word.to_lowercase()));
    wishes.iter().find(|wish| !there(wish)).map(String::as_str)
}

fn against_facts(check: &Check, step: &Step) -> Option<String> {
    let facts = step.facts();
    let cars: BTreeSet<&str> = facts.cars.iter().map(String::as_str).collect();
    let set = |wish: &'_ [String]| wish.iter().cloned().collect::<BTreeSet<String>>();
    let has = |id: &String| cars.contains(id.as_str());
    let within = |wish: &[String]| cars.iter().all(|id| wish.iter().any(|wished| wished == id));
    let holds = match check {
        Check::Cars(wish) => within(wish) && set(wish).iter().all(has),
        Check::CarsInclude(wish) => wish.iter().all(has),
        Check::CarsWithin(wish) => !cars.is_empty() && within(wish),
        Check::NoCars => cars.is_empty(),
        Check::Slots(wish) => return against_slots(wish, step, &facts),
        Check::NoSlots => {
            return (!facts.offered.is_empty()).then(|| moments(&offered(&facts)));
        }
        Check::Asks(wish) => {
            let asks = |question| facts.questions.contains(&question);
            let holds = match wish {
                Asks::Name => asks(Question::Name),
                Asks::Confirm => asks(Question::Confirm),
                Asks::OptOut => asks(Question::OptOut),
                Asks::OptIn => asks(Question::OptIn),
                Asks::Which => asks(Question::Which),
                Asks::Any => !facts.questions.is_empty(),
                Asks::Nothing => facts.questions.is_empty(),
            };
            return (!holds).then(|| listed(facts.questions.iter().map(|question| format!("{question:?}"))));
        }
        _ => true,
    };
    (!holds).then(|| listed(facts.cars.iter().cloned()))
}

fn offered(facts: &Facts) -> Vec<DateTime> {
    facts.offered.iter().map(jiff::Zoned::datetime).collect()
}

fn against_slots(wish: &SlotsWish, step: &Step, facts: &Facts) -> Option<String> {
    let mut named = offered(facts);
    named.extend(step.settled());
    let suits = |moment: &DateTime| {
        wish.date.as_ref().is_none_or(|date| date.has(&moment.date()))
            && wish.from.is_none_or(|from| moment.time() >= from)
            && wish.to.is_none_or(|to| moment.time() < to)
    };
    let times = wish.times.iter().all(|time| named.iter().any(|moment| moment.time() == *time));
    let holds = !named.is_empty() && named.iter().all(suits) && times;
    (!holds).then(|| moments(&named))
}

fn against_snapshot(check: &Check, after: &Snapshot) -> Option<String> {
    let open = || listed(after.tasks.iter().map(|task| format!("{}: {}", task.kind.as_str(), task.details)));
    match check {
        Check::Booked(wish) => against_booked(wish, &after.appointments),
        Check::Appointments(count) => {
            (after.appointments.len() != *count).then(|| standing(&after.appointments))
        }
        Check::Name(name) => {
            let known = after.name.as_deref().unwrap_or_default();
            (known != name).then(|| format!("{known:?}"))
        }
        Check::Told(None) => {
            (after.owner == Owner::Agents && after.tasks.is_empty()).then(|| "nobody was told".to_owned())
        }
        Check::Told(Some(kind)) => (!after.tasks.iter().any(|task| task.kind == *kind)).then(open),
        Check::NotTold(kinds) => after.tasks.iter().any(|task| kinds.contains(&task.kind)).then(open),
        Check::TaskHas(wishes) => {
            let details: Vec<String> = after.tasks.iter().map(|task| task.details.to_lowercase()).collect();
            let there = |wish: &String| {
                wish.split('|').any(|word| details.iter().any(|one| one.contains(&word.to_lowercase())))
            };
            (!wishes.iter().all(there)).then(open)
        }
        Check::Owner(wish) => {
            let owner = if after.owner == Owner::Agents { OwnerWish::Agents } else { OwnerWish::Human };
            (owner != *wish).then(|| format!("{:?}", after.owner).to_lowercase())
        }
        Check::Lead(wish) => (after.lead != Some(*wish)).then(|| after.lead.map_or("none", lead).to_owned()),
        Check::OptedOut(wish) => (after.opted_out != *wish).then(|| after.opted_out.to_string()),
        _ => None,
    }
}

const fn lead(status: LeadStatus) -> &'static str {
    match status {
        LeadStatus::Cold => "COLD",
        LeadStatus::Warm => "WARM",
        LeadStatus::Hot => "HOT",
    }
}

fn against_booked(wish: &BookedWish, appointments: &[Standing]) -> Option<String> {
    let holds = match appointments {
        [only] => {
            wish.car.as_ref().is_none_or(|car| only.car.as_ref() == Some(car))
                && wish.start.as_ref().is_none_or(|start| start.has(&only.start))
                && wish.name.as_ref().is_none_or(|name| only.name.as_ref() == Some(name))
        }
        _ => false,
    };
    (!holds).then(|| standing(appointments))
}

fn standing(appointments: &[Standing]) -> String {
    listed(appointments.iter().map(ToString::to_string))
}

fn moments(moments: &[DateTime]) -> String {
    listed(moments.iter().map(|moment| moment.strftime("%Y-%m-%dT%H:%M").to_string()))
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

impl Played {
    /// Whether a step's reply was sent before in this conversation.
    pub fn repeats(&self, step: &Step) -> bool {
        let Some(reply) = &step.reply else { return false };
        let before = self.steps.iter().take_while(|other| other.messages != step.messages);
        before.filter_map(|other| other.reply.as_ref()).any(|other| other.trim() == reply.trim())
    }

    /// The name or wish of a booking, where the end expects one: whether the appointment is right in it.
    pub(super) fn end_is(&self, holds: impl Fn(&Snapshot) -> bool) -> bool {
        self.steps.last().is_some_and(|last| holds(&last.after))
    }
}

/// What the end of a conversation expects to be booked.
pub(super) fn end_booking(dialogue: &Dialogue) -> impl Iterator<Item = &BookedWish> {
    at_end(dialogue).filter_map(|check| match check {
        Check::Booked(wish) => Some(wish),
        _ => None,
    })
}

/// What the end of a conversation expects.
pub(super) fn at_end(dialogue: &Dialogue) -> impl Iterator<Item = &Check> {
    let ends = dialogue.expect.iter().filter(|predicate| predicate.at == At::End);
    ends.flat_map(|predicate| predicate.checks.iter().map(|named| &named.check))
}

/// Whether exactly one appointment stands, with this car and start.
pub(super) fn is_booked(wish: &BookedWish, after: &Snapshot) -> bool {
    against_booked(&BookedWish { name: None, ..wish.clone() }, &after.appointments).is_none()
}

#[cfg(test)]
mod tests;
