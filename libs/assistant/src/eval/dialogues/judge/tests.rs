#![expect(clippy::needless_pass_by_value, reason = "predicates are written where they are checked")]

use std::sync::Arc;

use dealer::{Dealer, Language};
use jiff::Zoned;
use serde_json::{Value, json};

use super::*;
use crate::command::Reason;
use crate::eval::dialogues::format;
use crate::piece::{Answers, Ask, Fit, NameLine, Piece};
use crate::task::{Task, TaskKind};

fn at(text: &str) -> Zoned {
    format!("{text}+01:00[Europe/Amsterdam]").parse().unwrap()
}

fn standing(text: &str, car: &str, name: Option<&str>) -> Standing {
    Standing { start: text.parse().unwrap(), car: Some(car.into()), name: name.map(str::to_owned) }
}

fn car(id: &str) -> dealer::Car {
    Arc::new(Dealer::builtin()).inventory.get(id).unwrap().clone()
}

/// A turn about one message that was answered with this.
fn step(message: usize, reply: &str) -> Step {
    Step {
        messages: vec![message],
        by: Author::Customer,
        at: at("2026-03-10T10:00"),
        reply: (!reply.is_empty()).then(|| reply.to_owned()),
        pieces: vec![Piece::Thanks],
        language: Language::Nl,
        acts: Vec::new(),
        tasks: Vec::new(),
        handed_over: false,
        decisions: Vec::new(),
        faults: Vec::new(),
        after: Snapshot::default(),
    }
}

fn saying(pieces: Vec<Piece>) -> Step {
    Step { pieces, ..step(1, "…") }
}

fn after(after: Snapshot) -> Step {
    Step { after, ..step(1, "…") }
}

fn played(steps: Vec<Step>) -> Played {
    Played { steps }
}

fn dialogue(expect: Value) -> Dialogue {
    let line = json!({
        "id": "test", "at": "2026-03-10T10:00:00+01:00", "expect": expect,
        "messages": ["een", "twee", "drie", "vier"],
    });
    format::parse(&line.to_string()).unwrap()
}

fn verdict(expect: Value, steps: Vec<Step>) -> Judgement {
    judge(&dialogue(json!([expect])), &played(steps))
}

#[track_caller]
fn holds(expect: Value, steps: Vec<Step>) {
    let judgement = verdict(expect.clone(), steps);
    assert_eq!(judgement.failed, [], "{expect}");
    assert!(judgement.checked > 0, "{expect} was skipped");
}

#[track_caller]
fn fails(expect: Value, steps: Vec<Step>) {
    assert!(!verdict(expect.clone(), steps).failed.is_empty(), "{expect} holds");
}

#[track_caller]
fn is_skipped(expect: Value, steps: Vec<Step>) {
    let judgement = verdict(expect.clone(), steps);
    assert_eq!((judgement.checked, judgement.result), (0, Result::Done), "{expect}");
}

#[test]
fn says_wants_each_string_in_the_reply_with_alternatives_and_ignoring_case() {
    let reply = || vec![step(1, "Een Collega kijkt naar de trekhaak")];
    holds(json!({"m": 1, "says": ["collega|medewerker", "TREKHAAK"]}), reply());
    fails(json!({"m": 1, "says": ["collega", "onderhoud|boekjes"]}), reply());
    fails(json!({"m": 1, "says": ["collega"]}), vec![step(1, "")]);
}

#[test]
fn never_says_wants_none_of_the_strings() {
    let reply = || vec![step(1, "De prijs is € 13.500, Akkoord?")];
    holds(json!({"m": 1, "never_says": ["korting"]}), reply());
    fails(json!({"m": 1, "never_says": ["korting", "akkoord"]}), reply());
    holds(json!({"m": 1, "never_says": ["akkoord"]}), vec![step(1, "")]);
}

#[test]
fn cars_wants_exactly_these() {
    let two = || {
        vec![saying(vec![Piece::Cars { fit: Fit::All, cars: vec![car("vw-golf-02"), car("vw-golf-03")] }])]
    };
    holds(json!({"m": 1, "cars": ["vw-golf-03", "vw-golf-02"]}), two());
    fails(json!({"m": 1, "cars": ["vw-golf-02"]}), two());
    fails(json!({"m": 1, "cars": ["vw-golf-01", "vw-golf-02", "vw-golf-03"]}), two());
    holds(json!({"m": 1, "cars_include": ["vw-golf-02"]}), two());
    fails(json!({"m": 1, "cars_include": ["vw-golf-01"]}), two());
    holds(json!({"m": 1, "cars_within": ["vw-golf-02", "vw-golf-03", "vw-golf-01"]}), two());
    fails(json!({"m": 1, "cars_within": ["vw-golf-02"]}), two());
    fails(json!({"m": 1, "no_cars": true}), two());
}

#[test]
fn a_reply_without_cars_shows_no_cars_and_none_within() {
    let none = || vec![step(1, "Graag gedaan")];
    holds(json!({"m": 1, "no_cars": true}), none());
    fails(json!({"m": 1, "cars_within": ["vw-golf-02"]}), none());
    fails(json!({"m": 1, "cars": ["vw-golf-02"]}), none());
}

#[test]
fn pieces_that_were_not_sent_say_nothing() {
    let unsent =
        Step { reply: None, ..saying(vec![Piece::CarFacts { car: car("vw-golf-02"), fields: Vec::new() }]) };
    holds(json!({"m": 1, "no_cars": true, "no_slots": true, "asks": "nothing"}), vec![unsent]);
}

fn offering(moments: &[&str]) -> Vec<Step> {
    let slots = moments.iter().map(|moment| at(moment)).collect();
    vec![saying(vec![Piece::Slots { car: None, slots, why: None, moving: None }])]
}

#[test]
fn slots_wants_every_moment_on_the_day_and_within_the_hours() {
    let two = || offering(&["2026-12-01T14:00", "2026-12-01T15:00"]);
    holds(
        json!({"m": 1, "slots": {"date": "2026-12-01", "from": "14:00", "to": "16:00", "times": ["15:00"]}}),
        two(),
    );
    holds(json!({"m": 1, "slots": {"date": ["2026-12-01", "2026-12-02"]}}), two());
    fails(json!({"m": 1, "slots": {"date": "2026-12-02"}}), two());
    fails(json!({"m": 1, "slots": {"from": "14:30"}}), two());
    fails(json!({"m": 1, "slots": {"to": "15:00"}}), two());
    fails(json!({"m": 1, "slots": {"times": ["15:00", "16:00"]}}), two());
    fails(
        json!({"m": 1, "slots": {"date": ["2026-12-01", "2026-12-03"]}}),
        offering(&["2026-12-01T14:00", "2026-12-02T14:00"]),
    );
    fails(json!({"m": 1, "slots": {}}), vec![step(1, "Wanneer komt het uit?")]);
    fails(json!({"m": 1, "no_slots": true}), two());
    holds(json!({"m": 1, "no_slots": true}), vec![step(1, "Graag gedaan")]);
}

#[test]
fn a_question_about_one_moment_and_a_booking_satisfy_slots_but_only_the_question_is_an_offer() {
    let wish = || json!({"m": 1, "slots": {"date": "2026-12-01", "times": ["14:00"]}});
    let moment = || at("2026-12-01T14:00");
    let asked = || vec![saying(vec![Piece::Ask(Ask::Book { car: None, at: moment() })])];
    let moving = || vec![saying(vec![Piece::Ask(Ask::Move { from: at("2026-12-02T09:00"), to: moment() })])];
    let booked = || vec![saying(vec![Piece::Booked { car: None, at: moment(), name: NameLine::Asked }])];
    let moved = || vec![saying(vec![Piece::Moved { car: None, from: at("2026-12-02T09:00"), to: moment() }])];
    let confirmed = || {
        vec![Step {
            acts: vec![Act::Book(standing("2026-12-01T14:00", "vw-golf-02", None))], ..step(1, "…")
        }]
    };
    for steps in [asked(), moving(), booked(), moved(), confirmed()] {
        holds(wish(), steps);
    }
    for steps in [asked(), moving()] {
        fails(json!({"m": 1, "no_slots": true}), steps);
    }
    for steps in [booked(), moved(), confirmed()] {
        holds(json!({"m": 1, "no_slots": true}), steps);
    }
}

#[test]
fn booked_wants_exactly_one_appointment_and_all_that_is_named_of_it() {
    let golf = || standing("2026-11-28T14:00", "vw-golf-02", Some("Mark Jansen"));
    let one = || vec![after(Snapshot { appointments: vec![golf()], ..Snapshot::default() })];
    let two = || {
        let other = standing("2026-11-29T14:00", "vw-golf-02", None);
        vec![after(Snapshot { appointments: vec![golf(), other], ..Snapshot::default() })]
    };
    let whole = json!({"car": "vw-golf-02", "start": "2026-11-28T14:00", "name": "Mark Jansen"});
    holds(json!({"m": "end", "booked": whole}), one());
    holds(json!({"m": 1, "booked": {"start": ["2026-11-28T13:00", "2026-11-28T14:00"]}}), one());
    holds(json!({"m": 1, "booked": {"car": "vw-golf-02"}}), one());
    fails(json!({"m": 1, "booked": {"car": "vw-golf-03"}}), one());
    fails(json!({"m": 1, "booked": {"start": "2026-11-28T13:00"}}), one());
    fails(json!({"m": 1, "booked": {"name": "Mark"}}), one());
    fails(json!({"m": 1, "booked": {"car": "vw-golf-02"}}), two());
    fails(json!({"m": 1, "booked": {}}), vec![step(1, "…")]);
    holds(json!({"m": 1, "appointments": 2}), two());
    fails(json!({"m": 1, "appointments": 1}), two());
    holds(json!({"m": 1, "appointments": 0}), vec![step(1, "…")]);
}

#[test]
fn name_is_the_one_known_now_and_an_empty_one_means_none() {
    let named = || vec![after(Snapshot { name: Some("Bo Stokman".into()), ..Snapshot::default() })];
    holds(json!({"m": 1, "name": "Bo Stokman"}), named());
    fails(json!({"m": 1, "name": "Bo"}), named());
    fails(json!({"m": 1, "name": ""}), named());
    holds(json!({"m": 1, "name": ""}), vec![step(1, "…")]);
}

fn telling(kind: TaskKind, details: &str) -> Vec<Step> {
    let task = Task { kind, details: details.into(), due: at("2026-03-10T12:00").timestamp() };
    vec![after(Snapshot { tasks: vec![task], ..Snapshot::default() })]
}

#[test]
fn told_is_an_open_task_or_a_person_called_and_a_kind_is_a_task_of_it() {
    holds(json!({"m": 1, "told": true}), telling(TaskKind::Bid, "17.500"));
    holds(json!({"m": 1, "told": "bid"}), telling(TaskKind::Bid, "17.500"));
    fails(json!({"m": 1, "told": "trade_in"}), telling(TaskKind::Bid, "17.500"));
    let waiting = || vec![after(Snapshot { owner: Owner::Waiting, ..Snapshot::default() })];
    holds(json!({"m": 1, "told": true}), waiting());
    fails(json!({"m": 1, "told": "bid"}), waiting());
    fails(json!({"m": 1, "told": true}), vec![step(1, "Een collega kijkt ernaar")]);
}

#[test]
fn task_has_looks_inside_words_ignores_case_and_takes_alternatives() {
    let task = || telling(TaskKind::Question, "Winterbanden erbij? (12-ABC-3)");
    holds(json!({"m": 1, "task_has": ["winterband", "12-abc-3|12ABC3"]}), task());
    fails(json!({"m": 1, "task_has": ["winterband", "trekhaak"]}), task());
    fails(json!({"m": 1, "task_has": ["winterband"]}), vec![step(1, "…")]);
}

#[test]
fn owner_is_human_from_the_moment_a_person_is_called() {
    let owned = |owner| vec![after(Snapshot { owner, ..Snapshot::default() })];
    holds(json!({"m": 1, "owner": "human"}), owned(Owner::Waiting));
    holds(json!({"m": 1, "owner": "human"}), owned(Owner::Human));
    fails(json!({"m": 1, "owner": "human"}), owned(Owner::Agents));
    holds(json!({"m": 1, "owner": "agents"}), owned(Owner::Agents));
    fails(json!({"m": 1, "owner": "agents"}), owned(Owner::Waiting));
}

#[test]
fn lead_and_opt_out_are_as_they_stand() {
    let hot =
        || vec![after(Snapshot { lead: Some(LeadStatus::Hot), opted_out: true, ..Snapshot::default() })];
    holds(json!({"m": 1, "lead": "HOT", "opted_out": true}), hot());
    fails(json!({"m": 1, "lead": "WARM"}), hot());
    fails(json!({"m": 1, "opted_out": false}), hot());
    fails(json!({"m": 1, "lead": "COLD"}), vec![step(1, "…")]);
    holds(json!({"m": 1, "opted_out": false}), vec![step(1, "…")]);
}

#[test]
fn asks_tells_the_questions_apart() {
    let moment = || at("2026-12-01T14:00");
    let questions = [
        ("name", Piece::Ask(Ask::Name)),
        ("name", Piece::Booked { car: None, at: moment(), name: NameLine::Asked }),
        ("confirm", Piece::Ask(Ask::Cancel { at: moment() })),
        ("opt_out", Piece::Ask(Ask::OptOut)),
        ("opt_in", Piece::Ask(Ask::OptIn)),
        ("which", Piece::Ask(Ask::WhichAppointment(vec![(None, moment())]))),
        ("any", Piece::InviteDrive),
    ];
    for (word, piece) in &questions {
        let asking = || vec![saying(vec![Piece::Thanks, piece.clone()])];
        holds(json!({"m": 1, "asks": word}), asking());
        holds(json!({"m": 1, "asks": "any"}), asking());
        fails(json!({"m": 1, "asks": "nothing"}), asking());
        for (other, _) in questions.iter().filter(|(other, _)| other != word && *other != "any") {
            fails(json!({"m": 1, "asks": other}), asking());
        }
    }
    holds(json!({"m": 1, "asks": "nothing"}), vec![step(1, "Graag gedaan")]);
    fails(json!({"m": 1, "asks": "any"}), vec![step(1, "Graag gedaan")]);
}

#[test]
fn answered_wants_a_reply_that_understood() {
    holds(json!({"m": 1, "answered": true}), vec![step(1, "Graag gedaan")]);
    fails(json!({"m": 1, "answered": true}), vec![step(1, "")]);
    let lost = Piece::HandOver { reason: Reason::NotUnderstood, answers: Answers::Soon };
    for piece in [Piece::NotUnderstood, Piece::Fallback, lost] {
        fails(json!({"m": 1, "answered": true}), vec![saying(vec![Piece::Intro, piece])]);
    }
    holds(json!({"m": 1, "silent": true}), vec![step(1, "")]);
    fails(json!({"m": 1, "silent": true}), vec![step(1, "Graag gedaan")]);
}

#[test]
fn language_and_repetition_are_of_the_reply() {
    let german = || vec![Step { language: Language::De, ..step(1, "Gern") }];
    holds(json!({"m": 1, "language": "de"}), german());
    fails(json!({"m": 1, "language": "nl"}), german());
    fails(json!({"m": 1, "language": "nl"}), vec![step(1, "")]);
    holds(json!({"m": 2, "not_repeated": true}), vec![step(1, "Ja"), step(2, "Nee")]);
    fails(json!({"m": 2, "not_repeated": true}), vec![step(1, "Ja"), step(2, "Ja\n")]);
    holds(json!({"m": 1, "not_repeated": true}), vec![step(1, "Ja"), step(2, "Ja")]);
}

#[test]
fn replies_are_counted_over_a_range_of_messages() {
    let burst = || vec![Step { messages: vec![1, 2], ..step(1, "Ja") }, step(3, "Nee"), step(4, "")];
    holds(json!({"m": [1, 2], "replies": 1}), burst());
    holds(json!({"m": [1, 4], "replies": 2}), burst());
    fails(json!({"m": [1, 3], "replies": 1}), burst());
    holds(json!({"m": [4, 4], "replies": 0}), burst());
    is_skipped(json!({"m": [2, 3], "replies": 1}), vec![step(1, "Ja")]);
}

#[test]
fn a_predicate_about_a_message_that_was_not_sent_is_skipped() {
    is_skipped(json!({"m": 3, "says": ["x"], "booked": {}}), vec![step(1, "Ja"), step(2, "Nee")]);
    fails(json!({"m": [2, 3], "says": ["x"]}), vec![step(1, "x"), step(2, "Nee")]);
}

#[test]
fn every_skips_silence_and_colleagues() {
    let steps = |reply: &str| {
        let colleague = Step { by: Author::Colleague, ..step(3, "") };
        vec![step(1, "Ja, een collega"), step(2, ""), colleague, step(4, reply)]
    };
    holds(json!({"m": "every", "says": ["collega"], "language": "nl", "no_slots": true}), steps("Collega"));
    let judgement = verdict(json!({"m": "every", "says": ["collega"]}), steps("Nee"));
    assert_eq!(judgement.failed.iter().map(|failed| failed.message).collect::<Vec<_>>(), [Some(4)]);
}

#[test]
fn the_end_looks_at_the_last_reply_and_at_how_things_stand_last() {
    let steps = || {
        let last = Step { after: Snapshot { opted_out: true, ..Snapshot::default() }, ..step(2, "") };
        vec![offering(&["2026-12-01T14:00"]).remove(0), last]
    };
    holds(json!({"m": "end", "slots": {"date": "2026-12-01"}, "opted_out": true, "silent": true}), steps());
    fails(json!({"m": "end", "slots": {"date": "2026-12-02"}}), steps());
    fails(json!({"m": "end", "answered": true}), steps());
}

#[test]
fn an_act_is_wrong_unless_a_may_allows_that_act_at_its_message() {
    let booking = || Act::Book(standing("2026-12-01T14:00", "vw-golf-02", None));
    let acts = |act: Act| vec![step(1, "…"), Step { messages: vec![2, 3], acts: vec![act], ..step(2, "…") }];
    let wrong = |expect: Value, act: Act| verdict(expect, acts(act)).wrong_acts.len();
    assert_eq!(wrong(json!({"m": 2, "may": "book"}), booking()), 0);
    assert_eq!(wrong(json!({"m": [3, 4], "may": "book"}), booking()), 0, "another message of the same turn");
    assert_eq!(wrong(json!({"m": 1, "may": "book"}), booking()), 1);
    assert_eq!(wrong(json!({"m": 2, "may": "move"}), booking()), 1);
    assert_eq!(wrong(json!({"m": 2, "may": "opt_out"}), Act::OptOut), 0);
    let judgement = verdict(
        json!({"m": 1, "answered": true}),
        acts(Act::Cancel(standing("2026-12-01T14:00", "x", None))),
    );
    assert_eq!(judgement.wrong_acts, [WrongAct { message: 3, act: ActKind::Cancel }]);
    assert_eq!(judgement.result, Result::Failed);
}

#[test]
fn the_end_decides_between_half_and_failed() {
    let result = |expect: Value| judge(&dialogue(expect), &played(vec![step(1, "Ja")])).result;
    assert_eq!(result(json!([{"m": 1, "says": ["ja"]}, {"m": "end", "appointments": 0}])), Result::Done);
    assert_eq!(result(json!([{"m": 1, "says": ["nee"]}, {"m": "end", "appointments": 0}])), Result::Half);
    assert_eq!(result(json!([{"m": 1, "says": ["ja"]}, {"m": "end", "appointments": 1}])), Result::Failed);
    let fault = Step { faults: vec!["calendar refused".into()], ..step(1, "Ja") };
    assert_eq!(verdict(json!({"m": 1, "says": ["ja"]}), vec![fault]).result, Result::Failed);
}

#[test]
fn the_figures_count_what_they_say() {
    let dialogue = dialogue(json!([
        {"m": 1, "told": true}, {"m": 2, "may": "book"}, {"m": 2, "says": ["zaterdag"]},
        {"m": "end", "booked": {"car": "vw-golf-02", "start": "2026-11-28T14:00", "name": "Mark"}},
    ]));
    let golf = standing("2026-11-28T14:00", "vw-golf-02", None);
    let stands = Snapshot { appointments: vec![golf.clone()], owner: Owner::Waiting, ..Snapshot::default() };
    let offer = offering(&["2026-11-28T14:00"]).remove(0);
    let asks = Step { messages: vec![2], ..saying(vec![Piece::Ask(Ask::AnyCar)]) };
    let books = Step { acts: vec![Act::Book(golf)], after: stands.clone(), ..step(3, "Nee") };
    let last = Step { after: stands, ..step(4, "Nee") };
    let played = played(vec![offer, asks, books, last]);
    let mut report = crate::eval::dialogues::Report::default();
    report.add(&dialogue, &played, judge(&dialogue, &played));
    assert_eq!(report.results, [0, 0, 1]);
    assert_eq!((report.wrong_acts, report.replies, report.wrong_replies), (1, 4, 3));
    assert_eq!((report.drives.right, report.names.right, report.told.right), (1, 0, 0));
    assert_eq!((report.bookings, report.questions, report.offers), (1, 1, 1));
    assert_eq!((report.repeated_bodies, report.not_understood, report.handed_over), (2, 0, 1));
    let mut text = Vec::new();
    report.write_text(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("failed test: WRONG ACT book at 3, 1 told, 2 says, end booked"), "{text}");
}
