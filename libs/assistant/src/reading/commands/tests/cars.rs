//! Cars asked about, wished for and owned, and the money for them.

use super::{asked, check, fresh, offered, said};
use crate::state::{Asked, PastTurn, State, Topic};

#[test]
fn definite_cars_are_asked_about() {
    check(
        &fresh(),
        &[
            ("staat die rode Kona er nog?", &["tell Kona red [available]"]),
            ("wat vraag je voor de Corolla", &["tell Corolla [price]"]),
            ("hoeveel heeft de A-klasse gelopen en uit welk jaar is ie", &["tell A-Klasse [mileage,year]"]),
            ("is de zilveren Golf handgeschakeld?", &["tell Golf silver [gearbox]"]),
            ("Does the Picanto have isofix?", &["tell Picanto [\"isofix\"]"]),
            ("Hat der Fabia eine Anhängerkupplung?", &["tell Fabia [\"Anhängerkupplung\"]"]),
            ("is de auto met kenteken J-135-TG nog te koop", &["tell J135TG [available]"]),
            ("welke is groter, de Kuga of de Tiguan?", &["tell Kuga+Tiguan [\"welke is groter?\"]"]),
            (
                "hoe snel laadt de ID.3 en wat weegt ie",
                &["tell ID.3 [\"hoe snel laadt de ID.3?\",\"wat weegt ie?\"]"],
            ),
            ("fiesta?", &["tell Fiesta []"]),
        ],
    );
}

#[test]
fn wishes_are_gathered_excluded_and_corrected() {
    check(
        &fresh(),
        &[
            (
                "ik zoek een stationwagen op benzine of hybride, max 19k",
                &["show petrol hybrid estate <=19000"],
            ),
            ("hebben jullie een suv, liever geen diesel en niet zwart", &["show suv not diesel not black"]),
            ("Clio, nee wacht, een Captur. Tot 18.000, oh nee 17.000", &["show Captur <=17000"]),
            ("Do you have anything for a family, under 20k?", &["show <=20000 family"]),
            ("Suche einen Kombi mit Automatik bis 21.000 Euro", &["show automatic estate <=21000"]),
            ("iets met een hoge instap voor mijn moeder, automaat", &["show automatic highseat"]),
            ("heb je ook iets anders met automaat?", &["show automatic afresh"]),
            ("wat is de goedkoopste?", &["show cheapest"]),
        ],
    );
}

#[test]
fn places_and_colours_point_at_the_cars_shown() {
    let shown = State {
        shown: vec!["ford-fiesta-01".into(), "kia-picanto-01".into()],
        topic: Topic::Cars,
        ..State::default()
    };
    check(
        &shown,
        &[
            ("de tweede", &["tell #2 []"]),
            ("die blauwe", &["tell blue []"]),
            ("doe de eerste maar. zaterdag rijden?", &["drive #1 28/11"]),
            ("welke heeft minder gelopen?", &["tell fewestkilometres [mileage]"]),
            ("which of the two has fewer km?", &["tell fewestkilometres [mileage]"]),
            ("Welcher von beiden ist weniger gelaufen?", &["tell fewestkilometres [mileage]"]),
        ],
    );
    let which = asked(Asked::WhichCar {
        cars: vec!["a".into(), "b".into()],
        when: None,
        about: Vec::new(),
        times: 0,
    });
    check(&which, &[("2", &["pick 2"]), ("de rode", &["tell red []"])]);
}

#[test]
fn en_de_kuga_asks_the_same_of_another_car() {
    let turns = vec![PastTurn { customer: "wat kost de Tiguan?".into(), reply: String::new() }];
    let state = State { turns, topic: Topic::Cars, focus: vec!["vw-tiguan-01".into()], ..State::default() };
    check(&state, &[("en de kuga?", &["tell Kuga [price]"])]);
}

#[test]
fn money_is_bid_asked_off_and_paid() {
    check(
        &fresh(),
        &[
            ("ik geef 11.000 voor de Fiesta", &["bid Fiesta 11000"]),
            ("voor 15500 neem ik die Yaris mee", &["bid Yaris 15500"]),
            ("Would you take 9,000 for the Picanto?", &["bid Picanto 9000"]),
            ("Ich biete 13.000 für den Ibiza", &["bid Ibiza 13000"]),
            ("kan er 750 euro af?", &["discount"]),
            ("zit er nog rek in de prijs van de Kuga", &["discount Kuga"]),
            ("What's your best price on the V60?", &["discount V60"]),
            ("ik wil de i10 kopen", &["buy i10"]),
            ("kun je die Octavia voor me reserveren?", &["buy Octavia reserve"]),
            ("kan de Clio ook gefinancierd worden?", &["finance Clio"]),
        ],
    );
}

#[test]
fn the_customers_own_car_is_never_the_wanted_one() {
    check(
        &fresh(),
        &[
            ("wat krijg ik voor mijn Renault Megane uit 2013?", &["trade_in Renault Megane 2013"]),
            (
                "ik wil mijn Corsa inruilen, 98.000 km, kenteken 12-ABC-3",
                &["trade_in Opel Corsa 12ABC3 98000km"],
            ),
            ("mijn Golf heeft een apk nodig, kan dat dinsdag?", &["workshop Volkswagen Golf 01/12"]),
            ("Meine Bremsen quietschen", &["workshop"]),
        ],
    );
    let valued = State { topic: Topic::TradeIn, ..asked(Asked::OwnCar) };
    check(&valued, &[("134.500", &["trade_in 134500km"]), ("12-ABC-3", &["trade_in 12ABC3"])]);
    let workshop = State { topic: Topic::Workshop, ..State::default() };
    check(&workshop, &[("dinsdag?", &["moment 01/12"]), ("krijg ik dan een leenauto?", &["ask_colleague"])]);
}

#[test]
fn facts_are_asked_by_another_word() {
    check(
        &fresh(),
        &[
            ("waarop rijdt de Tiguan?", &["tell Tiguan [fuel]"]),
            ("is de A3 een handbak?", &["tell A3 [gearbox]"]),
            ("wat voor bak zit er in de Astra", &["tell Astra [gearbox]"]),
            ("klopt het dat de e-2008 dik 21 mille kost?", &["tell e-2008 [price]"]),
            ("servus is der kona ein plugin oder vollhybrid", &["tell Kona [fuel]"]),
            ("Habt ihr noch den ID.3?", &["tell ID.3 [available]"]),
            ("en de rode ibiza, welk jaar is die", &["tell Ibiza red [year]"]),
        ],
    );
}

#[test]
fn who_wants_a_car_kept_or_signed_for_buys_and_who_asks_how_does_not() {
    check(
        &fresh(),
        &[
            ("Wij willen die grijze Clio graag hebben", &["buy Clio grey"]),
            ("Kunnen jullie de Volvo tot zaterdag apart zetten?", &["buy Volvo reserve"]),
            ("Could you hold the Kona for me until Friday?", &["buy Kona reserve"]),
            ("Können Sie den Volvo bis Samstag zurückstellen?", &["buy Volvo reserve"]),
        ],
    );
    for message in [
        "welke documenten moet ik meenemen als ik de auto kom ophalen",
        "hoe hoog is de aanbetaling om een auto te reserveren?",
        "muss ich ne Anzahlung machen wenn ich reservieren lass?",
        "Before I buy the Fabia I'd like a longer drive",
        "mag ik de winterset ophalen op zaterdag?",
    ] {
        let read = said(&[message], &fresh());
        assert!(read.iter().all(|command| !command.starts_with("buy")), "{message}: {read:?}");
    }
}

#[test]
fn two_cars_are_driven_each_at_its_own_hour() {
    check(
        &fresh(),
        &[
            (
                "ik twijfel tussen de Yaris en de Clio hybride en wil ze allebei rijden zaterdag",
                &["drive Yaris 28/11", "drive Clio hybrid 28/11"],
            ),
            (
                "208 om 10 uur en de Yaris om 11 uur, zaterdag",
                &["drive 208 28/11 10:00", "drive Yaris 28/11 11:00"],
            ),
            ("zaterdag 2 autos rijden, Captur en Kona", &["drive Captur 28/11", "drive Kona 28/11"]),
            (
                "I can't choose between the Yaris and the Niro, can I drive both on Saturday?",
                &["drive Yaris 28/11", "drive Niro 28/11"],
            ),
            (
                "Ich schwanke zwischen dem Yaris und dem Clio Hybrid und möchte beide am Samstag fahren",
                &["drive Yaris 28/11", "drive Clio hybrid 28/11"],
            ),
        ],
    );
    let spoken_of = State { offered_car: Some("toyota-yaris-01".into()), ..offered() };
    check(
        &spoken_of,
        &[("11:00 for the Yaris, 2pm for the Niro", &["drive Yaris 11:00", "drive Niro 14:00"])],
    );
}

#[test]
fn a_car_is_taken_in_any_order_of_words() {
    let spoken_of = State { focus: vec!["toyota-aygo-01".into()], topic: Topic::Cars, ..fresh() };
    check(
        &spoken_of,
        &[
            ("die rode aygo wil ik hebben", &["buy Aygo red"]),
            ("doe mij die aygo maar", &["buy Aygo"]),
            ("die moet ik hebben", &["buy"]),
            ("i'll have the red aygo please", &["buy Aygo red"]),
            ("den roten aygo will ich haben", &["buy Aygo red"]),
            ("die wil ik wel eens rijden", &["drive"]),
            ("doe mij die aygo maar om te proberen", &["drive Aygo"]),
            ("that one please", &["tell []"]),
            ("die dan", &["tell []"]),
            ("die wil ik", &["tell []"]),
            ("stop it 😂 that's so cheap", &["thanks"]),
            ("wat een koopje", &["thanks"]),
            ("hör auf, so billig", &["thanks"]),
        ],
    );
}

#[test]
fn wishes_are_said_by_the_life_they_are_for() {
    check(
        &fresh(),
        &[
            ("kan niet meer schakelen door mn knie, wat hebben jullie", &["show automatic"]),
            (
                "can't drive stick since my knee surgery, what have you got around 17k?",
                &["show automatic <=17000 nearlimit"],
            ),
            ("wat heb je rond de 17 mille?", &["show <=17000 nearlimit"]),
            ("um die 17.000, was habt ihr?", &["show <=17000 nearlimit"]),
            ("got any stick shift wagons?", &["show manual estate"]),
            ("iets hoogs om in te stappen, max 20 mille", &["show <=20000 highseat"]),
            ("etwas Hohes zum Einsteigen, bis 20.000", &["show <=20000 highseat"]),
            ("5 kids, what fits?", &["show family"]),
            ("wij hebben 5 kids, wat past er?", &["show family"]),
            ("past de fiets erin? zoek iets tot 15000", &["show <=15000 family"]),
            ("der Hund muss hinten rein, Budget 16.000", &["show <=16000 family"]),
            ("mostly motorway driving, up to 18k", &["show <=18000"]),
            ("isofix x3 nodig, max 25000", &["tell [\"isofix\"]", "show <=25000"]),
            ("Dan heb ik vakantie", &["unclear"]),
        ],
    );
}

#[test]
fn a_list_is_narrowed_and_what_was_wished_before_stays() {
    let shown = ["toyota-yaris-01", "opel-corsa-02", "renault-clio-02"].map(str::to_owned).to_vec();
    let listed = State { shown, topic: Topic::Cars, ..fresh() };
    check(
        &listed,
        &[
            ("alleen de automaten", &["show automatic"]),
            ("only the hybrids", &["show hybrid"]),
            ("nur die Automatik", &["show automatic"]),
            ("en in het grijs?", &["show grey"]),
            ("liefst een kleintje", &["show small"]),
            ("voor 3 kids", &["show family"]),
            ("something higher up", &["show highseat"]),
            ("tot 22 mag ook", &["show <=22000"]),
        ],
    );
}

#[test]
fn few_kilometres_order_and_exclude_nothing() {
    for message in [
        "ik zoek een automaat met niet te veel kilometers tot 18.000 euro",
        "we zoeken een automaat, liefst weinig kilometers, tot € 18.000",
        "looking for an automatic with not too many kilometres up to €18,000",
        "looking for an automatic, preferably low mileage, up to 18,000 euros",
        "wir suchen einen Automatik, gern wenig gelaufen, bis 18.000 €",
    ] {
        let read = said(&[message], &fresh());
        assert_eq!(read, ["show automatic <=18000 fewestkilometres"], "{message}");
    }
}

#[test]
fn a_reason_beside_a_question_is_no_search() {
    for message in [
        "zit er trekhaak op de kuga? heb m nodig voor de aanhanger",
        "zit er trekhaak op trouwens, heb m nodig voor de aanhanger",
        "heeft de kuga een trekhaak? heb hem nodig voor mn werk",
        "does the kuga have a tow bar? need it for towing",
        "does the kuga have a towbar, for towing a trailer",
        "hat der kuga eine ahk? ich brauch ihn für den anhänger",
        "hat der Kuga Anhängerkupplung, brauche sie für den Wohnwagen",
    ] {
        let read = said(&[message], &fresh());
        assert!(!read.iter().any(|read| read.starts_with("show")), "{message}: {read:?}");
        assert!(read.iter().any(|read| read.starts_with("tell")), "{message}: {read:?}");
    }
    assert_eq!(said(&["heb een auto nodig"], &fresh()), ["show"]);
}
