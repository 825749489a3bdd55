//! Drives, moments, picks, moves and cancellations.

use super::{booked, check, fresh, offered, said};
use crate::state::{Asked, State};

#[test]
fn a_polite_question_for_a_drive_is_a_plain_wish() {
    check(
        &fresh(),
        &[
            ("mag ik woensdag om 13 uur de Fabia proefrijden?", &["drive Fabia 02/12 13:00"]),
            (
                "zou ik maandagochtend in de oranje Captur kunnen rijden",
                &["drive Captur orange 30/11 ..12:00"],
            ),
            ("Proefrit met de Kona op zaterdag 11.00u aub", &["drive Kona 28/11 11:00"]),
            ("Could I take the Yaris for a spin on Monday at 2pm?", &["drive Yaris 30/11 14:00"]),
            ("Darf ich am Mittwoch um 15 Uhr den Tiguan Probe fahren?", &["drive Tiguan 02/12 15:00"]),
            ("de Niro, zaterdag?", &["drive Niro 28/11"]),
            ("wanneer kan ik langskomen voor de Aygo", &["drive Aygo"]),
            ("ik wil geen proefrit", &["no"]),
        ],
    );
}

#[test]
fn moments_without_a_word_of_what_for_stay_moments() {
    check(
        &fresh(),
        &[
            ("woensdag?", &["moment 02/12"]),
            ("overmorgen om 3 uur", &["moment 29/11 15:00"]),
            ("13:00", &["moment 13:00"]),
            ("Morning!", &["greet"]),
        ],
    );
}

#[test]
fn what_is_refused_or_asked_picks_nothing() {
    check(
        &offered(),
        &[
            ("3 lukt me niet", &["refuse_slots 3"]),
            ("die om 9 uur is me te vroeg", &["refuse_slots 09:00.. not 09:00"]),
            ("allemaal goed behalve 1", &["refuse_slots 1"]),
            ("kan het ook op woensdag?", &["refuse_slots 02/12"]),
            ("is optie 2 ook vrijdag mogelijk?", &["refuse_slots 04/12 11:00"]),
            ("nummer 1 is zeker al weg?", &["?pick 1"]),
            ("none of those suit me", &["refuse_slots"]),
            ("option 3 doesn't suit", &["refuse_slots 3"]),
            ("Nummer 2 passt mir nicht", &["refuse_slots 2"]),
            ("wat later graag", &["refuse_slots Later(None)"]),
            ("is 3 nog vrij?", &["refuse_slots 01/12"]),
        ],
    );
}

#[test]
fn a_moment_on_offer_is_picked_by_number_place_and_hour() {
    check(
        &offered(),
        &[
            ("3", &["pick 3"]),
            ("③", &["pick 3"]),
            ("1️⃣", &["pick 1"]),
            ("de 3e graag", &["pick 3"]),
            ("nummer twee", &["pick 2"]),
            ("doe mij de laatste maar", &["pick -1"]),
            ("I'll take the first", &["pick 1"]),
            ("die van 11 uur graag", &["pick 11:00"]),
            ("9 uur past prima", &["pick 09:00"]),
            ("ja, 14:00 is goed. Heeft hij stoelverwarming?", &["pick 14:00", "tell [\"stoelverwarming\"]"]),
            ("16:00", &["moment 16:00"]),
            ("het liefst in de ochtend", &["moment ..12:00"]),
        ],
    );
}

#[test]
fn an_appointment_is_moved_in_plain_words() {
    check(
        &booked(),
        &[
            ("kan mijn afspraak naar donderdag?", &["move 03/12"]),
            ("verzet de proefrit naar vrijdag 15 uur aub", &["move 04/12 15:00"]),
            ("ik red dinsdag niet, kan het woensdag om 11 uur?", &["move 02/12 11:00 not 01/12 from 01/12"]),
            ("kan de afspraak een uurtje later", &["move Later(Some(60))"]),
            ("Can we move it to Thursday at 3pm?", &["move 03/12 15:00"]),
            ("Können wir den Termin auf Freitag verschieben?", &["move 04/12"]),
            ("dinsdag gaat me niet lukken", &["?move not 01/12 from 01/12"]),
        ],
    );
}

#[test]
fn calling_off_takes_plain_words_and_a_question_about_it_is_only_a_question() {
    check(
        &booked(),
        &[
            ("zeg mijn afspraak maar af", &["cancel"]),
            ("de proefrit hoeft niet meer", &["cancel"]),
            ("please call off my test drive", &["cancel"]),
            ("Ich muss den Termin leider absagen", &["cancel"]),
            ("misschien moet ik annuleren", &["?move"]),
            ("ik ben verkouden en heb koorts", &["?cancel"]),
            ("kost annuleren iets?", &["practical Cancelling"]),
            ("wat als ik te laat ben?", &["practical Cancelling"]),
            ("until when can I cancel?", &["practical Cancelling"]),
            ("Was ist, wenn ich krank werde?", &["practical Cancelling"]),
            ("ik kom niet alleen hoor, mijn zoon komt mee", &["practical Topic(Companions)"]),
        ],
    );
}

#[test]
fn an_appointment_is_kept_asked_for_and_given_another_car() {
    check(
        &booked(),
        &[
            ("laat het maar zo staan", &["keep"]),
            ("nee, hou het op 10 uur", &["keep"]),
            ("hoe laat had ik ook weer afgesproken?", &["ask_appointment"]),
            ("What time was my appointment again?", &["ask_appointment"]),
            ("ik rijd toch liever met de Yaris in plaats van de Clio", &["other_car Yaris"]),
            ("proefrit Picanto woensdag 9 uur graag", &["drive Picanto 02/12 09:00"]),
            ("en daarna om 13 uur ook de Fiesta", &["drive Fiesta 01/12 13:00"]),
        ],
    );
}

#[test]
fn a_little_late_and_nothing_to_move_leave_the_appointment_be() {
    for text in [
        "ben iets later, kwart over 10",
        "we zijn 5 minuten later",
        "running a bit late",
        "om tien over 10",
        "ik hoef niks te verzetten",
        "no need to reschedule",
    ] {
        let said = said(&[text], &booked());
        assert!(
            said.iter()
                .all(|one| !one.trim_start_matches('?').starts_with("mov") && !one.starts_with("moment")),
            "{text}: {said:?}"
        );
    }
}

#[test]
fn somebody_close_who_wants_a_car_too_drives_it() {
    check(
        &booked(),
        &[
            ("mijn zoon wil ook de Kuga rijden", &["drive Kuga"]),
            ("doe mij maar de Kuga", &["drive Kuga"]),
            ("oh wacht ik bedoelde donderdag", &["move 03/12 SameTime"]),
            ("maandag tussen 3 en 4 bellen over de Kuga?", &["call_back 30/11 15:00..16:00"]),
        ],
    );
}

#[test]
fn beside_an_appointment_a_bare_hour_is_another_hour_for_it() {
    check(
        &booked(),
        &[
            ("toch liever 11", &["move 11:00"]),
            ("eigenlijk 11 graag", &["move 11:00"]),
            ("doe toch maar 3 uur", &["move 15:00"]),
            ("11 in plaats van 10 aub", &["move 11:00 from 10:00"]),
            ("kan ik om 3 uur komen ipv 10?", &["move 15:00 from 10:00"]),
            ("11 zou me beter uitkomen", &["?move 11:00"]),
            ("zou 14 ook kunnen", &["moment 14:00"]),
            ("uurtje later kan ook?", &["?move Later(Some(60))"]),
            ("could we do 4 instead?", &["move 16:00"]),
            ("can we make it 11 rather than 10?", &["move 11:00 from 10:00"]),
            ("actually 11 please", &["move 11:00"]),
            ("3 would be easier tbh", &["moment 15:00"]),
            ("doch lieber um 11", &["move 11:00"]),
            ("können wir 11 statt 10 machen?", &["move 11:00 from 10:00"]),
            ("11 wäre mir lieber", &["moment 11:00"]),
            ("10 is goed", &["moment 10:00"]),
            ("schaff ich nicht, 17?", &["?move 17:00"]),
            // Figures that count something.
            ("met 2 man ook goed?", &["practical Topic(Companions)"]),
            ("2 of us will come", &["unclear"]),
        ],
    );
    let plain = |text: &str| said(&[text], &booked()).iter().any(|read| read.starts_with("move"));
    assert!(!plain("ik eet liever om 6 uur thuis"), "an hour of something else moves nothing");
    assert!(!plain("können wir zu 3 kommen"), "how many come is no hour");
}

#[test]
fn hardly_is_yes_and_when_somebody_has_to_be_gone_refuses_nothing() {
    check(
        &offered(),
        &[
            ("11 uur lukt net", &["pick 11:00"]),
            ("11 uur haal ik nog net", &["pick 11:00"]),
            ("11 uur lukt net niet", &["refuse_slots not 11:00"]),
            ("11am just about works", &["pick 11:00"]),
            ("11 Uhr schaffe ich gerade so", &["pick 11:00"]),
            ("mijn man werkt tot 2", &["moment 14:00.."]),
            ("my husband works until 2", &["moment 14:00.."]),
            ("11 uur. moet om 12 de hond uitlaten", &["pick 11:00"]),
            ("11am, have to be back at the office at 2", &["pick 11:00"]),
        ],
    );
    check(
        &booked(),
        &[
            ("moet om 2 uur weer op kantoor zijn", &["keep"]),
            ("hoe lang duurt het? moet om 2 uur weer op kantoor zijn", &["practical Topic(DriveLength)"]),
        ],
    );
}

#[test]
fn a_small_figure_right_after_a_booking_is_asked_about() {
    let just_booked = State { asked: Some(Asked::Name), ..booked() };
    check(
        &just_booked,
        &[
            ("nee sorry 2", &["?move 14:00"]),
            ("toch liever 2", &["?move 14:00"]),
            ("doch lieber 3", &["?move 15:00"]),
            ("toch liever om 2", &["move 14:00"]),
            ("nee sorry 11", &["move 11:00"]),
        ],
    );
}

#[test]
fn hours_beside_cars_and_limits_are_hours() {
    check(
        &offered(),
        &[
            ("kona 10, niro 11", &["drive Kona 10:00", "drive Niro 11:00"]),
            ("niet op maandag, wel volgende week", &["refuse_slots 30/11-06/12 not 30/11"]),
        ],
    );
    check(
        &fresh(),
        &[
            ("kan ik de Aygo zaterdag na 6 rijden", &["drive Aygo 28/11 18:00.."]),
            ("kan ik de Aygo morgen voor 9 uur rijden", &["drive Aygo 28/11 ..09:00"]),
            ("need a test drive asap, any automatic under 17k", &["drive soon", "show automatic <=17000"]),
            ("wil de fiesta kopen maar eerst rijden", &["drive Fiesta"]),
            ("polo automaat tot 18", &["show Polo automatic <=18000"]),
        ],
    );
}
