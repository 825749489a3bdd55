//! The cars for sale.

use std::sync::Arc;

/// A car for sale, as its record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Car {
    /// The dealer's own id of it.
    pub id: String,
    /// Brand.
    pub make: String,
    /// Model.
    pub model: String,
    /// Engine and trim; may be empty.
    pub variant: String,
    /// Year of first registration.
    pub year: i32,
    /// Kilometres driven.
    pub mileage_km: i32,
    /// Asking price, whole euros.
    pub price_eur: i32,
    /// One of [`Car::FUELS`].
    pub fuel: String,
    /// One of [`Car::TRANSMISSIONS`].
    pub transmission: String,
    /// One of [`Car::BODY_TYPES`].
    pub body_type: String,
    /// One of [`Car::COLORS`].
    pub color: String,
    /// Licence plate as written.
    pub license_plate: Option<String>,
    /// Page with photos.
    pub url: Option<String>,
}

impl Car {
    /// Every `fuel`.
    pub const FUELS: [&str; 6] = ["petrol", "diesel", "hybrid", "plug_in_hybrid", "electric", "lpg"];
    /// Every `transmission`.
    pub const TRANSMISSIONS: [&str; 2] = ["automatic", "manual"];
    /// Every `body_type`.
    pub const BODY_TYPES: [&str; 8] =
        ["hatchback", "estate", "suv", "sedan", "mpv", "convertible", "coupe", "van"];
    /// Every `color`.
    pub const COLORS: [&str; 11] =
        ["black", "white", "grey", "silver", "blue", "red", "green", "yellow", "orange", "brown", "beige"];

    /// Make and model.
    pub fn title(&self) -> String {
        format!("{} {}", self.make, self.model)
    }
}

/// The cars for sale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    cars: Arc<[Car]>,
}

impl Inventory {
    /// An inventory of these cars.
    pub fn new(cars: Vec<Car>) -> Self {
        Self { cars: cars.into() }
    }

    /// Every car, in the file's order.
    pub fn cars(&self) -> &[Car] {
        &self.cars
    }

    /// All of them, for whoever keeps them longer than the inventory is borrowed.
    pub fn shared_cars(&self) -> Arc<[Car]> {
        Arc::clone(&self.cars)
    }

    /// The car with this id.
    pub fn get(&self, id: &str) -> Option<&Car> {
        self.cars.iter().find(|car| car.id == id)
    }
}
