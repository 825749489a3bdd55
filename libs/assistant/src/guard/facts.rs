//! What the pieces of a reply say, as facts that its words may repeat.

use std::collections::HashSet;

use dealer::{Car, Hours};
use jiff::civil::{Date, Time};
use jiff::{ToSpan, Zoned};

use super::may_repeat;
use super::tokens::{Token, plain, tokens};
use crate::Knowledge;
use crate::command::OwnCar;
use crate::piece::{Answers, Ask, NameLine, Piece, Quoted, Why};
use crate::word::{self, Voice};

/// A moment: a day, and minutes after midnight.
pub(super) type Moment = (Date, u16);

/// What may be said.
#[derive(Debug, Default)]
pub(super) struct Facts<'a> {
    /// The cars spoken of.
    pub cars: Vec<&'a Car>,
    /// The words of make, model and variant of each.
    pub names: Vec<[Vec<Token>; 3]>,
    /// Words that may be repeated as they stand: address, names, the dealer's own texts.
    pub phrases: Vec<Vec<Token>>,
    /// Cars of the customer's, or that are not in stock: named without a price.
    pub others: Vec<Vec<Token>>,
    /// Kilometres of the customer's car.
    pub own_mileages: Vec<i32>,
    /// Year of the customer's car.
    pub own_years: Vec<i32>,
    /// Moments that can be had, or stand.
    pub moments: Vec<Moment>,
    /// Days without an hour.
    pub days: Vec<Date>,
    /// The day on which a colleague answers at the latest.
    pub answered_on: Option<Date>,
    /// Days and hours that cannot be had, or are only wished.
    pub vain_days: Vec<Date>,
    pub vain_times: Vec<u16>,
    /// Told opening hours.
    pub hours: Option<&'a Hours>,
    /// The dealer's phone number in every spelling, digits only.
    pub phones: Vec<String>,
    /// The longest list: its items may be numbered.
    pub listed: usize,
    /// A person reads this, or does something.
    pub people: bool,
    /// Somebody was told to do something.
    pub task: bool,
    /// The words our own text of these pieces uses, and those of the cars' properties.
    pub words: HashSet<String>,
    /// An appointment is made, changed or told.
    pub appointment: bool,
}

impl<'a> Facts<'a> {
    /// What these pieces say.
    pub fn of(pieces: &'a [Piece], voice: Voice, knowledge: &'a Knowledge, now: &Zoned) -> Self {
        let mut facts = Self::default();
        facts.dealer(knowledge);
        for piece in pieces {
            facts.cars.extend(cars_of(piece));
            facts.listed = facts.listed.max(listed(piece));
            facts.moments(piece);
            if matches!(piece, Piece::WhenAnswered { answers: Answers::Soon }) {
                facts.answered_on = Some(now.date());
            }
            facts.words(piece);
            facts.reasons(piece);
            facts.opening(piece, knowledge);
            facts.standing(piece);
            if is_plain(piece) {
                facts.own_text(&word::say(std::slice::from_ref(piece), voice, knowledge, now));
            }
        }
        let said = word::say(pieces, voice, knowledge, now);
        facts.words.extend(tokens(&plain(&said)).into_iter().map(|token| token.norm));
        for at in 0..facts.cars.len() {
            let car = facts.cars[at];
            for property in word::properties(car, knowledge, voice) {
                facts.words.extend(tokens(&property).into_iter().map(|token| token.norm));
            }
            facts.names.push([&car.make, &car.model, &car.variant].map(|text| tokens(&plain(text))));
            facts.phrase(car.url.as_deref().unwrap_or_default());
            facts.phrase(car.license_plate.as_deref().unwrap_or_default());
            facts.phrase(&car.license_plate.as_deref().unwrap_or_default().replace('-', ""));
        }
        facts
    }

    fn phrase(&mut self, text: &str) {
        let words = tokens(&plain(text));
        if !words.is_empty() {
            self.phrases.push(words);
        }
    }

    /// Each sentence of a text that states nothing to be checked.
    fn own_text(&mut self, text: &str) {
        for sentence in text.split_inclusive(['.', '!', '?', '\n', ';']) {
            // A word alone says nothing by itself, and could be said of anything.
            if sentence.split_whitespace().count() > 2 {
                self.phrase(sentence);
            }
        }
    }

    fn dealer(&mut self, knowledge: &Knowledge) {
        let known = [
            Some(knowledge.name.as_str()),
            Some(knowledge.address.as_str()),
            knowledge.address.split(',').next(),
            knowledge.email.as_deref(),
            knowledge.website.as_deref(),
        ];
        for text in known.into_iter().flatten() {
            self.phrase(text);
        }
        if let Some(number) = &knowledge.phone {
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            self.phones = vec![digits(number), digits(&word::phone(number))];
        }
    }

    fn moments(&mut self, piece: &Piece) {
        match piece {
            Piece::Slots { slots, moving, .. } => self.at(slots.iter().chain(moving)),
            Piece::Booked { at, .. }
            | Piece::Cancelled { at, .. }
            | Piece::Standing { at, .. }
            | Piece::CarChanged { at, .. } => self.at([at]),
            Piece::Moved { from, to, .. } | Piece::Ask(Ask::Move { from, to }) => self.at([from, to]),
            Piece::NameNoted { at, .. } => self.at(at),
            Piece::OptedOut { appointment } | Piece::Farewell { appointment } => self.at(appointment),
            Piece::Ask(
                Ask::Cancel { at }
                | Ask::Book { at, .. }
                | Ask::MoveOrAnother { at }
                | Ask::KeepMoveOrCancel { at },
            ) => {
                self.at([at]);
            }
            Piece::Ask(Ask::WhichAppointment(moments)) => self.at(moments.iter().map(|(_, at)| at)),
            Piece::Promise(promise) => self.answers(promise.answers()),
            Piece::HandOver { answers, .. } | Piece::Added { answers } | Piece::WhenAnswered { answers } => {
                self.answers(answers);
            }
            _ => {}
        }
    }

    fn at<'m>(&mut self, moments: impl IntoIterator<Item = &'m Zoned>) {
        self.moments.extend(moments.into_iter().map(|at| (at.date(), minutes(at.time()))));
    }

    fn answers(&mut self, answers: &Answers) {
        if let Answers::From(opening) = answers {
            self.at([opening]);
        }
    }

    fn words(&mut self, piece: &Piece) {
        match piece {
            Piece::Greeting { name: Some(Quoted(name)) }
            | Piece::NameNoted { name: Quoted(name), .. }
            | Piece::Booked {
                name: NameLine::Given(Quoted(name)) | NameLine::Proposed(Quoted(name)), ..
            } => {
                self.phrase(name);
                self.phrase(name.split_whitespace().next().unwrap_or_default());
            }
            Piece::Unknown { about, .. } => {
                for Quoted(words) in about.iter().filter(|Quoted(words)| may_repeat(words)) {
                    self.phrase(words);
                }
            }
            Piece::PassedOn(Quoted(words)) if may_repeat(words) => self.phrase(words),
            Piece::NotInStock { named } => self.others.push(tokens(&plain(named))),
            Piece::TradeIn { own } => self.own(own),
            Piece::Workshop { own, day, time } => {
                self.own(own);
                self.vain_days.extend(day);
                self.vain_times.extend(time.map(minutes));
            }
            _ => {}
        }
    }

    fn own(&mut self, own: &OwnCar) {
        let OwnCar { make, model, plate, mileage_km, year } = own;
        for name in [own.title().as_ref(), make.as_ref(), model.as_ref()].into_iter().flatten() {
            self.others.push(tokens(&plain(name)));
        }
        self.phrase(plate.as_deref().unwrap_or_default());
        self.own_mileages.extend(mileage_km);
        self.own_years.extend(year);
    }

    /// Why a moment cannot be had: it may be said, but not as one that can.
    fn reasons(&mut self, piece: &Piece) {
        let (Piece::Slots { why: Some(why), .. } | Piece::NoSlots { why: Some(why) }) = piece else { return };
        match why {
            Why::Closed(date) | Why::Full(date) | Why::BeyondHorizon(date) => self.vain_days.push(*date),
            Why::Lunch(at)
            | Why::OutsideHours(at)
            | Why::Taken(at)
            | Why::NotOnTheGrid(at)
            | Why::JustTaken(at) => self.vain_times.push(minutes(*at)),
            Why::TooSoon | Why::RangeFull => {}
        }
    }

    fn opening(&mut self, piece: &Piece, knowledge: &'a Knowledge) {
        let Piece::OpeningHours { day } = piece else { return };
        self.hours = Some(&knowledge.hours);
        let Some(date) = day else { return self.days.extend(&knowledge.hours.closed_days) };
        self.days.push(*date);
        for ahead in 1..=21 {
            let next = date.saturating_add(ahead.days());
            if !knowledge.hours.on(next).is_empty() {
                return self.days.push(next);
            }
        }
    }

    fn standing(&mut self, piece: &Piece) {
        self.task |= matches!(
            piece,
            Piece::Promise(_)
                | Piece::HandOver { .. }
                | Piece::Added { .. }
                | Piece::WhenAnswered { .. }
                | Piece::Fallback
        );
        self.people |= self.task
            || matches!(
                piece,
                Piece::Intro
                    | Piece::WhoAmI
                    | Piece::NotUnderstood
                    | Piece::NoAppointment
                    | Piece::Medium(_)
                    | Piece::TradeIn { .. }
                    | Piece::Workshop { .. }
                    | Piece::Finance { .. }
                    | Piece::NoDiscount { .. }
            );
        self.appointment |= matches!(
            piece,
            Piece::Booked { .. }
                | Piece::Moved { .. }
                | Piece::Cancelled { .. }
                | Piece::Standing { .. }
                | Piece::CarChanged { .. }
                | Piece::NameNoted { at: Some(_), .. }
                | Piece::Slots { .. }
                | Piece::Ask(_)
                | Piece::Farewell { appointment: Some(_) }
                | Piece::OptedOut { appointment: Some(_) }
                | Piece::Workshop { .. }
                | Piece::TradeIn { .. }
        );
    }
}

/// Minutes after midnight.
pub(super) fn minutes(at: Time) -> u16 {
    u16::try_from(i32::from(at.hour()) * 60 + i32::from(at.minute())).unwrap_or_default()
}

fn listed(piece: &Piece) -> usize {
    match piece {
        Piece::Slots { slots, .. } => slots.len(),
        Piece::Cars { cars, .. } | Piece::Ask(Ask::WhichCar(cars)) => cars.len(),
        Piece::Ask(Ask::WhichAppointment(moments)) => moments.len(),
        _ => 0,
    }
}

/// The cars of a piece.
pub(super) fn cars_of(piece: &Piece) -> Vec<&Car> {
    match piece {
        Piece::Cars { cars, .. } | Piece::Ask(Ask::WhichCar(cars)) => cars.iter().collect(),
        Piece::Ask(Ask::WhichAppointment(moments)) => {
            moments.iter().filter_map(|(car, _)| car.as_ref()).collect()
        }
        Piece::CarFacts { car, .. } | Piece::CarChanged { car, .. } => vec![car],
        Piece::Unknown { car, .. }
        | Piece::Slots { car, .. }
        | Piece::Booked { car, .. }
        | Piece::Moved { car, .. }
        | Piece::Cancelled { car, .. }
        | Piece::Standing { car, .. }
        | Piece::NoDiscount { car }
        | Piece::Finance { car }
        | Piece::Ask(Ask::Book { car, .. }) => car.iter().collect(),
        _ => Vec::new(),
    }
}

/// Pieces whose text is the dealer's or ours and states nothing of a car or a moment.
const fn is_plain(piece: &Piece) -> bool {
    matches!(
        piece,
        Piece::Intro
            | Piece::Greeting { name: None }
            | Piece::AskWishes
            | Piece::Practical(_)
            | Piece::Cancelling
            | Piece::WhoAmI
            | Piece::PhoneNumber
            | Piece::Address
            | Piece::NoDiscount { car: None }
            | Piece::Finance { car: None }
            | Piece::InviteDrive
            | Piece::OptedIn
            | Piece::Hello
            | Piece::Agreed
            | Piece::Speaks
            | Piece::Noted
            | Piece::Thanks
            | Piece::AsYouWish
            | Piece::NotUnderstood
            | Piece::Medium(_)
            | Piece::Foreign
            | Piece::Fallback
    )
}
