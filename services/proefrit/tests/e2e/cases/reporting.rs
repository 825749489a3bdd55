//! The queries analysts have, on the schema `reporting` of PostgreSQL.

use anyhow::{Context, Result, ensure};
use proto::delivery::v1::GetDeliveryRequest;
use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::rows;
use crate::under_test::MeshUnderTest;
use crate::until::until;
use crate::world::new_customer;

const LATEST: &str = "
SELECT DISTINCT ON (message_id) message_id, status FROM message_delivery_log
WHERE message_id = (SELECT message_id FROM messages WHERE whatsapp_msg_sid = $1)
ORDER BY message_id, created_at DESC";

const OUTGOING_WITH_LATEST: &str = "
WITH latest AS (
    SELECT DISTINCT ON (message_id) message_id, status, error_code, created_at
    FROM message_delivery_log ORDER BY message_id, created_at DESC
)
SELECT m.whatsapp_msg_sid, latest.status
FROM messages m JOIN latest ON latest.message_id = m.message_id
WHERE m.direction = 'outgoing' ORDER BY m.sent_at DESC";

const FAILURES: &str = "
SELECT m.whatsapp_msg_sid, l.error_code::BIGINT, l.error_message
FROM message_delivery_log l JOIN messages m ON m.message_id = l.message_id
WHERE l.status IN ('failed', 'undelivered') ORDER BY l.created_at DESC";

const SHARES: &str = "
SELECT status, COUNT(*), (COUNT(*) * 100.0 / SUM(COUNT(*)) OVER ())::DOUBLE PRECISION
FROM message_delivery_log WHERE created_at >= NOW() - INTERVAL '24 hours'
GROUP BY status ORDER BY COUNT(*) DESC";

const TALK: &str = "
SELECT m.direction, m.body_text, c.provider_conversation_id, m.created_at BETWEEN NOW() - INTERVAL '1 hour' AND NOW()
FROM cc_messages m JOIN cc_conversations c ON c.id = m.conversation_id
WHERE c.provider_conversation_id = $1 ORDER BY m.created_at, m.direction";

const AUDIT: &str = "
SELECT DISTINCT a.event_type FROM audit_log a JOIN cc_conversations c ON c.id = a.conversation_id
WHERE c.provider_conversation_id = $1 AND a.success ORDER BY 1";

/// Three customers: one reads, and their phone tells `read` before `delivered`; one never turns read receipts on; one
/// cannot be reached.
pub async fn analysts(mesh: &MeshUnderTest) -> Result<()> {
    let [reads, silent, away] = [new_customer(), new_customer(), new_customer()];
    let script = json!([{ "on": "callback", "kind": "shuffle", "to": reads }]);
    let _script = mesh.faults(&script).await?;
    mesh.world.person(&json!({ "address": silent, "read_receipts": false })).await?;
    mesh.world.person(&json!({ "address": away, "fails_with": 63024 })).await?;
    let mut sids = Vec::new();
    for (customer, state) in [(&reads, "read"), (&silent, "delivered"), (&away, "undelivered")] {
        mesh.say(customer, "Wat zijn jullie openingstijden?").await?;
        sids.push(settled(mesh, customer, state).await?);
    }

    let database = mesh.database.as_ref().context("there is no database")?;
    let mut analyst = PgConnection::connect(database.url()).await?;
    analyst.execute("SET search_path TO reporting").await?;
    for (sid, state) in sids.iter().zip(["read", "delivered", "undelivered"]) {
        let latest: (i64, String) = sqlx::query_as(LATEST).bind(sid).fetch_one(&mut analyst).await?;
        ensure!(latest.1 == state, "latest by created_at is {}, not {state}", latest.1);
    }
    let outgoing: Vec<(String, String)> =
        sqlx::query_as(OUTGOING_WITH_LATEST).fetch_all(&mut analyst).await?;
    for (sid, state) in sids.iter().zip(["read", "delivered", "undelivered"]) {
        let found: Vec<_> = outgoing.iter().filter(|(found, _)| found == sid).collect();
        ensure!(found.len() == 1 && found[0].1 == state, "{sid} is listed as {found:?}");
    }
    let failures: Vec<(String, i64, Option<String>)> =
        sqlx::query_as(FAILURES).fetch_all(&mut analyst).await?;
    ensure!(
        failures.iter().any(|(sid, code, _)| *sid == sids[2] && *code == 63024),
        "the failure is not among {failures:?}"
    );
    let shares: Vec<(String, i64, f64)> = sqlx::query_as(SHARES).fetch_all(&mut analyst).await?;
    let all: f64 = shares.iter().map(|(_, _, share)| share).sum();
    ensure!((all - 100.0).abs() < 1e-6, "shares are {shares:?}");
    for state in ["queued", "sent", "delivered", "read", "undelivered"] {
        ensure!(
            shares.iter().any(|(found, count, _)| found == state && *count > 0),
            "{state} is not in {shares:?}"
        );
    }
    let talk: Vec<(String, String, String, bool)> =
        sqlx::query_as(TALK).bind(format!("twilio:{reads}")).fetch_all(&mut analyst).await?;
    let directions: Vec<_> = talk.iter().map(|(direction, ..)| direction.as_str()).collect();
    ensure!(directions == ["inbound", "outbound"] && talk.iter().all(|row| row.3), "{talk:?}");
    let audit: Vec<(String,)> =
        sqlx::query_as(AUDIT).bind(format!("twilio:{reads}")).fetch_all(&mut analyst).await?;
    for event in ["inbound_webhook_received", "message_persisted", "reply_committed"] {
        ensure!(audit.iter().any(|(found,)| found == event), "{event} is not in {audit:?}");
    }
    Ok(())
}

/// Waits until the one reply to a customer is known as `state` and its whole log is there; answers its provider id.
async fn settled(mesh: &MeshUnderTest, customer: &str, state: &str) -> Result<String> {
    until("the reply's log is whole", || async {
        let rows = rows::messages(mesh, customer).await?;
        let reply = rows.iter().find(|row| row.author == "agents").context("no reply yet")?;
        ensure!(reply.state == state, "the reply is {}", reply.state);
        let request = GetDeliveryRequest { message_id: reply.message_id.clone(), message_sid: String::new() };
        let delivery = mesh.deliveries()?.get_delivery(request).await?.into_inner();
        let mut told: Vec<_> = delivery.history.iter().map(|event| event.status.as_str()).collect();
        told.sort_unstable();
        let expected: &[&str] = match state {
            "read" => &["delivered", "queued", "read", "sent"],
            "delivered" => &["delivered", "queued", "sent"],
            _ => &["queued", "undelivered"],
        };
        ensure!(told == expected, "{told:?}");
        Ok(reply.provider_message_id.clone())
    })
    .await
}
