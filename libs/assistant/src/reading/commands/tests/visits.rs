//! Coming by, opening hours, the appointment asked about, and what is only spoken of.

use super::{asked, check, fresh, said};
use crate::state::{Asked, State, Topic};
use crate::when::When;

/// In talk about one car.
fn about_a_car() -> State {
    State {
        focus: vec!["hyundai-kona-01".into()],
        shown: vec!["hyundai-kona-01".into()],
        topic: Topic::Cars,
        ..State::default()
    }
}

fn each(state: &State, messages: &[&str], wanted: fn(&str) -> bool) {
    let wrong: Vec<_> = messages
        .iter()
        .map(|message| (message, said(&[message], state)))
        .filter(|(_, said)| !said.iter().any(|one| wanted(one)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn none(state: &State, messages: &[&str], unwanted: fn(&str) -> bool) {
    let wrong: Vec<_> = messages
        .iter()
        .map(|message| (message, said(&[message], state)))
        .filter(|(_, said)| said.iter().any(|one| unwanted(one)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn who_names_no_car_comes_by_without_an_appointment() {
    let welcome = |one: &str| one == "practical Topic(WalkIn)";
    each(
        &fresh(),
        &[
            "kan ik langskomen",
            "mag ik vanmiddag even langskomen?",
            "ik wil zaterdag langskomen",
            "gewoon even rondkijken",
            "ik kom er nu aan",
            "ben onderweg naar jullie",
            "ik ben toevallig in de buurt",
            "can I pop by tomorrow?",
            "I'm on my way to you now",
            "just want to have a look around",
            "can i come and look at what you've got",
            "Kann ich heute vorbeikommen?",
            "bin gerade in der Nähe",
            "wir wollen uns nur mal umschauen",
        ],
        welcome,
    );
    none(
        &fresh(),
        &[
            "kan ik zaterdag de Polo rijden?",
            "ik wil een proefrit maken",
            "kan ik langskomen voor de apk?",
            "hoe kom ik bij jullie?",
            "can my dog come along?",
            "Wie komme ich zu Ihnen?",
            "mag mijn zwager meekomen?",
        ],
        welcome,
    );
}

#[test]
fn who_comes_now_for_a_car_wishes_its_first_moment() {
    each(
        &about_a_car(),
        &[
            "ik kom er nu aan",
            "kan ik nu langskomen?",
            "can I come now",
            "coming over now",
            "ich komme jetzt vorbei",
        ],
        |one| one.starts_with("drive") && one.contains("27/11"),
    );
    check(
        &about_a_car(),
        &[
            ("over een uur?", &["moment 27/11 ~10:00"]),
            ("over 2 uur dan", &["moment 27/11 ~11:00"]),
            ("in half an hour?", &["moment 27/11 ~09:30"]),
            ("in einer Stunde?", &["moment 27/11 ~10:00"]),
        ],
    );
}

#[test]
fn opening_hours_are_those_of_the_day_asked_about() {
    check(
        &fresh(),
        &[
            ("are you open tomorrow?", &["practical HoursOn(2026-11-28)"]),
            ("tot hoe laat zijn jullie open vandaag", &["practical HoursOn(2026-11-27)"]),
            ("zijn jullie nog open?", &["practical HoursOn(2026-11-27)"]),
            ("habt ihr Sonntag offen?", &["practical HoursOn(2026-11-29)"]),
            ("wat zijn jullie openingstijden?", &["practical Hours"]),
        ],
    );
}

#[test]
fn the_own_appointment_is_asked_about_where_none_stands() {
    each(
        &fresh(),
        &[
            "ik had zaterdag een afspraak maar weet niet meer hoe laat",
            "wanneer is mijn afspraak ook alweer",
            "ik ben vergeten hoe laat mijn afspraak was",
            "what time was my appointment again?",
            "I forgot when my appointment is",
            "wann war mein Termin nochmal?",
            "ich weiß nicht mehr, um wie viel Uhr mein Termin war",
        ],
        |one| one == "ask_appointment",
    );
}

#[test]
fn a_farewell_is_only_what_courtesies_lead_to() {
    each(&fresh(), &["oke tot zaterdag", "top, tot morgen!", "alles klar, bis dann"], |one| one == "thanks");
    none(
        &about_a_car(),
        &[
            "kan ik hem ook reserveren tot zaterdag",
            "kun je hem tot morgen vasthouden?",
            "can you hold it until tomorrow?",
            "können Sie ihn bis Samstag zurücklegen?",
        ],
        |one| one == "thanks",
    );
}

#[test]
fn a_name_alone_is_kept_where_it_can_only_be_one() {
    let in_talk = State {
        turns: vec![crate::state::PastTurn { customer: "is de kona er nog".into(), reply: "ja".into() }],
        ..about_a_car()
    };
    each(&in_talk, &["ahmed", "P. Jansen", "Familie van Leeuwen", "stefan maier"], |one| {
        one.contains("name ")
    });
    none(
        &in_talk,
        &["Polo", "jammer", "mooi zeg", "morgen", "rood", "twijfel nog", "naah", "schade"],
        |one| one.contains("name "),
    );
}

#[test]
fn money_off_that_is_taken_is_a_bid_and_what_is_refused_is_none() {
    let bids = |one: &str| one.starts_with("bid");
    each(
        &about_a_car(),
        &[
            "500 eraf en ik neem hem",
            "voor 1000 minder neem ik hem direct mee",
            "als er 500 af gaat neem ik hem mee",
            "knock 500 off and i'll take it",
            "Ich würde 1000 weniger zahlen und sofort mitnehmen",
        ],
        bids,
    );
    none(
        &about_a_car(),
        &["ik doe geen bod hoor", "I'm not making an offer", "ich gebe kein Gebot ab", "500 eraf?"],
        bids,
    );
}

#[test]
fn parts_look_for_no_car_and_towns_are_no_equipment() {
    each(
        &fresh(),
        &[
            "Hebben jullie nog winterbanden liggen voor een Kia Picanto",
            "heb je dakdragers voor mijn Astra?",
            "do you have winter tyres for my golf?",
            "habt ihr Winterreifen für meinen Golf?",
        ],
        |one| one.starts_with("workshop"),
    );
    let town = "Samstag Probefahrt möglich? Wir kommen aus Leer, also nicht zu früh";
    none(&about_a_car(), &[town], |one| one.contains("Leer"));
}

#[test]
fn the_one_beside_is_pointed_at_in_the_list() {
    let listed = State {
        focus: vec!["fiat-500-01".into()],
        shown: vec!["toyota-aygo-01".into(), "ford-fiesta-01".into(), "fiat-500-01".into()],
        topic: Topic::Cars,
        ..State::default()
    };
    each(&listed, &["nee ik bedoel die ervoor", "the one before that", "den davor"], |one| one.contains('2'));
}

#[test]
fn the_dearer_one_answers_which_car() {
    let which = asked(Asked::WhichCar {
        cars: vec!["vw-golf-01".into(), "vw-golf-02".into()],
        when: Some(When::default()),
        about: Vec::new(),
        times: 0,
    });
    let which = State { shown: vec!["vw-golf-01".into(), "vw-golf-02".into()], ..which };
    each(
        &which,
        &["die duurdere", "de goedkopere", "the cheaper one", "the more expensive one", "der günstigere"],
        |one| one.starts_with("tell"),
    );
}
