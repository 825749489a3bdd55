//! Whose car is meant in a message about a trade-in: the customer's own, or the one wanted.

use super::cars::CarMention;
use super::text::{Gap, Mark, Text, Words};

/// Whose car is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Wanted,
    /// The customer's, offered in part exchange.
    TradedIn,
}

const POSSESSIVES: Words = Words(
    "mijn mn m onze ons my our mein meine meinen meinem meiner unser unsere unseren unserem huidige \
    current eigen own aktuellen jetzigen zijn haar",
);
const TOWARDS: Words = Words(
    "op voor tegen naar towards against for gegen fur fuer auf toward into bij richting zum beim bei \
    aankoop aanschaf koop kaufe interesse interested",
);
const WISHING: &[&str] = &[
    "zoek",
    "zoeken",
    "wil",
    "willen",
    "kopen",
    "overstappen",
    "looking",
    "want",
    "buy",
    "buying",
    "suche",
    "kaufen",
    "mochte",
    "interesse",
    "interested",
    "interessiert",
    "oog",
    "eye",
    "nieuwe",
    "jullie",
    "your",
    "euren",
    "euer",
    "ihren",
    "eure",
    "stap",
    "overnemen",
    "overweeg",
];

/// Where in a trade-in message the wanted car is spoken of; nothing when it is not.
pub(super) fn wanted_from(text: &Text<'_>, cars: &[CarMention]) -> Option<(usize, usize)> {
    let traded = cars.iter().find(|car| whose(text, cars, car) == Whose::TradedIn);
    for at in 0..text.len() {
        let link = TOWARDS.contains(text.word(at)) || WISHING.contains(&text.word(at));
        if !link {
            continue;
        }
        let object = (at + 1..(at + 5).min(text.len())).find(|next| {
            POSSESSIVES.contains(text.word(*next))
                || text.tokens[*next].mark == Mark::Car
                || matches!(
                    text.word(*next),
                    "een"
                        | "a"
                        | "an"
                        | "einen"
                        | "ein"
                        | "eine"
                        | "jullie"
                        | "die"
                        | "de"
                        | "the"
                        | "iets"
                        | "something"
                        | "etwas"
                        | "deze"
                        | "den"
                        | "newer"
                        | "nieuwere"
                        | "your"
                )
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
                || matches!(text.word(*at), "en" | "and" | "und")
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
                        || matches!(text.before(car.from, nearer), "auto" | "car" | "en" | "and" | "wagen")
                })
        }) || matches!(
            (text.before(car.from, 2), text.before(car.from, 1)),
            (
                "rij" | "drive" | "heb" | "have" | "habe" | "fahre" | "rijd" | "bezit" | "own" | "got",
                "een" | "a" | "einen" | "n" | "an" | "nu" | "ne" | "nen"
            )
        ) || (1..=4).any(|back| {
            car.from >= back
                && text.same_clause(car.from - back, car.from)
                && matches!(
                    text.before(car.from, back),
                    "rij" | "rijd" | "rijden" | "fahre" | "drive" | "staan"
                )
        })
    };
    let towards = |car: &CarMention| {
        (1..=3).any(|back| {
            car.from >= back
                && text.same_clause(car.from - back, car.from)
                && (TOWARDS.contains(text.before(car.from, back))
                    || WISHING.contains(&text.before(car.from, back)))
                && !(1..back).any(|nearer| {
                    POSSESSIVES.contains(text.before(car.from, nearer))
                        || text.tokens[car.from - nearer].mark == Mark::Car
                })
        }) && !matches!(
            text.before(car.from, 2),
            "bod"
                | "krijg"
                | "offer"
                | "kenteken"
                | "waarde"
                | "inruilwaarde"
                | "geld"
                | "geven"
                | "krijgen"
                | "get"
                | "give"
        ) && !((1..=6).any(|back| {
            matches!(
                text.before(car.from, back),
                "bod"
                    | "krijg"
                    | "offer"
                    | "geven"
                    | "krijgen"
                    | "quote"
                    | "waarde"
                    | "inruilprijs"
                    | "geeft"
                    | "geben"
                    | "biedt"
                    | "value"
                    | "price"
                    | "bieten"
                    | "give"
                    | "wat"
            )
        }) && cars.len() == 1)
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
                text.tokens[..car.from].iter().any(|token| WISHING[..16].contains(&token.norm.as_str()));
            if wishing && !text.same_clause(0, car.from) { Whose::Wanted } else { Whose::TradedIn }
        }
    }
}
