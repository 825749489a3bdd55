//! One trace from whoever hands a message in to the request at Twilio and its callbacks.

use proto::channel::v1::SendState;
use telemetry::TraceContext;
use tracing::Instrument;

use crate::world::{ANNA, World, text};

#[tokio::test(flavor = "multi_thread")]
async fn the_request_at_twilio_belongs_to_the_trace_of_whoever_handed_the_message_in() {
    let telemetry = telemetry::for_tests();
    let mut world = World::new(|_| ()).await;
    world.writes(ANNA).await;
    let span = tracing::info_span!("test turn", proefrit.service = "agent-orchestrator");
    let trace = TraceContext::of(&span).unwrap().trace_id().to_owned();
    let conversation = "0198c5a2-7b3e-7cc0-8000-000000000001".to_owned();
    let message = proto::channel::v1::SendMessageRequest {
        conversation_id: conversation.clone(),
        ..text("m-1", ANNA, "Goedemorgen Anna")
    };
    world.client.send_message(message).instrument(span).await.unwrap();
    let status = world.reaches("m-1", SendState::Sent).await;
    world.stop().await;

    let callback = world.accepted(ANNA)[0].callback.clone().unwrap();
    assert!(callback.contains(&format!("&t=00-{trace}-")), "{callback}");
    let spans = telemetry.trace_table().trace(&trace);
    let request = spans.iter().find(|span| span.name == "twilio create message").unwrap();
    assert_eq!((request.service.as_str(), request.kind.as_str()), ("channel-sender", "client"));
    for (name, value) in
        [("messaging.message.id", &status.message_sid), ("proefrit.conversation", &conversation)]
    {
        let found = request.attributes.iter().find(|(key, _)| key == name);
        assert_eq!(found.map(|(_, value)| value), Some(value), "{name}");
    }
    let ids: Vec<_> = spans.iter().map(|span| &span.span_id).collect();
    let orphans =
        spans.iter().filter(|span| span.parent_span_id.as_ref().is_some_and(|id| !ids.contains(&id)));
    assert_eq!(orphans.map(|span| &span.name).collect::<Vec<_>>(), Vec::<&String>::new());
    let shown = format!("{spans:?}");
    assert!(!shown.contains("612345678") && !shown.contains("Goedemorgen"), "{shown}");
}
