//! The dealer's slots in the calendar's own time, and what they are called. The arithmetic is the dealer's.

use std::fmt;

use dealer::Dealer;
pub use dealer::NoSlot;
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

impl From<dealer::Slot> for Slot {
    fn from(slot: dealer::Slot) -> Self {
        Self { start: slot.start.into(), end: slot.end.into() }
    }
}

/// Slots that start in `[from, to)` and can be booked at `now`, earliest first, taken or not.
pub fn bookable(dealer: &Dealer, now: Timestamp, from: Timestamp, to: Timestamp) -> Vec<Slot> {
    let (Ok(now), Ok(from), Ok(to)) = (now.to_jiff(), from.to_jiff(), to.to_jiff()) else {
        return Vec::new();
    };
    dealer.bookable_slots(now, from, to).into_iter().map(Slot::from).collect()
}

/// The slot that starts at `start`, if one can be booked at `now`.
pub fn slot_at(dealer: &Dealer, now: Timestamp, start: Timestamp) -> Result<Slot, NoSlot> {
    let (Ok(now), Ok(start)) = (now.to_jiff(), start.to_jiff()) else { return Err(NoSlot::Closed) };
    dealer.slot_at(now, start).map(Slot::from)
}

/// The moment after the last day that can be booked at `now`.
pub fn horizon(dealer: &Dealer, now: Timestamp) -> Timestamp {
    now.to_jiff().map_or(now, |now| dealer.horizon(now).into())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(rfc3339: &str) -> Timestamp {
        Timestamp::from_jiff(rfc3339.parse().unwrap())
    }

    #[test]
    fn labels_are_dutch_and_in_the_dealers_time_zone() {
        let amsterdam = Dealer::builtin().timezone;
        assert_eq!(label(&amsterdam, at("2026-03-14T10:00:00Z")), "zaterdag 14 maart 11:00");
        assert_eq!(label(&amsterdam, at("2026-07-01T07:05:00Z")), "woensdag 1 juli 09:05");
        assert_eq!(label(&amsterdam, at("2026-12-31T23:30:00Z")), "vrijdag 1 januari 00:30");
        assert_eq!(label(&amsterdam, at("2026-10-25T00:00:00Z")), "zondag 25 oktober 02:00 (zomertijd)");
        assert_eq!(label(&amsterdam, at("2026-10-25T01:00:00Z")), "zondag 25 oktober 02:00 (wintertijd)");
    }

    #[test]
    fn a_moment_no_calendar_can_show_has_no_slots() {
        let (dealer, now) = (Dealer::builtin(), at("2026-03-02T09:00:00Z"));
        let never = Timestamp::from_micros(i64::MAX);
        assert_eq!(slot_at(&dealer, now, never), Err(NoSlot::Closed));
        assert!(bookable(&dealer, now, never, never).is_empty());
        assert_eq!(horizon(&dealer, never), never);
    }
}
