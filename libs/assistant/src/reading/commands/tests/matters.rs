//! What runs between a customer and the dealer: details sent later, work in the workshop, how to be reached, bids.

use super::{check, fresh, said};
use crate::command::OwnCar;
use crate::state::{OpenPromise, State, Topic};
use crate::task::TaskKind;

fn with(kind: TaskKind, topic: Topic) -> State {
    let own = |model: &str| OwnCar {
        make: Some("Volkswagen".into()),
        model: Some(model.into()),
        mileage_km: Some(187_000),
        ..OwnCar::default()
    };
    State {
        promises: vec![OpenPromise { kind, details: String::new(), at: jiff::Timestamp::UNIX_EPOCH }],
        trade_in: if kind == TaskKind::TradeIn { own("Touran") } else { OwnCar::default() },
        workshop: if kind == TaskKind::Workshop { own("Golf") } else { OwnCar::default() },
        topic,
        ..State::default()
    }
}

fn first(message: &str, state: &State) -> String {
    said(&[message], state).first().cloned().unwrap_or_default()
}

#[test]
fn what_is_sent_later_of_the_own_car_is_added_to_its_task() {
    for message in [
        "kenteken van de touran is 72-XKB-3",
        "72-XKB-3",
        "zie foto",
        "ik stuur zo nog wat foto's",
        "de touran heeft een deukje links achter",
        "see photos",
        "the touran has a dent in the rear door",
        "Fotos kommen gleich",
        "Kennzeichen vom Touran ist GB-ST 412",
    ] {
        let read = first(message, &with(TaskKind::TradeIn, Topic::Drive));
        assert!(read.starts_with("trade_in"), "{message}: {read}");
    }
    for message in
        ["is de witte Polo er nog?", "kenteken R-204-HX, is die er nog?", "heb je foto's van de Kuga?"]
    {
        let read = first(message, &with(TaskKind::TradeIn, Topic::Drive));
        assert!(read.starts_with("tell"), "{message}: {read}");
    }
}

#[test]
fn questions_behind_a_wish_for_the_workshop_are_the_workshops() {
    for message in [
        "was kostet das ca.?",
        "wat gaat dat kosten?",
        "how much will that be roughly?",
        "hoe lang duurt dat?",
        "wie lange dauert das?",
        "kan ik erop wachten?",
        "do you have a courtesy car?",
    ] {
        let read = first(message, &with(TaskKind::Workshop, Topic::Workshop));
        assert!(read.starts_with("ask_colleague"), "{message}: {read}");
    }
    let state = with(TaskKind::Workshop, Topic::Workshop);
    assert!(first("wat kost de zwarte Golf?", &state).starts_with("tell Golf"));
}

#[test]
fn how_somebody_wants_to_be_reached_is_a_task_of_that_kind() {
    for message in [
        "mail me maar",
        "liever per mail",
        "best to email me",
        "mailen mag naar s.b@voorbeeld.nl",
        "could you reply by email?",
        "am besten per E-Mail",
        "bel me na vijven",
        "je kunt me bereiken op 0612345678",
        "text me on 07700 900123",
        "ich bin ab fünf erreichbar",
        "bellen is makkelijker",
    ] {
        let read = first(message, &fresh());
        assert!(read.starts_with("call_back"), "{message}: {read}");
    }
    for message in [
        "wat is jullie mailadres?",
        "ik heb jullie gisteren gemaild",
        "I sent you an email yesterday",
        "krijg ik de bevestiging per mail?",
        "when can i reach you on the phone?",
        "mail niet nodig",
        "ik wil niet meer gebeld worden maar appen mag",
        "no phone calls please",
    ] {
        let read = first(message, &fresh());
        assert!(!read.starts_with("call_back"), "{message}: {read}");
    }
}

#[test]
fn what_runs_already_is_a_colleagues_and_no_car_from_stock() {
    for message in [
        "mijn auto zou zaterdag klaarstaan om op te halen, hoe laat mag ik komen?",
        "Ik heb gisteren een Fiesta bij jullie gekocht, kan ik die zaterdag ophalen?",
        "ik heb vrijdag een afleverafspraak, kan dat een uur later?",
        "is mijn auto al klaar?",
        "when can i pick up my new car?",
        "I bought a Fiesta from you last week, can I collect it on Saturday?",
        "Mein Auto sollte heute fertig sein",
        "Wann kann ich mein neues Auto abholen?",
        "appen mag nog wel als er een onder de 20 binnenkomt",
        "let me know if you get one under 20k",
        "Hey can you text me when you get a cheap automatic in",
        "sag Bescheid wenn einer unter 20 reinkommt",
        "wanneer komt er weer een automaat binnen?",
    ] {
        let read = said(&[message], &fresh());
        assert!(read.len() == 1 && read[0].starts_with("ask_colleague"), "{message}: {read:?}");
    }
    check(&fresh(), &[("mijn auto moet apk", &["workshop"])]);
}

#[test]
fn a_price_under_a_condition_is_a_bid_and_an_hour_is_none() {
    let state = State { focus: vec!["opel-corsa-01".into()], topic: Topic::Cars, ..State::default() };
    for message in [
        "Als ik 12.000 in een keer betaal, kan dat dan?",
        "zou je 12.000 pakken?",
        "accepteer je 12.250?",
        "would you take 12?",
        "if i pay 12,000 in one go, would that work?",
        "wenn ich 12.000 bar zahle, geht das?",
        "gebt ihr ihn für 12 her?",
    ] {
        let read = first(message, &state);
        assert!(read.starts_with("bid"), "{message}: {read}");
    }
    for message in [
        "4 today?",
        "om 12 uur kan ook",
        "kan ik 4000 inleggen?",
        "heb je er een voor 12.000?",
        "um 12 heute?",
    ] {
        let read = first(message, &state);
        assert!(!read.starts_with("bid"), "{message}: {read}");
    }
}

#[test]
fn a_thing_that_is_no_car_is_not_looked_for_in_stock() {
    check(
        &fresh(),
        &[
            ("hebben jullie een waterkoeler voor mij?", &["ask_colleague"]),
            ("heb je een leuke auto voor me?", &["show"]),
            ("have you got something nice?", &["show"]),
            ("wa mot de Picanto kosten", &["tell Picanto [price]"]),
        ],
    );
    assert!(first("Can the 3 Series be shipped to Dublin?", &fresh()).starts_with("tell 3 Serie"));
}

#[test]
fn what_is_not_wanted_in_one_line_takes_nothing_out_of_the_next() {
    for message in [
        "kopen wil ik hem niet\nheb zelf een fiesta staan die weg kan, interesse",
        "i do not want to buy it\ni have an old fiesta standing here, would you have it off me",
        "kaufen will ich ihn nicht\nhabe einen alten fiesta übrig, interesse daran",
    ] {
        assert_eq!(said(&[message], &fresh()), ["trade_in Ford Fiesta"], "{message}");
    }
}
