//! The dialogue of the demonstration, word for word.

use super::fakes::Customer;
use crate::agents::{BookingAction, Media, Signals};

#[tokio::test]
async fn the_demonstration_ends_in_a_booked_test_drive() {
    let mut customer = Customer::new();
    customer.says(&["Hallo, ik zoek een auto"]).await;
    customer.says(&["Een Golf automaat tot 20.000 euro, of nee toch een Polo"]).await;
    customer.sends(Media::Photo).await;
    customer.says(&["Kan ik zaterdag een proefrit maken?"]).await;
    let booked = customer.says(&["doe maar 2"]).await;
    customer.says(&["Top, dankjewel!"]).await;
    insta::assert_snapshot!(customer.transcript, @r#"
    customer: Hallo, ik zoek een auto
    dealer: Hallo! Ik ben de digitale assistent van Seldenrijk Auto. Wil je liever een medewerker spreken? Typ dan "medewerker".

    Leuk dat je een auto zoekt! Heb je al een merk of model op het oog, en wat is je budget? Benzine, hybride of elektrisch, automaat of schakel: laat het maar weten.
    customer: Een Golf automaat tot 20.000 euro, of nee toch een Polo
    dealer: Dit hebben we nu staan:
    • Volkswagen Polo 1.0 TSI Highline DSG, 2020, 48.900 km, benzine, automaat, grijs: € 17.950
    Zin in een proefrit? Zeg maar wanneer het je uitkomt.
    customer: [Photo]
    dealer: Bedankt voor de foto! Zelf kan ik er niet op zien wat je bedoelt; een collega kan hem wel bekijken. Waar gaat het over?
    customer: Kan ik zaterdag een proefrit maken?
    dealer: Voor een proefrit met de Volkswagen Polo kan het op:
    1. zaterdag 14 maart om 09:00
    2. zaterdag 14 maart om 11:00
    3. zaterdag 14 maart om 14:00
    4. zaterdag 14 maart om 16:00
    Welke past je? Stuur het nummer.
    customer: doe maar 2
    dealer: Top Samira, je proefrit met de Volkswagen Polo staat op zaterdag 14 maart om 11:00, bij Seldenrijk Auto, Hoofdstraat 1, Harderwijk. Op naam van Samira Bakker. Neem je rijbewijs mee. Kan het toch niet? Laat het me even weten.
    customer: Top, dankjewel!
    dealer: Graag gedaan! Tot zaterdag 14 maart om 11:00.
    "#);
    assert!(matches!(booked.booking, BookingAction::Held { .. }));
    assert_eq!(customer.agenda.bookings().len(), 1);
    assert_eq!(customer.crm.recorded(), 6);
    let signals = Signals { car: true, budget: true, test_drive: true, ..Signals::default() };
    assert_eq!(customer.memory.lead.signals, signals);
}

#[tokio::test]
async fn it_speaks_english_and_german_too() {
    let mut customer = Customer::new();
    customer.contact.name = None;
    customer.says(&["Hi, do you have an automatic Yaris under 18k?"]).await;
    customer.says(&["Could I take it for a test drive on Friday afternoon?"]).await;
    customer.says(&["the first one please"]).await;
    customer.says(&["Oliver Grant"]).await;
    customer.says(&["Wie viel kostet der Peugeot 208?"]).await;
    insta::assert_snapshot!(customer.transcript, @r#"
    customer: Hi, do you have an automatic Yaris under 18k?
    dealer: Hello! I'm the automated assistant of Seldenrijk Auto. Rather talk to a person? Just type "staff".

    This is what we have in stock:
    • Toyota Yaris 1.5 Hybrid Active, 2019, 71,400 km, hybrid, automatic, white: € 15,750
    Fancy a test drive? Just say when it suits you.
    customer: Could I take it for a test drive on Friday afternoon?
    dealer: For a test drive of the Toyota Yaris we have:
    1. Friday 13 March at 09:00
    2. Friday 13 March at 11:00
    3. Friday 13 March at 14:00
    4. Friday 13 March at 16:00
    Which one suits you? Send the number.
    customer: the first one please
    dealer: What name shall I put the appointment under?
    customer: Oliver Grant
    dealer: Done Oliver: your test drive of the Toyota Yaris is on Friday 13 March at 09:00, at Seldenrijk Auto, Hoofdstraat 1, Harderwijk. Under the name Oliver Grant. Please bring your driving licence. Can't make it? Just let me know.
    customer: Wie viel kostet der Peugeot 208?
    dealer: Der Peugeot 208 1.2 PureTech Allure (2020, 57.900 km) kostet € 14.450.
    Lust auf eine Probefahrt? Schreiben Sie einfach, wann es Ihnen passt.
    "#);
    assert_eq!(customer.agenda.bookings().len(), 1);
}
