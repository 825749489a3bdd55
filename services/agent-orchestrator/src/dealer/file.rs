//! `dealer.toml` as text, checked value by value.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use super::Scoring;
use super::calendar::{BookingRules, Hours, TimeRange};
use super::source::{DealerError, Source};
use crate::understanding::Language;

/// `dealer.toml` after every value was checked.
pub(super) struct Settings {
    pub name: String,
    pub address: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub website: Option<String>,
    pub timezone: TimeZone,
    pub languages: Vec<Language>,
    pub hours: Hours,
    pub booking: BookingRules,
    pub inventory_csv: String,
    pub scoring: Scoring,
    pub templates: BTreeMap<String, String>,
    pub texts: BTreeMap<Language, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    dealer: RawDealer,
    #[serde(default)]
    hours: RawHours,
    #[serde(default)]
    booking: RawBooking,
    inventory: RawInventory,
    #[serde(default)]
    scoring: BTreeMap<String, Spanned<u32>>,
    #[serde(default)]
    templates: BTreeMap<String, String>,
    #[serde(default)]
    texts: BTreeMap<String, BTreeMap<String, Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDealer {
    name: Spanned<String>,
    address: Spanned<String>,
    phone: Option<String>,
    email: Option<String>,
    website: Option<String>,
    timezone: Spanned<String>,
    languages: Spanned<Vec<Spanned<String>>>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInventory {
    csv: Spanned<String>,
}

/// Reads and checks the text of `dealer.toml`.
pub(super) fn parse(name: &str, text: &str) -> Result<Settings, DealerError> {
    let source = Source { name, text };
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let field = key_on_line(text, span.start);
        source.wrong(&field, &span, error.message().trim())
    })?;
    let dealer = raw.dealer;
    let timezone = TimeZone::get(dealer.timezone.get_ref()).map_err(|_| {
        source.wrong(
            "dealer.timezone",
            &dealer.timezone.span(),
            "write an IANA name such as \"Europe/Amsterdam\"",
        )
    })?;
    Ok(Settings {
        name: filled(source, "dealer.name", dealer.name)?,
        address: filled(source, "dealer.address", dealer.address)?,
        phone: dealer.phone,
        email: dealer.email,
        website: dealer.website,
        timezone,
        languages: languages(source, &dealer.languages)?,
        hours: hours(source, raw.hours)?,
        booking: booking(source, raw.booking)?,
        inventory_csv: filled(source, "inventory.csv", raw.inventory.csv)?,
        scoring: scoring(source, raw.scoring)?,
        templates: raw.templates,
        texts: texts(source, raw.texts)?,
    })
}

/// The key written on the line that holds byte `at`, for errors that do not name it themselves.
fn key_on_line(text: &str, at: usize) -> String {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let line = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    let key = line.split('=').next().unwrap_or_default().trim();
    if key.is_empty() { "syntax".to_owned() } else { key.to_owned() }
}

fn filled(source: Source<'_>, field: &str, value: Spanned<String>) -> Result<String, DealerError> {
    if value.get_ref().trim().is_empty() {
        return Err(source.wrong(field, &value.span(), "is empty; write a text"));
    }
    Ok(value.into_inner())
}

fn languages(source: Source<'_>, raw: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<Language>, DealerError> {
    let languages: Vec<Language> = raw
        .get_ref()
        .iter()
        .map(|word| {
            word.get_ref().parse().map_err(|_| {
                let problem = format!("{:?} is not a language; choose from nl, en, de", word.get_ref());
                source.wrong("dealer.languages", &word.span(), problem)
            })
        })
        .collect::<Result<_, _>>()?;
    if languages.is_empty() {
        return Err(source.wrong("dealer.languages", &raw.span(), "names no language; write at least one"));
    }
    Ok(languages)
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
            let range = TimeRange::parse(text.get_ref()).ok_or_else(|| {
                let problem = format!("{:?} is not a stretch of time; write \"09:00-12:00\"", text.get_ref());
                source.wrong(field, &text.span(), problem)
            })?;
            if day.last().is_some_and(|before| before.to > range.from) {
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
    Ok(BookingRules {
        slot_minutes: within("booking.slot_minutes", raw.slot_minutes, 60, 10, 480)?,
        horizon_days: within("booking.horizon_days", raw.horizon_days, 14, 1, 365)?,
        lead_time_minutes: within("booking.lead_time_minutes", raw.lead_time_minutes, 60, 0, 20_160)?,
    })
}

fn scoring(source: Source<'_>, raw: BTreeMap<String, Spanned<u32>>) -> Result<Scoring, DealerError> {
    let mut scoring = Scoring::default();
    for (name, points) in raw {
        match name.as_str() {
            "hot" => scoring.hot = points.into_inner(),
            "warm" => scoring.warm = points.into_inner(),
            signal if scoring.points.contains_key(signal) => {
                scoring.points.insert(name, points.into_inner());
            }
            _ => {
                let known: Vec<&str> = scoring.points.keys().map(String::as_str).collect();
                let problem = format!("is no signal; choose from {}, hot, warm", known.join(", "));
                return Err(source.wrong(&format!("scoring.{name}"), &points.span(), problem));
            }
        }
    }
    Ok(scoring)
}

fn texts(
    source: Source<'_>,
    raw: BTreeMap<String, BTreeMap<String, Spanned<String>>>,
) -> Result<BTreeMap<Language, BTreeMap<String, String>>, DealerError> {
    let mut texts = BTreeMap::new();
    for (word, overrides) in raw {
        let span = overrides.values().next().map_or(0..0, Spanned::span);
        let language: Language = word.parse().map_err(|_| {
            source.wrong(&format!("texts.{word}"), &span, "is not a language; choose from nl, en, de")
        })?;
        let mut texts_of_language = BTreeMap::new();
        for (name, text) in overrides {
            let field = format!("texts.{word}.{name}");
            crate::replies::check_override(&name, text.get_ref())
                .map_err(|problem| source.wrong(&field, &text.span(), problem))?;
            texts_of_language.insert(name, text.into_inner());
        }
        texts.insert(language, texts_of_language);
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"[dealer]
name = "A"
address = "B 1"
timezone = "Europe/Amsterdam"
languages = ["nl"]

[hours]
monday = ["09:00-12:00", "13:00-18:00"]
closed_days = ["2026-12-25"]

[inventory]
csv = "inventory.csv"
"#;

    fn error_of(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from));
        let text = GOOD.replace(from, to);
        parse("dealer.toml", &text).err().expect("the text is wrong").to_string()
    }

    #[test]
    fn a_good_file_reads_with_defaults_for_what_it_leaves_out() {
        let settings = parse("dealer.toml", GOOD).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(settings.booking.slot_minutes, 60);
        assert_eq!(settings.hours.week[0].len(), 2);
        assert!(settings.hours.week[6].is_empty());
    }

    #[test]
    fn errors_name_the_line_and_the_field() {
        assert_eq!(
            error_of("Europe/Amsterdam", "Europe/Harderwijk"),
            "dealer.toml line 4: dealer.timezone: write an IANA name such as \"Europe/Amsterdam\""
        );
        assert_eq!(
            error_of(r#"["nl"]"#, r#"["nl", "fr"]"#),
            "dealer.toml line 5: dealer.languages: \"fr\" is not a language; choose from nl, en, de"
        );
        assert_eq!(
            error_of("13:00-18:00", "13:00-25:00"),
            "dealer.toml line 8: hours.monday: \"13:00-25:00\" is not a stretch of time; write \"09:00-12:00\""
        );
        assert_eq!(
            error_of("2026-12-25", "25 december"),
            "dealer.toml line 9: hours.closed_days: \"25 december\" is not a date; write \"2026-12-25\""
        );
        assert!(error_of("address = ", "adress = ").starts_with("dealer.toml line 3: adress: unknown field"));
        assert!(error_of("name = \"A\"", "name = 7").starts_with("dealer.toml line 2: name: invalid type"));
        assert!(
            error_of("name = \"A\"", "name = \"\"").starts_with("dealer.toml line 2: dealer.name: is empty")
        );
        assert!(
            error_of("[inventory]", "[scoring]\ncars = 3\n[inventory]")
                .starts_with("dealer.toml line 12: scoring.cars: is no signal")
        );
    }
}
