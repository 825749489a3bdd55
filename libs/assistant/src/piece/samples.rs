//! A piece of every kind, for the tests of what says them and of what checks them.

use dealer::{Car, Dealer, PracticalTopic};
use jiff::Zoned;
use jiff::civil::{date, time};

use super::{Answers, Ask, Fit, Miss, NameLine, Piece, Promise, Quoted, Tone, Why};
use crate::command::{Field, Medium, OwnCar, Reason, Way};
use crate::task::TaskKind;

/// A Friday.
pub fn now() -> Zoned {
    at("2026-11-27T09:00")
}

/// A moment on the dealer's clock.
pub fn at(moment: &str) -> Zoned {
    let civil: jiff::civil::DateTime = moment.parse().unwrap();
    civil.in_tz("Europe/Amsterdam").unwrap()
}

/// A car of the built-in dealer.
pub fn car(id: &str) -> Car {
    Dealer::builtin().inventory.get(id).unwrap().clone()
}

/// Words of a customer.
pub fn quoted(text: &str) -> Quoted {
    Quoted(text.to_owned())
}

/// What somebody was promised.
pub fn promise(kind: TaskKind, answers: Answers) -> Piece {
    Piece::Promise(Promise { kind, answers, by: Way::Phone })
}

const MEDIA: [Medium; 9] = [
    Medium::Photo,
    Medium::Voice,
    Medium::Video,
    Medium::Document,
    Medium::Location,
    Medium::Sticker,
    Medium::Contact,
    Medium::Button,
    Medium::Reaction,
];

const REASONS: [Reason; 8] = [
    Reason::HumanRequested,
    Reason::Complaint,
    Reason::Sensitive,
    Reason::Buying,
    Reason::NotUnderstood,
    Reason::Failure,
    Reason::Loop,
    Reason::Language,
];

/// Every piece, in every form that says something else.
#[expect(clippy::too_many_lines, reason = "a list")]
pub fn every_piece() -> Vec<Piece> {
    let polo = || Some(car("vw-polo-02"));
    let sat = || at("2026-11-28T10:00");
    let tue = || at("2026-12-01T14:00");
    let mut pieces = vec![
        Piece::Intro,
        Piece::Greeting { name: None },
        Piece::Hello,
        Piece::Agreed,
        Piece::Speaks,
        Piece::Noted,
        Piece::PassedOn(quoted("Kan ik bij jullie laden")),
        Piece::Greeting { name: Some(quoted("Sanne de Wit")) },
        Piece::AskWishes,
        Piece::Cars { fit: Fit::All, cars: vec![car("vw-polo-02")] },
        Piece::Cars { fit: Fit::All, cars: vec![car("vw-polo-02"), car("vw-id3-01")] },
        Piece::Cars { fit: Fit::None, cars: vec![] },
        Piece::CarFacts { car: car("vw-polo-02"), fields: vec![] },
        Piece::NotInStock { named: "Tesla Model 3".into() },
        Piece::NotInStock { named: "AB123C".into() },
        Piece::Unknown { car: None, about: vec![] },
        Piece::Unknown { car: polo(), about: vec![quoted("trekhaak"), quoted("onderhoudshistorie")] },
        Piece::Unknown {
            car: None,
            about: vec![quoted("hoe zit het eigenlijk precies met de wegenbelasting ervan?")],
        },
        Piece::OpeningHours { day: None },
        Piece::OpeningHours { day: Some(date(2026, 11, 28)) },
        Piece::OpeningHours { day: Some(date(2026, 11, 29)) },
        Piece::Address,
        Piece::PhoneNumber,
        Piece::Cancelling,
        Piece::WhoAmI,
        Piece::NoSlots { why: None },
        Piece::Moved { car: polo(), from: sat(), to: tue() },
        Piece::Cancelled { car: polo(), at: sat() },
        Piece::Cancelled { car: None, at: sat() },
        Piece::NoAppointment,
        Piece::NameNoted { name: quoted("Sanne de Wit"), at: None },
        Piece::NameNoted { name: quoted("Sanne de Wit"), at: Some(sat()) },
        Piece::CarChanged { car: car("vw-polo-02"), at: sat() },
        Piece::NoDiscount { car: None },
        Piece::NoDiscount { car: polo() },
        Piece::TradeIn { own: OwnCar::default() },
        Piece::Finance { car: None },
        Piece::Finance { car: polo() },
        Piece::Workshop { own: OwnCar::default(), day: None, time: None },
        Piece::Workshop { own: meriva(), day: Some(date(2026, 12, 1)), time: Some(time(10, 0, 0, 0)) },
        Piece::InviteDrive,
        Piece::OptedOut { appointment: None },
        Piece::OptedOut { appointment: Some(sat()) },
        Piece::OptedIn,
        Piece::Thanks,
        Piece::Farewell { appointment: None },
        Piece::Farewell { appointment: Some(sat()) },
        Piece::AsYouWish,
        Piece::NotUnderstood,
        Piece::Foreign,
        Piece::Fallback,
        Piece::Free("Gezellig!".into()),
    ];
    let misses = misses();
    pieces.extend(
        misses.map(|miss| Piece::Cars { fit: Fit::Nearest(vec![miss]), cars: vec![car("vw-polo-02")] }),
    );
    pieces.push(Piece::Cars { fit: Fit::Nearest(misses.to_vec()), cars: vec![car("vw-polo-02")] });
    for field in fields() {
        for id in ["vw-polo-02", "kia-niro-01", "ford-kuga-01", "skoda-octavia-01", "fiat-500-01"] {
            pieces.push(Piece::CarFacts { car: car(id), fields: vec![field.clone()] });
            pieces.push(Piece::CarFacts { car: car(id), fields: vec![Field::Available, field.clone()] });
        }
    }
    pieces.extend(PracticalTopic::ALL.iter().map(|topic| Piece::Practical(*topic)));
    for why in [None].into_iter().chain(whys().map(Some)) {
        for moving in [None, Some(sat())] {
            for slots in [vec![], vec![tue()], vec![tue(), at("2026-12-01T15:00")]] {
                pieces.push(Piece::Slots { car: polo(), slots, why, moving: moving.clone() });
            }
        }
        pieces.push(Piece::NoSlots { why });
    }
    for name in
        [NameLine::Given(quoted("H.J. van Beek")), NameLine::Proposed(quoted("Marieke")), NameLine::Asked]
    {
        pieces.push(Piece::Booked { car: polo(), at: sat(), name });
    }
    for tone in [Tone::Asked, Tone::Kept, Tone::Already] {
        pieces.push(Piece::Standing { car: polo(), at: sat(), tone });
    }
    pieces.extend(
        [
            Ask::Move { from: sat(), to: tue() },
            Ask::Cancel { at: sat() },
            Ask::Book { car: polo(), at: sat() },
            Ask::OptOut,
            Ask::OptIn,
            Ask::WhichCar(vec![]),
            Ask::WhichOfThose,
            Ask::WhichCar(vec![car("vw-polo-02"), car("vw-polo-03")]),
            Ask::AnyCar,
            Ask::WhichAppointment(vec![]),
            Ask::WhichAppointment(vec![(None, sat()), (None, tue())]),
            Ask::MoveOrAnother { at: sat() },
            Ask::KeepMoveOrCancel { at: sat() },
            Ask::Name,
            Ask::Email,
            Ask::When,
            Ask::WhichDay,
        ]
        .map(Piece::Ask),
    );
    pieces.push(promise(TaskKind::CallBack, Answers::AsWished));
    for answers in [Answers::Soon, Answers::AsWished] {
        pieces.push(Piece::Promise(Promise { kind: TaskKind::CallBack, answers, by: Way::Mail }));
    }
    for answers in [Answers::Soon, Answers::From(at("2026-11-30T09:00"))] {
        pieces.extend(TaskKind::ALL.map(|kind| promise(kind, answers.clone())));
        for reason in REASONS {
            pieces.push(Piece::HandOver { reason, answers: answers.clone() });
        }
        pieces.push(Piece::Added { answers: answers.clone() });
        pieces.push(Piece::WhenAnswered { answers });
    }
    for own in [
        meriva(),
        OwnCar { plate: None, ..meriva() },
        OwnCar { mileage_km: None, ..meriva() },
        OwnCar { mileage_km: None, plate: None, ..meriva() },
    ] {
        pieces.push(Piece::TradeIn { own });
    }
    pieces.extend(MEDIA.map(Piece::Medium));
    pieces
}

/// Facts of cars that no built-in dealer has: without trim and plate, on gas, of every body.
pub fn facts_of_odd_cars() -> Vec<Piece> {
    let bare = Car {
        variant: String::new(),
        license_plate: None,
        url: Some("https://a.nl/1".into()),
        ..car("vw-polo-02")
    };
    let odd = |body: &str| Car { body_type: body.into(), fuel: "lpg".into(), ..bare.clone() };
    let facts = |car| Piece::CarFacts { car, fields: fields().to_vec() };
    Car::BODY_TYPES.iter().map(|body| facts(odd(body))).collect()
}

/// A car that somebody might trade in.
pub fn meriva() -> OwnCar {
    OwnCar {
        make: Some("Opel".into()),
        model: Some("Meriva".into()),
        plate: Some("12ABC3".into()),
        mileage_km: Some(145_000),
        year: Some(2012),
    }
}

/// Every fact of a car that a record tells.
pub fn fields() -> [Field; 11] {
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

/// Every reason why a moment is not to be had.
pub fn whys() -> [Why; 10] {
    [
        Why::Closed(date(2026, 11, 29)),
        Why::Lunch(time(12, 30, 0, 0)),
        Why::OutsideHours(time(19, 0, 0, 0)),
        Why::Full(date(2026, 11, 28)),
        Why::Taken(time(10, 0, 0, 0)),
        Why::NotOnTheGrid(time(10, 30, 0, 0)),
        Why::TooSoon,
        Why::BeyondHorizon(date(2026, 12, 11)),
        Why::JustTaken(time(11, 0, 0, 0)),
        Why::RangeFull,
    ]
}

/// Every way in which a car can miss what was wished.
pub fn misses() -> [Miss; 8] {
    [Miss::Model, Miss::Price, Miss::Year, Miss::Mileage, Miss::Fuel, Miss::Gearbox, Miss::Body, Miss::Color]
}
