//! The use cases: what the calendar does, over its store, its clock and the dealer's rules.

use ::store::{Store, StoreError, Tx, Write};
use model::{AppointmentId, ContactAddress, SharedClock, Timestamp};
use queue::{NewJob, QueueName};

use crate::domain::{Appointment, Booking, Fence, HOLD_TTL, Refusal, Status};
use crate::error::Error;
use crate::metrics;
use crate::release::Work;
use crate::slots::{self, NoSlot, Slot};
use crate::store::{self as tables, Filter};

/// What a use case that runs in a transaction answers: a refusal commits too, for a token that was seen stays seen.
type Outcome = Result<Appointment, Refusal>;

/// The calendar of one dealer. Cheap to clone.
#[derive(Clone)]
pub struct Calendar {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) dealer: dealer::LiveDealer,
}

/// A page of appointments.
pub struct Page {
    /// By start, then id.
    pub appointments: Vec<Appointment>,
    /// Where the next page begins, if there is one.
    pub next: Option<(Timestamp, AppointmentId)>,
}

impl Calendar {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The slot's moment for people, in the dealer's time zone.
    pub fn label(&self, start: Timestamp) -> String {
        slots::label(&self.dealer.now().timezone, start)
    }

    /// Free slots of a resource that start in `[from, to)`, earliest first; from now and to the horizon when unset.
    pub async fn free_slots(
        &self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        resource: String,
        limit: usize,
    ) -> Result<Vec<Slot>, Error> {
        let (now, dealer) = (self.clock.now(), self.dealer.now());
        let from = from.unwrap_or(now);
        let to = to.unwrap_or_else(|| slots::horizon(&dealer, now));
        if to < from {
            return Err(Error::invalid("to", "must not lie before from"));
        }
        let mut free = slots::bookable(&dealer, now, from, to);
        let (Some(first), Some(last)) = (free.first().copied(), free.last().copied()) else {
            return Ok(Vec::new());
        };
        let mut conn = self.store.read("taken-slots").await?;
        let taken = tables::taken(&mut conn, &resource, first.start, last.end, now).await?;
        free.retain(|slot| !taken.iter().any(|other| other.overlaps(slot)));
        free.truncate(limit);
        Ok(free)
    }

    /// Takes a slot. Repeating it with the same idempotency key answers with the same appointment, whatever has
    /// changed since; only a hold that ran out meanwhile is held again, or refused when somebody else has the slot.
    pub async fn book(&self, booking: Booking) -> Result<Appointment, Error> {
        let slot = slots::slot_at(&self.dealer.now(), self.clock.now(), booking.start);
        self.write(Book { booking, slot }).await
    }

    /// Turns a hold into an appointment, and gives up the one it replaces. Safe to repeat. A hold that ran out is confirmed all the same while its slot
    /// is free and still to come.
    pub async fn confirm(&self, id: AppointmentId) -> Result<Appointment, Error> {
        self.write(Confirm(id)).await
    }

    /// Changes the name an appointment or hold stands in, or what it is about; `None` leaves it as it is. Safe to repeat.
    pub async fn amend(
        &self,
        id: AppointmentId,
        name: Option<String>,
        subject: Option<String>,
        fence: Option<Fence>,
    ) -> Result<Appointment, Error> {
        self.write(Amend { id, name, subject, fence }).await
    }

    /// Moves an appointment to another slot. Safe to repeat; when the slot is taken the old one is kept.
    pub async fn reschedule(
        &self,
        id: AppointmentId,
        start: Timestamp,
        fence: Option<Fence>,
    ) -> Result<Appointment, Error> {
        let slot = slots::slot_at(&self.dealer.now(), self.clock.now(), start);
        self.write(Reschedule { id, start, slot, fence }).await
    }

    /// Calls an appointment off and frees its slot. Safe to repeat.
    pub async fn cancel(&self, id: AppointmentId, fence: Option<Fence>) -> Result<Appointment, Error> {
        self.write(Cancel { id, fence }).await
    }

    /// Reads an appointment.
    pub async fn get(&self, id: AppointmentId) -> Result<Appointment, Error> {
        let found = tables::by_id(&mut *self.store.read("get-appointment").await?, id).await?;
        found.ok_or(Error::Refused(Refusal::NotFound))
    }

    /// Lists appointments, holds and what was called off among them, by start.
    pub async fn list(
        &self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        contact: Option<ContactAddress>,
        after: Option<(Timestamp, AppointmentId)>,
        page_size: usize,
    ) -> Result<Page, Error> {
        let filter = Filter {
            from: from.unwrap_or(Timestamp::from_micros(i64::MIN)),
            to: to.unwrap_or(Timestamp::from_micros(i64::MAX)),
            contact,
            after,
            // One more than asked tells whether there is a next page.
            limit: i64::try_from(page_size).unwrap_or(i64::MAX).saturating_add(1),
        };
        let mut appointments =
            tables::list(&mut *self.store.scan("list-appointments").await?, &filter).await?;
        let more = appointments.len() > page_size;
        appointments.truncate(page_size);
        let next = appointments.last().filter(|_| more).map(|last| (last.slot.start, last.id));
        Ok(Page { appointments, next })
    }

    async fn write(&self, write: impl Write<Output = Outcome, Error = Error>) -> Result<Appointment, Error> {
        self.store.write(write).await?.map_err(Error::Refused)
    }
}

/// Takes a slot.
struct Book {
    booking: Booking,
    slot: Result<Slot, NoSlot>,
}

impl Write for Book {
    const NAME: &'static str = "book-appointment";
    type Output = Outcome;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Outcome, Error> {
        let (booking, now, id) = (&self.booking, tx.now(), tx.new_id());
        if let Some(earlier) = tables::by_key(tx, &booking.idempotency_key).await? {
            return repeat(tx, booking, earlier).await;
        }
        if !fence_holds(tx, booking.fence.as_ref()).await? {
            return Ok(Err(Refusal::Stale));
        }
        let slot = match self.slot {
            Ok(slot) => slot,
            Err(why) => return Ok(Err(Refusal::NoSlot(why))),
        };
        if let Some(replaces) = booking.replaces {
            let other = tables::by_id(tx, replaces).await?;
            if other.is_none_or(|other| other.details.contact != booking.details.contact) {
                return Ok(Err(Refusal::NothingToReplace));
            }
        }
        let status = if booking.hold { Status::Held } else { Status::Confirmed };
        let hold_expires_at = now + HOLD_TTL;
        let held_until = booking.hold.then_some(hold_expires_at);
        if !tables::take(tx, &booking.resource, slot, id, held_until).await? {
            // Whoever has it may be the same call on its way a second time.
            if let Some(earlier) = tables::by_key(tx, &booking.idempotency_key).await? {
                return Ok(Ok(earlier));
            }
            tx.on_commit(|| metrics::appointment("taken"));
            return Ok(Err(Refusal::Taken));
        }
        let appointment = Appointment {
            id,
            slot,
            status,
            hold_expires_at,
            resource: booking.resource.clone(),
            details: booking.details.clone(),
            replaces: booking.replaces,
            replaced_by: None,
        };
        if !tables::insert(tx, booking, &appointment).await? {
            return Err(Error::Contended);
        }
        if booking.hold {
            release_later(tx, &appointment).await?;
        } else {
            give_up_replaced(tx, &appointment).await?;
        }
        happened(tx, id, status.as_str());
        Ok(Ok(appointment))
    }
}

/// A repeated booking is answered with what it made. A hold that ran out meanwhile is over, though, and must not be
/// taken for one that lasts: it is held once more, or refused where that cannot be.
async fn repeat(tx: &mut Tx, booking: &Booking, earlier: Appointment) -> Result<Outcome, Error> {
    let now = tx.now();
    if !booking.hold || earlier.status_at(now) != Status::Released {
        return Ok(Ok(earlier));
    }
    let Some(mut hold) = tables::lock(tx, earlier.id).await? else { return Ok(Ok(earlier)) };
    // Holding again is an act of its own, so a caller that has been overtaken only hears how things stand.
    if hold.status_at(now) != Status::Released || !fence_holds(tx, booking.fence.as_ref()).await? {
        return Ok(Ok(hold));
    }
    if hold.slot.start <= now {
        return Ok(Err(Refusal::HoldTooLate));
    }
    let hold_expires_at = now + HOLD_TTL;
    if !tables::take(tx, &hold.resource, hold.slot, hold.id, Some(hold_expires_at)).await? {
        tx.on_commit(|| metrics::appointment("taken"));
        return Ok(Err(Refusal::Taken));
    }
    hold.status = Status::Held;
    hold.hold_expires_at = hold_expires_at;
    tables::set(tx, &hold).await?;
    release_later(tx, &hold).await?;
    happened(tx, hold.id, "held");
    Ok(Ok(hold))
}

/// Turns a hold into an appointment.
struct Confirm(AppointmentId);

impl Write for Confirm {
    const NAME: &'static str = "confirm-appointment";
    type Output = Outcome;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Outcome, Error> {
        let (id, now) = (self.0, tx.now());
        let Some(mut appointment) = tables::lock(tx, id).await? else { return Ok(Err(Refusal::NotFound)) };
        match appointment.status_at(now) {
            Status::Confirmed | Status::Rescheduled | Status::Completed => return Ok(Ok(appointment)),
            over @ (Status::Cancelled | Status::NoShow | Status::Replaced) => {
                return Ok(Err(Refusal::Ended(over)));
            }
            Status::Released if appointment.slot.start <= now => return Ok(Err(Refusal::HoldTooLate)),
            Status::Held | Status::Released => {}
        }
        if !tables::take(tx, &appointment.resource, appointment.slot, id, None).await? {
            return Ok(Err(Refusal::HoldLost));
        }
        appointment.status = Status::Confirmed;
        tables::set(tx, &appointment).await?;
        give_up_replaced(tx, &appointment).await?;
        queue::cancel(tx, QueueName::Background, &release_key(id)).await?;
        happened(tx, id, "confirmed");
        Ok(Ok(appointment))
    }
}

/// Gives up what a confirmed appointment takes the place of, unless that has come to an end by itself.
async fn give_up_replaced(tx: &mut Tx, by: &Appointment) -> Result<(), StoreError> {
    let Some(id) = by.replaces else { return Ok(()) };
    let Some(old) = tables::lock(tx, id).await? else { return Ok(()) };
    match old.status {
        Status::Cancelled | Status::Completed | Status::NoShow | Status::Replaced => return Ok(()),
        // A hold, too, even one that ran out: a confirmation still on its way must not bring it back.
        Status::Held | Status::Released | Status::Confirmed | Status::Rescheduled => {}
    }
    tables::give_up(tx, id, by.id).await?;
    tables::free_all_but(tx, id, None).await?;
    queue::cancel(tx, QueueName::Background, &release_key(id)).await?;
    happened(tx, id, "rescheduled");
    Ok(())
}

/// Changes whose an appointment is, or what it is about.
struct Amend {
    id: AppointmentId,
    name: Option<String>,
    subject: Option<String>,
    fence: Option<Fence>,
}

impl Write for Amend {
    const NAME: &'static str = "amend-appointment";
    type Output = Outcome;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Outcome, Error> {
        let Self { id, name, subject, fence } = self;
        let now = tx.now();
        let Some(mut appointment) = tables::lock(tx, id).await? else { return Ok(Err(Refusal::NotFound)) };
        let status = appointment.status_at(now);
        if !status.is_agreed() && status != Status::Held {
            return Ok(Err(Refusal::Ended(status)));
        }
        let details = &appointment.details;
        let contact_name = name.unwrap_or_else(|| details.contact_name.clone());
        let subject = subject.unwrap_or_else(|| details.subject.clone());
        if contact_name == details.contact_name && subject == details.subject {
            return Ok(Ok(appointment));
        }
        if !fence_holds(tx, fence.as_ref()).await? {
            return Ok(Err(Refusal::Stale));
        }
        appointment.details.contact_name = contact_name;
        appointment.details.subject = subject;
        tables::amend(tx, &appointment).await?;
        happened(tx, id, "amended");
        Ok(Ok(appointment))
    }
}

/// Moves an appointment to another slot.
struct Reschedule {
    id: AppointmentId,
    start: Timestamp,
    slot: Result<Slot, NoSlot>,
    fence: Option<Fence>,
}

impl Write for Reschedule {
    const NAME: &'static str = "reschedule-appointment";
    type Output = Outcome;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Outcome, Error> {
        let Self { id, start, slot, fence } = self;
        let now = tx.now();
        let Some(mut appointment) = tables::lock(tx, id).await? else { return Ok(Err(Refusal::NotFound)) };
        let status = appointment.status_at(now);
        if appointment.slot.start == start && (status.is_agreed() || status == Status::Held) {
            return Ok(Ok(appointment));
        }
        if !fence_holds(tx, fence.as_ref()).await? {
            return Ok(Err(Refusal::Stale));
        }
        if !status.is_agreed() && status != Status::Held {
            return Ok(Err(Refusal::Ended(status)));
        }
        let slot = match slot {
            Ok(slot) => slot,
            Err(why) => return Ok(Err(Refusal::NoSlot(why))),
        };
        // A hold that is moved stays one, until the same moment.
        let held_until = (status == Status::Held).then_some(appointment.hold_expires_at);
        if !tables::take(tx, &appointment.resource, slot, id, held_until).await? {
            tx.on_commit(|| metrics::appointment("taken"));
            return Ok(Err(Refusal::Taken));
        }
        tables::free_all_but(tx, id, Some(slot.start)).await?;
        appointment.slot = slot;
        if status.is_agreed() {
            appointment.status = Status::Rescheduled;
        }
        tables::set(tx, &appointment).await?;
        happened(tx, id, "rescheduled");
        Ok(Ok(appointment))
    }
}

/// Calls an appointment off.
struct Cancel {
    id: AppointmentId,
    fence: Option<Fence>,
}

impl Write for Cancel {
    const NAME: &'static str = "cancel-appointment";
    type Output = Outcome;
    type Error = Error;

    async fn run(self, tx: &mut Tx) -> Result<Outcome, Error> {
        let Self { id, fence } = self;
        let Some(mut appointment) = tables::lock(tx, id).await? else { return Ok(Err(Refusal::NotFound)) };
        match appointment.status {
            Status::Cancelled => return Ok(Ok(appointment)),
            over @ (Status::Completed | Status::NoShow | Status::Replaced) => {
                return Ok(Err(Refusal::Ended(over)));
            }
            // A released hold, too: a confirmation still on its way must not bring it back.
            Status::Held | Status::Released | Status::Confirmed | Status::Rescheduled => {}
        }
        if !fence_holds(tx, fence.as_ref()).await? {
            return Ok(Err(Refusal::Stale));
        }
        appointment.status = Status::Cancelled;
        tables::set(tx, &appointment).await?;
        tables::free_all_but(tx, id, None).await?;
        queue::cancel(tx, QueueName::Background, &release_key(id)).await?;
        happened(tx, id, "cancelled");
        Ok(Ok(appointment))
    }
}

/// Counts and logs, once it is durable, what became of an appointment.
fn happened(tx: &mut Tx, id: AppointmentId, outcome: &'static str) {
    tx.on_commit(move || {
        metrics::appointment(outcome);
        tracing::info!(appointment.id = %id, outcome, "appointment {id} is {outcome}");
    });
}

/// Whether the caller may act; notes its token as seen.
async fn fence_holds(tx: &mut Tx, fence: Option<&Fence>) -> Result<bool, StoreError> {
    match fence {
        Some(fence) => tables::raise(tx, fence).await,
        None => Ok(true),
    }
}

/// Leaves a row behind that releases the hold when its time is over; replaces the one of an earlier hold.
async fn release_later(tx: &mut Tx, hold: &Appointment) -> Result<(), StoreError> {
    let work = Work::ReleaseHoldV1 { appointment_id: hold.id };
    let job = NewJob::new(QueueName::Background, hold.id.as_str(), Work::KIND_RELEASE, &work)?
        .due_at(hold.hold_expires_at)
        .key(release_key(hold.id));
    queue::push(tx, job).await
}

fn release_key(id: AppointmentId) -> String {
    format!("release:{id}")
}
