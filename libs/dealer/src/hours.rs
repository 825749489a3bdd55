//! When the dealer is open.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

/// Minutes in a day by the clock on the wall.
const DAY_MINUTES: u16 = 24 * 60;

/// A stretch of a day by the clock on the wall, the end not included; written `09:00-12:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    from: u16,
    to: u16,
}

/// Text is no stretch of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a stretch of a day as \"09:00-12:00\", the end after the start and at most 24:00")]
pub struct InvalidTimeRange;

impl TimeRange {
    /// The first minute of the day that belongs to it, 0 to 1439.
    pub const fn from_minute(self) -> u16 {
        self.from
    }

    /// The minute of the day it ends at, 1 to 1440 (midnight).
    pub const fn to_minute(self) -> u16 {
        self.to
    }
}

impl FromStr for TimeRange {
    type Err = InvalidTimeRange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once('-').ok_or(InvalidTimeRange)?;
        let range = Self { from: minute_of_day(from)?, to: minute_of_day(to)? };
        if range.from < range.to { Ok(range) } else { Err(InvalidTimeRange) }
    }
}

fn minute_of_day(text: &str) -> Result<u16, InvalidTimeRange> {
    let (hour, minute) = text.trim().split_once(':').ok_or(InvalidTimeRange)?;
    let number = |digits: &str, most: u16| match digits.parse::<u16>() {
        Ok(number) if number <= most && digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
        _ => Err(InvalidTimeRange),
    };
    let minutes = number(hour, 24)? * 60 + number(minute, 59)?;
    if minutes <= DAY_MINUTES { Ok(minutes) } else { Err(InvalidTimeRange) }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from, self.to);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

/// Opening hours of a week, with the days on which they do not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// Monday first; an empty day is closed. The stretches of a day follow each other and do not overlap.
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
        let day = usize::try_from(date.weekday().to_monday_zero_offset()).expect("0 to 6 fits");
        &self.week[day]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_reads_back_as_it_is_written() {
        for text in ["09:00-12:00", "00:00-24:00", "23:30-24:00"] {
            assert_eq!(text.parse::<TimeRange>().unwrap().to_string(), text);
        }
        assert_eq!(" 9:00 - 12:30 ".parse::<TimeRange>().unwrap().to_string(), "09:00-12:30");
    }

    #[test]
    fn what_is_no_stretch_is_refused() {
        for text in
            ["", "09:00", "12:00-09:00", "09:00-09:00", "09:00-24:01", "09:60-12:00", "+9:00-12:00", "9-12"]
        {
            assert_eq!(text.parse::<TimeRange>(), Err(InvalidTimeRange), "{text}");
        }
    }
}
