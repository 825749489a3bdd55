//! When the dealer is open and how appointments are made.

use jiff::civil::{Date, Time};

/// A stretch of a day, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// First moment.
    pub from: Time,
    /// Moment after the last.
    pub to: Time,
}

impl TimeRange {
    /// Reads `09:00-12:00`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let range = Self { from: clock(from)?, to: clock(to)? };
        (range.from < range.to).then_some(range)
    }
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// Opening hours of a week, with the days on which they do not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours {
    /// Monday first; an empty day is closed.
    pub week: [Vec<TimeRange>; 7],
    /// Days on which the dealer is closed all the same.
    pub closed_days: Vec<Date>,
}

impl Hours {
    /// The stretches open on `date`; none when closed.
    pub fn on(&self, date: Date) -> &[TimeRange] {
        if self.closed_days.contains(&date) {
            return &[];
        }
        let monday_is_zero = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        &self.week[monday_is_zero]
    }
}

/// How appointments are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookingRules {
    /// Length of a slot in minutes.
    pub slot_minutes: u32,
    /// How many days ahead slots are offered.
    pub horizon_days: u32,
    /// The first slot offered starts at least so many minutes from now.
    pub lead_time_minutes: u32,
}
