//! Conversation: words the answer to every message and puts them together as one reply.

use super::booking::{car, has_car_wish};
use super::memory::Question;
use super::slots;
use super::state::{Media, Reason, TurnState};
use crate::reading::{Analysis, Intent};
use crate::replies::{self, Texts};
use crate::stock::{self, Search};
use dealer::Car;

/// At most so many cars are listed.
const CARS_SHOWN: usize = 3;

/// Words that ask about equipment no record tells of.
const EQUIPMENT: [&str; 40] = [
    "panoramadak",
    "trekhaak",
    "navi",
    "navigatie",
    "carplay",
    "stoelverwarming",
    "cruise",
    "leer",
    "leder",
    "isofix",
    "camera",
    "sensoren",
    "schuifdak",
    "onderhoud",
    "eigenaren",
    "eigenaar",
    "schade",
    "schadevrij",
    "kofferbak",
    "garantie",
    "banden",
    "towbar",
    "sunroof",
    "heated",
    "leather",
    "sensors",
    "owners",
    "history",
    "boot",
    "panoramic",
    "anhängerkupplung",
    "panoramadach",
    "sitzheizung",
    "kamera",
    "kofferraum",
    "vorbesitzer",
    "unfallfrei",
    "scheckheftgepflegt",
    "verbruik",
    "actieradius",
];

/// Words that ask for money off.
const BARGAINING: [&str; 22] = [
    "korting",
    "onderhandel",
    "afding",
    "prijs af",
    "van de prijs",
    "goedkoper",
    "scherper",
    "bod",
    "bied",
    "zakken",
    "discount",
    "negotia",
    "cheaper",
    "lower",
    "knock",
    "best price",
    "on the price",
    "rabatt",
    "verhandel",
    "nachlass",
    "günstiger",
    "handeln",
];

/// Answers every message that Booking has not answered yet, then joins the answers.
pub(super) fn run(state: &mut TurnState) {
    if state.items.iter().any(|item| item.analysis.as_ref().is_some_and(|it| it.intent == Intent::OptOut)) {
        state.opt_out = true;
        state.memory.offered.clear();
        state.reply = Some(state.texts().say("opted_out", &[]));
        return;
    }
    for at in 0..state.items.len() {
        if state.items[at].superseded {
            continue;
        }
        if state.items[at].answer.is_none() {
            let analysis = state.items[at].analysis.clone();
            let answer = match analysis {
                Some(analysis) => answer(state, at, &analysis),
                None => medium(state, at),
            };
            state.items[at].answer = Some(answer);
        }
    }
    join(state);
}

fn join(state: &mut TurnState) {
    let mut parts: Vec<String> = Vec::new();
    if !state.memory.introduced {
        parts.push(state.texts().say("intro", &[("dealer", &state.input.dealer.name)]));
        state.memory.introduced = true;
    }
    for item in &state.items {
        if let Some(answer) =
            item.answer.as_ref().filter(|answer| !answer.is_empty() && !parts.contains(answer))
        {
            parts.push(answer.clone());
        }
    }
    state.reply = (!parts.is_empty()).then(|| parts.join("\n\n"));
}

fn answer(state: &mut TurnState, at: usize, analysis: &Analysis) -> String {
    if analysis.intent != Intent::Other {
        state.memory.misunderstood = 0;
    }
    match analysis.intent {
        Intent::Greeting => greeting(state),
        Intent::CarInquiry => inquiry(state, at),
        Intent::PriceQuestion => price(state, at),
        Intent::TradeIn => trade_in(state, analysis),
        Intent::Financing => financing(state),
        Intent::PracticalInfo => practical(state),
        Intent::ServiceRequest => service(state, analysis),
        Intent::HumanRequest => state.texts().say("escalated", &[]),
        Intent::Complaint => state.texts().say("escalated_complaint", &[]),
        Intent::Thanks => thanks(state),
        _ if analysis.should_escalate => state.texts().say("escalated", &[]),
        _ => other(state, at),
    }
}

fn greeting(state: &mut TurnState) -> String {
    if !state.memory.introduced {
        return state.texts().say("greeting", &[]);
    }
    let name = state.customer_name();
    let first = name.as_deref().and_then(|name| name.split_whitespace().next());
    let first = first.map(|first| format!(" {first}")).unwrap_or_default();
    if let Some(name) = name {
        state.facts.customer_texts.push(name);
    }
    state.texts().say("greeting_again", &[("name", &first)])
}

fn lists(texts: Texts<'_>, cars: &[&Car]) -> String {
    cars.iter().map(|car| replies::car_line(texts, car)).collect::<Vec<_>>().join("\n")
}

fn inquiry(state: &mut TurnState, at: usize) -> String {
    let wishes = state.items[at].wishes.clone();
    if !has_car_wish(&wishes) {
        return state.texts().say("ask_wishes", &[]);
    }
    let dealer = state.input.dealer.clone();
    let texts = state.texts();
    let (heading, cars) = match stock::search(&dealer.inventory, &wishes, CARS_SHOWN) {
        Search::Matches(cars) => ("cars_found", cars),
        Search::Nearest(cars) => ("cars_nearest", cars),
        Search::Nothing => ("cars_none", Vec::new()),
    };
    let mut lines = vec![texts.say(heading, &[])];
    if !cars.is_empty() {
        lines.push(lists(texts, &cars));
        if asks_for(&state.input.messages[at].text, &EQUIPMENT) {
            lines.push(texts.say("unknown_detail", &[]));
        }
    }
    let (found, shown) = (!cars.is_empty(), cars.iter().map(|car| car.id.clone()).collect());
    state.memory.shown = shown;
    if found {
        lines.push(propose_drive(state));
    } else {
        state.memory.asked = Some(Question::Colleague);
    }
    lines.join("\n")
}

/// Asks whether the customer wants a test drive.
fn propose_drive(state: &mut TurnState) -> String {
    state.memory.asked = Some(Question::TestDrive);
    state.texts().say("offer_drive", &[])
}

fn asks_for(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

fn price(state: &mut TurnState, at: usize) -> String {
    let wishes = state.items[at].wishes.clone();
    let dealer = state.input.dealer.clone();
    let bargains = asks_for(&state.input.messages[at].text, &BARGAINING);
    let exact: Vec<&Car> = match (&wishes.model, stock::search(&dealer.inventory, &wishes, CARS_SHOWN)) {
        (Some(model), Search::Matches(cars) | Search::Nearest(cars)) => {
            cars.into_iter().filter(|car| car.model.eq_ignore_ascii_case(model)).collect()
        }
        _ => state.memory.shown.first().and_then(|id| dealer.inventory.get(id)).into_iter().collect(),
    };
    let texts = state.texts();
    let mut lines = Vec::new();
    match exact.as_slice() {
        [] if wishes.model.is_some() || wishes.make.is_some() => return inquiry(state, at),
        [] => lines.push(texts.say("price_which", &[])),
        [car] => lines.push(texts.say(
            "price",
            &[
                ("car", format!("{} {}", car.title(), car.variant).trim()),
                ("year", &car.year.to_string()),
                ("km", &replies::grouped(car.mileage_km, state.language)),
                ("price", &replies::grouped(car.price_eur, state.language)),
            ],
        )),
        several => {
            lines.push(texts.say("cars_found", &[]));
            lines.push(lists(texts, several));
        }
    }
    let shown: Vec<String> = exact.iter().map(|car| car.id.clone()).collect();
    if bargains {
        lines.push(texts.say("no_discount", &[]));
    } else if !shown.is_empty() {
        lines.push(propose_drive(state));
    }
    if !shown.is_empty() {
        state.memory.shown = shown;
    }
    lines.join("\n")
}

/// "for the Fiesta", of a car the customer named.
fn customers_car(state: &mut TurnState, make: Option<&String>, model: Option<&String>) -> String {
    let (Some(make), Some(model)) = (make, model) else { return String::new() };
    state.facts.customer_cars.push((make.clone(), model.clone()));
    state.texts().say("of_car", &[("car", &format!("{make} {model}"))])
}

fn trade_in(state: &mut TurnState, analysis: &Analysis) -> String {
    let entities = &analysis.entities;
    let car = customers_car(state, entities.trade_in_make.as_ref(), entities.trade_in_model.as_ref());
    match &entities.license_plate {
        Some(plate) => {
            state.facts.customer_texts.push(plate.clone());
            state.texts().say("trade_in_plate", &[("car", &car), ("plate", plate)])
        }
        None => state.texts().say("trade_in", &[("car", &car)]),
    }
}

fn financing(state: &TurnState) -> String {
    match car(state) {
        Some(car) => state.texts().say("financing_car", &[("car", &car.title())]),
        None => state.texts().say("financing", &[]),
    }
}

fn practical(state: &TurnState) -> String {
    let (dealer, texts) = (&state.input.dealer, state.texts());
    let phone = dealer
        .phone
        .as_ref()
        .map(|number| texts.say("info_phone", &[("number", number)]))
        .unwrap_or_default();
    let hours = replies::hours(texts, &dealer.hours);
    let info = texts.say("info", &[("address", &dealer.address), ("hours", &hours), ("phone", &phone)]);
    format!("{info}\n{}", texts.say("info_other", &[]))
}

fn service(state: &mut TurnState, analysis: &Analysis) -> String {
    let car = customers_car(state, analysis.entities.make.as_ref(), analysis.entities.model.as_ref());
    state.texts().say("service", &[("car", &car)])
}

fn thanks(state: &mut TurnState) -> String {
    let Some(appointment) = &state.memory.lead.appointment else {
        return state.texts().say("thanks", &[]);
    };
    let when = state.local(appointment.slot.start);
    let text = state.texts().say("thanks_booked", &[("when", &replies::moment(&when, state.language))]);
    state.facts.slots.push(when);
    text
}

fn other(state: &mut TurnState, at: usize) -> String {
    let wants_more =
        asks_for(&state.input.messages[at].text, &["vertel", "tell me", "erzähl", "meer info", "more info"]);
    let shown = state.memory.shown.first().and_then(|id| state.input.dealer.inventory.get(id)).cloned();
    if let (true, Some(car)) = (wants_more, shown) {
        let texts = state.texts();
        return format!("{}\n{}", replies::car_line(texts, &car), texts.say("unknown_detail", &[]));
    }
    if state.items[at].analysis.as_ref().is_none_or(|analysis| analysis.intent != Intent::Other) {
        return String::new();
    }
    if slots::stand(state) {
        let offered = state.memory.offered.clone();
        let moments: Vec<_> = offered.iter().map(|slot| state.local(slot.start)).collect();
        state.facts.slots.extend(moments);
        let list = slots::list(state, &offered);
        state.memory.misunderstood += 1;
        return state.texts().say("slots_again", &[("slots", &list)]);
    }
    state.memory.misunderstood += 1;
    if state.memory.misunderstood >= 2 {
        state.ask_for_person(Reason::NotUnderstood);
        return state.texts().say("escalated", &[]);
    }
    state.texts().say("not_understood", &[])
}

/// A medium without words is met with thanks and a question, never with silence.
fn medium(state: &TurnState, at: usize) -> String {
    let texts = state.texts();
    let media = &state.input.messages[at].media;
    let name = match media.first() {
        Some(Media::Photo) => "photo",
        Some(Media::Voice) => "voice",
        Some(Media::Video) => "video",
        Some(Media::Document) => "document",
        Some(Media::Location) => return texts.say("location", &[("address", &state.input.dealer.address)]),
        Some(Media::Sticker) => "sticker",
        Some(Media::Contact) => "contact",
        Some(Media::Reaction) => "reaction",
        Some(Media::Button) | None => "not_understood",
    };
    texts.say(name, &[])
}
