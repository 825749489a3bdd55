//! A dealer's desk: conversations played through whole turns, with a calendar and a CRM that are always there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use assistant::Knowledge;
use assistant::backend::Backend;
use assistant::command::Reading;
use assistant::crm::CrmUpdate;
use assistant::ports::{Agenda, Booking, Crm, FreeSlot, Hold, LeadScore, LeadStatus, PortError};
use assistant::state::State;
use assistant::turn::{Contact, Message, Outcome, Owner, Scene, TurnInput, run};
use jiff::{Timestamp, ToSpan, Zoned};

/// Wednesday morning.
pub fn now() -> Zoned {
    "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap()
}

/// One message.
pub fn message(text: &str) -> Message {
    Message::new("m1", text, now().timestamp())
}

/// Reads one message with this state.
pub async fn read(backend: &impl Backend, state: &State, text: &str) -> Reading {
    let (messages, knowledge, now) = ([message(text)], Knowledge::builtin(), now());
    backend.read(&Scene { messages: &messages, state, knowledge: &knowledge, now: &now }).await
}

/// Plays one turn; the state goes on.
pub async fn turn(backend: &impl Backend, state: &mut State, text: &str) -> Outcome {
    static TURNS: AtomicU32 = AtomicU32::new(0);
    let input = TurnInput {
        turn_id: format!("t{}", TURNS.fetch_add(1, Ordering::SeqCst)),
        messages: vec![message(text)],
        state: state.clone(),
        knowledge: Arc::new(Knowledge::builtin()),
        now: now(),
        contact: Contact::default(),
        owner: Owner::Agents,
        opted_out: false,
        degraded: false,
    };
    let outcome = run(input, backend, &Calendar, &Leads).await.unwrap();
    *state = outcome.state.clone();
    outcome
}

/// A calendar in which every whole hour from nine to five is free, an hour ahead.
struct Calendar;

impl Agenda for Calendar {
    async fn free_slots(&self, from: Timestamp, to: Timestamp) -> Result<Vec<FreeSlot>, PortError> {
        let zone = now().time_zone().clone();
        let mut at = from.to_zoned(zone).round(jiff::Unit::Hour).unwrap();
        let mut slots = Vec::new();
        while at.timestamp() < to {
            let open = (9..17).contains(&at.hour())
                && at.hour() != 12
                && at.weekday() != jiff::civil::Weekday::Sunday;
            if open && at.timestamp() >= from.max((&now() + 1.hour()).timestamp()) {
                slots.push(FreeSlot { start: at.timestamp(), end: (&at + 1.hour()).timestamp() });
            }
            at = &at + 1.hour();
        }
        Ok(slots)
    }

    async fn hold(&self, booking: &Booking) -> Result<Hold, PortError> {
        Ok(Hold::Held { appointment_id: booking.idempotency_key.clone() })
    }
}

struct Leads;

impl Crm for Leads {
    async fn record(&self, _update: &CrmUpdate) -> Result<LeadScore, PortError> {
        Ok(LeadScore { score: 10, status: LeadStatus::Cold })
    }
}
