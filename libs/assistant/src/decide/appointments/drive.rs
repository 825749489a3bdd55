//! Test drives wished for, and bare moments: what they are for, the dialogue knows.

use dealer::Car;
use jiff::civil::Date;

use super::super::cars::Pointed;
use super::super::{Answer, Decider, Seek, Step, Verdict};
use crate::command::{CarRef, Field, Way};
use crate::piece::{Ask, Piece, Tone, local};
use crate::state::{Appointment, Asked, Topic};
use crate::task::TaskKind;
use crate::when::{Days, Hours, When};

impl Decider<'_> {
    pub(in crate::decide) fn drive(
        &mut self,
        reference: Option<&CarRef>,
        when: &When,
        plain: bool,
    ) -> Answer {
        self.state.topic = Topic::Drive;
        // "Welke auto?" was asked with a day in mind.
        let when = &self.with_asked(when);
        let car = match self.point_at(reference, when) {
            Pointed::At(car) => Some(car),
            Pointed::Nowhere => None,
            Pointed::Asked => return (Verdict::Asks, "the car is open, or not for sale"),
        };
        let standing = self.state.appointments.iter().find(|one| match car {
            Some(car) => one.car_id.as_ref() == Some(&car.id),
            None => true,
        });
        if let Some(standing) = standing.cloned() {
            // "Verzetten, of nog een?" was answered with another one.
            let Some(Asked::MoveOrAnother { when: asked_for }) = self.asked.clone() else {
                return self.drive_again(&standing, when);
            };
            let mut both = asked_for;
            both.refine(when);
            self.seek_for(car, &both, plain);
            return (Verdict::Acts, "one more appointment, as asked");
        }
        let mut when = when.clone();
        if when.days.is_empty()
            && let Some(day) = self.day_of_another(car)
        {
            // "Zaterdag 13 uur de Yaris en erna de Clio".
            when.days = vec![Days::on(day)];
        }
        if let (Some(first), true) =
            (self.state.appointments.first(), when.days.is_empty() && when.hours != Hours::Any)
        {
            // "En daarna om 11 uur de Picanto": on the day of what stands already.
            let day = local(first.slot, &self.input.knowledge.dealer.timezone).date();
            when.days = vec![Days::on(day)];
        }
        let when = &when;
        if let Some(car) = car.filter(|car| !when.is_exact() && self.offers_another(car)) {
            return self.drive_after(&car.clone());
        }
        if car.is_none() && !self.visits_without_a_car() {
            self.ask(Ask::AnyCar, Asked::AnyCar { when: Some(when.clone()) });
            return (Verdict::Asks, "no car is meant that we know of");
        }
        self.seek_for(car, when, plain);
        (if plain && when.is_exact() { Verdict::Acts } else { Verdict::Answers }, "moments for a test drive")
    }

    /// Whether moments for another car are offered in this reply: one list is enough.
    fn offers_another(&self, car: &Car) -> bool {
        self.steps.iter().any(|step| {
            matches!(step, Step::Seek(seek) if !seek.when.is_exact() && seek.car.as_ref() != Some(&car.id))
        })
    }

    /// The day on which another car is to be driven by what this turn says.
    fn day_of_another(&self, car: Option<&Car>) -> Option<Date> {
        self.steps.iter().find_map(|step| match step {
            Step::Seek(seek) if car.is_some() && seek.car.as_ref() != car.map(|car| &car.id) => {
                seek.when.day()
            }
            _ => None,
        })
    }

    /// The second of two cars to drive: it is introduced, and the moments on offer are for the first.
    fn drive_after(&mut self, car: &Car) -> Answer {
        let first = self.steps.iter().position(|step| matches!(step, Step::Seek(_))).unwrap_or_default();
        let facts = Piece::CarFacts { car: car.clone(), fields: vec![Field::Available] };
        self.steps.insert(first, Step::Say(facts));
        // The first one named stays the one that is meant, the second comes next.
        if self.state.focus.len() > 1 {
            self.state.focus.swap(0, 1);
        }
        (Verdict::Answers, "one car at a time: the moments are for the first")
    }

    /// Asked once which car it shall be, the customer named none: then come without.
    fn visits_without_a_car(&self) -> bool {
        matches!(self.asked, Some(Asked::AnyCar { .. }))
    }

    fn with_asked(&self, when: &When) -> When {
        let before = match &self.asked {
            Some(Asked::WhichCar { when: Some(before), .. } | Asked::AnyCar { when: Some(before) }) => before,
            // "Sind Sie Samstag da? Geht dann auch eine Probefahrt?"
            Some(Asked::Visit { when: before, .. }) if when.days.is_empty() && !when.soon => before,
            _ => return when.clone(),
        };
        let mut both = before.clone();
        both.refine(when);
        both
    }

    fn seek_for(&mut self, car: Option<&Car>, when: &When, plain: bool) {
        // What was on offer for this car and is not gainsaid still holds: a new hour keeps the day.
        let mut wished = self.state.offered_for.clone();
        if self.state.offered.is_empty() {
            wished = When::default();
        }
        wished.refine(when);
        let when = if when.relative.is_some() { self.counted_from_offer(when) } else { wished };
        self.state.moving = None;
        self.seek(Seek { car: car.map(|car| car.id.clone()), when, plainly: plain, ..Seek::default() });
    }

    /// A test drive is wanted in a car for which one stands.
    fn drive_again(&mut self, standing: &Appointment, when: &When) -> Answer {
        let at = local(standing.slot, &self.input.knowledge.dealer.timezone);
        let same = when.suits(at.datetime());
        let car = standing.car_id.as_deref().and_then(|id| self.car(id)).cloned();
        if when.is_empty() || same {
            self.say(Piece::Standing { car, at, tone: Tone::Already });
            return (Verdict::Answers, "that appointment stands");
        }
        let when = self.relative_to(when, standing);
        self.ask(Ask::MoveOrAnother { at }, Asked::MoveOrAnother { when });
        (Verdict::Asks, "an appointment for this car stands: move it, or make another?")
    }

    /// A bare moment: what it is for, the dialogue knows.
    pub(in crate::decide) fn moment(&mut self, when: &When, plain: bool) -> Answer {
        match self.asked.clone() {
            Some(Asked::WhichCar { cars, when: before, .. }) => {
                let mut both = before.unwrap_or_default();
                both.refine(when);
                return self.which_car_again(cars, Some(both));
            }
            Some(Asked::AnyCar { .. }) => return self.drive(None, when, plain),
            Some(Asked::Visit { when: before, welcomed }) if self.state.focus.is_empty() => {
                return self.visit_at(&before, welcomed, when);
            }
            Some(Asked::MoveOrAnother { when: before }) => {
                let mut both = before;
                both.refine(when);
                return self.move_to(&both, &When::default(), true);
            }
            Some(Asked::Move { appointment_id, .. }) => {
                self.state.moving = Some(appointment_id);
                return self.pick_moment(when, plain);
            }
            Some(Asked::WhichAppointment { to }) => return self.which_appointment(when, to),
            _ => {}
        }
        if !self.state.offered.is_empty() {
            return self.pick_moment(when, plain);
        }
        match self.state.topic {
            Topic::Workshop => return self.workshop_moment(when),
            Topic::CallBack => return self.call_back(when, Way::Phone),
            _ => {}
        }
        let standing = match self.state.appointments.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            [first, ..] => Some(first.clone()),
        };
        let for_another = self
            .state
            .focus
            .first()
            .filter(|id| self.state.appointments.iter().all(|one| one.car_id.as_ref() != Some(*id)));
        if let (Some(standing), None) = (standing, for_another) {
            return self.moment_beside(&standing, when);
        }
        self.drive(None, when, plain)
    }

    /// A bare moment while an appointment stands: it may be meant as another one, so it is asked, never done.
    fn moment_beside(&mut self, standing: &Appointment, when: &When) -> Answer {
        let at = local(standing.slot, &self.input.knowledge.dealer.timezone);
        if when.suits(at.datetime()) {
            let car = standing.car_id.as_deref().and_then(|id| self.car(id)).cloned();
            self.say(Piece::Standing { car, at, tone: Tone::Already });
            return (Verdict::Answers, "that appointment stands");
        }
        let mut when = self.relative_to(when, standing);
        if when.days.is_empty() {
            when.days = vec![Days::on(at.date())];
        }
        self.seek(Seek {
            car: standing.car_id.clone(),
            when,
            moving: Some(standing.id.clone()),
            plainly: false,
            ..Seek::default()
        });
        (Verdict::Asks, "a bare moment moves nothing")
    }

    pub(in crate::decide) fn workshop_moment(&mut self, when: &When) -> Answer {
        let own = self.state.workshop.clone();
        self.say(Piece::Workshop { own, day: when.day(), time: when.time() });
        let details = self.words_of_turn();
        self.promise(TaskKind::Workshop, details);
        (Verdict::Promises, "a day for the workshop")
    }
}
