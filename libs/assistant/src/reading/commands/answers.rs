//! Names and contact data, given where they are asked for or without being asked.

use super::phrases::{Cue, Hit};
use super::{Draft, Reader};
use crate::command::{Command, Plain};
use crate::reading::lexicon;
use crate::reading::text::{Gap, Mark, Text};
use crate::state::Asked;

/// Longest name in words.
const WORDS: usize = 6;

/// Names and addresses anywhere in the text; what they rest on is read as nothing else.
pub(super) fn find(reader: &Reader<'_>) -> Vec<Draft> {
    contact(reader).into_iter().chain(name(reader)).collect()
}

fn contact(reader: &Reader<'_>) -> Option<Draft> {
    let scan = reader.scan;
    let (email, phone) = (scan.email.clone(), scan.phone.clone());
    let link = |at: usize| scan.link.as_ref().is_some_and(|link| (link.from..link.to).contains(&at));
    let at = (0..scan.text.len()).find(|at| scan.text.tokens[*at].mark == Mark::Address && !link(*at))?;
    let length = scan.text.tokens[at..].iter().take_while(|token| token.mark == Mark::Address).count();
    (email.is_some() || phone.is_some())
        .then(|| draft(reader, Command::Contact { email, phone }, at, at + length))
}

fn draft(reader: &Reader<'_>, command: Command, from: usize, to: usize) -> Draft {
    let clause = reader.scan.clauses.iter().rposition(|clause| clause.from <= from).unwrap_or_default();
    Draft { command, plain: Plain::Clear, clause, from, to, correction: false, instead_of: Vec::new() }
}

fn name(reader: &Reader<'_>) -> Option<Draft> {
    let asked = matches!(reader.state.asked, Some(Asked::Name | Asked::NameProposed { .. }));
    let chunks = chunks(&reader.scan.text);
    let introduced = chunks.iter().rev().find_map(|chunk| introduced(reader, *chunk, asked));
    let bare = || if asked { chunks.iter().find_map(|chunk| bare(reader, *chunk)) } else { None };
    let signed = || signed(reader);
    let alone = || if asked { None } else { alone(reader, &chunks) };
    introduced.or_else(bare).or_else(signed).or_else(alone)
}

fn named(reader: &Reader<'_>, from: usize, to: usize, over: (usize, usize)) -> Draft {
    draft(reader, Command::Name(reader.scan.text.raw_of(from, to).to_owned()), over.0, over.1)
}

/// Stretches between commas and stops; an initial ("T. de Groot") ends none.
fn chunks(text: &Text<'_>) -> Vec<(usize, usize)> {
    let ends = |at: usize| {
        let gap = text.gap(at);
        let initial = gap.has(Gap::DOT) && !gap.has(Gap::LINE) && {
            let before = text.tokens[at - 1].norm.as_str();
            before.len() == 1 || TITLES.lines().any(|title| title == before)
        };
        (gap.has(Gap::STOP) || gap.has(Gap::COMMA) || is_dash(gap)) && !initial
    };
    let mut chunks = Vec::new();
    let mut from = 0;
    for at in 1..=text.len() {
        if at == text.len() || ends(at) {
            chunks.push((from, at));
            from = at;
        }
    }
    chunks
}

/// " - ", which sets apart where a hyphen joins.
fn is_dash(gap: Gap) -> bool {
    gap.has(Gap::HYPHEN) && gap.has(Gap::SPACE)
}

fn hits_at<'r>(reader: &'r Reader<'_>, at: usize, cue: Cue) -> impl Iterator<Item = Hit> + 'r {
    reader.scan.hits.within(at, at + 1, cue)
}

/// "Mijn naam is …", "op naam van …", "… is de naam".
fn introduced(reader: &Reader<'_>, (from, to): (usize, usize), asked: bool) -> Option<Draft> {
    let scan = reader.scan;
    let spelt = (from..to).any(|at| scan.covers(Cue::NameSpelt, at)) && reader.state.name.is_some();
    let counts = |hit: &&Hit| match hit.cue {
        Cue::NameIntro | Cue::NameWeak => true,
        Cue::NameSpelt => spelt || asked,
        _ => false,
    };
    // The last word on it counts, and of two that end there the longer one.
    let mut intros: Vec<&Hit> =
        scan.hits.all().iter().filter(|hit| (from..to).contains(&hit.from)).filter(counts).collect();
    intros.sort_by_key(|hit| (std::cmp::Reverse(hit.to), hit.from));
    for intro in intros {
        let particle = |at: usize| scan.text.tokens[at].capital && is_particle(&scan.text.tokens[at].norm);
        // "Zet maar op Van Vliet": a particle with a capital is part of the name.
        let mut first = intro.to;
        while first > intro.from + 1 && particle(first - 1) {
            first -= 1;
        }
        // "Ik ben verkouden" names nobody: after weak words a name has a capital.
        let lower = asked || intro.cue == Cue::NameIntro;
        let end = (first..to).take_while(|at| part_of_name(reader, *at, first, lower)).count() + first;
        let only_a_car = asked && intro.cue == Cue::NameIntro && all_cars(reader, first, end);
        if first < end && (is_name(reader, first, end, asked) || only_a_car) {
            return Some(named(reader, first, end, (intro.from, end)));
        }
    }
    let outro =
        scan.hits.all().iter().find(|hit| hit.cue == Cue::NameOutro && (from + 1..to).contains(&hit.from))?;
    let start = (from..outro.from).rev().take_while(|at| part_of_name(reader, *at, *at, asked)).last()?;
    is_name(reader, start, outro.from, asked).then(|| named(reader, start, outro.from, (start, outro.to)))
}

/// Whether a word goes on with the name that began at `first`; `lower` where it may be without capitals.
fn part_of_name(reader: &Reader<'_>, at: usize, first: usize, lower: bool) -> bool {
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
    let courtesy = [Cue::Polite, Cue::Yes, Cue::NameOutro].iter().any(|cue| reader.scan.covers(*cue, at))
        && !token.capital;
    let after_particle = at > first && is_particle(&text.tokens[at - 1].norm);
    let unknown = lower && (!lexicon::is_known(&token.norm) || after_particle);
    letters && joined && !courtesy && (token.capital || is_particle(&token.norm) || unknown)
}

fn is_particle(word: &str) -> bool {
    PARTICLES.lines().any(|line| line == word)
}

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

/// Whether tokens can be a person's name.
fn is_name(reader: &Reader<'_>, from: usize, to: usize, asked: bool) -> bool {
    let scan = reader.scan;
    let tokens = &scan.text.tokens[from..to];
    let own_words = tokens.iter().filter(|token| !is_particle(&token.norm)).count();
    if own_words == 0 || tokens.len() > WORDS || scan.text.gap(to).has(Gap::QUESTION) {
        return false;
    }
    let letters = tokens.iter().all(|token| token.norm.chars().all(char::is_alphabetic));
    let other =
        |mark: Mark| matches!(mark, Mark::Date | Mark::Time | Mark::Money | Mark::Plate | Mark::Address);
    // "Jan 06 …": the beginning of a number to call, and no day.
    let dialled = asked && tokens.len() == 1 && digits_from(reader, to) >= DIALLED;
    let moment = tokens.iter().any(|token| other(token.mark)) && !dialled;
    // "Henk de Wit" wishes no white car; "Golf" alone is no name.
    // Asked for a name, who writes "Sander" means no Sandero.
    let only_cars = all_cars(reader, from, to)
        && !(asked && tokens.iter().all(|token| !is_dealt_in(reader, &token.norm)));
    let says_else = tokens.len() == 1 && {
        let cue_here = NO_NAME.iter().any(|cue| hits_at(reader, from, *cue).next().is_some());
        let common = lexicon::is_known(&tokens[0].norm) && !tokens[0].capital;
        cue_here || common
    };
    let opens_else = tokens.len() > 1 && {
        let whole = |cue: &Cue| hits_at(reader, from, *cue).any(|hit| hit.to >= to);
        let first_is_word =
            lexicon::is_known(&tokens[0].norm) && !is_particle(&tokens[0].norm) && !tokens[0].capital;
        NO_NAME.iter().any(whole) || first_is_word || hits_at(reader, from, Cue::NoName).next().is_some()
    };
    let known =
        |token: &crate::reading::text::Token| lexicon::is_known(&token.norm) && !is_particle(&token.norm);
    let all_common = !asked && tokens.iter().all(known);
    letters && !moment && !only_cars && !says_else && !opens_else && !all_common
}

fn all_cars(reader: &Reader<'_>, from: usize, to: usize) -> bool {
    reader.scan.text.tokens[from..to].iter().all(|token| token.mark == Mark::Car)
}

/// Whether a word is a make or a model as it is written.
fn is_dealt_in(reader: &Reader<'_>, word: &str) -> bool {
    let gazetteer = &reader.knowledge.gazetteer;
    gazetteer.make(word).is_some() || !gazetteer.models(word).is_empty()
}

/// So many digits are a number to call.
const DIALLED: usize = 8;

/// How many digits stand behind one another from a token.
fn digits_from(reader: &Reader<'_>, from: usize) -> usize {
    let tokens = reader.scan.text.tokens.get(from..).unwrap_or_default();
    let numbers = tokens.iter().take_while(|token| token.norm.bytes().all(|byte| byte.is_ascii_digit()));
    numbers.map(|token| token.norm.len()).sum()
}

/// Where the words before a number to call end; the end of the stretch where there is none.
fn before_digits(reader: &Reader<'_>, from: usize, to: usize) -> usize {
    let tokens = &reader.scan.text.tokens;
    let number = |at: &usize| {
        let token = &tokens[*at];
        token.mark == Mark::Address || digits_from(reader, *at) >= DIALLED
    };
    (from + 1..to).find(number).unwrap_or(to)
}

/// A name alone where it was asked for, courtesies taken off.
fn bare(reader: &Reader<'_>, (from, to): (usize, usize)) -> Option<Draft> {
    const COURTESIES: [Cue; 4] = [Cue::Yes, Cue::No, Cue::Small, Cue::Greet];
    let scan = reader.scan;
    let polite = |at: usize| {
        let token = &scan.text.tokens[at];
        let initial = token.norm.len() == 1 && scan.text.gap(at + 1).has(Gap::DOT);
        let filler = scan.covers(Cue::Filler, at) && !token.capital;
        let courtesy = COURTESIES.iter().any(|cue| scan.covers(*cue, at));
        !initial && !is_particle(&token.norm) && (filler || courtesy)
    };
    let start = (from..to).find(|at| !polite(*at) || (scan.text.tokens[*at].capital && *at > from))?;
    let said = before_digits(reader, start, to);
    let end =
        (start..said).rev().find(|at| !polite(*at) || scan.text.tokens[*at].capital).map(|at| at + 1)?;
    let and = |at: usize| at > start && at + 1 < end && scan.covers(Cue::And, at);
    let goes_on = (start..end).all(|at| part_of_name(reader, at, start, true) || and(at));
    (goes_on && is_name(reader, start, end, true)).then(|| named(reader, start, end, (from, to)))
}

/// "Groetjes Jeroen", "Met vriendelijke groet, H.J. van Beek".
fn signed(reader: &Reader<'_>) -> Option<Draft> {
    let scan = reader.scan;
    let signature = scan.hits.all().iter().rev().find(|hit| hit.cue == Cue::Signature)?;
    let from = signature.to;
    let goes_on = |at: &usize| {
        let token = &scan.text.tokens[*at];
        let letters = token.norm.chars().all(char::is_alphabetic);
        letters && (token.capital || is_particle(&token.norm)) && token.mark != Mark::Address
    };
    let end = (from..scan.text.len()).take_while(goes_on).count() + from;
    (from < end && end - from <= WORDS && is_name(reader, from, end, false)
        || (from < end && end == scan.text.len()))
    .then(|| named(reader, from, end, (signature.from, end)))
}

/// A name that ends the messages without being asked for, where an appointment stands, is on offer or is wished. In a line of
/// its own it is perhaps meant for something else, behind a comma or a stop in the wish itself it is not.
fn alone(reader: &Reader<'_>, chunks: &[(usize, usize)]) -> Option<Draft> {
    let (from, to) = *chunks.last()?;
    let text = &reader.scan.text;
    let own_line = from == 0 || text.gap(from).has(Gap::LINE);
    let tokens = text.tokens.get(from..to)?;
    let capitals = tokens.iter().all(|token| token.capital || is_particle(&token.norm));
    let unknown = tokens
        .iter()
        .any(|token| !lexicon::is_known(&token.norm) && matches!(token.mark, Mark::None | Mark::Name));
    let ends = !text.tail.has(Gap::QUESTION) && (!own_line || text.tail.is(Gap::default()));
    let marked = tokens.iter().any(|token| matches!(token.mark, Mark::Car | Mark::Plate));
    let visit = !reader.scan.cars.is_empty() && !reader.scan.moments.is_empty();
    let wanted = reader.has_appointment() || reader.has_offer() || visit || reader.scan.anywhere(Cue::Drive);
    let written = capitals || (reader.has_offer() && answers_offer(reader, to));
    let meant = written && unknown && tokens.len() <= 4 && ends && wanted && !marked;
    if !meant || !is_name(reader, from, to, false) {
        return None;
    }
    let found = named(reader, from, to, (from, to));
    let doubtful = own_line || reader.state.name.is_some() || !(visit || reader.scan.anywhere(Cue::Drive));
    Some(if doubtful { found.doubtful() } else { found })
}

/// One word that no list knows, without capital, is all that is said to moments on offer.
fn answers_offer(reader: &Reader<'_>, to: usize) -> bool {
    let scan = reader.scan;
    let nameless = reader.state.name.is_none() && to == scan.text.len();
    nameless
        && scan.hits.all().is_empty()
        && matches!(scan.text.tokens.as_slice(), [only] if only.mended.is_none() && only.norm.len() > NICKNAME)
}

/// Shorter words without capital are mistyped more often than they are names.
const NICKNAME: usize = 3;
