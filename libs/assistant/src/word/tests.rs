use std::collections::BTreeSet;

use dealer::{BUILTIN, BUILTIN_INVENTORY};
use insta::assert_snapshot;
use jiff::civil::{date, time};

use super::*;
use crate::command::{Field, OwnCar, Reason};
use crate::piece::samples::{at, car, every_piece, facts_of_odd_cars, meriva, now, promise, quoted};
use crate::piece::{Answers, Ask, Fit, Miss, NameLine, Why};
use crate::task::TaskKind;

fn voice(language: Language, formal: bool) -> Voice {
    Voice { language, formal }
}

fn je(pieces: &[Piece]) -> String {
    say(pieces, Voice::default(), &Knowledge::builtin(), &now())
}

#[test]
fn every_piece_is_said_in_every_voice() {
    let knowledge = Knowledge::builtin();
    let bare = BUILTIN.replace("phone = \"+31341555010\"\n", "");
    let without_phone = Knowledge::of(std::sync::Arc::new(Dealer::parse(&bare, BUILTIN_INVENTORY).unwrap()));
    for piece in every_piece().into_iter().chain(facts_of_odd_cars()) {
        for language in Language::ALL {
            for formal in [false, true] {
                for knowledge in [&knowledge, &without_phone] {
                    let said = say(std::slice::from_ref(&piece), voice(language, formal), knowledge, &now());
                    assert!(!said.trim().is_empty(), "{piece:?}");
                    assert!(said.chars().count() < 1_000, "{piece:?}: {said}");
                    assert!(!said.contains(['{', '}', '|']), "{piece:?}: {said}");
                    assert!(
                        !said.contains("  ") && !said.contains(" ,") && !said.contains(" ."),
                        "{piece:?}: {said}"
                    );
                    assert!(!said.contains('_'), "a form no language names: {said}");
                    assert!(said.matches('?').count() <= 1, "{piece:?}: {said}");
                }
            }
        }
    }
}

#[test]
fn u_and_je_are_never_mixed() {
    let knowledge = Knowledge::builtin();
    let spoken = |text: &str| -> BTreeSet<String> {
        text.split(|char: char| !char.is_alphabetic()).map(str::to_owned).collect()
    };
    for piece in every_piece().iter().filter(|piece| **piece != Piece::Foreign) {
        let words = |language, formal| {
            spoken(&say(std::slice::from_ref(piece), voice(language, formal), &knowledge, &now()))
        };
        for (language, formal, others) in [
            (Language::Nl, true, ["je", "jij", "jouw", "jou", "Je"]),
            (Language::Nl, false, ["u", "uw", "U", "Uw", "uzelf"]),
            (Language::De, true, ["du", "dir", "dich", "dein", "deine"]),
            (Language::De, false, ["Sie", "Ihnen", "Ihr", "Ihre", "Ihren"]),
        ] {
            let said = words(language, formal);
            assert!(
                others.iter().all(|other| !said.contains(*other)),
                "{language} {formal} {piece:?}: {said:?}"
            );
        }
    }
}

#[test]
fn a_first_reply_reads_like_one_message() {
    let pieces = [
        Piece::Intro,
        Piece::CarFacts {
            car: car("renault-captur-01"),
            fields: vec![Field::Available, Field::Year, Field::Mileage, Field::Gearbox, Field::Price],
        },
        Piece::Unknown { car: None, about: vec![quoted("trekhaak")] },
        Piece::Unknown { car: None, about: vec![quoted("onderhoudshistorie")] },
        promise(TaskKind::Question, Answers::Soon),
        Piece::InviteDrive,
    ];
    assert_snapshot!(je(&pieces), @r#"
    Hallo! Ik ben de digitale assistent van Seldenrijk Auto. Typ "medewerker" als je liever iemand van ons spreekt.

    De Renault Captur staat er nog: 2020, 66.100 km, automaat, € 17.450. Over trekhaak en onderhoudshistorie staat niets in mijn gegevens. Een collega zoekt dat voor je uit en antwoordt je hier zo snel mogelijk.

    Zin in een proefrit? Zeg maar wanneer het je uitkomt.
    "#);
}

#[test]
fn a_booking_repeats_what_was_booked() {
    let booked =
        |name| [Piece::Booked { car: Some(car("renault-captur-01")), at: at("2026-11-28T10:00"), name }];
    assert_snapshot!(je(&booked(NameLine::Given(quoted("Sanne de Wit")))), @"Top Sanne, je proefrit met de Renault Captur staat op zaterdag 28 november om 10:00, bij Seldenrijk Auto, Hoofdstraat 1, Harderwijk. Hij staat op naam van Sanne de Wit. Neem je rijbewijs mee. Komt er iets tussen, laat het hier dan even weten.");
    let knowledge = Knowledge::builtin();
    assert_snapshot!(say(&booked(NameLine::Proposed(quoted("Tom"))), voice(Language::En, false), &knowledge, &now()), @"
    Done: your test drive of the Renault Captur is on Saturday 28 November at 10:00, at Seldenrijk Auto, Hoofdstraat 1, Harderwijk. Please bring your driving licence. If something comes up, just let me know here.

    I'll put it under the name Tom, all right?
    ");
    assert_snapshot!(say(&booked(NameLine::Asked), voice(Language::De, true), &knowledge, &now()), @"
    Gebucht: Ihre Probefahrt mit dem Renault Captur ist am Samstag, 28. November um 10:00, bei Seldenrijk Auto, Hoofdstraat 1, Harderwijk. Bringen Sie bitte Ihren Führerschein mit. Kommt etwas dazwischen, schreiben Sie mir kurz.

    Auf welchen Namen darf ich den Termin eintragen?
    ");
}

#[test]
fn moments_on_offer_are_numbered_under_the_true_reason() {
    let slots = vec![at("2026-11-28T10:00"), at("2026-11-28T11:00")];
    let piece =
        |why, moving| Piece::Slots { car: Some(car("vw-golf-02")), slots: slots.clone(), why, moving };
    assert_snapshot!(je(&[piece(None, None)]), @"
    Voor een proefrit met de Volkswagen Golf 1.5 eTSI Style DSG kan het op:
    1. zaterdag 28 november om 10:00
    2. zaterdag 28 november om 11:00
    Welke past je? Stuur het nummer.
    ");
    assert_snapshot!(je(&[piece(Some(Why::NotOnTheGrid(time(10, 30, 0, 0))), None)]), @"
    Om 10:30 begint er geen proefrit. Een proefrit met de Volkswagen Golf 1.5 eTSI Style DSG kan wel op:
    1. zaterdag 28 november om 10:00
    2. zaterdag 28 november om 11:00
    Welke past je? Stuur het nummer.
    ");
    assert_snapshot!(je(&[piece(Some(Why::Closed(date(2026, 11, 29))), Some(at("2026-12-01T09:00")))]), @"
    Op zondag 29 november zijn we gesloten. Je afspraak van dinsdag 1 december om 09:00 kan wel naar:
    1. zaterdag 28 november om 10:00
    2. zaterdag 28 november om 11:00
    Welke past je? Stuur het nummer.
    ");
}

#[test]
fn one_moment_is_asked_about_instead_of_numbered() {
    let piece = Piece::Slots {
        car: None,
        slots: vec![at("2026-11-30T10:00")],
        why: Some(Why::Full(date(2026, 11, 28))),
        moving: None,
    };
    assert_snapshot!(je(&[piece]), @"Op zaterdag 28 november is er geen plek meer. Een proefrit kan wel op maandag 30 november om 10:00. Zal ik dat voor je vastleggen?");
}

#[test]
fn what_several_colleagues_do_is_one_sentence() {
    let monday = || Answers::From(at("2026-11-30T09:00"));
    let pieces = [
        Piece::NoDiscount { car: Some(car("skoda-octavia-01")) },
        promise(TaskKind::Discount, monday()),
        Piece::TradeIn { own: OwnCar { mileage_km: None, plate: None, ..meriva() } },
        promise(TaskKind::TradeIn, monday()),
        promise(TaskKind::CallBack, monday()),
    ];
    assert_snapshot!(je(&pieces), @"
    Over korting kan ik zelf niets toezeggen; de vraagprijs van de Skoda Octavia is € 14.750. Inruilen kan van je Opel Meriva. Stuur me het kenteken en de kilometerstand, en graag wat foto's. Een bedrag hoor je van een collega, niet van mij.

    Een collega bespreekt de prijs met je, bekijkt je inruilauto en belt je. We zijn nu gesloten, dus dat wordt vanaf maandag om 09:00.
    ");
}

#[test]
fn a_person_takes_over_and_says_when() {
    let pieces = [
        Piece::Intro,
        Piece::HandOver { reason: Reason::Complaint, answers: Answers::From(at("2026-11-28T09:00")) },
    ];
    assert_snapshot!(say(&pieces, voice(Language::Nl, true), &Knowledge::builtin(), &now()), @r#"
    Hallo! Ik ben de digitale assistent van Seldenrijk Auto. Typ "medewerker" als u liever iemand van ons spreekt.

    Wat vervelend om te horen. Ik haal er een medewerker bij; die leest dit gesprek en antwoordt u hier. We zijn nu gesloten, dus dat wordt vanaf morgen om 09:00.
    "#);
}

#[test]
fn cars_that_come_near_say_what_they_miss() {
    let near = || Piece::Cars {
        fit: Fit::Nearest(vec![Miss::Model, Miss::Price, Miss::Color]),
        cars: vec![car("vw-id3-01"), car("kia-niro-01")],
    };
    assert_snapshot!(je(&[near()]), @"
    Precies dat hebben we nu niet staan. Dit komt het dichtst in de buurt (let op: een ander model, iets duurder of een andere kleur):
    • Volkswagen ID.3 Pro Performance 58 kWh, 2021, 45.600 km, elektrisch, automaat, blauw: € 22.950
    • Kia Niro 64 kWh e-Niro ExecutiveLine, 2020, 83.500 km, elektrisch, automaat, grijs: € 20.950
    ");
    let tesla = Piece::NotInStock { named: "Tesla Model 3".into() };
    assert_snapshot!(say(&[tesla, near()], voice(Language::De, false), &Knowledge::builtin(), &now()), @"
    Einen Tesla Model 3 haben wir zurzeit nicht da.

    In die Nähe kommt (Achtung: etwas teurer oder eine andere Farbe):
    • Volkswagen ID.3 Pro Performance 58 kWh, 2021, 45.600 km, elektrisch, Automatik, blau: € 22.950
    • Kia Niro 64 kWh e-Niro ExecutiveLine, 2020, 83.500 km, elektrisch, Automatik, grau: € 20.950
    ");
}

#[test]
fn a_list_is_not_shown_twice() {
    let cars = vec![car("vw-polo-02"), car("vw-polo-03")];
    let said = je(&[Piece::Cars { fit: Fit::All, cars: cars.clone() }, Piece::Ask(Ask::WhichCar(cars))]);
    assert_eq!(said.matches("Highline").count(), 1, "{said}");
}

#[test]
fn practical_questions_are_answered_side_by_side() {
    let pieces = [Piece::Address, Piece::OpeningHours { day: Some(date(2026, 11, 29)) }, Piece::PhoneNumber];
    assert_snapshot!(je(&pieces), @"Je vindt ons op Hoofdstraat 1, Harderwijk. Op zondag 29 november zijn we gesloten; op maandag 30 november zijn we er weer vanaf 09:00. Je kunt ons bellen op 0341-555010.");
}

#[test]
fn who_opts_out_is_told_the_way_back_and_what_stands() {
    assert_snapshot!(je(&[Piece::OptedOut { appointment: Some(at("2026-11-28T10:00")) }]), @"Je krijgt geen berichten meer van ons. Wil je ze later weer, stuur dan START. Je afspraak op zaterdag 28 november om 10:00 blijft staan; afzeggen kan op 0341-555010.");
}

#[test]
fn facts_are_told_in_one_sentence() {
    let facts = |id: &str, fields: &[Field]| je(&[Piece::CarFacts { car: car(id), fields: fields.to_vec() }]);
    assert_snapshot!(facts("renault-captur-01", &[]), @"De Renault Captur staat er nog: 2020, 66.100 km, benzine, automaat, oranje, € 17.450.");
    assert_snapshot!(facts("vw-golf-03", &[Field::Fuel, Field::Gearbox, Field::Price]), @"De Volkswagen Golf 1.4 TSI GTE is een plug-in hybride, is een automaat en kost € 22.450.");
    assert_snapshot!(facts("kia-niro-01", &[Field::Plate, Field::Photos]), @"De Kia Niro heeft kenteken H-453-XF. Foto's van de Kia Niro heb ik hier niet bij de hand.");
    assert_snapshot!(facts("seat-ibiza-01", &[Field::Available]), @"Ja, de Seat Ibiza staat er nog.");
}

#[test]
fn a_dealer_says_it_in_his_own_words() {
    let own = BUILTIN.to_owned() + "\n[texts.nl]\nthanks = \"Graag, {je|u} bent altijd welkom!\"\n";
    let own = own.replace("[texts] #", "# [texts]");
    let knowledge = Knowledge::of(std::sync::Arc::new(Dealer::parse(&own, BUILTIN_INVENTORY).unwrap()));
    assert_eq!(
        say(&[Piece::Thanks], voice(Language::Nl, true), &knowledge, &now()),
        "Graag, u bent altijd welkom!"
    );
}

#[test]
fn whoever_waits_is_spoken_to_with_sie_in_german() {
    let dealer = Dealer::builtin();
    assert!(hold(&dealer, "de").ends_with("meldet sich bei Ihnen."));
    assert!(hold(&dealer, "").ends_with("contact met je op."));
}

#[test]
fn the_question_comes_last_and_a_car_is_named_once() {
    let there = |id: &str| Piece::CarFacts { car: car(id), fields: vec![Field::Available] };
    assert_snapshot!(je(&[there("ford-fiesta-01"), there("seat-ibiza-01")]), @"Ja, de Ford Fiesta en de Seat Ibiza staan er nog.");
    let kona = || Some(car("hyundai-kona-01"));
    let pieces = [
        Piece::Slots {
            car: kona(),
            slots: vec![at("2026-11-28T13:00"), at("2026-11-28T14:00")],
            why: None,
            moving: None,
        },
        Piece::Unknown { car: kona(), about: vec![quoted("CarPlay")] },
        promise(TaskKind::Question, Answers::Soon),
    ];
    assert_snapshot!(say(&pieces, voice(Language::En, false), &Knowledge::builtin(), &now()), @"
    There is nothing about CarPlay in my records. A colleague will find that out for you and answer you here as soon as possible.

    For a test drive of the Hyundai Kona we have:
    1. Saturday 28 November at 13:00
    2. Saturday 28 November at 14:00
    Which one suits you? Send the number.
    ");
}
