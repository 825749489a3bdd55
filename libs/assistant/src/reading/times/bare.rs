//! An hour without a unit, where a time is expected.

use super::{BEFORE_TIME, TimeMention, at_hour, hour_word};
use crate::reading::text::{Gap, Mark, Text};

/// "om 3", "after 5", "zaterdag 11": a figure where a time is expected.
pub(super) fn bare_hour(text: &Text<'_>, at: usize) -> Option<TimeMention> {
    let hour = hour_word(text, at).filter(|hour| (1..=20).contains(hour))?;
    let figure = text.tokens[at].is_number();
    let before = text.before(at, 1);
    let next = text.word(at + 1);
    let next_gap = text.gap(at + 1);
    if matches!(before, "een" | "ein")
        || text.word(at) == "een"
        || text.word(at) == "ein"
        || text.word(at) == "one"
    {
        return None;
    }
    let counted = !next_gap.has(Gap::STOP)
        && !next_gap.has(Gap::COMMA)
        && at + 1 < text.len()
        && matches!(
            next,
            "euro"
                | "eur"
                | "km"
                | "k"
                | "mille"
                | "jaar"
                | "weken"
                | "week"
                | "dagen"
                | "dag"
                | "maanden"
                | "years"
                | "weeks"
                | "days"
                | "wochen"
                | "tage"
                | "tagen"
                | "jahre"
                | "jahren"
                | "minuten"
                | "minutes"
                | "ruggen"
                | "duizend"
                | "personen"
                | "deuren"
                | "deurs"
                | "procent"
                | "percent"
                | "grand"
                | "tausend"
                | "thousand"
                | "months"
                | "month"
                | "monate"
                | "stuks"
                | "autos"
                | "cars"
                | "keer"
                | "km's"
                | "kilometer"
                | "rijden"
        );
    let joined = next_gap.is(Gap::DOT)
        || next_gap.is(Gap::HYPHEN)
        || next_gap.is(Gap::SLASH)
        || text.gap(at).has(Gap::EURO)
        || text.raw[text.tokens[at].end..].starts_with('%');
    if counted || (joined && at + 1 < text.len()) {
        return None;
    }
    // A number word needs a preposition of time; digits may follow a vaguer one.
    let sure = matches!(before, "om" | "um" | "at" | "rond" | "tegen" | "gegen" | "around");
    let introduced = BEFORE_TIME.contains(before) && (figure || sure);
    let dated = figure
        && hour >= 8
        && at > 0
        && text.tokens[at - 1].mark == Mark::Date
        && text.gap(at).is_close()
        && !(text.gap(at).has(Gap::COMMA));
    let dated_small = figure
        && at > 0
        && text.tokens[at - 1].mark == Mark::Date
        && at + 1 == text.len()
        && hour <= 7
        && text.gap(at).is(Gap::SPACE);
    (introduced || dated || dated_small).then(|| at_hour(text, at, at + 1, hour, 0)).flatten()
}
