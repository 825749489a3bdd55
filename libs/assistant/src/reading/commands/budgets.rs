//! Budgets that are said in short, or about.

use super::Reader;
use super::phrases::Cue;
use super::scan::Clause;
use crate::reading::amount_words::{ABOUT, MOST};
use crate::reading::amounts::Kind;
use crate::reading::text::Mark;
use crate::state::{Asked, Topic};

/// "Rond de 17 mille": what costs nearly as much comes first.
pub(super) fn is_about(reader: &Reader<'_>, clause: &Clause) -> bool {
    const NEAR: usize = 3;
    let text = &reader.scan.text;
    reader.scan.amounts_in(clause).any(|amount| {
        amount.kind == Kind::Price && (1..=NEAR).any(|back| ABOUT.contains(text.before(amount.from, back)))
    })
}

/// What may stand behind a short budget: "tot 22 mag ook".
const ENDS: [Cue; 8] =
    [Cue::Filler, Cue::Fits, Cue::Also, Cue::Polite, Cue::Yes, Cue::Choose, Cue::Wants, Cue::Wish];

/// "Max 17": thousands, while the talk is about finding a car.
pub(super) fn short(reader: &Reader<'_>, clause: &Clause) -> Option<i32> {
    const BUDGETS: std::ops::Range<f64> = 4.0..80.0;
    let scan = reader.scan;
    // "Polo automaat tot 18" opens a search, "Polo tot 18 uur" a wish for hours.
    let opens = reader.state.topic == Topic::None
        && scan.moments.is_empty()
        && (!scan.cars.is_empty() || !scan.properties.is_empty());
    let looks = opens
        || matches!(reader.state.topic, Topic::Cars)
        || matches!(reader.state.asked, Some(Asked::Wishes));
    let number = scan.numbers.iter().find(|number| {
        let limited = (1..=2).any(|back| MOST.contains(scan.text.before(number.from, back)));
        (clause.from..clause.to).contains(&number.from)
            && (number.to..clause.to).all(|at| ENDS.iter().any(|cue| scan.covers(*cue, at)))
            && scan.text.tokens[number.from].mark == Mark::None
            && BUDGETS.contains(&number.value)
            && !number.thousands
            && limited
    })?;
    (looks && !reader.has_offer()).then(|| crate::reading::numbers::rounded(number.value * 1000.0))
}
