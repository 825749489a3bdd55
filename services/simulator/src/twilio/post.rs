//! Posts a signed form as Twilio does: its time-outs, its retries and their overrides in the URL's fragment.

use std::time::Duration;

use ::twilio::{Algorithm, signature};
use tokio::time::Instant;

use super::account::Account;
use crate::ledger::Answer;
use crate::outside::Outside;

/// Header that is the same on every try of one event.
const IDEMPOTENCY_HEADER: &str = "I-Twilio-Idempotency-Token";
/// Header that names key and algorithm where it is not SHA1.
const SETTINGS_HEADER: &str = "X-Twilio-Webhooks-Signature-Settings";
/// Most of an answer that is read: TwiML may be 64 kB.
pub const MAX_ANSWER: usize = 64 * 1024;

/// Retry settings of one webhook. Source: Twilio's "Webhooks connection overrides" page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overrides {
    retries: u32,
    read: Duration,
    total: Duration,
    repeat_on: Vec<Trouble>,
}

/// What can go wrong with a webhook, under the names of the retry policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// `4xx`
    Refused,
    /// `5xx`
    Failed,
    /// `ct`
    Connect,
    /// `rt`
    Read,
}

/// Whether and how a request is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// As Twilio signs.
    #[default]
    Valid,
    /// With the wrong key.
    Wrong,
    /// Not at all.
    None,
}

/// An answer with what it said.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    /// Status, tries and time.
    pub answer: Answer,
    /// Content type without parameters, in lower case.
    pub content_type: String,
    /// Body, as text.
    pub body: String,
}

impl Default for Overrides {
    /// One retry, on failed connections only, all in 15 s.
    fn default() -> Self {
        Self {
            retries: 1,
            read: Duration::from_secs(15),
            total: Duration::from_secs(15),
            repeat_on: vec![Trouble::Connect],
        }
    }
}

impl Overrides {
    /// Reads a URL's fragment (`rc=3&rp=5xx,ct,rt`); what is out of range or unknown is left at its default. The connect
    /// time-out is not among what can be changed here.
    fn read(fragment: &str) -> Self {
        let mut overrides = Self::default();
        for (name, value) in fragment.split('&').filter_map(|pair| pair.split_once('=')) {
            let number: Option<u32> = value.parse().ok();
            let millis =
                number.filter(|ms| (100..=15_000).contains(ms)).map(|ms| Duration::from_millis(ms.into()));
            match name {
                "rc" => {
                    overrides.retries = number.filter(|retries| *retries <= 5).unwrap_or(overrides.retries);
                }
                "rt" => overrides.read = millis.unwrap_or(overrides.read),
                "tt" => overrides.total = millis.unwrap_or(overrides.total),
                "rp" => {
                    let has = |word: &str| value.split(',').any(|policy| policy == word || policy == "all");
                    let policies = [
                        ("4xx", Trouble::Refused),
                        ("5xx", Trouble::Failed),
                        ("ct", Trouble::Connect),
                        ("rt", Trouble::Read),
                    ];
                    overrides.repeat_on = policies
                        .into_iter()
                        .filter(|(word, _)| has(word))
                        .map(|(_, trouble)| trouble)
                        .collect();
                }
                _ => {}
            }
        }
        overrides
    }

    fn repeats(&self, outcome: &Result<Posted, reqwest::Error>) -> bool {
        let trouble = match outcome {
            Ok(posted) => match posted.answer.http_status {
                Some(400..=499) => Trouble::Refused,
                Some(500..=599) => Trouble::Failed,
                _ => return false,
            },
            Err(error) if error.is_connect() => Trouble::Connect,
            Err(_) => Trouble::Read,
        };
        self.repeat_on.contains(&trouble)
    }
}

/// Posts `pairs` to `url` (its fragment is never sent nor signed) until answered, refused for good or out of time.
pub async fn post<K: AsRef<str>>(
    outside: &Outside,
    account: &Account,
    url: &str,
    pairs: &[(K, String)],
    signing: Signing,
) -> Posted {
    let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
    let overrides = Overrides::read(fragment);
    let event = outside.ids.token();
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let signature = match signing {
        Signing::Valid => Some(signature::sign(account.algorithm, &account.webhook_key, url, pairs)),
        Signing::Wrong => Some(signature::sign(account.algorithm, &"not the key".into(), url, pairs)),
        Signing::None => None,
    };
    let started = Instant::now();
    let deadline = started + overrides.total;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let left = deadline.saturating_duration_since(Instant::now()).min(overrides.read);
        let mut request = outside
            .http
            .post(url)
            .timeout(left)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("user-agent", "TwilioProxy/1.1")
            .header(IDEMPOTENCY_HEADER, &event)
            .body(body.clone());
        if let Some(signature) = &signature {
            request = request.header(signature::HEADER, signature);
        }
        if account.algorithm == Algorithm::Sha256 {
            request = request.header(SETTINGS_HEADER, "key=demo,algorithm=HMAC_SHA256");
        }
        let outcome = exchange(request).await;
        let again = attempts <= overrides.retries && overrides.repeats(&outcome) && Instant::now() < deadline;
        if again {
            continue;
        }
        let mut posted = outcome.unwrap_or_else(|error| Posted {
            answer: Answer { error: Some(describe(&error).to_owned()), ..Answer::default() },
            ..Posted::default()
        });
        posted.answer.attempts = attempts;
        posted.answer.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        return posted;
    }
}

async fn exchange(request: reqwest::RequestBuilder) -> Result<Posted, reqwest::Error> {
    let response = request.send().await?;
    let http_status = Some(response.status().as_u16());
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let bytes = response.bytes().await?;
    let body = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_ANSWER + 1)]).into_owned();
    Ok(Posted { answer: Answer { http_status, ..Answer::default() }, content_type, body })
}

/// Why a request failed, without the URL, which may carry what must not be shown.
fn describe(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "could not connect"
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_builder() {
        "the URL is not valid"
    } else {
        "the connection broke"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(http_status: u16) -> Posted {
        Posted { answer: Answer { http_status: Some(http_status), ..Answer::default() }, ..Posted::default() }
    }

    #[test]
    fn a_webhook_without_overrides_is_repeated_once_after_a_failed_connection_only() {
        let default = Overrides::read("");
        assert_eq!((default.retries, default.repeat_on.as_slice()), (1, &[Trouble::Connect][..]));
        assert!(!default.repeats(&Ok(answered(503))) && !default.repeats(&Ok(answered(429))));
        assert!(Overrides::read("rc=3&rp=5xx,ct,rt").repeats(&Ok(answered(503))));
    }

    #[test]
    fn overrides_out_of_range_are_left_at_their_default() {
        let read = Overrides::read("rc=9&rt=50&tt=2000&rp=all&e=ashburn");
        assert_eq!(
            (read.retries, read.read, read.total),
            (1, Duration::from_secs(15), Duration::from_secs(2))
        );
        assert_eq!(read.repeat_on.len(), 4);
    }
}
