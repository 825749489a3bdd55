//! Twilio's error bodies.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal with HTTP status, Twilio's code and sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub http_status: u16,
    /// Twilio's code.
    pub code: u32,
    /// Twilio's sentence.
    pub message: String,
}

impl Refusal {
    /// A 400 with a code.
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self { http_status: 400, code, message: message.into() }
    }

    /// 401, code 20003.
    pub fn unauthenticated() -> Self {
        Self { http_status: 401, code: 20003, message: "Authenticate".to_owned() }
    }

    /// 404, code 20404, about a path.
    pub fn not_found(path: &str) -> Self {
        Self {
            http_status: 404,
            code: 20404,
            message: format!("The requested resource {path} was not found"),
        }
    }

    /// 429, code 20429.
    pub fn too_many() -> Self {
        Self { http_status: 429, code: 20429, message: "Too Many Requests".to_owned() }
    }

    /// 500, code 20500.
    pub fn internal() -> Self {
        Self { http_status: 500, code: 20500, message: "Internal Server Error".to_owned() }
    }

    /// 503, code 20503.
    pub fn unavailable() -> Self {
        Self { http_status: 503, code: 20503, message: "Service Unavailable".to_owned() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.http_status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = Json(json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.http_status,
        }))
        .into_response();
        *response.status_mut() = status;
        if self.http_status == 401 {
            let challenge = HeaderValue::from_static("Basic realm=\"Twilio API\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
