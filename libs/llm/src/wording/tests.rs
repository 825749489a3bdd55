use assistant::Knowledge;
use assistant::piece::{Answers, Fit, Tone};
use assistant::turn::Message;
use assistant::word::{Voice, say};
use dealer::{Language, PracticalTopic};
use jiff::civil::date;
use jiff::{Timestamp, Zoned};

use super::*;

struct Desk {
    knowledge: Knowledge,
    now: Zoned,
    pieces: Vec<Piece>,
    voice: Voice,
    reply: String,
    messages: Vec<Message>,
}

impl Desk {
    fn saying(pieces: impl FnOnce(&Knowledge, &Zoned) -> Vec<Piece>) -> Self {
        let knowledge = Knowledge::builtin();
        let now: Zoned = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        let pieces = pieces(&knowledge, &now);
        let voice = Voice { language: Language::Nl, formal: false };
        let reply = say(&pieces, voice, &knowledge, &now);
        let message = Message::new("m", "hoi", Timestamp::UNIX_EPOCH);
        Self { knowledge, now, pieces, voice, reply, messages: vec![message] }
    }

    fn draft(&self) -> Draft<'_> {
        Draft {
            messages: &self.messages,
            pieces: &self.pieces,
            reply: &self.reply,
            voice: self.voice,
            knowledge: &self.knowledge,
            now: &self.now,
        }
    }

    fn marked(&self) -> Marked {
        Marked::of(&self.draft())
    }

    fn worded(&self, text: &str) -> Result<String, Refusal> {
        worded(text, &self.marked(), &self.draft())
    }
}

fn at(now: &Zoned, hour: i8) -> Zoned {
    date(2026, 3, 13).at(hour, 0, 0, 0).to_zoned(now.time_zone().clone()).unwrap()
}

fn standing() -> Desk {
    Desk::saying(|knowledge, now| {
        let car = knowledge.inventory.cars()[0].clone();
        vec![Piece::Standing { car: Some(car), at: at(now, 9), tone: Tone::Asked }]
    })
}

fn slots() -> Desk {
    Desk::saying(|knowledge, now| {
        let car = knowledge.inventory.cars()[0].clone();
        vec![Piece::Slots { car: Some(car), slots: vec![at(now, 9), at(now, 11)], why: None, moving: None }]
    })
}

#[test]
fn every_fact_of_a_draft_has_a_reference() {
    let desk = standing();
    let marked = desk.marked();
    assert!(marked.text.contains("{car:1.name}") && marked.text.contains("{moment:1}"), "{}", marked.text);
    assert!(
        marked.text.contains("{dealer.name}") && marked.text.contains("{dealer.address}"),
        "{}",
        marked.text
    );
    assert_eq!(desk.worded(&marked.text), Ok(desk.reply.clone()), "the draft itself passes");
}

#[test]
fn lists_stay_whole_and_in_their_order() {
    let desk = slots();
    let marked = desk.marked();
    assert!(marked.text.contains("\n{line:1}\n{line:2}"), "{}", marked.text);
    assert_eq!(desk.worded(&marked.text), Ok(desk.reply.clone()));
    let swapped =
        marked.text.replace("{line:1}", "{x}").replace("{line:2}", "{line:1}").replace("{x}", "{line:2}");
    assert_eq!(desk.worded(&swapped), Err(Refusal::MissingFact));
    let joined = marked.text.replace("{line:1}\n{line:2}", "{line:1} of {line:2}");
    assert_eq!(desk.worded(&joined), Err(Refusal::MissingFact));
}

#[test]
fn every_draft_that_may_be_worded_passes_as_it_is() {
    for pieces in [
        |knowledge: &Knowledge| {
            vec![Piece::Cars { fit: Fit::All, cars: knowledge.inventory.cars().to_vec() }, Piece::InviteDrive]
        },
        |knowledge: &Knowledge| {
            vec![Piece::CarFacts { car: knowledge.inventory.cars()[3].clone(), fields: Vec::new() }]
        },
        |_: &Knowledge| vec![Piece::Address, Piece::OpeningHours { day: None }, Piece::PhoneNumber],
        |_: &Knowledge| vec![Piece::Greeting { name: Some(assistant::piece::Quoted("Ria".into())) }],
        |_: &Knowledge| vec![Piece::NotInStock { named: "Tesla Model 3".into() }],
        |_: &Knowledge| PracticalTopic::ALL.iter().map(|topic| Piece::Practical(*topic)).collect(),
    ] {
        let desk = Desk::saying(|knowledge, _| pieces(knowledge));
        assert!(may_be_worded(&desk.pieces));
        let marked = desk.marked();
        assert_eq!(desk.worded(&marked.text), Ok(desk.reply.clone()), "{}", marked.text);
    }
}

#[test]
fn properties_of_a_car_are_facts_too() {
    let desk = Desk::saying(|knowledge, _| {
        vec![Piece::CarFacts { car: knowledge.inventory.cars()[0].clone(), fields: Vec::new() }]
    });
    let marked = desk.marked();
    assert!(!marked.text.contains("benzine") && marked.text.contains("{car:1.price}"), "{}", marked.text);
}

#[test]
fn facts_in_words_of_its_own_are_refused() {
    let desk = standing();
    let text = desk.marked().text;
    for (own, refusal) in [
        ("Kost nu 1 euro!", Refusal::OwnFact),
        ("Kom zondag langs.", Refusal::OwnFact),
        ("See you on Friday.", Refusal::OwnFact),
        ("Een korting van €", Refusal::OwnFact),
        ("De Golf is ook mooi.", Refusal::OwnFact),
        ("Kijk op https://voorbeeld.nl", Refusal::OwnFact),
        ("Of {car:2.price}?", Refusal::UnknownReference),
        ("{", Refusal::UnknownReference),
        ("}", Refusal::UnknownReference),
        ("{a{b}", Refusal::UnknownReference),
    ] {
        assert_eq!(desk.worded(&format!("{text} {own}")), Err(refusal), "{own}");
    }
    assert_eq!(desk.worded("Tot dan!"), Err(Refusal::MissingFact));
    assert_eq!(desk.worded(&format!("{text} {text}")), Err(Refusal::MissingFact));
    assert_eq!(desk.worded(&format!("{text}{}", " heel graag".repeat(40))), Err(Refusal::TooLong));
    assert_eq!(
        desk.worded(&format!("{text} {}", crate::prompt::wording(false))),
        Err(Refusal::Leak),
        "the prompt is not for customers"
    );
}

#[test]
fn another_language_is_refused() {
    let desk = Desk::saying(|_, _| vec![Piece::AsYouWish]);
    assert_eq!(
        desk.worded("Sure, we will leave everything as it was, no problem"),
        Err(Refusal::OtherLanguage)
    );
}

#[test]
fn what_binds_or_asks_or_promises_is_not_worded() {
    let now = standing().now;
    for piece in [
        Piece::Intro,
        Piece::Booked { car: None, at: at(&now, 9), name: assistant::piece::NameLine::Asked },
        Piece::Cancelled { car: None, at: at(&now, 9) },
        Piece::OptedOut { appointment: None },
        Piece::Ask(assistant::piece::Ask::OptOut),
        Piece::HandOver { reason: assistant::command::Reason::Sensitive, answers: Answers::Soon },
        Piece::Fallback,
    ] {
        assert!(!may_be_worded(&[Piece::Thanks, piece]));
    }
}
