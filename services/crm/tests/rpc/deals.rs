//! Deals.

use std::time::Duration;

use futures::future::join_all;
use proto::crm::v1::{CreateDealRequest, Deal, ListDealsRequest, Signals};
use tonic::{Code, Status};

use crate::support::{JAN, World, interaction, on_both_engines, reason};

fn golf(idempotency_key: &str) -> CreateDealRequest {
    CreateDealRequest {
        idempotency_key: idempotency_key.to_owned(),
        phone: "31612345678".to_owned(),
        name: "Volkswagen Golf".to_owned(),
        amount_eur: 18_950,
    }
}

async fn create(world: &World, request: CreateDealRequest) -> Result<Deal, Status> {
    Ok(world.client.clone().create_deal(request).await?.into_inner().deal.unwrap())
}

#[tokio::test]
async fn a_deal_is_opened_once_for_a_known_contact() {
    on_both_engines(async |world| {
        let error = create(world, golf("a")).await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::NotFound, "CONTACT_NOT_FOUND"));
        world.record(interaction("1", Signals::default())).await.unwrap();

        let deals = join_all((0..10).map(|_| create(world, golf("a")))).await;
        let deals: Vec<Deal> = deals.into_iter().map(Result::unwrap).collect();
        assert!(deals.iter().all(|deal| *deal == deals[0]));
        assert_eq!(
            (deals[0].phone.as_str(), deals[0].amount_eur, deals[0].stage.as_str()),
            (JAN, 18_950, "open")
        );
        let error = create(world, CreateDealRequest { amount_eur: -1, ..golf("b") }).await.unwrap_err();
        assert_eq!(error.message(), "amount_eur must not be negative");
    })
    .await;
}

#[tokio::test]
async fn deals_are_listed_newest_first_page_by_page() {
    on_both_engines(async |world| {
        world.record(interaction("1", Signals::default())).await.unwrap();
        for name in ["a", "b", "c", "d", "e"] {
            create(world, CreateDealRequest { name: name.into(), ..golf(name) }).await.unwrap();
            if name != "c" {
                world.clock.advance(Duration::from_secs(1));
            }
        }
        let mut names = Vec::new();
        let mut request = ListDealsRequest { page_size: 2, page_token: String::new() };
        loop {
            let page = world.client.clone().list_deals(request.clone()).await.unwrap().into_inner();
            names.push(page.deals.iter().map(|deal| deal.name.as_str()).collect::<String>());
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(names, ["ed", "cb", "a"]);
    })
    .await;
}
