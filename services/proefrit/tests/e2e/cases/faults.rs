//! What the provider does wrong: refuses, hangs, takes a message and says otherwise, tells news in disorder.

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use proto::channel::v1::{GetMessageStatusRequest, SendState};
use proto::delivery::v1::GetDeliveryRequest;
use serde_json::{Value, json};

use super::on_its_own;
use crate::rows::{self, Receipts};
use crate::topology::Topology;
use crate::under_test::MeshUnderTest;
use crate::until::until;
use crate::world::new_customer;

/// The seed of the script; the same sends are struck every time.
const SEED: u64 = 11;

/// Promise 3 where Twilio took a message and the answer was lost. 2 % of sends, and some so that there are always a few.
pub async fn accepted_then_cut(topology: Topology) -> Result<()> {
    on_its_own(topology, &[], async |mesh| {
        println!("script of faults with seed {SEED}");
        mesh.world
            .faults(&json!([
                { "on": "create", "kind": "accepted_then_cut", "after": 5, "count": 2 },
                { "on": "create", "kind": "accepted_then_cut", "probability": 0.02, "seed": SEED },
            ]))
            .await?;
        let customers: Vec<_> = std::iter::repeat_with(new_customer).take(25).collect();
        let talking = customers.iter().map(async |customer| {
            let mut sids = Vec::new();
            for number in 1..=4 {
                sids.push(mesh.say(customer, &format!("Vraag {number}: is de Polo er nog?")).await?);
            }
            rows::answered(mesh, customer, &sids, Receipts::Read).await
        });
        try_join_all(talking).await?;
        let struck: u64 = mesh.world.strikes().await?.iter().sum();
        ensure!(struck >= 2, "only {struck} sends were cut");
        Ok(())
    })
    .await
}

/// One customer per fault: what strikes their first send, and whether their reply arrives.
const MATRIX: [(&str, &str, bool); 9] = [
    ("429, three times", r#"{"on":"create","kind":"429","count":3,"millis":100}"#, true),
    ("503, known not to be processed", r#"{"on":"create","kind":"503","count":1}"#, true),
    ("500, not processed", r#"{"on":"create","kind":"500","count":1}"#, true),
    ("500, processed", r#"{"on":"create","kind":"accepted_then_500","count":1}"#, true),
    ("cut, not processed", r#"{"on":"create","kind":"cut","count":1}"#, true),
    ("cut, processed", r#"{"on":"create","kind":"accepted_then_cut","count":1}"#, true),
    ("no answer, not processed", r#"{"on":"create","kind":"timeout","count":1,"millis":3000}"#, true),
    (
        "no answer, processed",
        r#"{"on":"create","kind":"accepted_then_timeout","count":1,"millis":3000}"#,
        true,
    ),
    ("an invalid number", r#"{"on":"create","kind":"error","code":21211}"#, false),
];

/// The status that tells a settled send apart is heard by callback or not at all: callbacks are lost in half the cases.
pub async fn matrix(topology: Topology) -> Result<()> {
    on_its_own(topology, &[], async |mesh| {
        let cells = MATRIX.iter().flat_map(|cell| [(cell, false), (cell, true)]);
        let cells: Vec<_> = cells.map(|(cell, deaf)| (new_customer(), cell, deaf)).collect();
        let mut script = Vec::new();
        for (customer, (_, rule, _), deaf) in &cells {
            let mut rule: Value = serde_json::from_str(rule)?;
            rule["to"] = json!(customer);
            script.push(rule);
            if *deaf {
                script.push(json!({ "on": "callback", "kind": "drop", "to": customer }));
            }
        }
        mesh.world.faults(&json!(script)).await?;
        try_join_all(cells.iter().map(async |(customer, (fault, _, arrives), deaf)| {
            let outcome = if *arrives {
                arrives_once(mesh, customer, *deaf).await
            } else {
                never(mesh, customer).await
            };
            outcome.with_context(|| format!("{fault}, callbacks {}", if *deaf { "lost" } else { "heard" }))
        }))
        .await
        .map(drop)
    })
    .await
}

async fn arrives_once(mesh: &MeshUnderTest, customer: &str, deaf: bool) -> Result<()> {
    let sid = mesh.say(customer, "Goedemiddag, zijn jullie open?").await?;
    if !deaf {
        return rows::answered(mesh, customer, &[sid], Receipts::Read).await.map(drop);
    }
    // Nobody tells us; what Twilio answered, or its log, is all we have.
    until("the reply has a provider id", || async {
        let rows = rows::messages(mesh, customer).await?;
        let reply = rows.iter().find(|row| row.author == "agents").context("no reply yet")?;
        ensure!(!reply.provider_message_id.is_empty(), "the reply is {}", reply.state);
        Ok(())
    })
    .await?;
    mesh.idle().await?;
    let replies = mesh.world.replies(customer).await?;
    ensure!(replies.len() == 1, "{} replies arrived", replies.len());
    Ok(())
}

async fn never(mesh: &MeshUnderTest, customer: &str) -> Result<()> {
    mesh.say(customer, "Goedemiddag, zijn jullie open?").await?;
    until("the reply has failed for good", || async {
        let rows = rows::messages(mesh, customer).await?;
        let reply = rows.iter().find(|row| row.author == "agents").context("no reply yet")?;
        let request = GetMessageStatusRequest { message_id: reply.message_id.clone(), ..Default::default() };
        let sending = mesh.sender()?.get_message_status(request).await?.into_inner();
        ensure!(sending.state() == SendState::Failed, "it is {:?}", sending.state());
        ensure!(sending.error.contains("21211") && sending.attempts == 1, "{sending:?}");
        Ok(())
    })
    .await?;
    mesh.idle().await?;
    ensure!(mesh.world.replies(customer).await?.is_empty(), "something was sent");
    Ok(())
}

/// The order of arrival never changes the result.
pub async fn callbacks_in_disorder(mesh: &MeshUnderTest) -> Result<()> {
    let customers: Vec<_> = std::iter::repeat_with(new_customer).take(4).collect();
    let disorder = [
        json!({ "on": "callback", "kind": "shuffle" }),
        json!({ "on": "callback", "kind": "duplicate" }),
        json!({ "on": "callback", "kind": "delay", "status": "sent", "millis": 300 }),
        json!({ "on": "callback", "kind": "delay", "status": "delivered", "millis": 300 }),
    ];
    let script: Vec<_> = customers
        .iter()
        .zip(disorder)
        .map(|(customer, mut rule)| {
            rule["to"] = json!(customer);
            rule
        })
        .collect();
    let _script = mesh.faults(&json!(script)).await?;
    for customer in &customers {
        let sid = mesh.say(customer, "Hebben jullie ook een Up?").await?;
        let talk = rows::answered(mesh, customer, &[sid], Receipts::Read).await?;
        let message_id = talk.outbound[0].message_id.clone();
        until("every status has been told once", || async {
            let request = GetDeliveryRequest { message_id: message_id.clone(), message_sid: String::new() };
            let delivery = mesh.deliveries()?.get_delivery(request).await?.into_inner();
            let mut history: Vec<_> = delivery.history.iter().map(|event| event.status.as_str()).collect();
            history.sort_unstable();
            ensure!(history == ["delivered", "queued", "read", "sent"], "{history:?}");
            ensure!(delivery.latest.is_some_and(|latest| latest.status == "read"));
            Ok(())
        })
        .await?;
    }
    Ok(())
}
