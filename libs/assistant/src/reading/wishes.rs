//! Which of the things named are wished: negation, corrections, questions about a property.

use dealer::Language;

use super::text::{Gap, Mark, Text};
use super::words::{Role, Tag, is, table};

const NEGATIONS: Tag = Tag(Role::Wishes, "negations");
const LINKS: Tag = Tag(Role::Wishes, "links");

/// Whether what starts at `at` is named only to be ruled out.
pub(super) fn is_negated(text: &Text<'_>, at: usize) -> bool {
    let mut back = at;
    for steps in 0..6 {
        if back == 0
            || text.gap(back).has(Gap::STOP)
            || text.gap(back).has(Gap::COMMA) && steps > 0 && !list_goes_on(text, back)
        {
            return false;
        }
        if text.gap(back).has(Gap::COMMA) && steps == 0 && !list_goes_on(text, back) {
            return false;
        }
        back -= 1;
        let word = text.word(back);
        if NEGATIONS.contains(word) {
            // "niet te duur, automaat", "niet ouder dan", "waarom niet een Polo"
            let softened = is(Role::Wishes, text.word(back + 1), "softens")
                || (is(Role::Wishes, word, "softened")
                    && is(Role::Wishes, text.before(back, 1), "softens_before"))
                || (is(Role::Wishes, word, "no_thanks") && text.gap(back + 1).has(Gap::COMMA))
                || is(Role::Wishes, word, "otherwise")
                || (is(Role::Wishes, word, "right_before") && text.word(back + 1) != text.word(at));
            return !softened;
        }
        let passable =
            LINKS.contains(word) || text.tokens[back].mark != Mark::None || super::properties::is_word(word);
        if !passable {
            return false;
        }
    }
    false
}

/// "geen rode, witte of zwarte"
fn list_goes_on(text: &Text<'_>, at: usize) -> bool {
    let listed = |at: usize| super::properties::is_word(text.word(at));
    listed(at)
        && at > 0
        && listed(at - 1)
        && (at + 1..at + 3).any(|next| is(Role::Wishes, text.word(next), "or"))
}

/// The token after a phrase with which the customer corrects what they said before.
fn correction(text: &Text<'_>, at: usize) -> Option<usize> {
    Language::ALL
        .into_iter()
        .filter_map(|language| table(language, Role::Wishes).at_as(text, at, "correction"))
        .max()
}

/// The place after the last correction; 0 when there is none.
pub(super) fn after_correction(text: &Text<'_>) -> usize {
    // "toch maar" without anything before it corrects nothing.
    (1..text.len())
        .filter_map(|at| correction(text, at))
        .filter(|after| *after < text.len())
        .max()
        .unwrap_or(0)
}

/// Whether the text begins by correcting an earlier one.
pub(super) fn opens_with_correction(text: &Text<'_>) -> bool {
    let sorry = usize::from(is(Role::Wishes, text.word(0), "interjection"));
    [0, sorry].into_iter().any(|start| {
        correction(text, start).is_some() || is(Role::Wishes, text.word(start), "corrects_first")
    })
}

/// Whether the property at `at` is asked about and not wished: "is het een automaat?"
pub(super) fn is_asked_about(text: &Text<'_>, at: usize) -> bool {
    // "de rode Clio": the property tells which car is meant.
    let before_car =
        text.tokens.get(at + 1).is_some_and(|next| next.mark == Mark::Car && text.same_clause(at, at + 1));
    let after_article = is(Role::Wishes, text.before(at, 1), "definite_article");
    if before_car || after_article {
        return false;
    }
    let sentence = text.tokens[at].sentence;
    let start =
        (0..=at).rev().take_while(|back| text.tokens[*back].sentence == sentence).last().unwrap_or(at);
    let definite = |word: &str| is(Role::Wishes, word, "definite");
    let existence = |word: &str| is(Role::Wishes, word, "existence");
    for token in start..at {
        let (word, next) = (text.word(token), text.word(token + 1));
        let car_next = text.tokens[token + 1].mark == Mark::Car;
        let verb = is(Role::Wishes, word, "verb") || (word == "heeft" || word == "has" || word == "hat");
        let german_er = word == "ist" && next == "er";
        let opens = token == start || token <= start + 3 || text.gap(token).has(Gap::COMMA);
        if verb
            && opens
            && (car_next || (definite(next) && (german_er || !existence(next))))
            && !is(Role::Wishes, text.word(token + 2), "er_also")
        {
            return text.in_question(at) || token == start || text.gap(token).has(Gap::COMMA);
        }
    }
    // "of is dat een automaat", "weten of hij automaat is"
    let asked = (start..at).any(|token| {
        is(Role::Wishes, text.word(token), "whether")
            && (definite(text.word(token + 1)))
            && (1..4).any(|back| is(Role::Wishes, text.before(token, back), "wants_to_know"))
    });
    asked || is_choice_of_kinds(text, start, at)
}

/// "benzine of diesel?" about one definite car.
fn is_choice_of_kinds(text: &Text<'_>, start: usize, at: usize) -> bool {
    let either = is(Role::Wishes, text.before(at, 1), "or") || is(Role::Wishes, text.word(at + 1), "or");
    let wishing = (start..text.len()).any(|token| is(Role::Wishes, text.word(token), "wishing"));
    let subject = (start..at).any(|token| is(Role::Wishes, text.word(token), "subject"));
    either && subject && !wishing && text.in_question(at)
}
