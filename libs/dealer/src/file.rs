//! The shared sections of `dealer.toml` as text, checked value by value.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use crate::{BookingRules, Dealer, DealerError, Hours, Scoring, Source, TimeRange};

/// Points above this are a typing error.
const MOST_POINTS: u32 = 1_000;

/// Sections and keys that are not read here belong to the services that read them.
#[derive(Deserialize)]
struct Raw {
    dealer: Option<RawDealer>,
    hours: Option<RawHours>,
    #[serde(default)]
    booking: RawBooking,
    #[serde(default)]
    scoring: BTreeMap<String, Spanned<u32>>,
}

#[derive(Deserialize)]
struct RawDealer {
    timezone: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawHours {
    monday: Vec<Spanned<String>>,
    tuesday: Vec<Spanned<String>>,
    wednesday: Vec<Spanned<String>>,
    thursday: Vec<Spanned<String>>,
    friday: Vec<Spanned<String>>,
    saturday: Vec<Spanned<String>>,
    sunday: Vec<Spanned<String>>,
    closed_days: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawBooking {
    slot_minutes: Option<Spanned<u32>>,
    horizon_days: Option<Spanned<u32>>,
    lead_time_minutes: Option<Spanned<u32>>,
}

/// Reads and checks the shared sections; what a file leaves out is as in the built-in dealer.
pub(crate) fn parse(name: &str, text: &str) -> Result<Dealer, DealerError> {
    let source = Source { name, text };
    let raw: Raw = toml::from_str(text).map_err(|error| source.malformed(&error))?;
    Ok(Dealer {
        timezone: timezone(source, raw.dealer.and_then(|dealer| dealer.timezone))?,
        hours: match raw.hours {
            Some(raw) => hours(source, raw)?,
            None => Dealer::builtin().hours,
        },
        booking: booking(source, raw.booking)?,
        scoring: scoring(source, raw.scoring)?,
    })
}

fn timezone(source: Source<'_>, raw: Option<Spanned<String>>) -> Result<TimeZone, DealerError> {
    let Some(raw) = raw else {
        return Ok(TimeZone::get("Europe/Amsterdam").expect("the time zone database is built in"));
    };
    TimeZone::get(raw.get_ref()).map_err(|_| {
        source.wrong("dealer.timezone", &raw.span(), "write an IANA name such as \"Europe/Amsterdam\"")
    })
}

fn hours(source: Source<'_>, raw: RawHours) -> Result<Hours, DealerError> {
    let days = [
        ("hours.monday", raw.monday),
        ("hours.tuesday", raw.tuesday),
        ("hours.wednesday", raw.wednesday),
        ("hours.thursday", raw.thursday),
        ("hours.friday", raw.friday),
        ("hours.saturday", raw.saturday),
        ("hours.sunday", raw.sunday),
    ];
    let mut hours = Hours::default();
    for (day, (field, ranges)) in hours.week.iter_mut().zip(days) {
        for text in ranges {
            let range: TimeRange = text.get_ref().parse().map_err(|problem| {
                source.wrong(field, &text.span(), format!("{:?}: {problem}", text.get_ref()))
            })?;
            if day.last().is_some_and(|before| before.to_minute() > range.from_minute()) {
                let problem = format!("{:?} starts before the one before it ends", text.get_ref());
                return Err(source.wrong(field, &text.span(), problem));
            }
            day.push(range);
        }
    }
    for text in raw.closed_days {
        let date: Date = text.get_ref().parse().map_err(|_| {
            let problem = format!("{:?} is not a date; write \"2026-12-25\"", text.get_ref());
            source.wrong("hours.closed_days", &text.span(), problem)
        })?;
        hours.closed_days.push(date);
    }
    Ok(hours)
}

fn booking(source: Source<'_>, raw: RawBooking) -> Result<BookingRules, DealerError> {
    let within = |field: &str, value: Option<Spanned<u32>>, default: u32, least: u32, most: u32| match value {
        None => Ok(default),
        Some(value) if (least..=most).contains(value.get_ref()) => Ok(value.into_inner()),
        Some(value) => {
            Err(source.wrong(field, &value.span(), format!("must lie between {least} and {most}")))
        }
    };
    let usual = BookingRules::default();
    Ok(BookingRules {
        slot_minutes: within("booking.slot_minutes", raw.slot_minutes, usual.slot_minutes, 10, 480)?,
        horizon_days: within("booking.horizon_days", raw.horizon_days, usual.horizon_days, 1, 365)?,
        lead_time_minutes: within(
            "booking.lead_time_minutes",
            raw.lead_time_minutes,
            usual.lead_time_minutes,
            0,
            20_160,
        )?,
    })
}

fn scoring(source: Source<'_>, raw: BTreeMap<String, Spanned<u32>>) -> Result<Scoring, DealerError> {
    let mut scoring = Scoring::default();
    let mut threshold = 0..0;
    for (name, points) in raw {
        let field = format!("scoring.{name}");
        if *points.get_ref() > MOST_POINTS {
            return Err(source.wrong(&field, &points.span(), format!("must be at most {MOST_POINTS}")));
        }
        let Some(value) = scoring.named(&name) else {
            let problem = format!("is no signal; choose from {}", Scoring::NAMES.join(", "));
            return Err(source.wrong(&field, &points.span(), problem));
        };
        if matches!(name.as_str(), "hot" | "warm") {
            threshold = points.span();
        }
        *value = points.into_inner();
    }
    if scoring.warm > scoring.hot {
        return Err(source.wrong("scoring.warm", &threshold, "must not be above scoring.hot"));
    }
    Ok(scoring)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"[dealer]
name = "A"
timezone = "Europe/Amsterdam"

[hours]
monday = ["09:00-12:00", "13:00-18:00"]
closed_days = ["2026-12-25"]

[booking]
slot_minutes = 45

[scoring]
car = 40
hot = 70

[inventory]
csv = "inventory.csv"
"#;

    fn error_of(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from));
        Dealer::parse("dealer.toml", &GOOD.replace(from, to)).unwrap_err().to_string()
    }

    #[test]
    fn a_file_reads_with_defaults_for_what_it_leaves_out() {
        let dealer = Dealer::parse("dealer.toml", GOOD).unwrap();
        assert_eq!(dealer.booking, BookingRules { slot_minutes: 45, ..BookingRules::default() });
        assert_eq!(dealer.scoring, Scoring { car: 40, hot: 70, ..Scoring::default() });
        assert_eq!(dealer.hours.week[0].len(), 2);
        assert!(dealer.hours.week[1].is_empty(), "a day left out is closed");
        assert_eq!(Dealer::parse("dealer.toml", "").unwrap(), Dealer::builtin());
    }

    #[test]
    fn errors_name_the_line_and_the_field() {
        for (from, to, error) in [
            (
                "Europe/Amsterdam",
                "Europe/Harderwijk",
                "dealer.toml line 3: dealer.timezone: write an IANA name such as \"Europe/Amsterdam\"",
            ),
            (
                "13:00-18:00",
                "11:00-18:00",
                "dealer.toml line 6: hours.monday: \"11:00-18:00\" starts before the one before it ends",
            ),
            (
                "2026-12-25",
                "25 december",
                "dealer.toml line 7: hours.closed_days: \"25 december\" is not a date; write \"2026-12-25\"",
            ),
            (
                "slot_minutes = 45",
                "slot_minutes = 5",
                "dealer.toml line 10: booking.slot_minutes: must lie between 10 and 480",
            ),
            ("hot = 70", "warm = 81", "dealer.toml line 14: scoring.warm: must not be above scoring.hot"),
        ] {
            assert_eq!(error_of(from, to), error);
        }
        assert!(
            error_of("18:00", "25:00")
                .starts_with("dealer.toml line 6: hours.monday: \"13:00-25:00\": write")
        );
        assert!(error_of("monday", "mondag").starts_with("dealer.toml line 6: mondag: unknown field"));
        assert!(
            error_of("car = 40", "cars = 4").starts_with("dealer.toml line 13: scoring.cars: is no signal")
        );
        assert!(error_of("car = 40", "car = -4").starts_with("dealer.toml line 13: car: invalid value"));
    }
}
