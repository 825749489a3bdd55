//! Booking: offers slots, books the one that is picked, moves and calls off appointments.
//!
//! Nothing is booked without an explicit choice of one of the slots on offer.

use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan, Zoned};

use super::agreement::agrees;
use super::memory::Appointment;
use super::ports::{Agenda, Booking, FreeSlot, Hold, PortError};
use super::slots;
use super::state::{BookingAction, FollowUp, Reason, TurnState};
use crate::reading::{Entities, Intent};
use crate::replies;
use crate::stock::{self, Search};
use dealer::Car;

/// What the customer wants of the calendar.
#[derive(Debug, Clone)]
struct Wish {
    /// The message it was said in.
    item: usize,
    intent: Intent,
    date: Option<Date>,
    time: Option<Time>,
    choice: Option<i32>,
}

/// Acts on the turn's last booking wish, if there is one.
pub(super) async fn run(state: &mut TurnState, agenda: &impl Agenda) -> Result<(), PortError> {
    if state.items.iter().any(|item| item.analysis.as_ref().is_some_and(|it| it.intent == Intent::OptOut)) {
        return Ok(());
    }
    let Some(wish) = wish(state) else {
        return name_given(state, agenda).await;
    };
    let result = match wish.intent {
        Intent::BookingChoice => choose(state, agenda, &wish).await,
        Intent::BookingChange => change(state, agenda, &wish).await,
        Intent::BookingCancel => cancel(state, agenda).await,
        _ => offer(state, agenda, &wish, "slots").await,
    };
    let answer = match result {
        Err(PortError::Stale { .. }) => return result.map(|_| ()),
        Err(_) if state.input.degraded => without_calendar(state, &wish),
        other => other?,
    };
    state.items[wish.item].answer = Some(answer);
    Ok(())
}

fn wish(state: &TurnState) -> Option<Wish> {
    state.items.iter().enumerate().rev().find_map(|(item, read)| {
        let analysis = read.analysis.as_ref().filter(|analysis| analysis.intent.is_about_booking())?;
        let entities = &analysis.entities;
        let moment = analysis.intent != Intent::BookingCancel;
        Some(Wish {
            item,
            intent: analysis.intent,
            date: entities.preferred_date.as_deref().filter(|_| moment).and_then(|date| date.parse().ok()),
            time: entities.preferred_time.as_deref().filter(|_| moment).and_then(slots::clock),
            choice: entities.choice,
        })
    })
}

/// The car the appointment is about: the one wished for when it is in stock, else the one last shown.
pub(super) fn car(state: &TurnState) -> Option<Car> {
    let wishes = &state.memory.wishes;
    let inventory = &state.input.dealer.inventory;
    let last_shown = state.memory.shown.first().and_then(|id| inventory.get(id));
    let fits = |car: &Car| wishes.model.as_ref().is_none_or(|model| model.eq_ignore_ascii_case(&car.model));
    if let Some(shown) = last_shown.filter(|car| fits(car)) {
        return Some(shown.clone());
    }
    wishes.model.as_ref()?;
    match stock::search(inventory, wishes, 1) {
        Search::Matches(cars) | Search::Nearest(cars) => {
            cars.first().filter(|car| fits(car)).map(|car| (*car).clone())
        }
        Search::Nothing => None,
    }
}

/// Lists free slots near the wish and remembers them as offered.
async fn offer(
    state: &mut TurnState,
    agenda: &impl Agenda,
    wish: &Wish,
    text: &'static str,
) -> Result<String, PortError> {
    let repeats = wish.date.is_none() && wish.time.is_none() && slots::stand(state) && text == "slots";
    if repeats {
        let list = slots::list(state, &state.memory.offered);
        allow(state, &state.memory.offered.clone());
        return Ok(state.texts().say("slots_again", &[("slots", &list)]));
    }
    let mut heading = None;
    let mut text = text;
    if let Some(appointment) = &state.memory.lead.appointment {
        let when = state.local(appointment.slot.start);
        state.facts.slots.push(when.clone());
        if text == "slots" {
            heading = Some(
                state.texts().say("already_booked", &[("when", &replies::moment(&when, state.language))]),
            );
            state.memory.moving = true;
            text = "slots_move";
        }
    }
    let found = find(state, agenda, wish).await?;
    if found.slots.is_empty() {
        state.memory.offered.clear();
        state.ask_for_person(Reason::Failure);
        state.follow_ups.push(FollowUp::OfferSlots);
        return Ok(state.texts().say("slots_none", &[]));
    }
    if found.elsewhere && text == "slots" {
        text = "slots_other";
    }
    allow(state, &found.slots);
    let list = slots::list(state, &found.slots);
    let car =
        car(state).map(|car| state.texts().say("for_car", &[("car", &car.title())])).unwrap_or_default();
    let wished = wish.date.map(|date| replies::day(date, state.language)).unwrap_or_default();
    if let Some(date) = wish.date {
        state.facts.days.push(date);
    }
    state.memory.offered = found.slots;
    let offer = state.texts().say(text, &[("slots", &list), ("car", &car), ("wish", &wished)]);
    Ok(heading.map_or_else(|| offer.clone(), |heading| format!("{heading}\n{offer}")))
}

struct FoundSlots {
    slots: Vec<FreeSlot>,
    /// The day wished has none; these are on other days.
    elsewhere: bool,
}

async fn find(state: &TurnState, agenda: &impl Agenda, wish: &Wish) -> Result<FoundSlots, PortError> {
    let rules = state.input.dealer.booking;
    let now = &state.input.now;
    let from = later_by_minutes(now.timestamp(), rules.lead_time_minutes);
    let end =
        now.checked_add(i64::from(rules.horizon_days).days()).map_or(from, |end: Zoned| end.timestamp());
    if let Some(date) = wish.date {
        let day = date.to_zoned(state.input.dealer.timezone.clone()).map_or(from, |start| start.timestamp());
        let next = date.tomorrow().and_then(|next| next.to_zoned(state.input.dealer.timezone.clone()));
        let until = next.map_or(end, |next| next.timestamp());
        if until > from {
            let free = agenda.free_slots(day.max(from), until, slots::LOOK_AT).await?;
            if !free.is_empty() {
                return Ok(FoundSlots { slots: slots::pick(state, free, wish.time), elsewhere: false });
            }
        }
        let free =
            agenda.free_slots(until.max(from).min(end.max(from)), end.max(until), slots::LOOK_AT).await?;
        let free = if free.is_empty() { agenda.free_slots(from, end, slots::LOOK_AT).await? } else { free };
        return Ok(FoundSlots { slots: slots::pick(state, free, wish.time), elsewhere: true });
    }
    let free = agenda.free_slots(from, end, slots::LOOK_AT).await?;
    Ok(FoundSlots { slots: slots::pick(state, free, wish.time), elsewhere: false })
}

fn later_by_minutes(at: Timestamp, minutes: u32) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_mins(i64::from(minutes))).unwrap_or(at)
}

/// Lets the reply name these moments.
fn allow(state: &mut TurnState, slots: &[FreeSlot]) {
    let moments: Vec<Zoned> = slots.iter().map(|slot| state.local(slot.start)).collect();
    state.facts.slots.extend(moments);
}

/// Books the slot that was picked.
async fn choose(state: &mut TurnState, agenda: &impl Agenda, wish: &Wish) -> Result<String, PortError> {
    match slots::picked(state, wish.choice, wish.date, wish.time) {
        slots::Picked::One(slot) => book(state, agenda, slot).await,
        slots::Picked::Passed => {
            state.memory.offered.clear();
            let others = offer(state, agenda, &any_moment(wish.intent), offer_text(state)).await?;
            Ok(format!("{} {others}", state.texts().say("slots_expired", &[])))
        }
        slots::Picked::Several(few) => {
            allow(state, &few);
            state.memory.offered.clone_from(&few);
            let list = slots::list(state, &few);
            Ok(state.texts().say("slots_again", &[("slots", &list)]))
        }
        slots::Picked::None => {
            // A time alone means the day on offer, when it was one day.
            let mut days: Vec<Date> =
                state.memory.offered.iter().map(|slot| state.local(slot.start).date()).collect();
            days.dedup();
            let date = wish.date.or_else(|| days.first().copied().filter(|_| days.len() == 1));
            offer(state, agenda, &Wish { date, ..wish.clone() }, "slot_unclear").await
        }
    }
}

async fn book(state: &mut TurnState, agenda: &impl Agenda, slot: FreeSlot) -> Result<String, PortError> {
    if state.memory.moving
        && let Some(appointment) = state.memory.lead.appointment.clone()
    {
        return move_to(state, agenda, appointment, slot).await;
    }
    let Some(name) = state.customer_name() else {
        state.memory.waiting_for_name = Some(slot);
        return Ok(state.texts().say("ask_name", &[]));
    };
    let car = car(state);
    let title = car.as_ref().map(Car::title);
    let subject = title.as_deref().map_or_else(|| "Proefrit".to_owned(), |title| format!("Proefrit {title}"));
    let booking = Booking {
        idempotency_key: format!("{}:book", state.input.turn_id),
        slot,
        subject,
        car_id: car.map(|car| car.id),
        name: Some(name.clone()),
    };
    match agenda.hold(&booking).await {
        Ok(Hold::Held { appointment_id }) => {
            let when = state.local(slot.start);
            state.facts.slots.push(when.clone());
            state.facts.customer_texts.push(name.clone());
            state.booking = BookingAction::Held { appointment_id: appointment_id.clone(), slot };
            state.memory.lead.appointment =
                Some(Appointment { id: appointment_id, slot, car_id: booking.car_id });
            forget_offer(state);
            let texts = state.texts();
            let car = title.map(|title| texts.say("for_car", &[("car", &title)])).unwrap_or_default();
            let first = name.split_whitespace().next().map(|first| format!(" {first}")).unwrap_or_default();
            let dealer = &state.input.dealer;
            Ok(texts.say(
                "booked",
                &[
                    ("name", &first),
                    ("full_name", &name),
                    ("car", &car),
                    ("when", &replies::moment(&when, state.language)),
                    ("dealer", &dealer.name),
                    ("address", &dealer.address),
                ],
            ))
        }
        Ok(Hold::Taken) => {
            forget_offer(state);
            offer(state, agenda, &any_moment(Intent::TestDriveRequest), "slot_taken").await
        }
        Err(error) => {
            if state.input.degraded && !matches!(error, PortError::Stale { .. }) {
                state.follow_ups.push(FollowUp::Book(booking));
            }
            Err(error)
        }
    }
}

async fn move_to(
    state: &mut TurnState,
    agenda: &impl Agenda,
    appointment: Appointment,
    slot: FreeSlot,
) -> Result<String, PortError> {
    match agenda.reschedule(&appointment.id, slot).await? {
        Hold::Held { appointment_id } => {
            let when = state.local(slot.start);
            state.facts.slots.push(when.clone());
            state.booking = BookingAction::Rescheduled { appointment_id: appointment_id.clone(), slot };
            let car_id = appointment.car_id;
            let title = car_id.as_ref().and_then(|id| state.input.dealer.inventory.get(id)).map(Car::title);
            state.memory.lead.appointment = Some(Appointment { id: appointment_id, slot, car_id });
            forget_offer(state);
            let texts = state.texts();
            let car = title.map(|title| texts.say("for_car", &[("car", &title)])).unwrap_or_default();
            let name = state.customer_name();
            let first = name.as_deref().and_then(|name| name.split_whitespace().next());
            if let Some(name) = name.clone() {
                state.facts.customer_texts.push(name);
            }
            let first = first.map(|first| format!(" {first}")).unwrap_or_default();
            let dealer = &state.input.dealer;
            Ok(state.texts().say(
                "moved",
                &[
                    ("name", &first),
                    ("car", &car),
                    ("when", &replies::moment(&when, state.language)),
                    ("dealer", &dealer.name),
                    ("address", &dealer.address),
                ],
            ))
        }
        Hold::Taken => offer(state, agenda, &any_moment(Intent::BookingChange), "slot_taken").await,
    }
}

/// The words slots are offered in: for an appointment that stands, or a new one.
const fn offer_text(state: &TurnState) -> &'static str {
    if state.memory.moving && state.memory.lead.appointment.is_some() { "slots_move" } else { "slots" }
}

fn any_moment(intent: Intent) -> Wish {
    Wish { item: 0, intent, date: None, time: None, choice: None }
}

fn forget_offer(state: &mut TurnState) {
    state.memory.offered.clear();
    state.memory.moving = false;
    state.memory.waiting_for_name = None;
}

/// Moves the appointment when an exact free moment was named, else offers moments to move to.
async fn change(state: &mut TurnState, agenda: &impl Agenda, wish: &Wish) -> Result<String, PortError> {
    let Some(appointment) = state.memory.lead.appointment.clone() else {
        // None stands: the slots on offer did not suit, so look for others.
        let refused = std::mem::take(&mut state.memory.offered);
        let mut answer = offer(state, agenda, wish, "slots").await?;
        if state.memory.offered == refused && wish.date.is_none() {
            answer = state.texts().say("slots_none", &[]);
            state.memory.offered.clear();
            state.ask_for_person(Reason::Failure);
            state.follow_ups.push(FollowUp::OfferSlots);
        }
        return Ok(answer);
    };
    state.memory.moving = true;
    let old = state.local(appointment.slot.start);
    let date = wish.date.or_else(|| wish.time.map(|_| old.date()));
    if let (Some(date), Some(time)) = (date, wish.time) {
        let exact = Wish { date: Some(date), ..wish.clone() };
        let found = find(state, agenda, &exact).await?;
        let slot = found.slots.into_iter().find(|slot| {
            let start = state.local(slot.start);
            start.date() == date && start.time() == time
        });
        if let Some(slot) = slot {
            return move_to(state, agenda, appointment, slot).await;
        }
    }
    offer(state, agenda, wish, "slots_move").await
}

async fn cancel(state: &mut TurnState, agenda: &impl Agenda) -> Result<String, PortError> {
    let Some(appointment) = state.memory.lead.appointment.clone() else {
        let had_offer = !state.memory.offered.is_empty();
        forget_offer(state);
        let text = if had_offer { "thanks" } else { "nothing_booked" };
        return Ok(state.texts().say(text, &[]));
    };
    let when = state.local(appointment.slot.start);
    state.facts.slots.push(when.clone());
    agenda.cancel(&appointment.id).await?;
    state.booking = BookingAction::Cancelled { appointment_id: appointment.id };
    state.memory.lead.appointment = None;
    forget_offer(state);
    Ok(state.texts().say("cancelled", &[("when", &replies::moment(&when, state.language))]))
}

/// Answers without the calendar and leaves the work for later.
fn without_calendar(state: &mut TurnState, wish: &Wish) -> String {
    let appointment = state.memory.lead.appointment.clone();
    let booked = state.follow_ups.iter().any(|follow_up| matches!(follow_up, FollowUp::Book(_)));
    let text = match (wish.intent, appointment) {
        (Intent::BookingCancel, Some(appointment)) => {
            state.follow_ups.push(FollowUp::Cancel { appointment_id: appointment.id });
            "cancel_down"
        }
        (Intent::BookingChange, Some(appointment)) => {
            state.follow_ups.push(FollowUp::Reschedule { appointment_id: appointment.id });
            "calendar_down"
        }
        _ => {
            if !booked {
                state.follow_ups.push(FollowUp::OfferSlots);
            }
            "calendar_down"
        }
    };
    forget_offer(state);
    state.ask_for_person(Reason::Failure);
    state.texts().say(text, &[])
}

/// A slot was chosen earlier and only the name was missing.
async fn name_given(state: &mut TurnState, agenda: &impl Agenda) -> Result<(), PortError> {
    let Some(slot) = state.memory.waiting_for_name else { return Ok(()) };
    let Some(item) = state.items.len().checked_sub(1) else { return Ok(()) };
    if slot.start <= state.input.now.timestamp() {
        return Ok(());
    }
    if state.memory.lead.name.is_none() {
        if agrees(&state.input.messages[item].text) {
            state.items[item].answer = Some(state.texts().say("ask_name", &[]));
        }
        return Ok(());
    }
    let answer = match book(state, agenda, slot).await {
        Ok(answer) => answer,
        Err(PortError::Stale { port }) => return Err(PortError::Stale { port }),
        Err(_) if state.input.degraded => without_calendar(state, &any_moment(Intent::BookingChoice)),
        Err(error) => return Err(error),
    };
    state.items[item].answer = Some(answer);
    Ok(())
}

/// The wishes of an item, for the agents after this one.
pub(super) fn has_car_wish(wishes: &Entities) -> bool {
    let mut car_only = wishes.clone();
    car_only.trade_in_make = None;
    car_only.trade_in_model = None;
    car_only.license_plate = None;
    car_only.month_max_eur = None;
    !car_only.pairs().is_empty()
}
