//! Wishes for moments: from the tokens of a message to days and hours, wished, refused and corrected.
//!
//! ```text
//! text ──atoms──▶ days, hours, "zelfde tijd" ──group──▶ mentions ──stance──▶ refused, past, moved away from ──wish──▶ When
//! ```
//!
//! - [`find`] reads a message: one [`MomentMention`] holds a day with the hour that belongs to it.
//! - [`wish`] makes one [`When`] of the mentions of a clause or of a whole turn.
//! - What a day or an hour is, `dates` and `times` know; the words of it all stand in `words/`.

mod atoms;
mod bounds;
mod group;
mod holidays;
mod hours;
mod relative;
#[cfg(test)]
mod said_tests;
mod spans;
mod stance;
#[cfg(test)]
mod tests;
mod wish;

use dealer::Language;
use jiff::Zoned;
use jiff::civil::DateTime;

use super::text::Text;
use crate::when::When;

pub(super) use wish::wish;

/// A moment named in one place.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is said of a moment by itself")]
pub(super) struct MomentMention {
    /// First token.
    pub from: usize,
    /// Token after the last.
    pub to: usize,
    /// What is named, as said: of a refused moment too.
    pub when: When,
    /// Refused: "niet donderdag", "11:00 past niet", "behalve maandag".
    pub negated: bool,
    /// Over, or said to be: "sinds maandag", "vorige week".
    pub past: bool,
    /// The moment of an appointment that stands or is moved: "van dinsdag naar …", "mijn afspraak van morgen".
    pub away: bool,
    /// Nothing but fillers stands with it in its clause: "maandag?", "morgen om 9 uur graag".
    pub bare: bool,
    /// Its hours only bound what is wished: "moet om 2 uur weer weg".
    pub bound: bool,
    /// How it stands to the mention before it, or to what was said before the message.
    pub link: Link,
}

/// How a moment stands to the one named before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Link {
    /// Says more: "volgende week, liefst dinsdag".
    #[default]
    Adds,
    /// Is another that suits: "dinsdag of woensdag".
    Or,
    /// Takes its place: "maandag 10 uur? ah nee 11".
    Corrects,
}

/// Moments that the talk is about before a message is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// Those on offer.
    pub offered: &'a [DateTime],
    /// Those of appointments that stand.
    pub standing: &'a [DateTime],
}

/// Every moment named in a message, written at `at`; its tokens are marked.
pub(super) fn find(
    text: &mut Text<'_>,
    at: &Zoned,
    known: Known<'_>,
    language: Language,
) -> Vec<MomentMention> {
    let atoms = atoms::find(text, at.datetime(), known, language);
    let mut groups = group::grouped(text, language, atoms);
    bounds::told(text, language, known.offered, &mut groups);
    stance::judged(text, language, &groups)
}
