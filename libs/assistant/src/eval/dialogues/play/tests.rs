use std::sync::Mutex;

use serde_json::{Value, json};

use super::*;
use crate::command::{Medium, Reason};
use crate::crm::{CrmUpdate, Signals};
use crate::eval::dialogues::format;
use crate::piece::{Ask, NameLine, Piece};
use crate::ports::{Agenda, Booking, Crm, FreeSlot, Hold};
use crate::reading::{Entities, Intent};
use crate::state;
use crate::task::{Task, TaskKind};

/// What a script does in one turn.
#[derive(Default)]
struct Scripted {
    reply: &'static str,
    pieces: Vec<Piece>,
    /// Holds and confirms this moment, instead of that appointment.
    book: Option<(&'static str, Option<&'static str>)>,
    effects: Vec<Effect>,
    hand_over: Option<Reason>,
    state: State,
    signals: Signals,
    fails: bool,
}

/// Plays its turns one after the other, and notes what it was asked.
struct Script {
    turns: Mutex<Vec<Scripted>>,
    asked: Mutex<Vec<TurnInput>>,
}

impl Script {
    fn new(turns: impl IntoIterator<Item = Scripted>) -> Self {
        let mut turns: Vec<Scripted> = turns.into_iter().collect();
        turns.reverse();
        Self { turns: Mutex::new(turns), asked: Mutex::default() }
    }

    fn asked(self) -> Vec<TurnInput> {
        self.asked.into_inner().unwrap()
    }
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Answers for Script {
    async fn answer(
        &self,
        input: TurnInput,
        calendar: &Calendar,
        leads: &Leads,
    ) -> Result<Outcome, PortError> {
        let turn = self.turns.lock().unwrap().pop().unwrap_or_default();
        let key = input.turn_id.clone();
        self.asked.lock().unwrap().push(input);
        if turn.fails {
            return Err(PortError::Refused { port: "calendar", reason: "no".into() });
        }
        let mut effects = Vec::new();
        if let Some((start, replaces)) = turn.book {
            let start: Timestamp = start.parse().unwrap();
            let booking = Booking {
                idempotency_key: key.clone(),
                slot: FreeSlot { start, end: start + HOUR },
                subject: "Proefrit Volkswagen Polo".into(),
                car_id: Some("vw-polo-02".into()),
                name: None,
                replaces: replaces.map(str::to_owned),
            };
            if let Hold::Held { appointment_id } = calendar.hold(&booking).await? {
                effects.push(Effect::Confirm { appointment_id });
            }
        }
        effects.extend(turn.effects);
        let crm = CrmUpdate {
            idempotency_key: key,
            intent: Intent::default(),
            language: Language::Nl,
            entities: Entities::default(),
            signals: turn.signals,
            summary: String::new(),
        };
        let lead = leads.record(&crm).await?;
        Ok(Outcome {
            reply: (!turn.reply.is_empty()).then(|| turn.reply.to_owned()),
            pieces: turn.pieces,
            language: Language::Nl,
            state: turn.state,
            effects,
            hand_over: turn.hand_over,
            crm,
            lead: Some(lead),
            analyses: Vec::new(),
            decisions: Vec::new(),
            follow_ups: Vec::new(),
        })
    }
}

async fn play_script(messages: Value, script: &Script) -> Played {
    let line = json!({"id": "test", "at": "2026-03-10T10:00:00+01:00", "messages": messages, "expect": []});
    let dialogue = format::parse(&line.to_string()).unwrap();
    play_with(&dialogue, script, &Arc::new(Knowledge::builtin())).await
}

fn says(reply: &'static str) -> Scripted {
    Scripted { reply, ..Scripted::default() }
}

fn asks(piece: Piece) -> Scripted {
    Scripted { pieces: vec![piece], ..says("?") }
}

fn sent(played: &Played) -> Vec<Vec<usize>> {
    played.steps.iter().map(|step| step.messages.clone()).collect()
}

const THURSDAY_TEN: &str = "2026-03-12T10:00:00+01:00";
const THURSDAY_ELEVEN: &str = "2026-03-12T11:00:00+01:00";

#[tokio::test]
async fn a_burst_is_one_turn_with_the_message_after_it() {
    let script = Script::new([]);
    let messages =
        json!([{"body": "hoi", "burst": true}, {"body": "die clio", "burst": true}, "de grijze", "maandag"]);
    assert_eq!(sent(&play_script(messages, &script).await), [vec![1, 2, 3], vec![4]]);
    let turns = script.asked();
    let texts: Vec<&str> = turns[0].messages.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["hoi", "die clio", "de grijze"]);
    let span = turns[0].messages[2].at.duration_since(turns[0].messages[0].at);
    assert!(span < SignedDuration::from_secs(1), "{span}");
    assert_eq!(turns[1].now.duration_since(&turns[0].now), SignedDuration::from_secs(40));
}

#[tokio::test]
async fn a_burst_whose_rest_is_not_sent_is_answered_all_the_same() {
    let script = Script::new([]);
    let messages = json!([{"body": "hoi", "burst": true}, {"body": "10:00", "only_if": "slots"}]);
    assert_eq!(sent(&play_script(messages, &script).await), [vec![1]]);
    let messages = json!([{"body": "hoi", "burst": true}]);
    assert_eq!(sent(&play_script(messages, &script).await), [vec![1]]);
}

#[tokio::test]
async fn the_clock_the_media_the_advert_and_the_profile_are_passed_on() {
    let script = Script::new([]);
    let messages = json!([
        {"body": "hoi", "referral": "Yaris nu!"},
        {"media": [{"content_type": "audio/ogg"}], "after": "2h"},
    ]);
    play_script(messages, &script).await;
    let turns = script.asked();
    assert_eq!(turns[0].now.to_string(), "2026-03-10T10:00:00+01:00[Europe/Amsterdam]");
    assert_eq!(turns[0].messages[0].advert.as_deref(), Some("Yaris nu!"));
    assert_eq!(turns[0].contact, Contact { profile_name: None, has_phone: true });
    assert_eq!(turns[1].now.duration_since(&turns[0].now), SignedDuration::from_hours(2));
    assert_eq!(turns[1].messages[0].media, [Medium::Voice]);
    assert_ne!(turns[0].turn_id, turns[1].turn_id);
}

#[tokio::test]
async fn a_message_is_sent_only_if_the_last_reply_did_what_it_needs() {
    let moment: Zoned = "2026-03-12T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
    let slots = || Piece::Slots { car: None, slots: vec![moment.clone()], why: None, moving: None };
    let book = || Piece::Ask(Ask::Book { car: None, at: moment.clone() });
    let proposed = NameLine::Proposed(crate::piece::Quoted("Bo".into()));
    let booked = || Piece::Booked { car: None, at: moment.clone(), name: proposed.clone() };
    let cancel = || Piece::Ask(Ask::Cancel { at: moment.clone() });
    for (word, piece, is_sent) in [
        ("slots", slots(), true),
        ("slots", book(), true),
        ("slots", booked(), false),
        ("name", booked(), true),
        ("name", Piece::Ask(Ask::Name), true),
        ("name", slots(), false),
        ("confirm", cancel(), true),
        ("confirm", Piece::Ask(Ask::OptOut), false),
        ("unanswered", slots(), true),
    ] {
        let script = Script::new([asks(piece.clone())]);
        let messages = json!(["een", {"body": "twee", "only_if": word}]);
        let expected = if is_sent { vec![vec![1], vec![2]] } else { vec![vec![1]] };
        assert_eq!(sent(&play_script(messages, &script).await), expected, "{word} {piece:?}");
    }
}

#[tokio::test]
async fn unanswered_is_what_did_none_of_the_things_that_end_a_wish() {
    let task = || {
        Effect::OpenTask(Task {
            kind: TaskKind::Question,
            details: "trekhaak".into(),
            due: THURSDAY_TEN.parse().unwrap(),
        })
    };
    for turn in [
        Scripted { book: Some((THURSDAY_TEN, None)), ..says("Ja") },
        Scripted { effects: vec![task()], ..says("Ja") },
        Scripted { effects: vec![Effect::OptOut], ..says("Ja") },
        Scripted { hand_over: Some(Reason::Complaint), ..says("Ja") },
    ] {
        let script = Script::new([turn]);
        let messages = json!(["een", {"body": "twee", "only_if": "unanswered"}]);
        assert_eq!(sent(&play_script(messages, &script).await), [vec![1]]);
    }
}

#[tokio::test]
async fn the_state_goes_from_turn_to_turn_through_its_json() {
    let state = State { name: Some("Bo".into()), misunderstood: 1, ..State::default() };
    let script = Script::new([Scripted { state: state.clone(), ..says("Ja") }]);
    let played = play_script(json!(["een", "twee"]), &script).await;
    assert_eq!(played.steps[0].after.name.as_deref(), Some("Bo"));
    let turns = script.asked();
    assert_eq!(turns[0].state, State::default());
    assert_eq!(turns[1].state, State { version: State::VERSION, ..state });
}

#[tokio::test]
async fn a_confirmed_hold_is_a_booking_and_a_replacing_one_a_move() {
    let script = Script::new([
        Scripted { book: Some((THURSDAY_TEN, None)), ..says("Staat") },
        // Calling off what is replaced anyway is no act of its own, in whatever order.
        Scripted {
            book: Some((THURSDAY_ELEVEN, Some("a1"))),
            effects: vec![Effect::Cancel { appointment_id: "a1".into() }],
            ..says("Verzet")
        },
        Scripted { effects: vec![Effect::Confirm { appointment_id: "a2".into() }], ..says("Staat al") },
        Scripted { effects: vec![Effect::Cancel { appointment_id: "a2".into() }], ..says("Afgezegd") },
        Scripted { effects: vec![Effect::Cancel { appointment_id: "a2".into() }], ..says("Was al") },
    ]);
    let played = play_script(json!(["een", "twee", "drie", "vier", "vijf"]), &script).await;
    let acts: Vec<Vec<String>> =
        played.steps.iter().map(|step| step.acts.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(
        acts,
        [
            vec!["book vw-polo-02 2026-03-12T10:00 no name"],
            vec!["move from 2026-03-12T10:00 to vw-polo-02 2026-03-12T11:00 no name"],
            vec![],
            vec!["cancel vw-polo-02 2026-03-12T11:00 no name"],
            vec![],
        ]
    );
    let standing: Vec<usize> = played.steps.iter().map(|step| step.after.appointments.len()).collect();
    assert_eq!(standing, [1, 1, 1, 0, 0]);
}

#[tokio::test]
async fn an_amendment_puts_name_and_car_on_the_appointment() {
    let slot = FreeSlot { start: THURSDAY_TEN.parse().unwrap(), end: THURSDAY_ELEVEN.parse().unwrap() };
    let standing =
        state::Appointment { id: "a1".into(), slot, car_id: Some("vw-golf-02".into()), name: None };
    let amend = |subject: &str| Effect::Amend {
        appointment_id: "a1".into(),
        name: Some("Bo Stokman".into()),
        subject: Some(subject.into()),
    };
    for (subject, car) in [("Proefrit Volkswagen Golf", Some("vw-golf-02")), ("Proefrit Fiat 500", None)] {
        let state = State { appointments: vec![standing.clone()], ..State::default() };
        let script = Script::new([
            Scripted { book: Some((THURSDAY_TEN, None)), ..says("Staat") },
            Scripted { effects: vec![amend(subject)], state, ..says("Genoteerd") },
        ]);
        let played = play_script(json!(["een", "twee"]), &script).await;
        let only = &played.steps[1].after.appointments[0];
        assert_eq!((only.car.as_deref(), only.name.as_deref()), (car, Some("Bo Stokman")), "{subject}");
    }
}

#[tokio::test]
async fn what_is_taken_before_a_message_is_gone_when_it_comes() {
    let script =
        Script::new([Scripted::default(), Scripted { book: Some((THURSDAY_TEN, None)), ..says("Staat") }]);
    let played = play_script(json!(["een", {"body": "twee", "taken": ["2026-03-12T10:00"]}]), &script).await;
    assert!(played.steps[1].acts.is_empty());
}

#[tokio::test]
async fn what_cannot_be_done_is_a_fault() {
    let unknown = Effect::Confirm { appointment_id: "a7".into() };
    let script = Script::new([
        Scripted { effects: vec![unknown], ..says("Staat") },
        Scripted { fails: true, ..Scripted::default() },
    ]);
    let played = play_script(json!(["een", "twee"]), &script).await;
    assert_eq!(played.steps[0].faults, ["there is no appointment a7"]);
    assert_eq!(played.steps[1].faults, ["calendar refused: no"]);
}

#[tokio::test]
async fn a_person_called_owns_and_gives_back_after_twelve_quiet_hours() {
    let script = Script::new([Scripted { hand_over: Some(Reason::Complaint), ..says("Een collega") }]);
    let messages = json!(["een", "twee", {"body": "drie", "after": "11h"}, {"body": "vier", "after": "1h"}]);
    let played = play_script(messages, &script).await;
    assert!(played.steps[0].handed_over);
    let owners: Vec<Owner> = script.asked().iter().map(|turn| turn.owner).collect();
    assert_eq!(owners, [Owner::Agents, Owner::Waiting, Owner::Waiting, Owner::Agents]);
}

#[tokio::test]
async fn a_colleague_takes_over_closes_what_is_open_and_begins_the_hours_anew() {
    let due = THURSDAY_TEN.parse().unwrap();
    let task =
        |details: &str| Effect::OpenTask(Task { kind: TaskKind::Question, details: details.into(), due });
    let named = State { name: Some("Bo".into()), ..State::default() };
    let script = Script::new([Scripted {
        effects: vec![task("trekhaak"), task("onderhoud")],
        state: named,
        ..says("Een collega")
    }]);
    let messages = json!([
        "een", {"body": "Linda hier", "by": "colleague"}, "drie",
        {"body": "Nog iets?", "by": "colleague", "after": "8h"}, {"body": "vijf", "after": "8h"},
        {"body": "zes", "after": "4h"},
    ]);
    let played = play_script(messages, &script).await;
    assert_eq!(played.steps[0].after.tasks[0].details, "trekhaak\nonderhoud");
    let colleague = &played.steps[1];
    assert_eq!(
        (colleague.by, colleague.messages.as_slice(), &colleague.reply),
        (Author::Colleague, &[2][..], &None)
    );
    assert_eq!((colleague.after.owner, colleague.after.tasks.len()), (Owner::Human, 0));
    assert_eq!(colleague.after.name.as_deref(), Some("Bo"));
    let owners: Vec<Owner> = script.asked().iter().map(|turn| turn.owner).collect();
    assert_eq!(owners, [Owner::Agents, Owner::Human, Owner::Human, Owner::Agents]);
}

#[tokio::test]
async fn consent_goes_and_comes_back_and_leads_only_warm() {
    let signals = Signals { car: true, test_drive: true, ..Signals::default() };
    let script = Script::new([
        Scripted { effects: vec![Effect::OptOut], signals, ..says("Je hoort niets meer") },
        Scripted { effects: vec![Effect::OptOut], ..Scripted::default() },
        Scripted { effects: vec![Effect::OptIn], ..says("Fijn") },
    ]);
    let played = play_script(json!(["een", "twee", "drie"]), &script).await;
    assert_eq!(played.steps.iter().map(|step| step.after.opted_out).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(played.steps.iter().map(|step| step.acts.len()).collect::<Vec<_>>(), [1, 0, 0]);
    assert_eq!(played.steps[2].after.lead, Some(LeadStatus::Warm));
    assert_eq!(script.asked().iter().map(|turn| turn.opted_out).collect::<Vec<_>>(), [false, true, true]);
}
