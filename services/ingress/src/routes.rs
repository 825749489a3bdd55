//! The paths the ingress answers at.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderValue, Method, StatusCode, Uri, header};

use crate::App;
use crate::problem::Problem;
use crate::twilio;

/// The description of these routes, written by hand.
const OPENAPI: &str = include_str!("openapi.json");

/// Every route of the ingress.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/webhooks/twilio/whatsapp", post(twilio::inbound))
        .route("/twilio-status", post(twilio::callback))
        .route("/webhooks/twilio/status", post(twilio::callback))
        .route("/openapi.json", get(openapi))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .with_state(app)
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], OPENAPI).into_response()
}

async fn method_not_allowed(method: Method) -> Response {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{method} is not answered here: see the allow header"),
    )
    .into_response()
}

async fn not_found(uri: Uri) -> Response {
    Problem::new(StatusCode::NOT_FOUND, format!("nothing is at {}: see /openapi.json", uri.path()))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_names_every_route_and_every_answer() {
        let description: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let paths = description["paths"].as_object().unwrap();
        let mut named: Vec<_> = paths.keys().map(String::as_str).collect();
        named.sort_unstable();
        assert_eq!(
            named,
            ["/openapi.json", "/twilio-status", "/webhooks/twilio/status", "/webhooks/twilio/whatsapp"]
        );
        for webhook in &named[1..] {
            let answers = paths[*webhook]["post"]["responses"].as_object().unwrap();
            for status in ["200", "400", "403", "404", "405", "408", "413", "415", "429", "503"] {
                assert!(answers.contains_key(status), "{webhook} {status}");
            }
        }
    }

    #[test]
    fn every_reference_of_the_description_leads_somewhere() {
        let description: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let mut seen = 0;
        for reference in OPENAPI.split("\"$ref\": \"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(description.pointer(pointer).is_some(), "{pointer}");
            seen += 1;
        }
        assert!(seen > 10);
    }
}
