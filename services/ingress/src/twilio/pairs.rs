//! The pairs of a webhook as they were received: decoded, untrimmed, in order, unknown ones included.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// How a webhook's body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-www-form-urlencoded`, the usual one.
    Form,
    /// `application/json`, whose hash the URL names in `bodySHA256`.
    Json,
}

impl Encoding {
    /// Reads a `Content-Type`; its parameters (charset) do not matter. `None` for any other type.
    pub fn of(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Some(Self::Form)
        } else if essence.eq_ignore_ascii_case("application/json") {
            Some(Self::Json)
        } else {
            None
        }
    }
}

/// Names and values of one webhook. `Debug` shows the names alone, for values are private.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Pairs<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Pairs<'a> {
    /// Decodes a form. Never fails: what is no UTF-8 becomes U+FFFD, and its signature then does not verify.
    pub fn from_form(body: &'a [u8]) -> Self {
        Self(form_urlencoded::parse(body).collect())
    }

    /// Reads a JSON object; nested values stay JSON text, null is empty.
    pub fn from_json(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice::<JsonPairs>(body).map(|JsonPairs(pairs)| Self(pairs))
    }

    /// All pairs, in the order received.
    pub fn as_slice(&self) -> &[(Cow<'a, str>, Cow<'a, str>)] {
        &self.0
    }

    /// The first value of a name, empty or not.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_ref())
    }

    /// The first value of a name that is not blank.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.trim().is_empty())
    }
}

impl fmt::Debug for Pairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

struct JsonPairs(Vec<(Cow<'static, str>, Cow<'static, str>)>);

impl<'de> Deserialize<'de> for JsonPairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = JsonPairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of parameters")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonPairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
                    let value = match value {
                        serde_json::Value::Null => String::new(),
                        serde_json::Value::String(text) => text,
                        other => other.to_string(),
                    };
                    pairs.push((name.into(), value.into()));
                }
                Ok(JsonPairs(pairs))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded_untrimmed_and_keeps_order_repeats_and_empty_values() {
        let pairs = Pairs::from_form(b"Body=Ol%C3%A1+%26+100%25%0Aja+&X=&Body=2&%5Fx=%F0%9F%91%8B");
        let seen: Vec<_> = pairs.as_slice().iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(seen, [("Body", "Olá & 100%\nja "), ("X", ""), ("Body", "2"), ("_x", "👋")]);
        assert_eq!(pairs.get("X"), Some(""));
        assert_eq!(pairs.filled("X"), None);
        assert_eq!(pairs.get("body"), None);
    }

    #[test]
    fn a_json_object_becomes_pairs_in_order() {
        let pairs = Pairs::from_json(br#"{"b":"1","a":2,"c":null,"d":{"e":[true]}}"#).unwrap();
        let seen: Vec<_> = pairs.as_slice().iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(seen, [("b", "1"), ("a", "2"), ("c", ""), ("d", r#"{"e":[true]}"#)]);
        assert!(Pairs::from_json(b"[1]").is_err());
        assert!(Pairs::from_json(b"{").is_err());
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", Pairs::from_form(b"Body=secret")), r#"["Body"]"#);
    }

    #[test]
    fn content_types_are_told_apart_whatever_their_case_and_parameters() {
        assert_eq!(Encoding::of("application/x-www-form-urlencoded; charset=UTF-8"), Some(Encoding::Form));
        assert_eq!(Encoding::of("Application/JSON"), Some(Encoding::Json));
        assert_eq!(Encoding::of("text/plain"), None);
        assert_eq!(Encoding::of(""), None);
    }
}
