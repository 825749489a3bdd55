//! Recording interactions: once, all of it, and truthfully told again.

use std::collections::HashMap;

use futures::future::join_all;
use proto::crm::v1::LeadStatus::{Cold, Hot, Warm};
use proto::crm::v1::{RecordInteractionRequest, Signals};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{JAN, interaction, on_both_engines, with_scoring};

fn map<V: Copy>(entries: &[(&str, V)]) -> HashMap<String, V> {
    entries.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

fn interests(entries: &[(&str, &str)]) -> HashMap<String, String> {
    entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn the_first_interaction_makes_a_contact_and_the_first_signal_a_lead() {
    on_both_engines(async |world| {
        let greeting = world.record(interaction("1", Signals::default())).await.unwrap();
        assert!(greeting.contact_created && !greeting.lead_created);
        assert_eq!((greeting.score, greeting.status()), (0, Cold));

        let car = world.record(interaction("2", Signals { car: true, ..Default::default() })).await.unwrap();
        assert!(!car.contact_created && car.lead_created);
        assert_eq!((car.score, car.status()), (30, Cold));
        assert_eq!(car.contact_id, greeting.contact_id);

        let drive = Signals { test_drive: true, ..Default::default() };
        let drive = world.record(interaction("3", drive)).await.unwrap();
        assert!(!drive.contact_created && !drive.lead_created);
        assert_eq!((drive.score, drive.status()), (50, Warm));
    })
    .await;
}

#[tokio::test]
async fn a_repeat_changes_nothing_and_is_told_what_the_first_was_told() {
    on_both_engines(async |world| {
        let request = interaction("1", Signals { car: true, budget: true, ..Default::default() });
        let first = world.record(request.clone()).await.unwrap();
        assert!(first.contact_created && first.lead_created);
        let everything = Signals {
            car: true,
            budget: true,
            urgency: true,
            test_drive: true,
            trade_in: true,
            contact_details: true,
            financing: true,
            buying: false,
        };
        let second = world.record(interaction("2", everything)).await.unwrap();
        assert_eq!((second.score, second.status()), (125, Hot));

        for _ in 0..3 {
            assert_eq!(world.record(request.clone()).await.unwrap(), first);
        }
        let contact = world.contact(JAN).await.unwrap();
        assert_eq!((contact.interactions, contact.score), (2, 125));
    })
    .await;
}

#[tokio::test]
async fn signals_add_up_and_are_never_taken_back() {
    on_both_engines(async |world| {
        for (key, signals) in [
            ("1", Signals { car: true, ..Default::default() }),
            ("2", Signals::default()),
            ("3", Signals { trade_in: true, ..Default::default() }),
            ("4", Signals { car: true, ..Default::default() }),
        ] {
            world.record(interaction(key, signals)).await.unwrap();
        }
        let contact = world.contact(JAN).await.unwrap();
        assert_eq!((contact.score, contact.status()), (45, Warm));
        assert_eq!(contact.breakdown, map(&[("car", 30), ("trade_in", 15)]));
    })
    .await;
}

#[tokio::test]
async fn what_is_known_stays_and_what_is_newer_replaces() {
    on_both_engines(async |world| {
        let first = RecordInteractionRequest {
            contact_name: "Jan".into(),
            email: "jan@example.org".into(),
            interests: interests(&[("make", "Volkswagen"), ("model", "Polo")]),
            ..interaction("1", Signals::default())
        };
        let created = world.clock.clone();
        world.record(first).await.unwrap();
        created.advance(std::time::Duration::from_mins(1));
        let second = RecordInteractionRequest {
            phone: "whatsapp:+31612345678".into(),
            contact_name: "Jan Jansen".into(),
            interests: interests(&[("model", "Golf"), ("fuel", "petrol"), ("color", "")]),
            ..interaction("2", Signals::default())
        };
        world.record(second).await.unwrap();

        let contact = world.contact("31612345678@c.us").await.unwrap();
        assert_eq!(
            (contact.phone.as_str(), contact.name.as_str(), contact.email.as_str()),
            (JAN, "Jan Jansen", "jan@example.org")
        );
        assert_eq!(
            contact.interests,
            interests(&[("make", "Volkswagen"), ("model", "Golf"), ("fuel", "petrol")])
        );
        let (created_at, updated_at) = (contact.created_at.unwrap(), contact.updated_at.unwrap());
        assert_eq!(updated_at.seconds - created_at.seconds, 60);
    })
    .await;
}

#[tokio::test]
async fn interactions_at_the_same_time_lose_nothing() {
    on_both_engines(async |world| {
        let calls = (0..50_u32).map(|nth| {
            let signals = Signals {
                car: nth == 3,
                budget: nth == 11,
                urgency: nth == 23,
                test_drive: nth == 31,
                trade_in: nth == 37,
                contact_details: nth == 41,
                financing: nth == 47,
                buying: false,
            };
            let mut request = interaction(&format!("turn-{nth}"), signals);
            request.interests = interests(&[(&format!("fact-{nth}"), "yes")]);
            world.record(request)
        });
        let outcomes: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(outcomes.iter().filter(|outcome| outcome.contact_created).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| outcome.lead_created).count(), 1);
        let contact = world.contact(JAN).await.unwrap();
        assert_eq!((contact.interactions, contact.score, contact.interests.len()), (50, 125, 50));
    })
    .await;
}

#[tokio::test]
async fn one_key_recorded_many_times_at_once_is_one_interaction() {
    on_both_engines(async |world| {
        let request = interaction("same", Signals { car: true, ..Default::default() });
        let outcomes = join_all((0..20).map(|_| world.record(request.clone()))).await;
        for outcome in outcomes {
            let outcome = outcome.unwrap();
            assert!(outcome.contact_created && outcome.lead_created, "each is told what the one did");
        }
        assert_eq!(world.contact(JAN).await.unwrap().interactions, 1);
    })
    .await;
}

#[tokio::test]
async fn the_dealers_own_weights_decide() {
    let scoring = "car = 90\nhot = 85\nwarm = 10\n";
    with_scoring(scoring, async |world| {
        let car = Signals { car: true, ..Default::default() };
        let recorded = world.record(interaction("1", car)).await.unwrap();
        assert_eq!((recorded.score, recorded.status()), (90, Hot));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_request_is_told_which_field() {
    on_both_engines(async |world| {
        let good = interaction("1", Signals::default());
        for (request, field) in [
            (RecordInteractionRequest { idempotency_key: String::new(), ..good.clone() }, "idempotency_key"),
            (RecordInteractionRequest { phone: String::new(), ..good.clone() }, "phone"),
            (RecordInteractionRequest { phone: "0612345678".into(), ..good.clone() }, "phone"),
            (RecordInteractionRequest { summary: "x".repeat(2_001), ..good.clone() }, "summary"),
            (RecordInteractionRequest { email: "a\0b".into(), ..good.clone() }, "email"),
            (
                RecordInteractionRequest {
                    interests: interests(&[("make", &"x".repeat(201))]),
                    ..good.clone()
                },
                "interests",
            ),
        ] {
            let error = world.record(request).await.unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument, "{field}");
            let violations = error.get_details_bad_request().unwrap().field_violations;
            assert_eq!(violations[0].field, field);
            assert!(!error.message().contains("0612345678"), "the number is not repeated");
        }
    })
    .await;
}
