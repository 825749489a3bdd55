//! Plays a conversation: message by message, as the services would, with everything kept in memory.

use std::future::Future;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, Zoned};

use dealer::Language;

use super::format::{Author, Dialogue, Said};
pub use super::steps::{Act, ActKind, Played, Snapshot, Standing, Step};
use super::world::{Calendar, Confirmed, Desk, Entry, Leads};
use crate::Knowledge;
use crate::backend::Backend;
use crate::ports::{LeadStatus, PortError};
use crate::state::State;
use crate::turn::{self, Contact, Effect, Message, Outcome, Owner, TurnInput};

/// Between two messages, unless the file says otherwise.
const PAUSE: SignedDuration = SignedDuration::from_secs(40);

/// Between the messages of a burst.
const BURST_PAUSE: SignedDuration = SignedDuration::from_millis(300);

/// A human who is silent for so long gives the conversation back.
const HANDOFF_LASTS: SignedDuration = SignedDuration::from_hours(12);

/// Who answers a turn: [`turn::run`], or a test's script.
pub(super) trait Answers {
    /// Answers one turn.
    fn answer(
        &self,
        input: TurnInput,
        calendar: &Calendar,
        leads: &Leads,
    ) -> impl Future<Output = Result<Outcome, PortError>>;
}

struct Assistant<'a, B>(&'a B);

impl<B: Backend> Answers for Assistant<'_, B> {
    async fn answer(
        &self,
        input: TurnInput,
        calendar: &Calendar,
        leads: &Leads,
    ) -> Result<Outcome, PortError> {
        Box::pin(turn::run(input, self.0, calendar, leads)).await
    }
}

/// Plays a conversation with the assistant.
pub async fn play(dialogue: &Dialogue, backend: &impl Backend, knowledge: &Arc<Knowledge>) -> Played {
    play_with(dialogue, &Assistant(backend), knowledge).await
}

/// Plays a conversation with whoever answers.
pub(super) async fn play_with(
    dialogue: &Dialogue,
    answers: &impl Answers,
    knowledge: &Arc<Knowledge>,
) -> Played {
    let mut stage = Stage::new(dialogue, knowledge);
    for (index, said) in dialogue.messages.iter().enumerate() {
        if !stage.is_due(said) {
            // The rest of a burst that was begun is not coming.
            stage.turn(answers).await;
            continue;
        }
        stage.send(index + 1, said);
        if said.by == Author::Colleague {
            stage.turn(answers).await;
            stage.colleague(index + 1);
        } else {
            stage.pending.push((index + 1, message(dialogue, index, said, stage.now)));
            if !said.burst {
                stage.turn(answers).await;
            }
        }
    }
    stage.turn(answers).await;
    Played { steps: stage.steps }
}

fn message(dialogue: &Dialogue, index: usize, said: &Said, at: Timestamp) -> Message {
    Message {
        id: format!("{}-m{}", dialogue.id, index + 1),
        text: said.body.clone(),
        media: said.media.iter().map(super::format::Attached::medium).collect(),
        advert: said.referral.clone(),
        at,
    }
}

/// The conversation while it is played.
struct Stage<'a> {
    dialogue: &'a Dialogue,
    knowledge: &'a Arc<Knowledge>,
    calendar: Calendar,
    leads: Leads,
    desk: Desk,
    now: Timestamp,
    in_burst: bool,
    /// Sent, and not yet answered.
    pending: Vec<(usize, Message)>,
    /// As it is kept between turns.
    state: String,
    owner: Owner,
    /// Since when a human owns, or last spoke.
    human_since: Timestamp,
    lead: Option<LeadStatus>,
    opted_out: bool,
    steps: Vec<Step>,
}

impl<'a> Stage<'a> {
    fn new(dialogue: &'a Dialogue, knowledge: &'a Arc<Knowledge>) -> Self {
        Self {
            dialogue,
            knowledge,
            calendar: Calendar::new(Arc::clone(knowledge), dialogue.at),
            leads: Leads::new(Arc::clone(knowledge)),
            desk: Desk::default(),
            now: dialogue.at,
            in_burst: false,
            pending: Vec::new(),
            state: String::new(),
            owner: Owner::Agents,
            human_since: dialogue.at,
            lead: None,
            opted_out: false,
            steps: Vec::new(),
        }
    }

    fn is_due(&self, said: &Said) -> bool {
        said.only_if.is_none_or(|wish| self.steps.last().is_some_and(|step| step.did(wish)))
    }

    /// Moves the clock to when a message is sent, and lets happen what happens before it.
    fn send(&mut self, number: usize, said: &Said) {
        let pause = match said.after {
            Some(pause) => pause.0,
            None if self.in_burst => BURST_PAUSE,
            None if number == 1 => SignedDuration::ZERO,
            None => PAUSE,
        };
        self.now = self.now.saturating_add(pause).unwrap_or(self.now);
        self.in_burst = said.burst;
        self.calendar.set_now(self.now);
        for start in &said.taken {
            if let Ok(start) = start.to_zoned(self.knowledge.dealer.timezone.clone()) {
                self.calendar.take(start.timestamp());
            }
        }
        if self.owner != Owner::Agents && self.now.duration_since(self.human_since) >= HANDOFF_LASTS {
            self.owner = Owner::Agents;
        }
    }

    fn local(&self) -> Zoned {
        self.now.to_zoned(self.knowledge.dealer.timezone.clone())
    }

    /// A human of the dealer writes: the conversation is theirs, and what was promised is kept.
    fn colleague(&mut self, number: usize) {
        self.owner = Owner::Human;
        self.human_since = self.now;
        self.desk.close();
        let name = State::from_json(&self.state).ok().and_then(|state| state.name);
        let step = Step { by: Author::Colleague, after: self.snapshot(name), ..self.step(vec![number]) };
        self.steps.push(step);
    }

    fn step(&self, messages: Vec<usize>) -> Step {
        Step {
            messages,
            by: Author::Customer,
            at: self.local(),
            reply: None,
            pieces: Vec::new(),
            language: Language::default(),
            acts: Vec::new(),
            tasks: Vec::new(),
            handed_over: false,
            decisions: Vec::new(),
            faults: Vec::new(),
            after: Snapshot::default(),
        }
    }

    /// Answers what was sent and has no answer yet.
    async fn turn(&mut self, answers: &impl Answers) {
        if self.pending.is_empty() {
            return;
        }
        let (numbers, messages): (Vec<usize>, Vec<Message>) =
            std::mem::take(&mut self.pending).into_iter().unzip();
        let mut step = self.step(numbers);
        let state = match State::from_json(&self.state) {
            Ok(state) => state,
            Err(error) => {
                step.faults.push(format!("the state of the turn before cannot be read: {error}"));
                State::default()
            }
        };
        let mut name = state.name.clone();
        let profile = self.dialogue.profile_name.trim();
        let input = TurnInput {
            turn_id: format!("{}-t{}", self.dialogue.id, self.steps.len() + 1),
            messages,
            state,
            knowledge: Arc::clone(self.knowledge),
            now: self.local(),
            contact: Contact {
                profile_name: Some(profile.to_owned()).filter(|name| !name.is_empty()),
                has_phone: true,
            },
            owner: self.owner,
            opted_out: self.opted_out,
            degraded: false,
        };
        match answers.answer(input, &self.calendar, &self.leads).await {
            Ok(outcome) => {
                name.clone_from(&outcome.state.name);
                self.commit(outcome, &mut step);
            }
            Err(error) => step.faults.push(error.to_string()),
        }
        step.after = self.snapshot(name);
        self.steps.push(step);
    }

    /// What the services do with the commit of a turn.
    fn commit(&mut self, outcome: Outcome, step: &mut Step) {
        let Outcome { reply, pieces, language, state, effects, hand_over, lead, decisions, .. } = outcome;
        let replaced = self.replaced_by(&effects);
        for effect in &effects {
            match self.apply(effect, &state, step) {
                Ok(Some(Act::Cancel(_))) if is_about(effect, &replaced) => {}
                Ok(act) => step.acts.extend(act),
                Err(fault) => step.faults.push(fault),
            }
        }
        if hand_over.is_some() {
            if self.owner == Owner::Agents {
                self.owner = Owner::Waiting;
                self.human_since = self.now;
            }
            step.handed_over = true;
        }
        if let Some(lead) = lead {
            self.lead = Some(lead.status);
        }
        self.state = state.to_json();
        step.reply = reply.filter(|reply| !reply.trim().is_empty());
        step.pieces = pieces;
        step.language = language;
        step.decisions = decisions;
    }

    /// The appointments that the holds confirmed here take the place of: calling them off as well is no other act.
    fn replaced_by(&self, effects: &[Effect]) -> Vec<String> {
        let confirmed = effects.iter().filter_map(|effect| match effect {
            Effect::Confirm { appointment_id } => self.calendar.replaced_by(appointment_id),
            _ => None,
        });
        confirmed.collect()
    }

    fn apply(&mut self, effect: &Effect, state: &State, step: &mut Step) -> Result<Option<Act>, String> {
        match effect {
            Effect::Confirm { appointment_id } => Ok(match self.calendar.confirm(appointment_id)? {
                Confirmed::Already => None,
                Confirmed::New(entry) => Some(Act::Book(self.standing(&entry))),
                Confirmed::InsteadOf { new, old } => {
                    Some(Act::Move { from: self.standing(&old).start, to: self.standing(&new) })
                }
            }),
            Effect::Cancel { appointment_id } => {
                let stood = self.calendar.cancel(appointment_id)?;
                Ok(stood.map(|entry| Act::Cancel(self.standing(&entry))))
            }
            Effect::Amend { appointment_id, name, subject } => {
                let subject =
                    subject.as_deref().map(|subject| (subject, self.car_in(subject, appointment_id, state)));
                let subject = subject.as_ref().map(|(subject, car)| (*subject, car.as_deref()));
                self.calendar.amend(appointment_id, name.as_deref(), subject).map(|()| None)
            }
            Effect::OpenTask(task) => {
                self.desk.tell(task);
                step.tasks.push(task.clone());
                Ok(None)
            }
            Effect::OptOut => {
                let before = std::mem::replace(&mut self.opted_out, true);
                Ok((!before).then_some(Act::OptOut))
            }
            Effect::OptIn => {
                self.opted_out = false;
                Ok(None)
            }
        }
    }

    /// The car an appointment is now about: the one the dialogue knows, if the words that people read name it too.
    fn car_in(&self, subject: &str, id: &str, state: &State) -> Option<String> {
        let appointment = state.appointments.iter().find(|appointment| appointment.id == id)?;
        let car = self.knowledge.dealer.inventory.get(appointment.car_id.as_deref()?)?;
        subject.contains(&car.title()).then(|| car.id.clone())
    }

    fn standing(&self, entry: &Entry) -> Standing {
        Standing {
            start: self.knowledge.dealer.timezone.to_datetime(entry.slot.start),
            car: entry.car_id.clone(),
            name: entry.name.clone(),
        }
    }

    fn snapshot(&self, name: Option<String>) -> Snapshot {
        Snapshot {
            appointments: self.calendar.standing().iter().map(|entry| self.standing(entry)).collect(),
            name: name.filter(|name| !name.is_empty()),
            tasks: self.desk.open.clone(),
            owner: self.owner,
            lead: self.lead,
            opted_out: self.opted_out,
        }
    }
}

fn is_about(effect: &Effect, appointments: &[String]) -> bool {
    matches!(effect, Effect::Cancel { appointment_id } if appointments.contains(appointment_id))
}

#[cfg(test)]
mod tests;
