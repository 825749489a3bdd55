//! Practical questions as people ask them, and what only sounds like them.

use super::tests::{fresh, said};
use crate::state::PastTurn;

/// Each message and the practical topic it comes to, among whatever else it says.
fn all_come_to(topic: &str, messages: &[&str]) {
    for message in messages {
        let said = said(&[message], &fresh());
        assert!(said.iter().any(|one| one.contains(topic)), "{message:?}: {said:?}");
        assert!(!said.iter().any(|one| one.starts_with("drive")), "{message:?}: {said:?}");
    }
}

fn none_comes_to(topic: &str, messages: &[&str]) {
    for message in messages {
        let said = said(&[message], &fresh());
        assert!(!said.iter().any(|one| one.contains(topic)), "{message:?}: {said:?}");
    }
}

#[test]
fn a_car_is_brought_home_or_fetched() {
    all_come_to(
        "Delivery",
        &[
            "Brengen jullie een auto ook thuis?",
            "bezorgen jullie in Emmen",
            "Moet ik de auto zelf ophalen?",
            "Could the car be brought to my office?",
            "Is there a delivery service?",
            "Bringt ihr den Wagen auch nach Hause?",
        ],
    );
    none_comes_to(
        "Delivery",
        &["Kun je mij naar huis sturen wat de Polo kost?", "The Polo had a full service history?"],
    );
}

#[test]
fn reserving_in_general_buys_nothing() {
    for message in [
        "Hoe werkt reserveren bij jullie?",
        "Wie läuft das mit einer Reservierung, braucht ihr eine Anzahlung?",
    ] {
        let said = said(&[message], &fresh());
        assert!(!said.iter().any(|one| one.starts_with("buy")), "{message:?}: {said:?}");
    }
}

#[test]
fn a_question_about_a_drive_wishes_none() {
    all_come_to(
        "Pets",
        &["Mag onze hond mee tijdens de proefrit?", "Kann der Hund bei der Probefahrt ins Auto?"],
    );
    all_come_to(
        "DriveLength",
        &["Wie lang dauert denn eine Probefahrt?", "Is an hour enough for a test drive?"],
    );
    all_come_to("Children", &["Mogen de kinderen mee tijdens de proefrit?"]);
    all_come_to(
        "WalkIn",
        &["Kann ich auch unangemeldet kommen?", "Moet ik eerst bellen voor ik kom kijken?"],
    );
    let drive = said(&["Mag onze hond mee als ik zaterdag om 11 uur de Polo kom rijden?"], &fresh());
    assert!(drive.iter().any(|one| one.trim_start_matches('?').starts_with("drive")), "{drive:?}");
}

#[test]
fn a_place_to_park_is_no_trade_in() {
    all_come_to(
        "Parking",
        &["Kan ik daar mijn auto kwijt?", "Wo kann ich mein Auto abstellen?", "Can I leave my car there?"],
    );
    none_comes_to("Parking", &["Kan ik mijn auto bij jullie kwijt?"]);
}

#[test]
fn a_station_may_be_a_car() {
    none_comes_to("Route", &["Hebben jullie een station onder 15.000?"]);
    all_come_to("Route", &["Is er een station in de buurt?", "hoe rij ik naar jullie toe"]);
    none_comes_to("Route", &["Hoe ver kom ik daar in de winter mee?"]);
}

#[test]
fn a_contraction_is_no_identity() {
    none_comes_to("Papers", &["I'd just pop in unannounced, ok?"]);
    all_come_to("Papers", &["Do I need to bring my ID?", "Moet ik een id meenemen?"]);
}

#[test]
fn the_papers_of_the_other_car_are_asked_alike() {
    let mut state = fresh();
    state.turns.push(PastTurn {
        customer: "Welke papieren moet ik meenemen?".to_owned(),
        reply: "Een geldig identiteitsbewijs.".to_owned(),
    });
    assert_eq!(said(&["En voor de auto die ik inruil?"], &state), ["practical Topic(Papers)"]);
    let offered = said(&["En kan ik mijn Clio inruilen?"], &state);
    assert!(offered.iter().any(|one| one.starts_with("trade_in")), "{offered:?}");
}
