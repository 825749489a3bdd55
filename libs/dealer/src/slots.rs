//! When appointments can start: from opening hours on the wall's clock to slots of real time. Pure; the clock is an argument.
//!
//! Opening hours are readings of a clock that jumps twice a year, slots are real time. A stretch is open from the first
//! moment the clock has reached its start to the first moment it has reached its end, and slots follow each other in real
//! minutes from there. So in spring `01:00-04:00` holds two slots of an hour and in autumn four, and none overlap.

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::{Dealer, TimeRange};

/// A stretch of time that can be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// First moment.
    pub start: Timestamp,
    /// Moment after the last.
    pub end: Timestamp,
}

/// Why no slot starts at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSlot {
    /// The dealer is closed then.
    Closed,
    /// The dealer is open, but slots start at other moments.
    BetweenSlots,
    /// In the past, or sooner than the dealer's notice.
    TooSoon,
    /// Later than the dealer plans ahead.
    TooFar,
}

impl Dealer {
    /// Slots that start in `[from, to)` and can be booked at `now`, earliest first, taken or not.
    pub fn bookable_slots(&self, now: Timestamp, from: Timestamp, to: Timestamp) -> Vec<Slot> {
        let (Some(earliest), Some(last)) = (self.earliest_start(now), self.last_date(now)) else {
            return Vec::new();
        };
        let from = from.max(earliest);
        let last = last.min(self.date_of(to));
        self.date_of(from)
            .series(1.day())
            .take_while(|date| *date <= last)
            .flat_map(|date| self.slots_on(date))
            .filter(|slot| from <= slot.start && slot.start < to)
            .collect()
    }

    /// The slot that starts at `start`, if one can be booked at `now`.
    pub fn slot_at(&self, now: Timestamp, start: Timestamp) -> Result<Slot, NoSlot> {
        let date = self.date_of(start);
        let open = self.openings(date).find(|open| open.start <= start && start < open.end);
        let open = open.ok_or(NoSlot::Closed)?;
        let slot = self.slots_in(open).find(|slot| slot.start == start).ok_or(NoSlot::BetweenSlots)?;
        if self.earliest_start(now).is_none_or(|earliest| start < earliest) {
            Err(NoSlot::TooSoon)
        } else if self.last_date(now).is_none_or(|last| date > last) {
            Err(NoSlot::TooFar)
        } else {
            Ok(slot)
        }
    }

    /// The moment after the last day that can be booked at `now`.
    pub fn horizon(&self, now: Timestamp) -> Timestamp {
        self.last_date(now)
            .and_then(|last| last.tomorrow().ok())
            .and_then(|after| first_moment(&self.timezone, after, 0))
            .unwrap_or(now)
    }

    /// How long an appointment lasts.
    pub fn slot_length(&self) -> SignedDuration {
        minutes(self.booking.slot_minutes)
    }

    fn earliest_start(&self, now: Timestamp) -> Option<Timestamp> {
        now.checked_add(minutes(self.booking.lead_time_minutes)).ok()
    }

    fn last_date(&self, now: Timestamp) -> Option<Date> {
        self.date_of(now).checked_add(i64::from(self.booking.horizon_days).days()).ok()
    }

    fn date_of(&self, moment: Timestamp) -> Date {
        self.timezone.to_datetime(moment).date()
    }

    fn slots_on(&self, date: Date) -> impl Iterator<Item = Slot> {
        self.openings(date).flat_map(|open| self.slots_in(open))
    }

    /// Whole slots from the start of an opening; what is left at its end is too short for one.
    fn slots_in(&self, open: Slot) -> impl Iterator<Item = Slot> + use<> {
        let length = self.slot_length();
        std::iter::successors(Some(open.start), move |start| start.checked_add(length).ok())
            .map_while(move |start| Some(Slot { start, end: start.checked_add(length).ok()? }))
            .take_while(move |slot| slot.end <= open.end)
    }

    fn openings(&self, date: Date) -> impl Iterator<Item = Slot> {
        self.hours.on(date).iter().filter_map(move |range| opening(&self.timezone, date, *range))
    }
}

fn minutes(count: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(count))
}

fn opening(timezone: &TimeZone, date: Date, range: TimeRange) -> Option<Slot> {
    let start = first_moment(timezone, date, range.from_minute())?;
    let end = first_moment(timezone, date, range.to_minute())?;
    (start < end).then_some(Slot { start, end })
}

/// The first moment at which the clock, on `date`, has reached `minute` of the day: the former of two in autumn, and the
/// jump itself for a reading that the clock skips in spring. Never decreases with `minute`.
fn first_moment(timezone: &TimeZone, date: Date, minute: u16) -> Option<Timestamp> {
    let reading = date.at(0, 0, 0, 0).checked_add(i64::from(minute).minutes()).ok()?;
    let ambiguous = timezone.to_ambiguous_timestamp(reading);
    let skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let moment = ambiguous.earlier().ok()?;
    if skipped { Some(timezone.following(moment).next()?.timestamp()) } else { Some(moment) }
}

#[cfg(test)]
mod tests;
