//! The customer's own name.

use super::lexicon;
use super::text::{Gap, Mark, Text, Words};

/// Words before a name, in sequence; after a strong one the name may be in lower case.
const INTRODUCTIONS: &[(&[&str], bool)] = &[
    (&["mijn", "naam", "is"], true),
    (&["mn", "naam", "is"], true),
    (&["mijn", "naam"], true),
    (&["naam", "is"], true),
    (&["ik", "heet"], true),
    (&["heet", "ik"], true),
    (&["u", "spreekt", "met"], true),
    (&["je", "spreekt", "met"], true),
    (&["spreekt", "u", "met"], true),
    (&["op", "naam", "van"], true),
    (&["name", "is"], true),
    (&["my", "names"], true),
    (&["name's"], true),
    (&["im", "called"], true),
    (&["i", "am", "called"], true),
    (&["name", "of"], false),
    (&["ich", "heisse"], true),
    (&["mein", "name", "ist"], true),
    (&["mein", "name"], true),
    (&["heisse", "ich"], true),
    (&["auf", "den", "namen"], true),
    (&["auf", "namen"], true),
    (&["ik", "ben"], false),
    (&["ben", "ik"], false),
    (&["hier", "is"], false),
    (&["dit", "is"], false),
    (&["met"], false),
    (&["i", "am"], false),
    (&["im"], false),
    (&["this", "is"], false),
    (&["its"], false),
    (&["it", "is"], false),
    (&["ich", "bin"], false),
    (&["hier", "ist"], false),
    (&["hier", "spricht"], false),
    (&["ich", "bins"], false),
    (&["naam"], false),
    (&["name"], false),
    (&["namens"], false),
    (&["hier"], false),
];

/// Words before a name at the end of a message.
const FAREWELLS: Words = Words(
    "groet groeten groetjes gr grtz grt gruss grusse gruesse mvg mfg vg lg regards cheers sincerely best \
    wishes rgds kind greetings vriendelijke hartelijke alvast bedankt dank thanks danke thx love yours \
    truly afz freundlichen grussen grunden liefs gr. dankjewel grussle gruessen hgr vriendelijk mvrgr",
);

const PARTICLES: &[&str] =
    &["van", "de", "der", "den", "ter", "ten", "te", "t", "von", "zu", "el", "al", "la", "du", "le", "op"];

/// Greetings after which "met X" gives a name.
const GREETINGS: Words = Words(
    "hoi hallo hey hee joehoe goedemorgen goedemiddag goedenavond goedendag goeiedag goeiemorgen \
    goeiemiddag goeienavond dag beste ha hi hello goede morgen middag avond goeden moin guten tag abend \
    goeie heer mevrouw yo hai",
);

const NEVER: Words = Words(
    "ik je ja nee ok graag wij we i ich sie stop apk auto suv whatsapp nederland apple carplay android \
    dsg kvk rdw bovag nap btw marktplaats autoscout harderwijk amsterdam utrecht euro allemaal team \
    mensen heren dames meneer mevrouw seldenrijk verkoop iemand benieuwd again looking interested op \
    verkoper herr frau hallo bei mr mrs ms",
);

/// The customer's name as written; its tokens are marked.
pub(super) fn find(text: &mut Text<'_>) -> Option<String> {
    let (from, to) = introduced(text).or_else(|| signed(text))?;
    text.mark(from, to, Mark::Name);
    Some(text.raw_of(from, to).to_owned())
}

fn introduced(text: &Text<'_>) -> Option<(usize, usize)> {
    for at in 0..text.len() {
        for (words, strong) in INTRODUCTIONS {
            let here = words.iter().enumerate().all(|(offset, word)| text.word(at + offset) == *word);
            let after = at + words.len();
            if !here
                || after >= text.len()
                || (text.gap(after).has(Gap::STOP) && !text.gap(after).has(Gap::COLON))
            {
                continue;
            }
            if *words == ["met"] && !opens_with_greeting(text, at) {
                continue;
            }
            if matches!(*words, ["hier" | "naam" | "name"])
                && !(text.gap(after).has(Gap::COLON) || at == 0 || GREETINGS.contains(text.before(at, 1)))
            {
                continue;
            }
            if *words == ["its"] && at > 2 {
                continue;
            }
            if let Some(to) = name_from(text, after, *strong) {
                return Some((after, to));
            }
        }
        // "advocatenkantoor Van Loon hier" names no customer, "Samira hier" does.
        if text.word(at) == "hier" && at > 0 && at <= 4 && text.gap(at).is(Gap::SPACE) {
            let from = (0..at).rev().take_while(|at| capitalised(text, *at)).last();
            let opens = |from: usize| from == 0 || GREETINGS.contains(text.before(from, 1));
            if let Some(from) = from.filter(|from| opens(*from)) {
                return Some((from, at));
            }
        }
    }
    None
}

fn opens_with_greeting(text: &Text<'_>, at: usize) -> bool {
    at <= 5 && text.tokens[..at].iter().all(|token| GREETINGS.contains(token.norm.as_str()))
}

/// Where the name that starts at `from` ends.
fn name_from(text: &Text<'_>, from: usize, strong: bool) -> Option<usize> {
    let mut to = from;
    let mut full = false;
    while to < text.len() && to < from + 5 {
        if to > from && !text.gap(to).is(Gap::SPACE) && !text.gap(to).is(Gap::HYPHEN) {
            break;
        }
        let particle = PARTICLES.contains(&text.word(to)) && followed_by_name(text, to, strong && to == from);
        if capitalised(text, to) || (strong && to == from && plain(text, to)) {
            full = true;
        } else if !particle {
            break;
        }
        to += 1;
    }
    while to > from && !capitalised(text, to - 1) && !(strong && to - 1 == from) {
        to -= 1;
    }
    (full && to > from).then_some(to)
}

fn followed_by_name(text: &Text<'_>, at: usize, _strong: bool) -> bool {
    (at + 1..at + 3).any(|next| next < text.len() && text.gap(next).is(Gap::SPACE) && capitalised(text, next))
}

fn capitalised(text: &Text<'_>, at: usize) -> bool {
    let token = &text.tokens[at];
    let after_particle = at > 0 && PARTICLES.contains(&text.word(at - 1)) && token.mark == Mark::None;
    token.capital
        && (plain(text, at) || (after_particle && token.norm.bytes().all(|byte| byte.is_ascii_alphabetic())))
}

/// A word that could be a name: letters only, nothing else by our lists.
fn plain(text: &Text<'_>, at: usize) -> bool {
    let token = &text.tokens[at];
    let word = token.norm.as_str();
    token.mark == Mark::None
        && word.len() > 1
        && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !NEVER.contains(word)
        && (!lexicon::is_known(word) || PARTICLES.contains(&word))
}

/// "Groetjes Jeroen", or a name alone in the last sentence or before an address.
fn signed(text: &Text<'_>) -> Option<(usize, usize)> {
    let end = text.tokens.iter().rposition(|token| token.mark == Mark::None).map(|at| at + 1)?;
    let mut from = end;
    while from > 0 && end - from < 5 {
        let at = from - 1;
        let joined = from == end || text.gap(from).is(Gap::SPACE) || text.gap(from).is(Gap::HYPHEN);
        let particle = PARTICLES.contains(&text.word(at)) && from < end;
        if !joined || !(capitalised(text, at) || particle) {
            break;
        }
        from = at;
    }
    while from < end
        && !capitalised(text, from)
        && !(PARTICLES.contains(&text.word(from)) && text.tokens[from].capital)
    {
        from += 1;
    }
    if from == end || from == 0 {
        return None;
    }
    let before = text.before(from, 1);
    let gap = text.gap(from);
    let farewell = FAREWELLS.contains(before);
    let thanks = matches!(before, "bedankt" | "dank" | "thanks" | "danke" | "dankjewel" | "alvast" | "thx");
    let apart = gap.has(Gap::STOP) || gap.has(Gap::LINE) || gap.has(Gap::HYPHEN) && gap.has(Gap::SPACE);
    let followed =
        text.tokens[end..].iter().any(|token| token.mark == Mark::Address) && (apart || gap.has(Gap::COMMA));
    let signed = (farewell && (!thanks || !gap.is(Gap::SPACE))) || (apart && end - from <= 4) || followed;
    signed.then_some((from, end))
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
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
