//! A calendar and a CRM in memory, and a customer who writes to the graph.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};

use crate::Knowledge;
use crate::agents::{
    Agenda, Booking, ContactFacts, Crm, CrmUpdate, FreeSlot, Graph, Hold, LeadScore, LeadStatus, Media,
    Memory, PortError, TurnInput, TurnMessage, TurnOutcome,
};

/// What a fake has been told to do instead of working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Unreachable,
    Refused,
    Stale,
}

impl Fault {
    fn error(self, port: &'static str) -> PortError {
        match self {
            Self::Unreachable => PortError::Unreachable { port, reason: "fake".to_owned() },
            Self::Refused => PortError::Refused { port, reason: "fake".to_owned() },
            Self::Stale => PortError::Stale { port },
        }
    }
}

#[derive(Debug, Default)]
struct AgendaState {
    taken: HashMap<Timestamp, String>,
    by_key: HashMap<String, Booking>,
    fault: Option<Fault>,
}

/// Hourly slots inside the dealer's hours.
#[derive(Debug, Clone)]
pub struct FakeAgenda {
    dealer: Arc<Knowledge>,
    state: Arc<Mutex<AgendaState>>,
}

impl FakeAgenda {
    pub fn new(dealer: Arc<Knowledge>) -> Self {
        Self { dealer, state: Arc::default() }
    }

    pub fn fail(&self, fault: Option<Fault>) {
        self.state.lock().unwrap().fault = fault;
    }

    pub fn take(&self, slot: FreeSlot) {
        self.state.lock().unwrap().taken.insert(slot.start, "somebody else".to_owned());
    }

    pub fn bookings(&self) -> Vec<Booking> {
        self.state.lock().unwrap().by_key.values().cloned().collect()
    }

    pub fn taken(&self) -> usize {
        self.state.lock().unwrap().taken.len()
    }

    fn check(&self) -> Result<(), PortError> {
        self.state.lock().unwrap().fault.map_or(Ok(()), |fault| Err(fault.error("calendar")))
    }
}

impl Agenda for FakeAgenda {
    async fn free_slots(
        &self,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<FreeSlot>, PortError> {
        self.check()?;
        let state = self.state.lock().unwrap();
        let mut free = Vec::new();
        let mut day = from.to_zoned(self.dealer.timezone.clone()).date();
        let last = to.to_zoned(self.dealer.timezone.clone()).date();
        while day <= last && free.len() < limit as usize {
            for range in self.dealer.hours.on(day) {
                let midnight = day.to_zoned(self.dealer.timezone.clone()).unwrap().timestamp();
                let at = |minute: u16| midnight + SignedDuration::from_mins(i64::from(minute));
                let (mut start, close) = (at(range.from_minute()), at(range.to_minute()));
                while start + SignedDuration::from_hours(1) <= close {
                    let end = start + SignedDuration::from_hours(1);
                    if start >= from && start < to && !state.taken.contains_key(&start) {
                        free.push(FreeSlot { start, end });
                    }
                    start = end;
                }
            }
            day = day.checked_add(1.day()).unwrap();
        }
        free.truncate(limit as usize);
        Ok(free)
    }

    async fn hold(&self, booking: &Booking) -> Result<Hold, PortError> {
        self.check()?;
        let mut state = self.state.lock().unwrap();
        let appointment_id = format!("appointment of {}", booking.idempotency_key);
        match state.taken.get(&booking.slot.start) {
            Some(owner) if *owner != appointment_id => Ok(Hold::Taken),
            _ => {
                state.taken.insert(booking.slot.start, appointment_id.clone());
                state.by_key.insert(booking.idempotency_key.clone(), booking.clone());
                Ok(Hold::Held { appointment_id })
            }
        }
    }

    async fn reschedule(&self, appointment_id: &str, slot: FreeSlot) -> Result<Hold, PortError> {
        self.check()?;
        let mut state = self.state.lock().unwrap();
        if state.taken.get(&slot.start).is_some_and(|owner| owner != appointment_id) {
            return Ok(Hold::Taken);
        }
        state.taken.retain(|_, owner| owner != appointment_id);
        state.taken.insert(slot.start, appointment_id.to_owned());
        Ok(Hold::Held { appointment_id: appointment_id.to_owned() })
    }

    async fn cancel(&self, appointment_id: &str) -> Result<(), PortError> {
        self.check()?;
        self.state.lock().unwrap().taken.retain(|_, owner| owner != appointment_id);
        Ok(())
    }
}

/// Counts what was recorded.
#[derive(Debug, Clone, Default)]
pub struct FakeCrm {
    recorded: Arc<Mutex<HashMap<String, CrmUpdate>>>,
    fault: Arc<Mutex<Option<Fault>>>,
}

impl FakeCrm {
    pub fn fail(&self, fault: Option<Fault>) {
        *self.fault.lock().unwrap() = fault;
    }

    pub fn recorded(&self) -> usize {
        self.recorded.lock().unwrap().len()
    }
}

impl Crm for FakeCrm {
    async fn record(&self, update: &CrmUpdate) -> Result<LeadScore, PortError> {
        if let Some(fault) = *self.fault.lock().unwrap() {
            return Err(fault.error("crm"));
        }
        self.recorded.lock().unwrap().insert(update.idempotency_key.clone(), update.clone());
        Ok(LeadScore { score: 0, status: LeadStatus::Cold })
    }
}

/// A customer in conversation with the graph; the clock moves a minute a turn.
pub struct Customer {
    pub agenda: FakeAgenda,
    pub crm: FakeCrm,
    pub memory: Memory,
    pub now: Zoned,
    pub contact: ContactFacts,
    pub degraded: bool,
    pub dealer: Arc<Knowledge>,
    pub transcript: String,
    turn: usize,
}

impl Customer {
    /// It is Wednesday 11 March 2026, ten in the morning.
    pub fn new() -> Self {
        let dealer = Arc::new(Knowledge::builtin());
        Self {
            agenda: FakeAgenda::new(dealer.clone()),
            crm: FakeCrm::default(),
            memory: Memory::default(),
            now: "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap(),
            contact: ContactFacts { name: Some("Samira Bakker".to_owned()), has_phone: true },
            degraded: false,
            dealer,
            transcript: String::new(),
            turn: 0,
        }
    }

    pub async fn try_say(&mut self, messages: &[(&str, &[Media])]) -> Result<TurnOutcome, PortError> {
        let at = self.now.timestamp();
        let input = TurnInput {
            turn_id: format!("turn-{}", self.turn),
            messages: messages
                .iter()
                .enumerate()
                .map(|(number, (text, media))| TurnMessage {
                    id: format!("message-{}-{number}", self.turn),
                    text: (*text).to_owned(),
                    media: media.to_vec(),
                    at,
                })
                .collect(),
            memory: Memory::from_json(&self.memory.to_json()).unwrap(),
            dealer: self.dealer.clone(),
            now: self.now.clone(),
            contact: self.contact.clone(),
            degraded: self.degraded,
        };
        let outcome = Graph::new(self.agenda.clone(), self.crm.clone()).run(input).await?;
        self.turn += 1;
        self.now = self.now.checked_add(1.minute()).unwrap();
        self.memory = outcome.memory.clone();
        for (text, media) in messages {
            let seen = if text.is_empty() { format!("[{:?}]", media[0]) } else { (*text).to_owned() };
            self.transcript += "customer: ";
            self.transcript += &seen;
            self.transcript += "\n";
        }
        self.transcript += "dealer: ";
        self.transcript += outcome.reply.as_deref().unwrap_or("(silence)");
        self.transcript += "
";
        Ok(outcome)
    }

    /// Says these messages in one turn.
    pub async fn says(&mut self, messages: &[&str]) -> TurnOutcome {
        let messages: Vec<(&str, &[Media])> = messages.iter().map(|text| (*text, [].as_slice())).collect();
        self.try_say(&messages).await.unwrap()
    }

    /// Says one message and gives the reply.
    pub async fn hears(&mut self, text: &str) -> String {
        self.says(&[text]).await.reply.unwrap()
    }

    /// Sends a medium without words.
    pub async fn sends(&mut self, media: Media) -> String {
        self.try_say(&[("", &[media])]).await.unwrap().reply.unwrap()
    }
}
