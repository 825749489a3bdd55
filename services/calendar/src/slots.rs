//! Slot arithmetic: from opening hours on the wall's clock to slots in UTC. Pure; the clock is an argument.
//!
//! Opening hours are readings of a clock that jumps twice a year, slots are real time. A stretch is open from the first
//! moment the clock has reached its start to the first moment it has reached its end, and slots follow each other in real
//! minutes from there. So in spring `01:00-04:00` holds two slots of an hour and in autumn four, and none overlap.

use std::fmt;
use std::time::Duration;

use dealer::{Dealer, TimeRange};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use model::Timestamp;

/// A stretch of time that can be booked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// First moment.
    pub start: Timestamp,
    /// Moment after the last.
    pub end: Timestamp,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.start, self.end)
    }
}

impl Slot {
    /// Whether both share a moment.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
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

/// Slots that start in `[from, to)` and can be booked at `now`, earliest first, taken or not.
pub fn bookable(dealer: &Dealer, now: Timestamp, from: Timestamp, to: Timestamp) -> Vec<Slot> {
    let from = from.max(earliest_start(dealer, now));
    let (Some(first), Some(last)) = (local_date(dealer, from), local_date(dealer, to)) else {
        return Vec::new();
    };
    let Some(last) = last_date(dealer, now).map(|limit| last.min(limit)) else { return Vec::new() };
    first
        .series(1.day())
        .take_while(|date| *date <= last)
        .flat_map(|date| slots_of(dealer, date))
        .filter(|slot| from <= slot.start && slot.start < to)
        .collect()
}

/// The slot that starts at `start`, if one can be booked at `now`.
pub fn slot_at(dealer: &Dealer, now: Timestamp, start: Timestamp) -> Result<Slot, NoSlot> {
    let date = local_date(dealer, start).ok_or(NoSlot::Closed)?;
    let open = openings(dealer, date).find(|opening| opening.start <= start && start < opening.end);
    let open = open.ok_or(NoSlot::Closed)?;
    let slot = slots_in(dealer, open).find(|slot| slot.start == start).ok_or(NoSlot::BetweenSlots)?;
    if start < earliest_start(dealer, now) {
        Err(NoSlot::TooSoon)
    } else if last_date(dealer, now).is_none_or(|last| date > last) {
        Err(NoSlot::TooFar)
    } else {
        Ok(slot)
    }
}

/// The moment after the last day that can be booked at `now`.
pub fn horizon(dealer: &Dealer, now: Timestamp) -> Timestamp {
    last_date(dealer, now)
        .and_then(|last| last.tomorrow().ok())
        .and_then(|after| first_moment(&dealer.timezone, after, 0))
        .unwrap_or(now)
}

/// The slot's moment for people, in the dealer's time zone: `zaterdag 14 maart 11:00`. Where the clock shows the same
/// reading twice, in autumn, the label says which is meant.
pub fn label(timezone: &TimeZone, start: Timestamp) -> String {
    let Ok(moment) = start.to_jiff() else { return start.to_string() };
    let local = timezone.to_datetime(moment);
    let weekday =
        WEEKDAYS[usize::try_from(local.date().weekday().to_monday_zero_offset()).unwrap_or_default()];
    let month = MONTHS[usize::try_from(local.month() - 1).unwrap_or_default()];
    let label = format!("{weekday} {} {month} {:02}:{:02}", local.day(), local.hour(), local.minute());
    match timezone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Fold { before, .. } => {
            let which = if timezone.to_offset(moment) == before { "zomertijd" } else { "wintertijd" };
            format!("{label} ({which})")
        }
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => label,
    }
}

const WEEKDAYS: [&str; 7] = ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"];

const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];

fn earliest_start(dealer: &Dealer, now: Timestamp) -> Timestamp {
    now + minutes(dealer.booking.lead_time_minutes)
}

fn last_date(dealer: &Dealer, now: Timestamp) -> Option<Date> {
    local_date(dealer, now)?.checked_add(i64::from(dealer.booking.horizon_days).days()).ok()
}

fn minutes(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * 60)
}

fn local_date(dealer: &Dealer, moment: Timestamp) -> Option<Date> {
    Some(dealer.timezone.to_datetime(moment.to_jiff().ok()?).date())
}

fn slots_of(dealer: &Dealer, date: Date) -> impl Iterator<Item = Slot> {
    openings(dealer, date).flat_map(|open| slots_in(dealer, open))
}

/// Whole slots from the start of an opening; what is left at its end is too short for one.
fn slots_in(dealer: &Dealer, open: Slot) -> impl Iterator<Item = Slot> + use<> {
    let length = minutes(dealer.booking.slot_minutes);
    std::iter::successors(Some(open.start), move |start| Some(*start + length))
        .map(move |start| Slot { start, end: start + length })
        .take_while(move |slot| slot.end <= open.end)
}

fn openings(dealer: &Dealer, date: Date) -> impl Iterator<Item = Slot> {
    dealer.hours.on(date).iter().filter_map(move |range| opening(&dealer.timezone, date, *range))
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
    let moment = if skipped { timezone.following(moment).next()?.timestamp() } else { moment };
    Some(Timestamp::from_jiff(moment))
}

#[cfg(test)]
mod tests;
