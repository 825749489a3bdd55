//! Requests into the domain's own types; what is wrong is refused with the field's name and the mend.

use model::{ContactAddress, Source, Timestamp};
use proto::channel::v1::{
    ContactState as ProtoContactState, SendMessageRequest, SetContactStateRequest, Template as ProtoTemplate,
};
use proto::common::v1::Source as ProtoSource;
use tonic::Status;
use url::Url;

use crate::Config;
use crate::domain::{Author, ContactChange, Content, NewMessage, Owner, Template, lay_out};

/// Longest id that a caller may give a message.
const MAX_ID: usize = 128;
/// Longest body: forty parts, far beyond what anybody reads.
const MAX_BODY: usize = 64 * 1024;
/// Media of one message at most (<https://www.twilio.com/docs/messaging/api/message-resource>).
const MAX_MEDIA: usize = 10;
/// Variables of a template at most, and how long names and values may be
/// (<https://www.twilio.com/docs/content/using-variables-with-content-api>).
const MAX_VARIABLES: usize = 100;
const MAX_VARIABLE_NAME: usize = 16;
const MAX_VARIABLE_VALUE: usize = 1600;
/// Whose message it is when no organisations are configured.
const DEFAULT_ORG: &str = "default";

pub(super) fn new_message(request: SendMessageRequest, config: &Config) -> Result<NewMessage, Status> {
    let contents = contents(&request)?;
    if request.fencing_token != 0 && request.conversation_id.is_empty() {
        return Err(mesh::invalid("conversation_id", "must be set where fencing_token is"));
    }
    if request.fencing_token < 0 {
        return Err(mesh::invalid("fencing_token", "must not be negative"));
    }
    let author = author(&request);
    Ok(NewMessage {
        message_id: message_id(request.message_id)?,
        org_id: if request.org_id.is_empty() { DEFAULT_ORG.to_owned() } else { request.org_id },
        channel: config.channel_of(source(request.source)?),
        contact: address("to_phone", &request.to_phone)?,
        conversation_id: request.conversation_id,
        fencing_token: request.fencing_token,
        change: request.contact_state.as_ref().map(change_with_message).transpose()?.unwrap_or_default(),
        author,
        contents,
    })
}

pub(super) fn contact_change(
    request: &SetContactStateRequest,
) -> Result<(ContactAddress, ContactChange), Status> {
    let contact = address("contact", &request.contact)?;
    let change = ContactChange {
        last_inbound_at: request.last_inbound_at.map(mesh::convert::from_proto_timestamp),
        opted_out: request.opted_out,
        welcomed_back: request.opted_out == Some(false),
        owner: owner(&request.owner)?,
    };
    Ok((contact, change))
}

/// `{micros}.{message_id}` of the last message on the page before; empty for the first page.
pub(super) fn page_token(token: &str) -> Result<(Timestamp, String), Status> {
    if token.is_empty() {
        return Ok(super::FIRST_PAGE);
    }
    token
        .split_once('.')
        .and_then(|(micros, id)| Some((Timestamp::from_micros(micros.parse().ok()?), id.to_owned())))
        .ok_or_else(|| mesh::invalid("page_token", "must be a next_page_token of this list"))
}

/// What comes with a message may be older than what `SetContactState` told meanwhile, and `false` is what an unset field says,
/// too: it can note an opt-out and never takes one back.
fn change_with_message(state: &ProtoContactState) -> Result<ContactChange, Status> {
    Ok(ContactChange {
        last_inbound_at: state.last_inbound_at.map(mesh::convert::from_proto_timestamp),
        opted_out: state.opted_out.then_some(true),
        welcomed_back: false,
        owner: owner(&state.owner)?,
    })
}

const fn author(request: &SendMessageRequest) -> Author {
    match request {
        SendMessageRequest { from_human: true, .. } => Author::Human,
        SendMessageRequest { confirms_stop: true, .. } => Author::Confirming,
        SendMessageRequest { closing_reply: true, .. } => Author::Closing,
        _ => Author::Agents,
    }
}

fn message_id(id: String) -> Result<String, Status> {
    let well_formed = (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if well_formed {
        Ok(id)
    } else {
        Err(mesh::invalid("message_id", "must be 1 to 128 visible ascii characters without blanks"))
    }
}

fn source(source: i32) -> Result<Source, Status> {
    match ProtoSource::try_from(source) {
        Ok(ProtoSource::Twilio) => Ok(Source::Twilio),
        Ok(ProtoSource::Waha) => Ok(Source::Waha),
        Ok(ProtoSource::Chatwoot) => Ok(Source::Chatwoot),
        Ok(ProtoSource::Unspecified) | Err(_) => {
            Err(mesh::invalid("source", "must be SOURCE_TWILIO, SOURCE_WAHA or SOURCE_CHATWOOT"))
        }
    }
}

fn address(field: &'static str, text: &str) -> Result<ContactAddress, Status> {
    text.parse().map_err(|error: model::InvalidAddress| mesh::invalid(field, &format!("is wrong: {error}")))
}

fn owner(word: &str) -> Result<Option<Owner>, Status> {
    if word.is_empty() {
        return Ok(None);
    }
    word.parse().map(Some).map_err(|_| mesh::invalid("owner", "must be agents, human, nobody or empty"))
}

fn contents(request: &SendMessageRequest) -> Result<Vec<Content>, Status> {
    if let Some(wanted) = &request.template {
        if !request.media_urls.is_empty() {
            return Err(mesh::invalid(
                "media_urls",
                "must be empty with a template, which has its own media",
            ));
        }
        return Ok(vec![Content::Template(template(wanted)?)]);
    }
    if request.body.len() > MAX_BODY {
        return Err(mesh::invalid("body", "must be at most 65536 bytes"));
    }
    if request.media_urls.len() > MAX_MEDIA {
        return Err(mesh::invalid("media_urls", "must be at most 10"));
    }
    let is_web = |url: &String| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !request.media_urls.iter().all(is_web) {
        return Err(mesh::invalid("media_urls", "must be http or https addresses"));
    }
    let contents = lay_out(&request.body, &request.media_urls);
    if contents.is_empty() {
        return Err(mesh::invalid("body", "must hold text where there is neither media nor a template"));
    }
    Ok(contents)
}

fn template(wanted: &ProtoTemplate) -> Result<Template, Status> {
    let hex = wanted.content_sid.strip_prefix("HX").unwrap_or_default();
    if hex.len() != 32 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(mesh::invalid("template.content_sid", "must be HX and 32 hexadecimal digits"));
    }
    let well_formed = wanted.variables.len() <= MAX_VARIABLES
        && wanted.variables.iter().all(|(name, value)| {
            (1..=MAX_VARIABLE_NAME).contains(&name.len())
                && !value.is_empty()
                && value.encode_utf16().count() <= MAX_VARIABLE_VALUE
                && !value.contains(['\n', '\r'])
        });
    if !well_formed {
        let mend = "must be at most 100, each with a name of up to 16 and one line of up to 1600 characters";
        return Err(mesh::invalid("template.variables", mend));
    }
    Ok(Template {
        content_sid: wanted.content_sid.clone(),
        variables: wanted.variables.clone().into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> SendMessageRequest {
        SendMessageRequest {
            message_id: "m-1".to_owned(),
            source: ProtoSource::Twilio.into(),
            to_phone: "+31612345678".to_owned(),
            body: "Hoi".to_owned(),
            ..SendMessageRequest::default()
        }
    }

    fn refused(change: impl FnOnce(&mut SendMessageRequest)) -> String {
        let mut request = request();
        change(&mut request);
        new_message(request, &Config::for_tests()).unwrap_err().message().to_owned()
    }

    #[test]
    fn a_plain_message_is_read_with_its_defaults() {
        let new = new_message(request(), &Config::for_tests()).unwrap();
        assert_eq!((new.org_id.as_str(), new.channel, new.contents.len()), ("default", Source::Twilio, 1));
        assert_eq!(new.change, ContactChange::default());
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_field() {
        let long_name = ProtoTemplate {
            content_sid: format!("HX{}", "0".repeat(32)),
            variables: [("1".to_owned(), "a\nb".to_owned())].into(),
        };
        for (message, field) in [
            (refused(|request| request.message_id = "a b".to_owned()), "message_id"),
            (refused(|request| request.message_id = String::new()), "message_id"),
            (refused(|request| request.source = 0), "source"),
            (refused(|request| request.to_phone = "Jan".to_owned()), "to_phone"),
            (refused(|request| request.body = " \n".to_owned()), "body"),
            (refused(|request| request.media_urls = vec!["file:///etc/passwd".to_owned()]), "media_urls"),
            (refused(|request| request.fencing_token = 3), "conversation_id"),
            (refused(|request| request.template = Some(ProtoTemplate::default())), "template.content_sid"),
            (refused(|request| request.template = Some(long_name)), "template.variables"),
        ] {
            assert!(message.starts_with(field), "{message}");
        }
    }

    #[test]
    fn a_private_address_is_not_repeated_in_a_refusal() {
        assert!(!refused(|request| request.to_phone = "+3169876".to_owned()).contains("69876"));
    }

    #[test]
    fn only_an_explicit_word_takes_back_an_opt_out() {
        let set = |opted_out| SetContactStateRequest {
            contact: "+31612345678".to_owned(),
            opted_out,
            ..SetContactStateRequest::default()
        };
        assert!(contact_change(&set(Some(false))).unwrap().1.welcomed_back);
        assert!(!contact_change(&set(None)).unwrap().1.welcomed_back);
        let with_message = change_with_message(&ProtoContactState::default()).unwrap();
        assert_eq!((with_message.opted_out, with_message.welcomed_back), (None, false));
        let opted_out = ProtoContactState { opted_out: true, ..ProtoContactState::default() };
        assert_eq!(change_with_message(&opted_out).unwrap().opted_out, Some(true));
    }

    #[test]
    fn a_page_token_is_read_back() {
        assert_eq!(page_token("17.m.1").unwrap(), (Timestamp::from_micros(17), "m.1".to_owned()));
        assert!(page_token("17").is_err());
    }
}
