//! From the moments named to the one wish they make.

use jiff::ToSpan;
use jiff::civil::{Date, Time};

use super::group::narrowed;
use super::{Link, MomentMention};
use crate::when::{Days, Hours, Relative, When};

/// What all moments of a clause or a turn wish together: corrections take the place of what they correct, refused moments
/// are excluded, past ones and those an appointment is moved away from say nothing.
pub(in crate::reading) fn wish(mentions: &[MomentMention]) -> When {
    let mut wish = When::default();
    let told = mentions.iter().filter(|mention| !mention.past);
    for mention in told {
        if mention.negated {
            exclude(&mut wish, &mention.when);
        } else if !mention.away {
            match mention.link {
                Link::Corrects => correct(&mut wish, &mention.when),
                Link::Or => offer_as_well(&mut wish, &mention.when),
                Link::Adds => add(&mut wish, &mention.when),
            }
        }
    }
    without_excluded(&mut wish);
    // "kan het ook eerder, half 11": the hour says how much earlier.
    let by_hour =
        matches!(wish.relative, Some(Relative::Later(_) | Relative::Earlier(_) | Relative::SameTime));
    if by_hour && wish.hours != Hours::Any {
        wish.relative = None;
    }
    // "De dag ervoor, donderdag": the day's own name says it all.
    let by_day =
        matches!(wish.relative, Some(Relative::DaysLater(_) | Relative::SameDay | Relative::OtherDay));
    if by_day && !wish.days.is_empty() {
        wish.relative = None;
    }
    wish
}

/// More is said of the same wish: days within the range named before make it definite, others suit as well.
fn add(wish: &mut When, more: &When) {
    wish.days = match (wish.days.as_slice(), more.days.as_slice()) {
        (days, []) | ([], days) => days.to_vec(),
        (before, days) if are_within(days, before) => days.to_vec(),
        (before, days) if are_within(before, days) => before.to_vec(),
        (before, days) => [before, days].concat(),
    };
    wish.hours = narrowed(wish.hours, more.hours);
    count_from(wish, more);
}

fn correct(wish: &mut When, new: &When) {
    if !new.days.is_empty() {
        wish.days.clone_from(&new.days);
    }
    if new.hours != Hours::Any {
        wish.hours = new.hours;
    }
    count_from(wish, new);
}

fn count_from(wish: &mut When, more: &When) {
    wish.relative = Relative::with(wish.relative, more.relative);
    wish.soon |= more.soon;
}

/// Another moment that suits. Of two definite ones on different days the first counts.
fn offer_as_well(wish: &mut When, other: &When) {
    let days_differ = !wish.days.is_empty() && !other.days.is_empty();
    let hours_differ = wish.hours != Hours::Any && other.hours != Hours::Any && wish.hours != other.hours;
    if days_differ && hours_differ {
        return;
    }
    let either = either(wish.hours, other.hours);
    add(wish, other);
    if let Some(hours) = either {
        wish.hours = hours;
    }
}

/// "10 of 11 uur", "in de ochtend of na 4": the range that holds both.
fn either(a: Hours, b: Hours) -> Option<Hours> {
    let ((from, until), (other_from, other_until)) = (bounds(a)?, bounds(b)?);
    let from = from.zip(other_from).map(|(a, b)| a.min(b));
    let until = until.zip(other_until).map(|(a, b)| a.max(b));
    Some(if from.is_none() && until.is_none() { Hours::Any } else { Hours::Between { from, until } })
}

fn bounds(hours: Hours) -> Option<(Option<Time>, Option<Time>)> {
    match hours {
        Hours::Any => None,
        Hours::At(time) | Hours::Around(time) => Some((Some(time), time.checked_add(1.minute()).ok())),
        Hours::Between { from, until } => Some((from, until)),
    }
}

fn are_within(days: &[Days], ranges: &[Days]) -> bool {
    days.iter().all(|days| ranges.iter().any(|range| range.contains(days.first) && range.contains(days.last)))
}

/// Days are excluded, with a part of them too; with an hour only that hour. Of a range of hours on no definite day, what
/// lies outside it suits.
fn exclude(wish: &mut When, refused: &When) {
    let part_of_days = matches!(refused.hours, Hours::Between { .. }) && !refused.days.is_empty();
    if refused.hours == Hours::Any || part_of_days {
        for day in refused.days.iter().flat_map(each_day) {
            if !wish.not_days.contains(&day) {
                wish.not_days.push(day);
            }
        }
        return;
    }
    match refused.hours {
        Hours::At(time) | Hours::Around(time) => wish.not_hours.push(time),
        Hours::Between { from: None, until } => {
            wish.hours = narrowed(Hours::Between { from: until, until: None }, wish.hours);
        }
        Hours::Between { from, until: None } => {
            wish.hours = narrowed(Hours::Between { from: None, until: from }, wish.hours);
        }
        Hours::Between { from: Some(from), until: Some(until) } => {
            wish.not_hours.extend(half_hours(from, until));
        }
        Hours::Any => {}
    }
}

/// No range that was named is longer.
const LONGEST: usize = 31;

fn each_day(days: &Days) -> impl Iterator<Item = Date> {
    let last = days.last;
    days.first.series(1.day()).take_while(move |day| *day <= last).take(LONGEST)
}

fn half_hours(from: Time, until: Time) -> impl Iterator<Item = Time> {
    from.series(30.minutes()).take_while(move |time| *time < until)
}

fn without_excluded(wish: &mut When) {
    let refused = &wish.not_days;
    wish.days.retain(|days| days.first != days.last || !refused.contains(&days.first));
    if matches!(wish.hours, Hours::At(time) | Hours::Around(time) if wish.not_hours.contains(&time)) {
        wish.hours = Hours::Any;
    }
}
