//! Cars named: those spoken of, the customer's, and no others.

use dealer::Car;

use super::super::Violation;
use super::super::lists::LISTS;
use super::super::tokens::Token;
use super::Reading;
use crate::reading::named_cars;

/// The car a place in the text is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mention {
    /// Any of those spoken of.
    None,
    /// One of these, by their place among the facts.
    Cars(Vec<usize>),
    /// The customer's, or one that is not for sale: nothing is told of it.
    Other,
}

impl Reading<'_, '_> {
    /// Finds the cars named and refuses any that is not spoken of.
    pub(super) fn cars(&mut self) -> Result<(), Violation> {
        let mut at = 0;
        while at < self.tokens.len() {
            let (count, mention) = self.car_at(at);
            if count == 0 {
                at += 1;
            } else {
                self.account(at, count);
                self.mentions.push((at, mention));
                at += count;
            }
        }
        self.no_others()
    }

    /// The car named at `at`, and in how many words.
    fn car_at(&self, at: usize) -> (usize, Mention) {
        if !self.free(at) {
            return (0, Mention::None);
        }
        let other =
            self.facts.others.iter().filter(|name| self.stands(name, at)).map(Vec::len).max().unwrap_or(0);
        let named: Vec<(usize, usize)> = self
            .facts
            .names
            .iter()
            .enumerate()
            .map(|(place, names)| (self.length_of(names, at), place))
            .filter(|(length, _)| *length > 0)
            .collect();
        let longest = named.iter().map(|(length, _)| *length).max().unwrap_or(0);
        if other > longest {
            return (other, Mention::Other);
        }
        let cars =
            named.into_iter().filter(|(length, _)| *length == longest).map(|(_, place)| place).collect();
        (longest, Mention::Cars(cars))
    }

    /// How many words from `at` name this car: its make, its model and what follows of its variant.
    fn length_of(&self, [make, model, variant]: &[Vec<Token>; 3], at: usize) -> usize {
        let stands = |name: &[Token], at: usize| if self.stands(name, at) { name.len() } else { 0 };
        let by_make = stands(make, at);
        let mut to = at + by_make;
        // "e-Niro" behind its make.
        let electric = usize::from(by_make > 0 && self.word(to) == "e");
        let modelled = stands(model, to + electric);
        // "208" alone is a figure, "de 208" a car.
        let a_figure = model.iter().all(Token::is_digits);
        let introduced = LISTS.article.has(self.before(at)) && !self.gap(at).contains(['€', '$', '£']);
        if modelled > 0 && (by_make > 0 || !a_figure || introduced) {
            to += electric + modelled;
        } else if by_make == 0 {
            // A trim alone: several of its words, one of them no figure.
            let run = self.run_of(variant, at);
            let words = &self.tokens[at..at + run];
            let telling = run > 1 && words.iter().any(|word| !word.is_digits());
            return if telling { run } else { 0 };
        }
        to += self.run_of(variant, to);
        to - at
    }

    /// The longest run of a variant's words that stands at `at`.
    fn run_of(&self, variant: &[Token], at: usize) -> usize {
        (0..variant.len())
            .map(|from| {
                let words = self.tokens.get(at..).unwrap_or_default();
                variant[from..].iter().zip(words).take_while(|(known, word)| known.norm == word.norm).count()
            })
            .max()
            .unwrap_or(0)
    }

    /// No make and no model but those found.
    fn no_others(&self) -> Result<(), Violation> {
        for named in named_cars(self.text, &self.knowledge.gazetteer) {
            let inside = |token: &Token| named.words.start <= token.start && token.end <= named.words.end;
            let last = self.tokens.iter().zip(&self.known).rfind(|(token, _)| inside(token));
            if last.is_some_and(|(_, known)| !known) {
                let name = [named.make, named.model].into_iter().flatten().collect::<Vec<_>>().join(" ");
                return Err(Violation::Car(name));
            }
        }
        Ok(())
    }

    /// Where the car is kept that the token at `at` is about.
    fn place_of_mention(&self, at: usize) -> Option<usize> {
        let before = self.mentions.iter().rposition(|(from, _)| *from < at);
        before.or_else(|| (!self.mentions.is_empty()).then_some(0))
    }

    /// Narrows the car that the token at `at` is about to those of which `fits` holds; whether any is left.
    pub(super) fn narrow(&mut self, at: usize, fits: impl Fn(&Car) -> bool) -> bool {
        let place = self.place_of_mention(at);
        let mention = place.map_or(&self.carried, |place| &self.mentions[place].1);
        let narrowed: Vec<usize> = match mention {
            Mention::Other => return false,
            Mention::None => return self.facts.cars.iter().any(|car| fits(car)),
            Mention::Cars(cars) => cars.iter().copied().filter(|car| fits(self.facts.cars[*car])).collect(),
        };
        let left = !narrowed.is_empty();
        if left {
            match place {
                Some(place) => self.mentions[place].1 = Mention::Cars(narrowed),
                None => self.carried = Mention::Cars(narrowed),
            }
        }
        left
    }

    /// Whether the token at `at` may be about the customer's own car.
    pub(super) fn about_own(&self, at: usize) -> bool {
        let mention = self.place_of_mention(at).map_or(&self.carried, |place| &self.mentions[place].1);
        *mention != Mention::None && !matches!(mention, Mention::Cars(_)) || self.facts.cars.is_empty()
    }
}
