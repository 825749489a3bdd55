//! Booking, holding, confirming and fencing, over the wire and on both engines.

use std::time::Duration;

use crate::support::{
    HOLD, SATURDAY_11, World, at, book_all_at_once, booking, hold, moment, on_both_engines, reason, status,
};
use proto::calendar::v1::AppointmentStatus::{Cancelled, Confirmed, Held};
use proto::calendar::v1::BookAppointmentRequest;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

#[tokio::test]
async fn a_booked_slot_is_no_longer_offered() {
    on_both_engines(async |world| {
        assert_eq!(world.free_on_saturday().await.len(), 8);
        let appointment = world.book(booking("a")).await.unwrap();
        assert_eq!(status(&appointment), Confirmed);
        assert_eq!(appointment.label, "zaterdag 14 maart 11:00");
        assert_eq!(appointment.contact_phone, "+31612345678");
        assert_eq!(appointment.hold_expires_at, None);
        assert_eq!(world.free_on_saturday().await.len(), 7);
        assert!(!world.is_free().await);

        let error = world.book(booking("b")).await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::AlreadyExists, "SLOT_TAKEN"));
        let other_car = BookAppointmentRequest { resource: "car-7".to_owned(), ..booking("c") };
        assert_eq!(status(&world.book(other_car).await.unwrap()), Confirmed, "another resource is free");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_booking_answers_with_the_same_appointment_whatever_has_changed() {
    on_both_engines(async |world| {
        let wish = BookAppointmentRequest { conversation_id: "c1".into(), fencing_token: 5, ..booking("a") };
        let first = world.book(wish.clone()).await.unwrap();
        assert_eq!(world.book(wish.clone()).await.unwrap(), first);

        let newer = BookAppointmentRequest {
            start: Some(at("2026-03-13T10:00:00Z")),
            fencing_token: 9,
            idempotency_key: "b".into(),
            ..wish.clone()
        };
        world.book(newer).await.unwrap();
        assert_eq!(world.book(wish.clone()).await.unwrap(), first, "a newer token was seen since");

        world.clock.set(moment("2026-03-20T10:00:00Z"));
        assert_eq!(world.book(wish).await.unwrap(), first, "it is in the past by now");
    })
    .await;
}

fn winners(outcomes: &[Result<String, Status>]) -> usize {
    for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert_eq!((error.code(), reason(error).as_str()), (Code::AlreadyExists, "SLOT_TAKEN"), "{error}");
    }
    outcomes.iter().filter(|outcome| outcome.is_ok()).count()
}

#[tokio::test]
async fn of_fifty_bookings_of_one_slot_one_wins() {
    on_both_engines(async |world| {
        for start in [SATURDAY_11, "2026-03-14T12:00:00Z", "2026-03-14T13:00:00Z"] {
            let wish = |caller: u32| BookAppointmentRequest {
                start: Some(at(start)),
                hold: caller.is_multiple_of(2),
                ..booking(&format!("{start}-{caller}"))
            };
            let outcomes = book_all_at_once(&world.client, (0..50).map(wish).collect()).await;
            assert_eq!(winners(&outcomes), 1, "{start}");
        }
    })
    .await;
}

#[tokio::test]
async fn of_fifty_bookings_of_a_slot_whose_hold_ran_out_one_wins() {
    on_both_engines(async |world| {
        world.book(hold("first")).await.unwrap();
        world.clock.advance(HOLD);
        let wishes = (0..50).map(|caller| booking(&caller.to_string())).collect();
        assert_eq!(winners(&book_all_at_once(&world.client, wishes).await), 1);
    })
    .await;
}

#[tokio::test]
async fn one_key_booked_many_times_at_once_is_one_appointment() {
    on_both_engines(async |world| {
        let outcomes = book_all_at_once(&world.client, vec![hold("same"); 20]).await;
        let mut ids: Vec<String> = outcomes.into_iter().map(Result::unwrap).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_hold_keeps_its_slot_for_two_minutes_and_not_a_moment_longer() {
    on_both_engines(async |world| {
        let held = world.book(hold("a")).await.unwrap();
        assert_eq!(status(&held), Held);
        let expires_at = mesh::convert::from_proto_timestamp(held.hold_expires_at.unwrap());
        assert_eq!(expires_at, moment("2026-03-02T09:02:00Z"));

        world.clock.set(expires_at - Duration::from_micros(1));
        assert!(!world.is_free().await);
        assert_eq!(world.book(booking("b")).await.unwrap_err().code(), Code::AlreadyExists);
        world.clock.set(expires_at);
        assert!(world.is_free().await);
        assert_eq!(status(&world.get(&held.appointment_id).await.unwrap()), Cancelled);
        assert_eq!(status(&world.book(booking("c")).await.unwrap()), Confirmed);

        let error = world.confirm(&held.appointment_id).await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::FailedPrecondition, "HOLD_LOST"));
        assert_eq!(reason(&world.book(hold("a")).await.unwrap_err()), "SLOT_TAKEN");
    })
    .await;
}

#[tokio::test]
async fn a_hold_that_nobody_confirms_is_released_also_over_a_restart() {
    on_both_engines(async |world| {
        let held = world.book(hold("a")).await.unwrap();
        world.restart(|world| world.clock.advance(HOLD)).await;
        // With the clock set back a hold still looks alive, unless the worker has written that it is over.
        let (before, after) = (moment("2026-03-02T09:01:00Z"), moment("2026-03-02T09:02:00Z"));
        for tries in 0.. {
            assert!(tries < 200, "the hold was not released");
            tokio::time::sleep(Duration::from_millis(50)).await;
            world.clock.set(before);
            let released = status(&world.get(&held.appointment_id).await.unwrap()) == Cancelled;
            let free = world.is_free().await;
            world.clock.set(after);
            if released {
                assert!(free, "its slot was not freed");
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_confirmed_hold_stays_and_confirming_again_changes_nothing() {
    on_both_engines(async |world| {
        let held = world.book(hold("a")).await.unwrap();
        let confirmed = world.confirm(&held.appointment_id).await.unwrap();
        assert_eq!((status(&confirmed), confirmed.hold_expires_at), (Confirmed, None));
        assert_eq!(world.confirm(&held.appointment_id).await.unwrap(), confirmed);
        assert_eq!(world.book(hold("a")).await.unwrap(), confirmed, "repeating the hold does not undo it");
        world.clock.advance(HOLD * 2);
        assert!(!world.is_free().await);
        assert_eq!(world.get(&held.appointment_id).await.unwrap(), confirmed);
    })
    .await;
}

#[tokio::test]
async fn a_hold_that_ran_out_is_confirmed_while_its_slot_is_free() {
    on_both_engines(async |world| {
        let held = world.book(hold("a")).await.unwrap();
        world.clock.advance(HOLD * 10);
        assert_eq!(status(&world.confirm(&held.appointment_id).await.unwrap()), Confirmed);
        assert!(!world.is_free().await);

        let late = BookAppointmentRequest { start: Some(at("2026-03-02T13:00:00Z")), ..hold("b") };
        let late = world.book(late).await.unwrap();
        world.clock.set(moment("2026-03-02T13:00:00Z"));
        let error = world.confirm(&late.appointment_id).await.unwrap_err();
        assert_eq!(reason(&error), "HOLD_LOST", "its slot has begun");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_hold_that_ran_out_is_held_again() {
    on_both_engines(async |world| {
        let held = world.book(hold("a")).await.unwrap();
        world.clock.advance(HOLD * 2);
        let again = world.book(hold("a")).await.unwrap();
        assert_eq!((again.appointment_id.as_str(), status(&again)), (held.appointment_id.as_str(), Held));
        assert!(!world.is_free().await);
        world.clock.advance(HOLD / 2);
        assert!(!world.is_free().await, "its two minutes begin anew");
    })
    .await;
}

#[tokio::test]
async fn an_overtaken_caller_that_repeats_itself_is_answered_and_holds_nothing() {
    on_both_engines(async |world| {
        let fenced = |key: &str, token: i64, start: &str| BookAppointmentRequest {
            conversation_id: "c".into(),
            fencing_token: token,
            start: Some(at(start)),
            ..hold(key)
        };
        let held = world.book(fenced("old", 1, SATURDAY_11)).await.unwrap();
        world.book(fenced("new", 2, "2026-03-13T10:00:00Z")).await.unwrap();
        assert_eq!(world.book(fenced("old", 1, SATURDAY_11)).await.unwrap(), held);
        world.clock.advance(HOLD);
        let repeat = world.book(fenced("old", 1, SATURDAY_11)).await.unwrap();
        assert_eq!(
            (repeat.appointment_id.as_str(), status(&repeat)),
            (held.appointment_id.as_str(), Cancelled)
        );
        assert!(world.is_free().await);
    })
    .await;
}

#[tokio::test]
async fn a_stale_token_is_refused_and_a_refused_wish_still_counts_as_seen() {
    on_both_engines(async |world| {
        world.book(booking("taken")).await.unwrap();
        let fenced = |key: &str, token: i64, start: &str| BookAppointmentRequest {
            conversation_id: "conversation-1".into(),
            fencing_token: token,
            start: Some(at(start)),
            ..booking(key)
        };
        let error = world.book(fenced("new", 6, SATURDAY_11)).await.unwrap_err();
        assert_eq!(error.code(), Code::AlreadyExists);

        let error = world.book(fenced("old", 5, "2026-03-13T10:00:00Z")).await.unwrap_err();
        assert_eq!(
            (error.code(), reason(&error).as_str()),
            (Code::FailedPrecondition, "STALE_FENCING_TOKEN")
        );
        world.book(fenced("same", 6, "2026-03-13T10:00:00Z")).await.unwrap();
        let elsewhere = BookAppointmentRequest {
            conversation_id: "conversation-2".into(),
            ..fenced("other", 1, "2026-03-13T12:00:00Z")
        };
        world.book(elsewhere).await.unwrap();
        world.book(fenced("unfenced", 0, "2026-03-13T13:00:00Z")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_start_that_is_no_slot_is_refused_and_says_why() {
    on_both_engines(async |world| {
        let ask = async |start: &str| {
            let wish = BookAppointmentRequest { start: Some(at(start)), ..booking("a") };
            let error = world.book(wish).await.unwrap_err();
            let field = error.get_details_bad_request().map(|it| it.field_violations[0].field.clone());
            (error.code(), reason(&error), field.unwrap_or_default())
        };
        let refused = |reason: &str| (Code::FailedPrecondition, reason.to_owned(), String::new());
        let invalid = (Code::InvalidArgument, "INVALID".to_owned(), "start".to_owned());
        assert_eq!(ask("2026-03-14T10:30:00Z").await, invalid);
        assert_eq!(ask("2026-03-14T11:00:00Z").await, refused("OUTSIDE_HOURS"));
        assert_eq!(ask("2026-03-15T10:00:00Z").await, refused("OUTSIDE_HOURS"));
        assert_eq!(ask("2026-03-02T08:00:00Z").await, refused("TOO_SOON"));
        assert_eq!(ask("2026-03-17T10:00:00Z").await, refused("BEYOND_HORIZON"));

        let error = world.book(BookAppointmentRequest { start: None, ..booking("a") }).await.unwrap_err();
        assert_eq!(error.message(), "start must be set");
        for (wrong, message) in [
            (booking(""), "idempotency_key must be set"),
            (
                BookAppointmentRequest { fencing_token: 3, ..booking("a") },
                "conversation_id must be set when fencing_token is",
            ),
            (
                BookAppointmentRequest { contact_phone: "0612345678".into(), ..booking("a") },
                "contact_phone is not usable",
            ),
        ] {
            let error = world.book(wrong).await.unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument);
            assert!(error.message().starts_with(message), "{error}");
            assert!(!error.message().contains("0612345678"), "the number is not repeated");
        }
    })
    .await;
}

#[tokio::test]
async fn slots_of_a_new_length_never_overlap_what_was_booked() {
    on_both_engines(async |world| {
        world.book(booking("an hour at 11")).await.unwrap();
        let over = BookAppointmentRequest { start: Some(at("2026-03-14T12:00:00Z")), ..hold("a hold at 13") };
        world.book(over).await.unwrap();
        world.clock.advance(HOLD);
        let half_hours = |world: &World| {
            let shorter = dealer::BUILTIN.replace("slot_minutes = 60", "slot_minutes = 30");
            std::fs::write(&world.dealer_file, shorter).unwrap();
        };
        world.restart(half_hours).await;
        let free = world.free_on_saturday().await;
        assert!(free.contains(&"zaterdag 14 maart 10:30".to_owned()));
        assert!(!free.contains(&"zaterdag 14 maart 11:00".to_owned()));
        assert!(!free.contains(&"zaterdag 14 maart 11:30".to_owned()));
        let inside = BookAppointmentRequest { start: Some(at("2026-03-14T10:30:00Z")), ..booking("half") };
        assert_eq!(world.book(inside).await.unwrap_err().code(), Code::AlreadyExists);
        let freed =
            BookAppointmentRequest { start: Some(at("2026-03-14T12:30:00Z")), ..booking("half past one") };
        world.book(freed).await.unwrap();
    })
    .await;
}
