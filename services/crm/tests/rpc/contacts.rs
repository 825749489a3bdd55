//! Reading, scoring, listing and forgetting contacts.

use proto::crm::v1::LeadStatus::{Cold, Hot, Warm};
use proto::crm::v1::{ListContactsRequest, RecordInteractionRequest, ScoreLeadRequest, Signals};
use proto::privacy::v1::{EraseRequest, ExportRequest};
use tonic::Code;

use crate::support::{JAN, interaction, on_both_engines, reason};

const PIET: &str = "+31687654321";

#[tokio::test]
async fn nobody_is_not_found() {
    on_both_engines(async |world| {
        let error = world.contact(JAN).await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::NotFound, "CONTACT_NOT_FOUND"));
    })
    .await;
}

#[tokio::test]
async fn a_contact_without_a_phone_number_is_a_contact() {
    on_both_engines(async |world| {
        for (nth, address) in
            ["NL.13491208655302741918", "123456@lid", "chatwoot:1:42"].into_iter().enumerate()
        {
            let request = RecordInteractionRequest {
                phone: address.into(),
                ..interaction(&nth.to_string(), Signals::default())
            };
            assert!(world.record(request).await.unwrap().contact_created);
            assert_eq!(world.contact(address).await.unwrap().phone, address);
        }
    })
    .await;
}

#[tokio::test]
async fn scoring_adds_to_what_is_stored_and_stores_nothing() {
    on_both_engines(async |world| {
        let ask = async |phone: &str, signals: Signals| {
            let request = ScoreLeadRequest { phone: phone.into(), signals: Some(signals) };
            world.client.clone().score_lead(request).await.unwrap().into_inner()
        };
        let budget = Signals { budget: true, ..Default::default() };
        let unknown = ask(JAN, budget).await;
        assert_eq!((unknown.score, unknown.status()), (20, Cold));
        world.record(interaction("1", Signals { car: true, ..Default::default() })).await.unwrap();
        let known = ask(JAN, budget).await;
        assert_eq!((known.score, known.status()), (50, Warm));
        assert_eq!(known.breakdown, [("car".to_owned(), 30), ("budget".to_owned(), 20)].into());
        assert_eq!(ask("", budget).await.score, 20, "without a phone the signals alone count");
        assert_eq!(world.contact(JAN).await.unwrap().score, 30);
    })
    .await;
}

#[tokio::test]
async fn who_wants_to_buy_is_hot_with_the_points_as_they_are_and_stays_so() {
    on_both_engines(async |world| {
        world.record(interaction("1", Signals { car: true, ..Default::default() })).await.unwrap();
        world.record(interaction("2", Signals { buying: true, ..Default::default() })).await.unwrap();
        world.record(interaction("3", Signals { budget: true, ..Default::default() })).await.unwrap();
        let contact = world.contact(JAN).await.unwrap();
        assert_eq!((contact.score, contact.status()), (50, Hot));
        assert_eq!(contact.breakdown, [("car".to_owned(), 30), ("budget".to_owned(), 20)].into());
    })
    .await;
}

#[tokio::test]
async fn contacts_are_listed_by_score_page_by_page() {
    on_both_engines(async |world| {
        let hot = Signals { car: true, budget: true, urgency: true, test_drive: true, ..Default::default() };
        for (nth, signals) in [
            Signals::default(),
            Signals { car: true, ..Default::default() },
            hot,
            Signals { car: true, ..Default::default() },
            Signals { financing: true, ..Default::default() },
        ]
        .into_iter()
        .enumerate()
        {
            let request = RecordInteractionRequest {
                phone: format!("+3161234567{nth}"),
                ..interaction(&nth.to_string(), signals)
            };
            world.record(request).await.unwrap();
        }
        let mut pages = Vec::new();
        let mut request = ListContactsRequest { page_size: 2, page_token: String::new() };
        loop {
            let page = world.client.clone().list_contacts(request.clone()).await.unwrap().into_inner();
            pages.push(page.contacts);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        let scores: Vec<Vec<i32>> =
            pages.iter().map(|page| page.iter().map(|contact| contact.score).collect()).collect();
        assert_eq!(scores, [vec![90, 30], vec![30, 10], vec![0]]);
        assert_eq!(pages[0][0].status(), Hot);
        let mut phones: Vec<&str> = pages.iter().flatten().map(|contact| contact.phone.as_str()).collect();
        phones.sort_unstable();
        phones.dedup();
        assert_eq!(phones.len(), 5, "nobody is listed twice");

        let wrong = ListContactsRequest { page_token: "?".into(), ..Default::default() };
        assert_eq!(
            world.client.clone().list_contacts(wrong).await.unwrap_err().code(),
            Code::InvalidArgument
        );
    })
    .await;
}

#[tokio::test]
async fn a_person_who_asks_gets_everything_and_can_be_forgotten() {
    on_both_engines(async |world| {
        world.record(interaction("1", Signals { car: true, ..Default::default() })).await.unwrap();
        let other = RecordInteractionRequest { phone: PIET.into(), ..interaction("2", Signals::default()) };
        world.record(other).await.unwrap();
        let contact = JAN.to_owned();
        let export =
            world.privacy.export(ExportRequest { contact: contact.clone() }).await.unwrap().into_inner().json;
        assert!(export.contains("asked about a car") && export.contains(JAN) && !export.contains(PIET));

        let erase = EraseRequest { contact };
        let receipt = world.privacy.erase(erase.clone()).await.unwrap().into_inner().receipt;
        assert_eq!(receipt, "crm: 1 contact, 1 interactions and 0 deals erased");
        assert_eq!(world.contact(JAN).await.unwrap_err().code(), Code::NotFound);
        assert!(world.contact(PIET).await.is_ok());
        let again = world.privacy.erase(erase).await.unwrap().into_inner().receipt;
        assert_eq!(again, "crm: nothing was held");
    })
    .await;
}
