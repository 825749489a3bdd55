//! Many callers at the same time: whatever the order was, what is left fits together.

use std::collections::BTreeMap;

use futures::future::join_all;
use proto::calendar::v1::AppointmentStatus::{Cancelled, Held};
use proto::calendar::v1::{Appointment, BookAppointmentRequest, ListAppointmentsRequest};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tonic::{Code, Status};

use crate::support::{World, at, booking, on_both_engines};

/// The eight slots of Saturday 14 March 2026.
const HOURS: [u32; 8] = [8, 9, 10, 12, 13, 14, 15, 16];

fn start(slot: usize) -> String {
    format!("2026-03-14T{:02}:00:00Z", HOURS[slot])
}

#[derive(Debug)]
enum Call {
    Book { key: u32, slot: usize, hold: bool },
    Confirm(String),
    Move { id: String, slot: usize },
    Cancel(String),
}

async fn make(world: &World, call: Call) -> Result<Appointment, Status> {
    match call {
        Call::Book { key, slot, hold } => {
            let key = format!("key-{key}");
            world.book(BookAppointmentRequest { hold, start: Some(at(&start(slot))), ..booking(&key) }).await
        }
        Call::Confirm(id) => world.confirm(&id).await,
        Call::Move { id, slot } => world.reschedule(&id, &start(slot)).await,
        Call::Cancel(id) => world.cancel(&id).await,
    }
}

async fn appointments(world: &World) -> Vec<Appointment> {
    let request = ListAppointmentsRequest { page_size: 200, ..Default::default() };
    world.client.clone().list_appointments(request).await.unwrap().into_inner().appointments
}

#[tokio::test]
async fn calls_at_the_same_time_never_leave_a_slot_with_two_owners_or_a_lost_one() {
    on_both_engines(async |world| {
        for seed in 0..6 {
            println!("seed {seed}");
            let mut random = StdRng::seed_from_u64(seed);
            let known = appointments(world).await;
            let calls: Vec<Call> = (0..40)
                .map(|nth| {
                    let slot = random.random_range(0..HOURS.len());
                    // Few appointments, so that the calls meet.
                    let id = (!known.is_empty())
                        .then(|| known[random.random_range(0..known.len().min(4))].appointment_id.clone());
                    match (random.random_range(0..5), id) {
                        (0, Some(id)) => Call::Confirm(id),
                        (1 | 2, Some(id)) => Call::Move { id, slot },
                        (3, Some(id)) => Call::Cancel(id),
                        _ => {
                            let key = u32::try_from(seed).unwrap() * 100 + nth % 30;
                            Call::Book { key, slot, hold: random.random_bool(0.5) }
                        }
                    }
                })
                .collect();
            for outcome in join_all(calls.into_iter().map(|call| make(world, call))).await {
                let code = outcome.as_ref().map_or_else(Status::code, |_| Code::Ok);
                let expected = [Code::Ok, Code::AlreadyExists, Code::FailedPrecondition, Code::Aborted];
                assert!(expected.contains(&code), "seed {seed}: {outcome:?}");
            }
            let mut owners: BTreeMap<String, u32> = BTreeMap::new();
            for appointment in appointments(world).await.iter().filter(|it| it.status() != Cancelled) {
                *owners.entry(appointment.label.clone()).or_default() += 1;
            }
            assert!(owners.values().all(|count| *count == 1), "seed {seed}: {owners:?}");
            let offered = world.free_on_saturday().await;
            assert!(offered.iter().all(|label| !owners.contains_key(label)), "seed {seed}: sold and offered");
            assert_eq!(offered.len() + owners.len(), HOURS.len(), "seed {seed}: neither sold nor offered");
        }
    })
    .await;
}

#[tokio::test]
async fn confirming_and_cancelling_at_the_same_time_agree_on_the_outcome() {
    on_both_engines(async |world| {
        for (key, slot) in (0..).zip(0..HOURS.len()) {
            let held = make(world, Call::Book { key, slot, hold: true }).await.unwrap();
            assert_eq!(held.status(), Held);
            let id = &held.appointment_id;
            let calls = (0..6).map(|nth| match nth % 3 {
                0 => Call::Confirm(id.clone()),
                1 => Call::Cancel(id.clone()),
                _ => Call::Move { id: id.clone(), slot: (slot + 1) % HOURS.len() },
            });
            join_all(calls.map(|call| make(world, call))).await;
            assert_eq!(world.get(id).await.unwrap().status(), Cancelled, "a cancel is always the last word");
            assert_eq!(world.free_on_saturday().await.len(), HOURS.len(), "slot {slot}");
        }
    })
    .await;
}
