//! Yes, no and thanks: what they mean hangs on the question that is outstanding.

use super::{Answer, Decider, Step, Verdict};
use crate::command::{Command, Read};
use crate::piece::{Ask, Piece, Quoted, Tone, local};
use crate::state::{Appointment, Asked};
use crate::when::When;

impl Decider<'_> {
    pub(super) fn greet(&mut self) -> Answer {
        let name = if self.state.introduced { self.state.name.clone() } else { None };
        self.say(Piece::Greeting { name: name.map(|name| Quoted(first_name(&name))) });
        self.state.asked = self.asked.take();
        (Verdict::Answers, "a greeting")
    }

    pub(super) fn thanks(&mut self) -> Answer {
        let timezone = &self.input.knowledge.dealer.timezone;
        let appointment = self.state.appointments.first().map(|one| local(one.slot, timezone));
        self.state.forget_offer();
        match (&self.asked, appointment) {
            (Some(Asked::NameProposed { name }), _) => {
                // "Top, bedankt" under a proposed name agrees to it.
                let name = name.clone();
                self.put_name(&name);
                (Verdict::Acts, "agrees to the name proposed")
            }
            (Some(Asked::Visit { .. }), None) => {
                self.say(Piece::Farewell { appointment: None });
                (Verdict::Answers, "a visit without an appointment")
            }
            (asked, appointment) => {
                self.state.asked = asked.clone().filter(|asked| matches!(asked, Asked::Name));
                self.say(if appointment.is_some() { Piece::Farewell { appointment } } else { Piece::Thanks });
                (Verdict::Answers, "thanks or a farewell")
            }
        }
    }

    /// An answer is awaited, or something was asked of the manner: agreed, and nothing else changes.
    pub(super) fn close(&mut self) -> Answer {
        self.state.asked = self.asked.take();
        self.say(Piece::Agreed);
        (Verdict::Answers, "agreed to in half a sentence")
    }

    /// Another language is wished: the reply is in it already. What stands open stays open.
    pub(super) fn speak(&mut self) -> Answer {
        let alone = !self.several;
        if !alone {
            return (Verdict::Passes, "the reply is in the language wished");
        }
        self.say(Piece::Speaks);
        self.state.asked = self.asked.take();
        if !self.state.offered.is_empty() {
            self.list_again();
        }
        (Verdict::Answers, "the language wished")
    }

    /// A greeting or thanks beside something else. As a part of a message it needs no words; as a message of its own, one of
    /// several that are answered together, it gets a few.
    pub(super) fn manners(&mut self, read: &Read, turn: &[Read]) -> Answer {
        let has_company = |other: &Read| {
            other.message == read.message
                && !matches!(
                    other.command,
                    Command::Contact { .. } | Command::Greet | Command::Thanks | Command::Close
                )
        };
        if turn.iter().any(has_company) {
            return (Verdict::Passes, "the rest of the message is answered");
        }
        if read.command == Command::Close {
            return (Verdict::Passes, "the rest of the turn is answered");
        }
        if read.command == Command::Thanks {
            let standing = self.state.appointments.first();
            let appointment = standing.map(|one| local(one.slot, &self.input.knowledge.dealer.timezone));
            self.say(if appointment.is_some() { Piece::Farewell { appointment } } else { Piece::Thanks });
            (Verdict::Answers, "thanks or a farewell, in a message of its own")
        } else if self.state.introduced {
            self.say(Piece::Hello);
            (Verdict::Answers, "a greeting, in a message of its own")
        } else {
            (Verdict::Passes, "the introduction greets")
        }
    }

    pub(super) fn yes(&mut self) -> Answer {
        let Some(asked) = self.asked.clone() else { return self.yes_to_nothing() };
        if !matches!(asked, Asked::WhichCar { .. }) {
            self.asked = None;
        }
        match asked {
            Asked::Drive | Asked::When => self.drive(None, &When::default(), true),
            Asked::Colleague { kind, details } => {
                self.promise(kind, details);
                (Verdict::Promises, "yes to a colleague")
            }
            Asked::Book { slot } => {
                self.take(slot);
                (Verdict::Acts, "yes to the moment asked about")
            }
            Asked::Move { appointment_id, slot } => {
                self.state.moving = Some(appointment_id);
                self.take(slot);
                (Verdict::Acts, "yes to moving the appointment")
            }
            Asked::Cancel { appointment_id } => {
                self.cancel_appointment(&appointment_id);
                (Verdict::Acts, "yes to calling the appointment off")
            }
            Asked::OptOut => {
                self.opt_out_now();
                (Verdict::Acts, "yes to no more messages")
            }
            Asked::OptIn => {
                self.opt_in_now();
                (Verdict::Acts, "yes to messages again")
            }
            Asked::NameProposed { name } => {
                self.put_name(&name);
                (Verdict::Acts, "yes to the name proposed")
            }
            Asked::Name => {
                self.ask(Ask::Name, Asked::Name);
                (Verdict::Asks, "a name is needed, not a yes")
            }
            Asked::WhichCar { cars, when, .. } => self.which_car_again(cars, when),
            Asked::AnyCar { when } => {
                self.ask(Ask::AnyCar, Asked::AnyCar { when });
                (Verdict::Asks, "which car is still open")
            }
            Asked::WhichAppointment { to } => {
                self.which_of_appointments(to);
                (Verdict::Asks, "which appointment is still open")
            }
            Asked::MoveOrAnother { when } => {
                self.move_to(&when, &When::default(), true);
                (Verdict::Acts, "yes to moving the appointment")
            }
            Asked::KeepMoveOrCancel => {
                self.kept();
                (Verdict::Answers, "which of the three is not said: it stays")
            }
            Asked::Visit { .. } => {
                self.say(Piece::Farewell { appointment: None });
                (Verdict::Answers, "a visit without an appointment")
            }
            Asked::OwnCar | Asked::Wishes => self.yes_to_nothing(),
        }
    }

    fn yes_to_nothing(&mut self) -> Answer {
        match self.state.offered.as_slice() {
            [only] => {
                let only = *only;
                self.take(only);
                (Verdict::Acts, "yes to the only moment on offer")
            }
            [] => {
                let timezone = &self.input.knowledge.dealer.timezone;
                let appointment = self.state.appointments.first().map(|one| local(one.slot, timezone));
                self.say(match appointment {
                    Some(_) => Piece::Farewell { appointment },
                    None => Piece::AsYouWish,
                });
                (Verdict::Answers, "an agreement with nothing open")
            }
            _ => {
                self.list_again();
                (Verdict::Asks, "several moments are on offer")
            }
        }
    }

    pub(super) fn no(&mut self) -> Answer {
        let asked = self.asked.take();
        match asked {
            Some(
                Asked::Cancel { .. }
                | Asked::Move { .. }
                | Asked::MoveOrAnother { .. }
                | Asked::WhichAppointment { .. }
                | Asked::KeepMoveOrCancel,
            ) => {
                self.state.forget_offer();
                self.kept();
                (Verdict::Answers, "no: the appointment stays")
            }
            Some(Asked::NameProposed { .. } | Asked::Name) => {
                self.ask(Ask::Name, Asked::Name);
                (Verdict::Asks, "no to the name proposed")
            }
            Some(Asked::Book { slot }) => {
                self.refuse(vec![slot], &When::default());
                (Verdict::Asks, "no to the moment asked about")
            }
            _ if !self.state.offered.is_empty() => {
                self.state.forget_offer();
                self.ask(Ask::When, Asked::When);
                (Verdict::Asks, "no to every moment on offer")
            }
            _ => {
                self.say(Piece::AsYouWish);
                (Verdict::Answers, "no to an offer")
            }
        }
    }

    /// Says that the appointment stays, if one stands.
    pub(super) fn kept(&mut self) {
        let timezone = &self.input.knowledge.dealer.timezone;
        match self.state.appointments.first() {
            Some(one) => {
                let car = one.car_id.as_deref().and_then(|id| self.car(id)).cloned();
                self.say(Piece::Standing { car, at: local(one.slot, timezone), tone: Tone::Kept });
            }
            None => self.say(Piece::AsYouWish),
        }
    }

    /// The moments on offer once more.
    pub(super) fn list_again(&mut self) {
        if self.listed {
            self.asks = true;
            self.say(Piece::Ask(Ask::When));
            return;
        }
        self.state.listed = true;
        let timezone = &self.input.knowledge.dealer.timezone;
        let slots = self.state.offered.iter().map(|slot| local(*slot, timezone)).collect();
        let moving = self.state.moving.clone();
        let moving = moving.and_then(|id| self.state.appointments.iter().find(|one| one.id == id));
        let moving = moving.map(|one| local(one.slot, timezone));
        self.asks = true;
        let car = self.car_on_offer().and_then(|id| self.car(&id)).cloned();
        self.say(Piece::Slots { car, slots, why: None, moving });
    }

    /// Takes a moment for the car in focus, or for the appointment that is being moved.
    pub(super) fn take(&mut self, slot: crate::ports::FreeSlot) {
        let moving = self.state.moving.clone();
        let car = self.car_on_offer();
        self.asks = true;
        self.steps.push(Step::Take { car, slot, moving });
    }

    /// The appointment that is being moved.
    pub(super) fn moved(&self) -> Option<&Appointment> {
        let moving = self.state.moving.as_ref()?;
        self.state.appointments.iter().find(|one| one.id == *moving)
    }

    /// The car that is meant by a moment on offer: that of the appointment that is being moved, else the one in focus, else
    /// the one the moments were offered for.
    pub(super) fn car_on_offer(&self) -> Option<String> {
        let of_moved = self.moved().and_then(|one| one.car_id.as_ref());
        of_moved.or(self.state.focus.first()).or(self.state.offered_car.as_ref()).cloned()
    }
}

/// The name to call somebody by; with initials, all of it.
pub(super) fn first_name(name: &str) -> String {
    let first = name.split_whitespace().next().unwrap_or(name);
    if crate::names::is_title(first) {
        return name.to_owned();
    }
    if first.contains('.') { name.to_owned() } else { first.to_owned() }
}
