//! Whether a clause with an hour says little else than that the hour is chosen.
//!
//! "Doe maar 11 uur", "10 works": every word belongs to choosing. "Mijn trein komt om 11 uur aan", "hebben jullie om 11 uur
//! koffie?" name the hour for something else; what that is need not be known to ask first.

use super::Reader;
use super::phrases::Cue;
use super::scan::Clause;
use crate::reading::day_words::is;
use crate::reading::text::Mark;
use crate::reading::words::Role;

/// Cues whose words say that something on offer is chosen, or nothing at all.
pub(super) const PLAIN: &[Cue] = &[
    Cue::Choose,
    Cue::Fits,
    Cue::Filler,
    Cue::Yes,
    Cue::Greet,
    Cue::Small,
    Cue::SlotNoun,
    Cue::Thanks,
    Cue::Definite,
    Cue::And,
    Cue::Wants,
    Cue::Correction,
    Cue::Pronoun,
    Cue::All,
];

/// Cues whose words may stand beside an hour that is chosen as well.
const BESIDE_AN_HOUR: &[Cue] = &[
    Cue::No,
    Cue::WantsToo,
    Cue::Mistake,
    Cue::Drive,
    Cue::Visit,
    Cue::Polite,
    Cue::Also,
    Cue::Available,
    Cue::WhenFree,
    Cue::AfterThat,
    Cue::RightAfter,
    Cue::Now,
    Cue::NameIntro,
    Cue::NameWeak,
    Cue::Signature,
    Cue::Others,
    Cue::Myself,
    Cue::Move,
    Cue::MoveWeak,
    Cue::TooEarly,
    Cue::TooLate,
    Cue::Hypothesis,
    Cue::NoMatter,
    Cue::BesideChoice,
];

/// Whether every word of a clause belongs to choosing a moment.
pub(super) fn are_all(reader: &Reader<'_>, clause: &Clause) -> bool {
    (clause.from..clause.to).all(|at| belongs(reader, at))
}

fn belongs(reader: &Reader<'_>, at: usize) -> bool {
    let scan = reader.scan;
    let token = &scan.text.tokens[at];
    let language = scan.language.or(reader.state.language).unwrap_or_default();
    let small =
        |role: Role, values: &[&str]| values.iter().any(|value| is(language, role, &token.norm, value));
    token.mark != Mark::None
        || token.is_number()
        || PLAIN.iter().chain(BESIDE_AN_HOUR).any(|cue| scan.covers(*cue, at))
        || small(Role::MomentFillers, &["filler"])
        || small(Role::Relative, &["earlier", "later", "same_time", "other_day"])
        || small(Role::Links, &["or", "and", "prep", "article", "join"])
        || (reader.has_appointment() && !reader.has_offer() && small(Role::OtherHours, &["other", "beside"]))
}
