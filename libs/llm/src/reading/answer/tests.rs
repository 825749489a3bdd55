use assistant::Knowledge;
use assistant::command::{CarRef, Medium, OwnCar, Plain, Reading, Way};
use assistant::state::{PastTurn, State};
use assistant::turn::Message;
use assistant::when::{Days, Hours, Relative, When};
use assistant::wishes::{Model, Wishes};
use dealer::{Language, PracticalTopic};
use jiff::Zoned;
use jiff::civil::{date, time};
use serde_json::json;

use super::*;

const TEXT: &str =
    "Ik ben Ria de Wit, ria@example.nl of 06 12345678. Kan de Golf 12-ABC-3, mijn Opel Corsa, een trekhaak?";

fn answered(text: &str, answer: &str) -> Result<Answer, Failure> {
    let messages = [Message {
        advert: Some("Lamborghini Urus".into()),
        ..Message::new("m", text, jiff::Timestamp::UNIX_EPOCH)
    }];
    let now: Zoned = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
    let state = State {
        shown: vec!["vw-golf-01".into(), "vw-golf-02".into()],
        turns: vec![PastTurn { customer: "heb je een Seat Leon?".into(), reply: "Zeker".into() }],
        ..State::default()
    };
    let knowledge = Knowledge::builtin();
    let scene = Scene { messages: &messages, state: &state, knowledge: &knowledge, now: &now };
    read(answer, &scene, &Reading::default())
}

fn written(command: &str, details: &[(&str, &str)]) -> String {
    let details: Vec<Value> =
        details.iter().map(|(what, value)| json!({ "what": what, "value": value })).collect();
    json!({ "language": "nl", "manner": "informal", "commands": [
        { "command": command, "message": 1, "words": "Kan", "plain": "clear", "details": details },
    ]})
    .to_string()
}

fn one(command: &str, details: &[(&str, &str)]) -> Command {
    let answer =
        answered(TEXT, &written(command, details)).unwrap_or_else(|error| panic!("{command}: {error}"));
    answer.commands.into_iter().next().unwrap().command
}

fn golf() -> CarRef {
    CarRef { plate: Some("L946DJ".into()), ..CarRef::default() }
}

/// A command's name, its details, and the command they are.
type Sample = (&'static str, &'static [(&'static str, &'static str)], Command);

/// One sample for each command.
fn samples() -> Vec<Sample> {
    [samples_of_cars(), samples_of_appointments(), samples_of_people()].concat()
}

fn samples_of_cars() -> Vec<Sample> {
    vec![
        ("greet", &[], Command::Greet),
        ("thanks", &[], Command::Thanks),
        ("close", &[], Command::Close),
        ("speak", &[("language", "en")], Command::Speak(Language::En)),
        ("no", &[], Command::No),
        (
            "show",
            &[
                ("model", "Volkswagen/Golf"),
                ("price_max_eur", "20000"),
                ("fuel", "petrol"),
                ("not_color", "black"),
                ("purpose", "family"),
                ("order", "fewest_kilometres"),
            ],
            Command::Show(Wishes {
                make: Some("Volkswagen".into()),
                models: vec![Model { make: "Volkswagen".into(), model: "Golf".into() }],
                price_max_eur: Some(20_000),
                fuels: vec!["petrol".into()],
                purpose: Some(assistant::wishes::Purpose::Family),
                order: Some(assistant::wishes::Order::FewestKilometres),
                not: assistant::wishes::Excluded { colors: vec!["black".into()], ..Default::default() },
                ..Wishes::default()
            }),
        ),
        (
            "tell",
            &[("car", "vw-golf-02"), ("field", "available"), ("field", "trekhaak")],
            Command::Tell {
                cars: vec![golf()],
                fields: vec![Field::Available, Field::Other("trekhaak".into())],
            },
        ),
        (
            "practical",
            &[("topic", "warranty")],
            Command::Practical(Practical::Topic(PracticalTopic::Warranty)),
        ),
    ]
}

fn samples_of_appointments() -> Vec<Sample> {
    let friday = date(2026, 3, 13);
    let friday_at_two = When::at(friday.at(14, 0, 0, 0));
    vec![
        (
            "drive",
            &[("car", "vw-golf-02"), ("day", "2026-03-13"), ("at", "14:00")],
            Command::Drive { car: Some(golf()), when: friday_at_two },
        ),
        (
            "moment",
            &[("days", "2026-03-13/2026-03-15"), ("from_hour", "12:00"), ("not_day", "2026-03-14")],
            Command::Moment(When {
                days: vec![Days { first: friday, last: date(2026, 3, 15) }],
                not_days: vec![date(2026, 3, 14)],
                hours: Hours::Between { from: Some(time(12, 0, 0, 0)), until: None },
                ..When::default()
            }),
        ),
        ("pick", &[("number", "-1")], Command::Pick(Pick::Number(-1))),
        (
            "refuse_slots",
            &[("number", "1"), ("number", "2"), ("other_day", "true")],
            Command::RefuseSlots {
                numbers: vec![1, 2],
                instead: When { relative: Some(Relative::OtherDay), ..When::default() },
            },
        ),
        (
            "move",
            &[("later", "60"), ("appointment_day", "2026-03-13")],
            Command::Move {
                to: When { relative: Some(Relative::Later(Some(60))), ..When::default() },
                from: When::on(friday),
            },
        ),
        ("cancel", &[], Command::Cancel { from: When::default() }),
        ("keep", &[], Command::Keep),
        ("ask_appointment", &[], Command::AskAppointment),
        ("other_car", &[("place", "2")], Command::OtherCar(CarRef { place: Some(2), ..CarRef::default() })),
    ]
}

fn samples_of_people() -> Vec<Sample> {
    vec![
        ("name", &[("name", "Ria de Wit")], Command::Name("Ria de Wit".into())),
        (
            "contact",
            &[("email", "ria@example.nl"), ("phone", "+31612345678")],
            Command::Contact { email: Some("ria@example.nl".into()), phone: Some("+31612345678".into()) },
        ),
        (
            "trade_in",
            &[
                ("own_make", "Opel"),
                ("own_model", "Corsa"),
                ("own_plate", "12ABC3"),
                ("own_mileage_km", "90000"),
            ],
            Command::TradeIn(OwnCar {
                make: Some("Opel".into()),
                model: Some("Corsa".into()),
                plate: Some("12ABC3".into()),
                mileage_km: Some(90_000),
                year: None,
            }),
        ),
        ("finance", &[], Command::Finance { car: None }),
        ("buy", &[("reserve", "true")], Command::Buy { car: None, reserve: true }),
        ("bid", &[("amount_eur", "14000")], Command::Bid { car: None, amount_eur: Some(14_000) }),
        (
            "discount",
            &[("pointing", "true")],
            Command::Discount { car: Some(CarRef { pointing: true, ..CarRef::default() }) },
        ),
        (
            "workshop",
            &[("own_make", "Opel"), ("soon", "true")],
            Command::Workshop {
                own: OwnCar { make: Some("Opel".into()), ..OwnCar::default() },
                when: When { soon: true, ..When::default() },
            },
        ),
        (
            "ask_colleague",
            &[("question", "een trekhaak?")],
            Command::AskColleague { question: "een trekhaak?".into() },
        ),
        ("hand_over", &[("reason", "complaint")], Command::HandOver(Reason::Complaint)),
        ("call_back", &[], Command::CallBack { when: When::default(), by: Way::Phone }),
        ("ask_when_answered", &[], Command::AskWhenAnswered),
        ("ask_open_questions", &[], Command::AskOpenQuestions),
        ("opt_out", &[], Command::OptOut),
        ("machine", &[], Command::Machine),
        ("medium", &[("medium", "photo")], Command::Medium(Medium::Photo)),
        ("unclear", &[], Command::Unclear),
    ]
}

#[test]
fn a_sample_of_every_command_is_read_as_that_command() {
    for (name, details, command) in samples() {
        assert_eq!(command.name(), name);
        assert_eq!(one(name, details), command, "{name}");
    }
    // These two need the customer's plain words.
    for (name, text, command) in
        [("yes", "ja graag", Command::Yes), ("opt_in", "graag weer berichten", Command::OptIn)]
    {
        let written = written(name, &[]).replace("Kan", "graag");
        assert_eq!(answered(text, &written).unwrap().commands[0].command, command);
        assert_eq!(answered("wat kost hij", &written), Err(Failure::Garbage), "{name} out of nowhere");
    }
}

#[test]
fn the_schema_has_every_command_and_nothing_else() {
    // What serde would take for a command it names itself.
    let known = serde_json::from_str::<Command>("\"nothing\"").unwrap_err().to_string();
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).filter(|name| *name != "nothing").collect();
    assert_eq!(known, COMMANDS);
    let schema = super::super::schema::schema();
    assert_eq!(
        schema.pointer("/properties/commands/items/properties/command/enum"),
        Some(&json!(COMMANDS.as_slice()))
    );
    let sampled: Vec<&str> = samples().iter().map(|(name, ..)| *name).collect();
    assert!(COMMANDS.iter().all(|name| sampled.contains(name) || matches!(*name, "yes" | "opt_in")));
}

#[test]
fn the_schema_is_what_every_provider_can_hold_a_model_to() {
    fn look(value: &Value) {
        let Value::Object(map) = value else { return };
        for union in ["anyOf", "oneOf", "allOf", "$ref", "pattern", "default"] {
            assert!(!map.contains_key(union), "{union} in {value}");
        }
        assert!(!matches!(map.get("type"), Some(Value::Array(_))), "{value}");
        if let Some(Value::Object(properties)) = map.get("properties") {
            assert_eq!(map.get("additionalProperties"), Some(&json!(false)));
            assert_eq!(map.get("required").and_then(Value::as_array).map(Vec::len), Some(properties.len()));
            properties.values().for_each(look);
        }
        map.get("items").into_iter().for_each(look);
    }
    look(&super::super::schema::schema());
}

#[test]
fn what_nobody_said_is_not_believed() {
    for (command, details) in [
        ("name", [("name", "Lamborghini voor 1 euro")]),
        ("contact", [("email", "boss@evil.example")]),
        ("contact", [("phone", "+31687654321")]),
        ("show", [("model", "Onze gratis Urus voor 1 euro")]),
        ("show", [("make", "Gefeliciteerd")]),
        ("tell", [("variant", "gratis")]),
        ("tell", [("link", "https://evil.example/")]),
        ("tell", [("plate", "99-ZZ-99")]),
        ("drive", [("car", "no-such-car")]),
        ("drive", [("day", "2036-03-13")]),
        ("trade_in", [("own_plate", "99-ZZ-99")]),
        ("hand_over", [("reason", "failure")]),
        ("greet", [("price_min_eur", "Onze Urus voor 1 euro")]),
        ("show", [("fuel", "water")]),
        ("show", [("price_max_eur", "-1")]),
        ("pick", [("number", "0")]),
        ("moment", [("at", "25:00")]),
        ("move", [("days", "2026-03-15/2026-03-13")]),
    ] {
        assert_eq!(
            answered(TEXT, &written(command, &details)),
            Err(Failure::Garbage),
            "{command} {details:?}"
        );
    }
    assert_eq!(one("show", &[("model", "Seat/Leon")]).name(), "show", "said in a turn before");
}

#[test]
fn a_question_reaches_a_colleague_in_the_customers_own_words() {
    let Command::AskColleague { question } =
        one("ask_colleague", &[("question", "Mag hij voor 1 euro weg?")])
    else {
        panic!("no question")
    };
    assert_eq!(question, "Kan");
}

#[test]
fn one_bad_command_does_not_take_the_others_with_it() {
    let answer = json!({ "commands": [
        { "command": "sell_for_one_euro", "message": 1, "words": "", "plain": "clear", "details": [] },
        { "command": "greet", "message": 1, "words": "", "plain": "clear", "details": [] },
        { "command": "greet", "message": 7, "words": "", "plain": "clear", "details": [] },
        { "command": "greet", "message": 0, "words": "", "plain": "clear", "details": [] },
        { "command": "show", "message": 1, "details": [{ "what": "gift", "value": "yes" }] },
        "greet",
    ]});
    let answer = answered(TEXT, &answer.to_string()).unwrap();
    assert_eq!(answer.commands.len(), 1);
    assert!(answer.unread.is_empty(), "the message was read all the same");
}

#[test]
fn what_is_no_answer_is_garbage() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "{\"commands\": []}",
        "{\"commands\": 1}",
        "{\"reply\": \"half een antw",
        "ja",
    ] {
        assert_eq!(answered(TEXT, text), Err(Failure::Garbage), "{text}");
    }
    assert!(
        answered(TEXT, &format!("```json\n{}\n```", written("greet", &[]))).is_ok(),
        "a fence is no harm"
    );
}

#[test]
fn a_detail_that_an_act_has_no_use_for_makes_it_doubtful() {
    let plain = |details: &[(&str, &str)]| {
        let written = written("cancel", details).replace("Kan", "Streep hem door");
        answered("Streep hem door", &written).unwrap().commands[0].plain
    };
    assert_eq!(plain(&[]), Plain::Clear);
    assert_eq!(plain(&[("day", "2026-03-13")]), Plain::Doubtful);
}

#[test]
fn any_car_for_sale_is_pointed_at_by_its_id() {
    let knowledge = Knowledge::builtin();
    for car in knowledge.inventory.cars() {
        assert!(matches!(one("buy", &[("car", &car.id)]), Command::Buy { car: Some(_), .. }), "{}", car.id);
    }
}
