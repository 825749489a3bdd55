//! Which parts belong together: a day with its hour is one moment.

use dealer::Language;

use super::atoms::Atom;
use crate::reading::text::{Gap, Text};
use crate::reading::words::{self, Role};
use crate::when::{Hours, When};

/// One moment, before it is judged.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is said of a moment by itself")]
pub(super) struct Group {
    pub from: usize,
    pub to: usize,
    pub when: When,
    pub past: bool,
    /// Nothing in it counts by itself.
    pub doubtful: bool,
    /// Its hours are but a part of the day.
    pub part: bool,
    /// Its hours bound what is wished: nothing around them refuses them.
    pub bound: bool,
}

/// Joins the parts of each moment.
pub(super) fn grouped(text: &Text<'_>, language: Language, atoms: Vec<Atom>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for atom in atoms {
        match groups.last_mut() {
            Some(group) if fits(group, &atom) && are_joined(text, language, group, atom.from) => {
                group.add(&atom);
            }
            _ => {
                let mut group = Group { from: atom.from, doubtful: true, ..Group::default() };
                group.add(&atom);
                groups.push(group);
            }
        }
    }
    groups
}

impl Group {
    fn add(&mut self, atom: &Atom) {
        self.to = atom.to;
        self.past |= atom.past;
        self.doubtful &= atom.doubtful;
        if !atom.when.days.is_empty() {
            self.when.days.clone_from(&atom.when.days);
        }
        self.when.soon |= atom.when.soon;
        self.when.relative = self.when.relative.or(atom.when.relative);
        if atom.when.hours != Hours::Any {
            self.part = atom.part && (self.part || self.when.hours == Hours::Any);
            self.when.hours = narrowed(self.when.hours, atom.when.hours);
        }
    }
}

fn fits(group: &Group, atom: &Atom) -> bool {
    let one_day = group.when.days.is_empty() || atom.when.days.is_empty();
    let one_time = group.when.hours == Hours::Any
        || atom.when.hours == Hours::Any
        || (group.part || atom.part) && agree(group.when.hours, atom.when.hours)
        || both_limits(group.when.hours, atom.when.hours);
    let one_count = group.when.relative.is_none() || atom.when.relative.is_none();
    one_day && one_time && one_count && group.past == atom.past
}

/// Whether an hour lies in the part of the day named with it; ranges may narrow each other.
fn agree(a: Hours, b: Hours) -> bool {
    match (a, b) {
        (Hours::At(time) | Hours::Around(time), Hours::Between { from, until })
        | (Hours::Between { from, until }, Hours::At(time) | Hours::Around(time)) => {
            from.is_none_or(|from| time >= from) && until.is_none_or(|until| time <= until)
        }
        _ => true,
    }
}

/// "na 2, maar voor 5".
const fn both_limits(a: Hours, b: Hours) -> bool {
    matches!(
        (a, b),
        (Hours::Between { until: None, .. }, Hours::Between { from: None, .. })
            | (Hours::Between { from: None, .. }, Hours::Between { until: None, .. })
    )
}

/// Hours that meet both; the later ones where nothing does. An hour is more definite than a range.
pub(super) fn narrowed(earlier: Hours, later: Hours) -> Hours {
    let at = |hours| matches!(hours, Hours::At(_) | Hours::Around(_));
    match (earlier, later) {
        (Hours::Any, hours) | (hours, Hours::Any) => hours,
        (Hours::Between { from, until }, Hours::Between { from: later_from, until: later_until }) => {
            let from = from.max(later_from);
            let until = match (until, later_until) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            let empty = from.zip(until).is_some_and(|(from, until)| from >= until);
            if empty { later } else { Hours::Between { from, until } }
        }
        (hours, Hours::Between { .. }) if at(hours) => hours,
        (_, hours) => hours,
    }
}

/// The most small words that may stand within one moment.
const BETWEEN: usize = 4;

/// Whether only small words stand between two parts.
fn are_joined(text: &Text<'_>, language: Language, group: &Group, to: usize) -> bool {
    let from = group.to;
    let joining = |at: usize| {
        words::value(language, Role::Links, text.word(at))
            .is_some_and(|kind| matches!(kind, "join" | "prep" | "article"))
    };
    let broken = |at: usize| {
        let gap = text.gap(at);
        // "za. 10 uur" goes on after the stop of the short name.
        gap.has(Gap::LINE)
            || gap.has(Gap::QUESTION)
            || gap.has(Gap::STOP) && !(gap.has(Gap::DOT) && at == from && !group.when.days.is_empty())
    };
    to.saturating_sub(from) <= BETWEEN && (from..to).all(joining) && !(from..=to).any(broken)
}
