//! A server that speaks `OpenAI`'s Chat Completions and answers as it is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};

/// What the model does.
#[derive(Clone, Debug)]
pub enum Mood {
    /// Answers this, to readings and wordings alike.
    Says(String),
    /// Answers a reading with the first, a wording with the second.
    Reads(String, String),
    /// Answers with what it was told: its instructions.
    Leaks,
    /// Answers this after a while.
    Slow(Duration, String),
    /// Never answers.
    Hangs,
    /// Answers with this status.
    Fails(u16),
    /// Answers 429 once, asks to wait so many seconds, then answers this.
    LimitsOnce(u64, String),
    /// Answers 500 once, then this.
    FailsOnce(String),
    /// Calls a tool that nobody gave it.
    CallsATool,
    /// Stops half way.
    CutsOff(String),
    /// Answers with something that is not JSON at all.
    Html,
    /// Sends the caller elsewhere.
    Redirects,
}

/// A running fake.
#[derive(Clone)]
pub struct Fake {
    url: String,
    state: Arc<Inner>,
}

struct Inner {
    mood: Mutex<Mood>,
    requests: Mutex<Vec<Value>>,
    keys: Mutex<Vec<String>>,
    paths: Mutex<Vec<String>>,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Fake {
    /// Listens on a free port.
    pub async fn new(mood: Mood) -> Self {
        let state = Arc::new(Inner {
            mood: Mutex::new(mood),
            requests: Mutex::default(),
            keys: Mutex::default(),
            paths: Mutex::default(),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let app = Router::new().fallback(answer).with_state(state.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, state }
    }

    /// For `LLM_BASE_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on it does this.
    pub fn turns(&self, mood: Mood) {
        *self.state.mood.lock().unwrap() = mood;
    }

    /// Everything it was asked.
    pub fn requests(&self) -> Vec<Value> {
        self.state.requests.lock().unwrap().clone()
    }

    /// The keys it was shown.
    pub fn keys(&self) -> Vec<String> {
        self.state.keys.lock().unwrap().clone()
    }

    /// The paths it was called at.
    pub fn paths(&self) -> Vec<String> {
        self.state.paths.lock().unwrap().clone()
    }

    /// How many calls were under way at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.state.most.load(Ordering::SeqCst)
    }
}

async fn answer(State(state): State<Arc<Inner>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    state.requests.lock().unwrap().push(request.clone());
    state.paths.lock().unwrap().push(uri.path().to_owned());
    if uri.path() != "/v1/chat/completions" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let key = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    state.keys.lock().unwrap().push(key.to_owned());
    let _under_way = UnderWay::of(&state);
    let mood = state.mood.lock().unwrap().clone();
    let is_reading = request.get("response_format").is_some();
    match mood {
        Mood::Says(text) => said(&text),
        Mood::Reads(reading, wording) => said(if is_reading { &reading } else { &wording }),
        Mood::Leaks => {
            said(request.pointer("/messages/0/content").and_then(Value::as_str).unwrap_or_default())
        }
        Mood::Slow(wait, text) => {
            tokio::time::sleep(wait).await;
            said(&text)
        }
        Mood::Hangs => std::future::pending().await,
        Mood::Fails(status) => failed(status),
        Mood::LimitsOnce(seconds, text) => {
            *state.mood.lock().unwrap() = Mood::Says(text);
            ([("retry-after", seconds.to_string())], failed(429)).into_response()
        }
        Mood::FailsOnce(text) => {
            *state.mood.lock().unwrap() = Mood::Says(text);
            failed(500)
        }
        Mood::CallsATool => {
            let call = json!({ "id": "c1", "type": "function", "function": { "name": "book_for_free", "arguments": "{}" } });
            completed(&json!({ "role": "assistant", "content": null, "tool_calls": [call] }), "tool_calls")
        }
        Mood::CutsOff(text) => completed(&json!({ "role": "assistant", "content": text }), "length"),
        Mood::Html => axum::response::Html("<h1>Bad gateway</h1>").into_response(),
        Mood::Redirects => {
            axum::response::Redirect::temporary("http://127.0.0.1:9/v1/chat/completions").into_response()
        }
    }
}

fn failed(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, Json(json!({ "error": { "message": "the model is away", "type": "server_error" } })))
        .into_response()
}

fn said(text: &str) -> Response {
    completed(&json!({ "role": "assistant", "content": text }), "stop")
}

fn completed(message: &Value, reason: &str) -> Response {
    Json(json!({
        "id": "c1", "object": "chat.completion", "created": 1, "model": "fake-1",
        "choices": [{ "index": 0, "message": message, "finish_reason": reason }],
        "usage": { "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100 },
    }))
    .into_response()
}

/// Counts a call while it is under way, also when its caller hangs up.
struct UnderWay<'a>(&'a Inner);

impl<'a> UnderWay<'a> {
    fn of(state: &'a Inner) -> Self {
        let now = state.now.fetch_add(1, Ordering::SeqCst) + 1;
        state.most.fetch_max(now, Ordering::SeqCst);
        Self(state)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}
