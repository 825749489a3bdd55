//! Pieces to text, one after the other.

mod own_cars;
mod promises;

use std::cell::Cell;

use dealer::Car;
use jiff::civil::Date;
use jiff::{ToSpan, Zoned};

use super::format::{
    self, and, car_line, car_name, day, hours, moment, next_opening, phone, stretches, time,
};
use super::message::Message;
use super::{Texts, Voice, cars};
use crate::Knowledge;
use crate::command::{Field, Medium};
use crate::guard::may_repeat;
use crate::piece::{Answers, Ask, NameLine, Piece, Quoted, Tone, Why};

pub(super) fn say(pieces: &[Piece], voice: Voice, knowledge: &Knowledge, now: &Zoned) -> String {
    let teller = Teller {
        texts: Texts::new(knowledge, voice),
        knowledge,
        now,
        all: pieces,
        told_when: Cell::new(false),
    };
    let mut message = Message::default();
    for at in 0..pieces.len() {
        teller.add(at, &mut message);
    }
    message.finish()
}

struct Teller<'a> {
    texts: Texts<'a>,
    knowledge: &'a Knowledge,
    now: &'a Zoned,
    all: &'a [Piece],
    /// When somebody answers is said once.
    told_when: Cell<bool>,
}

impl Teller<'_> {
    fn add(&self, at: usize, message: &mut Message) {
        let Some(piece) = self.all.get(at) else { return };
        match piece {
            Piece::Intro => message.paragraph(&self.intro()),
            Piece::Cars { fit, cars } => {
                let missing = self.all[..at].iter().any(|piece| matches!(piece, Piece::NotInStock { .. }));
                let list = cars::list(self.texts, fit, cars, missing);
                if cars.is_empty() { message.sentence(&list) } else { message.paragraph(&list) }
            }
            Piece::Slots { slots, .. } if !slots.is_empty() => message.ask_last(self.slots(piece)),
            Piece::Booked { car, at, name } => self.booked(car.as_ref(), at, name, message),
            Piece::CarFacts { fields, .. } if fields == &[Field::Available] => {
                // Several in a row are one sentence.
                let before = at.checked_sub(1).and_then(|before| self.all.get(before));
                if !matches!(before, Some(Piece::CarFacts { fields, .. }) if fields == &[Field::Available]) {
                    message.sentence(&self.still_there(at));
                }
            }
            Piece::Unknown { car, about } => {
                // Several in a row are one sentence.
                let before = at.checked_sub(1).and_then(|before| self.all.get(before));
                if !matches!(before, Some(Piece::Unknown { car: same, .. }) if same == car) {
                    message.sentence(&self.unknown(at, car.as_ref(), about));
                }
            }
            Piece::Promise(_) => {
                // Every promise is in one sentence, where the last of them stands.
                if self.all[at + 1..].iter().all(|piece| !matches!(piece, Piece::Promise(_))) {
                    message.sentence(&self.promises());
                }
            }
            Piece::Ask(Ask::WhichCar(cars)) if !cars.is_empty() && !self.lists(cars) => {
                let lines: Vec<String> = cars.iter().map(|car| car_line(self.texts, car)).collect();
                message.paragraph(&format!("{}\n{}", self.text("ask_which_car"), lines.join("\n")));
            }
            Piece::Ask(Ask::WhichAppointment(moments)) if !moments.is_empty() => {
                let lines: Vec<String> =
                    moments.iter().map(|(car, at)| self.one_of_several(car.as_ref(), at)).collect();
                message.paragraph(&format!("{}\n{}", self.text("ask_which_appointment"), lines.join("\n")));
            }
            Piece::Moved { .. } | Piece::Foreign | Piece::Free(_) | Piece::InviteDrive => {
                message.paragraph(&self.sentence(piece));
            }
            _ => message.sentence(&self.sentence(piece)),
        }
    }

    /// What most pieces are: a sentence or two.
    fn sentence(&self, piece: &Piece) -> String {
        match piece {
            Piece::Greeting { name } => self.greeting(name.as_ref()),
            Piece::Hello => self.text("hello"),
            Piece::Agreed => self.text("agreed"),
            Piece::Speaks => self.text("speaks"),
            Piece::Noted => self.text("noted"),
            Piece::PassedOn(Quoted(question)) if may_repeat(question) => {
                self.with("passed_on", "question", question)
            }
            Piece::PassedOn(_) => String::new(),
            Piece::AskWishes => self.text("ask_wishes"),
            Piece::CarFacts { car, fields } => {
                cars::facts(self.texts, car, fields, &self.knowledge.inventory)
            }
            Piece::NotInStock { named } => self.not_in_stock(named),
            Piece::InviteDrive => self.text("offer_drive"),
            Piece::Practical(topic) => match self.knowledge.practical(*topic, self.texts.language()) {
                Some(answer) => self.texts.own(answer.text),
                None => self.text("unknown_that"),
            },
            Piece::OpeningHours { day: None } => self.week(),
            Piece::OpeningHours { day: Some(date) } => self.hours_on(*date),
            Piece::Address => self.with("address", "address", &self.knowledge.address),
            Piece::PhoneNumber => self.reach(),
            Piece::Cancelling => self.text("cancelling"),
            Piece::WhoAmI => self.text("who_am_i"),
            Piece::Slots { slots, why, .. } if slots.is_empty() => self.no_slots(*why),
            Piece::Slots { .. } => self.slots(piece),
            Piece::NoSlots { why } => self.no_slots(*why),
            Piece::Ask(ask) => self.ask(ask),
            Piece::HandOver { reason, answers } => self.hand_over(*reason, answers),
            Piece::Added { answers } => self.with("added", "when", &self.when(answers)),
            Piece::WhenAnswered { answers: Answers::Soon } => self.text("when_answered_soon"),
            Piece::WhenAnswered { answers } => self.with("when_answered", "when", &self.when(answers)),
            Piece::NoDiscount { car } => self.no_discount(car.as_ref()),
            Piece::TradeIn { own } => self.trade_in(own),
            Piece::Finance { car: None } => self.text("financing"),
            Piece::Finance { car: Some(car) } => self.with("financing_car", "car", &self.car(car)),
            Piece::Workshop { own, day, time } => self.workshop(own, *day, *time),
            Piece::Free(words) => words.clone(),
            Piece::Medium(medium) => self.medium(*medium),
            _ => self.appointment(piece),
        }
    }

    /// What is said of appointments, and the short courtesies.
    fn appointment(&self, piece: &Piece) -> String {
        match piece {
            Piece::Moved { car, from, to } => self.say(
                "moved",
                &[
                    ("car", &self.of_car(car.as_ref())),
                    ("from", &self.at(from)),
                    ("when", &self.at(to)),
                    ("dealer", &self.knowledge.name),
                    ("address", &self.knowledge.address),
                ],
            ),
            Piece::Cancelled { car, at } => self.standing("cancelled", &self.of_car(car.as_ref()), at),
            Piece::Standing { car, at, tone } => match tone {
                Tone::Asked => self.standing("standing", &self.with_car(car.as_ref()), at),
                Tone::Kept => self.standing("kept", &self.of_car(car.as_ref()), at),
                Tone::Already => self.standing("already_booked", &self.of_car(car.as_ref()), at),
            },
            Piece::NoAppointment => {
                let promised = self.all.iter().any(|piece| matches!(piece, Piece::Promise(_)));
                self.text(if promised { "nothing_booked_here" } else { "nothing_booked" })
            }
            Piece::NameNoted { name: Quoted(name), at: None } => self.with("name_noted", "name", name),
            Piece::NameNoted { name: Quoted(name), at: Some(at) } => {
                self.say("name_on_appointment", &[("name", name), ("when", &self.at(at))])
            }
            Piece::CarChanged { car, at } => {
                self.say("car_changed", &[("car", &self.car(car)), ("when", &self.at(at))])
            }
            Piece::OptedOut { appointment } => self.opted_out(appointment.as_ref()),
            Piece::OptedIn => self.text("opted_in"),
            Piece::Thanks => self.text("thanks"),
            Piece::Farewell { appointment: None } => self.text("farewell"),
            Piece::Farewell { appointment: Some(at) } => self.with("farewell_booked", "when", &self.at(at)),
            Piece::AsYouWish => self.text("as_you_wish"),
            Piece::NotUnderstood => self.text("not_understood"),
            Piece::Foreign => self.text("foreign"),
            _ => self.text("fallback"),
        }
    }

    fn text(&self, name: &str) -> String {
        self.texts.say(name, &[])
    }

    fn with(&self, name: &str, key: &str, value: &str) -> String {
        self.texts.say(name, &[(key, value)])
    }

    fn say(&self, name: &str, values: &[(&str, &str)]) -> String {
        self.texts.say(name, values)
    }

    fn at(&self, at: &Zoned) -> String {
        moment(at, self.texts.language())
    }

    fn day(&self, date: Date) -> String {
        day(date, self.texts.language())
    }

    fn car(&self, car: &Car) -> String {
        car_name(car, &self.knowledge.inventory)
    }

    fn with_car(&self, car: Option<&Car>) -> String {
        car.map_or_else(String::new, |car| self.with("for_car", "car", &self.car(car)))
    }

    fn of_car(&self, car: Option<&Car>) -> String {
        car.map_or_else(String::new, |car| self.with("of_car", "car", &self.car(car)))
    }

    fn intro(&self) -> String {
        let name = self.all.iter().find_map(|piece| match piece {
            Piece::Greeting { name: Some(name) } => Some(first_name(name)),
            _ => None,
        });
        self.say("intro", &[("dealer", &self.knowledge.name), ("name", &name.unwrap_or_default())])
    }

    fn greeting(&self, name: Option<&Quoted>) -> String {
        // Who was just said hello to is not greeted twice.
        if self.all.contains(&Piece::Intro) {
            return self.text("greeting");
        }
        self.with("greeting_again", "name", &name.map(first_name).unwrap_or_default())
    }

    fn not_in_stock(&self, named: &str) -> String {
        if is_plate(named) {
            self.with("plate_not_in_stock", "plate", named)
        } else {
            self.with("not_in_stock", "named", named)
        }
    }

    /// That this car and those of the pieces that follow on it are still there.
    fn still_there(&self, at: usize) -> String {
        let names: Vec<String> = self.all[at..]
            .iter()
            .map_while(|piece| match piece {
                Piece::CarFacts { car, fields } if fields == &[Field::Available] => Some(self.car(car)),
                _ => None,
            })
            .collect();
        if let [name] = names.as_slice() {
            return self.with("car_there", "car", name);
        }
        let cars: Vec<String> = names.iter().map(|name| self.with("the_car", "car", name)).collect();
        self.with("cars_there", "cars", &and(&cars, self.texts))
    }

    /// Whether the reply names this car elsewhere, and no other.
    fn names(&self, car: &Car) -> bool {
        let mut named = self.all.iter().filter_map(|piece| match piece {
            Piece::CarFacts { car, .. } => Some(car),
            Piece::Slots { car, .. } | Piece::Booked { car, .. } => car.as_ref(),
            _ => None,
        });
        let first = named.next();
        first == Some(car) && named.all(|other| other == car)
    }

    /// The things asked in this piece and those that follow on it.
    fn unknown(&self, at: usize, car: Option<&Car>, about: &[Quoted]) -> String {
        let mut about = about.to_vec();
        for piece in &self.all[at + 1..] {
            match piece {
                Piece::Unknown { car: same, about: more } if same.as_ref() == car => {
                    about.extend(more.iter().cloned());
                }
                _ => break,
            }
        }
        let car = car.filter(|car| !self.names(car)).map(|car| self.car(car));
        cars::unknown(self.texts, car.as_deref(), &about)
    }

    /// Whether a list of these cars stands in this reply already.
    fn lists(&self, wanted: &[Car]) -> bool {
        self.all.iter().any(|piece| match piece {
            Piece::Cars { cars, .. } => wanted.iter().all(|car| cars.contains(car)),
            _ => false,
        })
    }

    fn week(&self) -> String {
        let week = self.with("hours", "hours", &hours(self.texts, &self.knowledge.hours));
        let today = self.now.date();
        let soon = today.saturating_add(14.days());
        let closed = self.knowledge.hours.closed_days.iter().filter(|date| (today..=soon).contains(date));
        closed.fold(week, |said, date| {
            let day = self.say("hours_closed_day", &[("day", &self.day(*date)), ("next", "")]);
            format!("{said} {day}")
        })
    }

    fn hours_on(&self, date: Date) -> String {
        let ranges = self.knowledge.hours.on(date);
        let next = || {
            let next = next_opening(&self.knowledge.hours, date);
            let said =
                next.map(|(next, time)| self.say("hours_next", &[("day", &self.day(next)), ("time", &time)]));
            said.unwrap_or_default()
        };
        let when = |name: &str, more: &[(&str, &str)]| {
            let day = self.day(date);
            self.say(name, &[&[("day", day.as_str())], more].concat())
        };
        let today = self.now.date();
        let tomorrow = date == today.saturating_add(1.days());
        let Some(last) = ranges.last() else {
            let name = if tomorrow { "hours_closed_tomorrow" } else { "hours_closed_day" };
            return when(name, &[("next", &next())]);
        };
        let closing = format::minute_of_day(last.to_minute());
        let now = i32::from(self.now.hour()) * 60 + i32::from(self.now.minute());
        if date == today && now >= i32::from(last.to_minute()) {
            return when("hours_over_today", &[("time", &closing), ("next", &next())]);
        }
        let open = stretches(self.texts, ranges);
        if date == today {
            return when("hours_today", &[("time", &closing), ("hours", &open)]);
        }
        when(if tomorrow { "hours_tomorrow" } else { "hours_day" }, &[("hours", &open)])
    }

    fn reach(&self) -> String {
        let number = self.knowledge.phone.as_deref().map(phone);
        match (number, self.knowledge.email.as_deref()) {
            (Some(number), Some(email)) => {
                self.say("phone_and_email", &[("number", &number), ("email", email)])
            }
            (Some(number), None) => self.with("phone", "number", &number),
            (None, Some(email)) => self.with("email", "email", email),
            (None, None) => self.text("phone_none"),
        }
    }

    fn slots(&self, piece: &Piece) -> String {
        let Piece::Slots { car, slots, why, moving } = piece else { return String::new() };
        let why = why.map(|why| self.why(why));
        let name = match (slots.len() == 1, moving.is_some(), why.is_some()) {
            (true, false, false) => "slot_only",
            (true, false, true) => "slot_only_instead",
            (true, true, false) => "slot_only_move",
            (true, true, true) => "slot_only_move_instead",
            (false, false, false) => "slots",
            (false, false, true) => "slots_instead",
            (false, true, false) => "slots_move",
            (false, true, true) => "slots_move_instead",
        };
        let lines: Vec<String> = slots
            .iter()
            .enumerate()
            .map(|(at, slot)| {
                self.say("slot_line", &[("number", &(at + 1).to_string()), ("when", &self.at(slot))])
            })
            .collect();
        self.say(
            name,
            &[
                ("car", &self.with_car(car.as_ref())),
                ("why", &why.unwrap_or_default()),
                ("from", &moving.as_ref().map(|at| self.at(at)).unwrap_or_default()),
                ("slots", &lines.join("\n")),
                ("when", &slots.first().map(|at| self.at(at)).unwrap_or_default()),
            ],
        )
    }

    fn no_slots(&self, why: Option<Why>) -> String {
        match why {
            Some(why) => self.with("slots_none_because", "why", &self.why(why)),
            None => self.text("slots_none"),
        }
    }

    fn why(&self, why: Why) -> String {
        let day = |name: &str, date| self.with(name, "day", &self.day(date));
        let hour = |name: &str, at| self.with(name, "time", &time(at));
        match why {
            Why::Closed(date) => day("why_closed", date),
            Why::Full(date) => day("why_full", date),
            Why::BeyondHorizon(date) => day("why_beyond_horizon", date),
            Why::Lunch(at) => hour("why_lunch", at),
            Why::OutsideHours(at) => hour("why_outside_hours", at),
            Why::Taken(at) => hour("why_taken", at),
            Why::NotOnTheGrid(at) => hour("why_not_on_the_grid", at),
            Why::JustTaken(at) => hour("why_just_taken", at),
            Why::TooSoon => self.text("why_too_soon"),
            Why::RangeFull => self.text("why_range_full"),
        }
    }

    fn booked(&self, car: Option<&Car>, at: &Zoned, name: &NameLine, message: &mut Message) {
        let given = if let NameLine::Given(name) = name { first_name(name) } else { String::new() };
        let mut said = self.say(
            "booked",
            &[
                ("name", &given),
                ("car", &self.with_car(car)),
                ("when", &self.at(at)),
                ("dealer", &self.knowledge.name),
                ("address", &self.knowledge.address),
            ],
        );
        let mut add = |text: String| {
            said.push(' ');
            said.push_str(&text);
        };
        match name {
            NameLine::Given(Quoted(name)) => add(self.with("name_given", "name", name)),
            NameLine::Proposed(Quoted(name)) => message.ask_last(self.with("name_proposed", "name", name)),
            NameLine::Asked => message.ask_last(self.text("ask_name")),
        }
        add(self.text("booked_bring"));
        message.paragraph(&said);
    }

    fn standing(&self, name: &str, car: &str, at: &Zoned) -> String {
        self.say(
            name,
            &[
                ("car", car),
                ("when", &self.at(at)),
                ("dealer", &self.knowledge.name),
                ("address", &self.knowledge.address),
            ],
        )
    }

    /// One of several appointments, on a line: "• Toyota Yaris, maandag 9 februari om 10:00".
    fn one_of_several(&self, car: Option<&Car>, at: &Zoned) -> String {
        let at = self.at(at);
        let item = car.map_or(at.clone(), |car| format!("{}, {at}", self.car(car)));
        self.with("list_line", "item", &item)
    }

    fn ask(&self, ask: &Ask) -> String {
        match ask {
            Ask::Move { from, to } => self.say("ask_move", &[("from", &self.at(from)), ("to", &self.at(to))]),
            Ask::Cancel { at } => self.with("ask_cancel", "when", &self.at(at)),
            Ask::Book { car, at } => {
                self.say("ask_book", &[("car", &self.with_car(car.as_ref())), ("when", &self.at(at))])
            }
            Ask::OptOut => self.text("ask_opt_out"),
            Ask::OptIn => self.text("ask_opt_in"),
            Ask::WhichCar(cars) if cars.is_empty() => self.text("ask_any_car"),
            Ask::WhichCar(_) => self.text("ask_which_car"),
            Ask::WhichOfThose => self.text("ask_which_of"),
            Ask::AnyCar => self.text("ask_any_car"),
            Ask::WhichAppointment(_) => self.text("ask_which_appointment"),
            Ask::MoveOrAnother { at } => self.with("ask_move_or_another", "when", &self.at(at)),
            Ask::KeepMoveOrCancel { at } => self.with("ask_keep_move_or_cancel", "when", &self.at(at)),
            Ask::Name => self.text("ask_name"),
            Ask::Email => self.text("ask_email"),
            Ask::When => self.text("ask_when"),
            Ask::WhichDay => self.text("ask_which_day"),
        }
    }

    fn no_discount(&self, car: Option<&Car>) -> String {
        let Some(car) = car else { return self.text("no_discount") };
        let price = format::grouped(car.price_eur, self.texts.language());
        self.say("no_discount_car", &[("car", &self.car(car)), ("price", &price)])
    }

    fn opted_out(&self, appointment: Option<&Zoned>) -> String {
        let said = self.text("opted_out");
        let Some(at) = appointment else { return said };
        let stands = match &self.knowledge.phone {
            Some(number) => {
                self.say("opted_out_booked_call", &[("when", &self.at(at)), ("number", &phone(number))])
            }
            None => self.with("opted_out_booked", "when", &self.at(at)),
        };
        format!("{said} {stands}")
    }

    fn medium(&self, medium: Medium) -> String {
        match medium {
            Medium::Photo => self.text("photo"),
            Medium::Voice => self.text("voice"),
            Medium::Video => self.text("video"),
            Medium::Document => self.text("document"),
            Medium::Location => self.with("location", "address", &self.knowledge.address),
            Medium::Sticker => self.text("sticker"),
            Medium::Contact => self.text("contact"),
            Medium::Button => self.text("button"),
            Medium::Reaction => self.text("reaction"),
        }
    }
}

/// " Sanne" of "Sanne de Wit"; nothing of a name that begins with a title or initials.
fn first_name(Quoted(name): &Quoted) -> String {
    let first = name.split_whitespace().next().unwrap_or_default();
    let speaks = first.chars().count() > 1 && !first.contains('.');
    if speaks { format!(" {first}") } else { String::new() }
}

/// Whether what was named is a licence plate rather than a make or model: six letters and figures, without a blank.
fn is_plate(named: &str) -> bool {
    let squeezed: String = named.chars().filter(|char| *char != '-').collect();
    squeezed.len() == 6
        && squeezed.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && squeezed.bytes().filter(u8::is_ascii_digit).count() >= 1
        && squeezed.bytes().filter(u8::is_ascii_uppercase).count() >= 2
}
