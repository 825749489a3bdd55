//! Moving, cancelling, listing and forgetting appointments, over the wire and on both engines.

use crate::support::{HOLD, World, at, booking, hold, on_both_engines, reason, status};
use proto::calendar::v1::AppointmentStatus::{Cancelled, Confirmed, Held, Rescheduled};
use proto::calendar::v1::{
    Appointment, BookAppointmentRequest, CancelAppointmentRequest, ListAppointmentsRequest,
    ListAvailableSlotsRequest,
};
use proto::privacy::v1::{EraseRequest, ExportRequest};
use tonic::Code;

const FRIDAY_11: &str = "2026-03-13T10:00:00Z";

#[tokio::test]
async fn a_moved_appointment_frees_its_old_slot_and_moving_it_again_there_changes_nothing() {
    on_both_engines(async |world| {
        let booked = world.book(booking("a")).await.unwrap();
        let moved = world.reschedule(&booked.appointment_id, FRIDAY_11).await.unwrap();
        assert_eq!((status(&moved), moved.label.as_str()), (Rescheduled, "vrijdag 13 maart 11:00"));
        assert!(world.is_free().await);
        assert_eq!(world.reschedule(&booked.appointment_id, FRIDAY_11).await.unwrap(), moved);
        assert_eq!(world.confirm(&booked.appointment_id).await.unwrap(), moved);
    })
    .await;
}

#[tokio::test]
async fn an_appointment_that_cannot_move_stays_where_it_was() {
    on_both_engines(async |world| {
        let booked = world.book(booking("a")).await.unwrap();
        let other = BookAppointmentRequest { start: Some(at(FRIDAY_11)), ..booking("b") };
        world.book(other).await.unwrap();
        let error = world.reschedule(&booked.appointment_id, FRIDAY_11).await.unwrap_err();
        assert_eq!(error.code(), Code::AlreadyExists);
        let error = world.reschedule(&booked.appointment_id, "2026-03-15T10:00:00Z").await.unwrap_err();
        assert_eq!(reason(&error), "OUTSIDE_HOURS");
        assert_eq!(world.get(&booked.appointment_id).await.unwrap(), booked);
        assert!(!world.is_free().await);
    })
    .await;
}

#[tokio::test]
async fn a_moved_hold_is_still_a_hold() {
    on_both_engines(async |world| {
        let held = world.book(hold("a")).await.unwrap();
        let moved = world.reschedule(&held.appointment_id, FRIDAY_11).await.unwrap();
        assert_eq!((status(&moved), moved.hold_expires_at), (Held, held.hold_expires_at));
        assert!(world.is_free().await);
        world.clock.advance(HOLD);
        let error = world.reschedule(&held.appointment_id, FRIDAY_11).await.unwrap_err();
        assert_eq!(reason(&error), "APPOINTMENT_ENDED");
        assert_eq!(status(&world.confirm(&held.appointment_id).await.unwrap()), Confirmed);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_appointment_frees_its_slot_for_good() {
    on_both_engines(async |world| {
        let held = world.book(hold("a")).await.unwrap();
        let cancelled = world.cancel(&held.appointment_id).await.unwrap();
        assert_eq!(status(&cancelled), Cancelled);
        assert!(world.is_free().await);
        assert_eq!(world.cancel(&held.appointment_id).await.unwrap(), cancelled);
        let error = world.confirm(&held.appointment_id).await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::FailedPrecondition, "APPOINTMENT_ENDED"));
        let error = world.reschedule(&held.appointment_id, FRIDAY_11).await.unwrap_err();
        assert_eq!(reason(&error), "APPOINTMENT_ENDED");
        world.book(booking("b")).await.unwrap();
        world.cancel(&held.appointment_id).await.unwrap();
        assert!(!world.is_free().await, "cancelling again does not free what somebody else has");
    })
    .await;
}

#[tokio::test]
async fn a_stale_turn_cannot_cancel_and_a_repeat_of_its_cancel_is_fine() {
    on_both_engines(async |world| {
        let wish = BookAppointmentRequest { conversation_id: "c".into(), fencing_token: 7, ..booking("a") };
        let booked = world.book(wish).await.unwrap();
        let cancel = async |token: i64| {
            let request = CancelAppointmentRequest {
                appointment_id: booked.appointment_id.clone(),
                conversation_id: "c".into(),
                fencing_token: token,
            };
            world.client.clone().cancel_appointment(request).await
        };
        assert_eq!(reason(&cancel(6).await.unwrap_err()), "STALE_FENCING_TOKEN");
        cancel(8).await.unwrap();
        cancel(6).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_and_what_is_no_id_names_the_field() {
    on_both_engines(async |world| {
        let nobody = "0198c5a2-7b3e-7cc0-8000-000000000001";
        assert_eq!(world.get(nobody).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(world.confirm(nobody).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(world.cancel(nobody).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(world.reschedule(nobody, FRIDAY_11).await.unwrap_err().code(), Code::NotFound);
        let error = world.get("7").await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(error.message().starts_with("appointment_id must be"));
    })
    .await;
}

async fn list_all(world: &World, request: ListAppointmentsRequest) -> Vec<Vec<Appointment>> {
    let mut pages = Vec::new();
    let mut request = request;
    loop {
        let page = world.client.clone().list_appointments(request.clone()).await.unwrap().into_inner();
        pages.push(page.appointments);
        if page.next_page_token.is_empty() {
            return pages;
        }
        request.page_token = page.next_page_token;
    }
}

#[tokio::test]
async fn appointments_are_listed_by_start_page_by_page() {
    on_both_engines(async |world| {
        for (key, start, phone) in [
            ("a", "2026-03-14T10:00:00Z", "+31612345678"),
            ("b", "2026-03-13T10:00:00Z", "+31687654321"),
            ("c", "2026-03-13T09:00:00Z", "+31612345678"),
            ("d", "2026-03-12T09:00:00Z", "+31612345678"),
            ("e", "2026-03-14T12:00:00Z", "+31687654321"),
        ] {
            let wish = BookAppointmentRequest {
                start: Some(at(start)),
                contact_phone: phone.into(),
                subject: key.into(),
                ..booking(key)
            };
            world.book(wish).await.unwrap();
        }
        let subjects = |pages: &[Vec<Appointment>]| -> Vec<String> {
            pages.iter().map(|page| page.iter().map(|it| it.subject.as_str()).collect()).collect()
        };
        let by_two = ListAppointmentsRequest { page_size: 2, ..Default::default() };
        assert_eq!(subjects(&list_all(world, by_two.clone()).await), ["dc", "ba", "e"]);
        let two_days = ListAppointmentsRequest {
            from: Some(at("2026-03-13T10:00:00Z")),
            to: Some(at("2026-03-14T12:00:00Z")),
            ..Default::default()
        };
        assert_eq!(subjects(&list_all(world, two_days).await), ["ba"], "from counts, to does not");
        let one_contact = ListAppointmentsRequest { contact_phone: "31612345678@c.us".into(), ..by_two };
        assert_eq!(subjects(&list_all(world, one_contact).await), ["dc", "a"]);

        let wrong = ListAppointmentsRequest { page_token: "x".into(), ..Default::default() };
        let error = world.client.clone().list_appointments(wrong).await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
    })
    .await;
}

#[tokio::test]
async fn slots_are_offered_in_order_and_as_many_as_asked() {
    on_both_engines(async |world| {
        let ask = async |request: ListAvailableSlotsRequest| {
            world.client.clone().list_available_slots(request).await.map(|it| it.into_inner().slots)
        };
        // Monday 2 March 2026, 10:00 in Amsterdam: an hour's notice makes 11:00 the first.
        let slots = ask(ListAvailableSlotsRequest::default()).await.unwrap();
        let labels: Vec<&str> = slots.iter().map(|slot| slot.label.as_str()).collect();
        assert_eq!(labels[..3], ["maandag 2 maart 11:00", "maandag 2 maart 13:00", "maandag 2 maart 14:00"]);
        assert_eq!(labels.len(), 10);
        let many = ListAvailableSlotsRequest { limit: 1_000, ..Default::default() };
        assert_eq!(ask(many).await.unwrap().len(), 102, "all there are");
        let backwards = ListAvailableSlotsRequest {
            from: Some(at("2026-03-14T10:00:00Z")),
            to: Some(at("2026-03-13T10:00:00Z")),
            ..Default::default()
        };
        assert_eq!(ask(backwards).await.unwrap_err().message(), "to must not lie before from");
    })
    .await;
}

#[tokio::test]
async fn a_dealer_with_many_slots_a_day_offers_them_all_in_several_answers() {
    on_both_engines(async |world| {
        world
            .restart(|world| {
                let dealer = dealer::BUILTIN
                    .replace("slot_minutes = 60", "slot_minutes = 10")
                    .replace("horizon_days = 14", "horizon_days = 35");
                std::fs::write(&world.dealer_file, dealer).unwrap();
            })
            .await;
        let ask = async |from| {
            let request = ListAvailableSlotsRequest { from, limit: 5_000, ..Default::default() };
            world.client.clone().list_available_slots(request).await.unwrap().into_inner().slots
        };
        let first = ask(None).await;
        assert_eq!(first.len(), 1_000, "no answer is larger");
        let last = first.last().unwrap();
        assert_eq!(last.label, "donderdag 26 maart 09:30");
        let after = last.start.map(|start| prost_types::Timestamp { nanos: 1_000, ..start });
        let rest = ask(after).await;
        assert_eq!(rest[0].label, "donderdag 26 maart 09:40");
        assert_eq!(rest.last().unwrap().label, "maandag 6 april 17:50", "the last day");
    })
    .await;
}

#[tokio::test]
async fn a_person_who_asks_gets_everything_and_can_be_forgotten() {
    on_both_engines(async |world| {
        let wish = BookAppointmentRequest {
            conversation_id: "twilio:+31612345678".into(),
            fencing_token: 3,
            ..booking("a")
        };
        let booked = world.book(wish).await.unwrap();
        let other = BookAppointmentRequest {
            contact_phone: "+31687654321".into(),
            start: Some(at(FRIDAY_11)),
            ..booking("b")
        };
        let other = world.book(other).await.unwrap();
        let contact = "+31612345678".to_owned();
        let export =
            world.privacy.export(ExportRequest { contact: contact.clone() }).await.unwrap().into_inner();
        assert!(export.json.contains("Proefrit Volkswagen Golf") && export.json.contains("+31612345678"));
        assert!(!export.json.contains("+31687654321"));

        let receipt = world
            .privacy
            .erase(EraseRequest { contact: contact.clone() })
            .await
            .unwrap()
            .into_inner()
            .receipt;
        assert_eq!(receipt, "calendar: 1 appointments erased");
        assert_eq!(world.get(&booked.appointment_id).await.unwrap_err().code(), Code::NotFound);
        assert!(world.is_free().await);
        assert_eq!(world.get(&other.appointment_id).await.unwrap(), other);
        let again = world.privacy.erase(EraseRequest { contact }).await.unwrap().into_inner().receipt;
        assert_eq!(again, "calendar: 0 appointments erased");
    })
    .await;
}
