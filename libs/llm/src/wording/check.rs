//! Whether the model kept to the facts: every reference of the draft, no other one, and no fact in words of its own.

use std::collections::HashSet;
use std::sync::LazyLock;

use assistant::backend::Draft;
use assistant::reading::language_of;
use assistant::word::{day, weekday};
use dealer::Language;
use jiff::civil::{Weekday, date};

use super::facts::{Marked, outside_references};
use crate::prompt;
use crate::words::find;

/// How much longer than the draft a reply may be, in characters.
const LONGER: usize = 200;

/// Why the words are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A reference that the draft does not have, or one of its own that cannot be read.
    UnknownReference,
    /// A fact of the draft is missing, stands twice, or the lines changed places.
    MissingFact,
    /// A figure, a day, a month or the name of a car in the model's own words.
    OwnFact,
    /// Much longer than the draft.
    TooLong,
    /// Another language than the draft's.
    OtherLanguage,
    /// Repeats what it was told.
    Leak,
}

impl Refusal {
    /// The word in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownReference => "unknown_reference",
            Self::MissingFact => "missing_fact",
            Self::OwnFact => "own_fact",
            Self::TooLong => "too_long",
            Self::OtherLanguage => "other_language",
            Self::Leak => "leak",
        }
    }
}

/// The model's words with the facts filled in.
pub(crate) fn worded(text: &str, marked: &Marked, draft: &Draft<'_>) -> Result<String, Refusal> {
    let text = text.trim();
    if prompt::leaks(text) {
        return Err(Refusal::Leak);
    }
    let references = references(text)?;
    has_every_fact(text, &references, marked)?;
    let own = outside_references(text);
    if is_figure(&own) || own.contains("://") || names_a_car(&own, draft) {
        return Err(Refusal::OwnFact);
    }
    let filled = filled(text, marked);
    if filled.chars().count() > draft.reply.chars().count() + LONGER {
        return Err(Refusal::TooLong);
    }
    if language_of(&own).is_some_and(|language| language != draft.voice.language) {
        return Err(Refusal::OtherLanguage);
    }
    Ok(filled)
}

/// What stands between braces, in order.
fn references(text: &str) -> Result<Vec<&str>, Refusal> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        let inner = rest[open..].strip_prefix('{').ok_or(Refusal::UnknownReference)?;
        let close = inner.find(['{', '}']).ok_or(Refusal::UnknownReference)?;
        if !inner[close..].starts_with('}') {
            return Err(Refusal::UnknownReference);
        }
        found.push(&inner[..close]);
        rest = &inner[close + 1..];
    }
    Ok(found)
}

fn has_every_fact(text: &str, references: &[&str], marked: &Marked) -> Result<(), Refusal> {
    if references.iter().any(|name| !marked.facts.iter().any(|fact| fact.reference == *name)) {
        return Err(Refusal::UnknownReference);
    }
    let times = |text: &str, name: &str| text.matches(&format!("{{{name}}}")).count();
    for fact in &marked.facts {
        let (had, has) = (times(&marked.text, &fact.reference), times(text, &fact.reference));
        if has == 0 || has > had {
            return Err(Refusal::MissingFact);
        }
    }
    // Numbered lists stay lists, in their order.
    let lines: Vec<&&str> = references.iter().filter(|name| name.starts_with("line:")).collect();
    let in_order =
        marked.facts.iter().map(|fact| fact.reference.as_str()).filter(|name| name.starts_with("line:"));
    let alone = lines.iter().all(|name| text.lines().any(|line| line.trim() == format!("{{{name}}}")));
    if alone && in_order.eq(lines.iter().map(|name| **name)) { Ok(()) } else { Err(Refusal::MissingFact) }
}

fn filled(text: &str, marked: &Marked) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, left) = after.split_once('}').unwrap_or((after, ""));
        let value = marked.facts.iter().find(|fact| fact.reference == name);
        out.push_str(value.map_or("", |fact| &fact.value));
        rest = left;
    }
    out.push_str(rest);
    out
}

/// The names of weekdays and months, in every language.
static CALENDAR: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let mut names = HashSet::new();
    for language in Language::ALL {
        let mut weekday_of = Weekday::Monday;
        for _ in 0..7 {
            names.insert(weekday(weekday_of, language).to_lowercase());
            weekday_of = weekday_of.next();
        }
        for month in 1..=12 {
            let written = day(date(2026, month, 1), language);
            names.extend(written.split_whitespace().last().map(str::to_lowercase));
        }
    }
    names
});

/// Whether a text tells a figure, an amount, a weekday or a month.
pub(super) fn is_figure(text: &str) -> bool {
    text.chars().any(|char| char.is_numeric() || matches!(char, '€' | '$' | '£' | '%'))
        || text
            .split(|char: char| !char.is_alphanumeric())
            .any(|word| CALENDAR.contains(&word.to_lowercase()))
}

/// Whether a text names a make or model that is for sale; the guard looks for others.
fn names_a_car(text: &str, draft: &Draft<'_>) -> bool {
    let cars = draft.knowledge.dealer.inventory.cars();
    cars.iter().any(|car| find(text, &car.make).is_some() || find(text, &car.model).is_some())
}
