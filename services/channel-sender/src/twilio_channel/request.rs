//! The form of a create request.

use twilio::PublicBaseUrl;
use url::form_urlencoded::Serializer;

use super::From;
use crate::channel::Outgoing;
use crate::domain::Content;

/// The fields of one message, as <https://www.twilio.com/docs/messaging/api/message-resource> names them.
pub(super) fn form(
    from: &From,
    message: &Outgoing,
    status_callback: Option<String>,
) -> Vec<(&'static str, String)> {
    let mut form = vec![match from {
        From::Number(address) => ("From", address.clone()),
        From::Service(sid) => ("MessagingServiceSid", sid.clone()),
    }];
    form.extend(message.contact.to_twilio().map(|to| ("To", to)));
    match &message.content {
        Content::FreeForm { body, media_url } => {
            if !body.is_empty() {
                form.push(("Body", body.clone()));
            }
            form.extend(media_url.clone().map(|url| ("MediaUrl", url)));
        }
        Content::Template(template) => {
            form.push(("ContentSid", template.content_sid.clone()));
            if !template.variables.is_empty() {
                let variables = serde_json::json!(template.variables).to_string();
                form.push(("ContentVariables", variables));
            }
        }
    }
    form.extend(status_callback.map(|url| ("StatusCallback", url)));
    form
}

/// Where Twilio tells what became of a message: message, attempt and trace are in the address, under Twilio's signature.
pub(super) fn status_callback(base: &PublicBaseUrl, message: &Outgoing) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("m", &message.message_id).append_pair("a", &message.attempt.to_string());
    if let Some(traceparent) = &message.traceparent {
        query.append_pair("t", traceparent);
    }
    base.join(&format!("/twilio-status?{}", query.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Template;

    fn outgoing(content: Content) -> Outgoing {
        Outgoing {
            message_id: "0198c5a2-7b3e-7cc0-8000-000000000001".to_owned(),
            attempt: 2,
            contact: "+31612345678".parse().unwrap(),
            content,
            conversation: None,
            traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        }
    }

    fn number() -> From {
        From::Number("whatsapp:+14155238886".to_owned())
    }

    #[test]
    fn text_goes_from_number_to_number() {
        let message = outgoing(Content::FreeForm { body: "Hoi".to_owned(), media_url: None });
        assert_eq!(
            form(&number(), &message, None),
            [
                ("From", "whatsapp:+14155238886".to_owned()),
                ("To", "whatsapp:+31612345678".to_owned()),
                ("Body", "Hoi".to_owned())
            ]
        );
    }

    #[test]
    fn a_medium_goes_without_a_body_and_a_service_takes_the_place_of_the_number() {
        let url = "https://example.com/golf.jpg".to_owned();
        let message = outgoing(Content::FreeForm { body: String::new(), media_url: Some(url.clone()) });
        let form = form(&From::Service("MG1".to_owned()), &message, Some("https://x/y".to_owned()));
        assert_eq!(
            form,
            [
                ("MessagingServiceSid", "MG1".to_owned()),
                ("To", "whatsapp:+31612345678".to_owned()),
                ("MediaUrl", url),
                ("StatusCallback", "https://x/y".to_owned())
            ]
        );
    }

    #[test]
    fn a_template_s_variables_are_a_json_string() {
        let message = outgoing(Content::Template(Template {
            content_sid: "HX1".to_owned(),
            variables: [("2".to_owned(), "10:00".to_owned()), ("1".to_owned(), "Ana".to_owned())].into(),
        }));
        let form = form(&number(), &message, None);
        assert_eq!(form[2], ("ContentSid", "HX1".to_owned()));
        assert_eq!(form[3], ("ContentVariables", r#"{"1":"Ana","2":"10:00"}"#.to_owned()));
    }

    #[test]
    fn the_callback_carries_message_attempt_and_trace() {
        let base = "https://bot.example.com/".parse().unwrap();
        let message = outgoing(Content::FreeForm { body: "Hoi".to_owned(), media_url: None });
        assert_eq!(
            status_callback(&base, &message),
            "https://bot.example.com/twilio-status?m=0198c5a2-7b3e-7cc0-8000-000000000001&a=2\
             &t=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        );
    }
}
