//! The REST API: messages, typing indicator, inbound media.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use super::log::Filter;
use super::message::{API_VERSION, Direction};
use super::refusal::Refusal;
use super::rules::is_sid;
use super::world::Twilio;
use crate::cut::Wire;
use crate::faults::{Kind, Spot};
use crate::ledger::What;

/// Messages on a page unless asked otherwise.
const DEFAULT_PAGE_SIZE: usize = 50;
/// Most messages on a page.
const MAX_PAGE_SIZE: usize = 1_000;
/// Header with the number of requests in flight.
const CONCURRENT_HEADER: &str = "twilio-concurrent-requests";
/// What a page token starts with; the last SID of the page before follows.
const TOKEN_PREFIX: &str = "PA";

/// The API's routes.
pub fn routes() -> Router<Arc<Twilio>> {
    Router::new()
        .route("/2010-04-01/Accounts/{account}/Messages.json", get(list).post(create))
        .route("/2010-04-01/Accounts/{account}/Messages/{message}", get(fetch).delete(delete))
        .route("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}", get(media))
        .route("/v2/Indicators/Typing.json", post(typing))
        .route("/sim/media/{media}", get(media_content))
        .fallback(unknown_path)
}

async fn unknown_path(uri: Uri) -> Refusal {
    Refusal::not_found(uri.path())
}

/// Runs `process` under the script of faults, about one customer and one message.
async fn faulted<F>(twilio: &Twilio, spot: Spot, about: (&str, &str), wire: &Wire, process: F) -> Response
where
    F: Future<Output = Response>,
{
    let Some(rule) = twilio.outside.strike(spot, about.0, about.1, None) else {
        return process.await;
    };
    match rule.kind {
        Kind::InternalError => Refusal::internal().into_response(),
        Kind::Unavailable => Refusal::unavailable().into_response(),
        Kind::TooMany => {
            let mut response = Refusal::too_many().into_response();
            if let Some(millis) = rule.millis {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(millis.div_ceil(1_000)));
            }
            response
        }
        Kind::Error => Refusal {
            http_status: rule.http_status.unwrap_or(400),
            code: rule.code.unwrap_or(20001),
            message: "Refused by a scripted fault".to_owned(),
        }
        .into_response(),
        Kind::Timeout => {
            twilio.outside.hang(&rule, wire).await;
            Refusal::internal().into_response()
        }
        Kind::Cut => {
            wire.cut();
            Refusal::internal().into_response()
        }
        Kind::AcceptedThenCut => {
            let response = process.await;
            wire.cut();
            response
        }
        Kind::AcceptedThenError => {
            process.await;
            Refusal::internal().into_response()
        }
        Kind::AcceptedThenTimeout => {
            let response = process.await;
            twilio.outside.hang(&rule, wire).await;
            response
        }
        Kind::Slow => {
            tokio::time::sleep(Duration::from_millis(rule.millis.unwrap_or(1_000))).await;
            process.await
        }
        Kind::Drop | Kind::Duplicate | Kind::Delay | Kind::Shuffle | Kind::Fail => process.await,
    }
}

async fn create(
    State(twilio): State<Arc<Twilio>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(account): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // A client that gives up does not take back what it asked: the request is worked off in a task of its own.
    let work =
        tokio::spawn(async move { create_now(&twilio, &wire, &account, uri.path(), &headers, &body).await });
    work.await.unwrap_or_else(|_| Refusal::internal().into_response())
}

async fn create_now(
    twilio: &Twilio,
    wire: &Wire,
    account: &str,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    if let Err(refusal) = twilio.admit(headers, account, path) {
        return refusal.into_response();
    }
    let place = twilio.enter();
    let (limit, create_ms) =
        twilio.outside.setting(|settings| (settings.concurrency_limit, settings.create_ms));
    let form = form_of(headers, body);
    let customer = form.iter().find(|(name, _)| name == "To").map(|(_, to)| to.clone()).unwrap_or_default();
    let mut response = if place.now > limit {
        refuse(twilio, &customer, Refusal::too_many())
    } else {
        if create_ms > 0 {
            tokio::time::sleep(Duration::from_millis(create_ms)).await;
        }
        match twilio.check(&form) {
            Err(refusal) => refuse(twilio, &customer, refusal),
            Ok(draft) => {
                let accepted = async {
                    let resource = twilio.accept(draft, Direction::OutboundApi, "api").await;
                    (StatusCode::CREATED, Json(resource)).into_response()
                };
                faulted(twilio, Spot::Create, (&customer, ""), wire, accepted).await
            }
        }
    };
    response.headers_mut().insert(CONCURRENT_HEADER, HeaderValue::from(place.now));
    response
}

/// Writes a refusal down; the customer is known only as far as the request named one.
fn refuse(twilio: &Twilio, customer: &str, refusal: Refusal) -> Response {
    let what = What::Refused { http_status: refusal.http_status, code: refusal.code };
    twilio.outside.ledger.record(twilio.outside.now(), &customer.into(), &"".into(), what);
    refusal.into_response()
}

/// The pairs of a form; nothing when the body is something else, as at the real API.
fn form_of(headers: &HeaderMap, body: &[u8]) -> Vec<(String, String)> {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    if is_form { form_urlencoded::parse(body).into_owned().collect() } else { Vec::new() }
}

async fn fetch(
    State(twilio): State<Arc<Twilio>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path((account, file)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    twilio.admit(&headers, &account, uri.path())?;
    let missing = || Refusal::not_found(uri.path());
    let message = file.strip_suffix(".json").and_then(|sid| twilio.message(sid)).ok_or_else(missing)?;
    let about = (&*message.customer().clone(), &*message.sid.clone());
    let found = async { Json(message.resource(&twilio.account.sid)).into_response() };
    Ok(faulted(&twilio, Spot::Fetch, about, &wire, found).await)
}

async fn delete(
    State(twilio): State<Arc<Twilio>>,
    Path((account, file)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    twilio.admit(&headers, &account, uri.path())?;
    let deleted = file.strip_suffix(".json").is_some_and(|sid| twilio.delete(sid));
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::not_found(uri.path())) }
}

async fn list(
    State(twilio): State<Arc<Twilio>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(account): Path<String>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    twilio.admit(&headers, &account, uri.path())?;
    let query = query.unwrap_or_default();
    let wanted = Listing::read(&query)?;
    let customer = wanted.filter.to.clone().unwrap_or_default();
    let found = async { Json(wanted.page(&twilio)).into_response() };
    Ok(faulted(&twilio, Spot::List, (&customer, ""), &wire, found).await)
}

/// A list request.
#[derive(Debug, Default)]
struct Listing {
    filter: Filter,
    /// The filters as they came, to be repeated in the addresses of further pages.
    kept: Vec<(String, String)>,
    page: usize,
    page_size: usize,
    after: Option<String>,
}

impl Listing {
    fn read(query: &str) -> Result<Self, Refusal> {
        let mut listing = Self { page_size: DEFAULT_PAGE_SIZE, ..Self::default() };
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            let wrong = || Refusal::new(20001, format!("Invalid value for parameter {name}"));
            match name.as_str() {
                "To" => listing.filter.to = Some(value.clone()),
                "From" => listing.filter.from = Some(value.clone()),
                "DateSent" | "DateSent>" | "DateSent<" => {
                    listing.filter.sent.narrow(&name, &value).map_err(|_| wrong())?;
                }
                "PageSize" => {
                    let size: usize = value.parse().ok().filter(|size| *size > 0).ok_or_else(wrong)?;
                    listing.page_size = size.min(MAX_PAGE_SIZE);
                    continue;
                }
                "Page" => {
                    listing.page = value.parse().map_err(|_| wrong())?;
                    continue;
                }
                "PageToken" => {
                    let sid =
                        value.strip_prefix(TOKEN_PREFIX).filter(|sid| is_sid(sid, "SM") || is_sid(sid, "MM"));
                    listing.after = Some(sid.ok_or_else(wrong)?.to_owned());
                    continue;
                }
                _ => continue,
            }
            listing.kept.push((name, value));
        }
        Ok(listing)
    }

    fn page(&self, twilio: &Twilio) -> serde_json::Value {
        let (messages, last, more) = twilio.list(&self.filter, self.after.as_deref(), self.page_size);
        let next = last
            .filter(|_| more)
            .map(|sid| self.uri(&twilio.account.sid, self.page + 1, Some(&format!("{TOKEN_PREFIX}{sid}"))));
        let token = self.after.as_ref().map(|sid| format!("{TOKEN_PREFIX}{sid}"));
        let start = self.page * self.page_size;
        json!({
            "first_page_uri": self.uri(&twilio.account.sid, 0, None),
            "next_page_uri": next,
            "previous_page_uri": null,
            "uri": self.uri(&twilio.account.sid, self.page, token.as_deref()),
            "page": self.page,
            "page_size": self.page_size,
            "start": start,
            "end": start + messages.len().saturating_sub(1),
            "messages": messages,
        })
    }

    fn uri(&self, account: &str, page: usize, token: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.kept);
        query.append_pair("PageSize", &self.page_size.to_string()).append_pair("Page", &page.to_string());
        if let Some(token) = token {
            query.append_pair("PageToken", token);
        }
        format!("/{API_VERSION}/Accounts/{account}/Messages.json?{}", query.finish())
    }
}

async fn typing(
    State(twilio): State<Arc<Twilio>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    twilio.admit(&headers, &twilio.account.sid, uri.path())?;
    let form = form_of(&headers, &body);
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if field("channel") != Some("whatsapp") {
        return Err(Refusal::new(20001, "Invalid parameter channel: expected whatsapp"));
    }
    let sid = field("messageId").filter(|sid| is_sid(sid, "SM") || is_sid(sid, "MM"));
    let sid =
        sid.ok_or_else(|| Refusal::new(20001, "Invalid parameter messageId: expected an inbound SID"))?;
    let customer = twilio.message(sid).map(|message| message.customer().to_string()).unwrap_or_default();
    let shown = async {
        match twilio.typing(sid) {
            Some(()) => Json(json!({ "success": true })).into_response(),
            None => Refusal::not_found(uri.path()).into_response(),
        }
    };
    Ok(faulted(&twilio, Spot::Typing, (&customer, sid), &wire, shown).await)
}

async fn media(
    State(twilio): State<Arc<Twilio>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path((account, message, media)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let guarded = twilio.outside.setting(|settings| settings.media_auth);
    if guarded {
        twilio.admit(&headers, &account, uri.path())?;
    }
    let found = async {
        if guarded && twilio.media(&media).is_some() {
            return Redirect::temporary(&format!("/sim/media/{media}")).into_response();
        }
        content(&twilio, &media).unwrap_or_else(|| Refusal::not_found(uri.path()).into_response())
    };
    Ok(faulted(&twilio, Spot::Media, ("", &message), &wire, found).await)
}

async fn media_content(
    State(twilio): State<Arc<Twilio>>,
    Path(media): Path<String>,
    uri: Uri,
) -> Result<Response, Refusal> {
    content(&twilio, &media).ok_or_else(|| Refusal::not_found(uri.path()))
}

fn content(twilio: &Twilio, media: &str) -> Option<Response> {
    let (content_type, bytes) = twilio.media(media)?;
    Some(([(header::CONTENT_TYPE, content_type)], bytes).into_response())
}
