//! Amounts, days and properties as people write them.

use jiff::civil::{Date, Time, Weekday};
use jiff::{ToSpan, Zoned};

use super::Texts;
use super::texts::shipped;
use dealer::{Car, Hours, Inventory, Language};

/// A whole number with separators between thousands: `14.950`, in English `14,950`.
pub fn grouped(value: i32, language: Language) -> String {
    let separator = if language == Language::En { ',' } else { '.' };
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// The name of a weekday.
pub fn weekday(day: Weekday, language: Language) -> &'static str {
    let name = match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    };
    shipped(language, name)
}

/// "zaterdag 14 maart".
pub fn day(date: Date, language: Language) -> String {
    let month = shipped(language, &format!("month_{}", date.month()));
    let number = date.day().to_string();
    replaced(
        shipped(language, "day"),
        &[("{weekday}", weekday(date.weekday(), language)), ("{date}", &number), ("{month}", month)],
    )
}

/// "zaterdag 14 maart om 10:00".
pub fn moment(at: &Zoned, language: Language) -> String {
    let (day, time) = (day(at.date(), language), time(at.time()));
    replaced(shipped(language, "moment"), &[("{day}", &day), ("{time}", &time)])
}

/// "10:00".
pub fn time(at: Time) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// A minute of the day: "09:00".
pub(super) fn minute_of_day(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// A moment as close as it is: "morgen om 09:00", "maandag om 09:00", further off with its date.
pub fn near(at: &Zoned, now: &Zoned, language: Language) -> String {
    let days = now.date().until(at.date()).map_or(0, |span| span.get_days());
    let name = match days {
        0 => "near_today",
        1 => "near_tomorrow",
        2..=6 => "near_weekday",
        _ => return moment(at, language),
    };
    let weekday = weekday(at.weekday(), language);
    replaced(shipped(language, name), &[("{weekday}", weekday), ("{time}", &time(at.time()))])
}

fn replaced(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// "a, b en c".
pub fn and(parts: &[String], texts: Texts<'_>) -> String {
    joined(parts, "and", texts)
}

/// "a, b of c".
pub fn or(parts: &[String], texts: Texts<'_>) -> String {
    joined(parts, "or", texts)
}

fn joined(parts: &[String], word: &str, texts: Texts<'_>) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => texts.say(word, &[("a", &before.join(", ")), ("b", last)]),
    }
}

/// Three-figure area codes of the Dutch numbering plan; other fixed ones have four figures.
const SHORT_AREAS: [&str; 27] = [
    "010", "013", "015", "020", "023", "024", "026", "030", "033", "035", "036", "038", "040", "043", "045",
    "046", "050", "053", "055", "058", "070", "071", "072", "073", "074", "085", "088",
];

/// A Dutch number as the Dutch write it, `0341-555010`; any other as it is.
pub fn phone(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let Some(rest) = number.trim().strip_prefix("+31").and(digits.strip_prefix("31")) else {
        return number.to_owned();
    };
    let national = format!("0{}", rest.trim_start_matches('0'));
    if national.len() != 10 {
        return national;
    }
    let short = SHORT_AREAS.iter().any(|area| national.starts_with(area))
        || matches!(national.get(..3), Some("075" | "076" | "077" | "078" | "079"));
    let area = if national.starts_with("06") { 2 } else { 4 - usize::from(short) };
    let (area, number) = national.split_at(area);
    format!("{area}-{number}")
}

/// Make and model, and the variant where others of that model are for sale.
pub fn car_name(car: &Car, inventory: &Inventory) -> String {
    let title = car.title();
    let others = inventory.cars().iter().any(|other| other.id != car.id && other.title() == title);
    if others { format!("{title} {}", car.variant).trim().to_owned() } else { title }
}

/// One line of facts from a car's record.
pub fn car_line(texts: Texts<'_>, car: &Car) -> String {
    let language = texts.language();
    let name = format!("{} {}", car.title(), car.variant);
    texts.say(
        "car_line",
        &[
            ("car", name.trim()),
            ("year", &car.year.to_string()),
            ("km", &grouped(car.mileage_km, language)),
            ("fuel", &property(&car.fuel, texts)),
            ("gearbox", &property(&car.transmission, texts)),
            ("color", &property(&car.color, texts)),
            ("price", &grouped(car.price_eur, language)),
        ],
    )
}

/// A property's normal form in words.
pub fn property(form: &str, texts: Texts<'_>) -> String {
    let known = Car::FUELS.contains(&form)
        || Car::TRANSMISSIONS.contains(&form)
        || Car::BODY_TYPES.contains(&form)
        || Car::COLORS.contains(&form);
    if known { texts.say(form, &[]) } else { form.to_owned() }
}

/// "maandag t/m zaterdag 09:00-12:00 en 13:00-18:00, zondag gesloten".
pub fn hours(texts: Texts<'_>, hours: &Hours) -> String {
    let language = texts.language();
    let days = Weekday::Monday.cycle_forward().take(7).zip(&hours.week);
    let mut groups: Vec<(Weekday, Weekday, String)> = Vec::new();
    for (day, ranges) in days {
        let open = if ranges.is_empty() { texts.say("closed", &[]) } else { stretches(texts, ranges) };
        match groups.last_mut() {
            Some((_, last, same)) if *same == open => *last = day,
            _ => groups.push((day, day, open)),
        }
    }
    let parts: Vec<String> = groups
        .into_iter()
        .map(|(first, last, open)| {
            let (first_name, last_name) = (weekday(first, language), weekday(last, language));
            if first == last {
                format!("{first_name} {open}")
            } else {
                format!("{} {open}", texts.say("through", &[("a", first_name), ("b", last_name)]))
            }
        })
        .collect();
    parts.join(", ")
}

/// "09:00-12:00 en 13:00-18:00".
pub fn stretches(texts: Texts<'_>, ranges: &[dealer::TimeRange]) -> String {
    let ranges: Vec<String> = ranges.iter().map(ToString::to_string).collect();
    and(&ranges, texts)
}

/// How far ahead the next open day is looked for.
const LOOK_AHEAD_DAYS: i64 = 21;

/// The first day after `date` on which the dealer opens, and when.
pub fn next_opening(hours: &Hours, date: Date) -> Option<(Date, String)> {
    (1..=LOOK_AHEAD_DAYS).find_map(|ahead| {
        let date = date.checked_add(ahead.days()).ok()?;
        let minute = hours.on(date).first()?.from_minute();
        Some((date, format!("{:02}:{:02}", minute / 60, minute % 60)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::Voice;
    use dealer::Dealer;

    #[test]
    fn facts_read_as_people_write_them() {
        let dealer = Dealer::builtin();
        let texts = Texts::new(&dealer, Voice::default());
        let car = dealer.inventory.get("vw-polo-02").unwrap();
        assert_eq!(
            car_line(texts, car),
            "• Volkswagen Polo 1.0 TSI Highline DSG, 2020, 48.900 km, benzine, automaat, grijs: € 17.950"
        );
        assert_eq!(
            hours(texts, &dealer.hours),
            "maandag t/m zaterdag 09:00-12:00 en 13:00-18:00, zondag gesloten"
        );
        let at: Zoned = "2026-03-14T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        assert_eq!(moment(&at, Language::Nl), "zaterdag 14 maart om 10:00");
        assert_eq!(moment(&at, Language::De), "Samstag, 14. März um 10:00");
        assert_eq!(grouped(1_234_567, Language::En), "1,234,567");
    }

    #[test]
    fn a_dutch_number_is_written_the_dutch_way() {
        for (number, written) in [
            ("+31341555010", "0341-555010"),
            ("+31 20 555 0100", "020-5550100"),
            ("+31612345678", "06-12345678"),
            ("+49301234567", "+49301234567"),
            ("0341 555 010", "0341 555 010"),
        ] {
            assert_eq!(phone(number), written);
        }
    }

    #[test]
    fn a_moment_is_told_as_close_as_it_is() {
        let now: Zoned = "2026-11-27T19:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        let at = |text: &str| text.parse::<Zoned>().unwrap();
        for (moment, told) in [
            ("2026-11-28T09:00:00+01:00[Europe/Amsterdam]", "morgen om 09:00"),
            ("2026-11-30T09:00:00+01:00[Europe/Amsterdam]", "maandag om 09:00"),
            ("2026-12-04T09:00:00+01:00[Europe/Amsterdam]", "vrijdag 4 december om 09:00"),
        ] {
            assert_eq!(near(&at(moment), &now, Language::Nl), told);
        }
    }

    #[test]
    fn a_property_without_a_word_is_told_as_it_stands() {
        let dealer = Dealer::builtin();
        assert_eq!(property("hydrogen", Texts::new(&dealer, Voice::default())), "hydrogen");
    }
}
