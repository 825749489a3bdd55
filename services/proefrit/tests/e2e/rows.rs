//! What a conversation left behind in the mesh and outside, and whether the two agree.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use proto::calendar::v1::{Appointment, ListAppointmentsRequest};
use proto::crm::v1::{Contact, GetContactRequest};
use proto::orchestrator::v1::{Direction, ListMessagesRequest, Message};

use super::under_test::MeshUnderTest;
use super::until::until;

/// The messages of a customer, in order.
pub async fn messages(mesh: &MeshUnderTest, customer: &str) -> Result<Vec<Message>> {
    let request = ListMessagesRequest {
        conversation_id: format!("twilio:{customer}"),
        page_size: 1_000,
        page_token: String::new(),
    };
    Ok(mesh.orchestrator()?.list_messages(request).await?.into_inner().messages)
}

/// What the CRM knows of a customer.
pub async fn contact(mesh: &MeshUnderTest, customer: &str) -> Result<Contact> {
    let request = GetContactRequest { phone: customer.to_owned() };
    mesh.crm()?.get_contact(request).await?.into_inner().contact.context("no contact")
}

/// A customer's appointments.
pub async fn appointments(mesh: &MeshUnderTest, customer: &str) -> Result<Vec<Appointment>> {
    let request = ListAppointmentsRequest { contact_phone: customer.to_owned(), ..Default::default() };
    Ok(mesh.calendar()?.list_appointments(request).await?.into_inner().appointments)
}

/// A customer's conversation, found in order.
pub struct Talk {
    /// What the customer wrote.
    pub inbound: Vec<Message>,
    /// What was answered.
    pub outbound: Vec<Message>,
}

impl Talk {
    /// The turns, in the order in which their messages came.
    pub fn turns(&self) -> Vec<&str> {
        let mut turns: Vec<&str> = self.inbound.iter().map(|message| message.turn_id.as_str()).collect();
        turns.dedup();
        turns
    }
}

/// Whether it must have become known here that the replies were read. Callbacks that find nobody are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipts {
    /// Each reply's read receipt has arrived.
    Read,
    /// The replies are out; what is known of them may be anything.
    AnyOrNone,
}

/// Waits until every message a customer wrote (`sids`) is answered, then checks that nothing happened twice or out of
/// order: one row per message; each in one turn; one reply per turn, in order; the replies on the customer's phone are
/// exactly those in our rows; one CRM interaction per turn.
pub async fn answered(
    mesh: &MeshUnderTest,
    customer: &str,
    sids: &[String],
    receipts: Receipts,
) -> Result<Talk> {
    let what = format!("the {} messages of {customer} are answered, receipts: {receipts:?}", sids.len());
    until(&what, || async {
        let rows = messages(mesh, customer).await?;
        let known: BTreeSet<_> = rows.iter().map(|row| row.provider_message_id.as_str()).collect();
        ensure!(sids.iter().all(|sid| known.contains(sid.as_str())), "messages are missing");
        let waiting = rows.iter().filter(|row| row.turn_id.is_empty()).count();
        ensure!(waiting == 0, "{waiting} messages wait for their turn");
        let turns = |direction: Direction| -> BTreeSet<_> {
            rows.iter().filter(|row| row.direction() == direction).map(|row| row.turn_id.as_str()).collect()
        };
        ensure!(turns(Direction::Inbound) == turns(Direction::Outbound), "turns are without a reply");
        for reply in rows.iter().filter(|row| row.direction() == Direction::Outbound) {
            ensure!(!reply.provider_message_id.is_empty(), "a reply is {}", reply.state);
            ensure!(receipts == Receipts::AnyOrNone || reply.state == "read", "a reply is {}", reply.state);
        }
        Ok(())
    })
    .await?;
    mesh.idle().await?;
    check(mesh, customer, sids).await
}

async fn check(mesh: &MeshUnderTest, customer: &str, sids: &[String]) -> Result<Talk> {
    let rows = messages(mesh, customer).await?;
    let (inbound, outbound): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.direction() == Direction::Inbound);
    let talk = Talk { inbound, outbound };

    let mut wrote: Vec<&str> = sids.iter().map(String::as_str).collect();
    let mut kept: Vec<&str> = talk.inbound.iter().map(|row| row.provider_message_id.as_str()).collect();
    wrote.sort_unstable();
    kept.sort_unstable();
    ensure!(wrote == kept, "{customer}: wrote {wrote:?}, kept {kept:?}");

    let turns = talk.turns();
    let distinct: BTreeSet<_> = turns.iter().collect();
    ensure!(distinct.len() == turns.len(), "{customer}: a turn took messages that are apart: {turns:?}");
    let replied: Vec<_> = talk.outbound.iter().map(|row| row.turn_id.as_str()).collect();
    ensure!(turns == replied, "{customer}: turns {turns:?} were answered as {replied:?}");

    let seen = mesh.world.replies(customer).await?;
    let seen: Vec<_> = seen.iter().map(|reply| reply.sid.as_str()).collect();
    let ours: Vec<_> = talk.outbound.iter().map(|row| row.provider_message_id.as_str()).collect();
    ensure!(seen == ours, "{customer}: the phone shows {seen:?}, our rows say {ours:?}");

    let interactions = contact(mesh, customer).await?.interactions;
    ensure!(
        usize::try_from(interactions)? == turns.len(),
        "{customer}: {interactions} CRM interactions of {} turns",
        turns.len()
    );
    Ok(talk)
}
