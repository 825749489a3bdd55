//! Names of people: which may stand in a reply.
//!
//! [`proposed`] is narrow, for a profile name is chosen by strangers and may be anything; [`given`] is wider, for who is asked
//! for a name answers with one. Neither lets a claim through, and the offer guard looks once more. The words stand by language in
//! `names/`.

mod amend;

use std::collections::HashSet;
use std::sync::LazyLock;

pub(crate) use self::amend::{amended, repeats, resembles};

use crate::Knowledge;
use crate::guard::{self, folded};
use crate::reading::{is_everyday, is_given_name};

/// Longest name, in letters.
const LONGEST: usize = 40;

/// An answer longer than this, in bytes, is no name.
const LONGEST_ANSWER: usize = 240;

/// Words of a name, what stands before a surname not counted.
const MOST_WORDS: usize = 4;

/// Words about names.
#[derive(Debug, Default)]
struct Lists {
    particle: HashSet<String>,
    title: HashSet<String>,
    business: HashSet<String>,
    no_name: HashSet<String>,
    also_a_name: HashSet<String>,
    surname: HashSet<String>,
    lead_in: Vec<Vec<String>>,
    trailer: Vec<Vec<String>>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists::default();
    for file in [include_str!("names/nl.txt"), include_str!("names/en.txt"), include_str!("names/de.txt")] {
        lists.read(file);
    }
    let longest_first =
        |phrases: &mut Vec<Vec<String>>| phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
    longest_first(&mut lists.lead_in);
    longest_first(&mut lists.trailer);
    lists
});

impl Lists {
    fn read(&mut self, file: &str) {
        let mut section = "";
        for line in file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
                section = name;
                continue;
            }
            for entry in line.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
                let words = || entry.split_whitespace().map(bare).collect();
                match section {
                    "particle" => drop(self.particle.insert(bare(entry))),
                    "title" => drop(self.title.insert(bare(entry))),
                    "business" => drop(self.business.insert(bare(entry))),
                    "no_name" => drop(self.no_name.insert(bare(entry))),
                    "also_a_name" => drop(self.also_a_name.insert(bare(entry))),
                    "surname" => drop(self.surname.insert(bare(entry))),
                    "lead_in" => self.lead_in.push(words()),
                    "trailer" => self.trailer.push(words()),
                    _ => {}
                }
            }
        }
    }
}

/// A word as the lists have it: without case, diacritics, dots and apostrophes.
fn bare(word: &str) -> String {
    folded(word).chars().filter(|char| char.is_alphanumeric()).collect()
}

/// The name to propose, from a profile name that a stranger chose; `None` when it is no name, holds no letter, or claims something.
pub fn proposed(profile: &str, knowledge: &Knowledge) -> Option<String> {
    let words = words_of(profile)?;
    let name = person(&words)?;
    let unlikely = |word: &&str| {
        let word = bare(word);
        LISTS.no_name.contains(&word) && !LISTS.also_a_name.contains(&word)
    };
    if words.iter().any(|word| unlikely(&word.as_str())) || is_a_car(&words, knowledge) {
        return None;
    }
    Some(name)
}

/// A make or a model, unless it is a name as well.
fn is_a_car(words: &[String], knowledge: &Knowledge) -> bool {
    let others: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !LISTS.also_a_name.contains(&bare(word))).collect();
    others.iter().any(|word| guard::names_a_car(word, knowledge))
        || guard::names_a_car(&others.join(" "), knowledge)
}

/// The name in a text that answers "Op welke naam?"; `None` when it is no name.
pub fn given(text: &str) -> Option<String> {
    if text.len() > LONGEST_ANSWER {
        return None;
    }
    // A number to call or an address to write to may stand beside a name, a claim may not.
    let contact = |word: &&str| word.contains('@') || word.chars().filter(char::is_ascii_digit).count() > 5;
    let rest: Vec<&str> = text.split_whitespace().filter(|word| !contact(word)).collect();
    if text.contains('?') || guard::claims_nothing(&rest.join(" ")).is_err() {
        return None;
    }
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    // "Ja prima. Mark Jansen" and "Mark Jansen, graag": the part that is a name.
    let parts = std::iter::once(line).chain(line.split([',', ';', ':', '!']));
    parts.into_iter().find_map(given_part)
}

fn given_part(text: &str) -> Option<String> {
    let words = words_of(text)?;
    let words = without_ends(&words);
    let name = person(words)?;
    let telling: Vec<(String, &String)> = words
        .iter()
        .map(|word| (bare(word), word))
        .filter(|(word, _)| !LISTS.particle.contains(word) && !LISTS.title.contains(word))
        .filter(|(word, _)| word.chars().count() > 1)
        .collect();
    // "Fam. v.d. Meer" and "de Vries" are said as names are.
    let as_a_name =
        words.len() > telling.len() && words.last().is_some_and(|word| word.starts_with(char::is_uppercase));
    // "Wesley Zondag", "Mei Ling".
    let called = telling.len() > 1 && is_called(telling[0].1);
    // "Jan-Willem Top", "erwin slot": behind a given name a word is one, written so or known to be one.
    let led = words.len() > 1 && leads(&words[0]);
    let surname = |at: usize, (word, written): &(String, &String)| {
        let behind = called && at > 0 || led && *written != &words[0];
        LISTS.also_a_name.contains(word)
            || behind && (written.starts_with(char::is_uppercase) || LISTS.surname.contains(word))
    };
    let words = || telling.iter().enumerate().filter(|(at, word)| !surname(*at, word));
    let ordinary =
        if as_a_name || called { 0 } else { words().filter(|(_, word)| is_everyday(&word.0)).count() };
    if words().any(|(_, word)| LISTS.no_name.contains(&word.0))
        || ordinary * 2 >= telling.len().max(1) && ordinary > 0
    {
        return None;
    }
    Some(name)
}

/// Whether a word is a given name, or two of them joined: "Jan-Willem".
fn is_called(word: &str) -> bool {
    is_given_name(&bare(word)) || word.contains('-') && word.split('-').all(|part| is_given_name(&bare(part)))
}

/// Initials or a title, behind which a surname stands: "J.W.", "dhr.".
fn leads(word: &str) -> bool {
    let initials = word.contains('.') && word.split('.').all(|part| part.chars().count() <= 1);
    initials || LISTS.title.contains(&bare(word))
}

/// "Op naam van Mark Jansen graag": the words in between.
fn without_ends(words: &[String]) -> &[String] {
    let bares: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let (mut from, mut to) = (0, words.len());
    while let Some(phrase) = LISTS.lead_in.iter().find(|phrase| bares[from..to].starts_with(phrase)) {
        if from + phrase.len() >= to {
            break;
        }
        from += phrase.len();
    }
    while let Some(phrase) = LISTS.trailer.iter().find(|phrase| bares[from..to].ends_with(phrase)) {
        if from + phrase.len() >= to {
            break;
        }
        to -= phrase.len();
    }
    &words[from..to]
}

/// The words of a name: pictures and quotes around it are gone; `None` when anything in it belongs to no name.
fn words_of(text: &str) -> Option<Vec<String>> {
    if text.chars().count() > LONGEST * 2 {
        return None;
    }
    let stripped: String = text.chars().map(|char| if is_picture(char) { ' ' } else { char }).collect();
    let trimmed = stripped.trim_matches(|char: char| !char.is_alphanumeric() && char != '\'' && char != '’');
    // "H.J." ends in a dot that belongs to it.
    let dotted = trimmed.len() < stripped.trim_end().len()
        && stripped.trim_end().ends_with('.')
        && trimmed.contains('.');
    let trimmed = if dotted { format!("{trimmed}.") } else { trimmed.to_owned() };
    let fits =
        |char: char| char.is_alphabetic() || char.is_whitespace() || "-'’.".contains(char) || char == '/';
    if trimmed.is_empty() || !trimmed.chars().all(fits) {
        return None;
    }
    Some(trimmed.split_whitespace().map(str::to_owned).collect())
}

/// Pictures, and what joins them.
fn is_picture(char: char) -> bool {
    !char.is_alphanumeric()
        && !char.is_ascii()
        && !matches!(char, '’' | '‘' | '´' | '€' | '£' | '¥' | '₿')
        && !char.is_whitespace()
}

/// The words as a person's name, written as names are; `None` when they are none.
fn person(words: &[String]) -> Option<String> {
    let bares: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let counted =
        bares.iter().filter(|word| !LISTS.particle.contains(*word) && !LISTS.title.contains(*word)).count();
    let spoken = words.iter().any(|word| {
        let bare = bare(word);
        bare.chars().count() > 1
            && !word.contains('.')
            && !LISTS.particle.contains(&bare)
            && !LISTS.title.contains(&bare)
    });
    let joined = words.join(" ");
    let short = (1..=MOST_WORDS).contains(&counted) && words.len() <= MOST_WORDS + 3;
    if !short || !spoken || joined.chars().count() > LONGEST {
        return None;
    }
    if !words.iter().all(|word| is_written_as_a_name(word))
        || bares.iter().any(|word| LISTS.business.contains(word))
    {
        return None;
    }
    guard::claims_nothing(&joined).ok()?;
    let plain = words.iter().all(|word| !word.chars().any(char::is_uppercase))
        || words.iter().all(|word| !word.chars().any(char::is_lowercase));
    let written: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(at, word)| if plain { capitalised(word, at == 0) } else { word.clone() })
        .collect();
    Some(written.join(" "))
}

/// Letters; hyphens and apostrophes between them; dots only behind initials and titles.
fn is_written_as_a_name(word: &str) -> bool {
    let bare_word = bare(word);
    let known = LISTS.title.contains(&bare_word) || LISTS.particle.contains(&bare_word);
    if word.contains('/') {
        return known;
    }
    if word.contains('.') {
        let initials = word.split('.').all(|part| part.chars().count() <= 2) && !bare_word.is_empty();
        return initials || known;
    }
    let letters = word.chars().filter(|char| char.is_alphabetic()).count();
    letters > 0 && !word.ends_with('-') && word.chars().count() <= letters + 2
}

/// "KOK" and "kok" as "Kok"; "VAN" as "van" unless it opens the name.
fn capitalised(word: &str, first: bool) -> String {
    let lower = word.to_lowercase();
    if LISTS.particle.contains(&bare(word)) && !first {
        return lower;
    }
    let initials = word.contains('.') && word.split('.').all(|part| part.chars().count() <= 1);
    let mut begins = true;
    lower
        .chars()
        .flat_map(|char| {
            let up = begins && char.is_alphabetic();
            begins = char == '-' || (initials && char == '.');
            if up { char.to_uppercase().collect::<Vec<_>>() } else { vec![char] }
        })
        .collect()
}

/// Whether a word is the name of people as well: "mark", "winter".
pub(crate) fn is_also_a_name(word: &str) -> bool {
    LISTS.also_a_name.contains(word)
}

/// Whether a word is a surname behind a given name, whatever else it is: "top", "short", "reich".
pub(crate) fn is_also_a_surname(word: &str) -> bool {
    LISTS.surname.contains(word) || is_also_a_name(word)
}

/// Whether a word stands before names and is none: "familie", "mevrouw".
pub(crate) fn is_title(word: &str) -> bool {
    LISTS.title.contains(&bare(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_is_a_name_is_proposed() {
        let knowledge = Knowledge::builtin();
        for (profile, name) in [
            ("Marieke", "Marieke"),
            ("🔥Mo🔥", "Mo"),
            ("Sanne 🌸", "Sanne"),
            ("Sanne de Wit 🇳🇱", "Sanne de Wit"),
            ("MARK JANSEN", "Mark Jansen"),
            ("JAN VAN DER BERG", "Jan van der Berg"),
            ("H.J. van Beek", "H.J. van Beek"),
            ("Anne-Fleur", "Anne-Fleur"),
            ("Zoë", "Zoë"),
            ("Daan van 't Hof", "Daan van 't Hof"),
            ("~ Joost ~", "Joost"),
            ("Frank van den Berg", "Frank van den Berg"),
            ("McKenzie", "McKenzie"),
            ("Мария", "Мария"),
            ("bram kok", "Bram Kok"),
            ("Leon", "Leon"),
        ] {
            assert_eq!(proposed(profile, &knowledge).as_deref(), Some(name), "{profile}");
        }
    }

    #[test]
    fn a_profile_that_claims_something_or_is_no_name_is_not_used() {
        let knowledge = Knowledge::builtin();
        for profile in [
            "",
            ".",
            "..",
            "🌸",
            "😎😎",
            "-",
            "De Golf kost € 1",
            "Golf voor 1 euro, bindend afgesproken",
            "Gratis Golf voor €1",
            "Gratis Golf",
            "Volkswagen",
            "Polo",
            "Tesla Model 3",
            "Jansen BV",
            "Garage Bakker",
            "Klant",
            "Kunde",
            "Customer",
            "06-12345678",
            "Jan2",
            "www.jan.nl",
            "jan@voorbeeld.nl",
            "50% korting",
            "free car",
            "ein Pfund",
            "Hey there! I am using WhatsApp.",
            "Niet storen",
            "Mijn leven mijn regels",
            "Een hele lange naam die nergens ophoudt en maar doorgaat",
            "J.",
            "a/b/c",
            "Jan|Piet",
            "{name}",
            "<script>alert(1)</script>",
            "Sаnne met een cyrillische а",
        ] {
            assert_eq!(proposed(profile, &knowledge), None, "{profile}");
        }
    }

    #[test]
    fn a_name_that_was_asked_for_is_taken_as_written() {
        for (text, name) in [
            ("Mark Jansen", "Mark Jansen"),
            ("bram kok", "Bram Kok"),
            ("joost van dam", "Joost van Dam"),
            ("Fam. v.d. Meer", "Fam. v.d. Meer"),
            ("H.J. van Beek", "H.J. van Beek"),
            ("Op naam van Marieke graag", "Marieke"),
            ("Under Tom Whitaker please", "Tom Whitaker"),
            ("Lutgarde Peeters is de naam", "Lutgarde Peeters"),
            ("Zet maar op Anja Koster", "Anja Koster"),
            ("ik ben Henk de Wit", "Henk de Wit"),
            ("Auf den Namen Schäfer bitte", "Schäfer"),
            ("ja hoor, Yvonne", "Yvonne"),
            ("dhr. Bakker", "dhr. Bakker"),
            ("YVONNE", "Yvonne"),
            ("Mercedes García", "Mercedes García"),
            ("de Vries", "de Vries"),
            ("Will", "Will"),
            ("Jan Schenk", "Jan Schenk"),
            ("Nguyen Thi Lan", "Nguyen Thi Lan"),
            ("Jan de Vries, 06-12345678", "Jan de Vries"),
        ] {
            assert_eq!(given(text).as_deref(), Some(name), "{text}");
        }
    }

    #[test]
    fn what_answers_with_something_else_gives_no_name() {
        for text in [
            "",
            ".",
            "🌸",
            "hoezo wil je dat weten?",
            "nee",
            "ja",
            "Belachelijk",
            "morgen om 10 uur",
            "dat weet ik nog niet",
            "Golf voor 1 euro, bindend afgesproken",
            "gratis",
            "500 euro korting",
            "kan het ook later",
            "www.voorbeeld.nl",
            "weet ik nog niet",
            "what do you need that for",
        ] {
            assert_eq!(given(text), None, "{text}");
        }
    }
}
