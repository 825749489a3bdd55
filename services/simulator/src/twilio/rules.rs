//! What the real API refuses when a message is created, in its own codes, and what it makes of the rest.

use std::collections::HashMap;
use std::sync::Arc;

use reqwest::Url;
use serde_json::Value;

use super::account::Account;
use super::refusal::Refusal;

/// Longest text, in UTF-16 units: the conservative reading of "1600 characters".
const MAX_BODY_UNITS: usize = 1_600;
/// Most media on WhatsApp.
const MAX_WHATSAPP_MEDIA: usize = 1;
/// Longest value of a content variable, in characters.
const MAX_VARIABLE_CHARS: usize = 1_600;
/// Longest key of a content variable, in characters.
const MAX_VARIABLE_KEY_CHARS: usize = 16;
/// Most content variables.
const MAX_VARIABLES: usize = 100;

/// Texts of known templates, by `ContentSid`.
pub type Templates = HashMap<String, String>;

/// A request to send that passed every rule.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Recipient.
    pub to: Arc<str>,
    /// Sender.
    pub from: Arc<str>,
    /// Messaging Service, when it goes through one.
    pub messaging_service: Option<Arc<str>>,
    /// Text as the API shows it.
    pub body: Arc<str>,
    /// Text as the recipient sees it.
    pub seen_body: Arc<str>,
    /// Media.
    pub media: Vec<Arc<str>>,
    /// Template.
    pub content_sid: Option<Arc<str>>,
    /// Number of variables the template wants but did not get, as a failure that comes later.
    pub lacks_variables: bool,
    /// Where statuses are told.
    pub callback: Option<Arc<str>>,
}

/// Checks the form of a create request.
pub fn check(form: &[(String, String)], account: &Account, templates: &Templates) -> Result<Draft, Refusal> {
    let field = |name: &str| {
        form.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    };
    let to = field("To").ok_or_else(|| Refusal::new(21604, "A 'To' phone number is required."))?;
    let from = field("From");
    let service = field("MessagingServiceSid");
    let media: Vec<&str> =
        form.iter().filter(|(key, _)| key == "MediaUrl").map(|(_, value)| value.as_str()).collect();
    if from.is_none() && service.is_none() {
        return Err(Refusal::new(21603, "A 'From' phone number is required."));
    }
    if field("Body").is_none() && media.is_empty() && field("ContentSid").is_none() {
        return Err(Refusal::new(21602, "Message body is required."));
    }
    let to = recipient(to)?;
    let messaging_service = service.map(|sid| messaging_service(sid, account)).transpose()?;
    let from = match from {
        Some(from) => sender(from, to, account)?,
        None if to.starts_with("whatsapp:") => account.sender.as_str(),
        None => return Err(Refusal::new(21703, "The Messaging Service contains no suitable sender.")),
    };
    let callback = field("StatusCallback").map(status_callback).transpose()?;
    let text = content(form, &media, templates)?;
    Ok(Draft {
        to: to.into(),
        from: from.into(),
        messaging_service: messaging_service.map(Into::into),
        callback: callback.map(Into::into),
        ..text
    })
}

/// Checks a `StatusCallback` address.
fn status_callback(url: &str) -> Result<&str, Refusal> {
    let refusal = || Refusal::new(21609, format!("The 'StatusCallback' URL {url} is not a valid URL."));
    let parsed = Url::parse(url).map_err(|_| refusal())?;
    let host = parsed.host_str().unwrap_or_default();
    let acceptable = matches!(parsed.scheme(), "http" | "https") && !host.is_empty() && !host.contains('_');
    if acceptable { Ok(url) } else { Err(refusal()) }
}

fn recipient(to: &str) -> Result<&str, Refusal> {
    let valid = match to.strip_prefix("whatsapp:") {
        Some(address) => is_e164(address) || is_bsuid(address),
        None => is_e164(to),
    };
    if valid { Ok(to) } else { Err(Refusal::new(21211, format!("Invalid 'To' Phone Number: {}", hint(to)))) }
}

fn sender<'a>(from: &'a str, to: &str, account: &Account) -> Result<&'a str, Refusal> {
    let (from_whatsapp, to_whatsapp) = (from.starts_with("whatsapp:"), to.starts_with("whatsapp:"));
    if from_whatsapp != to_whatsapp {
        return Err(Refusal::new(
            21910,
            "Invalid From and To pair. From and To should be of the same channel",
        ));
    }
    if from == to {
        let code = if from_whatsapp { 63031 } else { 21266 };
        return Err(Refusal::new(code, "'To' and 'From' number cannot be the same"));
    }
    if !from_whatsapp {
        let (code, reason) =
            if is_e164(from) { (21606, "is not a valid, SMS-capable") } else { (21212, "is not a valid") };
        return Err(Refusal::new(code, format!("The 'From' phone number provided {reason} phone number.")));
    }
    if from != account.sender {
        return Err(Refusal::new(63007, "Twilio could not find a Channel with the specified From address"));
    }
    Ok(from)
}

fn messaging_service<'a>(sid: &'a str, account: &Account) -> Result<&'a str, Refusal> {
    if !is_sid(sid, "MG") {
        return Err(Refusal::new(21705, "The Messaging Service Sid is invalid."));
    }
    if account.messaging_service.as_deref() != Some(sid) {
        return Err(Refusal::new(21701, "The Messaging Service does not exist."));
    }
    Ok(sid)
}

/// Text, media or template; recipient and sender are filled in by the caller.
fn content(form: &[(String, String)], media: &[&str], templates: &Templates) -> Result<Draft, Refusal> {
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let content_sid = field("ContentSid").filter(|sid| !sid.is_empty());
    let variables = field("ContentVariables").filter(|json| !json.is_empty());
    let mut draft = Draft {
        to: Arc::default(),
        from: Arc::default(),
        messaging_service: None,
        body: Arc::default(),
        seen_body: Arc::default(),
        media: Vec::new(),
        content_sid: None,
        lacks_variables: false,
        callback: None,
    };
    if let Some(sid) = content_sid {
        if !is_sid(sid, "HX") {
            return Err(Refusal::new(21655, "The ContentSid is invalid."));
        }
        let variables = variables.map(content_variables).transpose()?.unwrap_or_default();
        let (text, lacks_variables) = render(sid, &variables, templates);
        draft.body = text.as_str().into();
        draft.seen_body = Arc::clone(&draft.body);
        draft.content_sid = Some(sid.into());
        draft.lacks_variables = lacks_variables;
        return Ok(draft);
    }
    if variables.is_some() {
        return Err(Refusal::new(
            21654,
            "The ContentSid Parameter is Required when ContentVariables is given.",
        ));
    }
    let body = field("Body").unwrap_or_default();
    if body.encode_utf16().count() > MAX_BODY_UNITS {
        return Err(Refusal::new(21617, "The concatenated message body exceeds the 1600 character limit."));
    }
    if media.len() > MAX_WHATSAPP_MEDIA {
        return Err(Refusal::new(21623, "Number of media files exceeds allowed limit."));
    }
    if media.iter().any(|url| !Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))) {
        return Err(Refusal::new(21620, "Invalid media URL(s)"));
    }
    draft.body = body.into();
    draft.seen_body =
        if media.iter().any(|url| drops_caption(url)) { Arc::default() } else { Arc::clone(&draft.body) };
    draft.media = media.iter().map(|url| (*url).into()).collect();
    Ok(draft)
}

/// Reads `ContentVariables`: a JSON object of filled strings without line breaks.
fn content_variables(json: &str) -> Result<Vec<(String, String)>, Refusal> {
    let refusal = || Refusal::new(21656, "The ContentVariables Parameter is invalid.");
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(json) else { return Err(refusal()) };
    if object.len() > MAX_VARIABLES {
        return Err(refusal());
    }
    object
        .into_iter()
        .map(|(key, value)| match value {
            Value::String(text)
                if !text.is_empty()
                    && !text.contains(['\n', '\r'])
                    && text.chars().count() <= MAX_VARIABLE_CHARS
                    && key.chars().count() <= MAX_VARIABLE_KEY_CHARS =>
            {
                Ok((key, text))
            }
            _ => Err(refusal()),
        })
        .collect()
}

/// The text of a template with its variables, and whether some were lacking. A template nobody registered shows its
/// variables.
fn render(sid: &str, variables: &[(String, String)], templates: &Templates) -> (String, bool) {
    let Some(text) = templates.get(sid) else {
        let shown: Vec<String> = variables.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        return (format!("[template {sid}] {}", shown.join(", ")).trim_end().to_owned(), false);
    };
    let filled = variables
        .iter()
        .fold(text.clone(), |text, (key, value)| text.replace(&format!("{{{{{key}}}}}"), value));
    let lacks = filled.contains("{{");
    (filled, lacks)
}

/// WhatsApp shows a caption beside an image only; the kind of a medium is judged by its address's ending.
fn drops_caption(url: &str) -> bool {
    const WITHOUT_CAPTION: [&str; 17] = [
        "mp4", "3gp", "ogg", "oga", "opus", "amr", "aac", "mp3", "m4a", "pdf", "doc", "docx", "pptx", "xlsx",
        "vcf", "webp", "csv",
    ];
    let path = Url::parse(url).map(|url| url.path().to_ascii_lowercase()).unwrap_or_default();
    path.rsplit_once('.').is_some_and(|(_, ending)| WITHOUT_CAPTION.contains(&ending))
}

/// `+` and up to 15 digits.
pub fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A business-scoped user id: ISO country, a dot, up to 128 letters and digits.
pub fn is_bsuid(text: &str) -> bool {
    text.split_once('.').is_some_and(|(country, id)| {
        country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// A SID: its two letters and 32 hex digits.
pub fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Enough of a wrong address to see what is wrong with it, not enough to be somebody's number.
fn hint(address: &str) -> String {
    address.chars().take(12).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}
