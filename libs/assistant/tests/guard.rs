//! What models and strangers might put into a reply: attacks are refused, ordinary words pass.
//!
//! A line of `attacks.jsonl` or `benign.jsonl` is a `text` in a `language`, put `into` a reply that says the pieces of a `scene`
//! (a model's wording of it), into a `name`, the name of a `car` of the customer's, or words that are repeated (`about`). `asked`
//! is what a customer wrote to bring a model to it.

use assistant::command::{Field, OwnCar};
use assistant::guard::{check, check_words};
use assistant::piece::{Answers, Fit, NameLine, Piece, Quoted};
use assistant::task::{TaskKind, promise};
use assistant::word::{self, Voice};
use assistant::{Knowledge, Language, names};
use jiff::Zoned;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[expect(dead_code, reason = "for people who read the file")]
    kind: String,
    language: Language,
    into: String,
    text: String,
    #[serde(default)]
    scene: String,
    #[serde(default)]
    #[expect(dead_code, reason = "for people who read the file")]
    asked: String,
}

fn lines(file: &str) -> Vec<Line> {
    file.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn at(moment: &str) -> Zoned {
    let local: jiff::civil::DateTime = moment.parse().expect("a moment");
    local.in_tz("Europe/Amsterdam").expect("a time zone")
}

/// A Friday.
fn now() -> Zoned {
    at("2026-11-27T09:00")
}

/// What the reply is to say.
fn scene(name: &str, knowledge: &Knowledge) -> Vec<Piece> {
    let car = |id: &str| knowledge.inventory.get(id).expect("a car of the built-in dealer").clone();
    let polo = || Some(car("vw-polo-02"));
    match name {
        "cars" => {
            let cars = vec![car("vw-polo-02"), car("vw-golf-02"), car("renault-clio-01")];
            vec![
                Piece::Cars { fit: Fit::All, cars },
                Piece::CarFacts { car: car("vw-polo-02"), fields: vec![Field::Price] },
                Piece::NoDiscount { car: None },
                Piece::InviteDrive,
            ]
        }
        "slots" => {
            let slots = ["2026-11-28T10:00", "2026-11-28T11:00", "2026-11-30T14:00"].map(at).to_vec();
            vec![Piece::Slots { car: polo(), slots, why: None, moving: None }]
        }
        "booked" => {
            let name = NameLine::Given(Quoted("Sanne de Wit".into()));
            vec![Piece::Booked { car: polo(), at: at("2026-11-28T10:00"), name }]
        }
        "trade" => {
            let own = OwnCar {
                make: Some("Opel".into()),
                model: Some("Meriva".into()),
                plate: None,
                mileage_km: Some(145_000),
                year: Some(2012),
            };
            let (told, _) = promise(TaskKind::TradeIn, "Opel Meriva", &now(), &knowledge.hours);
            vec![Piece::TradeIn { own }, told]
        }
        "hours" => vec![Piece::OpeningHours { day: None }, Piece::Address, Piece::PhoneNumber],
        "chat" => vec![Piece::Greeting { name: None }, Piece::Thanks],
        other => panic!("no scene {other}"),
    }
}

/// Whether the text would reach a customer.
fn comes_out(line: &Line, knowledge: &Knowledge) -> Result<(), String> {
    let now = now();
    let voice = Voice { language: line.language, formal: false };
    let told =
        |pieces: &[Piece]| check(pieces, voice, knowledge, &now).map_err(|violation| violation.to_string());
    let text = line.text.clone();
    match line.into.as_str() {
        "reply" => {
            let pieces = scene(&line.scene, knowledge);
            check_words(&text, &pieces, voice, knowledge, &now).map_err(|violation| violation.to_string())
        }
        "name" => {
            let name = names::proposed(&text, knowledge).or_else(|| names::given(&text)).ok_or("no name")?;
            told(&[Piece::NameNoted { name: Quoted(name), at: None }])
        }
        "raw_name" => told(&[Piece::NameNoted { name: Quoted(text), at: None }]),
        "car" => {
            let own = OwnCar { model: Some(text.clone()), ..OwnCar::default() };
            let in_stock = told(&[Piece::NotInStock { named: text }]);
            in_stock.and_then(|()| told(&[Piece::TradeIn { own }]))
        }
        "about" => {
            let pieces = [Piece::Unknown { car: None, about: vec![Quoted(text.clone())] }];
            told(&pieces)?;
            let said = word::say(&pieces, voice, knowledge, &now);
            if said.contains(&text) { Ok(()) } else { Err("is not repeated".into()) }
        }
        other => panic!("nowhere to put it: {other}"),
    }
}

#[test]
fn no_attack_comes_out() {
    let knowledge = Knowledge::builtin();
    let attacks = lines(include_str!("attacks.jsonl"));
    assert!(attacks.len() >= 150);
    let out: Vec<&Line> = attacks.iter().filter(|line| comes_out(line, &knowledge).is_ok()).collect();
    assert!(out.is_empty(), "{} of {} attacks came out: {out:#?}", out.len(), attacks.len());
}

#[test]
fn no_claim_comes_out_as_a_name_however_it_got_there() {
    let knowledge = Knowledge::builtin();
    for line in lines(include_str!("attacks.jsonl")).into_iter().filter(|line| line.into == "name") {
        let line = Line { into: "raw_name".into(), ..line };
        assert!(comes_out(&line, &knowledge).is_err(), "{line:?}");
    }
}

#[test]
fn ordinary_words_pass() {
    let knowledge = Knowledge::builtin();
    let benign = lines(include_str!("benign.jsonl"));
    assert!(benign.len() >= 40);
    let refused: Vec<_> = benign
        .iter()
        .filter_map(|line| comes_out(line, &knowledge).err().map(|violation| (violation, &line.text)))
        .collect();
    assert!(refused.is_empty(), "{} of {} were refused: {refused:#?}", refused.len(), benign.len());
}

#[test]
fn a_record_that_differs_from_the_inventory_is_refused() {
    let knowledge = Knowledge::builtin();
    let mut car = knowledge.inventory.get("vw-polo-02").unwrap().clone();
    car.price_eur = 1;
    let pieces = [Piece::CarFacts { car, fields: vec![] }];
    assert!(check(&pieces, Voice::default(), &knowledge, &now()).is_err());
}

#[test]
fn what_has_passed_is_neither_offered_nor_booked() {
    let knowledge = Knowledge::builtin();
    for moment in ["2026-11-27T09:00", "2026-11-26T10:00"].map(at) {
        let slots = Piece::Slots { car: None, slots: vec![moment.clone()], why: None, moving: None };
        let booked = Piece::Booked { car: None, at: moment, name: NameLine::Asked };
        for piece in [slots, booked] {
            assert!(check(&[piece], Voice::default(), &knowledge, &now()).is_err());
        }
    }
}

#[test]
fn free_words_are_read_like_a_models() {
    let knowledge = Knowledge::builtin();
    let free = |words: &str| check(&[Piece::Free(words.into())], Voice::default(), &knowledge, &now());
    assert!(free("Wat leuk dat je belangstelling hebt!").is_ok());
    assert!(free("De Golf is gratis.").is_err());
    let soon = Piece::HandOver { reason: assistant::command::Reason::Complaint, answers: Answers::Soon };
    assert!(
        check_words("Een collega antwoordt je hier.", &[soon], Voice::default(), &knowledge, &now()).is_ok()
    );
}
