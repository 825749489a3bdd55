//! Which of the free moments are offered.

use jiff::Zoned;
use jiff::civil::{Date, Time};

use crate::ports::FreeSlot;
use crate::when::{Hours, When};

/// At most so many moments of one day are offered.
const OF_A_DAY: usize = 6;

/// At most so many are offered over several days.
const OVER_DAYS: usize = 5;

/// At most so many stand in for one that cannot be had.
const NEAREST: usize = 4;

/// Further than the nearest by so many minutes is not near any more, …
const NEAREST_WITHIN: i64 = 60;

/// … unless there were fewer than this.
const NEAREST_LEAST: usize = 2;

type Moment = (FreeSlot, Zoned);

/// Moments that suit a wish, earliest first; of those about an hour the nearest.
pub(super) fn suiting(moments: &[Moment], when: &When) -> Vec<FreeSlot> {
    let suits: Vec<&Moment> = moments.iter().filter(|(_, at)| when.suits(at.datetime())).collect();
    if let Hours::Around(time) = when.hours {
        let mut near = suits;
        near.sort_by_key(|(slot, at)| (at.date(), minutes_between(at.time(), time), *slot));
        let mut nearest: Vec<FreeSlot> =
            near.into_iter().take(NEAREST.min(3)).map(|(slot, _)| *slot).collect();
        nearest.sort_unstable();
        return nearest;
    }
    let days = days(&suits);
    match days.as_slice() {
        [_] => spread(&suits, OF_A_DAY),
        _ if when.soon => suits.into_iter().take(3).map(|(slot, _)| *slot).collect(),
        _ => over_days(&suits, &days, when),
    }
}

/// "Rond vijven" on one day, or on whatever day: the first moment that begins just then.
pub(super) fn at_the_hour(moments: &[Moment], when: &When) -> Option<(FreeSlot, Zoned)> {
    let Hours::Around(time) = when.hours else { return None };
    let one_day = when.day().is_some() || when.days.is_empty();
    let begins = |at: &Zoned| when.suits_day(at.date()) && at.time() == time;
    moments.iter().find(|(_, at)| one_day && begins(at)).cloned()
}

/// Nearer than so many minutes is "about then".
const ABOUT_MINUTES: i64 = 30;

/// The hour about which a day was wished, when every free moment of that day is far from it.
pub(super) fn far_from_all(moments: &[Moment], when: &When) -> Option<Time> {
    let Hours::Around(time) = when.hours else { return None };
    let near =
        |(_, at): &&Moment| when.suits_day(at.date()) && minutes_between(at.time(), time) <= ABOUT_MINUTES;
    moments.iter().find(near).is_none().then_some(time)
}

fn days(moments: &[&Moment]) -> Vec<Date> {
    let mut days: Vec<Date> = moments.iter().map(|(_, at)| at.date()).collect();
    days.dedup();
    days
}

/// All of a day, or so many spread over it.
fn spread(moments: &[&Moment], most: usize) -> Vec<FreeSlot> {
    if moments.len() <= most {
        return moments.iter().map(|(slot, _)| *slot).collect();
    }
    (0..most).map(|at| moments[at * (moments.len() - 1) / (most - 1)].0).collect()
}

/// The first days that suit, one in the morning and one in the afternoon of each.
fn over_days(moments: &[&Moment], days: &[Date], when: &When) -> Vec<FreeSlot> {
    let of_a_day = if matches!(when.hours, Hours::At(_)) { 1 } else { 2 };
    let mut chosen = Vec::new();
    for day in days.iter().take(3) {
        let of_day: Vec<&Moment> = moments.iter().copied().filter(|(_, at)| at.date() == *day).collect();
        let noon = jiff::civil::time(12, 0, 0, 0);
        let first = of_day.first();
        let later = of_day
            .iter()
            .find(|(_, at)| at.time() >= noon && first.is_some_and(|(_, other)| other.time() < noon));
        let later = later.or_else(|| of_day.last().filter(|_| of_day.len() > 1));
        chosen.extend([first, later].into_iter().flatten().take(of_a_day).map(|(slot, _)| *slot));
    }
    chosen.truncate(OVER_DAYS);
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// A day further away counts as much as so many minutes.
const DAY_IN_MINUTES: i64 = 8 * 60;

/// The moments nearest to a wish that none meets, earliest first.
pub(super) fn nearest(moments: &[Moment], when: &When) -> Vec<FreeSlot> {
    let mut ranked: Vec<(i64, FreeSlot)> = moments
        .iter()
        .filter(|(_, at)| !when.not_days.contains(&at.date()) && !when.not_hours.contains(&at.time()))
        .map(|(slot, at)| (distance(at, when), *slot))
        .collect();
    ranked.sort_unstable();
    if when.hours == Hours::Any && !when.days.is_empty() {
        return on_nearest_days(moments, &ranked, when);
    }
    let best = ranked.first().map_or(0, |(distance, _)| *distance);
    let mut chosen: Vec<FreeSlot> = ranked
        .into_iter()
        .enumerate()
        .take_while(|(at, (distance, _))| *at < NEAREST_LEAST || *distance < best + NEAREST_WITHIN)
        .take(NEAREST)
        .map(|(_, (_, slot))| slot)
        .collect();
    chosen.sort_unstable();
    chosen
}

/// A day was wished at any hour: the nearest day on each side of it, or two where one side has none.
fn on_nearest_days(moments: &[Moment], ranked: &[(i64, FreeSlot)], when: &When) -> Vec<FreeSlot> {
    let date_of = |slot: &FreeSlot| moments.iter().find(|(one, _)| one == slot).map(|(_, at)| at.date());
    let mut by_distance: Vec<Date> = Vec::new();
    for day in ranked.iter().filter_map(|(_, slot)| date_of(slot)) {
        if !by_distance.contains(&day) {
            by_distance.push(day);
        }
    }
    let is_before = |day: &Date| when.days.first().is_some_and(|days| *day < days.first);
    let before = by_distance.iter().copied().find(is_before);
    let after = by_distance.iter().copied().find(|day| !is_before(day));
    let mut days: Vec<Date> = match (before, after) {
        (Some(before), Some(after)) => vec![before, after],
        _ => by_distance.into_iter().take(2).collect(),
    };
    days.sort_unstable();
    let near: Vec<&Moment> = moments.iter().filter(|(_, at)| days.contains(&at.date())).collect();
    over_days(&near, &days, &When::default())
}

fn distance(at: &Zoned, when: &When) -> i64 {
    let days = when
        .days
        .iter()
        .map(|days| {
            let (first, last) = (days.first.max(Date::MIN), days.last);
            if at.date() < first {
                days_between(at.date(), first)
            } else if at.date() > last {
                days_between(last, at.date())
            } else {
                0
            }
        })
        .min()
        .unwrap_or(0);
    let minutes = match when.hours {
        Hours::Any => 0,
        Hours::At(time) | Hours::Around(time) => minutes_between(at.time(), time),
        Hours::Between { from, until } => {
            let short =
                from.filter(|from| at.time() < *from).map_or(0, |from| minutes_between(at.time(), from));
            let long = until
                .filter(|until| at.time() >= *until)
                .map_or(0, |until| minutes_between(at.time(), until) + 1);
            short + long
        }
    };
    days * DAY_IN_MINUTES + minutes
}

fn days_between(first: Date, last: Date) -> i64 {
    i64::from(first.until(last).map_or(i32::from(i16::MAX), |span| span.get_days()).unsigned_abs())
}

fn minutes_between(a: Time, b: Time) -> i64 {
    let minutes = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    (minutes(a) - minutes(b)).abs()
}
