//! An inbound WhatsApp message: from Twilio's parameters to the message the orchestrator keeps.

use std::collections::HashMap;

use model::{ContactAddress, Source, Timestamp};
use proto::orchestrator::v1::{InboundMessage, Media, RawPair};

use super::pairs::Pairs;
use crate::problem::FieldError;

/// Text that stands for a message which has media and no words.
pub const MEDIA_WITHOUT_TEXT: &str = "[Media message - no text]";
const LOCATION_WITHOUT_TEXT: &str = "[Location message - no text]";
const WITHOUT_TEXT: &str = "[Message - no text]";

/// Media looked for at most; WhatsApp sends one, MMS up to ten.
const MAX_MEDIA: usize = 32;

/// Length of a `MessageSid`: `SM` or `MM` and 32 letters or digits.
const SID_LENGTH: usize = 34;

/// What Twilio documents or is seen to send beyond the fields of [`InboundMessage`], and its name in `metadata`.
const METADATA: &[(&str, &str)] = &[
    ("AccountSid", "account_sid"),
    ("MessagingServiceSid", "messaging_service_sid"),
    ("ProfileName", "profile_name"),
    ("WaId", "wa_id"),
    ("ExternalUserId", "external_user_id"),
    ("MessageType", "message_type"),
    ("NumSegments", "segment_count"),
    ("SmsStatus", "sms_status"),
    ("ApiVersion", "api_version"),
    ("ButtonText", "button_text"),
    ("ButtonPayload", "button_payload"),
    ("ButtonType", "button_type"),
    ("ListId", "list_id"),
    ("ListTitle", "list_title"),
    ("InteractiveData", "interactive_data"),
    ("FlowData", "flow_data"),
    ("Latitude", "latitude"),
    ("Longitude", "longitude"),
    ("Address", "location_address"),
    ("Label", "location_label"),
    ("Forwarded", "forwarded"),
    ("FrequentlyForwarded", "frequently_forwarded"),
    ("OriginalRepliedMessageSender", "replied_message_sender"),
    ("OriginalRepliedMessageSid", "replied_message_sid"),
    ("ReferralBody", "referral_body"),
    ("ReferralHeadline", "referral_headline"),
    ("ReferralSourceId", "referral_source_id"),
    ("ReferralSourceType", "referral_source_type"),
    ("ReferralSourceUrl", "referral_source_url"),
    ("ReferralMediaId", "referral_media_id"),
    ("ReferralMediaContentType", "referral_media_content_type"),
    ("ReferralMediaUrl", "referral_media_url"),
    ("ReferralNumMedia", "referral_media_count"),
    ("ReferralCtwaClid", "referral_ctwa_clid"),
    ("ChannelMetadata", "channel_metadata"),
    ("OptOutType", "opt_out_type"),
    ("FromCity", "from_city"),
    ("FromState", "from_state"),
    ("FromZip", "from_zip"),
    ("FromCountry", "from_country"),
    ("ToCity", "to_city"),
    ("ToState", "to_state"),
    ("ToZip", "to_zip"),
    ("ToCountry", "to_country"),
];

/// A message that is complete enough to be kept.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// Twilio's id of the message, the key of duplicates.
    pub sid: String,
    /// Who wrote it.
    pub contact: ContactAddress,
    /// What the orchestrator is asked to keep.
    pub message: InboundMessage,
}

/// Reads an inbound message, received at `now`, or names every field that is wrong.
pub fn parse(pairs: &Pairs<'_>, now: Timestamp) -> Result<Inbound, Vec<FieldError>> {
    let mut errors = Vec::new();
    let sid = message_sid(pairs).map_err(|error| errors.push(error)).ok();
    let contact = sender(pairs).map_err(|error| errors.push(error)).ok();
    let to = pairs.filled("To").map(str::trim);
    if to.is_none() {
        errors.push(FieldError::new("To", "is missing: send the address that received the message"));
    }
    let media_count = media_count(pairs).map_err(|error| errors.push(error)).ok();
    let (Some(sid), Some(contact), Some(to), Some(media_count)) = (sid, contact, to, media_count) else {
        return Err(errors);
    };
    let media = media(pairs);
    let message = InboundMessage {
        org_id: crate::ORG_ID.to_owned(),
        message_id: sid.clone(),
        conversation_id: contact.conversation_id(Source::Twilio),
        contact_phone: contact.phone().map(ToString::to_string).unwrap_or_default(),
        contact_name: storable(pairs.get("ProfileName").unwrap_or_default()),
        message_content: storable(content(pairs, media.len().max(media_count))),
        timestamp: Some(mesh::convert::to_proto_timestamp(now)),
        source: proto::common::v1::Source::Twilio.into(),
        from_address: pairs.get("From").unwrap_or_default().trim().to_owned(),
        to_address: to.to_owned(),
        metadata: metadata(pairs, media_count),
        media,
        raw: pairs
            .as_slice()
            .iter()
            .map(|(name, value)| RawPair { name: storable(name), value: storable(value) })
            .collect(),
    };
    Ok(Inbound { sid, contact, message })
}

/// The id of the message a webhook is about; the legacy names hold the same value.
pub fn message_sid(pairs: &Pairs<'_>) -> Result<String, FieldError> {
    let sid = ["MessageSid", "SmsMessageSid", "SmsSid"].into_iter().find_map(|name| pairs.filled(name));
    let sid =
        sid.ok_or_else(|| FieldError::new("MessageSid", "is missing: send Twilio's id of the message"))?;
    let well_formed = sid.len() == SID_LENGTH
        && (sid.starts_with("SM") || sid.starts_with("MM"))
        && sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if well_formed {
        Ok(sid.to_owned())
    } else {
        Err(FieldError::new("MessageSid", "must be SM or MM and 32 letters or digits"))
    }
}

fn sender(pairs: &Pairs<'_>) -> Result<ContactAddress, FieldError> {
    let from = pairs
        .filled("From")
        .ok_or_else(|| FieldError::new("From", "is missing: send the address of the customer"))?;
    match ContactAddress::parse(from) {
        Ok(address @ (ContactAddress::Phone(_) | ContactAddress::Bsuid(_))) => Ok(address),
        _ => Err(FieldError::new(
            "From",
            "must be whatsapp: and a number in E.164 (whatsapp:+31612345678) or a user id (whatsapp:NL.1349)",
        )),
    }
}

fn media_count(pairs: &Pairs<'_>) -> Result<usize, FieldError> {
    let Some(count) = pairs.filled("NumMedia") else { return Ok(0) };
    match count.trim().parse() {
        Ok(count) if count <= MAX_MEDIA => Ok(count),
        _ => Err(FieldError::new("NumMedia", format!("must be a whole number from 0 to {MAX_MEDIA}"))),
    }
}

/// Every medium that has an address, whatever `NumMedia` says: a photo is not lost for a wrong count.
fn media(pairs: &Pairs<'_>) -> Vec<Media> {
    let mut found: Vec<(usize, Media)> = Vec::new();
    for (name, url) in pairs.as_slice() {
        let Some(index) = name.strip_prefix("MediaUrl").and_then(|index| index.parse::<usize>().ok()) else {
            continue;
        };
        if index < MAX_MEDIA && !url.trim().is_empty() && found.iter().all(|(known, _)| *known != index) {
            let content_type = pairs.get(&format!("MediaContentType{index}")).unwrap_or_default();
            let media = Media { url: url.trim().to_owned(), content_type: storable(content_type) };
            found.push((index, media));
        }
    }
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, media)| media).collect()
}

/// The customer's words: the body, else what was pressed or chosen, else a marker of what came without words.
fn content<'a>(pairs: &'a Pairs<'_>, media: usize) -> &'a str {
    let words = ["Body", "ButtonText", "ListTitle"].into_iter().find_map(|name| pairs.filled(name));
    words.unwrap_or_else(|| {
        if media > 0 {
            MEDIA_WITHOUT_TEXT
        } else if pairs.filled("Latitude").is_some() {
            LOCATION_WITHOUT_TEXT
        } else {
            WITHOUT_TEXT
        }
    })
}

fn metadata(pairs: &Pairs<'_>, media_count: usize) -> HashMap<String, String> {
    let mut metadata: HashMap<String, String> = pairs
        .as_slice()
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(name, value)| {
            let (_, known_as) = METADATA.iter().find(|(documented, _)| documented == name)?;
            Some(((*known_as).to_owned(), storable(value)))
        })
        .collect();
    metadata.insert("media_count".to_owned(), media_count.to_string());
    metadata
}

/// The text without NUL, which PostgreSQL cannot store: a message is not lost for one.
fn storable(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "MessageSid=SM00000000000000000000000000000001&AccountSid=AC1&NumMedia=0\
        &From=whatsapp%3A%2B31612345678&To=whatsapp%3A%2B14155238886&ProfileName=Zo%C3%AB&MessageType=text";

    fn read(form: &str) -> Result<Inbound, Vec<FieldError>> {
        parse(&Pairs::from_form(form.as_bytes()), Timestamp::from_seconds(1_772_442_000))
    }

    fn with(more: &str) -> Inbound {
        read(&format!("{TEXT}&{more}")).unwrap()
    }

    fn wrong_fields(form: &str) -> Vec<&'static str> {
        read(form).unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_text_message_is_normalised() {
        let inbound = with("Body=+Hallo+");
        let message = &inbound.message;
        assert_eq!(inbound.sid, "SM00000000000000000000000000000001");
        assert_eq!(message.conversation_id, "twilio:+31612345678");
        assert_eq!(message.contact_phone, "+31612345678");
        assert_eq!(message.contact_name, "Zoë");
        assert_eq!(message.message_content, " Hallo ");
        assert_eq!(message.from_address, "whatsapp:+31612345678");
        assert_eq!(message.to_address, "whatsapp:+14155238886");
        assert_eq!(message.timestamp.unwrap().seconds, 1_772_442_000);
        assert_eq!(message.metadata["account_sid"], "AC1");
        assert_eq!(message.metadata["media_count"], "0");
        assert_eq!(message.raw.len(), 8);
        assert_eq!(message.raw[7], RawPair { name: "Body".into(), value: " Hallo ".into() });
    }

    #[test]
    fn a_customer_without_a_visible_number_has_no_phone() {
        let inbound = read(&TEXT.replace("%2B31612345678", "NL.13491208655302741918")).unwrap();
        assert_eq!(inbound.message.contact_phone, "");
        assert_eq!(inbound.message.conversation_id, "twilio:NL.13491208655302741918");
        assert_eq!(inbound.message.from_address, "whatsapp:NL.13491208655302741918");
    }

    #[test]
    fn media_come_in_the_order_of_their_numbers_and_with_their_types() {
        let form = TEXT.replace("NumMedia=0", "NumMedia=2");
        let inbound = read(&format!(
            "{form}&MediaUrl1=https://a/1&MediaUrl0=https://a/0&MediaContentType0=image/jpeg&Body="
        ))
        .unwrap();
        let urls: Vec<_> = inbound.message.media.iter().map(|media| media.url.as_str()).collect();
        assert_eq!(urls, ["https://a/0", "https://a/1"]);
        assert_eq!(inbound.message.media[0].content_type, "image/jpeg");
        assert_eq!(inbound.message.message_content, "[Media message - no text]");
        assert_eq!(inbound.message.metadata["media_count"], "2");
    }

    #[test]
    fn what_came_without_words_is_named() {
        assert_eq!(with("ButtonText=Ja&ButtonPayload=yes").message.message_content, "Ja");
        assert_eq!(with("ListTitle=Optie+2&ListId=2").message.message_content, "Optie 2");
        assert_eq!(with("Latitude=52.3&Longitude=5.6").message.message_content, LOCATION_WITHOUT_TEXT);
        assert_eq!(with("MessageType=sticker").message.message_content, WITHOUT_TEXT);
    }

    #[test]
    fn every_documented_field_has_a_name_of_its_own_in_the_metadata() {
        let form: Vec<String> = METADATA.iter().map(|(name, _)| format!("{name}=v-{name}")).collect();
        let inbound = read(&format!("{}&{TEXT}", form.join("&")));
        let metadata = inbound.unwrap().message.metadata;
        for (name, known_as) in METADATA {
            assert!(metadata.contains_key(*known_as), "{name}");
        }
        assert_eq!(metadata.len(), METADATA.len() + 1);
        assert_eq!(metadata["referral_ctwa_clid"], "v-ReferralCtwaClid");
    }

    #[test]
    fn every_wrong_field_is_named() {
        assert_eq!(wrong_fields(""), ["MessageSid", "From", "To"]);
        assert_eq!(wrong_fields(&TEXT.replace("SM0", "XX0")), ["MessageSid"]);
        assert_eq!(wrong_fields(&TEXT.replace("NumMedia=0", "NumMedia=-1")), ["NumMedia"]);
        assert_eq!(wrong_fields(&TEXT.replace("%2B31612345678", "somebody")), ["From"]);
        assert_eq!(wrong_fields(&TEXT.replace("whatsapp%3A%2B31612345678", "31612345678%40g.us")), ["From"]);
    }

    #[test]
    fn no_error_repeats_what_was_sent() {
        let errors = read(&TEXT.replace("%2B31612345678", "%2B316")).unwrap_err();
        assert!(!errors[0].detail.contains("+316 "), "{errors:?}");
        let long = TEXT.replace("SM0", "SM0personal");
        assert!(!read(&long).unwrap_err()[0].detail.contains("personal"));
    }

    #[test]
    fn a_nul_in_the_text_is_replaced() {
        assert_eq!(with("Body=a%00b").message.message_content, "a\u{fffd}b");
    }

    #[test]
    fn an_older_payload_with_the_legacy_id_alone_is_taken() {
        assert!(read(&TEXT.replace("MessageSid", "SmsMessageSid")).is_ok());
    }
}
