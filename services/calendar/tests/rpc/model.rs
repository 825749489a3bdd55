//! The calendar against a model of it: random calls in sequence, every answer and every offer compared.

use std::time::Duration;

use model::{Clock as _, Timestamp};
use proto::calendar::v1::{Appointment, AppointmentStatus, BookAppointmentRequest};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tonic::{Code, Status};

use crate::support::{HOLD, World, at, booking, on_both_engines};

/// Four slots of one Saturday, with the labels they are offered under.
const SLOTS: [(&str, &str); 4] = [
    ("2026-03-14T08:00:00Z", "zaterdag 14 maart 09:00"),
    ("2026-03-14T09:00:00Z", "zaterdag 14 maart 10:00"),
    ("2026-03-14T10:00:00Z", "zaterdag 14 maart 11:00"),
    ("2026-03-14T12:00:00Z", "zaterdag 14 maart 13:00"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    HeldUntil(Timestamp),
    Confirmed,
    Rescheduled,
    Cancelled,
}

#[derive(Clone, Debug)]
struct Row {
    key: u32,
    id: String,
    slot: usize,
    state: State,
}

impl Row {
    fn lives(&self, now: Timestamp) -> bool {
        match self.state {
            State::HeldUntil(end) => now < end,
            State::Confirmed | State::Rescheduled => true,
            State::Cancelled => false,
        }
    }

    fn status(&self, now: Timestamp) -> AppointmentStatus {
        match self.state {
            State::HeldUntil(_) if self.lives(now) => AppointmentStatus::Held,
            State::Confirmed => AppointmentStatus::Confirmed,
            State::Rescheduled => AppointmentStatus::Rescheduled,
            State::HeldUntil(_) | State::Cancelled => AppointmentStatus::Cancelled,
        }
    }
}

#[derive(Default)]
struct Model(Vec<Row>);

impl Model {
    fn free(&self, slot: usize, now: Timestamp) -> bool {
        !self.0.iter().any(|row| row.slot == slot && row.lives(now))
    }

    /// The code a booking is answered with.
    fn book(&mut self, key: u32, slot: usize, hold: bool, now: Timestamp) -> Code {
        let state = if hold { State::HeldUntil(now + HOLD) } else { State::Confirmed };
        let Some(earlier) = self.0.iter().position(|row| row.key == key) else {
            if !self.free(slot, now) {
                return Code::AlreadyExists;
            }
            self.0.push(Row { key, id: String::new(), slot, state });
            return Code::Ok;
        };
        let lapsed = matches!(self.0[earlier].state, State::HeldUntil(end) if end <= now);
        if hold && lapsed {
            if !self.free(self.0[earlier].slot, now) {
                return Code::AlreadyExists;
            }
            self.0[earlier].state = state;
        }
        Code::Ok
    }

    fn confirm(&mut self, row: usize, now: Timestamp) -> Code {
        let free = self.free(self.0[row].slot, now);
        let row = &mut self.0[row];
        match row.state {
            State::Confirmed | State::Rescheduled => Code::Ok,
            State::HeldUntil(end) if now < end || free => {
                row.state = State::Confirmed;
                Code::Ok
            }
            State::HeldUntil(_) | State::Cancelled => Code::FailedPrecondition,
        }
    }

    fn reschedule(&mut self, row: usize, slot: usize, now: Timestamp) -> Code {
        let free = self.free(slot, now);
        let row = &mut self.0[row];
        if !row.lives(now) {
            return Code::FailedPrecondition;
        }
        if row.slot == slot {
            return Code::Ok;
        }
        if !free {
            return Code::AlreadyExists;
        }
        row.slot = slot;
        if row.state == State::Confirmed {
            row.state = State::Rescheduled;
        }
        Code::Ok
    }
}

fn code(outcome: &Result<Appointment, Status>) -> Code {
    outcome.as_ref().map_or_else(Status::code, |_| Code::Ok)
}

#[tokio::test]
async fn random_calls_are_answered_as_the_model_answers_them() {
    for seed in 0..4 {
        println!("seed {seed}");
        on_both_engines(async |world| one_sequence(world, seed).await).await;
    }
}

async fn one_sequence(world: &World, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut model = Model::default();
    for step in 0..80 {
        let now = world.clock.now();
        let slot = random.random_range(0..SLOTS.len());
        let row = (!model.0.is_empty()).then(|| random.random_range(0..model.0.len()));
        let what = random.random_range(0..10);
        let (expected, outcome) = match (what, row) {
            (0..4, _) | (_, None) => {
                let (key, hold) = (random.random_range(0..12_u32), random.random_bool(0.7));
                let wish = BookAppointmentRequest {
                    hold,
                    start: Some(at(SLOTS[slot].0)),
                    ..booking(&format!("key-{key}"))
                };
                let outcome = world.book(wish).await;
                let expected = model.book(key, slot, hold, now);
                if let (Ok(appointment), Some(row)) =
                    (&outcome, model.0.iter_mut().find(|row| row.key == key))
                {
                    if row.id.is_empty() {
                        row.id.clone_from(&appointment.appointment_id);
                    }
                    assert_eq!(row.id, appointment.appointment_id, "seed {seed} step {step}");
                }
                (expected, outcome)
            }
            (4..6, Some(row)) => (model.confirm(row, now), world.confirm(&model.0[row].id).await),
            (6..8, Some(row)) => {
                let outcome = world.reschedule(&model.0[row].id, SLOTS[slot].0).await;
                (model.reschedule(row, slot, now), outcome)
            }
            (8, Some(row)) => {
                model.0[row].state = State::Cancelled;
                (Code::Ok, world.cancel(&model.0[row].id).await)
            }
            (_, Some(row)) => {
                world.clock.advance(Duration::from_secs(random.random_range(1..100)));
                (Code::Ok, world.get(&model.0[row].id).await)
            }
        };
        assert_eq!(code(&outcome), expected, "seed {seed} step {step}: {:?}", model.0);

        let now = world.clock.now();
        if let Ok(appointment) = outcome {
            let row = model.0.iter().find(|row| row.id == appointment.appointment_id).unwrap();
            assert_eq!(appointment.status(), row.status(now), "seed {seed} step {step}: {:?}", model.0);
            assert_eq!(appointment.start, Some(at(SLOTS[row.slot].0)), "seed {seed} step {step}");
        }
        let offered = world.free_on_saturday().await;
        for (slot, (_, label)) in SLOTS.iter().enumerate() {
            let free = offered.iter().any(|offer| offer == label);
            assert_eq!(free, model.free(slot, now), "seed {seed} step {step}: {label}, {:?}", model.0);
        }
    }
}
