use dealer::{Car, Language};
use jiff::civil::{Date, Time, date, time};
use jiff::{ToSpan, Zoned};

use super::*;
use crate::command::Field;
use crate::piece::{Answers, Fit, Miss, Promise, Tone, Why};
use crate::task::TaskKind;
use crate::word;

fn at(moment: &str) -> Zoned {
    moment.parse::<jiff::civil::DateTime>().unwrap().in_tz("Europe/Amsterdam").unwrap()
}

/// A Friday.
fn now() -> Zoned {
    at("2026-11-27T09:00")
}

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

fn fields() -> [Field; 11] {
    [
        Field::Available,
        Field::Price,
        Field::Year,
        Field::Mileage,
        Field::Fuel,
        Field::Gearbox,
        Field::Color,
        Field::Body,
        Field::Variant,
        Field::Plate,
        Field::Photos,
    ]
}

fn car_pieces(car: &Car, others: &[Car]) -> Vec<Vec<Piece>> {
    let facts = |fields: Vec<Field>| vec![Piece::CarFacts { car: car.clone(), fields }];
    let mut replies: Vec<Vec<Piece>> = fields().into_iter().map(|field| facts(vec![field])).collect();
    replies.push(facts(vec![]));
    replies.push(facts(fields().to_vec()));
    let misses = vec![
        Miss::Model,
        Miss::Price,
        Miss::Year,
        Miss::Mileage,
        Miss::Fuel,
        Miss::Gearbox,
        Miss::Body,
        Miss::Color,
    ];
    let list: Vec<Car> = [car].into_iter().chain(others).cloned().collect();
    replies.push(vec![Piece::Cars { fit: Fit::All, cars: list.clone() }, Piece::InviteDrive]);
    replies.push(vec![
        Piece::Cars { fit: Fit::Nearest(misses), cars: list.clone() },
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
            for (number, why) in whys(*day).into_iter().enumerate() {
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
                let promised = Promise { kind: TaskKind::Question, answers: Answers::From(slot.clone()) };
                assert_passes(&[Piece::Promise(promised)], voice, &knowledge, &now);
            }
            assert_passes(
                &[Piece::OpeningHours { day: Some(*day) }, Piece::Address],
                voice,
                &knowledge,
                &now,
            );
        }
        for pieces in everyday(&knowledge) {
            assert_passes(&pieces, voice, &knowledge, &now);
        }
    }
}

fn whys(day: Date) -> Vec<Option<Why>> {
    let at: [Time; 2] = [time(12, 30, 0, 0), time(10, 30, 0, 0)];
    vec![
        None,
        Some(Why::Closed(date(2026, 11, 29))),
        Some(Why::Lunch(at[0])),
        Some(Why::OutsideHours(time(19, 0, 0, 0))),
        Some(Why::Full(day)),
        Some(Why::Taken(at[1])),
        Some(Why::NotOnTheGrid(at[1])),
        Some(Why::TooSoon),
        Some(Why::BeyondHorizon(date(2026, 12, 11))),
        Some(Why::JustTaken(at[1])),
        Some(Why::RangeFull),
    ]
}

/// What is said without a car or a slot.
fn everyday(knowledge: &Knowledge) -> Vec<Vec<Piece>> {
    use crate::command::{Medium, Reason};
    let own = OwnCar {
        make: Some("Opel".into()),
        model: Some("Meriva".into()),
        plate: Some("12ABC3".into()),
        mileage_km: Some(145_000),
        year: Some(2012),
    };
    let promise = |kind| Piece::Promise(Promise { kind, answers: Answers::Soon });
    let mut replies = vec![
        vec![Piece::Intro, Piece::Greeting { name: Some(Quoted("Sanne de Wit".into())) }],
        vec![Piece::Greeting { name: None }, Piece::AskWishes],
        vec![
            Piece::OpeningHours { day: None },
            Piece::Address,
            Piece::PhoneNumber,
            Piece::Cancelling,
            Piece::WhoAmI,
        ],
        vec![Piece::NoAppointment],
        vec![
            Piece::NotInStock { named: "Tesla Model 3".into() },
            Piece::Cars { fit: Fit::None, cars: vec![] },
        ],
        vec![Piece::NotInStock { named: "AB123C".into() }],
        vec![
            Piece::Unknown {
                car: None,
                about: vec![Quoted("trekhaak".into()), Quoted("verbruik bij 120".into())],
            },
            promise(TaskKind::Question),
        ],
        vec![Piece::TradeIn { own: own.clone() }, promise(TaskKind::TradeIn)],
        vec![Piece::TradeIn { own: OwnCar { plate: None, ..own.clone() } }],
        vec![Piece::TradeIn { own: OwnCar { plate: None, mileage_km: None, ..own.clone() } }],
        vec![Piece::TradeIn { own: OwnCar::default() }],
        vec![
            Piece::Workshop { own: own.clone(), day: Some(date(2026, 12, 1)), time: Some(time(10, 0, 0, 0)) },
            promise(TaskKind::Workshop),
        ],
        vec![Piece::Workshop { own: OwnCar::default(), day: None, time: None }],
        vec![Piece::Finance { car: None }, Piece::NoDiscount { car: None }],
        vec![Piece::OptedOut { appointment: None }],
        vec![Piece::OptedIn, Piece::AsYouWish, Piece::Farewell { appointment: None }],
        vec![Piece::NotUnderstood],
        vec![Piece::Foreign],
        vec![Piece::Fallback],
        vec![Piece::NoSlots { why: None }],
        vec![Piece::NameNoted { name: Quoted("Jan Mark".into()), at: None }],
        vec![Piece::NameNoted { name: Quoted("Jan de Vries".into()), at: Some(at("2026-12-09T10:00")) }],
        vec![Piece::CarChanged { car: knowledge.inventory.cars()[0].clone(), at: at("2026-12-09T10:00") }],
        vec![Piece::Added { answers: Answers::Soon }],
        vec![Piece::WhenAnswered { answers: Answers::From(at("2026-12-09T10:00")) }],
    ];
    replies.extend(
        [Ask::OptOut, Ask::OptIn, Ask::AnyCar, Ask::Name, Ask::When].map(|ask| vec![Piece::Ask(ask)]),
    );
    replies
        .push(vec![Piece::Ask(Ask::WhichAppointment(vec![at("2026-12-09T10:00"), at("2026-12-01T14:00")]))]);
    replies.push(vec![Piece::Ask(Ask::MoveOrAnother { at: at("2026-12-09T10:00") })]);
    replies.extend(TaskKind::ALL.map(|kind| vec![promise(kind)]));
    for reason in [
        Reason::HumanRequested,
        Reason::Complaint,
        Reason::Sensitive,
        Reason::Buying,
        Reason::NotUnderstood,
        Reason::Failure,
    ] {
        replies.push(vec![Piece::HandOver { reason, answers: Answers::Soon }]);
    }
    for medium in [
        Medium::Photo,
        Medium::Voice,
        Medium::Video,
        Medium::Document,
        Medium::Location,
        Medium::Sticker,
        Medium::Contact,
        Medium::Button,
        Medium::Reaction,
    ] {
        replies.push(vec![Piece::Medium(medium)]);
    }
    let topics = knowledge.practical.keys();
    replies.extend(topics.map(|topic| vec![Piece::Practical(*topic), Piece::InviteDrive]));
    replies
}
