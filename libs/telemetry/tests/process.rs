//! Telemetry of a whole process, started with [`telemetry::init`] in a process of its own.
#![expect(clippy::unwrap_used, reason = "a helper of tests may fail its test")]

use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use telemetry::{LogFormat, TelemetryConfig};
use tracing::{info, info_span, warn};

/// Runs one of the ignored tests below in a process of its own.
fn run(test: &str, variables: &[(&str, &str)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env_remove("RUST_LOG")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the other tests in a process of its own"]
async fn a_process_with_a_span() {
    let telemetry = telemetry::init(&TelemetryConfig::default(), "crm").unwrap();
    info_span!(target: "crm", "kept", proefrit.service = "crm").in_scope(|| ());
    info_span!(target: "sqlx::query", "library").in_scope(|| ());
    telemetry.shutdown();
    assert_eq!(telemetry.trace_table().recent(9).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the other tests in a process of its own"]
async fn a_process_that_logs() {
    let config = TelemetryConfig { log_format: LogFormat::Json, ..TelemetryConfig::default() };
    let _telemetry = telemetry::init(&config, "crm").unwrap();
    telemetry::init(&config, "crm").unwrap_err();
    let span = info_span!(target: "crm", "request");
    span.in_scope(|| info!(target: "crm", { message.id = "m-1", duration_ms = 7 }, "delivered\nmessage"));
    info!(target: "sqlx::query", "not ours");
    warn!(target: "sqlx::query", error = ?"slow", "theirs, and worth a look");
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_reach_a_collector_by_either_protocol_before_the_process_ends() {
    let received: Arc<Mutex<Vec<Bytes>>> = Arc::default();
    let take = |State(received): State<Arc<Mutex<Vec<Bytes>>>>, body: Bytes| async move {
        received.lock().unwrap().push(body);
        [("content-type", "application/grpc"), ("grpc-status", "0")]
    };
    let router = Router::new()
        .route("/v1/traces", post(take))
        .route("/opentelemetry.proto.collector.trace.v1.TraceService/Export", post(take))
        .with_state(received.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });

    for protocol in ["http/protobuf", "grpc"] {
        let variables = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint.clone()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL".to_owned(), protocol.to_owned()),
        ];
        let output = tokio::task::spawn_blocking(move || {
            let variables: Vec<_> =
                variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            run("a_process_with_a_span", &variables)
        });
        let output = output.await.unwrap();
        assert!(output.status.success(), "{protocol}: {output:?}");
        let bodies = std::mem::take(&mut *received.lock().unwrap());
        let text = String::from_utf8_lossy(&bodies.concat()).into_owned();
        for expected in ["kept", "proefrit.service", "service.name", "crm"] {
            assert!(text.contains(expected), "{protocol}: no {expected} in {text:?} {output:?}");
        }
        assert!(!text.contains("library"), "{protocol}: {text:?}");
    }
}

#[test]
fn json_logs_are_one_line_per_event_with_the_ids_of_the_trace() {
    let output = run("a_process_that_logs", &[]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(lines[0]["message"], "delivered\nmessage");
    assert_eq!(lines[0]["message.id"], "m-1");
    assert_eq!(lines[0]["duration_ms"], 7);
    assert_eq!(lines[0]["level"], "INFO");
    assert_eq!(lines[0]["trace_id"].as_str().unwrap().len(), 32);
    assert_eq!(lines[0]["span_id"].as_str().unwrap().len(), 16);
    assert_eq!(lines[1]["target"], "sqlx::query");
    assert!(lines[1].get("trace_id").is_none());
}

#[test]
fn a_wrong_filter_is_refused_with_its_variable() {
    let wrong = TelemetryConfig { rust_log: Some("crm=loud".to_owned()), ..TelemetryConfig::default() };
    let error = telemetry::init(&wrong, "crm").unwrap_err().to_string();
    assert!(error.starts_with("RUST_LOG is not a log filter"), "{error}");
}
