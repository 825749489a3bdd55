//! Policy as sentences: commands in, plan out.

use std::sync::Arc;

use jiff::Zoned;
use jiff::civil::{date, time};

use super::{Plan, Seek, Step, decide};
use crate::Knowledge;
use crate::command::{CarRef, Command, Field, OwnCar, Pick, Plain, Practical, Read, Reading, Reason};
use crate::piece::{Ask, Piece, Tone};
use crate::ports::FreeSlot;
use crate::state::{Appointment, Asked, OpenPromise, State, Topic, Waiting};
use crate::task::TaskKind;
use crate::turn::{Contact, Effect, Message, Owner, TurnInput};
use crate::when::{Days, Hours, Relative, When};
use crate::wishes::{Model, Wishes};

struct Desk {
    state: State,
    owner: Owner,
    opted_out: bool,
    text: &'static str,
}

impl Desk {
    fn new() -> Self {
        Self {
            state: State { introduced: true, ..State::default() },
            owner: Owner::Agents,
            opted_out: false,
            text: "…",
        }
    }

    /// With the black Golf spoken of.
    fn about_a_golf() -> Self {
        let mut desk = Self::new();
        desk.state.focus = vec!["vw-golf-02".into()];
        desk.state.shown = desk.state.focus.clone();
        desk
    }

    /// With Thursday 11:00 standing for the black Golf.
    fn with_an_appointment() -> Self {
        let mut desk = Self::about_a_golf();
        desk.state.appointments = vec![thursday_at_eleven()];
        desk
    }

    fn with_slots(hours: &[i8]) -> Self {
        let mut desk = Self::about_a_golf();
        desk.state.offered = hours.iter().map(|hour| slot(date(2026, 12, 3), *hour)).collect();
        desk.state.offered_for = When::on(date(2026, 12, 3));
        desk
    }

    fn plan(self, commands: Vec<(Command, Plain)>) -> Plan {
        self.plan_of(commands.into_iter().map(|(command, plain)| (0, command, plain)).collect())
    }

    /// The same for a turn of several messages: each command with the number of its message.
    fn plan_of(self, commands: Vec<(usize, Command, Plain)>) -> Plan {
        let commands = commands
            .into_iter()
            .map(|(message, command, plain)| Read {
                command,
                message,
                words: 0..0,
                plain,
                instead_of: Vec::new(),
            })
            .collect();
        let reading = Reading { commands, ..Reading::default() };
        let message = Message::new("1", self.text, now().timestamp());
        let input = TurnInput {
            turn_id: "t".into(),
            messages: vec![message],
            state: self.state.clone(),
            knowledge: Arc::new(Knowledge::builtin()),
            now: now(),
            contact: Contact::default(),
            owner: self.owner,
            opted_out: self.opted_out,
            degraded: false,
        };
        decide(&reading, &input, self.state)
    }

    fn does(self, command: Command) -> Plan {
        self.plan(vec![(command, Plain::Clear)])
    }

    fn doubts(self, command: Command) -> Plan {
        self.plan(vec![(command, Plain::Doubtful)])
    }
}

fn now() -> Zoned {
    "2026-11-27T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap()
}

fn slot(day: jiff::civil::Date, hour: i8) -> FreeSlot {
    let start = day.at(hour, 0, 0, 0).to_zoned(now().time_zone().clone()).unwrap().timestamp();
    FreeSlot { start, end: start + jiff::SignedDuration::from_hours(1) }
}

fn thursday_at_eleven() -> Appointment {
    Appointment {
        id: "a1".into(),
        slot: slot(date(2026, 12, 3), 11),
        car_id: Some("vw-golf-02".into()),
        name: Some("Els".into()),
    }
}

fn at(day: jiff::civil::Date, hour: i8) -> When {
    When::at(day.at(hour, 0, 0, 0))
}

fn says(plan: &Plan, test: impl Fn(&Piece) -> bool) -> bool {
    plan.steps.iter().any(|step| matches!(step, Step::Say(piece) if test(piece)))
}

fn promises(plan: &Plan, kind: TaskKind) -> bool {
    plan.steps.iter().any(|step| matches!(step, Step::Promise { kind: made, .. } if *made == kind))
}

fn seeks(plan: &Plan) -> Option<&Seek> {
    plan.steps.iter().find_map(|step| if let Step::Seek(seek) = step { Some(seek) } else { None })
}

fn takes(plan: &Plan) -> Option<FreeSlot> {
    plan.steps.iter().find_map(|step| if let Step::Take { slot, .. } = step { Some(*slot) } else { None })
}

fn named(make: &str, model: &str) -> CarRef {
    let models = vec![Model { make: make.into(), model: model.into() }];
    let described = Wishes { make: Some(make.into()), models, ..Wishes::default() };
    CarRef { described, ..CarRef::default() }
}

#[test]
fn an_exact_moment_in_plain_words_is_sought_to_be_held() {
    let plan = Desk::about_a_golf().does(Command::Drive { car: None, when: at(date(2026, 12, 3), 11) });
    let seek = seeks(&plan).unwrap();
    assert!(seek.plainly && seek.when.is_exact() && seek.car.as_deref() == Some("vw-golf-02"), "{plan:?}");
}

#[test]
fn a_test_drive_without_a_car_asks_which_and_keeps_the_moment() {
    let when = at(date(2026, 12, 3), 11);
    let plan = Desk::new().does(Command::Drive { car: None, when: when.clone() });
    assert_eq!(plan.state.asked, Some(Asked::AnyCar { when: Some(when.clone()) }));
    let mut desk = Desk::new();
    desk.state = plan.state;
    let plan = desk.does(Command::Drive { car: Some(named("Kia", "Picanto")), when: When::default() });
    assert_eq!(seeks(&plan).unwrap().when, when);
}

#[test]
fn a_car_of_which_there_are_several_is_asked_about_once() {
    let plan =
        Desk::new().does(Command::Drive { car: Some(named("Volkswagen", "Polo")), when: When::default() });
    assert!(
        says(&plan, |piece| matches!(piece, Piece::Ask(Ask::WhichCar(cars)) if cars.len() == 3)),
        "{plan:?}"
    );
    let mut desk = Desk::new();
    desk.state = plan.state;
    let plan = desk.does(Command::Pick(Pick::Number(2)));
    assert_eq!(seeks(&plan).unwrap().car.as_deref(), Some("vw-polo-02"));
}

#[test]
fn a_car_that_is_not_for_sale_gets_no_moments() {
    let plan =
        Desk::new().does(Command::Drive { car: Some(named("Tesla", "Model 3")), when: When::default() });
    assert!(says(&plan, |piece| matches!(piece, Piece::NotInStock { named } if named == "Tesla Model 3")));
    assert!(seeks(&plan).is_none());
}

#[test]
fn a_plain_choice_takes_the_slot_and_a_doubtful_one_asks() {
    let plan = Desk::with_slots(&[9, 11, 14]).does(Command::Pick(Pick::Number(2)));
    assert_eq!(takes(&plan), Some(slot(date(2026, 12, 3), 11)));
    let plan = Desk::with_slots(&[9, 11, 14]).doubts(Command::Pick(Pick::Number(2)));
    assert_eq!(plan.state.asked, Some(Asked::Book { slot: slot(date(2026, 12, 3), 11) }));
    assert_eq!(takes(&plan), None);
    let plan = Desk::with_slots(&[9, 11, 14]).does(Command::Pick(Pick::Number(-1)));
    assert_eq!(takes(&plan), Some(slot(date(2026, 12, 3), 14)));
    let plan = Desk::with_slots(&[9, 11, 14]).does(Command::Pick(Pick::Number(7)));
    assert!(takes(&plan).is_none() && says(&plan, |piece| matches!(piece, Piece::Slots { .. })));
}

#[test]
fn an_hour_picks_the_slot_on_offer_and_one_not_listed_is_looked_for_on_that_day() {
    let hour = |hour| Command::Moment(When { hours: Hours::At(time(hour, 0, 0, 0)), ..When::default() });
    assert_eq!(takes(&Desk::with_slots(&[9, 11]).does(hour(11))), Some(slot(date(2026, 12, 3), 11)));
    let plan = Desk::with_slots(&[9, 11]).does(hour(15));
    assert_eq!(seeks(&plan).unwrap().when, at(date(2026, 12, 3), 15));
}

#[test]
fn an_hour_on_offer_on_several_days_asks_which_day_and_the_day_is_then_looked_for_at_that_hour() {
    let mut desk = Desk::with_slots(&[9]);
    desk.state.offered.push(slot(date(2026, 12, 4), 9));
    desk.state.offered_for = When::default();
    let hour = When { hours: Hours::At(time(9, 0, 0, 0)), ..When::default() };
    let plan = desk.does(Command::Pick(Pick::Moment(hour)));
    assert!(says(&plan, |piece| matches!(piece, Piece::Ask(Ask::WhichDay))), "{plan:?}");
    assert!(takes(&plan).is_none() && seeks(&plan).is_none());
    let next = Desk { state: plan.state, ..Desk::new() };
    let plan = next.does(Command::Pick(Pick::Moment(When::on(date(2026, 12, 4)))));
    assert_eq!(seeks(&plan).unwrap().when, at(date(2026, 12, 4), 9));
}

#[test]
fn a_refusal_books_nothing_and_looks_for_others() {
    let plan =
        Desk::with_slots(&[9, 11]).does(Command::RefuseSlots { numbers: vec![2], instead: When::default() });
    assert_eq!(takes(&plan), None);
    assert_eq!(seeks(&plan).unwrap().refused, [slot(date(2026, 12, 3), 11)]);
    let after =
        When { hours: Hours::Between { from: Some(time(13, 0, 0, 0)), until: None }, ..When::default() };
    let plan = Desk::with_slots(&[9, 11]).does(Command::RefuseSlots { numbers: vec![], instead: after });
    let seek = seeks(&plan).unwrap();
    assert!(
        seek.refused.len() == 2 && !seek.plainly && seek.when.day() == Some(date(2026, 12, 3)),
        "{seek:?}"
    );
}

#[test]
fn a_bare_hour_beside_an_appointment_moves_nothing() {
    let hour = When { hours: Hours::At(time(15, 0, 0, 0)), ..When::default() };
    let plan = Desk::with_an_appointment().does(Command::Moment(hour));
    assert!(takes(&plan).is_none() && plan.effects.is_empty());
    assert!(!seeks(&plan).unwrap().plainly);
    let same = When { hours: Hours::At(time(11, 0, 0, 0)), ..When::default() };
    let plan = Desk::with_an_appointment().does(Command::Moment(same));
    assert!(says(&plan, |piece| matches!(piece, Piece::Standing { tone: Tone::Already, .. })));
}

#[test]
fn asking_for_the_same_drive_again_repeats_what_stands() {
    let plan =
        Desk::with_an_appointment().does(Command::Drive { car: None, when: When::on(date(2026, 12, 3)) });
    assert!(says(&plan, |piece| matches!(piece, Piece::Standing { tone: Tone::Already, .. })), "{plan:?}");
    let plan = Desk::with_an_appointment().does(Command::Drive { car: None, when: at(date(2026, 12, 4), 9) });
    assert!(matches!(plan.state.asked, Some(Asked::MoveOrAnother { .. })) && seeks(&plan).is_none());
}

#[test]
fn another_car_is_another_appointment() {
    let drive = Command::Drive { car: Some(named("Kia", "Picanto")), when: at(date(2026, 12, 4), 9) };
    let plan = Desk::with_an_appointment().does(drive);
    let seek = seeks(&plan).unwrap();
    assert!(seek.moving.is_none() && seek.car.as_deref() == Some("kia-picanto-01"), "{seek:?}");
}

#[test]
fn moving_in_plain_words_acts_and_in_doubt_asks() {
    let to = at(date(2026, 12, 4), 14);
    let plain = Desk::with_an_appointment().does(Command::Move { to: to.clone(), from: When::default() });
    let seek = seeks(&plain).unwrap();
    assert!(seek.plainly && seek.moving.as_deref() == Some("a1"), "{seek:?}");
    let doubtful = Desk::with_an_appointment().doubts(Command::Move { to, from: When::default() });
    assert!(!seeks(&doubtful).unwrap().plainly);
}

#[test]
fn the_same_time_on_another_day_is_counted_from_what_stands() {
    let to = When { relative: Some(Relative::SameTime), ..When::on(date(2026, 12, 4)) };
    let plan = Desk::with_an_appointment().does(Command::Move { to, from: When::default() });
    assert_eq!(seeks(&plan).unwrap().when, at(date(2026, 12, 4), 11));
    let later = When { relative: Some(Relative::Later(Some(60))), ..When::default() };
    let plan = Desk::with_an_appointment().does(Command::Move { to: later, from: When::default() });
    assert_eq!(seeks(&plan).unwrap().when, at(date(2026, 12, 3), 12));
}

#[test]
fn calling_off_in_plain_words_acts_and_in_doubt_takes_one_yes() {
    let plan = Desk::with_an_appointment().does(Command::Cancel { from: When::default() });
    assert_eq!(plan.effects, [Effect::Cancel { appointment_id: "a1".into() }]);
    assert!(plan.state.appointments.is_empty());
    let plan = Desk::with_an_appointment().doubts(Command::Cancel { from: When::default() });
    assert!(plan.effects.is_empty() && says(&plan, |piece| matches!(piece, Piece::Ask(Ask::Cancel { .. }))));
    let asked = |state: &State| Desk { state: state.clone(), ..Desk::new() };
    assert_eq!(
        asked(&plan.state).does(Command::Yes).effects,
        [Effect::Cancel { appointment_id: "a1".into() }]
    );
    let kept = asked(&plan.state).does(Command::No);
    assert!(kept.effects.is_empty() && says(&kept, |piece| matches!(piece, Piece::Standing { .. })));
}

#[test]
fn of_several_appointments_the_one_on_the_day_named_is_meant() {
    let desk = || {
        let mut desk = Desk::with_an_appointment();
        let other = Appointment {
            id: "a2".into(),
            slot: slot(date(2026, 12, 5), 9),
            car_id: Some("kia-picanto-01".into()),
            name: None,
        };
        desk.state.appointments.push(other);
        desk
    };
    let plan = desk().does(Command::Cancel { from: When::on(date(2026, 12, 5)) });
    assert_eq!(plan.effects, [Effect::Cancel { appointment_id: "a2".into() }]);
    let plan = desk().does(Command::Cancel { from: When::default() });
    assert!(
        plan.effects.is_empty() && matches!(plan.state.asked, Some(Asked::WhichAppointment { to: None }))
    );
}

#[test]
fn a_name_is_put_on_what_stands_without_one() {
    let mut desk = Desk::with_an_appointment();
    desk.state.appointments[0].name = None;
    desk.state.asked = Some(Asked::Name);
    let plan = desk.does(Command::Name("Joost van Dam".into()));
    let amend =
        Effect::Amend { appointment_id: "a1".into(), name: Some("Joost van Dam".into()), subject: None };
    assert_eq!(plan.effects, [amend]);
    assert_eq!(plan.state.name.as_deref(), Some("Joost van Dam"));
}

#[test]
fn yes_agrees_to_the_name_proposed_and_no_asks_for_another() {
    let mut desk = Desk::with_an_appointment();
    desk.state.appointments[0].name = None;
    desk.state.asked = Some(Asked::NameProposed { name: "Marieke".into() });
    let again = Desk { state: desk.state.clone(), ..Desk::new() };
    assert_eq!(desk.does(Command::Yes).state.name.as_deref(), Some("Marieke"));
    let plan = again.does(Command::No);
    assert!(plan.state.name.is_none() && plan.state.asked == Some(Asked::Name));
}

#[test]
fn plain_words_opt_out_and_doubtful_ones_ask() {
    let plan = Desk::about_a_golf().does(Command::OptOut);
    assert_eq!(plan.effects, [Effect::OptOut]);
    assert_eq!(plan.steps.len(), 1, "one confirmation and nothing else: {plan:?}");
    let plan = Desk::about_a_golf().doubts(Command::OptOut);
    assert!(plan.effects.is_empty() && plan.state.asked == Some(Asked::OptOut));
}

#[test]
fn who_opted_out_is_asked_once_reaches_a_person_and_comes_back_by_start() {
    let desk = || Desk { opted_out: true, ..Desk::about_a_golf() };
    let plan = desk().does(Command::Tell { cars: vec![], fields: vec![] });
    assert!(plan.state.asked == Some(Asked::OptIn) && plan.effects.is_empty());
    let mut asked = desk();
    asked.state = plan.state;
    assert_eq!(asked.does(Command::Yes).effects, [Effect::OptIn]);
    assert_eq!(desk().does(Command::OptIn).effects, [Effect::OptIn]);
    assert_eq!(desk().does(Command::HandOver(Reason::Sensitive)).hand_over, Some(Reason::Sensitive));
    assert!(desk().does(Command::Thanks).steps.is_empty());
}

#[test]
fn a_greeting_or_thanks_gets_words_of_its_own_where_it_is_a_message_of_its_own() {
    let tell = || Command::Tell { cars: vec![], fields: vec![Field::Price] };
    let says = |plan: &Plan, piece: Piece| plan.steps.contains(&Step::Say(piece));
    let apart = Desk::about_a_golf().plan_of(vec![
        (0, Command::Greet, Plain::Clear),
        (1, tell(), Plain::Clear),
        (2, Command::Thanks, Plain::Clear),
    ]);
    assert!(says(&apart, Piece::Hello) && says(&apart, Piece::Thanks), "{:?}", apart.steps);
    let together = Desk::about_a_golf().plan_of(vec![
        (0, Command::Greet, Plain::Clear),
        (0, tell(), Plain::Clear),
        (0, Command::Thanks, Plain::Clear),
    ]);
    assert!(!says(&together, Piece::Hello) && !says(&together, Piece::Thanks), "{:?}", together.steps);
}

#[test]
fn anger_gets_a_person_and_nothing_else() {
    let commands = vec![
        (Command::Tell { cars: vec![], fields: vec![Field::Price] }, Plain::Clear),
        (Command::HandOver(Reason::Complaint), Plain::Clear),
    ];
    let plan = Desk::about_a_golf().plan(commands);
    assert_eq!(plan.hand_over, Some(Reason::Complaint));
    assert!(matches!(plan.steps.as_slice(), [Step::Say(Piece::HandOver { .. })]), "{plan:?}");
    assert!(matches!(plan.effects.as_slice(), [Effect::OpenTask(_)]));
}

#[test]
fn who_asks_for_a_person_gets_the_rest_answered_too() {
    let commands = vec![
        (Command::Tell { cars: vec![], fields: vec![Field::Available] }, Plain::Clear),
        (Command::HandOver(Reason::HumanRequested), Plain::Clear),
    ];
    let plan = Desk::about_a_golf().plan(commands);
    assert_eq!(plan.hand_over, Some(Reason::HumanRequested));
    assert!(says(&plan, |piece| matches!(piece, Piece::CarFacts { .. })));
}

#[test]
fn while_a_person_is_awaited_one_word_an_hour_is_said() {
    let mut desk = Desk { owner: Owner::Waiting, ..Desk::about_a_golf() };
    desk.state.waiting = Some(Waiting { since: now().timestamp(), told_at: None });
    let plan = desk.does(Command::Tell { cars: vec![], fields: vec![] });
    assert!(matches!(plan.steps.as_slice(), [Step::Say(Piece::Added { .. })]));
    let again = Desk { owner: Owner::Waiting, state: plan.state, ..Desk::new() };
    assert!(again.does(Command::Tell { cars: vec![], fields: vec![] }).steps.is_empty());
}

#[test]
fn while_a_person_speaks_nothing_is_said_but_a_stop_is_honoured() {
    let desk = || Desk { owner: Owner::Human, ..Desk::about_a_golf() };
    assert!(desk().does(Command::Drive { car: None, when: When::default() }).steps.is_empty());
    assert_eq!(desk().does(Command::OptOut).effects, [Effect::OptOut]);
}

#[test]
fn a_buyer_goes_to_a_person_and_a_bid_to_a_task() {
    let plan = Desk::about_a_golf().does(Command::Buy { car: None, reserve: false });
    assert_eq!(plan.hand_over, Some(Reason::Buying));
    let plan = Desk::about_a_golf().does(Command::Bid { car: None, amount_eur: Some(20_000) });
    assert!(promises(&plan, TaskKind::Bid) && plan.hand_over.is_none());
    assert!(says(
        &plan,
        |piece| matches!(piece, Piece::NoDiscount { car: Some(car) } if car.price_eur == 23_950)
    ));
}

#[test]
fn what_no_record_tells_is_said_so_and_passed_on() {
    let fields = vec![Field::Price, Field::Other("trekhaak".into())];
    let plan = Desk::about_a_golf().does(Command::Tell { cars: vec![], fields });
    assert!(says(
        &plan,
        |piece| matches!(piece, Piece::CarFacts { fields, .. } if fields == &[Field::Price])
    ));
    assert!(says(&plan, |piece| matches!(piece, Piece::Unknown { about, .. } if about.len() == 1)));
    assert!(promises(&plan, TaskKind::Question));
    assert!(!says(&plan, |piece| matches!(piece, Piece::InviteDrive)), "nobody asked for a drive");
}

#[test]
fn a_practical_question_without_a_text_goes_to_a_colleague() {
    use dealer::PracticalTopic;
    let plan = Desk::new().does(Command::Practical(Practical::Topic(PracticalTopic::Parking)));
    assert!(says(&plan, |piece| matches!(piece, Piece::Practical(PracticalTopic::Parking))));
    let plan = Desk::new().does(Command::Practical(Practical::Topic(PracticalTopic::Export)));
    assert!(promises(&plan, TaskKind::Question));
}

#[test]
fn a_list_invites_once_and_not_twice_in_a_row() {
    let wishes = |model: &str| Wishes {
        models: vec![Model { make: "Volkswagen".into(), model: model.into() }],
        ..Wishes::default()
    };
    let plan = Desk::new().does(Command::Show(wishes("Golf")));
    assert!(says(&plan, |piece| matches!(piece, Piece::InviteDrive)));
    let again = Desk { state: plan.state, ..Desk::new() };
    assert!(!says(&again.does(Command::Show(wishes("Polo"))), |piece| matches!(piece, Piece::InviteDrive)));
}

#[test]
fn a_bare_day_in_the_workshops_talk_is_the_workshops() {
    let mut desk = Desk::new();
    desk.state.topic = Topic::Workshop;
    desk.state.workshop = OwnCar { plate: Some("12ABC3".into()), ..OwnCar::default() };
    let plan =
        desk.does(Command::Moment(When { days: vec![Days::on(date(2026, 11, 30))], ..When::default() }));
    assert!(promises(&plan, TaskKind::Workshop) && seeks(&plan).is_none());
}

#[test]
fn financing_is_not_explained_twice() {
    let mut desk = Desk::about_a_golf();
    desk.state.promises =
        vec![OpenPromise { kind: TaskKind::Finance, details: "lease".into(), at: now().timestamp() }];
    let plan = desk.does(Command::Finance { car: None });
    assert!(
        promises(&plan, TaskKind::Finance) && !says(&plan, |piece| matches!(piece, Piece::Finance { .. }))
    );
}

#[test]
fn machines_are_not_answered_and_a_person_is_told_once() {
    let mut state = Desk::new().state;
    let mut tasks = 0;
    for _ in 0..6 {
        let desk = Desk { state: state.clone(), text: "Wij zijn gesloten", ..Desk::new() };
        let plan = desk.does(Command::Machine);
        assert!(plan.steps.is_empty(), "{plan:?}");
        tasks += plan.effects.len();
        state = plan.state;
    }
    assert_eq!(tasks, 1);
}

#[test]
fn two_messages_not_understood_end_with_a_person_who_is_told() {
    let plan = Desk::new().does(Command::Unclear);
    assert!(says(&plan, |piece| matches!(piece, Piece::NotUnderstood)) && plan.hand_over.is_none());
    let again = Desk { state: plan.state, text: "en?", ..Desk::new() };
    let plan = again.does(Command::Unclear);
    assert_eq!(plan.hand_over, Some(Reason::NotUnderstood));
    assert!(matches!(plan.effects.as_slice(), [Effect::OpenTask(_)]));
}

#[test]
fn the_first_reply_introduces_whatever_it_says() {
    let mut desk = Desk::about_a_golf();
    desk.state.introduced = false;
    let plan = desk.does(Command::HandOver(Reason::HumanRequested));
    assert!(matches!(plan.steps.first(), Some(Step::Say(Piece::Intro))), "{plan:?}");
}
