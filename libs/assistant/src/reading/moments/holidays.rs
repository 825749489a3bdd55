//! Days that have a name of their own: "eerste kerstdag", "Karfreitag", "between Christmas and New Year".

use jiff::ToSpan;
use jiff::civil::Date;

use super::atoms::{Atom, Source};
use crate::reading::words::Role;
use crate::when::{Days, When};

/// The day or days named at a token, the next ones from today on.
pub(super) fn at(source: Source<'_, '_>, at: usize) -> Option<Atom> {
    let (to, value) = source.phrase(Role::Holidays, at)?;
    // "No good, Friday 2pm"
    if !source.text.same_clause(at, to - 1) {
        return None;
    }
    let year = source.today.year();
    let days =
        (year..=year + 1).filter_map(|year| days(value, year)).find(|days| days.last >= source.today)?;
    let days = Days { first: days.first.max(source.today), last: days.last };
    Some(Atom { from: at, to, when: When { days: vec![days], ..When::default() }, ..Atom::default() })
}

/// The days a value names in a year: `12-25 12-26`, `easter39`. A range may end in the next year.
fn days(value: &str, year: i16) -> Option<Days> {
    let (first, last) = value.split_once(' ').unwrap_or((value, value));
    let first = day(first, year)?;
    let last = day(last, year).filter(|last| *last >= first).or_else(|| day(last, year + 1))?;
    Some(Days { first, last })
}

fn day(value: &str, year: i16) -> Option<Date> {
    if let Some(days) = value.strip_prefix("easter") {
        return easter(year)?.checked_add(days.parse::<i32>().ok()?.days()).ok();
    }
    let (month, day) = value.split_once('-')?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Easter Sunday, by the Gregorian rule.
fn easter(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let century = year_number / 100;
    let moon = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
    let moon = moon - i32::from(moon == 29 || moon == 28 && golden > 10);
    let weekday = (year_number + year_number / 4 + moon + 2 - century + century / 4) % 7;
    let days = moon - weekday;
    let month = 3 + (days + 40) / 44;
    let day = days + 28 - 31 * (month / 4);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_where_the_calendar_has_it() {
        for date in
            ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2035-03-25", "2038-04-25"]
        {
            let date: Date = date.parse().unwrap();
            assert_eq!(easter(date.year()), Some(date));
        }
    }
}
