//! Refusals as `application/problem+json` (RFC 9457): what is wrong, and how to mend it.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// One field that is wrong, and what mends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field as the provider spells it.
    pub field: &'static str,
    /// What is expected of it. Never the value itself, which may be private.
    pub detail: String,
}

impl FieldError {
    /// Says what is expected of a field.
    pub fn new(field: &'static str, detail: impl Into<String>) -> Self {
        Self { field, detail: detail.into() }
    }
}

/// A refusal of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// A refusal with a status and one sentence.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// 400: these fields are wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let named: Vec<String> =
            errors.iter().map(|error| format!("{} {}", error.field, error.detail)).collect();
        Self { status: StatusCode::BAD_REQUEST, detail: named.join("; "), errors, retry_after: None }
    }

    /// 503: the event cannot be kept now; a retry is welcome.
    pub fn unavailable(detail: impl Into<String>, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }

    /// 429: too many; the same request can succeed after `retry_after`.
    pub fn too_many(detail: impl Into<String>, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
        };
        let json = serde_json::to_vec(&body).expect("strings and numbers always serialise");
        let mut response = (
            self.status,
            [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))],
            json,
        )
            .into_response();
        if let Some(delay) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(delay)));
        }
        response
    }
}

/// Seconds rounded up, at least one: what `Retry-After` can say.
fn whole_seconds(delay: Duration) -> u64 {
    let rounded_up = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    rounded_up.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_every_wrong_field_and_the_mend() {
        let problem = Problem::invalid(vec![
            FieldError::new("From", "is missing"),
            FieldError::new("NumMedia", "must be a whole number"),
        ]);
        assert_eq!(problem.detail, "From is missing; NumMedia must be a whole number");
        let response = problem.into_response();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert!(!response.headers().contains_key("retry-after"));
    }

    #[test]
    fn a_delay_is_rounded_up_to_whole_seconds_and_is_never_zero() {
        for (millis, seconds) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2")] {
            let response = Problem::too_many("too many", Duration::from_millis(millis)).into_response();
            assert_eq!(response.headers()["retry-after"], seconds, "{millis}");
        }
    }
}
