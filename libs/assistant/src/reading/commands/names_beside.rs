//! Names beside something else: behind contact data, and a known one said in full.

use super::Reader;
use super::answers::{bare, draft, named};
use super::person_names::{end_of, is_address, is_full, is_given, is_name, is_particle};
use super::phrases::Cue;
use super::{Draft, answers::Chunk};
use crate::command::Command;
use crate::reading::text::{Gap, Mark};
use crate::reading::{given_names, lexicon};

/// A name without a known given name has at most so many words beside contact data.
const STRANGE: std::ops::RangeInclusive<usize> = 2..=4;

/// A chunk without what is said behind the name in it: "Gerrit Mulder trouwens", "Ann Lee for the appointment".
pub(super) fn without_remark(reader: &Reader<'_>, (from, to): Chunk) -> Chunk {
    let remark = reader.scan.hits.within(from + 1, to, Cue::NameAfter).find(|hit| hit.to >= to);
    (from, remark.map_or(to, |hit| hit.from))
}

/// "Mailen mag naar s.b@x.nl, Sanne Bakker", "0172 …, Torsten", "vraag naar Wilma": the name beside a number or an address.
pub(super) fn beside_an_address(reader: &Reader<'_>, chunks: &[Chunk]) -> Option<Draft> {
    let scan = reader.scan;
    let reachable = scan.email.is_some() || scan.phone.is_some();
    if !reachable || scan.anywhere(Cue::NameTheirs) {
        return None;
    }
    let stretches: Vec<Chunk> = chunks.iter().flat_map(|chunk| between_addresses(reader, *chunk)).collect();
    asked_for(reader, &stretches)
        .or_else(|| stretches.into_iter().rev().find_map(|stretch| name_of(reader, stretch)))
}

/// The parts of a chunk that are no address.
fn between_addresses(reader: &Reader<'_>, (from, to): Chunk) -> Vec<Chunk> {
    let mut parts = Vec::new();
    let mut start = from;
    for at in from..=to {
        if at == to || is_address(reader, at) {
            if start < at {
                parts.push(without_remark(reader, (start, at)));
            }
            start = at + 1;
        }
    }
    parts
}

/// "Ask for Dave": who is asked for at one's own number.
fn asked_for(reader: &Reader<'_>, stretches: &[Chunk]) -> Option<Draft> {
    let (hit, to) = stretches.iter().find_map(|(from, to)| {
        reader.scan.hits.within(*from, *to, Cue::NameReach).next().map(|hit| (hit, *to))
    })?;
    let end = end_of(reader, hit.to, to, false);
    let whole = hit.to < end && (is_given(&reader.scan.text.tokens[hit.to]) || is_full(reader, hit.to, end));
    (whole && is_name(reader, hit.to, end, true)).then(|| named(reader, hit.to, end, (hit.from, end)))
}

/// A stretch that is a name and nothing else.
fn name_of(reader: &Reader<'_>, (from, to): Chunk) -> Option<Draft> {
    let tokens = &reader.scan.text.tokens[from..to];
    let touches =
        (from > 0 && is_address(reader, from - 1)) || (to < reader.scan.text.len() && is_address(reader, to));
    let first = tokens.first()?;
    let written = tokens.iter().all(|token| token.capital || is_particle(&token.norm));
    let word = lexicon::is_known(&first.norm) && first.norm.len() > 1 && !given_names::has(&first.norm);
    let full = is_full(reader, from, to) && (written || touches) && !word;
    let given = touches && tokens.len() == 1 && is_given(first);
    let own = || tokens.iter().filter(|token| !is_particle(&token.norm));
    let strange = touches
        && written
        && STRANGE.contains(&own().count())
        && own().all(|token| !lexicon::is_known(&token.norm) && token.mark == Mark::None);
    let meant = full || given || strange;
    (meant && is_name(reader, from, to, given)).then(|| named(reader, from, to, (from, to)))
}

/// "Gerrit Mulder trouwens" to the "Gerrit" that is known: the same name in full, wherever it is said.
pub(super) fn in_full_now(reader: &Reader<'_>, chunks: &[Chunk]) -> Option<Draft> {
    let known = reader.state.name.as_ref()?;
    let longer = |draft: &Draft| match &draft.command {
        Command::Name(name) => {
            name.split_whitespace().count() > known.split_whitespace().count()
                && crate::names::repeats(known, name)
        }
        _ => false,
    };
    chunks
        .iter()
        .filter(|(from, to)| is_full(reader, *from, without_remark(reader, (*from, *to)).1))
        .filter_map(|chunk| bare(reader, *chunk))
        .find(longer)
}

/// "Groetjes Jeroen", "gr joy", "Met vriendelijke groet, H.J. van Beek".
pub(super) fn signed(reader: &Reader<'_>) -> Option<Draft> {
    let scan = reader.scan;
    let signature = scan.hits.all().iter().rev().find(|hit| hit.cue == Cue::Signature)?;
    let from = signature.to;
    let joins = |at: &usize| {
        let token = &scan.text.tokens[*at];
        let letters = token.norm.chars().all(char::is_alphabetic);
        let small = *at == from && given_names::has(&token.norm) && !is_particle(&token.norm);
        letters && (token.capital || small || is_particle(&token.norm)) && token.mark != Mark::Address
    };
    let end = (from..scan.text.len()).take_while(joins).count() + from;
    let ends = end == scan.text.len() || scan.text.gap(end).has(Gap::LINE) || is_address(reader, end);
    let small = scan.text.tokens.get(from).is_some_and(|token| !token.capital);
    if from >= end || (small && !ends) {
        return None;
    }
    let fits = end - from <= super::person_names::WORDS && is_name(reader, from, end, small);
    (fits || (!small && end == scan.text.len()))
        .then(|| draft(reader, Command::Name(scan.text.raw_of(from, end).to_owned()), signature.from, end))
}
