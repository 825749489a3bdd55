//! What sentences are read as, by kind. Each line is a message of our own, with the commands it must come to.

mod appointments;
mod cars;
mod conduct;
mod matters;
mod names;
mod people;
mod short_days;
mod surnames;
mod turns;
mod visits;

use jiff::Zoned;
use jiff::civil::{Date, Time};

use super::read;
use crate::Knowledge;
use crate::command::{CarRef, Command, Field, Pick, Plain, Reading, Way};
use crate::ports::FreeSlot;
use crate::state::{Appointment, Asked, State, Topic};
use crate::turn::{Message, Scene};
use crate::when::{Hours, When};
use crate::wishes::Wishes;

/// A Friday.
const NOW: &str = "2026-11-27T09:00:00+01:00[Europe/Amsterdam]";

pub(super) fn reading(messages: &[&str], state: &State) -> Reading {
    let now: Zoned = NOW.parse().unwrap();
    let messages: Vec<Message> =
        messages.iter().map(|text| Message::new("", *text, now.timestamp())).collect();
    read(&Scene { messages: &messages, state, knowledge: &Knowledge::builtin(), now: &now })
}

/// The commands in short, a `?` before those that are doubtful.
pub(super) fn said(messages: &[&str], state: &State) -> Vec<String> {
    let reading = reading(messages, state);
    reading
        .commands
        .iter()
        .map(|read| {
            let doubt = if read.plain == Plain::Doubtful { "?" } else { "" };
            format!("{doubt}{}", short(&read.command))
        })
        .collect()
}

fn short(command: &Command) -> String {
    let with = |details: Vec<String>| {
        let details: Vec<String> = details.into_iter().filter(|one| !one.is_empty()).collect();
        if details.is_empty() {
            command.name().to_owned()
        } else {
            format!("{} {}", command.name(), details.join(" "))
        }
    };
    match command {
        Command::Show(wishes) => with(vec![wish(wishes)]),
        Command::Tell { cars, fields } => {
            let fields: Vec<String> = fields.iter().map(field).collect();
            with(vec![cars.iter().map(car).collect::<Vec<_>>().join("+"), format!("[{}]", fields.join(","))])
        }
        Command::Practical(practical) => with(vec![format!("{practical:?}")]),
        Command::Drive { car: which, when } => with(vec![which.iter().map(car).collect(), moment(when)]),
        Command::Moment(when)
        | Command::CallBack { when, by: Way::Phone }
        | Command::Pick(Pick::Moment(when)) => with(vec![moment(when)]),
        Command::Pick(Pick::Number(number)) => with(vec![number.to_string()]),
        Command::RefuseSlots { numbers, instead } => {
            with(vec![numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(","), moment(instead)])
        }
        Command::Move { to, from } => with(vec![
            moment(to),
            if from.is_empty() { String::new() } else { format!("from {}", moment(from)) },
        ]),
        Command::Cancel { from } => with(vec![moment(from)]),
        Command::OtherCar(which) => with(vec![car(which)]),
        Command::Name(name) => with(vec![name.clone()]),
        Command::Contact { email, phone } => {
            with(vec![email.clone().unwrap_or_default(), phone.clone().unwrap_or_default()])
        }
        Command::TradeIn(own) => with(vec![own_car(own)]),
        Command::Workshop { own, when } => with(vec![own_car(own), moment(when)]),
        Command::Finance { car: which } | Command::Discount { car: which } => {
            with(vec![which.iter().map(car).collect()])
        }
        Command::Buy { car: which, reserve } => with(vec![
            which.iter().map(car).collect(),
            if *reserve { "reserve".into() } else { String::new() },
        ]),
        Command::Bid { car: which, amount_eur } => with(vec![
            which.iter().map(car).collect(),
            amount_eur.map(|euros| euros.to_string()).unwrap_or_default(),
        ]),
        Command::HandOver(reason) => with(vec![reason.as_str().to_owned()]),
        Command::Speak(language) => with(vec![format!("{language:?}").to_lowercase()]),
        _ => command.name().to_owned(),
    }
}

fn own_car(own: &crate::command::OwnCar) -> String {
    let parts = [
        own.title(),
        own.plate.clone(),
        own.mileage_km.map(|km| format!("{km}km")),
        own.year.map(|year| year.to_string()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn field(field: &Field) -> String {
    match field {
        Field::Other(words) => format!("\"{words}\""),
        known => format!("{known:?}").to_lowercase(),
    }
}

fn car(car: &CarRef) -> String {
    let mut parts = vec![wish(&car.described)];
    parts.extend(car.variant.iter().cloned());
    parts.extend(car.plate.clone());
    parts.extend(car.place.map(|place| format!("#{place}")));
    parts.extend(car.link.as_ref().map(|_| "link".to_owned()));
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

fn wish(wish: &Wishes) -> String {
    let mut parts: Vec<String> = wish.models.iter().map(|model| model.model.clone()).collect();
    if parts.is_empty() {
        parts.extend(wish.make.clone());
    }
    parts.extend(wish.colors.iter().cloned());
    parts.extend(wish.fuels.iter().cloned());
    parts.extend(wish.transmission.clone());
    parts.extend(wish.bodies.iter().cloned());
    parts.extend(wish.price_min_eur.map(|price| format!(">={price}")));
    parts.extend(wish.price_max_eur.map(|price| format!("<={price}")));
    parts.extend(wish.month_max_eur.map(|price| format!("<={price}/month")));
    parts.extend(wish.year_min.map(|year| format!("from {year}")));
    parts.extend(wish.mileage_max_km.map(|km| format!("<={km}km")));
    parts.extend(wish.purpose.map(|purpose| format!("{purpose:?}").to_lowercase()));
    parts.extend(wish.order.map(|order| format!("{order:?}").to_lowercase()));
    let not = &wish.not;
    for excluded in [&not.makes, &not.models, &not.fuels, &not.transmissions, &not.bodies, &not.colors]
        .into_iter()
        .flatten()
    {
        parts.push(format!("not {excluded}"));
    }
    if wish.fresh {
        parts.push("afresh".into());
    }
    parts.join(" ")
}

fn moment(when: &When) -> String {
    let clock = |time: Time| time.strftime("%H:%M").to_string();
    let day = |date: Date| date.strftime("%d/%m").to_string();
    let mut parts: Vec<String> = when
        .days
        .iter()
        .map(|days| {
            if days.first == days.last {
                day(days.first)
            } else {
                format!("{}-{}", day(days.first), day(days.last))
            }
        })
        .collect();
    parts.extend(match when.hours {
        Hours::Any => None,
        Hours::At(time) => Some(clock(time)),
        Hours::Around(time) => Some(format!("~{}", clock(time))),
        Hours::Between { from, until } => {
            Some(format!("{}..{}", from.map(clock).unwrap_or_default(), until.map(clock).unwrap_or_default()))
        }
    });
    parts.extend(when.not_days.iter().map(|date| format!("not {}", day(*date))));
    parts.extend(when.not_hours.iter().map(|time| format!("not {}", clock(*time))));
    parts.extend(when.relative.map(|relative| format!("{relative:?}")));
    if when.soon {
        parts.push("soon".into());
    }
    parts.join(" ")
}

fn slot(start: &str) -> FreeSlot {
    let start: Zoned = format!("{start}[Europe/Amsterdam]").parse().unwrap();
    FreeSlot { start: start.timestamp(), end: start.timestamp() + jiff::SignedDuration::from_hours(1) }
}

pub(super) fn fresh() -> State {
    State::default()
}

/// Tuesday 1 December: 9:00, 11:00 and 14:00 stand on offer.
pub(super) fn offered() -> State {
    State {
        offered: ["2026-12-01T09:00", "2026-12-01T11:00", "2026-12-01T14:00"].map(slot).to_vec(),
        topic: Topic::Drive,
        focus: vec!["kia-niro-01".into()],
        ..State::default()
    }
}

/// A drive with the Clio stands on Tuesday 1 December at 10:00.
pub(super) fn booked() -> State {
    let appointment = Appointment {
        id: "a1".into(),
        slot: slot("2026-12-01T10:00"),
        car_id: Some("renault-clio-02".into()),
        name: None,
    };
    State {
        appointments: vec![appointment],
        topic: Topic::Drive,
        focus: vec!["renault-clio-02".into()],
        ..State::default()
    }
}

pub(super) fn asked(asked: Asked) -> State {
    State { asked: Some(asked), ..State::default() }
}

fn check(state: &State, table: &[(&str, &[&str])]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(message, expected)| {
            let read = said(&[message], state);
            (read != *expected)
                .then(|| format!("{message}\n    expected {expected:?}\n    read     {read:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
