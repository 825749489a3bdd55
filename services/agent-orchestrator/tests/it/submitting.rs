//! `SubmitMessage`: kept once, in order, with clear errors.

use futures::future::join_all;
use proto::orchestrator::v1::{InboundMessage, SubmitMessageRequest};
use tonic::Code;

use crate::harness::{ALL, desks};

#[tokio::test]
async fn two_hundred_copies_of_one_message_are_one_message_one_turn_and_one_reply() {
    for desk in desks(ALL).await {
        let answers = join_all((0..200).map(|_| desk.says(1, "Hallo, ik zoek een auto"))).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_new).count(), 1);
        assert!(answers.iter().all(|answer| answer.message_id == answers[0].message_id));
        assert_eq!(desk.replies(1).await.len(), 1);
        let messages = desk.messages().await;
        assert_eq!(messages.len(), 2, "one in, one out");
        assert_eq!(messages[0].turn_id, messages[1].turn_id);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_message_without_an_id_or_an_address_is_refused_by_name() {
    for desk in desks(ALL).await {
        let cases = [
            (None, "message must be set"),
            (Some(InboundMessage::default()), "message.source must be"),
            (Some(InboundMessage { source: 1, ..Default::default() }), "message.message_id must be"),
            (
                Some(InboundMessage { source: 1, message_id: "SM1".into(), ..Default::default() }),
                "message.from_address",
            ),
            (
                Some(InboundMessage {
                    source: 1,
                    message_id: "SM1".into(),
                    contact_phone: "0612".into(),
                    ..Default::default()
                }),
                "message.contact_phone",
            ),
        ];
        for (message, expected) in cases {
            let answer = desk.client.clone().submit_message(SubmitMessageRequest { message }).await;
            let status = answer.expect_err(expected);
            assert_eq!(status.code(), Code::InvalidArgument);
            assert!(status.message().starts_with(expected), "{}", status.message());
        }
        desk.close().await;
    }
}

#[tokio::test]
async fn what_happened_is_in_the_audit_log_without_the_customers_words() {
    for desk in desks(ALL).await {
        desk.says(1, "Hebben jullie een Volkswagen Polo?").await;
        desk.replies(1).await;
        let events = desk.audit().await;
        let expected =
            ["inbound_webhook_received", "message_persisted", "orchestrator_triggered", "reply_committed"];
        assert_eq!(events, expected);
        desk.close().await;
    }
}
