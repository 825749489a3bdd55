//! The two ways to reach a service behave alike: each case runs on both.

use std::time::Duration;

use crate::support::{Arm, Kind, words};
use futures::StreamExt;
use mesh::{ServiceName, kind_of, with_deadline};
use model::ErrorKind;
use telemetry::{FinishedSpan, SpanStatus, TraceContext};
use tokio::time::{Instant, timeout};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;
use tracing::{Instrument, info_span};

macro_rules! on_both_arms {
    ($($case:ident)*) => {
        mod in_process {
            $(#[tokio::test] async fn $case() { super::$case(super::Arm::start(super::Kind::InProcess).await).await })*
        }
        mod over_sockets {
            $(#[tokio::test] async fn $case() { super::$case(super::Arm::start(super::Kind::OverSockets).await).await })*
        }
    };
}

on_both_arms! {
    a_call_is_answered
    a_stream_arrives_item_by_item_and_ends
    a_stream_is_not_cut_by_the_deadline
    a_stream_ends_with_its_error
    error_details_arrive
    metadata_goes_both_ways
    the_caller_is_known
    a_slow_handler_is_a_deadline_exceeded
    a_call_without_time_left_is_not_made
    calls_made_while_serving_inherit_what_is_left
    one_trace_runs_through_all_calls
    an_error_marks_its_spans
    a_panic_is_an_internal_error_and_the_server_goes_on
    a_panic_in_a_stream_is_an_internal_error
    a_message_too_large_is_refused
    an_unknown_method_is_unimplemented
    calls_are_measured_on_both_ends
    a_stopping_server_finishes_calls_and_ends_streams
    after_the_end_it_is_unavailable
    a_probe_tells_whether_a_service_serves
    many_calls_at_once_are_answered_each_with_its_own
}

async fn a_call_is_answered(arm: Arm) {
    assert_eq!(arm.client().ask("hallo").await.unwrap().into_inner(), words("hallo"));
}

async fn a_stream_arrives_item_by_item_and_ends(arm: Arm) {
    let stream = arm.client().watch("three").await.unwrap();
    let items: Vec<_> = stream.map(|item| item.unwrap().text).collect().await;
    assert_eq!(items, ["1", "2", "3"]);
}

async fn a_stream_is_not_cut_by_the_deadline(arm: Arm) {
    let mut client = arm.client();
    let stream = with_deadline(Duration::from_millis(100), client.watch("slow")).await.unwrap();
    let items: Vec<_> = stream.map(Result::unwrap).collect().await;
    assert_eq!(items.len(), 5);
}

async fn a_stream_ends_with_its_error(arm: Arm) {
    let mut stream = arm.client().watch("fail").await.unwrap();
    assert_eq!(stream.message().await.unwrap(), Some(words("1")));
    let status = stream.message().await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::FailedPrecondition, "no more"));
    assert_eq!(mesh::reason(&status).as_deref(), Some("OPTED_OUT"));
}

async fn error_details_arrive(arm: Arm) {
    let invalid = arm.client().ask("invalid").await.unwrap_err();
    assert_eq!((kind_of(&invalid), invalid.message()), (ErrorKind::Invalid, "text must be better"));
    assert_eq!(invalid.get_details_bad_request().unwrap().field_violations[0].field, "text");
    let refused = arm.client().ask("refused").await.unwrap_err();
    assert_eq!(mesh::reason(&refused).as_deref(), Some("OPTED_OUT"));
    assert_eq!(refused.metadata().get("x-more").unwrap(), "more");
}

async fn metadata_goes_both_ways(arm: Arm) {
    let mut request = Request::new(words("metadata"));
    request.metadata_mut().insert("x-test", "42".parse().unwrap());
    let response = arm.client().send(request, "/test.v1.Echo/Ask").await.unwrap();
    assert_eq!(response.metadata().get("x-answer").unwrap(), "42");
}

async fn the_caller_is_known(arm: Arm) {
    assert_eq!(arm.client().ask("caller").await.unwrap().into_inner(), words("ingress"));
    assert_eq!(arm.client_of_calendar().ask("further:caller").await.unwrap().into_inner(), words("calendar"));
}

async fn a_slow_handler_is_a_deadline_exceeded(arm: Arm) {
    let started = Instant::now();
    let mut client = arm.client();
    let status = with_deadline(Duration::from_millis(80), client.ask("sleep:60000")).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    let mut request = Request::new(words("sleep:60000"));
    request.set_timeout(Duration::from_millis(80));
    let status = arm.client().send(request, "/test.v1.Echo/Ask").await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
}

async fn a_call_without_time_left_is_not_made(arm: Arm) {
    let mut client = arm.client();
    let status = with_deadline(Duration::ZERO, client.ask("hallo")).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::DeadlineExceeded, "no time was left to call crm"));
}

async fn calls_made_while_serving_inherit_what_is_left(arm: Arm) {
    let mut client = arm.client_of_calendar();
    let answer = with_deadline(Duration::from_millis(900), client.ask("further:left")).await;
    let left: u64 = answer.unwrap().into_inner().text.parse().unwrap();
    assert!((100..=900).contains(&left), "{left}");
    let answer = with_deadline(Duration::from_millis(80), client.ask("further:sleep:60000")).await;
    assert_eq!(answer.unwrap_err().code(), Code::DeadlineExceeded);
}

/// The spans of a trace once there are so many; a server's last span may end just after its answer arrives.
async fn spans(trace: &TraceContext, count: usize) -> Vec<FinishedSpan> {
    let table = telemetry::for_tests().trace_table();
    for _ in 0..500 {
        let spans = table.trace(trace.trace_id());
        if spans.len() >= count {
            return spans;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not {count} spans: {:#?}", table.trace(trace.trace_id()));
}

async fn one_trace_runs_through_all_calls(arm: Arm) {
    let root = info_span!("webhook", proefrit.service = "ingress");
    let trace = TraceContext::of(&root).unwrap();
    arm.client_of_calendar().ask("further:hallo").instrument(root).await.unwrap();
    let spans = spans(&trace, 5).await;
    let seen: Vec<_> =
        spans.iter().map(|span| (span.name.as_str(), span.kind.as_str(), span.service.as_str())).collect();
    let ask = "test.v1.Echo/Ask";
    assert_eq!(
        seen,
        [
            ("webhook", "internal", "ingress"),
            (ask, "client", "ingress"),
            (ask, "server", "calendar"),
            (ask, "client", "calendar"),
            (ask, "server", "crm"),
        ]
    );
    for (parent, child) in spans.iter().zip(&spans[1..]) {
        assert_eq!(child.parent_span_id.as_ref(), Some(&parent.span_id));
    }
    let attribute = |name: &str| {
        let found = spans[4].attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default().to_owned()
    };
    assert_eq!(attribute("rpc.system"), "grpc");
    assert_eq!(attribute("rpc.service"), "test.v1.Echo");
    assert_eq!(attribute("rpc.method"), "Ask");
    assert_eq!(attribute("rpc.grpc.status_code"), "0");
    assert_eq!(attribute("proefrit.caller"), "calendar");
}

async fn an_error_marks_its_spans(arm: Arm) {
    let root = info_span!("webhook");
    let trace = TraceContext::of(&root).unwrap();
    arm.client().ask("refused").instrument(root).await.unwrap_err();
    let spans = spans(&trace, 3).await;
    assert!(matches!(spans[1].status, SpanStatus::Error(_)), "a client failed: {:?}", spans[1]);
    assert_eq!(spans[2].status, SpanStatus::Unset, "a refusal is no failure of the server");
    assert!(spans[2].attributes.contains(&("rpc.grpc.status_code".to_owned(), "9".to_owned())));
}

async fn a_panic_is_an_internal_error_and_the_server_goes_on(arm: Arm) {
    let status = arm.client().ask("panic").await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
    arm.client().ask("hallo").await.unwrap();
}

async fn a_panic_in_a_stream_is_an_internal_error(arm: Arm) {
    let stream = arm.client().watch("panic").await.unwrap();
    // The item before the panic may be lost with it: items that are ready together are sent together.
    let last = stream.collect::<Vec<_>>().await.pop().unwrap();
    assert_eq!(last.unwrap_err().code(), Code::Internal);
    arm.client().ask("hallo").await.unwrap();
}

async fn a_message_too_large_is_refused(arm: Arm) {
    const FIVE_MIB: usize = 5 * 1024 * 1024;
    let refused = |status: Status| assert_eq!(kind_of(&status), ErrorKind::Invalid, "{status}");
    refused(arm.client().ask(&"x".repeat(FIVE_MIB)).await.unwrap_err());
    refused(arm.client().ask(&format!("big:{FIVE_MIB}")).await.unwrap_err());
    let answer = arm.client().ask("big:3000000").await.unwrap().into_inner();
    assert_eq!(answer.text.len(), 3_000_000);
}

async fn an_unknown_method_is_unimplemented(arm: Arm) {
    for path in ["/test.v1.Echo/Nothing", "/test.v1.Nobody/Ask"] {
        let status = arm.client().send(Request::new(words("")), path).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{path}");
    }
    assert!(!telemetry::render_metrics().contains("Nobody"), "strangers must not make series of their own");
}

async fn calls_are_measured_on_both_ends(arm: Arm) {
    arm.client().ask("hallo").await.unwrap();
    let page = telemetry::render_metrics();
    for end in ["server", "client"] {
        let series = format!(
            "rpc_{end}_duration_seconds_count{{rpc_service=\"test.v1.Echo\",rpc_method=\"Ask\",\
             rpc_grpc_status_code=\"0\"}}"
        );
        assert!(page.contains(&series), "no {series} in {page}");
    }
}

async fn a_stopping_server_finishes_calls_and_ends_streams(arm: Arm) {
    let mut stream = arm.client().watch("forever").await.unwrap();
    assert_eq!(stream.message().await.unwrap(), Some(words("1")));
    let mut client = arm.client();
    let call = tokio::spawn(async move { client.ask("sleep:200").await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    arm.stop.request();
    assert_eq!(stream.message().await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(call.await.unwrap().unwrap().into_inner(), words("awake"));
    for server in arm.servers {
        timeout(Duration::from_secs(5), server).await.unwrap().unwrap().unwrap();
    }
}

async fn after_the_end_it_is_unavailable(arm: Arm) {
    let mut client = arm.client();
    client.ask("hallo").await.unwrap();
    arm.stop.request();
    for server in arm.servers {
        server.await.unwrap().unwrap();
    }
    let started = Instant::now();
    assert_eq!(client.ask("hallo").await.unwrap_err().code(), Code::Unavailable);
    assert!(started.elapsed() < Duration::from_secs(2));
}

async fn a_probe_tells_whether_a_service_serves(arm: Arm) {
    let wire = arm.mesh.wire(ServiceName::Ingress, ServiceName::Crm);
    mesh::probe(wire.clone()).await.unwrap();
    arm.stop.request();
    for server in arm.servers {
        server.await.unwrap().unwrap();
    }
    assert_eq!(mesh::probe(wire).await.unwrap_err().code(), Code::Unavailable);
}

async fn many_calls_at_once_are_answered_each_with_its_own(arm: Arm) {
    let client = arm.client();
    let calls = (0..200).map(|number| {
        let mut client = client.clone();
        tokio::spawn(async move {
            let text = format!("number {number}");
            assert_eq!(client.ask(&text).await.unwrap().into_inner().text, text);
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
}
