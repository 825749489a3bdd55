//! The details of a command: pairs of what and value, made into the types of the assistant.

use assistant::command::{CarRef, OwnCar, clock};
use assistant::reading::analyze;
use assistant::stock::{Resolved, resolve};
use assistant::turn::Scene;
use assistant::when::{Days, Hours, Relative, When};
use assistant::wishes::{Model, Wishes};
use dealer::Car;
use jiff::civil::{Date, Time};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::words::squeezed;

macro_rules! whats {
    ($( $what:ident = $name:literal ),* $(,)?) => {
        /// What a detail says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub(crate) enum What { $( #[serde(rename = $name)] $what, )* }

        impl What {
            /// Every one.
            pub(crate) const ALL: &[Self] = &[$( Self::$what, )*];

            /// Its name in the schema.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $( Self::$what => $name, )* }
            }
        }
    };
}

whats! {
    Car = "car", Plate = "plate", Variant = "variant", Link = "link", Place = "place", Pointing = "pointing",
    Make = "make", Model = "model", PriceMin = "price_min_eur", PriceMax = "price_max_eur", MonthMax = "month_max_eur",
    YearMin = "year_min", YearMax = "year_max", MileageMax = "mileage_max_km", Fuel = "fuel",
    Transmission = "transmission", Body = "body", Color = "color", Purpose = "purpose", Order = "order",
    NotMake = "not_make", NotModel = "not_model", NotFuel = "not_fuel", NotTransmission = "not_transmission",
    NotBody = "not_body", NotColor = "not_color",
    Day = "day", Days = "days", NotDay = "not_day", At = "at", Around = "around", FromHour = "from_hour",
    UntilHour = "until_hour", NotAt = "not_at", SameTime = "same_time", SameDay = "same_day", OtherDay = "other_day",
    Later = "later", Earlier = "earlier", DaysLater = "days_later", Soon = "soon",
    AppointmentDay = "appointment_day", Number = "number", Field = "field", Topic = "topic", Name = "name",
    Email = "email", Phone = "phone", OwnMake = "own_make", OwnModel = "own_model", OwnPlate = "own_plate",
    OwnMileage = "own_mileage_km", OwnYear = "own_year", Reserve = "reserve", Amount = "amount_eur",
    Question = "question", Reason = "reason", Medium = "medium", Language = "language",
}

/// Why a command is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// No such command.
    UnknownCommand,
    /// Not of the form of a command.
    Form,
    /// No such message.
    Message,
    /// A detail that says nothing possible, or nothing that anybody said.
    Detail(What),
    /// A detail without which the command says nothing.
    Missing(What),
}

impl Mistake {
    /// The word in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownCommand => "unknown_command",
            Self::Form => "form",
            Self::Message => "message",
            Self::Detail(_) => "detail",
            Self::Missing(_) => "missing_detail",
        }
    }
}

/// How far from today a day may lie.
const FURTHEST_DAY: i64 = 400;

/// The details of one command, taken one after another.
pub(crate) struct Details<'a> {
    pairs: Vec<(What, String)>,
    given: usize,
    scene: &'a Scene<'a>,
    /// What the customer said, squeezed, in this turn and those kept.
    said: &'a str,
}

impl<'a> Details<'a> {
    pub(crate) const fn new(pairs: Vec<(What, String)>, scene: &'a Scene<'a>, said: &'a str) -> Self {
        let given = pairs.len();
        Self { pairs, given, scene, said }
    }

    /// Whether there were details and the command had no use for any.
    pub(crate) const fn are_beside_the_point(&self) -> bool {
        self.given > 0 && self.pairs.len() == self.given
    }

    /// Whether something is left that the command has no use for.
    pub(crate) const fn are_used_up(&self) -> bool {
        self.pairs.is_empty()
    }

    pub(crate) fn all(&mut self, what: What) -> Vec<String> {
        let (taken, left) = std::mem::take(&mut self.pairs).into_iter().partition(|(own, _)| *own == what);
        self.pairs = left;
        taken.into_iter().map(|(_, value): (What, String)| value.trim().to_owned()).collect()
    }

    /// The one value of this kind; two that differ are a mistake.
    pub(crate) fn one(&mut self, what: What) -> Result<Option<String>, Mistake> {
        let mut values = self.all(what);
        values.dedup();
        match values.len() {
            0 => Ok(None),
            1 => Ok(values.pop().filter(|value| !value.is_empty())),
            _ => Err(Mistake::Detail(what)),
        }
    }

    pub(crate) fn number<T: std::str::FromStr>(&mut self, what: What) -> Result<Option<T>, Mistake> {
        self.one(what)?.map(|value| parsed(&value, what)).transpose()
    }

    pub(crate) fn flag(&mut self, what: What) -> Result<bool, Mistake> {
        self.number(what).map(|flag| flag.unwrap_or(false))
    }

    /// A word of a type's own vocabulary.
    pub(crate) fn word<T: DeserializeOwned>(&mut self, what: What) -> Result<Option<T>, Mistake> {
        self.one(what)?.map(|value| of_word(value).ok_or(Mistake::Detail(what))).transpose()
    }

    fn known(&mut self, what: What, words: &[&str]) -> Result<Vec<String>, Mistake> {
        let values = self.all(what);
        let known = values.iter().all(|value| words.contains(&value.as_str()));
        if known { Ok(values) } else { Err(Mistake::Detail(what)) }
    }

    /// Whether the customer said it, spaces and punctuation apart.
    pub(crate) fn was_said(&self, text: &str) -> bool {
        let text = squeezed(text);
        !text.is_empty() && self.said.contains(&text)
    }

    fn cars(&self) -> &'a [Car] {
        self.scene.knowledge.dealer.inventory.cars()
    }

    /// A make that is for sale, is known as one, or was said.
    fn make(&self, value: String, what: What) -> Result<String, Mistake> {
        let own = self.cars().iter().find(|car| car.make.eq_ignore_ascii_case(&value));
        if let Some(car) = own {
            return Ok(car.make.clone());
        }
        let known = analyze(&value, self.scene.now, &self.scene.knowledge.context(0)).entities.make;
        let is_known = known.is_some_and(|known| known.eq_ignore_ascii_case(&value));
        if is_known || self.was_said(&value) { Ok(value) } else { Err(Mistake::Detail(what)) }
    }

    /// A model of a make, likewise; written `Make/Model`, or `Model` where the make is told apart.
    fn model(&self, value: &str, make: Option<&str>, what: What) -> Result<Model, Mistake> {
        let (make, model) = value.split_once('/').unwrap_or((make.unwrap_or_default(), value));
        let (make, model) = (make.trim(), model.trim());
        if let Some(car) = self.cars().iter().find(|car| {
            car.model.eq_ignore_ascii_case(model) && (make.is_empty() || car.make.eq_ignore_ascii_case(make))
        }) {
            return Ok(Model { make: car.make.clone(), model: car.model.clone() });
        }
        let make = if make.is_empty() { String::new() } else { self.make(make.to_owned(), what)? };
        let named = format!("{make} {model}");
        let known = analyze(&named, self.scene.now, &self.scene.knowledge.context(0)).entities.model;
        let is_known = known.is_some_and(|known| known.eq_ignore_ascii_case(model));
        if is_known || self.was_said(model) {
            Ok(Model { make, model: model.to_owned() })
        } else {
            Err(Mistake::Detail(what))
        }
    }

    pub(crate) fn wishes(&mut self) -> Result<Wishes, Mistake> {
        let make = self.one(What::Make)?.map(|make| self.make(make, What::Make)).transpose()?;
        let models = self.all(What::Model);
        let models: Vec<Model> = models
            .iter()
            .map(|model| self.model(model, make.as_deref(), What::Model))
            .collect::<Result<_, _>>()?;
        let make =
            make.or_else(|| models.first().map(|model| model.make.clone()).filter(|make| !make.is_empty()));
        let mut wishes = Wishes {
            make,
            models,
            price_min_eur: self.whole(What::PriceMin)?,
            price_max_eur: self.whole(What::PriceMax)?,
            month_max_eur: self.whole(What::MonthMax)?,
            year_min: self.whole(What::YearMin)?,
            year_max: self.whole(What::YearMax)?,
            mileage_max_km: self.whole(What::MileageMax)?,
            fuels: self.known(What::Fuel, &Car::FUELS)?,
            transmission: self.known(What::Transmission, &Car::TRANSMISSIONS)?.into_iter().next(),
            bodies: self.known(What::Body, &Car::BODY_TYPES)?,
            colors: self.known(What::Color, &Car::COLORS)?,
            purpose: self.word(What::Purpose)?,
            order: self.word(What::Order)?,
            ..Wishes::default()
        };
        let not = &mut wishes.not;
        for make in self.all(What::NotMake) {
            not.makes.push(self.make(make, What::NotMake)?);
        }
        for model in self.all(What::NotModel) {
            not.models.push(self.model(&model, None, What::NotModel)?.model);
        }
        not.fuels = self.known(What::NotFuel, &Car::FUELS)?;
        not.transmissions = self.known(What::NotTransmission, &Car::TRANSMISSIONS)?;
        not.bodies = self.known(What::NotBody, &Car::BODY_TYPES)?;
        not.colors = self.known(What::NotColor, &Car::COLORS)?;
        Ok(wishes)
    }

    /// A whole number that is not negative.
    pub(crate) fn whole(&mut self, what: What) -> Result<Option<i32>, Mistake> {
        match self.number::<i32>(what)? {
            Some(number) if number < 0 => Err(Mistake::Detail(what)),
            number => Ok(number),
        }
    }

    /// Every car pointed at: those by id, else the one described.
    pub(crate) fn car_refs(&mut self) -> Result<Vec<CarRef>, Mistake> {
        let ids = self.all(What::Car);
        let described = CarRef {
            described: self.wishes()?,
            plate: self.plate(What::Plate)?,
            variant: self.all(What::Variant),
            link: self.one(What::Link)?,
            advert: None,
            place: self.place()?,
            pointing: self.flag(What::Pointing)?,
        };
        let made_up =
            |word: &String| !self.was_said(word) && !self.cars().iter().any(|car| has_variant(car, word));
        if described.variant.iter().any(made_up) {
            return Err(Mistake::Detail(What::Variant));
        }
        if described.link.as_ref().is_some_and(|link| !self.was_said(link)) {
            return Err(Mistake::Detail(What::Link));
        }
        if !ids.is_empty() {
            // The id says it all; what else was said of the car is part of it.
            return ids.iter().map(|id| self.car_of_stock(id)).collect();
        }
        Ok(if described == CarRef::default() { Vec::new() } else { vec![described] })
    }

    pub(crate) fn car_ref(&mut self) -> Result<Option<CarRef>, Mistake> {
        let mut cars = self.car_refs()?;
        if cars.len() > 1 { Err(Mistake::Detail(What::Car)) } else { Ok(cars.pop()) }
    }

    /// A reference that leads to exactly this car.
    fn car_of_stock(&self, id: &str) -> Result<CarRef, Mistake> {
        let inventory = &self.scene.knowledge.dealer.inventory;
        let car = inventory.get(id).ok_or(Mistake::Detail(What::Car))?;
        let place = self.scene.state.shown.iter().position(|shown| shown == id);
        let ways = [
            CarRef { plate: car.license_plate.as_deref().map(plate_of), ..CarRef::default() },
            CarRef { place: place.and_then(|at| i8::try_from(at + 1).ok()), ..CarRef::default() },
            CarRef { link: car.url.clone(), ..CarRef::default() },
            CarRef { link: Some(car.id.clone()), ..CarRef::default() },
            CarRef { described: description(car), ..CarRef::default() },
        ];
        let leads_there = |way: &CarRef| matches!(resolve(way, self.scene.state, inventory), Resolved::One(found) if found.id == id);
        ways.into_iter()
            .filter(|way| *way != CarRef::default())
            .find(leads_there)
            .ok_or(Mistake::Detail(What::Car))
    }

    fn plate(&mut self, what: What) -> Result<Option<String>, Mistake> {
        let Some(plate) = self.one(what)? else { return Ok(None) };
        let own =
            |car: &Car| car.license_plate.as_deref().is_some_and(|own| squeezed(own) == squeezed(&plate));
        if self.was_said(&plate) || self.cars().iter().any(own) {
            Ok(Some(plate_of(&plate)))
        } else {
            Err(Mistake::Detail(what))
        }
    }

    fn place(&mut self) -> Result<Option<i8>, Mistake> {
        match self.number::<i8>(What::Place)? {
            Some(place) if place == -1 || place > 0 => Ok(Some(place)),
            None => Ok(None),
            Some(_) => Err(Mistake::Detail(What::Place)),
        }
    }

    pub(crate) fn own_car(&mut self) -> Result<OwnCar, Mistake> {
        let make = self.one(What::OwnMake)?.map(|make| self.make(make, What::OwnMake)).transpose()?;
        let model = self.one(What::OwnModel)?;
        let model = model.map(|model| self.model(&model, make.as_deref(), What::OwnModel)).transpose()?;
        Ok(OwnCar {
            make: make
                .or_else(|| model.as_ref().map(|model| model.make.clone()).filter(|make| !make.is_empty())),
            model: model.map(|model| model.model),
            plate: self.plate(What::OwnPlate)?,
            mileage_km: self.whole(What::OwnMileage)?,
            year: self.whole(What::OwnYear)?,
        })
    }

    pub(crate) fn when(&mut self) -> Result<When, Mistake> {
        let mut days = Vec::new();
        for day in self.all(What::Day) {
            days.push(Days::on(self.day(&day, What::Day)?));
        }
        for range in self.all(What::Days) {
            let (first, last) = range.split_once('/').ok_or(Mistake::Detail(What::Days))?;
            let (first, last) = (self.day(first, What::Days)?, self.day(last, What::Days)?);
            if last < first {
                return Err(Mistake::Detail(What::Days));
            }
            days.push(Days { first, last });
        }
        let not_days = self.all(What::NotDay);
        let not_days = not_days.iter().map(|day| self.day(day, What::NotDay)).collect::<Result<_, _>>()?;
        let not_hours = self.all(What::NotAt);
        let not_hours = not_hours.iter().map(|hour| time(hour, What::NotAt)).collect::<Result<_, _>>()?;
        let (at, around) = (self.hour(What::At)?, self.hour(What::Around)?);
        let (from, until) = (self.hour(What::FromHour)?, self.hour(What::UntilHour)?);
        let hours = match (at, around, from, until) {
            (None, None, None, None) => Hours::Any,
            (Some(time), None, None, None) => Hours::At(time),
            (None, Some(time), None, None) => Hours::Around(time),
            (None, None, from, until) if from.is_none() || until.is_none() || from < until => {
                Hours::Between { from, until }
            }
            _ => return Err(Mistake::Detail(What::At)),
        };
        Ok(When {
            days,
            not_days,
            hours,
            not_hours,
            relative: self.relative()?,
            soon: self.flag(What::Soon)?,
        })
    }

    fn relative(&mut self) -> Result<Option<Relative>, Mistake> {
        let mut found = Vec::new();
        for (what, relative) in [
            (What::SameTime, Relative::SameTime),
            (What::SameDay, Relative::SameDay),
            (What::OtherDay, Relative::OtherDay),
        ] {
            if self.flag(what)? {
                found.push(relative);
            }
        }
        found.extend(self.away(What::Later, Relative::Later)?);
        found.extend(self.away(What::Earlier, Relative::Earlier)?);
        found.extend(self.number(What::DaysLater)?.map(Relative::DaysLater));
        if found.len() > 1 { Err(Mistake::Detail(What::SameTime)) } else { Ok(found.pop()) }
    }

    /// So many minutes away, or some.
    fn away(&mut self, what: What, away: fn(Option<u16>) -> Relative) -> Result<Option<Relative>, Mistake> {
        match self.one(what)?.as_deref() {
            None | Some("false") => Ok(None),
            Some("true") => Ok(Some(away(None))),
            Some(minutes) => parsed(minutes, what).map(|minutes| Some(away(Some(minutes)))),
        }
    }

    fn hour(&mut self, what: What) -> Result<Option<Time>, Mistake> {
        self.one(what)?.map(|hour| time(&hour, what)).transpose()
    }

    /// The day of an appointment that is meant.
    pub(crate) fn appointment(&mut self) -> Result<When, Mistake> {
        let day = self.one(What::AppointmentDay)?;
        day.map_or(Ok(When::default()), |day| Ok(When::on(self.day(&day, What::AppointmentDay)?)))
    }

    fn day(&self, text: &str, what: What) -> Result<Date, Mistake> {
        let date: Date = parsed(text.trim(), what)?;
        let days = self.scene.now.date().until(date).map(|span| i64::from(span.get_days()));
        if days.is_ok_and(|days| days.abs() <= FURTHEST_DAY) { Ok(date) } else { Err(Mistake::Detail(what)) }
    }
}

/// A value of a type whose words serde knows.
pub(crate) fn of_word<T: DeserializeOwned>(value: String) -> Option<T> {
    serde_json::from_value(Value::String(value)).ok()
}

fn parsed<T: std::str::FromStr>(value: &str, what: What) -> Result<T, Mistake> {
    value.parse().map_err(|_| Mistake::Detail(what))
}

fn time(text: &str, what: What) -> Result<Time, Mistake> {
    clock(text.trim()).ok_or(Mistake::Detail(what))
}

fn plate_of(text: &str) -> String {
    squeezed(text).to_uppercase()
}

fn has_variant(car: &Car, word: &str) -> bool {
    let word = squeezed(word);
    !word.is_empty() && squeezed(&format!("{} {}", car.variant, car.model)).contains(&word)
}

fn description(car: &Car) -> Wishes {
    Wishes {
        make: Some(car.make.clone()),
        models: vec![Model { make: car.make.clone(), model: car.model.clone() }],
        price_min_eur: Some(car.price_eur),
        price_max_eur: Some(car.price_eur),
        year_min: Some(car.year),
        year_max: Some(car.year),
        mileage_max_km: Some(car.mileage_km),
        fuels: vec![car.fuel.clone()],
        transmission: Some(car.transmission.clone()),
        colors: vec![car.color.clone()],
        ..Wishes::default()
    }
}
