//! Turns: everything answered, in order, once, whoever is away.

use std::{collections::HashSet, time::Duration};

use proto::{
    common::v1::Source,
    orchestrator::v1::{InboundMessage, SubmitMessageRequest},
};

use crate::harness::{ALL, CUSTOMER, LOST, With, desks};

#[tokio::test]
async fn a_burst_is_answered_in_order_and_no_message_of_it_is_left_out() {
    for desk in desks(ALL).await {
        for number in 0..20 {
            desk.says(number, &format!("Hebben jullie een Polo onder de {} euro?", 15_000 + 500 * number))
                .await;
        }
        desk.eventually("twenty answered messages", async || {
            desk.messages().await.iter().filter(|message| message.state == "answered").count() == 20
        })
        .await;
        let messages = desk.messages().await;
        let turns: Vec<_> =
            messages.iter().filter(|m| m.author == "customer").map(|m| m.turn_id.clone()).collect();
        let mut in_order = turns.clone();
        in_order.sort();
        assert_eq!(turns, in_order, "turns take the messages in their order");
        let replies: Vec<_> = messages.iter().filter(|m| m.author == "agents").map(|m| &m.turn_id).collect();
        let distinct: HashSet<_> = turns.iter().collect();
        assert_eq!(replies.len(), distinct.len(), "one reply a turn");
        desk.close().await;
    }
}

#[tokio::test]
async fn without_a_crm_the_customer_is_answered_all_the_same_after_one_more_try() {
    for desk in desks(With { crm: false, ..ALL }).await {
        desk.says(1, "Hallo, ik zoek een auto").await;
        assert_eq!(desk.replies(1).await.len(), 1);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_turn_waits_for_the_lock_and_uses_up_no_try() {
    for desk in desks(ALL).await {
        let held = desk.hold_lock().await;
        desk.says(1, "Hallo").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(desk.sent.messages.lock().unwrap().is_empty(), "the lock is held by somebody else");
        desk.release_lock(held).await;
        assert_eq!(desk.replies(1).await.len(), 1);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_refused_reply_is_marked_and_does_not_stop_the_lane() {
    for desk in desks(ALL).await {
        *desk.sent.refuse.lock().unwrap() = Some("SERVICE_WINDOW_CLOSED");
        desk.says(1, "Hallo").await;
        desk.eventually("the refusal", async || {
            desk.messages().await.iter().any(|message| message.state == "refused")
        })
        .await;
        *desk.sent.refuse.lock().unwrap() = None;
        desk.says(2, "Zijn jullie zaterdag open?").await;
        assert_eq!(desk.replies(1).await.len(), 1);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_place_and_a_sticker_are_answered_as_such_and_change_no_language() {
    for desk in desks(ALL).await {
        desk.says(1, "Hallo, ik zoek een auto").await;
        desk.replies(1).await;
        let wordless = [
            ("[Location message - no text]", "message_type", "location", "Bedankt voor je locatie"),
            ("[Location message - no text]", "latitude", "52.35", "Bedankt voor je locatie"),
            ("[Message - no text]", "message_type", "sticker", "Leuke sticker"),
            ("[Media message - no text]", "message_type", "audio", "Bedankt voor je spraakbericht"),
        ];
        for (number, (marker, name, value, answer)) in (2..).zip(wordless) {
            let message = InboundMessage {
                message_id: format!("SM{number:032x}"),
                contact_phone: CUSTOMER.to_owned(),
                message_content: marker.to_owned(),
                source: Source::Twilio.into(),
                from_address: format!("whatsapp:{CUSTOMER}"),
                to_address: "whatsapp:+14155238886".to_owned(),
                metadata: [(name.to_owned(), value.to_owned())].into(),
                ..InboundMessage::default()
            };
            let request = SubmitMessageRequest { message: Some(message) };
            desk.client.clone().submit_message(request).await.unwrap();
            let replies = desk.replies(number).await;
            assert!(replies[number - 1].starts_with(answer), "{marker} {value}: {}", replies[number - 1]);
        }
        desk.close().await;
    }
}

#[tokio::test]
async fn a_turn_that_fails_for_good_asks_the_customer_to_wait_and_tells_a_person() {
    for desk in desks(With { turns_fail: true, ..ALL }).await {
        desk.says(1, "Hebben jullie een Polo?").await;
        desk.replies(1).await;
        let conversation_id = desk.conversation().await.conversation_id;
        let alert = desk.alert("turn_dead_lettered").await;
        assert!(alert.to_string().contains(&conversation_id), "{alert}");
        assert_eq!(desk.states().await, ["failed"]);
        let messages = desk.messages().await;
        assert_eq!((messages[1].author.as_str(), messages[1].turn_id.is_empty()), ("agents", false));
        assert!(desk.audit().await.contains(&"dead_lettered".to_owned()));

        desk.says(2, "Hallo?").await;
        desk.replies(2).await;
        assert_eq!(desk.states().await, ["failed", "failed"], "the lane goes on");
        desk.close().await;
    }
}

#[tokio::test]
async fn a_promised_slot_that_is_lost_keeps_the_reply_back_and_calls_a_person() {
    for desk in desks(With { holds_are_lost: true, ..ALL }).await {
        let asks = ["Hebben jullie een Polo automaat?", "Wanneer kan ik daar een proefrit in maken?", "1"];
        for (number, text) in (1_u32..).zip(asks) {
            desk.says(number, text).await;
            desk.replies(number as usize).await;
        }
        desk.says(4, "1").await;
        let sent = desk.replies(4).await;
        let alert = desk.alert("appointment_lost").await;
        assert!(alert.to_string().contains(LOST), "{alert}");
        let messages = desk.messages().await;
        let kept_back: Vec<_> = messages.iter().filter(|message| message.state == "refused").collect();
        assert_eq!(kept_back.len(), 1, "{messages:?}");
        assert!(!sent.contains(&kept_back[0].body), "what is not true is not said");
        assert!(desk.sent.messages.lock().unwrap()[3].closing_reply);
        assert!(desk.conversation().await.waiting);
        let events = desk.audit().await;
        assert!(events.contains(&"handoff_started".to_owned()), "{events:?}");
        desk.close().await;
    }
}
