//! In whose name an appointment stands.

use super::super::outstanding::first_name;
use super::super::{Answer, Decider, Verdict};
use crate::command::{Command, Read};
use crate::names;
use crate::piece::{Ask, Piece, Quoted, local};
use crate::state::Asked;
use crate::turn::Effect;

impl Decider<'_> {
    /// Takes note of names and addresses before anything is answered, so that a booking in the same turn has them.
    pub(in crate::decide) fn who(&mut self, commands: &[Read]) {
        let booking = |read: &Read| {
            matches!(read.command, Command::Pick(_) | Command::Drive { .. } | Command::Moment(_))
        };
        let books = commands.iter().any(booking);
        for read in commands {
            match &read.command {
                Command::Name(name)
                    if books && self.state.appointments.iter().all(|one| one.name.is_some()) =>
                {
                    if let Some(name) = names::given(name) {
                        self.state.name = Some(name);
                    }
                }
                Command::Contact { email, phone } => {
                    self.state.email = email.clone().or(self.state.email.take());
                    self.state.phone = phone.clone().or(self.state.phone.take());
                }
                _ => {}
            }
        }
    }

    pub(in crate::decide) fn name(&mut self, name: &str) -> Answer {
        let Some(name) = names::given(name) else {
            self.ask(Ask::Name, Asked::Name);
            return (Verdict::Asks, "that is no name we can use");
        };
        let name = match &self.state.name {
            Some(known) => names::amended(known, &name),
            None => name,
        };
        if self.state.name.as_ref() == Some(&name)
            && self.state.appointments.iter().all(|one| one.name.is_some())
        {
            return (Verdict::Passes, "the name is known");
        }
        // "Zal ik dat vastleggen?" "Ja, Stefan Maier."
        if let (Some(Asked::Book { slot }), true) = (self.asked.clone(), self.agrees) {
            self.state.name = Some(name);
            self.asked = None;
            self.take(slot);
            return (Verdict::Acts, "a name to the moment asked about is a yes");
        }
        let open = self.asked.clone();
        self.put_name(&name);
        self.goes_on(open);
        (Verdict::Acts, "the customer's own name")
    }

    /// A name given meanwhile leaves open what was asked.
    fn goes_on(&mut self, open: Option<Asked>) {
        if self.asks || self.state.asked.is_some() {
            return;
        }
        match open {
            Some(Asked::WhichCar { cars, when, about, times: 0 }) => {
                self.asked =
                    Some(Asked::WhichCar { cars: cars.clone(), when: when.clone(), about, times: 0 });
                self.which_car_again(cars, when);
            }
            Some(Asked::AnyCar { when: when @ Some(_) }) => self.ask(Ask::AnyCar, Asked::AnyCar { when }),
            Some(Asked::Name | Asked::NameProposed { .. } | Asked::OptOut | Asked::OptIn) | None => {}
            other => self.state.asked = other,
        }
    }

    /// Puts a name on what stands without one, or corrects the one it stands in.
    pub(in crate::decide) fn put_name(&mut self, name: &str) {
        let before = self.state.name.replace(name.to_owned());
        self.asked = None;
        let mut noted = None;
        for one in &mut self.state.appointments {
            if one.name.is_none() || one.name == before {
                one.name = Some(name.to_owned());
                noted = noted.or(Some(one.slot));
                self.effects.push(Effect::Amend {
                    appointment_id: one.id.clone(),
                    name: Some(name.to_owned()),
                    subject: None,
                });
            }
        }
        let timezone = &self.input.knowledge.dealer.timezone;
        let at = noted.map(|slot| local(slot, timezone));
        let name = if at.is_some() { name.to_owned() } else { first_name(name) };
        self.say(Piece::NameNoted { name: Quoted(name), at });
    }
}
