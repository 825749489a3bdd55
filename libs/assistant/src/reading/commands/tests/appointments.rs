//! Drives, moments, picks, moves and cancellations.

use super::{booked, check, fresh, offered, said};

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
