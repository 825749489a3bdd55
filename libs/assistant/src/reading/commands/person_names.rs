//! What words make a person's name, where they stand.

use super::Reader;
use super::phrases::Cue;
use crate::names::{is_also_a_name, is_also_a_surname};
use crate::reading::text::{Gap, Mark, Text, Token};
use crate::reading::{given_names, lexicon};

/// Longest name in words.
pub(super) const WORDS: usize = 6;

/// Words of a surname, what stands before it not counted.
const SURNAME: usize = 3;

/// So many digits are a number to call.
const DIALLED: usize = 8;

/// Abbreviations before a name, that a full stop ends and no sentence.
const TITLES: &str = include_str!("../phrases/name_titles.txt");

const PARTICLES: &str = include_str!("../phrases/name_particles.txt");

/// Cues that no name is made of.
const NO_NAME: [Cue; 26] = [
    Cue::NoName,
    Cue::Wh,
    Cue::Question,
    Cue::Human,
    Cue::Complaint,
    Cue::Sensitive,
    Cue::OptOut,
    Cue::OptIn,
    Cue::Cancel,
    Cue::Move,
    Cue::Keep,
    Cue::Drive,
    Cue::Leave,
    Cue::Thanks,
    Cue::Greet,
    Cue::No,
    Cue::Small,
    Cue::TradeIn,
    Cue::Finance,
    Cue::Workshop,
    Cue::Search,
    Cue::Price,
    Cue::Discount,
    Cue::Buy,
    Cue::Refuse,
    Cue::FeatureAsked,
];

/// What stands before a surname: "van", "El", "von".
pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.lines().any(|line| line == word)
}

/// What stands before a name: "mevrouw", "Dr.".
pub(super) fn is_title(word: &str) -> bool {
    is_short_title(word) || crate::names::is_title(word)
}

/// A title whose full stop ends no sentence.
pub(super) fn is_short_title(word: &str) -> bool {
    TITLES.lines().any(|title| title == word)
}

/// "M." of "M. ter Horst".
pub(super) fn is_initial(text: &Text<'_>, at: usize) -> bool {
    text.tokens[at].norm.len() == 1 && text.gap(at + 1).has(Gap::DOT) && !text.gap(at + 1).has(Gap::LINE)
}

/// A given name that is meant as one: it has a capital, or is no other word.
pub(super) fn is_given(token: &Token) -> bool {
    given_names::has(&token.norm) && (token.capital || !lexicon::is_known(&token.norm))
}

/// Whether tokens are a given name, initials or a title, and a surname, in any case: "m. ter horst", "jan-willem koopmans".
pub(super) fn is_full(reader: &Reader<'_>, from: usize, to: usize) -> bool {
    let text = &reader.scan.text;
    let token = |at: usize| &text.tokens[at];
    let titles = (from..to).take_while(|at| is_title(&token(*at).norm)).count();
    let first = from + titles;
    let called = (first..to)
        .take_while(|at| {
            is_initial(text, *at) || is_given(token(*at)) && (*at == first || !is_particle(&token(*at).norm))
        })
        .count();
    // "Jan Willem" is two given names and may be a whole one: "Pieter Frederik".
    let called = if called > 1 && first + called == to { called - 1 } else { called };
    let mut surname = 0;
    let mut after_particle = false;
    for at in first + called..to {
        let word = &token(at).norm;
        let letters = word.chars().all(char::is_alphabetic);
        if is_particle(word) {
            after_particle = true;
            continue;
        }
        let fits = token(at).capital || after_particle || !lexicon::is_known(word);
        if !letters || !fits || matches!(token(at).mark, Mark::Car | Mark::Plate | Mark::Address) {
            return false;
        }
        surname += 1;
    }
    titles + called > 0 && (1..=SURNAME).contains(&surname)
}

/// "erwin top": a word of praise that is a surname behind a given name, both in small letters.
pub(super) fn is_plain_surname(text: &Text<'_>, first: usize, at: usize) -> bool {
    let given = &text.tokens[first];
    at == first + 1
        && at + 1 == text.len()
        && !given.capital
        && given_names::has(&given.norm)
        && !lexicon::is_known(&given.norm)
        && is_also_a_surname(&text.tokens[at].norm)
}

/// Whether a word goes on with the name that began at `first`; `lower` where it may be without capitals.
pub(super) fn goes_on(reader: &Reader<'_>, at: usize, first: usize, lower: bool) -> bool {
    let text = &reader.scan.text;
    let token = &text.tokens[at];
    let letters = token.norm.chars().all(char::is_alphabetic);
    let gap = token.gap;
    let joined = at == first
        || gap.is(Gap::SPACE)
        || gap.is(Gap::HYPHEN)
        || (gap.has(Gap::DOT) && !gap.has(Gap::LINE))
        || gap.has(Gap::QUOTE)
        || (gap.is(Gap::SLASH) && is_particle(&token.norm));
    // "a.w.m. de graaf", "p kuipers", "familie de Lange".
    let opens = at == first && (token.norm.len() == 1 || is_title(&token.norm));
    if is_initial(text, at) || (opens && at + 1 < text.len()) {
        return letters && joined && (lower || token.capital);
    }
    let courtesy = [Cue::Polite, Cue::Yes, Cue::NameOutro].iter().any(|cue| reader.scan.covers(*cue, at))
        && !token.capital
        && !is_plain_surname(text, first, at);
    let last = at.checked_sub(1).filter(|last| *last >= first).map(|last| &text.tokens[last]);
    let after_particle = last.is_some_and(|last| is_particle(&last.norm));
    let after_name = last.is_none_or(|last| given_names::has(&last.norm) || last.norm.len() == 1);
    // "mark", "jan de wit": words that are names as well, where a name stands.
    let also = (last.is_none() && given_names::has(&token.norm))
        || ((after_name || after_particle) && is_also_a_name(&token.norm))
        || (after_name && last.is_some() && is_also_a_surname(&token.norm));
    let unknown = lower && (!lexicon::is_known(&token.norm) || after_particle || also);
    letters && joined && !courtesy && (token.capital || is_particle(&token.norm) || unknown)
}

/// Where the name ends that begins at `first`; a particle with nothing behind it is no part of it: "maak er maar Gerrit van".
pub(super) fn end_of(reader: &Reader<'_>, first: usize, to: usize, lower: bool) -> usize {
    let end = first + (first..to).take_while(|at| goes_on(reader, *at, first, lower)).count();
    let tokens = &reader.scan.text.tokens;
    let dangles = |at: &usize| is_particle(&tokens[*at].norm) && !tokens[*at].capital;
    end - (first + 1..end).rev().take_while(dangles).count()
}

/// Whether tokens can be a person's name, and ask for nothing.
pub(super) fn is_name(reader: &Reader<'_>, from: usize, to: usize, asked: bool) -> bool {
    !reader.scan.text.gap(to).has(Gap::QUESTION) && is_called(reader, from, to, asked)
}

/// Whether tokens can be a person's name.
pub(super) fn is_called(reader: &Reader<'_>, from: usize, to: usize, asked: bool) -> bool {
    if from >= to {
        return false;
    }
    let scan = reader.scan;
    let tokens = &scan.text.tokens[from..to];
    let own_words = tokens.iter().filter(|token| !is_particle(&token.norm)).count();
    if own_words == 0 || tokens.len() > WORDS {
        return false;
    }
    let letters = tokens.iter().all(|token| token.norm.chars().all(char::is_alphabetic));
    // "Henk de Wit" wishes no white car; "Golf" alone is no name.
    // Asked for a name, who writes "Sander" means no Sandero.
    let only_cars = all_cars(reader, from, to)
        && !(asked
            && tokens
                .iter()
                .filter(|token| !is_particle(&token.norm))
                .all(|token| !is_dealt_in(reader, &token.norm)));
    let common = |token: &Token| lexicon::is_known(&token.norm) && !token.capital;
    let also = |token: &Token| asked && (given_names::has(&token.norm) || is_also_a_name(&token.norm));
    // "Wesseling" ends as "deciding" does.
    let own_name = tokens[0].capital && !lexicon::is_known(&tokens[0].norm);
    let says_else = tokens.len() == 1 && {
        let cue_here = NO_NAME
            .iter()
            .filter(|cue| **cue != Cue::NoName || !own_name)
            .any(|cue| scan.hits.begins(from, from + 1, *cue));
        cue_here || common(&tokens[0]) && !also(&tokens[0])
    };
    let opens_else = tokens.len() > 1 && {
        let whole = |cue: &Cue| scan.hits.within(from, from + 1, *cue).any(|hit| hit.to >= to);
        let first_is_word = common(&tokens[0])
            && !is_particle(&tokens[0].norm)
            && tokens[0].norm.len() > 1
            && !is_title(&tokens[0].norm)
            && !also(&tokens[0]);
        NO_NAME.iter().any(whole)
            || first_is_word
            || scan.hits.begins(from, from + 1, Cue::NoName) && !own_name && !is_full(reader, from, to)
    };
    let known = |token: &Token| lexicon::is_known(&token.norm) && !is_particle(&token.norm);
    let all_common = !asked && tokens.iter().all(known);
    // "erwin slot" answers the question for a name.
    let surname = |at: usize| {
        asked
            && at > from
            && is_given(&scan.text.tokens[at - 1])
            && is_also_a_surname(&scan.text.tokens[at].norm)
    };
    let says_no = tokens.len() > 1
        && !is_full(reader, from, to)
        && (from..to).any(|at| refuses(reader, at) && !surname(at));
    letters
        && !moment_in(reader, from, to, asked)
        && !only_cars
        && !says_else
        && !opens_else
        && !all_common
        && !says_no
}

/// A word without capital of which no name is made, and no particle either.
fn refuses(reader: &Reader<'_>, at: usize) -> bool {
    let token = &reader.scan.text.tokens[at];
    !token.capital
        && !is_particle(&token.norm)
        && !is_initial(&reader.scan.text, at)
        && !given_names::has(&token.norm)
        && reader.scan.hits.begins(at, at + 1, Cue::NoName)
}

/// Whether a moment, an amount or an address stands in what would be a name. "Wesley Zondag" answers the question for one.
fn moment_in(reader: &Reader<'_>, from: usize, to: usize, asked: bool) -> bool {
    let tokens = &reader.scan.text.tokens[from..to];
    // "Jan 06 …": the beginning of a number to call, and no day.
    let dialled = asked && tokens.len() == 1 && digits_from(reader, to) >= DIALLED;
    let called = tokens.len() > 1
        && (is_given(&tokens[0])
            || tokens[0].capital && given_names::has(&tokens[0].norm)
            || is_initial(&reader.scan.text, from)
            || is_title(&tokens[0].norm));
    // "peter freitag" is all that is said.
    let all = tokens.len() == 2 && from == 0 && to == reader.scan.text.len();
    let surname = |at: usize| {
        let written = tokens[at].capital || all && is_also_a_surname(&tokens[at].norm);
        asked && called && at > 0 && written
    };
    let other =
        |mark: Mark| matches!(mark, Mark::Date | Mark::Time | Mark::Money | Mark::Plate | Mark::Address);
    !dialled && tokens.iter().enumerate().any(|(at, token)| other(token.mark) && !surname(at))
}

/// Whether all but the particles is the name of a car.
pub(super) fn all_cars(reader: &Reader<'_>, from: usize, to: usize) -> bool {
    let mut own =
        reader.scan.text.tokens[from..to].iter().filter(|token| !is_particle(&token.norm)).peekable();
    own.peek().is_some() && own.all(|token| token.mark == Mark::Car)
}

/// Whether a word is a make or a model as it is written.
fn is_dealt_in(reader: &Reader<'_>, word: &str) -> bool {
    let gazetteer = &reader.knowledge.gazetteer;
    gazetteer.make(word).is_some() || !gazetteer.models(word).is_empty()
}

/// How many digits stand behind one another from a token.
fn digits_from(reader: &Reader<'_>, from: usize) -> usize {
    let tokens = reader.scan.text.tokens.get(from..).unwrap_or_default();
    let numbers = tokens.iter().take_while(|token| token.is_number());
    numbers.map(|token| token.norm.len()).sum()
}

/// Whether an address or a number to call begins at a token.
pub(super) fn is_address(reader: &Reader<'_>, at: usize) -> bool {
    reader.scan.text.tokens[at].mark == Mark::Address || digits_from(reader, at) >= DIALLED
}
