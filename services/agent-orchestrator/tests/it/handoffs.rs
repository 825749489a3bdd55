//! A human takes over, speaks, gives back; a customer says STOP.

use std::time::Duration;

use proto::orchestrator::v1::{
    CompleteTaskRequest, Owner, PauseAgentsRequest, ResumeAgentsRequest, SendHumanReplyRequest, TaskState,
};

use crate::harness::{ALL, CONVERSATION, Desk, With, desks};

async fn owner(desk: &Desk) -> Owner {
    desk.conversation().await.owner()
}

async fn pause(desk: &Desk) {
    let request = PauseAgentsRequest { conversation_id: CONVERSATION.into() };
    desk.client.clone().pause_agents(request).await.unwrap();
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
async fn who_asks_for_a_person_is_told_so_and_a_person_is_told_once() {
    for desk in desks(ALL).await {
        desk.says(1, "Kan ik een medewerker spreken?").await;
        desk.replies(1).await;
        assert!(desk.sent.messages.lock().unwrap()[0].closing_reply);
        assert_eq!(owner(&desk).await, Owner::Human);
        assert!(desk.conversation().await.waiting);
        assert!(desk.audit().await.contains(&"handoff_started".to_owned()));
        let alert = desk.alert("human_wanted").await;
        assert!(!alert.to_string().contains("medewerker"), "{alert}");
        let tasks = desk.tasks(TaskState::Open).await;
        assert_eq!(tasks.iter().map(|task| task.kind.as_str()).collect::<Vec<_>>(), ["hand_over"]);
        assert_eq!(tasks[0].contact, "Jan");
        desk.close().await;
    }
}

#[tokio::test]
async fn who_waits_for_a_person_hears_that_it_is_read_and_who_has_one_hears_no_agent() {
    for desk in desks(ALL).await {
        desk.says(1, "Kan ik een medewerker spreken?").await;
        desk.replies(1).await;
        desk.says(2, "Het gaat om de Polo die ik zag staan").await;
        desk.replies(2).await;
        assert!(desk.sent.messages.lock().unwrap()[1].closing_reply, "the sender must let it out");
        desk.says(3, "En heeft die een trekhaak?").await;
        desk.eventually("three turns", async || desk.states().await == ["answered"; 3]).await;

        desk.human_says("Met Piet van de verkoop").await;
        assert!(!desk.conversation().await.waiting);
        desk.says(4, "Hoi Piet").await;
        assert_eq!(desk.states().await[3], "history");
        assert_eq!(desk.sent.messages.lock().unwrap().len(), 3, "said once in a quiet hour");

        let request = ResumeAgentsRequest { conversation_id: CONVERSATION.into() };
        desk.client.clone().resume_agents(request).await.unwrap();
        desk.says(5, "Hebben jullie een Polo?").await;
        desk.replies(4).await;
        assert!(!desk.sent.messages.lock().unwrap()[3].closing_reply);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_takeover_alone_closes_no_task_and_a_humans_reply_closes_all_of_them() {
    for desk in desks(ALL).await {
        desk.says(1, "Kan ik een medewerker spreken?").await;
        desk.replies(1).await;
        pause(&desk).await;
        assert_eq!(desk.tasks(TaskState::Open).await.len(), 1);
        desk.human_says("Met Piet van de verkoop").await;
        assert!(desk.tasks(TaskState::Open).await.is_empty());
        let done = desk.tasks(TaskState::Done).await;
        assert_eq!((done.len(), done[0].done_by.as_str()), (1, "human"));
        assert!(desk.audit().await.contains(&"task_done".to_owned()));
        desk.close().await;
    }
}

#[tokio::test]
async fn a_question_nobody_can_answer_is_one_task_with_a_line_for_each_time_and_one_alert() {
    for desk in desks(ALL).await {
        desk.says(1, "Heeft de Volkswagen Polo een trekhaak?").await;
        desk.replies(1).await;
        let first = desk.tasks(TaskState::Open).await;
        assert_eq!(first.len(), 1, "{first:?}");
        let alert = desk.alert("task_opened").await;
        assert!(!alert.to_string().contains("trekhaak"), "{alert}");

        desk.says(2, "En heeft de Polo een dakkoffer?").await;
        desk.replies(2).await;
        let second = desk.tasks(TaskState::Open).await;
        assert_eq!(second.len(), 1, "{second:?}");
        assert_eq!(second[0].task_id, first[0].task_id);
        assert!(second[0].details.starts_with(&first[0].details), "{second:?}");
        assert!(second[0].details.len() > first[0].details.len(), "{second:?}");

        let complete = async || {
            let request =
                CompleteTaskRequest { task_id: first[0].task_id.clone(), done_by: "Piet".to_owned() };
            desk.client.clone().complete_task(request).await.unwrap().into_inner().task.unwrap()
        };
        let done = complete().await;
        assert_eq!((done.state(), done.done_by.as_str()), (TaskState::Done, "Piet"));
        assert_eq!(complete().await, done, "safe to repeat");
        assert!(desk.tasks(TaskState::Open).await.is_empty());
        assert_eq!(desk.audit().await.iter().filter(|event| *event == "task_done").count(), 1);
        assert_eq!(desk.alerts_of("task_opened"), 1);
        let nobody = CompleteTaskRequest { task_id: "nobody".into(), ..Default::default() };
        let error = desk.client.clone().complete_task(nobody).await.unwrap_err();
        assert_eq!(error.code(), tonic::Code::NotFound);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_takeover_during_a_turn_keeps_the_message_as_history_and_drops_the_reply() {
    for desk in desks(ALL).await {
        desk.says(1, "Hallo, ik zoek een auto").await;
        desk.replies(1).await;
        // The turn has read the conversation and waits for the lock when the human comes.
        let held = desk.hold_lock().await;
        desk.says(2, "Hebben jullie een Polo?").await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        pause(&desk).await;
        desk.release_lock(held).await;
        desk.eventually("history", async || desk.states().await == ["answered", "history"]).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(desk.sent.messages.lock().unwrap().len(), 1);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_takeover_ends_by_itself_and_the_agents_answer_again() {
    for desk in desks(With { handoff_ttl: Duration::from_millis(300), ..ALL }).await {
        desk.says(1, "Hallo, ik zoek een auto").await;
        desk.replies(1).await;
        pause(&desk).await;
        desk.says(2, "Is daar iemand?").await;
        desk.eventually("the end", async || owner(&desk).await == Owner::Agents).await;
        desk.says(3, "Hebben jullie een Polo?").await;
        desk.replies(2).await;
        assert_eq!(desk.states().await, ["answered", "history", "answered"]);
        desk.close().await;
    }
}

#[tokio::test]
async fn stop_is_confirmed_once_and_start_takes_it_back() {
    for desk in desks(ALL).await {
        desk.says(1, "STOP").await;
        desk.replies(1).await;
        assert!(desk.sent.messages.lock().unwrap()[0].confirms_stop);
        assert!(desk.conversation().await.opted_out);
        desk.says(2, "START").await;
        desk.replies(2).await;
        let states = desk.sent.states.lock().unwrap().clone();
        assert_eq!(states.last().unwrap().opted_out, Some(false), "the sender knows");
        assert!(!desk.sent.messages.lock().unwrap()[1].confirms_stop);
        desk.says(3, "Hebben jullie een Polo?").await;
        desk.replies(3).await;
        assert!(!desk.conversation().await.opted_out);
        desk.close().await;
    }
}

#[tokio::test]
async fn who_opted_out_and_plainly_wants_an_answer_is_asked_once_and_a_yes_is_enough() {
    for desk in desks(ALL).await {
        desk.says(1, "STOP").await;
        desk.replies(1).await;
        desk.says(2, "Hebben jullie een Polo?").await;
        desk.replies(2).await;
        assert!(desk.sent.messages.lock().unwrap()[1].confirms_stop, "the sender must let it out");
        assert!(desk.conversation().await.opted_out, "a question gives nothing back");
        desk.says(3, "ja").await;
        desk.replies(3).await;
        assert!(!desk.conversation().await.opted_out);
        assert_eq!(desk.sent.states.lock().unwrap().last().unwrap().opted_out, Some(false));
        desk.close().await;
    }
}

#[tokio::test]
async fn who_opted_out_still_reaches_a_person() {
    for desk in desks(ALL).await {
        desk.says(1, "STOP").await;
        desk.replies(1).await;
        desk.says(2, "Ik wil een medewerker spreken").await;
        desk.replies(2).await;
        assert!(desk.sent.messages.lock().unwrap()[1].confirms_stop);
        desk.alert("human_wanted").await;
        assert!(desk.conversation().await.waiting);
        desk.close().await;
    }
}

#[tokio::test]
async fn what_was_asked_before_a_stop_is_not_answered_after_it() {
    for desk in desks(ALL).await {
        desk.says(1, "Hallo, ik zoek een auto").await;
        desk.replies(1).await;
        let held = desk.hold_lock().await;
        desk.says(2, "Hebben jullie een Polo?").await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        desk.says(3, "STOP").await;
        desk.release_lock(held).await;
        desk.eventually("both", async || desk.states().await == ["answered", "history", "answered"]).await;
        desk.replies(2).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let messages = desk.sent.messages.lock().unwrap().clone();
        assert_eq!(messages.len(), 2);
        assert!(messages[1].confirms_stop);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_sentence_with_stop_in_it_withdraws_nothing() {
    for desk in desks(ALL).await {
        desk.says(1, "Can I stop by this Saturday to see the Golf?").await;
        desk.replies(1).await;
        assert!(!desk.conversation().await.opted_out);
        assert!(!desk.sent.messages.lock().unwrap()[0].confirms_stop);
        desk.close().await;
    }
}
