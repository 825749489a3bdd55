//! A turn's ports over gRPC: the calendar and the CRM, under its fencing token. The calendar is read and held, nothing that
//! stands changes.

use std::collections::HashMap;

use assistant::{
    crm::CrmUpdate,
    ports::{Agenda, Booking, Crm, FreeSlot, Hold, LeadScore, LeadStatus, PortError},
    reading::Entities,
};
use jiff::SignedDuration;
use mesh::Wire;
use model::{ErrorKind, Timestamp};
use proto::{
    calendar::v1::{
        BookAppointmentRequest, ListAvailableSlotsRequest, Slot,
        calendar_service_client::CalendarServiceClient,
    },
    crm::v1::{self as crm_v1, RecordInteractionRequest, crm_service_client::CrmServiceClient},
};
use tonic::Status;

/// Whose turn it is, as the other services need to know.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Subject {
    /// The organisation.
    pub org_id: String,
    /// Where the customer writes from.
    pub address: String,
    /// The name the customer chose.
    pub contact_name: String,
    /// The internal id.
    pub conversation_id: String,
    /// The turn's token; 0 outside of a turn.
    pub fencing_token: i64,
}

fn port_error(port: &'static str, status: &Status) -> PortError {
    let reason = format!("{:?}", status.code());
    match mesh::kind_of(status) {
        ErrorKind::Unavailable | ErrorKind::Timeout => PortError::Unreachable { port, reason },
        _ if mesh::reason(status).as_deref() == Some("STALE_FENCING_TOKEN") => PortError::Stale { port },
        _ => PortError::Refused { port, reason },
    }
}

fn to_proto(moment: jiff::Timestamp) -> prost_types::Timestamp {
    mesh::convert::to_proto_timestamp(Timestamp::from_jiff(moment))
}

fn from_proto(moment: Option<prost_types::Timestamp>) -> Option<jiff::Timestamp> {
    mesh::convert::from_proto_timestamp(moment?).to_jiff().ok()
}

/// The calendar service.
#[derive(Clone)]
pub struct GrpcAgenda {
    pub(crate) client: CalendarServiceClient<Wire>,
    pub(crate) subject: Subject,
}

const CALENDAR: &str = "calendar";

impl GrpcAgenda {
    /// The first free slots that start in `[from, to)`.
    async fn slots(&self, from: jiff::Timestamp, to: jiff::Timestamp) -> Result<Vec<FreeSlot>, PortError> {
        let request = ListAvailableSlotsRequest {
            from: Some(to_proto(from)),
            to: Some(to_proto(to)),
            limit: SLOTS_A_CALL,
            resource: String::new(),
        };
        let answer = self.client.clone().list_available_slots(request).await;
        let slots = answer.map_err(|status| port_error(CALENDAR, &status))?.into_inner().slots;
        let free = |slot: Slot| Some(FreeSlot { start: from_proto(slot.start)?, end: from_proto(slot.end)? });
        Ok(slots.into_iter().filter_map(free).collect())
    }
}

/// As many slots as the calendar gives in one answer.
const SLOTS_A_CALL: u32 = 1_000;

/// Where the next answer begins after one with these slots; `None` after the last.
fn next_page(slots: &[FreeSlot]) -> Option<jiff::Timestamp> {
    let last = slots.last().filter(|_| slots.len() >= SLOTS_A_CALL as usize)?;
    last.start.checked_add(SignedDuration::from_micros(1)).ok()
}

impl Agenda for GrpcAgenda {
    async fn free_slots(
        &self,
        from: jiff::Timestamp,
        to: jiff::Timestamp,
    ) -> Result<Vec<FreeSlot>, PortError> {
        let mut free = Vec::new();
        let mut next = Some(from);
        while let Some(from) = next {
            let slots = self.slots(from, to).await?;
            next = next_page(&slots);
            free.extend(slots);
        }
        Ok(free)
    }

    async fn hold(&self, booking: &Booking) -> Result<Hold, PortError> {
        let request = BookAppointmentRequest {
            idempotency_key: booking.idempotency_key.clone(),
            start: Some(to_proto(booking.slot.start)),
            contact_phone: self.subject.address.clone(),
            contact_name: booking.name.clone().unwrap_or_default(),
            subject: booking.subject.clone(),
            resource: String::new(),
            conversation_id: self.subject.conversation_id.clone(),
            fencing_token: self.subject.fencing_token,
            hold: true,
            replaces: booking.replaces.clone().unwrap_or_default(),
        };
        match self.client.clone().book_appointment(request).await {
            Ok(answer) => Ok(Hold::Held { appointment_id: answer.into_inner().appointment_id }),
            Err(status) if mesh::kind_of(&status) == ErrorKind::Exists => Ok(Hold::Taken),
            Err(status) => Err(port_error(CALENDAR, &status)),
        }
    }
}

/// The CRM service.
#[derive(Clone)]
pub struct GrpcCrm {
    pub(crate) client: CrmServiceClient<Wire>,
    pub(crate) subject: Subject,
    pub(crate) now: Timestamp,
}

impl Crm for GrpcCrm {
    async fn record(&self, update: &CrmUpdate) -> Result<LeadScore, PortError> {
        let signals = update.signals;
        let entities = &update.entities;
        let request = RecordInteractionRequest {
            idempotency_key: update.idempotency_key.clone(),
            org_id: self.subject.org_id.clone(),
            phone: self.subject.address.clone(),
            contact_name: entities.name.clone().unwrap_or_else(|| self.subject.contact_name.clone()),
            email: entities.email.clone().unwrap_or_default(),
            conversation_id: self.subject.conversation_id.clone(),
            kind: "chat".to_owned(),
            intent: update.intent.as_str().to_owned(),
            summary: update.summary.clone(),
            signals: Some(crm_v1::Signals {
                car: signals.car,
                budget: signals.budget,
                urgency: signals.urgency,
                test_drive: signals.test_drive,
                trade_in: signals.trade_in,
                contact_details: signals.contact_details,
                financing: signals.financing,
                buying: signals.buying,
            }),
            interests: interests(entities),
            occurred_at: Some(mesh::convert::to_proto_timestamp(self.now)),
        };
        let answer = self.client.clone().record_interaction(request).await;
        let lead = answer.map_err(|status| port_error("crm", &status))?.into_inner();
        let status = match lead.status() {
            crm_v1::LeadStatus::Hot => LeadStatus::Hot,
            crm_v1::LeadStatus::Warm => LeadStatus::Warm,
            crm_v1::LeadStatus::Cold | crm_v1::LeadStatus::Unspecified => LeadStatus::Cold,
        };
        Ok(LeadScore { score: u32::try_from(lead.score).unwrap_or(0), status })
    }
}

/// Entities that say who the customer is or when they come; they have places of their own.
const NO_INTERESTS: &[&str] =
    &["name", "email", "phone", "license_plate", "choice", "preferred_date", "preferred_time", "urgency"];

/// What interests the customer, by the entities' names.
fn interests(entities: &Entities) -> HashMap<String, String> {
    let pairs = entities.pairs().into_iter().filter(|(name, _)| !NO_INTERESTS.contains(name));
    pairs.map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_answer_is_followed_by_another_from_just_after_its_last_slot() {
        let minute = SignedDuration::from_mins(1);
        let mut slots: Vec<FreeSlot> = (0..)
            .map(|nth| jiff::Timestamp::UNIX_EPOCH + minute * nth)
            .map(|start| FreeSlot { start, end: start + minute })
            .take(SLOTS_A_CALL as usize)
            .collect();
        let after = next_page(&slots).unwrap();
        assert!(slots.iter().all(|slot| slot.start < after) && after < slots.last().unwrap().end);
        slots.pop();
        assert_eq!(next_page(&slots), None);
        assert_eq!(next_page(&[]), None);
    }
}
