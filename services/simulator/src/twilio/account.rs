//! The one account of the simulated Twilio.

use ::twilio::{Algorithm, TwilioAccount};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

/// Account SID of the demo.
pub const DEMO_ACCOUNT_SID: &str = "AC00000000000000000000000000000001";
/// Auth Token of the demo; worth nothing outside it.
pub const DEMO_AUTH_TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// Sender of the demo: Twilio's own sandbox number.
pub const DEMO_WHATSAPP_NUMBER: &str = "+14155238886";
/// Where the ingress of the demo is reached.
pub const DEMO_PUBLIC_BASE_URL: &str = "http://127.0.0.1:8080";

/// Fills what is missing in `account` with the demo's values, so that simulator and services agree.
pub fn with_demo_values(mut account: TwilioAccount) -> TwilioAccount {
    if account.account_sid().is_none() {
        account.twilio_account_sid = Some(DEMO_ACCOUNT_SID.to_owned());
    }
    if account.twilio_auth_token.as_ref().is_none_or(|token| token.expose_secret().is_empty()) {
        account.twilio_auth_token = Some(DEMO_AUTH_TOKEN.into());
    }
    if account.twilio_whatsapp_number.is_none() {
        account.twilio_whatsapp_number = DEMO_WHATSAPP_NUMBER.parse().ok();
    }
    if account.public_base_url.is_none() {
        account.public_base_url = DEMO_PUBLIC_BASE_URL.parse().ok();
    }
    account
}

/// The account as the simulated API knows it.
#[derive(Debug)]
pub struct Account {
    /// `AC…`
    pub sid: String,
    /// The only sender, as `whatsapp:+…`.
    pub sender: String,
    /// The only Messaging Service, if there is one.
    pub messaging_service: Option<String>,
    /// How webhooks are signed.
    pub algorithm: Algorithm,
    /// Key that webhooks are signed with.
    pub webhook_key: SecretString,
    logins: Vec<(String, SecretString)>,
}

impl Account {
    /// Reads the settings; what is missing is the demo's.
    pub fn new(settings: TwilioAccount) -> Result<Self, ::twilio::account::AccountError> {
        let settings = with_demo_values(settings);
        settings.validate()?;
        let sid = settings.account_sid().unwrap_or(DEMO_ACCOUNT_SID).to_owned();
        let token = settings.twilio_auth_token.clone().unwrap_or_else(|| DEMO_AUTH_TOKEN.into());
        let api_key = settings.twilio_api_key_sid.clone().zip(settings.twilio_api_key_secret.clone());
        Ok(Self {
            sender: settings
                .twilio_whatsapp_number
                .as_ref()
                .map_or_else(|| format!("whatsapp:{DEMO_WHATSAPP_NUMBER}"), ::twilio::SenderNumber::address),
            messaging_service: settings.messaging_service_sid().map(str::to_owned),
            algorithm: settings.twilio_webhook_algorithm,
            webhook_key: settings.webhook_keys().into_iter().next().unwrap_or_else(|| token.clone()),
            logins: std::iter::once((sid.clone(), token)).chain(api_key).collect(),
            sid,
        })
    }

    /// Whether a request carries Basic authentication that this account accepts.
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        let login = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
            .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let Some((user, password)) = login.as_deref().and_then(|login| login.split_once(':')) else {
            return false;
        };
        self.logins.iter().any(|(name, secret)| name == user && secret.expose_secret() == password)
    }
}
