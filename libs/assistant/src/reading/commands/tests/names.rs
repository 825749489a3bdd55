//! Names, asked for or in passing.

use super::{asked, booked, check, fresh, offered, said};
use crate::state::{Asked, State};

#[test]
fn a_name_is_what_answers_the_question_for_it() {
    for state in [asked(Asked::Name), asked(Asked::NameProposed { name: "Piet".into() })] {
        check(
            &state,
            &[
                ("Lotte Verbeek", &["name Lotte Verbeek"]),
                ("joris de groen", &["name joris de groen"]),
                ("A. van der Zwart", &["name A. van der Zwart"]),
                ("ja prima, Mevr. de Bruin", &["name Mevr. de Bruin"]),
                ("nee, Karim El Amrani", &["name Karim El Amrani"]),
                ("zet maar op Van Vliet", &["name Van Vliet"]),
                ("doe maar op naam van Femke", &["name Femke"]),
                ("Put it under Grace Kelly please", &["name Grace Kelly"]),
                ("Auf den Namen Jörg Weiß bitte", &["name Jörg Weiß"]),
                ("Sem Bakker. Kan ik ook pinnen?", &["name Sem Bakker", "practical Topic(Payment)"]),
            ],
        );
        assert!(!said(&["hoezo?"], &state).iter().any(|read| read.starts_with("name")));
    }
}

#[test]
fn a_name_is_found_where_nobody_asked_for_it() {
    check(
        &fresh(),
        &[
            ("Is de Fiesta er nog? Groetjes Lieke", &["tell Fiesta [available]", "name Lieke"]),
            ("Mijn naam is Omar Haddad en ik zoek een suv", &["name Omar Haddad", "show suv"]),
            ("Met vriendelijke groet, P. Verschuren", &["name P. Verschuren"]),
        ],
    );
    check(&booked(), &[("Eline Schouten", &["?name Eline Schouten"])]);
}

#[test]
fn a_name_behind_a_wish_is_given_for_it() {
    check(
        &fresh(),
        &[
            (
                "proefrit Kuga maandag 10 uur, Lars Hoekstra",
                &["drive Kuga 30/11 10:00", "name Lars Hoekstra"],
            ),
            (
                "maandag 9 uur de Yaris rijden. Bram Kuipers",
                &["drive Yaris 30/11 09:00", "name Bram Kuipers"],
            ),
            ("proefrit Yaris maandag 10 uur - Femke", &["drive Yaris 30/11 10:00", "name Femke"]),
        ],
    );
    check(&offered(), &[("Anouk Terpstra", &["?name Anouk Terpstra"]), ("farouk", &["?name farouk"])]);
}

#[test]
fn odd_answers_to_the_question_for_a_name_are_names() {
    check(
        &asked(Asked::Name),
        &[
            ("ik ben Sander", &["name Sander"]),
            ("Sander", &["name Sander"]),
            ("zeg maar Koos", &["name Koos"]),
            ("piet v/d berg", &["name piet v/d berg"]),
            ("Noa x", &["name Noa"]),
            ("Kees en Mia", &["name Kees en Mia"]),
            ("mijn naam is Zoe", &["name Zoe"]),
            ("ik heet Ria maar zet het maar op naam van Teun", &["name Teun"]),
        ],
    );
    let of = |text: &str| said(&[text], &asked(Asked::Name)).join("; ");
    assert!(of("kees bakker 0687654321").contains("name kees bakker"));
    assert!(of("Jan 06 87654321").contains("name Jan"));
}

#[test]
fn a_name_keeps_company() {
    let named = |message: &str, state: &State| -> Vec<String> {
        said(&[message], state).into_iter().filter(|read| read.contains("name ")).collect()
    };
    for (message, name) in [
        ("0172 5550143, Torsten", "Torsten"),
        ("Jan Smit, 06-12345678", "Jan Smit"),
        ("mijn nummer: 0612345678 (Jan Smit)", "Jan Smit"),
        ("mailen mag naar s.b@voorbeeld.nl, Sanne Bakker", "Sanne Bakker"),
        ("Best to email me, liam.k@voorbeeld.ie. Liam Keane", "Liam Keane"),
        ("call me: 07700900123. Ask for Dave", "Dave"),
        ("hallo ja met Gerrit", "Gerrit"),
    ] {
        assert_eq!(named(message, &fresh()), [format!("name {name}")], "{message}");
    }
    for message in [
        "0612345678, liefst vanavond",
        "mijn nummer 0612345678, Harderwijk",
        "bel mijn collega Piet op 0612345678",
        "a.b@voorbeeld.nl, alvast bedankt",
        "07700 900123, Whatsapp only",
    ] {
        assert_eq!(named(message, &fresh()), Vec::<String>::new(), "{message}");
    }
    check(
        &asked(Asked::Name),
        &[
            ("Gerrit Mulder trouwens, voor de afspraak", &["name Gerrit Mulder"]),
            ("Siobhan O'Neill by the way, for the appointment", &["name Siobhan O'Neill"]),
            ("Klaus Klein für die Probefahrt", &["name Klaus Klein"]),
            ("Sanne Bakker voor de proefrit", &["name Sanne Bakker"]),
            ("doe Bert maar", &["name Bert"]),
            ("oh yeah forgot: Hope Miller", &["name Hope Miller"]),
            ("roos de wit", &["name roos de wit"]),
        ],
    );
    for message in
        ["mooi wit", "de blauwe trouwens", "voor de afspraak", "Automaat is prima", "zaterdag is goed"]
    {
        let read = said(&[message], &asked(Asked::Name));
        assert!(!read.iter().any(|one| one.starts_with("name")), "{message}: {read:?}");
    }
    let known = State { name: Some("Gerrit".into()), ..booked() };
    check(&known, &[("Gerrit Mulder trouwens, voor de afspraak", &["name Gerrit Mulder"])]);
}
