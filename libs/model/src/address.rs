//! Who a contact is: an address, which may or may not hold a phone number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::phone::mask;
use crate::{InvalidPhone, Phone, Source};

/// A WhatsApp business-scoped user id (`NL.13491208655302741918`): what a user who hides the number is
/// known by. ISO country, dot, up to 128 letters and digits. `Debug` is masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bsuid(Box<str>);

impl Bsuid {
    /// The longest part after the dot (developers.facebook.com, business-scoped user ids).
    const MAX_LENGTH: usize = 128;

    /// Reads `NL.1349…`, with or without `whatsapp:`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("whatsapp:").unwrap_or(text);
        let (country, id) = text.split_once('.')?;
        let well_formed = country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=Self::MAX_LENGTH).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        well_formed.then(|| Self(text.into()))
    }

    /// The id without `whatsapp:`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Bsuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bsuid({})", mask(&self.0, 3, 2))
    }
}

impl fmt::Display for Bsuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Text names no contact; the text itself is left out, since it is private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Nothing that any channel knows.
    #[error(
        "contact address must be a phone (+31612345678), a whatsapp user id (NL.1349…), a waha id (1234@lid) \
         or chatwoot:account:conversation"
    )]
    Unknown,
    /// Looks like a phone number and is none.
    #[error(transparent)]
    Phone(#[from] InvalidPhone),
    /// A WAHA id of a group, channel or broadcast: several people, so no contact.
    #[error("contact address must name one person, not a group, channel or broadcast")]
    NotAPerson,
}

/// The address a contact writes from and is answered at.
///
/// `Display` is the canonical spelling, which parses back to the same address; `Debug` and
/// [`masked`](Self::masked) are fit for logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactAddress {
    /// A phone number, `+31612345678`.
    Phone(Phone),
    /// A WhatsApp user whose number is hidden, `NL.1349…`.
    Bsuid(Bsuid),
    /// A WAHA id whose number is hidden, `1234@lid`.
    Waha(Box<str>),
    /// A Chatwoot widget customer, known by the conversation alone.
    Chatwoot {
        /// Chatwoot's account number.
        account: u64,
        /// Chatwoot's conversation number.
        conversation: u64,
    },
}

impl ContactAddress {
    /// Reads any spelling: `+31…`, `31…`, `31…@c.us`, `whatsapp:+31…`, `whatsapp:NL.1349…`, `NL.1349…`, `1234@lid`,
    /// `chatwoot:1:42`, and the conversation ids `twilio:…` and `waha:…` of all of these.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let text = text.trim();
        if let Some(numbers) = text.strip_prefix("chatwoot:") {
            return chatwoot(numbers);
        }
        let text = text.strip_prefix("twilio:").or_else(|| text.strip_prefix("waha:")).unwrap_or(text);
        if let Some(bsuid) = Bsuid::parse(text) {
            return Ok(Self::Bsuid(bsuid));
        }
        match text.rsplit_once('@') {
            Some((digits, "lid")) => {
                let well_formed =
                    (1..=32).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
                if well_formed { Ok(Self::Waha(text.into())) } else { Err(InvalidAddress::Unknown) }
            }
            Some((_, "g.us" | "newsletter" | "broadcast")) => Err(InvalidAddress::NotAPerson),
            Some((digits, "s.whatsapp.net")) => Ok(Self::Phone(Phone::parse(digits)?)),
            _ if text
                .trim_start_matches("whatsapp:")
                .starts_with(|first: char| first == '+' || first.is_ascii_digit()) =>
            {
                Ok(Self::Phone(Phone::parse(text)?))
            }
            _ => Err(InvalidAddress::Unknown),
        }
    }

    /// The phone number, where the contact shows one.
    pub fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Phone(phone) => Some(phone),
            _ => None,
        }
    }

    /// The address as Twilio's `To` and `From` spell it; `None` where Twilio cannot reach it.
    pub fn to_twilio(&self) -> Option<String> {
        match self {
            Self::Phone(phone) => Some(format!("whatsapp:{phone}")),
            Self::Bsuid(bsuid) => Some(format!("whatsapp:{bsuid}")),
            Self::Waha(_) | Self::Chatwoot { .. } => None,
        }
    }

    /// The address as WAHA's `chatId` spells it; `None` where WAHA cannot reach it.
    pub fn to_waha(&self) -> Option<String> {
        match self {
            Self::Phone(phone) => Some(format!("{}@c.us", phone.digits())),
            Self::Waha(id) => Some(id.to_string()),
            Self::Bsuid(_) | Self::Chatwoot { .. } => None,
        }
    }

    /// The public conversation id: `twilio:+31612345678`, `twilio:NL.1349…`, `waha:31612345678`, `chatwoot:1:42`.
    pub fn conversation_id(&self, source: Source) -> String {
        match (self, source) {
            (Self::Chatwoot { .. }, _) => self.to_string(),
            (Self::Phone(phone), Source::Waha) => format!("waha:{}", phone.digits()),
            (_, source) => format!("{source}:{self}"),
        }
    }

    /// The address with what identifies the person hidden: fit for logs.
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(phone) => phone.masked(),
            Self::Bsuid(bsuid) => mask(bsuid.as_str(), 3, 2),
            Self::Waha(id) => {
                let digits = id.trim_end_matches("@lid");
                format!("{}@lid", mask(digits, 0, 2))
            }
            Self::Chatwoot { .. } => self.to_string(),
        }
    }
}

fn chatwoot(numbers: &str) -> Result<ContactAddress, InvalidAddress> {
    let number = |text: &str| {
        let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if all_digits {
            text.parse::<u64>().map_err(|_| InvalidAddress::Unknown)
        } else {
            Err(InvalidAddress::Unknown)
        }
    };
    let (account, conversation) = numbers.split_once(':').ok_or(InvalidAddress::Unknown)?;
    Ok(ContactAddress::Chatwoot { account: number(account)?, conversation: number(conversation)? })
}

impl From<Phone> for ContactAddress {
    fn from(phone: Phone) -> Self {
        Self::Phone(phone)
    }
}

impl FromStr for ContactAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for ContactAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone) => fmt::Display::fmt(phone, f),
            Self::Bsuid(bsuid) => fmt::Display::fmt(bsuid, f),
            Self::Waha(id) => f.pad(id),
            Self::Chatwoot { account, conversation } => write!(f, "chatwoot:{account}:{conversation}"),
        }
    }
}

impl fmt::Debug for ContactAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContactAddress({})", self.masked())
    }
}

impl Serialize for ContactAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContactAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BSUID: &str = "US.13491208655302741918";

    #[test]
    fn every_spelling_becomes_one_address() {
        for (text, canonical) in [
            ("+31612345678", "+31612345678"),
            ("31612345678", "+31612345678"),
            ("31612345678@c.us", "+31612345678"),
            ("31612345678@s.whatsapp.net", "+31612345678"),
            ("whatsapp:+31612345678", "+31612345678"),
            ("twilio:+31612345678", "+31612345678"),
            ("waha:31612345678", "+31612345678"),
            ("waha:31612345678@c.us", "+31612345678"),
            (BSUID, BSUID),
            ("whatsapp:US.13491208655302741918", BSUID),
            ("twilio:US.13491208655302741918", BSUID),
            ("NL.a1B2", "NL.a1B2"),
            ("123456@lid", "123456@lid"),
            ("waha:123456@lid", "123456@lid"),
            ("chatwoot:1:42", "chatwoot:1:42"),
        ] {
            assert_eq!(ContactAddress::parse(text).unwrap().to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn what_names_no_contact_is_refused() {
        for text in [
            "",
            "whatsapp:",
            "nobody",
            "nl.123",
            "NLD.123",
            "NL.",
            "NL.12 3",
            "NL.12.3",
            "chatwoot:1",
            "chatwoot:1:x",
            "chatwoot:+1:2",
            "@lid",
            "12a@lid",
            "sip:someone@example.org",
        ] {
            assert_eq!(ContactAddress::parse(text), Err(InvalidAddress::Unknown), "{text}");
        }
        assert_eq!(ContactAddress::parse(&format!("NL.{}", "1".repeat(129))), Err(InvalidAddress::Unknown));
        assert!(ContactAddress::parse(&format!("NL.{}", "1".repeat(128))).is_ok());
        for text in ["120363041234567890@g.us", "status@broadcast", "12@newsletter"] {
            assert_eq!(ContactAddress::parse(text), Err(InvalidAddress::NotAPerson), "{text}");
        }
        assert_eq!(ContactAddress::parse("+0612345678"), Err(InvalidAddress::Phone(InvalidPhone::NotE164)));
        assert_eq!(
            ContactAddress::parse("whatsapp:+3161234567"),
            Err(InvalidAddress::Phone(InvalidPhone::NotDutch))
        );
    }

    #[test]
    fn conversation_ids_are_spelled_as_the_contract_says_and_parse_back() {
        for (address, source, id) in [
            ("+31612345678", Source::Twilio, "twilio:+31612345678"),
            (BSUID, Source::Twilio, "twilio:US.13491208655302741918"),
            ("+31612345678", Source::Waha, "waha:31612345678"),
            ("123456@lid", Source::Waha, "waha:123456@lid"),
            ("chatwoot:1:42", Source::Chatwoot, "chatwoot:1:42"),
        ] {
            let address = ContactAddress::parse(address).unwrap();
            assert_eq!(address.conversation_id(source), id);
            assert_eq!(ContactAddress::parse(id).unwrap(), address);
        }
    }

    #[test]
    fn channels_get_the_spelling_they_know() {
        let phone = ContactAddress::parse("+31612345678").unwrap();
        assert_eq!(phone.to_twilio().unwrap(), "whatsapp:+31612345678");
        assert_eq!(phone.to_waha().unwrap(), "31612345678@c.us");
        let hidden = ContactAddress::parse(BSUID).unwrap();
        assert_eq!(hidden.to_twilio().unwrap(), format!("whatsapp:{BSUID}"));
        assert_eq!(hidden.to_waha(), None);
        assert!(hidden.phone().is_none());
        assert_eq!(ContactAddress::parse("12@lid").unwrap().to_waha().unwrap(), "12@lid");
    }

    #[test]
    fn debug_and_errors_never_show_the_address() {
        for text in ["+31612345678", BSUID, "123456789@lid"] {
            let address = ContactAddress::parse(text).unwrap();
            let shown = format!("{address:?}");
            assert!(shown.contains("****") && !shown.contains(text), "{shown}");
        }
        assert_eq!(ContactAddress::parse("123456789@lid").unwrap().masked(), "*******89@lid");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_what_parses_parses_again(text in "(whatsapp:|twilio:|waha:|chatwoot:)?.{0,24}") {
            if let Ok(address) = ContactAddress::parse(&text) {
                prop_assert_eq!(ContactAddress::parse(&address.to_string()).unwrap(), address);
            }
        }
    }
}
