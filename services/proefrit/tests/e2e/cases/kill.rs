//! Promises 1 and 3 under kill -9.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use futures::stream::{StreamExt as _, TryStreamExt as _, iter};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;

use super::on_its_own;
use crate::rows::{self, Receipts};
use crate::topology::Topology;
use crate::under_test::MeshUnderTest;
use crate::until::until;
use crate::world::new_customer;

const MESSAGES: usize = 200;
const CUSTOMERS: usize = 40;
/// Messages on their way to the mesh at the same time.
const AT_ONCE: usize = 16;

/// Twilio posts again what got no answer, as `rp=5xx,ct` asks it to. The moments of the cuts come from a seed.
pub async fn two_power_cuts(topology: Topology) -> Result<()> {
    let seed: u64 = match std::env::var("E2E_SEED") {
        Ok(seed) => seed.parse()?,
        Err(_) => rand::random(),
    };
    println!("E2E_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let cuts = [random.random_range(20..90), random.random_range(100..190)];
    on_its_own(topology, &[], async |mesh| {
        let kept = AtomicUsize::new(0);
        let customers: Vec<_> = std::iter::repeat_with(new_customer).take(CUSTOMERS).collect();
        let writing = iter(0..MESSAGES)
            .map(|number| {
                let (customer, kept) = (&customers[number % CUSTOMERS], &kept);
                async move {
                    let sid =
                        post_until_kept(mesh, customer, &format!("Vraag {number} over de Polo")).await?;
                    kept.fetch_add(1, Ordering::Relaxed);
                    Ok::<_, anyhow::Error>((customer.clone(), sid))
                }
            })
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<_>>();
        let cutting = async {
            for messages in cuts {
                until("so many messages are kept", || async {
                    let kept = kept.load(Ordering::Relaxed);
                    ensure!(kept >= messages, "{kept} of {messages}");
                    Ok(())
                })
                .await?;
                mesh.restart().await?;
            }
            Ok(())
        };
        let (written, ()) = tokio::try_join!(writing, cutting)
            .map_err(|error: anyhow::Error| error.context(format!("cuts at {cuts:?}, E2E_SEED={seed}")))?;
        let mut by_customer: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (customer, sid) in written {
            by_customer.entry(customer).or_default().push(sid);
        }
        for (customer, sids) in by_customer {
            rows::answered(mesh, &customer, &sids, Receipts::AnyOrNone)
                .await
                .map_err(|error| error.context(format!("cuts at {cuts:?}, E2E_SEED={seed}")))?;
        }
        Ok(())
    })
    .await
}

/// A customer writes, and Twilio posts the webhook until somebody keeps it.
pub async fn post_until_kept(mesh: &MeshUnderTest, customer: &str, body: &str) -> Result<String> {
    let first = mesh.write(customer, body, json!({})).await?;
    let sid = first.message_sid.clone();
    if first.is_kept() {
        return Ok(sid);
    }
    until("the webhook is kept", || async {
        let again = mesh.write(customer, body, json!({ "message_sid": sid })).await?;
        ensure!(again.is_kept(), "it was answered {:?}", again.http_status);
        Ok(())
    })
    .await?;
    Ok(sid)
}
