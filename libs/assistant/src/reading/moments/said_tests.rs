//! More ways to say when: bounds, alternatives, days by name, shifts, clocks, and what only looks like them.

use super::tests::check;

#[test]
fn an_hour_by_which_one_must_be_gone_bounds_the_wish() {
    check(&[
        ("morgen 9u, moet om 10 weer op de zaak zijn", "28nov 09:00"),
        ("dinsdagmiddag, maar ik moet om half 5 weer weg", "1dec 12:00-15:31"),
        ("dinsdag graag, om 12 uur moet ik weer weg", "1dec -11:01"),
        ("I have to pick up the kids at 3 on Tuesday", "1dec -14:01"),
        ("Dienstag, um 12 muss ich wieder weg", "1dec -11:01"),
        ("ik werk dinsdag tot 2 uur", "1dec 14:00-"),
        ("Tuesday, I work until 2 pm", "1dec 14:00-"),
        ("Dienstag, ich arbeite bis 14 Uhr", "1dec 14:00-"),
        ("ik ben dinsdag om 3 uur vrij", "1dec 15:00-"),
        ("on Tuesday I finish at 3", "1dec 15:00-"),
        ("moet ik om 10 uur op kantoor zijn?", "10:00"),
        ("is 3 uur vrij?", "15:00"),
    ]);
}

#[test]
fn of_two_definite_moments_the_first_counts_and_one_refused_leaves_its_day_to_the_other() {
    check(&[
        ("vrijdag 15u of anders zaterdag 10u", "4dec 15:00"),
        ("vrijdag 15u, anders zaterdag 10u", "4dec 15:00"),
        ("Freitag 15 Uhr, sonst Samstag 10 Uhr", "4dec 15:00"),
        ("Friday 3pm or else Saturday 10am", "4dec 15:00"),
        ("Dinsdag 10 uur lukt me niet, 11 uur wel", "1dec 11:00 !10:00"),
        ("10 doesn't work for me on Tuesday, 11 does", "1dec 11:00 !10:00"),
        ("15.00u past, 14 niet", "15:00 !14:00"),
        ("dinsdag, alles behalve de ochtend", "1dec 12:00-"),
    ]);
}

#[test]
fn days_may_have_a_name_of_their_own() {
    check(&[
        ("eerste kerstdag om 11 uur", "25dec 11:00"),
        ("Boxing Day", "26dec"),
        ("an Heiligabend um 10 Uhr", "24dec 10:00"),
        ("tussen kerst en oud en nieuw", "27dec..30dec"),
        ("between Christmas and New Year", "27dec..30dec"),
        ("zwischen den Jahren", "27dec..30dec"),
        ("op oudejaarsdag", "31dec"),
        ("op koningsdag", "27apr"),
        ("op goede vrijdag", "26mar"),
        ("am Ostermontag", "29mar"),
        ("na pinksteren", "18may..23may"),
        ("Thursday's no good, Friday 2pm", "4dec 14:00 !3dec"),
    ]);
}

#[test]
fn days_lie_weeks_ahead_or_on_one_side_of_another() {
    check(&[
        ("a week on Tuesday at 11", "8dec 11:00"),
        ("a week from Tuesday", "8dec"),
        ("Tuesday week", "8dec"),
        ("heute in acht Tagen um 11 Uhr", "4dec 11:00"),
        ("Dienstag in acht Tagen", "8dec"),
        ("vandaag over een week", "4dec"),
        ("a fortnight on Tuesday", "15dec"),
        ("volgende week na woensdag", "3dec..6dec"),
        ("after Wednesday next week", "3dec..6dec"),
        ("nächste Woche ab Donnerstag", "3dec..6dec"),
        ("na dinsdag 14 uur", "1dec 14:00"),
    ]);
}

#[test]
fn what_stands_may_be_shifted_by_a_length() {
    check(&[
        ("schuif maar een week op, zelfde tijd", "days7"),
        ("een dag eerder, zelfde tijd", "days-1"),
        ("push it back a day, same time", "days1"),
        ("could you bring it forward an hour?", "earlier60"),
        ("een uur naar achteren", "later60"),
        ("eine Stunde nach vorne", "earlier60"),
        ("einen Tag nach hinten", "days1"),
        ("ik kom een uur op bezoek", ""),
    ]);
}

#[test]
fn clocks_are_written_in_many_ways_and_other_figures_are_none() {
    check(&[
        ("dinsdag 1400u", "1dec 14:00"),
        ("1 December, 1500 hrs", "1dec 15:00"),
        ("dinsdag om 1600", "1dec 16:00"),
        ("zet mij dinsdag neer voor de tiguan 1600", "1dec 16:00"),
        ("Sat 2:30pm", "28nov 14:30"),
        ("Thurs 2-4", "3dec 14:00-16:00"),
        ("ma tussen 10 en 12", "30nov 10:00-12:00"),
        ("wed after 3", "2dec 15:00-"),
        ("half two on Thursday", "3dec ~14:00"),
        ("half past two on Thursday", "3dec 14:30"),
        ("dinsdag bied ik 1500", "1dec"),
        ("de golf uit 2015 dinsdag", "1dec"),
    ]);
}

#[test]
fn names_of_days_and_hours_are_known_in_dialect_and_misspelt() {
    check(&[
        ("donderdig um twie oer", "3dec 14:00"),
        ("zaoterdag half elluf", "28nov 10:30"),
        ("vriedag dree uur", "4dec 15:00"),
        ("tegen 10 ure", "~10:00"),
        ("am Samschtag um zwoi", "28nov 14:00"),
        ("um zehne", "10:00"),
        ("vrijdga 10 uur", "4dec 10:00"),
        ("tuesady 11am", "1dec 11:00"),
        ("Deinstag 11 Uhr", "1dec 11:00"),
        ("Frankenstrasse 11", ""),
    ]);
}

#[test]
fn the_point_of_a_short_day_ends_no_sentence() {
    check(&[
        ("wo. 10:00 graag", "2dec 10:00"),
        ("proefrit do. 10 uur", "3dec 10:00"),
        ("Probefahrt Mo. 14 Uhr", "30nov 14:00"),
        ("test drive thurs. 10am", "3dec 10:00"),
        ("proefrit donderd. 10 uur", "3dec 10:00"),
    ]);
}
