//! Ranges of hours: "tussen 2 en 4", "van 2 tot 4", "10-12 uur".

use super::{Clock, Near, Prefix, TimeMention};
use crate::reading::text::{Gap, Mark};
use crate::reading::words::Role;

const OPEN: Prefix = Prefix { near: Near::Between, doubtful: false, opens_range: true, only_range: true };

impl Clock<'_, '_> {
    /// A range of hours from its first on; "and" joins them only after "between".
    pub(super) fn range(self, at: usize, between: bool) -> Option<TimeMention> {
        let first = self.range_hour(at)?;
        let next = self.joined(first.to, between)?;
        let second = self.range_hour(next)?;
        Self::from_to(first, second)
    }

    /// "10-12 uur", "2 tot 4 uur": no word before it, but a unit in it.
    pub(super) fn open_range(self, at: usize) -> Option<TimeMention> {
        let first = self.range_hour(at)?;
        let next = self.joined(first.to, false)?;
        let after_day = at.checked_sub(1).is_some_and(|before| {
            self.text.tokens.get(before).is_some_and(|token| token.mark == Mark::Date)
                && self.text.gap(at).is_close()
        });
        let second = self.range_hour(next).filter(|second| after_day || !(first.lone && second.lone))?;
        Self::from_to(first, second)
    }

    fn range_hour(self, at: usize) -> Option<TimeMention> {
        if let Some(mention) = self.expression(at, Some(OPEN)) {
            return Some(mention);
        }
        // The figure before a hyphen is joined to the next one, and no amount.
        let hyphen = self.text.gap(at + 1).has(Gap::HYPHEN) && !self.text.gap(at).has(Gap::EURO);
        let hour = self.hour_word(at).filter(|hour| hyphen && (1..=24).contains(hour))?;
        let mention = self.said(at, at + 1, hour, 0)?;
        Some(TimeMention { lone: true, ..mention })
    }

    /// Where the second hour of a range starts.
    fn joined(self, at: usize, between: bool) -> Option<usize> {
        let gap = self.text.gap(at);
        if at >= self.text.len() || gap.has(Gap::STOP) || gap.has(Gap::COMMA) {
            return None;
        }
        if gap.has(Gap::HYPHEN) {
            return Some(at);
        }
        let (to, value) = self.phrase(Role::Links, at)?;
        let joins = value == "to" || (between && value == "and") || gap.has(Gap::HYPHEN);
        joins.then_some(to)
    }

    fn from_to(first: TimeMention, second: TimeMention) -> Option<TimeMention> {
        const HALF_A_DAY: u16 = 12 * 60;
        let until = if second.minutes > first.minutes { second.minutes } else { second.minutes + HALF_A_DAY };
        (first.minutes < until && until < 24 * 60).then_some(TimeMention {
            to: second.to,
            until: Some(until),
            near: Near::Between,
            lone: false,
            ..first
        })
    }
}
