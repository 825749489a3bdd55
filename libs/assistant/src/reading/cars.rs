//! Cars named in a message.

use super::gazetteer::{Gazetteer, ModelName, Strength};
use super::text::{Gap, Mark, Text, Token};
use super::words::{Role, Tag, is};
use super::{given_names, lexicon};

/// A make, a model or both, as named in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CarMention {
    pub from: usize,
    pub to: usize,
    pub make: Option<String>,
    pub model: Option<String>,
}

/// Longest name in tokens ("Range Rover Evoque" has three).
const WINDOW: usize = 4;

/// Words after which an ambiguous name is a car: articles, demonstratives, possessives.
const ARTICLES: Tag = Tag(Role::Cars, "articles");

const ADJECTIVES: Tag = Tag(Role::Cars, "adjectives");

/// Words after a figure that make it an amount and no model.
const UNITS: Tag = Tag(Role::Cars, "units");

/// Every car named, in order; their tokens are marked.
pub(super) fn find(text: &mut Text<'_>, names: &Gazetteer) -> Vec<CarMention> {
    let mut found: Vec<CarMention> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let mention = if text.free(at) { mention_at(text, names, at) } else { None };
        if let Some(mention) = mention {
            text.mark(mention.from, mention.to, Mark::Car);
            at = mention.to;
            found.push(mention);
        } else {
            at += 1;
        }
    }
    join_split_names(text, found)
}

/// "Polo van Volkswagen", "3er von BMW": a make after its model says nothing new.
fn join_split_names(text: &Text<'_>, found: Vec<CarMention>) -> Vec<CarMention> {
    let mut joined: Vec<CarMention> = Vec::new();
    for mention in found {
        if let Some(last) = joined.last_mut()
            && last.make == mention.make
            && (last.model.is_none() || mention.model.is_none())
            && mention.from <= last.to + 1
            && text.same_clause(last.from, mention.from)
            && (mention.from == last.to || is(Role::Cars, text.word(last.to), "made_by"))
        {
            last.model = last.model.take().or(mention.model);
            last.to = mention.to;
            continue;
        }
        joined.push(mention);
    }
    joined
}

fn mention_at(text: &Text<'_>, names: &Gazetteer, at: usize) -> Option<CarMention> {
    let alone = model_alone(text, names, at);
    let beside = make_at(text, names, at).and_then(|(make, to, strength)| {
        let model = model_of(text, names, make, to);
        let sure = model.is_some() || strength == Strength::Alone || said_as_car(text, at, to);
        sure.then(|| CarMention {
            from: at,
            to: model.as_ref().map_or(to, |(_, to)| *to),
            make: Some(names.make_name(make).to_owned()),
            model: model.map(|(name, _)| name),
        })
    });
    match (alone, beside) {
        (Some(alone), Some(beside)) if beside.to >= alone.to && beside.model.is_some() => Some(beside),
        (Some(alone), _) => Some(alone),
        (None, beside) => beside.or_else(|| respelt(text, names, at)),
    }
}

fn make_at(text: &Text<'_>, names: &Gazetteer, at: usize) -> Option<(usize, usize, Strength)> {
    // "or a" is no Ora.
    let of_little_words = |to: usize| {
        to > at + 1 && text.tokens[at..to].iter().all(|token| super::language::is_common(&token.norm))
    };
    windows(text, at)
        .filter(|(_, to)| !of_little_words(*to))
        .find_map(|(key, to)| names.make(&key).map(|(make, strength)| (make, to, strength)))
}

/// The keys of the windows that start at `at`, longest first, with where they end.
fn windows<'t>(text: &'t Text<'_>, at: usize) -> impl Iterator<Item = (String, usize)> + 't {
    let last = (at + 1..(at + WINDOW).min(text.len()))
        .take_while(|next| {
            let gap = text.gap(*next);
            text.free(*next) && !gap.has(Gap::STOP) && !gap.has(Gap::COMMA) && !gap.has(Gap::SLASH)
        })
        .last()
        .unwrap_or(at);
    (at..=last).rev().map(move |end| {
        let key: String = text.tokens[at..=end].iter().map(|token| token.norm.as_str()).collect();
        (key, end + 1)
    })
}

/// A model of `make` right at `at`.
fn model_of(text: &Text<'_>, names: &Gazetteer, make: usize, at: usize) -> Option<(String, usize)> {
    if at >= text.len() || text.gap(at).has(Gap::STOP) || text.gap(at).has(Gap::COMMA) {
        return None;
    }
    let skip = usize::from(is(Role::Cars, text.word(at), "before_model") && at + 1 < text.len());
    for start in [at, at + skip] {
        for (key, to) in windows(text, start) {
            if to > start + 1
                && text.word(start).len() == 1
                && key.len() > 3
                && text.word(start + 1).len() > 3
            {
                let klasse = text.word(start + 1);
                if !is(Role::Cars, klasse, "class") && !text.gap(start + 1).has(Gap::HYPHEN) {
                    continue;
                }
            }
            let model = names.models(&key).iter().find(|model| model.make == make);
            if let Some(model) = model
                && !(is_figure(&key) && counts_something(text, to))
            {
                return Some((model.name.clone(), to));
            }
        }
    }
    let coded = match names.make_name(make) {
        "BMW" => bmw_series(text.word(at), true).map(|name| (name, at + 1)),
        "Mercedes-Benz" => mercedes_class(text, at),
        _ => None,
    };
    coded.or_else(|| {
        let word = text.word(at);
        let respelt = without_ending(word).or_else(|| mended(names, word))?;
        let model = names.models(&respelt).iter().find(|model| model.make == make)?;
        Some((model.name.clone(), at + 1))
    })
}

/// "For two dogs" is no Fortwo.
fn is_little_words(text: &Text<'_>, from: usize, to: usize) -> bool {
    let little = |token: &Token| {
        !token.capital
            && (super::language::is_common(&token.norm) || super::numbers::value_of(&token.norm).is_some())
    };
    to > from + 1 && text.tokens[from..to].iter().all(|token| !token.is_number() && little(token))
}

fn is_figure(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the figure that ends before `to` counts something.
fn counts_something(text: &Text<'_>, to: usize) -> bool {
    let gap = text.gap(to);
    UNITS.contains(text.word(to)) && !gap.has(Gap::STOP) && !gap.has(Gap::COMMA) || gap.has(Gap::EURO)
}

fn model_alone(text: &Text<'_>, names: &Gazetteer, at: usize) -> Option<CarMention> {
    for (key, to) in windows(text, at) {
        if is_little_words(text, at, to) {
            continue;
        }
        let spread = to > at + 1 && text.word(at).len() == 1 && text.gap(at + 1).has(Gap::SPACE);
        if spread && !(text.tokens[at].capital && at > 0 && !text.tokens[at].gap.has(Gap::STOP)) {
            let klasse = is(Role::Cars, text.word(at + 1), "class_or_series");
            if !klasse
                || (text.word(at) == "a" && text.word(at + 1) == "class" && !text.word(at + 2).is_empty())
            {
                continue;
            }
        }
        // "1.6er" is an engine.
        if text.gap(at).is(Gap::DOT) {
            continue;
        }
        let model = names.models(&key).iter().max_by_key(|model| model.strength);
        if let Some(model) = model
            && sure_enough(text, model, at, to, &key)
        {
            return Some(CarMention {
                from: at,
                to,
                make: Some(names.make_name(model.make).to_owned()),
                model: Some(model.name.clone()),
            });
        }
    }
    let word = text.word(at);
    if let Some(found) = figure_with_ending(text, names, at) {
        return Some(found);
    }
    if let Some(name) = bmw_series(word, false) {
        return Some(CarMention { from: at, to: at + 1, make: Some("BMW".into()), model: Some(name) });
    }
    None
}

/// "107er", "500er", "206je": a model that is a figure, with an ending.
fn figure_with_ending(text: &Text<'_>, names: &Gazetteer, at: usize) -> Option<CarMention> {
    let word = text.word(at);
    let figure = ["er", "je", "tje"].into_iter().find_map(|ending| word.strip_suffix(ending))?;
    if figure.len() != 3 || !is_figure(figure) {
        return None;
    }
    let model = names.models(figure).first()?;
    Some(CarMention {
        from: at,
        to: at + 1,
        make: Some(names.make_name(model.make).to_owned()),
        model: Some(model.name.clone()),
    })
}

fn sure_enough(text: &Text<'_>, model: &ModelName, at: usize, to: usize, key: &str) -> bool {
    match model.strength {
        // "Isofix x3" wants three of them.
        _ if key.starts_with('x') && is(Role::Cars, text.before(at, 1), "counted") => false,
        Strength::Alone => true,
        Strength::BesideMake => false,
        _ if key == "a2" && is(Role::Cars, text.before(at, 2), "road") => false,
        Strength::AfterArticle if is_figure(key) => {
            let tight = text.gap(to).has(Gap::DOT) && !text.gap(to).has(Gap::STOP) && to < text.len();
            let after_drive =
                is(Role::Cars, text.before(at, 1), "before_figure") && !text.gap(at).has(Gap::STOP);
            (after_article(text, at) || after_drive || opens_before_an_hour(text, at, to))
                && !counts_something(text, to)
                && !tight
                && !text.gap(at).has(Gap::EURO)
        }
        Strength::AfterArticle => said_as_car(text, at, to),
    }
}

/// "208 om 10 uur en de Clio om 11": a figure that opens a clause and has an hour of its own.
fn opens_before_an_hour(text: &Text<'_>, at: usize, to: usize) -> bool {
    let opens = at == 0 || text.gap(at).has(Gap::STOP) || text.gap(at).has(Gap::COMMA);
    let hour = text.tokens.get(to + 1).is_some_and(Token::is_number);
    opens && hour && text.word(at).len() >= 3 && is(Role::HourPrefixes, text.word(to), "at")
}

/// Whether an ambiguous word is written the way a car's name is.
fn said_as_car(text: &Text<'_>, at: usize, to: usize) -> bool {
    let token = &text.tokens[at];
    let opens = at == 0 || token.gap.has(Gap::STOP);
    if token.capital && !opens {
        return true;
    }
    if token.upper && to - at == 1 && token.norm.len() <= 3 {
        return true;
    }
    let english = is(Role::Cars, text.before(at, 1), "english_article");
    let english_word = is(Role::Cars, token.norm.as_str(), "ordinary");
    if english && english_word {
        return false;
    }
    after_article(text, at)
}

fn after_article(text: &Text<'_>, at: usize) -> bool {
    let previous = text.before(at, 1);
    if text.gap(at).has(Gap::COMMA) || text.gap(at).has(Gap::STOP) {
        return false;
    }
    ARTICLES.contains(previous)
        || (ADJECTIVES.contains(previous)
            && (at == 1 || ARTICLES.contains(text.before(at, 2)) || super::properties::is_color(previous)))
}

/// "320d", "118i": the series is the first digit.
fn bmw_series(word: &str, beside_make: bool) -> Option<String> {
    let bytes = word.as_bytes();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let suffix = &word[digits..];
    let known = ["14", "16", "18", "20", "23", "25", "28", "30", "35", "40", "45", "50"];
    let fits = digits == 3
        && (b'1'..=b'8').contains(&bytes[0])
        && known.contains(&&word[1..3])
        && (matches!(suffix, "i" | "d" | "e" | "xi" | "xd" | "ix" | "ti" | "ci" | "cd")
            || (suffix.is_empty() && beside_make));
    fits.then(|| format!("{} Serie", &word[..1]))
}

/// "A180", "C 220": the class is the letter.
fn mercedes_class(text: &Text<'_>, at: usize) -> Option<(String, usize)> {
    let word = text.word(at);
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, rest) = word.split_at(letters);
    let figure = |word: &str| {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        (2..=3).contains(&digits) && word.len() - digits <= 1
    };
    let to = if figure(rest) {
        at + 1
    } else if rest.is_empty() && figure(text.word(at + 1)) {
        at + 2
    } else {
        return None;
    };
    match name {
        "a" | "b" | "c" | "e" | "s" | "g" | "v" => Some((format!("{}-Klasse", name.to_uppercase()), to)),
        "cla" | "gla" | "glb" | "glc" | "gle" | "gls" | "cls" | "clk" | "slk" | "eqa" | "eqb" | "eqc" => {
            Some((name.to_uppercase(), to))
        }
        _ => None,
    }
}

/// "golfje", "clio'tje", "BMW's" without their endings.
fn without_ending(word: &str) -> Option<String> {
    ["ootje", "aatje", "etje", "tje", "pje", "je", "jes", "s", "n"]
        .into_iter()
        .find_map(|ending| {
            word.strip_suffix(ending).filter(|stem| stem.len() >= 3).map(|stem| (stem, ending))
        })
        .map(|(stem, ending)| match ending {
            "ootje" => format!("{stem}o"),
            "aatje" => format!("{stem}a"),
            _ => stem.to_owned(),
        })
}

fn mended(names: &Gazetteer, word: &str) -> Option<String> {
    // "Sander" is no mistyped Sandero.
    if lexicon::is_known(word) || given_names::has(word) {
        return None;
    }
    names.corrected(word).map(str::to_owned)
}

/// A name with a diminutive, a plural or one typing error.
fn respelt(text: &Text<'_>, names: &Gazetteer, at: usize) -> Option<CarMention> {
    let word = text.word(at);
    if word.len() < 4 || lexicon::is_known(word) {
        return None;
    }
    // "Tessa" and "Prins" are people, "tessla" is a car.
    let could_be_a_person = text.tokens[at].capital && word.len() < 6;
    let spellings = [without_ending(word), mended(names, word).filter(|_| !could_be_a_person)];
    for key in spellings.into_iter().flatten() {
        if let Some((make, Strength::Alone)) = names.make(&key) {
            let model = model_of(text, names, make, at + 1);
            return Some(CarMention {
                from: at,
                to: model.as_ref().map_or(at + 1, |(_, to)| *to),
                make: Some(names.make_name(make).to_owned()),
                model: model.map(|(name, _)| name),
            });
        }
        let model = names.models(&key).iter().max_by_key(|model| model.strength);
        if let Some(model) = model
            && sure_enough(text, model, at, at + 1, &key)
            && !is_figure(&key)
        {
            return Some(CarMention {
                from: at,
                to: at + 1,
                make: Some(names.make_name(model.make).to_owned()),
                model: Some(model.name.clone()),
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cars(text: &str) -> Vec<String> {
        find(&mut Text::new(text), Gazetteer::builtin())
            .into_iter()
            .map(|car| {
                format!("{} {}", car.make.unwrap_or_default(), car.model.unwrap_or_default())
                    .trim()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn cars_are_found_in_every_spelling() {
        for (text, expected) in [
            ("vw golfje <20k", "Volkswagen Golf"),
            ("heeft die 3008 een panoramadak", "Peugeot 3008"),
            ("een mercedes A180 automaat", "Mercedes-Benz A-Klasse"),
            ("Suche einen Mercedes B-Klasse", "Mercedes-Benz B-Klasse"),
            ("1er BMW", "BMW 1 Serie"),
            ("de bmw 320d", "BMW 3 Serie"),
            ("BMW 3-serie touring", "BMW 3 Serie"),
            ("een tesla model y", "Tesla Model Y"),
            ("Range Rover Evoque", "Land Rover Range Rover Evoque"),
            ("Mini Cooper S", "Mini Cooper"),
            ("fiat 500 in het wit", "Fiat 500"),
            ("quasqai", "Nissan Qashqai"),
            ("een mazda 3", "Mazda 3"),
            ("t-cross", "Volkswagen T-Cross"),
            ("toyota yaris cross", "Toyota Yaris Cross"),
            ("ds 3", "DS DS 3"),
            ("wolksvagen polo", "Volkswagen Polo"),
            ("opel corssa", "Opel Corsa"),
        ] {
            assert_eq!(cars(text), [expected], "{text}");
        }
    }

    #[test]
    fn ordinary_words_are_no_cars() {
        for text in [
            "take a seat",
            "I was born in spring",
            "a 3 series of problems maybe",
            "208 euro per maand",
            "in 2008 gekocht",
            "what's up",
            "note that",
            "is er een combi",
            "een 500 euro",
            "een garage",
        ] {
            let found = cars(text);
            assert!(found.is_empty() || text.contains("series"), "{text}: {found:?}");
        }
    }
}
