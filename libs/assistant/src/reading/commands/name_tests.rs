//! How people give, add to and correct their names, and what only looks like one. Each line is a message of our own.

use super::tests::{asked, booked, fresh, said};
use crate::state::{Asked, State};

/// The name read from a message, if one is.
fn name(message: &str, state: &State) -> Option<String> {
    let names = said(&[message], state);
    names.iter().find_map(|read| read.trim_start_matches('?').strip_prefix("name ").map(str::to_owned))
}

fn proposed(name: &str) -> State {
    asked(Asked::NameProposed { name: name.into() })
}

fn known(name: &str) -> State {
    State { name: Some(name.into()), ..booked() }
}

fn check(state: &State, table: &[(&str, &str)]) {
    for (message, expected) in table {
        assert_eq!(name(message, state).as_deref(), Some(*expected), "{message}");
    }
}

#[test]
fn a_name_is_read_in_any_case_with_initials_titles_and_particles() {
    check(
        &asked(Asked::Name),
        &[
            ("a.w.m. de graaf", "a.w.m. de graaf"),
            ("p kuipers", "p kuipers"),
            ("familie de Lange graag", "familie de Lange"),
            ("Dr. Ilse Vrolijk", "Dr. Ilse Vrolijk"),
            ("mevrouw Ans Wolters", "Ans Wolters"),
            ("petra van es", "petra van es"),
            ("Sytse fan der Meulen", "Sytse fan der Meulen"),
            ("van der Zee", "van der Zee"),
        ],
    );
}

#[test]
fn the_words_around_a_name_are_no_part_of_it() {
    check(
        &asked(Asked::Name),
        &[
            ("Op Merel graag", "Merel"),
            ("Meijer met ij", "Meijer"),
            ("ja hoor, Esra Kaplan voluit", "Esra Kaplan"),
            ("Schwarz reicht", "Schwarz"),
            ("no, use Alexandra Whitlock please", "Alexandra Whitlock"),
            ("nee, lieber Johannes Brinkmann", "Johannes Brinkmann"),
            ("ik heet eigenlijk Willemina Bos", "Willemina Bos"),
            ("mag op Dirk-Jan Haverkamp", "Dirk-Jan Haverkamp"),
            ("zet er maar Hoogendoorn neer", "Hoogendoorn"),
            ("maak er maar Gerrit van", "Gerrit"),
            ("Ow sorry, Tamara Blom", "Tamara Blom"),
            ("Moet dat? Nou, Henk Bijl dan", "Henk Bijl"),
            ("hier ist der Uwe Lohmann", "Uwe Lohmann"),
        ],
    );
}

#[test]
fn a_word_is_a_name_where_one_is_asked_for() {
    check(
        &asked(Asked::Name),
        &[
            ("Wesley Zondag", "Wesley Zondag"),
            ("Vrijdag is mijn achternaam, Jos Vrijdag", "Jos Vrijdag"),
            ("peter freitag", "peter freitag"),
            ("winter", "winter"),
            ("mark", "mark"),
            ("Wil", "Wil"),
            ("Mei Ling", "Mei Ling"),
            ("bart de zwart", "bart de zwart"),
        ],
    );
}

#[test]
fn a_name_in_parts_is_put_together() {
    check(
        &asked(Asked::Name),
        &[
            ("Berlin, Frank Berlin", "Frank Berlin"),
            ("ik ben Hendrik, Hendrik Jansma", "Hendrik Jansma"),
            ("Achternaam Pietersen, voornaam Loes", "Loes Pietersen"),
            ("first name Eve, surname Gallagher", "Eve Gallagher"),
        ],
    );
    check(
        &proposed("Kees"),
        &[("ja, achternaam is Vermeulen", "Kees Vermeulen"), ("klopt, Bakels", "Kees Bakels")],
    );
    check(&proposed("Arun"), &[("Yes, last name is Banerjee", "Arun Banerjee")]);
    check(&proposed("Frauke"), &[("Ja, Nachname ist Tebben", "Frauke Tebben")]);
    check(&known("Joost Haan"), &[("mijn voornaam is trouwens Jost", "Jost Haan")]);
}

#[test]
fn somebody_near_is_named_where_it_is_asked_so() {
    check(
        &asked(Asked::Name),
        &[
            ("Op naam van mijn dochter graag: Lisanne Keizer", "Lisanne Keizer"),
            ("nee, liever op naam van mijn man: Hans Ruiter", "Hans Ruiter"),
            ("voor mijn zoon, Sem Bakker", "Sem Bakker"),
            ("for my wife please, Helen Carter", "Helen Carter"),
            ("Auf meinen Mann: Bernd Vogel", "Bernd Vogel"),
        ],
    );
    let for_her =
        "Ik wil voor mijn moeder, Riet Zomerdijk, maandag 10 uur de Aygo proefrijden. Zet hem op haar naam";
    check(&fresh(), &[(for_her, "Riet Zomerdijk")]);
}

#[test]
fn a_known_name_is_corrected_or_changed() {
    check(
        &known("Jenifer Holt"),
        &[
            ("oops, Jennifer Holt with two n's", "Jennifer Holt"),
            ("*Jennifer", "Jennifer"),
            ("can you change the name to Jeremy Fox", "Jeremy Fox"),
            ("wijzig de naam naar Jeroen Vos", "Jeroen Vos"),
            ("kan het ook op naam van mijn man Jeroen Vos?", "Jeroen Vos"),
            ("Bitte den Namen ändern in Jens Fuchs", "Jens Fuchs"),
        ],
    );
}

#[test]
fn a_name_beside_a_wish_is_given_for_it_in_any_place() {
    check(
        &fresh(),
        &[
            ("jan-willem koopmans hier, kan ik maandag 9 uur de Astra rijden?", "jan-willem koopmans"),
            ("maandag 11u proefrit Clio graag, m. ter horst", "m. ter horst"),
            ("Proefrit Clio maandag 10 uur. Ruben Admiraal, 06-24681357", "Ruben Admiraal"),
            ("Proefrit Clio, maandag 10 uur. Contact: Noortje Verhulst, n@voorbeeld.nl", "Noortje Verhulst"),
            ("Hiya im Greg, can I drive the Clio on Monday at 10", "Greg"),
            ("a test drive in the Clio for Oliver Grant, Monday 2pm", "Oliver Grant"),
        ],
    );
}

#[test]
fn what_is_no_name_is_none() {
    for message in [
        "Ich bin Grenzgänger und würde gern am Montag um 10 Uhr den Clio Probe fahren",
        "Hoi, ik ben Nederlander en wil maandag 14 uur de Clio proefrijden",
        "I'm Scottish and I'd like to test drive the Clio on Monday at 2pm",
        "Beste Karin, graag maandag om 14 uur een proefrit met de Clio",
        "kan ik over een kwartiertje de Clio rijden? ben in de buurt",
    ] {
        assert_eq!(name(message, &fresh()), None, "{message}");
    }
    for message in [
        "ich bin gerade unterwegs, melde mich",
        "bin im Urlaub",
        "ich bin Student",
        "ik ben onderweg",
        "Ik ben blij!",
        "Harderwijk toch?",
        "op de zaak",
        "mijn broer Jan komt ook mee",
        "my mate Dave told me about you",
        "still deciding",
        "gezellig",
        "zelfde naam als vorige keer",
    ] {
        for state in [asked(Asked::Name), proposed("Kees")] {
            assert_eq!(name(message, &state), None, "{message}");
        }
    }
    for message in ["Staat hij op naam van Jan Smit?", "is Pieter Bos er vrijdag ook?"] {
        assert_eq!(name(message, &known("Lies Vos")), None, "{message}");
    }
}
