//! The cars for sale: which meet a wish, and which one a customer points at.

use dealer::{Car, Inventory};

use crate::command::CarRef;
use crate::piece::{Fit, Miss};
use crate::state::State;
use crate::wishes::{Excluded, Model, Order, Purpose, Wishes};

/// What a search found, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// How the cars fit.
    pub fit: Fit,
    /// The cars; none when nothing comes near.
    pub cars: Vec<&'a Car>,
}

/// A car as resolved from a [`CarRef`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved<'a> {
    /// This one.
    One(&'a Car),
    /// Any of these, best first.
    Several(Vec<&'a Car>),
    /// Definitely named, and not for sale: its name in words.
    NotInStock(String),
    /// Nothing tells.
    Nothing,
}

/// Misses that weigh so much together are no answer to the wish any more: another model with one other miss still is.
const NEAR: u32 = 60;

/// A car that misses so much more than the best one is not shown beside it.
const BESIDE: u32 = 20;

/// At most `limit` cars that meet every wish, else those that come nearest. What is excluded is never found.
pub fn search<'a>(inventory: &'a Inventory, wishes: &Wishes, limit: usize) -> Found<'a> {
    let mut ranked: Vec<(u32, Vec<Miss>, &Car)> = inventory
        .cars()
        .iter()
        .filter(|car| !is_excluded(car, &wishes.not))
        .map(|car| {
            let misses = misses(car, wishes);
            (
                misses.iter().map(|(_, weight)| weight).sum(),
                misses.into_iter().map(|(miss, _)| miss).collect(),
                car,
            )
        })
        .collect();
    ranked.sort_by_key(|(weight, _, car)| (*weight, rank(car, wishes.order)));
    let meets: Vec<&Car> =
        ranked.iter().take_while(|(weight, ..)| *weight == 0).map(|(.., car)| *car).take(limit).collect();
    if !meets.is_empty() {
        return Found { fit: Fit::All, cars: meets };
    }
    let best = ranked.first().map_or(NEAR, |(weight, ..)| *weight);
    let near: Vec<&(u32, Vec<Miss>, &Car)> = ranked
        .iter()
        .take_while(|(weight, ..)| *weight <= NEAR.min(best.saturating_add(BESIDE)))
        .take(limit)
        .collect();
    let mut missed: Vec<Miss> = Vec::new();
    for miss in near.iter().flat_map(|(_, misses, _)| misses) {
        if !missed.contains(miss) {
            missed.push(*miss);
        }
    }
    // Who wishes a convertible and nothing else is not shown every car there is.
    let nothing_else = matches!(missed.as_slice(), [Miss::Body | Miss::Fuel]) && is_one_wish(wishes);
    if near.is_empty() || nothing_else {
        return Found { fit: Fit::None, cars: Vec::new() };
    }
    let fit = Fit::Nearest(missed);
    Found { fit, cars: near.into_iter().map(|(.., car)| *car).collect() }
}

/// Whether a car is as it was described.
pub(crate) fn is_as_described(car: &Car, described: &Wishes) -> bool {
    !described.is_empty() && misses(car, described).is_empty() && !is_excluded(car, &described.not)
}

/// Whether a kind of body or fuel is all that is wished.
fn is_one_wish(wishes: &Wishes) -> bool {
    let bare = Wishes { bodies: Vec::new(), fuels: Vec::new(), purpose: None, ..wishes.clone() };
    bare.is_empty() && (wishes.bodies.is_empty() || wishes.fuels.is_empty())
}

fn rank(car: &Car, order: Option<Order>) -> (i32, i32) {
    match order {
        Some(Order::Dearest | Order::NearLimit) => (-car.price_eur, car.mileage_km),
        Some(Order::Newest) => (-car.year, car.price_eur),
        Some(Order::FewestKilometres) => (car.mileage_km, car.price_eur),
        Some(Order::Cheapest) | None => (car.price_eur, car.mileage_km),
    }
}

fn is_excluded(car: &Car, not: &Excluded) -> bool {
    let has = |list: &[String], value: &str| list.iter().any(|one| one.eq_ignore_ascii_case(value));
    has(&not.makes, &car.make)
        || not.models.iter().any(|model| is_model(car, model))
        || has(&not.fuels, &car.fuel)
        || has(&not.transmissions, &car.transmission)
        || has(&not.bodies, &car.body_type)
        || has(&not.colors, &car.color)
}

/// What a car misses of the wishes, each with its weight.
fn misses(car: &Car, wishes: &Wishes) -> Vec<(Miss, u32)> {
    let mut misses = Vec::new();
    let mut miss = |kind: Miss, weight: u32| {
        if weight > 0 {
            misses.push((kind, weight));
        }
    };
    if !wishes.models.is_empty() && !wishes.models.iter().any(|model| is_wished(car, model)) {
        miss(Miss::Model, 45);
    } else if wishes.models.is_empty()
        && wishes.make.as_deref().is_some_and(|make| !make.eq_ignore_ascii_case(&car.make))
    {
        miss(Miss::Model, 40);
    }
    if !wishes.fuels.is_empty() && !wishes.fuels.iter().any(|fuel| burns(car, fuel)) {
        miss(Miss::Fuel, 35);
    }
    if wishes.transmission.as_deref().is_some_and(|wish| wish != car.transmission) {
        miss(Miss::Gearbox, 30);
    }
    let bodies = bodies(wishes);
    if !bodies.is_empty() && !bodies.contains(&car.body_type.as_str()) {
        miss(Miss::Body, 35);
    }
    if !wishes.colors.is_empty() && !wishes.colors.contains(&car.color) {
        miss(Miss::Color, 12);
    }
    miss(
        Miss::Price,
        over(car.price_eur, wishes.price_max_eur) * 3 + under(car.price_eur, wishes.price_min_eur),
    );
    miss(Miss::Mileage, over(car.mileage_km, wishes.mileage_max_km));
    let short = wishes.year_min.map_or(0, |least| (least - car.year).max(0));
    let long = wishes.year_max.map_or(0, |most| (car.year - most).max(0));
    miss(Miss::Year, u32::try_from((short + long) * 12).unwrap_or(1000));
    misses
}

/// The bodies wished, or those that suit the purpose.
fn bodies(wishes: &Wishes) -> Vec<&str> {
    if !wishes.bodies.is_empty() {
        return wishes.bodies.iter().map(String::as_str).collect();
    }
    match wishes.purpose {
        Some(Purpose::Family) => vec!["estate", "suv", "mpv"],
        Some(Purpose::HighSeat) => vec!["suv", "mpv"],
        Some(Purpose::Small) => vec!["hatchback"],
        None => Vec::new(),
    }
}

/// Whether a car's fuel is the one wished; who wishes a hybrid may be shown a plug-in one, not the other way round.
fn burns(car: &Car, fuel: &str) -> bool {
    car.fuel == fuel
}

fn is_wished(car: &Car, model: &Model) -> bool {
    (model.make.is_empty() || model.make.eq_ignore_ascii_case(&car.make)) && is_model(car, &model.model)
}

/// Whether a car is of this model; "e-Niro" is the electric Niro, "e-2008" the electric 2008.
fn is_model(car: &Car, model: &str) -> bool {
    let own = squeezed(&car.model);
    let named = squeezed(model);
    if own == named {
        return true;
    }
    named.strip_prefix('e').is_some_and(|rest| rest == own) && car.fuel == "electric"
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
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
    u32::try_from(per_cent.clamp(1, 300)).unwrap_or(300)
}

/// The car a customer points at, given what the talk has been about.
pub fn resolve<'a>(reference: &CarRef, state: &State, inventory: &'a Inventory) -> Resolved<'a> {
    if let Some(plate) = &reference.plate
        && let Some(car) = by_plate(inventory, plate)
    {
        return Resolved::One(car);
    }
    if let Some(link) = &reference.link
        && let Some(car) = by_link(inventory, link)
    {
        return Resolved::One(car);
    }
    if let Some(place) = reference.place {
        let list: Vec<&Car> = state.shown.iter().filter_map(|id| inventory.get(id)).collect();
        let at = if place < 0 { list.len().checked_sub(1) } else { usize::try_from(place - 1).ok() };
        if let Some(car) = at.and_then(|at| list.get(at)) {
            return Resolved::One(car);
        }
    }
    if reference.plate.is_some() && !reference.described.names_a_car() {
        return Resolved::NotInStock(reference.plate.clone().unwrap_or_default());
    }
    if reference.described.is_empty() && reference.variant.is_empty() {
        return spoken_of(state, inventory);
    }
    described(reference, state, inventory)
}

fn by_plate<'a>(inventory: &'a Inventory, plate: &str) -> Option<&'a Car> {
    let plate = squeezed(plate);
    inventory.cars().iter().find(|car| car.license_plate.as_deref().is_some_and(|own| squeezed(own) == plate))
}

/// The car a link leads to: by its own page, its id, its plate, or the words of the address.
fn by_link<'a>(inventory: &'a Inventory, link: &str) -> Option<&'a Car> {
    let link = link.to_lowercase();
    let words: Vec<String> = link
        .split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let address = squeezed(&link);
    let exact = inventory.cars().iter().find(|car| {
        car.url.as_deref().is_some_and(|url| squeezed(url) == address)
            || link.contains(&car.id.to_lowercase())
            || car.license_plate.as_deref().is_some_and(|plate| address.contains(&squeezed(plate)))
    });
    exact.or_else(|| {
        let scored = inventory
            .cars()
            .iter()
            .filter(|car| address.contains(&squeezed(&car.make)) && address.contains(&squeezed(&car.model)))
            .map(|car| {
                let described =
                    format!("{} {} {} {}", car.variant, car.year, car.fuel, car.color).to_lowercase();
                let hits =
                    described.split_whitespace().filter(|word| words.iter().any(|one| one == word)).count();
                (hits, car)
            });
        only_best(scored.collect())
    })
}

/// The one with the highest score, when no other has as much.
fn only_best(mut scored: Vec<(usize, &Car)>) -> Option<&Car> {
    scored.sort_by_key(|(hits, _)| std::cmp::Reverse(*hits));
    match scored.as_slice() {
        [(_, only)] => Some(only),
        [(best, car), (second, _), ..] if best > second => Some(car),
        _ => None,
    }
}

/// "hij", "die auto": what the talk is about.
fn spoken_of<'a>(state: &State, inventory: &'a Inventory) -> Resolved<'a> {
    if let Some(missing) = &state.missing_car {
        return Resolved::NotInStock(missing.clone());
    }
    let shown: Vec<&Car> = state.shown.iter().filter_map(|id| inventory.get(id)).collect();
    let focus = state.focus.first().and_then(|id| inventory.get(id));
    match (focus, shown.as_slice()) {
        (Some(car), _) => Resolved::One(car),
        (None, [only]) => Resolved::One(only),
        (None, []) => Resolved::Nothing,
        (None, _) => Resolved::Several(shown),
    }
}

fn described<'a>(reference: &CarRef, state: &State, inventory: &'a Inventory) -> Resolved<'a> {
    let wish = &reference.described;
    let spoken: Vec<&Car> = state.focus.iter().chain(&state.shown).filter_map(|id| inventory.get(id)).fold(
        Vec::new(),
        |mut seen, car| {
            if !seen.contains(&car) {
                seen.push(car);
            }
            seen
        },
    );
    let fits = |car: &&Car| {
        misses(car, wish).is_empty() && !is_excluded(car, &wish.not) && is_variant(car, reference)
    };
    // "die grijze" means one of those spoken of; so does a colour or a fuel alone.
    if !wish.names_a_car() {
        let mut among: Vec<&Car> = spoken.iter().copied().filter(fits).collect();
        if wish.order.is_some() {
            among.sort_by_key(|car| rank(car, wish.order));
        }
        match among.as_slice() {
            [only] => return Resolved::One(only),
            // "Die met de minste kilometers": one comes first.
            [first, second, ..]
                if wish.order.is_some() && rank(first, wish.order).0 < rank(second, wish.order).0 =>
            {
                return Resolved::One(first);
            }
            [] => {}
            _ => return Resolved::Several(among),
        }
    }
    // "En de grijze?": of the model the talk is about, before any other.
    if !wish.names_a_car()
        && let Some(focus) = state.focus.first().and_then(|id| inventory.get(id))
    {
        let alike = |car: &&Car| car.make == focus.make && car.model == focus.model;
        let same: Vec<&Car> = inventory.cars().iter().filter(fits).filter(alike).collect();
        match same.as_slice() {
            [only] => return Resolved::One(only),
            [] => {}
            _ => return Resolved::Several(same),
        }
    }
    let all: Vec<&Car> = inventory.cars().iter().filter(fits).collect();
    match all.as_slice() {
        [only] => return Resolved::One(only),
        [] => {}
        several => return narrowed(several, &spoken, state),
    }
    // The model is there, not in that colour or with that fuel.
    let named: Vec<&Car> =
        inventory.cars().iter().filter(|car| wish.models.iter().any(|model| is_wished(car, model))).collect();
    if named.is_empty() {
        return name_of(wish).map_or(Resolved::Nothing, Resolved::NotInStock);
    }
    let near = search(inventory, wish, 3);
    let near: Vec<&Car> = near.cars.into_iter().filter(|car| named.contains(car)).collect();
    match near.as_slice() {
        [only] => Resolved::One(only),
        [] => narrowed(&named, &spoken, state),
        _ => Resolved::Several(near),
    }
}

/// Of several cars that fit a name, the one spoken of, or the one that meets the wishes so far.
fn narrowed<'a>(cars: &[&'a Car], spoken: &[&'a Car], state: &State) -> Resolved<'a> {
    let focus = state.focus.first();
    if let Some(car) = cars.iter().find(|car| Some(&car.id) == focus) {
        return Resolved::One(car);
    }
    let among: Vec<&Car> = cars.iter().copied().filter(|car| spoken.contains(car)).collect();
    if let [only] = among.as_slice() {
        return Resolved::One(only);
    }
    let rest = if among.is_empty() { cars.to_vec() } else { among };
    let wished = Wishes { make: None, models: Vec::new(), ..state.wishes.clone() };
    let meets: Vec<&Car> = rest.iter().copied().filter(|car| misses(car, &wished).is_empty()).collect();
    match meets.as_slice() {
        [only] if !wished.is_empty() => Resolved::One(only),
        [] => Resolved::Several(rest),
        _ => Resolved::Several(meets),
    }
}

fn is_variant(car: &Car, reference: &CarRef) -> bool {
    let own = format!("{} {}", car.variant, car.model).to_lowercase();
    let own_squeezed = squeezed(&own);
    reference.variant.iter().all(|word| own_squeezed.contains(&squeezed(word)))
}

/// The words of a wish that names a car: "Tesla Model 3".
pub fn name_of(wish: &Wishes) -> Option<String> {
    match (wish.models.first(), &wish.make) {
        (Some(Model { make, model }), _) if make.is_empty() => Some(model.clone()),
        (Some(Model { make, model }), _) => Some(format!("{make} {model}")),
        (None, Some(make)) => Some(make.clone()),
        (None, None) => None,
    }
}

/// Whether a make or model named is for sale at all.
pub fn is_sold(inventory: &Inventory, wish: &Wishes) -> bool {
    inventory.cars().iter().any(|car| {
        if wish.models.is_empty() {
            wish.make.as_deref().is_none_or(|make| make.eq_ignore_ascii_case(&car.make))
        } else {
            wish.models.iter().any(|model| is_wished(car, model))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;

    fn inventory() -> Inventory {
        Knowledge::builtin().inventory.clone()
    }

    fn model(make: &str, model: &str) -> Wishes {
        Wishes {
            make: Some(make.into()),
            models: vec![Model { make: make.into(), model: model.into() }],
            ..Wishes::default()
        }
    }

    fn ids(found: &Found<'_>) -> Vec<String> {
        found.cars.iter().map(|car| car.id.clone()).collect()
    }

    #[test]
    fn matches_meet_every_wish_and_the_cheapest_comes_first() {
        let inventory = inventory();
        let wishes = Wishes {
            transmission: Some("automatic".into()),
            price_max_eur: Some(24_000),
            ..model("Volkswagen", "Golf")
        };
        let found = search(&inventory, &wishes, 5);
        assert_eq!(
            (&found.fit, ids(&found)),
            (&Fit::All, vec!["vw-golf-03".to_owned(), "vw-golf-02".to_owned()])
        );
    }

    #[test]
    fn electric_cars_are_the_electric_ones() {
        let inventory = inventory();
        let wishes = Wishes { fuels: vec!["electric".into()], ..Wishes::default() };
        let found = search(&inventory, &wishes, 5);
        assert_eq!(ids(&found), ["kia-niro-01", "peugeot-2008-01", "vw-id3-01"]);
        for (make, name, id) in [("Kia", "e-Niro", "kia-niro-01"), ("Peugeot", "e-2008", "peugeot-2008-01")] {
            assert_eq!(ids(&search(&inventory, &model(make, name), 5)), [id]);
        }
    }

    #[test]
    fn a_family_is_not_shown_the_smallest_car() {
        let inventory = inventory();
        let wishes =
            Wishes { purpose: Some(Purpose::Family), price_max_eur: Some(16_000), ..Wishes::default() };
        let found = search(&inventory, &wishes, 5);
        assert!(found.cars.iter().all(|car| car.body_type != "hatchback"), "{:?}", ids(&found));
        assert_eq!(found.fit, Fit::All);
    }

    #[test]
    fn what_is_excluded_is_not_found() {
        let inventory = inventory();
        let not =
            Excluded { fuels: vec!["diesel".into()], colors: vec!["black".into()], ..Excluded::default() };
        let wishes = Wishes { bodies: vec!["estate".into()], not, ..Wishes::default() };
        let found = search(&inventory, &wishes, 10);
        assert!(
            found.cars.iter().all(|car| car.fuel != "diesel" && car.color != "black"),
            "{:?}",
            ids(&found)
        );
    }

    #[test]
    fn a_car_is_found_by_plate_place_colour_variant_and_pronoun() {
        let inventory = inventory();
        let golfs = || ["vw-golf-01", "vw-golf-02", "vw-golf-03"].map(str::to_owned).to_vec();
        let state = State { shown: golfs(), ..State::default() };
        let colour = |color: &str| CarRef {
            described: Wishes { colors: vec![color.into()], ..Wishes::default() },
            pointing: true,
            ..CarRef::default()
        };
        for (reference, id) in [
            (CarRef { plate: Some("L946DJ".into()), ..CarRef::default() }, "vw-golf-02"),
            (CarRef { place: Some(-1), ..CarRef::default() }, "vw-golf-03"),
            (colour("black"), "vw-golf-02"),
            (CarRef { variant: vec!["gte".into()], ..CarRef::default() }, "vw-golf-03"),
            (
                CarRef {
                    link: Some("https://example.nl/volkswagen-golf-1-4-tsi-gte-2020".into()),
                    ..CarRef::default()
                },
                "vw-golf-03",
            ),
        ] {
            let resolved = resolve(&reference, &state, &inventory);
            assert!(matches!(resolved, Resolved::One(car) if car.id == id), "{reference:?}: {resolved:?}");
        }
        let focused = State { focus: vec!["vw-golf-02".into()], ..state.clone() };
        let hem = CarRef { pointing: true, ..CarRef::default() };
        assert!(matches!(resolve(&hem, &focused, &inventory), Resolved::One(car) if car.id == "vw-golf-02"));
        assert!(matches!(resolve(&hem, &state, &inventory), Resolved::Several(cars) if cars.len() == 3));
    }

    #[test]
    fn a_car_that_is_not_for_sale_is_said_so() {
        let inventory = inventory();
        let tesla = CarRef { described: model("Tesla", "Model 3"), ..CarRef::default() };
        assert_eq!(
            resolve(&tesla, &State::default(), &inventory),
            Resolved::NotInStock("Tesla Model 3".into())
        );
    }
}
