//! Moments counted from the one the talk is about: "zelfde tijd", "een uurtje later"; and "zo snel mogelijk".

use jiff::civil::DateTimeRound;
use jiff::{ToSpan, Unit};

use super::atoms::{Atom, Source};
use crate::reading::day_words::{is, number};
use crate::reading::text::Gap;
use crate::reading::words::Role;
use crate::when::{Days, Hours, Relative, When};

/// What is counted from another moment at a token.
pub(super) fn at(source: Source<'_, '_>, at: usize) -> Option<Atom> {
    length_later(source, at).or_else(|| from_now(source, at)).or_else(|| phrase(source, at))
}

/// Hours counted from now are meant as about so much.
const ABOUT_MINUTES: i64 = 30;

/// "Over een uur", "in half an hour": about then, today.
fn from_now(source: Source<'_, '_>, at: usize) -> Option<Atom> {
    let text = source.text;
    if !is(source.language, Role::Lengths, text.word(at), "in") || text.gap(at + 1).has(Gap::STOP) {
        return None;
    }
    let (to, minutes) = length(source, at + 1)?;
    // "In 2 uur rijden" is how far it is.
    let of_something = is(source.language, Role::Lengths, text.word(to), "after");
    if of_something && !text.gap(to).has(Gap::STOP) {
        return None;
    }
    let day = source.today;
    let then = day.to_datetime(source.now).checked_add(minutes.minutes()).ok()?;
    let round = DateTimeRound::new().smallest(Unit::Minute).increment(ABOUT_MINUTES);
    let then = then.round(round).ok().filter(|then| then.date() == day)?;
    let when = When { days: vec![Days::on(day)], hours: Hours::Around(then.time()), ..When::default() };
    Some(Atom { from: at, to, when, ..Atom::default() })
}

/// A length in minutes that begins at a token, and the token after it: "een uurtje", "half an hour", "2 uur".
fn length(source: Source<'_, '_>, at: usize) -> Option<(usize, i64)> {
    let (count, unit_at) = match source.phrase(Role::Units, at) {
        Some(_) => (1, at),
        None => (number(source.language, source.text.word(at))?.value, at + 1),
    };
    let (to, unit) = source.phrase(Role::Units, unit_at)?;
    let size = unit.strip_suffix(" minutes")?;
    Some((to, i64::from(count.checked_mul(size.parse().ok()?)?)))
}

fn phrase(source: Source<'_, '_>, at: usize) -> Option<Atom> {
    let (to, value) = source.phrase(Role::Relative, at)?;
    // "later dan 3", "niet eerder dan 10" are limits.
    if source.phrase(Role::HourPrefixes, to - 1).is_some_and(|(end, _)| end > to) {
        return None;
    }
    let (kind, more) = value.split_once(' ').unwrap_or((value, ""));
    // "tot later" takes leave.
    let leaves = (at.saturating_sub(2)..at).any(|before| {
        source.phrase(Role::Relative, before).is_some_and(|(end, value)| end == to && value == "none")
    });
    if leaves {
        return None;
    }
    let mut when = When::default();
    match kind {
        "soon" => {
            when.soon = true;
            if more == "today" {
                when.days = vec![Days::on(source.today)];
            }
        }
        "same_time" => when.relative = Some(Relative::SameTime),
        "later" => when.relative = Some(Relative::Later(None)),
        "earlier" => when.relative = Some(Relative::Earlier(None)),
        "same_day" => when.relative = Some(Relative::SameDay),
        "other_day" => when.relative = Some(Relative::OtherDay),
        "days" => when.relative = Some(Relative::DaysLater(more.parse().ok()?)),
        _ => return None,
    }
    Some(Atom { from: at, to, when, doubtful: more == "?", ..Atom::default() })
}

/// "een uurtje later", "half uur eerder", "2 days later".
fn length_later(source: Source<'_, '_>, at: usize) -> Option<Atom> {
    let text = source.text;
    let (count, unit_at) = match source.phrase(Role::Units, at) {
        Some(_) => (1, at),
        None => (number(source.language, text.word(at))?.value, at + 1),
    };
    let (to, unit) = source.phrase(Role::Units, unit_at)?;
    let (size, unit) = unit.split_once(' ')?;
    let length = count.checked_mul(size.parse().ok()?)?;
    let is_kind =
        |kind| is(source.language, Role::Lengths, text.word(to), kind) && !text.gap(to).has(Gap::STOP);
    let (later, earlier) = (is_kind("later"), is_kind("earlier"));
    let limit = source.phrase(Role::HourPrefixes, to).is_some_and(|(end, _)| end > to + 1);
    let said = (later || earlier).then_some((to + 1, later)).filter(|_| !limit);
    let (to, later) = said.or_else(|| shifted(source, at, to))?;
    if count == 0 {
        return None;
    }
    let days = |length: u16| {
        let days = i16::try_from(length).ok()?;
        Some(Relative::DaysLater(if later { days } else { -days }))
    };
    let relative = match unit {
        "minutes" if later => Relative::Later(Some(length)),
        "minutes" => Relative::Earlier(Some(length)),
        "days" => days(length)?,
        _ => days(length.checked_mul(30)?)?,
    };
    let when = When { relative: Some(relative), ..When::default() };
    Some(Atom { from: at, to, when, ..Atom::default() })
}

/// "een week naar achteren", "push it back a day", "eine Stunde vorziehen": the token after it, and whether it is later.
fn shifted(source: Source<'_, '_>, at: usize, to: usize) -> Option<(usize, bool)> {
    let text = source.text;
    let ends = |at: usize| at >= text.len() || text.gap(at).has(Gap::STOP) || text.gap(at).has(Gap::COMMA);
    let before = (at.saturating_sub(5)..at).find_map(|start| {
        let (end, value) = source.phrase(Role::Shifts, start)?;
        let linked = end == at
            || end + 1 == at
                && (is(source.language, Role::Links, text.word(end), "prep")
                    || is(source.language, Role::Links, text.word(end), "article"));
        (linked && value.ends_with(" before")).then_some((to, value.starts_with("later")))
    });
    before.or_else(|| {
        let (end, value) = source.phrase(Role::Shifts, to).filter(|_| !ends(to))?;
        let fits = value.ends_with(" after") || value.ends_with(" end") && ends(end);
        fits.then_some((end, value.starts_with("later")))
    })
}
