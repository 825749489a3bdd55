//! Whose deed it is, and whether it is wanted now: told of, only thought of, perhaps, or somebody else's.
//!
//! "Afgezegd" in a sentence does not call anything off: "vorige keer heb ik afgezegd" tells, "ik zou haast afzeggen" thinks,
//! "het kan zijn dat ik moet afzeggen" leaves it open, "mijn man heeft afgezegd" speaks of somebody else.

use super::Reader;
use super::phrases::Cue;
use super::scan::Clause;

/// How a clause means the deed that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// It is wanted.
    Wanted,
    /// It may become so: one question.
    Perhaps,
    /// It is told of, or was only thought of.
    Told,
    /// It is somebody else's.
    Others,
}

/// How a clause means the deed of this cue that it names.
pub(super) fn of(reader: &Reader<'_>, clause: &Clause, deed: Cue) -> Deed {
    let has = |cue: Cue| reader.has(clause, cue);
    if has(Cue::Almost) || (has(Cue::Told) && !has(Cue::WantsDone)) {
        return Deed::Told;
    }
    // Who does it stands before what is done: "mijn zus wil …", but "stop texting me, my wife …".
    let named = reader.scan.hit(clause, deed).map_or(clause.to, |hit| hit.to);
    let other = reader.scan.hit(clause, Cue::Others).is_some_and(|hit| hit.from < named);
    if (other && !has(Cue::Myself)) || has(Cue::Reported) {
        return Deed::Others;
    }
    if has(Cue::Hedge) {
        return Deed::Perhaps;
    }
    Deed::Wanted
}

/// Whether the sentence of a clause tells of a deed, in this clause or beside it: "afgezegd, omdat ik griep had".
pub(super) fn is_told(reader: &Reader<'_>, clause: &Clause) -> bool {
    let told = |one: &Clause| one.sentence == clause.sentence && of(reader, one, Cue::Told) == Deed::Told;
    reader.scan.clauses.iter().any(told)
}

/// Whether a deed that is told of surely is not the customer's own of today: it was thought of, is past or of others.
pub(super) fn is_long_over(reader: &Reader<'_>, clause: &Clause) -> bool {
    let here = [Cue::Almost, Cue::Others, Cue::OtherParty, Cue::OtherObject, Cue::PastDeed];
    let in_sentence =
        |one: &Clause| one.sentence == clause.sentence && reader.any(one, &[Cue::PastDeed, Cue::OtherParty]);
    reader.any(clause, &here) || reader.scan.clauses.iter().any(in_sentence)
}
