//! Alerts on their way to a webhook.
#![expect(clippy::unwrap_used, reason = "a helper of tests may fail its test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use alerts::{Alert, AlertConfig, Alerts};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use lifecycle::Stop;
use serde_json::Value;

#[derive(Clone, Default)]
struct Hook {
    taken: Arc<Mutex<Vec<Value>>>,
    /// Answers to give before the hook takes anything.
    refusals: Arc<Mutex<Vec<StatusCode>>>,
}

impl Hook {
    async fn listen(&self) -> AlertConfig {
        let take = |State(hook): State<Self>, axum::Json(body): axum::Json<Value>| async move {
            if let Some(refusal) = hook.refusals.lock().unwrap().pop() {
                return refusal;
            }
            hook.taken.lock().unwrap().push(body);
            StatusCode::OK
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/secret", listener.local_addr().unwrap());
        let router = Router::new().route("/secret", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        AlertConfig { alert_webhook_url: Some(url.into()) }
    }

    async fn wait_for(&self, count: usize) -> Vec<Value> {
        for _ in 0..2_000 {
            let taken = self.taken.lock().unwrap().clone();
            if taken.len() >= count {
                return taken;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the webhook took {:?}, not {count}", self.taken.lock().unwrap());
    }
}

#[tokio::test]
async fn alerts_arrive_once_although_they_are_raised_often() {
    let hook = Hook::default();
    let (alerts, worker) = Alerts::new(&hook.listen().await).unwrap();
    let stop = Stop::new();
    let running = tokio::spawn(worker.run(stop.clone()));
    for _ in 0..50 {
        alerts
            .raise(Alert::new("dead_letter", "a turn was given up").inspect("QueueService/ListDeadLetters"));
    }
    alerts.raise(Alert::new("dead_letter", "another turn was given up"));
    let taken = hook.wait_for(2).await;
    stop.request();
    running.await.unwrap().unwrap();
    let summaries: Vec<_> = taken.iter().map(|alert| alert["summary"].as_str().unwrap()).collect();
    assert_eq!(summaries, ["a turn was given up", "another turn was given up"]);
    assert_eq!(hook.taken.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_refusal_that_may_pass_is_tried_again_and_another_is_not() {
    let hook = Hook::default();
    let config = hook.listen().await;
    hook.refusals.lock().unwrap().extend([StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE]);
    let (alerts, worker) = Alerts::new(&config).unwrap();
    let stop = Stop::new();
    let running = tokio::spawn(worker.run(stop.clone()));
    alerts.raise(Alert::new("first", "unavailable, then not found, which is final"));
    alerts.raise(Alert::new("second", "taken"));
    let taken = hook.wait_for(1).await;
    stop.request();
    running.await.unwrap().unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0]["kind"], "second");
}

#[tokio::test]
async fn what_waits_at_the_end_is_still_sent() {
    let hook = Hook::default();
    let (alerts, worker) = Alerts::new(&hook.listen().await).unwrap();
    let stop = Stop::new();
    alerts.raise(Alert::new("stopping", "raised before the worker ran"));
    stop.request();
    worker.run(stop).await.unwrap();
    assert_eq!(hook.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn raising_never_blocks_however_many_wait() {
    let unreachable = AlertConfig { alert_webhook_url: Some("http://127.0.0.1:1/".into()) };
    let (alerts, _worker) = Alerts::new(&unreachable).unwrap();
    for number in 0..10_000 {
        alerts.raise(Alert::new("flood", number.to_string()));
    }
}

#[test]
fn a_wrong_address_is_refused_without_repeating_it() {
    let wrong = AlertConfig { alert_webhook_url: Some("hooks.example.org/secret".into()) };
    let error = Alerts::new(&wrong).unwrap_err().to_string();
    assert_eq!(error, "ALERT_WEBHOOK_URL must be an http or https address");
}
