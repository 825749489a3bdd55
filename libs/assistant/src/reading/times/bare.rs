//! An hour without a unit, where a time is expected.

use super::{Clock, Near, Prefix, TimeMention};
use crate::reading::day_words::{Number, number, weekday};
use crate::reading::text::{Gap, Mark};
use crate::reading::words::Role;

impl Clock<'_, '_> {
    /// "om 3", "after 5", "zaterdag 11": a figure where a time is expected.
    pub(super) fn bare(self, at: usize, prefix: Option<Prefix>) -> Option<TimeMention> {
        let said = number(self.language, self.text.word(at)).filter(|said| (1..=20).contains(&said.value))?;
        if said.article
            || self.is_before(Role::Numbers, at, "article")
            || self.counts(at) && !(prefix.is_some() && self.drives_then(at))
        {
            return None;
        }
        let figure = self.text.tokens.get(at)?.is_number();
        let expected = match prefix {
            Some(prefix) => self.expects_hour(at, prefix, figure, said),
            None => figure && self.follows_day(at, said.value),
        };
        let mention = expected.then(|| self.said(at, at + 1, said.value, 0)).flatten()?;
        Some(TimeMention { lone: true, ..mention })
    }

    /// "Zaterdag na 6 rijden", where "6 rijden" is no length.
    fn drives_then(self, at: usize) -> bool {
        self.phrase(Role::Counted, at + 1).is_some_and(|(_, value)| value == "length")
    }

    /// Whether words before a figure make it an hour. A number word needs plainer ones than digits.
    fn expects_hour(self, at: usize, prefix: Prefix, figure: bool, said: Number) -> bool {
        match prefix.near {
            _ if said.hour => true,
            Near::Between => true,
            _ if prefix.doubtful => figure,
            Near::At | Near::Around => true,
            Near::From => figure || self.near_day(at),
            Near::Until => {
                self.near_day(at)
                    || figure && said.value >= 8 && self.closes_short_message(at)
                    || figure && self.ends_work(at)
            }
        }
    }

    /// "zaterdag 11", "dinsdag 3".
    fn follows_day(self, at: usize, hour: u16) -> bool {
        let Some(before) = at.checked_sub(1).and_then(|at| self.text.tokens.get(at)) else { return false };
        let gap = self.text.gap(at);
        let dated = before.mark == Mark::Date && gap.is_close() && !gap.has(Gap::COMMA);
        dated && (hour >= 8 || self.ends_clause(at + 1))
    }

    pub(super) fn near_day(self, at: usize) -> bool {
        (at.saturating_sub(8)..at + 4).any(|other| {
            self.text.same_sentence(at, other)
                && self.text.tokens.get(other).is_some_and(|token| {
                    token.mark == Mark::Date || other > at && weekday(self.language, &token.norm).is_some()
                })
        })
    }

    /// "kan het voor 12?", but not "een golf tot 15".
    fn closes_short_message(self, at: usize) -> bool {
        const MOST: usize = 8;
        self.text.len() <= MOST
            && self.ends_clause(at + 1)
            && (0..self.text.len()).all(|other| other == at || self.is(Role::MomentFillers, other, "filler"))
    }

    /// "Mijn man werkt tot 2", "I work until 3": so long somebody is busy.
    fn ends_work(self, at: usize) -> bool {
        const NEAR: usize = 6;
        let busy = |start: usize| {
            self.phrase(Role::Bounds, start)
                .is_some_and(|(to, value)| to <= at && value.split(' ').any(|kind| kind == "busy"))
        };
        (at.saturating_sub(NEAR)..at)
            .any(|start| (start + 1..=at).all(|between| !self.ends_clause(between)) && busy(start))
    }

    pub(super) fn ends_clause(self, at: usize) -> bool {
        at >= self.text.len() || self.text.gap(at).has(Gap::STOP) || self.text.gap(at).has(Gap::COMMA)
    }
}
