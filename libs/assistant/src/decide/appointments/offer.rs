//! Moments on offer: one of them chosen, refused, or another asked for.

use jiff::civil::{Date, DateTime, Time};

use super::super::{Answer, Decider, Seek, Verdict};
use super::relative::counted;
use super::{nth, pointing};
use crate::command::Pick;
use crate::piece::{Ask, Piece, local};
use crate::ports::FreeSlot;
use crate::state::Asked;
use crate::when::{Days, Hours, Relative, When};

impl Decider<'_> {
    pub(in crate::decide) fn pick(&mut self, pick: &Pick, plain: bool) -> Answer {
        match pick {
            Pick::Number(number) => self.pick_number(*number, plain),
            Pick::Moment(when) => self.moment(when, plain),
        }
    }

    fn pick_number(&mut self, number: i8, plain: bool) -> Answer {
        if let Some(Asked::WhichCar { cars, when, about, .. }) = self.asked.clone() {
            return match nth(&cars, number).cloned() {
                Some(id) => {
                    self.state.focus_on(&id);
                    match when {
                        Some(when) => self.drive(Some(&pointing()), &when, true),
                        None => self.tell(&[pointing()], &about),
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
        let car = self.car_on_offer().and_then(|id| self.car(&id)).cloned();
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
    pub(super) fn pick_moment(&mut self, when: &When, plain: bool) -> Answer {
        let timezone = self.input.knowledge.dealer.timezone.clone();
        let moments: Vec<(FreeSlot, DateTime)> =
            self.state.offered.iter().map(|slot| (*slot, local(*slot, &timezone).datetime())).collect();
        let wished = if when.relative.is_some() { self.counted_from_offer(when) } else { when.clone() };
        let suits: Vec<FreeSlot> =
            moments.iter().filter(|(_, at)| wished.suits(*at)).map(|(slot, _)| *slot).collect();
        let definite = matches!(wished.hours, Hours::At(_) | Hours::Around(_));
        // "Laat maar, 4 is goed", of the hour that stands.
        let stands = self.moved().map(|moved| local(moved.slot, &timezone).datetime());
        if stands.is_some_and(|at| wished.time() == Some(at.time()) && wished.suits(at)) && suits.is_empty() {
            return self.keep();
        }
        // "Over een uur" is about then: what begins much earlier or later is asked first.
        let about = |slot: &FreeSlot| match wished.hours {
            Hours::Around(time) => is_about(local(*slot, &timezone).time(), time),
            _ => true,
        };
        match suits.as_slice() {
            [only] if plain && definite && about(only) => {
                let only = *only;
                self.take(only);
                return (Verdict::Acts, "one of the moments on offer, by its hour");
            }
            [only] if definite => {
                self.ask_to_book(*only);
                return (Verdict::Asks, "an hour on offer, but not plainly a choice");
            }
            // "9u", and 09:00 is on offer on three days.
            [_, _, ..] if definite && wished.days.is_empty() && wished.time().is_some() => {
                self.state.offered_for.hours = wished.hours;
                self.say(Piece::Ask(Ask::WhichDay));
                return (Verdict::Asks, "an hour that is on offer on several days");
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
        let car = self.car_on_offer();
        let refused = if wished.days.is_empty() && wished.hours == Hours::Any {
            self.state.offered.clone()
        } else {
            Vec::new()
        };
        self.seek(Seek { car, when: both, refused, moving, plainly: plain });
        (if plain { Verdict::Acts } else { Verdict::Answers }, "a moment that was not on the list")
    }

    pub(in crate::decide) fn refuse_slots(&mut self, numbers: &[u8], instead: &When) -> Answer {
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
            let asked_for =
                instead.relative.is_none() && (!instead.days.is_empty() || instead.hours != Hours::Any);
            let suits = |slot: &FreeSlot| asked_for && instead.suits(local(*slot, &timezone).datetime());
            if named.is_empty() {
                // "Half 3 of 2 uur?": what was asked for and is on offer is not refused.
                self.state.offered.iter().copied().filter(|slot| !suits(slot)).collect()
            } else {
                named
            }
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
    pub(in crate::decide) fn refuse(&mut self, refused: Vec<FreeSlot>, instead: &When) {
        let mut when = self.state.offered_for.clone();
        if matches!(when.hours, Hours::At(_) | Hours::Around(_)) && instead.hours == Hours::Any {
            when.hours = Hours::Any;
        }
        let instead =
            if instead.relative.is_some() { self.counted_from_offer(instead) } else { instead.clone() };
        when.refine(&instead);
        let moving = self.state.moving.clone();
        let car = self.car_on_offer();
        self.seek(Seek { car, when, refused, moving, plainly: false });
    }

    /// "een uurtje later", counted from the moments on offer.
    pub(super) fn counted_from_offer(&self, when: &When) -> When {
        let timezone = &self.input.knowledge.dealer.timezone;
        let moments: Vec<DateTime> =
            self.state.offered.iter().map(|slot| local(*slot, timezone).datetime()).collect();
        let (Some(first), Some(last)) = (moments.first().copied(), moments.last().copied()) else {
            return When { relative: None, ..when.clone() };
        };
        let sooner = matches!(when.relative, Some(Relative::Earlier(_)))
            || matches!(when.relative, Some(Relative::DaysLater(days)) if days < 0);
        let base = if sooner { first } else { last };
        // "De dag ervoor" counts from the day that was asked for, wherever the moments on offer lie.
        if let (Some(Relative::SameTime), Some(moved)) = (when.relative, self.moved()) {
            return counted(when, local(moved.slot, timezone).datetime());
        }
        let base = match (when.relative, self.state.offered_for.day()) {
            (Some(Relative::DaysLater(_)), Some(day)) => day.to_datetime(base.time()),
            _ => base,
        };
        counted(when, base)
    }
}

/// Whether an hour is so near to another that "about" means it.
fn is_about(hour: Time, wished: Time) -> bool {
    const ABOUT_MINUTES: i32 = 30;
    let minutes = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
    (minutes(hour) - minutes(wished)).abs() <= ABOUT_MINUTES
}
