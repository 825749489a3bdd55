//! Whether a webhook comes from Twilio.

use std::net::IpAddr;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use model::Rate;
use secrecy::SecretString;
use tracing::{debug, warn};
use twilio::signature::{self, Algorithm};
use twilio::{PublicBaseUrl, TwilioAccount};

use super::SOURCE;
use super::pairs::{Encoding, Pairs};
use crate::config::{Config, SignatureMode};
use crate::local_limit::LocalLimit;
use crate::metrics;
use crate::problem::{FieldError, Problem};
use crate::proxy::{TrustedProxies, limited_as};
use crate::webhook::{self, Refusal};

/// Lines logged about wrong signatures; whoever sends more of them does not fill the disk.
const LOGGED: Rate = Rate { limit: 10, window: std::time::Duration::from_secs(10) };

/// Knows Twilio's signature and what to do about requests without one.
#[derive(Debug)]
pub struct Verifier {
    keys: Vec<SecretString>,
    algorithm: Algorithm,
    account_sid: Option<String>,
    public_base_url: Option<PublicBaseUrl>,
    proxies: TrustedProxies,
    mode: SignatureMode,
    allow_unsigned: bool,
    unsigned: LocalLimit<IpAddr>,
    logged: LocalLimit<()>,
}

/// A webhook's body, and how sure it is that Twilio sent it.
#[derive(Debug)]
pub struct Received {
    body: Bytes,
    encoding: Encoding,
    url: String,
    signature: Option<String>,
}

impl Verifier {
    /// Takes keys and addresses from the settings.
    pub fn new(config: &Config, account: &TwilioAccount) -> Self {
        Self {
            keys: account.webhook_keys(),
            algorithm: account.twilio_webhook_algorithm,
            account_sid: account.account_sid().map(str::to_owned),
            public_base_url: account.public_base_url.clone(),
            proxies: config.ingress_trusted_proxies.clone(),
            mode: config.ingress_signature_mode,
            allow_unsigned: config.ingress_twilio_allow_unsigned,
            unsigned: LocalLimit::new(config.ingress_rate_limit_per_ip),
            logged: LocalLimit::new(LOGGED),
        }
    }

    /// Says, once at the start, what an operator should know about these settings.
    pub fn warn_at_start(&self) {
        if self.keys.is_empty() && !self.allow_unsigned {
            warn!("TWILIO_AUTH_TOKEN is not set: the webhooks of twilio are off");
        }
        if self.allow_unsigned {
            warn!("TWILIO_ALLOW_UNSIGNED is set: anybody who finds the address can write as any customer");
        }
        if self.mode == SignatureMode::Report {
            warn!("SIGNATURE_MODE is report: webhooks with a wrong signature are taken");
        }
        if self.public_base_url.is_none() && self.proxies.is_empty() && !self.keys.is_empty() {
            warn!("PUBLIC_BASE_URL is not set: signatures are checked against the url of each request");
        }
    }

    /// Reads a request as far as it deserves: one without a signature is refused before its body is looked at.
    pub async fn receive(
        &self,
        peer: IpAddr,
        uri: &Uri,
        headers: &HeaderMap,
        mut body: Body,
    ) -> Result<Received, Refusal> {
        if self.keys.is_empty() && !self.allow_unsigned {
            webhook::discard(headers, &mut body).await;
            return Err(Refusal::invalid(Problem::new(
                StatusCode::NOT_FOUND,
                "this webhook is off: set TWILIO_AUTH_TOKEN (or TWILIO_WEBHOOK_KEY) to open it",
            )));
        }
        webhook::check_announced_length(headers, &mut body).await?;
        let signature = headers.get(signature::HEADER).and_then(|value| value.to_str().ok());
        if signature.is_none()
            && !self.allow_unsigned
            && let Err(refusal) = self.refuse_unsigned(self.proxies.client(peer, headers))
        {
            webhook::discard(headers, &mut body).await;
            return Err(refusal);
        }
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let Some(encoding) = Encoding::of(content_type.unwrap_or_default()) else {
            webhook::discard(headers, &mut body).await;
            return Err(Refusal::invalid(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the content type must be application/x-www-form-urlencoded or application/json",
            )));
        };
        let body = webhook::read(headers, &mut body).await?;
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let url = match &self.public_base_url {
            Some(base) => base.join(path),
            None => self.proxies.own_base_url(peer, uri, headers) + path,
        };
        Ok(Received { body, encoding, url, signature: signature.map(str::to_owned) })
    }

    fn refuse_unsigned(&self, client: IpAddr) -> Result<(), Refusal> {
        metrics::signature_error(SOURCE);
        if self.mode == SignatureMode::Report {
            self.report("a twilio webhook without a signature was taken: SIGNATURE_MODE is report", None);
            return Ok(());
        }
        match self.unsigned.take(limited_as(client)) {
            Ok(()) => {
                self.report("a twilio webhook without a signature was refused", None);
                Err(Refusal::invalid(Problem::new(
                    StatusCode::FORBIDDEN,
                    "the X-Twilio-Signature header is missing: only twilio may call this address",
                )))
            }
            Err(retry_after) => Err(Refusal::rate_limited(
                "too many requests without a signature from this address",
                retry_after,
            )),
        }
    }

    /// Decodes what was received and checks its signature: over the raw pairs, before anything else is read from
    /// them. The answer tells whether the signature verified, which a request that is let in without need not have.
    pub fn check<'a>(&self, received: &'a Received) -> Result<(Pairs<'a>, bool), Refusal> {
        let Received { body, encoding, url, signature } = received;
        let pairs = match encoding {
            Encoding::Form => Some(Pairs::from_form(body)),
            Encoding::Json => None,
        };
        let verified = signature.as_deref().is_some_and(|signature| match &pairs {
            Some(pairs) => signature::verify(self.algorithm, &self.keys, url, pairs.as_slice(), signature),
            None => signature::verify_json(self.algorithm, &self.keys, url, body, signature),
        });
        if signature.is_some() && !verified && !self.keys.is_empty() {
            metrics::signature_error(SOURCE);
            if self.mode == SignatureMode::Enforce {
                self.report("a twilio webhook with a wrong signature was refused", Some(url));
                return Err(Refusal::invalid(Problem::new(
                    StatusCode::FORBIDDEN,
                    "the signature is not twilio's for this url and body: check TWILIO_AUTH_TOKEN and PUBLIC_BASE_URL",
                )));
            }
            self.report(
                "a twilio webhook with a wrong signature was taken: SIGNATURE_MODE is report",
                Some(url),
            );
        }
        let pairs = match pairs {
            Some(pairs) => pairs,
            None => Pairs::from_json(body).map_err(|_| {
                Refusal::invalid(Problem::new(
                    StatusCode::BAD_REQUEST,
                    "the body is no json object: send an object of parameters",
                ))
            })?,
        };
        Ok((pairs, verified))
    }

    /// Refuses an account that is not ours. Any is ours while none is configured.
    pub fn check_account(&self, pairs: &Pairs<'_>) -> Result<(), Refusal> {
        let Some(ours) = &self.account_sid else { return Ok(()) };
        match pairs.filled("AccountSid") {
            Some(theirs) if theirs == ours => Ok(()),
            Some(_) => Err(Refusal::invalid(Problem::new(
                StatusCode::FORBIDDEN,
                "AccountSid is not ours: check TWILIO_ACCOUNT_SID",
            ))),
            None => Err(Refusal::invalid(Problem::invalid(vec![FieldError::new(
                "AccountSid",
                "is missing: send the account the event belongs to",
            )]))),
        }
    }

    fn report(&self, sentence: &'static str, url: Option<&str>) {
        // The query may name a message and its trace; what an operator compares is what stands before it.
        let url = url.map(|url| url.split('?').next().unwrap_or_default());
        if self.logged.take(()).is_ok() {
            warn!(url, "{sentence}");
        } else {
            debug!(url, "{sentence}");
        }
    }
}
