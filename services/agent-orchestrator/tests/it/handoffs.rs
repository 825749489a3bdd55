//! A human takes over, speaks, gives back; a customer says STOP.

use proto::orchestrator::v1::{
    GetConversationRequest, Owner, PauseAgentsRequest, ResumeAgentsRequest, SendHumanReplyRequest,
};

use crate::harness::{ALL, CONVERSATION, Desk, desks};

async fn owner(desk: &Desk) -> Owner {
    let request = GetConversationRequest { conversation_id: CONVERSATION.into() };
    desk.client.clone().get_conversation(request).await.unwrap().into_inner().conversation.unwrap().owner()
}

#[tokio::test]
async fn while_a_human_owns_the_conversation_messages_are_history_and_are_never_answered_by_agents() {
    for desk in desks(ALL).await {
        desk.says(1, "Hallo").await;
        desk.replies(1).await;
        let mut client = desk.client.clone();
        client.pause_agents(PauseAgentsRequest { conversation_id: CONVERSATION.into() }).await.unwrap();
        assert_eq!(
            desk.sent.states.lock().unwrap().last().unwrap().owner,
            "human",
            "the sender knows before the answer"
        );
        desk.says(2, "Zijn jullie zaterdag open?").await;
        client.resume_agents(ResumeAgentsRequest { conversation_id: CONVERSATION.into() }).await.unwrap();
        desk.says(3, "Hebben jullie een Polo?").await;
        assert_eq!(desk.replies(2).await.len(), 2);
        let states: Vec<_> =
            desk.messages().await.into_iter().filter(|m| m.author == "customer").map(|m| m.state).collect();
        assert_eq!(states, ["answered", "history", "answered"]);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_humans_reply_takes_the_conversation_over_and_goes_out_once_for_one_key() {
    for desk in desks(ALL).await {
        desk.says(1, "Hallo").await;
        desk.replies(1).await;
        let request = SendHumanReplyRequest {
            conversation_id: CONVERSATION.into(),
            body: "Met Piet van de verkoop".into(),
            idempotency_key: "once".into(),
        };
        let first = desk.client.clone().send_human_reply(request.clone()).await.unwrap().into_inner();
        let second = desk.client.clone().send_human_reply(request).await.unwrap().into_inner();
        assert_eq!(first.message_id, second.message_id);
        assert_eq!(desk.replies(2).await.len(), 2);
        assert!(desk.sent.messages.lock().unwrap().last().unwrap().from_human);
        assert_eq!(owner(&desk).await, Owner::Human);
        desk.close().await;
    }
}

#[tokio::test]
async fn who_asks_for_a_person_is_told_so_and_the_agents_fall_silent() {
    for desk in desks(ALL).await {
        desk.says(1, "Kan ik een medewerker spreken?").await;
        desk.replies(1).await;
        assert!(desk.sent.messages.lock().unwrap()[0].closing_reply);
        assert_eq!(owner(&desk).await, Owner::Human);
        assert!(desk.audit().await.contains(&"handoff_started".to_owned()));
        desk.close().await;
    }
}

#[tokio::test]
async fn stop_is_confirmed_once_and_start_takes_it_back() {
    for desk in desks(ALL).await {
        desk.says(1, "STOP").await;
        desk.replies(1).await;
        assert!(desk.sent.messages.lock().unwrap()[0].confirms_stop);
        desk.says(2, "Hebben jullie een Polo?").await;
        desk.says(3, "START").await;
        desk.replies(2).await;
        assert_eq!(
            desk.sent.states.lock().unwrap().last().unwrap().opted_out,
            Some(false),
            "the sender knows"
        );
        let states: Vec<_> =
            desk.messages().await.into_iter().filter(|m| m.author == "customer").map(|m| m.state).collect();
        assert_eq!(states, ["answered", "history", "answered"]);
        desk.close().await;
    }
}
