//! Which of the offered slots was picked by number. The words stand in `words/*/choice.txt`.

use dealer::Language;

use super::numbers;
use super::text::{Gap, Mark, Text};
use super::words::{Role, phrase};

/// A place in the list, as it was named.
#[derive(Debug, Clone, Copy)]
struct Named {
    at: usize,
    to: usize,
    value: i32,
    /// An ordinal, or a figure after "optie": it stands for a slot whatever else is said.
    sure: bool,
}

/// The slot picked, from 1, when the message picks one of `offered` by number.
///
/// A refusal ("2 lukt niet"), a doubt ("1 of 2") and a figure that counts something else pick nothing.
pub(super) fn find(text: &Text<'_>, offered: u32) -> Option<i32> {
    if offered == 0 || text.raw.trim_start().starts_with(['-', '−']) {
        return None;
    }
    let last = i32::try_from(offered).unwrap_or(i32::MAX);
    let from = super::wishes::after_correction(text);
    let named: Vec<Named> = places(text, from, last);
    let named: Vec<Named> = named.into_iter().filter(|named| !is_compared(text, *named)).collect();
    let sure: Vec<Named> = named.iter().copied().filter(|named| named.sure).collect();
    let counted = if sure.is_empty() { named } else { sure };
    let kept: Vec<Named> = counted.into_iter().filter(|named| !is_refused(text, *named)).collect();
    let [only] = kept.as_slice() else { return None };
    if is_alternative(text, *only) || (!only.sure && !says_little_else(text, from, *only)) {
        return None;
    }
    (1..=last).contains(&only.value).then_some(only.value)
}

fn word_at(text: &Text<'_>, at: usize) -> Option<(usize, &'static str)> {
    phrase(Language::Nl, Role::Choice, text, at)
}

fn is(text: &Text<'_>, at: usize, value: &str) -> bool {
    at < text.len() && word_at(text, at).is_some_and(|(_, found)| found == value)
}

/// Every place in the list that is named, from `from`.
fn places(text: &Text<'_>, from: usize, last: i32) -> Vec<Named> {
    let mut named: Vec<Named> = Vec::new();
    let mut at = from;
    while at < text.len() {
        let found = if text.tokens[at].mark == Mark::None { place(text, at, last) } else { None };
        at = found.map_or(at + 1, |found| found.to);
        named.extend(found);
    }
    named.dedup_by_key(|named| named.value);
    named
}

fn place(text: &Text<'_>, at: usize, last: i32) -> Option<Named> {
    if let Some((to, value)) = word_at(text, at) {
        let value = match value {
            "middle" => (last % 2 == 1).then_some(last / 2 + 1),
            value => value.parse().ok().map(|value: i32| if value < 0 { last + 1 + value } else { value }),
        };
        if let Some(value) = value {
            return (!is(text, to, "other")).then_some(Named { at, to, value, sure: true });
        }
    }
    let token = &text.tokens[at];
    let value = if token.is_number() {
        token.norm.parse().ok()
    } else {
        numbers::value_of(&token.norm).filter(|value| value.fract() == 0.0).map(numbers::rounded)
    }?;
    // "10:30" is no ten.
    let glued = at + 1 < text.len() && text.gap(at + 1).has(Gap::COLON) && !text.gap(at + 1).has(Gap::SPACE);
    let introduced = at > 0 && is(text, at - 1, "introduces");
    (!glued && (1..=last).contains(&value)).then_some(Named { at, to: at + 1, value, sure: introduced })
}

/// So many words before and after a place may refuse it.
const REACH: usize = 5;

fn is_refused(text: &Text<'_>, named: Named) -> bool {
    let start = (named.at.saturating_sub(REACH)..named.at)
        .rev()
        .take_while(|at| text.same_clause(*at, named.at))
        .last()
        .unwrap_or(named.at);
    let before = (start..named.at).any(|at| is(text, at, "refuses"));
    // "niet 2 maar 3": what is named later is not refused by what refuses the first.
    // "2, dat lukt niet" refuses, "de eerste, langer wacht ik niet" does not.
    let goes_on = |at: usize| {
        text.same_sentence(named.at, at) && (!text.gap(at).has(Gap::COMMA) || is(text, at, "that"))
    };
    let after = (named.to..text.len().min(named.to + REACH + 1))
        .take_while(|at| goes_on(*at))
        .take_while(|at| place(text, *at, i32::MAX).is_none() || !text.tokens[*at].is_number())
        .any(|at| is(text, at, "refuses"));
    let asked = text.in_question(named.at)
        && text.tokens.iter().any(|token| matches!(token.mark, Mark::Date | Mark::Time));
    before && !follows_correction(text, named, start) || after || asked
}

/// Whether another place stands between the refusal and this one: "niet 2 maar 3".
fn follows_correction(text: &Text<'_>, named: Named, start: usize) -> bool {
    let refusal = (start..named.at).rev().find(|at| is(text, *at, "refuses")).unwrap_or(start);
    (refusal..named.at).any(|at| place(text, at, i32::MAX).is_some())
}

/// "liever 2 dan 1"
fn is_compared(text: &Text<'_>, named: Named) -> bool {
    named.at >= 2 && is(text, named.at - 1, "than") && place(text, named.at - 2, i32::MAX).is_some()
}

/// "1 of 2", "tussen 1 en 2": another place beside it.
fn is_alternative(text: &Text<'_>, named: Named) -> bool {
    let before =
        named.at >= 2 && is(text, named.at - 1, "or") && place(text, named.at - 2, i32::MAX).is_some();
    let after = named.to + 1 < text.len()
        && is(text, named.to, "or")
        && place(text, named.to + 1, i32::MAX).is_some();
    before || after
}

/// A figure among many other words picks nothing: "wij zijn met 2 volwassenen".
fn says_little_else(text: &Text<'_>, from: usize, named: Named) -> bool {
    let is_other = |at: &usize| {
        !(named.at..named.to).contains(at)
            && text.tokens[*at].mark != Mark::Name
            && word_at(text, *at).is_none_or(|(_, value)| value == "other")
    };
    let others = (from..text.len()).filter(is_other).count();
    let beside = (from..text.len()).filter(|at| text.same_sentence(named.at, *at)).filter(is_other).count();
    (others <= 2 || beside == 0) && !is(text, named.to, "other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_picked_by_figure_word_or_place() {
        for (text, choice) in [
            ("2", 2),
            ("doe maar 2", 2),
            ("doe 3 maar", 3),
            ("de tweede graag", 2),
            ("de 2e graag", 2),
            ("doe de 3e maar", 3),
            ("1e optie", 1),
            ("first one is fine", 1),
            ("optie één", 1),
            ("nummer één", 1),
            ("②", 2),
            ("2️⃣", 2),
            ("de laatste", 4),
            ("op een na laatste", 3),
            ("ich nehme den dritten", 3),
            ("nummer 4 aub", 4),
            ("niet 2 maar 3", 3),
            ("2, dankjewel", 2),
            ("prima, 2. Staat er koffie klaar?", 2),
            ("liever 2 dan 1", 2),
            ("earliest on the list plz, so no 1", 1),
            ("gleich der erste, länger warten mag ich nicht", 1),
        ] {
            assert_eq!(find(&Text::new(text), 4), Some(choice), "{text}");
        }
    }

    #[test]
    fn what_is_refused_doubted_or_counts_something_else_picks_nothing() {
        for text in [
            "9",
            "wij zijn met 2 volwassenen en een hond",
            "ja vertel",
            "2 gaat niet lukken",
            "not 2",
            "number 2 doesn't work for me",
            "I can't do option 2",
            "nummer 2 lukt niet",
            "2 kan ik niet",
            "optie 2 is te laat",
            "alles behalve 3",
            "niet de tweede",
            "1 of 2 maakt mij niet uit",
            "ik twijfel tussen 1 en 2",
            "-1",
            "2, dat lukt niet",
            "We komen met 2 personen.",
            "dat is de eerste keer",
        ] {
            assert_eq!(find(&Text::new(text), 4), None, "{text}");
        }
        assert_eq!(find(&Text::new("2"), 0), None);
    }
}
