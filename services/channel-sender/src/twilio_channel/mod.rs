//! The Twilio channel: creates messages, reads the message log, fetches one message.

mod log;
mod request;
mod response;

use std::sync::Once;
use std::time::Duration;

use futures::future::BoxFuture;
use lifecycle::crash;
use model::{ContactAddress, ConversationId, Source};
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use tracing::{Instrument, Span, field};
use twilio::{PublicBaseUrl, TwilioAccount};

use crate::Error;
use crate::channel::{AskError, Channel, Logged, Lookup, Outcome, Outgoing, ProviderState};
use response::MessageResource;

/// How long a connection may take to come about; until it has, nothing was sent.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Twilio's Messages API for one account and one sender.
pub struct TwilioChannel {
    http: reqwest::Client,
    messages_url: Url,
    api_base_url: Url,
    username: String,
    password: SecretString,
    from: From,
    sender: String,
    public_base_url: Option<PublicBaseUrl>,
    warned_of_no_callback: Once,
}

/// Who a message is from.
enum From {
    /// `whatsapp:+31…`
    Number(String),
    /// A Messaging Service, which picks the sender.
    Service(String),
}

impl TwilioChannel {
    /// The channel of an account; `None` when no account is set. `send_timeout` bounds a whole request.
    pub fn new(account: &TwilioAccount, send_timeout: Duration) -> Result<Option<Self>, Error> {
        account.validate().map_err(|error| Error::Configuration(error.to_string()))?;
        let (Some(sid), Some(credentials)) = (account.account_sid(), account.credentials()) else {
            return Ok(None);
        };
        let number = account.twilio_whatsapp_number.as_ref();
        let (from, sender) = match (account.messaging_service_sid(), number) {
            (Some(service), _) => (From::Service(service.to_owned()), service.to_owned()),
            (None, Some(number)) => (From::Number(number.address()), number.e164().to_owned()),
            (None, None) => return Ok(None),
        };
        let parse = |text: &str| {
            Url::parse(text).map_err(|_| Error::Configuration("TWILIO_API_BASE_URL must be a URL".to_owned()))
        };
        let base = account.api_base_url();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT.min(send_timeout))
            .timeout(send_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("proefrit")
            .build()
            .map_err(Error::HttpClient)?;
        Ok(Some(Self {
            http,
            messages_url: parse(&format!("{base}/2010-04-01/Accounts/{sid}/Messages.json"))?,
            api_base_url: parse(base)?,
            username: credentials.username,
            password: credentials.password,
            from,
            sender,
            public_base_url: account.public_base_url.clone(),
            warned_of_no_callback: Once::new(),
        }))
    }

    fn status_callback(&self, message: &Outgoing) -> Option<String> {
        let callback = self.public_base_url.as_ref().map(|base| request::status_callback(base, message));
        if callback.is_none() {
            self.warned_of_no_callback.call_once(|| {
                tracing::warn!("messages go out without a status callback: PUBLIC_BASE_URL is not set");
            });
        }
        callback
    }

    async fn create(&self, message: &Outgoing) -> Outcome {
        let form = request::form(&self.from, message, self.status_callback(message));
        crash::point("channel-sender.twilio-create.before");
        let answer = self
            .http
            .post(self.messages_url.clone())
            .basic_auth(&self.username, Some(self.password.expose_secret()))
            .form(&form)
            .send()
            .await;
        let outcome = match answer {
            Ok(answer) => response::outcome(answer).await,
            // Until a connection stands nothing was written; after that anything may have arrived.
            Err(error) if error.is_connect() => Outcome::NotReached("connection failed"),
            Err(error) if error.is_builder() => Outcome::NotReached("request could not be built"),
            Err(error) if error.is_timeout() => Outcome::Ambiguous("no answer in time"),
            Err(_) => Outcome::Ambiguous("connection lost before the answer"),
        };
        crash::point("channel-sender.twilio-create.after");
        outcome
    }

    async fn get(&self, url: Url) -> Result<Option<reqwest::Response>, AskError> {
        let answer = self
            .http
            .get(url)
            .basic_auth(&self.username, Some(self.password.expose_secret()))
            .send()
            .await
            .map_err(reqwest::Error::without_url)?;
        match answer.status() {
            StatusCode::OK => Ok(Some(answer)),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(AskError::Status(status.as_u16())),
        }
    }

    async fn fetch_message(&self, sid: &str) -> Result<Option<ProviderState>, AskError> {
        let mut url = self.messages_url.clone();
        let path = url.path().replace(".json", &format!("/{sid}.json"));
        url.set_path(&path);
        let Some(answer) = self.get(url).await? else { return Ok(None) };
        let message: MessageResource = answer.json().await.map_err(reqwest::Error::without_url)?;
        Ok(Some(message.into()))
    }
}

impl Channel for TwilioChannel {
    fn source(&self) -> Source {
        Source::Twilio
    }

    fn sender(&self) -> &str {
        &self.sender
    }

    fn reaches(&self, contact: &ContactAddress) -> bool {
        contact.to_twilio().is_some()
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        let span = tracing::info_span!(
            "twilio create message",
            otel.kind = "client",
            otel.status_code = field::Empty,
            proefrit.service = "channel-sender",
            proefrit.conversation = message.conversation.as_ref().map(ConversationId::as_str),
            messaging.system = "twilio",
            messaging.operation.name = "send",
            messaging.message.id = field::Empty,
            http.request.method = "POST",
            http.response.status_code = field::Empty,
            server.address = self.api_base_url.host_str(),
            error.type = field::Empty,
            attempt = message.attempt,
        );
        Box::pin(
            async move {
                let outcome = self.create(message).await;
                record(&Span::current(), &outcome);
                outcome
            }
            .instrument(span),
        )
    }

    fn log<'a>(&'a self, lookup: &'a Lookup) -> BoxFuture<'a, Result<Vec<Logged>, AskError>> {
        Box::pin(async move {
            crash::point("channel-sender.twilio-list.before");
            let log = log::read(self, lookup).await;
            crash::point("channel-sender.twilio-list.after");
            log
        })
    }

    fn fetch<'a>(&'a self, sid: &'a str) -> BoxFuture<'a, Result<Option<ProviderState>, AskError>> {
        Box::pin(async move {
            crash::point("channel-sender.twilio-fetch.before");
            let state = self.fetch_message(sid).await;
            crash::point("channel-sender.twilio-fetch.after");
            state
        })
    }
}

fn record(span: &Span, outcome: &Outcome) {
    let error = match outcome {
        Outcome::Accepted(accepted) => {
            span.record("messaging.message.id", accepted.sid.as_str());
            span.record("http.response.status_code", StatusCode::CREATED.as_u16());
            return;
        }
        Outcome::Refused(failure) => {
            span.record("http.response.status_code", failure.http_status);
            failure.class.as_str()
        }
        Outcome::NotReached(reason) | Outcome::Ambiguous(reason) => reason,
    };
    span.record("error.type", error);
    span.record("otel.status_code", "ERROR");
}
