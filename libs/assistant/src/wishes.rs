//! What a customer wishes of a car.

use serde::{Deserialize, Serialize};

/// Wishes of a car, in the normal forms of the inventory. The default wishes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// Brand.
    pub make: Option<String>,
    /// Models, any of which will do; a model has one make.
    pub models: Vec<Model>,
    /// Lowest price, whole euros.
    pub price_min_eur: Option<i32>,
    /// Highest price, whole euros.
    pub price_max_eur: Option<i32>,
    /// Highest monthly payment, whole euros.
    pub month_max_eur: Option<i32>,
    /// First registration not before this year.
    pub year_min: Option<i32>,
    /// First registration not after this year.
    pub year_max: Option<i32>,
    /// Highest mileage, whole kilometres.
    pub mileage_max_km: Option<i32>,
    /// Any of these fuels: `petrol`, `diesel`, `hybrid`, `plug_in_hybrid`, `electric`, `lpg`.
    pub fuels: Vec<String>,
    /// `automatic` or `manual`.
    pub transmission: Option<String>,
    /// Any of these bodies: `hatchback`, `estate`, `suv`, `sedan`, `mpv`, `convertible`, `coupe`, `van`.
    pub bodies: Vec<String>,
    /// Any of these colours, in English.
    pub colors: Vec<String>,
    /// What it is for.
    pub purpose: Option<Purpose>,
    /// Cheapest, newest … first.
    pub order: Option<Order>,
    /// What it must not be.
    pub not: Excluded,
    /// Said as something else than before: make, model and what belonged to them are dropped. Never kept.
    pub fresh: bool,
}

/// A model of a make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Brand.
    pub make: String,
    /// Model.
    pub model: String,
}

/// What a car is for, where that tells which suit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Children, dogs, luggage: an estate, an SUV or an MPV.
    Family,
    /// Easy to get in: an SUV or an MPV.
    HighSeat,
    /// For the town, or for who has just learnt to drive: a small hatchback.
    Small,
}

/// What comes first in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Lowest price.
    Cheapest,
    /// Highest price.
    Dearest,
    /// Latest year.
    Newest,
    /// Fewest kilometres.
    FewestKilometres,
    /// Highest price within the limit: "rond de 17 mille".
    NearLimit,
}

/// What a car must not be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Excluded {
    /// Brands.
    pub makes: Vec<String>,
    /// Models.
    pub models: Vec<String>,
    /// Fuels.
    pub fuels: Vec<String>,
    /// Gearboxes.
    pub transmissions: Vec<String>,
    /// Bodies.
    pub bodies: Vec<String>,
    /// Colours.
    pub colors: Vec<String>,
}

impl Wishes {
    /// Whether nothing is wished.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a definite model or make is named.
    pub const fn names_a_car(&self) -> bool {
        self.make.is_some() || !self.models.is_empty()
    }

    /// Takes over what a later wish says. Another model drops what belonged to the old one (fuel, body, gearbox, colour,
    /// years), and keeps what belongs to the customer (price, month, mileage).
    pub fn refine(&mut self, later: &Self) {
        let another = later.fresh
            || (!later.models.is_empty() && later.models != self.models)
            || (later.make.is_some() && later.make != self.make && !self.same_make(later));
        if later.fresh && !self.names_a_car() {
            // "Ook iets groters?": what the customer must have stays.
            (self.bodies, self.colors) = (Vec::new(), Vec::new());
            (self.purpose, self.order) = (None, None);
        } else if another {
            *self = Self {
                price_min_eur: self.price_min_eur,
                price_max_eur: self.price_max_eur,
                month_max_eur: self.month_max_eur,
                mileage_max_km: self.mileage_max_km,
                ..Self::default()
            };
        }
        if later.price_max_eur.is_some() && self.order == Some(Order::NearLimit) {
            self.order = None;
        }
        macro_rules! take {
            ($($option:ident)*; $($list:ident)*) => {
                $( if later.$option.is_some() { self.$option.clone_from(&later.$option); } )*
                $( if !later.$list.is_empty() { self.$list.clone_from(&later.$list); } )*
            };
        }
        take!(make price_min_eur price_max_eur month_max_eur year_min year_max mileage_max_km transmission purpose order;
            models fuels bodies colors);
        let Excluded { makes, models, fuels, transmissions, bodies, colors } = &later.not;
        for (mine, theirs) in [
            (&mut self.not.makes, makes),
            (&mut self.not.models, models),
            (&mut self.not.fuels, fuels),
            (&mut self.not.transmissions, transmissions),
            (&mut self.not.bodies, bodies),
            (&mut self.not.colors, colors),
        ] {
            mine.extend(theirs.iter().cloned());
            mine.sort_unstable();
            mine.dedup();
        }
        // What was just wished is not excluded any more, and what was just excluded is not wished.
        self.not.fuels.retain(|fuel| !later.fuels.contains(fuel));
        self.not.colors.retain(|color| !later.colors.contains(color));
        self.not.bodies.retain(|body| !later.bodies.contains(body));
        self.not.models.retain(|model| later.models.iter().all(|wished| wished.model != *model));
        self.fuels.retain(|fuel| !self.not.fuels.contains(fuel));
        self.colors.retain(|color| !self.not.colors.contains(color));
        self.bodies.retain(|body| !self.not.bodies.contains(body));
        self.models.retain(|model| !self.not.models.contains(&model.model));
    }

    fn same_make(&self, later: &Self) -> bool {
        let make = later.make.as_deref();
        self.models.iter().any(|model| Some(model.make.as_str()) == make)
    }
}
