//! SIGTERM: what is in hand finishes, and nothing is left to be settled.

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use serde_json::json;

use super::kill::post_until_kept;
use super::on_its_own;
use crate::rows::{self, Receipts};
use crate::topology::Topology;
use crate::until::until;
use crate::world::new_customer;

pub async fn in_hand(topology: Topology) -> Result<()> {
    on_its_own(topology, &[], async |mesh| {
        // Long enough that some sends are surely on their way when the signal comes.
        mesh.world.settings(&json!({ "create_ms": 300 })).await?;
        let customers: Vec<_> = std::iter::repeat_with(new_customer).take(60).collect();
        let writing = try_join_all(customers.iter().map(async |customer| {
            let sid = post_until_kept(mesh, customer, "Is de showroom zaterdag open?").await?;
            Ok::<_, anyhow::Error>((customer, sid))
        }));
        let stopping = async {
            until("some replies are out", || async {
                let accepted = mesh.world.accepted().await?;
                ensure!(accepted >= 10, "{accepted}");
                Ok(())
            })
            .await?;
            mesh.terminate().await?;
            mesh.launch(&[])?;
            mesh.ready().await
        };
        let (written, ()) = tokio::try_join!(writing, stopping)?;
        for (customer, sid) in written {
            rows::answered(mesh, customer, &[sid], Receipts::AnyOrNone).await?;
        }
        let log = mesh.logs();
        let mut unwanted = vec!["was cut before its outcome was known", "panicked", "cut off tasks"];
        if topology == Topology::Embedded {
            // Here the end comes in turn; processes of their own end at the same time and make up for it later.
            unwanted.extend(["could not be reached", "telling it later"]);
        }
        for cut in unwanted {
            ensure!(!log.contains(cut), "the log says: {cut}");
        }
        Ok(())
    })
    .await
}
