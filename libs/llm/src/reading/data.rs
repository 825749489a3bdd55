//! What the model is shown: the turn as one JSON value, bounded however long messages and inventories are.

use assistant::command::Medium;
use assistant::state::Asked;
use assistant::turn::Scene;
use dealer::Car;
use jiff::{ToSpan, Zoned};
use serde_json::{Value, json};

use crate::words::cut;

/// Characters of a message that are shown.
const LONGEST_MESSAGE: usize = 4_000;

/// Messages that are shown, the latest.
const MOST_MESSAGES: usize = 20;

/// Past turns that are shown, the latest.
const MOST_TURNS: usize = 4;

/// Characters of a past message or reply that are shown.
const LONGEST_PAST: usize = 600;

/// Cars that are shown; those spoken of come first.
const MOST_CARS: usize = 250;

/// Days whose date is told.
const DAYS_AHEAD: i64 = 15;

/// Longest headline of an advert that is shown.
const LONGEST_ADVERT: usize = 200;

/// The turn, as data.
pub(crate) fn turn(scene: &Scene<'_>) -> Value {
    let messages = scene.messages.iter().enumerate().skip(scene.messages.len().saturating_sub(MOST_MESSAGES));
    let messages: Vec<Value> = messages
        .map(|(at, message)| {
            json!({
                "number": at + 1,
                "text": cut(&message.text, LONGEST_MESSAGE),
                "media": message.media.iter().map(|medium| medium_name(*medium)).collect::<Vec<_>>(),
                "advert": message.advert.as_deref().map(|advert| cut(advert, LONGEST_ADVERT)),
                "sent": local(message.at, scene),
            })
        })
        .collect();
    let turns = &scene.state.turns;
    let turns: Vec<Value> = turns
        .iter()
        .skip(turns.len().saturating_sub(MOST_TURNS))
        .map(|turn| {
            json!({ "customer": cut(&turn.customer, LONGEST_PAST), "reply": cut(&turn.reply, LONGEST_PAST) })
        })
        .collect();
    json!({
        "now": moment(scene.now),
        "days": days(scene.now),
        "cars": cars(scene),
        "state": state(scene),
        "turns": turns,
        "messages": messages,
    })
}

/// Without names, numbers and addresses of the customer: they are not needed to read.
fn state(scene: &Scene<'_>) -> Value {
    let state = scene.state;
    let offered: Vec<Value> = state
        .offered
        .iter()
        .zip(1..)
        .map(|(slot, number)| json!({ "number": number, "start": local(slot.start, scene) }))
        .collect();
    let appointments: Vec<Value> = state
        .appointments
        .iter()
        .map(
            |appointment| json!({ "start": local(appointment.slot.start, scene), "car": appointment.car_id }),
        )
        .collect();
    json!({
        "shown": state.shown,
        "focus": state.focus,
        "not_in_stock": state.missing_car,
        "wishes": state.wishes,
        "offered": offered,
        "moving": state.moving.is_some(),
        "asked": state.asked.as_ref().map(|asked| question(asked, scene)),
        "appointments": appointments,
        "topic": state.topic,
        "name_is_known": state.name.is_some(),
    })
}

/// The question the last reply asked, by its kind, with the moment it was about.
fn question(asked: &Asked, scene: &Scene<'_>) -> Value {
    let kind = match serde_json::to_value(asked).unwrap_or_default() {
        Value::Object(tagged) => tagged.into_iter().next().map(|(kind, _)| kind),
        Value::String(kind) => Some(kind),
        _ => None,
    };
    let slot = match asked {
        Asked::Book { slot } | Asked::Move { slot, .. } => Some(local(slot.start, scene)),
        _ => None,
    };
    json!({ "question": kind, "moment": slot })
}

/// One line for each car, those spoken of first.
fn cars(scene: &Scene<'_>) -> Vec<String> {
    let inventory = &scene.knowledge.dealer.inventory;
    let state = scene.state;
    let booked = state.appointments.iter().filter_map(|appointment| appointment.car_id.as_ref());
    let spoken = state.focus.iter().chain(&state.shown).chain(booked).filter_map(|id| inventory.get(id));
    let mut cars: Vec<&Car> = Vec::new();
    for car in spoken.chain(inventory.cars()) {
        if cars.len() >= MOST_CARS {
            break;
        }
        if !cars.iter().any(|known| known.id == car.id) {
            cars.push(car);
        }
    }
    cars.into_iter().map(line).collect()
}

fn line(car: &Car) -> String {
    let Car {
        id,
        make,
        model,
        variant,
        year,
        mileage_km,
        price_eur,
        fuel,
        transmission,
        body_type,
        color,
        ..
    } = car;
    let plate = car.license_plate.as_deref().unwrap_or("-");
    format!(
        "{id}: {make} {model} {variant}, {year}, {mileage_km} km, {price_eur} euro, {fuel}, {transmission}, {body_type}, {color}, {plate}"
    )
}

fn days(now: &Zoned) -> Vec<String> {
    (0..DAYS_AHEAD)
        .map(|ahead| now.date().saturating_add(ahead.days()))
        .map(|date| format!("{date} {:?}", date.weekday()))
        .collect()
}

fn local(at: jiff::Timestamp, scene: &Scene<'_>) -> String {
    moment(&at.to_zoned(scene.knowledge.dealer.timezone.clone()))
}

/// "2026-03-11 10:00 Wednesday".
fn moment(at: &Zoned) -> String {
    format!("{} {:02}:{:02} {:?}", at.date(), at.hour(), at.minute(), at.weekday())
}

fn medium_name(medium: Medium) -> Value {
    serde_json::to_value(medium).unwrap_or_default()
}
