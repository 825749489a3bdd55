//! Words for days, months and days of the month.

use jiff::civil::Weekday;

/// Names of the days, Monday first; what follows the name is a part of the day.
const WEEKDAYS: [&str; 7] = [
    "maandag monday montag",
    "dinsdag tuesday dienstag",
    "woensdag wednesday mittwoch woendag woensdg wensday wendsday",
    "donderdag thursday donnerstag donderdach dondag",
    "vrijdag friday freitag vrijdach",
    "zaterdag saturday samstag sonnabend zaterdach zatterdag zaterdg",
    "zondag sunday sonntag",
];

/// Short forms: sure by themselves, or only beside a figure or after "op".
pub(super) const SHORT_WEEKDAYS: &[(&str, Weekday, bool)] = &[
    ("zat", Weekday::Saturday, true),
    ("ma", Weekday::Monday, false),
    ("di", Weekday::Tuesday, false),
    ("wo", Weekday::Wednesday, false),
    ("do", Weekday::Thursday, false),
    ("vr", Weekday::Friday, true),
    ("vrij", Weekday::Friday, false),
    ("za", Weekday::Saturday, true),
    ("zo", Weekday::Sunday, false),
    ("mon", Weekday::Monday, false),
    ("tue", Weekday::Tuesday, true),
    ("tues", Weekday::Tuesday, true),
    ("wed", Weekday::Wednesday, true),
    ("thu", Weekday::Thursday, true),
    ("thur", Weekday::Thursday, true),
    ("thurs", Weekday::Thursday, true),
    ("fri", Weekday::Friday, true),
    ("sat", Weekday::Saturday, false),
    ("sun", Weekday::Sunday, false),
    ("mo", Weekday::Monday, false),
    ("mi", Weekday::Wednesday, false),
    ("fr", Weekday::Friday, false),
    ("sa", Weekday::Saturday, false),
    ("so", Weekday::Sunday, false),
    ("don", Weekday::Thursday, false),
    ("maa", Weekday::Monday, false),
    ("woe", Weekday::Wednesday, false),
    ("din", Weekday::Tuesday, false),
];

const DAY_PARTS: &[&str] = &[
    "",
    "s",
    "ochtend",
    "morgen",
    "middag",
    "avond",
    "namiddag",
    "voormiddag",
    "nachmittag",
    "vormittag",
    "abend",
    "mittag",
    "fruh",
    "ochtends",
    "je",
    "en",
];

const MONTHS: [&str; 12] = [
    "januari jan january januar janner",
    "februari feb february februar febr feburary",
    "maart mrt march mar marz maerz",
    "april apr",
    "mei may mai",
    "juni jun june",
    "juli jul july",
    "augustus aug august agustus",
    "september sept sep sptember septembr",
    "oktober okt october oct okotber",
    "november nov novmber",
    "december dec dezember dez desember",
];

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    let at = WEEKDAYS.iter().position(|names| {
        names.split(' ').any(|name| word.strip_prefix(name).is_some_and(|rest| DAY_PARTS.contains(&rest)))
    })?;
    Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()
}

pub(super) fn month(word: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|names| names.split(' ').any(|name| name == word))?;
    i8::try_from(at + 1).ok()
}

/// The day of a month in figures: "15", "15e", "15th".
pub(super) fn day_of(word: &str) -> Option<(i8, bool)> {
    let end = word.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(word.len());
    let (digits, suffix) = word.split_at(end);
    let day: i8 = digits.parse().ok().filter(|day| (1..=31).contains(day))?;
    match suffix {
        "" => Some((day, false)),
        "e" | "de" | "ste" | "th" | "st" | "nd" | "rd" | "ten" => Some((day, true)),
        _ => None,
    }
}

/// Ordinals said in words before a month.
pub(super) fn ordinal(word: &str) -> Option<i8> {
    Some(match word {
        "eerste" | "eén" | "first" | "ersten" | "erster" => 1,
        "tweede" | "second" | "zweiten" | "twee" | "zwei" => 2,
        "derde" | "third" | "dritten" | "drie" => 3,
        "vier" => 4,
        "vijf" => 5,
        "zes" => 6,
        "zeven" => 7,
        "acht" => 8,
        "negen" => 9,
        "tien" => 10,
        "elf" => 11,
        "twaalf" => 12,
        "dertien" => 13,
        "veertien" => 14,
        "vijftien" => 15,
        "zestien" => 16,
        "zeventien" => 17,
        "achttien" => 18,
        "negentien" => 19,
        "twintig" => 20,
        "dertig" => 30,
        _ => return None,
    })
}
