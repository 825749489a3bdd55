//! Acting: reads the calendar and holds slots; nothing that stands is changed before the turn's commit.
//!
//! What is free decides what is said: an exact free hour is held at once, whether or not it stood in an offer; a wish that
//! cannot be met gets its true reason and the nearest real choice.

mod choose;
mod why;

use dealer::{Car, Language};
use jiff::{ToSpan, Zoned};

use crate::command::Reason;
use crate::decide::{Decision, Plan, Seek, Step, subject};
use crate::names;
use crate::piece::{Ask, NameLine, Piece, Quoted, Why, local};
use crate::ports::{Agenda, Booking, FreeSlot, Hold, PortError};
use crate::state::{Appointment, Asked, OpenPromise, State, Waiting};
use crate::task::{self, Task, TaskKind};
use crate::turn::{Effect, FollowUp, TurnInput};
use crate::when::{Hours, When};

/// What a plan came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What is said, in order.
    pub pieces: Vec<Piece>,
    /// What happens with the commit, in this order.
    pub effects: Vec<Effect>,
    /// The state after the turn.
    pub state: State,
    /// A person should take over.
    pub hand_over: Option<Reason>,
    /// What was made of each command.
    pub decisions: Vec<Decision>,
    /// The language of the reply.
    pub language: Language,
    /// Whether a model may word the reply in its own way.
    pub may_be_reworded: bool,
    /// Work left undone.
    pub follow_ups: Vec<FollowUp>,
}

impl Done {
    /// Takes everything back that the reply would have promised, for the guard refused it: held slots run out, nothing is
    /// moved or called off, and a person answers instead. What the customer said of himself stays known.
    pub(crate) fn refuse(&mut self, input: &TurnInput) {
        let now = &input.now;
        let mut state = input.state.clone().at(now.timestamp());
        state.introduced |= self.state.introduced;
        state.language = self.state.language;
        state.formal = self.state.formal;
        state.forget_offer();
        state.asked = None;
        state.waiting = Some(Waiting { since: now.timestamp(), told_at: None });
        let (_, task) = task::promise(TaskKind::HandOver, texts(input), now, &input.knowledge.dealer.hours);
        self.state = state;
        self.effects.retain(|effect| matches!(effect, Effect::OpenTask(_) | Effect::OptOut | Effect::OptIn));
        self.effects.push(Effect::OpenTask(task));
        self.hand_over = Some(Reason::Failure);
        self.pieces = vec![Piece::Fallback];
    }
}

fn texts(input: &TurnInput) -> String {
    input.messages.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join(" / ")
}

/// Carries a plan out as far as a turn may.
pub async fn act(plan: Plan, input: &TurnInput, agenda: &impl Agenda) -> Result<Done, PortError> {
    let Plan { steps, state, effects, hand_over, decisions, language, may_be_reworded } = plan;
    let done = Done {
        pieces: Vec::new(),
        effects,
        state,
        hand_over,
        decisions,
        language,
        may_be_reworded,
        follow_ups: Vec::new(),
    };
    let mut actor = Actor { input, agenda, done, free: None, holds: 0 };
    for step in steps {
        match step {
            Step::Say(piece) => actor.done.pieces.push(piece),
            Step::Promise { kind, details } => actor.promise(kind, details),
            Step::Reach { by, at, details } => {
                let hours = &input.knowledge.dealer.hours;
                let made = task::reach(by, details.clone(), at.as_ref(), &input.now, hours);
                actor.promised(made, TaskKind::CallBack, details);
            }
            Step::Seek(seek) => {
                let result = actor.seek(seek.clone()).await;
                actor.or_without_calendar(result)?;
            }
            Step::Take { car, slot, moving } => {
                let result = actor.take(car, slot, moving).await;
                actor.or_without_calendar(result)?;
            }
        }
    }
    Ok(actor.done)
}

struct Actor<'a, A> {
    input: &'a TurnInput,
    agenda: &'a A,
    done: Done,
    /// The free slots within the horizon, once they were asked for.
    free: Option<Vec<FreeSlot>>,
    holds: usize,
}

impl<'a, A: Agenda> Actor<'a, A> {
    fn promise(&mut self, kind: TaskKind, details: String) {
        let now = &self.input.now;
        let made = task::promise(kind, details.clone(), now, &self.input.knowledge.dealer.hours);
        self.promised(made, kind, details);
    }

    fn promised(&mut self, (piece, task): (Piece, Task), kind: TaskKind, details: String) {
        let now = &self.input.now;
        self.done.pieces.push(piece);
        self.done.effects.push(Effect::OpenTask(task));
        let promises = &mut self.done.state.promises;
        match promises.iter_mut().find(|promise| promise.kind == kind) {
            Some(open) if open.details.contains(&details) => {}
            Some(open) => {
                open.details.push_str("; ");
                open.details.push_str(&details);
            }
            None => promises.push(OpenPromise { kind, details, at: now.timestamp() }),
        }
    }

    /// With a calendar that failed its try, a colleague finds the moment.
    fn or_without_calendar(&mut self, result: Result<(), PortError>) -> Result<(), PortError> {
        match result {
            Err(PortError::Stale { port }) => Err(PortError::Stale { port }),
            Err(_) if self.input.degraded => {
                self.done.state.forget_offer();
                let details = texts(self.input);
                self.promise(TaskKind::Appointment, details);
                Ok(())
            }
            other => other,
        }
    }

    async fn free(&mut self) -> Result<Vec<FreeSlot>, PortError> {
        if self.free.is_none() {
            let now = &self.input.now;
            let days = i64::from(self.input.knowledge.dealer.booking.horizon_days) + 1;
            let to = now.saturating_add(days.days()).timestamp();
            self.free = Some(self.agenda.free_slots(now.timestamp(), to).await?);
        }
        Ok(self.free.clone().unwrap_or_default())
    }

    fn local(&self, slot: FreeSlot) -> Zoned {
        local(slot, &self.input.knowledge.dealer.timezone)
    }

    fn car(&self, id: Option<&str>) -> Option<&'a Car> {
        id.and_then(|id| self.input.knowledge.dealer.inventory.get(id))
    }

    fn appointment(&self, id: Option<&str>) -> Option<Appointment> {
        id.and_then(|id| self.done.state.appointments.iter().find(|one| one.id == id)).cloned()
    }

    async fn seek(&mut self, seek: Seek) -> Result<(), PortError> {
        let free = self.free().await?;
        let moments: Vec<(FreeSlot, Zoned)> = free
            .into_iter()
            .filter(|slot| !seek.refused.contains(slot))
            .map(|slot| (slot, self.local(slot)))
            .collect();
        if let (Some(day), Some(time)) = (seek.when.day(), seek.when.time()) {
            let wished = moments.iter().find(|(_, at)| at.date() == day && at.time() == time);
            return match wished {
                Some((slot, _)) if seek.plainly => self.take(seek.car, *slot, seek.moving).await,
                Some((slot, at)) => {
                    self.ask_first(&seek, *slot, at.clone());
                    Ok(())
                }
                None => {
                    let why = why::of_moment(day, time, &self.input.now, &self.input.knowledge.dealer);
                    self.offer(&seek, &choose::nearest(&moments, &seek.when), Some(why));
                    Ok(())
                }
            };
        }
        if let Some((slot, at)) = choose::at_the_hour(&moments, &seek.when) {
            self.ask_first(&seek, slot, at);
            return Ok(());
        }
        let suits = choose::suiting(&moments, &seek.when);
        if let (Some(day), Some(time)) = (seek.when.day(), choose::far_from_all(&moments, &seek.when)) {
            let some_left = moments.iter().any(|(_, at)| at.date() == day);
            let why = why::of_about(day, time, some_left, &self.input.now, &self.input.knowledge.dealer);
            let nearest = match why {
                // Nothing is left of the day, and its hour says nothing of another.
                Why::Full(_) => choose::nearest(&moments, &met_by(&seek.when)),
                _ => choose::nearest(&moments, &seek.when),
            };
            self.offer(&seek, &nearest, Some(why));
        } else if suits.is_empty() {
            let why = why::of_wish(&seek.when, &self.input.now, &self.input.knowledge.dealer);
            self.offer(&seek, &choose::nearest(&moments, &seek.when), why);
        } else {
            self.offer(&seek, &suits, None);
        }
        Ok(())
    }

    /// The moment is free, but the words were not plain: one question.
    fn ask_first(&mut self, seek: &Seek, slot: FreeSlot, at: Zoned) {
        let moving = self.appointment(seek.moving.as_deref());
        let state = &mut self.done.state;
        state.offered = vec![slot];
        state.offered_car.clone_from(&seek.car);
        state.offered_for = seek.when.clone();
        state.moving = moving.as_ref().map(|moving| moving.id.clone());
        let ask = if let Some(moving) = moving {
            state.asked = Some(Asked::Move { appointment_id: moving.id.clone(), slot });
            Ask::Move { from: self.local(moving.slot), to: at }
        } else {
            state.asked = Some(Asked::Book { slot });
            Ask::Book { car: self.car(seek.car.as_deref()).cloned(), at }
        };
        self.done.pieces.push(Piece::Ask(ask));
    }

    /// Moments on offer; none at all is a colleague's to solve.
    fn offer(&mut self, seek: &Seek, slots: &[FreeSlot], why: Option<Why>) {
        if slots.is_empty() {
            self.done.state.forget_offer();
            self.done.pieces.push(Piece::NoSlots { why });
            let details = texts(self.input);
            self.promise(TaskKind::Appointment, details);
            return;
        }
        let moving = self.appointment(seek.moving.as_deref());
        // The hour of the appointment itself is not taken by another.
        let own = moving.as_ref().map(|moving| self.local(moving.slot));
        let is_own = |why: &Why| {
            matches!((why, &own), (Why::Taken(time), Some(own))
                if own.time() == *time && seek.when.suits_day(own.date()))
        };
        let why = why.filter(|why| !is_own(why));
        let piece = Piece::Slots {
            car: self.car(seek.car.as_deref()).cloned(),
            slots: slots.iter().map(|slot| self.local(*slot)).collect(),
            why,
            moving: moving.as_ref().map(|moving| self.local(moving.slot)),
        };
        let state = &mut self.done.state;
        state.listed = slots.len() > 1;
        state.offered = slots.to_vec();
        state.offered_car.clone_from(&seek.car);
        state.offered_for = if why.is_some() { met_by(&seek.when) } else { seek.when.clone() };
        state.moving = moving.as_ref().map(|moving| moving.id.clone());
        state.asked = match (slots, moving) {
            ([only], Some(moving)) => Some(Asked::Move { appointment_id: moving.id, slot: *only }),
            ([only], None) => Some(Asked::Book { slot: *only }),
            _ => state.asked.take(),
        };
        self.done.pieces.push(piece);
    }

    /// Holds a slot; it stands with the turn's commit.
    async fn take(
        &mut self,
        car: Option<String>,
        slot: FreeSlot,
        moving: Option<String>,
    ) -> Result<(), PortError> {
        let moved = self.appointment(moving.as_deref());
        let car_id = car.or_else(|| moved.as_ref().and_then(|moved| moved.car_id.clone()));
        let record = self.car(car_id.as_deref());
        let name =
            moved.as_ref().and_then(|moved| moved.name.clone()).or_else(|| self.done.state.name.clone());
        let booking = Booking {
            idempotency_key: format!("{}:{}", self.input.turn_id, self.holds),
            slot,
            subject: subject(record),
            car_id: car_id.clone(),
            name: name.clone(),
            replaces: moved.as_ref().map(|moved| moved.id.clone()),
        };
        self.holds += 1;
        match self.agenda.hold(&booking).await? {
            Hold::Held { appointment_id } => {
                self.held(Appointment { id: appointment_id, slot, car_id, name }, moved);
                Ok(())
            }
            Hold::Taken => self.just_taken(car_id, slot, moved).await,
        }
    }

    fn held(&mut self, appointment: Appointment, moved: Option<Appointment>) {
        let at = self.local(appointment.slot);
        let car = self.car(appointment.car_id.as_deref()).cloned();
        if let Some(free) = &mut self.free {
            free.retain(|slot| *slot != appointment.slot);
        }
        self.done.effects.push(Effect::Confirm { appointment_id: appointment.id.clone() });
        let named = appointment.name.clone();
        let state = &mut self.done.state;
        state.forget_offer();
        if let Some(moved) = &moved {
            state.appointments.retain(|one| one.id != moved.id);
        }
        state.appointments.push(appointment);
        state.appointments.sort_by_key(|one| one.slot);
        let piece = match moved {
            Some(moved) => Piece::Moved { car, from: self.local(moved.slot), to: at },
            None => Piece::Booked { car, at, name: self.name_line(named) },
        };
        self.done.pieces.push(piece);
    }

    fn name_line(&mut self, given: Option<String>) -> NameLine {
        if let Some(name) = given {
            return NameLine::Given(Quoted(name));
        }
        let profile = self.input.contact.profile_name.as_deref();
        if let Some(name) = profile.and_then(|profile| names::proposed(profile, &self.input.knowledge)) {
            self.done.state.asked = Some(Asked::NameProposed { name: name.clone() });
            NameLine::Proposed(Quoted(name))
        } else {
            self.done.state.asked = Some(Asked::Name);
            NameLine::Asked
        }
    }

    /// Somebody else was first: the nearest moments, the same day before others.
    async fn just_taken(
        &mut self,
        car: Option<String>,
        slot: FreeSlot,
        moved: Option<Appointment>,
    ) -> Result<(), PortError> {
        let at = self.local(slot);
        let when = When { hours: Hours::Around(at.time()), ..When::on(at.date()) };
        self.free = None;
        let free = self.free().await?;
        let moments: Vec<(FreeSlot, Zoned)> =
            free.into_iter().filter(|one| *one != slot).map(|slot| (slot, self.local(slot))).collect();
        let seek = Seek { car, when: when.clone(), moving: moved.map(|moved| moved.id), ..Seek::default() };
        self.offer(&seek, &choose::nearest(&moments, &when), Some(Why::JustTaken(at.time())));
        Ok(())
    }
}

/// What is left of a wish that could not be met: its day, for an hour named next, and no hour.
fn met_by(when: &When) -> When {
    When { hours: Hours::Any, relative: None, ..when.clone() }
}
