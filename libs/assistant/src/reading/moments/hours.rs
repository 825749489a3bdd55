//! Hours: exact ones, ranges, limits and parts of the day.

use super::atoms::{Atom, Source};
use crate::reading::day_words::{Part, is, number, time_of};
use crate::reading::text::{Gap, Mark};
use crate::reading::times::{Near, TimeMention};
use crate::reading::words::Role;
use crate::when::{Hours, When};

/// The hours named at a token.
pub(super) fn at(source: Source<'_, '_>, at: usize) -> Option<Atom> {
    part(source, at).or_else(|| {
        let mention = limited(source, either(source, at).or_else(|| source.clock().at(at))?);
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

/// "11 uur of later", "by 11 at the latest": words after an hour that make a limit of it.
fn limited(source: Source<'_, '_>, mention: TimeMention) -> TimeMention {
    let text = source.text;
    let ends = |at: usize| at >= text.len() || text.gap(at).has(Gap::STOP) || text.gap(at).has(Gap::COMMA);
    let said = source.phrase(Role::HourPrefixes, mention.to).filter(|_| !ends(mention.to));
    let near = match said {
        Some((_, "from after")) => Near::From,
        Some((_, "until after")) => Near::Until,
        Some((to, "until")) if ends(to) => Near::Until,
        _ => return mention,
    };
    let to = said.map_or(mention.to, |(to, _)| to);
    if matches!(mention.near, Near::At | Near::Around) {
        TimeMention { to, near, ..mention }
    } else {
        mention
    }
}

/// "10 of 11 uur": a figure, and an hour after "or".
fn either(source: Source<'_, '_>, at: usize) -> Option<TimeMention> {
    let (first, minutes) = hour(source, at)?;
    let (to, value) = source.phrase(Role::Links, first)?;
    if !matches!(value, "or" | "and") || source.text.gap(first).has(Gap::STOP) {
        return None;
    }
    let second = source
        .clock()
        .at(to)
        .filter(|second| !second.lone && second.near == Near::At)
        .or_else(|| offered_hour(source, to, minutes))?;
    let (from, until) = (minutes.min(second.minutes), minutes.max(second.minutes) + 1);
    let range =
        TimeMention { start: at, from: at, minutes: from, until: Some(until), near: Near::Between, ..second };
    (until - from <= 6 * 60).then_some(range)
}

/// The second of two bare figures that are both hours on offer, and no numbers of the list: "10 of 11".
fn offered_hour(source: Source<'_, '_>, at: usize, first: u16) -> Option<TimeMention> {
    let (to, minutes) = hour(source, at)?;
    let is_offered = |minutes: u16| {
        time_of(minutes).is_some_and(|time| source.offered.iter().any(|slot| slot.time() == time))
    };
    let numbered = number(source.language, source.text.word(at))
        .is_some_and(|said| usize::from(said.value) <= source.offered.len());
    (is_offered(first) && is_offered(minutes) && !numbered).then_some(TimeMention {
        start: at,
        from: at,
        to,
        minutes,
        until: None,
        near: Near::At,
        lone: false,
    })
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

/// From this hour on a bare figure under moments on offer is one, though none of them starts then.
const EARLIEST: u16 = 9;

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
    let compared = is_compared(source, at, to) && (offered || hours_before);
    // "Kona 10, Niro 11".
    let of_a_car = !source.offered.is_empty()
        && minutes >= EARLIEST * 60
        && ends
        && at.checked_sub(1).is_some_and(|before| text.tokens[before].mark == Mark::Car);
    let numbered = source.offered.len() >= usize::from(number(source.language, text.word(at))?.value);
    // "11 dan" under four moments on offer is no number of theirs; "12" alone may be a slip for one.
    let beyond = !source.offered.is_empty() && minutes >= EARLIEST * 60 && text.len() > 1;
    let picked = (offered || beyond) && !numbered && is_all_fillers(source, at);
    // "Dinsdagochtend, maar niet 9".
    let closes = (to..text.len())
        .take_while(|other| !text.gap(*other).has(Gap::STOP) && !text.gap(*other).has(Gap::COMMA))
        .all(|other| is(source.language, Role::MomentFillers, text.word(other), "filler"));
    let excluded = closes && !numbered && !before.is_empty() && is_refused(source, at);
    let judged = !numbered && is_judged(source, to, hours_before);
    let stands = source.standing.iter().any(|start| start.time() == time);
    let moved = stands && (is_replaced(source, at) || text.len() > 1 && is_all_fillers(source, at))
        || !source.standing.is_empty() && is_moved_to(source, at);
    let hour = clear
        && (excluded
            || ends && (corrected || either)
            || picked
            || compared
            || judged
            || moved
            || of_a_car && !numbered);
    hour.then(|| atom(at, to, Hours::At(time))).flatten()
}

/// "11 in plaats van 10": the hour of an appointment that stands, and of which another takes the place.
fn is_replaced(source: Source<'_, '_>, at: usize) -> bool {
    (at.saturating_sub(4)..at).any(|start| {
        source.phrase(Role::Refusals, start).is_some_and(|(to, value)| to == at && value == "instead")
    })
}

/// A refusal stands at most so many words before the hour that is asked for instead.
const REFUSED: usize = 5;

/// "Toch liever 11", "could we do 4 instead?": beside an appointment that stands a figure is another hour for it, where its
/// clause says that something is to be another way, and nothing else.
fn is_moved_to(source: Source<'_, '_>, at: usize) -> bool {
    const MOST: usize = 10;
    let text = source.text;
    let Some((from, to)) = clause_around(source, at, MOST) else { return false };
    let kind = |at: usize| match source.phrase(Role::OtherHours, at) {
        Some((end, value)) => Some((end, value)),
        None => source
            .phrase(Role::Refusals, at)
            .filter(|(_, value)| *value == "instead")
            .or_else(|| source.phrase(Role::Corrections, at)),
    };
    // "Dat red ik niet, 17?"
    let alone = hour(source, at).is_some_and(|(_, minutes)| minutes >= EARLIEST * 60)
        && (from.saturating_sub(REFUSED)..from).any(|before| {
            source.phrase(Role::Refusals, before).is_some_and(|(_, value)| matches!(value, "after" | "both"))
        });
    let (mut other, mut next) = (alone, from);
    while next < to {
        let said = kind(next).filter(|(end, _)| *end <= to);
        let filler = is(source.language, Role::MomentFillers, text.word(next), "filler");
        match said {
            Some((_, "counts")) => return false,
            Some((end, value)) => (other, next) = (other || value != "beside", end),
            None if filler || hour(source, next).is_some() || text.tokens[next].mark == Mark::Time => {
                next += 1;
            }
            None => return false,
        }
    }
    other
}

/// "Liever 11 dan 10", "3pm not 11": a figure beside another that is liked less, or refused.
fn is_compared(source: Source<'_, '_>, at: usize, to: usize) -> bool {
    let text = source.text;
    let says = |at: usize, value: &str| is(source.language, Role::Refusals, text.word(at), value);
    let is_time = |at: usize| text.tokens.get(at).is_some_and(|token| token.mark == Mark::Time);
    let figure = |at: usize| number(source.language, text.word(at)).is_some() || is_time(at);
    let than = |at: usize| says(at, "than");
    let rather = (at.saturating_sub(5)..at).any(|before| says(before, "rather"));
    let first = rather && than(to) && figure(to + 1);
    let second = at >= 2 && rather && than(at - 1) && figure(at - 2);
    let denied = at >= 2 && (says(at - 1, "both") || says(at - 1, "before")) && is_time(at - 2);
    first || second || denied
}

/// "10 doesn't work for me", "14 niet", and beside an hour "11 wel": what is said of a figure from the token after it on.
fn is_judged(source: Source<'_, '_>, to: usize, hours_before: bool) -> bool {
    const LEAST: u16 = 8;
    let text = source.text;
    let ends = |at: usize| at >= text.len() || text.gap(at).has(Gap::STOP) || text.gap(at).has(Gap::COMMA);
    let usual = number(source.language, text.word(to - 1)).is_some_and(|said| said.value >= LEAST);
    if ends(to) || !usual {
        return false;
    }
    let opens = to == 1 || ends(to - 1) || hours_before;
    opens
        && source.phrase(Role::Refusals, to).is_some_and(|(end, value)| match value {
            "after" => true,
            "both" => ends(end),
            "soft" => hours_before && ends(end),
            _ => false,
        })
}

/// Whether words right before a token refuse it: "niet 9", "not 9".
fn is_refused(source: Source<'_, '_>, at: usize) -> bool {
    (at.saturating_sub(3)..at).any(|start| {
        source
            .phrase(Role::Refusals, start)
            .is_some_and(|(to, value)| to == at && matches!(value, "both" | "before"))
    })
}

/// Whether a phrase of this role ends right before a token.
fn ends_here(source: Source<'_, '_>, role: Role, at: usize) -> bool {
    (at.saturating_sub(3)..at).any(|start| source.phrase(role, start).is_some_and(|(to, _)| to == at))
}

/// The clause around a token, when it has no more words than `most`.
fn clause_around(source: Source<'_, '_>, at: usize, most: usize) -> Option<(usize, usize)> {
    let text = source.text;
    let apart = |at: usize| text.gap(at).has(Gap::STOP) || text.gap(at).has(Gap::COMMA);
    let first = at.saturating_sub(most);
    let from = (first.max(1)..=at).rev().find(|start| apart(*start)).or((first == 0).then_some(0))?;
    let last = (at + most + 1).min(text.len());
    let to = (at + 1..last).find(|end| apart(*end)).or((last == text.len()).then_some(last))?;
    (to - from <= most).then_some((from, to))
}

/// Whether a clause of few words says nothing beside the token at `at`.
fn is_all_fillers(source: Source<'_, '_>, at: usize) -> bool {
    const MOST: usize = 8;
    clause_around(source, at, MOST).is_some_and(|(from, to)| {
        (from..to).all(|other| {
            other == at || is(source.language, Role::MomentFillers, source.text.word(other), "filler")
        })
    })
}
