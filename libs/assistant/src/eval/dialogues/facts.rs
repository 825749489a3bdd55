//! What a reply says, read from its pieces: cars, moments and questions.

use dealer::Car;
use jiff::Zoned;
use serde::Serialize;

use crate::command::Reason;
use crate::piece::{Ask, NameLine, Piece};

/// What a reply asks of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Their name, or whether a proposed one is right.
    Name,
    /// One yes books, moves or calls off.
    Confirm,
    /// No more messages?
    OptOut,
    /// Messages again?
    OptIn,
    /// One of several cars or appointments, or moving against another one.
    Which,
    /// To choose one of the moments on offer.
    Slot,
    /// Something else: what kind of car, which car at all, when, a plate, a test drive.
    Other,
}

/// What the pieces of a reply say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// Inventory ids of the cars shown, named or told about, each once.
    pub(super) cars: Vec<String>,
    /// Moments on offer, those of a question about one moment among them.
    pub(super) offered: Vec<Zoned>,
    /// Moments that were booked or moved to.
    pub(super) settled: Vec<Zoned>,
    /// What is asked.
    pub(super) questions: Vec<Question>,
    /// Says that the message was not understood, or could not be answered.
    pub(super) not_understood: bool,
}

impl Facts {
    /// Reads the pieces of a reply.
    pub(super) fn of(pieces: &[Piece]) -> Self {
        let mut facts = Self::default();
        for piece in pieces {
            facts.add(piece);
        }
        facts
    }

    fn cars<'a>(&mut self, cars: impl IntoIterator<Item = &'a Car>) {
        for car in cars {
            if !self.cars.contains(&car.id) {
                self.cars.push(car.id.clone());
            }
        }
    }

    fn add(&mut self, piece: &Piece) {
        match piece {
            Piece::Cars { cars, .. } => self.cars(cars),
            Piece::CarFacts { car, .. } | Piece::CarChanged { car, .. } => self.cars([car]),
            Piece::Unknown { car, .. }
            | Piece::Cancelled { car, .. }
            | Piece::Standing { car, .. }
            | Piece::NoDiscount { car }
            | Piece::Finance { car } => self.cars(car),
            Piece::Slots { car, slots, .. } => {
                self.cars(car);
                self.offered.extend(slots.iter().cloned());
                self.questions.extend((!slots.is_empty()).then_some(Question::Slot));
            }
            Piece::Booked { car, at, name } => {
                self.cars(car);
                self.settled.push(at.clone());
                self.questions.extend((!matches!(name, NameLine::Given(_))).then_some(Question::Name));
            }
            Piece::Moved { car, to, .. } => {
                self.cars(car);
                self.settled.push(to.clone());
            }
            Piece::Ask(ask) => self.ask(ask),
            Piece::Greeting { .. } | Piece::AskWishes | Piece::InviteDrive => {
                self.questions.push(Question::Other);
            }
            Piece::TradeIn { own } => {
                let complete = own.plate.is_some() && own.mileage_km.is_some();
                self.questions.extend((!complete).then_some(Question::Other));
            }
            Piece::Workshop { own, .. } => {
                self.questions.extend(own.plate.is_none().then_some(Question::Other));
            }
            Piece::NotUnderstood
            | Piece::Fallback
            | Piece::HandOver { reason: Reason::NotUnderstood, .. } => {
                self.not_understood = true;
            }
            _ => {}
        }
    }

    fn ask(&mut self, ask: &Ask) {
        let question = match ask {
            Ask::Move { to, .. } => {
                self.offered.push(to.clone());
                Question::Confirm
            }
            Ask::Book { car, at } => {
                self.cars(car);
                self.offered.push(at.clone());
                Question::Confirm
            }
            Ask::Cancel { .. } => Question::Confirm,
            Ask::OptOut => Question::OptOut,
            Ask::OptIn => Question::OptIn,
            Ask::WhichCar(cars) => {
                self.cars(cars);
                Question::Which
            }
            Ask::WhichAppointment(appointments) => {
                self.cars(appointments.iter().filter_map(|(car, _)| car.as_ref()));
                Question::Which
            }
            Ask::WhichOfThose | Ask::WhichDay | Ask::MoveOrAnother { .. } | Ask::KeepMoveOrCancel { .. } => {
                Question::Which
            }
            Ask::Name => Question::Name,
            Ask::AnyCar | Ask::Email | Ask::When => Question::Other,
        };
        self.questions.push(question);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::OwnCar;
    use crate::piece::{Quoted, Why};
    use dealer::Dealer;

    fn car(id: &str) -> Car {
        Dealer::builtin().inventory.get(id).unwrap().clone()
    }

    fn at(text: &str) -> Zoned {
        format!("{text}+01:00[Europe/Amsterdam]").parse().unwrap()
    }

    #[test]
    fn cars_are_those_shown_named_or_asked_about_each_once() {
        let polo = || Some(car("vw-polo-02"));
        let facts = Facts::of(&[
            Piece::CarFacts { car: car("vw-polo-02"), fields: Vec::new() },
            Piece::Finance { car: polo() },
            Piece::Ask(Ask::WhichCar(vec![car("vw-golf-01"), car("vw-polo-02")])),
            Piece::NotInStock { named: "Tesla Model 3".into() },
        ]);
        assert_eq!(facts.cars, ["vw-polo-02", "vw-golf-01"]);
    }

    #[test]
    fn an_offer_and_a_question_about_one_moment_are_offers_and_a_booking_is_none() {
        let ten = at("2026-03-12T10:00");
        let offers = [
            Piece::Slots { car: None, slots: vec![ten.clone()], why: Some(Why::TooSoon), moving: None },
            Piece::Ask(Ask::Book { car: None, at: ten.clone() }),
            Piece::Ask(Ask::Move { from: at("2026-03-11T10:00"), to: ten.clone() }),
        ];
        for piece in offers {
            let facts = Facts::of(std::slice::from_ref(&piece));
            assert_eq!((facts.offered.len(), facts.settled.len()), (1, 0), "{piece:?}");
        }
        let booked = Piece::Booked { car: None, at: ten, name: NameLine::Given(Quoted("Bo".into())) };
        let facts = Facts::of(&[booked]);
        assert_eq!((facts.offered.len(), facts.settled.len(), facts.questions.len()), (0, 1, 0));
    }

    #[test]
    fn a_proposed_name_asks_and_a_complete_trade_in_does_not() {
        let proposed = NameLine::Proposed(Quoted("Bo".into()));
        let facts = Facts::of(&[Piece::Booked { car: None, at: at("2026-03-12T10:00"), name: proposed }]);
        assert_eq!(facts.questions, [Question::Name]);
        let own = OwnCar { plate: Some("12ABC3".into()), mileage_km: Some(90_000), ..OwnCar::default() };
        assert!(Facts::of(&[Piece::TradeIn { own }]).questions.is_empty());
        assert_eq!(Facts::of(&[Piece::TradeIn { own: OwnCar::default() }]).questions, [Question::Other]);
    }
}
