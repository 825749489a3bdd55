//! What is said of cars: lists, and facts in a sentence.

use dealer::{Car, Inventory};

use super::Texts;
use super::format::{and, car_line, car_name, grouped, or, property};
use crate::command::Field;
use crate::guard::may_repeat;
use crate::piece::{Fit, Miss, Quoted};

/// A list of cars under its heading. `missing` says that what was asked for was named as not there already.
pub(super) fn list(texts: Texts<'_>, fit: &Fit, cars: &[Car], missing: bool) -> String {
    if cars.is_empty() {
        return if missing { String::new() } else { texts.say("cars_none", &[]) };
    }
    let heading = match fit {
        Fit::Nearest(misses) if missing => {
            texts.say("cars_instead", &[("misses", &told(texts, misses, true))])
        }
        Fit::Nearest(misses) => texts.say("cars_nearest", &[("misses", &told(texts, misses, false))]),
        Fit::All | Fit::None if cars.len() == 1 => texts.say("car_found", &[]),
        Fit::All | Fit::None => texts.say("cars_found", &[]),
    };
    let lines: Vec<String> = cars.iter().map(|car| car_line(texts, car)).collect();
    format!("{heading}\n{}", lines.join("\n"))
}

fn told(texts: Texts<'_>, misses: &[Miss], missing: bool) -> String {
    let words: Vec<String> = misses
        .iter()
        // That it is another model says itself once the wished one is named as not there.
        .filter(|miss| !(missing && **miss == Miss::Model))
        .map(|miss| texts.say(name(*miss), &[]))
        .collect();
    if words.is_empty() { String::new() } else { texts.say("misses", &[("what", &or(&words, texts))]) }
}

const fn name(miss: Miss) -> &'static str {
    match miss {
        Miss::Model => "miss_model",
        Miss::Price => "miss_price",
        Miss::Year => "miss_year",
        Miss::Mileage => "miss_mileage",
        Miss::Fuel => "miss_fuel",
        Miss::Gearbox => "miss_gearbox",
        Miss::Body => "miss_body",
        Miss::Color => "miss_color",
    }
}

/// What was asked of one car, in a sentence; what the record lacks in one more.
pub(super) fn facts(texts: Texts<'_>, car: &Car, fields: &[Field], inventory: &Inventory) -> String {
    const USUAL: [Field; 7] = [
        Field::Available,
        Field::Year,
        Field::Mileage,
        Field::Fuel,
        Field::Gearbox,
        Field::Color,
        Field::Price,
    ];
    let fields = if fields.is_empty() { &USUAL } else { fields };
    let name = car_name(car, inventory);
    let named = [("car", name.as_str())];
    let there = fields.contains(&Field::Available);
    let facts: Vec<String> = fields.iter().filter_map(|field| fact(texts, car, field, there)).collect();
    let mut sentences = Vec::new();
    if there && facts.is_empty() {
        sentences.push(texts.say("car_there", &named));
    } else if there {
        sentences.push(texts.say("car_there_with", &[("car", &name), ("facts", &facts.join(", "))]));
    } else if !facts.is_empty() {
        sentences.push(texts.say("car_facts", &[("car", &name), ("facts", &and(&facts, texts))]));
    }
    if fields.contains(&Field::Plate) && car.license_plate.is_none() {
        sentences.push(texts.say("plate_none", &named));
    }
    if fields.contains(&Field::Photos) {
        sentences.push(match &car.url {
            Some(url) => texts.say("photos", &[("car", &name), ("url", url)]),
            None => texts.say("photos_none", &named),
        });
    }
    let others: Vec<Quoted> = fields
        .iter()
        .filter_map(|field| if let Field::Other(about) = field { Some(Quoted(about.clone())) } else { None })
        .collect();
    if !others.is_empty() {
        sentences.push(unknown(texts, None, &others));
    } else if sentences.is_empty() {
        sentences.push(texts.say("unknown_that", &[]));
    }
    sentences.join(" ")
}

/// One fact: brief behind "staat er nog", else as a verb with its object. `None` where the record lacks it.
fn fact(texts: Texts<'_>, car: &Car, field: &Field, brief: bool) -> Option<String> {
    let language = texts.language();
    let said = |name: &str, key: &str, value: &str| texts.say(name, &[(key, value)]);
    let (price, km) = (grouped(car.price_eur, language), grouped(car.mileage_km, language));
    let formed = |form: &str| {
        if brief { property(form, texts) } else { texts.say(&format!("is_{form}"), &[]) }
    };
    Some(match field {
        Field::Available | Field::Photos | Field::Other(_) => return None,
        Field::Price => said(if brief { "fact_price" } else { "is_price" }, "price", &price),
        Field::Mileage => said(if brief { "fact_mileage" } else { "is_mileage" }, "km", &km),
        Field::Year if brief => car.year.to_string(),
        Field::Year => said("is_year", "year", &car.year.to_string()),
        Field::Fuel => formed(&car.fuel),
        Field::Gearbox => formed(&car.transmission),
        Field::Body => formed(&car.body_type),
        Field::Color if brief => property(&car.color, texts),
        Field::Color => said("is_color", "color", &property(&car.color, texts)),
        Field::Variant if car.variant.is_empty() => return None,
        Field::Variant if brief => car.variant.clone(),
        Field::Variant => said("is_variant", "variant", &car.variant),
        Field::Plate => {
            said(if brief { "fact_plate" } else { "is_plate" }, "plate", car.license_plate.as_deref()?)
        }
    })
}

/// Longer than this, or a question, and words are not repeated in the middle of a sentence.
const LONGEST_REPEATED: usize = 40;

/// That the data do not tell these things.
pub(super) fn unknown(texts: Texts<'_>, car: Option<&str>, about: &[Quoted]) -> String {
    let mut words: Vec<String> = Vec::new();
    for Quoted(word) in about {
        let word = word.trim().trim_end_matches(['.', '!']).to_owned();
        let long = word.chars().count() > LONGEST_REPEATED || word.contains(['?', '\n']);
        if word.is_empty() || long || !may_repeat(&word) {
            return texts.say("unknown_that", &[]);
        }
        if !words.contains(&word) {
            words.push(word);
        }
    }
    match (words.is_empty(), car) {
        (true, _) => texts.say("unknown_that", &[]),
        (false, None) => texts.say("unknown", &[("about", &and(&words, texts))]),
        (false, Some(car)) => texts.say("unknown_car", &[("about", &and(&words, texts)), ("car", car)]),
    }
}
