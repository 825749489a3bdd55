//! Appointments that stand: moved, called off, kept, asked about, or for another car.

use super::super::cars::Pointed;
use super::super::{Answer, Decider, Seek, Verdict};
use super::relative::counted;
use super::subject;
use crate::command::CarRef;
use crate::piece::{Ask, Piece, Tone, local};
use crate::state::{Appointment, Asked, Topic};
use crate::task::TaskKind;
use crate::turn::Effect;
use crate::when::{Days, Hours, When};

impl Decider<'_> {
    pub(super) fn relative_to(&self, when: &When, standing: &Appointment) -> When {
        counted(when, local(standing.slot, &self.input.knowledge.dealer.timezone).datetime())
    }
    pub(in crate::decide) fn move_to(&mut self, to: &When, from: &When, plain: bool) -> Answer {
        self.state.topic = Topic::Drive;
        let to = &match (&self.asked, to.is_empty()) {
            (Some(Asked::MoveOrAnother { when }), true) => when.clone(),
            _ => to.clone(),
        };
        let Some(standing) = self.appointment_on(from, to) else {
            return match self.state.appointments.as_slice() {
                [] if !self.state.offered.is_empty() => self.pick_moment(to, plain),
                [] if !self.state.focus.is_empty() && !to.is_empty() => self.drive(None, to, plain),
                [] => {
                    self.say(Piece::NoAppointment);
                    (Verdict::Answers, "no appointment stands")
                }
                _ => {
                    self.which_of_appointments(Some(to.clone()));
                    (Verdict::Asks, "several appointments stand")
                }
            };
        };
        self.move_appointment(&standing, to, plain)
    }

    fn move_appointment(&mut self, standing: &Appointment, to: &When, plain: bool) -> Answer {
        let timezone = &self.input.knowledge.dealer.timezone;
        let at = local(standing.slot, timezone);
        if !plain && to.is_empty() {
            self.ask(Ask::KeepMoveOrCancel { at }, Asked::KeepMoveOrCancel);
            return (Verdict::Asks, "whether it stays is not sure yet");
        }
        let mut to = self.relative_to(to, standing);
        if to.days.is_empty() && to.hours != Hours::Any && to.not_days.is_empty() {
            // Only an hour: on the same day.
            to.days = vec![Days::on(at.date())];
        }
        if !to.is_empty() && to.is_exact() && to.suits(at.datetime()) {
            let car = standing.car_id.as_deref().and_then(|id| self.car(id)).cloned();
            self.say(Piece::Standing { car, at, tone: Tone::Already });
            return (Verdict::Answers, "it stands there already");
        }
        let exact = to.is_exact();
        self.seek(Seek {
            car: standing.car_id.clone(),
            when: to,
            refused: vec![standing.slot],
            moving: Some(standing.id.clone()),
            plainly: plain,
        });
        match (plain, exact) {
            (true, true) => (Verdict::Acts, "moved in plain words"),
            (_, true) => (Verdict::Asks, "moving takes a yes"),
            _ => (Verdict::Answers, "to when is open"),
        }
    }

    pub(in crate::decide) fn cancel(&mut self, from: &When, plain: bool) -> Answer {
        let Some(standing) = self.appointment_on(from, &When::default()) else {
            return match self.state.appointments.len() {
                0 if !self.state.offered.is_empty() => {
                    self.state.forget_offer();
                    self.say(Piece::AsYouWish);
                    (Verdict::Answers, "nothing was booked yet")
                }
                0 => {
                    self.say(Piece::NoAppointment);
                    (Verdict::Answers, "no appointment stands")
                }
                _ => {
                    self.which_of_appointments(None);
                    (Verdict::Asks, "several appointments stand")
                }
            };
        };
        let at = local(standing.slot, &self.input.knowledge.dealer.timezone);
        // "Zeg die van 11 uur af", while only one at ten stands.
        let another = !from.is_empty() && !from.suits(at.datetime());
        if plain && !another {
            self.cancel_appointment(&standing.id);
            return (Verdict::Acts, "called off in plain words");
        }
        self.ask(Ask::Cancel { at }, Asked::Cancel { appointment_id: standing.id });
        (Verdict::Asks, "calling off takes a yes")
    }

    pub(in crate::decide) fn cancel_appointment(&mut self, id: &str) {
        let Some(at) = self.state.appointments.iter().position(|one| one.id == id) else {
            self.say(Piece::NoAppointment);
            return;
        };
        let gone = self.state.appointments.remove(at);
        let car = gone.car_id.as_deref().and_then(|id| self.car(id)).cloned();
        self.state.forget_offer();
        self.effects.push(Effect::Cancel { appointment_id: gone.id });
        self.say(Piece::Cancelled { car, at: local(gone.slot, &self.input.knowledge.dealer.timezone) });
    }

    pub(in crate::decide) fn which_of_appointments(&mut self, to: Option<When>) {
        let timezone = &self.input.knowledge.dealer.timezone;
        let with_car = |one: &Appointment| {
            let car = one.car_id.as_deref().and_then(|id| self.car(id)).cloned();
            (car, local(one.slot, timezone))
        };
        let moments = self.state.appointments.iter().map(with_car).collect();
        self.ask(Ask::WhichAppointment(moments), Asked::WhichAppointment { to });
    }

    pub(super) fn which_appointment(&mut self, when: &When, to: Option<When>) -> Answer {
        if let Some(standing) = self.appointment_on(when, &When::default()) {
            self.on_appointment(&standing.id, to)
        } else {
            self.which_of_appointments(to);
            (Verdict::Asks, "which appointment is still open")
        }
    }

    pub(in crate::decide) fn on_appointment(&mut self, id: &str, to: Option<When>) -> Answer {
        let standing = self.state.appointments.iter().find(|one| one.id == id).cloned();
        match (standing, to) {
            (Some(standing), Some(to)) => self.move_appointment(&standing, &to, true),
            (Some(standing), None) => {
                self.cancel_appointment(&standing.id);
                (Verdict::Acts, "the appointment that was asked about")
            }
            (None, _) => (Verdict::Passes, "that appointment is over"),
        }
    }

    /// The appointment meant: the one on the day named, else the only one; of several the one for the car in focus when
    /// the words fit no other.
    fn appointment_on(&self, from: &When, to: &When) -> Option<Appointment> {
        let timezone = &self.input.knowledge.dealer.timezone;
        let all = &self.state.appointments;
        if let [only] = all.as_slice() {
            return Some(only.clone());
        }
        let named: Vec<&Appointment> = all
            .iter()
            .filter(|one| {
                let at = local(one.slot, timezone).datetime();
                (!from.is_empty() && from.suits(at)) || to.not_days.contains(&at.date())
            })
            .collect();
        match named.as_slice() {
            [only] => Some((*only).clone()),
            _ => None,
        }
    }

    pub(in crate::decide) fn keep(&mut self) -> Answer {
        self.state.forget_offer();
        self.kept();
        (Verdict::Answers, "the appointment stays")
    }

    pub(in crate::decide) fn ask_appointment(&mut self) -> Answer {
        let timezone = self.input.knowledge.dealer.timezone.clone();
        if self.state.appointments.is_empty() {
            // One made by phone stands in another book.
            self.say(Piece::NoAppointment);
            self.promise(TaskKind::Question, self.words_of_turn());
            return (Verdict::Promises, "no appointment stands here; a colleague looks for it");
        }
        for one in self.state.appointments.clone() {
            let car = one.car_id.as_deref().and_then(|id| self.car(id)).cloned();
            self.say(Piece::Standing { car, at: local(one.slot, &timezone), tone: Tone::Asked });
        }
        self.state.asked = self.asked.take().filter(|asked| matches!(asked, Asked::Name));
        (Verdict::Answers, "the appointment that stands")
    }

    pub(in crate::decide) fn other_car(&mut self, reference: &CarRef, plain: bool) -> Answer {
        let pointed = self.point_at(Some(reference), &When::default());
        if matches!(pointed, Pointed::Asked) {
            return (Verdict::Asks, "the car is open, or not for sale");
        }
        match (pointed, self.state.appointments.as_slice(), plain) {
            (Pointed::At(car), [_], true) => {
                let standing = &mut self.state.appointments[0];
                standing.car_id = Some(car.id.clone());
                let (id, slot) = (standing.id.clone(), standing.slot);
                self.effects.push(Effect::Amend {
                    appointment_id: id,
                    name: None,
                    subject: Some(subject(Some(car))),
                });
                let at = local(slot, &self.input.knowledge.dealer.timezone);
                self.say(Piece::CarChanged { car: car.clone(), at });
                (Verdict::Acts, "another car for the appointment")
            }
            _ => self.tell(std::slice::from_ref(reference), &[]),
        }
    }
}
