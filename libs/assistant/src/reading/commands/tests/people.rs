//! Who a person must answer, who wants no messages, and what the dealer's table answers.

use super::super::{Urgent, is_urgent};
use super::{check, fresh, said};
use crate::state::{PastTurn, State};

#[test]
fn people_are_asked_for_in_many_ways() {
    check(
        &fresh(),
        &[
            ("collega", &["hand_over human_requested"]),
            ("Staff please", &["hand_over human_requested"]),
            ("Ich will mit einem Mitarbeiter reden", &["hand_over human_requested"]),
            ("bel me vanmiddag even", &["call_back 27/11 12:00..18:00"]),
            ("Could you give me a call tomorrow?", &["call_back 28/11"]),
            ("kan ik jullie ook gewoon bellen", &["practical Phone"]),
            ("wat een schandalige service, ik ben woedend", &["hand_over complaint"]),
            ("mijn advocaat hoort hiervan", &["hand_over sensitive"]),
            ("I had an accident with your car", &["hand_over sensitive"]),
            ("hoe lang duurt het voor ik antwoord krijg?", &["ask_when_answered"]),
            ("ben jij een robot?", &["practical WhoAreYou"]),
            ("heeft de Kona een ongeluk gehad?", &["tell Kona [\"heeft de Kona een ongeluk gehad?\"]"]),
        ],
    );
}

#[test]
fn only_unmistakable_words_stop_the_messages() {
    for message in [
        "STOP",
        "Stop aub, bedankt",
        "stop met die appjes",
        "ik wil geen berichten meer ontvangen",
        "haal mij uit jullie bestand",
        "Please stop texting me",
        "Unsubscribe",
        "don't message me again",
        "Bitte keine Nachrichten mehr schicken",
        "Hören Sie auf, mir zu schreiben",
    ] {
        assert_eq!(said(&[message], &fresh()), ["opt_out"], "{message}");
        assert_eq!(is_urgent(message), Some(Urgent::OptOut), "{message}");
    }
    for message in [
        "ik stop vandaag om 5 uur, kan ik daarna komen?",
        "Could I stop by tomorrow?",
        "hebben jullie geen aanbiedingen meer?",
        "laat me er rustig over nadenken",
        "stuur me geen mail, een appje is prima",
        "App me niet voor 10 uur",
        "Don't call me before noon",
        "I don't want to spend more than 15k",
        "Ich melde mich nicht vor Montag",
        "heeft hij start-stop?",
    ] {
        assert!(!said(&[message], &fresh()).iter().any(|read| read.ends_with("opt_out")), "{message}");
        assert_ne!(is_urgent(message), Some(Urgent::OptOut), "{message}");
    }
    check(
        &fresh(),
        &[
            ("START", &["opt_in"]),
            ("zet me maar weer op de lijst", &["opt_in"]),
            ("kun je nou eens stoppen", &["?opt_out"]),
            ("wat een hoop appjes, veel appjes hoor", &["?opt_out"]),
        ],
    );
}

#[test]
fn practical_questions_find_their_topic() {
    check(
        &fresh(),
        &[
            ("hoe laat gaan jullie zaterdag open?", &["practical HoursOn(2026-11-28)"]),
            ("waar zitten jullie eigenlijk", &["practical Address"]),
            ("bezorgen jullie de auto ook?", &["practical Topic(Delivery)"]),
            ("welk rijbewijs heb ik nodig?", &["practical Topic(Licence)"]),
            ("mag de hond mee?", &["practical Topic(Pets)"]),
            ("Can my wife come along?", &["practical Topic(Companions)"]),
            ("Wie lange dauert so eine Probefahrt?", &["practical Topic(DriveLength)"]),
            ("hoeveel aanbetaling vragen jullie", &["practical Topic(Deposit)"]),
            ("kan ik zonder afspraak binnenlopen", &["practical Topic(WalkIn)"]),
            ("is het mogelijk om met bitcoin te doen?", &["ask_colleague"]),
        ],
    );
}

#[test]
fn machines_and_courtesies_are_known() {
    check(
        &fresh(),
        &[
            ("Automatisch antwoord: ik ben er maandag weer", &["machine"]),
            (
                "Bedankt voor uw bericht. Wij zijn momenteel gesloten en nemen spoedig contact op.",
                &["machine"],
            ),
            ("Thanks for contacting Smith Bakery!", &["machine"]),
            ("bedankt voor je bericht", &["thanks"]),
            ("hoi", &["greet"]),
            ("daar ben ik weer", &["greet"]),
            ("ja hoor", &["yes"]),
            ("👍", &["yes"]),
            ("nee dank je", &["no"]),
            ("ik slaap er nog een nachtje over", &["thanks"]),
        ],
    );
    let reply = "Top, je proefrit met de Kia Niro staat op dinsdag 1 december om 10:00, bij ons.";
    let turns = vec![PastTurn { customer: "ja".into(), reply: reply.into() }];
    check(&State { turns, ..State::default() }, &[(reply, &["machine"])]);
}

#[test]
fn what_was_offered_before_is_taken_back_with_a_colleague() {
    for text in [
        "trek mijn bod maar in",
        "ik wil toch niet financieren",
        "please withdraw my offer",
        "I no longer want to trade it in",
        "bitte mein Gebot zurückziehen",
    ] {
        assert_eq!(said(&[text], &fresh()), ["ask_colleague"], "{text}");
    }
}

#[test]
fn complaints_need_no_swear_words() {
    for text in [
        "jullie verspillen mijn tijd",
        "ik wacht nu al drie weken",
        "you are wasting my time",
        "Sie verschwenden meine Zeit",
    ] {
        assert_eq!(said(&[text], &fresh()), ["hand_over complaint"], "{text}");
    }
}

#[test]
fn an_answering_machine_is_one_in_every_language() {
    for message in [
        "Bedankt voor uw bericht aan Bloemen Jansen. Wij zijn geopend van di t/m za van 9.00 tot 17.30 uur.",
        "Fijn dat je ons appt! De winkel is dicht. Morgen vanaf 8 uur staan we weer voor je klaar.",
        "Ik ben afwezig tot en met 18 december en lees mijn berichten niet. Bij spoed kunt u bellen.",
        "I am out of office until Monday with limited access to email.",
        "Vielen Dank für Ihre Nachricht. Wir melden uns in Kürze.",
    ] {
        assert_eq!(said(&[message], &fresh()), ["machine"], "{message}");
    }
    for message in [
        "dank voor je bericht, is de Polo er nog?",
        "bedankt voor het snelle antwoord",
        "zijn jullie zaterdag open?",
    ] {
        assert_ne!(said(&[message], &fresh()), ["machine"], "{message}");
    }
}

#[test]
fn the_age_of_who_drives_is_a_practical_question() {
    for message in [
        "ik ben 17, mag ik met begeleiding proefrijden?",
        "mag mijn dochter van 17 ook rijden?",
        "how old do you have to be to test drive",
    ] {
        assert_eq!(said(&[message], &fresh()), ["practical Topic(DrivingAge)"], "{message}");
    }
}
