//! The calendar's RPCs: proto in, domain out.

use mesh::convert::{from_proto_timestamp, to_proto_timestamp};
use model::{AppointmentId, Timestamp};
use proto::calendar::v1 as pb;
use proto::calendar::v1::calendar_service_server::CalendarService;
use proto::privacy::v1::privacy_service_server::PrivacyService;
use proto::privacy::v1::{EraseRequest, EraseResponse, ExportRequest, ExportResponse};
use tonic::{Request, Response, Status as GrpcStatus};

use crate::calendar::Calendar;
use crate::domain::{Appointment, Booking, Details, Fence, Status};
use crate::error::Error;
use crate::fields::{
    address, conversation, cursor, cursor_text, optional_address, page_size, required, text,
};
use crate::slots::Slot;

/// Slots answered when the request does not say how many, and at most (`calendar_service.proto`).
const SLOTS: (u32, u32) = (10, 1_000);

/// Answers the calendar's RPCs.
#[derive(Clone)]
pub(crate) struct Grpc(pub Calendar);

type Answer<T> = Result<Response<T>, GrpcStatus>;

#[tonic::async_trait]
impl CalendarService for Grpc {
    async fn list_available_slots(
        &self,
        request: Request<pb::ListAvailableSlotsRequest>,
    ) -> Answer<pb::ListAvailableSlotsResponse> {
        answer(self.free_slots(request.into_inner()).await)
    }

    async fn book_appointment(
        &self,
        request: Request<pb::BookAppointmentRequest>,
    ) -> Answer<pb::BookAppointmentResponse> {
        answer(self.book(request.into_inner()).await)
    }

    async fn confirm_appointment(
        &self,
        request: Request<pb::ConfirmAppointmentRequest>,
    ) -> Answer<pb::ConfirmAppointmentResponse> {
        answer(self.confirm(request.into_inner()).await)
    }

    async fn amend_appointment(
        &self,
        request: Request<pb::AmendAppointmentRequest>,
    ) -> Answer<pb::AmendAppointmentResponse> {
        answer(self.amend(request.into_inner()).await)
    }

    async fn reschedule_appointment(
        &self,
        request: Request<pb::RescheduleAppointmentRequest>,
    ) -> Answer<pb::RescheduleAppointmentResponse> {
        answer(self.reschedule(request.into_inner()).await)
    }

    async fn cancel_appointment(
        &self,
        request: Request<pb::CancelAppointmentRequest>,
    ) -> Answer<pb::CancelAppointmentResponse> {
        answer(self.cancel(request.into_inner()).await)
    }

    async fn get_appointment(
        &self,
        request: Request<pb::GetAppointmentRequest>,
    ) -> Answer<pb::GetAppointmentResponse> {
        answer(self.get(request.into_inner()).await)
    }

    async fn list_appointments(
        &self,
        request: Request<pb::ListAppointmentsRequest>,
    ) -> Answer<pb::ListAppointmentsResponse> {
        answer(self.list(request.into_inner()).await)
    }
}

#[tonic::async_trait]
impl PrivacyService for Grpc {
    async fn export(&self, request: Request<ExportRequest>) -> Answer<ExportResponse> {
        let contact = address("contact", &request.into_inner().contact).map_err(mesh::status)?;
        answer(self.0.export(contact).await.map(|json| ExportResponse { json }))
    }

    async fn erase(&self, request: Request<EraseRequest>) -> Answer<EraseResponse> {
        let contact = address("contact", &request.into_inner().contact).map_err(mesh::status)?;
        answer(self.0.erase(contact).await.map(|receipt| EraseResponse { receipt }))
    }
}

fn answer<T>(outcome: Result<T, Error>) -> Answer<T> {
    outcome.map(Response::new).map_err(mesh::status)
}

impl Grpc {
    async fn free_slots(
        &self,
        request: pb::ListAvailableSlotsRequest,
    ) -> Result<pb::ListAvailableSlotsResponse, Error> {
        let limit = if request.limit == 0 { SLOTS.0 } else { request.limit.min(SLOTS.1) };
        let resource = text("resource", request.resource)?;
        let (from, to) = (request.from.map(from_proto_timestamp), request.to.map(from_proto_timestamp));
        let free = self.0.free_slots(from, to, resource, limit as usize).await?;
        Ok(pb::ListAvailableSlotsResponse { slots: free.into_iter().map(|slot| self.slot(slot)).collect() })
    }

    async fn book(&self, request: pb::BookAppointmentRequest) -> Result<pb::BookAppointmentResponse, Error> {
        let conversation_id = text("conversation_id", request.conversation_id)?;
        let booking =
            Booking {
                idempotency_key: required("idempotency_key", request.idempotency_key)?,
                start: start(request.start)?,
                resource: text("resource", request.resource)?,
                fence: conversation(&conversation_id, request.fencing_token)?,
                hold: request.hold,
                replaces: match request.replaces.as_str() {
                    "" => None,
                    other => Some(other.parse().map_err(|_| {
                        Error::invalid("replaces", "must be an id that BookAppointment gave")
                    })?),
                },
                details: Details {
                    contact: optional_address("contact_phone", &request.contact_phone)?,
                    contact_name: text("contact_name", request.contact_name)?,
                    subject: text("subject", request.subject)?,
                    conversation_id,
                },
            };
        let appointment = self.0.book(booking).await?;
        Ok(pb::BookAppointmentResponse {
            appointment_id: appointment.id.to_string(),
            appointment: Some(self.appointment(appointment)),
        })
    }

    async fn confirm(
        &self,
        request: pb::ConfirmAppointmentRequest,
    ) -> Result<pb::ConfirmAppointmentResponse, Error> {
        let appointment = self.0.confirm(id(&request.appointment_id)?).await?;
        Ok(pb::ConfirmAppointmentResponse { appointment: Some(self.appointment(appointment)) })
    }

    async fn amend(
        &self,
        request: pb::AmendAppointmentRequest,
    ) -> Result<pb::AmendAppointmentResponse, Error> {
        let fence = fence(request.conversation_id, request.fencing_token)?;
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let name = given(text("name", request.name)?);
        let subject = given(text("subject", request.subject)?);
        let appointment = self.0.amend(id(&request.appointment_id)?, name, subject, fence).await?;
        Ok(pb::AmendAppointmentResponse { appointment: Some(self.appointment(appointment)) })
    }

    async fn reschedule(
        &self,
        request: pb::RescheduleAppointmentRequest,
    ) -> Result<pb::RescheduleAppointmentResponse, Error> {
        let fence = fence(request.conversation_id, request.fencing_token)?;
        let appointment =
            self.0.reschedule(id(&request.appointment_id)?, start(request.start)?, fence).await?;
        Ok(pb::RescheduleAppointmentResponse { appointment: Some(self.appointment(appointment)) })
    }

    async fn cancel(
        &self,
        request: pb::CancelAppointmentRequest,
    ) -> Result<pb::CancelAppointmentResponse, Error> {
        let fence = fence(request.conversation_id, request.fencing_token)?;
        let appointment = self.0.cancel(id(&request.appointment_id)?, fence).await?;
        Ok(pb::CancelAppointmentResponse { appointment: Some(self.appointment(appointment)) })
    }

    async fn get(&self, request: pb::GetAppointmentRequest) -> Result<pb::GetAppointmentResponse, Error> {
        let appointment = self.0.get(id(&request.appointment_id)?).await?;
        Ok(pb::GetAppointmentResponse { appointment: Some(self.appointment(appointment)) })
    }

    async fn list(
        &self,
        request: pb::ListAppointmentsRequest,
    ) -> Result<pb::ListAppointmentsResponse, Error> {
        let page = self
            .0
            .list(
                request.from.map(from_proto_timestamp),
                request.to.map(from_proto_timestamp),
                optional_address("contact_phone", &request.contact_phone)?,
                cursor(&request.page_token)?,
                page_size(request.page_size),
            )
            .await?;
        Ok(pb::ListAppointmentsResponse {
            appointments: page.appointments.into_iter().map(|it| self.appointment(it)).collect(),
            next_page_token: page.next.map(cursor_text).unwrap_or_default(),
        })
    }

    fn slot(&self, slot: Slot) -> pb::Slot {
        pb::Slot {
            start: Some(to_proto_timestamp(slot.start)),
            end: Some(to_proto_timestamp(slot.end)),
            label: self.0.label(slot.start),
        }
    }

    fn appointment(&self, appointment: Appointment) -> pb::Appointment {
        let status = appointment.status_at(self.0.now());
        let hold_expires_at =
            (status == Status::Held).then(|| to_proto_timestamp(appointment.hold_expires_at));
        pb::Appointment {
            appointment_id: appointment.id.to_string(),
            start: Some(to_proto_timestamp(appointment.slot.start)),
            end: Some(to_proto_timestamp(appointment.slot.end)),
            status: wire_status(status).into(),
            contact_phone: appointment.details.contact.map(|it| it.to_string()).unwrap_or_default(),
            contact_name: appointment.details.contact_name,
            subject: appointment.details.subject,
            resource: appointment.resource,
            conversation_id: appointment.details.conversation_id,
            hold_expires_at,
            label: self.0.label(appointment.slot.start),
            calendar_event_id: String::new(),
            replaced_by: appointment.replaced_by.map(|id| id.to_string()).unwrap_or_default(),
        }
    }
}

/// A hold that ran out looks called off from outside.
fn wire_status(status: Status) -> pb::AppointmentStatus {
    match status {
        Status::Held => pb::AppointmentStatus::Held,
        Status::Confirmed => pb::AppointmentStatus::Confirmed,
        Status::Rescheduled | Status::Replaced => pb::AppointmentStatus::Rescheduled,
        Status::Released | Status::Cancelled => pb::AppointmentStatus::Cancelled,
        Status::Completed => pb::AppointmentStatus::Completed,
        Status::NoShow => pb::AppointmentStatus::NoShow,
    }
}

fn id(text: &str) -> Result<AppointmentId, Error> {
    text.parse().map_err(|_| Error::invalid("appointment_id", "must be an id that BookAppointment gave"))
}

fn start(moment: Option<prost_types::Timestamp>) -> Result<Timestamp, Error> {
    moment.map(from_proto_timestamp).ok_or_else(|| Error::invalid("start", "must be set"))
}

fn fence(conversation_id: String, token: i64) -> Result<Option<Fence>, Error> {
    conversation(&text("conversation_id", conversation_id)?, token)
}
