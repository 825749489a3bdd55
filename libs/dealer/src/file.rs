//! `dealer.toml` as text, checked value by value.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use crate::{
    BUILTIN, BookingRules, Dealer, DealerError, Hours, Inventory, Language, PracticalTopic, Scoring, Source,
    TextCheck, TimeRange,
};

/// Points above this are a typing error.
const MOST_POINTS: u32 = 1_000;

/// Every section there is: an unknown one is a typing error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    dealer: RawDealer,
    hours: Option<RawHours>,
    #[serde(default)]
    booking: RawBooking,
    #[serde(default)]
    scoring: BTreeMap<String, Spanned<u32>>,
    inventory: RawInventory,
    #[serde(default)]
    practical: BTreeMap<Spanned<String>, RawTexts>,
    #[serde(default)]
    templates: BTreeMap<String, String>,
    #[serde(default)]
    texts: BTreeMap<Spanned<String>, RawTexts>,
}

/// Texts by name, or by language.
type RawTexts = BTreeMap<Spanned<String>, Spanned<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDealer {
    name: Spanned<String>,
    address: Spanned<String>,
    phone: Option<String>,
    email: Option<String>,
    website: Option<String>,
    timezone: Option<Spanned<String>>,
    languages: Spanned<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInventory {
    csv: Spanned<String>,
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

/// Reads and checks the text of `dealer.toml`: the dealer without his cars yet, and the file they stand in.
pub(crate) fn parse(
    name: &str,
    text: &str,
    check: Option<TextCheck>,
) -> Result<(Dealer, String), DealerError> {
    let source = Source { name, text };
    let raw: Raw = toml::from_str(text).map_err(|error| source.malformed(&error))?;
    let dealer = Dealer {
        name: source.filled("dealer.name", raw.dealer.name)?,
        address: source.filled("dealer.address", raw.dealer.address)?,
        phone: raw.dealer.phone,
        email: raw.dealer.email,
        website: raw.dealer.website,
        timezone: timezone(source, raw.dealer.timezone)?,
        languages: languages(source, &raw.dealer.languages)?,
        hours: match raw.hours {
            Some(raw) => hours(source, raw)?,
            None => usual_hours(),
        },
        booking: booking(source, raw.booking)?,
        scoring: scoring(source, raw.scoring)?,
        inventory: Inventory::default(),
        practical: practical(source, raw.practical)?,
        templates: raw.templates,
        texts: texts(source, raw.texts, check)?,
    };
    Ok((dealer, source.filled("inventory.csv", raw.inventory.csv)?))
}

/// The hours of a file that names none: those of the built-in dealer.
fn usual_hours() -> Hours {
    let (builtin, _) =
        parse("built-in dealer.toml", BUILTIN, None).expect("a test reads the built-in dealer");
    builtin.hours
}

fn languages(source: Source<'_>, raw: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<Language>, DealerError> {
    let languages: Vec<Language> = raw
        .get_ref()
        .iter()
        .map(|word| language(source, "dealer.languages", word))
        .collect::<Result<_, _>>()?;
    if languages.is_empty() {
        return Err(source.wrong("dealer.languages", &raw.span(), "names no language; write at least one"));
    }
    Ok(languages)
}

fn language(source: Source<'_>, field: &str, word: &Spanned<String>) -> Result<Language, DealerError> {
    word.get_ref().parse().map_err(|_| {
        let known = Language::ALL.map(Language::as_str).join(", ");
        let problem = format!("{:?} is not a language; choose from {known}", word.get_ref());
        source.wrong(field, &word.span(), problem)
    })
}

fn practical(
    source: Source<'_>,
    raw: BTreeMap<Spanned<String>, RawTexts>,
) -> Result<BTreeMap<PracticalTopic, BTreeMap<Language, String>>, DealerError> {
    let mut topics = BTreeMap::new();
    for (word, texts) in raw {
        let field = format!("practical.{}", word.get_ref());
        let topic: PracticalTopic = word.get_ref().parse().map_err(|_| {
            let known: Vec<&str> = PracticalTopic::ALL.iter().map(|topic| topic.as_str()).collect();
            source.wrong(&field, &word.span(), format!("is no topic; choose from {}", known.join(", ")))
        })?;
        let mut by_language = BTreeMap::new();
        for (word, text) in texts {
            let language = language(source, &field, &word)?;
            by_language.insert(language, source.filled(&format!("{field}.{language}"), text)?);
        }
        topics.insert(topic, by_language);
    }
    Ok(topics)
}

fn texts(
    source: Source<'_>,
    raw: BTreeMap<Spanned<String>, RawTexts>,
    check: Option<TextCheck>,
) -> Result<BTreeMap<Language, BTreeMap<String, String>>, DealerError> {
    let mut texts = BTreeMap::new();
    for (word, overrides) in raw {
        let language = language(source, "texts", &word)?;
        let mut by_name = BTreeMap::new();
        for (name, text) in overrides {
            if let Some(check) = check {
                check(name.get_ref(), text.get_ref()).map_err(|problem| {
                    source.wrong(&format!("texts.{language}.{}", name.get_ref()), &name.span(), problem)
                })?;
            }
            by_name.insert(name.into_inner(), text.into_inner());
        }
        texts.insert(language, by_name);
    }
    Ok(texts)
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
address = "B 1"
timezone = "Europe/Amsterdam"
languages = ["nl"]

[hours]
monday = ["09:00-12:00", "13:00-18:00"]
closed_days = ["2026-12-25"]

[booking]
slot_minutes = 45

[scoring]
car = 40
hot = 70

[practical.delivery]
nl = "We brengen hem."

[inventory]
csv = "inventory.csv"

[texts.nl]
thanks = "Graag"
"#;

    /// Knows one text.
    fn only_thanks(name: &str, _: &str) -> Result<(), String> {
        if name == "thanks" { Ok(()) } else { Err("is no text; choose from thanks".to_owned()) }
    }

    fn read(text: &str) -> Result<(Dealer, String), DealerError> {
        parse("dealer.toml", text, Some(only_thanks))
    }

    fn error_of(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from));
        read(&GOOD.replace(from, to)).unwrap_err().to_string()
    }

    #[test]
    fn a_file_reads_with_defaults_for_what_it_leaves_out() {
        let (dealer, csv) = read(GOOD).unwrap();
        assert_eq!((dealer.name.as_str(), csv.as_str()), ("A", "inventory.csv"));
        assert_eq!((dealer.phone.as_deref(), dealer.templates.len()), (None, 0));
        assert_eq!(dealer.booking, BookingRules { slot_minutes: 45, ..BookingRules::default() });
        assert_eq!(dealer.scoring, Scoring { car: 40, hot: 70, ..Scoring::default() });
        assert_eq!(dealer.hours.week[0].len(), 2);
        assert!(dealer.hours.week[1].is_empty(), "a day left out is closed");
        assert_eq!(dealer.texts[&Language::Nl]["thanks"], "Graag");

        let least =
            "[dealer]\nname = \"A\"\naddress = \"B 1\"\nlanguages = [\"nl\"]\n[inventory]\ncsv = \"c\"\n";
        let (dealer, _) = read(least).unwrap();
        assert_eq!(dealer.timezone.iana_name(), Some("Europe/Amsterdam"));
        assert_eq!(dealer.hours, Dealer::builtin().hours);
        assert_eq!((dealer.booking, dealer.scoring), (BookingRules::default(), Scoring::default()));
    }

    #[test]
    fn a_topic_is_answered_in_the_languages_it_is_written_in() {
        let (dealer, _) = read(GOOD).unwrap();
        let delivery = dealer.practical(PracticalTopic::Delivery, Language::Nl).unwrap();
        assert_eq!((delivery.text, delivery.colleague), ("We brengen hem.", false));
        assert_eq!(dealer.practical(PracticalTopic::Delivery, Language::De), None);
        assert_eq!(dealer.practical(PracticalTopic::Export, Language::Nl), None);
    }

    #[test]
    fn errors_name_the_line_and_the_field_and_say_what_would_be_right() {
        for (from, to, error) in [
            (
                "Europe/Amsterdam",
                "Europe/Harderwijk",
                "line 4: dealer.timezone: write an IANA name such as \"Europe/Amsterdam\"",
            ),
            (
                r#"["nl"]"#,
                r#"["nl", "fr"]"#,
                "line 5: dealer.languages: \"fr\" is not a language; choose from nl, en, de",
            ),
            (r#"["nl"]"#, "[]", "line 5: dealer.languages: names no language; write at least one"),
            (
                "13:00-18:00",
                "11:00-18:00",
                "line 8: hours.monday: \"11:00-18:00\" starts before the one before it ends",
            ),
            (
                "2026-12-25",
                "25 december",
                "line 9: hours.closed_days: \"25 december\" is not a date; write \"2026-12-25\"",
            ),
            (
                "slot_minutes = 45",
                "slot_minutes = 5",
                "line 12: booking.slot_minutes: must lie between 10 and 480",
            ),
            ("hot = 70", "warm = 81", "line 16: scoring.warm: must not be above scoring.hot"),
            (
                "nl = \"We",
                "fr = \"We",
                "line 19: practical.delivery: \"fr\" is not a language; choose from nl, en, de",
            ),
            ("We brengen hem.", " ", "line 19: practical.delivery.nl: is empty; write a text"),
            ("[texts.nl]", "[texts.fr]", "line 24: texts: \"fr\" is not a language; choose from nl, en, de"),
            ("thanks", "thank", "line 25: texts.nl.thank: is no text; choose from thanks"),
        ] {
            assert_eq!(error_of(from, to), format!("dealer.toml {error}"));
        }
        for (from, to, beginning) in [
            ("name = \"A\"", "name = 7", "line 2: name: invalid type"),
            ("name = \"A\"", "name = \"\"", "line 2: dealer.name: is empty"),
            ("address = ", "adress = ", "line 3: adress: unknown field"),
            ("18:00", "25:00", "line 8: hours.monday: \"13:00-25:00\": write"),
            ("monday", "mondag", "line 8: mondag: unknown field"),
            ("car = 40", "cars = 4", "line 15: scoring.cars: is no signal"),
            ("car = 40", "car = -4", "line 15: car: invalid value"),
            (
                "[practical.delivery]",
                "[practical.deliveries]",
                "line 18: practical.deliveries: is no topic; choose from delivery, warranty, ",
            ),
            ("[inventory]", "[inventry]", "line 21: [inventry]: unknown"),
        ] {
            let error = error_of(from, to);
            assert!(error.starts_with(&format!("dealer.toml {beginning}")), "{error}");
        }
    }
}
