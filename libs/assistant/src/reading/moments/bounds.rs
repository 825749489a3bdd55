//! Hours that are no wish but bound it: "moet om 10 weer weg", "ik werk tot 2", "I finish at 3".

use dealer::Language;
use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};

use super::group::Group;
use crate::reading::day_words::is;
use crate::reading::text::{Gap, Text};
use crate::reading::words::{self, Role};
use crate::when::Hours;

/// So long before they have to be gone people come at the latest.
const VISIT: SignedDuration = SignedDuration::from_mins(59);

/// So many words may stand between an hour and what makes it a bound.
const NEAR: usize = 3;

/// Makes ranges of the hours that only bound what is wished.
pub(super) fn told(text: &Text<'_>, language: Language, offered: &[DateTime], groups: &mut [Group]) {
    for number in 0..groups.len() {
        let start = number.checked_sub(1).map_or(0, |before| groups[before].to);
        let end = groups.get(number + 1).map_or(text.len(), |next| next.from);
        let group = &groups[number];
        let clause = Around::of(text, language, group, start, end);
        // A part of the day bounds nothing: "I work nights, so only mornings work for me".
        if let Some(hours) = clause.bound(group.when.hours, offered).filter(|_| !group.part) {
            groups[number].when.hours = hours;
            groups[number].bound = true;
        }
    }
}

/// The words of its clause around a moment, up to the moments beside it.
struct Around<'a, 't> {
    text: &'a Text<'t>,
    language: Language,
    from: usize,
    start: usize,
    end: usize,
    to: usize,
}

impl<'a, 't> Around<'a, 't> {
    fn of(text: &'a Text<'t>, language: Language, group: &Group, start: usize, end: usize) -> Self {
        let breaks = |at: usize| text.gap(at).has(Gap::STOP) || text.gap(at).has(Gap::COMMA);
        let mut from = group.from;
        while from > start && !breaks(from) {
            from -= 1;
        }
        let mut to = group.to;
        while to < end && !breaks(to) {
            to += 1;
        }
        Self { text, language, from, start: group.from, end: group.to, to }
    }

    fn bound(&self, hours: Hours, offered: &[DateTime]) -> Option<Hours> {
        // "Om 3 uur ben ik vrij" picks that hour where it is offered.
        let is_offered = |time: Time| offered.iter().any(|start| start.time() == time);
        match hours {
            Hours::At(time) | Hours::Around(time) if self.leaves() => before(time),
            Hours::At(time) | Hours::Around(time) if self.is_free() && !is_offered(time) => {
                Some(Hours::Between { from: Some(time), until: None })
            }
            Hours::Between { from: None, until: Some(time) } if self.is_busy() => {
                Some(Hours::Between { from: Some(time), until: None })
            }
            Hours::Between { from: Some(time), until: None } if self.is_busy() => before(time),
            _ => None,
        }
    }

    /// The phrases that start at a token and end before `to`.
    fn phrase(&self, at: usize, to: usize) -> Option<(usize, &'static str)> {
        words::phrase(self.language, Role::Bounds, self.text, at).filter(|(end, _)| *end <= to)
    }

    /// Where a phrase of a kind stands before the moment, so near to it, or within it.
    fn before(&self, kind: &str, near: usize) -> Option<usize> {
        (self.from..self.end).find(|at| {
            self.phrase(*at, self.end)
                .is_some_and(|(end, value)| is_of(value, kind) && self.start.saturating_sub(end) <= near)
        })
    }

    fn after(&self, kind: &str, near: usize) -> bool {
        (self.end..self.to.min(self.end + near + 1))
            .any(|at| self.phrase(at, self.to).is_some_and(|(_, value)| is_of(value, kind)))
    }

    /// "Moet om 10 weer weg", "I have to be back at 10"; but no "moet ik om 10 op kantoor zijn?"
    fn leaves(&self) -> bool {
        let far = self.to - self.from;
        let asked =
            self.text.in_question(self.start) && self.before("must", far).is_some_and(|at| at == self.from);
        let must = self.before("must", far).is_some() || self.after("must", NEAR);
        must && !asked
            && (self.after("leave", NEAR) || self.before("leave", 1).is_some() || self.has_to_do_else())
            || self.before("leaves", 1).is_some()
            || self.after("leaves", 0)
    }

    /// "Moet om 4 de hond uitlaten": what has to be done then is no visit.
    fn has_to_do_else(&self) -> bool {
        let visits = |at: usize| self.phrase(at, self.to).is_some_and(|(_, value)| is_of(value, "visit"));
        let small = |at: usize| {
            let word = self.text.word(at);
            is(self.language, Role::MomentFillers, word, "filler")
                || words::value(self.language, Role::Links, word).is_some()
        };
        let behind = self.end..self.to;
        self.before("must", NEAR).is_some()
            && !self.text.in_question(self.start)
            && !behind.clone().any(visits)
            && behind.into_iter().any(|at| self.text.free(at) && !small(at))
    }

    /// "Ik werk tot 2 uur", "bis 14 Uhr arbeite ich".
    fn is_busy(&self) -> bool {
        self.before("busy", NEAR).is_some() || self.after("busy", 1)
    }

    /// "Ben om 3 uur vrij", "I finish at 3"; but no "is 3 uur vrij?"
    fn is_free(&self) -> bool {
        let far = self.to - self.from;
        let own = self.before("am", far).is_some() || self.after("am", 0);
        own && !self.text.in_question(self.start)
            && (self.after("free", 1) || self.before("free", 1).is_some())
    }
}

/// Whether one of the kinds of a phrase is this.
fn is_of(value: &str, kind: &str) -> bool {
    value.split(' ').any(|one| one == kind)
}

fn before(time: Time) -> Option<Hours> {
    let until = time.checked_sub(VISIT).ok()?;
    Some(Hours::Between { from: None, until: Some(until) })
}
