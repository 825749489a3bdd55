//! What is said of each moment: refused, past, moved away from, and how it stands to the one before.

use dealer::Language;

use super::group::Group;
use super::{Link, MomentMention};
use crate::reading::day_words::is;
use crate::reading::text::{Gap, Text};
use crate::reading::words::{self, Role};

/// Refusals are looked for this many words away.
const REACH: usize = 8;

/// Corrections of what was said before a message stand this many words before its first moment.
const OPENING: usize = 4;

/// The moments with what is said of them; doubtful ones only where nothing else is said.
pub(super) fn judged(text: &Text<'_>, language: Language, groups: &[Group]) -> Vec<MomentMention> {
    let judge = Judge { text, language, groups };
    let mut refused_until = 0;
    let mut mentions: Vec<MomentMention> = Vec::with_capacity(groups.len());
    for (number, group) in groups.iter().enumerate() {
        let link = judge.link(number);
        let after = judge.after(number);
        if let After::Refused(to) = after
            && !judge.is_object(number)
        {
            refused_until = to;
        }
        let listed = link == Link::Or && judge.same_clause(number) && after != After::Suits;
        let before = judge.before(group.from, refused_until)
            || judge.is_less_liked(number)
            || listed && mentions.last().is_some_and(|last| last.negated);
        let refused = matches!(after, After::Refused(_)) || before && after != After::Suits;
        let negated = refused && !group.bound;
        if negated && !before && listed {
            // "dinsdag en woensdag kan ik niet"
            if let Some(last) = mentions.last_mut() {
                last.negated = true;
            }
        }
        let mut when = group.when.clone();
        // "Vrijdag 10 uur lukt niet, 11 uur wel": on that day.
        if let Some(last) = mentions.last()
            && last.negated
            && last.when.is_exact()
            && when.days.is_empty()
            && when.time().is_some()
            && text.same_sentence(last.from, group.from)
        {
            when.days.clone_from(&last.when.days);
        }
        mentions.push(MomentMention {
            from: group.from,
            to: group.to,
            when,
            negated,
            past: group.past,
            away: judge.is_moved_away_from(number) || link == Link::Or && judge.is_second_choice(number),
            bare: judge.is_bare(group),
            bound: group.bound,
            link,
        });
    }
    let all_bare = mentions.iter().all(|mention| mention.bare);
    let mut doubtful = groups.iter().map(|group| group.doubtful);
    mentions.retain(|_| all_bare || !doubtful.next().unwrap_or_default());
    mentions
}

struct Judge<'a, 't> {
    text: &'a Text<'t>,
    language: Language,
    groups: &'a [Group],
}

/// What the words after a moment say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Nothing,
    /// Refused, by words that end before this token.
    Refused(usize),
    Suits,
}

impl Judge<'_, '_> {
    fn phrase(&self, role: Role, at: usize) -> Option<(usize, &'static str)> {
        words::phrase(self.language, role, self.text, at)
    }

    fn is(&self, role: Role, at: usize, value: &str) -> bool {
        is(self.language, role, self.text.word(at), value)
    }

    fn ends_clause(&self, at: usize) -> bool {
        let gap = self.text.gap(at);
        at >= self.text.len() || gap.has(Gap::STOP) || gap.has(Gap::COMMA)
    }

    /// Where the moment before starts its words: the end of the one before, or the start of the text.
    fn end_of_previous(&self, number: usize) -> usize {
        number.checked_sub(1).map_or(0, |before| self.groups[before].to)
    }

    fn start_of_next(&self, number: usize) -> usize {
        self.groups.get(number + 1).map_or(self.text.len(), |next| next.from)
    }

    fn same_clause(&self, number: usize) -> bool {
        let from = self.groups[number].from;
        (self.end_of_previous(number)..=from)
            .all(|at| !self.text.gap(at).has(Gap::STOP) && !self.text.gap(at).has(Gap::COMMA))
    }

    /// Whether words right before a moment refuse it; those before `taken` refuse another.
    fn before(&self, from: usize, taken: usize) -> bool {
        let mut end = from;
        for _ in 0..4 {
            if end == 0 || end <= taken || self.ends_clause(end) {
                return false;
            }
            for start in end.saturating_sub(4).max(taken)..end {
                match self.phrase(Role::Refusals, start) {
                    Some((to, "before" | "both" | "instead")) if to == end => return true,
                    Some((to, "soft")) if to == end => return false,
                    _ => {}
                }
            }
            if !(self.is(Role::Links, end - 1, "prep") || self.is(Role::Links, end - 1, "article")) {
                return false;
            }
            end -= 1;
        }
        false
    }

    /// "liever woensdag dan donderdag": the second of two.
    fn is_less_liked(&self, number: usize) -> bool {
        let Some(before) = number.checked_sub(1).map(|before| &self.groups[before]) else { return false };
        let from = self.groups[number].from;
        let mut than = from;
        while than > before.to && self.is(Role::Links, than - 1, "prep") {
            than -= 1;
        }
        let compared =
            than > before.to && self.is(Role::Refusals, than - 1, "than") && !self.ends_clause(from);
        compared && (before.from.saturating_sub(4)..than - 1).any(|at| self.is(Role::Refusals, at, "rather"))
    }

    /// What the rest of its clause says of a moment: "lukt niet", "is te vroeg", "kan wel".
    fn after(&self, number: usize) -> After {
        let mut at = self.groups[number].to;
        let next = self.start_of_next(number);
        let start = at;
        for _ in 0..REACH {
            if at >= next || self.ends_clause(at) {
                return After::Nothing;
            }
            match self.phrase(Role::Refusals, at) {
                // "vrijdag niet donderdag": what follows at once is refused, unless a verb stands before it.
                Some((to, "both")) if at == start && self.leads_to(to, next) && !self.is_object(number) => {
                    return After::Nothing;
                }
                Some((to, "after" | "both")) => return After::Refused(to),
                Some((to, "soft")) if to == at + 1 => return After::Suits,
                Some((to, "soft" | "link" | "than" | "rather" | "verb")) => at = to,
                _ => return After::Nothing,
            }
        }
        After::Nothing
    }

    /// "ik red het morgen niet om 10 uur": a verb before it is denied.
    fn is_object(&self, number: usize) -> bool {
        let from = self.groups[number].from;
        (from.saturating_sub(3)..from).any(|start| {
            self.phrase(Role::Refusals, start).is_some_and(|(to, value)| to == from && value == "verb")
        })
    }

    /// Whether nothing but prepositions stands before the next moment.
    fn leads_to(&self, from: usize, next: usize) -> bool {
        next < self.text.len()
            && (from..next).all(|at| self.is(Role::Links, at, "prep") || self.is(Role::Links, at, "article"))
            && (from..=next).all(|at| !self.ends_clause(at))
    }

    fn link(&self, number: usize) -> Link {
        let (from, to) = (self.end_of_previous(number), self.groups[number].from);
        // What opens a message corrects what was said before only close to the moment: "ah nee 11".
        let near = if number == 0 { to.saturating_sub(OPENING) } else { from };
        if (near..to).any(|at| self.phrase(Role::Corrections, at).is_some_and(|(end, _)| end <= to)) {
            return Link::Corrects;
        }
        if number == 0 {
            let opens = to == 1 && self.is(Role::Links, 0, "or");
            return if opens { Link::Or } else { Link::Adds };
        }
        let (mut at, mut said) = (from, false);
        while at < to
            && let Some((end, kind)) = self.phrase(Role::Links, at)
            && end <= to
            && matches!(kind, "or" | "and" | "prep" | "article" | "join")
        {
            said |= matches!(kind, "or" | "and");
            at = end;
        }
        let joined = at == to;
        let listed = from == to && (self.text.gap(to).has(Gap::COMMA) || self.text.gap(to).has(Gap::SLASH));
        if (joined && said && to - from <= REACH) || listed { Link::Or } else { Link::Adds }
    }

    /// "mijn afspraak van morgen", "van dinsdag naar woensdag".
    fn is_moved_away_from(&self, number: usize) -> bool {
        let mut at = self.groups[number].from;
        while at > 0 && self.is(Role::Links, at - 1, "article") {
            at -= 1;
        }
        let instead = (at.saturating_sub(4)..at).any(|start| {
            self.phrase(Role::Refusals, start).is_some_and(|(to, value)| to == at && value == "instead")
        });
        if self.is_said_to_stand(at) {
            return true;
        }
        let of = at > 0 && self.is(Role::Away, at - 1, "of") && !self.ends_clause(at);
        if !of {
            return instead;
        }
        let appointment =
            (2..=3).any(|back| is(self.language, Role::Away, self.text.before(at, back), "appointment"));
        let end = self.groups[number].to;
        let next = self.start_of_next(number);
        let moved_to = next < self.text.len()
            && self.text.same_sentence(end - 1, next)
            && (end..next).any(|at| self.is(Role::Away, at, "to"));
        instead || appointment || moved_to
    }

    /// "vrijdag 15u, anders zaterdag 10u": of two definite moments on different days the first counts.
    fn is_second_choice(&self, number: usize) -> bool {
        let Some(before) = number.checked_sub(1).map(|before| &self.groups[before]) else { return false };
        let group = &self.groups[number];
        before.when.is_exact()
            && group.when.is_exact()
            && !before.past
            && before.when.days != group.when.days
            && self.text.same_sentence(before.from, group.from)
    }

    /// "ik heb een afspraak op 3 september", "bandenwissel staat op woensdag": no wish, no question.
    fn is_said_to_stand(&self, at: usize) -> bool {
        let mut from = at;
        while from > 0 && !self.ends_clause(from) && at - from < REACH {
            from -= 1;
        }
        let says = |value| (from..at).any(|at| self.is(Role::Away, at, value));
        says("appointment")
            && says("stands")
            && !says("wish")
            && at < self.text.len()
            && !self.text.in_question(at)
    }

    /// Whether nothing but fillers and moments stands in the clause of a moment.
    fn is_bare(&self, group: &Group) -> bool {
        let mut from = group.from;
        while from > 0 && !self.ends_clause(from) {
            from -= 1;
        }
        let mut to = group.to;
        while !self.ends_clause(to) {
            to += 1;
        }
        (from..to).all(|at| {
            self.is(Role::MomentFillers, at, "filler")
                || self.groups.iter().any(|group| (group.from..group.to).contains(&at))
        })
    }
}
