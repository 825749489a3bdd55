//! What reaches the customer, as the simulated Twilio sees it: each message once, in order, at the rate allowed,
//! whatever goes wrong on the way.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::world::{ANNA, World, text};
use channel_sender::domain::SERVICE_WINDOW;
use proto::channel::v1::{
    ContactState, ReportFailureRequest, SendMessageRequest, SendState, SetContactStateRequest,
};
use proto::delivery::v1::Delivery;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_out_once_with_a_callback_and_is_made_known() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    let status = world.send_through("m-1", "Goedemorgen!").await;
    assert_eq!(status.attempts, 1);
    // Handing it in again changes nothing.
    assert_eq!(world.send("m-1", ANNA, "Iets anders").await.unwrap(), SendState::Sent);
    let accepted = world.accepted(ANNA);
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0].sid.as_ref(), status.message_sid);
    let callback = accepted[0].callback.as_deref().unwrap();
    assert!(callback.starts_with("http://127.0.0.1:9/twilio-status?m=m-1&a=1"), "{callback}");
    let registered = world.deliveries.registered.lock().unwrap()["m-1"].clone();
    assert_eq!((registered.message_sid, registered.provider), (status.message_sid, "twilio".to_owned()));
    assert_eq!(registered.status, "queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_one_contact_keep_their_order_through_retries() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"429","count":1}]"#);
    for (id, body) in [("m-1", "een"), ("m-2", "twee"), ("m-3", "drie")] {
        world.send(id, ANNA, body).await.unwrap();
    }
    world.reaches("m-3", SendState::Sent).await;
    assert_eq!(world.texts(ANNA), ["een", "twee", "drie"]);
    assert_eq!(world.status("m-1").await.attempts, 2);
    assert_eq!(world.faults_struck(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_error_before_processing_is_settled_from_the_log_and_sent_again() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"500","count":1}]"#);
    world.send("m-1", ANNA, "Hoi").await.unwrap();
    world.reaches("m-1", SendState::Unknown).await;
    let status = world.reaches("m-1", SendState::Sent).await;
    assert_eq!((status.attempts, world.texts(ANNA).len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilio_took_without_saying_so_is_found_in_the_log_and_never_sent_twice() {
    for (id, kind) in
        [("m-1", "accepted_then_500"), ("m-2", "accepted_then_cut"), ("m-3", "accepted_then_timeout")]
    {
        let mut world = World::new(|_| ()).await;
        world.writes(ANNA).await;
        // The same words were sent before, so the text alone does not tell.
        world.send_through("m-0", "Hoi").await;
        world.faults(&format!(r#"[{{"on":"create","kind":"{kind}","count":1}}]"#));
        let status = world.send_through(id, "Hoi").await;
        assert_eq!((status.attempts, world.texts(ANNA)), (1, vec!["Hoi".to_owned(); 2]), "{kind}");
        assert_eq!(world.accepted(ANNA)[1].sid.as_ref(), status.message_sid, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilio_did_not_take_before_the_connection_broke_is_sent_again() {
    for kind in ["cut", "timeout"] {
        let mut world = World::new(|_| ()).await;
        world.writes(ANNA).await;
        world.faults(&format!(r#"[{{"on":"create","kind":"{kind}","count":1}}]"#));
        let status = world.send_through("m-1", "Hoi").await;
        assert_eq!((status.attempts, world.texts(ANNA).len()), (2, 1), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_settles_an_attempt_before_the_log_is_asked() {
    let mut world = World::new(|config| config.send_settle_after = Duration::from_hours(1)).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"accepted_then_cut","count":1}]"#);
    world.send("m-1", ANNA, "Hoi").await.unwrap();
    world.reaches("m-1", SendState::Unknown).await;
    let sid = world.accepted(ANNA)[0].sid.to_string();
    let told = Delivery { message_sid: sid.clone(), status: "delivered".to_owned(), ..Delivery::default() };
    world.deliveries.known.lock().unwrap().insert("m-1".to_owned(), told);
    let status = world.reaches("m-1", SendState::Sent).await;
    assert_eq!((status.message_sid, world.texts(ANNA).len()), (sid, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_could_not_be_settled_for_a_day_is_a_persons_to_settle() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"500","count":1},{"on":"list","kind":"503"}]"#);
    world.send("m-1", ANNA, "Hoi").await.unwrap();
    world.reaches("m-1", SendState::Unknown).await;
    world.stop().await;
    let day = "UPDATE attempts SET started_at = started_at - 90000000000, ended_at = ended_at - 90000000000";
    assert_eq!(world.execute(day), 1);
    world.start().await;
    let failed = world.reaches("m-1", SendState::Failed).await;
    assert_eq!((failed.attempts, world.texts(ANNA).len()), (1, 0));
    assert_eq!(world.alerted("send_failed").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lane_begins_no_attempt() {
    // One place in two seconds: the second message waits for it while its lane is taken away.
    let mut world = World::new(|config| config.send_rate_limit = "1/2s".parse().unwrap()).await;
    let bob = "+31687654321";
    world.writes(ANNA).await;
    world.writes(bob).await;
    world.send_through("m-1", "Hoi").await;
    world.send("m-2", bob, "Hoi").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let take = "UPDATE queue_lanes SET lease_token = 'other' WHERE lane = '+31687654321'";
    assert_eq!(world.execute(take), 1);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let status = world.status("m-2").await;
    assert_eq!((status.state(), status.attempts, world.texts(bob).len()), (SendState::Queued, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_not_available_is_refused_at_the_start() {
    let world = World::without_sender(|config| {
        config.whatsapp_provider = Some(channel_sender::config::WhatsappProvider::Waha);
    })
    .await;
    let refused = world.build().await.err().unwrap();
    assert_eq!(
        refused.to_string(),
        "waha is not available in this version; unset WHATSAPP_PROVIDER or set twilio"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_again_while_the_log_cannot_be_read() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"500","count":1},{"on":"list","kind":"503"}]"#);
    world.send("m-1", ANNA, "Hoi").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let status = world.status("m-1").await;
    assert_eq!((status.state(), status.attempts), (SendState::Unknown, 1));
    assert!(world.texts(ANNA).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permanent_error_fails_the_message_and_the_lane_goes_on() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"error","code":21211,"count":1}]"#);
    world.send("m-1", ANNA, "een").await.unwrap();
    world.send("m-2", ANNA, "twee").await.unwrap();
    let failed = world.reaches("m-1", SendState::Failed).await;
    assert!(failed.error.starts_with("21211: "), "{}", failed.error);
    assert_eq!(failed.attempts, 1);
    world.reaches("m-2", SendState::Sent).await;
    assert_eq!(world.texts(ANNA), ["twee"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_that_twilio_tells_of_is_kept_until_the_contact_takes_it_back() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"error","code":21610,"count":1}]"#);
    world.send("m-1", ANNA, "een").await.unwrap();
    world.reaches("m-1", SendState::Failed).await;
    let mut next = text("m-2", ANNA, "twee");
    next.contact_state = Some(ContactState::default());
    let refused = world.client.send_message(next).await.unwrap_err();
    assert_eq!(mesh::reason(&refused).as_deref(), Some("OPTED_OUT"));
    let back =
        SetContactStateRequest { contact: ANNA.to_owned(), opted_out: Some(false), ..Default::default() };
    world.told(back).await;
    world.send_through("m-2", "twee").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_human_who_takes_over_silences_what_the_agents_had_handed_in() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"429","count":1}]"#);
    world.send("m-1", ANNA, "van de agent").await.unwrap();
    for _ in 0..500 {
        if world.faults_struck() > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let owner = "human".to_owned();
    world.told(SetContactStateRequest { contact: ANNA.to_owned(), owner, ..Default::default() }).await;
    let refused = world.reaches("m-1", SendState::Refused).await;
    assert_eq!(refused.error, "HUMAN_OWNS");
    assert_eq!(world.alerts_so_far("service_window_closed"), 0);
    let mut human = text("m-2", ANNA, "van een mens");
    human.from_human = true;
    world.client.send_message(human).await.unwrap();
    world.reaches("m-2", SendState::Sent).await;
    assert_eq!(world.texts(ANNA), ["van een mens"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_confirmation_of_a_stop_goes_out_and_nothing_after_it() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    let opted_out = Some(ContactState { opted_out: true, owner: "human".to_owned(), ..Default::default() });
    let goodbye = SendMessageRequest {
        contact_state: opted_out,
        confirms_stop: true,
        ..text("m-1", ANNA, "Tot ziens")
    };
    world.client.send_message(goodbye).await.unwrap();
    world.reaches("m-1", SendState::Sent).await;
    let refused = world.send("m-2", ANNA, "Nog een aanbod").await.unwrap_err();
    assert_eq!(mesh::reason(&refused).as_deref(), Some("OPTED_OUT"));
    assert_eq!(world.texts(ANNA), ["Tot ziens"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_tries_used_up_park_the_message_until_twilio_is_back() {
    let mut world = World::new(|config| {
        config.send_max_tries = 2;
        config.send_park = Duration::from_millis(300);
    })
    .await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"503","count":4}]"#);
    world.send("m-1", ANNA, "een").await.unwrap();
    world.send("m-2", ANNA, "twee").await.unwrap();
    world.reaches("m-1", SendState::Parked).await;
    let status = world.reaches("m-1", SendState::Sent).await;
    world.reaches("m-2", SendState::Sent).await;
    assert_eq!((status.attempts, world.texts(ANNA)), (5, vec!["een".to_owned(), "twee".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn parking_used_up_makes_a_dead_letter_and_the_lane_goes_on() {
    let mut world = World::new(|config| {
        config.send_max_tries = 1;
        config.send_park = Duration::from_millis(50);
        config.send_park_max = 2;
    })
    .await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"503","count":3}]"#);
    world.send("m-1", ANNA, "een").await.unwrap();
    world.send("m-2", ANNA, "twee").await.unwrap();
    let failed = world.reaches("m-1", SendState::Failed).await;
    assert_eq!(failed.attempts, 3);
    world.reaches("m-2", SendState::Sent).await;
    assert_eq!(world.texts(ANNA), ["twee"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_put_back_has_all_its_tries_again() {
    let mut world = World::new(|config| config.send_max_tries = 2).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"error","http_status":401,"code":20003,"count":1},{"on":"create","kind":"429","count":1}]"#);
    world.send("m-1", ANNA, "Hoi").await.unwrap();
    world.reaches("m-1", SendState::Failed).await;
    assert_eq!(world.alerted("send_failed").await, 1);
    world.retry_dead_letters().await;
    let status = world.reaches("m-1", SendState::Sent).await;
    assert_eq!((status.attempts, world.texts(ANNA).len()), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_tried_beyond_the_service_window() {
    let mut world = World::new(|config| config.send_max_tries = 1).await;
    world.wrote(ANNA, SERVICE_WINDOW.saturating_sub(Duration::from_mins(1))).await;
    world.faults(r#"[{"on":"create","kind":"429","count":1}]"#);
    world.send("m-1", ANNA, "Hoi").await.unwrap();
    let failed = world.reaches("m-1", SendState::Failed).await;
    assert_eq!((failed.attempts, world.texts(ANNA).len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_closes_while_a_message_waits_refuses_it() {
    let mut world = World::new(|config| config.send_timeout = Duration::from_secs(20)).await;
    world.wrote(ANNA, SERVICE_WINDOW.saturating_sub(Duration::from_secs(2))).await;
    world.faults(r#"[{"on":"create","kind":"slow","millis":2500,"count":1}]"#);
    world.send("m-1", ANNA, "een").await.unwrap();
    world.send("m-2", ANNA, "twee").await.unwrap();
    let refused = world.reaches("m-2", SendState::Refused).await;
    assert_eq!(
        (refused.error.as_str(), world.texts(ANNA)),
        ("SERVICE_WINDOW_CLOSED", vec!["een".to_owned()])
    );
    assert_eq!(world.alerted("service_window_closed").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_told_later_is_tried_again_or_given_up_by_the_same_table() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.send_through("m-1", "Hoi").await;
    let report = |error_code| failure(error_code, "");
    let again = world.client.report_failure(report(63012)).await.unwrap().into_inner();
    assert_eq!(again.state(), SendState::Queued);
    // A repeated report changes nothing while the message waits.
    assert_eq!(world.client.report_failure(report(63012)).await.unwrap().into_inner(), again);
    let status = world.reaches("m-1", SendState::Sent).await;
    assert_eq!(status.attempts, 2);
    let over = world.client.report_failure(report(63024)).await.unwrap().into_inner();
    assert_eq!(over.state(), SendState::Failed);
    assert!(world.status("m-1").await.error.starts_with("63024: "));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_failure_of_a_send_that_was_replaced_sends_nothing_again() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    let first = world.send_through("m-1", "Hoi").await.message_sid;
    let told = world.client.report_failure(failure(63012, &first)).await.unwrap().into_inner();
    assert_eq!(told.state(), SendState::Queued);
    let second = world.reaches("m-1", SendState::Sent).await.message_sid;
    assert_ne!(first, second);
    let told = world.client.report_failure(failure(63012, &first)).await.unwrap().into_inner();
    assert_eq!(told.state(), SendState::Sent);
    assert_eq!(world.texts(ANNA).len(), 2);
    // That of the current one still counts.
    let told = world.client.report_failure(failure(63024, &second)).await.unwrap().into_inner();
    assert_eq!(told.state(), SendState::Failed);
}

/// A report of the first message's failure under a sid of Twilio's.
fn failure(error_code: i32, sid: &str) -> ReportFailureRequest {
    ReportFailureRequest { message_id: "m-1".to_owned(), error_code, message_sid: sid.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_told_before_the_attempt_is_settled_is_to_be_told_again() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"accepted_then_cut","count":1}]"#);
    world.send("m-1", ANNA, "Hoi").await.unwrap();
    world.reaches("m-1", SendState::Unknown).await;
    let report = failure(63024, "");
    let early = world.client.report_failure(report.clone()).await.unwrap_err();
    assert_eq!(early.code(), tonic::Code::Unavailable);
    world.reaches("m-1", SendState::Sent).await;
    let told = world.client.report_failure(report).await.unwrap().into_inner();
    assert_eq!(told.state(), SendState::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn delivery_status_being_away_delays_nothing_and_is_made_up_for() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.deliveries.set_away(true);
    let status = world.send_through("m-1", "Hoi").await;
    assert!(world.deliveries.registered.lock().unwrap().is_empty());
    world.deliveries.set_away(false);
    for _ in 0..500 {
        if let Some(registered) = world.deliveries.registered.lock().unwrap().get("m-1") {
            assert_eq!(registered.message_sid, status.message_sid);
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("delivery-status was not told");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_dedup_lock_sends_go_on_at_this_process_s_own_rate() {
    let mut world = World::new(|config| config.send_rate_limit = "3/1s".parse().unwrap()).await;
    world.limits.is_away.store(true, Ordering::SeqCst);
    for number in 0..7 {
        let contact = format!("+3161000000{number}");
        world.writes(&contact).await;
        world.send(&format!("m-{number}"), &contact, "Hoi").await.unwrap();
    }
    for number in 0..7 {
        world.reaches(&format!("m-{number}"), SendState::Sent).await;
    }
    let accepted = world.accepted_at();
    assert!(accepted.windows(4).all(|four| four[3] - four[0] >= 1_000_000), "{accepted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_arrives_in_parts_in_order() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    let body = "Deze auto staat klaar voor een proefrit. ".repeat(50);
    let status = world.send_through("m-1", body.trim()).await;
    assert_eq!(status.attempts, 2);
    let texts = world.texts(ANNA);
    assert_eq!((texts.len(), texts.join(" ")), (2, body.trim().to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_soft_stop_finishes_what_is_in_hand_and_the_rest_goes_out_after_the_next_start() {
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    world.faults(r#"[{"on":"create","kind":"slow","millis":300,"count":1}]"#);
    world.send("m-1", ANNA, "een").await.unwrap();
    world.send("m-2", ANNA, "twee").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.stop().await;
    world.start().await;
    world.reaches("m-2", SendState::Sent).await;
    assert_eq!(world.texts(ANNA), ["een", "twee"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_sends_never_exceed_eighty_a_second() {
    let mut world = World::new(|_| ()).await;
    let contacts: Vec<_> = (0..200).map(|number| format!("+316{:08}", 10_000_000 + number)).collect();
    for (number, contact) in contacts.iter().enumerate() {
        world.writes(contact).await;
        world.send(&format!("m-{number}"), contact, "Hoi").await.unwrap();
    }
    for number in 0..contacts.len() {
        world.reaches(&format!("m-{number}"), SendState::Sent).await;
    }
    let accepted = world.accepted_at();
    assert_eq!(accepted.len(), 200);
    let most = accepted
        .iter()
        .map(|from| accepted.iter().filter(|at| (*from..from + 1_000_000).contains(*at)).count())
        .max();
    assert!(most <= Some(80), "{most:?} within one second");
    assert_eq!(world.limits.takes.load(Ordering::SeqCst), 200);
}
