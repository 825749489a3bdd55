//! The journey of design section 1, from greeting to booked test drive, in every topology alike.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use proto::calendar::v1::{AppointmentStatus, ListAvailableSlotsRequest};
use proto::crm::v1::LeadStatus;
use proto::delivery::v1::GetDeliveryRequest;
use serde_json::json;

use crate::rows::{self, Receipts};
use crate::under_test::MeshUnderTest;
use crate::until::until;
use crate::world::new_customer;

/// How the customer takes one of the slots offered.
pub const CHOICE: &str = "Doe de tweede maar";

/// A wish for a test drive on a day with room for it, `zaterdag 14 maart`.
pub async fn wish(mesh: &MeshUnderTest) -> Result<String> {
    let request = ListAvailableSlotsRequest { limit: 100, ..Default::default() };
    let slots = mesh.calendar()?.list_available_slots(request).await?.into_inner().slots;
    let days: Vec<_> = slots.iter().filter_map(|slot| Some(slot.label.rsplit_once(' ')?.0)).collect();
    // Not today: what is free of today changes by the hour.
    let day = days.chunk_by(|one, next| one == next).skip(1).find(|day| day.len() >= 3);
    Ok(format!("Kan ik {} een proefrit maken in de grijze Polo?", day.context("no day with room")?[0]))
}

pub async fn same_rows(meshes: Vec<&MeshUnderTest>) -> Result<()> {
    let wish = wish(meshes[0]).await?;
    let lines =
        ["Hallo, ik zoek een auto", "Een Polo automaat tot 20.000 euro", &wish, CHOICE, "Bedankt, tot dan!"];
    let left = try_join_all(meshes.iter().map(|mesh| play(mesh, &lines))).await?;
    for (mesh, rows) in meshes.iter().zip(&left) {
        ensure!(*rows == left[0], "{} left\n{rows}\nand not\n{}", mesh.topology.as_str(), left[0]);
    }
    Ok(())
}

/// Plays the customer, who reads each reply before writing on; answers what the dialogue left, as text.
async fn play(mesh: &MeshUnderTest, lines: &[&str]) -> Result<String> {
    let customer = new_customer();
    let mut sids = Vec::new();
    for line in lines {
        let heard = mesh.write(&customer, line, json!({ "profile_name": "Sanne de Vries" })).await?;
        ensure!(heard.is_kept(), "{line}: the webhook was answered {:?}", heard.http_status);
        sids.push(heard.message_sid);
        rows::answered(mesh, &customer, &sids, Receipts::Read).await.context((*line).to_owned())?;
    }
    let talk = rows::answered(mesh, &customer, &sids, Receipts::Read).await?;
    until("the appointment is confirmed", || async {
        let appointments = rows::appointments(mesh, &customer).await?;
        ensure!(appointments.len() == 1, "{} appointments", appointments.len());
        ensure!(appointments[0].status() == AppointmentStatus::Confirmed, "{:?}", appointments[0]);
        Ok(())
    })
    .await?;

    let mut left = String::new();
    for row in talk.inbound.iter().chain(&talk.outbound) {
        writeln!(left, "message {} {} {} {:?}", row.author, row.state, row.intent, row.body)?;
    }
    for appointment in rows::appointments(mesh, &customer).await? {
        let (status, start) = (appointment.status().as_str_name(), appointment.start);
        let (label, subject, name) = (&appointment.label, &appointment.subject, &appointment.contact_name);
        writeln!(left, "appointment {status} {start:?} {label:?} {subject:?} {name:?}")?;
    }
    let contact = rows::contact(mesh, &customer).await?;
    ensure!(contact.status() != LeadStatus::Unspecified && contact.score > 0, "no lead: {contact:?}");
    let breakdown: BTreeMap<_, _> = contact.breakdown.iter().collect();
    let interests: BTreeMap<_, _> = contact.interests.iter().collect();
    let (name, score, status) = (&contact.name, contact.score, contact.status().as_str_name());
    writeln!(left, "contact {name:?} {score} {status} {breakdown:?} {interests:?} {}", contact.interactions)?;
    for reply in &talk.outbound {
        let request = GetDeliveryRequest { message_id: reply.message_id.clone(), message_sid: String::new() };
        let delivery = mesh.deliveries()?.get_delivery(request).await?.into_inner();
        let history: Vec<_> = delivery.history.iter().map(|event| event.status.as_str()).collect();
        writeln!(left, "delivery {history:?}")?;
    }
    Ok(left)
}
