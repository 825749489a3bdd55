//! Amounts, days and properties as people write them.

use jiff::Zoned;
use jiff::civil::{Date, Weekday};

use super::Texts;
use dealer::{Car, Hours, Language};

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
pub const fn weekday(day: Weekday, language: Language) -> &'static str {
    let names = match language {
        Language::Nl => ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
        Language::En => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        Language::De => ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    };
    match day {
        Weekday::Monday => names[0],
        Weekday::Tuesday => names[1],
        Weekday::Wednesday => names[2],
        Weekday::Thursday => names[3],
        Weekday::Friday => names[4],
        Weekday::Saturday => names[5],
        Weekday::Sunday => names[6],
    }
}

const fn month(month: i8, language: Language) -> &'static str {
    let names = match language {
        Language::Nl => [
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
        ],
        Language::En => [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        Language::De => [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
    };
    match month {
        2 => names[1],
        3 => names[2],
        4 => names[3],
        5 => names[4],
        6 => names[5],
        7 => names[6],
        8 => names[7],
        9 => names[8],
        10 => names[9],
        11 => names[10],
        12 => names[11],
        _ => names[0],
    }
}

/// "zaterdag 14 maart".
pub fn day(date: Date, language: Language) -> String {
    let (weekday, month) = (weekday(date.weekday(), language), month(date.month(), language));
    match language {
        Language::De => format!("{weekday}, {}. {month}", date.day()),
        _ => format!("{weekday} {} {month}", date.day()),
    }
}

/// "zaterdag 14 maart om 10:00".
pub fn moment(at: &Zoned, language: Language) -> String {
    let at_word = match language {
        Language::Nl => "om",
        Language::En => "at",
        Language::De => "um",
    };
    format!("{} {at_word} {:02}:{:02}", day(at.date(), language), at.hour(), at.minute())
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
            ("fuel", property(&car.fuel, language)),
            ("gearbox", property(&car.transmission, language)),
            ("color", property(&car.color, language)),
            ("price", &grouped(car.price_eur, language)),
        ],
    )
}

/// A property's normal form in words.
fn property(form: &str, language: Language) -> &str {
    const WORDS: [(&str, &str, &str, &str); 19] = [
        ("petrol", "benzine", "petrol", "Benzin"),
        ("diesel", "diesel", "diesel", "Diesel"),
        ("hybrid", "hybride", "hybrid", "Hybrid"),
        ("plug_in_hybrid", "plug-in hybride", "plug-in hybrid", "Plug-in-Hybrid"),
        ("electric", "elektrisch", "electric", "elektrisch"),
        ("lpg", "lpg", "LPG", "Autogas"),
        ("automatic", "automaat", "automatic", "Automatik"),
        ("manual", "handgeschakeld", "manual", "Schaltgetriebe"),
        ("black", "zwart", "black", "schwarz"),
        ("white", "wit", "white", "weiß"),
        ("grey", "grijs", "grey", "grau"),
        ("silver", "zilver", "silver", "silber"),
        ("blue", "blauw", "blue", "blau"),
        ("red", "rood", "red", "rot"),
        ("green", "groen", "green", "grün"),
        ("yellow", "geel", "yellow", "gelb"),
        ("orange", "oranje", "orange", "orange"),
        ("brown", "bruin", "brown", "braun"),
        ("beige", "beige", "beige", "beige"),
    ];
    WORDS.iter().find(|(known, ..)| *known == form).map_or(form, |(_, nl, en, de)| match language {
        Language::Nl => nl,
        Language::En => en,
        Language::De => de,
    })
}

/// "maandag t/m zaterdag 09:00-12:00 en 13:00-18:00, zondag gesloten".
pub fn hours(texts: Texts<'_>, hours: &Hours) -> String {
    let language = texts.language();
    let (through, and) = match language {
        Language::Nl => ("t/m", "en"),
        Language::En => ("to", "and"),
        Language::De => ("bis", "und"),
    };
    let days = Weekday::Monday.cycle_forward().take(7).zip(&hours.week);
    let mut groups: Vec<(Weekday, Weekday, String)> = Vec::new();
    for (day, ranges) in days {
        let stretches: Vec<String> = ranges.iter().map(ToString::to_string).collect();
        let open =
            if stretches.is_empty() { texts.say("closed", &[]) } else { stretches.join(&format!(" {and} ")) };
        match groups.last_mut() {
            Some((_, last, same)) if *same == open => *last = day,
            _ => groups.push((day, day, open)),
        }
    }
    let parts: Vec<String> = groups
        .into_iter()
        .map(|(first, last, open)| {
            let first_name = weekday(first, language);
            if first == last {
                format!("{first_name} {open}")
            } else {
                format!("{first_name} {through} {} {open}", weekday(last, language))
            }
        })
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dealer::Dealer;

    #[test]
    fn facts_read_as_people_write_them() {
        let dealer = Dealer::builtin();
        let texts = Texts::new(&dealer, Language::Nl);
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
}
