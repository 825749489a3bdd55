//! Why a wished moment cannot be had: the true reason, from the dealer's hours and rules.

use dealer::Dealer;
use jiff::civil::{Date, Time};
use jiff::{ToSpan, Zoned};

use crate::piece::Why;
use crate::when::{Hours, When};

/// Why one moment is not free.
pub(super) fn of_moment(day: Date, time: Time, now: &Zoned, dealer: &Dealer) -> Why {
    if let Some(why) = of_day(day, now, dealer) {
        return why;
    }
    let minute = minute_of(time);
    let open = dealer.hours.on(day);
    let Some(range) = open.iter().find(|range| range.from_minute() <= minute && minute < range.to_minute())
    else {
        let before = open.first().is_none_or(|first| minute < first.from_minute());
        let after = open.last().is_none_or(|last| minute >= last.to_minute());
        return if before || after { Why::OutsideHours(time) } else { Why::Lunch(time) };
    };
    let slot = u16::try_from(dealer.booking.slot_minutes).unwrap_or(u16::MAX).max(1);
    let starts = (minute - range.from_minute()).is_multiple_of(slot);
    if !starts || minute.saturating_add(slot) > range.to_minute() {
        return Why::NotOnTheGrid(time);
    }
    let earliest = now.saturating_add(i64::from(dealer.booking.lead_time_minutes).minutes());
    if day.to_datetime(time).to_zoned(now.time_zone().clone()).is_ok_and(|at| at < earliest) {
        return Why::TooSoon;
    }
    Why::Taken(time)
}

/// Why no moment about an hour is free, on a day of which some are left or none.
pub(super) fn of_about(day: Date, time: Time, some_left: bool, now: &Zoned, dealer: &Dealer) -> Why {
    if !some_left {
        return of_day(day, now, dealer).unwrap_or(Why::Full(day));
    }
    let earliest = now.saturating_add(i64::from(dealer.booking.lead_time_minutes).minutes());
    let too_soon = day.to_datetime(time).to_zoned(now.time_zone().clone()).is_ok_and(|at| at < earliest);
    if too_soon { Why::TooSoon } else { of_moment(day, time, now, dealer) }
}

/// Why nothing suits a wish; `None` when it named neither day nor hours.
pub(super) fn of_wish(when: &When, now: &Zoned, dealer: &Dealer) -> Option<Why> {
    if let Some(day) = when.day() {
        return Some(of_day(day, now, dealer).unwrap_or_else(|| match when.hours {
            Hours::Any => Why::Full(day),
            Hours::At(time) | Hours::Around(time) => of_moment(day, time, now, dealer),
            Hours::Between { from: None, until: Some(until) } => {
                // "Vrijdag voor 9": the last hour that would suit tells why.
                match until.checked_sub(1.hour()).map(|last| of_moment(day, last, now, dealer)) {
                    Ok(why @ (Why::OutsideHours(_) | Why::TooSoon)) => why,
                    _ => Why::RangeFull,
                }
            }
            Hours::Between { from, .. } => match from.map(|from| of_moment(day, from, now, dealer)) {
                Some(why @ (Why::OutsideHours(_) | Why::TooSoon)) => why,
                _ => Why::RangeFull,
            },
        }));
    }
    let days = when.days.first()?;
    if days.first > last_day(now, dealer) {
        return Some(Why::BeyondHorizon(last_day(now, dealer)));
    }
    Some(Why::RangeFull)
}

/// Why a whole day is out.
fn of_day(day: Date, now: &Zoned, dealer: &Dealer) -> Option<Why> {
    if day < now.date() {
        return Some(Why::TooSoon);
    }
    if dealer.hours.on(day).is_empty() {
        return Some(Why::Closed(day));
    }
    let last = last_day(now, dealer);
    (day > last).then_some(Why::BeyondHorizon(last))
}

/// The last day the calendar goes to.
fn last_day(now: &Zoned, dealer: &Dealer) -> Date {
    now.date().saturating_add(i64::from(dealer.booking.horizon_days).days())
}

fn minute_of(time: Time) -> u16 {
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or_default()
}
