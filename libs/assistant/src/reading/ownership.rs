//! Whose car is meant in a message about a trade-in: the customer's own, or the one wanted.

use super::cars::CarMention;
use super::text::{Gap, Mark, Text};
use super::words::{Role, Tag, is};

/// Whose car is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Wanted,
    /// The customer's, offered in part exchange.
    TradedIn,
}

const POSSESSIVES: Tag = Tag(Role::Owners, "possessives");
const TOWARDS: Tag = Tag(Role::Owners, "towards");
const WISHING: Tag = Tag(Role::Owners, "wishing");

const SELLING: Tag = Tag(Role::Owners, "selling");

/// Where in a trade-in message the wanted car is spoken of; nothing when it is not.
pub(super) fn wanted_from(text: &Text<'_>, cars: &[CarMention]) -> Option<(usize, usize)> {
    let traded = cars.iter().find(|car| whose(text, cars, car) == Whose::TradedIn);
    for at in 0..text.len() {
        let link = TOWARDS.contains(text.word(at)) || WISHING.contains(text.word(at));
        if !link {
            continue;
        }
        let object = (at + 1..(at + 5).min(text.len())).find(|next| {
            POSSESSIVES.contains(text.word(*next))
                || text.tokens[*next].mark == Mark::Car
                || is(Role::Owners, text.word(*next), "object")
        });
        let Some(object) = object else { continue };
        if POSSESSIVES.contains(text.word(object)) {
            continue;
        }
        let end = traded
            .filter(|car| car.from > at)
            .map_or(text.len(), |car| clause_start(text, car.from).max(at + 1));
        return Some((at, end));
    }
    None
}

fn clause_start(text: &Text<'_>, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| {
            text.gap(*at).has(Gap::COMMA)
                || text.gap(*at).has(Gap::STOP)
                || is(Role::Owners, text.word(*at), "and")
        })
        .unwrap_or(0)
}

/// Whether this car is the customer's own in a message about a trade-in.
pub(super) fn whose(text: &Text<'_>, cars: &[CarMention], car: &CarMention) -> Whose {
    let possessed = |car: &CarMention| {
        (1..=4).any(|back| {
            car.from >= back
                && text.same_clause(car.from - back, car.from)
                && POSSESSIVES.contains(text.before(car.from, back))
                && !(1..back).any(|nearer| {
                    TOWARDS.contains(text.before(car.from, nearer))
                        || text.tokens[car.from - nearer].mark == Mark::Car
                        || is(Role::Owners, text.before(car.from, nearer), "stops_possession")
                })
        }) || (is(Role::Owners, text.before(car.from, 2), "has")
            && is(Role::Owners, text.before(car.from, 1), "article"))
            || (1..=4).any(|back| {
                car.from >= back
                    && text.same_clause(car.from - back, car.from)
                    && is(Role::Owners, text.before(car.from, back), "drives_far")
            })
    };
    let towards = |car: &CarMention| {
        (1..=3).any(|back| {
            car.from >= back
                && text.same_clause(car.from - back, car.from)
                && (TOWARDS.contains(text.before(car.from, back))
                    || WISHING.contains(text.before(car.from, back)))
                && !(1..back).any(|nearer| {
                    POSSESSIVES.contains(text.before(car.from, nearer))
                        || text.tokens[car.from - nearer].mark == Mark::Car
                })
        }) && !is(Role::Owners, text.before(car.from, 2), "values_before")
            && !((1..=6).any(|back| is(Role::Owners, text.before(car.from, back), "asks_value"))
                && cars.len() == 1)
    };
    if possessed(car) {
        return Whose::TradedIn;
    }
    if towards(car) {
        return Whose::Wanted;
    }
    let other = cars.iter().find(|other| *other != car);
    match other {
        Some(other) if possessed(other) => Whose::Wanted,
        Some(other) if towards(other) => Whose::TradedIn,
        Some(other) => {
            if car.from < other.from {
                Whose::TradedIn
            } else {
                Whose::Wanted
            }
        }
        None => {
            let wishing =
                text.tokens[..car.from].iter().any(|token| is(Role::Owners, &token.norm, "wishing_plainly"));
            let sold = text.tokens.iter().any(|token| SELLING.contains(&token.norm));
            if wishing && !sold && !text.same_clause(0, car.from) { Whose::Wanted } else { Whose::TradedIn }
        }
    }
}
