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
    insta::assert_snapshot!(customer.transcript, @r"");
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
    insta::assert_snapshot!(customer.transcript, @r"");
    assert_eq!(customer.agenda.bookings().len(), 1);
}
