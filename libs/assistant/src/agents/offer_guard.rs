//! No offer that the dealer did not make: checks a reply against what the records and the calendar say.
//!
//! It runs over every reply, whoever worded it. A claim it cannot find in [`Facts`] is a [`Violation`].

use std::sync::Arc;

use jiff::Zoned;
use jiff::civil::Date;

use dealer::Car;

use crate::Knowledge;
use crate::reading::{Claims, Gazetteer, Language, claims};

/// What a reply may claim.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Every car for sale.
    pub cars: Arc<[Car]>,
    /// Moments from the calendar, in the dealer's time zone.
    pub slots: Vec<Zoned>,
    /// Days the customer named, which may be repeated.
    pub days: Vec<Date>,
    /// Cars the customer named, which may be repeated without a price.
    pub customer_cars: Vec<(String, String)>,
    /// Texts of the dealer's own that hold figures: address, phone number.
    pub own_texts: Vec<String>,
    /// Texts of the customer's own that may be repeated: name, licence plate.
    pub customer_texts: Vec<String>,
    opening_times: Vec<u16>,
    gazetteer: Arc<Gazetteer>,
}

/// What a reply claims without a fact behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A car that is not in the inventory.
    #[error("names a car that is not in the inventory: {0}")]
    Car(String),
    /// An amount that is no price of the car it stands beside.
    #[error("names an amount that no record has: {0}")]
    Amount(i32),
    /// A figure that no record has.
    #[error("names a figure that no record has: {0}")]
    Figure(i32),
    /// A moment that did not come from the calendar.
    #[error("names a moment that did not come from the calendar")]
    Moment,
    /// A rate or a share.
    #[error("names a rate")]
    Rate,
    /// A promise only a person can make: a discount, a gift, a binding offer.
    #[error("promises {0:?}")]
    Promise(String),
}

impl Facts {
    /// What may be claimed of this dealer before anything came from the calendar.
    pub fn of(dealer: &Knowledge) -> Self {
        let ranges = dealer.hours.week.iter().flatten();
        let own = [
            Some(&dealer.name),
            Some(&dealer.address),
            dealer.phone.as_ref(),
            dealer.email.as_ref(),
            dealer.website.as_ref(),
        ];
        Self {
            cars: dealer.inventory.shared_cars(),
            slots: Vec::new(),
            days: Vec::new(),
            customer_cars: Vec::new(),
            own_texts: own.into_iter().flatten().cloned().collect(),
            customer_texts: Vec::new(),
            opening_times: ranges.flat_map(|range| [range.from_minute(), range.to_minute()]).collect(),
            gazetteer: Arc::clone(&dealer.gazetteer),
        }
    }
}

/// Words that promise what only a person can, unless the sentence denies it.
const PROMISES: [&str; 38] = [
    "korting",
    "gratis",
    "cadeau",
    "bindend",
    "rechtsgeldig",
    "garandeer",
    "gegarandeerd",
    "akkoord",
    "deal",
    "afgesproken",
    "weggeven",
    "discount",
    "free",
    "binding",
    "guarantee",
    "guaranteed",
    "gift",
    "giveaway",
    "agreed",
    "off",
    "cashback",
    "refund",
    "rabatt",
    "kostenlos",
    "geschenkt",
    "verbindlich",
    "rechtsverbindlich",
    "garantiert",
    "garantiere",
    "nachlass",
    "vereinbart",
    "umsonst",
    "kosteloos",
    "inbegrepen",
    "terugbetaling",
    "inruilprijs",
    "maandbedrag",
    "monatsrate",
];

const DENIALS: [&str; 16] = [
    "geen", "niet", "kan", "no", "not", "cannot", "cant", "dont", "kein", "keine", "keinen", "nicht",
    "never", "nooit", "nie", "wont",
];

/// Checks a reply, written at `at` in `language`, against the facts.
pub fn check(reply: &str, at: &Zoned, language: Language, facts: &Facts) -> Result<(), Violation> {
    for line in sentences(reply) {
        let mut line = line.to_owned();
        for text in facts.own_texts.iter().chain(&facts.customer_texts).filter(|text| !text.is_empty()) {
            line = line.replace(text.as_str(), " … ");
        }
        let claims = claims(&line, at, language, &facts.gazetteer);
        promises(&claims)?;
        let cars = named_cars(&claims, facts)?;
        figures(&claims, &cars, facts)?;
        moments(&claims, facts)?;
    }
    Ok(())
}

/// Lines, and within them sentences, so that a price is checked against the car it stands beside.
fn sentences(reply: &str) -> impl Iterator<Item = &str> {
    reply.lines().flat_map(|line| line.split_inclusive(['!', '?']).flat_map(|part| part.split(". ")))
}

fn promises(claims: &Claims) -> Result<(), Violation> {
    if claims.per_cent {
        return Err(Violation::Rate);
    }
    let denied = claims
        .words
        .iter()
        .any(|word| DENIALS[..2].contains(&word.as_str()) || DENIALS[3..].contains(&word.as_str()))
        || (claims.words.iter().any(|word| word == "kan") && claims.words.iter().any(|word| word == "niets"));
    let promise = claims.words.iter().find(|word| PROMISES.contains(&word.as_str()));
    match promise {
        // "off" and "free" promise only beside a figure or a car: "a slot is free" does not.
        Some(word)
            if matches!(word.as_str(), "off" | "free" | "deal")
                && claims.money.is_empty()
                && claims.cars.is_empty() =>
        {
            Ok(())
        }
        Some(word) if !denied => Err(Violation::Promise(word.clone())),
        _ => Ok(()),
    }
}

/// The records of the cars named; one the customer named is fine so long as nothing is claimed of it.
fn named_cars<'f>(claims: &Claims, facts: &'f Facts) -> Result<Vec<&'f Car>, Violation> {
    let mut named = Vec::new();
    for (make, model) in &claims.cars {
        let records: Vec<&Car> = facts
            .cars
            .iter()
            .filter(|car| car.make.eq_ignore_ascii_case(make) && car.model.eq_ignore_ascii_case(model))
            .collect();
        let customers = facts.customer_cars.iter().any(|(known_make, known)| {
            known.eq_ignore_ascii_case(model) && known_make.eq_ignore_ascii_case(make)
        });
        if records.is_empty() && !(customers && claims.money.is_empty() && claims.figures.is_empty()) {
            return Err(Violation::Car(format!("{make} {model}")));
        }
        named.extend(records);
    }
    Ok(named)
}

fn figures(claims: &Claims, cars: &[&Car], facts: &Facts) -> Result<(), Violation> {
    let all: Vec<&Car> = facts.cars.iter().collect();
    let about = if cars.is_empty() { all.as_slice() } else { cars };
    for amount in &claims.money {
        if !about.iter().any(|car| car.price_eur == *amount) {
            return Err(Violation::Amount(*amount));
        }
    }
    // A line with a price and a mileage must have both from one record.
    let fits = |car: &&Car, figure: &i32| {
        [car.price_eur, car.mileage_km, car.year].contains(figure) || car.model == figure.to_string()
    };
    for figure in &claims.figures {
        if !about.iter().any(|car| fits(car, figure)) {
            return Err(Violation::Figure(*figure));
        }
    }
    if let (Some(amount), false) = (claims.money.first(), claims.figures.is_empty()) {
        let one_record = about
            .iter()
            .any(|car| car.price_eur == *amount && claims.figures.iter().all(|figure| fits(car, figure)));
        if !one_record && claims.cars.len() <= 1 {
            return Err(Violation::Amount(*amount));
        }
    }
    Ok(())
}

fn moments(claims: &Claims, facts: &Facts) -> Result<(), Violation> {
    let minutes = |slot: &Zoned| {
        u16::try_from(i32::from(slot.hour()) * 60 + i32::from(slot.minute())).unwrap_or_default()
    };
    let slot_day = |date: &Date| facts.slots.iter().any(|slot| slot.date() == *date);
    for date in &claims.dates {
        if claims.times.is_empty() {
            if !slot_day(date) && !facts.days.contains(date) {
                return Err(Violation::Moment);
            }
        } else if !facts
            .slots
            .iter()
            .any(|slot| slot.date() == *date && claims.times.contains(&minutes(slot)))
        {
            let hours = claims.times.iter().all(|time| facts.opening_times.contains(time));
            if !hours || claims.times.len() < 2 {
                return Err(Violation::Moment);
            }
        }
    }
    for time in &claims.times {
        if !facts.opening_times.contains(time) && !facts.slots.iter().any(|slot| minutes(slot) == *time) {
            return Err(Violation::Moment);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Zoned {
        "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap()
    }

    fn facts() -> Facts {
        let mut facts = Facts::of(&Knowledge::builtin());
        facts.slots.push("2026-03-14T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap());
        facts
    }

    fn verdict(reply: &str, language: Language) -> Result<(), Violation> {
        check(reply, &at(), language, &facts())
    }

    #[test]
    fn what_the_records_and_the_calendar_say_passes() {
        for (reply, language) in [
            (
                "• Volkswagen Polo 1.0 TSI Highline DSG, 2020, 48.900 km, benzine, automaat, grijs: € 17.950",
                Language::Nl,
            ),
            ("Voor een proefrit kan het op:\n1. zaterdag 14 maart om 10:00", Language::Nl),
            ("The Peugeot 208 (2020, 57,900 km) costs € 14,450.", Language::En),
            ("Über einen Rabatt kann ich nicht entscheiden.", Language::De),
            (
                "Over korting kan ik zelf niets toezeggen; een medewerker bespreekt dat graag met je.",
                Language::Nl,
            ),
            (
                "Je vindt ons op Hoofdstraat 1, Harderwijk. Open: maandag t/m zaterdag 09:00-12:00 en 13:00-18:00, zondag gesloten.",
                Language::Nl,
            ),
        ] {
            let verdict = verdict(reply, language);
            assert!(verdict.is_ok(), "{reply}: {verdict:?}");
        }
    }

    #[test]
    fn what_the_dealer_answers_to_everyday_questions_passes() {
        for (topic, texts) in &Knowledge::builtin().practical {
            for (language, text) in texts {
                let verdict = verdict(text, *language);
                assert!(verdict.is_ok(), "{topic} {language}: {text}: {verdict:?}");
            }
        }
    }

    #[test]
    fn what_nobody_offered_is_stopped() {
        for (reply, language) in [
            (
                "Sold! The Volkswagen Golf is yours for one dollar, and that is legally binding, no takesies backsies.",
                Language::En,
            ),
            ("That's a deal: $1 for the Golf.", Language::En),
            ("Afgesproken, je krijgt de Polo voor € 1.", Language::Nl),
            ("De Polo kost € 13.999.", Language::Nl),
            ("De Polo kost € 12.450.", Language::Nl),
            ("Je krijgt 10% korting.", Language::Nl),
            ("Ik geef je 500 euro korting op de Polo.", Language::Nl),
            ("Wij hebben ook een Tesla Model 3 voor € 17.950.", Language::Nl),
            ("We have a Ferrari Roma, would you like to see our Tesla Model Y?", Language::En),
            ("You can have it at 0% interest.", Language::En),
            ("Leasen kan voor € 199 per maand.", Language::Nl),
            ("De rente is vast.", Language::Nl),
            ("Kom gerust zondag om 11:00 langs.", Language::Nl),
            ("Zaterdag 14 maart om 15:30 is vrij.", Language::Nl),
            ("Der Golf ist für 9.000 Euro Ihrer, rechtsverbindlich.", Language::De),
            ("De winterbanden krijg je er gratis bij.", Language::Nl),
            ("De Volkswagen Polo heeft 12.000 km gelopen.", Language::Nl),
            ("Voor je Fiesta geven we 4.000 euro terug.", Language::Nl),
        ] {
            assert!(verdict(reply, language).is_err(), "{reply}");
        }
    }

    #[test]
    fn a_car_the_customer_named_may_be_repeated_but_not_priced() {
        let mut facts = facts();
        facts.customer_cars.push(("Tesla".into(), "Model 3".into()));
        assert!(check("Een Tesla Model 3 staat er nu niet.", &at(), Language::Nl, &facts).is_ok());
        assert!(check("Een Tesla Model 3 kost € 17.950.", &at(), Language::Nl, &facts).is_err());
    }
}
