//! When appointments can start: the calendar's own rule, over the same dealer.
//!
//! Opening hours are readings of a clock that jumps twice a year, slots are real time: a stretch is open from the first
//! moment the clock has reached its start, and slots follow each other in real minutes from there.

use dealer::{Dealer, TimeRange};
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::ports::FreeSlot;

/// Slots that start in `[from, to)` and can be booked at `now`, earliest first, taken or not.
pub(super) fn bookable(dealer: &Dealer, now: Timestamp, from: Timestamp, to: Timestamp) -> Vec<FreeSlot> {
    let Ok(earliest) = now.checked_add(minutes(dealer.booking.lead_time_minutes)) else { return Vec::new() };
    let from = from.max(earliest);
    let horizon = i64::from(dealer.booking.horizon_days).days();
    let Ok(last) = local_date(dealer, now).checked_add(horizon) else { return Vec::new() };
    let last = last.min(local_date(dealer, to));
    local_date(dealer, from)
        .series(1.day())
        .take_while(|date| *date <= last)
        .flat_map(|date| slots_of(dealer, date))
        .filter(|slot| from <= slot.start && slot.start < to)
        .collect()
}

/// The slot that starts at `start`, if one can be booked at `now`.
pub(super) fn slot_at(dealer: &Dealer, now: Timestamp, start: Timestamp) -> Option<FreeSlot> {
    let after = start.checked_add(SignedDuration::from_secs(1)).ok()?;
    bookable(dealer, now, start, after).into_iter().find(|slot| slot.start == start)
}

/// The slot somebody else takes: from `start` as long as one lasts.
pub(super) fn from_start(dealer: &Dealer, start: Timestamp) -> FreeSlot {
    let length = minutes(dealer.booking.slot_minutes);
    FreeSlot { start, end: start.checked_add(length).unwrap_or(start) }
}

fn minutes(count: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(count))
}

fn local_date(dealer: &Dealer, moment: Timestamp) -> Date {
    dealer.timezone.to_datetime(moment).date()
}

fn slots_of(dealer: &Dealer, date: Date) -> impl Iterator<Item = FreeSlot> {
    dealer
        .hours
        .on(date)
        .iter()
        .filter_map(move |range| opening(&dealer.timezone, date, *range))
        .flat_map(|open| slots_in(dealer, open))
}

/// Whole slots from the start of an opening; what is left at its end is too short for one.
fn slots_in(dealer: &Dealer, open: FreeSlot) -> impl Iterator<Item = FreeSlot> + use<> {
    let length = minutes(dealer.booking.slot_minutes);
    std::iter::successors(Some(open.start), move |start| start.checked_add(length).ok())
        .map(move |start| FreeSlot { start, end: start.checked_add(length).unwrap_or(start) })
        .take_while(move |slot| slot.start < slot.end && slot.end <= open.end)
}

fn opening(timezone: &TimeZone, date: Date, range: TimeRange) -> Option<FreeSlot> {
    let start = first_moment(timezone, date, range.from_minute())?;
    let end = first_moment(timezone, date, range.to_minute())?;
    (start < end).then_some(FreeSlot { start, end })
}

/// The first moment at which the clock, on `date`, has reached `minute` of the day: the former of two in autumn, and the
/// jump itself for a reading that the clock skips in spring.
fn first_moment(timezone: &TimeZone, date: Date, minute: u16) -> Option<Timestamp> {
    let reading = date.at(0, 0, 0, 0).checked_add(i64::from(minute).minutes()).ok()?;
    let ambiguous = timezone.to_ambiguous_timestamp(reading);
    let skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let moment = ambiguous.earlier().ok()?;
    if skipped { Some(timezone.following(moment).next()?.timestamp()) } else { Some(moment) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dealer::{BUILTIN, BUILTIN_INVENTORY};

    fn starts(dealer: &Dealer, now: &str, date: Date) -> Vec<String> {
        let now: Timestamp = now.parse().unwrap();
        let day = date.to_zoned(dealer.timezone.clone()).unwrap();
        let end = day.tomorrow().unwrap().timestamp();
        let slots = bookable(dealer, now, day.timestamp(), end);
        slots.iter().map(|slot| dealer.timezone.to_datetime(slot.start).time().to_string()).collect()
    }

    #[test]
    fn a_day_has_the_dealers_hours_without_lunch() {
        let dealer = Dealer::builtin();
        let monday = jiff::civil::date(2026, 3, 9);
        let expected =
            ["09:00:00", "10:00:00", "11:00:00", "13:00:00", "14:00:00", "15:00:00", "16:00:00", "17:00:00"];
        assert_eq!(starts(&dealer, "2026-03-06T10:00:00+01:00", monday), expected);
        // Sunday is closed, and today begins an hour from now.
        assert!(starts(&dealer, "2026-03-06T10:00:00+01:00", jiff::civil::date(2026, 3, 8)).is_empty());
        let today = starts(&dealer, "2026-03-09T14:10:00+01:00", monday);
        assert_eq!(today, ["16:00:00", "17:00:00"]);
    }

    #[test]
    fn the_last_day_of_the_horizon_counts_whole_and_the_next_not_at_all() {
        let dealer = Dealer::builtin();
        let now = "2026-03-06T17:00:00+01:00";
        assert_eq!(starts(&dealer, now, jiff::civil::date(2026, 3, 20)).len(), 8);
        assert!(starts(&dealer, now, jiff::civil::date(2026, 3, 21)).is_empty());
    }

    #[test]
    fn a_clock_that_jumps_loses_and_gains_real_slots() {
        let toml = BUILTIN.replace("sunday = []", "sunday = [\"01:00-04:00\"]");
        assert_ne!(toml, BUILTIN);
        let dealer = Dealer::parse(&toml, BUILTIN_INVENTORY).unwrap();
        let spring = starts(&dealer, "2026-03-27T10:00:00+01:00", jiff::civil::date(2026, 3, 29));
        assert_eq!(spring, ["01:00:00", "03:00:00"]);
        let autumn = starts(&dealer, "2026-10-23T10:00:00+02:00", jiff::civil::date(2026, 10, 25));
        assert_eq!(autumn, ["01:00:00", "02:00:00", "02:00:00", "03:00:00"]);
    }

    #[test]
    fn only_the_start_of_a_slot_can_be_held() {
        let dealer = Dealer::builtin();
        let now = "2026-03-06T10:00:00+01:00".parse().unwrap();
        let at = |text: &str| slot_at(&dealer, now, text.parse().unwrap());
        assert!(at("2026-03-09T10:00:00+01:00").is_some());
        assert!(at("2026-03-09T10:30:00+01:00").is_none());
        assert!(at("2026-03-09T12:00:00+01:00").is_none());
        assert!(at("2026-03-06T10:30:00+01:00").is_none());
    }
}
