//! Who may see the page: whoever knows the password, or, without one, whoever sits at this machine.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, StatusCode, Uri, header};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How long a wrong password waits for its answer, so that guessing is slow.
const WRONG_PASSWORD_DELAY: std::time::Duration = std::time::Duration::from_millis(300);

/// What a visitor must show.
#[derive(Clone)]
pub enum Gate {
    /// The password with this digest.
    Password([u8; 32]),
    /// A `Host` of this machine. A page of another site whose name was pointed at 127.0.0.1 shows its own name there.
    Loopback,
}

impl Gate {
    /// The gate of a configured password, or of none.
    pub fn new(password: Option<&SecretString>) -> Self {
        password
            .map_or(Self::Loopback, |password| Self::Password(digest(password.expose_secret().as_bytes())))
    }

    /// Lets a request through, or answers it.
    fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), StatusCode> {
        match self {
            Self::Password(digest) if password_fits(digest, headers) => Ok(()),
            Self::Password(_) => Err(StatusCode::UNAUTHORIZED),
            Self::Loopback if names_this_machine(uri, headers) => Ok(()),
            Self::Loopback => Err(StatusCode::MISDIRECTED_REQUEST),
        }
    }
}

/// The layer in front of all routes.
pub async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    match gate.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(StatusCode::UNAUTHORIZED) => {
            if request.headers().contains_key(header::AUTHORIZATION) {
                tokio::time::sleep(WRONG_PASSWORD_DELAY).await;
            }
            let realm = [(header::WWW_AUTHENTICATE, r#"Basic realm="Proefrit console", charset="UTF-8""#)];
            (StatusCode::UNAUTHORIZED, realm, "The console's password is needed.\n").into_response()
        }
        Err(status) => {
            (status, "Open the console as http://localhost or http://127.0.0.1, or set CONSOLE_PASSWORD.\n")
                .into_response()
        }
    }
}

/// Whether a request that changes something was sent by a page of ours. A page of another site can send a form here, and the browser
/// adds the password to it; but it cannot say that it comes from here.
pub fn from_our_page(uri: &Uri, headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes() == b"same-origin");
    let host = text(header::HOST).or_else(|| uri.authority().map(http::uri::Authority::as_str));
    let origin = text(header::ORIGIN).and_then(|origin| origin.parse::<Uri>().ok());
    let from = origin.as_ref().and_then(Uri::authority).map(http::uri::Authority::as_str);
    site.unwrap_or(true) && from.is_some() && from == host
}

fn password_fits(wanted: &[u8; 32], headers: &HeaderMap) -> bool {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = BASE64_STANDARD.decode(credentials.trim()).ok()?;
        let colon = pair.iter().position(|byte| *byte == b':')?;
        Some(digest(&pair[colon + 1..]))
    });
    shown.is_some_and(|shown| shown.ct_eq(wanted).into())
}

/// Digests have one length, so that comparing them tells nothing of the password's.
fn digest(password: &[u8]) -> [u8; 32] {
    Sha256::digest(password).into()
}

fn names_this_machine(uri: &Uri, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let Some(authority) = host.or_else(|| uri.authority().map(http::uri::Authority::as_str)) else {
        return false;
    };
    let Ok(authority) = authority.parse::<http::uri::Authority>() else { return false };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn only_the_password_opens_the_gate_with_any_user_name() {
        let gate = Gate::new(Some(&"s3cret:with colon".into()));
        let uri = Uri::from_static("/");
        for (credentials, opens) in [
            ("anna:s3cret:with colon", true),
            (":s3cret:with colon", true),
            ("anna:s3cret", false),
            ("", false),
        ] {
            let value = format!("Basic {}", BASE64_STANDARD.encode(credentials));
            assert_eq!(
                gate.check(&uri, &headers(header::AUTHORIZATION, &value)).is_ok(),
                opens,
                "{credentials}"
            );
        }
        assert_eq!(gate.check(&uri, &HeaderMap::new()), Err(StatusCode::UNAUTHORIZED));
        assert!(gate.check(&uri, &headers(header::AUTHORIZATION, "Bearer s3cret")).is_err());
        assert!(gate.check(&uri, &headers(header::AUTHORIZATION, "Basic ###")).is_err());
    }

    #[test]
    fn only_a_page_of_ours_may_change_something() {
        let uri = Uri::from_static("/tasks/1/done");
        for (origin, site, ours) in [
            ("http://localhost:8081", Some("same-origin"), true),
            ("http://localhost:8081", None, true),
            ("http://localhost:8081", Some("cross-site"), false),
            ("http://localhost:9999", None, false),
            ("https://evil.example", Some("cross-site"), false),
            ("null", Some("same-origin"), false),
            ("", None, false),
        ] {
            let mut all = headers(header::HOST, "localhost:8081");
            if !origin.is_empty() {
                all.insert(header::ORIGIN, origin.parse().unwrap());
            }
            if let Some(site) = site {
                all.insert("sec-fetch-site", site.parse().unwrap());
            }
            assert_eq!(from_our_page(&uri, &all), ours, "{origin} {site:?}");
        }
    }

    #[test]
    fn without_a_password_only_names_of_this_machine_are_answered() {
        let gate = Gate::new(None);
        let uri = Uri::from_static("/");
        for (host, opens) in [
            ("localhost:8081", true),
            ("127.0.0.1:8081", true),
            ("[::1]:8081", true),
            ("rebound.example:8081", false),
            ("localhost.example", false),
            ("192.0.2.1", false),
        ] {
            assert_eq!(gate.check(&uri, &headers(header::HOST, host)).is_ok(), opens, "{host}");
        }
        assert!(gate.check(&uri, &HeaderMap::new()).is_err());
    }
}
