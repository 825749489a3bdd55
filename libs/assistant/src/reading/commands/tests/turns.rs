//! Turns of several messages, adverts, manner and odd texts.

use jiff::Zoned;

use super::super::{is_urgent, looks_unfinished, read};
use super::{NOW, asked, booked, check, fresh, offered, reading, said, short};
use crate::Knowledge;
use crate::state::{Asked, State};
use crate::turn::{Message, Scene};

#[test]
fn pieces_of_a_sentence_are_read_as_one() {
    let state = fresh();
    assert_eq!(said(&["kan ik wo", "ensdag", "om 4 uur langskomen"], &state), ["drive 02/12 16:00"]);
    assert_eq!(said(&["yo", "die picanto", "die blauwe"], &state), ["tell Picanto blue []"]);
    assert_eq!(said(&["proefrit fabia", "maandag 10 uur", "Wim Kok"], &booked()).len(), 2);
}

#[test]
fn corrections_within_a_turn_are_applied() {
    check(
        &fresh(),
        &[
            ("proefrit Yaris maandag 9 uur, of nee 10 uur", &["drive Yaris 30/11 10:00"]),
            ("dinsdag, nee toch woensdag om 2 uur in de Kuga rijden", &["drive Kuga 02/12 14:00"]),
            ("ik wil de Aygo zien. Of eigenlijk nee, de Picanto. Zaterdag?", &["drive Picanto 28/11"]),
        ],
    );
}

#[test]
fn an_advert_says_which_car_is_meant() {
    let now: Zoned = NOW.parse().unwrap();
    let message = |text: &str| Message {
        advert: Some("Kia Picanto 1.0 ComfortLine in het blauw".into()),
        ..Message::new("m", text, now.timestamp())
    };
    for (text, expected) in [
        ("Kan ik hier meer over weten?", "tell Picanto blue comfortline []"),
        ("", "tell Picanto blue comfortline []"),
        ("wat kost deze?", "tell Picanto blue comfortline [price]"),
        ("mag ik maandag rijden?", "drive Picanto blue comfortline 30/11"),
    ] {
        let messages = [message(text)];
        let scene = Scene {
            messages: &messages,
            state: &State::default(),
            knowledge: &Knowledge::builtin(),
            now: &now,
        };
        let read: Vec<String> = read(&scene).commands.iter().map(|read| short(&read.command)).collect();
        assert_eq!(read, [expected], "{text}");
    }
}

#[test]
fn manner_and_language_are_told() {
    let of = |text: &str| {
        let reading = reading(&[text], &fresh());
        (reading.language.map(dealer::Language::as_str), reading.formal, reading.foreign)
    };
    assert_eq!(of("Heeft u de Clio nog?"), (Some("nl"), Some(true), false));
    assert_eq!(of("heb je de Clio nog?"), (Some("nl"), Some(false), false));
    assert_eq!(of("Haben Sie den Clio noch?"), (Some("de"), Some(true), false));
    assert_eq!(of("Is the Clio still there?"), (Some("en"), None, false));
    assert_eq!(of("06").0, None);
    for text in [
        "Bonjour, je voudrais essayer la voiture avec mon frère",
        "Сколько стоит эта машина?",
        "Merhaba, bu araba satılık mı?",
    ] {
        assert!(of(text).2, "{text}");
    }
    assert!(!of("Ist der Polo noch da? Danke").2);
}

#[test]
fn the_words_a_command_rests_on_are_found_back_in_their_message() {
    let messages = ["Hoi", "Is de Fiesta er nog?", "En mag de hond mee?"];
    let reading = reading(&messages, &fresh());
    let words: Vec<(usize, &str)> = reading
        .commands
        .iter()
        .map(|read| (read.message, &messages[read.message][read.words.clone()]))
        .collect();
    assert_eq!(words, [(0, "Hoi"), (1, "Is de Fiesta er nog"), (2, "En mag de hond mee")]);
}

#[test]
fn pieces_and_greetings_wait_for_their_rest() {
    for text in
        ["hoi", "Goedemorgen", "kan ik mor", "heb je nog die", "en", "ik wil graag,", "is ie", "could i"]
    {
        assert!(looks_unfinished(text), "{text}");
    }
    for text in [
        "ja",
        "2",
        "nee",
        "STOP",
        "Is de Kona er nog?",
        "ik wil de Kona zaterdag rijden",
        "Mark Visser",
        "medewerker",
    ] {
        assert!(!looks_unfinished(text), "{text}");
    }
}

#[test]
fn odd_and_long_texts_are_read_without_harm() {
    let long = "a".repeat(64 * 1024);
    let many = "kan ik de Golf zaterdag om 10 uur rijden en wat kost hij? ".repeat(1200);
    for text in
        ["", "?", "İİİİ ẞ K", "2026-99-99 99:99", "\u{0}", long.as_str(), many.as_str(), "((((((", "' ' '"]
    {
        for state in [fresh(), offered(), booked(), asked(Asked::Name)] {
            let _ = said(&[text, text], &state);
        }
        let _ = (is_urgent(text), looks_unfinished(text));
    }
}
