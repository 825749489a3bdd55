//! What came of the conversation, asked of the services that keep it.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, bail};
use mesh::{Caller, Mesh, ServiceName, Wire};
use model::{Clock, SystemClock};
use proto::calendar::v1::{
    Appointment, AppointmentStatus, ListAppointmentsRequest, ListAvailableSlotsRequest,
    calendar_service_client::CalendarServiceClient,
};
use proto::crm::v1::{Contact, GetContactRequest, crm_service_client::CrmServiceClient};
use proto::orchestrator::v1::{
    Direction, ListMessagesRequest, Message, orchestrator_service_client::OrchestratorServiceClient,
};
use tokio::time::Instant;

use super::stage::PATIENCE;

/// How often the calendar is asked whether the appointment is confirmed, which follows the reply.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// Slots that a day needs so that the customer can choose the second one.
const ROOM: usize = 3;

/// Whoever asks the services about one customer.
pub struct Desk {
    calendar: CalendarServiceClient<Wire>,
    crm: CrmServiceClient<Wire>,
    orchestrator: OrchestratorServiceClient<Wire>,
    customer: String,
}

/// An appointment, for people.
pub struct Booked(Appointment);

/// A lead, for people.
pub struct Lead(Contact);

/// The conversation as it was kept.
pub struct Kept {
    /// Messages of the customer.
    pub inbound: usize,
    /// Replies.
    pub outbound: usize,
    messages: Vec<Message>,
}

impl Desk {
    /// Asks about a customer (`+31…`).
    pub fn new(mesh: &Mesh, customer: &str) -> Self {
        let wire = |service| mesh.wire(Caller::Operator, service);
        Self {
            calendar: CalendarServiceClient::new(wire(ServiceName::Calendar)),
            crm: CrmServiceClient::new(wire(ServiceName::Crm)),
            orchestrator: OrchestratorServiceClient::new(wire(ServiceName::AgentOrchestrator)),
            customer: customer.to_owned(),
        }
    }

    /// The first day after today with room for a test drive, as the dealer would say it: `zaterdag 14 maart`.
    pub async fn day_with_room(&self) -> anyhow::Result<String> {
        let tomorrow = SystemClock.now() + Duration::from_hours(24);
        let request = ListAvailableSlotsRequest {
            from: Some(mesh::convert::to_proto_timestamp(tomorrow)),
            limit: 100,
            ..ListAvailableSlotsRequest::default()
        };
        let slots = self.calendar.clone().list_available_slots(request).await?.into_inner().slots;
        // `zaterdag 14 maart 11:00`
        let days: Vec<&str> = slots.iter().filter_map(|slot| Some(slot.label.rsplit_once(' ')?.0)).collect();
        let day = days.chunk_by(|one, other| one == other).find(|day| day.len() >= ROOM);
        Ok((*day.context("the calendar has no day with room for a test drive: use another --data-dir")?[0])
            .to_owned())
    }

    /// The customer's appointment, once the calendar has confirmed it.
    pub async fn confirmed_appointment(&self) -> anyhow::Result<Booked> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let request = ListAppointmentsRequest {
                contact_phone: self.customer.clone(),
                ..ListAppointmentsRequest::default()
            };
            let answer = self.calendar.clone().list_appointments(request).await?.into_inner();
            let latest = answer.appointments.into_iter().next_back();
            match latest {
                Some(appointment) if appointment.status() == AppointmentStatus::Confirmed => {
                    return Ok(Booked(appointment));
                }
                None => {
                    bail!("the test drive was not booked: the calendar has no appointment for the customer")
                }
                Some(other) if Instant::now() >= deadline => {
                    bail!(
                        "the test drive was not confirmed within {} s: it is {}",
                        PATIENCE.as_secs(),
                        Booked(other)
                    )
                }
                Some(_) => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// What the CRM knows about the customer.
    pub async fn lead(&self) -> anyhow::Result<Lead> {
        let request = GetContactRequest { phone: self.customer.clone() };
        let answer = self.crm.clone().get_contact(request).await?.into_inner();
        Ok(Lead(answer.contact.context("the CRM does not know the customer")?))
    }

    /// The conversation as the orchestrator keeps it.
    pub async fn messages(&self) -> anyhow::Result<Kept> {
        let request = ListMessagesRequest {
            conversation_id: format!("twilio:{}", self.customer),
            ..ListMessagesRequest::default()
        };
        let messages = self.orchestrator.clone().list_messages(request).await?.into_inner().messages;
        let count = |direction| messages.iter().filter(|message| message.direction() == direction).count();
        Ok(Kept { inbound: count(Direction::Inbound), outbound: count(Direction::Outbound), messages })
    }
}

impl Kept {
    /// The conversation's internal id.
    pub fn conversation_id(&self) -> &str {
        self.messages.first().map_or("", |message| message.conversation_id.as_str())
    }

    /// The trace of the message with this SID.
    pub fn trace_of(&self, sid: &str) -> Option<&str> {
        let message = self.messages.iter().find(|message| message.provider_message_id == sid)?;
        Some(message.trace_id.as_str()).filter(|id| !id.is_empty())
    }
}

impl fmt::Display for Booked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(appointment) = self;
        let status = appointment.status().as_str_name();
        let status = status.trim_start_matches("APPOINTMENT_STATUS_").to_lowercase();
        write!(f, "{}, {}, {status}", appointment.label, appointment.subject)
    }
}

impl fmt::Display for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(contact) = self;
        let status = contact.status().as_str_name().trim_start_matches("LEAD_STATUS_");
        write!(f, "{}, score {}, {status}", contact.name, contact.score)?;
        let mut points: Vec<_> = contact.breakdown.iter().collect();
        points.sort_by_key(|(signal, points)| (std::cmp::Reverse(**points), signal.as_str()));
        let points: Vec<_> =
            points.iter().map(|(signal, points)| format!("{} {points}", signal.replace('_', " "))).collect();
        if points.is_empty() { Ok(()) } else { write!(f, " ({})", points.join(" + ")) }
    }
}

#[cfg(test)]
mod tests {
    use proto::crm::v1::LeadStatus;

    use super::*;

    #[test]
    fn a_lead_is_shown_with_its_points_the_greatest_first() {
        let breakdown = [("budget".to_owned(), 20), ("test_drive".to_owned(), 20), ("car".to_owned(), 30)];
        let mut contact = Contact {
            name: "Sanne".to_owned(),
            score: 70,
            breakdown: breakdown.into(),
            ..Contact::default()
        };
        contact.set_status(LeadStatus::Warm);
        assert_eq!(Lead(contact).to_string(), "Sanne, score 70, WARM (car 30 + budget 20 + test drive 20)");
    }
}
