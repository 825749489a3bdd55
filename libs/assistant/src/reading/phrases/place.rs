//! Where phrases are looked for, and whether one stands there.

use std::ops::Range;

use super::element::{Element, UNKNOWN, What, WordId, Words};
use crate::reading::text::{Mark, Text};

/// A clause, or another stretch that no phrase reaches beyond.
#[derive(Debug, Clone)]
pub(in crate::reading) struct Place<'t> {
    /// The text, with typing errors mended and what was found in it marked.
    pub text: &'t Text<'t>,
    /// Which tokens say a property of a car; none where nobody looked.
    pub properties: &'t [bool],
    /// The tokens of the stretch.
    pub within: Range<usize>,
    /// The tokens of the message it belongs to.
    pub message: Range<usize>,
    /// Whether it is asked.
    pub question: bool,
}

/// No moment, name or amount has more tokens.
const LONGEST_RUN: usize = 12;

/// A place with the numbers of its words in a table.
#[derive(Debug)]
pub(super) struct Numbered<'p, 't> {
    place: &'p Place<'t>,
    /// Of the tokens of the stretch.
    words: Vec<WordId>,
}

impl<'p, 't> Numbered<'p, 't> {
    pub fn new(place: &'p Place<'t>, words: &Words) -> Self {
        let id = |at: usize| if place.is_named(at) { UNKNOWN } else { words.id(place.text.spelt(at)) };
        Self { place, words: place.within.clone().map(id).collect() }
    }

    /// The number of the word at `at`.
    pub fn word(&self, at: usize) -> WordId {
        let at = at.checked_sub(self.place.within.start);
        at.and_then(|at| self.words.get(at)).copied().unwrap_or(UNKNOWN)
    }

    /// Where the phrase ends that starts at `at`, when it stands there.
    pub fn end_of(&self, elements: &[Element], at: usize) -> Option<usize> {
        let Some((first, rest)) = elements.split_first() else { return Some(at) };
        let place = self.place;
        let go_on = |holds: bool| if holds { self.end_of(rest, at) } else { None };
        match first {
            Element::Start => go_on(at == place.within.start),
            Element::End => go_on(at >= place.within.end),
            Element::MessageStart => go_on(at == place.message.start),
            Element::MessageEnd => go_on(at >= place.message.end),
            Element::Asked => go_on(place.question),
            Element::NotAsked => go_on(!place.question),
            Element::Not(element) => go_on(self.width(element, at).is_none()),
            Element::NotBefore(element) => {
                let before = at.checked_sub(1).filter(|before| *before >= place.within.start);
                go_on(before.is_none_or(|before| self.width(element, before).is_none()))
            }
            Element::Upto(most) => (0..=*most)
                .take_while(|skip| at + skip <= place.within.end)
                .find_map(|skip| self.end_of(rest, at + skip)),
            Element::Maybe(element) => self
                .width(element, at)
                .and_then(|width| self.end_of(rest, at + width))
                .or_else(|| self.end_of(rest, at)),
            Element::Either(either) => {
                let others = either.others.iter();
                others
                    .filter_map(|element| self.width(element, at))
                    .chain(self.is_one_of(&either.words, at).then_some(1))
                    .find_map(|width| self.end_of(rest, at + width))
            }
            element => self.width(element, at).and_then(|width| self.end_of(rest, at + width)),
        }
    }

    fn is_one_of(&self, words: &[WordId], at: usize) -> bool {
        let word = self.word(at);
        word != UNKNOWN && words.binary_search(&word).is_ok()
    }

    /// How many tokens an element takes at `at`, when it fits.
    fn width(&self, element: &Element, at: usize) -> Option<usize> {
        let place = self.place;
        match element {
            Element::Either(either) => {
                let others = either.others.iter().find_map(|element| self.width(element, at));
                return others.or_else(|| self.is_one_of(&either.words, at).then_some(1));
            }
            Element::End => return (at >= place.within.end).then_some(0),
            Element::Word(known) => return (self.word(at) == *known).then_some(1),
            _ if at >= place.within.end => return None,
            Element::Sequence(elements) => {
                return elements
                    .iter()
                    .try_fold(0, |wide, element| Some(wide + self.width(element, at + wide)?));
            }
            Element::Found(what) => return place.found(*what, at),
            _ => {}
        }
        let word = if place.is_named(at) { "" } else { place.text.spelt(at) };
        let fits = match element {
            Element::Beginning(known) => word.starts_with(known.as_str()),
            Element::Ending(known) => word.ends_with(known.as_str()),
            Element::Part(known) => word.contains(known.as_str()),
            _ => false,
        };
        fits.then_some(1)
    }
}

impl Place<'_> {
    /// What is the name of a car, a plate or an address says nothing else.
    fn is_named(&self, at: usize) -> bool {
        let mark = self.text.tokens.get(at).map(|token| token.mark);
        matches!(mark, Some(Mark::Car | Mark::Plate | Mark::Address))
    }

    /// Whether anything was found at a token that a phrase may ask for.
    pub(super) fn may_be_found(&self, at: usize) -> bool {
        let token = &self.text.tokens[at];
        token.mark != Mark::None
            || token.is_number()
            || self.properties.get(at).is_some_and(|said| *said)
            || self.text.says_number(at)
    }

    fn found(&self, what: What, at: usize) -> Option<usize> {
        let run = |fits: &dyn Fn(usize) -> bool| {
            let length = (at..self.within.end).take(LONGEST_RUN).take_while(|at| fits(*at)).count();
            (length > 0).then_some(length)
        };
        let token = |at: usize| &self.text.tokens[at];
        match what {
            What::Mark(mark) => run(&|at| token(at).mark == mark),
            What::Moment => run(&|at| matches!(token(at).mark, Mark::Date | Mark::Time)),
            What::Property => run(&|at| self.properties.get(at).is_some_and(|said| *said)),
            What::Number => {
                // "17.500" is two tokens and one number.
                let figures = run(&|at| token(at).is_number());
                figures.or_else(|| self.text.says_number(at).then_some(1))
            }
        }
    }
}
