//! Appointments that take the place of others, and those whose name or subject changes.

use crate::support::{HOLD, World, at, booking, hold, on_both_engines, reason, status};
use proto::calendar::v1::AppointmentStatus::{Cancelled, Confirmed, Held, Rescheduled};
use proto::calendar::v1::{AmendAppointmentRequest, Appointment, BookAppointmentRequest};
use tonic::Code;

const FRIDAY_11: &str = "2026-03-13T10:00:00Z";

/// A hold of Friday 11:00 that is to take an appointment's place.
fn instead_of(appointment: &Appointment, key: &str) -> BookAppointmentRequest {
    BookAppointmentRequest {
        start: Some(at(FRIDAY_11)),
        replaces: appointment.appointment_id.clone(),
        ..hold(key)
    }
}

async fn friday_is_free(world: &World) -> bool {
    let wish = BookAppointmentRequest { start: Some(at(FRIDAY_11)), ..hold("is-it-free") };
    match world.book(wish).await {
        Ok(held) => {
            world.cancel(&held.appointment_id).await.unwrap();
            true
        }
        Err(_) => false,
    }
}

#[tokio::test]
async fn an_appointment_is_given_up_when_the_one_in_its_place_is_confirmed_and_not_before() {
    on_both_engines(async |world| {
        let old = world.book(booking("a")).await.unwrap();
        let new = world.book(instead_of(&old, "b")).await.unwrap();
        assert_eq!(status(&new), Held);
        assert_eq!(world.get(&old.appointment_id).await.unwrap(), old);
        assert!(!world.is_free().await, "the old slot is kept until the new one stands");

        let confirmed = world.confirm(&new.appointment_id).await.unwrap();
        assert_eq!(status(&confirmed), Confirmed);
        assert!(world.is_free().await);
        let given_up = world.get(&old.appointment_id).await.unwrap();
        assert_eq!(status(&given_up), Rescheduled);
        assert_eq!(given_up.replaced_by, new.appointment_id);

        assert_eq!(world.confirm(&new.appointment_id).await.unwrap(), confirmed, "safe to repeat");
        let ended = [
            world.confirm(&old.appointment_id).await,
            world.cancel(&old.appointment_id).await,
            world.reschedule(&old.appointment_id, FRIDAY_11).await,
            world.amend(&old.appointment_id, "Piet", "").await,
        ];
        for outcome in ended {
            assert_eq!(reason(&outcome.unwrap_err()), "APPOINTMENT_ENDED");
        }
        assert_eq!(world.get(&old.appointment_id).await.unwrap(), given_up);
    })
    .await;
}

#[tokio::test]
async fn a_hold_that_runs_out_changes_nothing_about_what_it_was_to_replace() {
    on_both_engines(async |world| {
        let old = world.book(booking("a")).await.unwrap();
        let new = world.book(instead_of(&old, "b")).await.unwrap();
        world.clock.advance(HOLD);
        assert_eq!(status(&world.get(&new.appointment_id).await.unwrap()), Cancelled);
        assert_eq!(world.get(&old.appointment_id).await.unwrap(), old);
        let other = BookAppointmentRequest { start: Some(at(FRIDAY_11)), ..booking("c") };
        world.book(other).await.unwrap();
        let error = world.confirm(&new.appointment_id).await.unwrap_err();
        assert_eq!(reason(&error), "HOLD_LOST");
        assert_eq!(world.get(&old.appointment_id).await.unwrap(), old);
        assert!(!world.is_free().await);
    })
    .await;
}

#[tokio::test]
async fn what_was_called_off_meanwhile_stays_called_off() {
    on_both_engines(async |world| {
        let old = world.book(booking("a")).await.unwrap();
        let new = world.book(instead_of(&old, "b")).await.unwrap();
        let cancelled = world.cancel(&old.appointment_id).await.unwrap();
        assert_eq!(status(&world.confirm(&new.appointment_id).await.unwrap()), Confirmed);
        assert_eq!(world.get(&old.appointment_id).await.unwrap(), cancelled);
    })
    .await;
}

#[tokio::test]
async fn nobody_replaces_the_appointment_of_somebody_else() {
    on_both_engines(async |world| {
        let other = BookAppointmentRequest { contact_phone: "+31687654321".into(), ..booking("a") };
        let other = world.book(other).await.unwrap();
        let error = world.book(instead_of(&other, "b")).await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::NotFound, "APPOINTMENT_NOT_FOUND"));
        assert!(friday_is_free(world).await);
        let wrong = BookAppointmentRequest { replaces: "7".into(), ..hold("c") };
        let error = world.book(wrong).await.unwrap_err();
        assert!(error.message().starts_with("replaces must be"), "{}", error.message());
    })
    .await;
}

#[tokio::test]
async fn a_name_that_comes_after_the_hold_is_put_on_it_and_what_is_empty_stays() {
    on_both_engines(async |world| {
        let nameless = BookAppointmentRequest { contact_name: String::new(), ..hold("a") };
        let held = world.book(nameless).await.unwrap();
        assert_eq!(held.contact_name, "");
        let named = world.amend(&held.appointment_id, "Marieke Jansen", "").await.unwrap();
        assert_eq!(named, Appointment { contact_name: "Marieke Jansen".into(), ..held });
        assert_eq!(world.amend(&named.appointment_id, "Marieke Jansen", "").await.unwrap(), named);
        world.confirm(&named.appointment_id).await.unwrap();
        let other_car = world.amend(&named.appointment_id, "", "Proefrit Renault Captur").await.unwrap();
        assert_eq!(other_car.contact_name, "Marieke Jansen");
        assert_eq!(other_car.subject, "Proefrit Renault Captur");
        assert_eq!(status(&other_car), Confirmed);
        world.cancel(&named.appointment_id).await.unwrap();
        let error = world.amend(&named.appointment_id, "Piet", "").await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::FailedPrecondition, "APPOINTMENT_ENDED"));
        let nobody = "0198c5a2-7b3e-7cc0-8000-000000000001";
        assert_eq!(world.amend(nobody, "Piet", "").await.unwrap_err().code(), Code::NotFound);
    })
    .await;
}

#[tokio::test]
async fn a_stale_turn_amends_nothing() {
    on_both_engines(async |world| {
        let wish = BookAppointmentRequest { conversation_id: "c".into(), fencing_token: 7, ..booking("a") };
        let booked = world.book(wish).await.unwrap();
        let amend = async |token: i64, name: &str| {
            let request = AmendAppointmentRequest {
                appointment_id: booked.appointment_id.clone(),
                name: name.into(),
                conversation_id: "c".into(),
                fencing_token: token,
                ..Default::default()
            };
            world.client.clone().amend_appointment(request).await
        };
        assert_eq!(reason(&amend(6, "Piet").await.unwrap_err()), "STALE_FENCING_TOKEN");
        amend(8, "Piet").await.unwrap();
        amend(6, "Piet").await.unwrap();
    })
    .await;
}
