//! Anger, accidents, lawyers, the press and complaints: what goes to a person at once, and what only sounds like it.

use super::phrases::Cue;
use super::scan::Clause;
use super::{Draft, Reader};
use crate::command::{Command, Reason};

/// Wishes beside which a profession is only told: "ik ben advocaat en zoek een stationwagen".
const WISHES: [Cue; 6] = [Cue::Search, Cue::Discount, Cue::Drive, Cue::Finance, Cue::Visit, Cue::TradeIn];

/// Reads a clause that a person must see.
pub(super) fn read(reader: &Reader<'_>, clause: &Clause, _: &[Draft]) -> Vec<Draft> {
    if is_harmless(reader, clause) {
        return Vec::new();
    }
    let reason = if reader.has(clause, Cue::Sensitive) {
        Reason::Sensitive
    } else if reader.has(clause, Cue::Complaint) {
        Reason::Complaint
    } else {
        return Vec::new();
    };
    vec![reader.draft(clause, Command::HandOver(reason))]
}

/// Whether grave words of a clause mean no harm: denied, told of somebody else, asked of a car or in case.
pub(super) fn is_harmless(reader: &Reader<'_>, clause: &Clause) -> bool {
    sounds_so(reader, clause) || only_asks(reader, clause)
}

/// Denied, or told of somebody else.
pub(super) fn sounds_so(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.has(clause, Cue::Harmless) || only_profession(reader, clause)
}

/// Asked of a car, or in case.
pub(super) fn only_asks(reader: &Reader<'_>, clause: &Clause) -> bool {
    // "Heeft hij een aanrijding gehad?" asks about a car.
    let about_a_car = clause.question()
        && (reader.any(clause, &[Cue::Subject, Cue::Pronoun])
            || reader.scan.cars_in(clause).next().is_some())
        && !reader.has(clause, Cue::OwnCar);
    let in_case = clause.question() && (clause.condition || reader.has(clause, Cue::Hypothesis));
    about_a_car || in_case
}

/// "Ik ben journalist en zoek een kleine auto."
fn only_profession(reader: &Reader<'_>, clause: &Clause) -> bool {
    reader.has(clause, Cue::Profession) && WISHES.iter().any(|wish| reader.scan.anywhere(*wish))
}
