//! Promise 3: processed once in effect.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::rows::{self, Receipts};
use crate::under_test::MeshUnderTest;
use crate::world::new_customer;

pub async fn two_hundred_copies(mesh: &MeshUnderTest) -> Result<()> {
    let customer = new_customer();
    let heard = mesh.write(&customer, "Heeft u nog een Golf staan?", json!({ "copies": 200 })).await?;
    ensure!(heard.deliveries.len() == 200, "{} copies were posted", heard.deliveries.len());
    let refused = heard.deliveries.iter().find(|answer| answer.http_status != Some(200));
    ensure!(refused.is_none(), "a copy was answered {refused:?}");
    let talk = rows::answered(mesh, &customer, &[heard.message_sid], Receipts::Read).await?;
    ensure!(talk.inbound.len() == 1 && talk.outbound.len() == 1);
    Ok(())
}
