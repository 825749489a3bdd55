//! The customer's own car: to trade in, or for the workshop.

use jiff::civil::Date;

use super::Teller;
use crate::command::OwnCar;
use crate::word::format::{self, and, time};

impl Teller<'_> {
    pub(super) fn trade_in(&self, own: &OwnCar) -> String {
        let mut wanted = Vec::new();
        if own.plate.is_none() {
            wanted.push(self.text("want_plate"));
        }
        if own.mileage_km.is_none() {
            wanted.push(self.text("want_mileage"));
        }
        let what = and(&wanted, self.texts);
        match self.own_car(own) {
            known if wanted.is_empty() => self.with("trade_in_complete", "car", &known),
            known if wanted.len() == 1 => self.say("trade_in_known", &[("car", &known), ("what", &what)]),
            _ => {
                let car = own.title().map(|title| self.with("own_car", "car", &title)).unwrap_or_default();
                self.say("trade_in", &[("car", &car), ("what", &what)])
            }
        }
    }

    /// "Opel Meriva, 2012, kenteken 12ABC3, 145.000 km", as far as it is known.
    pub(super) fn own_car(&self, own: &OwnCar) -> String {
        let mileage = own.mileage_km.map(|km| format::grouped(km, self.texts.language()));
        let known = [
            own.title(),
            own.year.map(|year| year.to_string()),
            own.plate.as_ref().map(|plate| self.with("fact_plate", "plate", plate)),
            mileage.map(|km| self.with("fact_mileage", "km", &km)),
        ];
        known.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    pub(super) fn workshop(&self, own: &OwnCar, date: Option<Date>, at: Option<jiff::civil::Time>) -> String {
        let wish = match (date, at) {
            (Some(date), Some(at)) => {
                Some(self.say("moment", &[("day", &self.day(date)), ("time", &time(at))]))
            }
            (Some(date), None) => Some(self.day(date)),
            (None, Some(at)) => Some(time(at)),
            (None, None) => None,
        };
        let wish = wish.map(|wish| self.with("rather", "when", &wish));
        let details: Vec<String> =
            [Some(self.own_car(own)).filter(|known| !known.is_empty()), wish].into_iter().flatten().collect();
        let said = if details.is_empty() {
            self.text("service")
        } else {
            self.with("service_known", "details", &details.join(", "))
        };
        if own.plate.is_some() { said } else { format!("{said} {}", self.text("service_plate")) }
    }
}
