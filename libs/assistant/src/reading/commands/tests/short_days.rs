//! Short days before an hour.

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
