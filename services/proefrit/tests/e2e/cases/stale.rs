//! Promise 5: a stale worker cannot act.

use anyhow::{Context, Result, ensure};
use sqlx::{Connection as _, PgConnection};

use crate::rows::{self, Receipts};
use crate::under_test::MeshUnderTest;
use crate::until::until;
use crate::world::new_customer;

const LANE: &str = "SELECT contact_id FROM agent_orchestrator.conversations WHERE public_id = $1";
const RAISE: &str = "UPDATE agent_orchestrator.contacts SET fence = fence + $2 WHERE contact_id = $1";
const REFUSED: &str =
    "SELECT last_error FROM agent_orchestrator.queue_jobs WHERE queue = 'inbox' AND lane = $1";
/// Far above every token that is handed out here.
const AHEAD: i64 = 1_000_000_000;

/// Somebody newer seems to have been here, as after a pause that outlived lock and lease: the turn commits nothing. Once
/// that was a mistake, it is answered, once.
pub async fn old_token(mesh: &MeshUnderTest) -> Result<()> {
    let customer = new_customer();
    let mut sids = vec![mesh.say(&customer, "Wat kost de Clio?").await?];
    rows::answered(mesh, &customer, &sids, Receipts::Read).await?;

    let database = mesh.database.as_ref().context("there is no database")?;
    let mut orchestrator = PgConnection::connect(database.url()).await?;
    let lane: String =
        sqlx::query_scalar(LANE).bind(format!("twilio:{customer}")).fetch_one(&mut orchestrator).await?;
    sqlx::query(RAISE).bind(&lane).bind(AHEAD).execute(&mut orchestrator).await?;
    sids.push(mesh.say(&customer, "En de Polo?").await?);
    until("the turn is refused", || async {
        let mut orchestrator = PgConnection::connect(database.url()).await?;
        let error: Option<String> =
            sqlx::query_scalar(REFUSED).bind(&lane).fetch_optional(&mut orchestrator).await?;
        let error = error.context("nothing waits in the lane")?;
        ensure!(error.contains("newer"), "the last error is {error:?}");
        Ok(())
    })
    .await?;
    let known = rows::messages(mesh, &customer).await?;
    let replies = known.iter().filter(|row| row.author == "agents").count();
    ensure!(replies == 1, "{replies} replies were committed");

    sqlx::query(RAISE).bind(&lane).bind(-AHEAD).execute(&mut orchestrator).await?;
    rows::answered(mesh, &customer, &sids, Receipts::Read).await?;
    Ok(())
}
