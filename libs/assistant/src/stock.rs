//! Searching the cars for sale.

use dealer::{Car, Inventory};

use crate::reading::Entities;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search<'a> {
    /// Cars that meet every wish, cheapest first.
    Matches(Vec<&'a Car>),
    /// None does; these come nearest, nearest first.
    Nearest(Vec<&'a Car>),
    /// Nothing comes near.
    Nothing,
}

/// At most `limit` cars for these wishes, else those that come nearest.
pub fn search<'a>(inventory: &'a Inventory, wishes: &Entities, limit: usize) -> Search<'a> {
    let mut ranked: Vec<(u32, &Car)> =
        inventory.cars().iter().map(|car| (distance(car, wishes), car)).collect();
    ranked.sort_by_key(|(distance, car)| (*distance, car.price_eur));
    let matches: Vec<&Car> =
        ranked.iter().take_while(|(distance, _)| *distance == 0).map(|(_, car)| *car).take(limit).collect();
    if !matches.is_empty() {
        return Search::Matches(matches);
    }
    let nearest: Vec<&Car> = ranked
        .into_iter()
        .take_while(|(distance, _)| *distance <= NEAR)
        .map(|(_, car)| car)
        .take(limit)
        .collect();
    if nearest.is_empty() { Search::Nothing } else { Search::Nearest(nearest) }
}

/// Above this a car is no answer to the wishes any more: another model with one other miss still is.
const NEAR: u32 = 90;

/// How far a car is from the wishes; 0 meets them all.
fn distance(car: &Car, wishes: &Entities) -> u32 {
    let mut distance = 0;
    let wished_make = wishes.make.as_deref();
    let wished_model = wishes.model.as_deref();
    if wished_model.is_some_and(|model| !model.eq_ignore_ascii_case(&car.model)) {
        distance += 30;
    }
    if wished_make.is_some_and(|make| !make.eq_ignore_ascii_case(&car.make)) {
        distance += 25;
    }
    let body = wishes.body_type.as_deref();
    let misses = [
        (wishes.fuel.as_deref(), &car.fuel, 20),
        (wishes.transmission.as_deref(), &car.transmission, 20),
        (body, &car.body_type, 25),
        (wishes.color.as_deref(), &car.color, 8),
    ];
    for (wish, has, weight) in misses {
        if wish.is_some_and(|wish| wish != has) {
            distance += weight;
        }
    }
    distance += over(car.price_eur, wishes.price_max_eur) * 2;
    distance += under(car.price_eur, wishes.price_min_eur);
    distance += over(car.mileage_km, wishes.mileage_max_km);
    distance += years(car.year, wishes.year_min, wishes.year_max);
    distance
}

/// Per cent by which `value` exceeds a limit, at least 1 when it does.
fn over(value: i32, most: Option<i32>) -> u32 {
    most.filter(|most| value > *most).map_or(0, |most| share(value - most, most))
}

/// Per cent by which `value` falls short of a limit, at least 1 when it does.
fn under(value: i32, least: Option<i32>) -> u32 {
    least.filter(|least| value < *least).map_or(0, |least| share(least - value, least))
}

fn share(gap: i32, of: i32) -> u32 {
    let per_cent = i64::from(gap) * 100 / i64::from(of.max(1));
    u32::try_from(per_cent.clamp(1, 1000)).unwrap_or(1000)
}

fn years(year: i32, least: Option<i32>, most: Option<i32>) -> u32 {
    let short = least.map_or(0, |least| (least - year).max(0));
    let long = most.map_or(0, |most| (year - most).max(0));
    u32::try_from((short + long) * 10).unwrap_or(1000)
}

#[cfg(test)]
mod tests {
    use dealer::Dealer;

    use super::*;

    fn wishes(edit: impl FnOnce(&mut Entities)) -> Entities {
        let mut wishes = Entities::default();
        edit(&mut wishes);
        wishes
    }

    #[test]
    fn matches_meet_every_wish_and_the_cheapest_comes_first() {
        let inventory = Dealer::builtin().inventory;
        let wishes = wishes(|w| {
            w.make = Some("Volkswagen".into());
            w.model = Some("Polo".into());
            w.price_max_eur = Some(20_000);
        });
        let Search::Matches(cars) = search(&inventory, &wishes, 3) else { panic!("there are Polos") };
        assert!(cars.iter().all(|car| car.model == "Polo" && car.price_eur <= 20_000));
        assert!(cars.windows(2).all(|pair| pair[0].price_eur <= pair[1].price_eur));
    }

    #[test]
    fn a_car_just_over_the_budget_is_nearer_than_another_model() {
        let inventory = Dealer::builtin().inventory;
        let polos = inventory.cars().iter().filter(|car| car.model == "Polo").map(|car| car.price_eur).min();
        let wishes = wishes(|w| {
            w.model = Some("Polo".into());
            w.price_max_eur = polos.map(|price| price - 500);
        });
        let Search::Nearest(cars) = search(&inventory, &wishes, 3) else { panic!("none is so cheap") };
        assert_eq!(cars[0].model, "Polo");
    }

    #[test]
    fn an_empty_inventory_finds_nothing() {
        assert_eq!(search(&Inventory::default(), &Entities::default(), 3), Search::Nothing);
    }
}
