//! Settings of the Twilio account, declared once and handed to every service that needs them.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::signature::Algorithm;

/// Where Twilio's REST API lives unless `TWILIO_API_BASE_URL` says otherwise.
const API_BASE_URL: &str = "https://api.twilio.com";
/// Where the typing indicator lives unless `TWILIO_API_BASE_URL` says otherwise.
const MESSAGING_BASE_URL: &str = "https://messaging.twilio.com";

/// Twilio account, its secrets, the sender's number and the address under which Twilio reaches us.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(id = "twilio")]
pub struct TwilioAccount {
    /// Twilio account (AC…). Without one, no message goes out over Twilio.
    #[arg(long, env = "TWILIO_ACCOUNT_SID", value_parser = account_sid)]
    pub twilio_account_sid: Option<String>,
    /// Primary Auth Token: signs webhooks, and authenticates to the API when no API key is set.
    #[arg(long, env = "TWILIO_AUTH_TOKEN", hide_env_values = true)]
    pub twilio_auth_token: Option<SecretString>,
    /// Auth Token of before a rotation; webhooks signed with it stay valid while it is set.
    #[arg(long, env = "TWILIO_AUTH_TOKEN_PREVIOUS", hide_env_values = true)]
    pub twilio_auth_token_previous: Option<SecretString>,
    /// API key (SK…), preferred over the Auth Token for calls to the API.
    #[arg(long, env = "TWILIO_API_KEY_SID")]
    pub twilio_api_key_sid: Option<String>,
    /// Secret of the API key.
    #[arg(long, env = "TWILIO_API_KEY_SECRET", hide_env_values = true)]
    pub twilio_api_key_secret: Option<SecretString>,
    /// WhatsApp sender in E.164 (+31…), with or without `whatsapp:` before it.
    #[arg(long, env = "TWILIO_WHATSAPP_NUMBER", hide_env_values = true)]
    pub twilio_whatsapp_number: Option<SenderNumber>,
    /// Messaging Service (MG…) to send through.
    #[arg(long, env = "TWILIO_MESSAGING_SERVICE_SID")]
    pub twilio_messaging_service_sid: Option<String>,
    /// Address of the REST API, the typing indicator included [default: Twilio's own].
    #[arg(long, env = "TWILIO_API_BASE_URL", value_parser = http_base_url)]
    pub twilio_api_base_url: Option<String>,
    /// Hash that Twilio signs webhooks with. Configured here, never taken from a request.
    #[arg(long, env = "TWILIO_WEBHOOK_ALGORITHM", value_enum, default_value_t = Algorithm::Sha1)]
    pub twilio_webhook_algorithm: Algorithm,
    /// Key that signs webhooks [default: the Auth Token].
    #[arg(long, env = "TWILIO_WEBHOOK_KEY", hide_env_values = true)]
    pub twilio_webhook_key: Option<SecretString>,
    /// Address under which the outside world reaches the ingress (<https://bot.example.com>).
    #[arg(long, env = "PUBLIC_BASE_URL")]
    pub public_base_url: Option<PublicBaseUrl>,
}

/// User and password for HTTP Basic authentication at Twilio.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// API key SID, else the account SID.
    pub username: String,
    /// Secret of the API key, else the Auth Token.
    pub password: SecretString,
}

/// Two settings that do not fit together; the text names the variable and the mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// One half of the API key is missing.
    #[error("TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET belong together: set both or neither")]
    HalfAnApiKey,
    /// An account that nothing can authenticate to.
    #[error("TWILIO_ACCOUNT_SID is set without TWILIO_AUTH_TOKEN or TWILIO_API_KEY_SID: set one of them")]
    NoCredentials,
    /// An account that has nobody to send as.
    #[error(
        "TWILIO_ACCOUNT_SID is set without TWILIO_WHATSAPP_NUMBER or TWILIO_MESSAGING_SERVICE_SID: set one of them"
    )]
    NoSender,
}

impl TwilioAccount {
    /// Checks that what is set fits together. An account with nothing set is fine: Twilio is off.
    pub fn validate(&self) -> Result<(), AccountError> {
        let key_sid = filled(self.twilio_api_key_sid.as_deref()).is_some();
        let key_secret = filled_secret(self.twilio_api_key_secret.as_ref()).is_some();
        if key_sid != key_secret {
            return Err(AccountError::HalfAnApiKey);
        }
        if filled(self.twilio_account_sid.as_deref()).is_none() {
            return Ok(());
        }
        if self.credentials().is_none() {
            return Err(AccountError::NoCredentials);
        }
        if self.twilio_whatsapp_number.is_none() && self.messaging_service_sid().is_none() {
            return Err(AccountError::NoSender);
        }
        Ok(())
    }

    /// The account SID, if one is set.
    pub fn account_sid(&self) -> Option<&str> {
        filled(self.twilio_account_sid.as_deref())
    }

    /// The Messaging Service to send through, if one is set.
    pub fn messaging_service_sid(&self) -> Option<&str> {
        filled(self.twilio_messaging_service_sid.as_deref())
    }

    /// What authenticates us to the API: the API key where there is one, else account SID and Auth Token.
    pub fn credentials(&self) -> Option<Credentials> {
        let account = self.account_sid()?;
        let api_key = filled(self.twilio_api_key_sid.as_deref())
            .zip(filled_secret(self.twilio_api_key_secret.as_ref()))
            .map(|(sid, secret)| Credentials { username: sid.to_owned(), password: secret.clone() });
        api_key.or_else(|| {
            let token = filled_secret(self.twilio_auth_token.as_ref())?;
            Some(Credentials { username: account.to_owned(), password: token.clone() })
        })
    }

    /// Keys under which a webhook's signature may verify: the webhook key or the Auth Token, then the previous
    /// Auth Token. Empty when none is set, and then no signature verifies.
    pub fn webhook_keys(&self) -> Vec<SecretString> {
        let current = filled_secret(self.twilio_webhook_key.as_ref())
            .or_else(|| filled_secret(self.twilio_auth_token.as_ref()));
        let previous = filled_secret(self.twilio_auth_token_previous.as_ref());
        current.into_iter().chain(previous).cloned().collect()
    }

    /// Base of the REST API, without a trailing slash.
    pub fn api_base_url(&self) -> &str {
        filled(self.twilio_api_base_url.as_deref()).unwrap_or(API_BASE_URL)
    }

    /// Base of the typing indicator, without a trailing slash.
    pub fn messaging_base_url(&self) -> &str {
        filled(self.twilio_api_base_url.as_deref()).unwrap_or(MESSAGING_BASE_URL)
    }
}

/// A WhatsApp sender's number; private, so its `Debug` shows only the last two digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SenderNumber(String);

impl SenderNumber {
    /// The number as `+31…`.
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// The number as Twilio wants it in `From`: `whatsapp:+31…`.
    pub fn address(&self) -> String {
        format!("whatsapp:{}", self.0)
    }
}

impl fmt::Debug for SenderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SenderNumber(+…{})", &self.0[self.0.len() - 2..])
    }
}

impl FromStr for SenderNumber {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim();
        let number = number.strip_prefix("whatsapp:").unwrap_or(number);
        let digits = number.strip_prefix('+').unwrap_or_default();
        let plausible = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        plausible
            .then(|| Self(number.to_owned()))
            .ok_or("expected a number in E.164 such as +31612345678, with or without whatsapp: before it")
    }
}

/// Public address of the ingress: scheme, host and perhaps a path, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicBaseUrl(String);

impl PublicBaseUrl {
    /// The address as configured, less any trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The full URL of a path (and query) that starts with `/`.
    pub fn join(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.0)
    }
}

impl fmt::Display for PublicBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PublicBaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        http_base_url(text).map(Self)
    }
}

fn http_base_url(text: &str) -> Result<String, &'static str> {
    const EXPECTED: &str = "expected an http:// or https:// address without query or fragment";
    let text = text.trim().trim_end_matches('/');
    let url = Url::parse(text).map_err(|_| EXPECTED)?;
    let is_base =
        matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
    if is_base { Ok(text.to_owned()) } else { Err(EXPECTED) }
}

fn account_sid(text: &str) -> Result<String, &'static str> {
    let well_formed = text.starts_with("AC") && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if well_formed { Ok(text.to_owned()) } else { Err("expected an account SID, which starts with AC") }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn filled_secret(secret: Option<&SecretString>) -> Option<&SecretString> {
    secret.filter(|secret| !secret.expose_secret().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> TwilioAccount {
        TwilioAccount {
            twilio_account_sid: Some("AC00000000000000000000000000000001".into()),
            twilio_auth_token: Some("token".into()),
            twilio_whatsapp_number: Some("+14155238886".parse().unwrap()),
            ..TwilioAccount::default()
        }
    }

    #[test]
    fn the_sender_is_taken_with_and_without_its_prefix_and_hides_in_debug() {
        for text in ["+14155238886", "whatsapp:+14155238886", " whatsapp:+14155238886 "] {
            let number: SenderNumber = text.parse().unwrap();
            assert_eq!((number.e164(), number.address().as_str()), ("+14155238886", "whatsapp:+14155238886"));
            assert_eq!(format!("{number:?}"), "SenderNumber(+…86)");
        }
        for text in ["", "14155238886", "+0612345678", "+31 6 12345678", "whatsapp:"] {
            assert!(text.parse::<SenderNumber>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_public_address_loses_its_trailing_slash_and_keeps_its_path() {
        let base: PublicBaseUrl = "https://bot.example.com/proefrit/".parse().unwrap();
        assert_eq!(base.join("/twilio-status?m=1"), "https://bot.example.com/proefrit/twilio-status?m=1");
        for text in ["bot.example.com", "ftp://bot.example.com", "https://bot.example.com/?a=1", ""] {
            assert!(text.parse::<PublicBaseUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_api_key_is_preferred_and_half_of_one_is_refused() {
        let mut account = account();
        assert_eq!(account.credentials().unwrap().username, "AC00000000000000000000000000000001");
        account.twilio_api_key_sid = Some("SK1".into());
        assert_eq!(account.validate(), Err(AccountError::HalfAnApiKey));
        account.twilio_api_key_secret = Some("secret".into());
        assert_eq!(account.validate(), Ok(()));
        assert_eq!(account.credentials().unwrap().username, "SK1");
    }

    #[test]
    fn an_account_needs_credentials_and_a_sender_and_nothing_needs_nothing() {
        assert_eq!(TwilioAccount::default().validate(), Ok(()));
        let tokenless = TwilioAccount { twilio_auth_token: Some("".into()), ..account() };
        assert_eq!(tokenless.validate(), Err(AccountError::NoCredentials));
        let senderless = TwilioAccount { twilio_whatsapp_number: None, ..account() };
        assert_eq!(senderless.validate(), Err(AccountError::NoSender));
    }

    #[test]
    fn webhooks_verify_under_the_webhook_key_or_token_and_the_previous_token() {
        let mut account = account();
        account.twilio_auth_token_previous = Some("old".into());
        let exposed = |account: &TwilioAccount| {
            account.webhook_keys().iter().map(|key| key.expose_secret().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(exposed(&account), ["token", "old"]);
        account.twilio_webhook_key = Some("shared".into());
        assert_eq!(exposed(&account), ["shared", "old"]);
        assert!(
            exposed(&TwilioAccount { twilio_auth_token: Some("".into()), ..Default::default() }).is_empty()
        );
    }

    #[test]
    fn no_secret_and_no_number_shows_in_debug() {
        let shown = format!("{:?}", account());
        assert!(!shown.contains("token\"") && !shown.contains("4155238886"), "{shown}");
    }
}
