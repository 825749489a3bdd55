//! Surnames that are words as well.

use super::{asked, fresh, offered, said};
use crate::names;
use crate::state::{Asked, State};

/// The name read from a message and taken for an appointment.
fn name(message: &str, state: &State) -> Option<String> {
    let read = said(&[message], state);
    let name = read.iter().find_map(|read| read.trim_start_matches('?').strip_prefix("name "))?;
    names::given(name)
}

/// What is wrong with the messages of a table, all at once.
fn wrong(state: &State, messages: impl IntoIterator<Item = (String, Option<String>)>) -> Vec<String> {
    let wrong = |(message, expected): (String, Option<String>)| {
        let found = name(&message, state);
        (found != expected).then(|| format!("{message}: {found:?}"))
    };
    messages.into_iter().filter_map(wrong).collect()
}

const SURNAMES: [&str; 20] = [
    "Top", "Slot", "Bos", "Berg", "Groot", "Klein", "Groen", "Best", "Prins", "Zomer", "Winter", "Mei",
    "Vrijdag", "Sunday", "Short", "Price", "May", "Schnell", "Montag", "Reich",
];

#[test]
fn behind_a_given_name_every_word_is_a_surname_where_a_name_was_asked_for() {
    let messages = SURNAMES.iter().flat_map(|surname| {
        let full = format!("Jan-Willem {surname}");
        let plain = format!("Erwin {surname}");
        [
            (full.clone(), Some(full.clone())),
            (plain.clone(), Some(plain.clone())),
            (plain.to_lowercase(), Some(plain.clone())),
            (format!("naam {plain}"), Some(plain.clone())),
            (format!("Ik ben {plain}"), Some(plain.clone())),
            (format!("my name is {plain}"), Some(plain.clone())),
            (format!("Auf den Namen {plain} bitte"), Some(plain.clone())),
            (format!("J.W. {surname}"), Some(format!("J.W. {surname}"))),
        ]
    });
    assert_eq!(wrong(&asked(Asked::Name), messages), Vec::<String>::new());
}

#[test]
fn a_name_in_full_behind_a_wish_needs_no_question() {
    let messages = SURNAMES.iter().flat_map(|surname| {
        let name = format!("Erwin {surname}");
        [
            (format!("proefrit Kuga donderdag 10:00 naam {name}"), Some(name.clone())),
            (format!("proefrit kuga do 10 uur, naam: {name}"), Some(name.clone())),
            (format!("Kuga Donnerstag 10 Uhr Probefahrt Name {name}"), Some(name.clone())),
            (format!("test drive Kuga Thursday 10:00 name {name}"), Some(name.clone())),
        ]
    });
    assert_eq!(wrong(&fresh(), messages), Vec::<String>::new());
}

#[test]
fn words_that_are_surnames_are_none_alone_or_in_a_sentence() {
    let none =
        |messages: &[&str]| messages.iter().map(|message| ((*message).to_owned(), None)).collect::<Vec<_>>();
    let asked_for = none(&[
        "top",
        "Top!",
        "best",
        "Prima, top",
        "vrijdag",
        "morgen",
        "Wil graag vrijdag",
        "jan belt morgen",
        "will call later",
        "the price?",
        "das ist gut",
        "gut",
        "short answer: no",
        "vrijdag graag",
        "klein beetje later",
        "fine",
        "great",
        "heel goed",
    ]);
    assert_eq!(wrong(&asked(Asked::Name), asked_for), Vec::<String>::new());
    let meanwhile = none(&[
        "is jouw naam Lisa?",
        "proefrit Kuga donderdag 10:00",
        "op wiens naam staat de Kuga",
        "Top, dan kom ik donderdag",
        "Best, doe maar",
        "what is the name of the garage",
    ]);
    assert_eq!(wrong(&fresh(), meanwhile.clone()), Vec::<String>::new());
    assert_eq!(wrong(&offered(), meanwhile), Vec::<String>::new());
}
