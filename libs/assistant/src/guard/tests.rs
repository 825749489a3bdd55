use dealer::{Car, Language};
use jiff::civil::Date;
use jiff::{ToSpan, Zoned};

use super::*;
use crate::command::{Field, Way};
use crate::piece::samples::{at, every_piece, fields, misses, now, whys};
use crate::piece::{Answers, Fit, Promise, Tone, Why};
use crate::task::TaskKind;
use crate::word;

fn voices() -> impl Iterator<Item = Voice> {
    Language::ALL.into_iter().flat_map(|language| [false, true].map(|formal| Voice { language, formal }))
}

/// Both halves of the promise: our own pieces pass, and so do our own words when read as if a model had chosen them.
fn assert_passes(pieces: &[Piece], voice: Voice, knowledge: &Knowledge, now: &Zoned) {
    let said = word::say(pieces, voice, knowledge, now);
    let verdict = check(pieces, voice, knowledge, now);
    assert!(verdict.is_ok(), "{verdict:?}: {pieces:?}");
    let verdict = check_words(&said, pieces, voice, knowledge, now);
    assert!(verdict.is_ok(), "{:?} {verdict:?}\n{said}", voice.language);
}

fn car_pieces(car: &Car, others: &[Car]) -> Vec<Vec<Piece>> {
    let facts = |fields: Vec<Field>| vec![Piece::CarFacts { car: car.clone(), fields }];
    let mut replies: Vec<Vec<Piece>> = fields().into_iter().map(|field| facts(vec![field])).collect();
    replies.push(facts(vec![]));
    replies.push(facts(fields().to_vec()));
    let list: Vec<Car> = [car].into_iter().chain(others).cloned().collect();
    replies.push(vec![Piece::Cars { fit: Fit::All, cars: list.clone() }, Piece::InviteDrive]);
    replies.push(vec![
        Piece::Cars { fit: Fit::Nearest(misses().to_vec()), cars: list.clone() },
        Piece::Ask(Ask::WhichCar(list)),
    ]);
    replies
        .push(vec![Piece::NoDiscount { car: Some(car.clone()) }, Piece::Finance { car: Some(car.clone()) }]);
    replies
}

/// Every hour a slot begins at on a day.
fn slots(date: Date, knowledge: &Knowledge, now: &Zoned) -> Vec<Zoned> {
    let ranges = knowledge.hours.on(date).iter();
    let hours = ranges.flat_map(|range| range.from_minute() / 60..range.to_minute() / 60);
    hours
        .filter_map(|hour| {
            date.at(i8::try_from(hour).unwrap(), 0, 0, 0).to_zoned(now.time_zone().clone()).ok()
        })
        .filter(|slot| slot > now)
        .collect()
}

fn day_pieces(car: &Car, slots: &[Zoned], why: Option<Why>, before: &Zoned) -> Vec<Vec<Piece>> {
    let car = || Some(car.clone());
    let Some(first) = slots.first() else { return vec![vec![Piece::NoSlots { why }]] };
    let all = |moving| Piece::Slots { car: car(), slots: slots.to_vec(), why, moving };
    vec![
        vec![all(None)],
        vec![all(Some(before.clone()))],
        vec![Piece::Slots { car: car(), slots: vec![first.clone()], why, moving: None }],
    ]
    .into_iter()
    .chain([
        vec![Piece::Moved { car: car(), from: before.clone(), to: first.clone() }],
        vec![Piece::Cancelled { car: car(), at: first.clone() }],
        vec![Piece::Standing { car: car(), at: first.clone(), tone: Tone::Asked }],
        vec![Piece::Ask(Ask::Book { car: car(), at: first.clone() })],
        vec![Piece::Ask(Ask::Move { from: before.clone(), to: first.clone() })],
        vec![Piece::OptedOut { appointment: Some(first.clone()) }],
        vec![Piece::Thanks, Piece::Farewell { appointment: Some(first.clone()) }],
    ])
    .collect()
}

#[test]
fn everything_our_own_code_says_passes() {
    let (knowledge, now) = (Knowledge::builtin(), now());
    let cars = knowledge.inventory.cars();
    let before = at("2026-11-28T09:00");
    let days: Vec<Date> = (0..=14).map(|ahead| now.date().saturating_add(ahead.days())).collect();
    for voice in voices() {
        for (place, car) in cars.iter().enumerate() {
            let others = [&cars[(place + 1) % cars.len()], &cars[(place + 7) % cars.len()]].map(Clone::clone);
            for pieces in car_pieces(car, &others) {
                assert_passes(&pieces, voice, &knowledge, &now);
            }
            // Each car meets each day, with another of the replies.
            for (number, day) in days.iter().enumerate() {
                let replies = day_pieces(car, &slots(*day, &knowledge, &now), None, &before);
                assert_passes(&replies[(place + number) % replies.len()], voice, &knowledge, &now);
            }
        }
        for (place, day) in days.iter().enumerate() {
            let car = &cars[place];
            let slots = slots(*day, &knowledge, &now);
            for (number, why) in [None].into_iter().chain(whys().map(Some)).enumerate() {
                let replies = day_pieces(car, &slots, why, &before);
                assert_passes(&replies[number % replies.len().min(3)], voice, &knowledge, &now);
            }
            for pieces in day_pieces(car, &slots, None, &before) {
                assert_passes(&pieces, voice, &knowledge, &now);
            }
            let names = [
                NameLine::Given(Quoted("Sanne de Wit".into())),
                NameLine::Proposed(Quoted("H.J. van Beek".into())),
                NameLine::Asked,
            ];
            for (slot, name) in slots.iter().zip(names.iter().cycle()) {
                let booked = Piece::Booked { car: Some(car.clone()), at: slot.clone(), name: name.clone() };
                assert_passes(&[booked], voice, &knowledge, &now);
                let promised = Promise {
                    kind: TaskKind::Question,
                    answers: Answers::From(slot.clone()),
                    by: Way::Phone,
                };
                assert_passes(&[Piece::Promise(promised)], voice, &knowledge, &now);
            }
            assert_passes(
                &[Piece::OpeningHours { day: Some(*day) }, Piece::Address],
                voice,
                &knowledge,
                &now,
            );
        }
        for piece in every_piece() {
            assert_passes(&[piece], voice, &knowledge, &now);
        }
    }
}
