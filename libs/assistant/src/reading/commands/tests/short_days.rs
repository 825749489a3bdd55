//! Short days before an hour, hours on several days, and reasons beside a question.

use super::{check, fresh, offered, said};

#[test]
fn a_short_day_before_an_hour_is_a_day() {
    check(
        &fresh(),
        &[
            ("proefrit kuga vrij 9u", &["drive Kuga 04/12 09:00"]),
            ("kuga diesel vrij 9u kijken kan?", &["drive Kuga diesel 04/12 09:00"]),
            ("kuga rijden don 14u", &["drive Kuga 03/12 14:00"]),
            ("kuga rijden do14u", &["drive Kuga 03/12 14:00"]),
            ("kuga rijden za11u", &["drive Kuga 28/11 11:00"]),
            ("test drive kuga sat10am", &["drive Kuga 28/11 10:00"]),
            ("probefahrt kuga fr14uhr", &["drive Kuga 04/12 14:00"]),
        ],
    );
}

#[test]
fn free_is_no_friday() {
    for message in [
        "ben je vrij 9u?",
        "is er nog iets vrij 9u",
        "zijn jullie vrij 9 uur",
        "heb je nog plek vrij 14u",
        "proefrit kuga, ben morgen vrij 14u",
        "kuga rijden, ik heb dinsdag vrij, 14u",
        "kuga, ik heb morgen vrij. 14u?",
        "kuga proefrit morgen vrij 14u?",
    ] {
        for state in [fresh(), offered()] {
            let read = said(&[message], &state);
            assert!(!read.iter().any(|read| read.contains("04/12")), "{message}: {read:?}");
        }
    }
}

#[test]
fn few_kilometres_order_and_exclude_nothing() {
    for message in [
        "ik zoek een automaat met niet te veel kilometers tot 18.000 euro",
        "we zoeken een automaat, liefst weinig kilometers, tot € 18.000",
        "looking for an automatic with not too many kilometres up to €18,000",
        "looking for an automatic, preferably low mileage, up to 18,000 euros",
        "wir suchen einen Automatik, gern wenig gelaufen, bis 18.000 €",
    ] {
        let read = said(&[message], &fresh());
        assert_eq!(read, ["show automatic <=18000 fewestkilometres"], "{message}");
    }
}

#[test]
fn a_reason_beside_a_question_is_no_search() {
    for message in [
        "zit er trekhaak op de kuga? heb m nodig voor de aanhanger",
        "zit er trekhaak op trouwens, heb m nodig voor de aanhanger",
        "heeft de kuga een trekhaak? heb hem nodig voor mn werk",
        "does the kuga have a tow bar? need it for towing",
        "does the kuga have a towbar, for towing a trailer",
        "hat der kuga eine ahk? ich brauch ihn für den anhänger",
        "hat der Kuga Anhängerkupplung, brauche sie für den Wohnwagen",
    ] {
        let read = said(&[message], &fresh());
        assert!(!read.iter().any(|read| read.starts_with("show")), "{message}: {read:?}");
        assert!(read.iter().any(|read| read.starts_with("tell")), "{message}: {read:?}");
    }
    assert_eq!(said(&["heb een auto nodig"], &fresh()).len(), 1);
}
