//! Phone numbers in E.164.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text is no phone number; the text itself is left out, since it may be one with a typing error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPhone {
    /// Not `+` and 10 to 15 digits: `^\+[1-9]\d{9,14}$`.
    #[error("phone must be + and 10 to 15 digits, the first not zero, such as +31612345678")]
    NotE164,
    /// A Dutch number with more or fewer than nine digits after +31.
    #[error("a dutch phone must have nine digits after +31, such as +31612345678")]
    NotDutch,
}

/// A phone number in E.164 (`+31612345678`). `Debug` is masked; `Display` is the number itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(Box<str>);

impl Phone {
    /// Reads `+31612345678`, `31612345678`, `31612345678@c.us` or `whatsapp:+31612345678`.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let text = text.trim();
        let text = text.strip_prefix("whatsapp:").unwrap_or(text);
        let text = text.strip_suffix("@c.us").unwrap_or(text);
        let digits = text.strip_prefix('+').unwrap_or(text);
        let well_formed = (10..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if !well_formed {
            return Err(InvalidPhone::NotE164);
        }
        if digits.starts_with("31") && digits.len() != 11 {
            return Err(InvalidPhone::NotDutch);
        }
        Ok(Self(format!("+{digits}").into()))
    }

    /// The number with its plus.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number without its plus, as WhatsApp and WAHA write it.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// The number with all but the first three and last two digits hidden: fit for logs.
    pub fn masked(&self) -> String {
        mask(&self.0, 4, 2)
    }
}

/// Hides all but the first `head` and last `tail` characters; hides everything when too little would be hidden.
pub(crate) fn mask(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    let (head, tail) = if length < head + tail + 4 { (0, 0) } else { (head, tail) };
    text.chars()
        .enumerate()
        .map(|(at, character)| if at < head || at >= length - tail { character } else { '*' })
        .collect()
}

impl FromStr for Phone {
    type Err = InvalidPhone;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl AsRef<str> for Phone {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_spelling_of_the_contract_becomes_e164() {
        for text in
            ["+31612345678", "31612345678", "31612345678@c.us", "whatsapp:+31612345678", " +31612345678 "]
        {
            assert_eq!(Phone::parse(text).unwrap().as_str(), "+31612345678", "{text}");
        }
        for text in ["+4915123456789", "+15005550006", "+123456789012345", "+1234567890"] {
            assert_eq!(Phone::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_phone_is_refused() {
        for text in [
            "",
            "+",
            "0612345678",
            "+0612345678",
            "+316 12345678",
            "+31-612345678",
            "++31612345678",
            "+123456789",
            "+1234567890123456",
            "NL.13491208655302741918",
            "31612345678@lid",
            "31612345678@g.us",
            "+3161234567٨",
            "whatsapp:whatsapp:+31612345678",
        ] {
            assert_eq!(Phone::parse(text), Err(InvalidPhone::NotE164), "{text}");
        }
        for text in ["+316123456789", "+3161234567", "310612345678"] {
            assert_eq!(Phone::parse(text), Err(InvalidPhone::NotDutch), "{text}");
        }
    }

    #[test]
    fn debug_and_masked_hide_the_number_and_display_shows_it() {
        let phone = Phone::parse("+31612345678").unwrap();
        assert_eq!(phone.masked(), "+316******78");
        assert_eq!(format!("{phone:?}"), "Phone(+316******78)");
        assert_eq!(phone.to_string(), "+31612345678");
        assert_eq!(phone.digits(), "31612345678");
        assert!(!Phone::parse("x698765432").unwrap_err().to_string().contains("698765432"));
    }

    #[test]
    fn short_text_is_masked_whole() {
        assert_eq!(mask("abc", 4, 2), "***");
        assert_eq!(mask("", 4, 2), "");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_what_parses_parses_again(text in ".{0,24}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(phone.as_str()).unwrap(), phone);
            }
        }
    }
}
