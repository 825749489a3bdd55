//! What phrases and the things found in a text say of its intent, weighed by hand.

use super::Facts;
use super::phrases::{self, Found};
use crate::reading::amount_words::MONTH;
use crate::reading::analysis::Intent;
use crate::reading::properties;
use crate::reading::text::{Mark, Text};

/// The phrases in a stretch of text, with what its cars, days and amounts add.
pub(super) fn weigh(text: &Text<'_>, from: usize, to: usize, facts: Facts<'_>) -> Found {
    let mut found = phrases::search(text, from, to);
    let tokens = &text.tokens[from.min(to)..to];
    let has = |marks: &[Mark]| tokens.iter().any(|token| marks.contains(&token.mark));
    let car = has(&[Mark::Car]);
    let moment = has(&[Mark::Date, Mark::Time]);
    if facts.offered_slots > 0 {
        choose(text, (from, to), moment, facts, &mut found);
    } else {
        found.add(Intent::BookingChoice, -100.0);
    }
    if car {
        found.add(Intent::CarInquiry, 1.5);
    } else {
        // Without a definite car "wat kost …" asks about something else; pronouns still mean one.
        found.add(Intent::PriceQuestion, -0.5);
    }
    if (from..to).any(|at| text.free(at) && properties::is_word(text.spelt(at))) {
        found.add(Intent::CarInquiry, 1.0);
    }
    if has(&[Mark::Money, Mark::Distance]) {
        found.add(Intent::CarInquiry, 1.0);
    }
    if has(&[Mark::Money]) && tokens.iter().any(|token| MONTH.contains(&token.norm)) {
        found.add(Intent::Financing, 3.5);
    }
    if moment {
        // A day with a car is most often a visit.
        found.add(Intent::TestDriveRequest, if car { 2.4 } else { 1.0 });
    }
    found
}

/// With slots on offer: a number, a day or a time picks one, a refusal of all wants others.
fn choose(text: &Text<'_>, (from, to): (usize, usize), moment: bool, facts: Facts<'_>, found: &mut Found) {
    let heavy = |intent| found.intent(intent) >= 4.0;
    if heavy(Intent::BookingChange) || heavy(Intent::BookingCancel) || heavy(Intent::OptOut) {
        return;
    }
    let other_wish = [Intent::ServiceRequest, Intent::TradeIn, Intent::Financing, Intent::PracticalInfo]
        .into_iter()
        .any(|intent| found.intent(intent) >= 3.0);
    let whole = from == 0 && to == text.len();
    if whole && crate::reading::choice::find(text, facts.offered_slots).is_some() && !other_wish {
        found.add(Intent::BookingChoice, 7.0);
    } else if moment
        && !other_wish
        && found.intent(Intent::TestDriveRequest) < 4.5
        && found.intent(Intent::HumanRequest) < 3.0
    {
        found.add(Intent::BookingChoice, if to - from <= 14 { 5.0 } else { 3.5 });
    }
}

/// An intent counts when its weight is at least this share of the heaviest; among those precedence decides.
const SHARE: f32 = 0.7;

/// The first intent in order of precedence that counts.
pub(super) fn pick(found: &Found) -> Intent {
    let best = Intent::ALL.into_iter().map(|intent| found.intent(intent)).fold(0.0_f32, f32::max);
    let off_topic = found.weight(phrases::Topic::Unrelated);
    if best < 0.75 || (off_topic > 0.0 && off_topic >= best) {
        return Intent::Other;
    }
    Intent::ALL.into_iter().find(|intent| found.intent(*intent) >= best * SHARE).unwrap_or(Intent::Other)
}
