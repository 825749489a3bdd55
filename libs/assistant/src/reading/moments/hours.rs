//! Hours: exact ones, ranges, limits and parts of the day.

use super::atoms::{Atom, Source};
use crate::reading::day_words::{Part, is, number, time_of};
use crate::reading::text::Gap;
use crate::reading::times::{Near, TimeMention};
use crate::reading::words::Role;
use crate::when::{Hours, When};

/// The hours named at a token.
pub(super) fn at(source: Source<'_, '_>, at: usize) -> Option<Atom> {
    part(source, at).or_else(|| {
        let mention = either(source, at).or_else(|| source.clock().at(at))?;
        atom(mention.start, mention.to, hours(&mention)?)
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the readers of a token all answer an option")]
fn atom(from: usize, to: usize, hours: Hours) -> Option<Atom> {
    Some(Atom { from, to, when: When { hours, ..When::default() }, ..Atom::default() })
}

fn hours(mention: &TimeMention) -> Option<Hours> {
    let time = time_of(mention.minutes)?;
    Some(match mention.near {
        Near::At => Hours::At(time),
        Near::Around => Hours::Around(time),
        Near::From => Hours::Between { from: Some(time), until: None },
        Near::Until => Hours::Between { from: None, until: Some(time) },
        Near::Between => Hours::Between { from: Some(time), until: mention.until.and_then(time_of) },
    })
}

fn part(source: Source<'_, '_>, at: usize) -> Option<Atom> {
    let (to, value) = source.phrase(Role::DayParts, at)?;
    let (hours, kind) = value.split_once(' ').unwrap_or((value, ""));
    // "te vroeg" refuses an hour and is none.
    let refuses = kind == "?"
        && at
            .checked_sub(1)
            .and_then(|before| source.phrase(Role::Refusals, before))
            .is_some_and(|(end, _)| end > at);
    if kind == "glued" || refuses || source.clock().greets(at) {
        return None;
    }
    let part = Part::parse(hours)?;
    let atom = atom(at, to, Hours::Between { from: part.from, until: part.until })?;
    Some(Atom { part: true, doubtful: kind == "?", ..atom })
}

/// "10 of 11 uur": a figure, and an hour after "or".
fn either(source: Source<'_, '_>, at: usize) -> Option<TimeMention> {
    let (first, minutes) = hour(source, at)?;
    let (to, value) = source.phrase(Role::Links, first)?;
    if value != "or" || source.text.gap(first).has(Gap::STOP) {
        return None;
    }
    let second = source.clock().at(to).filter(|second| !second.lone && second.near == Near::At)?;
    let (from, until) = (minutes.min(second.minutes), minutes.max(second.minutes) + 1);
    let range =
        TimeMention { start: at, from: at, minutes: from, until: Some(until), near: Near::Between, ..second };
    (until - from <= 6 * 60).then_some(range)
}

/// A figure as an hour of the day: the token after it, and minutes after midnight.
fn hour(source: Source<'_, '_>, at: usize) -> Option<(usize, u16)> {
    let said =
        number(source.language, source.text.word(at)).filter(|said| !said.article && source.text.free(at))?;
    let hour = match said.value {
        hour @ 1..=7 => hour + 12,
        hour @ 8..=20 => hour,
        _ => return None,
    };
    Some((at + 1, hour * 60))
}

/// A bare figure that the talk makes an hour: "ah nee 11", "om 10 of 11", "doe maar 14" with 14:00 on offer.
pub(super) fn lone(source: Source<'_, '_>, at: usize, before: &[Atom]) -> Option<Atom> {
    let (to, minutes) = hour(source, at)?;
    let text = source.text;
    let ends = to >= text.len() || text.gap(to).has(Gap::STOP) || text.gap(to).has(Gap::COMMA);
    let clear = !text.gap(at).has(Gap::EURO) && source.phrase(Role::Counted, to).is_none();
    let time = time_of(minutes)?;
    let offered = source.offered.iter().any(|slot| slot.time() == time);
    let hours_before =
        before.iter().rev().take(2).any(|atom| matches!(atom.when.hours, Hours::At(_) | Hours::Around(_)));
    let corrected = ends_here(source, Role::Corrections, at) && (hours_before || offered);
    let either = before.last().is_some_and(|last| {
        last.to + 1 == at
            && matches!(last.when.hours, Hours::At(_))
            && is(source.language, Role::Links, text.word(last.to), "or")
    });
    let numbered = source.offered.len() >= usize::from(number(source.language, text.word(at))?.value);
    let picked = offered && !numbered && is_all_fillers(source, at);
    let hour = clear && (ends && (corrected || either) || picked);
    hour.then(|| atom(at, to, Hours::At(time))).flatten()
}

/// Whether a phrase of this role ends right before a token.
fn ends_here(source: Source<'_, '_>, role: Role, at: usize) -> bool {
    (at.saturating_sub(3)..at).any(|start| source.phrase(role, start).is_some_and(|(to, _)| to == at))
}

/// Whether a message of few words says nothing beside the token at `at`.
fn is_all_fillers(source: Source<'_, '_>, at: usize) -> bool {
    const MOST: usize = 8;
    let text = source.text;
    text.len() <= MOST
        && (0..text.len())
            .all(|other| other == at || is(source.language, Role::MomentFillers, text.word(other), "filler"))
}
