//! Promise 4: in order, per contact; and what queues up behind a turn is answered together.

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use serde_json::json;

use crate::rows::{self, Receipts};
use crate::under_test::MeshUnderTest;
use crate::world::new_customer;

/// One contact writes twenty messages faster than they are answered, the next one as soon as the last is kept. Other
/// contacts write in between and wait for nobody.
pub async fn twenty_messages(mesh: &MeshUnderTest) -> Result<()> {
    let (customer, other) = (new_customer(), new_customer());
    let mut sids = Vec::new();
    for number in 1..=20 {
        sids.push(
            mesh.say(&customer, &format!("Vraag {number}: wat kost een Golf uit 20{number:02}?")).await?,
        );
    }
    let at_once = (1..=5).map(|number| {
        let other = other.clone();
        async move { mesh.write(&other, &format!("Hebben jullie {number} Polo's staan?"), json!({})).await }
    });
    let at_once = try_join_all(at_once).await?.into_iter().map(|heard| heard.message_sid).collect::<Vec<_>>();

    let talk = rows::answered(mesh, &customer, &sids, Receipts::Read).await?;
    let order: Vec<_> = talk.inbound.iter().map(|row| row.provider_message_id.clone()).collect();
    ensure!(order == sids, "kept in another order than they came");
    ensure!(talk.inbound.iter().all(|row| row.state == "answered"), "a message is not answered");
    println!("{} messages were answered in {} turns", talk.inbound.len(), talk.turns().len());
    rows::answered(mesh, &other, &at_once, Receipts::Read).await?;
    Ok(())
}
