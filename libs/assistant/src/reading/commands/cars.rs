//! Cars a clause points at, and what is wished of one.

use super::phrases::Cue;
use super::scan::{Asks, Clause, Scan};
use super::{Draft, Reader, budgets, picks};
use crate::command::{CarRef, Command};
use crate::reading::amounts::{Amount, Kind, Limit};
use crate::reading::cars::CarMention;
use crate::reading::moments::Known;
use crate::reading::ownership::{self, Whose};
use crate::reading::properties::{Property, PropertyMention};
use crate::reading::text::{Mark, squeeze};
use crate::reading::wishes::is_negated;
use crate::state::Asked;
use crate::turn::Message;
use crate::wishes::{Model, Order, Purpose, Wishes};

/// Whether a car named is the customer's own.
pub(super) fn is_own(reader: &Reader<'_>, car: &CarMention) -> bool {
    let scan = reader.scan;
    let Some(clause) = scan.clauses.iter().find(|clause| (clause.from..clause.to).contains(&car.from)) else {
        return false;
    };
    let possessed = is_possessed(reader, clause, car);
    // "Mijn auto inruilen als ik de i10 koop": what is bought is not theirs.
    let bought = [Cue::Buy, Cue::NotBuy]
        .iter()
        .any(|cue| scan.hits_of(clause, *cue).any(|hit| (hit.from..hit.to).contains(&car.from)));
    let traded_in = || {
        let cars: Vec<CarMention> = scan.cars_in(clause).cloned().collect();
        ownership::whose(&scan.text, &cars, car) == Whose::TradedIn
    };
    let repaired = scan.has(clause, Cue::Workshop) && !scan.any(clause, &[Cue::NotWorkshop, Cue::Subject]);
    let trades = scan.has(clause, Cue::TradeIn) && !scan.has(clause, Cue::NotTradeIn);
    let same = car.model.is_some() && car.model == reader.state.trade_in.model && scan.anywhere(Cue::TradeIn);
    possessed || same || repaired || (trades && !bought && traded_in())
}

/// "Mijn oude Polo", and not "mijn man wil de Polo".
pub(super) fn is_possessed(reader: &Reader<'_>, clause: &Clause, car: &CarMention) -> bool {
    (1..=3).any(|back| {
        car.from >= clause.from + back
            && reader.scan.covers(Cue::OwnCar, car.from - back)
            && !(1..back).any(|nearer| reader.scan.covers(Cue::Definite, car.from - nearer))
    })
}

/// So many cars of a clause are looked at.
const MOST_CARS: usize = 8;

/// The cars named in a clause that are for sale, as far as the customer goes.
fn wanted<'r>(reader: &'r Reader<'_>, clause: &Clause) -> Vec<&'r CarMention> {
    reader
        .scan
        .cars_in(clause)
        .take(MOST_CARS)
        .filter(|car| !is_own(reader, car) && !is_negated(&reader.scan.text, car.from))
        .collect()
}

/// Whether a car is one of a kind looked for: "een Polo", "Polo's".
fn is_any(reader: &Reader<'_>, car: &CarMention) -> bool {
    let scan = reader.scan;
    let plural = car.model.as_ref().is_some_and(|model| {
        let word = &scan.text.tokens[car.to - 1].norm;
        word.strip_suffix('s').is_some_and(|stem| squeeze(model).ends_with(stem))
            && !squeeze(model).ends_with(word.as_str())
    });
    // "The V60's history" is of one.
    let possessive = scan.language == Some(dealer::Language::En)
        && scan.text.raw_of(car.from, car.to).contains(['\'', '’']);
    // "3 Series" is one's name, and no more of them.
    let by_name =
        || !reader.knowledge.gazetteer.models(&squeeze(scan.text.raw_of(car.from, car.to))).is_empty();
    (plural && !possessive && !by_name())
        || before_noun(scan, car.from)
            .is_some_and(|at| scan.covers(Cue::Indefinite, at) && !scan.covers(Cue::Definite, at))
}

/// The word before a noun and the properties that stand before it.
fn before_noun(scan: &Scan<'_>, at: usize) -> Option<usize> {
    let is_property = |at: usize| scan.properties.iter().any(|one| (one.from..one.to).contains(&at));
    (0..at).rev().find(|at| !is_property(*at) && !scan.covers(Cue::Wish, *at))
}

/// Whether a car is pointed at: "die Polo", "de grijze".
pub(super) fn is_definite(reader: &Reader<'_>, at: usize) -> bool {
    before_noun(reader.scan, at).is_some_and(|at| reader.scan.covers(Cue::Definite, at))
}

const KINDS: [(Property, Cue); 4] = [
    (Property::Fuel, Cue::Fuel),
    (Property::Transmission, Cue::Gearbox),
    (Property::Color, Cue::Color),
    (Property::Body, Cue::Body),
];

/// Whether a property is asked about: "is het een automaat?", and not "is de grijze er nog?".
pub(super) fn is_asked_about(reader: &Reader<'_>, clause: &Clause, property: &PropertyMention) -> bool {
    let scan = reader.scan;
    let Some((_, cue)) = KINDS.iter().find(|(kind, _)| *kind == property.property) else { return false };
    let in_question = scan.hits_of(clause, *cue).any(|hit| (hit.from..hit.to).contains(&property.from));
    if !in_question {
        return false;
    }
    let is_property = |at: usize| scan.properties.iter().any(|one| one.from == at);
    let is_car = |at: usize| scan.text.tokens.get(at).is_some_and(|token| token.mark == Mark::Car);
    let before_a_car = is_car(property.to) || (is_property(property.to) && is_car(property.to + 1));
    let of_another = is_definite(reader, property.from) && !scan.has(clause, Cue::Subject);
    let behind_a_car = scan.cars_in(clause).any(|car| car.to <= property.from);
    let other_question =
        [Cue::Available, Cue::Drive, Cue::Price, Cue::Mileage].iter().any(|cue| scan.has(clause, *cue));
    !(before_a_car || of_another || (behind_a_car && other_question))
}

/// The cars a clause points at, in the order they are named.
pub(super) fn refs(reader: &Reader<'_>, clause: &Clause) -> Vec<CarRef> {
    let scan = reader.scan;
    let cars = wanted(reader, clause);
    let mut refs: Vec<CarRef> = cars
        .iter()
        .map(|car| CarRef {
            described: named(car),
            variant: variant(reader, clause, car),
            ..CarRef::default()
        })
        .collect();
    let mut alone = CarRef::default();
    let own = scan.cars_in(clause).any(|car| is_own(reader, car));
    for property in scan.properties_in(clause) {
        if is_asked_about(reader, clause, property)
            || is_negated(&scan.text, property.from)
            || (own && cars.is_empty())
        {
            continue;
        }
        match owner(scan, &cars, property) {
            Some(at) => describe(&mut refs[at].described, property),
            None if is_definite(reader, property.from) || stands_alone(reader, clause, property) => {
                describe(&mut alone.described, property);
                alone.pointing = true;
            }
            None => {}
        }
    }
    if refs.is_empty() {
        alone.variant = variant_alone(reader, clause);
        alone.pointing |= !alone.variant.is_empty();
    }
    if !alone.described.is_empty() || !alone.variant.is_empty() {
        refs.push(alone);
    }
    year(reader, clause, &mut refs);
    if refs.is_empty()
        && let Some(price) = price_of_one(reader, clause)
    {
        let described =
            Wishes { price_min_eur: Some(price), price_max_eur: Some(price), ..Wishes::default() };
        refs.push(CarRef { described, pointing: true, ..CarRef::default() });
    }
    if let Some(plate) = scan.plate.as_ref().filter(|plate| (clause.from..clause.to).contains(&plate.from)) {
        let plate = Some(plate.value.clone());
        match refs.as_mut_slice() {
            [only] => only.plate = plate,
            _ => refs.push(CarRef { plate, ..CarRef::default() }),
        }
    }
    if let Some(link) = scan.link.as_ref().filter(|link| (clause.from..clause.to).contains(&link.from)) {
        refs.push(CarRef { link: Some(link.value.clone()), ..CarRef::default() });
    }
    if refs.is_empty()
        && let Some(place) = place(reader, clause)
    {
        refs.push(CarRef { place: Some(place), ..CarRef::default() });
    }
    refs
}

/// "De eerste", where cars and no moments were listed.
fn place(reader: &Reader<'_>, clause: &Clause) -> Option<i8> {
    let listed = !reader.state.shown.is_empty() || reader.state.focus.len() > 1;
    let asked = matches!(reader.state.asked, Some(Asked::WhichCar { .. } | Asked::AnyCar { .. }));
    // "My last application", "hoort er een tweede sleutel bij": no place in the list.
    let long = clause.to - clause.from > SHORT_PLACE;
    let other = reader.any(clause, &[Cue::OwnCar, Cue::Feature, Cue::Cheapest, Cue::Newest]);
    if reader.has_offer() || !(listed || asked) || other || (long && !reader.has(clause, Cue::Definite)) {
        return None;
    }
    beside(reader, clause).or_else(|| picks::place(reader, clause))
}

/// "Die ervoor", "the one after that": the car on the list beside the one in talk.
fn beside(reader: &Reader<'_>, clause: &Clause) -> Option<i8> {
    let focus = reader.state.focus.first()?;
    let at = reader.state.shown.iter().position(|id| id == focus)?;
    let next = if reader.has(clause, Cue::OneBefore) {
        at.checked_sub(1)?
    } else if reader.has(clause, Cue::OneAfter) {
        at + 1
    } else {
        return None;
    };
    let place = i8::try_from(next + 1).ok()?;
    (next < reader.state.shown.len()).then_some(place)
}

/// In so few words a place needs no article: "laatste graag".
const SHORT_PLACE: usize = 4;

/// The car of `cars` that a property belongs to.
fn owner(scan: &Scan<'_>, cars: &[&CarMention], property: &PropertyMention) -> Option<usize> {
    let right_before = cars.iter().position(|car| {
        car.from >= property.to
            && scan.properties.iter().any(|last| last.from >= property.from && last.to == car.from)
    });
    right_before.or_else(|| cars.iter().rposition(|car| car.to <= property.from))
}

/// A property that is the whole answer to "which of these?".
fn stands_alone(reader: &Reader<'_>, clause: &Clause, property: &PropertyMention) -> bool {
    matches!(reader.state.asked, Some(Asked::WhichCar { .. }))
        && clause.to - clause.from <= 4
        && property.from >= clause.from
}

fn named(car: &CarMention) -> Wishes {
    let mut wishes = Wishes { make: car.make.clone(), ..Wishes::default() };
    if let (Some(make), Some(model)) = (&car.make, &car.model) {
        wishes.models.push(Model { make: make.clone(), model: model.clone() });
    }
    wishes
}

fn push(list: &mut Vec<String>, value: &str) {
    if !list.iter().any(|one| one == value) {
        list.push(value.to_owned());
    }
}

fn describe(wishes: &mut Wishes, property: &PropertyMention) {
    match property.property {
        Property::Fuel => push(&mut wishes.fuels, property.value),
        Property::Transmission => wishes.transmission = Some(property.value.to_owned()),
        Property::Body => push(&mut wishes.bodies, property.value),
        Property::Color => push(&mut wishes.colors, property.value),
    }
}

/// "De Golf uit 2019": the year tells which.
fn year(reader: &Reader<'_>, clause: &Clause, refs: &mut [CarRef]) {
    let asked = clause.question()
        && reader.any(clause, &[Cue::Year, Cue::Subject])
        && !reader.has(clause, Cue::Available);
    let year = reader
        .scan
        .amounts_in(clause)
        .find(|amount| amount.kind == Kind::Year && amount.limit == Limit::Both)
        // "My 2015 Corsa for the Clio": the year belongs to the car beside it.
        .filter(|amount| {
            let beside = reader.scan.cars_in(clause).find(|car| amount.to == car.from);
            let behind = reader.scan.cars_in(clause).filter(|car| car.to <= amount.from).last();
            beside.or(behind).is_none_or(|car| !is_own(reader, car))
        });
    if let (Some(amount), [only]) = (year, refs)
        && !asked
    {
        (only.described.year_min, only.described.year_max) = (Some(amount.value), Some(amount.value));
    }
}

/// "Die van 14.950": the price tells which of the cars shown.
fn price_of_one(reader: &Reader<'_>, clause: &Clause) -> Option<i32> {
    let amount =
        reader.scan.amounts_in(clause).find(|amount| amount.kind == Kind::Price && !amount.limited)?;
    let pointed = (1..=2).any(|back| {
        amount.from >= clause.from + back && reader.scan.covers(Cue::Definite, amount.from - back)
    });
    (pointed && !reader.state.shown.is_empty() && !reader.scan.has(clause, Cue::Bid)).then_some(amount.value)
}

/// How far behind a car's name its variant may stand.
const VARIANT_WITHIN: usize = 4;

/// Words of a variant beside a car's name, as the inventory spells them.
fn variant(reader: &Reader<'_>, clause: &Clause, car: &CarMention) -> Vec<String> {
    let scan = reader.scan;
    let end = clause.to.min(car.to + VARIANT_WITHIN);
    let of_model = |variant: &str, model: &str| {
        car.model.as_ref().is_none_or(|named| squeeze(model) == squeeze(named)).then(|| words_of(variant))
    };
    let mut found = Vec::new();
    for at in car.to..end {
        let token = &scan.text.tokens[at];
        let free = token.mark == Mark::None && token.norm.len() > 1 && !token.is_number();
        if !free || scan.properties.iter().any(|one| (one.from..one.to).contains(&at)) {
            continue;
        }
        let cars = reader.knowledge.inventory.cars();
        let known = cars
            .iter()
            .any(|one| of_model(&one.variant, &one.model).is_some_and(|words| words.contains(&token.norm)));
        if known {
            found.push(token.norm.clone());
        }
    }
    found
}

/// "Die GTE", "de Sports Tourer": words of one variant alone, pointed at.
fn variant_alone(reader: &Reader<'_>, clause: &Clause) -> Vec<String> {
    let scan = reader.scan;
    let cars = reader.knowledge.inventory.cars();
    let word = |at: usize| scan.text.tokens[at].norm.as_str();
    let opens = |at: &usize| {
        let token = &scan.text.tokens[*at];
        let own = token.mark == Mark::None
            && token.norm.len() > 1
            && !crate::reading::language::is_common(&token.norm);
        own && scan.covers(Cue::Definite, at - 1)
            && cars.iter().any(|car| words_of(&car.variant).iter().any(|one| one == word(*at)))
    };
    let Some(from) = (clause.from + 1..clause.to).find(opens) else { return Vec::new() };
    let longest = cars
        .iter()
        .map(|car| {
            let words = words_of(&car.variant);
            (from..clause.to).take_while(|at| words.iter().any(|one| one == word(*at))).count()
        })
        .max()
        .unwrap_or_default();
    (from..from + longest).map(|at| word(at).to_owned()).collect()
}

fn words_of(variant: &str) -> Vec<String> {
    variant.split(|char: char| !char.is_alphanumeric()).filter(|word| word.len() > 1).map(squeeze).collect()
}

/// Whether a clause names a definite car; "een Polo" and "Polo's" are none.
pub(super) fn names_definite(reader: &Reader<'_>, clause: &Clause) -> bool {
    let cars = wanted(reader, clause);
    let by_car = cars.iter().any(|car| !is_any(reader, car) && is_definite(reader, car.from));
    let by_other = refs(reader, clause).iter().any(|car| {
        car.plate.is_some() || car.link.is_some() || car.place.is_some() || (car.pointing && cars.is_empty())
    });
    by_car || by_other
}

/// Whether a clause names a car of a kind looked for.
pub(super) fn names_any(reader: &Reader<'_>, clause: &Clause) -> bool {
    wanted(reader, clause).iter().any(|car| is_any(reader, car))
}

/// Everything a clause wishes of a car.
pub(super) fn wishes(reader: &Reader<'_>, clause: &Clause) -> Wishes {
    let scan = reader.scan;
    let mut wishes = Wishes::default();
    for car in scan.cars_in(clause).take(MOST_CARS).filter(|car| !is_own(reader, car)) {
        if is_negated(&scan.text, car.from) {
            match (&car.model, &car.make) {
                (Some(model), _) => push(&mut wishes.not.models, model),
                (None, Some(make)) => push(&mut wishes.not.makes, make),
                (None, None) => {}
            }
        } else {
            join(&mut wishes, &named(car));
        }
    }
    let properties: Vec<&PropertyMention> = scan.properties_in(clause).collect();
    let indifferent = scan.has(clause, Cue::NoMatter) && properties.len() < 2;
    for property in properties {
        let refused = !clause.question() && scan.covers(Cue::NotWanted, property.from);
        if is_negated(&scan.text, property.from) || refused {
            exclude(&mut wishes, property);
        } else if !indifferent {
            describe(&mut wishes, property);
        }
    }
    for amount in scan.amounts_in(clause) {
        limit(&mut wishes, amount);
    }
    if let Some(price) = budgets::short(reader, clause) {
        wishes.price_max_eur = wishes.price_max_eur.or(Some(price));
    }
    wishes.purpose =
        [(Cue::HighSeat, Purpose::HighSeat), (Cue::Family, Purpose::Family), (Cue::SmallCar, Purpose::Small)]
            .into_iter()
            .find(|(cue, _)| scan.has(clause, *cue))
            .map(|(_, purpose)| purpose);
    wishes.order = [
        (Cue::Cheapest, Order::Cheapest),
        (Cue::Dearest, Order::Dearest),
        (Cue::Newest, Order::Newest),
        (Cue::FewestKm, Order::FewestKilometres),
    ]
    .into_iter()
    .find(|(cue, _)| scan.has(clause, *cue))
    .map(|(_, order)| order)
    .or_else(|| budgets::is_about(reader, clause).then_some(Order::NearLimit));
    // Another kind of car than the one spoken of: "mein Nachbar sucht einen Kleinwagen".
    let asks_on = !reader.state.focus.is_empty() && clause.opens() && !scan.has(clause, Cue::Pronoun);
    let another_kind = reader.state.wishes.names_a_car()
        && (scan.has(clause, Cue::OnlyDrives)
            || (scan.has(clause, Cue::Search)
                && (wishes.purpose.is_some()
                    || !wishes.bodies.is_empty()
                    || (asks_on && wishes.price_max_eur.is_some()))));
    wishes.fresh = (scan.has(clause, Cue::Else) || another_kind) && !wishes.names_a_car();
    wishes
}

fn exclude(wishes: &mut Wishes, property: &PropertyMention) {
    let list = match property.property {
        Property::Fuel => &mut wishes.not.fuels,
        Property::Transmission => &mut wishes.not.transmissions,
        Property::Body => &mut wishes.not.bodies,
        Property::Color => &mut wishes.not.colors,
    };
    push(list, property.value);
}

/// Nobody wishes fewer kilometres.
const LEAST_MILEAGE: i32 = 5_000;

fn limit(wishes: &mut Wishes, amount: &Amount) {
    let value = Some(amount.value);
    match (amount.kind, amount.limit) {
        (Kind::Price, Limit::Least) => wishes.price_min_eur = value,
        (Kind::Price, _) => wishes.price_max_eur = value,
        (Kind::Month, _) => wishes.month_max_eur = value,
        // "1200 kilo" is what a caravan weighs.
        (Kind::Mileage, _) if amount.value < LEAST_MILEAGE => {}
        (Kind::Mileage, Limit::Least) => {}
        (Kind::Mileage, _) => wishes.mileage_max_km = value,
        (Kind::Year, Limit::Least) => wishes.year_min = value,
        (Kind::Year, Limit::Most) => wishes.year_max = value,
        (Kind::Year, Limit::Both) => (wishes.year_min, wishes.year_max) = (value, value),
    }
}

/// Adds what is wished in the same breath: "een Golf of een Polo", "benzine of hybride".
pub(super) fn join(wishes: &mut Wishes, more: &Wishes) {
    for model in &more.models {
        if !wishes.models.contains(model) {
            wishes.models.push(model.clone());
        }
    }
    let several_makes = wishes.make.is_some() && more.make.is_some() && wishes.make != more.make;
    wishes.make = if several_makes && !wishes.models.is_empty() {
        None
    } else {
        more.make.clone().or(wishes.make.take())
    };
    for (mine, theirs) in [
        (&mut wishes.fuels, &more.fuels),
        (&mut wishes.bodies, &more.bodies),
        (&mut wishes.colors, &more.colors),
        (&mut wishes.not.makes, &more.not.makes),
        (&mut wishes.not.models, &more.not.models),
        (&mut wishes.not.fuels, &more.not.fuels),
        (&mut wishes.not.transmissions, &more.not.transmissions),
        (&mut wishes.not.bodies, &more.not.bodies),
        (&mut wishes.not.colors, &more.not.colors),
    ] {
        for value in theirs {
            push(mine, value);
        }
    }
    wishes.price_min_eur = more.price_min_eur.or(wishes.price_min_eur);
    wishes.price_max_eur = more.price_max_eur.or(wishes.price_max_eur);
    wishes.month_max_eur = more.month_max_eur.or(wishes.month_max_eur);
    wishes.year_min = more.year_min.or(wishes.year_min);
    wishes.year_max = more.year_max.or(wishes.year_max);
    wishes.mileage_max_km = more.mileage_max_km.or(wishes.mileage_max_km);
    wishes.transmission = more.transmission.clone().or(wishes.transmission.take());
    wishes.purpose = wishes.purpose.or(more.purpose);
    wishes.order = wishes.order.or(more.order);
    wishes.fresh |= more.fresh;
}

/// The cars of the adverts that customers came from.
pub(super) fn adverts(messages: &[Message], reader: &Reader<'_>) -> Vec<CarRef> {
    let headlines = messages.iter().filter_map(|message| message.advert.as_deref());
    headlines.map(|headline| advert(headline, reader)).collect()
}

fn advert(headline: &str, reader: &Reader<'_>) -> CarRef {
    let scan = Scan::new(headline, reader.now, Known::default(), &reader.knowledge.gazetteer);
    let of_headline = Reader { scan: &scan, ..*reader };
    let mut car = CarRef { advert: Some(headline.to_owned()), ..CarRef::default() };
    let Some(mention) = scan.cars.first() else { return car };
    car.described = named(mention);
    for property in &scan.properties {
        describe(&mut car.described, property);
    }
    let whole = Clause {
        from: 0,
        to: scan.text.len(),
        sentence: 0,
        asks: Asks::No,
        condition: false,
        correction: false,
    };
    car.variant = variant(&of_headline, &whole, mention);
    car
}

/// Puts the car of an advert where a command means "this one".
pub(super) fn with_adverts(adverts: Vec<CarRef>, drafts: &mut Vec<Draft>) {
    let Some(car) = adverts.into_iter().last() else { return };
    let mut used = false;
    for draft in drafts.iter_mut() {
        match &mut draft.command {
            Command::Tell { cars, .. } if cars.is_empty() => *cars = vec![car.clone()],
            Command::Drive { car: slot @ None, .. }
            | Command::Finance { car: slot @ None }
            | Command::Buy { car: slot @ None, .. }
            | Command::Bid { car: slot @ None, .. }
            | Command::Discount { car: slot @ None } => *slot = Some(car.clone()),
            Command::Tell { .. } | Command::Drive { .. } | Command::Show(_) => {}
            _ => continue,
        }
        used = true;
    }
    if !used {
        let clause = drafts.last().map_or(0, |draft| draft.clause);
        drafts.retain(|draft| !matches!(draft.command, Command::AskColleague { .. } | Command::Unclear));
        drafts.push(Draft {
            command: Command::Tell { cars: vec![car], fields: Vec::new() },
            plain: crate::command::Plain::Clear,
            clause,
            from: 0,
            to: 0,
            correction: false,
            instead_of: Vec::new(),
        });
    }
}
