//! The customer's own name. The words around it stand in `words/*/names.txt`.

use dealer::Language;

use super::lexicon;
use super::text::{Gap, Mark, Text};
use super::words::{Role, table};

/// Longest name in words: "van den Berg-de Wit" and initials.
const LONGEST: usize = 6;

/// So many words may greet before "met Piet".
const GREETED_WITHIN: usize = 5;

/// The customer's name as written; its tokens are marked.
pub(super) fn find(text: &mut Text<'_>) -> Option<String> {
    let (from, to) = introduced(text).or_else(|| signed(text)).or_else(|| initialled(text))?;
    text.mark(from, to, Mark::Name);
    Some(text.raw_of(from, to).to_owned())
}

/// Whether a word or phrase at a token stands for this in any language; the token after the longest.
fn phrase(text: &Text<'_>, at: usize, kind: &str) -> Option<usize> {
    Language::ALL.into_iter().filter_map(|language| table(language, Role::Names).at_as(text, at, kind)).max()
}

fn is(text: &Text<'_>, at: usize, kind: &str) -> bool {
    at < text.len()
        && Language::ALL.into_iter().any(|language| table(language, Role::Names).is(text.word(at), kind))
}

fn introduced(text: &Text<'_>) -> Option<(usize, usize)> {
    for at in 0..text.len() {
        for kind in ["strong", "weak", "colon", "greeted"] {
            let Some(after) = phrase(text, at, kind) else { continue };
            let stopped = text.gap(after).has(Gap::STOP) && !text.gap(after).has(Gap::COLON);
            if after >= text.len() || stopped || !may_introduce(text, kind, at, after) {
                continue;
            }
            if let Some(to) = name_from(text, after, kind == "strong")
                && !is_company(text, to)
            {
                return Some((after, to));
            }
        }
        if let Some(found) = named_before(text, at) {
            return Some(found);
        }
    }
    None
}

fn may_introduce(text: &Text<'_>, kind: &str, at: usize, after: usize) -> bool {
    match kind {
        "greeted" => opens_with_greeting(text, at),
        "colon" => text.gap(after).has(Gap::COLON) || at == 0 || is(text, at - 1, "greeting"),
        _ => true,
    }
}

/// "Samira hier", "Hi, Tom here", "Guten Abend, Sabine Lindner am Apparat".
fn named_before(text: &Text<'_>, at: usize) -> Option<(usize, usize)> {
    let placed = (1..=LONGEST).contains(&at) && text.gap(at).is(Gap::SPACE);
    if !placed || phrase(text, at, "after").is_none() {
        return None;
    }
    let from = (0..at).rev().take_while(|place| capitalised(text, *place)).last()?;
    let opens = text.tokens[..from].iter().enumerate().all(|(place, _)| is(text, place, "greeting"));
    (opens && !is_company(text, at)).then_some((from, at))
}

fn opens_with_greeting(text: &Text<'_>, at: usize) -> bool {
    at <= GREETED_WITHIN && (0..at).all(|place| is(text, place, "greeting"))
}

fn is_company(text: &Text<'_>, to: usize) -> bool {
    (to..(to + 3).min(text.len()))
        .take_while(|at| !text.gap(*at).has(Gap::STOP))
        .any(|at| is(text, at, "company"))
}

/// Whether the name goes on at `at`: after a space, a hyphen or the point of an initial.
fn goes_on(text: &Text<'_>, at: usize) -> bool {
    let gap = text.gap(at);
    let joined = gap.is(Gap::SPACE) || gap.is(Gap::HYPHEN);
    joined || (gap.has(Gap::DOT) && !gap.has(Gap::LINE) && at > 0 && is_short_form(text, at - 1))
}

/// "H.", "v.", "Fam.".
fn is_short_form(text: &Text<'_>, at: usize) -> bool {
    is_initial(text, at)
        || is(text, at, "family")
        || (text.word(at).len() <= 2 && (is(text, at, "particle") || is(text, at, "title")))
}

fn is_initial(text: &Text<'_>, at: usize) -> bool {
    text.tokens.get(at).is_some_and(|token| {
        token.mark == Mark::None
            && token.capital
            && token.norm.len() == 1
            && token.norm.as_bytes()[0].is_ascii_alphabetic()
    }) && text.gap(at + 1).has(Gap::DOT)
}

/// Where the name that starts at `from` ends.
fn name_from(text: &Text<'_>, from: usize, strong: bool) -> Option<usize> {
    let mut to = from;
    let mut full = false;
    while to < text.len() && to < from + LONGEST {
        if to > from && !goes_on(text, to) {
            break;
        }
        if capitalised(text, to) || (strong && to == from && plain(text, to)) {
            full = true;
        } else if !(particle(text, to) || is_initial(text, to) || (to == from && is(text, to, "family"))) {
            break;
        }
        to += 1;
    }
    while to > from && !capitalised(text, to - 1) && !(strong && to - 1 == from) {
        to -= 1;
    }
    (full && to > from).then_some(to)
}

/// "van", "de" before the name it belongs to.
fn particle(text: &Text<'_>, at: usize) -> bool {
    is(text, at, "particle")
        && (at + 1..at + 4).any(|next| next < text.len() && goes_on(text, next) && capitalised(text, next))
}

fn capitalised(text: &Text<'_>, at: usize) -> bool {
    let Some(token) = text.tokens.get(at) else { return false };
    let letters = token.norm.bytes().all(|byte| byte.is_ascii_alphabetic());
    let after_short = at > 0
        && (is(text, at - 1, "particle") || is_initial(text, at - 1))
        && token.mark == Mark::None
        && !is(text, at, "never");
    // "d'Hondt", "O'Brien"
    let written = &text.raw[token.start..token.end];
    let inner = written.split(['\'', '’']).nth(1).is_some_and(|rest| rest.starts_with(char::is_uppercase));
    (token.capital || inner)
        && (plain(text, at) || (after_short && letters && token.norm.len() > 1 && token.capital))
}

/// A word that could be a name: letters only, nothing else by our lists.
fn plain(text: &Text<'_>, at: usize) -> bool {
    let token = &text.tokens[at];
    let word = token.norm.as_str();
    token.mark == Mark::None
        && word.len() > 1
        && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !is(text, at, "never")
        && (!lexicon::is_known(word) || is(text, at, "particle"))
}

/// "Groetjes Jeroen", or a name alone in the last sentence or before an address.
fn signed(text: &Text<'_>) -> Option<(usize, usize)> {
    let end = text.tokens.iter().rposition(|token| token.mark == Mark::None).map(|at| at + 1)?;
    let from = start_of_name(text, end)?;
    let gap = text.gap(from);
    let before = from - 1;
    let thanks = is(text, before, "thanks");
    let farewell = is(text, before, "farewell") || thanks;
    let apart = gap.has(Gap::STOP) || gap.has(Gap::LINE) || gap.has(Gap::HYPHEN) && gap.has(Gap::SPACE);
    let after_address = text.tokens[end..].iter().any(|token| token.mark == Mark::Address);
    let followed = after_address && (apart || gap.has(Gap::COMMA));
    let titled = is(text, before, "title") && (after_address || apart);
    let signed =
        (farewell && (!thanks || !gap.is(Gap::SPACE))) || (apart && end - from <= 4) || followed || titled;
    (signed && !is_company(text, end)).then_some((from, end))
}

/// Where the name that ends before `end` starts; nothing at the very start of the text.
fn start_of_name(text: &Text<'_>, end: usize) -> Option<usize> {
    let mut from = end;
    while from > 0 && end - from < LONGEST {
        let at = from - 1;
        let part = capitalised(text, at)
            || (from < end && (is(text, at, "particle") || is_initial(text, at) || is(text, at, "family")));
        if !part || (from < end && !goes_on(text, from)) {
            break;
        }
        from = at;
    }
    let opens = |at: usize| {
        capitalised(text, at)
            || is_initial(text, at)
            || is(text, at, "family")
            || (is(text, at, "particle") && text.tokens[at].capital)
    };
    while from < end && !opens(from) {
        from += 1;
    }
    (from < end && from > 0).then_some(from)
}

/// "terugbelverzoek: M. Aydin", "Panamera, zaterdag, R. Kuipers": initials before a name, set apart.
fn initialled(text: &Text<'_>) -> Option<(usize, usize)> {
    (0..text.len()).filter(|at| is_initial(text, *at)).find_map(|from| {
        let gap = text.gap(from);
        let apart = from == 0 || gap.has(Gap::STOP) || gap.has(Gap::COMMA) || gap.has(Gap::COLON);
        let to = name_from(text, from, false)?;
        (apart && to > from + 1 && !is_company(text, to)).then_some((from, to))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<String> {
        find(&mut Text::new(text))
    }

    #[test]
    fn names_are_found_where_people_put_them() {
        for (text, expected) in [
            ("joehoe, met Samira", "Samira"),
            ("Oké dank je wel, ik laat nog van me horen! Groetjes Jeroen", "Jeroen"),
            ("Mijn naam is Pieter van den Berg", "Pieter van den Berg"),
            ("mijn naam is jolanda", "jolanda"),
            ("I'm Oliver, looking for a car", "Oliver"),
            ("Ich heiße Katrin Vogel.", "Katrin Vogel"),
            ("Kan dat zaterdag? Mvg, Anneke de Wit", "Anneke de Wit"),
            ("Graag annuleren. G. Mulder", "G. Mulder"),
            ("Met vriendelijke groet, H.J. van Beek", "H.J. van Beek"),
            ("Wij zien af van de rit. Groeten, fam. Boersma", "fam. Boersma"),
            ("Groetjes Fam. v.d. Meer", "Fam. v.d. Meer"),
            ("mijn naam is Moos d'Hondt", "Moos d'Hondt"),
            ("ik ben Mo", "Mo"),
            ("Hi, Tom here", "Tom"),
            ("Guten Abend, Sabine Lindner am Apparat", "Sabine Lindner"),
            ("terugbellen graag: M. Aydin, na 14.00", "M. Aydin"),
        ] {
            assert_eq!(name(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn words_that_are_no_name_give_none() {
        for text in [
            "ik ben op zoek naar een auto",
            "met spoed graag",
            "Goedendag, advocatenkantoor Van Loon hier",
            "Thanks Jan",
            "This is Harding & Moss Solicitors",
            "mag de lease ook op naam van de BV",
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
