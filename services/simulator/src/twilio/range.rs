//! Ranges of `DateSent` in a list request.
//!
//! The documented form is a day in GMT: `DateSent=2026-01-02` is that day, `DateSent>=` from its start on, `DateSent<=`
//! to its end. The API's own examples show moments too, and those are taken to the second.

use std::time::Duration;

use model::Timestamp;

const DAY: Duration = Duration::from_hours(24);
const SECOND: Duration = Duration::from_secs(1);

/// A half-open range of moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateRange {
    from: Option<Timestamp>,
    before: Option<Timestamp>,
}

/// A date that is none of the documented forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDate;

impl DateRange {
    /// Narrows the range by one parameter, named `DateSent`, `DateSent>` or `DateSent<`.
    pub fn narrow(&mut self, name: &str, value: &str) -> Result<(), InvalidDate> {
        let (start, length) = parse(value.trim()).ok_or(InvalidDate)?;
        match name {
            "DateSent>" => self.from = Some(start),
            "DateSent<" => self.before = Some(start + length),
            _ => *self = Self { from: Some(start), before: Some(start + length) },
        }
        Ok(())
    }

    /// Whether a moment lies in the range.
    pub fn contains(&self, moment: Timestamp) -> bool {
        self.from.is_none_or(|from| moment >= from) && self.before.is_none_or(|before| moment < before)
    }
}

/// The start of what a text names, and how long that lasts.
fn parse(text: &str) -> Option<(Timestamp, Duration)> {
    if let Ok(day) = jiff::civil::Date::strptime("%Y-%m-%d", text) {
        let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        return Some((Timestamp::from_jiff(midnight.timestamp()), DAY));
    }
    let moment = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let local = text.parse::<jiff::civil::DateTime>().ok()?;
        Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    });
    let moment = moment.or_else(|| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp()))?;
    Some((Timestamp::from_seconds(moment.as_second()), SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(name: &str, value: &str) -> DateRange {
        let mut range = DateRange::default();
        range.narrow(name, value).unwrap();
        range
    }

    fn at(moment: &str) -> Timestamp {
        Timestamp::from_jiff(moment.parse().unwrap())
    }

    #[test]
    fn a_day_is_the_whole_day_in_gmt() {
        for (name, inside, outside) in [
            ("DateSent", "2026-01-02T23:59:59Z", "2026-01-03T00:00:00Z"),
            ("DateSent>", "2026-01-02T00:00:00Z", "2026-01-01T23:59:59Z"),
            ("DateSent<", "2026-01-02T23:59:59Z", "2026-01-03T00:00:00Z"),
        ] {
            let range = range(name, "2026-01-02");
            assert!(range.contains(at(inside)) && !range.contains(at(outside)), "{name}");
        }
    }

    #[test]
    fn a_moment_counts_to_the_second() {
        for text in ["2026-01-02T10:00:05Z", "2026-01-02 10:00:05.000", "Fri, 2 Jan 2026 10:00:05 +0000"] {
            let from = range("DateSent>", text);
            assert!(from.contains(at("2026-01-02T10:00:05Z")), "{text}");
            assert!(!from.contains(at("2026-01-02T10:00:04.9Z")), "{text}");
        }
    }

    #[test]
    fn two_ends_make_a_range_and_nonsense_is_refused() {
        let mut both = range("DateSent>", "2026-01-02");
        both.narrow("DateSent<", "2026-01-03").unwrap();
        assert!(both.contains(at("2026-01-03T12:00:00Z")) && !both.contains(at("2026-01-04T00:00:00Z")));
        assert_eq!(both.narrow("DateSent>", "yesterday"), Err(InvalidDate));
    }
}
