//! Whether a clause looks for a car of a kind.

use super::phrases::Cue;
use super::scan::Clause;
use super::{Reader, budgets, cars};
use crate::reading::amounts::Kind;
use crate::reading::lexicon;
use crate::reading::text::Mark;
use crate::state::{Asked, Topic};
use crate::wishes::Excluded;

/// So near behind "een" stands what is looked for: "een hele mooie auto".
const NEAR: usize = 3;

/// "Hebben jullie een kinderzitje voor in de auto?": something is asked for, and it is no car.
pub(super) fn names_a_thing(reader: &Reader<'_>, clause: &Clause) -> bool {
    let scan = reader.scan;
    let asked_for = scan.hits_of(clause, Cue::Indefinite).last().filter(|hit| hit.to < clause.to);
    clause.question()
        && asked_for.is_some_and(|hit| {
            let until = (hit.to + NEAR).min(clause.to);
            (hit.from..until).all(|at| !scan.covers(Cue::CarNoun, at))
        })
}

/// Whether a clause looks for something that no word here names: "do you sell campervans?"
pub(super) fn names_unknown(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.scan.text.tokens[clause.from..clause.to]
        .iter()
        .any(|token| token.norm.len() >= 5 && token.mark == Mark::None && !lexicon::is_known(&token.norm))
}

/// A question with an indefinite car or property: "is er nog een automaat?"
pub(super) fn names_kind(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader
        .scan
        .properties_in(clause)
        .any(|property| property.from > clause.from && reader.scan.covers(Cue::Indefinite, property.from - 1))
        && reader.has(clause, Cue::Search)
}

pub(super) fn limited(reader: &Reader<'_>, clause: &Clause) -> bool {
    let amounts: Vec<_> = reader.scan.amounts_in(clause).collect();
    amounts.len() > 1 || amounts.iter().any(|amount| amount.limited || amount.kind != Kind::Price)
}

/// Whether properties or limits without a car are wished: the talk is about finding one.
pub(super) fn wished(reader: &Reader<'_>, clause: &Clause) -> bool {
    let scan = reader.scan;
    let topic = matches!(reader.state.topic, Topic::None | Topic::Cars | Topic::Drive);
    let asked = matches!(reader.state.asked, Some(Asked::Wishes | Asked::AnyCar { .. }));
    let excludes = cars::wishes(reader, clause).not != Excluded::default();
    let properties = scan.properties_in(clause).next().is_some() || excludes;
    let limits = limited(reader, clause) || budgets::short(reader, clause).is_some();
    asked
        || limits
        || (topic
            && properties
            && (!clause.question() || reader.has(clause, Cue::Wish) || reader.state.focus.is_empty()))
}
