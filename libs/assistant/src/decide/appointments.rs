//! Test drives: asked for, chosen, moved, called off, and in whose name.

use dealer::Car;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::cars::Pointed;
use super::outstanding::first_name;
use super::{Answer, Decider, Seek, Verdict};
use crate::command::{CarRef, Command, Pick, Read};
use crate::names;
use crate::piece::{Ask, Piece, Quoted, Tone, local};
use crate::ports::FreeSlot;
use crate::state::{Appointment, Asked, Topic};
use crate::task::TaskKind;
use crate::turn::Effect;
use crate::when::{Days, Hours, Relative, When};

impl Decider<'_> {
    pub(super) fn drive(&mut self, reference: Option<&CarRef>, when: &When, plain: bool) -> Answer {
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
        if let (Some(first), true) =
            (self.state.appointments.first(), when.days.is_empty() && when.hours != Hours::Any)
        {
            // "En daarna om 11 uur de Picanto": on the day of what stands already.
            let day = local(first.slot, &self.input.knowledge.dealer.timezone).date();
            when.days = vec![Days::on(day)];
        }
        let when = &when;
        if car.is_none() && !self.visits_without_a_car() {
            self.ask(Ask::AnyCar, Asked::AnyCar { when: Some(when.clone()) });
            return (Verdict::Asks, "no car is meant that we know of");
        }
        self.seek_for(car, when, plain);
        (if plain && when.is_exact() { Verdict::Acts } else { Verdict::Answers }, "moments for a test drive")
    }

    /// Asked once which car it shall be, the customer named none: then come without.
    fn visits_without_a_car(&self) -> bool {
        matches!(self.asked, Some(Asked::AnyCar { .. }))
    }

    fn with_asked(&self, when: &When) -> When {
        let Some(Asked::WhichCar { when: Some(before), .. } | Asked::AnyCar { when: Some(before) }) =
            &self.asked
        else {
            return when.clone();
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
    pub(super) fn moment(&mut self, when: &When, plain: bool) -> Answer {
        match self.asked.clone() {
            Some(Asked::WhichCar { cars, when: before }) => {
                let mut both = before.unwrap_or_default();
                both.refine(when);
                return self.which_car_again(cars, Some(both));
            }
            Some(Asked::AnyCar { .. }) => return self.drive(None, when, plain),
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
            Topic::CallBack => return self.call_back(when),
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

    pub(super) fn pick(&mut self, pick: &Pick, plain: bool) -> Answer {
        match pick {
            Pick::Number(number) => self.pick_number(*number, plain),
            Pick::Moment(when) => self.moment(when, plain),
        }
    }

    fn pick_number(&mut self, number: i8, plain: bool) -> Answer {
        if let Some(Asked::WhichCar { cars, when }) = self.asked.clone() {
            return match nth(&cars, number).cloned() {
                Some(id) => {
                    self.state.focus_on(&id);
                    match when {
                        Some(when) => self.drive(Some(&pointing()), &when, true),
                        None => self.tell(&[pointing()], &[]),
                    }
                }
                None => self.which_car_again(cars, when),
            };
        }
        if let Some(Asked::WhichAppointment { to }) = self.asked.clone() {
            let ids: Vec<String> = self.state.appointments.iter().map(|one| one.id.clone()).collect();
            return match nth(&ids, number).cloned() {
                Some(id) => self.on_appointment(&id, to),
                None => self.yes(),
            };
        }
        match nth(&self.state.offered, number).copied() {
            Some(slot) if plain => {
                self.take(slot);
                (Verdict::Acts, "one of the moments on offer, by its number")
            }
            Some(slot) => {
                self.ask_to_book(slot);
                (Verdict::Asks, "a number, but not plainly a choice")
            }
            None if self.state.offered.is_empty() => match nth(&self.state.shown, number).cloned() {
                Some(id) => {
                    self.state.focus_on(&id);
                    self.tell(&[pointing()], &[])
                }
                None => (Verdict::Passes, "nothing with numbers is open"),
            },
            None => {
                self.list_again();
                (Verdict::Asks, "no moment has that number")
            }
        }
    }

    fn ask_to_book(&mut self, slot: FreeSlot) {
        let at = local(slot, &self.input.knowledge.dealer.timezone);
        let car = self.focus().cloned();
        let moving = self.state.moving.clone();
        let from = moving.as_ref().and_then(|id| self.state.appointments.iter().find(|one| one.id == *id));
        match (from.cloned(), moving) {
            (Some(from), Some(appointment_id)) => {
                let from = local(from.slot, &self.input.knowledge.dealer.timezone);
                self.ask(Ask::Move { from, to: at }, Asked::Move { appointment_id, slot });
            }
            _ => self.ask(Ask::Book { car, at }, Asked::Book { slot }),
        }
    }

    /// One of the moments on offer by its day, its hour or both; else other moments that suit better.
    fn pick_moment(&mut self, when: &When, plain: bool) -> Answer {
        let timezone = self.input.knowledge.dealer.timezone.clone();
        let moments: Vec<(FreeSlot, DateTime)> =
            self.state.offered.iter().map(|slot| (*slot, local(*slot, &timezone).datetime())).collect();
        let wished = if when.relative.is_some() { self.counted_from_offer(when) } else { when.clone() };
        let suits: Vec<FreeSlot> =
            moments.iter().filter(|(_, at)| wished.suits(*at)).map(|(slot, _)| *slot).collect();
        let definite = matches!(wished.hours, Hours::At(_) | Hours::Around(_));
        match suits.as_slice() {
            [only] if plain && definite => {
                let only = *only;
                self.take(only);
                return (Verdict::Acts, "one of the moments on offer, by its hour");
            }
            [only] if definite => {
                self.ask_to_book(*only);
                return (Verdict::Asks, "an hour on offer, but not plainly a choice");
            }
            _ => {}
        }
        let mut both = self.state.offered_for.clone();
        both.refine(&wished);
        if both.day().is_none() && wished.days.is_empty() {
            // All that is on offer lies on one day: an hour means that day.
            let mut days: Vec<Date> = moments.iter().map(|(_, at)| at.date()).collect();
            days.dedup();
            if let [only] = days.as_slice() {
                both.days = vec![Days::on(*only)];
            }
        }
        let moving = self.state.moving.clone();
        let car = self.state.focus.first().cloned();
        let refused = if wished.days.is_empty() && wished.hours == Hours::Any {
            self.state.offered.clone()
        } else {
            Vec::new()
        };
        self.seek(Seek { car, when: both, refused, moving, plainly: plain });
        (if plain { Verdict::Acts } else { Verdict::Answers }, "a moment that was not on the list")
    }

    pub(super) fn refuse_slots(&mut self, numbers: &[u8], instead: &When, plain: bool) -> Answer {
        let _ = plain;
        let refused: Vec<FreeSlot> = if numbers.is_empty() {
            let timezone = self.input.knowledge.dealer.timezone.clone();
            // "11:00 is te vroeg" refuses that hour, "kan niet" all of them.
            let named: Vec<FreeSlot> = self
                .state
                .offered
                .iter()
                .filter(|slot| {
                    let at = local(**slot, &timezone);
                    instead.not_hours.contains(&at.time()) || instead.not_days.contains(&at.date())
                })
                .copied()
                .collect();
            if named.is_empty() { self.state.offered.clone() } else { named }
        } else {
            numbers
                .iter()
                .filter_map(|number| nth(&self.state.offered, i8::try_from(*number).ok()?).copied())
                .collect()
        };
        if self.state.offered.is_empty() && instead.is_empty() {
            self.kept();
            return (Verdict::Answers, "nothing is on offer that could be refused");
        }
        self.refuse(refused, instead);
        (Verdict::Answers, "other moments are looked for")
    }

    /// Other moments than these.
    pub(super) fn refuse(&mut self, refused: Vec<FreeSlot>, instead: &When) {
        let mut when = self.state.offered_for.clone();
        if matches!(when.hours, Hours::At(_) | Hours::Around(_)) && instead.hours == Hours::Any {
            when.hours = Hours::Any;
        }
        let instead =
            if instead.relative.is_some() { self.counted_from_offer(instead) } else { instead.clone() };
        when.refine(&instead);
        let moving = self.state.moving.clone();
        let car = self.state.focus.first().cloned();
        self.seek(Seek { car, when, refused, moving, plainly: false });
    }

    /// "een uurtje later", counted from the moments on offer.
    fn counted_from_offer(&self, when: &When) -> When {
        let timezone = &self.input.knowledge.dealer.timezone;
        let moments: Vec<DateTime> =
            self.state.offered.iter().map(|slot| local(*slot, timezone).datetime()).collect();
        let (Some(first), Some(last)) = (moments.first().copied(), moments.last().copied()) else {
            return When { relative: None, ..when.clone() };
        };
        let base = if matches!(when.relative, Some(Relative::Earlier(_))) { first } else { last };
        relative(when, base)
    }

    fn relative_to(&self, when: &When, standing: &Appointment) -> When {
        relative(when, local(standing.slot, &self.input.knowledge.dealer.timezone).datetime())
    }

    pub(super) fn move_to(&mut self, to: &When, from: &When, plain: bool) -> Answer {
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

    pub(super) fn cancel(&mut self, from: &When, plain: bool) -> Answer {
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

    pub(super) fn cancel_appointment(&mut self, id: &str) {
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

    fn which_of_appointments(&mut self, to: Option<When>) {
        let timezone = &self.input.knowledge.dealer.timezone;
        let moments = self.state.appointments.iter().map(|one| local(one.slot, timezone)).collect();
        self.ask(Ask::WhichAppointment(moments), Asked::WhichAppointment { to });
    }

    fn which_appointment(&mut self, when: &When, to: Option<When>) -> Answer {
        if let Some(standing) = self.appointment_on(when, &When::default()) {
            self.on_appointment(&standing.id, to)
        } else {
            self.which_of_appointments(to);
            (Verdict::Asks, "which appointment is still open")
        }
    }

    pub(super) fn on_appointment(&mut self, id: &str, to: Option<When>) -> Answer {
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

    pub(super) fn keep(&mut self) -> Answer {
        self.state.forget_offer();
        self.kept();
        (Verdict::Answers, "the appointment stays")
    }

    pub(super) fn ask_appointment(&mut self) -> Answer {
        let timezone = self.input.knowledge.dealer.timezone.clone();
        if self.state.appointments.is_empty() {
            self.say(Piece::NoAppointment);
        }
        for one in self.state.appointments.clone() {
            let car = one.car_id.as_deref().and_then(|id| self.car(id)).cloned();
            self.say(Piece::Standing { car, at: local(one.slot, &timezone), tone: Tone::Asked });
        }
        self.state.asked = self.asked.take().filter(|asked| matches!(asked, Asked::Name));
        (Verdict::Answers, "the appointment that stands")
    }

    pub(super) fn other_car(&mut self, reference: &CarRef, plain: bool) -> Answer {
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

    /// Takes note of names and addresses before anything is answered, so that a booking in the same turn has them.
    pub(super) fn who(&mut self, commands: &[Read]) {
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

    pub(super) fn name(&mut self, name: &str) -> Answer {
        let Some(name) = names::given(name) else {
            self.ask(Ask::Name, Asked::Name);
            return (Verdict::Asks, "that is no name we can use");
        };
        if self.state.name.as_ref() == Some(&name)
            && self.state.appointments.iter().all(|one| one.name.is_some())
        {
            return (Verdict::Passes, "the name is known");
        }
        self.put_name(&name);
        (Verdict::Acts, "the customer's own name")
    }

    /// Puts a name on what stands without one, or corrects the one it stands in.
    pub(super) fn put_name(&mut self, name: &str) {
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

    pub(super) fn workshop_moment(&mut self, when: &When) -> Answer {
        let own = self.state.workshop.clone();
        self.say(Piece::Workshop { own, day: when.day(), time: when.time() });
        let details = self.words_of_turn();
        self.promise(TaskKind::Workshop, details);
        (Verdict::Promises, "a day for the workshop")
    }
}

/// What an appointment is about, for people.
pub(crate) fn subject(car: Option<&Car>) -> String {
    match car {
        Some(car) => format!("Proefrit {}", car.title()),
        None => "Bezoek".to_owned(),
    }
}

fn pointing() -> CarRef {
    CarRef { pointing: true, ..CarRef::default() }
}

/// The one with this number, from 1; −1 is the last.
fn nth<T>(list: &[T], number: i8) -> Option<&T> {
    if number < 0 {
        let back = usize::from(number.unsigned_abs());
        return list.len().checked_sub(back).and_then(|at| list.get(at));
    }
    usize::try_from(number).ok()?.checked_sub(1).and_then(|at| list.get(at))
}

/// A wish counted from a moment, as a wish of its own.
fn relative(when: &When, base: DateTime) -> When {
    let Some(relative) = when.relative else { return when.clone() };
    let mut wish = When { relative: None, ..when.clone() };
    let on = |date: Date| vec![Days::on(date)];
    let day = |wish: &When| if wish.days.is_empty() { on(base.date()) } else { wish.days.clone() };
    match relative {
        Relative::SameTime => wish.hours = Hours::At(base.time()),
        Relative::Later(Some(minutes)) => {
            let at = base.saturating_add(i64::from(minutes).minutes());
            (wish.days, wish.hours) = (on(at.date()), Hours::At(at.time()));
        }
        Relative::Earlier(Some(minutes)) => {
            let at = base.saturating_sub(i64::from(minutes).minutes());
            (wish.days, wish.hours) = (on(at.date()), Hours::At(at.time()));
        }
        Relative::Later(None) => {
            wish.days = day(&wish);
            if wish.hours == Hours::Any {
                wish.hours =
                    Hours::Between { from: Some(base.time().saturating_add(1.minute())), until: None };
            }
        }
        Relative::Earlier(None) => {
            wish.days = day(&wish);
            if wish.hours == Hours::Any {
                wish.hours = Hours::Between { from: None, until: Some(base.time()) };
            }
        }
        Relative::SameDay => {
            wish.days = on(base.date());
            if wish.hours == Hours::Any {
                wish.not_hours.push(base.time());
            }
        }
        Relative::OtherDay => {
            if wish.days.is_empty() {
                wish.not_days.push(base.date());
            }
        }
        Relative::DaysLater(days) => {
            wish.days = on(base.date().saturating_add(i64::from(days).days()));
            if wish.hours == Hours::Any {
                wish.hours = Hours::At(base.time());
            }
        }
    }
    wish
}
