//! The world around a conversation, kept in memory: a calendar with the dealer's hours, a CRM that scores, people's tasks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::Knowledge;
use crate::crm::{CrmUpdate, Signals};
use crate::ports::{Agenda, Booking, Crm, FreeSlot, Hold, LeadScore, LeadStatus, PortError};
use crate::task::Task;
use dealer::Scoring;

/// How long a hold keeps its slot.
const HOLD_LASTS: SignedDuration = SignedDuration::from_mins(2);

/// A calendar in memory, with the hours, slots, notice and horizon of the dealer. Every slot is free at the start.
#[derive(Debug)]
pub struct Calendar {
    knowledge: Arc<Knowledge>,
    diary: Mutex<Diary>,
}

#[derive(Debug)]
struct Diary {
    now: Timestamp,
    entries: Vec<Entry>,
    taken: Vec<FreeSlot>,
}

/// An appointment, or a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Names it.
    pub id: String,
    /// When it is.
    pub slot: FreeSlot,
    /// What it is about, for people.
    pub subject: String,
    /// The car's inventory id.
    pub car_id: Option<String>,
    /// Whose it is.
    pub name: Option<String>,
    /// What it takes the place of.
    pub replaces: Option<String>,
    key: String,
    status: Status,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Kept until that moment.
    Held(Timestamp),
    Confirmed,
    Cancelled,
}

impl Entry {
    fn keeps_its_slot(&self, now: Timestamp) -> bool {
        match self.status {
            Status::Held(until) => now < until,
            Status::Confirmed => true,
            Status::Cancelled => false,
        }
    }
}

fn overlaps(one: FreeSlot, other: FreeSlot) -> bool {
    one.start < other.end && other.start < one.end
}

/// What confirming changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// It stood already.
    Already,
    /// It stands from now on.
    New(Entry),
    /// It stands from now on, and this one is given up for it.
    InsteadOf {
        /// What stands.
        new: Entry,
        /// What stood before.
        old: Entry,
    },
}

impl Calendar {
    /// An empty calendar.
    pub fn new(knowledge: Arc<Knowledge>, now: Timestamp) -> Self {
        Self { knowledge, diary: Mutex::new(Diary { now, entries: Vec::new(), taken: Vec::new() }) }
    }

    fn diary(&self) -> MutexGuard<'_, Diary> {
        self.diary.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets time pass.
    pub fn set_now(&self, now: Timestamp) {
        self.diary().now = now;
    }

    /// Somebody else takes the slot that starts then.
    pub fn take(&self, start: Timestamp) {
        let end = start.saturating_add(self.knowledge.dealer.slot_length()).unwrap_or(start);
        self.diary().taken.push(FreeSlot { start, end });
    }

    /// Turns a hold into an appointment and gives up what it replaces. A hold that ran out is confirmed all the same while
    /// its slot is free and still to come.
    pub fn confirm(&self, id: &str) -> Result<Confirmed, String> {
        let mut diary = self.diary();
        let at = diary.place_of(id)?;
        let entry = diary.entries[at].clone();
        match entry.status {
            Status::Confirmed => return Ok(Confirmed::Already),
            Status::Cancelled => return Err(format!("{id} was called off and cannot be confirmed")),
            Status::Held(_) if !entry.keeps_its_slot(diary.now) => {
                if entry.slot.start <= diary.now {
                    return Err(format!("the hold {id} ran out and its slot has begun"));
                }
                if !diary.is_free(entry.slot, Some(id)) {
                    return Err(format!("the hold {id} ran out and somebody else has its slot"));
                }
            }
            Status::Held(_) => {}
        }
        diary.entries[at].status = Status::Confirmed;
        let new = diary.entries[at].clone();
        let old = new.replaces.as_deref().and_then(|old| diary.place_of(old).ok());
        let Some(old) = old.filter(|old| diary.entries[*old].status == Status::Confirmed) else {
            return Ok(Confirmed::New(new));
        };
        diary.entries[old].status = Status::Cancelled;
        Ok(Confirmed::InsteadOf { new, old: diary.entries[old].clone() })
    }

    /// What the hold takes the place of once it is confirmed.
    pub fn replaced_by(&self, id: &str) -> Option<String> {
        let diary = self.diary();
        let at = diary.place_of(id).ok()?;
        diary.entries[at].replaces.clone()
    }

    /// Calls an appointment off. Tells which one if it stood.
    pub fn cancel(&self, id: &str) -> Result<Option<Entry>, String> {
        let mut diary = self.diary();
        let at = diary.place_of(id)?;
        let entry = &mut diary.entries[at];
        let stood = entry.status == Status::Confirmed;
        entry.status = Status::Cancelled;
        Ok(stood.then(|| entry.clone()))
    }

    /// Changes whose an appointment is, or what it is about.
    pub fn amend(
        &self,
        id: &str,
        name: Option<&str>,
        subject: Option<(&str, Option<&str>)>,
    ) -> Result<(), String> {
        let mut diary = self.diary();
        let at = diary.place_of(id)?;
        let entry = &mut diary.entries[at];
        if entry.status == Status::Cancelled {
            return Err(format!("{id} was called off and cannot be amended"));
        }
        if let Some(name) = name {
            entry.name = Some(name.to_owned());
        }
        if let Some((subject, car_id)) = subject {
            subject.clone_into(&mut entry.subject);
            entry.car_id = car_id.map(str::to_owned);
        }
        Ok(())
    }

    /// The appointments that stand and are not over, earliest first.
    pub fn standing(&self) -> Vec<Entry> {
        let diary = self.diary();
        let stands = |entry: &&Entry| entry.status == Status::Confirmed && entry.slot.end > diary.now;
        let mut standing: Vec<Entry> = diary.entries.iter().filter(stands).cloned().collect();
        standing.sort_by_key(|entry| entry.slot);
        standing
    }
}

impl Diary {
    fn place_of(&self, id: &str) -> Result<usize, String> {
        let found = self.entries.iter().position(|entry| entry.id == id);
        found.ok_or_else(|| format!("there is no appointment {id}"))
    }

    /// Whether nobody has the slot, or only the one named.
    fn is_free(&self, slot: FreeSlot, but: Option<&str>) -> bool {
        let kept = |entry: &&Entry| entry.keeps_its_slot(self.now) && but != Some(entry.id.as_str());
        !self.taken.iter().any(|other| overlaps(*other, slot))
            && !self.entries.iter().filter(kept).any(|entry| overlaps(entry.slot, slot))
    }
}

impl Agenda for Calendar {
    async fn free_slots(&self, from: Timestamp, to: Timestamp) -> Result<Vec<FreeSlot>, PortError> {
        if to < from {
            return Err(refused("to must not lie before from".to_owned()));
        }
        let diary = self.diary();
        let bookable = self.knowledge.dealer.bookable_slots(diary.now, from, to);
        Ok(bookable.into_iter().map(FreeSlot::from).filter(|slot| diary.is_free(*slot, None)).collect())
    }

    async fn hold(&self, booking: &Booking) -> Result<Hold, PortError> {
        let mut diary = self.diary();
        let (now, until) = (diary.now, diary.now.saturating_add(HOLD_LASTS).unwrap_or(diary.now));
        if let Some(at) = diary.entries.iter().position(|entry| entry.key == booking.idempotency_key) {
            let Entry { id, slot, status, .. } = diary.entries[at].clone();
            if matches!(status, Status::Held(until) if until <= now) {
                if !diary.is_free(slot, Some(&id)) {
                    return Ok(Hold::Taken);
                }
                diary.entries[at].status = Status::Held(until);
            }
            return Ok(Hold::Held { appointment_id: id });
        }
        let Ok(slot) = self.knowledge.dealer.slot_at(now, booking.slot.start).map(FreeSlot::from) else {
            return Err(refused(format!("no slot that can be booked starts at {}", booking.slot.start)));
        };
        if !diary.is_free(slot, None) {
            return Ok(Hold::Taken);
        }
        let id = format!("a{}", diary.entries.len() + 1);
        diary.entries.push(Entry {
            id: id.clone(),
            slot,
            subject: booking.subject.clone(),
            car_id: booking.car_id.clone(),
            name: booking.name.clone(),
            replaces: booking.replaces.clone(),
            key: booking.idempotency_key.clone(),
            status: Status::Held(until),
        });
        Ok(Hold::Held { appointment_id: id })
    }
}

const fn refused(reason: String) -> PortError {
    PortError::Refused { port: "calendar", reason }
}

/// A CRM in memory: signals only grow, and points are the dealer's.
#[derive(Debug)]
pub struct Leads {
    knowledge: Arc<Knowledge>,
    signals: Mutex<Signals>,
}

impl Leads {
    /// Knows nothing yet.
    pub fn new(knowledge: Arc<Knowledge>) -> Self {
        Self { knowledge, signals: Mutex::new(Signals::default()) }
    }
}

impl Crm for Leads {
    async fn record(&self, update: &CrmUpdate) -> Result<LeadScore, PortError> {
        let mut known = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
        *known = together(*known, update.signals);
        Ok(score(*known, &self.knowledge.dealer.scoring))
    }
}

const fn together(one: Signals, other: Signals) -> Signals {
    Signals {
        car: one.car || other.car,
        budget: one.budget || other.budget,
        urgency: one.urgency || other.urgency,
        test_drive: one.test_drive || other.test_drive,
        trade_in: one.trade_in || other.trade_in,
        contact_details: one.contact_details || other.contact_details,
        financing: one.financing || other.financing,
        buying: one.buying || other.buying,
    }
}

/// Points per signal as the dealer gives them; who wants to buy is hot whatever the points.
fn score(signals: Signals, scoring: &Scoring) -> LeadScore {
    let points = [
        (signals.car, scoring.car),
        (signals.budget, scoring.budget),
        (signals.urgency, scoring.urgency),
        (signals.test_drive, scoring.test_drive),
        (signals.trade_in, scoring.trade_in),
        (signals.contact_details, scoring.contact_details),
        (signals.financing, scoring.financing),
    ];
    let score = points.iter().filter(|(there, _)| *there).map(|(_, points)| points).sum();
    let status = match score {
        _ if signals.buying => LeadStatus::Hot,
        score if score >= scoring.hot => LeadStatus::Hot,
        score if score >= scoring.warm => LeadStatus::Warm,
        _ => LeadStatus::Cold,
    };
    LeadScore { score, status }
}

/// The tasks that are open with people, one of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desk {
    /// The open ones, in the order they were made.
    pub open: Vec<Task>,
}

impl Desk {
    /// Opens a task; where one of its kind is open, its details get a line more unless they say it already.
    pub fn tell(&mut self, task: &Task) {
        match self.open.iter_mut().find(|open| open.kind == task.kind) {
            Some(open) if open.details.contains(&task.details) => {}
            Some(open) => {
                open.details.push('\n');
                open.details.push_str(&task.details);
            }
            None => self.open.push(task.clone()),
        }
    }

    /// A human answered: nothing is open any more.
    pub fn close(&mut self) {
        self.open.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::TaskKind;

    const NOW: &str = "2026-03-10T10:00:00+01:00";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn calendar() -> Calendar {
        Calendar::new(Arc::new(Knowledge::builtin()), at(NOW))
    }

    fn booking(key: &str, start: &str) -> Booking {
        let start = at(start);
        Booking {
            idempotency_key: key.into(),
            slot: FreeSlot { start, end: start + SignedDuration::from_hours(1) },
            subject: "Proefrit Volkswagen Polo".into(),
            car_id: Some("vw-polo-02".into()),
            name: None,
            replaces: None,
        }
    }

    async fn held(calendar: &Calendar, booking: &Booking) -> String {
        match calendar.hold(booking).await.unwrap() {
            Hold::Held { appointment_id } => appointment_id,
            Hold::Taken => panic!("taken"),
        }
    }

    async fn is_free(calendar: &Calendar, start: &str) -> bool {
        let from = at(start);
        !calendar.free_slots(from, from + SignedDuration::from_mins(1)).await.unwrap().is_empty()
    }

    const TEN: &str = "2026-03-12T10:00:00+01:00";
    const ELEVEN: &str = "2026-03-12T11:00:00+01:00";

    #[tokio::test]
    async fn a_hold_keeps_its_slot_for_two_minutes_and_stands_once_confirmed() {
        let calendar = calendar();
        let id = held(&calendar, &booking("k1", TEN)).await;
        assert!(!is_free(&calendar, TEN).await);
        assert!(calendar.standing().is_empty());
        calendar.set_now(at(NOW) + SignedDuration::from_mins(2));
        assert!(is_free(&calendar, TEN).await);
        assert!(matches!(calendar.confirm(&id).unwrap(), Confirmed::New(_)));
        assert_eq!(calendar.confirm(&id), Ok(Confirmed::Already));
        assert_eq!(calendar.standing().len(), 1);
        assert!(!is_free(&calendar, TEN).await);
    }

    #[tokio::test]
    async fn a_slot_is_had_once_and_the_same_key_is_the_same_hold() {
        let calendar = calendar();
        let id = held(&calendar, &booking("k1", TEN)).await;
        assert_eq!(held(&calendar, &booking("k1", TEN)).await, id);
        assert_eq!(calendar.hold(&booking("k2", TEN)).await.unwrap(), Hold::Taken);
        calendar.take(at(ELEVEN));
        assert_eq!(calendar.hold(&booking("k3", ELEVEN)).await.unwrap(), Hold::Taken);
        assert!(calendar.hold(&booking("k4", "2026-03-12T11:30:00+01:00")).await.is_err());
    }

    #[tokio::test]
    async fn a_lost_hold_is_not_confirmed() {
        let calendar = calendar();
        let id = held(&calendar, &booking("k1", TEN)).await;
        calendar.set_now(at(NOW) + SignedDuration::from_mins(3));
        calendar.take(at(TEN));
        assert!(calendar.confirm(&id).unwrap_err().contains("somebody else"));
        assert!(calendar.confirm("a9").unwrap_err().contains("no appointment a9"));
    }

    #[tokio::test]
    async fn what_is_replaced_stands_until_the_new_one_is_confirmed() {
        let calendar = calendar();
        let old = held(&calendar, &booking("k1", TEN)).await;
        calendar.confirm(&old).unwrap();
        let new = held(&calendar, &Booking { replaces: Some(old.clone()), ..booking("k2", ELEVEN) }).await;
        assert_eq!(calendar.standing()[0].id, old);
        assert!(matches!(calendar.confirm(&new).unwrap(), Confirmed::InsteadOf { .. }));
        assert_eq!(calendar.standing().iter().map(|entry| &entry.id).collect::<Vec<_>>(), [&new]);
        assert!(is_free(&calendar, TEN).await);
        assert_eq!(calendar.cancel(&old), Ok(None), "it did not stand any more");
        assert!(calendar.cancel(&new).unwrap().is_some());
        assert!(calendar.amend(&new, Some("Bo"), None).is_err());
    }

    #[tokio::test]
    async fn an_amendment_changes_name_and_car_and_what_is_over_stands_no_more() {
        let calendar = calendar();
        let id = held(&calendar, &booking("k1", TEN)).await;
        calendar.confirm(&id).unwrap();
        calendar.amend(&id, Some("Bo"), Some(("Proefrit Fiat 500", Some("fiat-500-01")))).unwrap();
        let Entry { name, car_id, subject, .. } = calendar.standing().remove(0);
        assert_eq!(
            (name.as_deref(), car_id.as_deref(), &*subject),
            (Some("Bo"), Some("fiat-500-01"), "Proefrit Fiat 500")
        );
        calendar.set_now(at(ELEVEN));
        assert!(calendar.standing().is_empty());
    }

    #[test]
    fn points_make_the_lead_and_a_buyer_is_hot_without_any() {
        let scoring = Scoring::default();
        let signals = |car, test_drive, buying| Signals { car, test_drive, buying, ..Signals::default() };
        assert_eq!(
            score(signals(true, false, false), &scoring),
            LeadScore { score: 30, status: LeadStatus::Cold }
        );
        assert_eq!(
            score(signals(true, true, false), &scoring),
            LeadScore { score: 50, status: LeadStatus::Warm }
        );
        assert_eq!(
            score(signals(false, false, true), &scoring),
            LeadScore { score: 0, status: LeadStatus::Hot }
        );
    }

    #[test]
    fn a_second_task_of_a_kind_is_a_line_more() {
        let task = |kind, details: &str| Task { kind, details: details.into(), due: at(NOW) };
        let mut desk = Desk::default();
        desk.tell(&task(TaskKind::Question, "trekhaak"));
        desk.tell(&task(TaskKind::Question, "onderhoud"));
        desk.tell(&task(TaskKind::Question, "trekhaak"));
        desk.tell(&task(TaskKind::Bid, "13.000"));
        assert_eq!(desk.open.len(), 2);
        assert_eq!(desk.open[0].details, "trekhaak\nonderhoud");
        desk.close();
        assert!(desk.open.is_empty());
    }
}
