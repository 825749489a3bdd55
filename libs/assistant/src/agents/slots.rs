//! Which slots to offer, how to list them, and which one was picked.

use jiff::civil::{Date, Time};

use super::ports::FreeSlot;
use super::state::TurnState;
use crate::replies;

/// At most so many slots are offered at a time.
const OFFERED: usize = 4;

/// So many free slots are looked at to choose from.
pub(super) const LOOK_AT: u32 = 60;

/// On a day without a wish for the time, so many are taken.
const A_DAY: usize = 2;

/// Reads `14:30`.
pub(super) fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// Up to four of the free slots: near the wished time, else spread over days and the day; in order of time.
pub(super) fn pick(state: &TurnState, mut free: Vec<FreeSlot>, time: Option<Time>) -> Vec<FreeSlot> {
    free.sort_by_key(|slot| slot.start);
    let mut picked: Vec<FreeSlot> = Vec::new();
    if let Some(time) = time {
        let away = |slot: &FreeSlot| {
            let start = state.local(slot.start);
            let minutes = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
            (minutes(start.time()) - minutes(time)).abs()
        };
        let first_day = free.first().map(|slot| state.local(slot.start).date());
        let one_day = free.iter().all(|slot| Some(state.local(slot.start).date()) == first_day);
        if one_day {
            free.sort_by_key(|slot| (away(slot), slot.start));
            picked.extend(free.into_iter().take(OFFERED));
        } else {
            let mut days: Vec<Date> = Vec::new();
            let mut by_nearness = free;
            by_nearness.sort_by_key(|slot| (state.local(slot.start).date(), away(slot), slot.start));
            for slot in by_nearness {
                let day = state.local(slot.start).date();
                if !days.contains(&day) && picked.len() < OFFERED {
                    days.push(day);
                    picked.push(slot);
                }
            }
        }
    } else {
        picked = spread(state, &free);
    }
    picked.sort_by_key(|slot| slot.start);
    picked
}

/// The first of the morning and the first of the afternoon, day by day; more of a day when it is the only one.
fn spread(state: &TurnState, free: &[FreeSlot]) -> Vec<FreeSlot> {
    let day = |slot: &FreeSlot| state.local(slot.start).date();
    let mut days: Vec<Vec<FreeSlot>> = Vec::new();
    for slot in free {
        match days.last_mut() {
            Some(last) if last.first().map(&day) == Some(day(slot)) => last.push(*slot),
            _ => days.push(vec![*slot]),
        }
    }
    let a_day = if days.len() == 1 { OFFERED } else { A_DAY };
    let mut picked = Vec::new();
    for slots in &days {
        let step = slots.len().div_ceil(a_day).max(1);
        picked.extend(slots.iter().step_by(step).take(a_day).copied());
        if picked.len() >= OFFERED {
            break;
        }
    }
    picked.truncate(OFFERED);
    picked
}

/// The slots as a numbered list.
pub(super) fn list(state: &TurnState, slots: &[FreeSlot]) -> String {
    let texts = state.texts();
    let lines: Vec<String> = slots
        .iter()
        .enumerate()
        .map(|(at, slot)| {
            let when = replies::moment(&state.local(slot.start), state.language);
            texts.say("slot_line", &[("number", &(at + 1).to_string()), ("when", &when)])
        })
        .collect();
    lines.join("\n")
}

/// Whether slots are on offer that can all still be had.
pub(super) fn stand(state: &TurnState) -> bool {
    let now = state.input.now.timestamp();
    !state.memory.offered.is_empty() && state.memory.offered.iter().all(|slot| slot.start > now)
}

/// What a choice comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Picked {
    /// Just one slot on offer fits.
    One(FreeSlot),
    /// Several do.
    Several(Vec<FreeSlot>),
    /// The one that was meant has begun since it was offered.
    Passed,
    /// None does.
    None,
}

/// The slot on offer that was picked by number, day or time.
pub(super) fn picked(
    state: &TurnState,
    choice: Option<i32>,
    date: Option<Date>,
    time: Option<Time>,
) -> Picked {
    let offered = &state.memory.offered;
    let now = state.input.now.timestamp();
    if let Some(choice) = choice {
        let at = usize::try_from(choice).ok().and_then(|number| number.checked_sub(1));
        return match at.and_then(|at| offered.get(at)) {
            Some(slot) if slot.start <= now => Picked::Passed,
            Some(slot) => Picked::One(*slot),
            None => Picked::None,
        };
    }
    if date.is_none() && time.is_none() {
        return Picked::None;
    }
    let fits: Vec<FreeSlot> = offered
        .iter()
        .filter(|slot| {
            let start = state.local(slot.start);
            date.is_none_or(|date| start.date() == date) && time.is_none_or(|time| start.time() == time)
        })
        .copied()
        .collect();
    let (to_come, passed): (Vec<_>, Vec<_>) = fits.into_iter().partition(|slot| slot.start > now);
    match to_come.as_slice() {
        [] if !passed.is_empty() => Picked::Passed,
        [] => Picked::None,
        [one] => Picked::One(*one),
        _ => Picked::Several(to_come),
    }
}
